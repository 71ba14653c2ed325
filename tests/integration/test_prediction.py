# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode says what the run does: the same list in check mode and for real, on both steps, with changes of every field."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._common.field import Field
from ansible_collections.litemaas.models.plugins.module_utils._common.fields import BY_OPTION, FIELDS
from ansible_collections.litemaas.models.plugins.modules import litellm_model, litemaas_model_sync
from tests.support.modules import run_module
from tests.support.stack import LITEMAAS_DATABASE, Stack

pytestmark = [pytest.mark.litellm, pytest.mark.postgres]

SEED = 4

Entry = dict[str, Any]

# Of some fields a random text would be refused, or be another model's: these are drawn from.
VALUES: dict[str, tuple[Any, ...]] = {
    "mode": ("chat", "completion", "embedding"),
    "litellm_model": ("openai/gpt-4o", "openai/shared", "gpt-4o-mini", "anthropic/claude-3-haiku-20240307", "openai/own", "azure/dep"),
    "base_model": ("gpt-4o-mini", "azure/gpt-4o", "openai/shared", "nobody-knows-it"),
    "custom_llm_provider": ("openai", "azure"),
    "credential": ("one", "two"),
}
TEXTS = {"api_base": "https://{0}.example.com/v1", "api_key": "demo-key-{0}-not-real"}
# What an entry has to have in a run with replace.
NEEDED = ("litellm_model", "api_base", "api_key")
# What tells the entries of one name apart.
APART = ("litellm_model", "api_base", "credential", "tags")
SECRETS: dict[str, tuple[Any, ...]] = {
    "client_secret": ("demo-one-not-real", "demo-two-not-real"),
    "my_token": ("demo-three-not-real", "demo-four-not-real"),
    "vertex_credentials": ({"private_key": "demo-five-not-real"}, '{"private_key": "demo-six-not-real"}'),
}
INFO = {"supports_reasoning": (True, False), "health_check_model": ("one", "two"), "my_note": ("x", "y")}


def model(name: str, **fields: Any) -> Entry:
    """Return an entry of a model that LiteLLM does not know."""
    given = {"litellm_model": f"openai/{name}-backend", "api_base": "https://s.example.com/v1", "api_key": "demo-key-not-real"}
    return {"model_name": name, **given, **fields}


class Both:
    """Both steps of a run of the role, in check mode and for real."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.litellm = {"litellm_url": stack.litellm_url, "litellm_api_key": stack.master_key, "wait_timeout": 20}
        self.sync = {"litellm_url": stack.litellm_url, "litellm_api_key": stack.master_key, "database_url": stack.database_url}

    def run(self, entries: list[Entry], check: bool, conflict: str, **options: Any) -> dict[str, Any]:
        """Run both steps and return what a person sees of them."""
        first = run_module(litellm_model.main, {**self.litellm, "models": entries, **options}, check=check)
        second = run_module(
            litemaas_model_sync.main,
            {
                **self.sync,
                "models": entries,
                "predict_models": True,
                "predict_replace": options.get("replace", False),
                "predict_duplicates": options.get("duplicates", "refuse"),
                "conflict_resolution": conflict,
            },
            check=check,
        )
        for answer in (first, second):
            assert not answer.get("failed"), answer["msg"]
        return {
            "models": [(line["model_name"], line["action"], line["changed_fields"]) for line in first["models"]],
            "diff of models": first["diff"],
            "rows": [(line["model_name"], line["action"], line.get("changed_fields")) for line in second["models"]],
            "diff of rows": second["diff"],
            "plan_checksum": second["plan_checksum"],
        }

    def warnings(self, entries: list[Entry], check: bool) -> str:
        """Run the first step; return what it warns of."""
        return str(run_module(litellm_model.main, {**self.litellm, "models": entries}, check=check).get("warnings"))

    def contexts(self) -> dict[str, int | None]:
        """Return the context of each row of the tests' models."""
        rows = self.stack.postgres.sql("SELECT id, coalesce(context_length, 0) FROM models", LITEMAAS_DATABASE)
        return {row[0]: int(row[1]) or None for row in rows if row[0] != "config-file-model"}

    def predicted_then_done(self, entries: list[Entry], conflict: str = "litellm_wins", **options: Any) -> dict[str, Any]:
        """Assert that check mode says what the run does, and return that."""
        predicted = self.run(entries, True, conflict, **options)
        done = self.run(entries, False, conflict, **options)
        for part in ("diff of models", "diff of rows"):
            for name, after in done[part].get("after", {}).items():
                assert predicted[part]["after"].get(name) == after, name
        assert predicted == done
        return done


@pytest.fixture
def both(clean_stack: Stack) -> Both:
    return Both(clean_stack)


@pytest.fixture
def credentials(both: Both) -> Iterator[None]:
    """Credentials that are stored in LiteLLM."""
    for name in VALUES["credential"]:
        body = {"credential_name": name, "credential_values": {"api_key": "demo-key-not-real"}, "credential_info": {}}
        status, answer = both.stack.proxy.request("POST", "/credentials", body)
        assert status == 200, answer
    yield
    for name in VALUES["credential"]:
        both.stack.proxy.request("DELETE", f"/credentials/{name}")


def test_prices(both: Both) -> None:
    """LiteLLM copies a price to where LiteMaaS reads it."""
    known = {"litellm_model": "openai/gpt-4o", "api_base": None}
    first = [
        model("new", input_cost_per_token=1e-6, output_cost_per_token=0),
        model("without"),
        model("known", **known, max_tokens=10, context_length=20),
    ]
    both.predicted_then_done(first[:2])
    # What LiteLLM knows of a model is not known before the model is there.
    both.run(first, False, "litellm_wins")
    for price in (2e-6, 0, 3.5e-7):
        entries = [model("new", input_cost_per_token=price), model("without", output_cost_per_token=price)]
        entries.append(model("known", **known, input_cost_per_token=price))
        done = both.predicted_then_done(entries)
        assert {name: changes for name, _action, changes in done["rows"]}["known"] == ["input_cost_per_token"]


def test_models_that_share_a_litellm_model(both: Both) -> None:
    """From 1.100 on LiteLLM shows of one what another says: foreseen, and told with the names of all of them."""
    shares = not both.stack.litellm_version.startswith("1.81.")
    shared = {"litellm_model": "openai/siblings"}
    first = model("a", **shared, context_length=200000, supports_vision=True)
    entries = [first, model("b", **shared, context_length=8000), model("c", **shared), model("lone", context_length=5)]
    seen = {"a": 200000, "b": 8000, "c": 8000 if shares else None, "lone": 5}
    both.predicted_then_done(entries)
    assert both.contexts() == seen
    sentence = (
        "Models with the litellm_model openai/siblings share values in LiteLLM that one of them sets and another leaves out: "
        "context_length is 200000 in a, 8000 in b, but is not set in c; supports_vision is true in a, but is not set in b, c. Give each of "
        "them its own value"
    )
    for check in (True, False):
        told = both.warnings(entries, check)
        # LiteLLM 1.81 shares nothing while its config has models.
        assert (sentence in told) is shares, told

    # A write that says nothing of it has LiteLLM take the model in anew, and a file that is moved to another model leaves its word.
    entries[0]["rpm"] = 7
    both.predicted_then_done(entries)
    assert both.contexts() == {**seen, "c": 200000 if shares else None}
    entries[0]["api_key"] = "another-key-not-real"
    entries[1]["litellm_model"] = "openai/elsewhere"
    entries.append(model("d", litellm_model="openai/elsewhere"))
    both.predicted_then_done(entries)
    # LiteLLM is told first that an update comes, and takes the model in once more as it was.
    assert both.contexts() == {**seen, "c": 8000 if shares else None, "d": 8000 if shares else None}

    # The advice helps, also where the value that is given is the one that LiteLLM shows already.
    entries = [dict(entry, context_length=8000, supports_vision=True) for entry in entries if entry["model_name"] != "lone"]
    entries[2]["context_length"] = 200000
    both.predicted_then_done(entries)
    assert "share values in LiteLLM" not in both.warnings(entries, check=False)
    entries[0]["context_length"] = 100000
    both.predicted_then_done(entries)
    assert both.contexts() == {"a": 100000, "b": 8000, "c": 200000, "d": 8000, "lone": 5}


def test_what_is_declared_stays_with_another_litellm_model(both: Both) -> None:
    """LiteLLM knew it of the first model already, so that it showed without being saved."""
    entries = [model(name, litellm_model="openai/gpt-4o") for name in ("a", "b")] + [model("c")]
    both.predicted_then_done(entries)
    for entry in entries:
        entry.update(supports_vision=True, supports_tool_choice=True, mode="chat", rpm=5, extra_info={"supports_pdf_input": True})
    # LiteLLM shows this price of each model that it does not know.
    entries[2]["input_cost_per_token"] = 0
    both.predicted_then_done(entries)
    entries[0]["litellm_model"] = "openai/nobody-knows-it"
    entries[1]["base_model"] = "gpt-3.5-turbo"
    entries[2]["base_model"] = "gpt-4o"
    done = both.predicted_then_done(entries)
    assert [changes for _name, _action, changes in done["models"]] == [["litellm_model"], ["base_model"], ["base_model"]]
    again = both.predicted_then_done(entries)
    assert [action for _name, action, _changes in again["models"]] == ["unchanged"] * 3
    columns = both.stack.postgres.sql("SELECT supports_vision, supports_tool_choice FROM models WHERE id IN ('a', 'b')", LITEMAAS_DATABASE)
    assert columns == [["t", "t"], ["t", "t"]]


def test_what_litellm_would_refuse_is_not_foreseen(both: Both) -> None:
    """A model that the first step refuses has no row after it, and one that is there keeps what it has: by both steps alike."""
    told = model("told", litellm_model="told", custom_llm_provider="hosted_vllm")
    both.predicted_then_done([model("there", rpm=5), told, model("beside", context_length=5)])
    listed = both.stack.proxy.request("GET", "/model/info")[1]["data"]
    [model_id] = [one["model_info"]["id"] for one in listed if one["model_name"] == "beside"]
    # Somebody else's text, which may stand for another: nothing that is made anew can have it.
    status, answer = both.stack.proxy.request("PATCH", f"/model/{model_id}/update", {"litellm_params": {"organization": "x"}})
    assert status == 200, answer
    entries = [
        model("unknown", litellm_model="opnai/x"),
        model("without", litellm_model="x"),
        model("other", custom_llm_provider="nonsense"),
        model("there", litellm_model="opnai/x", rpm=6),
        # What told the provider is taken away.
        model("told", litellm_model="told", rpm=6),
        model("beside"),
        model("good"),
    ]
    answers = []
    for check in (True, False):
        first = run_module(litellm_model.main, {**both.litellm, "models": entries, "replace": True}, check=check)
        assert [line["action"] for line in first["models"]] == ["failed"] * 6 + ["created"], first
        options = {"models": entries, "predict_models": True, "predict_replace": True}
        second = run_module(litemaas_model_sync.main, {**both.sync, **options}, check=check)
        rows = {line["model_name"]: (line["action"], line["reason"]) for line in second["models"]}
        answers.append((rows, second["errors"], second["diff"], second["plan_checksum"]))
    assert answers[0] == answers[1]
    assert [rows[name] for name in ("unknown", "without", "other")] == [("failed", "LiteLLM does not have it")] * 3
    assert rows["good"][0] == "created"
    assert [rows[name][0] for name in ("there", "told", "beside")] == ["unchanged"] * 3


def value_of(field: Field, draw: random.Random) -> Any:
    """Return another value of a field."""
    if field.choices:
        return draw.choice(field.choices)
    number = draw.randrange(1, 2000)
    if field.option in VALUES:
        return draw.choice(VALUES[field.option])
    if field.compare == "cost":
        return draw.choice((0, number * 1e-8, number * 1.5e-6))
    makers: dict[str, Callable[[], Any]] = {
        "bool": lambda: draw.random() < 0.5,
        "int": lambda: number,
        "float": lambda: number / 2,
        "list": lambda: [f"one-{number}", "two"],
        "dict": lambda: {f"key_{number}": number},
        "str": lambda: TEXTS.get(str(field.option), "text {0}").format(number),
    }
    return makers[field.type]()


class RandomList:
    """A list of models that changes from round to round: the same rounds on every machine, however slow it is."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._draw = random.Random(SEED)
        self.conflict = ""
        self.entries = [model(f"m{number}") for number in range(4)]
        self.entries.append(model("by-id", model_id="an-id-of-our-own"))

    def change(self, leave_out: bool) -> set[str]:
        """Give each field a value in some entry, each time in another one, or leave it out; return the fields."""
        fields = [str(field.option) for field in FIELDS if field.option and field.option != "model_name"]
        self._draw.shuffle(fields)
        names = [entry["model_name"] for entry in self.entries]
        for place, option in enumerate(fields):
            entry = self.entries[place % len(self.entries)]
            if leave_out and option not in NEEDED and self._draw.random() < 0.5:
                entry.pop(option, None)
            elif option not in APART or names.count(entry["model_name"]) == 1:
                entry[option] = value_of(BY_OPTION[option], self._draw)
        for entry in self._draw.sample(self.entries, 2):
            entry["extra_params"] = {"max_budget": self._draw.randrange(1, 50), f"my_param_{self._draw.randrange(9)}": "x"}
            entry["extra_info"] = {name: self._draw.choice(values) for name, values in INFO.items() if self._draw.random() < 0.7}
            entry["secret_params"] = {name: self._draw.choice(values) for name, values in SECRETS.items() if self._draw.random() < 0.7}
        self.conflict = self._draw.choice(("litellm_wins", "merge", "database_wins"))
        return set(fields)

    def share(self) -> None:
        """Most of them say things of one litellm_model."""
        for entry in self.entries[:4]:
            entry.update(litellm_model="openai/shared", api_base=f"https://{entry['model_name']}.example.com/v1")
            entry.pop("base_model", None)

    def rename(self) -> None:
        """The model that is meant by its id has another name."""
        self.entries[-1]["model_name"] = "by-id-renamed"

    def add_twin(self) -> None:
        """A name has two deployments."""
        self.entries[0].update(litellm_model="openai/twins", api_base="https://one.example.com/v1")
        self.entries.insert(1, {**copy.deepcopy(self.entries[0]), "api_base": "https://two.example.com/v1"})

    def double(self) -> None:
        """Somebody else made one deployment once more."""
        listed = self._stack.proxy.request("GET", "/model/info")[1]["data"]
        [params] = [one["litellm_params"] for one in listed if one["model_name"] == "m2"]
        again = {"model_name": "m2", "litellm_params": {**params, "api_key": "demo-key-not-real"}, "model_info": {"max_tokens": 77}}
        status, answer = self._stack.proxy.request("POST", "/model/new", again)
        assert status == 200, answer

    def take_away(self) -> None:
        """One model goes."""
        [entry] = [entry for entry in self.entries if entry["model_name"] == "m3"]
        entry["state"] = "absent"


def test_random_changes_of_every_field(both: Both, credentials: None) -> None:
    models = RandomList(both.stack)
    both.predicted_then_done(models.entries)

    def round_of(
        happens: Callable[[], None] | None = None, changes: bool = True, leave_out: bool = False, **options: Any
    ) -> dict[tuple[str, str], list[str]]:
        """Do both steps; return what became of each model."""
        fields = models.change(leave_out) if changes else set()
        assert {"model_name", *fields} == {field.option for field in FIELDS if field.option} or not changes
        if happens:
            happens()
        done = both.predicted_then_done(models.entries, models.conflict, **options)
        return {(name, action): fields for name, action, fields in done["models"]}

    secrets = [field for fields in round_of().values() for field in fields if field in SECRETS]
    assert set(secrets) == set(SECRETS)
    left_out = [field for fields in round_of(leave_out=True, replace=True).values() for field in fields]
    assert len(set(left_out)) > 20
    round_of(models.share)
    assert ("by-id-renamed", "updated") in round_of(models.rename)
    assert ("m0", "created") in round_of(models.add_twin)
    # A value that was left out is not taken away, and somebody else's deployment is.
    assert ("m2", "deleted") in round_of(models.double, changes=False, duplicates="collapse")
    assert round_of(leave_out=True, replace=True, update_secrets="always")
    assert ("m3", "deleted") in round_of(models.take_away, changes=False, replace=True)
    models.entries = [entry for entry in models.entries if entry.get("state") != "absent"]
    assert round_of(update_secrets="on_create")
    again = both.run(models.entries, check=False, conflict=models.conflict, update_secrets="on_create")
    assert {action for _name, action, _fields in again["models"]} == {"unchanged"}
