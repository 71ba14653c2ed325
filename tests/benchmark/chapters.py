# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured: each chapter is a comparison of ways on states of the servers that are set back before each run."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Callable, Iterator
from typing import Any

from tests.benchmark import results
from tests.benchmark.cases import Case, Comparison
from tests.benchmark.distance import distant
from tests.benchmark.listing import recorded
from tests.benchmark.measure import Addresses, Meter, port_of, with_port
from tests.benchmark.results import Cost, Result, Results
from tests.benchmark.scenarios import (
    ALL,
    CHECK,
    CLEANUP,
    COLD,
    COUNTED,
    CREATES,
    DISTANCE,
    MODELS,
    NEW,
    NOTHING,
    ONE,
    ORPHANED,
    PLAYBOOK,
    PYTHON,
    ROWS,
    START,
    SYNC,
    UPDATES,
    WRITES,
    Plan,
)
from tests.benchmark.servers import Servers, specs
from tests.benchmark.ways import Ways
from tests.support.processes import free_port
from tests.support.recorder import Fault, RecordedRequest, Recorder

_CHANGE = "UPDATE models SET rpm = rpm + 1 WHERE id LIKE 'bench-%'"
_CHANGES = {NOTHING: "", ONE: f"{_CHANGE} AND id = 'bench-00001'", ALL: _CHANGE, CHECK: _CHANGE}
_STALE_ROWS = "SELECT count(*) FROM models WHERE rpm <> 600"
_UNCHANGED = '"changed": false'
_ORPHANS = "SELECT count(*) FROM models WHERE id LIKE 'bench-%' AND availability = 'available'"


class Bench:
    """The chapters, on servers whose number of models grows."""

    def __init__(self, servers: Servers, meter: Meter, ways: Ways, plan: Plan, tell: Callable[[Result], None]) -> None:
        """Take what to measure with, and who is told each result."""
        self._servers = servers
        self._meter = meter
        self._ways = ways
        self._plan = plan
        self._comparison = Comparison(servers, meter, plan, tell)

    def run(self) -> Results:
        """Measure everything, smallest first: LiteLLM's list only grows."""
        self._start()
        for size in sorted({*self._plan.sizes, *self._plan.row_sizes}):
            self._servers.grow(size, self._write)
            self._keep_states(playbook=size in self._plan.sizes)
            if size in self._plan.sizes:
                self._litellm_model(size)
                self._sync(size)
                self._playbook(size)
            if size in self._plan.row_sizes:
                self._rows(size)
            self._cleanup(size)
            if size == self._plan.distance_size:
                self._distance(size, beside=True)
            elif size > self._plan.distance_size and size in self._plan.sizes:
                self._distance(size, beside=False)
            if size == self._plan.writes_size:
                self._writes()
        return self._comparison.results

    # --- chapters ----------------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        """What a module costs before its first request: to a port where nobody is."""
        nobody = dataclasses.replace(self._servers.full, litellm_url=f"http://127.0.0.1:{free_port()}")
        for module in (MODELS, SYNC, CLEANUP):
            options: dict[str, Any] = {"models": []} if module == MODELS else {}
            whole = Case(results.MODULE, self._ways.module(module, retries=0, **options), nobody, fails=True)
            self._comparison.compare(START, module, 0, whole, Case(results.IMPORTS, self._ways.imports(module), nobody))
        self._comparison.compare(START, PYTHON, 0, Case(results.IMPORTS, self._ways.imports(""), nobody))

    def _litellm_model(self, size: int) -> None:
        full = self._servers.full
        for scenario in (NOTHING, CHECK):
            module = self._ways.module(MODELS, check=scenario == CHECK, models=specs(size))
            self._comparison.compare(
                MODELS,
                scenario,
                size,
                Case(results.FLOOR, self._ways.floor("list"), full),
                Case(results.MODULE, module, full, says=_UNCHANGED, count=True),
            )

    def _sync(self, size: int) -> None:
        full = self._servers.full
        for scenario in self._plan.scenarios:
            check = scenario == CHECK
            floor, module = self._prepare(scenario, "floor"), self._prepare(scenario, "module")
            done, little = (_STALE_ROWS, 0), size <= COUNTED
            cases = [
                Case(results.FLOOR, self._ways.floor("sync"), full, floor, done, count=little),
                Case(
                    results.MODULE,
                    self._ways.module(SYNC, check=check),
                    full,
                    module,
                    (_STALE_ROWS, size if check else 0),
                    says=_UNCHANGED if scenario == NOTHING else "",
                    count=True,
                ),
            ]
            if not check:
                # From the module's rows: its own make the backend write each row in each sync.
                cases.append(Case(results.ROW_BY_ROW, self._ways.row_by_row(), full, module, done, count=little))
            self._comparison.compare(SYNC, scenario, size, *cases)

    def _cleanup(self, size: int) -> None:
        without, prepare, done = self._servers.without, self._orphans(size), (_ORPHANS, 0)
        for scenario in (ORPHANED, CHECK):
            check, little = scenario == CHECK, size <= COUNTED
            # The guard would refuse to retire so many.
            module = self._ways.module(CLEANUP, check=check, force=True)
            cases = [
                Case(results.FLOOR, self._ways.floor("cleanup"), without, prepare, done, count=little),
                Case(results.MODULE, module, without, prepare, (_ORPHANS, size if check else 0), count=True),
            ]
            if not check:
                cases.append(Case(results.ROW_BY_ROW, self._ways.row_by_row(), without, prepare, done, count=little))
                cases.append(Case(results.TASK_LOOP, self._ways.task_loop_cleanup(), without, prepare, done, count=little))
            self._comparison.compare(CLEANUP, scenario, size, *cases)

    def _playbook(self, size: int) -> None:
        if size == min(self._plan.sizes):
            self._cold(size)
        models, little = specs(size), size <= COUNTED
        for scenario in self._plan.playbook_scenarios:
            if scenario == ORPHANED:
                start = self._ways.playbook([], litemaas_models_force=True)
                case = Case(results.PLAYBOOK, start, self._servers.without, self._orphans(size), (_ORPHANS, 0), count=little)
                self._comparison.compare(PLAYBOOK, scenario, size, case)
                continue
            check = scenario == CHECK
            prepare = self._prepare(scenario, "playbook")
            start = self._ways.playbook(models, *(["--check"] if check else []))
            says = " changed=0 " if scenario == NOTHING else ""
            done = (_STALE_ROWS, size if check else 0)
            cases = [Case(results.PLAYBOOK, start, self._servers.full, prepare, done, says=says, count=little)]
            # The task loop takes eleven minutes for 1,000 models; once tells enough.
            if scenario == NOTHING or (scenario == ALL and little):
                limit = self._plan.longest_s if scenario == NOTHING and size == self._plan.slow_size else None
                loop = self._ways.task_loop(models)
                cases.append(Case(results.TASK_LOOP, loop, self._servers.full, prepare, done, count=size <= 10, limit_s=limit))
            self._comparison.compare(PLAYBOOK, scenario, size, *cases)

    def _cold(self, size: int) -> None:
        """Neither side has the models."""
        models = specs(size, "cold")

        def prepare() -> None:
            self._servers.clear()
            self._servers.remove("cold-")

        done = ("SELECT count(*) FROM models WHERE id LIKE 'cold-%'", size)
        ways = {results.PLAYBOOK: self._ways.playbook(models), results.TASK_LOOP: self._ways.task_loop(models)}
        cases = [Case(way, start, self._servers.full, prepare, done, count=True) for way, start in ways.items()]
        self._comparison.compare(PLAYBOOK, COLD, size, *cases)
        self._servers.remove("cold-")

    def _rows(self, size: int) -> None:
        """The rows' side alone: LiteLLM's list is there at once."""
        with recorded(self._servers.full.litellm_url) as url:
            addresses = dataclasses.replace(self._servers.full, litellm_url=url)
            floor, module = self._ways.floor("sync"), self._ways.module(SYNC)
            for start in (floor, module):
                self._meter.run(start(addresses))
            for scenario in (NEW, NOTHING, ALL):
                self._comparison.compare(
                    ROWS,
                    scenario,
                    size,
                    Case(results.FLOOR, floor, addresses, self._prepare(scenario, "floor"), (_STALE_ROWS, 0)),
                    Case(results.MODULE, module, addresses, self._prepare(scenario, "module"), (_STALE_ROWS, 0), count=True),
                )

    def _distance(self, size: int, *, beside: bool) -> None:
        """The database further away, ``beside`` the way row by row or alone."""
        for distance in self._plan.distances_ms:
            with self._away(self._servers.full, distance) as full, self._away(self._servers.without, distance) as without:
                sync, cleanup = self._ways.module(SYNC), self._ways.module(CLEANUP, force=True)
                situations = [(scenario, sync, full, self._prepare(scenario, "module"), _STALE_ROWS) for scenario in (NOTHING, ALL)]
                situations.append((ORPHANED, cleanup, without, self._orphans(size), _ORPHANS))
                for scenario, module, addresses, prepare, query in situations:
                    cases = [Case(results.MODULE, module, addresses, prepare, (query, 0))]
                    if beside:
                        cases.append(Case(results.ROW_BY_ROW, self._ways.row_by_row(), addresses, prepare, (query, 0)))
                    self._comparison.compare(DISTANCE, scenario, size, *cases, distance_ms=distance)

    @contextlib.contextmanager
    def _away(self, addresses: Addresses, distance_ms: float) -> Iterator[Addresses]:
        with distant(port_of(addresses.database_url), distance_ms) as port:
            yield dataclasses.replace(
                addresses, database_url=with_port(addresses.database_url, port), witness_url=with_port(addresses.witness_url, port)
            )

    def _writes(self) -> None:
        """Creates and updates, beside the time that LiteLLM itself takes for what the module sends: the floor of this chapter."""
        number = self._plan.writes
        for scenario, models in ((CREATES, specs(number, "write")), (UPDATES, specs(number, "write", rpm=700))):
            with Recorder(self._servers.full.litellm_url) as recorder:
                answers = Answers(recorder)
                addresses = dataclasses.replace(self._servers.full, litellm_url=recorder.url)
                cost = self._meter.run(self._ways.module(MODELS, models=models)(addresses))
            self._comparison.add(Result(WRITES, scenario, results.MODULE, number, (cost,)))
            self._comparison.add(Result(WRITES, scenario, results.FLOOR, number, (Cost(answers.seconds, 0.0, 0.0),)))
        self._servers.remove("write-")

    # --- states of the servers -----------------------------------------------------------------------------------------------

    def _write(self, models: list[dict[str, Any]]) -> None:
        self._meter.run(self._ways.module(MODELS, models=models)(self._servers.full))

    def _keep_states(self, *, playbook: bool) -> None:
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
