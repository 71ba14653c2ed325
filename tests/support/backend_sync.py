# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The LiteMaaS backend's own sync, in its effects on the table ``models``: what it writes, and what it takes for equal.

Written from a description of its behaviour, to test that it and the collection leave each other's rows alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

COLUMNS = (
    "name", "provider", "category", "context_length", "input_cost_per_token", "output_cost_per_token", "supports_vision",
    "supports_function_calling", "supports_tool_choice", "supports_parallel_function_calling", "supports_streaming", "features",
    "availability", "version", "metadata", "api_base", "tpm", "rpm", "max_tokens", "litellm_model_id", "backend_model_name",
)  # fmt: skip
Entry = Mapping[str, Any]


def run_backend_sync(connection: Any, entries: Iterable[Entry], *, force: bool = False) -> list[str]:
    """Sync the entries of ``GET /model/info`` over a psycopg2 connection; returns the names that were inserted or updated."""
    written = []
    with connection, connection.cursor() as cursor:
        for entry in entries:
            name = entry["model_name"]
            cursor.execute(f"SELECT {', '.join(COLUMNS)} FROM models WHERE id = %s", [name])
            found = cursor.fetchone()
            row = None if found is None else dict(zip(COLUMNS, found, strict=True))
            if row is not None and not force and is_equal(row, entry):
                continue
            values = [_sent(value) for value in written_row(entry).values()]
            if row is None:
                places = ", ".join(["%s"] * (len(COLUMNS) + 1))
                cursor.execute(f"INSERT INTO models (id, {', '.join(COLUMNS)}) VALUES ({places})", [name, *values])
            else:
                assignments = ", ".join(f"{column} = %s" for column in COLUMNS)
                cursor.execute(f"UPDATE models SET {assignments} WHERE id = %s", [*values, name])
            written.append(name)
    return written


def written_row(entry: Entry) -> dict[str, Any]:
    """Return the columns that the backend writes for an entry."""
    params, info = entry["litellm_params"], entry["model_info"]
    model = params.get("model") or ""
    return dict(zip(COLUMNS, (
        entry["model_name"],
        params.get("custom_llm_provider") or (model.split("/")[0] if "/" in model else "unknown"),
        "Language Model",
        info.get("max_tokens"),
        either(info.get("input_cost_per_token"), params.get("input_cost_per_token")),
        either(info.get("output_cost_per_token"), params.get("output_cost_per_token")),
        *(bool(info.get(name)) for name in (
            "supports_vision", "supports_function_calling", "supports_tool_choice", "supports_parallel_function_calling")),
        True,
        features(info, ("kind", "function_calling", "parallel_function_calling", "tool_choice", "vision")),
        "available",
        "1.0",
        {"litellm_model_info": info, "litellm_params": params},
        params.get("api_base"),
        params.get("tpm"),
        params.get("rpm"),
        info.get("max_tokens"),
        info.get("id"),
        backend_name(model),
    ), strict=True))  # fmt: skip


def is_equal(row: Mapping[str, Any], entry: Entry) -> bool:
    """Tell whether the backend takes a row for up to date."""
    params, info = entry["litellm_params"], entry["model_info"]
    wanted = written_row(entry)
    same_costs = all(
        abs(float(row[column] or 0) - float(wanted[column] or 0)) < 1e-10 for column in ("input_cost_per_token", "output_cost_per_token")
    )
    exact = {
        "availability": "available",
        "version": "1.0",
        "supports_streaming": True,
        **{column: wanted[column] for column in COLUMNS if column.startswith("supports_")},
        "context_length": info.get("max_tokens") or None,
        "max_tokens": info.get("max_tokens") or None,
        "api_base": params.get("api_base") or None,
        "backend_model_name": wanted["backend_model_name"] or None,
        "tpm": params.get("tpm") or None,
        "rpm": params.get("rpm") or None,
        "litellm_model_id": info.get("id") or None,
    }
    expected = features(info, ("function_calling", "parallel_function_calling", "tool_choice", "vision", "kind"))
    return same_costs and all(row[column] == value for column, value in exact.items()) and (row["features"] or []) == expected


def features(info: Mapping[str, Any], order: Iterable[str]) -> list[str]:
    """Return a model's features in an order, tokenize last."""
    embeddings = info.get("supports_embeddings") or info.get("supports_embedding")
    kind = "embeddings" if embeddings else "convert" if info.get("supports_convert") else "chat"
    found = [kind if name == "kind" else name for name in order if name == "kind" or info.get(f"supports_{name}")]
    return found + (["tokenize"] if info.get("supports_tokenize") else [])


def backend_name(model: str) -> str | None:
    """Return what stands behind the first slash."""
    return model.split("/", 1)[1] if "/" in model else model or None


def either(one: Any, other: Any) -> Any:
    """Return the first one unless JavaScript takes it for false."""
    return one or other


def _sent(value: Any) -> Any:
    if isinstance(value, dict):
        return json.dumps(value)
    return Decimal(repr(value)) if isinstance(value, float) else value
