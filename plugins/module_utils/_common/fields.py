# Generated from docs/reference/fields.yml by "make generate". Change that table, not this file.
# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of fields: what a model spec calls a field, where LiteLLM keeps it, which column of LiteMaaS shows it.

Everything that depends on a field (argument specs, payloads, comparison, rows, redaction) is read off this table.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

from ansible_collections.litemaas.models.plugins.module_utils._common.field import Field

FIELDS: tuple[Field, ...] = (
    Field("model_name", "str", (), "id", max_length=255),
    Field("display_name", "str", (("model_info", "litemaas_display_name"),), "name", owner="person", max_length=255),
    Field("description", "str", (("model_info", "litemaas_description"),), "description", default="AI model", owner="person"),
    Field("provider", "str", (("model_info", "litemaas_provider"),), "provider", default="openshift-ai", owner="person", max_length=100),
    Field("category", "str", (("model_info", "litemaas_category"),), "category", default="general", owner="person", max_length=100),
    Field("litellm_model", "str", (("litellm_params", "model"),), None, max_length=255),
    Field("api_base", "str", (("litellm_params", "api_base"),), "api_base", max_length=500),
    Field("api_key", "str", (("litellm_params", "api_key"),), None, secret=True, compare="opaque"),
    Field("api_version", "str", (("litellm_params", "api_version"),)),
    Field("custom_llm_provider", "str", (("litellm_params", "custom_llm_provider"),), None, max_length=100),
    Field("credential", "str", (("litellm_params", "litellm_credential_name"),), None, free=True),
    Field("base_model", "str", (("model_info", "base_model"),), None, max_length=255),
    Field("access_groups", "list", (("model_info", "access_groups"),), None, compare="set"),
    Field("tags", "list", (("litellm_params", "tags"),), None, compare="set", free=True),
    Field("timeout", "float", (("litellm_params", "timeout"),), None, maximum=2147483647, free=True),
    Field("stream_timeout", "float", (("litellm_params", "stream_timeout"),), None, maximum=2147483647, free=True),
    Field("max_retries", "int", (("litellm_params", "max_retries"),), None, maximum=2147483647, free=True),
    Field("max_parallel_requests", "int", (("litellm_params", "max_parallel_requests"),), None, maximum=2147483647, free=True),
    Field("order", "int", (("litellm_params", "order"),), None, maximum=2147483647, free=True),
    Field("weight", "float", (("litellm_params", "weight"),), None, maximum=2147483647, free=True),
    Field("drop_params", "bool", (("litellm_params", "drop_params"),), None, free=True),
    Field(
        "context_length",
        "int",
        (("model_info", "max_tokens"), ("model_info", "max_input_tokens")),
        "context_length",
        maximum=2147483647,
    ),
    Field("max_tokens", "int", (("model_info", "max_output_tokens"),), "max_tokens", maximum=2147483647),
    Field("rpm", "int", (("litellm_params", "rpm"),), "rpm", maximum=2147483647),
    Field("tpm", "int", (("litellm_params", "tpm"),), "tpm", maximum=2147483647),
    Field(
        "input_cost_per_token",
        "float",
        (("litellm_params", "input_cost_per_token"),),
        "input_cost_per_token",
        compare="cost",
        maximum=99999.9999999999,
    ),
    Field(
        "output_cost_per_token",
        "float",
        (("litellm_params", "output_cost_per_token"),),
        "output_cost_per_token",
        compare="cost",
        maximum=99999.9999999999,
    ),
    Field("mode", "str", (("model_info", "mode"),)),
    Field("supports_vision", "bool", (("model_info", "supports_vision"),), "supports_vision"),
    Field("supports_function_calling", "bool", (("model_info", "supports_function_calling"),), "supports_function_calling"),
    Field(
        "supports_parallel_function_calling",
        "bool",
        (("model_info", "supports_parallel_function_calling"),),
        "supports_parallel_function_calling",
    ),
    Field("supports_tool_choice", "bool", (("model_info", "supports_tool_choice"),), "supports_tool_choice"),
    Field("supports_embeddings", "bool", (("model_info", "supports_embeddings"),)),
    Field("supports_convert", "bool", (("model_info", "supports_convert"),)),
    Field("supports_tokenize", "bool", (("model_info", "supports_tokenize"),)),
    Field(
        "supports_streaming",
        "bool",
        (("model_info", "litemaas_supports_streaming"),),
        "supports_streaming",
        default=True,
        owner="person",
    ),
    Field(
        "availability",
        "str",
        (("model_info", "litemaas_availability"),),
        "availability",
        default="available",
        choices=("available", "unavailable"),
    ),
    Field("restricted_access", "bool", (("model_info", "litemaas_restricted_access"),), "restricted_access", owner="person"),
    # Columns that only the sync fills.
    Field(None, "str", (), "backend_model_name", max_length=255),
    Field(None, "str", (), "litellm_model_id", max_length=255),
    Field(None, "str", (), "version", max_length=50),
    Field(None, "list", (), "features", compare="set"),
    Field(None, "dict", (), "metadata"),
)

BY_OPTION: dict[str, Field] = {field.option: field for field in FIELDS if field.option}
BY_COLUMN: dict[str, Field] = {field.column: field for field in FIELDS if field.column}

# Options of an entry that are no field of a model: they say which deployment is meant or carry free parameters. Each with its type.
SPEC_ONLY: dict[str, str] = {
    "model_id": "str",
    "extra_params": "dict",
    "secret_params": "dict",
    "extra_info": "dict",
    "state": "str",
}

# Those of them whose values are secrets.
SPEC_ONLY_SECRETS = frozenset(["secret_params"])
