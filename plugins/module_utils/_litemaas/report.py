# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a sync and a cleanup of LiteMaaS's rows report: results and diff. Pure."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import datetime
import typing as t
from decimal import Decimal

from ansible_collections.litemaas.models.plugins.module_utils._common import diff
from ansible_collections.litemaas.models.plugins.module_utils._common.counted import count_actions
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import first_of_many
from ansible_collections.litemaas.models.plugins.module_utils._litemaas import restore
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.affected import affected_by, affected_models
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.audit import javascript_time
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.outcome import Outcome
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import (
    CREATED,
    DELETED,
    FAILED,
    RESTORED,
    RETIRED,
    SKIPPED,
    UNCHANGED,
    UPDATED,
    Change,
    Plan,
)

Result = dict[str, t.Any]


def sync_result(outcome: Outcome, now: datetime.datetime) -> Result:
    """The result of litemaas_model_sync."""
    plan, errors = outcome.done, outcome.failures
    result: Result = {
        "changed": plan.writes,
        "success": not errors,
        "counts": _counts(plan, CREATED, UPDATED, RESTORED, RETIRED, UNCHANGED, SKIPPED, FAILED),
        "total_models": plan.total,
        "new_models": len(plan.of(CREATED)),
        "updated_models": len(plan.of(UPDATED)),
        "unavailable_models": len(plan.of(RETIRED)),
        "cascade_statistics": dict(outcome.cascade),
        "affected": affected_models(plan, outcome.refusal),
        "restored": [restoration.shown() for restoration in plan.restored],
        "not_restored": list(plan.not_restored),
        "restore_statistics": restore.statistics(plan.restored),
        "orphaned_models": list(plan.orphans),
        "hidden_models": list(plan.hidden),
        "availability": [
            {"model_name": change.model_name, "availability": change.columns["availability"]}
            for change in plan.changes
            if "availability" in change.changed
        ],
        "errors": errors,
        "plan_checksum": outcome.checksum,
        "synced_at": javascript_time(now),
        "models": [_shown(change) for change in plan.changes],
        "diff": difference(plan),
    }
    return _with_failure(result, outcome, errors)


def cleanup_result(outcome: Outcome) -> Result:
    """The result of litemaas_orphan_cleanup."""
    plan = outcome.done
    result: Result = {
        "changed": plan.writes,
        "counts": _counts(plan, DELETED, RETIRED, UNCHANGED, SKIPPED, FAILED),
        "deleted": [change.model_name for change in plan.of(DELETED)],
        "retired": [change.model_name for change in plan.retiring],
        "retained": [change.model_name for change in plan.changes if change.kept],
        "affected": affected_models(plan, outcome.refusal),
        "cascade_statistics": dict(outcome.cascade),
        "errors": list(plan.errors),
        "plan_checksum": outcome.checksum,
        "models": [dict(_shown(change), **_people(change)) for change in plan.changes],
        "diff": difference(plan),
    }
    return _with_failure(result, outcome, plan.errors)


def _counts(plan: Plan, *actions: str) -> dict[str, int]:
    return count_actions((change.action for change in plan.changes), actions)


def _with_failure(result: Result, outcome: Outcome, errors: t.Sequence[str]) -> Result:
    if errors:
        result["failed"] = True
        result["msg"] = first_of_many(errors)
    if outcome.refusal:
        result["failure"] = outcome.refusal.failure()
    if outcome.rights_missing:
        result["rights_missing"] = list(outcome.rights_missing)
    return result


def _shown(change: Change) -> Result:
    shown: Result = {"model_name": change.model_name, "action": change.action, "reason": change.reason}
    if change.action == UPDATED:
        shown["changed_fields"] = change.changed
    if change.action == RETIRED and change.usage:
        shown.update(_people(change))
    return shown


def _people(change: Change) -> Result:
    """How many subscriptions, API keys and people a removal hits."""
    return {name: value for name, value in affected_by(change).items() if name not in ("model_name", "action")}


def difference(plan: Plan) -> dict[str, t.Any]:
    """Before and after of every row that changes, and what it gets back. Metadata is too long to be shown: that it changes is."""
    restored = {restoration.model_name: restoration.shown() for restoration in plan.restored}
    changed = []
    for change in plan.changes:
        fields = _before_and_after(change)
        given_back = restored.get(change.model_name, {})
        fields += [("restored " + kind, None, given_back[kind]) for kind in ("subscriptions", "api_key_models", "api_keys") if given_back]
        if fields:
            changed.append((change.model_name, fields))
    return diff.before_after(changed, "LiteMaaS models")


def _before_and_after(change: Change) -> list[tuple[str, t.Any, t.Any]]:
    if change.action == FAILED:
        return []
    if change.action == DELETED:
        return [(column, _plain(value), None) for column, value in change.before.items() if column not in ("metadata", "updated_at")]
    shown = change.columns if change.action == CREATED else change.before
    fields = []
    for column in shown:
        if column == "metadata":
            if change.action != CREATED:
                fields.append((column, "(with a secret)", "(without it)"))
        else:
            fields.append((column, _plain(change.before.get(column)), _plain(change.columns[column])))
    return fields


def _plain(value: t.Any) -> t.Any:
    """A value of a row as a result shows it."""
    if isinstance(value, Decimal):
        return float(value) if value.is_finite() else str(value)
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    return value
