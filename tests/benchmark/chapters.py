# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured: each chapter is a comparison of ways on states of the servers that are set back before each run."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

from tests.benchmark import results
from tests.benchmark.distance import distant
from tests.benchmark.listing import recorded
from tests.benchmark.measure import Addresses, Meter, Start, port_of, with_port
from tests.benchmark.results import Cost, Result, Results
from tests.benchmark.servers import Servers, specs
from tests.benchmark.ways import Ways
from tests.support.errors import SupportError
from tests.support.processes import free_port
from tests.support.recorder import Fault, RecordedRequest, Recorder

# The chapters.
MODELS = "litellm_model"
SYNC = "litemaas_model_sync"
CLEANUP = "litemaas_orphan_cleanup"
PLAYBOOK = "playbook"
ROWS = "rows"
DISTANCE = "distance"
WRITES = "writes"
START = "start"
# The scenarios.
NEW, NOTHING, ONE, ALL, ORPHANED, CHECK = "all new", "nothing to do", "one changed", "all changed", "all orphaned", "check mode"
PYTHON = "Python alone"
COLD, CREATES, UPDATES = "cold create", "creates", "updates"

# Up to this size everything is counted; beyond it the modules only.
COUNTED = 100

_CHANGE = "UPDATE models SET rpm = rpm + 1 WHERE id LIKE 'bench-%'"
_CHANGES = {NOTHING: "", ONE: f"{_CHANGE} AND id = 'bench-00001'", ALL: _CHANGE, CHECK: _CHANGE}
_STALE_ROWS = "SELECT count(*) FROM models WHERE rpm <> 600"
_UNCHANGED = '"changed": false'
_ORPHANS = "SELECT count(*) FROM models WHERE id LIKE 'bench-%' AND availability = 'available'"


@dataclasses.dataclass(frozen=True)
class Plan:
    """How much is measured. A way is run ``most`` times, and fewer times once it took ``enough_s`` altogether."""

    sizes: tuple[int, ...] = (10, 100, 1000, 5000)
    row_sizes: tuple[int, ...] = (1000, 5000, 10000)
    playbook_scenarios: tuple[str, ...] = (NEW, NOTHING, ONE, ALL, CHECK, ORPHANED)
    scenarios: tuple[str, ...] = (NEW, NOTHING, ONE, ALL, CHECK)
    distances_ms: tuple[float, ...] = (0, 1, 20)
    distance_size: int = 1000
    most: int = 5
    enough_s: float = 10.0
    # A way that is known to take longer than this is not run; its time is computed from a smaller size.
    slow_s: float = float(os.environ.get("BENCH_SLOW_S", "90"))
    # The one run that may take longer: the task loop with this many models, with nothing to do.
    slow_size: int = 1000
    longest_s: float = float(os.environ.get("BENCH_LONGEST_S", "1200"))
    writes: int = 50
    writes_size: int = 1000


class Bench:
    """Measures. Every result is handed to ``tell`` as soon as it is there."""

    def __init__(self, servers: Servers, meter: Meter, ways: Ways, plan: Plan, tell: Callable[[Result], None]) -> None:
        """Take what to measure with."""
        self.results = Results()
        self._servers = servers
        self._meter = meter
        self._ways = ways
        self._plan = plan
        self._tell = tell

    def run(self) -> Results:
        """Measure everything, smallest first: LiteLLM's list only grows."""
        self._start()
        for size in sorted({*self._plan.sizes, *self._plan.row_sizes}):
            self._servers.grow(size, self._write)
            self._keep_states(size in self._plan.sizes)
            if size in self._plan.sizes:
                self._litellm_model(size)
                self._sync(size)
                self._playbook(size)
            if size in self._plan.row_sizes:
                self._rows(size)
            self._cleanup(size)
            if size == self._plan.distance_size:
                self._distance(size, results.ROW_BY_ROW)
            elif size > self._plan.distance_size and size in self._plan.sizes:
                self._distance(size)
            if size == self._plan.writes_size:
                self._writes(size)
        return self.results

    # --- chapters ----------------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        """What a module costs before its first request: to a port where nobody is."""
        nobody = dataclasses.replace(self._servers.full, litellm_url=f"http://127.0.0.1:{free_port()}")
        for module in (MODELS, SYNC, CLEANUP):
            options: dict[str, Any] = {"models": []} if module == MODELS else {}
            start = self._ways.module(module, retries=0, **options)
            self._measure(START, module, results.MODULE, 0, start, nobody, fails=True)
            self._measure(START, module, results.IMPORTS, 0, self._ways.imports(module), nobody)
        self._measure(START, PYTHON, results.IMPORTS, 0, self._ways.imports(""), nobody)

    def _litellm_model(self, size: int) -> None:
        nothing, check = (self._ways.module(MODELS, check=check, models=specs(size)) for check in (False, True))
        for scenario, start in ((NOTHING, nothing), (CHECK, check)):
            self._measure(MODELS, scenario, results.FLOOR, size, self._ways.floor("list"), self._servers.full)
            self._measure(MODELS, scenario, results.MODULE, size, start, self._servers.full, says=_UNCHANGED, count=True)

    def _sync(self, size: int) -> None:
        for scenario in self._plan.scenarios:
            ways = [
                (results.FLOOR, self._ways.floor("sync"), "floor"),
                (results.MODULE, self._ways.module(SYNC, check=scenario == CHECK), "module"),
            ]
            if scenario != CHECK:
                # From the module's rows: its own make the backend write each row in each sync.
                ways.append((results.ROW_BY_ROW, self._ways.row_by_row(), "module"))
            for way, start, state in ways:
                left = size if scenario == CHECK and way == results.MODULE else 0
                prepare = self._prepare(scenario, state)
                count = way == results.MODULE or size <= COUNTED
                says = _UNCHANGED if scenario == NOTHING and way == results.MODULE else ""
                self._measure(SYNC, scenario, way, size, start, self._servers.full, prepare, (_STALE_ROWS, left), says=says, count=count)

    def _cleanup(self, size: int) -> None:
        for scenario in (ORPHANED, CHECK):
            # The guard would refuse to retire so many.
            ways = [
                (results.FLOOR, self._ways.floor("cleanup")),
                (results.MODULE, self._ways.module(CLEANUP, check=scenario == CHECK, force=True)),
            ]
            if scenario != CHECK:
                ways += [(results.ROW_BY_ROW, self._ways.row_by_row()), (results.TASK_LOOP, self._ways.task_loop_cleanup())]
            for way, start in ways:
                left = size if scenario == CHECK and way == results.MODULE else 0
                count = way == results.MODULE or size <= COUNTED
                self._measure(
                    CLEANUP, scenario, way, size, start, self._servers.without, self._orphans(size), (_ORPHANS, left), count=count
                )

    def _playbook(self, size: int) -> None:
        models = specs(size)
        if size == min(self._plan.sizes):
            self._cold(size)
        for scenario in self._plan.playbook_scenarios:
            check = scenario == CHECK
            if scenario == ORPHANED:
                start = self._ways.playbook([], litemaas_models_force=True)
                addresses, prepare, expected = self._servers.without, self._orphans(size), (_ORPHANS, 0)
            else:
                start = self._ways.playbook(models, *(["--check"] if check else []))
                addresses, prepare = self._servers.full, self._prepare(scenario, "playbook")
                expected = (_STALE_ROWS, size if check else 0)
            says = " changed=0 " if scenario == NOTHING else ""
            self._measure(PLAYBOOK, scenario, results.PLAYBOOK, size, start, addresses, prepare, expected, says=says, count=size <= COUNTED)
            if scenario in (NOTHING, ALL):
                once = scenario == NOTHING and size == self._plan.slow_size
                self._measure(
                    PLAYBOOK,
                    scenario,
                    results.TASK_LOOP,
                    size,
                    self._ways.task_loop(models),
                    self._servers.full,
                    prepare,
                    expected,
                    count=size <= 10,
                    limit_s=self._plan.longest_s if once else None,
                )

    def _cold(self, size: int) -> None:
        """Neither side has the models."""
        models = specs(size, "cold")

        def prepare() -> None:
            self._servers.clear()
            self._servers.remove("cold-")

        count = ("SELECT count(*) FROM models WHERE id LIKE 'cold-%'", size)
        for way, start in ((results.PLAYBOOK, self._ways.playbook(models)), (results.TASK_LOOP, self._ways.task_loop(models))):
            self._measure(PLAYBOOK, COLD, way, size, start, self._servers.full, prepare, count, count=True)
        self._servers.remove("cold-")

    def _rows(self, size: int) -> None:
        """The database's side alone: LiteLLM's list is there at once."""
        with recorded(self._servers.full.litellm_url) as url:
            addresses = dataclasses.replace(self._servers.full, litellm_url=url)
            for start in (self._ways.floor("sync"), self._ways.module(SYNC)):
                self._meter.run(start(addresses))
            for scenario in (NEW, NOTHING, ALL):
                for way, start, state in (
                    (results.FLOOR, self._ways.floor("sync"), "floor"),
                    (results.MODULE, self._ways.module(SYNC), "module"),
                ):
                    prepare = self._prepare(scenario, state)
                    self._measure(ROWS, scenario, way, size, start, addresses, prepare, (_STALE_ROWS, 0), count=way == results.MODULE)

    def _distance(self, size: int, *others: str) -> None:
        for distance in self._plan.distances_ms:
            with self._away(self._servers.full, distance) as full, self._away(self._servers.without, distance) as without:
                for way in (results.MODULE, *others):
                    module = way == results.MODULE
                    for scenario in (NOTHING, ALL):
                        start = self._ways.module(SYNC) if module else self._ways.row_by_row()
                        prepare = self._prepare(scenario, "module")
                        self._measure(DISTANCE, scenario, way, size, start, full, prepare, (_STALE_ROWS, 0), distance_ms=distance)
                    start = self._ways.module(CLEANUP, force=True) if module else self._ways.row_by_row()
                    prepare = self._orphans(size)
                    self._measure(DISTANCE, ORPHANED, way, size, start, without, prepare, (_ORPHANS, 0), distance_ms=distance)

    @contextlib.contextmanager
    def _away(self, addresses: Addresses, distance_ms: float) -> Iterator[Addresses]:
        with distant(port_of(addresses.database_url), distance_ms) as port:
            yield dataclasses.replace(
                addresses, database_url=with_port(addresses.database_url, port), witness_url=with_port(addresses.witness_url, port)
            )

    def _writes(self, size: int) -> None:
        """Creates and updates, beside the time that LiteLLM itself takes for what the module sends: the floor of this chapter."""
        number = self._plan.writes
        for scenario, models in ((CREATES, specs(number, "write")), (UPDATES, specs(number, "write", rpm=700))):
            with Recorder(self._servers.full.litellm_url) as recorder:
                answers = Answers(recorder)
                addresses = dataclasses.replace(self._servers.full, litellm_url=recorder.url)
                cost = self._meter.run(self._ways.module(MODELS, models=models)(addresses))
                self._add(Result(WRITES, scenario, results.MODULE, number, (cost,)))
                self._add(Result(WRITES, scenario, results.FLOOR, number, (Cost(answers.seconds, 0.0, 0.0),)))
        self._servers.remove("write-")

    # --- parts -------------------------------------------------------------------------------------------------------------

    def _write(self, models: list[dict[str, Any]]) -> None:
        self._meter.run(self._ways.module(MODELS, models=models)(self._servers.full))

    def _keep_states(self, playbook: bool) -> None:
        """Keep the rows that each way leaves where there is nothing more to do for it."""
        ways = {"module": self._ways.module(SYNC), "floor": self._ways.floor("sync")}
        if playbook:
            ways["playbook"] = self._ways.playbook(specs(self._servers.size))
        for name, start in ways.items():
            self._servers.clear()
            self._meter.run(start(self._servers.full))
            self._servers.keep(name)

    def _orphans(self, size: int) -> Callable[[], None]:
        return lambda: self._servers.orphans(size)

    def _prepare(self, scenario: str, state: str) -> Callable[[], None]:
        if scenario == NEW:
            return self._servers.clear
        return lambda: self._servers.restore(state, _CHANGES[scenario])

    def _measure(
        self,
        chapter: str,
        scenario: str,
        way: str,
        size: int,
        start: Start,
        addresses: Addresses,
        prepare: Callable[[], None] = lambda: None,
        expected: tuple[str, int] | None = None,
        *,
        says: str = "",
        count: bool = False,
        distance_ms: float = 0.0,
        limit_s: float | None = None,
        fails: bool = False,
    ) -> None:
        """Measure one way and see that it did its work; or compute it from a smaller size where it would take too long."""
        smaller = sorted(
            (r for r in self.results.of(chapter, scenario) if r.way == way and r.distance_ms == distance_ms and r.computed_from is None),
            key=lambda r: r.size,
        )
        # Only the other ways, and not where the distance is what is measured.
        may_be_computed = way in (results.TASK_LOOP, results.ROW_BY_ROW) and not distance_ms
        limit = limit_s or self._plan.slow_s
        if smaller and may_be_computed and results.computed(smaller, size).wall_s > limit:
            self._add(results.computed(smaller, size))
            return
        command = start(addresses)
        costs: list[Cost] = []
        # The task loop is so far off that one run tells enough.
        most = 1 if way == results.TASK_LOOP else self._plan.most
        while len(costs) < most and sum(cost.wall_s for cost in costs) < self._plan.enough_s:
            prepare()
            costs.append(self._meter.run(command, fails=fails))
            self._check(expected, says)
        counts = None
        if count:
            prepare()
            counts = self._meter.count(start, addresses)
        self._add(Result(chapter, scenario, way, size, tuple(costs), counts, distance_ms))

    def _check(self, expected: tuple[str, int] | None, says: str) -> None:
        """See that a run did its work: by a query with its answer, and by what the run must have said."""
        if expected and self._servers.sql(expected[0]) != [[str(expected[1])]]:
            raise SupportError(f"{expected[0]} should be {expected[1]} now. The run said:\n{self._meter.output[-2000:]}")
        if says not in self._meter.output:
            raise SupportError(f"the run did not say {says!r} but:\n{self._meter.output[-2000:]}")

    def _add(self, result: Result) -> None:
        self.results.append(result)
        self._tell(result)


class Answers:
    """The seconds between a request and its answer, as a recorder sees them, added up."""

    def __init__(self, recorder: Recorder) -> None:
        """Start to watch."""
        self.seconds = 0.0
        recorder.fault = self._watch

    def _watch(self, _request: RecordedRequest) -> Fault:
        began = time.perf_counter()

        def answered() -> None:
            self.seconds += time.perf_counter() - began

        return Fault(then=answered)
