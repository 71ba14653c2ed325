# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets stay out of text and data."""

from __future__ import annotations

import re

import hypothesis
import pytest
from hypothesis import strategies as st

from ansible_collections.litemaas.models.plugins.module_utils._redact import (
    SUSPECT,
    Redactor,
    address_secrets,
    is_masked,
    is_placeholder,
    is_secret,
    is_secret_name,
    may_hold_secret,
    without_secrets,
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
]


@pytest.mark.parametrize(("text", "expected"), TEXTS)
def test_texts(text, expected):
    redactor = Redactor()
    redactor.add("sEcret-1/x")
    assert redactor.text(text) == expected


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


@pytest.mark.parametrize("name", ["api_key", "X-Api-Key", "aws_secret_access_key", "Authorization", "my_token", "PASSWORD", "auth"])
def test_names_of_secrets(name):
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["monkey", "keyboard", "max_tokens", "tokenizer", "author", "model"])
def test_names_of_no_secrets(name):
    assert not is_secret_name(name)


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
]


@pytest.mark.parametrize(("name", "value", "expected"), PARAMETERS)
def test_parameters(name, value, expected):
    assert is_secret(name, value) is expected
    assert (without_secrets(name, value) != value) is expected


@pytest.mark.parametrize("text", ["ollama", "vllm", "none", "EMPTY", "dummy", "sk-xxxx", "xxx", "Not-Needed"])
def test_placeholders_are_no_secrets(text):
    assert is_placeholder(text)
    redactor = Redactor()
    assert redactor.add(text) == []
    assert redactor.text("openai/{0}-model".format(text)) == "openai/{0}-model".format(text)


def test_secrets_of_an_address():
    assert address_secrets("https://u:p%40ss@h/v1?api-key=k%2B1&x=2") == ["p%40ss", "p@ss", "k%2B1", "k+1"]
    assert address_secrets("https://h/v1?x=2") == address_secrets(None) == address_secrets("https://admin@h/v1") == []
    assert set(address_secrets("https://a-token-not-real@h/v1")) == {"a-token-not-real"}


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
    assert redactor.text("key={0}, not {0}1".format(secret)).startswith("key=********, not ")


@pytest.mark.parametrize(("value", "expected"), [("sk-a****6789", True), ("****", True), ("sk-real", False), ("a**b", False), (5, False)])
def test_masked(value, expected):
    assert is_masked(value) is expected


@hypothesis.given(secrets=st.lists(st.text("ab%/", min_size=4, max_size=7)), text=st.text("ab%/2F", max_size=30))
def test_many_secrets_are_found_as_few_are(secrets, text):
    redactor = Redactor()
    redactor.add(*secrets)
    few = redactor.text(text)
    # None of these is in the text.
    redactor.add(*(f"other-{number}-not-real" for number in range(30)))
    assert redactor.text(text) == few
