# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The second witness on a real PostgreSQL: what it reads, and that whatever is in the way is an answer and no error."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._proof.completeness import Table
from ansible_collections.litemaas.models.plugins.module_utils._proof.witness import Witness
from tests.support.endpoints import database_target
from tests.support.postgres import PostgresServer
from tests.support.stack import Stack

pytestmark = [pytest.mark.any_litellm, pytest.mark.postgres]

DATABASE = "demo_witness_db"
TABLE = '"LiteLLM_ProxyModelTable"'


@pytest.fixture(scope="module")
def server(postgres_stack: Stack) -> Iterator[PostgresServer]:
    server = postgres_stack.postgres
    server.create_database(DATABASE)
    yield server
    server.sql(f"DROP DATABASE {DATABASE} WITH (FORCE)")


def ask(url: str) -> Table:
    return Witness(database_target(url, "litellm_database_url")).ask()


def test_names_ids_and_the_names_of_teams(server: PostgresServer) -> None:
    server.sql(
        f"CREATE TABLE {TABLE} (model_id text, model_name text, model_info jsonb);"
        f"INSERT INTO {TABLE} VALUES ('1', 'a', NULL), ('2', 'model_name_x', '{{\"team_public_model_name\": \"public\"}}')",
        DATABASE,
    )
    try:
        with server.recorded_statements(DATABASE) as statements:
            table = ask(server.url(DATABASE))
        assert (dict(table.names), table.away) == ({"1": {"a"}, "2": {"model_name_x", "public"}}, "")
        assert "READ ONLY" in statements[0].text.upper()
    finally:
        server.sql(f"DROP TABLE {TABLE}", DATABASE)


def test_a_part_of_the_table_is_no_answer(server: PostgresServer) -> None:
    """A policy that hides rows from this user is an error, and not a shorter answer."""
    server.sql(
        f"CREATE TABLE {TABLE} (model_id text, model_name text, model_info jsonb); INSERT INTO {TABLE} VALUES ('1', 'a'), ('2', 'b');"
        f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY; CREATE POLICY demo ON {TABLE} USING (model_id = '1');"
        f"CREATE ROLE demo_part LOGIN PASSWORD 'demo-part-not-real'; GRANT SELECT ON {TABLE} TO demo_part",
        DATABASE,
    )
    try:
        table = ask(server.url(DATABASE, user="demo_part", password="demo-part-not-real"))
        assert (dict(table.names), "row-level security" in table.away) == ({}, True), table
    finally:
        server.sql(f"DROP TABLE {TABLE}; DROP ROLE demo_part", DATABASE)


def test_what_is_in_the_way_is_an_answer(server: PostgresServer) -> None:
    assert "has no table LiteLLM_ProxyModelTable: check litellm_database_url" in ask(server.url(DATABASE)).away
    server.sql(f"CREATE TABLE {TABLE} (model_id text, model_info jsonb)", DATABASE)
    try:
        assert "has no column model_name" in ask(server.url(DATABASE)).away
    finally:
        server.sql(f"DROP TABLE {TABLE}", DATABASE)
    away = ask(server.url(DATABASE).replace(f":{server.port}/", ":9/")).away
    assert "127.0.0.1:9" in away
    assert "Check the host and the port in litellm_database_url" in away
