# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What LiteMaaS's database tells about syncs: history, totals, integrity, what could be restored. Pure.

Of the audit log only fields are shown that are known to hold no secret: the backend writes whole requests into it.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._litemaas.audit import SYNC_ACTION
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import AVAILABLE, Row, Types
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.restore import (
    DELETE_ACTION,
    RESTORE_ACTION,
    RETIRE_ACTION,
    Taken,
    decide,
    read_counts,
)
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.sync import lacks_pricing

# Actions of the audit log -> what the result calls them.
ACTIONS = {SYNC_ACTION: "sync", RETIRE_ACTION: "retired", DELETE_ACTION: "deleted", RESTORE_ACTION: "restored"}

# What a sync counted: field of the record -> name in the result.
_SYNC_COUNTS = {
    "totalModels": "total_models",
    "newModels": "new_models",
    "updatedModels": "updated_models",
    "unavailableModels": "unavailable_models",
    "restoredModels": "restored_models",
    "failedModels": "failed_models",
}
_CASCADE_COUNTS = {"subscriptions": "subscriptions", "associations": "api_key_models", "keys": "api_keys"}
_BY = ("collection", "version", "os_user", "user", "job_id", "job_template")

# All that is read of a record's metadata.
FIELDS = (*_SYNC_COUNTS, "by", "cascadeStatistics", "errors", "planChecksum")

# Without these LiteMaaS cannot show a model, or cannot find it in LiteLLM.
REQUIRED = ("name", "provider", "availability", "backend_model_name", "litellm_model_id")


def history(log: t.Sequence[Row], limit: int) -> list[Row]:
    """The newest records of the log, which is given newest first."""
    return [_entry(record) for record in log[:limit]]


def last_sync(log: t.Sequence[Row]) -> Row | None:
    """The newest sync, or None."""
    return next((_entry(record) for record in log if record["action"] == SYNC_ACTION), None)


def _entry(record: Row) -> Row:
    metadata = record["metadata"]
    by = _known_texts(metadata.get("by"))
    entry = {
        "time": record["at"].isoformat(),
        "action": ACTIONS[record["action"]],
        "success": record["success"] is not False,
        "by": by,
        "source": by.get("collection", "backend"),
        "error": record["error"],
    }
    if record["action"] == SYNC_ACTION:
        errors, checksum = metadata.get("errors"), metadata.get("planChecksum")
        entry["counts"] = {name: metadata[key] for key, name in _SYNC_COUNTS.items() if isinstance(metadata.get(key), int)}
        entry["errors"] = [text for text in errors if isinstance(text, str)] if isinstance(errors, list) else []
        entry["plan_checksum"] = checksum if isinstance(checksum, str) else None
    else:
        entry["model_name"] = record["model_name"]
        entry["counts"] = {_CASCADE_COUNTS[kind]: number for kind, number in read_counts(metadata.get("cascadeStatistics")).items()}
    return entry


def _known_texts(by: t.Any) -> dict[str, str]:
    given = by if isinstance(by, dict) else {}
    return {name: given[name] for name in _BY if isinstance(given.get(name), str)}


def totals(rows: t.Mapping[str, Row], overview: Row) -> dict[str, int]:
    """How many there are of everything."""
    available = sum(1 for row in rows.values() if row["availability"] == AVAILABLE)
    counted = ("subscriptions", "active_subscriptions", "api_keys", "active_api_keys")
    return {"models": len(rows), "available": available, "unavailable": len(rows) - available, **{name: overview[name] for name in counted}}


def integrity(rows: t.Mapping[str, Row], types: Types, overview: Row) -> Row:
    """What is not as it should be. Of models only those that are offered count, and only columns that this backend has."""
    offered = {name: row for name, row in rows.items() if row["availability"] in (AVAILABLE, None)}
    columns = [column for column in REQUIRED if column in types]
    missing = {name: [column for column in columns if not row[column]] for name, row in offered.items()}
    return {
        "missing_required": [{"model_name": name, "missing": lacking} for name, lacking in missing.items() if lacking],
        "without_prices": [name for name, row in offered.items() if lacks_pricing(row)],
        "litellm_model_id_is_name": [name for name, row in offered.items() if row.get("litellm_model_id") == name],
        "active_subscriptions_on_unavailable": overview["on_unavailable"],
        "active_keys_without_models": overview["without_models"],
    }


def restorable(taken: t.Mapping[str, t.Sequence[Taken]], rows: t.Mapping[str, Row]) -> list[Row]:
    """Models that a sync with restore gives something back to, now or once LiteLLM has them again."""
    found = []
    for name, records in taken.items():
        row = rows.get(name)
        returns = row is None or row["availability"] != AVAILABLE
        decision = decide(records, row.get("restricted_access") if row else None, returns)
        if decision.gives:
            availability = row["availability"] if row else "deleted"
            found.append(dict(decision.shown(), availability=availability, not_restorable=decision.lost))
    return found
