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
          - Name under which users see and call the model. Required, in each entry of a list too.
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
          - Provider that the portal shows; has nothing to do with LiteLLM's provider, which is part of
            O(models[].litellm_model). A new model gets V(openshift-ai).
        type: str
      category:
        description:
          - Category that the portal shows. A new model gets V(general).
        type: str
      litellm_model:
        description:
          - LiteLLM's provider and the provider's name of the model, for example V(openai/granite-3-8b).
            Required to create a model.
        type: str
      api_base:
        description:
          - Address of the model server. Required to create a model of a provider that has no address of its
            own, unless O(models[].credential) is given.
        type: str
      api_key:
        description:
          - Key of the model server. Required to create a model unless its provider needs none.
            V(os.environ/NAME) makes LiteLLM read it from its own environment.
          - V(false) says that there is none, because LiteLLM signs in by itself, as with a managed identity.
        type: str
      api_version:
        description:
          - API version, for providers that have one.
        type: str
      custom_llm_provider:
        description:
          - LiteLLM's provider, where O(models[].litellm_model) does not begin with it.
        type: str
      credential:
        description:
          - Name of a credential that is stored in LiteLLM, with the address and the key in it. It is no secret.
          - LiteLLM uses a key that the model has itself instead. A warning names one that an earlier list gave.
        type: str
      base_model:
        description:
          - The model that this really is, for example V(azure/gpt-4o), where O(models[].litellm_model) has a name of
            your own. LiteLLM takes prices, context and capabilities from it.
        type: str
      access_groups:
        description:
          - LiteLLM's access groups that the model is in, a list of texts.
        type: raw
      tags:
        description:
          - Tags by which LiteLLM chooses among deployments, a list of texts.
        type: raw
      timeout:
        description:
          - Seconds that a request to the model may take, a number. In a list the field is C(timeout); as an option of the module it is
            C(model_timeout).
        type: raw
      stream_timeout:
        description:
          - Seconds that a streamed request may take, a number.
        type: raw
      max_retries:
        description:
          - How often LiteLLM tries a failed request again, a whole number.
        type: raw
      max_parallel_requests:
        description:
          - Requests that LiteLLM sends to this deployment at the same time, a whole number.
        type: raw
      order:
        description:
          - Which of several deployments of a name is used first, a whole number. The lowest wins.
        type: raw
      weight:
        description:
          - Share of requests among several deployments of a name, a number.
        type: raw
      drop_params:
        description:
          - Whether LiteLLM drops parameters of a request that the provider does not know, true or false.
        type: raw
      context_length:
        description:
          - Context of the model in tokens, a whole number. Goes to C(model_info.max_tokens) and
            C(model_info.max_input_tokens). LiteMaaS takes both its context and its largest answer from
            C(model_info.max_tokens).
        type: raw
      max_tokens:
        description:
          - Largest answer of the model in tokens, a whole number. Goes to C(model_info.max_output_tokens),
            and to C(model_info.max_tokens) where O(models[].context_length) is not given.
        type: raw
      rpm:
        description:
          - Requests per minute, a whole number. Not given means unlimited.
        type: raw
      tpm:
        description:
          - Tokens per minute, a whole number. Not given means unlimited.
        type: raw
      input_cost_per_token:
        description:
          - Price of an input token, a number.
        type: raw
      output_cost_per_token:
        description:
          - Price of an output token, a number.
        type: raw
      mode:
        description:
          - LiteLLM's mode of the model, for example V(chat) or V(embedding).
        type: str
      supports_vision:
        description:
          - Whether the model takes images, true or false.
        type: raw
      supports_function_calling:
        description:
          - Whether the model can call functions, true or false.
        type: raw
      supports_parallel_function_calling:
        description:
          - Whether the model can call several functions at once, true or false.
        type: raw
      supports_tool_choice:
        description:
          - Whether the model can be told which tool to use, true or false.
        type: raw
      supports_embeddings:
        description:
          - Whether the model makes embeddings, true or false.
        type: raw
      supports_convert:
        description:
          - Whether the model converts documents, true or false.
        type: raw
      supports_tokenize:
        description:
          - Whether the model server can tokenize, true or false.
        type: raw
      supports_streaming:
        description:
          - Whether the model can stream, true or false. A new model gets V(true). The backend's own sync
            always writes true.
        type: raw
      availability:
        description:
          - V(available) or V(unavailable) in the portal. A new model gets V(available). The backend's own
            sync always writes V(available).
        type: str
      restricted_access:
        description:
          - Whether subscriptions need an approval, true or false.
        type: raw
      model_id:
        description:
          - Id of the deployment in LiteLLM, where the rules of identity do not find the right one. An id of a model with another name
            renames that model. The rename is refused if LiteLLM has a model of this name already. With V(absent) such an id is refused.
        type: str
      extra_params:
        description:
          - Any further parameters of LiteLLM (C(litellm_params)), a dictionary.
        type: raw
      extra_info:
        description:
          - Further keys of LiteLLM's C(model_info), a dictionary, for example C(supports_reasoning) or
            C(health_check_model). Only the keys that are given are compared. No secrets, because LiteLLM shows them.
        type: raw
      secret_params:
        description:
          - Further parameters that are secrets, a dictionary. They are sent and not shown, except what only says which account, project or
            region is meant, such as C(tenant_id).
          - A dictionary or list in it is sent as a JSON text, which LiteLLM encrypts. What LiteLLM takes only as a dictionary or list
            (C(extra_headers), C(extra_body) and the like) is stored unencrypted, and a warning names the secrets in it.
          - A secret that is a number must be in quotes.
        type: raw
      state:
        description:
          - V(present) or V(absent) for this entry.
        type: str
"""

    # The same options for one model.
    ONE = r"""
options:
  model_name:
    description:
      - Name under which users see and call the model. Required, in each entry of a list too.
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
      - Provider that the portal shows; has nothing to do with LiteLLM's provider, which is part of
        O(litellm_model). A new model gets V(openshift-ai).
    type: str
  category:
    description:
      - Category that the portal shows. A new model gets V(general).
    type: str
  litellm_model:
    description:
      - LiteLLM's provider and the provider's name of the model, for example V(openai/granite-3-8b). Required to
        create a model.
    type: str
  api_base:
    description:
      - Address of the model server. Required to create a model of a provider that has no address of its own, unless O(credential) is
        given.
    type: str
  api_key:
    description:
      - Key of the model server. Required to create a model unless its provider needs none. V(os.environ/NAME)
        makes LiteLLM read it from its own environment.
      - V(false) says that there is none, because LiteLLM signs in by itself, as with a managed identity.
    type: str
  api_version:
    description:
      - API version, for providers that have one.
    type: str
  custom_llm_provider:
    description:
      - LiteLLM's provider, where O(litellm_model) does not begin with it.
    type: str
  credential:
    description:
      - Name of a credential that is stored in LiteLLM, with the address and the key in it. It is no secret.
      - LiteLLM uses a key that the model has itself instead. A warning names one that an earlier list gave.
    type: str
  base_model:
    description:
      - The model that this really is, for example V(azure/gpt-4o), where O(litellm_model) has a name of your own.
        LiteLLM takes prices, context and capabilities from it.
    type: str
  access_groups:
    description:
      - LiteLLM's access groups that the model is in, a list of texts.
    type: raw
  tags:
    description:
      - Tags by which LiteLLM chooses among deployments, a list of texts.
    type: raw
  model_timeout:
    description:
      - Seconds that a request to the model may take, a number. In a list the field is C(timeout); as an option of the module it is
        C(model_timeout).
    type: raw
  stream_timeout:
    description:
      - Seconds that a streamed request may take, a number.
    type: raw
  max_retries:
    description:
      - How often LiteLLM tries a failed request again, a whole number.
    type: raw
  max_parallel_requests:
    description:
      - Requests that LiteLLM sends to this deployment at the same time, a whole number.
    type: raw
  order:
    description:
      - Which of several deployments of a name is used first, a whole number. The lowest wins.
    type: raw
  weight:
    description:
      - Share of requests among several deployments of a name, a number.
    type: raw
  drop_params:
    description:
      - Whether LiteLLM drops parameters of a request that the provider does not know, true or false.
    type: raw
  context_length:
    description:
      - Context of the model in tokens, a whole number. Goes to C(model_info.max_tokens) and
        C(model_info.max_input_tokens). LiteMaaS takes both its context and its largest answer from
        C(model_info.max_tokens).
    type: raw
  max_tokens:
    description:
      - Largest answer of the model in tokens, a whole number. Goes to C(model_info.max_output_tokens), and to
        C(model_info.max_tokens) where O(context_length) is not given.
    type: raw
  rpm:
    description:
      - Requests per minute, a whole number. Not given means unlimited.
    type: raw
  tpm:
    description:
      - Tokens per minute, a whole number. Not given means unlimited.
    type: raw
  input_cost_per_token:
    description:
      - Price of an input token, a number.
    type: raw
  output_cost_per_token:
    description:
      - Price of an output token, a number.
    type: raw
  mode:
    description:
      - LiteLLM's mode of the model, for example V(chat) or V(embedding).
    type: str
  supports_vision:
    description:
      - Whether the model takes images, true or false.
    type: raw
  supports_function_calling:
    description:
      - Whether the model can call functions, true or false.
    type: raw
  supports_parallel_function_calling:
    description:
      - Whether the model can call several functions at once, true or false.
    type: raw
  supports_tool_choice:
    description:
      - Whether the model can be told which tool to use, true or false.
    type: raw
  supports_embeddings:
    description:
      - Whether the model makes embeddings, true or false.
    type: raw
  supports_convert:
    description:
      - Whether the model converts documents, true or false.
    type: raw
  supports_tokenize:
    description:
      - Whether the model server can tokenize, true or false.
    type: raw
  supports_streaming:
    description:
      - Whether the model can stream, true or false. A new model gets V(true). The backend's own sync always
        writes true.
    type: raw
  availability:
    description:
      - V(available) or V(unavailable) in the portal. A new model gets V(available). The backend's own sync
        always writes V(available).
    type: str
  restricted_access:
    description:
      - Whether subscriptions need an approval, true or false.
    type: raw
  model_id:
    description:
      - Id of the deployment in LiteLLM, where the rules of identity do not find the right one. An id of a model with another name
        renames that model. The rename is refused if LiteLLM has a model of this name already. With V(absent) such an id is refused.
    type: str
  extra_params:
    description:
      - Any further parameters of LiteLLM (C(litellm_params)), a dictionary.
    type: raw
  extra_info:
    description:
      - Further keys of LiteLLM's C(model_info), a dictionary, for example C(supports_reasoning) or
        C(health_check_model). Only the keys that are given are compared. No secrets, because LiteLLM shows them.
    type: raw
  secret_params:
    description:
      - Further parameters that are secrets, a dictionary. They are sent and not shown, except what only says which account, project or
        region is meant, such as C(tenant_id).
      - A dictionary or list in it is sent as a JSON text, which LiteLLM encrypts. What LiteLLM takes only as a dictionary or list
        (C(extra_headers), C(extra_body) and the like) is stored unencrypted, and a warning names the secrets in it.
      - A secret that is a number must be in quotes.
    type: raw
  state:
    description:
      - V(present) makes the deployment as the options say. V(absent) deletes it.
      - Also the state of entries of O(models) that have none of their own.
    type: str
    choices: [present, absent]
    default: present
"""

    # The same list, of models that are about to be applied.
    PLANNED = r"""
options:
  planned_models:
    description:
      - The models of a list that a task before this one applies to LiteLLM with M(litemaas.models.litellm_model).
      - In check mode they are taken as applied already, so that the prediction knows what will be there and what will be gone.
        Without check mode they have no effect.
    type: list
    elements: dict
    suboptions:
      model_name:
        description:
          - Name under which users see and call the model. Required, in each entry of a list too.
        type: str
      display_name:
        description:
          - Name that the LiteMaaS portal shows. A new model gets its O(planned_models[].model_name).
        type: str
      description:
        description:
          - Description that the portal shows. A new model gets V(AI model).
        type: str
      provider:
        description:
          - Provider that the portal shows; has nothing to do with LiteLLM's provider, which is part of
            O(planned_models[].litellm_model). A new model gets V(openshift-ai).
        type: str
      category:
        description:
          - Category that the portal shows. A new model gets V(general).
        type: str
      litellm_model:
        description:
          - LiteLLM's provider and the provider's name of the model, for example V(openai/granite-3-8b).
            Required to create a model.
        type: str
      api_base:
        description:
          - Address of the model server. Required to create a model of a provider that has no address of its
            own, unless O(planned_models[].credential) is given.
        type: str
      api_key:
        description:
          - Key of the model server. Required to create a model unless its provider needs none.
            V(os.environ/NAME) makes LiteLLM read it from its own environment.
          - V(false) says that there is none, because LiteLLM signs in by itself, as with a managed identity.
        type: str
      api_version:
        description:
          - API version, for providers that have one.
        type: str
      custom_llm_provider:
        description:
          - LiteLLM's provider, where O(planned_models[].litellm_model) does not begin with it.
        type: str
      credential:
        description:
          - Name of a credential that is stored in LiteLLM, with the address and the key in it. It is no secret.
          - LiteLLM uses a key that the model has itself instead. A warning names one that an earlier list gave.
        type: str
      base_model:
        description:
          - The model that this really is, for example V(azure/gpt-4o), where O(planned_models[].litellm_model) has a
            name of your own. LiteLLM takes prices, context and capabilities from it.
        type: str
      access_groups:
        description:
          - LiteLLM's access groups that the model is in, a list of texts.
        type: raw
      tags:
        description:
          - Tags by which LiteLLM chooses among deployments, a list of texts.
        type: raw
      timeout:
        description:
          - Seconds that a request to the model may take, a number. In a list the field is C(timeout); as an option of the module it is
            C(model_timeout).
        type: raw
      stream_timeout:
        description:
          - Seconds that a streamed request may take, a number.
        type: raw
      max_retries:
        description:
          - How often LiteLLM tries a failed request again, a whole number.
        type: raw
      max_parallel_requests:
        description:
          - Requests that LiteLLM sends to this deployment at the same time, a whole number.
        type: raw
      order:
        description:
          - Which of several deployments of a name is used first, a whole number. The lowest wins.
        type: raw
      weight:
        description:
          - Share of requests among several deployments of a name, a number.
        type: raw
      drop_params:
        description:
          - Whether LiteLLM drops parameters of a request that the provider does not know, true or false.
        type: raw
      context_length:
        description:
          - Context of the model in tokens, a whole number. Goes to C(model_info.max_tokens) and
            C(model_info.max_input_tokens). LiteMaaS takes both its context and its largest answer from
            C(model_info.max_tokens).
        type: raw
      max_tokens:
        description:
          - Largest answer of the model in tokens, a whole number. Goes to C(model_info.max_output_tokens),
            and to C(model_info.max_tokens) where O(planned_models[].context_length) is not given.
        type: raw
      rpm:
        description:
          - Requests per minute, a whole number. Not given means unlimited.
        type: raw
      tpm:
        description:
          - Tokens per minute, a whole number. Not given means unlimited.
        type: raw
      input_cost_per_token:
        description:
          - Price of an input token, a number.
        type: raw
      output_cost_per_token:
        description:
          - Price of an output token, a number.
        type: raw
      mode:
        description:
          - LiteLLM's mode of the model, for example V(chat) or V(embedding).
        type: str
      supports_vision:
        description:
          - Whether the model takes images, true or false.
        type: raw
      supports_function_calling:
        description:
          - Whether the model can call functions, true or false.
        type: raw
      supports_parallel_function_calling:
        description:
          - Whether the model can call several functions at once, true or false.
        type: raw
      supports_tool_choice:
        description:
          - Whether the model can be told which tool to use, true or false.
        type: raw
      supports_embeddings:
        description:
          - Whether the model makes embeddings, true or false.
        type: raw
      supports_convert:
        description:
          - Whether the model converts documents, true or false.
        type: raw
      supports_tokenize:
        description:
          - Whether the model server can tokenize, true or false.
        type: raw
      supports_streaming:
        description:
          - Whether the model can stream, true or false. A new model gets V(true). The backend's own sync
            always writes true.
        type: raw
      availability:
        description:
          - V(available) or V(unavailable) in the portal. A new model gets V(available). The backend's own
            sync always writes V(available).
        type: str
      restricted_access:
        description:
          - Whether subscriptions need an approval, true or false.
        type: raw
      model_id:
        description:
          - Id of the deployment in LiteLLM, where the rules of identity do not find the right one. An id of a model with another name
            renames that model. The rename is refused if LiteLLM has a model of this name already. With V(absent) such an id is refused.
        type: str
      extra_params:
        description:
          - Any further parameters of LiteLLM (C(litellm_params)), a dictionary.
        type: raw
      extra_info:
        description:
          - Further keys of LiteLLM's C(model_info), a dictionary, for example C(supports_reasoning) or
            C(health_check_model). Only the keys that are given are compared. No secrets, because LiteLLM shows them.
        type: raw
      secret_params:
        description:
          - Further parameters that are secrets, a dictionary. They are sent and not shown, except what only says which account, project or
            region is meant, such as C(tenant_id).
          - A dictionary or list in it is sent as a JSON text, which LiteLLM encrypts. What LiteLLM takes only as a dictionary or list
            (C(extra_headers), C(extra_body) and the like) is stored unencrypted, and a warning names the secrets in it.
          - A secret that is a number must be in quotes.
        type: raw
      state:
        description:
          - V(present) or V(absent) for this entry.
        type: str
"""
