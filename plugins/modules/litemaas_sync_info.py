#!/usr/bin/python
# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: litemaas_sync_info
short_description: Show earlier syncs, and whether LiteMaaS's models are consistent
version_added: 0.1.0
description:
  - Reads the database of the LiteMaaS backend. Shows the last sync and earlier ones, the numbers of models, subscriptions and API keys,
    inconsistent rows, and retirements that could be restored.
  - Reads in a read-only transaction, without a lock. The number of statements does not depend on the number of models. A database user
    with the right to C(SELECT) is enough.
  - Shows only those parts of the audit log that cannot hold a secret.
  - A refused cleanup has no record in the audit log. The result of that cleanup says why it was refused.
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
      - What to gather. The result holds only these parts.
      - V(installation) checks an installation before a run with O(namespace). It fails if LiteLLM cannot be found there, or if explicit
        and discovered values do not belong to the same installation.
    type: list
    elements: str
    choices: [history, totals, integrity, restorable, rights, installation]
    default: [history, totals, integrity, restorable, rights]
  history_limit:
    description:
      - Number of audit log records to show, at most 1000.
    type: int
    default: 20
notes:
  - This module sends no request to LiteLLM. LiteLLM's options are accepted so that C(module_defaults) of the action group can set them
    once. O(timeout) also applies to the cluster of O(namespace).
"""

EXAMPLES = r"""
- name: Show earlier syncs
  litemaas.models.litemaas_sync_info:
    database_url: "{{ vault_litemaas_database_url }}"
  register: info

- name: Show earlier syncs of an installation in a namespace
  litemaas.models.litemaas_sync_info:
    namespace: litemaas

- name: Stop if an unavailable model has active subscriptions
  ansible.builtin.assert:
    that: info.integrity.active_subscriptions_on_unavailable | length == 0

- name: Check the database rights before a run
  litemaas.models.litemaas_sync_info:
    gather_subset: [rights]
"""

RETURN = r"""
last_sync:
  description:
    - The newest sync by this collection that changed something or failed, as in RV(history). Null if there is none.
  returned: when gathered
  type: dict
history:
  description:
    - Syncs, retirements, deletions and restores of models, newest first. This includes retirements by LiteMaaS's own sync.
  returned: when gathered
  type: list
  elements: dict
  contains:
    time:
      description: Time of the record.
      type: str
    action:
      description: V(sync), V(retired), V(deleted) or V(restored).
      type: str
    model_name:
      description: Name of the model. Not set for a sync.
      type: str
    success:
      description: Whether there were no errors.
      type: bool
    source:
      description: V(litemaas.models) or V(backend).
      type: str
    by:
      description: Who ran it, as far as known.
      type: dict
    counts:
      description: Numbers of models, subscriptions and keys.
      type: dict
    error:
      description: The error.
      type: str
    errors:
      description: The errors, one sentence for each model. Only set for a sync.
      type: list
      elements: str
    plan_checksum:
      description: Checksum of the sync's plan. Only set for a sync.
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
  description: Numbers of models, subscriptions and API keys.
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
  description: Inconsistent rows. Only available models are checked, unless stated otherwise.
  returned: when gathered
  type: dict
  contains:
    missing_required:
      description: Models without a value that LiteMaaS requires, with the names of the columns.
      type: list
      elements: dict
    without_prices:
      description: Names of models without a price. LiteMaaS treats them as free.
      type: list
      elements: str
    litellm_model_id_is_name:
      description: Names of models whose C(litellm_model_id) is their name. LiteLLM cannot find them by it. A sync corrects it.
      type: list
      elements: str
    active_subscriptions_on_unavailable:
      description: Unavailable models with active subscriptions, and the number of these subscriptions.
      type: list
      elements: dict
    active_keys_without_models:
      description: Number of active API keys without a model.
      type: int
  sample:
    missing_required: [{"model_name": "granite-3.3-8b", "missing": ["litellm_model_id"]}]
    without_prices: []
    litellm_model_id_is_name: []
    active_subscriptions_on_unavailable: [{"model_name": "llama-2", "active_subscriptions": 2}]
    active_keys_without_models: 0
missing_rights:
  description: Rights that this database user lacks for a sync or a cleanup. Check mode needs only C(SELECT).
  returned: when gathered
  type: list
  elements: str
  sample: ["INSERT on audit_logs"]
restorable:
  description:
    - Models for which M(litemaas.models.litemaas_model_sync) with O(litemaas.models.litemaas_model_sync#module:restore=true) can restore
      something, now or when LiteLLM has them again.
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
      description: Number of subscriptions that would become active again.
      type: int
    api_key_models:
      description: Number of API keys that would get the model back.
      type: int
    api_keys:
      description: Number of API keys that would be activated again.
      type: int
    not_restorable:
      description: A sentence for each kind of thing that cannot be restored.
      type: list
      elements: str
log:
  description: A line for each time that the whole run was repeated, because the connection to PostgreSQL broke.
  returned: when the run was repeated
  type: list
  elements: str
  sample: ["The whole run is repeated (1 left): The connection to database NAME broke: REASON. Nothing was changed"]
discovered:
  description: What was discovered in O(namespace), without secrets.
  returned: when O(namespace) was searched
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
            from ansible_collections.litemaas.models.plugins.module_utils._litellm.connect import locate

            locate(self.run)
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
