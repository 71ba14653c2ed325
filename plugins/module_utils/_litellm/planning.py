# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan of deployments for one proxy: what is written and what is foreseen of it come from the same place."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import ModelError
from ansible_collections.litemaas.models.plugins.module_utils._common.spec import Spec
from ansible_collections.litemaas.models.plugins.module_utils._litellm.client import LiteLLM
from ansible_collections.litemaas.models.plugins.module_utils._litellm.cost_map import sharing
from ansible_collections.litemaas.models.plugins.module_utils._litellm.credentials import warn_of_missing
from ansible_collections.litemaas.models.plugins.module_utils._litellm.identity import Deployment, id_of
from ansible_collections.litemaas.models.plugins.module_utils._litellm.plan import FAILED, Plan, Policy
from ansible_collections.litemaas.models.plugins.module_utils._litellm.planner import plan_deployments
from ansible_collections.litemaas.models.plugins.module_utils._litellm.providers import refuse_unserved
from ansible_collections.litemaas.models.plugins.module_utils._litellm.recreate import loses_unless_in_place


def plan_models(
    litellm: LiteLLM,
    specs: t.Sequence[Spec],
    deployments: t.Sequence[Deployment],
    errors: t.Sequence[ModelError] = (),
    **options: t.Any,
) -> Plan:
    """Plan what specs change, without what the proxy could not serve, and what would lose a secret.

    ``options`` are those of Policy that a person gives. Asks the proxy for its providers where a litellm_model is new, and
    for its credentials where one is; and where parameters go beside a secret, whether it takes them out in place. Raises ProxyError.
    """
    policy = Policy(
        admin_key=litellm.http.connection.key.value,
        revise=not litellm.shows_unserved,
        announce=litellm.shows_unserved,
        sharing=sharing(deployments),
        **options,
    )
    plan = plan_deployments(specs, deployments, policy, errors)
    refuse_losses(plan, litellm, deployments)
    refuse_unserved(plan, litellm, deployments)
    warn_of_missing(plan, litellm)
    return plan


def refuse_losses(plan: Plan, litellm: LiteLLM, deployments: t.Sequence[Deployment]) -> None:
    """Make a failure of each update that would lose what LiteLLM shows as saved. Asks only where one may."""
    by_id = {id_of(entry): entry for entry in deployments}
    losses = [(action, loses_unless_in_place(action, by_id[action.model_id])) for action in plan.actions if action.model_id in by_id]
    losses = [(action, loss) for action, loss in losses if loss]
    if losses and litellm.removes() is False:
        for action, loss in losses:
            action.kind, action.reason = FAILED, loss
