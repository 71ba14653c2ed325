# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a spec says, in LiteLLM's words: the parts of a body. Pure."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.field import Field
from ansible_collections.litemaas.models.plugins.module_utils._common.fields import BY_OPTION, FIELDS
from ansible_collections.litemaas.models.plugins.module_utils._common.masks import may_be_masked
from ansible_collections.litemaas.models.plugins.module_utils._common.secrets_in_data import secrets_in
from ansible_collections.litemaas.models.plugins.module_utils._common.spec import Spec
from ansible_collections.litemaas.models.plugins.module_utils._litellm.identity import ENVIRONMENT_PREFIX
from ansible_collections.litemaas.models.plugins.module_utils._litellm.plan import NAMED_PARAMETERS

# Parameters without which LiteLLM may not know who serves the model.
TELL_THE_PROVIDER = frozenset(("api_base", "custom_llm_provider"))
# Parameters that LiteLLM leaves out of its lists, also where they are stored.
NEVER_SHOWN = frozenset(
    ("api_key", "client_secret", "vertex_credentials", "vertex_ai_credentials", "aws_access_key_id", "aws_secret_access_key")
)
NOT_IN_PRICE_LIST = frozenset(("access_groups", "base_model", "id"))


def is_enriched(path: tuple[str, str]) -> bool:
    """Whether LiteLLM may fill a place up from its cost map: model_info, but for our own keys."""
    return path[0] == "model_info" and not path[1].startswith("litemaas_")


def with_defaults(spec: Spec) -> dict[str, t.Any]:
    """A spec's options with the defaults of those that were left out, as a new model gets them."""
    defaults: dict[str, t.Any] = {str(field.option): field.default for field in FIELDS if field.option and field.default is not None}
    defaults["display_name"] = spec.model_name
    return dict(defaults, **spec.options)


def values_by_path(options: dict[str, t.Any]) -> dict[tuple[str, str], tuple[Field, t.Any]]:
    """LiteLLM path -> (field, value) of the given options."""
    values = {}
    for option, value in options.items():
        field = BY_OPTION[option]
        for path in field.paths:
            values[path] = (field, value)
    if "max_tokens" in options and "context_length" not in options:
        # LiteLLM's own meaning of model_info.max_tokens, and the only one of the two that LiteMaaS reads.
        values[("model_info", "max_tokens")] = (BY_OPTION["max_tokens"], options["max_tokens"])
    return values


def opaque_values(spec: Spec) -> dict[str, t.Any]:
    """Parameters whose value LiteLLM does not give back as it was given: secrets, and references to its environment."""
    opaque = dict(spec.secret_params)
    for (part, key), (field, value) in values_by_path(spec.options).items():
        if part == "litellm_params" and (field.compare == "opaque" or is_reference(value)):
            opaque[key] = value
    opaque.update({name: value for name, value in spec.extra_params.items() if is_hidden(name, value)})
    return opaque


def masked_values(spec: Spec) -> dict[str, t.Any]:
    """Free parameters that are no secrets and that LiteLLM may mask all the same, because of their names."""
    return {name: value for name, value in spec.extra_params.items() if may_be_masked(name, value) and not is_hidden(name, value)}


def is_reference(value: t.Any) -> bool:
    """Whether a value is one that LiteLLM takes from its environment."""
    return isinstance(value, str) and value.startswith(ENVIRONMENT_PREFIX)


def is_hidden(name: str, value: t.Any) -> bool:
    """Whether LiteLLM masks or resolves something in a parameter of that name and value."""
    field = NAMED_PARAMETERS.get(name)
    return has_reference(value) or (field.secret if field else any(True for _secret in secrets_in(name, value)))


def has_reference(value: t.Any) -> bool:
    """Whether a value has something in it that LiteLLM resolves."""
    if isinstance(value, (dict, list)):
        return any(map(has_reference, value.values() if isinstance(value, dict) else value))
    return is_reference(value)
