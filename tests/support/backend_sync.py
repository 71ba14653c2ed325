# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The LiteMaaS backend's own sync: what it writes, what it takes for equal, and what it does to models that are gone.

Written from a description of its behaviour, and held to recorded cases of the real one (tests/data/backend_cases). Like the
backend it works statement by statement, so an error of one model leaves the others as they are.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import Any

import psycopg2
import psycopg2.extras

from tests.support.javascript import ScriptError, either, member, member_if_any, parsed, sent, shown, strictly_equal, truthy, value_if_any

COLUMNS = (
    "name", "provider", "category", "context_length", "input_cost_per_token", "output_cost_per_token", "supports_vision",
    "supports_function_calling", "supports_tool_choice", "supports_parallel_function_calling", "supports_streaming", "features",
    "availability", "version", "metadata", "api_base", "tpm", "rpm", "max_tokens", "litellm_model_id", "backend_model_name",
)  # fmt: skip
CAPABILITIES = ("supports_vision", "supports_function_calling", "supports_tool_choice", "supports_parallel_function_calling")
COSTS = ("input_cost_per_token", "output_cost_per_token")
FEATURES_WRITTEN = ("kind", "function_calling", "parallel_function_calling", "tool_choice", "vision", "tokenize")
FEATURES_COMPARED = ("function_calling", "parallel_function_calling", "tool_choice", "vision", "kind", "tokenize")
CASCADE_ACTION = "MODEL_MARKED_UNAVAILABLE_WITH_CASCADE"
NOT_LOADED = "LLM Model List not loaded in"
METADATA = {"litellm_model_info": "model_info", "litellm_params": "litellm_params"}
Entry = Mapping[str, Any]


@dataclasses.dataclass
class SyncReport:
    """What one sync did. ``written`` and ``retired`` are names of rows that it really touched; the counts are its own."""

    total: int = 0
    new: int = 0
    updated: int = 0
    unavailable: int = 0
    cascade: Counter[str] = dataclasses.field(default_factory=Counter)
    written: list[str] = dataclasses.field(default_factory=list)
    retired: list[str] = dataclasses.field(default_factory=list)
    errors: list[str] = dataclasses.field(default_factory=list)

    def as_answered(self) -> dict[str, Any]:
        """Return what the backend answers of its sync, without the time."""
        counts = ("subscriptionsDeactivated", "apiKeyModelAssociationsRemoved", "orphanedApiKeysDeactivated")
        return {
            "success": not self.errors,
            "totalModels": self.total,
            "newModels": self.new,
            "updatedModels": self.updated,
            "unavailableModels": self.unavailable,
            "cascadeStatistics": {count: self.cascade[count] for count in counts},
            "errors": self.errors,
        }


def run_backend_sync(connection: Any, entries: Iterable[Entry], *, force: bool = False) -> list[str]:
    """Sync the entries of ``GET /model/info``; returns the names that were inserted or updated."""
    return sync_models(connection, list(entries), force=force).written


def sync_answer(connection: Any, status: int, body: str, *, saved: Collection[str] | None = None, mark: bool = True) -> SyncReport:
    """Sync what LiteLLM answered to ``GET /model/info``, whatever it is. The arguments are those of ``sync_models``."""
    try:
        return sync_models(connection, read_answer(status, body), saved=saved, mark=mark)
    except ScriptError as error:
        return SyncReport(errors=[f"Synchronization failed: {error}"])


def read_answer(status: int, body: str) -> list[Any]:
    """Return the entries of an answer. Raises ScriptError where the backend gives up."""
    answer = parsed(body)
    if status >= 400:
        detail, message = (member_if_any(answer, name) for name in ("detail", "error"))
        told = [member_if_any(detail, "error"), detail, member_if_any(message, "message")]
        if status == 500 and any(isinstance(text, str) and NOT_LOADED in text for text in told):
            return []
        raise ScriptError(f"LiteLLM API error: {status} - {shown(told[-1])}")
    entries = member(answer, "data")
    if not isinstance(entries, list):
        member(entries, "map")
        raise ScriptError("litellmModels.map is not a function")
    return entries


def sync_models(
    connection: Any, entries: Sequence[Entry], *, saved: Collection[str] | None = None, force: bool = False, mark: bool = True
) -> SyncReport:
    """Sync over a psycopg2 connection, which gets autocommit. Raises ScriptError before the first statement.

    ``entries`` are those of ``GET /model/info``. ``saved`` are the names in LiteLLM's table, where the backend has
    LITELLM_DATABASE_URL: other entries are skipped, and only names that are not in it go. ``mark`` False lets them stay.
    """
    connection.autocommit = True
    names = {_key(member(entry, "model_name")) for entry in entries} if saved is None else {_key(name) for name in saved}
    kept = [entry for entry in entries if _key(member(entry, "model_name")) in names]
    report = SyncReport(total=len(kept))
    with connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
        cursor.execute("SELECT id FROM models ORDER BY id")
        existing = [row["id"] for row in cursor.fetchall()]
        known = {_key(name) for name in existing}
        for entry in kept:
            _sync_one(cursor, entry, _key(member(entry, "model_name")) in known, force, report)
        for name in existing if mark else ():
            if _key(name) not in names:
                report.unavailable += 1
                mark_unavailable(cursor, name, report)
    return report


def _key(name: Any) -> Hashable:
    """Return what a JavaScript Set takes for the same: a number is no text, and an object only itself."""
    kind: type = float if isinstance(name, int) and not isinstance(name, bool) else type(name)
    return (kind, id(name) if isinstance(name, list | dict) else name)


def _sync_one(cursor: Any, entry: Entry, known: bool, force: bool, report: SyncReport) -> None:
    name = member(entry, "model_name")
    try:
        if not known:
            _insert(cursor, entry)
            report.new += 1
        else:
            cursor.execute("SELECT * FROM models WHERE id = %s", [name])
            if not force and is_equal(cursor.fetchone(), entry):
                return
            _update(cursor, entry)
            report.updated += 1
        report.written.append(name)
    except (psycopg2.Error, ScriptError) as error:
        report.errors.append(f"Failed to sync model {shown(name)}: {_message(error)}")


def _insert(cursor: Any, entry: Entry) -> None:
    values = [member(entry, "model_name"), *written_row(entry).values()]
    places = ", ".join(["%s"] * len(values))
    cursor.execute(f"INSERT INTO models (id, {', '.join(COLUMNS)}) VALUES ({places})", _parameters(values))


def _update(cursor: Any, entry: Entry) -> None:
    values = [*written_row(entry).values(), member(entry, "model_name")]
    cursor.execute(f"UPDATE models SET {', '.join(f'{column} = %s' for column in COLUMNS)} WHERE id = %s", _parameters(values))


def _parameters(values: Iterable[Any]) -> list[str | None]:
    parameters = [sent(value) for value in values]
    if any("\0" in text for text in parameters if text):
        # PostgreSQL's own words: node-pg sends it, and psycopg2 does not.
        raise ScriptError('invalid byte sequence for encoding "UTF8": 0x00')
    return parameters


def _message(error: Exception) -> str:
    """Return the text of an error as node-pg has it: PostgreSQL's first line, without the statement."""
    return error.diag.message_primary or str(error) if isinstance(error, psycopg2.Error) else str(error)


# --- what is gone ------------------------------------------------------------------------------------------------------


def mark_unavailable(cursor: Any, name: str, report: SyncReport) -> None:
    """Make one model unavailable in a transaction of its own; every active key without any model is switched off with it."""
    try:
        cursor.execute("BEGIN")
        cursor.execute("UPDATE models SET availability = 'unavailable' WHERE id = %s AND availability != 'unavailable'", [name])
        if cursor.rowcount:
            counts = _cascade(cursor, name)
            _audit(cursor, name, counts)
            report.cascade.update(counts)
            report.retired.append(name)
        cursor.execute("COMMIT")
    except psycopg2.Error as error:
        cursor.execute("ROLLBACK")
        report.errors.append(f"Failed to mark model {name} as unavailable: {_message(error)}")
        _audit(cursor, name, None, _message(error))


def _cascade(cursor: Any, name: str) -> dict[str, int]:
    counts = {}
    for count, statement in (
        ("subscriptionsDeactivated", "UPDATE subscriptions SET status = 'inactive' WHERE model_id = %(name)s AND status = 'active'"),
        ("apiKeyModelAssociationsRemoved", "DELETE FROM api_key_models WHERE model_id = %(name)s"),
        (
            "orphanedApiKeysDeactivated",
            "UPDATE api_keys SET is_active = false WHERE is_active = true AND id NOT IN (SELECT api_key_id FROM api_key_models)",
        ),
    ):
        cursor.execute(statement, {"name": name})
        counts[count] = cursor.rowcount
    return counts


def _audit(cursor: Any, name: str, statistics: dict[str, int] | None, error: str | None = None) -> None:
    metadata: dict[str, Any] = {"modelId": name, "operation": "model_sync_cascade"}
    metadata["timestamp"] = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if statistics is not None:
        metadata["cascadeStatistics"] = statistics
    cursor.execute(
        "INSERT INTO audit_logs (user_id, action, resource_type, resource_id, metadata, success, error_message) "
        "VALUES (NULL, %s, 'MODEL', %s, %s, %s, %s)",
        [CASCADE_ACTION, name, json.dumps(metadata), error is None, error],
    )


# --- one entry ---------------------------------------------------------------------------------------------------------


def written_row(entry: Entry) -> dict[str, Any]:
    """Return the columns that the backend writes for an entry, as JavaScript has them before they are sent."""
    params, info = (value_if_any(entry, name) for name in ("litellm_params", "model_info"))
    model = value_if_any(params, "model")
    metadata = {place: entry[name] for place, name in METADATA.items() if name in entry}
    return dict(zip(COLUMNS, (
        value_if_any(entry, "model_name"),
        either(value_if_any(params, "custom_llm_provider"), provider(model)),
        "Language Model",
        value_if_any(info, "max_tokens"),
        *(either(value_if_any(info, column), value_if_any(params, column)) for column in COSTS),
        *(either(value_if_any(info, name), False) for name in CAPABILITIES),
        True,
        features(info, FEATURES_WRITTEN),
        "available",
        "1.0",
        metadata,
        value_if_any(params, "api_base"),
        value_if_any(params, "tpm"),
        value_if_any(params, "rpm"),
        value_if_any(info, "max_tokens"),
        value_if_any(info, "id"),
        backend_name(model),
    ), strict=True))  # fmt: skip


def is_equal(row: Mapping[str, Any] | None, entry: Entry) -> bool:
    """Tell whether the backend takes a row for up to date."""
    return row is not None and not differences(row, entry)


def differences(row: Mapping[str, Any], entry: Entry) -> set[str]:
    """Return the columns in which the backend takes a row for another one than the entry's."""
    params, info = (value_if_any(entry, name) for name in ("litellm_params", "model_info"))
    wanted = written_row(entry)
    different = {column for column in COSTS if not abs(_number(row[column]) - _number(wanted[column])) < 1e-10}
    exact = {
        "availability": "available",
        "version": "1.0",
        "supports_streaming": True,
        **{column: wanted[column] for column in CAPABILITIES},
        "context_length": either(value_if_any(info, "max_tokens"), None),
        "max_tokens": either(value_if_any(info, "max_tokens"), None),
        "api_base": either(value_if_any(params, "api_base"), None),
        "backend_model_name": either(wanted["backend_model_name"], None),
        "tpm": either(value_if_any(params, "tpm"), None),
        "rpm": either(value_if_any(params, "rpm"), None),
        "litellm_model_id": either(value_if_any(info, "id"), None),
    }
    different.update(column for column, value in exact.items() if not strictly_equal(row[column], value))
    return different if (row["features"] or []) == features(info, FEATURES_COMPARED) else {*different, "features"}


def is_never_equal(entry: Entry) -> bool:
    """Tell whether the backend takes no row for one of this entry, because what LiteLLM says has another type than the column."""
    wanted = written_row(entry)
    typed: dict[str, type] = {
        **dict.fromkeys(CAPABILITIES, bool),
        **dict.fromkeys(("context_length", "max_tokens", "tpm", "rpm"), int),
        **dict.fromkeys(("api_base", "backend_model_name", "litellm_model_id"), str),
    }
    kinds: dict[type, tuple[type, ...]] = {bool: (bool,), int: (int, float), str: (str,)}
    wrong = [name for name, kind in typed.items() if truthy(wanted[name]) and not issubclass(type(wanted[name]), kinds[kind])]
    return bool(wrong) or any(_number(wanted[name]) != _number(wanted[name]) for name in COSTS)


def features(info: Any, order: Iterable[str]) -> list[str]:
    """Return a model's features in an order."""
    embeddings = truthy(value_if_any(info, "supports_embeddings")) or truthy(value_if_any(info, "supports_embedding"))
    kind = "embeddings" if embeddings else "convert" if truthy(value_if_any(info, "supports_convert")) else "chat"
    return [kind if name == "kind" else name for name in order if name == "kind" or truthy(value_if_any(info, f"supports_{name}"))]


def provider(model: Any) -> str:
    """Return the provider by a model's name: what stands before the first slash."""
    return str(model).split("/", 1)[0] if _has_slash(model) else "unknown"


def backend_name(model: Any) -> Any:
    """Return what stands behind the first slash; "openai/" has the empty text there."""
    return str(model).split("/", 1)[1] if _has_slash(model) else either(model, None)


def _has_slash(model: Any) -> bool:
    """Return ``model?.includes("/")``, which texts and lists can answer."""
    if model is None:
        return False
    if not isinstance(model, str | list):
        raise ScriptError("litellmModel.litellm_params?.model?.includes is not a function")
    if isinstance(model, list) and "/" in model:
        raise ScriptError("litellmModel.litellm_params.model.split is not a function")
    return "/" in model


def _number(value: Any) -> float:
    """Return a cost as the equality check sees it: missing is 0, a text is parsed, what is no number is equal to nothing."""
    try:
        return float(value) if truthy(value) else 0.0
    except (TypeError, ValueError):
        return float("nan")
