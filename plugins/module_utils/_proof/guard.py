# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a plan may remove: allowed, or refused with every affected model named. Pure."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.counted import counted, of_many
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import InputError, Refused
from ansible_collections.litemaas.models.plugins.module_utils._litellm.reading import Reading
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.affected import affected_by, affected_models
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import DELETED, Change, Permission, Plan, Usage
from ansible_collections.litemaas.models.plugins.module_utils._proof.completeness import DATABASE_AWAY, EMPTY

# A share of fewer rows says nothing.
SHARE_FROM_ROWS = 10

# How many affected models a message names; the result has them all.
NAMED = 10

# From where nothing was removed.
FROM_BOTH = "Nothing was removed from LiteLLM or LiteMaaS"
FROM_LITEMAAS = "Nothing was removed from LiteMaaS; this step does not touch LiteLLM"


@dataclasses.dataclass(frozen=True)
class Thresholds:
    """How much may go. ``force`` lifts ``max_percent`` and ``max_count``, never the need for a complete read."""

    max_percent: float = 30.0
    max_count: int | None = None
    allow_empty: bool = False
    force: bool = False

    @classmethod
    def read(cls, params: t.Mapping[str, t.Any]) -> Thresholds:
        """The thresholds of a module's options. Raises InputError."""
        if not params["max_percent"] >= 0:
            raise InputError("max_percent must be a number from 0")
        if params["max_count"] is not None and params["max_count"] < 0:
            raise InputError("max_count must not be negative")
        return cls(params["max_percent"], params["max_count"], params["allow_empty"], params["force"])


@dataclasses.dataclass(frozen=True)
class Proof:
    """What was found out of the models that a plan removes.

    ``reading`` is what LiteLLM lists, with the reasons for which that may not be all; ``found`` are those that it has without listing
    them, each with the reason.
    """

    reading: Reading
    found: t.Mapping[str, str] = dataclasses.field(default_factory=dict)


def permit(plan: Plan, proof: Proof, thresholds: Thresholds) -> Permission:
    """What of a plan may be done: no removal of what LiteLLM has after all, and none where the verdict is against them."""
    allowed = plan.without(proof.found)
    return Permission(allowed).refusing(verdict(allowed, proof.reading, thresholds))


def verdict(plan: Plan, reading: Reading, thresholds: Thresholds, untouched: str = FROM_LITEMAAS) -> Refused | None:
    """None where the plan's removals are allowed, else why not.

    ``reading`` is what LiteLLM says it has, and how sure that is; ``untouched`` says from where nothing was removed.
    """
    if not plan.removals:
        return None
    reason = unproven(reading, thresholds) or ("" if thresholds.force else _too_many(plan, thresholds))
    return refusal(plan, reason, reading, untouched) if reason else None


def refusal(plan: Plan, reason: str, reading: Reading, untouched: str = FROM_LITEMAAS) -> Refused:
    """The refusal of all removals of a plan."""
    removals = plan.removals
    # Those first that most people lose.
    first = sorted(removals, key=lambda change: -len((change.usage or Usage()).users))[:NAMED]
    shown = [_shown(change) for change in first]
    more = f" and {len(removals) - NAMED} more" if len(removals) > NAMED else ""
    return Refused(
        "Refused to remove {0} of {1}: {2}. {3}. It would affect {4}{5}".format(
            len(removals), counted(plan.rows, "model"), reason, untouched, "; ".join(shown), more
        ),
        reason=reason,
        reasons=list(reading.reasons),
        affected=affected_models(plan),
    )


def unproven(reading: Reading, thresholds: Thresholds) -> str:
    """Why nothing may be removed on the ground of a reading, or the empty text."""
    if not reading.proven:
        return "LiteLLM's answer was not checked for completeness"
    codes = [reason["code"] for reason in reading.reasons]
    if not codes or (codes == [EMPTY] and thresholds.allow_empty):
        return ""
    hint = " (allow_empty: true accepts this)" if codes == [EMPTY] else ""
    first = min(reading.reasons, key=lambda reason: reason["code"] != DATABASE_AWAY)
    more = f" (and {len(codes) - 1} more: see failure.details.reasons)" if len(codes) > 1 else ""
    return "it is not proven that LiteLLM's answer is complete: {0}{1} [{2}]{3}".format(first["message"], hint, first["code"], more)


def _too_many(plan: Plan, thresholds: Thresholds) -> str:
    """Why it is too much at once, measured against all rows and against those that are available."""
    removals = plan.removals
    if thresholds.max_count is not None and len(removals) > thresholds.max_count:
        number = len(removals)
        return "{0} {1} more than max_count {2} (force: true lifts this)".format(number, of_many(number, "is", "are"), thresholds.max_count)
    for count, total, what in ((len(removals), plan.rows, "model"), (_live(removals), plan.live, "available model")):
        if total >= SHARE_FROM_ROWS and count * 100.0 > thresholds.max_percent * total:
            return "{0} of {1} {2} {3:.0f} %, more than max_percent {4:g} (force: true lifts this)".format(
                count, counted(total, what), of_many(count, "is", "are"), count * 100.0 / total, thresholds.max_percent
            )
    return ""


def _live(removals: t.Sequence[Change]) -> int:
    return sum(1 for change in removals if change.before.get("availability") != "unavailable")


def _shown(change: Change) -> str:
    """A removal in a message. Without LiteMaaS's database nobody knows whom it hits."""
    if change.usage is None:
        return change.model_name
    hit = affected_by(change)
    numbers = (counted(hit["subscriptions"], "subscription"), counted(hit["api_keys"], "key"), counted(hit["users"], "user"))
    return "{0} ({1}: {2})".format(hit["model_name"], _fate(change), ", ".join(numbers))


def _fate(change: Change) -> str:
    """What becomes of a model that is removed, on each side."""
    row = change.row or change
    if not row.action:
        words = "no row in LiteMaaS"
    elif row.action == DELETED:
        words = "deleted from LiteMaaS"
    elif row.kept:
        words = "{0} in LiteMaaS and kept for its subscriptions".format("retired" if row.retires else "unavailable")
    elif row.retires:
        words = "retired in LiteMaaS"
    else:
        words = "its row in LiteMaaS stays"
    return f"leaves LiteLLM, {words}" if change.leaves else words
