# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recorded cases of the LiteMaaS backend's real sync: what LiteLLM answered, and what was left of the rows.

tests/data/backend_cases says how they are read.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

CASES = Path(__file__).parents[1] / "data" / "backend_cases"
KEYS = {"api_key_models": ("api_key_id", "model_id"), "audit_logs": ("resource_id", "created_at")}
_RUN = re.compile(r"<(?:seed|run(?::(\d+))?)>")
_UUID = "<uuid>"


@dataclasses.dataclass(frozen=True)
class Step:
    """One sync: LiteLLM's answer, and the names in its table where the backend can read that."""

    status: int
    body: str
    saved: list[str] | None


@dataclasses.dataclass(frozen=True)
class Case:
    """One case. ``results`` are the answers of the syncs in order, ``tables`` the rows after the last one."""

    name: str
    seed: str
    mark: bool
    steps: list[Step]
    results: list[dict[str, Any]]
    tables: Mapping[str, list[dict[str, Any]]]


def case_names() -> list[str]:
    """Return the names of all cases."""
    return sorted(path.parent.name for path in CASES.glob("*/args"))


def read_case(name: str) -> Case:
    """Return a case. Raises ValueError for one that has what no case had so far."""
    folder = CASES / name
    words: list[list[str]] = [[]]
    for word in (folder / "args").read_text(encoding="utf-8").splitlines():
        if word == "--then":
            words.append([])
        elif word:
            words[-1].append(word)
    parsed = [_arguments().parse_args(part) for part in words]
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"), parse_float=Decimal, parse_int=Decimal)
    first, last = parsed[0], expected.pop("result")
    return Case(
        name,
        "".join((folder / file).read_text(encoding="utf-8") for file in first.files[1:]),
        first.mark,
        [_step(folder, first, part.files[0]) for part in parsed],
        [_without_time(result) for result in expected.pop("results", [last])],
        {table: in_order(table, rows) for table, rows in expected.items()},
    )


def _without_time(result: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in result.items() if name != "syncedAt"}


def in_order(table: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a table's rows in the order of their keys."""
    return sorted(rows, key=lambda row: [str(row[column]) for column in KEYS.get(table, ("id",))])


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--status", type=int, default=200)
    parser.add_argument("--content-type")
    parser.add_argument("--litellm-db", dest="names")
    parser.add_argument("--no-mark-unavailable", dest="mark", action="store_false")
    return parser


def _step(folder: Path, options: argparse.Namespace, file: str) -> Step:
    body = (folder / file).read_bytes().decode("utf-8", errors="replace")
    saved = None
    if options.names == "auto":
        saved = [entry["model_name"] for entry in json.loads(body)["data"] if entry["model_info"]["db_model"]]
    elif options.names:
        saved = json.loads((folder / options.names).read_text(encoding="utf-8"))
    return Step(options.status, body, saved)


def unlike(expected: Any, found: Any, times: Sequence[tuple[datetime.datetime, datetime.datetime]], place: str = "") -> Iterator[str]:
    """Yield each place where what was found is not what was expected, with both.

    ``times`` are the beginning and the end of the seed and of each sync: ``<seed>`` and ``<run>`` stand for a time of any of them,
    ``<run:2>`` for one of the second sync.
    """
    run = _RUN.fullmatch(expected) if isinstance(expected, str) else None
    if isinstance(expected, dict) and isinstance(found, dict):
        for name in sorted({*expected, *found}):
            yield from unlike(expected.get(name, "missing"), found.get(name, "missing"), times, f"{place}.{name}")
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for number, (one, other) in enumerate(zip(expected, found, strict=True)):
            yield from unlike(one, other, times, f"{place}[{number}]")
    elif run:
        moment = datetime.datetime.fromisoformat(found)
        possible = [times[int(run[1])]] if run[1] else times
        # Milliseconds are cut off where JavaScript made the text.
        if not any(begin - datetime.timedelta(milliseconds=1) <= moment <= end for begin, end in possible):
            yield f"{place}: {found} is not within {expected}"
    elif expected != found and expected != _UUID:
        yield f"{place}: {expected!r} was expected, {found!r} was found"
