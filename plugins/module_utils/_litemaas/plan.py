# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a plan of rows is made of: the policies, each change of a row, all of them, and what of them may be done. Pure.

Nothing here changes once it is made: what is left out of a plan makes another one.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.counted import counted
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import InputError, Refused

Deployment = dict[str, t.Any]
Row = dict[str, t.Any]
# Name of a column -> its type as PostgreSQL writes it.
Types = t.Mapping[str, str]
LITELLM_WINS = "litellm_wins"
DATABASE_WINS = "database_wins"
MERGE = "merge"
CREATED = "created"
UPDATED = "updated"
UNCHANGED = "unchanged"
RETIRED = "retired"
DELETED = "deleted"
RESTORED = "restored"
FAILED = "failed"
SKIPPED = "skipped"
NOT_THERE = "LiteLLM does not have it"
# Of a list that nothing before the sync brings into LiteLLM.
NOT_APPLIED = (
    NOT_THERE
    + ". A sync does not create models in LiteLLM: run litellm_model with the same list first (in the playbook, the step models: without "
    "--tags, or with --tags models)"
)
LONGEST_RETENTION_DAYS = 36500
AVAILABLE = "available"
UNAVAILABLE = "unavailable"


@dataclasses.dataclass(frozen=True)
class Policy:
    """How a sync decides."""

    pull: bool = True
    conflict: str = LITELLM_WINS
    force_update: bool = False
    mark_unavailable: bool = False
    require_pricing: bool = False
    allow_empty: bool = False
    keep_hidden: bool = False
    # Whether a step before this one applies the list to LiteLLM.
    applied: bool = False

    @classmethod
    def read(cls, params: t.Mapping[str, t.Any]) -> Policy:
        """The policy of a module's options."""
        names = ("pull", "force_update", "mark_unavailable", "require_pricing", "allow_empty", "keep_hidden")
        return cls(conflict=params["conflict_resolution"], applied=params["predict_models"], **{name: params[name] for name in names})


@dataclasses.dataclass(frozen=True)
class CleanupPolicy:
    """How a cleanup decides. ``now`` is what retention is counted from; ``retention_days`` 0 is none."""

    now: datetime.datetime
    delete: bool = True
    delete_subscriptions: bool = False
    retention_days: float = 0.0

    @classmethod
    def read(cls, params: t.Mapping[str, t.Any], now: datetime.datetime) -> CleanupPolicy:
        """The policy of a module's options. Raises InputError."""
        days = params["retention_days"]
        if not 0 <= days <= LONGEST_RETENTION_DAYS:
            raise InputError(f"retention_days must be between 0 and {LONGEST_RETENTION_DAYS}")
        return cls(now, params["strategy"] == "delete", params["subscriptions"] == "delete", days)


@dataclasses.dataclass(frozen=True)
class Change:
    """What happens to one model.

    ``columns`` are the values to write, ``before`` the values that differ from them ({} for a new row). ``usage`` says who
    is hit by a removal, ``restricted`` whether the model that is removed needs an approval. ``kept`` says that its row is not deleted
    because of its subscriptions. ``leaves`` says that the model leaves LiteLLM in this run, and ``row`` what that does to its row, if
    this change is not that itself.
    """

    model_name: str
    action: str
    reason: str = ""
    columns: Row = dataclasses.field(default_factory=dict)
    before: Row = dataclasses.field(default_factory=dict)
    usage: Usage | None = None
    restricted: bool | None = None
    kept: bool = False
    leaves: bool = False
    row: Change | None = None

    @property
    def changed(self) -> list[str]:
        """Columns whose value really changes."""
        return sorted(self.columns) if self.action == CREATED else sorted(self.before)

    @property
    def retires(self) -> bool:
        """Whether an available row becomes unavailable, with the cascade."""
        return self.action == RETIRED

    @property
    def removes(self) -> bool:
        """Whether the guard has to allow it."""
        return self.retires or self.action == DELETED

    def not_done(self, action: str, reason: str) -> Change:
        """The same model, to which nothing happens for a reason: SKIPPED or FAILED."""
        return dataclasses.replace(self, action=action, reason=reason, columns={}, before={}, kept=False)


@dataclasses.dataclass(frozen=True)
class Usage:
    """Who uses a model: all subscriptions ever, those that are active, the keys and every person behind either.

    ``keys`` has one ``{"id", "user", "active", "models"}`` per API key that may use the model; ``models`` is the set of all models of
    that key.
    """

    subscriptions: int = 0
    active_subscriptions: int = 0
    users: frozenset[str] = frozenset()
    keys: tuple[t.Mapping[str, t.Any], ...] = ()


@dataclasses.dataclass(frozen=True)
class Plan:
    """What a run will do.

    ``total`` counts the models of LiteLLM it is about, ``rows`` and ``live`` (available) those of the table. ``orphans`` are the rows
    that a cleanup would look at, ``hidden`` those that stay unavailable because a person made them so. ``restored`` is what models
    get back of earlier removals, ``not_restored`` a sentence for each kind of thing that they do not.
    """

    changes: t.Sequence[Change] = ()
    errors: t.Sequence[str] = ()
    warnings: t.Sequence[str] = ()
    total: int = 0
    rows: int = 0
    live: int = 0
    orphans: t.Sequence[str] = ()
    hidden: t.Sequence[str] = ()
    restored: t.Sequence[Restoration] = ()
    not_restored: t.Sequence[str] = ()

    def of(self, *actions: str) -> list[Change]:
        """The changes with one of these actions."""
        return [change for change in self.changes if change.action in actions]

    @property
    def retiring(self) -> list[Change]:
        """The changes that make an available row unavailable, with the cascade."""
        return [change for change in self.changes if change.retires]

    @property
    def removals(self) -> list[Change]:
        """What the guard has to allow."""
        return self.retiring + self.of(DELETED)

    @property
    def writes(self) -> bool:
        """Whether anything is written."""
        return any(change.action in (CREATED, UPDATED) or change.removes for change in self.changes) or bool(self.restored)

    def without(self, reasons: t.Mapping[str, str]) -> Plan:
        """The plan without the removals of some models, each with the reason."""
        if not reasons:
            return self
        changes = tuple(
            change.not_done(SKIPPED, reasons[change.model_name]) if change.removes and change.model_name in reasons else change
            for change in self.changes
        )
        return dataclasses.replace(self, changes=changes, orphans=tuple(name for name in self.orphans if name not in reasons))

    def without_removals(self, reason: str) -> Plan:
        """The plan without any removal; the rest of it goes on."""
        changes = tuple(change.not_done(FAILED, f"not removed: {reason}") if change.removes else change for change in self.changes)
        return dataclasses.replace(self, changes=changes)


@dataclasses.dataclass(frozen=True)
class Permission:
    """What of a plan may be done, as the guard decided. ``refusal`` is why none of the plan's removals may be."""

    allowed: Plan
    refusal: Refused | None = None

    def sparing(self, reasons: t.Mapping[str, str]) -> Permission:
        """The same without the removals of some models, each with the reason."""
        return dataclasses.replace(self, allowed=self.allowed.without(reasons))

    def refusing(self, refusal: Refused | None) -> Permission:
        """The same without any removal where there is a refusal."""
        if refusal is None:
            return self
        return Permission(self.allowed.without_removals(refusal.details["reason"]), refusal)

    @property
    def failures(self) -> list[str]:
        """A sentence for each failure."""
        return failures(self.allowed, self.refusal)


def failures(plan: Plan, refusal: Refused | None) -> list[str]:
    """A sentence for each failure: those of models, and the refusal."""
    return [*plan.errors, *([refusal.message] if refusal else [])]


def live(rows: t.Mapping[str, Row]) -> int:
    """How many rows are available."""
    return sum(1 for row in rows.values() if row["availability"] != UNAVAILABLE)


def columns_of(row: Row, *columns: str) -> Row:
    """Some columns of a row; None for those that it does not have."""
    return {column: row.get(column) for column in columns}


@dataclasses.dataclass(frozen=True)
class Restoration:
    """What one model gets back, and in ``lost`` a sentence for each kind of thing that it does not.

    ``subscriptions`` and ``keys`` are ``{"id", "version"}`` of rows as they were read, ``associations`` the ids of keys,
    ``unsubscribed`` those of them whose owners need no subscription.
    ``records`` are the ids of the removals in the audit log, ``retired_at`` is when the last of them was.
    """

    model_name: str
    retired_at: datetime.datetime
    records: t.Sequence[str] = ()
    subscriptions: t.Sequence[Row] = ()
    associations: t.Sequence[str] = ()
    keys: t.Sequence[Row] = ()
    unsubscribed: frozenset[str] = frozenset()
    lost: t.Sequence[str] = ()

    @property
    def gives(self) -> bool:
        """Whether anything comes back."""
        return bool(self.parts)

    def shown(self) -> dict[str, t.Any]:
        """What comes back, in numbers."""
        return {
            "model_name": self.model_name,
            "retired_at": self.retired_at.isoformat(),
            "subscriptions": len(self.subscriptions),
            "api_key_models": len(self.associations),
            "api_keys": len(self.keys),
        }

    def described(self) -> str:
        """What comes back, as a part of a sentence."""
        parts = [
            counted(number, thing, things)
            for number, thing, things in (
                (len(self.subscriptions), "subscription", ""),
                (len(self.associations), "API key that lost it", "API keys that lost it"),
                (len(self.keys), "deactivated API key", ""),
            )
            if number
        ]
        return "restored: {0}".format(", ".join(parts))

    @property
    def parts(self) -> int:
        """How many things come back."""
        return len(self.subscriptions) + len(self.associations) + len(self.keys)

    def only(self, subscriptions: t.Container[t.Any], associations: t.Container[t.Any], keys: t.Container[t.Any]) -> Restoration:
        """The same without what did not come back after all. ``associations`` are (model, key)."""
        return dataclasses.replace(
            self,
            subscriptions=tuple(one for one in self.subscriptions if one["id"] in subscriptions),
            associations=tuple(key for key in self.associations if (self.model_name, key) in associations),
            keys=tuple(one for one in self.keys if one["id"] in keys),
        )
