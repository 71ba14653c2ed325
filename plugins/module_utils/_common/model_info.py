# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may stand in extra_info (LiteLLM's model_info), and what belongs elsewhere. Pure.

The names are from LiteLLM 1.81.0 and 1.100.5: ``ModelInfo`` in litellm/types/router.py, ``ProviderSpecificModelInfo`` and
``ModelInfoBase`` in litellm/types/utils.py, and what litellm/router.py and litellm/proxy/health_check.py read of model_info.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import ModelError
from ansible_collections.litemaas.models.plugins.module_utils._common.fields import BY_OPTION
from ansible_collections.litemaas.models.plugins.module_utils._common.values import to_bool

# As a parameter such a name is stored, goes to the provider, and is nothing that LiteLLM knows of the model.
_PREFIXES = ("supports_", "health_check_")
_NAMES = frozenset(
    (
        "allow_fail_open",
        "custom_tokenizer",
        "disable_background_health_check",
        "enable_tag_filtering",
        "output_vector_size",
        "supported_environments",
        "tier",
    )
)
_TRUTH = ("supports_", "health_check_supports_", "disable_background_health_check", "allow_fail_open", "enable_tag_filtering")

# What LiteLLM keeps or computes itself.
_OF_LITELLM = frozenset(
    (
        "access_via_team_ids",
        "blocked",
        "created_at",
        "created_by",
        "db_model",
        "direct_access",
        "team_id",
        "team_public_model_name",
        "updated_at",
        "updated_by",
    )
)
_ELSEWHERE = {
    "id": "as the option model_id",
    "key": "as the option base_model",
    "litellm_provider": "as the option custom_llm_provider",
    "supported_openai_params": "in extra_params, as allowed_openai_params",
    "tiered_pricing": "in extra_params",
}
# These two have "cost" in their name, and LiteLLM reads them of model_info only.
_COSTS = frozenset(("cost_per_ptu_per_hour", "web_search_cost_per_request"))

_OPTIONS = {path[1]: option for option, field in reversed(list(BY_OPTION.items())) for path in field.paths}


def option_of(name: str) -> str | None:
    """The option of a model spec that LiteLLM has under this name."""
    return _OPTIONS.get(name)


def place_of_parameter(name: str) -> str | None:
    """Where a name belongs that stands among LiteLLM's parameters and is one of model_info; None where it is a parameter."""
    if name == "max_tokens":
        # As a parameter it is what LiteLLM asks the provider for.
        return None
    if any(path == ("model_info", name) for field in BY_OPTION.values() for path in field.paths):
        return f"as the option {_OPTIONS[name]}"
    return "in extra_info" if name in _NAMES or name.startswith(_PREFIXES) else None


def read_info(model_name: str, given: dict[str, t.Any]) -> dict[str, t.Any]:
    """extra_info as it goes to LiteLLM. Raises ModelError for what LiteLLM would ignore or what is not the user's."""
    return {name: _read(model_name, name, value) for name, value in given.items()}


def _read(model_name: str, name: t.Any, value: t.Any) -> t.Any:
    if not isinstance(name, str):
        raise ModelError(model_name, "extra_info has a key that is not text: put it in quotes")
    problem = _problem(name)
    if problem:
        raise ModelError(model_name, f"extra_info holds {name}{problem}")
    if value is None or not name.startswith(_TRUTH):
        return value
    try:
        return to_bool(value)
    except ValueError as error:
        raise ModelError(model_name, f"{name} in extra_info {error}") from None


def _problem(name: str) -> str:
    """Why a name has no place in extra_info; empty where it has."""
    if name.startswith("litemaas_"):
        return ", which this collection manages itself: leave it out"
    if name in _OF_LITELLM:
        return ", which LiteLLM manages itself: leave it out"
    option = _OPTIONS.get(name, name if name in BY_OPTION else None)
    if option:
        return f": give it as the option {option}"
    place = _ELSEWHERE.get(name, "in extra_params" if "cost" in name.split("_") and name not in _COSTS else None)
    return f": give it {place}" if place else ""
