# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The targets: the one table of what a run may cost, as ratios and numbers. ``make bench CHECK=1`` fails where one is missed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

from tests.benchmark import results, scenarios
from tests.benchmark.results import Result, Results

# (what it is of, the value)
Value = tuple[str, float]


@dataclasses.dataclass(frozen=True)
class Target:
    """``limit`` is what a value may be at the most, or must be at least. ``values`` finds the values among the results."""

    what: str
    limit: float
    unit: str
    values: Callable[[Results], Iterator[Value]]
    at_least: bool = False

    def described(self) -> str:
        """Return the limit as the documentation has it."""
        return f"{'at least' if self.at_least else 'at most'} {self.limit:g} {self.unit}"

    def met(self, value: float) -> bool:
        """Tell whether a value is within the limit."""
        return value >= self.limit if self.at_least else value <= self.limit


def _to_floor(chapter: str, size: int, *scenarios: str) -> Callable[[Results], Iterator[Value]]:
    def values(found: Results) -> Iterator[Value]:
        for one in found.of(chapter):
            floor = found.find(chapter, one.scenario, results.FLOOR, size)
            if floor and one.way == results.MODULE and one.size == size and one.scenario in scenarios:
                yield f"{chapter}, {one.scenario}, {size} models", one.wall_s / floor.wall_s

    return values


def _to_task_loop(found: Results) -> Iterator[Value]:
    one = found.find(scenarios.PLAYBOOK, scenarios.NOTHING, results.PLAYBOOK, 1000)
    ratio = one and found.ratio(one, results.TASK_LOOP)
    if ratio:
        yield "playbook, nothing to do, 1000 models", ratio


def _modules(found: Results) -> Iterator[Result]:
    for one in found:
        if one.way == results.MODULE and one.chapter in (scenarios.MODELS, scenarios.SYNC, scenarios.CLEANUP):
            yield one


def _counted(field: str, *chapters: str) -> Callable[[Results], Iterator[Value]]:
    def values(found: Results) -> Iterator[Value]:
        for one in _modules(found):
            if one.counts and one.chapter in chapters:
                yield f"{one.chapter}, {one.scenario}, {one.size} models", float(getattr(one.counts, field))

    return values


def _far(found: Results) -> Iterator[Value]:
    for one in found.of(scenarios.DISTANCE):
        sync = one.scenario in (scenarios.NOTHING, scenarios.ALL)
        if sync and one.way == results.MODULE and one.size == 1000 and one.distance_ms == 20:
            yield f"{one.scenario}, 1000 models", one.wall_s


def _memory(found: Results) -> Iterator[Value]:
    for one in _modules(found):
        if one.size == 5000:
            yield f"{one.chapter}, {one.scenario}, 5000 models", one.peak_mb


def _writes(found: Results) -> Iterator[Value]:
    for one in found.of(scenarios.WRITES):
        floor = found.find(scenarios.WRITES, one.scenario, results.FLOOR, one.size)
        if floor and one.way == results.MODULE:
            yield f"{one.size} {one.scenario}", one.wall_s / floor.wall_s


def _linear(found: Results) -> Iterator[Value]:
    for one in _modules(found):
        small = found.find(one.chapter, one.scenario, results.MODULE, 1000)
        if small and one.size == 5000:
            yield f"{one.chapter}, {one.scenario}", (one.wall_s / 5000) / (small.wall_s / 1000)


def _nothing(found: Results) -> Iterator[Value]:
    """Both modules of a run beside the whole floor: one GET, one COPY, one merge."""
    floor = found.find(scenarios.SYNC, scenarios.NOTHING, results.FLOOR, 1000)
    for chapter in (scenarios.MODELS, scenarios.SYNC):
        one = found.find(chapter, scenarios.NOTHING, results.MODULE, 1000)
        if one and floor:
            yield f"{chapter}, nothing to do, 1000 models", one.wall_s / floor.wall_s


def _rows(found: Results) -> Iterator[Value]:
    yield from _to_floor(scenarios.ROWS, 5000, scenarios.NEW, scenarios.NOTHING, scenarios.ALL)(found)


def _namespace(found: Results) -> Iterator[Value]:
    for one in found.of(scenarios.NAMESPACE):
        ratio = found.ratio(one, results.NAMESPACE)
        if ratio and one.way == results.DIRECT:
            yield f"{one.scenario}, {one.size} models", ratio


TARGETS = (
    Target("A module with nothing to do, to the floor, 1,000 models", 2.0, "times", _nothing),
    Target("The rows' side of a sync, to the floor, 5,000 models", 3.0, "times", _rows),
    # 200 times and one second are the aims; docs/performance.md says what stands between. These guard what is reached.
    Target("The task loop to the playbook, nothing to do, 1,000 models", 80.0, "times", _to_task_loop, at_least=True),
    Target(
        "SQL statements of a module to LiteMaaS's database, any size",
        12,
        "statements",
        _counted("database_statements", scenarios.MODELS, scenarios.SYNC, scenarios.CLEANUP),
    ),
    # A removal reads LiteLLM's list a second time over another connection, which is part of the proof.
    Target(
        "Connections of a module that removes nothing, to LiteLLM or to the database",
        1,
        "connection",
        _counted("connections", scenarios.MODELS, scenarios.SYNC),
    ),
    Target("A sync of 1,000 models, 20 ms away from the database", 2.5, "seconds", _far),
    Target("Peak memory of a module, 5,000 models", 150.0, "MB", _memory),
    Target("Creates and updates, to LiteLLM's own time for them", 1.10, "times", _writes),
    Target("A model among 5,000, to a model among 1,000", 1.5, "times", _linear),
    Target("The way through a namespace, to a direct connection", 2.0, "times", _namespace),
)


def judged(found: Results) -> Iterator[tuple[Target, list[Value]]]:
    """Return each target with the values that were measured for it; none where a run did not measure any."""
    for target in TARGETS:
        yield target, list(target.values(found))


def worst(target: Target, values: list[Value]) -> Value:
    """Return the value that is furthest towards the wrong side."""
    return (min if target.at_least else max)(values, key=lambda value: value[1])


def missed(found: Results) -> list[str]:
    """Return a sentence for each value beyond its target."""
    return [
        f"{target.what}: {what} is {value:.2f}, and may be {target.described()}"
        for target, values in judged(found)
        for what, value in values
        if not target.met(value)
    ]
