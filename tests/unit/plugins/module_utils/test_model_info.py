# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""extra_info: what may stand there, and where everything else belongs."""

from __future__ import annotations

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import ModelError
from ansible_collections.litemaas.models.plugins.module_utils._common.specs import read_spec

LEAST = {"model_name": "m", "litellm_model": "openai/m", "api_base": "http://m", "api_key": "not-a-real-key"}

# The option it stands in, the name, what the sentence says
MISPLACED = [
    ("extra_params", "base_model", "extra_params holds base_model, where LiteLLM does not read it: give it as the option base_model"),
    ("extra_params", "access_groups", "give it as the option access_groups"),
    ("extra_params", "mode", "give it as the option mode"),
    ("extra_params", "max_input_tokens", "give it as the option context_length"),
    ("extra_params", "max_output_tokens", "give it as the option max_tokens"),
    ("extra_params", "supports_vision", "give it as the option supports_vision"),
    ("extra_params", "supports_reasoning", "give it in extra_info"),
    ("extra_params", "supports_something_new", "give it in extra_info"),
    ("extra_params", "health_check_model", "give it in extra_info"),
    ("extra_params", "health_check_timeout", "give it in extra_info"),
    ("extra_params", "supported_environments", "give it in extra_info"),
    ("secret_params", "custom_tokenizer", "secret_params holds custom_tokenizer, where LiteLLM does not read it: give it in extra_info"),
    ("extra_info", "id", "extra_info holds id: give it as the option model_id"),
    ("extra_info", "max_tokens", "extra_info holds max_tokens: give it as the option context_length"),
    ("extra_info", "max_input_tokens", "give it as the option context_length"),
    ("extra_info", "max_output_tokens", "give it as the option max_tokens"),
    ("extra_info", "supports_vision", "give it as the option supports_vision"),
    ("extra_info", "base_model", "give it as the option base_model"),
    ("extra_info", "rpm", "give it as the option rpm"),
    ("extra_info", "timeout", "give it as the option timeout"),
    ("extra_info", "litellm_credential_name", "give it as the option credential"),
    ("extra_info", "description", "give it as the option description"),
    ("extra_info", "input_cost_per_token", "give it as the option input_cost_per_token"),
    ("extra_info", "output_cost_per_image", "give it in extra_params"),
    ("extra_info", "cache_read_input_token_cost", "give it in extra_params"),
    ("extra_info", "tiered_pricing", "give it in extra_params"),
    ("extra_info", "key", "give it as the option base_model"),
    ("extra_info", "litellm_provider", "give it as the option custom_llm_provider"),
    ("extra_info", "supported_openai_params", "give it in extra_params, as allowed_openai_params"),
    ("extra_info", "db_model", "extra_info holds db_model, which LiteLLM manages itself: leave it out"),
    ("extra_info", "created_at", "which LiteLLM manages itself: leave it out"),
    ("extra_info", "team_id", "which LiteLLM manages itself: leave it out"),
    ("extra_info", "litemaas_managed", "extra_info holds litemaas_managed, which this collection manages itself: leave it out"),
    ("extra_info", "litemaas_api_key_hmac", "which this collection manages itself: leave it out"),
    ("extra_info", 7, "extra_info has a key that is not text"),
]


@pytest.mark.parametrize(("option", "name", "sentence"), MISPLACED)
def test_what_belongs_elsewhere_is_refused_with_its_place(option, name, sentence):
    with pytest.raises(ModelError) as caught:
        read_spec(dict(LEAST, **{option: {name: 1}}), 1)
    assert sentence in caught.value.message


# name, value as it is given, value as it goes to LiteLLM
KEPT = [
    ("supports_reasoning", "yes", True),
    ("supports_reasoning", False, False),
    ("disable_background_health_check", "true", True),
    ("enable_tag_filtering", "no", False),
    ("health_check_model", "openai/small", "openai/small"),
    ("health_check_timeout", 5, 5),
    ("supported_environments", ["production"], ["production"]),
    ("custom_tokenizer", {"identifier": "x", "revision": None}, {"identifier": "x", "revision": None}),
    ("cost_per_ptu_per_hour", 1.5, 1.5),
    ("tier", "paid", "paid"),
    ("owner", "team a", "team a"),
]


@pytest.mark.parametrize(("name", "value", "expected"), KEPT)
def test_what_may_stand_there(name, value, expected):
    assert read_spec(dict(LEAST, extra_info={name: value}), 1).extra_info == {name: expected}


# value, what the sentence says
WRONG = [
    ({"supports_reasoning": "maybe"}, "supports_reasoning in extra_info must be true or false"),
    ({"owner": None}, "extra_info holds owner without a value: leave it out"),
    ({"owner": float("nan")}, "the value of owner in extra_info cannot be encoded as JSON"),
    ({"note": "sk-a****6789"}, "note is a masked value"),
    (["owner"], "extra_info must be a dictionary"),
]


@pytest.mark.parametrize(("value", "sentence"), WRONG)
def test_wrong_values(value, sentence):
    with pytest.raises(ModelError) as caught:
        read_spec(dict(LEAST, extra_info=value), 1)
    assert sentence in caught.value.message


@pytest.mark.parametrize("name", ["max_tokens", "max_budget", "organization", "mock_response", "temperature"])
def test_what_is_a_parameter_stays_one(name):
    assert read_spec(dict(LEAST, extra_params={name: "1"}), 1).extra_params == {name: "1"}
