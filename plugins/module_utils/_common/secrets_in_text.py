# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: what looks like a secret in a text: passwords and keys in addresses, what follows Bearer, keys; and placeholders."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import re
import typing as t
from urllib.parse import unquote, urlsplit

from ansible_collections.litemaas.models.plugins.module_utils._common.secret_names import ADDRESS_ENDS, is_secret_in_address

HIDDEN = "********"

# What an API key looks like, wherever a server echoes one that is not of this run.
_KEY_SHAPED = re.compile(r"\bsk-[A-Za-z0-9_\-]{16,}")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=\-]{8,}")
_URL_PASSWORD = re.compile(r"([a-z][a-z0-9+.\-]*://[^\s:/@'\"]*):([^\s'\"]*)@")
# A token in the place of the user of a web server's address: without a password, or with one that says that there is none.
_URL_TOKEN = re.compile(r"(?i)(\bhttps?://)([^\s:/@'\"?#]+)(:(?:x-oauth-basic|[^\s/@'\"]{0,3}))?@")
# A parameter of an address, in its query or its fragment: ?api-key=..., &sig=..., #access_token=...
_QUERY_PARAMETER = re.compile(r"([?&;#])([^?&;#=\s'\"<>]+)=([^&;#\s'\"<>]+)", re.ASCII)

# What people write as the key of a server that checks none. No secret, and a word that stands in many other places.
PLACEHOLDERS = frozenset(
    [
        "any",
        "anything",
        "dummy",
        "dummy-key",
        "dummy_key",
        "empty",
        "fake",
        "fake-api-key",
        "fake-key",
        "fake_key",
        "foo",
        "key",
        "llamafile",
        "lm-studio",
        "lm_studio",
        "lmstudio",
        "no-key",
        "no-key-required",
        "no_key",
        "no_key_required",
        "nokey",
        "none",
        "not-needed",
        "not-required",
        "not-used",
        "not_needed",
        "null",
        "ollama",
        "placeholder",
        "sk-no-key-required",
        "test",
        "token",
        "unused",
        "vllm",
    ]
)
_ALL_X = re.compile(r"(?i)(sk-?)?[x*.\-]*")
# A name that holds a longer secret is hidden all the same: somebody took the wrong line.
LONGEST_WORD = 16
# What may_hold_secret looks for and a little more, for PostgreSQL's ~*. Python takes a long s for an s and a dotless i for an i, PostgreSQL
# does not. A name with a percent sign may be any name.
SUSPECT = f'sk-|bearer|ba..c|://.*@|({ADDRESS_ENDS})([^a-z=]+v)?[^a-z=]*=|%[0-9a-f]{{2}}[^=&" ]*='


def is_placeholder(text: str) -> bool:
    """Whether a text in the place of a key says that there is none (``ollama``, ``EMPTY``, ``sk-xxxx``)."""
    return text.strip().lower() in PLACEHOLDERS or _ALL_X.fullmatch(text.strip()) is not None


def url_password(url: t.Any) -> list[str]:
    """The password of an address, as it stands there and as it is meant; nothing where there is none."""
    try:
        password = urlsplit(url.strip()).password if isinstance(url, str) else None
    except ValueError:
        found = re.search(r"//[^/@:]*:([^/]*)@", url)
        password = found.group(1) if found else None
    return [password, unquote(password)] if password else []


def address_secrets(url: t.Any) -> list[str]:
    """The password of an address, a token in the place of its user, and the keys in its query and its fragment."""
    if not isinstance(url, str):
        return []
    tokens = [found[1] for found in _URL_TOKEN.findall(url) if len(found[1]) >= LONGEST_WORD]
    return url_password(url) + [form for secret in (*tokens, *_keys_in_address(url)) for form in (secret, unquote(secret))]


def shaped_secrets(text: str) -> list[str]:
    """What looks like a secret in a text, wherever it stands: passwords and keys of addresses, what follows Bearer, keys."""
    found = [password for _before, password in _URL_PASSWORD.findall(text)] + address_secrets(text)
    found += [match.group(2) for match in _URL_TOKEN.finditer(text)]
    found += [match.group().split(None, 1)[1] for match in _BEARER.finditer(text)]
    return found + _KEY_SHAPED.findall(text)


def may_hold_secret(text: str) -> bool:
    """Whether a text, also one of JSON, may have one of these shapes in it: quick, and never false where it has."""
    folded = text.casefold().replace("\u0131", "i")
    return "sk-" in folded or "bearer" in folded or "basic" in folded or _may_be_in_address(text)


def _may_be_in_address(text: str) -> bool:
    return ("://" in text and "@" in text) or ("=" in text and any(True for _secret in _keys_in_address(text)))


def _keys_in_address(text: str) -> t.Iterator[str]:
    return (value for _before, name, value in _QUERY_PARAMETER.findall(text) if is_secret_in_address(name))


def _shown_in_address(parameter: t.Match[str]) -> str:
    """A parameter of an address to show."""
    before, name, value = parameter.groups()
    return f"{before}{name}={HIDDEN if is_secret_in_address(name) else value}"


def without_likely_secrets(text: str) -> str:
    """The text without what looks like a secret in it."""
    if not may_hold_secret(text):
        return text
    text = _URL_TOKEN.sub(r"\1" + HIDDEN + "@", text)
    text = _URL_PASSWORD.sub(r"\1:" + HIDDEN + "@", text)
    text = _QUERY_PARAMETER.sub(_shown_in_address, text)
    text = _BEARER.sub(r"\1 " + HIDDEN, text)
    return _KEY_SHAPED.sub(lambda found: found.group() if is_placeholder(found.group()) else HIDDEN, text)
