# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the sync and the cleanup of LiteMaaS's rows do alike: prove, guard, apply, and the prediction of that."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._litemaas import rights_check
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.catalogue import Catalogue
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.outcome import Outcome, carried_out, predicted
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import Permission, Plan, Row
from ansible_collections.litemaas.models.plugins.module_utils._proof.guard import Proof, Thresholds, permit
from ansible_collections.litemaas.models.plugins.module_utils._proof.source import Source
from ansible_collections.litemaas.models.plugins.module_utils._run.runner import Steps


class RowSteps(Steps):
    """Steps of a module that plans rows. Its ``read`` sets what it reads from, and ``rows``: those of the table, by name."""

    source: Source
    catalogue: Catalogue
    rows: t.Mapping[str, Row]
    deletes_subscriptions = False
    # Whether a refusal ends the run, or the rest of the plan goes on.
    ends_refused = False

    def prove(self, plan: Plan) -> Proof:
        """What LiteLLM, and the witness, say of the models whose rows would be removed."""
        return self.source.examine([change.model_name for change in plan.removals], self.rows)

    def guard(self, plan: Plan, proof: Proof) -> Permission:
        """The plan weighed against the proof and the limits."""
        return self._accepted(permit(plan, proof, Thresholds.read(self.params)))

    def predict(self, permission: Permission) -> Outcome:
        """The outcome that a run will have, and the rights that it will lack."""
        return predicted(permission, rights_check.foresee_rights(self.run, self.catalogue, permission))

    def apply(self, permission: Permission) -> Outcome:
        """Check once more right before the removals, write, and keep what was written."""
        permission = self._accepted(self.source.last_check(permission, self.rows))
        outcome = carried_out(permission, self.catalogue.carry_out(permission.allowed, self.deletes_subscriptions))
        records = self.records(outcome)
        if records:
            self.catalogue.commit(records)
        return outcome

    def records(self, outcome: Outcome) -> list[Row]:
        """What is written into the audit log of what was done. Without any nothing is kept."""
        raise NotImplementedError

    def _accepted(self, permission: Permission) -> Permission:
        if self.ends_refused and permission.refusal:
            raise permission.refusal
        return permission
