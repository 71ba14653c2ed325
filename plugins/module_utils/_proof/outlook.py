# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Before the first write to LiteLLM: whether the steps after it can and may do in LiteMaaS what follows from it. Writes nothing."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import Refused
from ansible_collections.litemaas.models.plugins.module_utils._common.spec import Spec
from ansible_collections.litemaas.models.plugins.module_utils._litellm.plan import FAILED, Plan
from ansible_collections.litemaas.models.plugins.module_utils._litellm.reading import Deployment
from ansible_collections.litemaas.models.plugins.module_utils._litellm.settle import outcome_of
from ansible_collections.litemaas.models.plugins.module_utils._litemaas import plan as _rows_plan
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.restore import hidden_by_people
from ansible_collections.litemaas.models.plugins.module_utils._proof import source as _source
from ansible_collections.litemaas.models.plugins.module_utils._proof.guard import Thresholds
from ansible_collections.litemaas.models.plugins.module_utils._proof.removals import LaterSteps, Removals

if t.TYPE_CHECKING:
    from ansible_collections.litemaas.models.plugins.module_utils._litemaas.catalogue import Catalogue
    from ansible_collections.litemaas.models.plugins.module_utils._run.context import Run


def check(run: Run, plan: Plan, leaving: t.Sequence[str], deployments: t.Sequence[Deployment], specs: t.Sequence[Spec]) -> list[str]:
    """Raise Refused where the guard forbids that these names leave LiteLLM, and DatabaseError where no step could follow.

    Returns the rights to the database that a run will lack, in check mode; a run raises DatabaseError for them.
    """
    removals = Removals(leaving, deployments, outcome_of(plan, deployments))
    # The cleanup leaves the rows of such models alone.
    removals.offer.keep({action.model_name: action.reason for action in plan.actions if action.kind == FAILED})
    if not run.params["check_backend"]:
        _obey(removals.verdict([removals.of_litellm()], Thresholds.read(run.params)))
        return []
    # The database's library, for which a run without LiteMaaS has no use.
    from ansible_collections.litemaas.models.plugins.module_utils._litemaas import catalogue as _catalogue  # pylint: disable=import-outside-toplevel
    from ansible_collections.litemaas.models.plugins.module_utils._litemaas import rights_check  # pylint: disable=import-outside-toplevel

    catalogue = _catalogue.connect(run, read_only=True)
    try:
        return rights_check.check_rights(
            run, catalogue, lambda: _check_rows(run, removals, catalogue, specs) if leaving else [], bool(leaving)
        )
    finally:
        catalogue.database.close()


def _check_rows(run: Run, removals: Removals, catalogue: Catalogue, specs: t.Sequence[Spec]) -> list[_rows_plan.Plan]:
    """What the later steps will remove from LiteMaaS. Raises Refused."""
    thresholds = Thresholds.read(run.params)
    steps = LaterSteps.read(run.params["later_steps"], datetime.datetime.now(datetime.timezone.utc))
    rows = catalogue.rows(metadata=False)
    usage = catalogue.usage(removals.names(rows, steps))
    may_be_hidden = removals.may_be_hidden(rows, steps)
    hidden = hidden_by_people(rows, may_be_hidden, catalogue.taken(may_be_hidden))
    plans = removals.of_rows(rows, specs, steps, usage, hidden)
    _obey(removals.verdict([removals.of_litellm(usage, rows, plans)], thresholds))
    others = removals.others(plans)
    if others and removals.verdict(plans, thresholds):
        # What LiteLLM has without listing it is no orphan. Asked only where the answer may change the verdict.
        source = _source.connect(run)
        source.read(_source.Foreseen(specs, run.params["duplicates"]))
        source.examine(others, rows)
        removals.offer.keep(source.offer.kept)
        plans = removals.of_rows(rows, specs, steps, usage, hidden)
    _obey(removals.last_model(plans, thresholds) or removals.verdict(plans, thresholds))
    return plans


def _obey(refused: Refused | None) -> None:
    if refused:
        raise refused
