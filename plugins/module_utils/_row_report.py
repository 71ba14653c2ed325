# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

"""What a sync and a cleanup of LiteMaaS's rows report: cascade statistics, rows of the audit log, results, diff. Pure."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils import _catalogue, _diff, _guard
from ansible_collections.litemaas.models.plugins.module_utils._rows import (
    CREATED,
    DELETED,
    FAILED,
    RETAINED,
    RETIRED,
    UPDATED,
    Change,
    Plan,
    Row,
    plain,
)

Result = t.Dict[str, t.Any]

VERSION = "0.1.0"

# The backend's own words in audit_logs.
RETIRE_ACTION = "MODEL_MARKED_UNAVAILABLE_WITH_CASCADE"
RETIRE_OPERATION = "model_sync_cascade"
SYNC_ACTION = "MODELS_SYNC"
DELETE_ACTION = "MODEL_ORPHAN_DELETED"

# How many names one audit row holds.
AUDIT_NAMES = 100
AUDIT_ERRORS = 5

# Who started the run: AAP's variables, which a job template can pass on in the environment.
_WHO = (
    ("job_id", ("AWX_JOB_ID", "TOWER_JOB_ID", "JOB_ID")),
    ("job_template", ("AWX_JOB_TEMPLATE_NAME", "TOWER_JOB_TEMPLATE_NAME")),
    ("user", ("AWX_USER_NAME", "TOWER_USER_NAME")),
)


def who(environment: t.Mapping[str, str]) -> t.Dict[str, str]:
    """What is known of who started the run: ``{"collection", "version", "job_id", "job_template", "user"}``, what is not known left out."""
    known = {"collection": "litemaas.models", "version": VERSION}
    for name, variables in _WHO:
        value = next((environment[variable] for variable in variables if environment.get(variable)), None)
        if value:
            known[name] = value[:255]
    return known


# --- the cascade ---------------------------------------------------------------------------------------------------------


def statistics(models: int = 0, subscriptions: int = 0, associations: int = 0, keys: int = 0) -> t.Dict[str, int]:
    """What came with models that became unavailable or were deleted."""
    return {
        "models_marked_unavailable": models,
        "subscriptions_deactivated": subscriptions,
        "api_key_models_removed": associations,
        "api_keys_deactivated": keys,
    }


def predict_cascade(plan: Plan) -> t.Dict[str, int]:
    """The statistics that the plan's removals will have."""
    gone = {change.model_name for change in plan.removals}
    associations, off, subscriptions = 0, set(), 0
    for change in plan.removals:
        usage = change.usage
        if usage is None:
            continue
        subscriptions += usage.subscriptions if change.action == DELETED else usage.active_subscriptions
        for key in usage.keys:
            associations += change.model_name in key["models"]
            if key["active"] and key["models"] and gone.issuperset(key["models"]):
                off.add(key["id"])
    return statistics(len(plan.retiring), subscriptions, associations, len(off))


def measured_cascade(plan: Plan, effects: t.Sequence[_catalogue.Effect]) -> t.Dict[str, int]:
    """The statistics of what the removals did."""
    kinds = [kind for kind, dummy, dummy2 in effects]
    return statistics(
        len(plan.retiring),
        kinds.count(_catalogue.SUBSCRIPTIONS),
        kinds.count(_catalogue.ASSOCIATIONS),
        kinds.count(_catalogue.KEYS),
    )


# --- the audit log -------------------------------------------------------------------------------------------------------


def removal_records(plan: Plan, effects: t.Sequence[_catalogue.Effect], by: t.Mapping[str, str], now: datetime.datetime) -> t.List[Row]:
    """One row of audit_logs per removed model, with what is needed to give back what it took.

    A key that is off is told with the first of its models, so that the sums are right.
    """
    off = {identifier for kind, dummy, identifier in effects if kind == _catalogue.KEYS}
    told: t.Set[t.Optional[str]] = set()
    records = []
    for change in plan.removals:
        mine = [(kind, identifier) for kind, model, identifier in effects if model == change.model_name]
        subscriptions = [identifier for kind, identifier in mine if kind == _catalogue.SUBSCRIPTIONS]
        keys = [identifier for kind, identifier in mine if kind == _catalogue.ASSOCIATIONS]
        stopped = [key for key in keys if key in off and key not in told]
        told.update(stopped)
        deleted = change.action == DELETED
        metadata = {
            "modelId": change.model_name,
            "cascadeStatistics": {
                "subscriptionsDeactivated": len(subscriptions),
                "apiKeyModelAssociationsRemoved": len(keys),
                "orphanedApiKeysDeactivated": len(stopped),
            },
            "operation": "orphan_cleanup" if deleted else RETIRE_OPERATION,
            "timestamp": _javascript_time(now),
            "subscriptions": subscriptions,
            "apiKeys": keys,
            "apiKeysDeactivated": stopped,
            "by": dict(by),
        }
        record = _record(DELETE_ACTION if deleted else RETIRE_ACTION, change.model_name, metadata)
        if deleted:
            record["old_values"] = {column: value for column, value in change.before.items() if column != "metadata"}
        records.append(record)
    return records


def sync_record(plan: Plan, by: t.Mapping[str, str], now: datetime.datetime) -> Row:
    """The row of audit_logs of a sync that changed something."""
    metadata = {
        "operation": "models_sync",
        "totalModels": plan.total,
        "cascadeStatistics": plan.cascade,
        "errors": plan.errors[:AUDIT_NAMES],
        "timestamp": _javascript_time(now),
        "by": dict(by),
    }
    for key, action in (("new", CREATED), ("updated", UPDATED), ("unavailable", RETIRED)):
        names = [change.model_name for change in plan.of(action)]
        metadata[key + "Models"] = len(names)
        metadata[key + "ModelNames"] = names[:AUDIT_NAMES]
    record = _record(SYNC_ACTION, None, metadata)
    failures = plan.errors[:AUDIT_ERRORS] + ([plan.refusal.message] if plan.refusal else [])
    return dict(record, success=not failures, error_message="; ".join(failures) or None)


def _record(action: str, model: t.Optional[str], metadata: Row) -> Row:
    agent = "{0}/{1}".format("litemaas.models", VERSION)
    return {
        "action": action,
        "resource_type": "MODEL",
        "resource_id": model,
        "metadata": metadata,
        "success": True,
        "user_agent": agent,
        "old_values": None,
        "error_message": None,
    }


def _javascript_time(now: datetime.datetime) -> str:
    return now.strftime("%Y-%m-%dT%H:%M:%S.") + "{0:03d}Z".format(now.microsecond // 1000)


# --- results -------------------------------------------------------------------------------------------------------------


def sync_result(plan: Plan, now: datetime.datetime) -> Result:
    """The result of litemaas_model_sync."""
    errors = list(plan.errors) + ([plan.refusal.message] if plan.refusal else [])
    result: Result = {
        "changed": plan.writes,
        "success": not errors,
        "total_models": plan.total,
        "new_models": len(plan.of(CREATED)),
        "updated_models": len(plan.of(UPDATED)),
        "unavailable_models": len(plan.of(RETIRED)),
        "cascade_statistics": plan.cascade,
        "victims": _guard.victims(plan),
        "errors": errors,
        "synced_at": _javascript_time(now),
        "models": [_shown(change) for change in plan.changes],
        "diff": difference(plan),
    }
    return _with_failure(result, plan, errors)


def cleanup_result(plan: Plan) -> Result:
    """The result of litemaas_orphan_cleanup."""
    result: Result = {
        "changed": plan.writes,
        "deleted": [change.model_name for change in plan.of(DELETED)],
        "retired": [change.model_name for change in plan.retiring],
        "retained": [change.model_name for change in plan.of(RETAINED)],
        "victims": _guard.victims(plan),
        "cascade_statistics": plan.cascade,
        "errors": list(plan.errors),
        "models": [dict(_shown(change), **_counts(change)) for change in plan.changes],
        "diff": difference(plan),
    }
    return _with_failure(result, plan, plan.errors)


def _with_failure(result: Result, plan: Plan, errors: t.Sequence[str]) -> Result:
    if errors:
        result["failed"] = True
        result["msg"] = "; ".join(errors)
    if plan.refusal:
        result["failure"] = plan.refusal.failure()
    return result


def _shown(change: Change) -> Result:
    shown: Result = {"model_name": change.model_name, "action": change.action, "reason": change.reason}
    if change.action == UPDATED:
        shown["changes"] = change.changed
    if change.action == RETIRED and change.usage:
        shown.update(_counts(change))
    return shown


def _counts(change: Change) -> Result:
    return {name: value for name, value in _guard.victim(change).items() if name not in ("model_name", "action")}


def difference(plan: Plan) -> t.Dict[str, t.Any]:
    """Before and after of every row that changes. Metadata is too long to be shown: that it changes is."""
    changed = []
    for change in plan.changes:
        fields = _changed_fields(change)
        if fields:
            changed.append((change.model_name, fields))
    return _diff.before_after(changed, "LiteMaaS models")


def _changed_fields(change: Change) -> t.List[t.Tuple[str, t.Any, t.Any]]:
    if change.action == FAILED:
        return []
    if change.action == DELETED:
        return [(column, plain(value), None) for column, value in change.before.items() if column not in ("metadata", "updated_at")]
    shown = change.columns if change.action == CREATED else change.before
    fields = []
    for column in shown:
        if column == "metadata":
            if change.action != CREATED:
                fields.append((column, "(with a secret)", "(without it)"))
        else:
            fields.append((column, plain(change.before.get(column)), plain(change.columns[column])))
    return fields
