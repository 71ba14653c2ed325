#!/usr/bin/python
# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: litellm_model_info
short_description: Show models of a LiteLLM proxy
version_added: 0.1.0
description:
  - Lists the deployments that a LiteLLM proxy serves, all or some of them, and where each comes from.
  - Says whether the list is proven to be complete, and if not, why. Do not remove anything because it is missing in an incomplete list.
    A pod that has just started, a key without administrator rights, or a proxy that reloads its models can show fewer models than exist.
author:
  - LiteMaaS models contributors (@litemaas)
extends_documentation_fragment:
  - litemaas.models._attributes
  - litemaas.models._attributes.actiongroup_litemaas
  - litemaas.models._attributes.info_module
  - litemaas.models._litellm
  - litemaas.models._witness
  - litemaas.models._database
  - litemaas.models._openshift
attributes:
  platform:
    platforms: all
    support: full
options:
  model_name:
    description:
      - Show only deployments of this model.
    type: str
  model_id:
    description:
      - Show only the deployment with this id. LiteLLM 1.100 and later also find a deployment that is saved but not served.
    type: str
  model_patterns:
    description:
      - Show only deployments whose whole model name matches one of these regular expressions.
    type: list
    elements: str
  classes:
    description:
      - Show only deployments of these classes.
      - V(database) was created through the API and can be managed. V(config) comes from LiteLLM's C(config.yaml). V(wildcard) is a
        database deployment with a C(*) in its name. V(team) belongs to one team.
    type: list
    elements: str
    choices: [database, config, wildcard, team]
notes:
  - O(database_url) and O(lock_timeout) are accepted and ignored, so that C(module_defaults) of the action group can set them once.
"""

EXAMPLES = r"""
- name: Show all models
  litemaas.models.litellm_model_info:
    litellm_url: https://litellm.apps.example.com
    litellm_api_key: "{{ litellm_master_key }}"
  register: proxy

- name: Stop if the list may be incomplete
  ansible.builtin.assert:
    that: proxy.complete
    fail_msg: "{{ proxy.reasons | map(attribute='message') | join('; ') }}"

- name: Show models named granite-* that were created through the API
  litemaas.models.litellm_model_info:
    model_patterns: ["granite-.*"]
    classes: [database]
"""

RETURN = r"""
models:
  description: The deployments, by model name and id.
  returned: always
  type: list
  elements: dict
  contains:
    model_name:
      description: Name of the model.
      type: str
    model_id:
      description: Id of the deployment.
      type: str
    model_class:
      description: V(database), V(config), V(wildcard) or V(team).
      type: str
    served:
      description: Whether the proxy serves the deployment. False if it is only in the proxy's database.
      type: bool
    litellm_params:
      description: Parameters as LiteLLM shows them, without secrets.
      type: dict
    model_info:
      description: Model info as LiteLLM shows it, completed from LiteLLM's list of known models.
      type: dict
  sample:
    - model_name: granite-3-8b
      model_id: 2b0f5c6e-5d5b-5c0e-9d59-3f1f0a1f6f10
      model_class: database
      served: true
      litellm_params: {"model": "openai/granite-3-8b-instruct", "rpm": 120}
      model_info: {"id": "2b0f5c6e-5d5b-5c0e-9d59-3f1f0a1f6f10", "db_model": true, "max_tokens": 131072}
counts:
  description: Number of deployments in each class, regardless of the selection.
  returned: always
  type: dict
  sample: {"database": 12, "config": 1, "wildcard": 0, "team": 0}
complete:
  description: Whether the list of all deployments is proven to be complete.
  returned: always
  type: bool
reasons:
  description: Why the list may be incomplete, each with a stable C(code) and a C(message).
  returned: always
  type: list
  elements: dict
  sample:
    - code: empty
      message: LiteLLM answers that it has no model at all
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

from ansible_collections.litemaas.models.plugins.module_utils._cluster import connect
from ansible_collections.litemaas.models.plugins.module_utils._common.patterns import compile_patterns
from ansible_collections.litemaas.models.plugins.module_utils._litellm.identity import CLASSES, classify, id_of
from ansible_collections.litemaas.models.plugins.module_utils._litellm.plan import describe
from ansible_collections.litemaas.models.plugins.module_utils._litellm.planner import matches
from ansible_collections.litemaas.models.plugins.module_utils._litellm.reading import Reading
from ansible_collections.litemaas.models.plugins.module_utils._proof import source
from ansible_collections.litemaas.models.plugins.module_utils._run import argspec
from ansible_collections.litemaas.models.plugins.module_utils._run.module import run_module
from ansible_collections.litemaas.models.plugins.module_utils._run.runner import Result, Steps


class LitellmModelInfo(Steps):
    """The proxy's deployments, and whether they are all of them."""

    def read(self) -> None:
        self.patterns = compile_patterns(self.params["model_patterns"], "model_patterns")
        self.source = source.connect(self.run)
        self.source.read()
        listed = self.source.reading
        wanted, served = self.params["model_id"], {id_of(entry) for entry in listed.deployments}
        self.saved = self.source.litellm.find_saved({wanted: ""} if wanted and wanted not in served else {}, listed)

    def prove(self, plan: None) -> Reading:
        return self.source.prove()

    def guard(self, plan: None, proof: Reading) -> Reading:
        """Nothing is ever changed: the reading with its proof is all there is to tell."""
        return proof

    def report(self, outcome: Reading) -> Result:
        kinds = [classify(entry) for entry in outcome.deployments]
        lines = [describe(entry, True) for entry in outcome.deployments] + [describe(entry, False) for entry in self.saved]
        params = self.params
        chosen = [line for line in lines if matches(line, params["model_name"], params["model_id"], self.patterns, params["classes"])]
        return {
            "changed": False,
            "models": sorted(chosen, key=lambda line: (line["model_name"], line["model_id"])),
            "counts": {kind: kinds.count(kind) for kind in CLASSES},
            "complete": outcome.complete,
            "reasons": outcome.reasons,
        }


def argument_spec() -> argspec.ArgumentSpec:
    """The module's options."""
    own = argspec.ArgumentSpec(
        dict(
            model_name=dict(type="str"),
            model_id=dict(type="str"),
            model_patterns=dict(type="list", elements="str"),
            classes=dict(type="list", elements="str", choices=list(CLASSES)),
        )
    )
    return argspec.connection().merge(own)


def main() -> None:
    run_module(argument_spec(), LitellmModelInfo, connect)


if __name__ == "__main__":
    main()
