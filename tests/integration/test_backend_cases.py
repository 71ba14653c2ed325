# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model of the backend's sync leaves what the real one left, in every case that was recorded of it.

The random histories, and whatever else says that the backend finds nothing to do after us, rest on this model.
"""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from typing import Any

import psycopg2
import pytest

from tests.support.backend_cases import Case, case_names, in_order, read_case, unlike
from tests.support.backend_sync import sync_answer
from tests.support.stack import LITEMAAS_DATABASE, Stack


@pytest.mark.parametrize("name", case_names())
def test_the_model_leaves_what_the_backend_left(clean_litemaas: Stack, name: str) -> None:
    case = read_case(name)
    begin = now()
    clean_litemaas.postgres.sql(case.seed, LITEMAAS_DATABASE)
    results, times = [], [(begin, now())]
    connection = psycopg2.connect(clean_litemaas.database_url, options="-c timezone=UTC")
    try:
        for step in case.steps:
            begin = now()
            report = sync_answer(connection, step.status, step.body, saved=step.saved, mark=case.mark)
            times.append((begin, now()))
            results.append(report.as_answered())
        found = {table: rows(connection, table) for table in case.tables}
    finally:
        connection.close()
    assert list(unlike(case.results, results, times, "results")) == []
    assert list(unlike(dict(case.tables), found, times)) == []


def test_there_are_cases_of_each_kind() -> None:
    """What is compared is there: answers that are no list, several syncs, what a seed had, LiteLLM's table."""
    cases = [read_case(name) for name in case_names()]

    def count(fits: Any) -> int:
        return sum(1 for case in cases if fits(case))

    assert count(lambda case: len(case.steps) > 1) > 10
    assert count(lambda case: case.seed) > 10
    assert count(lambda case: any(step.saved is not None for step in case.steps)) > 3
    assert count(lambda case: any(step.status != 200 for step in case.steps)) > 3
    assert count(lambda case: case.tables["audit_logs"]) > 3
    assert count(lambda case: any(result["errors"] for result in case.results)) > 10


def test_a_difference_is_named() -> None:
    case: Case = read_case("05-capability-added")
    [row] = case.tables["models"]
    begin = end = now()
    other = {**row, "features": ["chat"], "rpm": 5, "created_at": begin.isoformat(), "updated_at": "2024-01-02T00:00:00+00:00"}
    assert [line.partition(":")[0] for line in unlike(row, other, [(begin, end)] * 3)] == [".features", ".rpm", ".updated_at"]


def rows(connection: Any, table: str) -> list[dict[str, Any]]:
    """Return the rows of a table as JSON has them, each number with all its digits."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT to_jsonb(one)::text FROM {table} AS one")
        return in_order(table, [json.loads(text, parse_float=Decimal, parse_int=Decimal) for (text,) in cursor.fetchall()])


def now() -> datetime.datetime:
    """Return the time."""
    return datetime.datetime.now(datetime.timezone.utc)
