# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets stay out of text and data."""

from __future__ import annotations

import hypothesis
import pytest
from hypothesis import strategies as st

from ansible_collections.litemaas.models.plugins.module_utils._redact import Redactor, is_masked, is_secret_name

TEXTS = [
    ("the key sEcret-1/x is wrong", "the key ******** is wrong"),
    ("percent-encoded sEcret-1%2Fx", "percent-encoded ********"),
    ("postgresql://admin:p@ss:w/ord@db/litemaas", "postgresql://admin:********@db/litemaas"),
    ("http://db:5432/litemaas", "http://db:5432/litemaas"),
    ("Authorization: Bearer abcdefghijkl", "Authorization: Bearer ********"),
    ("Received API Key = sk-abcdefghijklmnopqrstuv", "Received API Key = ********"),
    ("a model called sk-learn", "a model called sk-learn"),
    ("nothing to hide", "nothing to hide"),
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
