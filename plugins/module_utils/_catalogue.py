# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

"""LiteMaaS's tables: the statements. Decides nothing.

Each statement is about all models at once, so their number does not depend on how many there are; values go only as bound
parameters, and the names of columns come from the field table.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils import _postgres
from ansible_collections.litemaas.models.plugins.module_utils._copy import plain_text
from ansible_collections.litemaas.models.plugins.module_utils._errors import DatabaseError, SchemaMismatch
from ansible_collections.litemaas.models.plugins.module_utils._fields import BY_COLUMN
from ansible_collections.litemaas.models.plugins.module_utils._redact import SUSPECT
from ansible_collections.litemaas.models.plugins.module_utils._restore import (
    DELETE_ACTION,
    RESTORE_ACTION,
    RETIRE_ACTION,
    Taken,
    keep_restored,
    read_counts,
)
from ansible_collections.litemaas.models.plugins.module_utils._rows import CREATED, DELETED, FAILED, UPDATED, Change, Plan, Row, Usage

if t.TYPE_CHECKING:
    from ansible_collections.litemaas.models.plugins.module_utils._run import Run

# What each table must have. The rest of what is written came with later versions of LiteMaaS and is left out where it is not there.
_MODELS_LATER = ("api_base", "tpm", "rpm", "max_tokens", "litellm_model_id", "backend_model_name", "restricted_access")
REQUIRED: t.Dict[str, t.Tuple[str, ...]] = {
    "models": (*(column for column in BY_COLUMN if column not in _MODELS_LATER), "created_at", "updated_at"),
    "subscriptions": ("id", "user_id", "model_id", "status"),
    "api_keys": ("id", "user_id", "is_active"),
    "api_key_models": ("api_key_id", "model_id"),
    "audit_logs": ("id", "action", "resource_type", "resource_id", "metadata", "created_at"),
}
HISTORY = "subscription_status_history"
USERS = "users"
# Tells LiteLLM's database from others.
LITELLM_TABLE = "LiteLLM_ProxyModelTable"

# What a run may have to do. Check mode only reads.
_RIGHTS = {
    "models": ("SELECT", "INSERT", "UPDATE", "DELETE"),
    "subscriptions": ("SELECT", "UPDATE", "DELETE"),
    "api_keys": ("SELECT", "UPDATE"),
    "api_key_models": ("SELECT", "INSERT", "DELETE"),
    "audit_logs": ("SELECT", "INSERT"),
    HISTORY: ("INSERT",),
    USERS: ("SELECT",),
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

# A sync makes a temporary table of what it writes.
TEMPORARY = "TEMPORARY on the database"
# What each kind of write needs: a statement needs all its rights, whatever it finds to do.
_AUDIT_RIGHTS = frozenset(("INSERT on audit_logs",))
_USAGE_RIGHTS = frozenset(("SELECT on subscriptions", "SELECT on api_keys", "SELECT on api_key_models"))
_SYNC_RIGHTS = frozenset(("SELECT on models", "INSERT on models", "UPDATE on models", TEMPORARY)) | _AUDIT_RIGHTS
_CASCADE_RIGHTS = frozenset(("UPDATE on models", "DELETE on api_key_models", "UPDATE on api_keys")) | _AUDIT_RIGHTS
_HISTORY_RIGHTS = frozenset(("UPDATE on subscriptions", "INSERT on " + HISTORY))
_RETIRE_RIGHTS = _CASCADE_RIGHTS | _HISTORY_RIGHTS
_DELETE_RIGHTS = _CASCADE_RIGHTS | frozenset(("DELETE on models", "DELETE on subscriptions"))
_RESTORE_RIGHTS = frozenset(("INSERT on api_key_models", "UPDATE on api_keys")) | _HISTORY_RIGHTS | _AUDIT_RIGHTS

_SQL_TYPES = {"str": "text", "int": "bigint", "float": "numeric", "bool": "boolean", "list": "text[]", "dict": "jsonb"}

# What stands in a text for bytes that are none.
UNREADABLE = "\ufffd"

STATUS_REASON = "The model is no longer available"
RESTORE_REASON = "The model is available again"

# What a removal did, by kind of row.
MODELS = "model"
SUBSCRIPTIONS = "subscription"
ASSOCIATIONS = "association"
KEYS = "key"
# A key that lost a model that its owner had no subscription to.
UNSUBSCRIBED = "unsubscribed"
# A key that belonged to a subscription that is deleted.
DETACHED = "detached"
# (kind, model or None, id or None)
Effect = t.Tuple[str, t.Optional[str], t.Optional[str]]


def connect(run: Run, read_only: bool = False) -> Catalogue:
    """LiteMaaS's tables in the database that the module's options name, in one transaction. Raises DatabaseError, InputError."""
    database = _postgres.connect(run, read_only)
    tables = database.tables([*REQUIRED, HISTORY, USERS, LITELLM_TABLE])
    schemas = [] if "models" in tables else database.schemas_without_usage("models")
    if schemas:
        _refuse(database, ["USAGE on schema {0}".format(schema) for schema in schemas])
    catalogue = Catalogue(database, tables, run.warn)
    if catalogue.absent and not read_only:
        run.warn("This LiteMaaS is older: its table models has no {0}, so that is not written".format(", ".join(catalogue.absent)))
    return catalogue


def needed_rights(plan: Plan) -> t.FrozenSet[str]:
    """The rights to write that carrying a plan out needs."""
    needed: t.FrozenSet[str] = _AUDIT_RIGHTS if plan.failures else frozenset()
    if plan.of(CREATED, UPDATED):
        needed |= _SYNC_RIGHTS
    if plan.restored:
        needed |= _RESTORE_RIGHTS
    if plan.retiring:
        needed |= _RETIRE_RIGHTS
    if plan.of(DELETED):
        needed |= _DELETE_RIGHTS
    return needed


def check_rights(run: Run, catalogue: Catalogue, later: t.Callable[[], t.Sequence[Plan]], reads_usage: bool) -> t.List[str]:
    """Raise DatabaseError where a sync, or one of the plans for later, could not be written, or its tables not be read.

    The plans are asked for once it is known that what they are made of can be read. In check mode the rights that are missing only to
    write are returned, with a warning.
    """
    missing = catalogue.missing_for()
    needed = _SYNC_RIGHTS | (_USAGE_RIGHTS if reads_usage else frozenset())
    unreadable = any(right in needed and right.startswith("SELECT") for right in missing)
    if not unreadable:
        needed = needed.union(*(needed_rights(plan) for plan in later()))
    lacking = [sentence for right, sentence in missing.items() if right in needed]
    if lacking and (unreadable or not run.check_mode):
        _refuse(catalogue.database, lacking)
    return _warn_of_rights(run, catalogue, lacking)


def _refuse(database: _postgres.Database, missing: t.List[str]) -> None:
    raise DatabaseError(
        "The user of the {0} lacks {1}. The README of the collection litemaas.models lists the rights that a run needs. "
        "Nothing was changed".format(database.target.described(), ", ".join(missing)),
        missing=missing,
    )


def foresee_rights(run: Run, catalogue: Catalogue, plan: Plan) -> t.List[str]:
    """The rights that carrying the plan out will lack, with a warning. Only check mode asks: a run finds out and is rolled back."""
    return _warn_of_rights(run, catalogue, catalogue.lacking(needed_rights(plan))) if run.check_mode else []


def _warn_of_rights(run: Run, catalogue: Catalogue, missing: t.List[str]) -> t.List[str]:
    if missing:
        run.warn(
            "A run would be refused: the user of the {0} lacks {1}. The README of the collection litemaas.models lists the rights "
            "that a run needs".format(catalogue.database.target.described(), ", ".join(missing))
        )
    return missing


class Catalogue:
    """The tables of one LiteMaaS. ``types`` are the columns of ``models``, ``absent`` those that an older backend lacks."""

    def __init__(self, database: _postgres.Database, tables: _postgres.Tables, warn: t.Callable[[str], None]) -> None:
        check_tables(tables, database.target.described())
        self._warn = warn
        self.database = database
        self.tables = tables
        self.types = {column: kind for column, kind in tables["models"].items() if column in BY_COLUMN}
        self.absent = [column for column in BY_COLUMN if column not in self.types]
        database.on_denied = self.missing_rights

    # --- reading -----------------------------------------------------------------------------------------------------

    def rows(self, metadata: bool = True) -> t.Dict[str, Row]:
        """All rows of models by id: the columns of the field table and updated_at; ``metadata`` only where asked for.

        Metadata is longer than all else. Where it holds nothing that may be a secret, what LiteLLM told of the model is left out of it.
        """
        columns = [_METADATA if column == "metadata" else column for column in self.types if metadata or column != "metadata"]
        found = self.database.execute(
            "SELECT {0}, {1} FROM models ORDER BY id".format(", ".join(columns), _UPDATED_AT), {"suspect": SUSPECT}
        )
        for row in found:
            if row.get("metadata") is not None:
                row["metadata"] = _read_json(row["metadata"])
        return {row["id"]: row for row in self._nameable(found)}

    def _nameable(self, rows: t.List[Row]) -> t.List[Row]:
        """The rows that can be named. In a database without an encoding an id may be bytes that are no text."""
        if self.database.encoding != _postgres.NO_ENCODING:
            return rows
        odd = [row["id"] for row in rows if UNREADABLE in row["id"]]
        if odd:
            self._warn("Rows whose id is not UTF-8 are left alone: {0}. Write their ids as UTF-8, or delete them".format(", ".join(odd)))
        return [row for row in rows if UNREADABLE not in row["id"]]

    def usage(self, names: t.Sequence[str]) -> t.Dict[str, Usage]:
        """Who uses these models. No statement where there are none."""
        if not names:
            return {}
        tied = _TIED if "subscription_id" in self.tables["api_keys"] else ""
        found = self.database.execute(_USAGE.format(tied=tied), {"names": list(names)})
        keys = {row["id"]: _key(row) for row in found if row["kind"] == KEYS}
        return {row["id"]: _usage(row, keys) for row in found if row["kind"] == MODELS}

    def taken(self, names: t.Optional[t.Sequence[str]] = None) -> t.Dict[str, t.List[Taken]]:
        """Removals of models that nothing was given back of yet, newest first: of these models, or of all (None).

        No statement where there are no models.
        """
        if names is not None:
            # A name that does not fit is in no record.
            names = [name for name in names if self.database.fitting(name) == name]
            if not names:
                return {}
        found = self.database.execute(
            _TAKEN.format(
                status_changed=self._time("subscriptions", "s", "status_changed_at"),
                subscription_changed=self._time("subscriptions", "s", "updated_at"),
                subscription_expires=self._time("subscriptions", "s", "expires_at"),
                key_changed=self._time("api_keys", "k", "updated_at"),
                key_revoked=self._time("api_keys", "k", "revoked_at"),
                key_expires=self._time("api_keys", "k", "expires_at"),
                subscriber_off=self._owner_off("s"),
                key_owner_off=self._owner_off("k"),
                failed=self._failed_records(),
                dated=_DATED,
                uuid=_UUID,
                absurd=_ABSURD,
            ),
            {
                "names": None if names is None else list(names),
                "removals": [RETIRE_ACTION, DELETE_ACTION],
                "restored": RESTORE_ACTION,
            },
        )
        taken: t.Dict[str, t.List[Taken]] = {}
        for row in found:
            taken.setdefault(row["model_name"], []).append(Taken(**dict(row, counts=read_counts(row["counts"]))))
        return taken

    def log(self, actions: t.Sequence[str], latest: str, limit: int, fields: t.Sequence[str]) -> t.List[Row]:
        """Records of the audit log about models, newest first: the ``limit`` newest with one of the actions, and the newest ``latest``.

        Each is ``{"id", "action", "model_name", "success", "at", "error", "metadata"}``; metadata has only the given fields.
        """
        columns = self.tables["audit_logs"]
        return self.database.execute(
            _LOG.format(
                dated=_DATED,
                absurd=_ABSURD,
                success="a.success" if "success" in columns else "NULL::boolean",
                error="a.error_message" if "error_message" in columns else "NULL::text",
            ),
            {"actions": list(actions), "latest": latest, "limit": limit, "fields": list(fields)},
        )

    def missing_rights(self) -> t.List[str]:
        """What a run needs and this user may not do: ``["INSERT on models", "SELECT on api_keys (user_id)", ...]``."""
        return list(self.missing_for().values())

    def missing_for(self) -> t.Dict[str, str]:
        """The same by right ("SELECT on api_keys"), with the columns of the table that it is missing for where it is not for all."""
        needed = [
            {"name": table, "right": right, "columns": self._used(table, right)}
            for table, rights in _RIGHTS.items()
            for right in rights
            if table in self.tables and (table != USERS or "is_active" in self.tables[USERS])
        ]
        found = self.database.execute(_MISSING, {"needed": self._json(needed), "temporary": TEMPORARY})
        return {row["missing"]: _with_columns(row["missing"], row["columns"]) for row in found}

    def _used(self, table: str, right: str) -> t.List[str]:
        """The columns for which a right is needed; none where it is one to whole rows."""
        if table == "models" and right != "DELETE":
            columns = {**self.types, "updated_at": ""} if right in ("SELECT", "UPDATE") else self.types
            return sorted(column for column in columns if right != "UPDATE" or column != "id")
        return [column for column in _COLUMNS.get((table, right), ()) if column in self.tables[table]]

    def lacking(self, needed: t.Collection[str]) -> t.List[str]:
        """Which of these rights this user does not have. No statement where none is needed."""
        return [sentence for right, sentence in self.missing_for().items() if right in needed] if needed else []

    def overview(self) -> Row:
        """Totals of subscriptions and API keys, and active subscriptions of unavailable models (``_sync_info`` names the fields)."""
        return self.database.execute(_OVERVIEW)[0]

    def _time(self, table: str, alias: str, column: str) -> str:
        """A column with a time, or NULL where an older backend lacks it."""
        return "{0}.{1}".format(alias, column) if column in self.tables[table] else "NULL::timestamptz"

    def _owner_off(self, alias: str) -> str:
        """The condition that the person whom a row belongs to is switched off."""
        known = "is_active" in self.tables.get(USERS, {})
        return "EXISTS (SELECT 1 FROM users u WHERE u.id = {0}.user_id AND NOT u.is_active)".format(alias) if known else "false"

    def _failed_records(self) -> str:
        """The condition that leaves out records of what was rolled back."""
        return " AND a.success IS NOT FALSE" if "success" in self.tables["audit_logs"] else ""

    # --- writing -----------------------------------------------------------------------------------------------------

    def carry_out(self, plan: Plan, delete_subscriptions: bool = False) -> t.List[Effect]:
        """Write the plan, without audit rows and without commit; returns what the removals did.

        A change that somebody else was faster with becomes FAILED in the plan.
        """
        self._write(plan.of(CREATED), plan.of(UPDATED), plan)
        # Before the removals: a key that gets a model back has one when another is taken from it.
        self._give_back(plan)
        effects = self._retire([change.model_name for change in plan.retiring])
        return effects + self._delete(plan, delete_subscriptions)

    def _write(self, created: t.Sequence[Change], updated: t.Sequence[Change], plan: Plan) -> None:
        """Add and change rows: two statements, whatever is to be written."""
        if not created and not updated:
            return
        columns = [column for column in self.types if column != "id"]
        types = {column: _SQL_TYPES[BY_COLUMN[column].type] for column in columns}
        self.database.load(
            _GIVEN,
            {"id": "text", "is_new": "boolean", "written": "text[]", **types},
            _given_rows(created, updated, columns),
        )
        written = "{0} = CASE WHEN '{0}' = ANY (given.written) THEN given.{0} ELSE m.{0} END"
        done = self.database.execute(
            _MERGE.format(given=_GIVEN, columns=", ".join(columns), written=", ".join([written.format(column) for column in columns]))
        )
        _settle(plan, created, done, "it was added by somebody else in the meantime")
        _settle(plan, updated, done, "its row was deleted by somebody else in the meantime")

    def _give_back(self, plan: Plan) -> None:
        if not plan.restored:
            return
        given = {
            "reason": RESTORE_REASON,
            "subscriptions": self._json([one for restoration in plan.restored for one in restoration.subscriptions]),
            "associations": self._json(
                [
                    {"key": key, "model": restoration.model_name, "free": key in restoration.unsubscribed}
                    for restoration in plan.restored
                    for key in restoration.associations
                ]
            ),
            "keys": self._json([one for restoration in plan.restored for one in restoration.keys]),
        }
        sql = _RESTORE.format(
            subscription=self._status_columns(),
            history=_HISTORY.format(old="inactive", new="active") if HISTORY in self.tables else "",
            subscription_changed=self._time("subscriptions", "s", "updated_at"),
            key_changed=self._time("api_keys", "k", "updated_at"),
            key_revoked=self._time("api_keys", "k", "revoked_at"),
            key_expires=self._time("api_keys", "k", "expires_at"),
            subscriber_off=self._owner_off("s"),
            key_owner_off=self._owner_off("k"),
        )
        effects = _effects(self.database.execute(sql, given))
        subscriptions = {affected for kind, dummy, affected in effects if kind == SUBSCRIPTIONS}
        associations = {(model, affected) for kind, model, affected in effects if kind == ASSOCIATIONS}
        keys = {affected for kind, dummy, affected in effects if kind == KEYS}
        keep_restored(plan, subscriptions, associations, keys)

    def _status_columns(self) -> str:
        """What is set with a subscription's status, as far as the backend has it."""
        optional = (("status_reason", "%(reason)s"), ("status_changed_at", "CURRENT_TIMESTAMP"))
        return "".join(", {0} = {1}".format(column, value) for column, value in optional if column in self.tables["subscriptions"])

    def _retire(self, names: t.Sequence[str]) -> t.List[Effect]:
        """Make models unavailable, as the backend does it: only keys that lost a model in this run can be switched off."""
        if not names:
            return []
        sql = _RETIRE.format(
            subscription=self._status_columns(),
            history=_HISTORY.format(old="active", new="inactive") if HISTORY in self.tables else "",
            keys_off=_KEYS_OFF,
        )
        return _effects(self.database.execute(sql, {"names": list(names), "reason": STATUS_REASON, "detached": []}))

    def _delete(self, plan: Plan, subscriptions: bool) -> t.List[Effect]:
        deleted = plan.of(DELETED)
        if not deleted:
            return []
        names = [change.model_name for change in deleted]
        # Who is subscribing to one of them right now is waited for, and who comes later waits for us.
        self.database.execute("SELECT id FROM models WHERE id = ANY (%(names)s) ORDER BY id FOR UPDATE", {"names": names})
        detached = self._detach(names) if subscriptions else []
        given = {"names": names, "subscriptions": subscriptions, "detached": [key for dummy, dummy2, key in detached]}
        effects = detached + _effects(self.database.execute(_DELETE.format(keys_off=_KEYS_OFF), given))
        gone = [{"id": model} for kind, model, dummy in effects if kind == MODELS]
        _settle(plan, deleted, gone, "somebody subscribed to it in the meantime")
        return effects

    def _detach(self, names: t.Sequence[str]) -> t.List[Effect]:
        """Keep API keys that would be deleted with a subscription that they belong to; they may have other models."""
        if "subscription_id" not in self.tables["api_keys"]:
            return []
        return _effects(self.database.execute(_DETACH, {"names": names}))

    def _json(self, value: t.Any) -> str:
        """Rows as JSON without what the database has no room for: it would have none for an escape either."""
        if self.database.encoding == _postgres.UTF8:
            return to_json(value)
        return self.database.fitting(to_json(value, ascii_only=False))

    def commit(self, records: t.Sequence[Row]) -> None:
        """Add rows to audit_logs, one statement for all, and keep what was written.

        There is at least one: ``{"action", "resource_type", "resource_id", "metadata", ...}``.
        """
        columns = [column for column in _AUDIT_TYPES if column in self.tables["audit_logs"]]
        typed = ", ".join("{0} {1}".format(column, _AUDIT_TYPES[column]) for column in columns)
        found = self.database.execute(
            "INSERT INTO audit_logs ({0}) SELECT {0} FROM jsonb_to_recordset(%(rows)s::jsonb) AS given({1}) "
            "RETURNING pg_current_xact_id()::text AS transaction".format(", ".join(columns), typed),
            {"rows": self._json(records)},
        )
        self.database.commit(found[0]["transaction"])


def check_tables(tables: _postgres.Tables, described: str) -> None:
    """Raise SchemaMismatch unless the tables are LiteMaaS's, with all that is needed."""
    if "models" not in tables:
        whose = "it is LiteLLM's own" if LITELLM_TABLE in tables else "there is no table models"
        raise SchemaMismatch(
            "The {0} is not LiteMaaS's: {1}. Check the database's name and schema in database_url, and that the LiteMaaS backend has "
            "started once".format(described, whose),
            missing=["models"],
        )
    missing = ["table {0}".format(table) for table in REQUIRED if table not in tables]
    for table, columns in REQUIRED.items():
        missing += ["column {0}.{1}".format(table, column) for column in columns if table in tables and column not in tables[table]]
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


def _given_rows(created: t.Iterable[Change], updated: t.Iterable[Change], columns: t.Sequence[str]) -> t.Iterator[t.List[t.Any]]:
    """What the changes write, as rows of the table of what is given: id, is_new, written, columns."""
    for is_new, changes in ((True, created), (False, updated)):
        for change in changes:
            written = change.columns
            yield [change.model_name, is_new, list(written), *[written.get(column) for column in columns]]


def _settle(plan: Plan, changes: t.Sequence[Change], done: t.Sequence[Row], reason: str) -> None:
    """Mark the changes that did not happen."""
    names = {row["id"] for row in done}
    for change in changes:
        if change.model_name not in names:
            change.action, change.reason = FAILED, reason
            change.columns, change.before = {}, {}
            plan.errors.append("{0}: {1}. Run again".format(change.model_name, reason))


def _key(row: Row) -> t.Mapping[str, t.Any]:
    [user] = row["people"]
    return {"id": row["id"], "user": user, "active": row["active"], "models": frozenset(row["things"] or ())}


def _usage(row: Row, keys: t.Mapping[str, t.Mapping[str, t.Any]]) -> Usage:
    """Who uses a model. A key stands once in memory, whichever models it has."""
    own = tuple(keys[identifier] for identifier in row["things"] or ())
    users = frozenset(row["people"] or ()) | frozenset(key["user"] for key in own)
    return Usage(row["subscriptions"], row["active_subscriptions"], users, own)


def _with_columns(right: str, columns: t.Optional[t.List[str]]) -> str:
    return "{0} ({1})".format(right, ", ".join(columns)) if columns else right


def _effects(rows: t.Iterable[Row]) -> t.List[Effect]:
    return [(row["kind"], row["model"], row["affected"]) for row in rows]


_AUDIT_TYPES = {
    "action": "text",
    "resource_type": "text",
    "resource_id": "text",
    "old_values": "jsonb",
    "user_agent": "text",
    "success": "boolean",
    "error_message": "text",
    "metadata": "jsonb",
}

# Rights that the user has neither to a table nor to all columns that are needed of it; "columns" where it has them to some.
_MISSING = """
SELECT n."right" || ' on ' || n.name AS missing,
    CASE WHEN cardinality(lacking.columns) < jsonb_array_length(n.columns) THEN lacking.columns END AS columns, place
FROM (SELECT item ->> 'name' AS name, item ->> 'right' AS "right", item -> 'columns' AS columns, place
        FROM jsonb_array_elements(%(needed)s::jsonb) WITH ORDINALITY AS given(item, place)) AS n
CROSS JOIN LATERAL (
    SELECT array_agg(c.name ORDER BY c.place) AS columns
    FROM jsonb_array_elements_text(n.columns) WITH ORDINALITY AS c(name, place)
    WHERE NOT has_column_privilege(n.name, c.name, n."right")) AS lacking
WHERE NOT has_table_privilege(n.name, n."right") AND (n.columns = '[]' OR lacking.columns IS NOT NULL)
UNION ALL SELECT %(temporary)s, NULL, 0 WHERE NOT has_database_privilege(current_database(), 'TEMPORARY')
ORDER BY place
"""

# The table that holds the rows to be written while they are written; with its schema, because another may have a table of its name.
_GIVEN = "pg_temp.litemaas_models_given"

_METADATA = """
(CASE WHEN metadata::text ~* %(suspect)s OR jsonb_typeof(metadata::jsonb) <> 'object' THEN metadata::jsonb
    ELSE jsonb_set(metadata::jsonb, '{litellm_model_info}', '{}', false) END)::text AS metadata"""

# PostgreSQL has times that Python has not: before the year 1, after 9999, and without end.
_UPDATED_AT = "CASE WHEN updated_at > '0001-01-03' AND updated_at < '9999-12-30' THEN updated_at END AS updated_at"

_MERGE = """
WITH added AS (
    INSERT INTO models (id, {columns}) SELECT id, {columns} FROM {given} WHERE is_new ON CONFLICT (id) DO NOTHING RETURNING id),
changed AS (
    UPDATE models m SET {written}, updated_at = CURRENT_TIMESTAMP FROM {given} given WHERE m.id = given.id AND NOT given.is_new
    RETURNING m.id)
SELECT id FROM added UNION ALL SELECT id FROM changed
"""

# One row for each model with the ids of its keys, and one for each of these keys with all its models.
_USAGE = """
WITH named AS MATERIALIZED (SELECT unnest(%(names)s::text[]) AS id),
subscribed AS (
    SELECT s.model_id, count(*) AS number, count(*) FILTER (WHERE s.status = 'active') AS active,
        array_agg(DISTINCT s.user_id::text) AS people
    FROM named JOIN subscriptions s ON s.model_id = named.id GROUP BY s.model_id),
used AS MATERIALIZED (
    SELECT a.model_id, k.id AS key FROM named JOIN api_key_models a ON a.model_id = named.id JOIN api_keys k ON k.id = a.api_key_id{tied}),
of_model AS (SELECT model_id, array_agg(key::text ORDER BY key) AS things FROM used GROUP BY model_id),
of_key AS (
    SELECT o.api_key_id, array_agg(o.model_id::text) AS things
    FROM (SELECT DISTINCT key FROM used) u JOIN api_key_models o ON o.api_key_id = u.key GROUP BY o.api_key_id)
SELECT 'model' AS kind, named.id, coalesce(s.number, 0) AS subscriptions, coalesce(s.active, 0) AS active_subscriptions, NULL AS active,
    s.people, m.things
FROM named LEFT JOIN subscribed s ON s.model_id = named.id LEFT JOIN of_model m ON m.model_id = named.id
UNION ALL
SELECT 'key', k.id::text, 0, 0, coalesce(k.is_active, false), ARRAY[k.user_id::text], o.things
FROM (SELECT DISTINCT key FROM used) u JOIN api_keys k ON k.id = u.key LEFT JOIN of_key o ON o.api_key_id = k.id
"""

# Older backends tie a key to a subscription.
_TIED = """
    UNION SELECT s.model_id, k.id FROM named JOIN subscriptions s ON s.model_id = named.id JOIN api_keys k ON k.subscription_id = s.id"""

# Within one statement every part sees the tables as they were before it, so associations that "freed" removes are left out by name.
_KEYS_OFF = """
stopped AS (
    UPDATE api_keys k SET is_active = false
    WHERE k.is_active AND k.id IN (SELECT api_key_id FROM freed UNION ALL SELECT unnest(%(detached)s::uuid[]))
        AND NOT EXISTS (SELECT 1 FROM api_key_models o WHERE o.api_key_id = k.id
            AND NOT EXISTS (SELECT 1 FROM gone WHERE gone.id = o.model_id))
    RETURNING k.id)
SELECT 'model' AS kind, id AS model, NULL AS affected FROM gone
UNION ALL SELECT 'subscription', model_id, id::text FROM ended
UNION ALL SELECT 'association', model_id, api_key_id::text FROM freed
UNION ALL SELECT 'key', NULL, id::text FROM stopped
UNION ALL SELECT 'unsubscribed', f.model_id, f.api_key_id::text FROM freed f JOIN api_keys k ON k.id = f.api_key_id
    WHERE NOT EXISTS (SELECT 1 FROM subscriptions s WHERE s.user_id = k.user_id AND s.model_id = f.model_id)
"""

_HISTORY = """
noted AS (
    INSERT INTO subscription_status_history (subscription_id, old_status, new_status, reason)
    SELECT id, '{old}', '{new}', %(reason)s FROM ended),
"""

_RETIRE = """
WITH gone AS (
    UPDATE models SET availability = 'unavailable', updated_at = CURRENT_TIMESTAMP
    WHERE id = ANY (%(names)s) AND availability IS DISTINCT FROM 'unavailable' RETURNING id),
ended AS (
    UPDATE subscriptions SET status = 'inactive'{subscription}
    WHERE model_id IN (SELECT id FROM gone) AND status = 'active' RETURNING id, model_id),
{history}
freed AS (DELETE FROM api_key_models WHERE model_id IN (SELECT id FROM gone) RETURNING api_key_id, model_id),
{keys_off}
"""

# Older backends tie a key to a subscription, and PostgreSQL deletes it with that.
_DETACH = """
UPDATE api_keys k SET subscription_id = NULL FROM subscriptions s
WHERE s.id = k.subscription_id AND s.model_id = ANY (%(names)s)
RETURNING 'detached' AS kind, s.model_id AS model, k.id::text AS affected
"""

_DELETE = """
WITH target AS (
    SELECT m.id FROM models m
    WHERE m.id = ANY (%(names)s) AND (%(subscriptions)s OR NOT EXISTS (SELECT 1 FROM subscriptions s WHERE s.model_id = m.id))),
ended AS (DELETE FROM subscriptions WHERE model_id IN (SELECT id FROM target) RETURNING id, model_id),
freed AS (DELETE FROM api_key_models WHERE model_id IN (SELECT id FROM target) RETURNING api_key_id, model_id),
gone AS (DELETE FROM models WHERE id IN (SELECT id FROM target) RETURNING id),
{keys_off}
"""

# A record with a time that no record can have, or none, is none. Nor can a number of this size be a count.
_DATED = "a.created_at > '2000-01-01' AND a.created_at < '9000-01-01'"
_ABSURD = """'$.** ? (@.type() == "number" && (@ > 1000000000000 || @ < -1000000000000))'"""
_UUID = "'^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'"

# "ours" is what this collection wrote; only it names what was taken. What the backend's own sync made inactive has the time of its
# record. "switched" is when a key was last switched off by us, for whichever model; "moments" are the times of all cascades. What
# the records name is compared as uuid, so that primary keys are used; each part is made once, however many records there are.
# What is there already is left out: of old records that is most.
_TAKEN = """
WITH logged AS (
    SELECT a.id, a.resource_id, a.action, a.created_at, a.metadata, a.metadata -> 'by' ->> 'collection' = 'litemaas.models' AS ours,
        max(a.created_at) FILTER (WHERE a.action = %(restored)s) OVER (PARTITION BY a.resource_id) AS restored_at
    FROM audit_logs a
    WHERE a.resource_type = 'MODEL' AND a.action = ANY (%(removals)s || %(restored)s::text) AND {dated}{failed}
        AND a.resource_id IS NOT NULL AND (%(names)s::text[] IS NULL OR a.resource_id = ANY (%(names)s::text[]))),
removed AS MATERIALIZED (
    SELECT id, resource_id AS model, action, created_at, coalesce(ours, false) AS ours,
        CASE jsonb_typeof(metadata -> 'restrictedAccess') WHEN 'boolean' THEN (metadata ->> 'restrictedAccess')::boolean END AS restricted,
        CASE WHEN NOT jsonb_path_exists(metadata -> 'cascadeStatistics', {absurd}) THEN metadata -> 'cascadeStatistics' END AS counts,
        CASE WHEN ours AND jsonb_typeof(metadata -> 'subscriptions') = 'array'
            THEN metadata -> 'subscriptions' ELSE '[]' END AS subscriptions,
        CASE WHEN ours AND jsonb_typeof(metadata -> 'apiKeys') = 'array' THEN metadata -> 'apiKeys' ELSE '[]' END AS keys,
        CASE WHEN ours AND jsonb_typeof(metadata -> 'apiKeysWithoutSubscription') = 'array'
            THEN metadata -> 'apiKeysWithoutSubscription' ELSE '[]' END AS unsubscribed
    FROM logged WHERE action <> %(restored)s AND (restored_at IS NULL OR created_at > restored_at)),
moments AS MATERIALIZED (
    SELECT DISTINCT a.created_at FROM audit_logs a
    WHERE a.resource_type = 'MODEL' AND a.action = ANY (%(removals)s || %(restored)s::text) AND {dated}{failed}
        AND a.created_at >= (SELECT min(created_at) FROM removed)),
switched AS MATERIALIZED (
    SELECT key.id, max(a.created_at) AS at
    FROM audit_logs a CROSS JOIN LATERAL jsonb_array_elements_text(
        CASE jsonb_typeof(a.metadata -> 'apiKeysDeactivated') WHEN 'array' THEN a.metadata -> 'apiKeysDeactivated' ELSE '[]' END
    ) AS key(id)
    WHERE a.resource_type = 'MODEL' AND a.action = ANY (%(removals)s) AND {dated}{failed}
        AND a.metadata -> 'by' ->> 'collection' = 'litemaas.models' AND a.created_at >= (SELECT min(created_at) FROM removed WHERE ours)
    GROUP BY key.id),
unsubscribed AS MATERIALIZED (
    SELECT DISTINCT r.id AS record, item.id FROM removed r CROSS JOIN LATERAL jsonb_array_elements_text(r.unsubscribed) AS item(id)),
subscriptions_taken AS MATERIALIZED (
    SELECT hit.record, jsonb_agg(jsonb_build_object(
            'id', hit.id, 'status', s.status, 'version', {subscription_changed}, 'same_row', {subscription_changed} = hit.created_at,
            'same_status', {status_changed} = hit.created_at, 'owner_off', {subscriber_off},
            'expired', coalesce({subscription_expires} <= CURRENT_TIMESTAMP, false)) ORDER BY hit.id) AS things
    FROM (
        SELECT r.id AS record, r.model, r.created_at, item.id, CASE WHEN item.id ~ {uuid} THEN item.id::uuid END AS uuid
        FROM removed r CROSS JOIN LATERAL jsonb_array_elements_text(r.subscriptions) AS item(id)
        UNION ALL
        SELECT r.id, r.model, r.created_at, s.id::text, s.id FROM removed r JOIN subscriptions s
            ON s.model_id = r.model AND s.status = 'inactive' AND {subscription_changed} = r.created_at
        WHERE NOT r.ours) AS hit
    LEFT JOIN subscriptions s ON s.id = hit.uuid AND s.model_id = hit.model
    WHERE s.status IS DISTINCT FROM 'active'
    GROUP BY hit.record),
keys_taken AS MATERIALIZED (
    SELECT hit.record, jsonb_agg(jsonb_build_object(
            'id', hit.id, 'exists', k.id IS NOT NULL, 'active', coalesce(k.is_active, false), 'version', {key_changed},
            'same_row', coalesce({key_changed} = switched.at, false), 'switched_off', switched.id IS NOT NULL,
            'untouched', coalesce({key_changed} <= hit.created_at, false) OR moments.created_at IS NOT NULL,
            'revoked', {key_revoked} IS NOT NULL, 'expired', coalesce({key_expires} <= CURRENT_TIMESTAMP, false),
            'owner_off', {key_owner_off}, 'has', has.api_key_id IS NOT NULL, 'unsubscribed', unsubscribed.id IS NOT NULL,
            'subscription', s.id, 'subscription_status', s.status) ORDER BY hit.id) AS things
    FROM (
        SELECT r.id AS record, r.model, r.created_at, item.id, CASE WHEN item.id ~ {uuid} THEN item.id::uuid END AS uuid
        FROM removed r CROSS JOIN LATERAL jsonb_array_elements_text(r.keys) AS item(id)) AS hit
    LEFT JOIN api_keys k ON k.id = hit.uuid
    LEFT JOIN api_key_models has ON has.api_key_id = k.id AND has.model_id = hit.model
    LEFT JOIN subscriptions s ON s.user_id = k.user_id AND s.model_id = hit.model
    LEFT JOIN switched ON switched.id = hit.id AND switched.at >= hit.created_at
    LEFT JOIN moments ON moments.created_at = {key_changed}
    LEFT JOIN unsubscribed ON unsubscribed.record = hit.record AND unsubscribed.id = hit.id
    WHERE has.api_key_id IS NULL OR NOT coalesce(k.is_active, false)
    GROUP BY hit.record)
SELECT r.model AS model_name, r.id::text AS audit_id, r.action, r.created_at AS at, r.ours, r.restricted, r.counts,
    coalesce(subscriptions_taken.things, '[]') AS subscriptions, coalesce(keys_taken.things, '[]') AS keys
FROM removed r
LEFT JOIN subscriptions_taken ON subscriptions_taken.record = r.id
LEFT JOIN keys_taken ON keys_taken.record = r.id
ORDER BY r.model, r.created_at DESC, audit_id
"""

# What a person changed after the plan was made is seen here: a key gets a model only with its owner's subscription, active already
# or in this statement. "free" are keys that had the model without one.
_RESTORE = """
WITH ended AS (
    UPDATE subscriptions s SET status = 'active'{subscription}
    FROM jsonb_to_recordset(%(subscriptions)s::jsonb) AS given(id uuid, version timestamptz), models m
    WHERE s.id = given.id AND s.status = 'inactive' AND {subscription_changed} IS NOT DISTINCT FROM given.version
        AND m.id = s.model_id AND m.availability = 'available' AND NOT {subscriber_off}
    RETURNING s.id, s.model_id, s.user_id),
{history}
given_back AS (
    INSERT INTO api_key_models (api_key_id, model_id)
    SELECT k.id, m.id FROM jsonb_to_recordset(%(associations)s::jsonb) AS given(key uuid, model text, free boolean)
    JOIN api_keys k ON k.id = given.key JOIN models m ON m.id = given.model AND m.availability = 'available'
    LEFT JOIN subscriptions s ON s.user_id = k.user_id AND s.model_id = m.id
    LEFT JOIN ended e ON e.id = s.id
    WHERE (s.status = 'active' OR e.id IS NOT NULL OR (s.id IS NULL AND given.free))
        AND {key_revoked} IS NULL AND coalesce({key_expires} > CURRENT_TIMESTAMP, true) AND NOT {key_owner_off}
    ON CONFLICT DO NOTHING RETURNING api_key_id, model_id),
started AS (
    UPDATE api_keys k SET is_active = true
    FROM jsonb_to_recordset(%(keys)s::jsonb) AS given(id uuid, version timestamptz)
    WHERE k.id = given.id AND NOT k.is_active AND {key_changed} IS NOT DISTINCT FROM given.version AND NOT {key_owner_off}
        AND (k.id IN (SELECT api_key_id FROM given_back) OR EXISTS (
            SELECT 1 FROM api_key_models o JOIN models m ON m.id = o.model_id WHERE o.api_key_id = k.id AND m.availability = 'available'))
    RETURNING k.id)
SELECT 'subscription' AS kind, model_id AS model, id::text AS affected FROM ended
UNION ALL SELECT 'association', model_id, api_key_id::text FROM given_back
UNION ALL SELECT 'key', NULL, id::text FROM started
"""

_LOG = """
WITH known AS (
    SELECT a.id, a.action, a.created_at FROM audit_logs a
    WHERE a.resource_type = 'MODEL' AND a.action = ANY (%(actions)s) AND {dated}),
chosen AS (
    (SELECT id FROM known ORDER BY created_at DESC, id LIMIT %(limit)s)
    UNION
    (SELECT id FROM known WHERE action = %(latest)s ORDER BY created_at DESC, id LIMIT 1))
SELECT a.id::text AS id, a.action, a.resource_id AS model_name, {success} AS success, a.created_at AS at, {error} AS error,
    (SELECT coalesce(jsonb_object_agg(field.key, field.value), '{{}}')
        FROM jsonb_each(CASE jsonb_typeof(a.metadata) WHEN 'object' THEN a.metadata ELSE '{{}}' END) AS field
        WHERE field.key = ANY (%(fields)s) AND NOT jsonb_path_exists(field.value, {absurd})) AS metadata
FROM audit_logs a JOIN chosen USING (id)
ORDER BY a.created_at DESC, a.id
"""

_OVERVIEW = """
SELECT s.subscriptions, s.active_subscriptions, k.api_keys, k.active_api_keys, k.without_models, u.on_unavailable
FROM (SELECT count(*) AS subscriptions, count(*) FILTER (WHERE status = 'active') AS active_subscriptions FROM subscriptions) AS s,
    (SELECT count(*) AS api_keys, count(*) FILTER (WHERE is_active) AS active_api_keys,
            count(*) FILTER (WHERE is_active AND NOT EXISTS (SELECT 1 FROM api_key_models o WHERE o.api_key_id = a.id)) AS without_models
        FROM api_keys a) AS k,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('model_name', hit.id, 'active_subscriptions', hit.number) ORDER BY hit.id), '[]')
            AS on_unavailable
        FROM (
            SELECT m.id, count(*) AS number FROM models m JOIN subscriptions o ON o.model_id = m.id
            WHERE m.availability = 'unavailable' AND o.status = 'active' GROUP BY m.id) AS hit) AS u
"""
