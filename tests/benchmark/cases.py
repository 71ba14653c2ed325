# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures ways beside each other, in turns, so that what else the machine does meets all of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from tests.benchmark import results
from tests.benchmark.measure import Addresses, Meter, Start
from tests.benchmark.results import Cost, Counts, Result, Results
from tests.benchmark.scenarios import Plan
from tests.benchmark.servers import Servers
from tests.support.errors import SupportError

# One size alone says too little about sizes this many times as large.
_FARTHEST = 10


def _nothing() -> None:
    """Leave the servers as they are."""


@dataclasses.dataclass(frozen=True)
class Case:
    """One way in one situation.

    ``prepare`` sets the servers back before each run. After it the query ``expected[0]`` must give the number ``expected[1]``, and
    what the run wrote must contain ``says``. ``count``: requests and statements are counted too. ``limit_s``: another limit than the
    plan's. ``fails``: the run must fail.
    """

    way: str
    start: Start
    addresses: Addresses
    prepare: Callable[[], None] = _nothing
    expected: tuple[str, int] | None = None
    says: str = ""
    count: bool = False
    limit_s: float | None = None
    fails: bool = False


class Comparison:
    """Measures cases. Every result is handed to ``tell`` as soon as it is there."""

    def __init__(self, servers: Servers, meter: Meter, plan: Plan, tell: Callable[[Result], None]) -> None:
        """Take what to measure with."""
        self.results = Results()
        self._servers = servers
        self._meter = meter
        self._plan = plan
        self._tell = tell

    def compare(self, chapter: str, scenario: str, size: int, *cases: Case, distance_ms: float = 0.0) -> None:
        """Measure cases side by side; one that would take too long is computed from smaller sizes."""
        measured: list[Case] = []
        for case in cases:
            guess = self._computed(chapter, scenario, size, case) if not distance_ms else None
            if guess:
                self.add(guess)
            else:
                measured.append(case)
        for case, costs in zip(measured, self._in_turns(measured), strict=True):
            self.add(Result(chapter, scenario, case.way, size, tuple(costs), self._counts(case), distance_ms))

    def add(self, result: Result) -> None:
        """Keep a result."""
        self.results.append(result)
        self._tell(result)

    def _computed(self, chapter: str, scenario: str, size: int, case: Case) -> Result | None:
        """Return what is computed for one of the slow ways, if it would take too long to measure it."""
        known = [one for one in self.results.of(chapter, scenario) if one.way == case.way and one.computed_from is None]
        if case.way not in (results.TASK_LOOP, results.ROW_BY_ROW) or not known:
            return None
        known.sort(key=lambda one: one.size)
        if len(known) == 1 and size > _FARTHEST * known[0].size:
            return None
        guess = results.computed(known, size)
        return guess if guess.wall_s > (case.limit_s or self._plan.slow_s) else None

    def _in_turns(self, cases: list[Case]) -> list[list[Cost]]:
        commands = [case.start(case.addresses) for case in cases]
        costs: list[list[Cost]] = [[] for _case in cases]
        for _turn in range(self._plan.most):
            for case, command, so_far in zip(cases, commands, costs, strict=True):
                if not self._has_enough(case, so_far):
                    case.prepare()
                    so_far.append(self._meter.run(command, fails=case.fails))
                    self._check(case)
        return costs

    def _has_enough(self, case: Case, costs: list[Cost]) -> bool:
        # The task loop is so far off that one run tells enough.
        return bool(costs) and (case.way == results.TASK_LOOP or sum(cost.wall_s for cost in costs) >= self._plan.enough_s)

    def _check(self, case: Case) -> None:
        """See that a run did its work."""
        said = f"The run said:\n{self._meter.output[-2000:]}"
        if case.expected and self._servers.sql(case.expected[0]) != [[str(case.expected[1])]]:
            raise SupportError(f"{case.expected[0]} should be {case.expected[1]} now. {said}")
        if case.says not in self._meter.output:
            raise SupportError(f"the run did not say {case.says!r}. {said}")

    def _counts(self, case: Case) -> Counts | None:
        if not case.count:
            return None
        case.prepare()
        return self._meter.count(case.start, case.addresses)
