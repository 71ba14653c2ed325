# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Model specs: what is read, what is refused, and with which sentence."""

from __future__ import annotations

import datetime
import json

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import ModelError
from ansible_collections.litemaas.models.plugins.module_utils._common.fields import BY_OPTION
from ansible_collections.litemaas.models.plugins.module_utils._common.secrets_in_data import scalar_texts
from ansible_collections.litemaas.models.plugins.module_utils._common.spec_checks import check_complete
from ansible_collections.litemaas.models.plugins.module_utils._common.spec_secrets import secret_values, stored_in_the_clear
from ansible_collections.litemaas.models.plugins.module_utils._common.specs import read_spec, read_specs
from ansible_collections.litemaas.models.plugins.module_utils._common.values import read_option
from ansible_collections.litemaas.models.plugins.module_utils._common.yaml_texts import BYTES, DATE, SET

LEAST = {"model_name": "m", "litellm_model": "openai/m", "api_base": "http://m", "api_key": "not-a-real-key"}

# option, value as it may arrive, value as it is read
READ = [
    ("rpm", 5, 5),
    ("rpm", "5", 5),
    ("rpm", " 5 ", 5),
    ("rpm", 5.0, 5),
    ("rpm", "1e3", 1000),
    ("rpm", 0, 0),
    ("rpm", 2147483647, 2147483647),
    ("rpm", None, None),
    ("rpm", "", None),
    ("input_cost_per_token", "1.5e-07", 1.5e-07),
    ("input_cost_per_token", 0, 0.0),
    ("supports_vision", True, True),
    ("supports_vision", "yes", True),
    ("supports_vision", "False", False),
    ("supports_vision", 0, False),
    ("model_id", "12345", "12345"),
    ("description", "quotes ' \" and $(x) %s üñí", "quotes ' \" and $(x) %s üñí"),
    ("display_name", "x" * 255, "x" * 255),
    ("extra_params", {"timeout": 3}, {"timeout": 3}),
    ("extra_params", '{"timeout": 3}', {"timeout": 3}),
]


@pytest.mark.parametrize(("option", "value", "expected"), READ)
def test_read(option, value, expected):
    read = read_option("m", option, value)
    assert read == expected
    assert type(read) is type(expected)


# option, value, what the sentence says
REFUSED = [
    ("rpm", "many", "rpm must be a whole number"),
    ("rpm", 1.5, "rpm must be a whole number"),
    ("rpm", "1.5", "rpm must be a whole number"),
    ("rpm", True, "rpm must be a whole number"),
    ("rpm", float("nan"), "rpm must be a whole number"),
    ("rpm", float("inf"), "rpm must be a whole number"),
    ("rpm", [1], "rpm must be a whole number"),
    ("rpm", -1, "rpm must not be negative"),
    ("rpm", 2147483648, "rpm is larger than 2147483647"),
    ("input_cost_per_token", "cheap", "input_cost_per_token must be a number"),
    ("input_cost_per_token", float("nan"), "input_cost_per_token must be a finite number"),
    ("input_cost_per_token", "Infinity", "input_cost_per_token must be a finite number"),
    ("input_cost_per_token", 100000, "input_cost_per_token is larger than 99999.9999999999"),
    ("input_cost_per_token", True, "input_cost_per_token must be a number"),
    ("supports_vision", "perhaps", "supports_vision must be true or false"),
    ("availability", "gone", "availability must be one of available, unavailable"),
    ("display_name", "x" * 256, "display_name is 256 characters long, at most 255 fit"),
    ("model_name", "x" * 256, "model_name is 256 characters long, at most 255 fit"),
    ("api_base", "http://" + "x" * 500, "api_base is 507 characters long, at most 500 fit"),
    ("description", "a\x00b", "description must not hold a NUL character"),
    ("description", "a\ud800b", "description must be valid Unicode"),
    ("description", {"a": 1}, "description must be a string"),
    ("extra_params", "no json", "extra_params must be a dictionary"),
    ("extra_params", [1], "extra_params must be a dictionary"),
]


@pytest.mark.parametrize(("option", "value", "sentence"), REFUSED)
def test_refused(option, value, sentence):
    with pytest.raises(ModelError) as caught:
        read_option("m", option, value)
    assert caught.value.message == "Model validation failed for m: " + sentence


def test_a_refusal_never_repeats_the_value():
    with pytest.raises(ModelError) as caught:
        read_option("m", "rpm", "sk-in-the-wrong-place")
    assert "wrong-place" not in caught.value.message


@pytest.mark.parametrize("name", ["a/b c", "it's", 'say "hi"', "100%", "ünïcödé 模型", "x" * 255, "a;DROP TABLE models", "{{ x }}", "-"])
def test_any_name_is_a_name(name):
    assert read_spec({"model_name": name}, 1).model_name == name


@pytest.mark.parametrize("name", [None, "", "   "])
def test_no_name(name):
    with pytest.raises(ModelError, match="model_name is missing"):
        read_spec({"model_name": name}, 3)


# what is left out or changed, what the sentence says (None: it is enough)
COMPLETE = [
    ({}, None),
    ({"litellm_model": None}, "litellm_model is missing"),
    ({"api_key": None}, "api_key is missing"),
    ({"api_base": None}, None),
    ({"litellm_model": "hosted_vllm/m", "api_base": None}, "api_base is missing"),
    ({"litellm_model": "hosted_vllm/m", "api_key": None}, None),
    ({"litellm_model": "azure/m", "api_base": None}, "api_base is missing"),
    ({"litellm_model": "ollama/m", "api_base": None, "api_key": None}, None),
    ({"litellm_model": "bedrock/m", "api_key": None, "api_base": None}, None),
    ({"litellm_model": "m", "custom_llm_provider": "ollama", "api_key": None}, None),
    ({"litellm_model": "azure/m", "api_base": None, "api_key": None, "extra_params": {"litellm_credential_name": "c"}}, None),
    ({"api_key": None, "secret_params": {"client_secret": "not-real"}}, None),
    ({"api_key": "os.environ/KEY"}, None),
    # Without api_key: what the provider signs in with.
    *(
        ({"litellm_model": f"{provider}/m", "api_key": None, **given}, sentence)
        for provider, given, sentence in (
            ("azure", {}, "api_key is missing"),
            ("azure", {"extra_params": {"azure_ad_token": "token-not-real"}}, None),
            ("azure", {"extra_params": {"azure_ad_token": "os.environ/AZURE_AD_TOKEN"}}, None),
            ("azure", {"secret_params": {"azure_ad_token": "token-not-real"}}, None),
            ("azure", {"extra_params": {"tenant_id": "t", "client_id": "c"}, "secret_params": {"client_secret": "not-real"}}, None),
            ("azure", {"extra_params": {"tenant_id": "t", "client_id": "c"}}, None),
            ("azure", {"extra_params": {"azure_username": "u"}}, None),
            ("azure", {"extra_params": {"timeout": 3, "input_cost_per_audio_token": 1e-6}}, "api_key is missing"),
            ("azure", {"extra_params": {"azure_ad_token": ""}}, "api_key is missing"),
            ("azure", {"extra_params": {"tenant_id": ""}}, "api_key is missing"),
            ("azure", {"api_key": False}, None),
            ("azure_ai", {"api_key": False}, None),
            ("openai", {"api_key": False}, None),
            ("openai", {"api_key": "false"}, None),
            ("openai", {"api_key": ""}, "api_key is empty"),
            ("openai", {"api_key": "  "}, "api_key is empty"),
            ("openai", {"extra_params": {"extra_headers": {"Authorization": "Bearer not-real"}}}, None),
            ("openai", {"extra_params": {"extra_headers": {"X-Plain": "p"}}}, "api_key is missing"),
            ("openai", {"credential": "one"}, None),
            ("watsonx", {}, "api_key is missing"),
            ("watsonx", {"extra_params": {"token": "token-not-real", "project_id": "p"}}, None),
            ("watsonx", {"secret_params": {"zen_api_key": "not-real"}}, None),
            ("xai", {"extra_params": {"use_xai_oauth": True}}, None),
            ("anthropic", {}, "api_key is missing"),
            *(
                (provider, {}, None)
                for provider in (
                    "github_copilot",
                    "chatgpt",
                    "databricks",
                    "sap",
                    "gigachat",
                    "oci",
                    "bedrock_mantle",
                    "sagemaker",
                    "vertex_ai",
                )
            ),
        )
    ),
]


@pytest.mark.parametrize(("change", "sentence"), COMPLETE)
def test_what_a_create_needs(change, sentence):
    spec = read_spec(dict(LEAST, **change), 1)
    if sentence is None:
        check_complete(spec)
    else:
        with pytest.raises(ModelError, match=sentence):
            check_complete(spec)


# litellm_model, what else the entry has, what the sentence says (None: it can be used)
MODELS = [
    ("openai/", {}, "litellm_model names no model"),
    ("openai/ ", {}, "litellm_model names no model"),
    ("/", {}, "litellm_model names no model"),
    ("  ", {}, "litellm_model names no model"),
    ("openai/", {"custom_llm_provider": "openai"}, "litellm_model names no model"),
    ("/m", {}, "litellm_model names no provider"),
    (" /m", {}, "litellm_model names no provider"),
    ("/m", {"custom_llm_provider": "hosted_vllm"}, None),
    ("hosted_vllm//models/m/", {}, None),
    ("openai/*", {}, None),
    ("m", {}, None),
    ("openai/", {"state": "absent"}, None),
]


@pytest.mark.parametrize(("model", "more", "sentence"), MODELS)
def test_a_provider_and_a_model(model, more, sentence):
    errors = read_specs([dict(LEAST, litellm_model=model, **more)])[1]
    reasons = [error.reason for error in errors]
    assert reasons == ([sentence + ": it must be provider/model"] if sentence else [])


@pytest.mark.parametrize("source", ["api_key", "secret_params", "extra_params"])
def test_a_masked_secret_is_refused_and_not_repeated(source):
    entry = dict(LEAST, **({"api_key": "sk-a****6789"} if source == "api_key" else {source: {"my_token": "sk-a****6789"}}))
    with pytest.raises(ModelError, match="is a masked value, as LiteLLM shows it") as caught:
        read_spec(entry, 1)
    assert "6789" not in caught.value.message


def test_what_stood_in_extra_params_before_it_had_an_option():
    given = {
        "litellm_credential_name": "stored",
        "timeout": "60",
        "drop_params": "yes",
        "tags": ["a"],
        "stream_timeout": "os.environ/T",
        "max_budget": 5,
    }
    spec = read_spec(dict(LEAST, extra_params=given), 1)
    assert spec.extra_params == {"stream_timeout": "os.environ/T", "max_budget": 5}
    options = {name: spec.options[name] for name in ("credential", "timeout", "drop_params", "tags")}
    assert options == {"credential": "stored", "timeout": 60.0, "drop_params": True, "tags": ["a"]}
    assert read_spec(dict(LEAST, timeout=60, extra_params={"timeout": "60"}), 1).options["timeout"] == 60
    for given, sentence in (
        ({"timeout": 5, "extra_params": {"timeout": 6}}, "timeout is given twice, and extra_params holds another timeout"),
        ({"timeout": 5, "extra_params": {"timeout": "os.environ/T"}}, "extra_params holds timeout: give it as the option timeout"),
        ({"extra_params": {"weight": "heavy"}}, "weight must be a number"),
        ({"tags": "a"}, "tags must be a list of strings"),
        ({"access_groups": ["a", None]}, "access_groups must be a list of strings"),
        ({"tags": [" "]}, "tags must be a list of strings"),
    ):
        with pytest.raises(ModelError, match=sentence):
            read_spec(dict(LEAST, **given), 1)


def test_a_named_option_does_not_hide_in_extra_params():
    with pytest.raises(ModelError, match="extra_params holds rpm: give it as the option rpm"):
        read_spec(dict(LEAST, extra_params={"rpm": 1}), 1)
    with pytest.raises(ModelError, match="secret_params holds api_key: give it as the option api_key"):
        read_spec(dict(LEAST, secret_params={"api_key": "x"}), 1)


def test_one_place_for_a_parameter():
    with pytest.raises(ModelError, match="is in both extra_params and secret_params"):
        read_spec(dict(LEAST, extra_params={"a": 1}, secret_params={"a": 2}), 1)


def test_a_wrong_entry_does_not_stop_the_others():
    specs, errors = read_specs([dict(LEAST, rpm="x"), dict(LEAST, model_name="good")])
    assert [spec.model_name for spec in specs] == ["good"]
    assert [error.model_name for error in errors] == ["m"]
    assert errors[0].details["position"] == 1


# option, what the sentence says
FREE = [
    ({"extra_params": {"foo": None}}, "extra_params holds foo without a value"),
    ({"extra_params": {"temperature": float("nan")}}, "the value of temperature in extra_params cannot be encoded as JSON"),
    ({"extra_params": {"extra_headers": {"Authorization": "Bear****cdef"}}}, "extra_headers is a masked value"),
    ({"secret_params": {"list": ["sk-a****6789"]}}, "list is a masked value"),
    ({"model_id": "a/b"}, "model_id must not hold a slash"),
    ({"model_id": ".."}, "model_id must not hold a slash, or be . or .."),
    ({"model_id": "x" * 256}, "model_id is 256 characters long, at most 255 fit in LiteMaaS"),
    ({"model_id": "a\x00"}, "model_id must not hold a NUL character"),
    ({"litellm_model": "x" * 101 + "/m"}, "the provider in litellm_model is 101 characters long, at most 100 fit in LiteMaaS"),
    ({"extra_params": {"note": {"a": ["b\x00"]}}}, "extra_params: a text of 'note' must not hold a NUL character"),
    ({"extra_params": {"note": {"a\x00": 1}}}, "extra_params: a text of 'note' must not hold a NUL character"),
    ({"extra_params": {"no\x00te": 1}}, "extra_params: a text of 'no\\x00te' must not hold a NUL character"),
    ({"secret_params": {"note": "\ud800"}}, "secret_params: a text of 'note' must be valid Unicode"),
    ({"model_name": ["a"]}, "model_name must be a string"),
    ({"api_base": {"a": 1}}, "api_base must be a string"),
    ({"description": True}, "description must be a string"),
    ({"description": {"a": True}}, "description must be a string"),
    ({"api_key": True}, "api_key must be a string, but YAML read it as true: put it in quotes"),
]


def test_the_longest_that_litemaas_can_store():
    assert read_spec(dict(LEAST, model_id="x" * 255, litellm_model="x" * 100 + "/m", extra_params={"a": "\\u0000"}), 1)
    assert read_spec({"model_name": "m", "model_id": "x" * 256, "state": "absent"}, 1), "what is there can be taken away"


@pytest.mark.parametrize(("change", "sentence"), FREE, ids=lambda value: ascii(value)[:60])
def test_values_that_nothing_can_be_made_of(change, sentence):
    with pytest.raises(ModelError) as caught:
        read_spec(dict(LEAST, **change), 1)
    assert sentence in caught.value.message


# free-form parameters, the secrets in them
SECRETS = [
    ({"api_key": "s1", "secret_params": {"a": {"b": ["s2"]}}}, ["s1", "s2"]),
    ({"secret_params": "no json"}, ["no json"]),
    ({"extra_params": "no json"}, ["no json"]),
    ({"extra_params": '{"my_token": "s1", "timeout": "30s"}'}, ["s1"]),
    ({"extra_params": {"h": {"Authorization": "s1", "X-Plain": "p"}}}, ["s1"]),
    ({"extra_params": {"lst": [{"api_key": "s1"}, {"b": "p"}]}}, ["s1"]),
    ({"extra_params": {"clientSecret": "s1", "api_keys": ["s2"], "passphrase": "s3", "X-Api-Keys": "s4"}}, ["s1", "s2", "s3", "s4"]),
    ({"extra_params": {"headers": [{"name": "Authorization", "value": "s1"}, {"name": "Accept", "value": "p"}]}}, ["s1"]),
    ({"extra_params": {"output_cost_per_reasoning_token": 1e-6, "max_tokens": 5, "token": "5"}}, ["5"]),
    ({"extra_params": {"region": "p"}}, []),
    ({"api_base": "https://user:s%2F1@h/v1?v=1&api-key=s2&sig=s3"}, ["s%2F1", "s/1", "s2", "s3"]),
    ({"extra_params": {"proxy": "http://user:s1@h", "deep": [{"at": "https://h?token=s2"}], "x": "a?b=c"}}, ["s1", "s2"]),
    ({"extra_info": {"page": "https://h/?v=1&code=s1"}}, ["s1"]),
    ({"extra_params": {"cfg": '{"my_token": "s1", "region": "p"}'}}, ["s1"]),
    ({"extra_info": {"note": {"password": "s1"}, "cfg": '[{"client_secret": "s2"}]'}}, ["s1", "s2"]),
    ({"extra_params": {"credentials": [{"name": "Authorization", "value": "s1"}]}}, ["s1"]),
    (
        {"secret_params": {"vertex_credentials": {"project_id": "p", "private_key": "s1"}, "vertex_project": "p", "other": "s2"}},
        ["s1", "s2"],
    ),
    ({"secret_params": {"vertex_credentials": '{"type": "p", "private_key": "s1"}'}}, ["s1", '{"type": "p", "private_key": "s1"}']),
    ({"api_base": "https://a-longer-token-s1@h/v1"}, ["a-longer-token-s1"]),
]


@pytest.mark.parametrize(("entry", "expected"), SECRETS, ids=str)
def test_secrets_are_known_before_an_entry_is_read(entry, expected):
    assert sorted({*scalar_texts(secret_values([dict(entry, rpm="wrong")]))}) == expected


def test_a_name_that_is_taken_away_and_given_at_once():
    specs, errors = read_specs([{"model_name": "m", "state": "absent"}, dict(LEAST, litellm_model="openai/b"), dict(LEAST, model_name="n")])
    assert [spec.model_name for spec in specs] == ["n"]
    assert {error.details["position"] for error in errors} == {1, 2}
    specs, errors = read_specs([dict(LEAST, state="absent"), dict(LEAST, litellm_model="openai/b")])
    assert len(specs) == 2, "one deployment goes, another one of the name comes"


COLLISIONS = [
    ([LEAST, LEAST], 2),
    ([LEAST, dict(LEAST, rpm=5)], 2),
    ([LEAST, dict(LEAST, api_base="http://other")], 0),
    ([LEAST, dict(LEAST, litellm_model="openai/other")], 0),
    ([dict(LEAST, model_id="x"), dict(LEAST, model_name="n", model_id="x")], 2),
    ([dict(LEAST, model_id="x"), dict(LEAST, model_id="y")], 0),
    ([LEAST, LEAST, dict(LEAST, model_name="fine")], 2),
]


@pytest.mark.parametrize(("entries", "count"), COLLISIONS)
def test_collisions_fail_with_both_positions_and_stop_nothing_else(entries, count):
    specs, errors = read_specs(entries)
    assert len(errors) == count
    assert len(specs) == len(entries) - count
    for error in errors:
        assert "entries 1 and 2 of the list match the same deployment" in error.message


def test_state_of_the_entry_before_the_state_of_the_task():
    specs, _errors = read_specs([{"model_name": "a"}, {"model_name": "b", "state": "present"}], "absent")
    assert [spec.state for spec in specs] == ["absent", "present"]


def test_a_state_that_is_none_fails_for_its_model_and_is_not_repeated():
    specs, errors = read_specs([{"model_name": "a", "state": "sk-in-the-wrong-place"}, {"model_name": "b"}])
    assert [spec.model_name for spec in specs] == ["b"]
    assert errors[0].message == "Model validation failed for a: state must be present or absent"


def test_every_secret_of_the_table_is_known_as_one():
    assert [option for option, field in BY_OPTION.items() if field.secret] == ["api_key"]


# parameters, are they sent as a text
SENT = [
    ({"secret_params": {"vertex_credentials": {"private_key": "not-real"}}}, True),
    ({"secret_params": {"any": ["not-real"]}}, True),
    ({"secret_params": {"account": {"number": 511, "list": [1.1, True]}}}, True),
    ({"secret_params": {"extra_headers": {"X-Any": "not-real"}}}, False),
    ({"extra_params": {"client_secret": {"value": "not-real"}}}, True),
    ({"extra_params": {"configurable_clientside_auth_params": ["api_key"]}}, False),
    ({"extra_params": {"extra_body": {"password": "not-real"}}}, False),
    ({"extra_params": {"plain": {"a": 1}}}, False),
    ({"extra_params": {"input_cost_per_token_batches": 1e-06}}, False),
]


@pytest.mark.parametrize(("given", "as_text"), SENT, ids=str)
def test_secrets_that_are_no_texts_are_sent_as_one(given, as_text):
    spec = read_spec({"model_name": "m", **given}, 1)
    ((name, value),) = {**spec.extra_params, **spec.secret_params}.items()
    before = {**given.get("extra_params", {}), **given.get("secret_params", {})}[name]
    assert isinstance(value, str) is as_text
    assert (json.loads(value) if as_text else value) == before


# parameters, where LiteLLM stores a secret of them in the clear
CLEAR = [
    ({"extra_params": {"extra_headers": {"X-A": "plain", "X-Api-Key": "not-real"}}}, ["extra_headers.X-Api-Key"]),
    ({"extra_params": {"extra_body": {"deep": [{"list": [{"password": "not-real"}]}]}}}, ["extra_body.deep.list.password"]),
    ({"extra_params": {"extra_body": {"name": "Authorization", "value": "not-real"}}}, ["extra_body.Authorization"]),
    ({"extra_params": {"my_token": "not-real", "client_secret": {"value": "not-real"}}}, []),
    ({"secret_params": {"extra_headers": {"X-Any": "not-real"}, "other": {"a": "not-real"}}}, ["extra_headers"]),
    ({"extra_params": {"extra_headers": {"X-A": "plain"}}}, []),
]


@pytest.mark.parametrize(("given", "places"), CLEAR, ids=str)
def test_secrets_that_litellm_cannot_encrypt_are_found(given, places):
    assert stored_in_the_clear(read_spec({"model_name": "m", **given}, 1)) == places


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"extra_params": {"extra_body": {"a": None}}}, "holds a null in 'extra_body'"),
        (
            {"extra_params": {"max_budget": "inf"}},
            "extra_params holds max_budget: LiteLLM reads it as a number that is infinite or not a number",
        ),
        ({"extra_params": {"input_cost_per_second": " -Infinity "}}, "extra_params holds input_cost_per_second: LiteLLM reads it"),
        ({"extra_params": {"max_file_size_mb": "1e400"}}, "extra_params holds max_file_size_mb: LiteLLM reads it"),
        ({"secret_params": {"max_budget": "inf"}}, "secret_params holds max_budget: LiteLLM reads it"),
        (
            {"extra_params": {"cache_read_input_token_cost_flex": "nan"}},
            "extra_params holds cache_read_input_token_cost_flex: LiteLLM reads",
        ),
        ({"extra_params": {"fedramp_uplift_multiplier": "1e400"}}, "extra_params holds fedramp_uplift_multiplier: LiteLLM reads it"),
        ({"extra_params": {"odd": 10**309}}, "extra_params holds odd: LiteLLM reads it"),
        ({"extra_params": {"odd": {"deep": [10**309]}}}, "extra_params holds odd: LiteLLM reads it"),
        ({"extra_info": {"cost_per_ptu_per_hour": "nan"}}, "extra_info holds cost_per_ptu_per_hour: LiteLLM reads it"),
        ({"extra_params": {"stop": ["a", None]}}, "holds a null in 'stop'"),
        ({"extra_params": {"metadata": {"b": [{"a": None}]}}}, "holds a null in 'metadata'"),
        ({"model_name": "a\u2028b"}, "line separator"),
        ({"description": "a\u0085b"}, "line separator"),
        ({"extra_params": {"extra_body": {"a\u2029b": 1}}}, "line separator"),
        ({"extra_params": {"use_in_pass_through": "maybe"}}, "must be true or false"),
    ],
)
def test_what_litellm_bends_is_refused(change, reason):
    entry = {"model_name": "m", "litellm_model": "openai/x", **change}
    _specs, errors = read_specs([entry])
    assert len(errors) == 1
    assert reason in errors[0].message


@pytest.mark.parametrize(("given", "read"), [("true", True), ("yes", True), (1, True), ("off", False), (False, False)])
def test_what_litellm_takes_for_a_truth_value_is_read_as_one(given, read):
    specs, errors = read_specs([{"model_name": "m", "litellm_model": "openai/x", "extra_params": {"use_litellm_proxy": given}}])
    assert not errors
    assert specs[0].extra_params == {"use_litellm_proxy": read}


# What YAML makes of a text that is not in quotes, and how that is said.
NO_TEXTS = [
    (511, "the number 511"),  # 0777
    (90, "the number 90"),  # 1:30
    (1.1, "the number 1.1"),  # 1.10
    (float("inf"), "the number inf"),  # .inf
    (0, "the number 0"),
    (True, "true"),  # yes
    (False, "false"),  # off
    (datetime.date(2024, 6, 1), "a date"),
    ({DATE: "2024-06-01 10:20:30"}, "a date"),  # as the role hands it on
    ({BYTES: "b'x'"}, "bytes"),  # !!binary eA==
]
TEXTS = [option for option, field in BY_OPTION.items() if field.type == "str" and not field.secret] + ["model_id", "state"]


@pytest.mark.parametrize("option", TEXTS)
@pytest.mark.parametrize(("value", "made"), NO_TEXTS, ids=str)
def test_a_text_that_yaml_took_for_something_else(option, value, made):
    specs, errors = read_specs([dict(LEAST, **{option: value}), dict(LEAST, model_name="good")])
    assert [spec.model_name for spec in specs] == ["good"], "the others are used"
    name = value if option == "model_name" else "m"
    name = name.get(DATE, "entry 1 of the list") if isinstance(name, dict) else name
    sentence = f"{option} must be a string, but YAML read it as {made}: put it in quotes"
    assert [error.message for error in errors] == [f"Model validation failed for {name}: {sentence}"]


@pytest.mark.parametrize("option", ["api_version", "description", "model_name", "model_id", "state", "api_key"])
def test_a_date_as_the_role_hands_it_on(option):
    errors = read_specs([dict(LEAST, **{option: {DATE: "2024-10-21"}})])[1]
    assert [error.reason for error in errors] == [f"{option} must be a string, but YAML read it as a date: put it in quotes"]


# entry, all that is wrong with it
SEVERAL = [
    ({"rpm": "many", "state": "gone"}, "rpm must be a whole number; state must be present or absent"),
    ({"rpm": "many", "tpm": -1}, "rpm must be a whole number; tpm must not be negative"),
    (
        {"api_version": 2.1, "api_base": "ftp://x", "extra_params": {"a": None, "b": float("nan")}, "secret_params": {"rpm": 1}},
        "api_version must be a string, but YAML read it as the number 2.1: put it in quotes; api_base must start with http:// or https:// "
        "(or be os.environ/NAME); secret_params holds rpm: give it as the option rpm; extra_params holds a without a value: leave it out; "
        "the value of b in extra_params cannot be encoded as JSON",
    ),
    ({"model_name": None, "rpm": "many"}, "model_name is missing (null and ~ are not names: put them in quotes); rpm must be a whole"),
    ({"model_id": "a/b", "litellm_model": "openai/"}, "LiteLLM cannot look up such an id; litellm_model names no"),
    ({"extra_info": {"litemaas_x": 1}, "availability": "soon"}, "availability must be one of available, unavailable; extra_info holds"),
]


@pytest.mark.parametrize(("given", "sentence"), SEVERAL)
def test_all_that_is_wrong_with_a_model_is_told_at_once(given, sentence):
    specs, errors = read_specs([dict(LEAST, **given), dict(LEAST, model_name="good")])
    assert [spec.model_name for spec in specs] == ["good"]
    assert len(errors) == 1
    assert sentence in errors[0].reason


def test_all_that_a_new_model_lacks_is_told_at_once():
    (spec,) = read_specs([{"model_name": "m", "litellm_model": "azure/m", "api_base": "", "api_key": ""}])[0]
    with pytest.raises(ModelError, match=r"api_base is empty \(provider azure has no address of its own\); api_key is empty\. Give one of"):
        check_complete(spec)


def test_a_key_that_yaml_took_for_a_number_is_not_shown():
    for value in (1234567890, 1234.5, 0):
        errors = read_specs([dict(LEAST, api_key=value)])[1]
        assert errors[0].reason == "api_key must be a string, but YAML read it as a number: put it in quotes"


@pytest.mark.parametrize("option", [option for option, field in BY_OPTION.items() if field.type == "list"])
def test_a_text_in_a_list_that_yaml_took_for_something_else(option):
    errors = read_specs([dict(LEAST, **{option: ["a", 1.1]})])[1]
    assert errors[0].reason == f"{option} must be a string, but YAML read it as the number 1.1: put it in quotes"


@pytest.mark.parametrize("name", ["vertex_project", "aws_region_name", "organization"])
def test_a_part_of_the_backend_that_yaml_took_for_a_number(name):
    errors = read_specs([dict(LEAST, extra_params={name: 511})])[1]
    assert errors[0].reason == f"{name} in extra_params must be a string, but YAML read it as the number 511: put it in quotes"


@pytest.mark.parametrize(("name", "value"), [("credential", 511), ("litellm_credential_name", 511), ("tags", ["a", 1.1])])
def test_an_option_in_extra_params_that_yaml_took_for_a_number(name, value):
    (error,) = read_specs([dict(LEAST, extra_params={"litellm_credential_name" if name == "credential" else name: value})])[1]
    assert "must be a string, but YAML read it as the number" in error.reason


# free parameters, where a secret stands without quotes, and what YAML made of it
WITHOUT_QUOTES = [
    ({"secret_params": {"pin": 511}}, "pin in secret_params", "a number"),
    ({"secret_params": {"azure_ad_token": 1.1}}, "azure_ad_token in secret_params", "a number"),
    ({"secret_params": {"anything": 0}}, "anything in secret_params", "a number"),
    ({"secret_params": {"password": True}}, "password in secret_params", "true"),
    ({"secret_params": {"pins": ["a", 511]}}, "pins in secret_params", "a number"),
    ({"secret_params": {"extra_headers": {"X-Api-Key": 511}}}, "extra_headers.X-Api-Key in secret_params", "a number"),
    ({"extra_params": {"azure_ad_token": 511}}, "azure_ad_token in extra_params", "a number"),
    ({"extra_params": {"aws_secret_access_key": 0}}, "aws_secret_access_key in extra_params", "a number"),
    ({"secret_params": {"extra_headers": {"X-PIN": 12345}}}, "extra_headers.X-PIN in secret_params", "a number"),
    ({"secret_params": {"headers": {"X": {"deep": [True]}}}}, "headers.X.deep in secret_params", "true"),
    ({"secret_params": {"extra_body": {"auth_token": 511, "n": 5}}}, "extra_body.auth_token in secret_params", "a number"),
    ({"extra_info": {"my_token": 12345678}}, "my_token in extra_info", "a number"),
    ({"extra_info": {"contact": [{"api_key": 777}]}}, "contact.api_key in extra_info", "a number"),
    ({"extra_params": {"api_key_2": 511}}, "api_key_2 in extra_params", "a number"),
    ({"extra_params": {"extra_headers": {"X-Sig": 511}}}, "extra_headers.X-Sig in extra_params", "a number"),
    ({"extra_params": {"extra_query": {"key": 511}}}, "extra_query.key in extra_params", "a number"),
    ({"extra_params": {"clientSecret": False}}, "clientSecret in extra_params", "false"),
    ({"extra_params": {"my_keys": [511]}}, "my_keys in extra_params", "a number"),
    ({"extra_params": {"extra_headers": {"X-Api-Key": 1.1}}}, "extra_headers.X-Api-Key in extra_params", "a number"),
    ({"extra_params": {"extra_body": {"deep": [{"password": 511}]}}}, "extra_body.deep.password in extra_params", "a number"),
]


@pytest.mark.parametrize(("given", "place", "made"), WITHOUT_QUOTES, ids=str)
def test_a_secret_that_yaml_took_for_something_else(given, place, made):
    """LiteLLM would get 511 for 0777. The number itself is not shown."""
    specs, (error,) = read_specs([dict(LEAST, **given), dict(LEAST, model_name="good")])
    assert [spec.model_name for spec in specs] == ["good"]
    assert error.reason == f"{place} must be a string, but YAML read it as {made}: put it in quotes"


# Limits, counts, prices and switches; numbers in what is sent as JSON text; numbers of a body.
NO_SECRETS = [
    {"default_api_key_tpm_limit": 5},
    {"stop_token_ids": [1, 2]},
    {"input_cost_per_token_batches": 1e-06},
    {"use_access_token": True},
    {"enable_azure_ad_token": False},
    {"allow_private": True},
    {"vertex_credentials": {"private_key": "not-real", "number": 5, "token": 7}},
    {"extra_body": {"eos_token_id": 2, "max_tokens": 5, "use_key": True, "restricted_access": False}},
    {"eos_token_id": 128009, "pad_token_id": 0, "auth_timeout": 30, "token_expiry": 3600, "num_key_value_heads": 8},
    {"image_token_index": 32000, "access_level": 3, "think_end_token_id": 5, "token_seconds": 1.5, "key_version": 2, "auth_retries": 3},
    {"sep_token": 102, "image_token": 32000, "forced_bos_token": 5, "eos_token": 5},
    {"sort_key": 1, "partition_key": 5, "cache_key": 5, "primary_key": True},
    {"hide_secrets": True, "ssl_certificate": True, "forward_client_auth_token": True, "private": True, "fingerprint": 1234},
    {"extra_body": {"sep_token": 4, "sort_key": 1, "primary_key": True, "token_type": 3, "hide_secrets": True, "access_level": 3}},
]


@pytest.mark.parametrize("parameters", NO_SECRETS, ids=str)
def test_numbers_and_switches_that_are_no_secrets(parameters):
    assert not read_specs([dict(LEAST, extra_params=parameters)])[1]


# free parameters as the role hands on what YAML made of texts, and all that is said of it
MADE = [
    ({"extra_params": {"since": {DATE: "2024-06-01 10:20:30"}}}, ["since in extra_params must be a string, but YAML read it as a date"]),
    ({"secret_params": {"raw": {BYTES: "b'x'"}}}, ["raw in secret_params must be a string, but YAML read it as bytes"]),
    ({"extra_info": {"since": {DATE: "2024-06-01 10:20:30"}}}, ["since in extra_info must be a string, but YAML read it as a date"]),
    ({"extra_params": {"organization": {DATE: "x"}}}, ["organization in extra_params must be a string, but YAML read it as a date"]),
    ({"extra_params": {"a": {"b": [{"at": {DATE: "x"}}]}}}, ["a.b.at in extra_params must be a string, but YAML read it as a date"]),
    ({"secret_params": {"account": {"at": {DATE: "x"}}}}, ["account.at in secret_params must be a string, but YAML read it as a date"]),
    ({"extra_params": {"!!int 511": "x"}}, ["a name in extra_params must be a string, but YAML read it as a number"]),
    ({"extra_info": {"!!null None": "x"}}, ["a name in extra_info must be a string, but YAML read it as null"]),
    ({"secret_params": {"!!bool True": "x"}}, ["a name in secret_params must be a string, but YAML read it as true or false"]),
    (
        {"extra_params": {"notes": {"!!timestamp 2024-06-01": {"a": {DATE: "x"}}, "deep": [{"!!float 1.1": 1}]}}},
        [
            "a name in notes in extra_params must be a string, but YAML read it as a date",
            "a name in notes.deep in extra_params must be a string, but YAML read it as a number",
        ],
    ),
    ({"extra_params": {DATE: "2024-06-01"}}, ["extra_params must be a dictionary"]),
    ({"secret_params": {SET: "{'a'}"}}, ["secret_params must be a dictionary"]),
    ({"rpm": {DATE: "2024-06-01"}}, ["rpm must be a whole number"]),
    ({"supports_vision": {SET: "{'a'}"}}, ["supports_vision must be true or false"]),
    ({"tags": {SET: "{'a'}"}}, ["tags must be a list of strings"]),
    ({"tags": [{DATE: "2024-06-01 10:20:30"}]}, ["tags must be a string, but YAML read it as a date"]),
]  # fmt: skip


@pytest.mark.parametrize(("given", "sentences"), MADE, ids=str)
def test_what_yaml_made_of_texts_is_the_failure_of_its_entry(given, sentences):
    specs, (error,) = read_specs([dict(LEAST, **given), dict(LEAST, model_name="good")])
    assert [spec.model_name for spec in specs] == ["good"]
    assert error.reason.replace(": put it in quotes", "").split("; ") == sentences
    assert error.reason.count(": put it in quotes") == sum("YAML read it as" in sentence for sentence in sentences)


def test_a_set_is_no_list():
    (error,) = read_specs([dict(LEAST, extra_params={"stop": {SET: "{'a'}"}})])[1]
    assert error.reason == "stop in extra_params must be a list, but is a set: write a list"


def test_a_dictionary_of_somebody_that_looks_like_a_date_is_one():
    (spec,) = read_specs([dict(LEAST, extra_params={"extra_body": {"date": "2024-06-01"}})])[0]
    assert spec.extra_params == {"extra_body": {"date": "2024-06-01"}}


def test_texts_that_look_like_something_else_are_texts():
    entry = dict(LEAST, model_name="0777", display_name="1:30", description="yes", api_version="2024-06-01", model_id="1", provider="null")
    specs, errors = read_specs([entry])
    assert not errors
    assert specs[0].model_name == "0777"
    assert specs[0].options["api_version"] == "2024-06-01"


def test_nothing_is_given_by_null():
    spec = read_spec(dict(LEAST, display_name=None, api_version="", tags=None, model_id=None), 1)
    assert "display_name" not in spec.options
    assert "null and ~ are not names" in read_specs([dict(LEAST, model_name=None)])[1][0].reason


def test_a_text_that_is_no_number_to_litellm_may_say_anything():
    texts = {"organization": "97e4120", "mock_response": "Infinity", "stop": "nan", "user": "inf", "zz": "1e400", "cost_center": "1e999"}
    free = {"extra_params": {"extra_body": {"stop": "nan"}, **texts}, "secret_params": {"my_key": "Infinity"}}
    assert read_spec({"model_name": "m", "extra_info": {"note": "inf", "owners": ["nan"]}, **free}, 1).extra_info["note"] == "inf"
