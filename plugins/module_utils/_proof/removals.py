# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Models that a list takes out of LiteLLM: what that takes from LiteMaaS afterwards, and whether the guard allows it. Pure.

What goes from LiteLLM is measured against LiteLLM's own models, and, where LiteMaaS's tables are at hand, as the sync and the
cleanup after it will measure it. So these cannot refuse what came about here.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import dataclasses
import datetime
import functools
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import Refused
from ansible_collections.litemaas.models.plugins.module_utils._common.spec import Spec
from ansible_collections.litemaas.models.plugins.module_utils._litellm.planner import names_managed
from ansible_collections.litemaas.models.plugins.module_utils._litellm.reading import Deployment, Reading
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.cleanup import (
    find_orphans,
    not_available,
    plan_cleanup,
    rows_to_come,
)
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import (
    DELETED,
    NOT_THERE,
    UNCHANGED,
    Change,
    CleanupPolicy,
    Plan,
    Row,
    Usage,
    live,
)
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.selection import Offer, Selection, read_offer
from ansible_collections.litemaas.models.plugins.module_utils._proof import guard

LAST_MODEL = "LiteLLM would be left without any model (allow_empty: true accepts this)"


@dataclasses.dataclass(frozen=True)
class LaterSteps:
    """What the steps after this one will do with rows whose model is gone. None of them: only what leaves now is measured."""

    selection: Selection = dataclasses.field(default_factory=Selection)
    pull: bool = True
    # Of the sync, which retires before it adds rows.
    mark_unavailable: bool = False
    keep_hidden: bool = False
    cleanup: CleanupPolicy | None = None

    @classmethod
    def read(cls, options: t.Mapping[str, t.Any] | None, now: datetime.datetime) -> LaterSteps:
        """The later steps of a module's option. Raises InputError."""
        if not options:
            return cls()
        cleanup = CleanupPolicy.read(options, now) if options["cleanup"] else None
        return cls(Selection.read(options), options["pull"], options["mark_unavailable"], options["keep_hidden"], cleanup)


@dataclasses.dataclass(frozen=True)
class Removals:
    """``leaving`` are the names that go from LiteLLM, ``before`` and ``after`` its deployments.

    ``kept`` are names whose rows stay although LiteLLM does not list them, each with the reason.
    """

    leaving: t.Sequence[str]
    before: t.Sequence[Deployment]
    after: t.Sequence[Deployment]
    kept: t.Mapping[str, str] = dataclasses.field(default_factory=dict)

    @functools.cached_property
    def offer(self) -> Offer:
        """What LiteLLM will have."""
        return read_offer(self.after).keeping(self.kept)

    def keeping(self, reasons: t.Mapping[str, str]) -> Removals:
        """The same where the rows of more names stay."""
        return dataclasses.replace(self, kept={**self.kept, **reasons})

    def of_litellm(self, usage: t.Mapping[str, Usage] | None = None, rows: t.Iterable[str] = (), plans: t.Sequence[Plan] = ()) -> Plan:
        """The names that leave, measured against all that LiteLLM has before and after. ``usage`` None: nobody knows whom it hits.

        ``rows`` are the names that LiteMaaS has, ``plans`` what the later steps do to them: the last of them decides.
        """
        names = names_managed(self.before) | names_managed(self.after)
        fates = {name: Change(name, UNCHANGED) for name in rows}
        fates.update({change.model_name: change.row or change for plan in plans for change in plan.changes})
        changes = [_leaving(name, None if usage is None else usage.get(name, Usage()), fates.get(name)) for name in self.leaving]
        return Plan(changes=changes, rows=len(names), live=len(names))

    def of_rows(
        self,
        rows: t.Mapping[str, Row],
        specs: t.Sequence[Spec],
        steps: LaterSteps,
        usage: t.Mapping[str, Usage],
        hidden: frozenset[str] = frozenset(),
    ) -> list[Plan]:
        """What each of the later steps will remove from LiteMaaS, or the rows of the names that leave.

        ``hidden`` are those of ``may_be_hidden`` that no retirement made unavailable.
        """
        coming = rows_to_come(self.offer, rows, steps.selection, specs, steps.pull, hidden)
        plans = []
        if steps.mark_unavailable:
            retire = CleanupPolicy(datetime.datetime.now(datetime.timezone.utc), delete=False)
            plans.append(plan_cleanup(self.offer, rows, steps.selection, retire, usage))
        if steps.cleanup:
            plans.append(plan_cleanup(self.offer, coming, steps.selection, steps.cleanup, usage))
        if not plans:
            changes = [_staying(name, usage.get(name, Usage()), rows[name]) for name in self.leaving if self._orphaned(name, rows)]
            plans.append(Plan(changes=changes, rows=len(coming), live=live(coming)))
        return [dataclasses.replace(plan, changes=tuple(map(self._marked, plan.changes))) for plan in plans]

    def names(self, rows: t.Mapping[str, Row], steps: LaterSteps) -> list[str]:
        """The models whose users have to be known."""
        orphans = find_orphans(self.offer, rows, steps.selection) if steps.cleanup or steps.mark_unavailable else []
        return sorted({*self.leaving, *orphans})

    def may_be_hidden(self, rows: t.Mapping[str, Row], steps: LaterSteps) -> list[str]:
        """The rows of which has to be known who made them unavailable."""
        return not_available(self.offer, rows) if steps.keep_hidden else []

    def others(self, plans: t.Sequence[Plan]) -> list[str]:
        """What the plans remove that does not leave LiteLLM now: it was gone before."""
        return sorted({change.model_name for plan in plans for change in plan.removals} - set(self.leaving))

    def verdict(self, plans: t.Sequence[Plan], thresholds: guard.Thresholds) -> Refused | None:
        """None where the guard allows each of the plans, else its first refusal."""
        proven = Reading([], proven=True)
        for plan in plans:
            refused = guard.verdict(plan, proven, thresholds, guard.FROM_BOTH)
            if refused:
                return refused
        return None

    def last_model(self, plans: t.Sequence[Plan], thresholds: guard.Thresholds) -> Refused | None:
        """The refusal where LiteLLM would have no model at all: nothing could be removed from LiteMaaS then."""
        if self.after or thresholds.allow_empty:
            return None
        plan = next((plan for plan in plans if plan.removals), None)
        return guard.refusal(plan, LAST_MODEL, Reading([], proven=True), guard.FROM_BOTH) if plan else None

    def _marked(self, change: Change) -> Change:
        """A change of a row that says whether its model leaves LiteLLM now."""
        return dataclasses.replace(change, leaves=True) if change.model_name in self.leaving else change

    def _orphaned(self, name: str, rows: t.Mapping[str, Row]) -> bool:
        return name in rows and self.offer.has(name) is None


def _leaving(name: str, usage: Usage | None, row: Change | None) -> Change:
    """A name that leaves LiteLLM, and what becomes of its row. Where it has none, there is nothing to do with it."""
    return Change(name, DELETED, NOT_THERE, usage=usage, leaves=True, row=row or Change(name, ""))


def _staying(name: str, usage: Usage, row: Row) -> Change:
    """A name that leaves LiteLLM where no later step looks at its row. It counts like one that is deleted."""
    return Change(name, DELETED, NOT_THERE, before=dict(row), usage=usage, row=Change(name, UNCHANGED))
