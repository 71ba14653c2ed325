# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets stay out of text and data."""

from __future__ import annotations

import html
import json
import re
import time
from urllib.parse import quote, quote_plus, urlencode

import hypothesis
import pytest
from hypothesis import strategies as st

from ansible_collections.litemaas.models.plugins.module_utils._common.masks import is_masked, is_shown_as, may_be_masked, shows_mask
from ansible_collections.litemaas.models.plugins.module_utils._common.redact import Redactor
from ansible_collections.litemaas.models.plugins.module_utils._common.secret_names import is_secret_name
from ansible_collections.litemaas.models.plugins.module_utils._common.secrets_in_data import hidden_leaves, secrets_in, without_secrets
from ansible_collections.litemaas.models.plugins.module_utils._common.secrets_in_text import (
    SUSPECT,
    address_secrets,
    is_placeholder,
    may_hold_secret,
    shaped_secrets,
)

TEXTS = [
    ("the key sEcret-1/x is wrong", "the key ******** is wrong"),
    ("percent-encoded sEcret-1%2Fx", "percent-encoded ********"),
    ("postgresql://admin:p@ss:w/ord@db/litemaas", "postgresql://admin:********@db/litemaas"),
    ("http://db:5432/litemaas", "http://db:5432/litemaas"),
    ("https://a-token-not-real@git.example.com/x", "https://********@git.example.com/x"),
    ("postgresql://reader@db/litemaas", "postgresql://reader@db/litemaas"),
    ("https://h/v1?to=a@b", "https://h/v1?to=a@b"),
    ("Authorization: Bearer abcdefghijkl", "Authorization: Bearer ********"),
    ("Received API Key = sk-abcdefghijklmnopqrstuv", "Received API Key = ********"),
    ("a model called sk-learn", "a model called sk-learn"),
    ("nothing to hide", "nothing to hide"),
    ("at https://h/v1?api-key=abc&x=1", "at https://h/v1?api-key=********&x=1"),
    ("https://h/?v=2&subscription-key=abc", "https://h/?v=2&subscription-key=********"),
    ("https://h/f?code=a%2Bb#part", "https://h/f?code=********#part"),
    ("https://h/f?api-version=2024-06-01", "https://h/f?api-version=2024-06-01"),
    ("https://token-not-real@h/v1", "https://********@h/v1"),
    ("https://token-not-real:@h/v1", "https://********@h/v1"),
    ("https://token-not-real:x-oauth-basic@h/v1", "https://********@h/v1"),
    ("https://user:password@h/v1", "https://user:********@h/v1"),
    ("postgresql://litemaas@db/litemaas", "postgresql://litemaas@db/litemaas"),
    ("https://h/@scope/name, mail to a@b", "https://h/@scope/name, mail to a@b"),
    ("https://h/cb#access_token=abc&token_type=bearer", "https://h/cb#access_token=********&token_type=bearer"),
    ("https://h/v1?clientSecret=abc&page=2;jwt=abc", "https://h/v1?clientSecret=********&page=2;jwt=********"),
]


@pytest.mark.parametrize(("text", "expected"), TEXTS)
def test_texts(text, expected):
    redactor = Redactor()
    redactor.add("sEcret-1/x")
    assert redactor.text(text) == expected


# How a server may write what it was sent.
WRITERS = {
    "repr": repr,
    "repr beside both quotes": lambda data: repr([data, "'\""]),
    "JSON": json.dumps,
    "JSON that is not ASCII": lambda data: json.dumps(data, ensure_ascii=False),
    "JSON in JSON": lambda data: json.dumps(json.dumps(data)),
    "JSON in JSON in JSON": lambda data: json.dumps(json.dumps(json.dumps(data, ensure_ascii=False))),
    "repr of JSON": lambda data: repr(json.dumps(data)),
    "repr of repr": lambda data: repr(repr(data)),
    "repr of bytes": lambda data: repr(json.dumps(data, ensure_ascii=False).encode()),
    "page": lambda data: html.escape(json.dumps(data)),
    "form": lambda data: urlencode({"body": json.dumps(data)}),
    "path": lambda data: quote(json.dumps(data, ensure_ascii=False)),
    "small percents": lambda data: quote(json.dumps(data), safe="").replace("%2F", "%2f").replace("%5C", "%5c"),
    "form of a form": lambda data: quote_plus(quote_plus(repr(data))),
}
ODD_SECRETS = [
    "plain-not-real",
    "k3y'with\"quotes\\x9",
    "it's-not-real",
    "first line\nsecond line\r\nlast line",
    "gehëim-ß-schlüssel-\U0001f511",
    "a&b<c>d;not=real",
    "100%41 not+real/at all",
    "\\u0041\\n-not-real",
]


@pytest.mark.parametrize("secret", ODD_SECRETS, ids=ascii)
@pytest.mark.parametrize("way", WRITERS)
def test_a_secret_is_found_however_it_is_written(way, secret):
    for others in ([], [f"other-{number}-not-real" for number in range(30)]):
        redactor = Redactor()
        redactor.add(secret, *others)
        text = "got " + WRITERS[way]({"key": "before " + secret + " after", "own": secret, "name": "granite"})
        clean = redactor.text(text)
        assert "********" in clean
        assert "granite" in clean
        for part in ("plain-not", "k3y", "x9", "s-not-real", "second line", "last line", "schl", "not=real", "at all", "n-not"):
            assert part not in clean


@pytest.mark.parametrize("text", ["100% of a&b \\o/", "C:\\temp\\new", "https://h/a%20b?x=1&y=2", '{"a": "b\\nc"}'])
def test_what_holds_no_secret_stays_as_it_is_written(text):
    redactor = Redactor()
    redactor.add("some-not-real")
    assert redactor.text(text) == text


def test_a_line_of_a_secret_is_hidden_too():
    redactor = Redactor()
    redactor.add("-----BEGIN KEY-----\nMIIabc-not-real\nMIIdef-not-real\n-----END KEY-----\n")
    assert redactor.text("wrong line MIIdef-not-real in -----BEGIN KEY-----") == "wrong line ******** in -----BEGIN KEY-----"


def test_a_list_of_a_thousand_models_is_quick():
    """Measured as about 0.2 seconds. Texts that could be escaped are the costly ones."""
    redactor = Redactor()
    redactor.add(*(f"key-{number:04}-not/real+{number}==" for number in range(2000)))
    lines = [{"model_name": f"model-{number}", "reason": f"C:\\a\\b HTTP 400: {json.dumps({'a': number})} 50%25"} for number in range(1000)]
    began = time.process_time()
    redactor.data(lines)
    assert time.process_time() - began < 5


def test_data_is_redacted_at_every_depth_and_not_changed_in_place():
    redactor = Redactor()
    redactor.add({"a": ["deep-secret"]}, None, True, 5)
    data = {"one": ["deep-secret", {"two": "x deep-secret y"}], "number": 5, "truth": True}
    assert redactor.data(data) == {"one": ["********", {"two": "x ******** y"}], "number": 5, "truth": True}
    assert data["one"][0] == "deep-secret"


def test_short_texts_are_no_secrets():
    redactor = Redactor()
    assert redactor.add("x", "abc") == []
    assert redactor.text("x abc") == "x abc"


def test_the_longer_secret_goes_first():
    redactor = Redactor()
    redactor.add("secret", "secret-and-more")
    assert redactor.text("secret-and-more") == "********"


# name, is it a secret's as that of a parameter or a header, and in an address
SECRET_NAMES = [
    *((name, True, True) for name in ("api_key", "X-Api-Key", "aws_secret_access_key", "Authorization", "my_token", "PASSWORD", "auth")),
    *((name, True, True) for name in ("db_pwd", "dbPwd", "X-Signature", "X-Hub-Signature-256", "sig", "jwt", "X-Jwt", "smtp_pass", "pass")),
    *(
        (name, True, True)
        for name in ("accesstoken", "authtoken", "apikey", "subscriptionkey", "clientsecret", "X-Amz-Credential", "token2")
    ),
    *((name, True, False) for name in ("jwt_issuer", "access", "private", "tenancy", "x_certificate")),
    *((name, True, False) for name in ("aws_access_key_id", "private_key_id", "secret_id")),
    *((name, False, True) for name in ("code", "login.code", "monkey", "zipcode", "barcode", "bypass", "compass")),
    *((name, False, True) for name in ("input_cost_per_token", "price_per_signature")),
    *((name, False, False) for name in ("keyboard", "max_tokens", "tokenizer", "author", "model", "supports_vision", "")),
    *((name, False, False) for name in ("use_in_pass_through", "code_interpreter", "status_code_filter", "encoder", "design")),
    *((name, False, False) for name in ("signature_version", "key_name", "litellm_credential_name", "key_alias")),
    # What says of what kind a secret is, of what time, of what number; words of a model; keys of tables and the other half of a pair.
    *((name, False, False) for name in ("auth_type", "token_type", "access_type", "X-Auth-Mode", "keyId", "token_index", "auth_timeout")),
    *((name, False, False) for name in ("token_expiry", "num_key_value_heads", "access_level", "forced_bos_token_id")),
    *((name, False, True) for name in ("eos_token", "think_end_token", "sep_token", "image_token", "forced_bos_token")),
    *((name, False, True) for name in ("public_key", "sort_key", "primary_key", "partition_key", "prompt_cache_key")),
    # In an address an end is enough, whatever stands before it and however it is written.
    *(
        (name, True, True)
        for name in ("appkey", "licensekey", "hapikey", "functionkey", "userkey", "consumerkey", "writekey", "signingkey")
    ),
    *((name, True, True) for name in ("passcode", "key[]", "key%5B0%5D", "auth_token_v2", "id_token", "type_token")),
    *((name, False, True) for name in ("oauth", "authcode", "api%2Dkey", "%74oken")),
]
# What an earlier version took for secrets in addresses: whatever ended so.
EARLIER_ENDS = ("key", "code", "token", "secret", "sig", "signature", "password", "passwd", "pwd", "auth", "credential")


@pytest.mark.parametrize(("name", "parameter", "address"), SECRET_NAMES)
def test_names_of_secrets(name, parameter, address):
    """One table of words, for all places."""
    assert is_secret_name(name) is parameter
    text = f"https://h/v1?v=1&{name}=some-not-real"
    assert ("not-real" not in Redactor().text(text)) is address
    assert (address_secrets(text) != []) is address
    assert may_hold_secret(text) is address
    assert re.search(SUSPECT, text, re.IGNORECASE) or not address


@pytest.mark.parametrize("end", EARLIER_ENDS)
@pytest.mark.parametrize("before", ["", "my", "my_", "X-", "a.b.", "eos_", "cost_", "price.per-", "4"])
def test_addresses_hide_what_an_earlier_version_hid(before, end):
    for name in (before + end, (before + end).upper()):
        for separator in "?&;":
            text = f"https://h/v1{separator}{name}=some-not-real"
            assert Redactor().text(text) == f"https://h/v1{separator}{name}=********"
            assert re.search(SUSPECT, text, re.IGNORECASE)


# name, value, is it a secret
PARAMETERS = [
    ("api_key", "12345678", True),
    ("my_pin_token", 1234, True),
    ("X-Api-Key", "1234", True),
    ("cookie", "session=1", True),
    ("Set-Cookie", "session=1", True),
    ("litellm_credential_name", "granite", False),
    ("credential_name", "granite", False),
    ("access_groups", ["beta"], False),
    ("input_cost_per_token_batches", 1e-6, False),
    ("output_cost_per_reasoning_token", "1e-06", False),
    ("cache_read_input_token_cost", 1e-7, False),
    ("max_tokens", 5, False),
    ("default_api_key_tpm_limit", 500, False),
    ("use_auth", True, False),
    ("max_token_share", 5, False),
    ("stop_token_ids", [1, 2], False),
    ("my_token_list", ["a-text"], True),
    ("eos_token_id", 128009, False),
    ("num_key_value_heads", 8, False),
    ("image_token_index", "32000", False),
    ("think_end_token", "</think>", False),
    ("aws_access_key_id", "AKIA12345678", True),
    ("secret_id", "12345678", True),
    ("auth", 12345678, True),
    ("extra_headers", {"X-Signature": "v", "X-Plain": "w"}, True),
    ("extra_headers", {"X-Jwt-Assertion": "v"}, True),
    ("extra_body", {"login": {"db_pwd": "v"}}, True),
    ("extra_body", {"code": "v", "code_interpreter": {"x": 1}, "bypass": "b"}, False),
    ("use_in_pass_through", "true", False),
    ("cfg", '{"api_key": "in JSON"}', True),
    ("cfg", '[{"deep": {"password": "in JSON"}}]', True),
    ("cfg", '{"region": "x"}', False),
    ("cfg", '{"api_key": broken', False),
    ("headers", [{"name": "Authorization", "value": "v"}], True),
    ("headers", [{"name": "Accept", "value": "v"}], False),
    ("body", {"key": "the key itself", "other": 1}, True),
]


@pytest.mark.parametrize(("name", "value", "expected"), PARAMETERS)
def test_parameters(name, value, expected):
    assert any(True for _secret in secrets_in(name, value)) is expected
    assert (without_secrets(name, value) != value) is expected


def test_what_is_shown_of_a_structure():
    shown = without_secrets("headers", [{"name": "Authorization", "value": "v"}, {"name": "X", "value": "Authorization"}])
    assert shown == [{"name": "Authorization", "value": "********"}, {"name": "X", "value": "Authorization"}]
    assert without_secrets("cfg", '{"api_key": "v", "mask": "****", "a": "x"}') == '{"api_key": "********", "mask": "****", "a": "x"}'
    assert without_secrets("my_key", "sk-a****6789") == "sk-a****6789"
    assert without_secrets("my_key", "a long real text****") == "********"
    deep = '{"api_key":' * 200 + "1" + "}" * 200
    assert without_secrets("cfg", deep) == deep


ACCOUNT = {
    "type": "service_account", "project_id": "granite", "client_email": "bot@granite.example.com", "token_uri": "https://u:pw-not-real@h/t",
    "private_key": "key-not-real", "private_key_id": "id-not-real", "new": {"thing": ["unknown-not-real"]}, "clientId": "1234567",
}  # fmt: skip
LEAVES = [
    (ACCOUNT, ["id-not-real", "key-not-real", "pw-not-real", "pw-not-real", "unknown-not-real"]),
    ([{"name": "Authorization", "value": "v"}, {"key": "X-Pin", "value": "w"}, {"key": "k"}], ["k", "v", "w"]),
    ({"credentials": {"source": {"url": "https://h?sig=s&a=1", "headers": {"X": "h"}}}}, ["h", "s", "s"]),
    ("text", ["text"]),
    (['{"a": "leaf"}'], ["leaf", '{"a": "leaf"}']),
]


@pytest.mark.parametrize(("value", "expected"), LEAVES, ids=str)
def test_leaves_of_a_structure_that_are_secrets(value, expected):
    assert sorted(hidden_leaves(value)) == expected


NO_KEYS = [
    "ollama", "vllm", "none", "EMPTY", "dummy", "sk-xxxx", "xxx", "Not-Needed", "lm-studio", "sk-no-key-required", "fake-api-key",
    "sk-" + "x" * 20,
]  # fmt: skip


@pytest.mark.parametrize("text", NO_KEYS)
def test_placeholders_are_no_secrets(text):
    assert is_placeholder(text)
    redactor = Redactor()
    assert redactor.add(text) == []
    assert redactor.text(f"openai/{text} model") == f"openai/{text} model"


@pytest.mark.parametrize("text", ["sk-1234", "sk-12345678", "ollama-1", "password"])
def test_what_anybody_could_guess_is_a_secret_all_the_same(text):
    """sk-1234 is the master key of LiteLLM's own examples, and so that of many a proxy."""
    assert not is_placeholder(text)


def test_secrets_of_an_address():
    assert address_secrets("https://u:p%40ss@h/v1?api-key=k%2B1&x=2") == ["p%40ss", "p@ss", "k%2B1", "k+1"]
    assert address_secrets("https://h/v1?x=2") == address_secrets(None) == address_secrets("https://admin@h/v1") == []
    assert set(address_secrets("https://a-token-not-real@h/v1")) == {"a-token-not-real"}
    assert address_secrets("https://a-long%2Btoken-not-real@h/v1") == ["a-long%2Btoken-not-real", "a-long+token-not-real"]
    assert address_secrets("https://h/v1/@me") == []


def test_what_looks_like_a_secret_in_a_text():
    text = "https://u:pw-1@h?sig=sig1&x=1 http://tok1@h Authorization: Bearer bear1-not-real, sk-abcdefghijklmnopqrst"
    assert {"pw-1", "sig1", "tok1", "bear1-not-real", "sk-abcdefghijklmnopqrst"} == set(shaped_secrets(text))
    assert shaped_secrets("nothing here") == []


# secret, names, text, what is shown
NAMES = [
    ("granite", ["granite-3-8b"], "granite-3-8b: differs in rpm", "granite-3-8b: differs in rpm"),
    ("granite", ["granite-3-8b"], "the key granite is wrong", "the key ******** is wrong"),
    ("granite", ["granite"], "granite: created", "granite: created"),
    ("granite-secret", ["granite"], "granite has granite-secret", "granite has ********"),
    ("granite", ["granite-3-8b"], "granite-3-8bs and agranite-3-8b", "********-3-8bs and a********-3-8b"),
    ("created", [], "2 created", "2 created"),
    ("sk-abcdefghijklmnop", ["my sk-abcdefghijklmnop"], "my sk-abcdefghijklmnop", "my ********"),
    ("12345678", [], "12345678 of 123456789, key '12345678'", "******** of 123456789, key '********'"),
    ("8080", [], "http://h:8080/v1, granite-8080", "http://h:8080/v1, granite-8080"),
    ("real-key-that-is-long-enough", ["real-key-that-is-long-enough"], "real-key-that-is-long-enough", "********"),
]


@pytest.mark.parametrize(("secret", "names", "text", "expected"), NAMES)
def test_names_stay_readable(secret, names, text, expected):
    redactor = Redactor()
    redactor.add(secret)
    redactor.keep(names)
    assert redactor.text(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"api_base": "https://h/v1?api-version=2024-06-01"}', False),
        ('{"note": "R&D; a=b?", "page": "https://h"}', False),
        ('{"api_base": "https://h/v1?v=1&api-key=x"}', True),
        ('{"api_base": "HTTPS://U:P@H/V1"}', True),
        ('{"note": "it is SK-x"}', True),
    ],
)
def test_few_texts_are_looked_through(text, expected):
    """Looking through the metadata of 1,000 models takes half a second, and it is the longest part of their rows."""
    assert may_hold_secret(text) is expected
    assert bool(re.search(SUSPECT, text, re.IGNORECASE)) is expected


@pytest.mark.parametrize("secret", ["12345678", 12345678, 1234.5])
def test_digits_are_secrets(secret):
    redactor = Redactor()
    assert redactor.add({"pin": secret}) == [str(secret)]
    assert redactor.text(f"key={secret}, not {secret}1").startswith("key=********, not ")


@pytest.mark.parametrize(("value", "expected"), [("sk-a****6789", True), ("****", True), ("sk-real", False), ("a**b", False), (5, False)])
def test_masked(value, expected):
    assert is_masked(value) is expected


# name, value, what LiteLLM 1.81 and 1.100 show of it
MASKS = [
    ("bos_token", "<s>", "<s>", "***"),
    ("eos_token", "</s>", "</s>", "****"),
    ("key_alias", "eight-88", "eight-88", "********"),
    ("key_alias", "nine-9999", "nine*9999", "nine*9999"),
    ("token_price", "longer-text-b", "long*****xt-b", "long*****xt-b"),
    ("key", 0, "0", "*"),
    ("use_auth", True, "True", "****"),
    ("private_max", 5.0, "5.0", "***"),
    ("extra_body", {"key_name": "longer-text", "x": 1}, {"key_name": "long***text", "x": 1}, {"key_name": "long***text", "x": 1}),
    ("auth_params", ["api_base", 1], ["api_base", 1], ["********", 1]),
    ("read_token_cost", 1.23456e-06, "1.23***e-06", 1.23456e-06),
    ("X-Token-Limit", "a*b-----c*de", "a*b-****c*de", "a*b-****c*de"),
    ("key_type", "a*bcdefgh", "a*bc*efgh", "a*bc*efgh"),
    ("my_cookie", "nine-9999", "nine-9999", "nine*9999"),
]


@pytest.mark.parametrize(("name", "value", "older", "newer"), MASKS)
def test_what_is_shown_of_a_value_whose_name_looks_like_a_secrets(name, value, older, newer):
    assert may_be_masked(name, value)
    for shown in (older, newer):
        assert is_shown_as(value, shown)
        other = {"other": 1} if isinstance(value, dict) else ["other"] if isinstance(value, list) else "qqqqqqqqqq"
        assert not is_shown_as(other, shown) or set(str(shown)) == {"*"}
    assert not shows_mask(name, older) or "*" in str(older)
    assert shows_mask(name, newer) or newer == value


NOT_MASKED = [
    ("max_tokens", "a-long-text"),
    ("tokens", 5),
    ("auth", {"max": 5}),
    ("stop_token_ids", [1, 2]),
    ("input_cost_per_token", 1e-6),
]


@pytest.mark.parametrize(("name", "value"), NOT_MASKED)
def test_what_litellm_never_masks(name, value):
    assert not may_be_masked(name, value)
    assert not shows_mask(name, value)


OTHERS = [
    ("a-long-text", "b-lo***text"),
    ("a-long-text", "a-lo***texx"),
    ("short", "sho**shorter"),
    (True, "False"),
    (1, True),
    ({"a": 1}, {"b": 1}),
    ([1], [1, 2]),
    ([1], "[1]"),
]


@pytest.mark.parametrize(("value", "shown"), OTHERS)
def test_what_is_shown_of_another_value(value, shown):
    assert not is_shown_as(value, shown)


@hypothesis.given(secrets=st.lists(st.text("ab%/", min_size=4, max_size=7)), text=st.text("ab%/2F", max_size=30))
def test_many_secrets_are_found_as_few_are(secrets, text):
    redactor = Redactor()
    redactor.add(*secrets)
    few = redactor.text(text)
    # None of these is in the text.
    redactor.add(*(f"other-{number}-not-real" for number in range(30)))
    assert redactor.text(text) == few
