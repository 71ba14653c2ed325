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
  - Finds the rows of the LiteMaaS backend's table C(models) whose model LiteLLM does not have, and deletes or retires them.
  - A model that LiteLLM has in any form is no orphan, be it one of its C(config.yaml), one of a team, or one that a wildcard serves.
  - Nothing is removed unless LiteLLM's answer is proven to be complete, and not more than O(max_percent) and O(max_count) allow.
    Otherwise the task fails, names every model that would have gone with its subscriptions, keys and users, and changes nothing.
  - Everything happens in one transaction, with a row in the audit log for each removed model.
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
  - litemaas.models._model_spec.planned
attributes:
  check_mode:
    support: full
    details:
      - Reads in a read-only transaction and without the lock. A run that would be refused is refused in check mode too. Only missing
        rights to write are a warning there, and RV(rights_missing).
      - A model may be saved and not served. Without O(litellm_database_url), LiteLLM before 1.100 tells only by an empty update of the
        row's C(litellm_model_id), which check mode does not send, so a prediction may name such a row. A run leaves it as it is.
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
      - V(mark_unavailable) retires them, as the backend does it. The row becomes unavailable, active subscriptions of it inactive,
        API keys lose it, and keys that are left without any model by that are switched off.
    type: str
    choices: [delete, mark_unavailable]
    default: delete
  subscriptions:
    description:
      - What to do with a model that anybody ever subscribed to when O(strategy=delete).
      - V(retain) retires it, keeps its row and its subscriptions, and reports it as retained.
      - V(delete) deletes its subscriptions too, and with them their history. API keys stay, also those that belong to one of them.
        A key that is left without any model by that is switched off.
    type: str
    choices: [retain, delete]
    default: retain
  retention_days:
    description:
      - Delete only rows that have been unavailable for this many days. An orphan that is still available is retired first.
      - A row does not say since when it is unavailable. It is counted from its last change, so a change of anything in an unavailable
        row makes it start anew.
      - The audit log is not asked for it. It tells when a model was retired, but not whether it was back in between.
    type: float
    default: 0
  keep_models:
    description:
      - Names of models whose rows stay as they are, whether LiteLLM has the models or not. The role names those that its list wants
        and those that failed in an earlier step.
    type: list
    elements: str
    default: []
  planned_duplicates:
    description:
      - With O(planned_models), what the option O(litemaas.models.litellm_model#module:duplicates) of that module is. Only check mode asks.
    type: str
    choices: [refuse, collapse]
    default: refuse
  planned_rows:
    description:
      - RV(litemaas.models.litemaas_model_sync#module:availability) of a sync in check mode, which a run carries out before the cleanup.
        O(max_percent) is measured by the rows as that sync leaves them, and what it retires is unavailable already. Only check mode asks.
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
- name: Show what would go, and whom it would hit
  litemaas.models.litemaas_orphan_cleanup:
    litellm_url: https://litellm.example.com
    litellm_api_key: "{{ vault_litellm_master_key }}"
    database_url: "{{ vault_litemaas_database_url }}"
  check_mode: true
  register: preview

- name: Retire what LiteLLM no longer has and delete it a month later
  litemaas.models.litemaas_orphan_cleanup:
    retention_days: 30
    exclude_patterns:
      - "demo-.*"
"""

RETURN = r"""
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
  description: Names of the models that were kept for their subscriptions. They are unavailable.
  returned: success
  type: list
  elements: str
victims:
  description: Whom the removals hit.
  returned: success
  type: list
  elements: dict
  contains:
    model_name:
      description: Name of the model.
      type: str
    action:
      description: V(delete) or V(retire).
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
  description: What came with the removals.
  returned: success
  type: dict
  sample:
    models_marked_unavailable: 1
    subscriptions_deactivated: 3
    api_key_models_removed: 2
    api_keys_deactivated: 1
rights_missing:
  description: Rights to the backend's database that a run would lack; a run is refused then.
  returned: in check mode, if there are any
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
    - SHA-256 of what the run removed, or would in check mode, without times. A run that has the checksum of an earlier check mode
      did what that showed. What the run spared makes it another one.
  returned: success or partial failure
  type: str
models:
  description: What happened to each orphan, with the reason and the counts of RV(victims).
  returned: success
  type: list
  elements: dict
  contains:
    model_name:
      description: Name of the model.
      type: str
    action:
      description: V(deleted), V(retired), V(retained), V(unchanged), V(skipped) or V(failed).
      type: str
    reason:
      description: Why.
      type: str
failure:
  description:
    - Why nothing was done, with a stable C(code) and the C(message). If it was refused, C(details) has the C(victims), the C(reason),
      and in C(reasons) each way in which LiteLLM's answer may be incomplete, with a stable C(code) and a C(message).
  returned: failure
  type: dict
log:
  description: A line for each request to LiteLLM that was tried again.
  returned: when a request was tried again
  type: list
  elements: str
  sample: ["GET /v2/model/info: HTTP 503, trying again in 2.4 seconds (2 left), waited 3.7 seconds in this run"]
discovered:
  description: What was found in O(namespace), without secrets.
  returned: when something was looked for there
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
from ansible_collections.litemaas.models.plugins.module_utils._litemaas import catalogue, rights_check
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.audit import plan_checksum, removal_records
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.cleanup import find_orphans, plan_cleanup, rows_after
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import CleanupPolicy, Plan
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.report import cleanup_result, measured_cascade, predict_cascade
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.selection import Selection
from ansible_collections.litemaas.models.plugins.module_utils._proof import source
from ansible_collections.litemaas.models.plugins.module_utils._run import argspec
from ansible_collections.litemaas.models.plugins.module_utils._run.module import run_module
from ansible_collections.litemaas.models.plugins.module_utils._run.runner import Result, Steps
from ansible_collections.litemaas.models.plugins.module_utils._run.started_by import who

KEPT = "it is to be kept (keep_models)"


class LitemaasOrphanCleanup(Steps):
    """Rows whose model LiteLLM does not have -> deleted or retired."""

    def read(self) -> None:
        specs, _errors = read_specs(self.run.entries("planned_models"))
        self.selection = Selection.read(self.params)
        self.policy = CleanupPolicy.read(self.params, datetime.datetime.now(datetime.timezone.utc))
        self.source = source.connect(self.run)
        self.catalogue = catalogue.connect(self.run)
        foreseen = source.Foreseen(specs, self.params["planned_duplicates"])
        self.offer = self.source.read(foreseen if self.run.check_mode else None)
        self.rows = self.catalogue.rows(metadata=False)
        if self.run.check_mode:
            self.rows = rows_after(self.rows, self.params["planned_rows"], self.policy.now)
        self.offer.keep({name: KEPT for name in self.params["keep_models"] if name in self.rows})
        self.usage = self.catalogue.usage(find_orphans(self.offer, self.rows, self.selection))
        self.source.examine([change.model_name for change in self.plan().removals], self.rows)

    def plan(self) -> Plan:
        return plan_cleanup(self.offer, self.rows, self.selection, self.policy, self.usage)

    def guard(self, plan: Plan) -> None:
        refusal = self.source.verdict(plan)
        if refusal:
            raise refusal
        plan.cascade = predict_cascade(plan)
        plan.checksum = plan_checksum(plan)
        plan.rights_missing = rights_check.foresee_rights(self.run, self.catalogue, plan)

    def apply(self, plan: Plan) -> Plan:
        refusal = self.source.spare(plan, self.rows)
        if refusal:
            raise refusal
        effects = self.catalogue.carry_out(plan, self.policy.delete_subscriptions)
        plan.cascade = measured_cascade(plan, effects)
        plan.checksum = plan_checksum(plan)
        if plan.writes:
            self.catalogue.commit(removal_records(plan, effects, who(os.environ), self.policy.now))
        return plan

    def report(self, outcome: Plan) -> Result:
        self.run.warn(*outcome.warnings)
        return cleanup_result(outcome)


def argument_spec() -> argspec.ArgumentSpec:
    """The module's options."""
    own = argspec.ArgumentSpec(
        dict(
            keep_models=dict(type="list", elements="str", default=[]),
            planned_duplicates=dict(type="str", choices=["refuse", "collapse"], default="refuse"),
            planned_rows=dict(type="list", elements="dict", default=[], options=argspec.planned_row()),
        )
    )
    shared = (argspec.selection(), argspec.guard(), argspec.notify(), argspec.progress(), argspec.models("planned_models"))
    return argspec.connection().merge(*shared, argspec.fate(), own)


def main() -> None:
    run_module(argument_spec(), LitemaasOrphanCleanup, connect)


if __name__ == "__main__":
    main()
