# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose fault an answer is, and what the address should be instead."""

from __future__ import annotations

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import (
    AuthenticationFailed,
    ProxyError,
    ProxyTimeout,
    ProxyUnavailable,
)
from ansible_collections.litemaas.models.plugins.module_utils._litellm.address import MOST_PARTS, explained, shorter, target

LIST = "/v2/model/info"


def failure(status, foreign="", leads_to="", kind=ProxyError):
    error = kind("as it was", status=status)
    error.foreign, error.leads_to = foreign, leads_to
    return error


NO_PATH = (404, "HTTP 404: Not Found")
PAGE = (200, "something other than JSON (text/html)")

# the address, what was answered there, where LiteLLM is, where nobody answers, the sentence
ADDRESSES = [
    (
        "https://h/ui",
        NO_PATH,
        ["https://h"],
        [],
        "No LiteLLM is at https://h/ui (HTTP 404: Not Found), but there is one at https://h: drop /ui",
    ),
    ("https://h/v1/models", PAGE, ["https://h"], [], "drop /v1/models from litellm_url"),
    ("https://h/litellm/ui", NO_PATH, ["https://h/litellm", "https://h"], [], "one at https://h/litellm: drop /ui from litellm_url"),
    ("https://h/litellm", NO_PATH, ["https://h/litellm"], [], "LiteLLM is at https://h/litellm and has no list of models there"),
    ("https://h/litellm", NO_PATH, [], ["https://h"], "No LiteLLM is at https://h/litellm (HTTP 404: Not Found). Check litellm_url"),
    ("https://h", PAGE, [], [], "No LiteLLM is at https://h (something other than JSON (text/html)). Check litellm_url"),
    ("https://h", NO_PATH, ["https://h"], [], "it is older than 1.81, or what stands before it blocks that path"),
    ("https://h", PAGE, ["https://h"], [], "as it was"),
    # Routes of LiteLLM to other APIs answer with those APIs' errors.
    (
        "https://h/gemini",
        (401, ""),
        ["https://h"],
        [],
        "No LiteLLM is at https://h/gemini (HTTP 401), but there is one at https://h: drop /gemini",
    ),
    ("https://h/openai", (500, ""), ["https://h"], [], "drop /openai from litellm_url"),
    ("https://h/litellm", (401, ""), ["https://h/litellm", "https://h"], [], "as it was"),
    ("https://h/x", (401, ""), [], [], "as it was"),
    ("https://h/x", (503, ""), ["https://h"], [], "as it was"),
    ("https://h/x", (None, ""), ["https://h"], [], "as it was"),
    ("https://h", (401, ""), [], [], "as it was"),
]


@pytest.mark.parametrize(("url", "answer", "alive", "silent", "sentence"), ADDRESSES, ids=[str(case[:2]) for case in ADDRESSES])
def test_whose_fault_it_is(url, answer, alive, silent, sentence):
    def ask(address):
        return None if address in silent else address in alive

    assert sentence in explained(failure(*answer), url, "litellm_url", ask).message


def test_an_error_that_tells_nothing_of_the_address_asks_nothing():
    asked = []
    for status in (401, 403, 500):
        error = failure(status, kind=AuthenticationFailed)
        assert explained(error, "https://h", "litellm_url", asked.append) is error
    error = failure(503, kind=ProxyUnavailable)
    assert explained(error, "https://h/ui", "litellm_url", asked.append) is error
    assert asked == []


@pytest.mark.parametrize(
    ("url", "alive", "asks", "sentence"),
    [
        (
            "https://h/mcp",
            ["https://h"],
            ["https://h/mcp", "https://h"],
            "No LiteLLM is at https://h/mcp (no answer), but there is one at https://h: drop /mcp from",
        ),
        ("https://h/a/mcp", ["https://h"], ["https://h/a/mcp", "https://h"], "drop /a/mcp from litellm_url"),
        ("https://h/litellm", ["https://h/litellm", "https://h"], ["https://h/litellm"], "as it was"),
        ("https://h/litellm", [], ["https://h/litellm", "https://h"], "as it was"),
        ("https://h", ["https://h"], [], "as it was"),
    ],
)
def test_an_address_that_does_not_answer(url, alive, asks, sentence):
    """LiteLLM may be slow at the right one."""
    asked = []

    def ask(address):
        asked.append(address)
        return address in alive or None

    assert sentence in explained(ProxyTimeout("as it was"), url, "litellm_url", ask).message
    assert asked == asks


# the address, where the redirect leads, where LiteLLM is, where nobody answers, the end of the sentence
REDIRECTS = [
    ("http://h", "https://h", ["https://h"], [], "redirect to https://h: give https://h as LITELLM_API_URL"),
    ("http://h/ui", "https://h/ui", ["https://h"], [], "redirect to https://h/ui: give https://h as LITELLM_API_URL"),
    ("http://h", "https://h", [], ["https://h"], "redirect to https://h: give https://h as LITELLM_API_URL"),
    ("http://h/ui", "http://h/ui/login", [], [], "redirect to http://h/ui/login, where no LiteLLM is. Check LITELLM_API_URL"),
    ("http://h", "http://h", [], [], "redirect to http://h, which is the same address: the server in front of it is misconfigured"),
    (
        "http://h",
        "https://sso.example.com/login",
        ["https://sso.example.com"],
        [],
        "If LiteLLM is there, and not a page to sign in, give that address as LITELLM_API_URL",
    ),
]


@pytest.mark.parametrize(("url", "leads_to", "alive", "silent", "ending"), REDIRECTS, ids=[str(case[:2]) for case in REDIRECTS])
def test_where_a_redirect_should_lead(url, leads_to, alive, silent, ending):
    asked = []

    def ask(address):
        asked.append(address)
        return None if address in silent else address in alive

    error = explained(failure(307, "a redirect", leads_to), url, "LITELLM_API_URL", ask)
    assert error.message.endswith(ending)
    assert error.code == "litellm_wrong_address"
    assert not any("sso.example.com" in address for address in asked), "another host is asked nothing"


TARGETS = [
    ("http://h", "https://h/v2/model/info?size=1&token=x", "https://h"),
    ("http://h/ui", "/ui/v2/model/info/", "http://h/ui"),
    ("http://h/ui", "/ui/", "http://h/ui"),
    ("http://h", "https://somebody:password@h:8443/x/v2/model/info", "https://h:8443/x"),
    ("http://h", "//[::1]:4000/v2/model/info", "http://[::1]:4000"),
    ("https://h", "https://sso.example.com/login?next=/", "https://sso.example.com/login"),
    ("http://h", "https://h:port/", ""),
    ("http://h", "ftp://h/", ""),
    ("http://h", " ", ""),
]


@pytest.mark.parametrize(("url", "location", "expected"), TARGETS, ids=str)
def test_the_target_of_a_redirect(url, location, expected):
    assert target(url, LIST, location) == expected


def test_shorter():
    assert shorter("https://h/a//b/c") == ["https://h/a//b", "https://h/a", "https://h"]
    assert shorter("https://h") == []
    assert len(shorter("https://h" + "/a" * 20)) == MOST_PARTS
