# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan of a cleanup: rows whose model LiteLLM no longer has. Pure."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.counted import counted
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import ModelError
from ansible_collections.litemaas.models.plugins.module_utils._common.spec import ABSENT, Spec
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.desired import read_shown
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.mapping import provider_of
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import (
    AVAILABLE,
    DELETED,
    NOT_THERE,
    RETIRED,
    SKIPPED,
    UNAVAILABLE,
    UNCHANGED,
    Change,
    CleanupPolicy,
    Plan,
    Row,
    Usage,
    columns_of,
    live,
)
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.selection import Offer, Selection, choose, unmatched


def find_orphans(offer: Offer, rows: t.Mapping[str, Row], selection: Selection) -> list[str]:
    """Selected rows whose model LiteLLM does not have in any form, in order."""
    return [name for name in sorted(rows) if offer.has(name) is None and selection.takes(name, rows[name].get("provider"))]


def not_available(offer: Offer, rows: t.Mapping[str, Row]) -> list[str]:
    """Names that LiteLLM has and whose rows say something else than available: nobody sees such a model in LiteMaaS."""
    return [name for name in offer.models if name in rows and rows[name].get("availability") != AVAILABLE]


def rows_to_come(
    offer: Offer,
    rows: t.Mapping[str, Row],
    selection: Selection,
    specs: t.Sequence[Spec],
    pull: bool,
    hidden: frozenset[str] = frozenset(),
) -> dict[str, Row]:
    """The rows as a sync will leave them, as far as a guard counts them: which there are, and which of them are available.

    ``hidden`` are those that a sync leaves as they are unless the list says something else.
    """
    of_name: dict[str, list[Spec]] = {}
    for spec in specs:
        if spec.state != ABSENT:
            of_name.setdefault(spec.model_name, []).append(spec)
    coming = dict(rows)
    for name in offer.models if pull else [name for name in of_name if name in offer.models]:
        entry, given = choose(offer.models[name]), of_name.get(name, [])
        try:
            shown = read_shown(entry, given)
        except ModelError:
            continue
        provider = provider_of(entry["litellm_params"])
        if selection.takes(name, provider, shown.given.get("provider") or shown.kept.get("provider") or provider):
            availability = shown.given.get("availability") or shown.kept.get("availability") or AVAILABLE
            if name in hidden and availability == AVAILABLE and "availability" not in shown.given:
                continue
            coming[name] = dict(rows.get(name, {}), availability=availability)
    return coming


def rows_after(rows: t.Mapping[str, Row], coming: t.Iterable[t.Mapping[str, t.Any]], now: datetime.datetime) -> dict[str, Row]:
    """The rows as a sync leaves them that says of itself which it adds, and which get another availability.

    ``coming`` are these, each with ``model_name`` and ``availability``.
    """
    after = dict(rows)
    for one in coming:
        name = one["model_name"]
        after[name] = dict(rows.get(name, {}), availability=one["availability"], updated_at=now)
    return after


def plan_cleanup(
    offer: Offer, rows: t.Mapping[str, Row], selection: Selection, policy: CleanupPolicy, usage: t.Mapping[str, Usage]
) -> Plan:
    """What has to happen to each orphan, in the order of their names, after what only seemed to be one."""
    kept = [Change(name, SKIPPED, offer.kept[name]) for name in sorted(offer.kept)]
    orphans = [_plan_orphan(name, rows[name], policy, usage.get(name, Usage())) for name in find_orphans(offer, rows, selection)]
    return Plan(
        changes=(*kept, *orphans),
        warnings=tuple(unmatched(selection, offer, rows)),
        total=len(offer.models),
        rows=len(rows),
        live=live(rows),
    )


def _plan_orphan(name: str, row: Row, policy: CleanupPolicy, usage: Usage) -> Change:
    retire = {} if row["availability"] == UNAVAILABLE else {"availability": UNAVAILABLE}
    before, restricted = columns_of(row, *retire), row.get("restricted_access")
    if not policy.delete:
        action, reason = (RETIRED, NOT_THERE) if retire else (UNCHANGED, "it is already unavailable")
        return Change(name, action, reason, retire, before, usage, restricted)
    if usage.subscriptions and not policy.delete_subscriptions:
        action, reason = (RETIRED, "kept for its {0}") if retire else (SKIPPED, "kept as unavailable for its {0}")
        return Change(name, action, reason.format(counted(usage.subscriptions, "subscription")), retire, before, usage, restricted, True)
    if policy.retention_days > 0:
        if retire:
            reason = "will be deleted when it has been unavailable for {0}".format(counted(policy.retention_days, "day"))
            return Change(name, RETIRED, reason, retire, before, usage, restricted)
        since = row.get("updated_at")
        if since is None or policy.now - since < datetime.timedelta(days=policy.retention_days):
            reason = "unavailable since {0:%Y-%m-%d}; will be deleted after {1}".format(
                since or policy.now, counted(policy.retention_days, "day")
            )
            if since is None:
                reason = "it is not deleted, because its row does not record when it became unavailable (updated_at)"
            return Change(name, UNCHANGED, reason, usage=usage, restricted=restricted)
    return Change(name, DELETED, NOT_THERE, before=dict(row), usage=usage, restricted=restricted)
