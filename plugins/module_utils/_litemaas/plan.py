# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a plan of rows is made of: the policies, each change of a row, and all of them. Pure."""

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


@dataclasses.dataclass
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


@dataclasses.dataclass
class Usage:
    """Who uses a model: all subscriptions ever, those that are active, the keys and every person behind either.

    ``keys`` has one ``{"id", "user", "active", "models"}`` per API key that may use the model; ``models`` is the set of all models of
    that key.
    """

    subscriptions: int = 0
    active_subscriptions: int = 0
    users: frozenset[str] = frozenset()
    keys: tuple[t.Mapping[str, t.Any], ...] = ()


@dataclasses.dataclass
class Plan:
    """What a run will do.

    ``total`` counts the models of LiteLLM it is about, ``rows`` and ``live`` (available) those of the table. ``refusal`` is
    why removals were taken out of the plan; ``cascade`` counts what came with those that were carried out. ``orphans`` are the rows
    that a cleanup would look at, ``hidden`` those that stay unavailable because a person made them so. ``restored`` is what models
    get back of earlier removals, ``not_restored`` a sentence for each kind of thing that they do not. ``checksum`` is that of the plan
    as it was decided. ``rights_missing`` are the rights to the database without which a run would be refused, in check mode.
    """

    changes: list[Change] = dataclasses.field(default_factory=list)
    errors: list[str] = dataclasses.field(default_factory=list)
    warnings: list[str] = dataclasses.field(default_factory=list)
    total: int = 0
    rows: int = 0
    live: int = 0
    refusal: Refused | None = None
    cascade: dict[str, int] = dataclasses.field(default_factory=dict)
    orphans: list[str] = dataclasses.field(default_factory=list)
    hidden: list[str] = dataclasses.field(default_factory=list)
    restored: list[Restoration] = dataclasses.field(default_factory=list)
    not_restored: list[str] = dataclasses.field(default_factory=list)
    checksum: str = ""
    rights_missing: list[str] = dataclasses.field(default_factory=list)

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
        return bool(self.of(CREATED, UPDATED) or self.removals or self.restored)

    @property
    def failures(self) -> list[str]:
        """A sentence for each failure."""
        return self.errors + ([self.refusal.message] if self.refusal else [])

    def spare(self, names: t.Collection[str], reason: str) -> None:
        """Take some removals out of the plan."""
        for change in self.removals:
            if change.model_name in names:
                change.action, change.columns, change.before, change.reason = SKIPPED, {}, {}, reason
                change.kept = False

    def withhold(self, refusal: Refused) -> None:
        """Take the removals out of the plan; the rest of it goes on."""
        self.refusal = refusal
        for change in self.removals:
            change.action, change.columns, change.before = FAILED, {}, {}
            change.kept = False
            change.reason = "not removed: {0}".format(refusal.details["reason"])


def live(rows: t.Mapping[str, Row]) -> int:
    """How many rows are available."""
    return sum(1 for row in rows.values() if row["availability"] != UNAVAILABLE)


def columns_of(row: Row, *columns: str) -> Row:
    """Some columns of a row; None for those that it does not have."""
    return {column: row.get(column) for column in columns}


@dataclasses.dataclass
class Restoration:
    """What one model gets back, and in ``lost`` a sentence for each kind of thing that it does not.

    ``subscriptions`` and ``keys`` are ``{"id", "version"}`` of rows as they were read, ``associations`` the ids of keys,
    ``unsubscribed`` those of them whose owners need no subscription.
    ``records`` are the ids of the removals in the audit log, ``retired_at`` is when the last of them was.
    """

    model_name: str
    retired_at: datetime.datetime
    records: list[str] = dataclasses.field(default_factory=list)
    subscriptions: list[Row] = dataclasses.field(default_factory=list)
    associations: list[str] = dataclasses.field(default_factory=list)
    keys: list[Row] = dataclasses.field(default_factory=list)
    unsubscribed: frozenset[str] = frozenset()
    lost: list[str] = dataclasses.field(default_factory=list)

    @property
    def gives(self) -> bool:
        """Whether anything comes back."""
        return bool(self.subscriptions or self.associations or self.keys)

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

    def keep(self, subscriptions: t.Container[t.Any], associations: t.Container[t.Any], keys: t.Container[t.Any]) -> bool:
        """Leave out what did not come back after all; returns whether something did not. ``associations`` are (model, key)."""
        before = len(self.subscriptions) + len(self.associations) + len(self.keys)
        self.subscriptions = [one for one in self.subscriptions if one["id"] in subscriptions]
        self.associations = [key for key in self.associations if (self.model_name, key) in associations]
        self.keys = [one for one in self.keys if one["id"] in keys]
        return len(self.subscriptions) + len(self.associations) + len(self.keys) < before
