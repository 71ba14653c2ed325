# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""LiteMaaS's tables: the statements. Decides nothing.

Each statement is about all models at once, so their number does not depend on how many there are; values go only as bound
parameters, and the names of columns come from the field table.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import json
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import SchemaMismatch
from ansible_collections.litemaas.models.plugins.module_utils._common.fields import BY_COLUMN
from ansible_collections.litemaas.models.plugins.module_utils._common.secrets_in_text import SUSPECT
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.cascade import KEYS, MODELS, Effect
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.outcome import Written
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import (
    CREATED,
    DELETED,
    UPDATED,
    Change,
    Plan,
    Restoration,
    Row,
    Usage,
)
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.restore import (
    DELETE_ACTION,
    RESTORE_ACTION,
    RETIRE_ACTION,
    Taken,
    read_counts,
)
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.rights import HISTORY, RIGHTS, USERS, refuse_missing
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.statements import (
    ABSURD,
    AUDIT_TYPES,
    DATED,
    DELETE,
    DETACH,
    GIVEN,
    KEYS_OFF,
    LITELLM_TABLE,
    LOG,
    MERGE,
    METADATA,
    MISSING,
    OVERVIEW,
    RESTORE,
    RETIRE,
    TAKEN,
    TEMPORARY,
    TIED,
    UPDATED_AT,
    USAGE,
    UUID,
    WRITE_HISTORY,
)
from ansible_collections.litemaas.models.plugins.module_utils._postgres import connect as postgres_door
from ansible_collections.litemaas.models.plugins.module_utils._postgres import connection
from ansible_collections.litemaas.models.plugins.module_utils._postgres.copy_format import plain_text

if t.TYPE_CHECKING:
    from ansible_collections.litemaas.models.plugins.module_utils._run.context import Run

# What each table must have. The rest of what is written came with later versions of LiteMaaS and is left out where it is not there.
_MODELS_LATER = ("api_base", "tpm", "rpm", "max_tokens", "litellm_model_id", "backend_model_name", "restricted_access")
REQUIRED: dict[str, tuple[str, ...]] = {
    "models": (*(column for column in BY_COLUMN if column not in _MODELS_LATER), "created_at", "updated_at"),
    "subscriptions": ("id", "user_id", "model_id", "status"),
    "api_keys": ("id", "user_id", "is_active"),
    "api_key_models": ("api_key_id", "model_id"),
    "audit_logs": ("id", "action", "resource_type", "resource_id", "metadata", "created_at"),
}
# The columns that the statements of this file read and write, of tables of which they do not use all. A user may have its rights to
# these alone. A column that an older backend lacks is none.
_COLUMNS = {
    ("subscriptions", "SELECT"): ("id", "user_id", "model_id", "status", "status_changed_at", "updated_at", "expires_at"),
    ("subscriptions", "UPDATE"): ("status", "status_reason", "status_changed_at"),
    ("api_keys", "SELECT"): ("id", "user_id", "is_active", "subscription_id", "updated_at", "revoked_at", "expires_at"),
    ("api_keys", "UPDATE"): ("is_active", "subscription_id"),
    ("api_key_models", "SELECT"): ("api_key_id", "model_id"),
    ("api_key_models", "INSERT"): ("api_key_id", "model_id"),
    ("audit_logs", "SELECT"): (
        "id", "action", "resource_type", "resource_id", "metadata", "created_at", "success", "error_message",
    ),
    ("audit_logs", "INSERT"): (
        "action", "resource_type", "resource_id", "old_values", "user_agent", "success", "error_message", "metadata",
    ),
    (HISTORY, "INSERT"): ("subscription_id", "old_status", "new_status", "reason"),
    (USERS, "SELECT"): ("id", "is_active"),
}  # fmt: skip
_SQL_TYPES = {"str": "text", "int": "bigint", "float": "numeric", "bool": "boolean", "list": "text[]", "dict": "jsonb"}

# What stands in a text for bytes that are none.
UNREADABLE = "\ufffd"

STATUS_REASON = "The model is no longer available"
RESTORE_REASON = "The model is available again"


def connect(run: Run, read_only: bool = False) -> Catalogue:
    """LiteMaaS's tables in the database that the module's options name, in one transaction. Raises DatabaseError, InputError."""
    database = postgres_door.connect(run, read_only)
    tables = database.tables([*REQUIRED, HISTORY, USERS, LITELLM_TABLE])
    schemas = [] if "models" in tables else database.schemas_without_usage("models")
    if schemas:
        refuse_missing(database, [f"USAGE on schema {schema}" for schema in schemas])
    catalogue = Catalogue(database, tables, run.warn)
    if catalogue.absent and not read_only:
        run.warn("This LiteMaaS is older: its table models has no {0}, so that is not written".format(", ".join(catalogue.absent)))
    return catalogue


class Catalogue:
    """The tables of one LiteMaaS. ``types`` are the columns of ``models``, ``absent`` those that an older backend lacks."""

    def __init__(self, database: connection.Database, tables: connection.Tables, warn: t.Callable[[str], None]) -> None:
        check_tables(tables, database.target.described())
        self._warn = warn
        self.database = database
        self.tables = tables
        self.types = {column: kind for column, kind in tables["models"].items() if column in BY_COLUMN}
        self.absent = [column for column in BY_COLUMN if column not in self.types]
        database.on_denied = self.missing_rights

    # --- reading -----------------------------------------------------------------------------------------------------

    def rows(self, metadata: bool = True) -> dict[str, Row]:
        """All rows of models by id: the columns of the field table and updated_at; ``metadata`` only where asked for.

        Metadata is longer than all else. Where it holds nothing that may be a secret, what LiteLLM told of the model is left out of it.
        """
        columns = [METADATA if column == "metadata" else column for column in self.types if metadata or column != "metadata"]
        found = self.database.execute(
            "SELECT {0}, {1} FROM models ORDER BY id".format(", ".join(columns), UPDATED_AT), {"suspect": SUSPECT}
        )
        for row in found:
            if row.get("metadata") is not None:
                row["metadata"] = _read_json(row["metadata"])
        return {row["id"]: row for row in self._nameable(found)}

    def _nameable(self, rows: list[Row]) -> list[Row]:
        """The rows that can be named. In a database without an encoding an id may be bytes that are no text."""
        if self.database.encoding != connection.NO_ENCODING:
            return rows
        odd = [row["id"] for row in rows if UNREADABLE in row["id"]]
        if odd:
            self._warn("Rows whose id is not UTF-8 are left alone: {0}. Write their ids as UTF-8, or delete them".format(", ".join(odd)))
        return [row for row in rows if UNREADABLE not in row["id"]]

    def usage(self, names: t.Sequence[str]) -> dict[str, Usage]:
        """Who uses these models. No statement where there are none."""
        if not names:
            return {}
        tied = TIED if "subscription_id" in self.tables["api_keys"] else ""
        found = self.database.execute(USAGE.format(tied=tied), {"names": list(names)})
        keys = {row["id"]: _key(row) for row in found if row["kind"] == KEYS}
        return {row["id"]: _usage(row, keys) for row in found if row["kind"] == MODELS}

    def taken(self, names: t.Sequence[str] | None = None) -> dict[str, list[Taken]]:
        """Removals of models that nothing was given back of yet, newest first: of these models, or of all (None).

        No statement where there are no models.
        """
        if names is not None:
            # A name that does not fit is in no record.
            names = [name for name in names if self.database.fitting(name) == name]
            if not names:
                return {}
        found = self.database.execute(
            TAKEN.format(
                status_changed=self._time("subscriptions", "s", "status_changed_at"),
                subscription_changed=self._time("subscriptions", "s", "updated_at"),
                subscription_expires=self._time("subscriptions", "s", "expires_at"),
                key_changed=self._time("api_keys", "k", "updated_at"),
                key_revoked=self._time("api_keys", "k", "revoked_at"),
                key_expires=self._time("api_keys", "k", "expires_at"),
                subscriber_off=self._owner_off("s"),
                key_owner_off=self._owner_off("k"),
                failed=self._failed_records(),
                dated=DATED,
                uuid=UUID,
                absurd=ABSURD,
            ),
            {
                "names": None if names is None else list(names),
                "removals": [RETIRE_ACTION, DELETE_ACTION],
                "restored": RESTORE_ACTION,
            },
        )
        taken: dict[str, list[Taken]] = {}
        for row in found:
            taken.setdefault(row["model_name"], []).append(Taken(**dict(row, counts=read_counts(row["counts"]))))
        return taken

    def log(self, actions: t.Sequence[str], latest: str, limit: int, fields: t.Sequence[str]) -> list[Row]:
        """Records of the audit log about models, newest first: the ``limit`` newest with one of the actions, and the newest ``latest``.

        Each is ``{"id", "action", "model_name", "success", "at", "error", "metadata"}``; metadata has only the given fields.
        """
        columns = self.tables["audit_logs"]
        return self.database.execute(
            LOG.format(
                dated=DATED,
                absurd=ABSURD,
                success="a.success" if "success" in columns else "NULL::boolean",
                error="a.error_message" if "error_message" in columns else "NULL::text",
            ),
            {"actions": list(actions), "latest": latest, "limit": limit, "fields": list(fields)},
        )

    def missing_rights(self) -> list[str]:
        """What a run needs and this user may not do: ``["INSERT on models", "SELECT on api_keys (user_id)", ...]``."""
        return list(self.missing_for().values())

    def missing_for(self) -> dict[str, str]:
        """The same by right ("SELECT on api_keys"), with the columns of the table that it is missing for where it is not for all."""
        needed = [
            {"name": table, "right": right, "columns": self._used(table, right)}
            for table, rights in RIGHTS.items()
            for right in rights
            if table in self.tables and (table != USERS or "is_active" in self.tables[USERS])
        ]
        found = self.database.execute(MISSING, {"needed": self._json(needed), "temporary": TEMPORARY})
        return {row["missing"]: _with_columns(row["missing"], row["columns"]) for row in found}

    def _used(self, table: str, right: str) -> list[str]:
        """The columns for which a right is needed; none where it is one to whole rows."""
        if table == "models" and right != "DELETE":
            columns = {**self.types, "updated_at": ""} if right in ("SELECT", "UPDATE") else self.types
            return sorted(column for column in columns if right != "UPDATE" or column != "id")
        return [column for column in _COLUMNS.get((table, right), ()) if column in self.tables[table]]

    def lacking(self, needed: t.Collection[str]) -> list[str]:
        """Which of these rights this user does not have. No statement where none is needed."""
        return [sentence for right, sentence in self.missing_for().items() if right in needed] if needed else []

    def overview(self) -> Row:
        """Totals of subscriptions and API keys, and active subscriptions of unavailable models; ``_litemaas.sync_info`` names them."""
        return self.database.execute(OVERVIEW)[0]

    def _time(self, table: str, alias: str, column: str) -> str:
        """A column with a time, or NULL where an older backend lacks it."""
        return f"{alias}.{column}" if column in self.tables[table] else "NULL::timestamptz"

    def _owner_off(self, alias: str) -> str:
        """The condition that the person whom a row belongs to is switched off."""
        known = "is_active" in self.tables.get(USERS, {})
        off = "EXISTS (SELECT 1 FROM users u WHERE u.id = {0}.user_id AND NOT u.is_active)"
        return off.format(alias) if known else "false"

    def _failed_records(self) -> str:
        """The condition that leaves out records of what was rolled back."""
        return " AND a.success IS NOT FALSE" if "success" in self.tables["audit_logs"] else ""

    # --- writing -----------------------------------------------------------------------------------------------------

    def carry_out(self, plan: Plan, delete_subscriptions: bool = False) -> Written:
        """Write the plan, without audit rows and without commit; returns what that did."""
        overtaken = self._write(plan.of(CREATED), plan.of(UPDATED))
        # Before the removals: a key that gets a model back has one when another is taken from it.
        given_back = self._give_back(plan.restored)
        effects = self._retire([change.model_name for change in plan.retiring])
        deleted = [change.model_name for change in plan.of(DELETED)]
        effects += self._delete(deleted, delete_subscriptions)
        gone = [{"id": model} for kind, model, dummy in effects if kind == MODELS]
        overtaken.update(_overtaken(deleted, gone, "somebody subscribed to it in the meantime"))
        return Written(effects, given_back, overtaken)

    def _write(self, created: t.Sequence[Change], updated: t.Sequence[Change]) -> dict[str, str]:
        """Add and change rows: two statements, whatever is to be written. Returns what somebody else was faster with."""
        if not created and not updated:
            return {}
        columns = [column for column in self.types if column != "id"]
        types = {column: _SQL_TYPES[BY_COLUMN[column].type] for column in columns}
        self.database.load(
            GIVEN,
            {"id": "text", "is_new": "boolean", "written": "text[]", **types},
            _given_rows(created, updated, columns),
        )
        written = "{0} = CASE WHEN '{0}' = ANY (given.written) THEN given.{0} ELSE m.{0} END"
        done = self.database.execute(
            MERGE.format(given=GIVEN, columns=", ".join(columns), written=", ".join([written.format(column) for column in columns]))
        )
        return {
            **_overtaken([change.model_name for change in created], done, "it was added by somebody else in the meantime"),
            **_overtaken([change.model_name for change in updated], done, "its row was deleted by somebody else in the meantime"),
        }

    def _give_back(self, restored: t.Sequence[Restoration]) -> list[Effect]:
        if not restored:
            return []
        given = {
            "reason": RESTORE_REASON,
            "subscriptions": self._json([one for restoration in restored for one in restoration.subscriptions]),
            "associations": self._json(
                [
                    {"key": key, "model": restoration.model_name, "free": key in restoration.unsubscribed}
                    for restoration in restored
                    for key in restoration.associations
                ]
            ),
            "keys": self._json([one for restoration in restored for one in restoration.keys]),
        }
        sql = RESTORE.format(
            subscription=self._status_columns(),
            history=WRITE_HISTORY.format(old="inactive", new="active") if HISTORY in self.tables else "",
            subscription_changed=self._time("subscriptions", "s", "updated_at"),
            key_changed=self._time("api_keys", "k", "updated_at"),
            key_revoked=self._time("api_keys", "k", "revoked_at"),
            key_expires=self._time("api_keys", "k", "expires_at"),
            subscriber_off=self._owner_off("s"),
            key_owner_off=self._owner_off("k"),
        )
        return _effects(self.database.execute(sql, given))

    def _status_columns(self) -> str:
        """What is set with a subscription's status, as far as the backend has it."""
        optional = (("status_reason", "%(reason)s"), ("status_changed_at", "CURRENT_TIMESTAMP"))
        return "".join(f", {column} = {value}" for column, value in optional if column in self.tables["subscriptions"])

    def _retire(self, names: t.Sequence[str]) -> list[Effect]:
        """Make models unavailable, as the backend does it: only keys that lost a model in this run can be switched off."""
        if not names:
            return []
        sql = RETIRE.format(
            subscription=self._status_columns(),
            history=WRITE_HISTORY.format(old="active", new="inactive") if HISTORY in self.tables else "",
            keys_off=KEYS_OFF,
        )
        return _effects(self.database.execute(sql, {"names": list(names), "reason": STATUS_REASON, "detached": []}))

    def _delete(self, names: t.Sequence[str], subscriptions: bool) -> list[Effect]:
        if not names:
            return []
        # Who is subscribing to one of them right now is waited for, and who comes later waits for us.
        self.database.execute("SELECT id FROM models WHERE id = ANY (%(names)s) ORDER BY id FOR UPDATE", {"names": names})
        detached = self._detach(names) if subscriptions else []
        given = {"names": names, "subscriptions": subscriptions, "detached": [key for dummy, dummy2, key in detached]}
        return detached + _effects(self.database.execute(DELETE.format(keys_off=KEYS_OFF), given))

    def _detach(self, names: t.Sequence[str]) -> list[Effect]:
        """Keep API keys that would be deleted with a subscription that they belong to; they may have other models."""
        if "subscription_id" not in self.tables["api_keys"]:
            return []
        return _effects(self.database.execute(DETACH, {"names": names}))

    def _json(self, value: t.Any) -> str:
        """Rows as JSON without what the database has no room for: it would have none for an escape either."""
        if self.database.encoding == connection.UTF8:
            return to_json(value)
        return self.database.fitting(to_json(value, ascii_only=False))

    def commit(self, records: t.Sequence[Row]) -> None:
        """Add rows to audit_logs, one statement for all, and keep what was written.

        There is at least one: ``{"action", "resource_type", "resource_id", "metadata", ...}``.
        """
        columns = [column for column in AUDIT_TYPES if column in self.tables["audit_logs"]]
        typed = ", ".join(f"{column} {AUDIT_TYPES[column]}" for column in columns)
        found = self.database.execute(
            "INSERT INTO audit_logs ({0}) SELECT {0} FROM jsonb_to_recordset(%(rows)s::jsonb) AS given({1}) "
            "RETURNING pg_current_xact_id()::text AS transaction".format(", ".join(columns), typed),
            {"rows": self._json(records)},
        )
        self.database.commit(found[0]["transaction"])


def check_tables(tables: connection.Tables, described: str) -> None:
    """Raise SchemaMismatch unless the tables are LiteMaaS's, with all that is needed."""
    if "models" not in tables:
        whose = "it is LiteLLM's own" if LITELLM_TABLE in tables else "there is no table models"
        raise SchemaMismatch(
            f"The {described} is not LiteMaaS's: {whose}. Check the database's name and schema in database_url, and that the "
            "LiteMaaS backend has "
            "started once",
            missing=["models"],
        )
    missing = [f"table {table}" for table in REQUIRED if table not in tables]
    for table, columns in REQUIRED.items():
        missing += [f"column {table}.{column}" for column in columns if table in tables and column not in tables[table]]
    if missing:
        raise SchemaMismatch(
            "The {0} does not have LiteMaaS's tables as they should be. Missing: {1}. Check database_url, and that the LiteMaaS backend "
            "has finished its migrations".format(described, ", ".join(missing)),
            missing=missing,
        )


def to_json(value: t.Any, ascii_only: bool = True) -> str:
    """Rows as the JSON that PostgreSQL takes apart again; costs keep all their digits."""
    return json.dumps(value, default=plain_text, allow_nan=False, ensure_ascii=ascii_only)


def _read_json(text: str) -> t.Any:
    """What a column of type jsonb holds, or None where Python cannot hold it: very long numbers, very deep nesting."""
    try:
        return json.loads(text)
    except (RecursionError, ValueError):
        return None


def _given_rows(created: t.Iterable[Change], updated: t.Iterable[Change], columns: t.Sequence[str]) -> t.Iterator[list[t.Any]]:
    """What the changes write, as rows of the table of what is given: id, is_new, written, columns."""
    for is_new, changes in ((True, created), (False, updated)):
        for change in changes:
            written = change.columns
            yield [change.model_name, is_new, list(written), *[written.get(column) for column in columns]]


def _overtaken(wanted: t.Sequence[str], done: t.Sequence[Row], reason: str) -> dict[str, str]:
    """The models whose change did not happen, each with the reason."""
    names = {row["id"] for row in done}
    return {name: reason for name in wanted if name not in names}


def _key(row: Row) -> t.Mapping[str, t.Any]:
    [user] = row["people"]
    return {"id": row["id"], "user": user, "active": row["active"], "models": frozenset(row["things"] or ())}


def _usage(row: Row, keys: t.Mapping[str, t.Mapping[str, t.Any]]) -> Usage:
    """Who uses a model. A key stands once in memory, whichever models it has."""
    own = tuple(keys[identifier] for identifier in row["things"] or ())
    users = frozenset(row["people"] or ()) | frozenset(key["user"] for key in own)
    return Usage(row["subscriptions"], row["active_subscriptions"], users, own)


def _with_columns(right: str, columns: list[str] | None) -> str:
    return "{0} ({1})".format(right, ", ".join(columns)) if columns else right


def _effects(rows: t.Iterable[Row]) -> list[Effect]:
    return [(row["kind"], row["model"], row["identifier"]) for row in rows]
