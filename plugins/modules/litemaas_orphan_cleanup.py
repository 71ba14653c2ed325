#!/usr/bin/python
# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: litemaas_orphan_cleanup
short_description: Remove models from LiteMaaS that LiteLLM no longer has
version_added: 0.1.0
description:
  - Finds rows in the LiteMaaS backend's table C(models) whose model LiteLLM does not have (orphans), and deletes or retires them.
  - A model that LiteLLM has in any form is not an orphan. This includes models of its C(config.yaml), of a team, or served by a wildcard.
  - Removes models only if LiteLLM's answer is proven to be complete, and no more than O(max_percent) and O(max_count) allow. Otherwise
    the task changes nothing and fails. It names each model that would have been removed, with its subscriptions, keys and users.
  - Writes everything in one transaction, with a row in the audit log for each removed model.
author:
  - LiteMaaS models contributors (@litemaas)
extends_documentation_fragment:
  - litemaas.models._attributes
  - litemaas.models._attributes.actiongroup_litemaas
  - litemaas.models._litellm
  - litemaas.models._witness
  - litemaas.models._database
  - litemaas.models._openshift
  - litemaas.models._selection
  - litemaas.models._guard
  - litemaas.models._notify
  - litemaas.models._progress
  - litemaas.models._model_spec
attributes:
  check_mode:
    support: full
    details:
      - Reads in a read-only transaction and without the lock. Check mode refuses whatever a run would refuse. Only missing rights to
        write cause a warning instead, and are listed in RV(rights_missing).
      - A model may be saved but not served. Without O(litellm_database_url), LiteLLM before 1.100 reveals such a model only by an empty
        update of the row's C(litellm_model_id). Check mode does not send it, so it may list a row that a run leaves alone.
  diff_mode:
    support: full
  idempotent:
    support: full
  platform:
    support: full
    platforms: all
options:
  strategy:
    description:
      - V(delete) deletes the rows of orphans.
      - V(mark_unavailable) retires them, as the backend does. The row becomes unavailable, active subscriptions become inactive, API keys
        lose the model, and keys without any other model are deactivated.
    type: str
    choices: [delete, mark_unavailable]
    default: delete
  subscriptions:
    description:
      - What to do with a model that has, or had, subscriptions if O(strategy=delete).
      - V(retain) retires it, keeps its row and its subscriptions, and names it in RV(retained).
      - V(delete) deletes its subscriptions, too, and their history. API keys stay, even those that belong to one of these subscriptions.
        A key without any other model is deactivated.
    type: str
    choices: [retain, delete]
    default: retain
  retention_days:
    description:
      - Delete only rows that have been unavailable for this many days. An orphan that is still available is retired first.
      - The days are counted from the last change of the row, because a row does not record when it became unavailable. Any change of an
        unavailable row starts the count again.
      - The audit log is not used for this. It records when a model was retired, but not whether it was available in between.
    type: float
    default: 0
  keep_models:
    description:
      - Names of models whose rows are left alone, whether LiteLLM has the models or not. The role passes the models of its list and those
        that failed in an earlier step.
    type: list
    elements: str
    default: []
  models:
    description:
      - The models of the models file. Only used with O(predict_models=true) in check mode.
      - An entry with a wrong value is left out.
  predict_models:
    description:
      - In check mode, take O(models) as applied to LiteLLM already, as they will be when M(litemaas.models.litellm_model) runs before
        this module with the same list.
      - Without check mode it has no effect.
    type: bool
    default: false
  predict_duplicates:
    description:
      - With O(predict_models=true), what the option O(litemaas.models.litellm_model#module:duplicates) of that module is.
      - Nothing is collapsed here.
    type: str
    choices: [refuse, collapse]
    default: refuse
  predict_rows:
    description:
      - In check mode, RV(litemaas.models.litemaas_model_sync#module:availability) of a sync in check mode, which a run carries out before
        the cleanup. O(max_percent) is measured by the rows as that sync leaves them, and what it retires is unavailable already.
      - Without check mode it has no effect.
      - Subscriptions and keys of models that such a sync retires are counted as they are before it.
    type: list
    elements: dict
    default: []
    suboptions:
      model_name:
        description: Name of the model.
        type: str
        required: true
      availability:
        description: The availability of its row after the sync.
        type: str
        required: true
"""

EXAMPLES = r"""
- name: Show which models would be removed, and who is affected
  litemaas.models.litemaas_orphan_cleanup:
    litellm_url: https://litellm.example.com
    litellm_api_key: "{{ vault_litellm_master_key }}"
    database_url: "{{ vault_litemaas_database_url }}"
  check_mode: true
  register: preview

- name: Retire models that LiteLLM no longer has, and delete them a month later
  litemaas.models.litemaas_orphan_cleanup:
    retention_days: 30
    exclude_patterns:
      - "demo-.*"
"""

RETURN = r"""
counts:
  description: How many models each action happened to.
  returned: success or partial failure
  type: dict
  sample: {"deleted": 1, "retired": 1, "unchanged": 0, "skipped": 0, "failed": 0}
deleted:
  description: Names of the models whose rows were deleted.
  returned: success
  type: list
  elements: str
retired:
  description: Names of the models that became unavailable.
  returned: success
  type: list
  elements: str
retained:
  description: Names of the models that were kept for their subscriptions. They are unavailable, or are retired now.
  returned: success
  type: list
  elements: str
affected:
  description: Subscriptions, API keys and users affected.
  returned: success
  type: list
  elements: dict
  contains:
    model_name:
      description: Name of the model.
      type: str
    action:
      description: V(deleted) or V(retired).
      type: str
    subscriptions:
      description: How many subscriptions it ever had.
      type: int
    active_subscriptions:
      description: How many of them are active.
      type: int
    api_keys:
      description: How many API keys may use it.
      type: int
    users:
      description: How many people that makes.
      type: int
cascade_statistics:
  description: Numbers of models, subscriptions and API keys affected.
  returned: success
  type: dict
  sample:
    models_marked_unavailable: 1
    subscriptions_deactivated: 3
    api_key_models_removed: 2
    api_keys_deactivated: 1
rights_missing:
  description: Database rights that a run would lack. A run without them is refused.
  returned: in check mode, if rights are missing
  type: list
  elements: str
  sample: ["INSERT on models", "UPDATE on models", "INSERT on audit_logs"]
errors:
  description: One sentence for each model that could not be removed.
  returned: success or partial failure
  type: list
  elements: str
plan_checksum:
  description:
    - SHA-256 of everything that the run removed, or would in check mode, without times. If a run has the same checksum as an earlier
      check mode, it did exactly what check mode predicted.
  returned: success or partial failure
  type: str
models:
  description: What happened to each orphan, with the reason and the counts of RV(affected).
  returned: success
  type: list
  elements: dict
  contains:
    model_name:
      description: Name of the model.
      type: str
    action:
      description: V(deleted), V(retired), V(unchanged), V(skipped) or V(failed).
      type: str
    reason:
      description: Why.
      type: str
failure:
  description:
    - Why nothing was done, with a stable C(code) and the C(message). If it was refused, C(details) has the C(affected), the C(reason),
      and in C(reasons) each way in which LiteLLM's answer may be incomplete, with a stable C(code) and a C(message).
  returned: failure
  type: dict
log:
  description: A line for each request to LiteLLM that was retried.
  returned: when a request was retried
  type: list
  elements: str
  sample: ["GET /v2/model/info: HTTP 503, trying again in 2.4 seconds (2 left), waited 3.7 seconds in this run"]
discovered:
  description: What was discovered in O(namespace), without secrets.
  returned: when O(namespace) was searched
  type: dict
  sample:
    namespace: litemaas
    litellm_url: https://litellm-litemaas.apps.example.com
    database: database "litemaas_db" of pod postgres-0 (namespace litemaas)
"""

import datetime
import os

from ansible_collections.litemaas.models.plugins.module_utils._cluster import connect
from ansible_collections.litemaas.models.plugins.module_utils._common.specs import read_specs
from ansible_collections.litemaas.models.plugins.module_utils._litemaas import catalogue
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.audit import removal_records
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.cleanup import find_orphans, plan_cleanup, rows_after
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.outcome import Outcome
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import CleanupPolicy, Plan, Row
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.report import cleanup_result
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.selection import Selection
from ansible_collections.litemaas.models.plugins.module_utils._proof import source
from ansible_collections.litemaas.models.plugins.module_utils._proof.row_steps import RowSteps
from ansible_collections.litemaas.models.plugins.module_utils._run import argspec
from ansible_collections.litemaas.models.plugins.module_utils._run.job import started_by
from ansible_collections.litemaas.models.plugins.module_utils._run.module import run_module
from ansible_collections.litemaas.models.plugins.module_utils._run.runner import Result

KEPT = "it is kept (keep_models)"


class LitemaasOrphanCleanup(RowSteps):
    """Rows whose model LiteLLM does not have -> deleted or retired."""

    ends_refused = True

    def read(self) -> None:
        specs, _errors = read_specs(self.run.entries("models"))
        self.selection = Selection.read(self.params)
        self.policy = CleanupPolicy.read(self.params, datetime.datetime.now(datetime.timezone.utc))
        self.deletes_subscriptions = self.policy.delete_subscriptions
        self.source = source.connect(self.run)
        self.catalogue = catalogue.connect(self.run)
        foreseen = self.run.check_mode and self.params["predict_models"]
        offer = self.source.read(source.Foreseen(specs, self.params["predict_duplicates"]) if foreseen else None)
        self.rows = self.catalogue.rows(metadata=False)
        if self.run.check_mode:
            self.rows = rows_after(self.rows, self.params["predict_rows"], self.policy.now)
        self.offer = offer.keeping({name: KEPT for name in self.params["keep_models"] if name in self.rows})
        self.usage = self.catalogue.usage(find_orphans(self.offer, self.rows, self.selection))

    def plan(self) -> Plan:
        return plan_cleanup(self.offer, self.rows, self.selection, self.policy, self.usage)

    def records(self, outcome: Outcome) -> list[Row]:
        return removal_records(outcome, started_by(os.environ), self.policy.now)

    def report(self, outcome: Outcome) -> Result:
        self.run.warn(*outcome.done.warnings)
        return cleanup_result(outcome)


def argument_spec() -> argspec.ArgumentSpec:
    """The module's options."""
    own = argspec.ArgumentSpec(
        dict(
            keep_models=dict(type="list", elements="str", default=[]),
            predict_rows=dict(type="list", elements="dict", default=[], options=argspec.predicted_row()),
        )
    )
    return argspec.of_rows().merge(argspec.orphan_handling(), own)


def main() -> None:
    run_module(argument_spec(), LitemaasOrphanCleanup, connect)


if __name__ == "__main__":
    main()
