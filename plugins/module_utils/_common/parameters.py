# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What LiteLLM does with its parameters, as far as a spec has to know it.

Lists of LiteLLM's own names are from its source. ``tests/integration/test_lists_of_litellm.py`` compares them with each supported
version.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import re

# Parameters of LiteLLM that, beside the model and its address, lead to another backend: another provider, account, project or region.
BACKEND_PARAMETERS = (
    "custom_llm_provider",
    "litellm_credential_name",
    "region_name",
    "organization",
    "aws_region_name",
    "aws_bedrock_runtime_endpoint",
    "aws_bedrock_project_id",
    "aws_profile_name",
    "aws_role_name",
    "model_id",
    "vertex_project",
    "vertex_location",
    "watsonx_region_name",
    "project_id",
    "space_id",
    "oci_region",
    "oci_compartment_id",
    "tenant_id",
    "client_id",
)

# Parameters that sign in and whose names are no secrets' names: the secret that belongs to one may be in LiteLLM's environment.
SIGN_IN = ("aws_profile_name", "aws_role_name", "azure_username", "client_id", "tenant_id", "use_xai_oauth")

# Parameters that LiteLLM takes as a dictionary or list only.
# Source: LiteLLM_Params in litellm/types/router.py, and litellm/main.py, in 1.81.0, 1.100.5 and 1.110.2, read on 2026-11-28.
STRUCTURES = frozenset(
    (
        "adaptive_router_config",
        "additional_drop_params",
        "allowed_openai_params",
        "bedrock_tags",
        "complexity_router_config",
        "configurable_clientside_auth_params",
        "default_headers",
        "extra_body",
        "extra_headers",
        "extra_query",
        "fallbacks",
        "guardrails",
        "headers",
        "litellm_metadata",
        "metadata",
        "milvus_partition_names",
        "model_info",
        "model_list",
        "provider_specific_header",
        "quality_router_config",
        "response_format",
        "retry_policy",
        "switchyard_router_config",
        "tag_regex",
        "tags",
        "thinking",
        "tools",
        "web_search_options",
    )
)

# Those of them in which everything is a text.
HEADERS = frozenset(("default_headers", "extra_headers", "headers"))

# LiteLLM 1.81 takes "inf" for a number where it declares one, and lists no model at all from then on, because JSON has no such number.
# Those of its parameters that it declares so, and, in model_info too, prices.
# Source: LiteLLM_Params in litellm/types/router.py and CustomPricingLiteLLMParams in litellm/types/utils.py, in 1.81.0, 1.100.5 and
# 1.110.2, read on 2026-11-28.
NUMBERS = frozenset(
    [
        "anthropic_issuer_ttl_seconds",
        "auto_router_max_input_chars",
        "default_api_key_rpm_limit",
        "default_api_key_tpm_limit",
        "fedramp_uplift_multiplier",
        "itpm",
        "keepalive_seconds",
        "max_budget",
        "max_file_size_mb",
        "max_retries",
        "otpm",
        "output_vector_size",
        "regional_endpoint_uplift_multiplier",
        "regional_processing_uplift_multiplier_eu",
        "regional_processing_uplift_multiplier_us",
        "rpd",
        "rpm",
        "stream_timeout",
        "timeout",
        "tpd",
        "tpm",
        "valkey_port",
    ]
)
PRICE = re.compile(r"(.*_)?(cost_per_.*|token_cost(_.*)?)")

# Parameters of LiteLLM that its PATCH sets to false unless they are sent again (LiteLLM 1.81.0 and 1.100.5).
STICKY_FLAGS = (
    "use_in_pass_through",
    "use_litellm_proxy",
    "use_xai_oauth",
    "merge_reasoning_content_in_choices",
    "allow_client_keepalive_override",
)

# The only parameters that LiteLLM's PATCH clears when it is sent null (1.100.5; 1.81.0 clears nothing).
CLEARABLE = frozenset(("input_cost_per_token", "output_cost_per_token"))
