# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 of a module before and during every statement and every request: nothing half done, no lock left, the next run heals."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.faulty import Faulty, told
from tests.integration.test_faults_litellm import Proxied
from tests.integration.test_faults_postgres import FEWEST_POSITIONS
from tests.integration.test_litellm_model import takes_parameters_out
from tests.support.forked import Child
from tests.support.postgres_proxy import PostgresFault, SentStatement
from tests.support.recorder import Fault, RecordedRequest, Recorder
from tests.support.stack import Stack

# How long PostgreSQL may take to notice that a client is dead. On a machine with nothing else to do it takes milliseconds.
NOTICED_WITHIN_S = 5


class Killer:
    """Kills a forked run at one of its statements or requests, which the server then gets (``forward``) or not."""

    def __init__(self, position: int, forward: bool) -> None:
        self.forward = forward
        self.struck = False
        self._left = position
        self._child: Child | None = None
        self._forked = threading.Event()

    def run(self, call: Callable[[], Any]) -> Any:
        """What the call returned; None if it was killed."""
        self._child = Child(call)
        self._forked.set()
        return self._child.answer()

    def _kill(self) -> None:
        self._forked.wait()
        assert self._child
        # Before the kill: whoever waits for the run looks at it right after.
        self.struck = True
        self._child.kill()

    def at_statement(self, statement: SentStatement) -> PostgresFault | None:
        """The server gets the statement of a dead client; it holds the lock as long as it is at it."""
        self._left -= 1
        if self._left:
            return None
        self._kill()
        return PostgresFault.drop(forward=self.forward)

    def at_request(self, request: RecordedRequest) -> Fault | None:
        """LiteLLM has done the work when the client dies."""
        self._left -= 1
        return None if self._left else Fault.drop(forward=self.forward, then=self._kill)


@pytest.mark.any_litellm
@pytest.mark.postgres
@pytest.mark.parametrize("forward", [False, True], ids=["before", "during"])
@pytest.mark.parametrize("operation", ["sync", "cleanup"])
def test_a_kill_at_every_statement(faulty: Faulty, operation: str, forward: bool) -> None:
    world = faulty.world
    before = world.state()
    wanted = faulty.run(operation)
    after = world.state()
    statements = len(faulty.proxy.statements)
    assert statements >= FEWEST_POSITIONS
    noticed = []
    for position in range(1, statements + 1):
        world.put_back()
        killer = Killer(position, forward)
        faulty.proxy.fault = killer.at_statement
        assert killer.run(lambda: faulty.run(operation)) is None
        assert killer.struck
        noticed.append(until_unlocked(faulty))
        committed = forward and position == statements
        assert world.state() == (after if committed else before), position
        answer = faulty.run(operation)
        assert told(answer) == told(wanted) or (committed and not answer["changed"]), position
        if answer["changed"]:
            assert not faulty.run(operation)["changed"], position
        assert world.state() == after, position
    print(f"{operation}: noticed after at most {max(noticed):.3f} s")


def until_unlocked(faulty: Faulty) -> float:
    """Wait until nobody holds the lock any more; how long that took in seconds."""
    begun = time.monotonic()
    while faulty.world.locks():
        assert time.monotonic() - begun < NOTICED_WITHIN_S
        time.sleep(0.002)
    return time.monotonic() - begun


@pytest.mark.litellm
def test_a_kill_at_every_request(clean_litellm: Stack, recorder: Recorder) -> None:
    """Killed before a request arrives is killed after the one before it was done; so only the first is done without, too."""
    proxied = Proxied(clean_litellm, recorder)
    assert kill_at_request(proxied, 1, forward=False) == (True, 0)
    positions, lost, struck = 0, 0, True
    while struck:
        positions += 1
        struck, away = kill_at_request(proxied, positions, forward=True)
        lost += away
    assert positions > 7
    assert (lost >= 1) is not takes_parameters_out(clean_litellm), "the kill between delete and create was among them"
    print(f"{positions - 1} requests")


def kill_at_request(proxied: Proxied, position: int, forward: bool) -> tuple[bool, int]:
    """Kill a run at a request, look and heal; whether there was such a request, and how many models were away after it."""
    before, after = proxied.states[proxied.side], proxied.states[1 - proxied.side]
    proxied.side = 1 - proxied.side
    killer = Killer(position, forward)
    proxied.recorder.fault = killer.at_request
    killer.run(proxied.run)
    proxied.recorder.fault = None
    if not killer.struck:
        return False, 0
    found, lost = proxied.state()[0], 0
    for name in before[0].keys() | after[0].keys():
        # A replacement that takes delete and create is the one thing that a kill can leave undone: the model is away until the
        # next run, which makes it anew from its spec.
        away = name == "replaced" and found.get(name) is None
        lost += away
        assert away or found.get(name) in (before[0].get(name), after[0].get(name)), (position, name)
    healed = proxied.run_directly()
    assert not healed.get("failed"), (position, healed["msg"])
    if healed["changed"]:
        assert not proxied.run_directly()["changed"], position
    assert proxied.state() == after, position
    return True, lost
