# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

"""The plan of deployments for one proxy: what is written and what is foreseen of it come from the same place."""

from __future__ import annotations

import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._cost_map import sharing
from ansible_collections.litemaas.models.plugins.module_utils._credentials import warn_of_missing
from ansible_collections.litemaas.models.plugins.module_utils._deployments import Plan, Policy, plan_deployments
from ansible_collections.litemaas.models.plugins.module_utils._errors import ModelError
from ansible_collections.litemaas.models.plugins.module_utils._identity import Deployment
from ansible_collections.litemaas.models.plugins.module_utils._litellm import LiteLLM
from ansible_collections.litemaas.models.plugins.module_utils._providers import refuse_unserved
from ansible_collections.litemaas.models.plugins.module_utils._specs import Spec


def plan_models(
    litellm: LiteLLM,
    specs: t.Sequence[Spec],
    deployments: t.Sequence[Deployment],
    errors: t.Sequence[ModelError] = (),
    **options: t.Any,
) -> Plan:
    """Plan what specs change, without what the proxy could not serve.

    ``options`` are those of Policy that a person gives. Asks the proxy for its providers where a litellm_model is new, and
    for its credentials where one is. Raises ProxyError.
    """
    policy = Policy(
        admin_key=litellm.http.connection.key,
        revise=not litellm.shows_unserved,
        announce=litellm.shows_unserved,
        sharing=sharing(deployments),
        **options,
    )
    plan = plan_deployments(specs, deployments, policy, errors)
    refuse_unserved(plan, litellm, deployments)
    warn_of_missing(plan, litellm)
    return plan
