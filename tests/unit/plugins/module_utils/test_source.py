# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of LiteLLM and of its table, in which order, and what becomes of the answers."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import NotFound, ProxyUnavailable
from ansible_collections.litemaas.models.plugins.module_utils._common.specs import read_specs
from ansible_collections.litemaas.models.plugins.module_utils._litellm.reading import Evidence, Reading
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import Change, Permission, Plan
from ansible_collections.litemaas.models.plugins.module_utils._proof.completeness import Table
from ansible_collections.litemaas.models.plugins.module_utils._proof.guard import Thresholds, permit
from ansible_collections.litemaas.models.plugins.module_utils._proof.source import SEARCHES, Foreseen, Source
from ansible_collections.litemaas.models.plugins.module_utils._run.progress import Progress
from tests.support.endpoints import proxy_connection

SERVED = {"model_name": "served", "litellm_params": {}, "model_info": {"id": "id-served", "db_model": True}}
THRESHOLDS = {"max_percent": 30.0, "max_count": None, "allow_empty": False, "force": False}
AWAY = ProxyUnavailable("HTTP 500")


class FakeRun:
    """Keeps warnings."""

    def __init__(self):
        self.params = THRESHOLDS
        self.warnings = []
        self.progress = Progress()

    def warn(self, sentence):
        self.warnings.append(sentence)


class FakeLiteLLM:
    """``saved`` are names or ids that it has and does not serve; an exception in it is raised. Remembers what was asked."""

    def __init__(self, saved=(), total=1, aliases=()):
        self.saved = {one: one for one in saved if not isinstance(one, Exception)}
        self.error = next((one for one in saved if isinstance(one, Exception)), None)
        self.total = total
        self.aliases = aliases
        self.asked = []
        self.again = None
        self.deployments = [SERVED]
        self.tells_all = True
        self.ignores_search = False
        self.shows_unserved = True
        self.http = SimpleNamespace(connection=proxy_connection("http://litellm", "sk-1234"))

    def providers(self):
        return None

    def catalog(self):
        return None

    def read(self):
        self.asked.append("read")
        return Reading(list(self.deployments), self.total)

    def serves(self, name, database=True):
        self.deployments.append({"model_name": name, "litellm_params": {}, "model_info": {"id": "id-" + name, "db_model": database}})

    def _has(self, one):
        self.asked.append(one)
        if self.error:
            raise self.error
        return one in self.saved

    url = "http://litellm"

    def search(self, text):
        found = [{"model_name": text, "litellm_params": {}, "model_info": {"id": "id-" + text}}] if self._has(text) else []
        return Reading(found + ([*self.deployments] if self.ignores_search else []))

    def ids_of_name(self, model_name):
        return ["id-" + model_name] if self._has(model_name) else []

    def search_all(self):
        self.asked.append("all")
        if self.error:
            raise self.error
        if self.ignores_search:
            return Reading(self.deployments, len(self.deployments)), Reading(self.deployments, len(self.deployments))
        saved = [{"model_name": name, "litellm_params": {}, "model_info": {"id": "id-" + name}} for name in self.saved]
        saved += [entry for entry in self.deployments if entry["model_info"]["db_model"] and self.tells_all]
        return Reading(saved, len(saved)), Reading(self.deployments, len(self.deployments))

    def has_id(self, model_id, model_name):
        return self._has(model_id)

    def testify(self, reading, ask_store):
        self.asked.append("testify with store" if ask_store else "testify")
        settings = {"current_values": {"model_group_alias": dict.fromkeys(self.aliases, "served")}}
        return Evidence({"db": "connected"}, settings, NotFound("no such key"), self.again or reading)


class FakeWitness:
    """A table that is asked."""

    def __init__(self, *names, away=""):
        self.table = Table({"id-" + name: frozenset([name]) for name in ("served", *names)}, away)
        self.asked = 0

    def ask(self):
        self.asked += 1
        return self.table


def source(litellm, witness=None, config=""):
    if config:
        litellm.serves(config, database=False)
        litellm.total = len(litellm.deployments)
    made = Source(FakeRun(), litellm, witness)
    made.read()
    return made


def removing(*names):
    changes = [Change(name, "retired", "", {"availability": "unavailable"}, {"availability": "available"}) for name in names]
    return Plan(changes=changes, rows=9, live=9)


def verdict(plan, proof, **options):
    """Why the plan's removals are refused, or None."""
    return permit(plan, proof, Thresholds.read(dict(THRESHOLDS, **options))).refusal


ROWS = {name: {"id": name, "litellm_model_id": "id-" + name} for name in ("a", "b", "config", "openai/x", "x")}


def test_a_quiet_run_asks_once():
    witness = FakeWitness()
    quiet = source(FakeLiteLLM(), witness)
    proof = quiet.examine([], ROWS)
    assert verdict(Plan(rows=9), proof) is None
    assert quiet.last_check(Permission(Plan(rows=9)), {}).refusal is None
    assert (quiet.litellm.asked, witness.asked) == (["read"], 0)


def test_a_proof_for_information_only_reads():
    curious = source(FakeLiteLLM(total=None))
    assert curious.prove().complete
    assert curious.litellm.asked == ["read", "testify"]


def test_a_proxy_that_searches_is_asked_for_each_name():
    new = source(FakeLiteLLM(saved=["b"]))
    proof = new.examine(["a", "b"], ROWS)
    assert new.litellm.asked == ["read", "a", "b", "testify with store"]
    assert set(proof.found) == {"b"}
    assert verdict(removing("a"), proof) is None
    assert new.last_check(Permission(removing("a")), ROWS).refusal is None
    assert len(new.litellm.asked) == 4, "nothing is asked by writing"


MANY = [f"gone-{number}" for number in range(SEARCHES + 1)]


def test_many_names_are_searched_for_at_once():
    """A model of the config, which is not among all that is saved, shows that the search was made."""
    new = source(FakeLiteLLM(saved=[MANY[3]]), config="config")
    proof = new.examine(MANY, ROWS)
    assert new.litellm.asked == ["read", "all", "testify with store"]
    assert set(proof.found) == {MANY[3]}


def test_where_nothing_shows_that_a_search_is_made_it_is_tried():
    new = source(FakeLiteLLM(saved=[MANY[3]]))
    proof = new.examine(MANY, ROWS)
    (tried,) = [one for one in new.litellm.asked if one not in ("read", "all", "testify with store")]
    assert len(tried) == 32
    assert set(proof.found) == {MANY[3]}
    # Of the names, "served" has one of its own in it, so it would be in any answer.
    one = source(FakeLiteLLM())
    proof = one.examine(["serve"], ROWS)
    assert [len(asked) for asked in one.litellm.asked] == [len("read"), len("serve"), 32, len("testify with store")]
    assert verdict(removing("serve"), proof) is None


@pytest.mark.parametrize("names", [["a", "b"], ["serve", "b"], MANY], ids=["few", "alike", "many"])
@pytest.mark.parametrize("config", ["", "config"])
def test_an_answer_that_is_the_list_is_no_answer_to_a_search(names, config):
    """A gateway that hands on only what it knows, or one that answers with what it has kept."""
    new = source(FakeLiteLLM(), config=config)
    new.litellm.ignores_search = True
    proof = new.examine(names, ROWS)
    refusal = verdict(removing(*names), proof)
    assert [one["code"] for one in refusal.details["reasons"]] == ["lookup_failed"]
    assert "a gateway in front of LiteLLM at http://litellm does not pass the query on" in refusal.message


BLANK = [" ", "\u00a0", "\t", "\u3000", "two\nlines", "two\u2028lines"]


def test_a_blank_name_cannot_be_searched_for_and_stays():
    """A table tells of it, if it can be read."""
    rows = {name: {"litellm_model_id": "id-x"} for name in BLANK}
    new = source(FakeLiteLLM())
    proof = new.examine([*BLANK, "a"], rows)
    assert set(proof.found) == set(BLANK)
    assert new.litellm.asked == ["read", "a", "testify with store"]
    (warning,) = new._run.warnings
    assert "'\\xa0', '\\t'" in warning
    assert "not removed, LiteLLM cannot look it up" in warning
    for away in ("", "no route"):
        witnessed = source(FakeLiteLLM(), FakeWitness(away=away))
        proof = witnessed.examine(BLANK, rows)
        assert set(proof.found) == (set(BLANK) if away else set())
    old = source(FakeLiteLLM(total=None))
    proof = old.examine(BLANK, rows)
    assert set(proof.found) == {"two\nlines", "two\u2028lines"}, "an empty change would be one of these"


def test_what_a_cut_list_lacked_is_served_all_the_same():
    new = source(FakeLiteLLM())
    new.litellm.serves(MANY[3], database=False)
    proof = new.examine(MANY, ROWS)
    assert set(proof.found) == {MANY[3]}


def test_up_to_a_number_names_are_searched_for_one_by_one():
    new = source(FakeLiteLLM())
    new.examine(MANY[1:], ROWS)
    assert new.litellm.asked == ["read", *MANY[1:], "testify with store"]


def test_many_names_are_searched_for_one_by_one_where_not_all_is_told():
    new = source(FakeLiteLLM(saved=[MANY[3]]))
    new.litellm.tells_all = False
    proof = new.examine(MANY, ROWS)
    assert new.litellm.asked == ["read", "all", *MANY, "testify with store"]
    assert set(proof.found) == {MANY[3]}


def test_many_names_are_searched_for_one_by_one_where_a_name_is_a_pattern():
    """LiteLLM finds that model among what it serves, and does not tell that it is saved under another name by now."""
    new = source(FakeLiteLLM(saved=[MANY[3]]))
    new.litellm.serves("100%")
    new.examine(MANY, ROWS)
    assert new.litellm.asked == ["read", "all", *MANY, "testify with store"]


def test_when_neither_all_nor_one_can_be_searched_for_all_are_refused():
    new = source(FakeLiteLLM(saved=[AWAY]))
    proof = new.examine(MANY, ROWS)
    assert new.litellm.asked == ["read", "all", MANY[0], "testify with store"]
    assert [one["code"] for one in proof.reading.reasons] == ["lookup_failed"]


def test_where_all_are_saved_nothing_is_to_be_proven():
    new = source(FakeLiteLLM(saved=["a", "b"]))
    new.examine(["a", "b"], ROWS)
    assert new.litellm.asked == ["read", "a", "b"]


def test_a_failed_search_refuses_all():
    new = source(FakeLiteLLM(saved=[AWAY]))
    proof = new.examine(["a", "b"], ROWS)
    refusal = verdict(removing("a", "b"), proof)
    assert [one["code"] for one in refusal.details["reasons"]] == ["lookup_failed"]
    assert new.litellm.asked == ["read", "a", "testify with store"]


def test_a_witness_spares_the_questions():
    witnessed = source(FakeLiteLLM(total=None), FakeWitness("b"))
    proof = witnessed.examine(["a", "b"], ROWS)
    assert witnessed.litellm.asked == ["read", "testify"]
    assert set(proof.found) == {"b"}
    assert verdict(removing("a"), proof) is None
    assert witnessed.last_check(Permission(removing("a")), ROWS).refusal is None
    assert len(witnessed.litellm.asked) == 2


def test_a_witness_does_not_know_config_models():
    """A list that lacks one of them is found out by asking for its name."""
    witnessed = source(FakeLiteLLM(saved=["config"]), FakeWitness("b"))
    proof = witnessed.examine(["a", "b", "config"], ROWS)
    assert witnessed.litellm.asked == ["read", "a", "config", "testify"]
    assert set(proof.found) == {"b", "config"}


def test_a_saved_wildcard_keeps_what_it_stands_for():
    witnessed = source(FakeLiteLLM(), FakeWitness("openai/*"))
    proof = witnessed.examine(["openai/x", "x"], ROWS)
    assert set(proof.found) == {"openai/x"}


def test_a_witness_that_is_away_is_a_reason_and_a_warning():
    alone = source(FakeLiteLLM(), FakeWitness(away="connection refused"))
    proof = alone.examine(["a"], ROWS)
    assert [one["code"] for one in proof.reading.reasons] == ["witness_away"]
    assert "connection refused" in alone._run.warnings[0]
    assert "connection refused" in verdict(removing("a"), proof).message


def test_an_alias_is_no_orphan_and_no_model():
    aliased = source(FakeLiteLLM(aliases=["a"]))
    proof = aliased.examine(["a", "b"], ROWS)
    assert set(proof.found) == {"a"}
    assert [entry["model_name"] for entry in proof.reading.deployments] == ["served"]


def test_a_proxy_that_does_not_search_is_asked_by_a_patch_after_the_verdict():
    old = source(FakeLiteLLM(saved=["id-b"], total=None))
    proof = old.examine(["a", "b"], ROWS)
    assert old.litellm.asked == ["read", "testify with store"]
    plan = removing("a", "b")
    assert verdict(plan, proof) is None
    permission = old.last_check(Permission(plan), ROWS)
    assert permission.refusal is None
    assert [(change.model_name, change.action) for change in permission.allowed.changes] == [("a", "retired"), ("b", "skipped")]
    assert old.litellm.asked[2:] == ["id-a", "id-b"]


@pytest.mark.parametrize("model_id", [None, "", "a"])
def test_a_row_without_an_id_cannot_be_asked_for_and_stays(model_id):
    """Where a search or a table tells, the id is not needed."""
    rows = {**ROWS, "a": {"litellm_model_id": model_id}}
    old = source(FakeLiteLLM(total=None))
    proof = old.examine(["a", "b"], rows)
    assert set(proof.found) == {"a"}
    assert old._run.warnings[0].startswith("a: not removed, ")
    assert "litellm_database_url" in old._run.warnings[0]
    assert old.last_check(Permission(removing("b")), rows).refusal is None
    assert old.litellm.asked == ["read", "testify with store", "id-b"]
    for other in (source(FakeLiteLLM()), source(FakeLiteLLM(total=None), FakeWitness())):
        proof = other.examine(["a"], rows)
        assert proof.found == {}


EMPTY_LISTS = {
    "no witness": (None, ["empty"]),
    "a table without models": (FakeWitness(), ["empty"]),
    "a table with all of them": (FakeWitness("a", "b"), ["empty", "empty_but_saved"]),
}


@pytest.mark.parametrize("total", [0, None])
@pytest.mark.parametrize(("witness", "codes"), EMPTY_LISTS.values(), ids=EMPTY_LISTS)
@pytest.mark.parametrize("ids", [(None, None), ("", "a"), (None, "id-b"), ("id-a", "id-b")])
def test_an_empty_list_keeps_no_row(total, witness, codes, ids):
    """What may not be removed anyway is not taken out of the plan, or nobody would hear of the list."""
    if codes == ["empty"] and witness:
        witness.table = Table({})
    litellm = FakeLiteLLM(total=total)
    litellm.deployments = []
    empty = source(litellm, witness)
    proof = empty.examine(["a", "b"], {name: {"litellm_model_id": model_id} for name, model_id in zip("ab", ids)})
    assert (proof.found, empty._run.warnings) == ({}, [])
    assert [one["code"] for one in proof.reading.reasons] == codes
    assert "no model at all" in verdict(removing("a", "b"), proof).message


def test_an_empty_list_that_is_right_keeps_what_cannot_be_asked_for():
    litellm = FakeLiteLLM(total=None)
    litellm.deployments = []
    empty = source(litellm)
    empty._run.params = dict(THRESHOLDS, allow_empty=True)
    proof = empty.examine(["a", "b"], {**ROWS, "a": {"litellm_model_id": None}})
    assert set(proof.found) == {"a"}
    assert empty._run.warnings[0].startswith("a: not removed, ")
    assert verdict(removing("b"), proof, allow_empty=True) is None
    assert litellm.asked == ["read", "testify with store"]


@pytest.mark.parametrize("witness", [None, FakeWitness()])
def test_what_any_read_shows_is_no_orphan(witness):
    lagging = FakeLiteLLM()
    lagging.again = Reading([SERVED, dict(SERVED, model_name="a", model_info={"id": "id-a", "db_model": True})])
    lagged = source(lagging, witness)
    proof = lagged.examine(["a", "b"], ROWS)
    assert set(proof.found) == {"a"}
    assert [one["code"] for one in proof.reading.reasons] == ["witness_behind" if witness else "disagreeing"]


def test_a_second_read_that_fails_is_a_reason():
    failing = FakeLiteLLM()
    failing.again = AWAY
    once = source(failing)
    proof = once.examine(["a"], ROWS)
    assert (proof.found, [one["code"] for one in proof.reading.reasons]) == ({}, ["unreadable"])


@pytest.mark.parametrize("total", [1, None])
def test_what_is_asked_name_by_name_is_counted(total):
    asked = source(FakeLiteLLM(total=total))
    answer, said = asked.litellm._has, []

    def observed(one):
        said.append(asked._run.progress.described().split(",")[0])
        return answer(one)

    asked.litellm._has = observed
    asked.examine(["a", "b"], ROWS)
    asked.last_check(Permission(removing("a", "b")), ROWS)
    assert said == [f"{done} of 2 models searched for before they are removed" for done in (0, 1)]


def test_a_patch_that_fails_refuses_all():
    old = source(FakeLiteLLM(saved=[AWAY], total=None))
    old.examine(["a", "b"], ROWS)
    refusal = old.last_check(Permission(removing("a", "b")), ROWS).refusal
    assert refusal.details["reasons"] == [{"code": "lookup_failed", "message": "LiteLLM cannot look up single models: HTTP 500"}]
    assert [line["model_name"] for line in refusal.details["affected"]] == ["a", "b"]


# --- specs that are foreseen, in check mode --------------------------------------------------------------------------------


@pytest.mark.parametrize("witness", [None, FakeWitness("stays")])
@pytest.mark.parametrize("total", [2, None])
def test_what_a_spec_takes_away_is_no_sign_that_it_stays(witness, total):
    """Search, table and a second list all still have it."""
    litellm = FakeLiteLLM(saved=["served"], total=total)
    litellm.serves("stays")
    foreseeing = Source(FakeRun(), litellm, witness)
    offer = foreseeing.read(Foreseen(read_specs([{"model_name": "served", "state": "absent"}])[0]))
    assert offer.has("served") is None
    proof = foreseeing.examine(["served"], {"served": {"litellm_model_id": "id-served"}})
    assert proof.found == {}
    assert verdict(removing("served"), proof) is None


def test_another_deployment_of_the_name_is_a_sign_that_it_stays():
    litellm = FakeLiteLLM(saved=["served"])
    litellm.serves("stays")
    foreseeing = Source(FakeRun(), litellm, FakeWitness("stays"))
    foreseeing.read(Foreseen(read_specs([{"model_name": "served", "state": "absent"}])[0]))
    foreseeing._witness.table = Table(
        {"id-served": frozenset(["served"]), "id-stays": frozenset(["stays"]), "other": frozenset(["served"])}
    )
    proof = foreseeing.examine(["served"], {"served": {"litellm_model_id": "id-served"}})
    assert set(proof.found) == {"served"}


def test_a_rename_takes_the_old_name_away():
    litellm = FakeLiteLLM(saved=["served"])
    foreseeing = Source(FakeRun(), litellm, None)
    foreseeing.read(Foreseen(read_specs([{"model_name": "renamed", "model_id": "id-served"}])[0]))
    proof = foreseeing.examine(["served"], {"served": {"litellm_model_id": "id-served"}})
    assert proof.found == {}
    assert verdict(removing("served"), proof) is None


@pytest.mark.parametrize(("total", "kept"), [(0, set()), (None, {"a"})])
def test_when_the_specs_give_the_first_models_the_list_will_not_be_empty(total, kept):
    """LiteLLM 1.100 will search its database then. Whatever else stands against the list still does."""
    litellm = FakeLiteLLM(total=total)
    litellm.deployments = []
    foreseeing = Source(FakeRun(), litellm, None)
    foreseeing.read(Foreseen(read_specs([{"model_name": "new", "litellm_model": "openai/x", "api_key": "demo-not-real"}])[0]))
    proof = foreseeing.examine(["a", "b"], {**ROWS, "a": {"litellm_model_id": None}})
    assert (proof.reading.reasons, set(proof.found)) == ([], kept)
    assert verdict(removing("b"), proof) is None
    litellm.again = AWAY
    proof = foreseeing.examine(["b"], ROWS)
    assert [reason["code"] for reason in proof.reading.reasons] == ["unreadable"]


def test_when_the_specs_take_the_last_model_away_the_list_will_be_empty():
    foreseeing = Source(FakeRun(), FakeLiteLLM(saved=["served"]), None)
    foreseeing.read(Foreseen(read_specs([{"model_name": "served", "state": "absent"}])[0]))
    proof = foreseeing.examine(["served"], {"served": {"litellm_model_id": "id-served"}})
    assert [reason["code"] for reason in proof.reading.reasons] == ["empty"]


def test_what_litellm_would_refuse_does_not_come():
    litellm = FakeLiteLLM()
    litellm.providers, litellm.knows_provider_of = lambda: ["openai"], lambda question: False
    foreseeing = Source(FakeRun(), litellm, None)
    given = {"api_base": "http://x/v1", "api_key": "key-not-real"}
    entries = [{"model_name": "good", "litellm_model": "openai/x", **given}, {"model_name": "wrong", "litellm_model": "opnai/x", **given}]
    offer = foreseeing.read(Foreseen(read_specs(entries)[0]))
    assert sorted(offer.models) == ["good", "served"]


def test_what_litellm_adds_is_asked_for_where_it_is_wanted():
    litellm = FakeLiteLLM()
    litellm.cost_map = lambda: {"openai/x": {"max_tokens": 80}}
    foreseeing = Source(FakeRun(), litellm, None)
    specs = read_specs([{"model_name": "good", "litellm_model": "openai/x", "api_base": "http://x/v1", "api_key": "key-not-real"}])[0]
    for filled, expected in ((False, None), (True, 80)):
        offer = foreseeing.read(Foreseen(specs, filled=filled))
        assert offer.models["good"][0]["model_info"].get("max_tokens") == expected
    # One that keeps its own list apart makes this of other limits.
    litellm.catalog = dict
    offer = foreseeing.read(Foreseen(specs, filled=True))
    assert "max_tokens" not in offer.models["good"][0]["model_info"]
    litellm.cost_map = lambda: None
    offer = foreseeing.read(Foreseen(specs, filled=True))
    assert "good" in offer.models
