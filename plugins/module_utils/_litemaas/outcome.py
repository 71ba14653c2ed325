# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What became of a plan, or will: what was done of it, whom that took what from, and its checksum. Pure."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import dataclasses
import hashlib
import json
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import Refused
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.affected import affected_by
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.cascade import (
    ASSOCIATIONS,
    KEYS,
    SUBSCRIPTIONS,
    Effect,
    measured_cascade,
    predict_cascade,
    tell_affected,
)
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import (
    FAILED,
    SKIPPED,
    UNCHANGED,
    Change,
    Permission,
    Plan,
    Row,
    failures,
)


@dataclasses.dataclass(frozen=True)
class Written:
    """What the statements of a plan did. ``effects`` are those of its removals, ``given_back`` those of what it restores.

    ``overtaken`` are the models that somebody else was faster with, each with what that was.
    """

    effects: t.Sequence[Effect] = ()
    given_back: t.Sequence[Effect] = ()
    overtaken: t.Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What was done of a plan; in check mode what will be.

    ``refusal`` is why none of its removals was. ``cascade`` counts what came with those that were, ``effects`` are these one by one.
    ``rights_missing`` are the rights to the database without which a run would be refused, in check mode.
    """

    done: Plan
    refusal: Refused | None
    cascade: t.Mapping[str, int]
    checksum: str
    effects: t.Sequence[Effect] = ()
    rights_missing: t.Sequence[str] = ()

    @property
    def failures(self) -> list[str]:
        """A sentence for each failure."""
        return failures(self.done, self.refusal)


def predicted(permission: Permission, rights_missing: t.Sequence[str] = ()) -> Outcome:
    """What a run will do that has this permission."""
    done = tell_affected(permission.allowed)
    return Outcome(done, permission.refusal, predict_cascade(done), plan_checksum(done), rights_missing=rights_missing)


def carried_out(permission: Permission, written: Written) -> Outcome:
    """What a run did that had this permission."""
    done = tell_affected(_came_back(_without_overtaken(permission.allowed, written.overtaken), written.given_back))
    return Outcome(done, permission.refusal, measured_cascade(done, written.effects), plan_checksum(done), written.effects)


def _without_overtaken(plan: Plan, overtaken: t.Mapping[str, str]) -> Plan:
    """The plan with the changes as failures that somebody else was faster with."""
    if not overtaken:
        return plan
    changes = tuple(
        change.not_done(FAILED, overtaken[change.model_name]) if change.model_name in overtaken else change for change in plan.changes
    )
    errors = [f"{name}: {reason}. Run again" for name, reason in overtaken.items()]
    return dataclasses.replace(plan, changes=changes, errors=(*plan.errors, *errors))


def _came_back(plan: Plan, effects: t.Sequence[Effect]) -> Plan:
    """The plan without what did not come back after all, because somebody changed it in the meantime."""
    if not plan.restored:
        return plan
    subscriptions = {identifier for kind, dummy, identifier in effects if kind == SUBSCRIPTIONS}
    associations = {(model, identifier) for kind, model, identifier in effects if kind == ASSOCIATIONS}
    keys = {identifier for kind, dummy, identifier in effects if kind == KEYS}
    restored, lost = [], []
    for planned in plan.restored:
        restoration = planned.only(subscriptions, associations, keys)
        if restoration.parts < planned.parts:
            lost.append(f"{planned.model_name}: something was not restored: changed by somebody in the meantime")
        if restoration.gives:
            restored.append(restoration)
    return dataclasses.replace(plan, restored=tuple(restored), not_restored=(*plan.not_restored, *lost))


# --- the checksum --------------------------------------------------------------------------------------------------------


def plan_checksum(plan: Plan) -> str:
    """A checksum of what a plan does: the same in check mode and in a run that did what that showed, and no time in it.

    Metadata is left out: it is no reason to write, and LiteLLM has times in it.
    """
    changes = [
        [change.model_name, change.action, _written(change), affected_by(change) if change.removes else None]
        for change in plan.changes
        if change.action not in (UNCHANGED, SKIPPED)
    ]
    restored = [[one.model_name, ids_of(one.subscriptions), sorted(one.associations), ids_of(one.keys)] for one in plan.restored]
    canonical = json.dumps([changes, restored], sort_keys=True, default=str)
    return hashlib.sha256(canonical.encode("utf-8", "backslashreplace")).hexdigest()


def _written(change: Change) -> Row:
    return {column: change.columns[column] for column in change.changed if column in change.columns and column != "metadata"}


def ids_of(rows: t.Iterable[Row]) -> list[str]:
    """The ids of some rows, in order."""
    return sorted(row["id"] for row in rows)
