#!/usr/bin/python
# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: litemaas_model_sync
short_description: Copy LiteLLM's models to the database of the LiteMaaS backend
version_added: 0.1.0
description:
  - Updates the table C(models) of the LiteMaaS backend to match a LiteLLM proxy. The mapping is the same as in the backend's own sync,
    so that neither reverts the other's changes.
  - Writes a row only if a value in it differs. A run without differences and errors writes nothing, not even to the audit log.
  - Writes everything in one transaction. The number of statements does not depend on the number of models.
  - If a value does not fit its column, the model is reported and its row is left as it is. The other models are done, and the task fails
    at the end with the whole result.
  - If a name has several deployments, the row shows the one that O(models) matches, or the one with the id derived from the name. A
    warning names the others.
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
      - Reads in a read-only transaction and without the lock.
      - If an earlier task applies O(models) to LiteLLM, set O(predict_models=true) to include them in the prediction.
  diff_mode:
    support: full
  idempotent:
    support: full
    details:
      - With O(force_update=true), each run writes all selected rows and reports a change.
  platform:
    support: full
    platforms: all
options:
  pull:
    description:
      - Whether to sync all models of LiteLLM. With V(false), only those in O(models) are synced.
    type: bool
    default: true
  models:
    description:
      - The entries of the models file. Their O(models[].display_name), O(models[].description), O(models[].provider),
        O(models[].category), O(models[].supports_streaming), O(models[].availability) and O(models[].restricted_access) are written to
        the rows, whatever O(conflict_resolution) is. All other columns come from LiteLLM.
      - An entry with a wrong value fails. The others are done, and the task fails at the end.
      - Entries with O(models[].state=absent) are ignored.
  conflict_resolution:
    description:
      - Which side wins when they differ and O(models) does not set the value.
      - V(litellm_wins) takes everything from LiteLLM. This includes the presentation (name, description, category, provider, streaming,
        availability) that an earlier list stored there in C(model_info).
      - V(merge) keeps name, description, category, provider and streaming as somebody set them in LiteMaaS, and takes the rest from
        LiteLLM. If the backend's own sync overwrote a name, category or provider from the models file, it is restored.
      - V(database_wins) only fills empty columns. A limit of 0 counts as empty. The availability and LiteLLM's id still come from LiteLLM.
      - All modes write features in the order in which the backend compares them, so that its own sync finds no difference.
    type: str
    choices: [litellm_wins, database_wins, merge]
    default: litellm_wins
  force_update:
    description:
      - Write all selected rows, even if nothing in them differs.
    type: bool
    default: false
  keep_hidden:
    description:
      - Whether to keep rows unavailable that somebody made unavailable, for example with SQL. The other columns of such a row are still
        updated, and RV(hidden_models) names it. With V(false), the model becomes available again, with a warning.
      - A retired model becomes available again when LiteLLM has it again, whoever retired it. A retirement is recognized by its record in
        the audit log, which has the same time as the row. If the row changed since, or the record is gone, the row stays hidden.
      - O(models[].availability) takes precedence. V(available) shows the model, with a warning, and V(unavailable) hides it in each run.
      - LiteMaaS's own sync ignores this option. Whenever it runs, it makes every model available that LiteLLM has, and this module does
        not hide these models again. To hide a model permanently, set V(unavailable) in the models file.
    type: bool
    default: false
  mark_unavailable:
    description:
      - Whether to retire models that LiteLLM no longer has, as the backend does. Their rows become unavailable, their active subscriptions
        become inactive, API keys lose them, and keys without any other model are deactivated.
      - Requires O(pull=true), and proof that LiteLLM's answer is complete. Without that proof, or with more models than O(max_percent) and
        O(max_count) allow, nothing is retired, the rest is done, and the task fails.
    type: bool
    default: false
  predict_models:
    description:
      - In check mode, assume that M(litemaas.models.litellm_model) has already applied O(models) to LiteLLM. Values that LiteLLM adds to
        models that it knows are read from its cost map.
      - Used only in check mode.
    type: bool
    default: false
  predict_duplicates:
    description:
      - With O(predict_models=true), the value of O(litemaas.models.litellm_model#module:duplicates) in that module's task.
      - This module collapses nothing.
    type: str
    choices: [refuse, collapse]
    default: refuse
  predict_replace:
    description:
      - With O(predict_models=true), the value of O(litemaas.models.litellm_model#module:replace) in that module's task.
      - This module clears nothing.
    type: bool
    default: false
  require_pricing:
    description:
      - Whether a model without prices fails. A price of 0 counts if it was set in LiteLLM. A model for embeddings needs no output price.
    type: bool
    default: false
  restore:
    description:
      - Whether to restore what a model's retirement took, if LiteLLM has the model again and as far as the audit log records it. The
        retirement may have happened in an earlier run, and the model may be available since. Nothing is restored twice.
      - After a retirement by this collection, subscriptions unchanged since then are restored, unless they have expired. API keys get
        the model back, unless they were deleted or revoked or have expired. Keys that were deactivated, then or by a later removal, are
        activated again if nobody changed them since. A key whose owner has no active subscription to the model does not get it back,
        unless the audit log says that there was none at the retirement.
      - If the model has been available since, a key whose row changed after the retirement does not get the model back, because somebody
        may have removed the model from it. To avoid this, restore in the run that makes the model available again.
      - Deactivated users (C(users.is_active)) get nothing back. The database user must be allowed to read C(users).
      - After a deletion by this collection, API keys are restored in the same way. Deleted subscriptions are not restored, and keys of
        their owners do not get the model back.
      - If LiteMaaS's own sync retired the model, only subscriptions unchanged since then can be restored. That sync does not record which
        API keys had the model.
      - If the model requires approval now (C(restricted_access)), nothing is restored, unless the audit log says that it required approval
        when it was retired.
      - RV(not_restored) says what was not restored, and why.
    type: bool
    default: false
notes:
  - O(mark_unavailable=true) ignores rows that are already unavailable, even with active subscriptions, because somebody may have made
    them unavailable for a while. M(litemaas.models.litemaas_sync_info) names such models.
  - LiteMaaS's audit log records each sync that changed something as C(MODELS_SYNC), with counts, errors, who ran it and
    RV(plan_checksum). It also records a sync that was refused or failed for a model, even if it changed nothing.
"""

EXAMPLES = r"""
- name: Show LiteLLM's models in LiteMaaS
  litemaas.models.litemaas_model_sync:
    litellm_url: https://litellm.example.com
    litellm_api_key: "{{ vault_litellm_master_key }}"
    database_url: "{{ vault_litemaas_database_url }}"

- name: Discover the servers in a namespace, with a token for its cluster
  litemaas.models.litemaas_model_sync:
    namespace: litemaas
    kubernetes:
      host: https://api.cluster.example.com:6443
      api_key: "{{ vault_cluster_token }}"

- name: Keep names and descriptions from LiteMaaS, and retire models that LiteLLM no longer has
  litemaas.models.litemaas_model_sync:
    conflict_resolution: merge
    mark_unavailable: true
    max_percent: 20

- name: Restore what people had before a model was retired
  litemaas.models.litemaas_model_sync:
    restore: true

- name: Sync only the models of the models file
  litemaas.models.litemaas_model_sync:
    pull: false
    models:
      - model_name: granite-3.3-8b
        display_name: Granite 3.3 8B
        description: General purpose model
        category: Language Model
"""

RETURN = r"""
success:
  description: Whether there were no errors.
  returned: always
  type: bool
counts:
  description: How many models each action happened to.
  returned: success or partial failure
  type: dict
  sample: {"created": 1, "updated": 2, "restored": 0, "retired": 0, "unchanged": 47, "skipped": 0, "failed": 0}
total_models:
  description: Number of LiteLLM's models that were synced.
  returned: success or partial failure
  type: int
new_models:
  description: Number of rows that were added.
  returned: success or partial failure
  type: int
updated_models:
  description: Number of rows that were changed.
  returned: success or partial failure
  type: int
unavailable_models:
  description: Number of models that became unavailable.
  returned: success or partial failure
  type: int
orphaned_models:
  description:
    - Rows of selected models that LiteLLM does not list, available or not. M(litemaas.models.litemaas_orphan_cleanup) removes these.
  returned: success or partial failure
  type: list
  elements: str
hidden_models:
  description: Rows that stay unavailable because somebody made them unavailable (O(keep_hidden=true)).
  returned: success or partial failure
  type: list
  elements: str
availability:
  description:
    - Availability of each row that was added or whose availability changed.
    - What a sync in check mode says here is for O(litemaas.models.litemaas_orphan_cleanup#module:predict_rows).
  returned: success or partial failure
  type: list
  elements: dict
  sample:
    - {model_name: granite-3.3-8b, availability: available}
cascade_statistics:
  description: Numbers of models, subscriptions and API keys affected.
  returned: success or partial failure
  type: dict
  sample:
    models_marked_unavailable: 1
    subscriptions_deactivated: 3
    api_key_models_removed: 2
    api_keys_deactivated: 1
affected:
  description: Subscriptions, API keys and users affected by the removals, or by refused removals.
  returned: success or partial failure
  type: list
  elements: dict
  contains:
    model_name:
      description: Name of the model.
      type: str
    action:
      description: V(retired).
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
restored:
  description: What O(restore=true) restored, for each model.
  returned: success or partial failure
  type: list
  elements: dict
  contains:
    model_name:
      description: Name of the model.
      type: str
    retired_at:
      description: When it was retired or deleted.
      type: str
    subscriptions:
      description: Number of subscriptions that are active again.
      type: int
    api_key_models:
      description: Number of API keys that have the model again.
      type: int
    api_keys:
      description: Number of API keys that are activated again.
      type: int
not_restored:
  description: A sentence for each kind of thing that was not restored, with the reason.
  returned: success or partial failure
  type: list
  elements: str
  sample: ["granite-3.3-8b: 2 subscriptions not restored: expired"]
restore_statistics:
  description: Totals of what was restored.
  returned: success or partial failure
  type: dict
  sample:
    models_restored: 1
    subscriptions_reactivated: 3
    api_key_models_restored: 2
    api_keys_reactivated: 1
plan_checksum:
  description:
    - SHA-256 of everything that the run wrote and removed, or would in check mode, without times. If a run has the same checksum as an
      earlier check mode, it did exactly what check mode predicted.
  returned: success or partial failure
  type: str
rights_missing:
  description: Database rights that a run would lack. A run without them is refused.
  returned: in check mode, if rights are missing
  type: list
  elements: str
  sample: ["INSERT on models", "UPDATE on models", "INSERT on audit_logs"]
errors:
  description: One sentence for each model that failed, and one if the removals were refused.
  returned: success or partial failure
  type: list
  elements: str
synced_at:
  description: Time of the sync.
  returned: success or partial failure
  type: str
  sample: "2026-11-21T08:00:00.000Z"
models:
  description: What happened to each model.
  returned: success or partial failure
  type: list
  elements: dict
  contains:
    model_name:
      description: Name of the model.
      type: str
    action:
      description: V(created), V(updated), V(unchanged), V(restored), V(retired), V(skipped) or V(failed).
      type: str
    reason:
      description: Why.
      type: str
    changed_fields:
      description: Columns that were written with another value.
      type: list
      elements: str
  sample:
    - {model_name: granite-3.3-8b, action: updated, reason: differs in rpm, changed_fields: [rpm]}
failure:
  description: Why nothing was done, or why the removals were refused, with a stable C(code), the C(message) and C(details).
  returned: on failure of the whole task or of the removals
  type: dict
  sample:
    code: refused
    message: "Refused to remove 7 of 12 models: 7 of 12 models are 58 %, more than max_percent 30 (force: true lifts this)."
    details: {"affected": []}
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
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.audit import sync_records
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.outcome import Outcome
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import Plan, Policy, Row
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.report import sync_result
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.restore import hidden_by_people, plan_restore, warn_of_losses
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.selection import Selection
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.sync import Sync
from ansible_collections.litemaas.models.plugins.module_utils._proof import source
from ansible_collections.litemaas.models.plugins.module_utils._proof.row_steps import RowSteps
from ansible_collections.litemaas.models.plugins.module_utils._run import argspec
from ansible_collections.litemaas.models.plugins.module_utils._run.job import started_by
from ansible_collections.litemaas.models.plugins.module_utils._run.module import run_module
from ansible_collections.litemaas.models.plugins.module_utils._run.runner import Result


class LitemaasModelSync(RowSteps):
    """Deployments of LiteLLM and model specs -> rows of LiteMaaS."""

    def read(self) -> None:
        specs, errors = read_specs(self.run.entries("models"))
        selection, policy = Selection.read(self.params), Policy.read(self.params)
        self.source = source.connect(self.run)
        self.catalogue = catalogue.connect(self.run)
        foreseen = self.run.check_mode and self.params["predict_models"]
        offer = self.source.read(source.Foreseen.read(specs, self.params) if foreseen else None)
        self.rows = self.catalogue.rows()
        self.sync = Sync(offer, self.rows, self.catalogue.types, policy, selection, specs, errors, self.catalogue.database.codec)
        self.usage = self.catalogue.usage(self.sync.missing)
        self.taken = self.catalogue.taken(list(offer.models) if self.params["restore"] else self.sync.returning())

    def plan(self) -> Plan:
        hidden = hidden_by_people(self.rows, self.sync.returning(), self.taken)
        plan = self.sync.plan(self.usage, hidden)
        return plan_restore(plan, self.rows, self.taken) if self.params["restore"] else warn_of_losses(plan, self.taken)

    def records(self, outcome: Outcome) -> list[Row]:
        # Errors name models, and a name may hold what is a secret elsewhere.
        return sync_records(outcome, started_by(os.environ), datetime.datetime.now(datetime.timezone.utc), self.run.redactor)

    def report(self, outcome: Outcome) -> Result:
        self.run.warn(*outcome.done.warnings)
        return sync_result(outcome, datetime.datetime.now(datetime.timezone.utc))


def argument_spec() -> argspec.ArgumentSpec:
    """The module's options."""
    own = argspec.ArgumentSpec(
        dict(
            pull=dict(type="bool", default=True),
            conflict_resolution=dict(type="str", choices=["litellm_wins", "database_wins", "merge"], default="litellm_wins"),
            force_update=dict(type="bool", default=False),
            keep_hidden=dict(type="bool", default=False),
            mark_unavailable=dict(type="bool", default=False),
            predict_replace=dict(type="bool", default=False),
            require_pricing=dict(type="bool", default=False),
            restore=dict(type="bool", default=False),
        )
    )
    return argspec.of_rows().merge(own)


def main() -> None:
    run_module(argument_spec(), LitemaasModelSync, connect)


if __name__ == "__main__":
    main()
