# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Before the first write to LiteLLM: whether the steps after it can and may do in LiteMaaS what follows from it. Writes nothing."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import Refused
from ansible_collections.litemaas.models.plugins.module_utils._common.spec import Spec
from ansible_collections.litemaas.models.plugins.module_utils._litellm.plan import FAILED, Action
from ansible_collections.litemaas.models.plugins.module_utils._litellm.reading import Deployment
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import Plan
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.restore import hidden_by_people
from ansible_collections.litemaas.models.plugins.module_utils._proof import source
from ansible_collections.litemaas.models.plugins.module_utils._proof.guard import Thresholds
from ansible_collections.litemaas.models.plugins.module_utils._proof.removals import LaterSteps, Removals

if t.TYPE_CHECKING:
    from ansible_collections.litemaas.models.plugins.module_utils._litemaas.catalogue import Catalogue
    from ansible_collections.litemaas.models.plugins.module_utils._run.context import Run


@dataclasses.dataclass(frozen=True)
class Outlook:
    """What the steps after this one can and may do.

    ``refusal`` is why models may not leave LiteLLM; ``rights_missing`` are rights to the database that a run will lack, in check mode.
    """

    refusal: Refused | None = None
    rights_missing: t.Sequence[str] = ()


def look(
    run: Run,
    actions: t.Sequence[Action],
    leaving: t.Sequence[str],
    before: t.Sequence[Deployment],
    after: t.Sequence[Deployment],
    specs: t.Sequence[Spec],
) -> Outlook:
    """Whether these names may leave LiteLLM, whose deployments are ``before`` and ``after``.

    Raises DatabaseError where no step could follow.
    """
    # The cleanup leaves the rows of models that failed alone.
    failed = {action.model_name: action.reason for action in actions if action.kind == FAILED}
    removals = Removals(leaving, before, after, failed)
    if not run.params["check_backend"]:
        return Outlook(removals.verdict([removals.of_litellm()], Thresholds.read(run.params)))
    # The database's library, for which a run without LiteMaaS has no use.
    from ansible_collections.litemaas.models.plugins.module_utils._litemaas import catalogue, rights_check  # pylint: disable=import-outside-toplevel

    tables = catalogue.connect(run, read_only=True)
    try:
        missing = rights_check.check_rights(
            run, tables, lambda: _later_plans(run, removals, tables, specs) if leaving else [], bool(leaving)
        )
    except Refused as refusal:
        return Outlook(refusal)
    finally:
        tables.database.close()
    return Outlook(rights_missing=missing)


def _later_plans(run: Run, removals: Removals, tables: Catalogue, specs: t.Sequence[Spec]) -> list[Plan]:
    """What the later steps will remove from LiteMaaS. Raises Refused."""
    thresholds = Thresholds.read(run.params)
    steps = LaterSteps.read(run.params["later_steps"], datetime.datetime.now(datetime.timezone.utc))
    rows = tables.rows(metadata=False)
    usage = tables.usage(removals.names(rows, steps))
    may_be_hidden = removals.may_be_hidden(rows, steps)
    hidden = hidden_by_people(rows, may_be_hidden, tables.taken(may_be_hidden))
    plans = removals.of_rows(rows, specs, steps, usage, hidden)
    _obey(removals.verdict([removals.of_litellm(usage, rows, plans)], thresholds))
    others = removals.others(plans)
    if others and removals.verdict(plans, thresholds):
        # What LiteLLM has without listing it is no orphan. Asked only where the answer may change the verdict.
        litellm = source.connect(run)
        litellm.read(source.Foreseen(specs, run.params["duplicates"]))
        removals = removals.keeping(litellm.examine(others, rows).found)
        plans = removals.of_rows(rows, specs, steps, usage, hidden)
    _obey(removals.last_model(plans, thresholds) or removals.verdict(plans, thresholds))
    return plans


def _obey(refused: Refused | None) -> None:
    if refused:
        raise refused
