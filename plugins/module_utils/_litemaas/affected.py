# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whom the removals of a plan hit. Pure."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import Refused
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import DELETED, RETIRED, Change, Plan, Usage

Affected = dict[str, t.Any]


def affected_models(plan: Plan, refusal: Refused | None = None) -> list[Affected]:
    """Whom the plan's removals hit, or would hit if they were not refused."""
    if refusal:
        return t.cast("list[Affected]", refusal.details["affected"])
    unknown = ("subscriptions", "active_subscriptions", "api_keys", "users")
    return [
        {name: value for name, value in affected_by(change).items() if change.usage is not None or name not in unknown}
        for change in plan.removals
    ]


def affected_by(change: Change) -> Affected:
    """Whom a removal hits: ``{"model_name", "action", ...}`` and how many subscriptions (all and active), keys and users."""
    usage = change.usage or Usage()
    return {
        "model_name": change.model_name,
        "action": RETIRED if (change.row or change).retires else DELETED,
        "subscriptions": usage.subscriptions,
        "active_subscriptions": usage.active_subscriptions,
        "api_keys": len(usage.keys),
        "users": len(usage.users),
    }
