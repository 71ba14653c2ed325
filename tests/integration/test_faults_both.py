# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sync and a cleanup, on a real LiteLLM and a real PostgreSQL, with every fault of HTTP at every request: no model is taken for gone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.litemaas.models.plugins.modules import litemaas_model_sync, litemaas_orphan_cleanup
from tests.integration import faults
from tests.integration.test_faults_litellm import ALL, INJECTED, LIST, LISTS, PATIENT_S, TIMEOUT_S, WRITES, Injection, is_list
from tests.integration.test_litellm_model import GRANITE, connection, manage
from tests.integration.world import World
from tests.support.modules import run_module
from tests.support.recorder import Recorder
from tests.support.stack import LITEMAAS_DATABASE, Stack

pytestmark = [pytest.mark.litellm, pytest.mark.postgres]

OPERATIONS: dict[str, tuple[Any, dict[str, Any]]] = {
    "sync": (litemaas_model_sync.main, {"mark_unavailable": True}),
    "cleanup": (litemaas_orphan_cleanup.main, {}),
}
# Of a run that removes something: the list, its proof, and the list again. It asks LiteLLM to write nothing but, on 1.81, empty PATCHes.
FEWEST_POSITIONS = {ALL: 4, LISTS: 2}
FEWEST_CASES = 20
# How many of the kinds that take turns strike at each position.
ROUNDS = 2
SHIFT = 4


class Both:
    """Both servers, of which LiteLLM has a new model, a changed one, and two less than LiteMaaS."""

    side = 0

    def __init__(self, stack: Stack, recorder: Recorder) -> None:
        self.stack = stack
        self.recorder = recorder
        manage(stack, [dict(GRANITE, model_name=name) for name in ("stays", "changes", "goes", "plain")])
        self.world = World(stack.postgres, LITEMAAS_DATABASE)
        self.run("sync")
        self.world.populate()
        self.world.save()
        old = self.stored_list()
        self.lists = [old, old]
        gone = [{"model_name": name, "state": "absent"} for name in ("goes", "plain")]
        manage(stack, [dict(GRANITE, model_name="changes", rpm=5), dict(GRANITE, model_name="new"), *gone])

    def stored_list(self) -> dict[str, Any]:
        """LiteLLM's real answer now."""
        status, answer = self.stack.proxy.request("GET", LIST + "?size=1000")
        assert status == 200, answer
        return answer

    def run(self, operation: str, url: str | None = None, **options: Any) -> dict[str, Any]:
        main, own = OPERATIONS[operation]
        given = {
            **connection(self.stack, url),
            "database_url": self.stack.database_url,
            "retries": 1,
            "retry_delay": 0.01,
            **own,
            **options,
        }
        del given["wait_timeout"]
        return run_module(main, given)

    def rows(self) -> dict[str, list[str]]:
        """All tables but the audit log."""
        return {table: rows for table, rows in self.world.state().items() if table != "audit_logs"}


@pytest.fixture
def both(clean_stack: Stack, recorder: Recorder) -> Iterator[Both]:
    both = Both(clean_stack, recorder)
    yield both
    both.world.close()


@pytest.mark.parametrize("operation", ["sync", pytest.param("cleanup", marks=pytest.mark.any_litellm)])
def test_every_fault_at_every_request_of_a_run_that_removes(both: Both, operation: str) -> None:
    world = both.world
    world.put_back()
    before, untouched = both.rows(), world.untouched()
    without_removals = before
    if operation == "sync":
        both.run("sync", mark_unavailable=False)
        without_removals = both.rows()
        world.put_back()
    assert both.run(operation)["changed"]
    after = both.rows()
    cases = [case for case in planned(both, operation) if one_case(both, operation, case, before, without_removals, after)]
    assert world.untouched() == untouched
    print(f"{len(cases)} cases of {operation}")
    assert {key for key, kind in INJECTED.items() if kind.on != WRITES} <= {key for key, _position, _lasts in cases}
    assert len(cases) >= FEWEST_CASES


def planned(both: Both, operation: str) -> list[tuple[str, int, bool]]:
    """Kind of fault, position, whether it lasts: what is done in doubt and what spoils lists everywhere, the others in turn."""
    both.world.put_back()
    both.recorder.clear()
    both.run(operation, both.recorder.url)
    requests = both.recorder.requests
    lists = sum(is_list(request) for request in requests)
    writes = sum(request.method != "GET" for request in requests)
    assert len(requests) >= FEWEST_POSITIONS[ALL]
    assert lists >= FEWEST_POSITIONS[LISTS]
    cases = [("answer lost", position, False) for position in range(1, len(requests) + 1)]
    in_turn = [key for key, kind in INJECTED.items() if kind.on == ALL and key != "answer lost"]
    for turn in range(ROUNDS):
        # The second round begins with another kind, so that a position gets two, and all kinds come at least once.
        cases += [(in_turn[(number + turn * SHIFT) % len(in_turn)], number + 1, False) for number in range(len(requests))]
    for key, kind in INJECTED.items():
        if kind.on == WRITES:
            cases += [(key, position, False) for position in range(1, writes + 1)]
        elif kind.on == LISTS:
            cases += [(key, position, lasts) for position in range(1, lists + 1) for lasts in (False, True)]
    return cases


def one_case(both: Both, operation: str, case: tuple[str, int, bool], before: Any, without_removals: Any, after: Any) -> int:
    """One run with a fault, what is there then, and the healing; returns how often the fault was injected."""
    key, position, lasts = case
    injection = Injection(INJECTED[key], position, lasts, both)  # type: ignore[arg-type]
    both.world.put_back()
    both.recorder.clear()
    both.recorder.fault = injection
    answer = both.run(operation, both.recorder.url, timeout=TIMEOUT_S if "late" in key else PATIENT_S)
    both.recorder.fault = None
    found = both.rows()
    if "Refused to remove" in answer.get("msg", ""):
        assert found == without_removals or "list" in key, case
    elif answer.get("failed"):
        assert faults.row(key).explains(answer["msg"]), (case, answer["msg"])
        assert found == before, case
    else:
        assert found == after or "list" in key, case
    kept = both.world.execute("SELECT id FROM models WHERE id IN ('stays', 'changes') AND availability = 'available'")
    assert len(kept) == 2, case
    assert active_subscriptions(both) == 6, case
    healed = both.run(operation)
    assert not healed.get("failed"), (case, healed["msg"])
    assert both.rows() == after, case
    if healed["changed"]:
        assert not both.run(operation)["changed"], case
    return injection.injected


def active_subscriptions(both: Both) -> int:
    """How many people have the two models that must stay."""
    return int(both.world.execute("SELECT count(*) FROM subscriptions WHERE model_id IN ('stays', 'changes') AND status = 'active'")[0][0])
