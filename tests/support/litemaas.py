# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The LiteMaaS backend's tables, made from the catalogue in litemaas_schema.json, and rows to test with."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.support.postgres import PostgresServer, quote, quote_name

TRIGGER_FUNCTION = """\
CREATE FUNCTION update_updated_at_column() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at = CURRENT_TIMESTAMP;
    RETURN NEW;
END;
$$;"""
# What backends before 0.4 do not have; a collection that needs any of it there is wrong.
OLDER_LACKS_TABLES = ("subscription_status_history",)
OLDER_LACKS_COLUMNS = {
    "models": ("encrypted_api_key", "restricted_access"),
    "subscriptions": ("status_reason", "status_changed_at", "status_changed_by"),
}


# How PostgreSQL shows "CHECK (column IN ('a', 'b'))". Read in again as it is, it would come out in yet another form.
_SHOWN_IN_LIST = re.compile(r"CHECK \(\(\((\w+)\)::text = ANY \(\(ARRAY\[(.*)\]\)::text\[\]\)\)\)")


@functools.cache
def catalogue() -> dict[str, Any]:
    """Return ``{table: {columns, constraints, indexes, triggers}}`` as the backend's database has it."""
    text = Path(__file__).with_name("litemaas_schema.json").read_text(encoding="utf-8")
    tables: dict[str, Any] = json.loads(text)["tables"]
    return tables


def table_names(*, older: bool = False) -> list[str]:
    """Return the tables' names, referenced ones first."""
    return [name for name in catalogue() if not (older and name in OLDER_LACKS_TABLES)]


def schema_sql(*, older: bool = False) -> str:
    """Return the SQL that creates the tables in an empty database (as an older backend has them, if ``older``)."""
    tables = catalogue()
    parts = [TRIGGER_FUNCTION, *(_table_sql(name, table) for name, table in tables.items())]
    # Foreign keys last: their targets must be there, with their primary keys.
    parts += _constraints_sql(tables, foreign=False) + _constraints_sql(tables, foreign=True)
    for table in tables.values():
        parts += _index_sql(table) + [f"{trigger['definition']};" for trigger in table["triggers"] or []]
    return "\n".join(parts + (_older_sql() if older else [])) + "\n"


def truncate(postgres: PostgresServer, database: str) -> None:
    """Remove all rows of all LiteMaaS tables."""
    present = {row[0] for row in postgres.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", database)}
    names = ", ".join(quote_name(name) for name in table_names() if name in present)
    postgres.sql(f"TRUNCATE {names} CASCADE", database)


def insert(postgres: PostgresServer, database: str, table: str, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Insert rows by one statement and return them whole, with the defaults, in the same order.

    All rows must have the columns of the first one. Values are JSON types; None is NULL.
    """
    given = [dict(row) for row in rows]
    if not given:
        return []
    columns = ", ".join(quote_name(column) for column in given[0])
    source = f"json_populate_recordset(NULL::{quote_name(table)}, {quote(json.dumps(given))}) WITH ORDINALITY"
    statement = f"""
        WITH inserted AS (
            INSERT INTO {quote_name(table)} ({columns}) SELECT {columns} FROM {source} AS given ORDER BY ordinality RETURNING *)
        SELECT coalesce(json_agg(inserted), '[]') FROM inserted"""
    rows_back: list[dict[str, Any]] = json.loads(postgres.sql(statement, database)[0][0])
    return rows_back


class Seeder:
    """Adds users, models, subscriptions and keys to one LiteMaaS database, with sensible defaults.

    Each method takes how many rows or which ids, plus columns that all rows get, and returns the inserted rows.
    """

    def __init__(self, postgres: PostgresServer, database: str) -> None:
        """Take the server and the name of a database with the LiteMaaS tables."""
        self._postgres = postgres
        self._database = database
        self._serial = 0

    def users(self, count: int = 1, **columns: Any) -> list[dict[str, Any]]:
        """Add users."""
        names = [self._name("user") for _number in range(count)]
        return self._insert(
            "users",
            [
                {"username": name, "email": f"{name}@example.com", "oauth_provider": "openshift", "oauth_id": name, **columns}
                for name in names
            ],
        )

    def models(self, ids: Iterable[str], **columns: Any) -> list[dict[str, Any]]:
        """Add models."""
        defaults = {"provider": "openai", "availability": "available"}
        return self._insert(
            "models", [{"id": model, "name": model, "litellm_model_id": f"id-{model}", **defaults, **columns} for model in ids]
        )

    def subscriptions(self, users: Iterable[Mapping[str, Any]], models: Iterable[str], **columns: Any) -> list[dict[str, Any]]:
        """Subscribe every user to every model (active)."""
        chosen = list(models)
        return self._insert(
            "subscriptions",
            [{"user_id": user["id"], "model_id": model, "status": "active", **columns} for user in users for model in chosen],
        )

    def api_keys(self, users: Iterable[Mapping[str, Any]], models: Iterable[str] = (), **columns: Any) -> list[dict[str, Any]]:
        """Add one active key per user, allowed for all of the models."""
        chosen = list(models)
        keys = []
        for user in users:
            name = self._name("key")
            keys.append(
                {
                    "user_id": user["id"],
                    "name": name,
                    "key_hash": f"hash-{name}",
                    "key_prefix": "sk-demo",
                    "lite_llm_key_value": f"demo-{name}-not-real",
                    "is_active": True,
                    **columns,
                }
            )
        added = self._insert("api_keys", keys)
        self._insert("api_key_models", [{"api_key_id": key["id"], "model_id": model} for key in added for model in chosen])
        return added

    def _insert(self, table: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return insert(self._postgres, self._database, table, rows)

    def _name(self, kind: str) -> str:
        self._serial += 1
        return f"{kind}-{self._serial}"


def _table_sql(name: str, table: Mapping[str, Any]) -> str:
    columns = ",\n".join(f"    {_column_sql(column)}" for column in table["columns"])
    return f"CREATE TABLE {quote_name(name)} (\n{columns}\n);"


def _column_sql(column: Mapping[str, Any]) -> str:
    default = f" DEFAULT {column['default']}" if "default" in column else ""
    not_null = " NOT NULL" if column["not_null"] else ""
    return f"{quote_name(column['name'])} {column['type']}{default}{not_null}"


def _constraints_sql(tables: Mapping[str, Any], *, foreign: bool) -> list[str]:
    return [
        f"ALTER TABLE {quote_name(name)} ADD CONSTRAINT {quote_name(constraint['name'])} {_as_written(constraint['definition'])};"
        for name, table in tables.items()
        for constraint in table["constraints"]
        if constraint["definition"].startswith("FOREIGN KEY") is foreign
    ]


def _as_written(definition: str) -> str:
    """Return a constraint as somebody wrote it, so that PostgreSQL shows it as in the catalogue."""
    shown = _SHOWN_IN_LIST.fullmatch(definition)
    if not shown:
        return definition
    values = shown.group(2).replace("::character varying", "")
    return f"CHECK ({shown.group(1)} IN ({values}))"


def _index_sql(table: Mapping[str, Any]) -> list[str]:
    """Return the indexes that no constraint has made already."""
    of_constraints = {constraint["name"] for constraint in table["constraints"]}
    return [f"{index};" for index in table["indexes"] if _index_name(index) not in of_constraints]


def _index_name(definition: str) -> str:
    return definition.partition(" INDEX ")[2].split()[0]


def _older_sql() -> list[str]:
    tables = [f"DROP TABLE {quote_name(name)};" for name in OLDER_LACKS_TABLES]
    columns = [
        f"ALTER TABLE {quote_name(table)} DROP COLUMN {quote_name(column)} CASCADE;"
        for table, names in OLDER_LACKS_COLUMNS.items()
        for column in names
    ]
    return tables + columns
