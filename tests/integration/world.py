# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small LiteMaaS with people in it, whose tables are put back and compared in milliseconds."""

from __future__ import annotations

import json
from typing import Any

import psycopg2

from tests.integration.database import entry
from tests.support.litemaas import Seeder
from tests.support.postgres import PostgresServer

# The tables that the collection writes or that point to those, referenced ones first.
TABLES = ("users", "models", "subscriptions", "api_keys", "api_key_models", "subscription_status_history", "audit_logs")
# What differs from run to run. Audit rows are compared by what they are about.
VOLATILE = ("created_at", "updated_at", "changed_at", "status_changed_at", "synced_at")
AUDIT = ("action", "resource_id", "success", "error_message")

BEFORE = ("stays", "changes", "goes", "plain")
# The rest, of which no run may ever touch anything.
UNTOUCHED = "stays"

State = dict[str, list[str]]


def deployments_before() -> list[dict[str, Any]]:
    """Return what LiteLLM had when LiteMaaS was in step with it."""
    return [entry(name) for name in BEFORE]


def deployments_now() -> list[dict[str, Any]]:
    """Return what LiteLLM has now: one model is new, one has changed, two are gone."""
    return [entry("stays"), entry("changes", rpm=5), entry("new")]


class World:
    """The tables of one database: ``save`` what is there, ``put_back``, and ``state``.

    ``goes`` has subscribers and keys, ``plain`` has nobody, ``stays`` and ``changes`` have both.
    """

    def __init__(self, postgres: PostgresServer, database: str) -> None:
        """Connect for the test's own questions; the tables must be there."""
        self.postgres = postgres
        self.database = database
        self._connection = psycopg2.connect(postgres.url(database), application_name="the test")
        self._connection.autocommit = True

    def close(self) -> None:
        """Remove what ``save`` made, and the connection."""
        self.execute("DROP SCHEMA IF EXISTS saved CASCADE")
        self._connection.close()

    def populate(self) -> None:
        """Add people, subscriptions and keys to the models, which must be there."""
        seeder = Seeder(self.postgres, self.database)
        people = seeder.users(3)
        seeder.subscriptions(people, ["stays", "changes"])
        seeder.subscriptions(people[:2], ["goes"])
        seeder.api_keys(people, ["stays"])
        seeder.api_keys(people[:2], ["goes"])
        seeder.api_keys(people[:1], ["goes", "stays"])

    def save(self) -> None:
        """Remember the tables' rows."""
        copies = "".join(f"CREATE TABLE saved.{table} AS TABLE {table};" for table in TABLES)
        self.execute(f"DROP SCHEMA IF EXISTS saved CASCADE; CREATE SCHEMA saved; {copies}")

    def put_back(self) -> None:
        """Bring the tables to what was saved."""
        emptied = "".join(f"DELETE FROM {table};" for table in reversed(TABLES))
        filled = "".join(f"INSERT INTO {table} SELECT * FROM saved.{table};" for table in TABLES)
        self.execute(emptied + filled)

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        """Execute SQL and return the rows of the last statement."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall()) if cursor.description else []

    def state(self) -> State:
        """Return all rows as sorted texts, without what differs from run to run."""
        state: State = {table: [] for table in TABLES}
        for table, row in self.execute(" UNION ALL ".join(f"SELECT '{table}', to_jsonb(x) FROM {table} x" for table in TABLES)):
            state[table].append(json.dumps(_stable(table, row), sort_keys=True))
        return {table: sorted(rows) for table, rows in state.items()}

    def untouched(self) -> State:
        """Return the rows about the model that nobody writes."""
        return {
            "models": self._texts(f"SELECT to_jsonb(x) FROM models x WHERE id = '{UNTOUCHED}'"),
            "subscriptions": self._texts(f"SELECT to_jsonb(x) FROM subscriptions x WHERE model_id = '{UNTOUCHED}'"),
            "api_key_models": self._texts(f"SELECT to_jsonb(x) FROM api_key_models x WHERE model_id = '{UNTOUCHED}'"),
            "api_keys": self._texts(
                f"SELECT to_jsonb(x) FROM api_keys x JOIN api_key_models a ON a.api_key_id = x.id WHERE model_id = '{UNTOUCHED}'"
            ),
        }

    def locks(self) -> int:
        """Return how many advisory locks anybody holds or waits for."""
        return int(self.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")[0][0])

    def _texts(self, sql: str) -> list[str]:
        return sorted(json.dumps(row[0], sort_keys=True) for row in self.execute(sql))


def _stable(table: str, row: dict[str, Any]) -> dict[str, Any]:
    if table == "audit_logs":
        return {name: row[name] for name in AUDIT}
    left_out = (*VOLATILE, "id") if table == "subscription_status_history" else VOLATILE
    return {name: value for name, value in row.items() if name not in left_out}
