# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sentences that count, with 0, 1 and 2; and that no sentence of the collection has a number before a noun that is always plural."""

from __future__ import annotations

import ast
import dataclasses
import datetime
import pathlib
import re

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._common.counted import counted, of_many
from ansible_collections.litemaas.models.plugins.module_utils._litellm import planner
from ansible_collections.litemaas.models.plugins.module_utils._litellm.reading import Reading
from ansible_collections.litemaas.models.plugins.module_utils._litemaas import plan as _rows_plan
from ansible_collections.litemaas.models.plugins.module_utils._litemaas import restore
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.affected import affected_models
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import DELETED, Change, Plan, Usage
from ansible_collections.litemaas.models.plugins.module_utils._proof.guard import Thresholds, verdict

PLUGINS = pathlib.Path(_rows_plan.__file__).parents[2]
NOUNS = (
    "models|subscriptions|keys|users|people|persons|deployments|rows|entries|fields|days|hours|minutes|seconds|requests|tries|times|"
    "names|changes|others|errors|rights|duplicates|pods|hosts"
)
# A number that a run can make 1, before a plural. What stands here is never 1, or is fixed by others.
NEVER_ONE = (
    # The words of LiteMaaS's Admin Tools page.
    "Request timeout after",
    # 5, 30, 120, and decimals ("1.0 seconds").
    "LiteLLM failed {0} times in a row",
    ", a run waits",
    "trying again in {3:.1f} seconds",
    " (tries: {0}, waited {1:.1f} seconds in this run",
    # Two or more.
    "LiteLLM has {0} deployments of it",
    # Many.
    "says that it has {1:,} models, which is impossible",
    "a list of more than {0:,} entries",
    "{0:,} models",
    # No number stands there.
    "of it {2} no fields",
    "SELECT {0}, {1} FROM models",
)


def sentences():
    """Each text with a place for a value, with the file that has it. Texts that stand one after the other are one for Python."""
    for path in sorted(PLUGINS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "{" in node.value:
                yield path.name, node.value


def test_no_number_stands_before_a_noun_that_is_always_plural():
    pattern = re.compile(rf"\{{[a-z0-9_]*(:[^}}]*)?\}} (of \{{[^}}]*\}} )?(\w+ )?({NOUNS})\b")
    found = {(name, text) for name, text in sentences() if pattern.search(text)}
    found = {(name, text) for name, text in found if not any(known in text for known in NEVER_ONE)}
    assert not found, "use _counted.counted"


@pytest.mark.parametrize(
    ("number", "one", "many", "expected"),
    [
        (0, "model", "", "0 models"),
        (1, "model", "", "1 model"),
        (2, "model", "", "2 models"),
        (1209, "model", "", "1,209 models"),
        (1.0, "second", "", "1 second"),
        (0.5, "second", "", "0.5 seconds"),
        (1, "person", "people", "1 person"),
        (0, "person", "people", "0 people"),
    ],
)
def test_counted(number, one, many, expected):
    assert counted(number, one, many) == expected
    assert of_many(number, "is", "are") == ("is" if number == 1 else "are")


NOW = datetime.datetime(2026, 11, 27, tzinfo=datetime.timezone.utc)
THINGS = [
    # subscriptions, associations, keys that were switched off, what is given back, what is not
    (1, 0, 0, "1 subscription", "1 subscription that its retirement on 2026-11-27 took is still without it; restore: true restores"),
    (
        0,
        1,
        1,
        "1 API key that lost it, 1 deactivated API key",
        "1 API key that its retirement on 2026-11-27 took is still without it (1 key",
    ),
    (
        0,
        2,
        2,
        "2 API keys that lost it, 2 deactivated API keys",
        "2 API keys that its retirement on 2026-11-27 took are still without it (2 keys",
    ),
    (2, 1, 0, "2 subscriptions, 1 API key that lost it", "2 subscriptions and 1 API key that its retirement on 2026-11-27 took are still"),
    (1, 1, 0, "1 subscription, 1 API key that lost it", "1 subscription and 1 API key that its retirement on 2026-11-27 took are still"),
]


@pytest.mark.parametrize(("subscriptions", "associations", "keys", "given", "lost"), THINGS)
def test_what_a_retirement_took(subscriptions, associations, keys, given, lost):
    rows = [{"id": str(number), "version": "1"} for number in range(2)]
    lost_it = [str(number) for number in range(associations)]
    back = _rows_plan.Restoration("m", NOW, subscriptions=rows[:subscriptions], associations=lost_it, keys=rows[:keys])
    assert back.described() == "restored: " + given
    plan = Plan([Change("m", _rows_plan.UPDATED, "", {"availability": "available"}, {"availability": "unavailable"})])
    counts = {"subscriptions": subscriptions, "associations": associations, "keys": keys}
    plan = restore.warn_of_losses(plan, {"m": [restore.Taken("m", "1", "MODEL_RETIRED", NOW, True, counts=counts)]})
    assert lost in plan.warnings[0]
    assert plan.warnings[0].endswith("audit log records of " + ("it" if subscriptions + associations == 1 else "them"))


def removal(number):
    keys = tuple({"id": str(key), "user": str(key), "active": True, "models": frozenset("m")} for key in range(number))
    usage = Usage(number, number, frozenset(map(str, range(number))), keys)
    return Change("m", DELETED, "", before={"availability": "available"}, usage=usage)


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (0, "It would affect m (deleted from LiteMaaS: 0 subscriptions, 0 keys, 0 users)"),
        (1, "It would affect m (deleted from LiteMaaS: 1 subscription, 1 key, 1 user)"),
        (2, "It would affect m (deleted from LiteMaaS: 2 subscriptions, 2 keys, 2 users)"),
    ],
)
def test_whom_a_removal_hits(number, sentence):
    plan = Plan([removal(number)], rows=1, live=1)
    refused = verdict(plan, Reading([], proven=True), Thresholds(max_count=0))
    assert refused.message.startswith("Refused to remove 1 of 1 model: 1 is more than max_count 0 (force: true lifts this)")
    assert refused.message.endswith(sentence)
    plan = Plan([removal(number)] * 2, rows=2, live=1)
    assert (
        "Refused to remove 2 of 2 models: 2 are more than max_count 1 "
        in verdict(plan, Reading([], proven=True), Thresholds(max_count=1)).message
    )
    plan = dataclasses.replace(plan, rows=10)
    assert ": 2 of 10 models are 20 %, more" in verdict(plan, Reading([], proven=True), Thresholds(max_percent=5)).message
    plan = dataclasses.replace(plan, changes=plan.changes[:1])
    assert ": 1 of 10 models is 10 %, more" in verdict(plan, Reading([], proven=True), Thresholds(max_percent=5)).message
    assert affected_models(plan)[0]["users"] == number


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (1, "LiteLLM has 1 deployment of this name WHO is not like one that an entry matches. Nothing is done to it: "),
        (2, "LiteLLM has 2 deployments of this name WHO are not like one that an entry matches. Nothing is done to them: "),
    ],
)
def test_deployments_beside(number, sentence):
    class Targets:
        @staticmethod
        def of_the_name(name):
            return []

    entries = [{"model_name": "m", "litellm_params": {"model": "openai/x"}, "model_info": {"id": str(place)}} for place in range(number)]
    told = planner._kept("m", entries, Targets()).replace("that no entry of the list matches, and that", "WHO")
    assert told.startswith("m: " + sentence)
