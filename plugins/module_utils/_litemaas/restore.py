# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a model gets back of what its retirement took, as far as the audit log tells. Pure.

Whatever somebody changed after the retirement stays as that person left it. Each thing that stays away has its reason:

* The collection's own records name every subscription and every API key, and which keys had the model without a subscription.
* A key gets the model back only if its owner has an active subscription to it, or the record says that there was none.
* Where the model has been available since the removal, a key whose row changed since stays without it: somebody may have taken the
  model out of it on purpose. Where the model comes back in this very run, nobody could.
* LiteMaaS's own sync writes down numbers only. Its transaction has one time, so the subscriptions that it made inactive are
  those that were last changed at the record's time. Which API keys had the model is written nowhere.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import collections
import dataclasses
import datetime
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.counted import counted, of_many
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import (
    AVAILABLE,
    CREATED,
    RESTORED,
    UNAVAILABLE,
    UNCHANGED,
    UPDATED,
    Change,
    Plan,
    Restoration,
    Row,
)

# Actions of the audit log. The backend's own sync writes the first one too.
RETIRE_ACTION = "MODEL_MARKED_UNAVAILABLE_WITH_CASCADE"
DELETE_ACTION = "MODEL_ORPHAN_DELETED"
RESTORE_ACTION = "MODEL_RESTORED_WITH_CASCADE"

INACTIVE = "inactive"
ACTIVE = "active"

# What becomes of one thing that a retirement took: it comes back, it is there already, or a reason why it stays away.
_BACK = "back"
_THERE = "there"
_GONE = "deleted"
_CHANGED = "changed by somebody since"
_EXPIRED = "expired"
_REVOKED = "revoked"
_NO_SUBSCRIPTION = "their owner's subscription is not active"
_OWNER_OFF = "their owner is deactivated"


@dataclasses.dataclass(frozen=True)
class Taken:
    """A record of the audit log about the removal of a model, and what has become of what it took.

    ``ours`` is false for the backend's own sync. ``restricted`` is whether the model needed an approval then, None where that
    is not known. ``counts`` has what the record counts: "subscriptions", "associations", "keys".

    ``subscriptions`` has ``{"id", "status", "same_row", "same_status", "expired", "owner_off", "version"}`` for each subscription that was
    made inactive; the status is None for one that is gone, ``same_...`` says whether the row or its status was last changed by
    the removal, ``version`` is when the row was. ``keys`` has ``{"id", "exists", "active", "revoked", "expired",
    "owner_off", "has", "unsubscribed", "subscription", "subscription_status", "switched_off", "same_row", "untouched", "version"}``
    for each key that lost the model: ``unsubscribed`` is whether its owner had no subscription then, ``switched_off`` whether this
    collection has switched it off, then or later, ``same_row`` whether that was its last change, ``untouched`` whether nothing but
    cascades changed its row since the removal.
    """

    model_name: str
    audit_id: str
    action: str
    at: datetime.datetime
    ours: bool
    restricted: bool | None = None
    counts: t.Mapping[str, int] = dataclasses.field(default_factory=dict)
    subscriptions: t.Sequence[Row] = ()
    keys: t.Sequence[Row] = ()


# What the cascade's statistics are called in the audit log -> in ``Taken.counts``.
_COUNTS = {
    "subscriptionsDeactivated": "subscriptions",
    "apiKeyModelAssociationsRemoved": "associations",
    "orphanedApiKeysDeactivated": "keys",
    "subscriptionsReactivated": "subscriptions",
    "apiKeyModelAssociationsRestored": "associations",
    "apiKeysReactivated": "keys",
}
# A larger number was written by nobody who counted.
_MOST = 10**9


def read_counts(cascade: t.Any) -> dict[str, int]:
    """``Taken.counts`` from the ``cascadeStatistics`` of a removal or a restore; whatever is no count is left out."""
    given = cascade if isinstance(cascade, dict) else {}
    return {name: given[key] for key, name in _COUNTS.items() if _is_count(given.get(key))}


def _is_count(value: t.Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST


def statistics(restored: t.Sequence[Restoration]) -> dict[str, int]:
    """What came back in all."""
    return {
        "models_restored": len(restored),
        "subscriptions_reactivated": sum(len(one.subscriptions) for one in restored),
        "api_key_models_restored": sum(len(one.associations) for one in restored),
        "api_keys_reactivated": sum(len(one.keys) for one in restored),
    }


# --- plans ---------------------------------------------------------------------------------------------------------------


def plan_restore(plan: Plan, rows: t.Mapping[str, Row], taken: t.Mapping[str, t.Sequence[Taken]]) -> Plan:
    """The plan with what its available models get back. ``taken`` are their removals, newest first."""
    given: set[str] = set()
    lost: list[str] = []
    restored: dict[str, Restoration] = {}
    for change in plan.of(CREATED, UPDATED, UNCHANGED):
        row = dict(rows.get(change.model_name, {}), **change.columns)
        if change.model_name not in taken or row.get("availability") != AVAILABLE:
            continue
        returns = change.action == CREATED or change.before.get("availability") == UNAVAILABLE
        restoration = decide(taken[change.model_name], row.get("restricted_access"), returns)
        # A key that several models name is switched on once.
        restoration = dataclasses.replace(restoration, keys=tuple(key for key in restoration.keys if key["id"] not in given))
        given.update(key["id"] for key in restoration.keys)
        lost += restoration.lost
        if restoration.gives:
            restored[change.model_name] = restoration
    changes = [_told(change, restored[change.model_name]) if change.model_name in restored else change for change in plan.changes]
    return dataclasses.replace(plan, changes=tuple(changes), restored=tuple(restored.values()), not_restored=(*plan.not_restored, *lost))


def _told(change: Change, restoration: Restoration) -> Change:
    if change.action == UNCHANGED:
        return dataclasses.replace(change, action=RESTORED, reason=restoration.described())
    return dataclasses.replace(change, reason=f"{change.reason}; {restoration.described()}")


def warn_of_losses(plan: Plan, taken: t.Mapping[str, t.Sequence[Taken]]) -> Plan:
    """The plan without restore, with a warning for each model that returns and has lost something."""
    warnings = []
    for change in plan.of(UPDATED):
        records = taken.get(change.model_name, ())
        returns = change.before.get("availability") == UNAVAILABLE and change.columns.get("availability") == AVAILABLE
        losses = _losses(records)
        if returns and losses:
            warnings.append(
                "{0}: available again, but {1} that its retirement on {2:%Y-%m-%d} took {3} still without it{4}; "
                "restore: true restores what the audit log records of {5}".format(
                    change.model_name,
                    losses,
                    records[0].at,
                    of_many(_lost(records), "is", "are"),
                    _switched_off(records),
                    of_many(_lost(records), "it", "them"),
                )
            )
    return dataclasses.replace(plan, warnings=(*plan.warnings, *warnings))


def _losses(records: t.Sequence[Taken]) -> str:
    sums = [(_sum(records, kind), thing) for kind, thing in (("subscriptions", "subscription"), ("associations", "API key"))]
    return " and ".join(counted(number, thing) for number, thing in sums if number)


def _lost(records: t.Sequence[Taken]) -> int:
    return _sum(records, "subscriptions") + _sum(records, "associations")


def _switched_off(records: t.Sequence[Taken]) -> str:
    number = _sum(records, "keys")
    return " ({0} deactivated)".format(counted(number, "key")) if number else ""


def _sum(records: t.Sequence[Taken], kind: str) -> int:
    return sum(record.counts.get(kind, 0) for record in records)


def hidden_by_people(rows: t.Mapping[str, Row], names: t.Iterable[str], taken: t.Mapping[str, t.Sequence[Taken]]) -> frozenset[str]:
    """Those of some rows, none of them available, that no retirement explains.

    A retirement by whomever writes its record and the row in one transaction, so both have one time. A row with another time was
    changed since: by a person who hid it, or in a way that cannot be told apart from that.
    """
    return frozenset(
        name
        for name in names
        if not any(
            record.action == RETIRE_ACTION and rows[name]["availability"] == UNAVAILABLE and record.at == rows[name].get("updated_at")
            for record in taken.get(name, ())
        )
    )


# --- one model -----------------------------------------------------------------------------------------------------------


def decide(records: t.Sequence[Taken], restricted: bool | None, returns: bool) -> Restoration:
    """What a model gets back of its removals, which are given newest first.

    ``restricted`` is whether it needs an approval now, ``returns`` whether it has not been available since the newest removal.
    """
    name = records[0].model_name
    usable = [record for record in records if not restricted or record.restricted]
    closed = [_restricted_sentence(record) for record in records if record not in usable and _losses([record])]
    subscriptions = _Fates()
    for record in usable:
        for one in record.subscriptions:
            subscriptions.add(one["id"], _subscription(one, record.ours), one)
    revived = {one["id"] for one in subscriptions.back()}
    associations, keys = _Fates(), _Fates()
    for record in usable:
        for one in record.keys:
            fate = _association(one, revived, trusted=one["untouched"] or (returns and record is records[0]))
            associations.add(one["id"], fate, one)
            if one["switched_off"] and not one["active"] and fate in (_BACK, _THERE):
                keys.add(one["id"], _key(one), one)
    return Restoration(
        name,
        records[0].at,
        records=tuple(record.audit_id for record in records),
        subscriptions=tuple(_version(one) for one in subscriptions.back()),
        associations=tuple(one["id"] for one in associations.back()),
        unsubscribed=frozenset(one["id"] for one in associations.back() if one["unsubscribed"]),
        keys=tuple(_version(one) for one in keys.back()),
        lost=(
            *closed,
            *subscriptions.sentences(name, "subscription"),
            *associations.sentences(name, "API key"),
            *keys.sentences(name, "deactivated API key"),
            *(sentence for record in usable if not record.ours for sentence in _unknown(record)),
        ),
    )


class _Fates:
    """What becomes of each thing of one kind. Where several removals took it, one that lets it back is enough."""

    def __init__(self) -> None:
        self._fates: dict[str, tuple[str, Row]] = {}

    def add(self, identifier: str, fate: str, thing: Row) -> None:
        known = self._fates.get(identifier)
        if known is None or (fate == _BACK and known[0] != _BACK):
            self._fates[identifier] = (fate, thing)

    def back(self) -> list[Row]:
        return [thing for fate, thing in self._fates.values() if fate == _BACK]

    def sentences(self, model: str, kind: str) -> list[str]:
        numbers = collections.Counter(fate for fate, dummy in self._fates.values() if fate not in (_BACK, _THERE))
        return [f"{model}: {counted(numbers[fate], kind)} not restored: {fate}" for fate in sorted(numbers)]


def _subscription(one: Row, ours: bool) -> str:
    """Neither the backend's own sync nor its pages write when a status changed, so the whole row has to be as it was left.

    Nothing but a person's decision changes a subscription that is not active.
    """
    if one["status"] is None:
        return _GONE
    if one["status"] == ACTIVE:
        return _THERE
    restatused = ours and one["same_status"] is False
    if one["status"] != INACTIVE or restatused or not one["same_row"]:
        return _CHANGED
    if one["owner_off"]:
        return _OWNER_OFF
    return _EXPIRED if one["expired"] else _BACK


def _association(one: Row, revived: t.Container[str], trusted: bool) -> str:
    if not one["exists"]:
        return _GONE
    if one["has"]:
        return _THERE
    if _unusable(one):
        return _unusable(one)
    if one["subscription"] is None:
        subscribed = one["unsubscribed"]
    else:
        subscribed = one["subscription_status"] == ACTIVE or one["subscription"] in revived
    if not subscribed:
        return _NO_SUBSCRIPTION
    return _BACK if trusted else _CHANGED


def _key(one: Row) -> str:
    return _unusable(one) or (_BACK if one["same_row"] else _CHANGED)


def _unusable(one: Row) -> str:
    """Why a key cannot be used, however it looks otherwise; "" if it can be."""
    if one["revoked"]:
        return _REVOKED
    if one["expired"]:
        return _EXPIRED
    return _OWNER_OFF if one["owner_off"] else ""


def _version(one: Row) -> Row:
    return {"id": one["id"], "version": one["version"]}


def _restricted_sentence(record: Taken) -> str:
    then = "did not then" if record.restricted is False else "it is not known whether it did then"
    return (
        f"{record.model_name}: nothing restored of its retirement on {record.at:%Y-%m-%d}: "
        f"access to it requires approval now (restricted_access), and {then}"
    )


def _unknown(record: Taken) -> list[str]:
    """What a retirement by the backend's own sync leaves open."""
    sentences = []
    missing = record.counts.get("subscriptions", 0) - len(record.subscriptions)
    if missing > 0:
        sentences.append("{0}: {1} not restored: changed by somebody since".format(record.model_name, counted(missing, "subscription")))
    if record.counts.get("associations"):
        sentences.append(
            "{0}: {1} not restored: LiteMaaS's own sync retired it and does not record which had it".format(
                record.model_name, counted(record.counts["associations"], "API key")
            )
        )
    return sentences
