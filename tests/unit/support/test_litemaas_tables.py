# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables that the test support creates are those of the backend."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import litemaas
from tests.support.errors import SupportError
from tests.support.fixtures import OLDER_DATABASE
from tests.support.postgres import PostgresServer
from tests.support.stack import LITEMAAS_DATABASE, Stack

pytestmark = pytest.mark.postgres

COLUMNS = """
    SELECT attname, format_type(atttypid, atttypmod), attnotnull, coalesce(pg_get_expr(adbin, adrelid), '')
    FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"""
CONSTRAINTS = """
    SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid = '{table}'::regclass AND contype IN ('p', 'u', 'f', 'c')"""
INDEXES = "SELECT indexdef FROM pg_indexes WHERE tablename = '{table}'"
TRIGGERS = "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = '{table}'::regclass AND NOT tgisinternal"


def expected_columns(table: dict[str, Any]) -> list[list[str]]:
    return [[c["name"], c["type"], "t" if c["not_null"] else "f", c.get("default", "")] for c in table["columns"]]


@pytest.mark.parametrize("name", litemaas.table_names())
def test_table_is_the_backends(postgres_stack: Stack, name: str) -> None:
    expected = litemaas.catalogue()[name]

    def query(statement: str) -> list[list[str]]:
        return postgres_stack.postgres.sql(statement.format(table=name), LITEMAAS_DATABASE)

    assert query(COLUMNS) == expected_columns(expected)
    assert sorted(query(CONSTRAINTS)) == sorted([c["name"], c["definition"]] for c in expected["constraints"])
    assert sorted(query(INDEXES)) == sorted([index] for index in expected["indexes"])
    assert sorted(query(TRIGGERS)) == sorted([t["name"], t["definition"]] for t in expected["triggers"] or [])


def test_there_are_no_other_tables(postgres_stack: Stack) -> None:
    rows = postgres_stack.postgres.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", LITEMAAS_DATABASE)
    assert sorted(row[0] for row in rows) == sorted(litemaas.table_names())


def test_older_backend_lacks_what_it_should(postgres_stack: Stack, older_database_url: str) -> None:
    def columns(table: str) -> list[str]:
        return [row[0] for row in postgres_stack.postgres.sql(COLUMNS.format(table=table), OLDER_DATABASE)]

    assert older_database_url.endswith(OLDER_DATABASE)
    assert not {"encrypted_api_key", "restricted_access"} & set(columns("models"))
    assert not [name for name in columns("subscriptions") if name.startswith("status_")]
    with pytest.raises(SupportError, match="does not exist"):
        columns("subscription_status_history")


def test_seeded_rows_hang_together(clean_litemaas: Stack, seeder: litemaas.Seeder) -> None:
    seeder.models(["a", "b"], availability="unavailable")
    users = seeder.users(3)
    assert len(seeder.subscriptions(users, ["a", "b"])) == 6
    keys = seeder.api_keys(users, ["a"])
    assert [key["user_id"] for key in keys] == [user["id"] for user in users]
    assert clean_litemaas.postgres.sql("SELECT count(*) FROM api_key_models", LITEMAAS_DATABASE) == [["3"]]


def test_updates_move_updated_at(clean_litemaas: Stack, seeder: litemaas.Seeder) -> None:
    seeder.models(["a"], updated_at="2020-01-01T00:00:00Z")
    clean_litemaas.postgres.sql("UPDATE models SET name = 'b'", LITEMAAS_DATABASE)
    assert clean_litemaas.postgres.sql("SELECT updated_at = now() OR updated_at > '2026-01-01' FROM models", LITEMAAS_DATABASE) == [["t"]]


def test_statements_are_counted_per_database(clean_litemaas: Stack) -> None:
    server = clean_litemaas.postgres
    with server.recorded_statements(LITEMAAS_DATABASE) as statements:
        server.sql("SELECT 1;\nSELECT '\n2'", LITEMAAS_DATABASE)
        server.sql("SELECT 3")
    server.sql("SELECT 4", LITEMAAS_DATABASE)
    assert [statement.text for statement in statements] == ["SELECT 1;", "SELECT '\n2'"]


def test_a_wrong_password_is_refused_over_tcp(postgres_stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    server = postgres_stack.postgres

    def connect(url: str) -> str:
        return server._run("psql", ["--no-psqlrc", "--csv", "--tuples-only", "--command=SELECT 1", url])

    assert connect(server.url(LITEMAAS_DATABASE)).strip() == "1"
    with pytest.raises(SupportError, match="password authentication failed"):
        connect(server.url(LITEMAAS_DATABASE, password="another"))


def test_a_server_of_another_version(tmp_path: Any) -> None:
    with Stack(tmp_path, with_litellm=False, postgres_version="18") as stack:
        assert isinstance(stack.postgres, PostgresServer)
        assert stack.postgres.sql("SHOW server_version")[0][0].startswith("18.")
