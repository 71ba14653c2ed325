# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What LiteLLM knows of providers and does not tell over its API.

Which providers there are is asked of the proxy (``_litellm.providers``). ``tests/integration/test_lists_of_litellm.py`` compares these
lists with the source of each supported version.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

# Providers that have no public address of their own: a model of theirs needs api_base.
# Source: the addresses in litellm/litellm_core_utils/get_llm_provider_logic.py and litellm/llms/PROVIDER, in 1.81.0, 1.100.5 and 1.110.2,
# read on 2026-11-28.
SELF_HOSTED = frozenset(
    ("hosted_vllm", "azure", "azure_ai", "openai_like", "custom_openai", "llamafile", "lm_studio", "triton", "infinity", "xinference")
)

# Providers that need no api_key: local servers without one, and those that LiteLLM signs in to with no parameter of a model.
# Source: how litellm/main.py and litellm/llms/PROVIDER get a key, in 1.81.0, 1.100.5 and 1.110.2, read on 2026-11-28.
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

# Addresses from which LiteLLM takes the provider, whatever stands before the slash.
# Source: openai_compatible_endpoints in litellm/constants.py, as far as litellm/litellm_core_utils/get_llm_provider_logic.py makes a
# provider of them, in 1.81.0, 1.100.5 and 1.110.2, read on 2026-11-28.
KNOWN_HOSTS = (
    "ai21.com",
    "aliyuncs.com",
    "anyscale.com",
    "baseten.co",
    "cerebras.ai",
    "chutes.ai",
    "clfaigateway.dev",
    "deepinfra.com",
    "deepseek.com",
    "edenai.run",
    "empower.dev",
    "featherless.ai",
    "friendli.ai",
    "galadriel.com",
    "groq.com",
    "hyperbolic.xyz",
    "inceptionlabs.ai",
    "lambda.ai",
    "llama.com",
    "meta.ai",
    "minimax.io",
    "minimaxi.com",
    "mistral.ai",
    "modelscope.cn",
    "moonshot.ai",
    "nano-gpt.com",
    "nscale.com",
    "nvidia.com",
    "ollama.com",
    "perplexity.ai",
    "pinstripes.io",
    "poe.com",
    "publicai.co",
    "sambanova.ai",
    "sberbank.ru",
    "stima.tech",
    "synthetic.new",
    "together.ai",
    "together.xyz",
    "v0.dev",
    "vercel.sh",
    "wandb.ai",
)
