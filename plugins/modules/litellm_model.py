#!/usr/bin/python
# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: litellm_model
short_description: Manage models of a LiteLLM proxy
version_added: 0.1.0
description:
  - Creates, updates and deletes deployments in the database of a LiteLLM proxy, one deployment or a whole list in one run.
  - An entry matches a deployment by O(model_id), if set. Otherwise it matches the only deployment of its name with the same backend
    (O(litellm_model) and O(api_base), and provider, account, tenant, region, project and O(credential) if set), the deployment with the
    id that this module derives from the name, or the only deployment of that name. A deployment that was created by hand in the Admin
    UI is adopted and updated in place. If two entries match the same deployment, both fail.
  - If a list has several entries of one name, another O(litellm_model) or O(api_base) creates a new deployment, unless the entry has the
    O(model_id) of the old one. Another region, project or credential creates one only if several entries share both. A warning names
    deployments that an earlier run created and that no entry matches now.
  - If O(model_id) belongs to a model with another name, nothing is deleted. With O(state=present), the entry renames that model, unless
    LiteLLM already has a model of the new name. A model of a team is neither renamed nor deleted.
  - With O(state=absent), only a deployment that matches every value of the entry is deleted. An entry with only a name fails if LiteLLM
    has several deployments of that name with different backends.
  - If the API key may not write models, the module fails with the code C(litellm_permission) before it writes anything. Check mode, and
    a run that writes in several ways, ask LiteLLM once whether the key may write.
  - A create carries its id. If its answer is lost, or is an error although the model was saved, the module reads the model by that id and
    continues. A second deployment is never created.
  - Only the values that are set are compared and written. Models of LiteLLM's C(config.yaml) are never written.
  - A list that would remove more names from LiteLLM than O(max_percent) and O(max_count) allow is refused as a whole before anything is
    written, in check mode too. A name is removed if none of its deployments remains. A collapsed duplicate does not count.
author:
  - LiteMaaS models contributors (@litemaas)
extends_documentation_fragment:
  - litemaas.models._attributes
  - litemaas.models._attributes.actiongroup_litemaas
  - litemaas.models._litellm
  - litemaas.models._witness
  - litemaas.models._database
  - litemaas.models._openshift
  - litemaas.models._guard
  - litemaas.models._notify
  - litemaas.models._progress
  - litemaas.models._model_spec
  - litemaas.models._model_spec.one
attributes:
  check_mode:
    support: full
    details:
      - LiteLLM leaves C(api_key), C(client_secret), C(vertex_credentials), C(vertex_ai_credentials), C(aws_access_key_id) and
        C(aws_secret_access_key) out of its list, and before 1.100 also models that it does not serve. Check mode therefore cannot predict
        that O(replace=true) would lose one of these and be refused, nor that such a model already exists.
      - A model that LiteLLM 1.81 cannot read, because its salt key has changed, is predicted as V(created).
  diff_mode:
    support: full
    details:
      - A diff shows that a secret changed, but never its value.
  idempotent:
    support: full
    details:
      - LiteLLM does not return secrets. A changed secret is detected by an HMAC that is stored beside it, see O(update_secrets).
      - With O(update_secrets=always), each run sends the secrets and reports a change.
  platform:
    platforms: all
    support: full
options:
  check_backend:
    description:
      - Whether to check, before the first write to LiteLLM, that the database of the LiteMaaS backend can be used, and to fail if it
        cannot. Its tables must exist, and its user must be allowed to write to them. In check mode, RV(rights_missing) and a warning
        list the rights that a run would lack. A run that writes nothing does not check.
      - If models are removed, O(max_percent), O(max_count) and O(allow_empty) also apply to the rows in that database, and a refusal
        names the subscriptions, keys and users affected.
      - Set this if M(litemaas.models.litemaas_model_sync) runs afterwards. LiteLLM is then not changed if LiteMaaS cannot be.
    type: bool
    default: false
  duplicates:
    description:
      - What to do if LiteLLM has several deployments of a model and no rule tells which one an entry matches.
      - V(refuse) fails for that model and names the ids. V(collapse) keeps one deployment for each entry of the list and deletes the
        others with the same backend, as far as LiteLLM shows it, such as O(litellm_model), O(api_base), region, project,
        O(credential), C(extra_headers) and O(tags). Limits, budgets, prices, timeouts, retries, O(api_version), O(order), O(weight) and
        O(drop_params) may differ, and so may keys, because LiteLLM does not show them.
      - V(collapse) keeps deployments with another backend, and warns about those that no entry matches.
    type: str
    choices: [refuse, collapse]
    default: refuse
  later_steps:
    description:
      - The steps that run after this module, as options of M(litemaas.models.litemaas_model_sync) and
        M(litemaas.models.litemaas_orphan_cleanup). Used with O(check_backend=true). Removals that these steps would refuse are refused
        by this module.
      - If unset, only the rows of the models that this module removes are counted.
    type: dict
    suboptions:
      cleanup:
        description: Whether M(litemaas.models.litemaas_orphan_cleanup) runs.
        type: bool
        default: true
      pull:
        description: O(litemaas.models.litemaas_model_sync#module:pull) of the sync.
        type: bool
        default: true
      mark_unavailable:
        description: O(litemaas.models.litemaas_model_sync#module:mark_unavailable) of the sync.
        type: bool
        default: false
      keep_hidden:
        description: O(litemaas.models.litemaas_model_sync#module:keep_hidden) of the sync.
        type: bool
        default: false
      strategy:
        description: O(litemaas.models.litemaas_orphan_cleanup#module:strategy) of the cleanup.
        type: str
        choices: [delete, mark_unavailable]
        default: delete
      subscriptions:
        description: O(litemaas.models.litemaas_orphan_cleanup#module:subscriptions) of the cleanup.
        type: str
        choices: [retain, delete]
        default: retain
      retention_days:
        description: O(litemaas.models.litemaas_orphan_cleanup#module:retention_days) of the cleanup.
        type: float
        default: 0
      providers:
        description: O(litemaas.models.litemaas_orphan_cleanup#module:providers) of both.
        type: list
        elements: str
      model_patterns:
        description: O(litemaas.models.litemaas_orphan_cleanup#module:model_patterns) of both.
        type: list
        elements: str
      exclude_patterns:
        description: O(litemaas.models.litemaas_orphan_cleanup#module:exclude_patterns) of both.
        type: list
        elements: str
  replace:
    description:
      - Whether to clear options that an entry leaves out. With V(false), they are left alone.
      - Options with a default (O(display_name), O(description), O(provider), O(category), O(supports_streaming), O(availability)) return
        to that default.
      - O(api_base), O(api_version), O(custom_llm_provider), O(rpm), O(tpm), O(input_cost_per_token), O(output_cost_per_token) and
        O(restricted_access) are cleared, whoever set them.
      - In O(extra_params), O(secret_params), O(extra_info), in options that LiteLLM may fill in itself (O(context_length), O(max_tokens),
        O(mode), O(supports_vision) and the like) and in O(api_key), O(credential), O(base_model), O(access_groups), O(tags),
        O(model_timeout), O(stream_timeout), O(max_retries), O(max_parallel_requests), O(order), O(weight) and O(drop_params), only values
        that this collection set are cleared. Their names are stored in C(model_info), under C(litemaas_managed), C(litemaas_params) and
        C(litemaas_info). If a run with O(replace=true) finds that a name is missing there, it adds the name and reports a change.
      - LiteLLM 1.109.3 and later clear parameters in place. With earlier versions, and with all versions for values in C(model_info), most
        values can be cleared only by deleting the deployment and creating it anew under the same id. The model is then unavailable for
        a moment. This happens only if a value must be cleared. It is refused if it would lose a secret, or a text that LiteLLM may have
        resolved from its environment. Set such values in the entry.
      - Entries must be complete, with every value that is needed to create the model.
    type: bool
    default: false
  update_secrets:
    description:
      - When to send secrets to an existing deployment.
      - V(on_change) sends a secret that differs from the one that this collection sent last, or that it has never sent. It does not detect
        a secret that somebody changed in LiteLLM since then. A run with another admin key (O(litellm_api_key)) sends each secret once;
        four admin keys are remembered for each secret. V(always) sends secrets in each run. V(on_create) never sends them again.
      - A deployment that LiteLLM can no longer read, because its salt key has changed, always receives all of its secrets.
    type: str
    choices: [on_change, always, on_create]
    default: on_change
  wait:
    description:
      - Whether to wait, once after all writes, until the proxy serves the new values.
    type: bool
    default: true
  wait_timeout:
    description:
      - Maximum number of seconds to wait. Other pods of a proxy see a write up to 30 seconds later.
    type: int
    default: 90
seealso:
  - module: litemaas.models.litellm_model_info
  - module: litemaas.models.litemaas_model_sync
notes:
  - O(database_url), O(litellm_database_url) and O(lock_timeout) are used only with O(check_backend=true). Otherwise they are accepted
    and ignored, so that C(module_defaults) of the action group can set them once.
"""

EXAMPLES = r"""
- name: Create or update one model
  litemaas.models.litellm_model:
    litellm_url: https://litellm.apps.example.com
    litellm_api_key: "{{ litellm_master_key }}"
    model_name: granite-3-8b
    litellm_model: openai/granite-3-8b-instruct
    api_base: http://granite.models.svc.cluster.local:8080/v1
    api_key: "{{ granite_key }}"
    context_length: 131072
    supports_function_calling: true

- name: Create or update a list of models in the LiteLLM of a namespace
  litemaas.models.litellm_model:
    namespace: litemaas
    models: "{{ my_models }}"

- name: Create or update a list of models, with the connection from the environment
  litemaas.models.litellm_model:
    models: "{{ my_models }}"

- name: Change the limit of a model, and nothing else
  litemaas.models.litellm_model:
    model_name: granite-3-8b
    rpm: 120

- name: Remove a model
  litemaas.models.litellm_model:
    model_name: granite-3-8b
    state: absent
"""

RETURN = r"""
models:
  description: What was done with each model, or would be done, in the order of the list.
  returned: always
  type: list
  elements: dict
  contains:
    position:
      description: Position of the entry in the list, starting with 1.
      type: int
    model_name:
      description: Name of the model.
      type: str
    model_id:
      description: Id of the deployment in LiteLLM. Empty if the entry could not be used.
      type: str
    action:
      description: V(created), V(updated), V(deleted), V(unchanged) or V(failed).
      type: str
    reason:
      description: The reason, as a sentence.
      type: str
    changed_fields:
      description: Names of the options that differ.
      type: list
      elements: str
    served:
      description: Whether the proxy serves the new values. Missing if nothing was written or O(wait) is V(false).
      type: bool
  sample:
    - position: 1
      model_name: granite-3-8b
      model_id: 2b0f5c6e-5d5b-5c0e-9d59-3f1f0a1f6f10
      action: updated
      reason: differs in rpm
      changed_fields: [rpm]
      served: true
counts:
  description: Number of models for each action.
  returned: always
  type: dict
  sample: {"created": 0, "updated": 1, "deleted": 0, "unchanged": 49, "failed": 0}
rights_missing:
  description: Database rights that a run would lack. A run without them is refused.
  returned: in check mode, if rights are missing
  type: list
  elements: str
  sample: ["INSERT on models", "UPDATE on models", "INSERT on audit_logs"]
failure:
  description:
    - Why the whole task failed, with a stable C(code), the C(message) and C(details). If the removals were refused, C(details) has the
      C(affected).
  returned: when nothing could be done
  type: dict
  sample:
    code: litellm_authentication
    message: "Authentication failed: Invalid API key"
    details: {"status": 401}
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
"""


import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._cluster import connect
from ansible_collections.litemaas.models.plugins.module_utils._common.specs import read_specs
from ansible_collections.litemaas.models.plugins.module_utils._litellm import connect as litellm_door
from ansible_collections.litemaas.models.plugins.module_utils._litellm import cost_map
from ansible_collections.litemaas.models.plugins.module_utils._litellm.apply import carry_out, deployment_report
from ansible_collections.litemaas.models.plugins.module_utils._litellm.identity import unseen_ids
from ansible_collections.litemaas.models.plugins.module_utils._litellm.plan import SAVED_ONLY, Outcome, Permission, Plan, predicted
from ansible_collections.litemaas.models.plugins.module_utils._litellm.planner import kinds_of_writes, names_leaving
from ansible_collections.litemaas.models.plugins.module_utils._litellm.planning import plan_models
from ansible_collections.litemaas.models.plugins.module_utils._litellm.settle import outcome_of
from ansible_collections.litemaas.models.plugins.module_utils._run import argspec
from ansible_collections.litemaas.models.plugins.module_utils._run.module import run_module
from ansible_collections.litemaas.models.plugins.module_utils._run.runner import Result, Steps

if t.TYPE_CHECKING:
    from ansible_collections.litemaas.models.plugins.module_utils._proof.outlook import Outlook


class LitellmModel(Steps):
    """Model specs -> deployments of the proxy."""

    def read(self) -> None:
        entries = [self.run.one_entry()] if self.params["models"] is None else self.run.entries("models")
        self.specs, self.errors = read_specs(entries, self.params["state"])
        self.litellm = litellm_door.connect(self.run)
        reading = self.litellm.read()
        unseen = unseen_ids(self.specs, reading.deployments)
        saved = self.litellm.find_saved(unseen, reading)
        self.deployments = reading.deployments + [dict(entry, **{SAVED_ONLY: True}) for entry in saved]

    def plan(self) -> Plan:
        options = {name: self.params[name] for name in ("update_secrets", "duplicates", "replace")}
        plan = plan_models(self.litellm, self.specs, self.deployments, self.errors, **options)
        cost_map.warn_of_sharing(plan, self.deployments, self.litellm.shows_unserved, self.litellm.catalog)
        return plan

    def prove(self, plan: Plan) -> Outlook | None:
        kinds = kinds_of_writes(plan)
        # Of one kind of write the first tells a run, and nothing was written then.
        if sum(kinds) > (0 if self.run.check_mode else 1):
            self.litellm.check_permission(*kinds)
        leaving = names_leaving(plan, self.deployments)
        if leaving or (self.params["check_backend"] and plan.writes):
            # Few runs write.
            from ansible_collections.litemaas.models.plugins.module_utils._proof import outlook  # pylint: disable=import-outside-toplevel

            after = outcome_of(plan, self.deployments)
            return outlook.look(self.run, plan.actions, leaving, self.deployments, after, self.specs)
        return None

    def guard(self, plan: Plan, proof: Outlook | None) -> Permission:
        if proof is None:
            return Permission(plan)
        if proof.refusal:
            raise proof.refusal
        return Permission(plan, proof.rights_missing)

    def predict(self, permission: Permission) -> Outcome:
        return predicted(permission)

    def apply(self, permission: Permission) -> Outcome:
        wait_timeout: float | None = self.params["wait_timeout"] if self.params["wait"] else None
        return carry_out(permission.plan, self.litellm, self.deployments, wait_timeout)

    def report(self, outcome: Outcome) -> Result:
        self.run.warn(*outcome.warnings)
        return deployment_report(outcome)


def argument_spec() -> argspec.ArgumentSpec:
    """The module's options."""
    own = argspec.ArgumentSpec(
        dict(
            check_backend=dict(type="bool", default=False),
            duplicates=dict(type="str", choices=["refuse", "collapse"], default="refuse"),
            later_steps=dict(type="dict", options=argspec.later_steps()),
            replace=dict(type="bool", default=False),
            update_secrets=dict(type="str", choices=["on_change", "always", "on_create"], default="on_change", no_log=False),
            wait=dict(type="bool", default=True),
            wait_timeout=dict(type="int", default=90),
        ),
        mutually_exclusive=[["models", "model_name"]],
        required_one_of=[["models", "model_name"]],
    )
    shared = (argspec.guard(), argspec.notify(), argspec.progress(), argspec.models(), argspec.one_model())
    return argspec.connection().merge(*shared, own)


def main() -> None:
    run_module(argument_spec(), LitellmModel, connect)


if __name__ == "__main__":
    main()
