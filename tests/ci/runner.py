# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run stages, some at a time, and report."""

from __future__ import annotations

import time
import traceback
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.ci.ansible_test import missing_cores
from tests.ci.paths import LOGS, RESULTS
from tests.ci.results import Outcome
from tests.ci.shell import Log, StageError, say, stop_all
from tests.ci.stages import Stage
from tests.ci.venvs import relative

# A stage that needs what another one makes, or writes where the other does, runs after it.
AFTER = {f"units-{core}": f"sanity-{core}" for core in ("2.16", "2.18", "2.19", "2.20", "2.21")}


@dataclass
class Report:
    """One row of the table at the end."""

    stage: str
    outcome: Outcome
    seconds: float
    error: str = ""

    def good(self) -> bool:
        """Say whether the stage ran something and nothing of it failed."""
        return not self.error and not self.outcome.failed and self.outcome.passed > 0

    def verdict(self) -> str:
        """Return the stage's result in a few words."""
        if self.error:
            return "FAILED"
        if self.outcome.failed:
            return "FAILED"
        return "passed" if self.outcome.passed else "FAILED: no test ran"


def run_stages(stages: Mapping[str, Stage], workers: int) -> list[Report]:
    """Run the stages in their order with the given number of workers."""
    with ThreadPoolExecutor(max_workers=workers) as pool:
        chains = [pool.submit(_run_chain, chain) for chain in _chains(stages)]
        try:
            return [report for chain in chains for report in chain.result()]
        except BaseException:
            stop_all()
            pool.shutdown(cancel_futures=True)
            raise


def _chains(stages: Mapping[str, Stage]) -> list[dict[str, Stage]]:
    """Group the stages that must follow each other."""
    chains = {name: {name: stage} for name, stage in stages.items() if AFTER.get(name) not in stages}
    for name, stage in stages.items():
        if name not in chains:
            chains[AFTER[name]][name] = stage
    return list(chains.values())


def _run_chain(chain: Mapping[str, Stage]) -> list[Report]:
    return [_run_stage(name, stage) for name, stage in chain.items()]


def _run_stage(name: str, stage: Stage) -> Report:
    start = time.monotonic()
    log = Log(name)
    error = ""
    outcome = Outcome()
    try:
        outcome = stage(log)
    except StageError as problem:
        error = str(problem)
        log.write(error)
    except Exception as problem:  # a defect of a stage is a failed stage, not the end of the run
        error = f"{type(problem).__name__}: {problem}"
        log.write(traceback.format_exc())
    report = Report(name, outcome, time.monotonic() - start, error)
    log.close()
    say(name, f"{report.verdict()} after {report.seconds:.0f} s ({_counts(outcome)})")
    if not report.good():
        _explain(report, log)
    return report


def _explain(report: Report, log: Log) -> None:
    say(report.stage, f"the last lines of {relative(log.path)}:")
    for line in log.tail():
        say(report.stage, f"  {line}")
    target = report.stage.split("-")[0]
    again = "core-units" if report.stage.startswith("units-") else target
    say(report.stage, f"to run only this again: make {again}")


def print_report(reports: list[Report]) -> bool:
    """Print the table, the tests that ran and the sum; say whether all is good."""
    width = max(len(report.stage) for report in reports)
    print(f"\n{'stage':<{width}}  {'result':<20} {'seconds':>8} {'passed':>7} {'failed':>7} {'skipped':>8}")
    for report in reports:
        outcome = report.outcome
        numbers = f"{report.seconds:>8.0f} {outcome.passed:>7} {outcome.failed:>7} {outcome.skipped:>8}"
        print(f"{report.stage:<{width}}  {report.verdict():<20} {numbers}")
    if missing_cores():
        print(f"not tested, no interpreter for it here: ansible-core {', '.join(missing_cores())}")
    for report in reports:
        for name in report.outcome.failures or filter(None, [report.error]):
            print(f"FAILED {report.stage}: {name}")
    print("\nTests that ran:")
    for report in reports:
        suites = ", ".join(f"{suite} ({count})" for suite, count in sorted(report.outcome.suites.items()))
        print(f"{report.stage:<{width}}  {suites or 'none'}")
    bad = sum(max(report.outcome.failed, 0 if report.good() else 1) for report in reports)
    _write_summary(reports)
    print(f"{sum(report.outcome.passed for report in reports)} passed, {bad} failed", flush=True)
    return bad == 0


def _write_summary(reports: list[Report]) -> None:
    RESULTS.mkdir(parents=True, exist_ok=True)
    LOGS.mkdir(parents=True, exist_ok=True)
    lines = [f"{report.stage}\t{report.verdict()}\t{report.seconds:.1f}\t{_counts(report.outcome)}" for report in reports]
    (RESULTS / "summary.tsv").write_text("\n".join([*lines, ""]), encoding="utf-8")


def _counts(outcome: Outcome) -> str:
    return f"{outcome.passed} passed, {outcome.failed} failed, {outcome.skipped} skipped"
