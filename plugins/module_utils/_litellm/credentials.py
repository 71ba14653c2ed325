# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether LiteLLM has the credentials that models name. It also saves a model that names none of them, and no request to it succeeds."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import first_of_many
from ansible_collections.litemaas.models.plugins.module_utils._common.hints import did_you_mean, near_names
from ansible_collections.litemaas.models.plugins.module_utils._litellm.identity import ENVIRONMENT_PREFIX
from ansible_collections.litemaas.models.plugins.module_utils._litellm.plan import CREATE, UPDATE, Plan

if t.TYPE_CHECKING:
    from ansible_collections.litemaas.models.plugins.module_utils._litellm.client import LiteLLM

PARAMETER = "litellm_credential_name"
SENTENCE = "LiteLLM has no credential {0}{1}: requests to models that use it fail until it is created in LiteLLM ({2})"


def warn_of_missing(plan: Plan, litellm: LiteLLM) -> None:
    """Add a warning to the plan for each credential that it newly names and LiteLLM does not have. Asks once, and only then."""
    models: dict[str, list[str]] = {}
    for action in plan.actions:
        name = action.body.get("litellm_params", {}).get(PARAMETER)
        if action.kind in (CREATE, UPDATE) and isinstance(name, str) and not name.startswith(ENVIRONMENT_PREFIX):
            models.setdefault(name, []).append(action.model_name)
    known = litellm.credentials() if models else None
    if known is None:
        return
    for name in sorted(set(models).difference(known)):
        plan.warnings.append(SENTENCE.format(name, did_you_mean(near_names(name, known)), first_of_many(models[name])))
