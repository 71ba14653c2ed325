# Generated from docs/reference/fields.yml by "make generate". Change that table, not this file.
# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations


class ModuleDocFragment:
    # A list of model specs.
    DOCUMENTATION = r"""
options:
  models:
    description:
      - The models, one entry each. One module run over one connection, however many they are.
      - A wrong value in one entry is that entry's failure. The others are done, and the task fails at the end.
    type: list
    elements: dict
    suboptions:
      model_name:
        description:
          - Name under which users see and call the model. It identifies the model in LiteLLM and in LiteMaaS.
            Required.
        type: str
      display_name:
        description:
          - Name that the LiteMaaS portal shows. A new model gets its O(models[].model_name).
        type: str
      description:
        description:
          - Description that the portal shows. A new model gets V(AI model).
        type: str
      provider:
        description:
          - Provider that the portal shows, which may differ from LiteLLM's provider in O(models[].litellm_model).
            A new model gets V(openshift-ai).
        type: str
      category:
        description:
          - Category that the portal shows. A new model gets V(general).
        type: str
      litellm_model:
        description:
          - LiteLLM's provider and the provider's name of the model, for example V(openai/granite-3-8b). Required
            to create a model.
          - A provider that LiteLLM does not know is refused. A warning names a provider that LiteLLM accepts
            without listing it, such as a custom provider of its configuration.
        type: str
      api_base:
        description:
          - Address of the model server. Required to create a model of a provider that has no address of its own,
            such as V(azure) or V(hosted_vllm), unless O(models[].credential) is given.
          - A model of V(openai/) without it is one of OpenAI itself. Set it for your own server.
        type: str
      api_key:
        description:
          - Key of the model server. Required to create a model, unless its provider needs none (V(ollama), V(hosted_vllm)),
            signs in otherwise (V(bedrock), V(vertex_ai)), has its secrets in O(models[].secret_params), or uses
            a O(models[].credential).
          - V(os.environ/NAME) makes LiteLLM read it from its own environment. A server that checks no key accepts
            any text.
          - V(false) says that there is none, because LiteLLM signs in by itself, as with a managed identity.
        type: str
      api_version:
        description:
          - API version, for providers that have one, such as Azure.
        type: str
      custom_llm_provider:
        description:
          - LiteLLM's provider, where O(models[].litellm_model) does not begin with it.
        type: str
      credential:
        description:
          - Name of a credential that is stored in LiteLLM, with the address and the key in it. The name is no
            secret.
          - If the model has a key itself, LiteLLM uses that one. A warning names a key that an earlier list gave.
        type: str
      base_model:
        description:
          - The model that this really is, for example V(azure/gpt-4o), where O(models[].litellm_model) has a
            name of your own. LiteLLM takes prices, context and capabilities from it.
        type: str
      access_groups:
        description:
          - LiteLLM's access groups that the model is in.
          - A list of texts.
        type: raw
      tags:
        description:
          - Tags by which LiteLLM chooses among deployments.
          - A list of texts.
        type: raw
      timeout:
        description:
          - Seconds that a request to the model may take.
          - In a list the field is C(timeout). Where the options of M(litemaas.models.litellm_model) describe
            one model, it is C(model_timeout).
          - A number.
        type: raw
      stream_timeout:
        description:
          - Seconds that a streamed request may take.
          - A number.
        type: raw
      max_retries:
        description:
          - How often LiteLLM repeats a failed request.
          - A whole number.
        type: raw
      max_parallel_requests:
        description:
          - Requests that LiteLLM sends to this deployment at the same time.
          - A whole number.
        type: raw
      order:
        description:
          - Which of several deployments of a name is used first. The lowest wins.
          - A whole number.
        type: raw
      weight:
        description:
          - Share of requests among several deployments of a name.
          - A number.
        type: raw
      drop_params:
        description:
          - Whether LiteLLM drops parameters of a request that the provider does not know.
          - V(true) or V(false).
        type: raw
      context_length:
        description:
          - Context of the model in tokens. LiteMaaS takes both its context and its largest answer from C(model_info.max_tokens),
            so it shows this value for both.
          - A whole number.
        type: raw
      max_tokens:
        description:
          - Largest answer of the model in tokens. Where O(models[].context_length) is not given, it is written
            to C(model_info.max_tokens) too, and LiteMaaS shows it for both.
          - A whole number.
        type: raw
      rpm:
        description:
          - Requests per minute.
          - A whole number.
        type: raw
      tpm:
        description:
          - Tokens per minute.
          - A whole number.
        type: raw
      input_cost_per_token:
        description:
          - Price of an input token in dollars.
          - A number.
        type: raw
      output_cost_per_token:
        description:
          - Price of an output token in dollars.
          - A number.
        type: raw
      mode:
        description:
          - LiteLLM's mode of the model, for example V(chat) or V(embedding).
        type: str
      supports_vision:
        description:
          - Whether the model accepts images.
          - V(true) or V(false).
        type: raw
      supports_function_calling:
        description:
          - Whether the model can call functions.
          - V(true) or V(false).
        type: raw
      supports_parallel_function_calling:
        description:
          - Whether the model can call several functions at once.
          - V(true) or V(false).
        type: raw
      supports_tool_choice:
        description:
          - Whether the model can be told which tool to use.
          - V(true) or V(false).
        type: raw
      supports_embeddings:
        description:
          - Whether the model makes embeddings.
          - V(true) or V(false).
        type: raw
      supports_convert:
        description:
          - Whether the model converts documents.
          - V(true) or V(false).
        type: raw
      supports_tokenize:
        description:
          - Whether the model server can tokenize.
          - V(true) or V(false).
        type: raw
      supports_streaming:
        description:
          - Whether the model can stream. A new model gets V(true). The backend's own sync always writes V(true).
          - V(true) or V(false).
        type: raw
      availability:
        description:
          - V(available), or V(unavailable) to hide the model in the portal. A new model gets V(available). The
            backend's own sync always writes V(available).
        type: str
      restricted_access:
        description:
          - Whether a subscription needs an approval.
          - V(true) or V(false).
        type: raw
      model_id:
        description:
          - Id of the deployment in LiteLLM, where the rules of identity do not find the right one.
          - The id of a model with another name renames that model. The rename is refused if LiteLLM has a model
            of this name already. With O(models[].state=absent) such an id is refused.
        type: str
      extra_params:
        description:
          - Further parameters of LiteLLM (C(litellm_params)). They must not be secrets, because diffs show them.
            The page on troubleshooting lists what is refused here.
          - A dictionary.
        type: raw
      secret_params:
        description:
          - Further parameters of LiteLLM that are secrets. They are sent and not shown, except what only says
            which account, project or region is meant, such as C(tenant_id).
          - A dictionary or list in it is sent as a JSON text, which LiteLLM encrypts. What LiteLLM accepts only
            as a dictionary or list (C(extra_headers), C(extra_body) and the like) is stored unencrypted, and
            a warning names the secrets in it.
          - A secret that is a number must be in quotes.
          - A dictionary.
        type: raw
      extra_info:
        description:
          - Further keys of LiteLLM's C(model_info). Examples are C(supports_reasoning) and C(health_check_model).
            Only the keys that are given are compared. They must not be secrets, because LiteLLM and diffs show
            them.
          - A dictionary.
        type: raw
      state:
        description:
          - V(present), or V(absent) to take the model out of LiteLLM. The cleanup then removes its row.
        type: str
"""

    # The same options for one model.
    ONE = r"""
options:
  model_name:
    description:
      - Name under which users see and call the model. It identifies the model in LiteLLM and in LiteMaaS. Required.
    type: str
  display_name:
    description:
      - Name that the LiteMaaS portal shows. A new model gets its O(model_name).
    type: str
  description:
    description:
      - Description that the portal shows. A new model gets V(AI model).
    type: str
  provider:
    description:
      - Provider that the portal shows, which may differ from LiteLLM's provider in O(litellm_model). A new model
        gets V(openshift-ai).
    type: str
  category:
    description:
      - Category that the portal shows. A new model gets V(general).
    type: str
  litellm_model:
    description:
      - LiteLLM's provider and the provider's name of the model, for example V(openai/granite-3-8b). Required
        to create a model.
      - A provider that LiteLLM does not know is refused. A warning names a provider that LiteLLM accepts without
        listing it, such as a custom provider of its configuration.
    type: str
  api_base:
    description:
      - Address of the model server. Required to create a model of a provider that has no address of its own,
        such as V(azure) or V(hosted_vllm), unless O(credential) is given.
      - A model of V(openai/) without it is one of OpenAI itself. Set it for your own server.
    type: str
  api_key:
    description:
      - Key of the model server. Required to create a model, unless its provider needs none (V(ollama), V(hosted_vllm)),
        signs in otherwise (V(bedrock), V(vertex_ai)), has its secrets in O(secret_params), or uses a O(credential).
      - V(os.environ/NAME) makes LiteLLM read it from its own environment. A server that checks no key accepts
        any text.
      - V(false) says that there is none, because LiteLLM signs in by itself, as with a managed identity.
    type: str
  api_version:
    description:
      - API version, for providers that have one, such as Azure.
    type: str
  custom_llm_provider:
    description:
      - LiteLLM's provider, where O(litellm_model) does not begin with it.
    type: str
  credential:
    description:
      - Name of a credential that is stored in LiteLLM, with the address and the key in it. The name is no secret.
      - If the model has a key itself, LiteLLM uses that one. A warning names a key that an earlier list gave.
    type: str
  base_model:
    description:
      - The model that this really is, for example V(azure/gpt-4o), where O(litellm_model) has a name of your
        own. LiteLLM takes prices, context and capabilities from it.
    type: str
  access_groups:
    description:
      - LiteLLM's access groups that the model is in.
      - A list of texts.
    type: raw
  tags:
    description:
      - Tags by which LiteLLM chooses among deployments.
      - A list of texts.
    type: raw
  model_timeout:
    description:
      - Seconds that a request to the model may take.
      - In a list the field is C(timeout). Where the options of M(litemaas.models.litellm_model) describe one
        model, it is C(model_timeout).
      - A number.
    type: raw
  stream_timeout:
    description:
      - Seconds that a streamed request may take.
      - A number.
    type: raw
  max_retries:
    description:
      - How often LiteLLM repeats a failed request.
      - A whole number.
    type: raw
  max_parallel_requests:
    description:
      - Requests that LiteLLM sends to this deployment at the same time.
      - A whole number.
    type: raw
  order:
    description:
      - Which of several deployments of a name is used first. The lowest wins.
      - A whole number.
    type: raw
  weight:
    description:
      - Share of requests among several deployments of a name.
      - A number.
    type: raw
  drop_params:
    description:
      - Whether LiteLLM drops parameters of a request that the provider does not know.
      - V(true) or V(false).
    type: raw
  context_length:
    description:
      - Context of the model in tokens. LiteMaaS takes both its context and its largest answer from C(model_info.max_tokens),
        so it shows this value for both.
      - A whole number.
    type: raw
  max_tokens:
    description:
      - Largest answer of the model in tokens. Where O(context_length) is not given, it is written to C(model_info.max_tokens)
        too, and LiteMaaS shows it for both.
      - A whole number.
    type: raw
  rpm:
    description:
      - Requests per minute.
      - A whole number.
    type: raw
  tpm:
    description:
      - Tokens per minute.
      - A whole number.
    type: raw
  input_cost_per_token:
    description:
      - Price of an input token in dollars.
      - A number.
    type: raw
  output_cost_per_token:
    description:
      - Price of an output token in dollars.
      - A number.
    type: raw
  mode:
    description:
      - LiteLLM's mode of the model, for example V(chat) or V(embedding).
    type: str
  supports_vision:
    description:
      - Whether the model accepts images.
      - V(true) or V(false).
    type: raw
  supports_function_calling:
    description:
      - Whether the model can call functions.
      - V(true) or V(false).
    type: raw
  supports_parallel_function_calling:
    description:
      - Whether the model can call several functions at once.
      - V(true) or V(false).
    type: raw
  supports_tool_choice:
    description:
      - Whether the model can be told which tool to use.
      - V(true) or V(false).
    type: raw
  supports_embeddings:
    description:
      - Whether the model makes embeddings.
      - V(true) or V(false).
    type: raw
  supports_convert:
    description:
      - Whether the model converts documents.
      - V(true) or V(false).
    type: raw
  supports_tokenize:
    description:
      - Whether the model server can tokenize.
      - V(true) or V(false).
    type: raw
  supports_streaming:
    description:
      - Whether the model can stream. A new model gets V(true). The backend's own sync always writes V(true).
      - V(true) or V(false).
    type: raw
  availability:
    description:
      - V(available), or V(unavailable) to hide the model in the portal. A new model gets V(available). The backend's
        own sync always writes V(available).
    type: str
  restricted_access:
    description:
      - Whether a subscription needs an approval.
      - V(true) or V(false).
    type: raw
  model_id:
    description:
      - Id of the deployment in LiteLLM, where the rules of identity do not find the right one.
      - The id of a model with another name renames that model. The rename is refused if LiteLLM has a model of
        this name already. With O(state=absent) such an id is refused.
    type: str
  extra_params:
    description:
      - Further parameters of LiteLLM (C(litellm_params)). They must not be secrets, because diffs show them.
        The page on troubleshooting lists what is refused here.
      - A dictionary.
    type: raw
  secret_params:
    description:
      - Further parameters of LiteLLM that are secrets. They are sent and not shown, except what only says which
        account, project or region is meant, such as C(tenant_id).
      - A dictionary or list in it is sent as a JSON text, which LiteLLM encrypts. What LiteLLM accepts only as
        a dictionary or list (C(extra_headers), C(extra_body) and the like) is stored unencrypted, and a warning
        names the secrets in it.
      - A secret that is a number must be in quotes.
      - A dictionary.
    type: raw
  extra_info:
    description:
      - Further keys of LiteLLM's C(model_info). Examples are C(supports_reasoning) and C(health_check_model).
        Only the keys that are given are compared. They must not be secrets, because LiteLLM and diffs show them.
      - A dictionary.
    type: raw
  state:
    description:
      - V(present) makes the deployment as the options say. V(absent) deletes it.
      - Also the state of entries of O(models) that have none of their own.
    type: str
    choices: [present, absent]
    default: present
"""
