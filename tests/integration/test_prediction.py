# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode says what the run does: the same list in check mode and for real, on both steps, with changes of every field."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._fields import FIELDS, Field
from ansible_collections.litemaas.models.plugins.modules import litellm_model, litemaas_model_sync
from tests.support.modules import run_module
from tests.support.stack import Stack

pytestmark = [pytest.mark.litellm, pytest.mark.postgres]

SEED = 4
ROUNDS = 12
# So long at the most; slower machines see fewer rounds.
LIMIT_S = 45

Entry = dict[str, Any]

# Fields that the random lists leave as they are, and why. The README names what a prediction does not know.
LEFT_OUT = {
    "model_name": "a new name is another model to LiteMaaS",
    "litellm_model": "what LiteLLM itself knows of another model is not known before",
    "base_model": "what LiteLLM itself knows of another model is not known before",
    "credential": "it has to be there in LiteLLM",
    "custom_llm_provider": "what LiteLLM itself knows of another model is not known before",
}
TEXTS = {"api_base": "https://{0}.example.com/v1", "mode": None, "api_key": "demo-key-{0}-not-real"}
MODES = ("chat", "completion", "embedding")


def model(name: str, **fields: Any) -> Entry:
    """Return an entry of a model that LiteLLM does not know."""
    given = {"litellm_model": f"openai/{name}-backend", "api_base": "https://s.example.com/v1", "api_key": "demo-key-not-real"}
    return {"model_name": name, **given, **fields}


class Both:
    """Both steps of a run of the role, in check mode and for real."""

    def __init__(self, stack: Stack) -> None:
        self.litellm = {"litellm_url": stack.litellm_url, "litellm_api_key": stack.master_key, "wait_timeout": 20}
        self.sync = {"litellm_url": stack.litellm_url, "litellm_api_key": stack.master_key, "database_url": stack.database_url}

    def run(self, entries: list[Entry], check: bool, conflict: str, **options: Any) -> dict[str, Any]:
        """Run both steps and return what a person sees of them."""
        first = run_module(litellm_model.main, {**self.litellm, "models": entries, **options}, check=check)
        second = run_module(
            litemaas_model_sync.main,
            {**self.sync, "models": entries, "predict_models": True, "conflict_resolution": conflict},
            check=check,
        )
        for answer in (first, second):
            assert not answer.get("failed"), answer["msg"]
        return {
            "models": [(line["model_name"], line["action"], line["changed_fields"]) for line in first["models"]],
            "diff of models": first["diff"],
            "rows": [(line["model_name"], line["action"], line.get("changes")) for line in second["models"]],
            "diff of rows": second["diff"],
            "plan_checksum": second["plan_checksum"],
        }

    def predicted_then_done(self, entries: list[Entry], conflict: str = "litellm_wins", **options: Any) -> dict[str, Any]:
        """Assert that check mode says what the run does, and return that."""
        predicted = self.run(entries, True, conflict, **options)
        done = self.run(entries, False, conflict, **options)
        assert predicted == done
        return done


@pytest.fixture
def both(clean_stack: Stack) -> Both:
    return Both(clean_stack)


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


def value_of(field: Field, draw: random.Random) -> Any:
    """Return another value of a field."""
    if field.choices:
        return draw.choice(field.choices)
    number = draw.randrange(1, 2000)
    if field.option == "mode":
        return draw.choice(MODES)
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


def test_random_changes_of_every_field(both: Both) -> None:
    draw = random.Random(SEED)
    fields = [field for field in FIELDS if field.option and field.option not in LEFT_OUT]
    entries = [model(f"m{number}") for number in range(5)]
    both.predicted_then_done(entries)
    changed: set[str] = set()
    ends = time.monotonic() + LIMIT_S
    for number in range(ROUNDS):
        draw.shuffle(fields)
        for place, field in enumerate(fields):
            # Each field in each round, each time of another model.
            entry = entries[place % len(entries)]
            entry[str(field.option)] = value_of(field, draw)
            changed.add(str(field.option))
        entries[number % len(entries)]["extra_params"] = {"max_budget": draw.randrange(1, 50), f"my_param_{draw.randrange(9)}": "x"}
        both.predicted_then_done(entries, draw.choice(("litellm_wins", "merge", "database_wins")))
        if time.monotonic() > ends:
            break
    assert changed | set(LEFT_OUT) == {field.option for field in FIELDS if field.option}
