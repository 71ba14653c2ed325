# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What comes with the removals of a plan: whom they take what from, as a prediction and as it was measured. Pure."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.counted import counted, of_many
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import DELETED, Change, Plan, Usage

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
Effect = tuple[str, t.Optional[str], t.Optional[str]]


def statistics(models: int = 0, subscriptions: int = 0, associations: int = 0, keys: int = 0) -> dict[str, int]:
    """What came with models that became unavailable or were deleted."""
    return {
        "models_marked_unavailable": models,
        "subscriptions_deactivated": subscriptions,
        "api_key_models_removed": associations,
        "api_keys_deactivated": keys,
    }


def predict_cascade(plan: Plan) -> dict[str, int]:
    """The statistics that the plan's removals will have."""
    bare = _bare_keys(plan.removals)
    given_back = {key for restoration in plan.restored for key in restoration.associations}
    associations, off, subscriptions = 0, set(), 0
    for change in plan.removals:
        usage = change.usage
        if usage is None:
            continue
        subscriptions += usage.subscriptions if change.action == DELETED else usage.active_subscriptions
        for key in usage.keys:
            associations += change.model_name in key["models"]
            if _is_switched_off(key, bare, change.action == DELETED):
                off.add(key["id"])
    return statistics(len(plan.retiring), subscriptions, associations, len(off - given_back))


def measured_cascade(plan: Plan, effects: t.Sequence[Effect]) -> dict[str, int]:
    """The statistics of what the removals did."""
    kinds = [kind for kind, dummy, dummy2 in effects]
    return statistics(len(plan.retiring), kinds.count(SUBSCRIPTIONS), kinds.count(ASSOCIATIONS), kinds.count(KEYS))


def tell_affected(plan: Plan) -> Plan:
    """The plan with whom each removal hits in its reason, in words that are true before and after it."""
    removals = plan.removals
    if not removals:
        return plan
    bare = _bare_keys(removals)
    return dataclasses.replace(plan, changes=tuple(_told(change, bare) if change.removes else change for change in plan.changes))


def _told(change: Change, bare: frozenset[str]) -> Change:
    hit = _hit(change.usage or Usage(), bare, change.action == DELETED)
    return dataclasses.replace(change, reason=f"{change.reason}: {hit}") if hit else change


def _bare_keys(removals: t.Sequence[Change]) -> frozenset[str]:
    """Ids of the API keys that have no model after the removals. Each key is looked at once, however many models it has."""
    gone = frozenset(change.model_name for change in removals)
    keys = {key["id"]: key for change in removals if change.usage for key in change.usage.keys}
    return frozenset(identifier for identifier, key in keys.items() if gone.issuperset(key["models"]))


def _is_switched_off(key: t.Mapping[str, t.Any], bare: frozenset[str], deleted: bool) -> bool:
    """Whether a removal, a deletion or not, switches an API key off. One without any model is one that belonged to a subscription."""
    return bool(key["active"] and (key["models"] or deleted) and key["id"] in bare)


def _hit(usage: Usage, bare: frozenset[str], deleted: bool) -> str:
    subscriptions = usage.subscriptions if deleted else usage.active_subscriptions
    off = len([key for key in usage.keys if _is_switched_off(key, bare, deleted)])
    parts = []
    if subscriptions:
        if deleted:
            parts.append("{0} {1} deleted".format(counted(subscriptions, "subscription"), of_many(subscriptions, "is", "are")))
        else:
            parts.append("{0} {1}".format(counted(subscriptions, "active subscription"), of_many(subscriptions, "ends", "end")))
    if usage.keys:
        parts.append("{0} {1} it".format(counted(len(usage.keys), "API key"), of_many(len(usage.keys), "loses", "lose")))
    if off:
        parts.append("{0} of them {1} deactivated".format(off, of_many(off, "is", "are")))
    return "{0}; {1}".format(counted(len(usage.users), "person", "people"), ", ".join(parts)) if parts else ""
