# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

"""Providers of which LiteLLM tells nothing over its API."""

from __future__ import annotations

# Providers that have no public address of their own: a model of theirs needs api_base.
SELF_HOSTED = frozenset(
    ("hosted_vllm", "azure", "azure_ai", "openai_like", "custom_openai", "llamafile", "lm_studio", "triton", "infinity", "xinference")
)

# Providers that need no api_key: local servers without one, and those that LiteLLM signs in to with no parameter of a model.
KEYLESS = frozenset(
    (
        "auto_router",
        "aws_polly",
        "bedrock",
        "bedrock_converse",
        "bedrock_mantle",
        "chatgpt",
        "databricks",
        "docker_model_runner",
        "gigachat",
        "github_copilot",
        "hosted_vllm",
        "infinity",
        "llamafile",
        "lemonade",
        "lm_studio",
        "oci",
        "ollama",
        "ollama_chat",
        "oobabooga",
        "petals",
        "sagemaker",
        "sagemaker_chat",
        "sap",
        "triton",
        "vertex_ai",
        "vertex_ai_beta",
        "vllm",
        "xinference",
    )
)
