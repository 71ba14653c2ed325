# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a list takes out of LiteLLM, and what the guard says to it before anything is written."""

from __future__ import annotations

import datetime

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._common.specs import read_specs
from ansible_collections.litemaas.models.plugins.module_utils._litellm.plan import Policy
from ansible_collections.litemaas.models.plugins.module_utils._litellm.planner import names_leaving, plan_deployments
from ansible_collections.litemaas.models.plugins.module_utils._litellm.settle import outcome_of
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import Usage
from ansible_collections.litemaas.models.plugins.module_utils._proof.guard import Thresholds
from ansible_collections.litemaas.models.plugins.module_utils._proof.removals import LaterSteps, Removals

NOW = datetime.datetime(2026, 11, 27, tzinfo=datetime.timezone.utc)
OPTIONS = {
    "cleanup": True, "pull": True, "mark_unavailable": False, "keep_hidden": False,
    "strategy": "delete", "subscriptions": "retain", "retention_days": 0.0,
}  # fmt: skip


def deployment(name, model_id=None, model="openai/x", **info):
    return {
        "model_name": name,
        "litellm_params": {"model": model},
        "model_info": {"id": model_id or "id-" + name, "db_model": True, **info},
    }


def row(availability="available", **columns):
    return {"availability": availability, "provider": "openai", **columns}


def absent(*names):
    return [{"model_name": name, "state": "absent"} for name in names]


class Case:
    """One list applied to one LiteLLM."""

    def __init__(self, entries, deployments, **policy):
        self.specs, errors = read_specs(entries)
        assert errors == []
        self.plan = plan_deployments(self.specs, deployments, Policy(admin_key="k", **policy))
        self.leaving = names_leaving(self.plan, deployments)
        self.removals = Removals(self.leaving, deployments, outcome_of(self.plan, deployments))

    def of_litellm(self, **thresholds):
        return self.removals.verdict([self.removals.of_litellm()], Thresholds(**thresholds))

    def of_rows(self, rows, options=None, hidden=(), **thresholds):
        steps = LaterSteps.read(options, NOW)
        usage = {name: Usage(subscriptions=2, users=frozenset("ab")) for name in self.removals.names(rows, steps)}
        plans = self.removals.of_rows(rows, self.specs, steps, usage, frozenset(hidden))
        limits = Thresholds(**thresholds)
        return self.removals.last_model(plans, limits) or self.removals.verdict(plans, limits)


def test_200_of_209_models_are_not_deleted_from_litellm():
    names = [f"m{n:03}" for n in range(209)]
    case = Case(absent(*names[:200]), [deployment(name) for name in names])
    refused = case.of_litellm()
    assert refused.message.startswith(
        "Refused to remove 200 of 209 models: 200 of 209 models are 96 %, more than max_percent 30 (force: true lifts this). "
        "Nothing was removed from LiteLLM or LiteMaaS. It would affect m000; m001; "
    )
    assert refused.details["affected"][0] == {"model_name": "m000", "action": "deleted"}
    assert case.of_litellm(force=True) is None
    assert case.of_litellm(max_percent=96) is None
    assert case.of_litellm(max_percent=100, max_count=199) is not None
    rows = {name: row() for name in names}
    refused = case.of_rows(rows)
    assert "It would affect m000 (leaves LiteLLM, its row in LiteMaaS stays: 2 subscriptions, 0 keys, 2 users); " in refused.message
    assert len(refused.details["affected"]) == 200
    assert case.of_rows(rows, OPTIONS).details["affected"][0]["action"] == "retired"


DELETES = dict(OPTIONS, subscriptions="delete")
RETIRES = dict(OPTIONS, strategy="mark_unavailable")
FATES = [
    # what comes later, what the row is, and what the refusal says of it
    ("kept for its subscriptions", OPTIONS, row(), "retired in LiteMaaS and kept for its subscriptions: 2 sub", "retired"),
    ("kept, unavailable already", OPTIONS, row("unavailable"), "unavailable in LiteMaaS and kept for its subscriptions: 2", "deleted"),
    ("deleted with its subscriptions", DELETES, row(), "deleted from LiteMaaS: 2 subscriptions", "deleted"),
    ("retired by the strategy", RETIRES, row(), "retired in LiteMaaS: 2 subscriptions", "retired"),
    ("retired until it is old", dict(DELETES, retention_days=7), row(), "retired in LiteMaaS: 2", "retired"),
    ("retired by the sync", dict(OPTIONS, cleanup=False, mark_unavailable=True), row(), "retired in LiteMaaS: 2", "retired"),
    ("retired by the sync and deleted", dict(DELETES, mark_unavailable=True), row(), "deleted from LiteMaaS: 2", "deleted"),
    ("left out by its name", dict(DELETES, exclude_patterns=["m.*"]), row(), "its row in LiteMaaS stays: 2", "deleted"),
    ("no later step", None, row(), "its row in LiteMaaS stays: 2", "deleted"),
    ("no row", DELETES, None, "no row in LiteMaaS: 2", "deleted"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "there", "words", "action"), [case[1:] for case in FATES], ids=[case[0] for case in FATES])
def test_the_refusal_says_what_becomes_of_each_model(options, there, words, action):
    names = [f"m{n:02}" for n in range(13)]
    case = Case(absent(*names[:12]), [deployment(name) for name in names])
    rows = {name: there for name in names if there}
    steps = LaterSteps.read(options, NOW)
    usage = {name: Usage(subscriptions=2, users=frozenset("ab")) for name in names}
    plans = case.removals.of_rows(rows, case.specs, steps, usage)
    refused = case.removals.verdict([case.removals.of_litellm(usage, rows, plans)], Thresholds())
    assert f"It would affect m00 (leaves LiteLLM, {words}" in refused.message
    assert refused.details["affected"][0]["action"] == action
    # A step that only looks at LiteMaaS's rows says the same of them.
    of_rows = case.removals.verdict(plans, Thresholds())
    assert of_rows is None or f"It would affect m00 (leaves LiteLLM, {words}" in of_rows.message or "mark_unavailable" in str(options)


LEAVING = [
    ("the only one", absent("a"), [deployment("a")], {}, ["a"]),
    ("one of two by id", [{"model_name": "a", "model_id": "1", "state": "absent"}], [deployment("a", "1"), deployment("a", "2")], {}, []),
    ("a rename", [{"model_name": "b", "model_id": "1", "rpm": 1}], [deployment("a", "1")], {}, ["a"]),
    ("a rename beside another of the name", [{"model_name": "b", "model_id": "1"}], [deployment("a", "1"), deployment("a", "2")], {}, []),
    ("a duplicate", [{"model_name": "a"}], [deployment("a", "1"), deployment("a", "2")], {"duplicates": "collapse"}, []),
    ("one that is not there", absent("x"), [deployment("a")], {}, []),
    ("one that the config has, too", absent("a"), [deployment("a"), deployment("a", "c", db_model=False)], {}, []),
    ("a change", [{"model_name": "a", "rpm": 3}], [deployment("a")], {}, []),
]  # fmt: skip


@pytest.mark.parametrize(("entries", "deployments", "policy", "leaving"), [case[1:] for case in LEAVING], ids=[case[0] for case in LEAVING])
def test_what_leaves(entries, deployments, policy, leaving):
    assert Case(entries, deployments, **policy).leaving == leaving


def ten(*others):
    return [deployment(f"m{n}") for n in range(10)] + [deployment(name) for name in others]


def test_shares_are_those_that_the_cleanup_will_measure():
    four, three = absent("m0", "m1", "m2", "m3"), absent("m0", "m1", "m2")
    rows = {f"m{n}": row() for n in range(10)}
    assert "4 of 10 models are 40 %" in Case(four, ten()).of_rows(rows, OPTIONS).message
    assert Case(three, ten()).of_rows(rows, OPTIONS) is None
    # What the sync adds before the cleanup counts.
    new = [{"model_name": f"n{n}", "litellm_model": "openai/x", "api_key": "demo"} for n in range(4)]
    assert Case([*four, *new], ten()).of_rows(rows, OPTIONS) is None
    assert Case([*four, *new], ten()).of_litellm() is None
    nine = {name: row() for name in rows if name != "m9"}
    assert "4 of 10 models" in Case(four, ten()).of_rows(nine, OPTIONS).message
    assert Case(four, ten()).of_rows(nine, dict(OPTIONS, pull=False)) is None
    # What LiteLLM has lost before counts for the cleanup, and for nobody else.
    lost = dict(rows, gone0=row(), gone1=row())
    assert "5 of 12 models are 42 %" in Case(three, ten()).of_rows(lost, OPTIONS).message
    assert Case(three, ten()).of_rows(lost, dict(OPTIONS, cleanup=False)) is None
    assert Case(three, ten()).of_rows(lost) is None
    assert "5 of 12 models are 42 %" in Case(three, ten()).of_rows(lost, dict(OPTIONS, cleanup=False, mark_unavailable=True)).message
    assert Case(three, ten()).of_rows(lost, dict(OPTIONS, exclude_patterns=["gone.*"])) is None
    # The sync retires before it adds rows.
    assert "4 of 10 models" in Case([*four, *new], ten()).of_rows(rows, dict(OPTIONS, cleanup=False, mark_unavailable=True)).message
    # It has nothing to do to rows that are unavailable, and the cleanup after it has.
    left = {**rows, **{f"gone{n}": row("unavailable") for n in range(5)}}
    both = dict(OPTIONS, mark_unavailable=True, subscriptions="delete")
    assert "6 of 15 models are 40 %" in Case(absent("m0"), ten()).of_rows(left, both).message
    assert Case(absent("m0"), ten()).of_rows(left, dict(both, cleanup=False)) is None
    # Rows that nobody can use any more are no removals of a cleanup that retires, and fewer are available.
    hidden = {name: row("unavailable" if name > "m6" else "available") for name in rows}
    keep = [{"model_name": name, "availability": "unavailable"} for name in ("m7", "m8", "m9")]
    assert Case([*three, *keep], ten()).of_rows(hidden, OPTIONS) is None
    more = {**hidden, **{f"h{n}": row() for n in range(5)}}
    assert "4 of 12 available models are 33 %" in Case([*four, *keep], ten(*[f"h{n}" for n in range(5)])).of_rows(more, OPTIONS).message


def test_what_a_person_hid_is_not_available_for_the_guard_either():
    """4 of 20 go, of which LiteMaaS shows 10. Without keep_hidden the sync would show the others again before the cleanup."""
    rows = {**{f"m{n}": row() for n in range(10)}, **{f"h{n}": row("unavailable") for n in range(10)}}
    hidden = [f"h{n}" for n in range(10)]
    case = Case(absent("m0", "m1", "m2", "m3"), ten(*hidden))
    keeping = dict(OPTIONS, keep_hidden=True)
    assert case.of_rows(rows, OPTIONS) is None
    assert "4 of 10 available models are 40 %" in case.of_rows(rows, keeping, hidden).message
    assert case.removals.may_be_hidden(rows, LaterSteps.read(keeping, NOW)) == hidden
    assert case.removals.may_be_hidden(rows, LaterSteps.read(OPTIONS, NOW)) == []
    shown = [{"model_name": name, "availability": "available"} for name in hidden]
    assert Case([*absent("m0", "m1", "m2", "m3"), *shown], ten(*hidden)).of_rows(rows, keeping, hidden) is None


def test_the_last_model_of_litellm():
    rows = {"a": row()}
    refused = Case(absent("a"), [deployment("a")]).of_rows(rows)
    assert "LiteLLM would be left without any model (allow_empty: true accepts this). Nothing was removed from LiteLLM" in refused.message
    assert Case(absent("a"), [deployment("a")]).of_rows(rows, OPTIONS, force=True) is not None
    assert Case(absent("a"), [deployment("a")]).of_rows(rows, OPTIONS, allow_empty=True) is None
    assert Case(absent("a"), [deployment("a")]).of_rows({}, OPTIONS) is None
    assert Case(absent("a"), [deployment("a"), deployment("c", db_model=False)]).of_rows(rows, OPTIONS) is None
    assert Case(absent("a"), [deployment("a")]).of_litellm() is None


def test_a_model_that_another_deployment_serves_leaves_no_row():
    """One of the API goes, and one of the proxy's config stays: the name leaves nobody."""
    case = Case([{"model_name": "b", "model_id": "1"}], [deployment("a", "1"), deployment("c", db_model=False)])
    case.removals = case.removals.keeping({"a": "LiteLLM has an alias of this name"})
    rows = {"a": row(), "c": row()}
    [plan] = case.removals.of_rows(rows, case.specs, LaterSteps.read(None, NOW), {})
    assert (case.leaving, plan.removals) == (["a"], [])


def test_whose_users_have_to_be_known():
    rows = {"m0": row(), "m1": row(), "gone": row()}
    case = Case(absent("m0"), ten())
    for options, names in (
        (None, ["m0"]),
        (dict(OPTIONS, cleanup=False), ["m0"]),
        (OPTIONS, ["gone", "m0"]),
        (dict(OPTIONS, cleanup=False, mark_unavailable=True), ["gone", "m0"]),
    ):
        assert case.removals.names(rows, LaterSteps.read(options, NOW)) == names
    steps = LaterSteps.read(OPTIONS, NOW)
    assert case.removals.others(case.removals.of_rows(rows, case.specs, steps, {})) == ["gone"]
