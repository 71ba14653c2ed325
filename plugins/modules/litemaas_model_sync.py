#!/usr/bin/python
# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: litemaas_model_sync
short_description: Bring LiteLLM's models into the database of the LiteMaaS backend
version_added: 0.1.0
description:
  - Makes the table C(models) of the LiteMaaS backend show what a LiteLLM proxy has, by the same mapping as the backend's own sync,
    so that neither undoes what the other did.
  - A row is written only if something in it really differs. A run without a difference and without an error writes nothing, not
    even to the audit log.
  - Everything happens in one transaction, and the number of statements does not depend on the number of models.
  - A model with a value that does not fit its column is reported and keeps its row. The others are done, and the task fails at the
    end with the whole result.
  - Of several deployments of one name the row shows the one that O(models) means, or the one with the id made from the name, with a
    warning that names the others.
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
      - Where a task before this one applies O(models) to LiteLLM, O(predict_models=true) makes the prediction know them.
  diff_mode:
    support: full
  idempotent:
    support: full
    details:
      - With O(force_update=true) each run writes each selected row and reports a change.
  platform:
    support: full
    platforms: all
options:
  pull:
    description:
      - Whether the sync is about all models of LiteLLM. If V(false), it is about those in O(models) only.
    type: bool
    default: true
  models:
    description:
      - The models of the models file. What they give for O(models[].display_name), O(models[].description), O(models[].provider),
        O(models[].category), O(models[].supports_streaming), O(models[].availability) and O(models[].restricted_access) goes into
        their rows, whatever O(conflict_resolution) says. Everything else of a row is what LiteLLM says.
      - A wrong value in one entry is that entry's failure. The others are done, and the task fails at the end.
      - Entries with O(models[].state=absent) are left out.
  conflict_resolution:
    description:
      - What holds where a row and LiteLLM differ and O(models) is silent.
      - V(litellm_wins) takes everything from LiteLLM, also the presentation (name, description, category, provider, streaming,
        availability) that an earlier list left there in C(model_info).
      - V(merge) keeps name, description, category, provider and streaming as a person set them, and takes the rest from LiteLLM.
        What the backend's own sync wrote over a name, category or provider that the models file gave comes back.
      - V(database_wins) only fills what is empty, and a limit of 0 is. The availability and LiteLLM's id are still taken from LiteLLM.
      - In every mode features are written in the order in which the backend compares them, so that its own sync finds no difference.
    type: str
    choices: [litellm_wins, database_wins, merge]
    default: litellm_wins
  force_update:
    description:
      - Write each selected row, whether something in it differs or not.
    type: bool
    default: false
  keep_hidden:
    description:
      - Whether to leave rows unavailable that a person made so, for example by SQL. The rest of such a row is kept up to date, and
        RV(hidden_models) names it. If V(false), the model is available again, with a warning.
      - A row that a retirement made unavailable is available again when LiteLLM has the model again, whoever retired it. The row and the
        record of its retirement in the audit log have one time. Where anything changed the row since, or the record is gone, the two
        cannot be told apart, and the row stays hidden.
      - O(models[].availability) wins. V(available) there shows the model, with a warning, and V(unavailable) hides it in each run.
      - LiteMaaS's own sync knows nothing of this. It makes the row of each model that LiteLLM has available, whenever it runs, and what
        is available then is not hidden again by this module. To hide a model for good, write V(unavailable) into the models file.
    type: bool
    default: false
  mark_unavailable:
    description:
      - Whether to retire models that LiteLLM no longer has, as the backend does it. Their rows become unavailable, active
        subscriptions of them inactive, API keys lose them, and keys that are left without any model by that are switched off.
      - Needs O(pull=true), and a proof that LiteLLM's answer is complete. Where the proof fails, or it would be more than
        O(max_percent) or O(max_count) allow, nothing is retired, the rest is done, and the task fails.
    type: bool
    default: false
  predict_models:
    description:
      - In check mode, take O(models) as applied to LiteLLM already, as they will be when M(litemaas.models.litellm_model) runs before
        this module with the same list. What LiteLLM adds to a model that it knows is read from its cost map.
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
  predict_replace:
    description:
      - With O(predict_models=true), what the option O(litemaas.models.litellm_model#module:replace) of that module is.
      - Nothing is cleared here.
    type: bool
    default: false
  require_pricing:
    description:
      - Whether a model without a price is a failure. A price of 0 is one if LiteLLM was given it. A model for embeddings needs no
        output price.
    type: bool
    default: false
  restore:
    description:
      - Whether a model that LiteLLM has gets back what its retirement took, as far as the audit log tells. That may have been in an
        earlier run, whoever made the model available since. What was given back once is not given back again.
      - Of a retirement by this collection come back the subscriptions that nobody changed since and which have not
        expired, the model for the API keys that still exist and are neither revoked nor expired, and keys that were switched
        off, then or with a later removal, and not touched since. A key whose owner has no active subscription to the model stays
        without it, unless the audit log says that there was none when it was retired.
      - Where the model has been available since, a key whose row changed after the retirement, for whatever reason, stays without
        it, because somebody may have taken the model out of it. Restore in the run that brings the model back to avoid that.
      - Who is switched off in LiteMaaS (C(users.is_active)) gets nothing back. The database's user has to be allowed to read C(users).
      - Of a deletion by this collection the same comes back for API keys. Deleted subscriptions do not, nor the model for the keys
        of their owners.
      - Of a retirement by LiteMaaS's own sync come back the subscriptions that nothing changed since. It does not write down which
        API keys had the model.
      - A model that needs an approval now (C(restricted_access)) gets nothing back, unless the audit log says that it needed one when it
        was retired.
      - RV(not_restored) says what stays away and why.
    type: bool
    default: false
notes:
  - With O(mark_unavailable=true), a row that is unavailable already is left alone, also if it has active subscriptions, because
    somebody may have made it unavailable for a while. M(litemaas.models.litemaas_sync_info) names such models.
  - A sync that changed something is in LiteMaaS's audit log as C(MODELS_SYNC), with counts, errors, who ran it and RV(plan_checksum).
    So is one that failed for a model or was refused, also if it changed nothing.
"""

EXAMPLES = r"""
- name: Show LiteLLM's models in LiteMaaS
  litemaas.models.litemaas_model_sync:
    litellm_url: https://litellm.example.com
    litellm_api_key: "{{ vault_litellm_master_key }}"
    database_url: "{{ vault_litemaas_database_url }}"

- name: The same from nothing but a namespace, with a token for its cluster
  litemaas.models.litemaas_model_sync:
    namespace: litemaas
    kubernetes:
      host: https://api.cluster.example.com:6443
      api_key: "{{ vault_cluster_token }}"

- name: Keep what people wrote in LiteMaaS, retire what LiteLLM no longer has
  litemaas.models.litemaas_model_sync:
    conflict_resolution: merge
    mark_unavailable: true
    max_percent: 20

- name: Give people back what they had before a model was away
  litemaas.models.litemaas_model_sync:
    restore: true

- name: Only the models of the models file, with what it says about them
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
total_models:
  description: How many models of LiteLLM the sync was about.
  returned: success or partial failure
  type: int
new_models:
  description: How many rows were added.
  returned: success or partial failure
  type: int
updated_models:
  description: How many rows were changed.
  returned: success or partial failure
  type: int
unavailable_models:
  description: How many models became unavailable.
  returned: success or partial failure
  type: int
orphaned_models:
  description:
    - Rows of the selected models that LiteLLM does not list, available or not. M(litemaas.models.litemaas_orphan_cleanup) is about these.
  returned: success or partial failure
  type: list
  elements: str
hidden_models:
  description: Rows that stay unavailable because a person made them so (O(keep_hidden=true)).
  returned: success or partial failure
  type: list
  elements: str
availability:
  description:
    - Availability of each row that was added, and of each whose availability changed.
    - What a sync in check mode says here is for O(litemaas.models.litemaas_orphan_cleanup#module:planned_rows).
  returned: success or partial failure
  type: list
  elements: dict
  sample:
    - {model_name: granite-3.3-8b, availability: available}
cascade_statistics:
  description: What came with the models that became unavailable.
  returned: success or partial failure
  type: dict
  sample:
    models_marked_unavailable: 1
    subscriptions_deactivated: 3
    api_key_models_removed: 2
    api_keys_deactivated: 1
victims:
  description: Whom the removals hit, or would hit if they were not refused.
  returned: success or partial failure
  type: list
  elements: dict
  contains:
    model_name:
      description: Name of the model.
      type: str
    action:
      description: V(retire).
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
  description: What came back with O(restore=true), for each model that got something back.
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
      description: How many subscriptions are active again.
      type: int
    api_key_models:
      description: How many API keys have the model again.
      type: int
    api_keys:
      description: How many API keys are switched on again.
      type: int
not_restored:
  description: A sentence for each kind of thing that did not come back, with the reason.
  returned: success or partial failure
  type: list
  elements: str
  sample: ["granite-3.3-8b: 2 subscriptions not restored: expired"]
restore_statistics:
  description: What came back in all.
  returned: success or partial failure
  type: dict
  sample:
    models_restored: 1
    subscriptions_reactivated: 3
    api_key_models_restored: 2
    api_keys_reactivated: 1
plan_checksum:
  description:
    - SHA-256 of what the run wrote and removed, or would in check mode, without times. A run that has the checksum of an
      earlier check mode did what that showed. What the run spared or lost to somebody else makes it another one.
  returned: success or partial failure
  type: str
rights_missing:
  description: Rights to the backend's database that a run would lack; a run is refused then.
  returned: in check mode, if there are any
  type: list
  elements: str
  sample: ["INSERT on models", "UPDATE on models", "INSERT on audit_logs"]
errors:
  description: One sentence for each model that failed, and one if the removals were refused.
  returned: success or partial failure
  type: list
  elements: str
synced_at:
  description: When the sync was done.
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
    changes:
      description: Columns that were written with another value.
      type: list
      elements: str
  sample:
    - {model_name: granite-3.3-8b, action: updated, reason: differs in rpm, changes: [rpm]}
failure:
  description: Why nothing was done, or why the removals were refused, with a stable C(code), the C(message) and C(details).
  returned: on failure of the whole task or of the removals
  type: dict
  sample:
    code: refused
    message: "Refused to remove 7 of 12 models: 7 of 12 models are 58 %, more than max_percent 30 (force: true lifts this)."
    details: {"victims": []}
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
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.audit import (
    plan_checksum,
    removal_records,
    restore_records,
    sync_record,
)
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import Plan, Policy
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.report import measured_cascade, predict_cascade, sync_result
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.restore import hidden_by_people, plan_restore, warn_of_losses
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.selection import Selection
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.sync import Sync
from ansible_collections.litemaas.models.plugins.module_utils._proof import source
from ansible_collections.litemaas.models.plugins.module_utils._run import argspec
from ansible_collections.litemaas.models.plugins.module_utils._run.module import run_module
from ansible_collections.litemaas.models.plugins.module_utils._run.runner import Result, Steps
from ansible_collections.litemaas.models.plugins.module_utils._run.started_by import who


class LitemaasModelSync(Steps):
    """Deployments of LiteLLM and model specs -> rows of LiteMaaS."""

    def read(self) -> None:
        specs, errors = read_specs(self.run.entries("models"))
        selection = Selection.read(self.params)
        self.source = source.connect(self.run)
        self.catalogue = catalogue.connect(self.run)
        policy = Policy.read(self.params)
        foreseen = self.run.check_mode and self.params["predict_models"]
        offer = self.source.read(source.Foreseen.read(specs, self.params) if foreseen else None)
        self.sync = Sync(
            offer, self.catalogue.rows(), self.catalogue.types, policy, selection, specs, errors, self.catalogue.database.codec
        )
        self.source.examine(self.sync.missing(), self.sync.rows)
        self.usage = self.catalogue.usage(self.sync.missing())
        self.taken = self.catalogue.taken(list(offer.models) if self.params["restore"] else self.sync.returning())

    def plan(self) -> Plan:
        hidden = hidden_by_people(self.sync.rows, self.sync.returning(), self.taken)
        plan = self.sync.plan(self.usage, hidden)
        if self.params["restore"]:
            plan_restore(plan, self.sync.rows, self.taken)
        else:
            warn_of_losses(plan, self.taken)
        return plan

    def guard(self, plan: Plan) -> None:
        refusal = self.source.verdict(plan)
        if refusal:
            plan.withhold(refusal)
        plan.cascade = predict_cascade(plan)
        plan.checksum = plan_checksum(plan)
        plan.rights_missing = rights_check.foresee_rights(self.run, self.catalogue, plan)

    def apply(self, plan: Plan) -> Plan:
        now, by = datetime.datetime.now(datetime.timezone.utc), who(os.environ)
        refusal = self.source.spare(plan, self.sync.rows)
        if refusal:
            plan.withhold(refusal)
        effects = self.catalogue.carry_out(plan)
        plan.cascade = measured_cascade(plan, effects)
        plan.checksum = plan_checksum(plan)
        if plan.writes or plan.failures:
            # Errors name models, and a name may hold what is a secret elsewhere.
            summary = self.run.redactor.data(sync_record(plan, by, now))
            self.catalogue.commit([*removal_records(plan, effects, by, now), *restore_records(plan, by, now), summary])
        return plan

    def report(self, outcome: Plan) -> Result:
        self.run.warn(*outcome.warnings)
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
            predict_models=dict(type="bool", default=False),
            predict_duplicates=dict(type="str", choices=["refuse", "collapse"], default="refuse"),
            predict_replace=dict(type="bool", default=False),
            require_pricing=dict(type="bool", default=False),
            restore=dict(type="bool", default=False),
        )
    )
    shared = (argspec.selection(), argspec.guard(), argspec.notify(), argspec.progress(), argspec.models())
    return argspec.connection().merge(*shared, own)


def main() -> None:
    run_module(argument_spec(), LitemaasModelSync, connect)


if __name__ == "__main__":
    main()
