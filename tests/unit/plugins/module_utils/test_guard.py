# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guard allows and refuses, as a table."""

from __future__ import annotations

import dataclasses

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import InputError
from ansible_collections.litemaas.models.plugins.module_utils._litellm.reading import Reading
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.affected import affected_models
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import Change, Plan, Usage
from ansible_collections.litemaas.models.plugins.module_utils._proof.completeness import CODES
from ansible_collections.litemaas.models.plugins.module_utils._proof.guard import Proof, Thresholds, permit, verdict

PROVEN = Reading([], proven=True)
EMPTY = {"code": "empty", "message": "LiteLLM has no model"}
AWAY = {"code": "database_away", "message": "LiteLLM's own database is away"}
PARTIAL = {"code": "partial", "message": "LiteLLM gave 3 of 5 models"}


def planned(removals, rows=9, live=None, action="retired"):
    usage = Usage(subscriptions=3, active_subscriptions=2, users=frozenset("ab"), keys=({"id": "k", "active": True, "models": ["m0"]},))
    columns = {} if action == "deleted" else {"availability": "unavailable"}
    changes = [Change(f"m{n}", action, "", dict(columns), {"availability": "available"}, usage) for n in range(removals)]
    return Plan(changes=changes, rows=rows, live=rows if live is None else live)


TABLE = [
    # plan, proven, reasons, thresholds, part of the reason (None: allowed)
    (planned(0), False, [PARTIAL], {}, None),
    (planned(1), True, [], {}, None),
    (planned(1), False, [], {}, "not checked"),
    (planned(1), False, [], {"force": True}, "not checked"),
    (planned(1), True, [PARTIAL], {}, "gave 3 of 5"),
    (planned(1), True, [PARTIAL], {"force": True, "allow_empty": True}, "gave 3 of 5"),
    (planned(1), True, [EMPTY], {}, "allow_empty"),
    (planned(1), True, [EMPTY], {"force": True}, "allow_empty"),
    (planned(1), True, [EMPTY], {"allow_empty": True}, None),
    (planned(1), True, [EMPTY, PARTIAL], {"allow_empty": True}, "[empty] (and 1 more: see failure.details.reasons)"),
    (planned(1), True, [PARTIAL, AWAY], {}, "LiteLLM's own database is away [database_away] (and 1 more"),
    (planned(9, rows=9), True, [], {}, None),
    (planned(3, rows=10), True, [], {}, None),
    (planned(4, rows=10), True, [], {}, "40 %"),
    (planned(4, rows=10), True, [], {"force": True}, None),
    (planned(4, rows=10), True, [], {"max_percent": 40}, None),
    (planned(4, rows=100, live=12), True, [], {}, "4 of 12 available models are 33 %"),
    (planned(10, rows=10, action="deleted"), True, [], {}, "100 %"),
    (planned(10, rows=10), True, [EMPTY], {"allow_empty": True}, "100 %"),
    (planned(2, rows=100), True, [], {"max_count": 2}, None),
    (planned(3, rows=100), True, [], {"max_count": 2}, "max_count 2"),
    (planned(1, rows=100), True, [], {"max_count": 0}, "max_count 0"),
    (planned(3, rows=100), True, [], {"max_count": 2, "force": True}, None),
]


@pytest.mark.parametrize(("plan", "proven", "reasons", "thresholds", "part"), TABLE)
def test_verdict(plan, proven, reasons, thresholds, part):
    refused = verdict(plan, Reading([], reasons=reasons, proven=proven), Thresholds(**thresholds))
    assert (refused is None) is (part is None)
    if refused is not None:
        assert part in refused.details["reason"]
        assert part in refused.message


@pytest.mark.parametrize("code", [code for code in CODES if code != "empty"])
def test_allow_empty_and_force_lift_no_other_reason(code):
    other, lifted = {"code": code, "message": "something else"}, Thresholds(allow_empty=True, force=True)
    for reasons in ([other], [EMPTY, other], [other, EMPTY]):
        assert verdict(planned(1), Reading([], reasons=reasons, proven=True), lifted) is not None
    assert verdict(planned(1), Reading([], reasons=[EMPTY], proven=True), lifted) is None


def test_a_refusal_names_each_affected_model_with_whom_it_hits():
    refused = verdict(planned(25, rows=30), PROVEN, Thresholds())
    assert "m0 (retired in LiteMaaS: 3 subscriptions, 1 key, 2 users); m1 " in refused.message
    assert refused.message.endswith("and 15 more")
    assert len(refused.details["affected"]) == 25
    assert refused.details["affected"][0] == {
        "model_name": "m0",
        "action": "retired",
        "subscriptions": 3,
        "active_subscriptions": 2,
        "api_keys": 1,
        "users": 2,
    }


def test_what_is_withheld_is_out_of_the_plan():
    plan = planned(4, rows=10)
    plan = dataclasses.replace(plan, changes=[*plan.changes, Change("new", "created", "", {"id": "new"})])
    permission = permit(plan, Proof(PROVEN), Thresholds())
    allowed = permission.allowed
    assert allowed.removals == []
    assert allowed.writes
    assert [(change.action, change.columns) for change in allowed.changes] == [("failed", {})] * 4 + [("created", {"id": "new"})]
    assert [hit["model_name"] for hit in affected_models(allowed, permission.refusal)] == ["m0", "m1", "m2", "m3"], (
        "who would have been hit is still told"
    )


def test_what_is_spared_is_out_of_the_plan():
    permission = permit(planned(2), Proof(PROVEN, {"m1": "it is saved", "other": "it is saved"}), Thresholds())
    plan = permission.allowed
    assert [(change.action, change.reason) for change in plan.changes] == [("retired", ""), ("skipped", "it is saved")]
    assert [hit["model_name"] for hit in affected_models(plan)] == ["m0"]


def test_those_come_first_that_most_people_lose():
    plan = planned(25, rows=25)
    for place, users in ((3, "abcd"), (20, "abc")):
        plan.changes[place] = dataclasses.replace(plan.changes[place], usage=Usage(users=frozenset(users)))
    told = verdict(plan, PROVEN, Thresholds()).message.split("It would affect ", 1)[1]
    assert [hit.split(" ", 1)[0] for hit in told.split("; ")][:4] == ["m3", "m20", "m0", "m1"]


@pytest.mark.parametrize(("option", "value"), [("max_percent", float("nan")), ("max_percent", -1.0), ("max_count", -1)])
def test_a_threshold_that_is_none_is_refused(option, value):
    params = {"max_percent": 30.0, "max_count": None, "allow_empty": False, "force": False}
    with pytest.raises(InputError, match=option):
        Thresholds.read(dict(params, **{option: value}))
    assert Thresholds.read(dict(params, max_count=0)).max_count == 0
