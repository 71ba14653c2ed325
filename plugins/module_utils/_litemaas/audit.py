# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What this collection writes into LiteMaaS's audit log: removals, restores, syncs.

Pure. A record names every subscription and API key that it is about, however many: a restore needs them. All
other lists and texts have a limit.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.redact import Redactor
from ansible_collections.litemaas.models.plugins.module_utils._litemaas import cascade
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.outcome import Outcome, ids_of
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import (
    CREATED,
    DELETED,
    RETIRED,
    UPDATED,
    Restoration,
    Row,
)
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.restore import DELETE_ACTION, RESTORE_ACTION, RETIRE_ACTION
from ansible_collections.litemaas.models.plugins.module_utils._run.job import COLLECTION, VERSION, shortened

SYNC_ACTION = "MODELS_SYNC"
# The backend's own word for a retirement.
RETIRE_OPERATION = "model_sync_cascade"

# How many names and errors one record of a sync holds, and how long a text may be.
AUDIT_NAMES = 100
AUDIT_ERRORS = 5
AUDIT_TEXT = 1000

_redact = Redactor()


def removal_records(outcome: Outcome, by: t.Mapping[str, str], now: datetime.datetime) -> list[Row]:
    """One row of audit_logs per removed model, with what is needed to give back what it took.

    A key that is off is told with the first of its models, so that the sums are right.
    """
    off = {identifier for kind, dummy, identifier in outcome.effects if kind == cascade.KEYS}
    told: set[str | None] = set()
    taken: dict[tuple[str, str | None], list[str | None]] = {}
    for kind, model, identifier in outcome.effects:
        taken.setdefault((kind, model), []).append(identifier)
    records = []
    for change in outcome.done.removals:
        subscriptions = taken.get((cascade.SUBSCRIPTIONS, change.model_name), [])
        keys = taken.get((cascade.ASSOCIATIONS, change.model_name), [])
        detached = taken.get((cascade.DETACHED, change.model_name), [])
        stopped = [key for key in dict.fromkeys([*keys, *detached]) if key in off and key not in told]
        told.update(stopped)
        deleted = change.action == DELETED
        # A key without a subscription gets the model back without one.
        unsubscribed = taken.get((cascade.UNSUBSCRIBED, change.model_name), [])
        metadata = {
            "modelId": change.model_name,
            "cascadeStatistics": {
                "subscriptionsDeactivated": len(subscriptions),
                "apiKeyModelAssociationsRemoved": len(keys),
                "orphanedApiKeysDeactivated": len(stopped),
            },
            "operation": "orphan_cleanup" if deleted else RETIRE_OPERATION,
            "timestamp": javascript_time(now),
            "restrictedAccess": change.restricted,
            "subscriptions": subscriptions,
            "apiKeys": keys,
            "apiKeysDeactivated": stopped,
            "apiKeysWithoutSubscription": unsubscribed,
            "apiKeysDetached": detached,
            "by": dict(by),
        }
        record = _record(DELETE_ACTION if deleted else RETIRE_ACTION, change.model_name, metadata)
        if deleted:
            record["old_values"] = _old_values(change.before)
        records.append(record)
    return records


def _old_values(row: Row) -> Row:
    """The row that is gone. An address may hold a password or, behind "?", a key."""
    values = {column: value for column, value in row.items() if column != "metadata"}
    if isinstance(values.get("api_base"), str):
        values["api_base"] = _redact.text(values["api_base"].partition("?")[0])
    return values


def restore_records(outcome: Outcome, by: t.Mapping[str, str], now: datetime.datetime) -> list[Row]:
    """One row of audit_logs per model that got something back. It ends the removals before it: they are not restored again."""
    return [_record(RESTORE_ACTION, one.model_name, _restore_metadata(one, by, now)) for one in outcome.done.restored]


def _restore_metadata(restoration: Restoration, by: t.Mapping[str, str], now: datetime.datetime) -> Row:
    return {
        "modelId": restoration.model_name,
        "cascadeStatistics": {
            "subscriptionsReactivated": len(restoration.subscriptions),
            "apiKeyModelAssociationsRestored": len(restoration.associations),
            "apiKeysReactivated": len(restoration.keys),
        },
        "operation": "model_restore",
        "timestamp": javascript_time(now),
        "retirements": list(restoration.records[:AUDIT_NAMES]),
        "subscriptions": ids_of(restoration.subscriptions),
        "apiKeys": sorted(restoration.associations),
        "apiKeysReactivated": ids_of(restoration.keys),
        "by": dict(by),
    }


def sync_records(outcome: Outcome, by: t.Mapping[str, str], now: datetime.datetime, redactor: Redactor) -> list[Row]:
    """The rows of audit_logs of a sync; none where it changed nothing and nothing failed. ``redactor`` knows the run's secrets."""
    if not (outcome.done.writes or outcome.failures):
        return []
    summary = redactor.data(sync_record(outcome, by, now))
    return [*removal_records(outcome, by, now), *restore_records(outcome, by, now), summary]


def sync_record(outcome: Outcome, by: t.Mapping[str, str], now: datetime.datetime) -> Row:
    """The row of audit_logs of a sync that changed something or failed."""
    metadata = {
        "operation": "models_sync",
        "totalModels": outcome.done.total,
        "failedModels": len(outcome.done.errors),
        "restoredModels": len(outcome.done.restored),
        "cascadeStatistics": dict(outcome.cascade),
        "errors": [shortened(error, AUDIT_TEXT) for error in outcome.failures[:AUDIT_NAMES]],
        "planChecksum": outcome.checksum,
        "timestamp": javascript_time(now),
        "by": dict(by),
    }
    for key, action in (("new", CREATED), ("updated", UPDATED), ("unavailable", RETIRED)):
        names = [change.model_name for change in outcome.done.of(action)]
        metadata[key + "Models"] = len(names)
        metadata[key + "ModelNames"] = names[:AUDIT_NAMES]
    failures = [shortened(failure, AUDIT_TEXT) for failure in outcome.failures[-AUDIT_ERRORS:]]
    return dict(_record(SYNC_ACTION, None, metadata), success=not failures, error_message="; ".join(failures) or None)


def _record(action: str, model: str | None, metadata: Row) -> Row:
    return {
        "action": action,
        "resource_type": "MODEL",
        "resource_id": model,
        "metadata": metadata,
        "success": True,
        "user_agent": f"{COLLECTION}/{VERSION}",
        "old_values": None,
        "error_message": None,
    }


def javascript_time(now: datetime.datetime) -> str:
    """A time as the backend writes it."""
    return now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z"
