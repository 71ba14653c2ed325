# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sync and a cleanup with every fault of PostgreSQL at every statement, once and lasting: whole or not at all, and healed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.integration import faults
from tests.integration.faulty import Faulty, told
from tests.support.postgres_proxy import FaultChooser, PostgresFault, SentStatement, at_statement, from_statement

pytestmark = [pytest.mark.any_litellm, pytest.mark.postgres]


INJECTED: dict[str, Callable[[Faulty], PostgresFault]] = {
    "statement lost": lambda faulty: PostgresFault.drop(),
    "statement's answer lost": lambda faulty: PostgresFault.drop(forward=True),
    "statement's answer cut": lambda faulty: PostgresFault.cut(),
    "slow database": lambda faulty: PostgresFault.delay(0.01),
    "terminated": lambda faulty: PostgresFault.call(faulty.terminate),
    "deadlock": lambda faulty: PostgresFault.error("40P01"),
    "serialization failure": lambda faulty: PostgresFault.error("40001"),
    "statement timeout": lambda faulty: PostgresFault.error("57014"),
    "disk full": lambda faulty: PostgresFault.error("53100"),
}
ONCE: dict[str, Callable[[int, PostgresFault], FaultChooser]] = {"once": at_statement}
LASTING = {"lasting": from_statement}
# What is said where nobody can know whether the changes were committed.
UNKNOWN = "they are there as a whole or not at all"
# BEGIN, settings and lock, columns, rows, usage, what is given, merge, retire, audit, COMMIT; in a cleanup there are row locks and
# delete instead of what is given and merge. So many positions there are at least.
FEWEST_POSITIONS = 10


CASES = [(key, operation) for key in INJECTED for operation in ("sync", "cleanup")]
CASES += [(key, "cleanup with subscriptions") for key in ("statement lost", "statement's answer lost")]


@pytest.mark.parametrize(("key", "operation"), CASES)
def test_every_fault_at_every_statement(faulty: Faulty, key: str, operation: str) -> None:
    world, row = faulty.world, faults.row(key)
    before, untouched = world.state(), world.untouched()
    wanted = faulty.run(operation)
    after = world.state()
    assert wanted["changed"]
    assert before != after
    assert world.untouched() == untouched
    statements = len(faulty.proxy.statements)
    assert statements >= FEWEST_POSITIONS
    # A fault that ends the run, or never does, is the same however long it lasts.
    lasts = row.goes_on and "If it lasts" in row.sees
    for schedule, chooser in {**ONCE, **(LASTING if lasts else {})}.items():
        for position in range(1, statements + 1):
            case = f"{key}, {schedule}, at statement {position} of {operation}"
            world.put_back()
            answer = faulty.run(operation, chooser(position, INJECTED[key](faulty)))
            state, failed = world.state(), "failed" in answer
            if failed:
                assert row.explains(answer["msg"]), (case, answer["msg"])
                assert not answer["changed"], case
                assert not row.goes_on or schedule == "lasting", (case, answer["msg"])
                assert state in ([before, after] if UNKNOWN in answer["msg"] else [before]), case
                answer = faulty.run(operation)
                assert answer["changed"] is (state == before), case
            if answer["changed"] or not failed:
                assert told(answer) == told(wanted), case
            assert not faulty.run(operation)["changed"], case
            assert world.state() == after, case
    assert world.untouched() == untouched
    assert world.locks() == 0


@pytest.mark.parametrize("committed", [True, False])
def test_the_outcome_of_a_commit_is_asked_for(faulty: Faulty, committed: bool) -> None:
    """A COMMIT without an answer: what the run says is what became of it."""
    world, before = faulty.world, faulty.world.state()
    wanted = faulty.run("sync")
    after, last = world.state(), len(faulty.proxy.statements)
    world.put_back()
    state_when_told = []

    def lose_commit(statement: SentStatement) -> PostgresFault | None:
        if statement.number > last:
            state_when_told.append(world.state())
        return PostgresFault.drop(forward=committed) if statement.number == last else None

    assert told(faulty.run("sync", lose_commit)) == told(wanted)
    assert state_when_told[0] == (after if committed else before)
    assert world.state() == after


def test_postgres_refuses_connections(faulty: Faulty) -> None:
    """From the start, and when the run is done again."""
    row, before = faults.row("database refused"), faulty.world.state()
    faulty.proxy.refuse = True
    answer = faulty.backend.sync(database_url=faulty.url)
    assert row.explains(answer["msg"]), answer["msg"]

    def refuse_from_now_on(statement: SentStatement) -> PostgresFault:
        faulty.proxy.refuse = True
        return PostgresFault.drop()

    answer = faulty.run("sync", refuse_from_now_on)
    assert row.explains(answer["msg"]), answer["msg"]
    assert len(answer["log"]) == 1
    assert faulty.world.state() == before
