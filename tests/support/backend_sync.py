# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The LiteMaaS backend's own sync: what it writes, what it takes for equal, and what it does to models that are gone.

Written from a description of its behaviour, to test that it and the collection leave each other's rows alone. Like the
backend it works statement by statement, so an error of one model leaves the others as they are.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import psycopg2
import psycopg2.extras

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
_SURROGATE = re.compile("[\ud800-\udfff]")
Entry = Mapping[str, Any]


@dataclasses.dataclass
class SyncReport:
    """What one sync did. ``written`` and ``retired`` are names of rows that it really touched; the counts are its own."""

    total: int = 0
    new: int = 0
    updated: int = 0
    unavailable: int = 0
    written: list[str] = dataclasses.field(default_factory=list)
    retired: list[str] = dataclasses.field(default_factory=list)
    errors: list[str] = dataclasses.field(default_factory=list)


def run_backend_sync(connection: Any, entries: Iterable[Entry], *, force: bool = False) -> list[str]:
    """Sync the entries of ``GET /model/info``; returns the names that were inserted or updated."""
    return sync_models(connection, list(entries), force=force).written


def sync_models(connection: Any, entries: Sequence[Entry], *, saved: Collection[str] | None = None, force: bool = False) -> SyncReport:
    """Sync over a psycopg2 connection, which gets autocommit.

    ``entries`` are those of ``GET /model/info``. ``saved`` are the names in LiteLLM's table, where the backend has
    LITELLM_DATABASE_URL: other entries are skipped, and only names that are not in it go.
    """
    connection.autocommit = True
    names = {entry["model_name"] for entry in entries} if saved is None else set(saved)
    kept = [entry for entry in entries if entry["model_name"] in names]
    report = SyncReport(total=len(kept))
    with connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
        cursor.execute("SELECT id FROM models ORDER BY id")
        existing = dict.fromkeys(row["id"] for row in cursor.fetchall())
        for entry in kept:
            _sync_one(cursor, entry, entry["model_name"] in existing, force, report)
        for name in existing:
            if name not in names:
                report.unavailable += 1
                mark_unavailable(cursor, name, report)
    return report


def _sync_one(cursor: Any, entry: Entry, known: bool, force: bool, report: SyncReport) -> None:
    name = entry["model_name"]
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
    except (psycopg2.Error, ValueError) as error:
        report.errors.append(f"Failed to sync model {name}: {error}")


def _insert(cursor: Any, entry: Entry) -> None:
    values = [sent(value) for value in written_row(entry).values()]
    places = ", ".join(["%s"] * (len(COLUMNS) + 1))
    cursor.execute(f"INSERT INTO models (id, {', '.join(COLUMNS)}) VALUES ({places})", [sent(entry["model_name"]), *values])


def _update(cursor: Any, entry: Entry) -> None:
    values = [sent(value) for value in written_row(entry).values()]
    cursor.execute(f"UPDATE models SET {', '.join(f'{column} = %s' for column in COLUMNS)} WHERE id = %s", [*values, entry["model_name"]])


# --- what is gone ------------------------------------------------------------------------------------------------------


def mark_unavailable(cursor: Any, name: str, report: SyncReport) -> None:
    """Make one model unavailable in a transaction of its own; every active key without any model is switched off with it."""
    try:
        cursor.execute("BEGIN")
        cursor.execute("UPDATE models SET availability = 'unavailable' WHERE id = %s AND availability != 'unavailable'", [name])
        if cursor.rowcount:
            _audit(cursor, name, _cascade(cursor, name))
            report.retired.append(name)
        cursor.execute("COMMIT")
    except psycopg2.Error as error:
        cursor.execute("ROLLBACK")
        report.errors.append(f"Failed to mark model {name} as unavailable: {error}")
        _audit(cursor, name, None, str(error))


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
    params, info = entry["litellm_params"], entry["model_info"]
    model = params.get("model")
    metadata = {"litellm_model_info": info, "litellm_params": params}
    return dict(zip(COLUMNS, (
        entry["model_name"],
        either(params.get("custom_llm_provider"), model.split("/")[0] if "/" in (model or "") else "unknown"),
        "Language Model",
        info.get("max_tokens"),
        *(either(info.get(column), params.get(column)) for column in COSTS),
        *(either(info.get(name), False) for name in CAPABILITIES),
        True,
        features(info, FEATURES_WRITTEN),
        "available",
        "1.0",
        metadata,
        params.get("api_base"),
        params.get("tpm"),
        params.get("rpm"),
        info.get("max_tokens"),
        info.get("id"),
        backend_name(model),
    ), strict=True))  # fmt: skip


def is_equal(row: Mapping[str, Any] | None, entry: Entry) -> bool:
    """Tell whether the backend takes a row for up to date."""
    return row is not None and not differences(row, entry)


def differences(row: Mapping[str, Any], entry: Entry) -> set[str]:
    """Return the columns in which the backend takes a row for another one than the entry's."""
    params, info = entry["litellm_params"], entry["model_info"]
    wanted = written_row(entry)
    different = {column for column in COSTS if not abs(_number(row[column]) - _number(wanted[column])) < 1e-10}
    exact = {
        "availability": "available",
        "version": "1.0",
        "supports_streaming": True,
        **{column: wanted[column] for column in CAPABILITIES},
        "context_length": either(info.get("max_tokens"), None),
        "max_tokens": either(info.get("max_tokens"), None),
        "api_base": either(params.get("api_base"), None),
        "backend_model_name": either(wanted["backend_model_name"], None),
        "tpm": either(params.get("tpm"), None),
        "rpm": either(params.get("rpm"), None),
        "litellm_model_id": either(info.get("id"), None),
    }
    different.update(column for column, value in exact.items() if not _strictly_equal(row[column], value))
    return different if (row["features"] or []) == features(info, FEATURES_COMPARED) else {*different, "features"}


def is_never_equal(entry: Entry) -> bool:
    """Tell whether the backend takes no row for one of this entry, because what LiteLLM says has another type than the column."""
    wanted = written_row(entry)
    typed = {
        **dict.fromkeys(CAPABILITIES, bool),
        **dict.fromkeys(("context_length", "max_tokens", "tpm", "rpm"), (int, float)),
        **dict.fromkeys(("api_base", "backend_model_name", "litellm_model_id"), str),
    }
    wrong = [name for name, kind in typed.items() if truthy(wanted[name]) and (not isinstance(wanted[name], kind))]
    return bool(wrong) or any(_number(wanted[name]) != _number(wanted[name]) for name in COSTS)


def features(info: Mapping[str, Any], order: Iterable[str]) -> list[str]:
    """Return a model's features in an order."""
    embeddings = truthy(info.get("supports_embeddings")) or truthy(info.get("supports_embedding"))
    kind = "embeddings" if embeddings else "convert" if truthy(info.get("supports_convert")) else "chat"
    return [kind if name == "kind" else name for name in order if name == "kind" or truthy(info.get(f"supports_{name}"))]


def backend_name(model: str | None) -> str | None:
    """Return what stands behind the first slash; "openai/" has the empty text there."""
    return model.split("/", 1)[1] if model and "/" in model else model or None


# --- JavaScript --------------------------------------------------------------------------------------------------------


def truthy(value: Any) -> bool:
    """Tell what JavaScript takes for true: empty lists and objects too."""
    return value is not None and value is not False and value != "" and (isinstance(value, bool | list | dict) or value != 0)


def either(one: Any, other: Any) -> Any:
    """Return ``one || other``."""
    return one if truthy(one) else other


def _strictly_equal(have: Any, want: Any) -> bool:
    """Return ``have === want``."""
    return have == want and isinstance(have, bool) == isinstance(want, bool)


def _number(value: Any) -> float:
    """Return a cost as the equality check sees it: missing is 0, a text is parsed, what is no number is equal to nothing."""
    try:
        return float(value) if truthy(value) else 0.0
    except (TypeError, ValueError):
        return float("nan")


def sent(value: Any) -> str | None:
    """Return a value as node-pg sends it: as text, a list as an array literal, an object as JSON."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        number = float(value)
        return str(int(number)) if number.is_integer() else repr(number)
    if isinstance(value, list):
        return "{" + ",".join("NULL" if item is None else json.dumps(sent(item), ensure_ascii=False) for item in value) + "}"
    return json.dumps(value) if isinstance(value, dict) else _SURROGATE.sub("\ufffd", value)
