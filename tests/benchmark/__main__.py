# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entry point of ``python -m tests.benchmark``: a full run, ``QUICK=1``, ``CHECK=1``, or ``report`` for the last full run's documents."""

from __future__ import annotations

import datetime
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.benchmark import report, scenarios, targets, tunnel
from tests.benchmark.chapters import Bench
from tests.benchmark.measure import Meter
from tests.benchmark.results import Result, Results
from tests.benchmark.scenarios import Plan
from tests.benchmark.servers import Servers
from tests.benchmark.ways import Ways
from tests.ci.paths import ROOT, WORK
from tests.ci.shell import Log, check
from tests.ci.stages import main_python
from tests.ci.venvs import activate, ensure
from tests.support.cache import progress
from tests.support.litellm import DEFAULT_VERSION

KEPT = WORK / "benchmark" / "results.json"
QUICK = Plan(
    playbook_scenarios=(scenarios.NOTHING, scenarios.ALL),
    sizes=(10, 100),
    row_sizes=(100,),
    distances_ms=(0, 20),
    distance_size=100,
    most=3,
    enough_s=5,
    slow_s=30,
    writes=10,
    writes_size=100,
)
CHECKED = Plan(
    sizes=(10, 50, 1000, 5000),
    row_sizes=(5000,),
    playbook_scenarios=(scenarios.NOTHING,),
    scenarios=(scenarios.NOTHING, scenarios.ALL),
    distances_ms=(0, 20),
    most=3,
    slow_s=45,
    longest_s=45,
)


def main(arguments: list[str]) -> int:
    """Run and return the exit code."""
    if arguments == ["report"]:
        _write_documents()
        return 0
    quick, checked = (os.environ.get(name, "") not in ("", "0", "no", "false") for name in ("QUICK", "CHECK"))
    # So that the servers stop and the folders go, whoever ends this.
    signal.signal(signal.SIGTERM, lambda *_arguments: sys.exit(143))
    if quick or checked:
        found = _measure(CHECKED if checked else QUICK, lambda found, facts: None)
    else:
        found = _measure(Plan(), _keep)
        _write_documents()
    print(report.targets_table(found))
    missed = targets.missed(found)
    for sentence in missed:
        print(f"beyond its target: {sentence}")
    return 1 if checked and missed else 0


def _measure(plan: Plan, keep: Callable[[Results, dict[str, str]], None]) -> Results:
    """Measure everything; ``keep`` gets what there is after each result."""
    version = os.environ.get("LITELLM_VERSION") or DEFAULT_VERSION
    found = Results()
    # Below a folder that the account of PostgreSQL can enter.
    with tempfile.TemporaryDirectory(prefix="litemaas-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with Servers(folder / "servers", version) as servers:
            facts = _facts(servers, version)

            def tell(one: Result) -> None:
                progress(report.line(one))
                found.append(one)
                keep(found, facts)

            Bench(servers, Meter(ROOT, os.environ), Ways(folder / "ways", servers.key), plan, tell).run()
        for one in tunnel.measure():
            tell(one)
    return found


def _facts(servers: Servers, version: str) -> dict[str, str]:
    """Return what the numbers depend on."""
    durable = ", ".join(f"{name} {servers.setting(name)}" for name in ("fsync", "synchronous_commit", "full_page_writes"))
    return {
        **report.machine(),
        "LiteLLM": version,
        "PostgreSQL": f"{servers.setting('server_version')}, {durable}",
        "Measured": datetime.date.today().isoformat(),
    }


def _keep(found: Results, facts: dict[str, str]) -> None:
    """Keep the results, so that ``report`` can show them, also of a run that did not come to its end."""
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    KEPT.write_text(json.dumps({"facts": facts, "results": [one.as_json() for one in found]}, indent=1), encoding="utf-8")


def _write_documents() -> None:
    """Write docs/performance.md and its plot from the results that were kept last."""
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    report.write_document(Results(Result.from_json(one) for one in kept["results"]), kept["facts"])
    log = Log("benchmark")
    venv = ensure(log, "benchmark", main_python())
    command: list[str | Path] = [venv / "bin" / "python", "-m", "tests.benchmark.plot", KEPT, report.PLOT]
    check(log, command, cwd=ROOT, env=activate(venv, PYTHONPATH=str(ROOT)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
