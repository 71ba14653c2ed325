#!/usr/bin/python
# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: litemaas_sync_info
short_description: Show what syncs did to LiteMaaS's models, and whether the models are sound
version_added: 0.1.0
description:
  - Reads the database of the LiteMaaS backend. It tells of the last sync and the ones before it, how many models, subscriptions and
    API keys there are, what is not as it should be, and which retirements could be given back.
  - Reads in a read-only transaction, without a lock, and in a number of statements that does not depend on the number of models. A
    database user with the right to C(SELECT) is enough.
  - Of the audit log it shows only what is known to hold no secret.
  - A cleanup that was refused has no record there; its own result says why.
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
  gather_subset:
    description:
      - What to look for. What is not gathered is not in the result.
      - V(installation) is for a look before a run with O(namespace). It fails where LiteLLM cannot be found there, or where what is given
        and what is found are not of one installation.
    type: list
    elements: str
    choices: [history, totals, integrity, restorable, rights, installation]
    default: [history, totals, integrity, restorable, rights]
  history_limit:
    description:
      - How many records of the audit log to show, at most 1000.
    type: int
    default: 20
notes:
  - This module asks LiteLLM for nothing, and takes its options (O(timeout) holds for the cluster of O(namespace)), so that
    C(module_defaults) of its action group can name all servers once.
"""

EXAMPLES = r"""
- name: What the syncs did
  litemaas.models.litemaas_sync_info:
    database_url: "{{ vault_litemaas_database_url }}"
  register: info

- name: What the syncs did in a namespace, whose database only its pods can reach
  litemaas.models.litemaas_sync_info:
    namespace: litemaas

- name: Stop where people pay for a model that they cannot use
  ansible.builtin.assert:
    that: info.integrity.active_subscriptions_on_unavailable | length == 0

- name: Whether the database can be used, before anything is changed
  litemaas.models.litemaas_sync_info:
    gather_subset: [rights]
"""

RETURN = r"""
last_sync:
  description:
    - The newest sync by this collection that changed something or failed, as in RV(history). Null where there is none.
  returned: when gathered
  type: dict
history:
  description:
    - Syncs, retirements, deletions and restores of models, newest first. Those of LiteMaaS's own sync too, which writes retirements only.
  returned: when gathered
  type: list
  elements: dict
  contains:
    time:
      description: When it was.
      type: str
    action:
      description: V(sync), V(retired), V(deleted) or V(restored).
      type: str
    model_name:
      description: Which model, unless it is a sync.
      type: str
    success:
      description: Whether it was without errors.
      type: bool
    source:
      description: V(litemaas.models) or V(backend).
      type: str
    by:
      description: Who ran it, as far as it is known.
      type: dict
    counts:
      description: What it was about, in numbers.
      type: dict
    error:
      description: What went wrong.
      type: str
    errors:
      description: What went wrong, one sentence for each model. Only of a sync.
      type: list
      elements: str
    plan_checksum:
      description: Checksum of what the sync was to do. Only of a sync.
      type: str
  sample:
    - time: "2026-11-21T08:00:00.123456+00:00"
      action: retired
      model_name: granite-3.3-8b
      success: true
      source: litemaas.models
      by: {"collection": "litemaas.models", "version": "0.1.0", "os_user": "runner", "user": "ada", "job_id": "42"}
      counts: {"subscriptions": 3, "api_key_models": 2, "api_keys": 1}
      error: null
totals:
  description: How many there are.
  returned: when gathered
  type: dict
  sample:
    models: 12
    available: 11
    unavailable: 1
    subscriptions: 40
    active_subscriptions: 37
    api_keys: 25
    active_api_keys: 24
integrity:
  description: What is not as it should be. Of the models, those that are offered.
  returned: when gathered
  type: dict
  contains:
    missing_required:
      description: Models without a value that LiteMaaS needs, with the names of the columns.
      type: list
      elements: dict
    without_prices:
      description: Names of models without a price. LiteMaaS takes them for free.
      type: list
      elements: str
    litellm_model_id_is_name:
      description: Names of models whose C(litellm_model_id) is their name, by which LiteLLM does not find them. A sync corrects it.
      type: list
      elements: str
    active_subscriptions_on_unavailable:
      description: Models that are unavailable and have active subscriptions, with their number.
      type: list
      elements: dict
    active_keys_without_models:
      description: How many API keys are active and have no model.
      type: int
  sample:
    missing_required: [{"model_name": "granite-3.3-8b", "missing": ["litellm_model_id"]}]
    without_prices: []
    litellm_model_id_is_name: []
    active_subscriptions_on_unavailable: [{"model_name": "llama-2", "active_subscriptions": 2}]
    active_keys_without_models: 0
missing_rights:
  description: What a sync or a cleanup may have to do and this database user may not. Check mode needs C(SELECT) only.
  returned: when gathered
  type: list
  elements: str
  sample: ["INSERT on audit_logs"]
restorable:
  description:
    - Models to which M(litemaas.models.litemaas_model_sync) with O(litemaas.models.litemaas_model_sync#module:restore=true) gives
      something back, now or once LiteLLM has them again.
  returned: when gathered
  type: list
  elements: dict
  contains:
    model_name:
      description: Name of the model.
      type: str
    availability:
      description: V(available), V(unavailable) or V(deleted).
      type: str
    retired_at:
      description: When it was retired or deleted.
      type: str
    subscriptions:
      description: How many subscriptions would be active again.
      type: int
    api_key_models:
      description: How many API keys would have the model again.
      type: int
    api_keys:
      description: How many API keys would be switched on again.
      type: int
    not_restorable:
      description: A sentence for each kind of thing that would not come back.
      type: list
      elements: str
log:
  description: A line for each time that the whole run was done again, because the connection to PostgreSQL broke.
  returned: when the run was done again
  type: list
  elements: str
  sample: ["The whole run is done again (1 left): The connection to database NAME broke: REASON. Nothing was changed"]
discovered:
  description: What was found in O(namespace), without secrets.
  returned: when something was looked for there
  type: dict
  sample:
    namespace: litemaas
    database: database "litemaas_db" of pod postgres-0 (namespace litemaas)
"""

import functools

from ansible_collections.litemaas.models.plugins.module_utils._cluster import connect
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import InputError
from ansible_collections.litemaas.models.plugins.module_utils._litemaas import catalogue, sync_info
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.audit import SYNC_ACTION
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import Row
from ansible_collections.litemaas.models.plugins.module_utils._run import argspec
from ansible_collections.litemaas.models.plugins.module_utils._run.module import run_module
from ansible_collections.litemaas.models.plugins.module_utils._run.runner import Result, Steps

LONGEST_HISTORY = 1000

SUBSETS = ("history", "totals", "integrity", "restorable", "rights")
INSTALLATION = "installation"


class LitemaasSyncInfo(Steps):
    """What LiteMaaS's database tells about syncs."""

    def read(self) -> None:
        limit = self.params["history_limit"]
        if not 0 <= limit <= LONGEST_HISTORY:
            raise InputError(f"history_limit must be between 0 and {LONGEST_HISTORY}")
        if self.run.installation and INSTALLATION in self.params["gather_subset"]:
            # A run needs LiteLLM too. Nothing is asked of it. Only here does this module need its client and the library below.
            from ansible_collections.litemaas.models.plugins.module_utils._litellm import client

            client.locate(self.run)
        self.catalogue = catalogue.connect(self.run, read_only=True)
        self.found: Result = {}
        for subset in SUBSETS:
            if subset in self.params["gather_subset"]:
                self.found.update(getattr(self, "_" + subset)())

    def _history(self) -> Result:
        limit = self.params["history_limit"]
        log = self.catalogue.log(list(sync_info.ACTIONS), SYNC_ACTION, limit, sync_info.FIELDS)
        return {"last_sync": sync_info.last_sync(log), "history": sync_info.history(log, limit)}

    def _totals(self) -> Result:
        return {"totals": sync_info.totals(self.rows, self.overview)}

    def _integrity(self) -> Result:
        return {"integrity": sync_info.integrity(self.rows, self.catalogue.types, self.overview)}

    def _restorable(self) -> Result:
        return {"restorable": sync_info.restorable(self.catalogue.taken(), self.rows)}

    def _rights(self) -> Result:
        return {"missing_rights": self.catalogue.missing_rights()}

    @functools.cached_property
    def rows(self) -> dict[str, Row]:
        return self.catalogue.rows()

    @functools.cached_property
    def overview(self) -> Row:
        return self.catalogue.overview()

    def plan(self) -> None:
        """Nothing is ever changed."""

    def report(self, outcome: None) -> Result:
        return dict(self.found, changed=False)


def argument_spec() -> argspec.ArgumentSpec:
    """The module's options."""
    own = argspec.ArgumentSpec(
        dict(
            gather_subset=dict(type="list", elements="str", choices=[*SUBSETS, INSTALLATION], default=list(SUBSETS)),
            history_limit=dict(type="int", default=20),
        )
    )
    return argspec.connection().merge(own)


def main() -> None:
    run_module(argument_spec(), LitemaasSyncInfo, connect)


if __name__ == "__main__":
    main()
