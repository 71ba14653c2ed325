# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Through a real pgbouncer in transaction mode: all that works directly works, and nothing stays behind in its connections."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest

from tests.integration.database import Backend
from tests.integration.world import World, deployments_before, deployments_now
from tests.support import litemaas
from tests.support.pgbouncer import PgBouncer
from tests.support.stack import Stack

pytestmark = [pytest.mark.any_litellm, pytest.mark.postgres]

LOCK = "SELECT pg_advisory_xact_lock(1818850405, 1835098483)"


@pytest.fixture
def backend(clean_litemaas: Stack, monkeypatch: pytest.MonkeyPatch) -> Backend:
    backend = Backend(clean_litemaas, monkeypatch)
    backend.litellm.entries = deployments_before()
    return backend


@pytest.fixture
def pooled(backend: Backend) -> Iterator[PgBouncer]:
    """A pooler with one connection to the server, through which the modules go."""
    with PgBouncer(backend.postgres) as pooler:
        backend.url = pooler.url(backend.database)
        yield pooler


def in_the_pool(pooler: PgBouncer, database: str) -> dict[str, Any]:
    """What the one pooled connection is like between two transactions."""
    connection = psycopg2.connect(pooler.url(database), application_name="the test")
    connection.autocommit = True
    names = ("search_path", "lock_timeout", "idle_in_transaction_session_timeout", "default_transaction_read_only",
             "default_transaction_isolation", "tcp_keepalives_idle", "client_encoding", "DateStyle")  # fmt: skip
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"current_setting('{name}')" for name in names))
        found: dict[str, Any] = dict(zip(names, cursor.fetchone() or (), strict=True))
        cursor.execute("SELECT (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'), (SELECT count(*) FROM pg_prepared_statements)")
        found["locks and prepared statements"] = cursor.fetchone()
        cursor.execute("SELECT pg_backend_pid()")
        found["process"] = cursor.fetchone()
    connection.close()
    return found


def test_a_life_leaves_nothing_behind(backend: Backend, pooled: PgBouncer) -> None:
    fresh = in_the_pool(pooled, backend.database)
    assert fresh["locks and prepared statements"] == (0, 0)
    assert backend.sync(check=True)["new_models"] == 4
    assert in_the_pool(pooled, backend.database) == fresh, "check mode's READ ONLY included"
    assert backend.sync()["new_models"] == 4
    assert not backend.sync()["changed"]
    world = World(backend.postgres, backend.database)
    world.populate()
    backend.litellm.entries = deployments_now()
    answer = backend.sync(mark_unavailable=True)
    assert (answer["new_models"], answer["updated_models"], answer["unavailable_models"]) == (1, 1, 2)
    assert backend.cleanup(check=True)["deleted"] == ["plain"]
    assert backend.cleanup()["deleted"] == ["plain"]
    assert not backend.cleanup()["changed"]
    assert in_the_pool(pooled, backend.database) == fresh
    world.close()


def test_another_schema_is_for_one_transaction(backend: Backend, pooled: PgBouncer) -> None:
    backend.postgres.create_database("pooled_schema")
    try:
        backend.postgres.sql(
            'CREATE SCHEMA "ma as"; SET search_path TO "ma as";' + litemaas.schema_sql().replace("public.", ""), "pooled_schema"
        )
        fresh = in_the_pool(pooled, "pooled_schema")
        url = pooled.url("pooled_schema") + "?schema=ma%20as&pgbouncer=true"
        assert backend.sync(database_url=url)["changed"]
        assert not backend.sync(database_url=url)["changed"]
        assert in_the_pool(pooled, "pooled_schema") == fresh
        assert backend.sync(database_url=pooled.url("pooled_schema"))["failure"]["code"] == "database_schema"
    finally:
        backend.postgres.drop_database("pooled_schema")


def test_the_lock_names_who_holds_it(backend: Backend) -> None:
    with PgBouncer(backend.postgres, pool_size=2) as pooler:
        backend.url = pooler.url(backend.database)
        holder = psycopg2.connect(backend.url, application_name="somebody else")
        holder.cursor().execute(LOCK)
        answer = backend.sync(lock_timeout=1)
        assert answer["failure"]["code"] == "database_locked"
        assert 'application "somebody else"' in answer["msg"]
        holder.close()
        assert backend.sync(lock_timeout=5)["new_models"] == 4


def test_a_pooled_connection_that_breaks(backend: Backend, pooled: PgBouncer) -> None:
    """The server ends pgbouncer's connection in the middle of the transaction."""
    read, left = backend.litellm.read, [1]

    def break_once() -> Any:
        if left:
            left.pop()
            backend.postgres.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'litemaas.models'")
        return read()

    backend.litellm.read = break_once  # type: ignore[method-assign]
    answer = backend.sync()
    assert answer["new_models"] == 4, answer
    assert "repeated" in answer["log"][0]


def test_a_pooler_without_a_server(backend: Backend) -> None:
    with PgBouncer(backend.postgres) as pooler:
        answer = backend.sync(database_url=pooler.url("no_such_database"))
    assert answer["failure"]["code"] == "database_unreachable"
    assert "Check the database's name" in answer["msg"]
