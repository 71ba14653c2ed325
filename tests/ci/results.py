# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a stage found: counts and the names of its tests."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

# A reason may hold an answer of a server: as many characters of it as a reader of the report takes in.
LONGEST_REASON = 600


@dataclass
class Outcome:
    """The result of a stage: tests passed, failed and skipped, and how many each suite had."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    suites: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def add(self, suite: str, good: bool, name: str = "") -> None:
        """Count one test."""
        self.suites[suite] += 1
        if good:
            self.passed += 1
        else:
            self.failed += 1
            self.failures.append(name or suite)

    def merge(self, other: Outcome) -> None:
        """Add another outcome to this one."""
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.suites.update(other.suites)
        self.failures += other.failures


def read_junit(files: Iterable[Path]) -> Outcome:
    """Read pytest's result files."""
    outcome = Outcome()
    for path in files:
        for case in ElementTree.parse(path).iter("testcase"):
            suite = _suite(case.get("classname") or case.get("name") or "")
            name = f"{suite}::{case.get('name', '')}"
            problem = next((found for kind in ("failure", "error") for found in case.iterfind(kind)), None)
            if problem is not None:
                outcome.add(suite, False, f"{name}: {_reason(problem)}")
            elif case.find("skipped") is not None:
                outcome.skipped += 1
            else:
                outcome.add(suite, True)
    return outcome


def read_sanity(lines: Iterable[str]) -> Outcome:
    """Count the sanity tests in what ansible-test printed; it names those that failed after its last one."""
    outcome = Outcome()
    failed: set[str] | None = None
    for line in lines:
        started = re.match(r'Running sanity test "([^"]+)"(?: on (Python [\d.]+))?', line)
        if started:
            outcome.suites[" ".join(filter(None, started.groups()))] += 1
        elif re.match(r"(ERROR|FATAL): The \d+ sanity test", line):
            failed = set()
        elif failed is not None and re.match(r"[a-z][\w-]*$", line):
            failed.add(line)
    outcome.failures = sorted(failed or ())
    outcome.failed = len(outcome.failures)
    outcome.passed = sum(outcome.suites.values()) - outcome.failed
    return outcome


def _suite(classname: str) -> str:
    """Return the test file of a dotted pytest class name: its last part that starts with ``test_``."""
    parts = [part for part in classname.split(".") if part.startswith("test_")]
    return parts[-1] if parts else classname.rsplit(".", 1)[-1]


def _reason(problem: ElementTree.Element) -> str:
    """Say where a test failed and why, in a line: the report is what is left of a run on another machine."""
    lines = [line.strip() for line in (problem.text or "").splitlines() if line.strip()]
    words = " ".join((problem.get("message") or "").split())
    where = lines[-1].rpartition(": ")[0] if lines else "somewhere"
    return f"{where}: {words[:LONGEST_REASON]}"
