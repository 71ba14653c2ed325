# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: what was measured, and what is made of it: medians, ratios, times that were computed and not measured."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Sequence
from typing import Any

# The ways, by the names that the tables have.
MODULE = "module"
PLAYBOOK = "playbook"
FLOOR = "floor"
TASK_LOOP = "task loop"
ROW_BY_ROW = "row by row"
IMPORTS = "imports"
DIRECT = "direct"
NAMESPACE = "namespace"


@dataclasses.dataclass(frozen=True)
class Cost:
    """What one run cost: seconds on the clock, seconds of all its processes, peak memory of the largest of them."""

    wall_s: float
    cpu_s: float
    peak_mb: float


@dataclasses.dataclass(frozen=True)
class Counts:
    """What one run sent. ``database_connections`` are to LiteMaaS's database, the witness is LiteLLM's own."""

    requests: int
    http_connections: int
    database_statements: int
    database_connections: int
    witness_statements: int = 0
    witness_connections: int = 0

    @property
    def connections(self) -> int:
        """The connections to the server with the most."""
        return max(self.http_connections, self.database_connections, self.witness_connections)


@dataclasses.dataclass(frozen=True)
class Result:
    """One way in one situation. ``computed_from`` is the size that was measured where this one was not; None: it was."""

    chapter: str
    scenario: str
    way: str
    size: int
    costs: tuple[Cost, ...]
    counts: Counts | None = None
    distance_ms: float = 0.0
    computed_from: int | None = None

    @property
    def wall_s(self) -> float:
        """Median of the seconds on the clock."""
        return statistics.median(cost.wall_s for cost in self.costs)

    @property
    def cpu_s(self) -> float:
        """Median of the seconds of the processes."""
        return statistics.median(cost.cpu_s for cost in self.costs)

    @property
    def peak_mb(self) -> float:
        """The most memory of any run."""
        return max(cost.peak_mb for cost in self.costs)

    def spread(self) -> str:
        """Return the seconds as ``median (least to most)``, marked where they were computed."""
        if self.computed_from is not None:
            return f"≈ {seconds(self.wall_s)} *"
        if len(self.costs) == 1:
            return seconds(self.wall_s)
        walls = [cost.wall_s for cost in self.costs]
        return f"{seconds(self.wall_s)} ({seconds(min(walls))} to {seconds(max(walls))})"

    def as_json(self) -> dict[str, Any]:
        """Return what ``from_json`` reads."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Result:
        """Return a result as it was kept."""
        counts = data["counts"] and Counts(**data["counts"])
        return cls(**{**data, "costs": tuple(Cost(**cost) for cost in data["costs"]), "counts": counts})


class Results(list[Result]):
    """All results of a run."""

    def find(self, chapter: str, scenario: str, way: str, size: int, distance_ms: float = 0.0) -> Result | None:
        """Return one result; None where there is none."""
        wanted = (chapter, scenario, way, size, distance_ms)
        return next((one for one in self if (one.chapter, one.scenario, one.way, one.size, one.distance_ms) == wanted), None)

    def of(self, chapter: str, scenario: str | None = None) -> Results:
        """Return those of a chapter, or of one scenario in it."""
        return Results(one for one in self if one.chapter == chapter and scenario in (None, one.scenario))

    def ratio(self, one: Result, other_way: str) -> float | None:
        """Return how many times as long the other way takes in the same situation, by the medians."""
        other = self.find(one.chapter, one.scenario, other_way, one.size, one.distance_ms)
        return None if other is None else other.wall_s / one.wall_s


def computed(measured: Sequence[Result], size: int) -> Result:
    """Return the result that a larger size would have, from those of smaller ones, smallest first.

    Two of them tell what a model costs and what a run costs without any. With one only, all of it is taken for the models'.
    """
    last = measured[-1]
    wall = _on_line([(one.size, one.wall_s) for one in measured], size)
    cpu = _on_line([(one.size, one.cpu_s) for one in measured], size)
    return dataclasses.replace(last, size=size, costs=(Cost(wall, cpu, last.peak_mb),), counts=None, computed_from=last.size)


def _on_line(points: Sequence[tuple[int, float]], size: int) -> float:
    """Return the value at ``size`` of the line through the last two points, or through (0, 0) and the only one."""
    (near, low), (far, high) = [(0, 0.0), *points][-2:]
    return high + max(0.0, high - low) / (far - near) * (size - far)


def seconds(value: float) -> str:
    """Return seconds with three digits."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"
