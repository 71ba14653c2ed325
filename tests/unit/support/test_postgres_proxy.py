# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proxy of PostgreSQL passes statements through, counts them, and spoils those it is told to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest

from tests.support.forked import Child
from tests.support.postgres import ADMIN, PASSWORD
from tests.support.postgres_proxy import PostgresFault, PostgresProxy, at_statement, from_statement
from tests.support.stack import LITEMAAS_DATABASE, Stack


@pytest.fixture
def proxy(postgres_stack: Stack) -> Iterator[PostgresProxy]:
    with PostgresProxy(postgres_stack.postgres.port) as running:
        yield running


def ask(proxy: PostgresProxy, *statements: str) -> list[Any]:
    connection = psycopg2.connect(host="127.0.0.1", port=proxy.port, user=ADMIN, password=PASSWORD, dbname=LITEMAAS_DATABASE)
    connection.autocommit = True
    found = []
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
            found.append(cursor.fetchone()[0])
    connection.close()
    return found


def test_it_counts_and_passes_on(proxy: PostgresProxy) -> None:
    assert ask(proxy, "SELECT 1", "SELECT repeat('x', 200000)") == [1, "x" * 200000]
    assert ask(proxy, "SELECT pg_backend_pid()") == [proxy.statements[2].pid]
    assert [(one.number, one.connection, one.text[:8]) for one in proxy.statements] == [
        (1, 1, "SELECT 1"),
        (2, 1, "SELECT r"),
        (3, 2, "SELECT p"),
    ]
    proxy.clear()
    assert (proxy.statements, proxy.connections) == ([], 0)


@pytest.mark.parametrize(
    "fault", [PostgresFault.drop(), PostgresFault.drop(forward=True), PostgresFault.cut()], ids=["lost", "done", "cut"]
)
def test_a_connection_ends_at_the_chosen_statement(proxy: PostgresProxy, postgres_stack: Stack, fault: PostgresFault) -> None:
    postgres_stack.postgres.sql("CREATE SEQUENCE counted", LITEMAAS_DATABASE)
    try:
        proxy.fault = at_statement(2, fault)
        with pytest.raises(psycopg2.OperationalError, match="closed the connection unexpectedly"):
            ask(proxy, "SELECT 1", "SELECT nextval('counted')")
        done = postgres_stack.postgres.sql("SELECT is_called FROM counted", LITEMAAS_DATABASE)
        assert done == [["t" if fault.forward else "f"]]
        assert ask(proxy, "SELECT 2") == [2]
    finally:
        postgres_stack.postgres.sql("DROP SEQUENCE counted", LITEMAAS_DATABASE)


def test_the_server_itself_fails_from_a_statement_on(proxy: PostgresProxy) -> None:
    proxy.fault = from_statement(1, PostgresFault.error("40P01"))
    for _time in range(2):
        with pytest.raises(psycopg2.errors.DeadlockDetected):
            ask(proxy, "SELECT 1")


def test_what_the_server_says_when_it_ends_the_connection_arrives(proxy: PostgresProxy, postgres_stack: Stack) -> None:
    proxy.fault = at_statement(
        1, PostgresFault.call(lambda one: postgres_stack.postgres.sql(f"SELECT pg_terminate_backend({one.pid}, 5000)") and None)
    )
    with pytest.raises(psycopg2.OperationalError):
        ask(proxy, "SELECT 1")


def test_refused(proxy: PostgresProxy) -> None:
    proxy.refuse = True
    with pytest.raises(psycopg2.OperationalError):
        ask(proxy, "SELECT 1")


def test_a_forked_call_answers_and_can_be_killed() -> None:
    assert Child(lambda: {"a": [1]}).answer() == {"a": [1]}
    child = Child(lambda: __import__("time").sleep(60))
    child.kill()
    assert child.answer() is None
