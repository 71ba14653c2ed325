# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

"""Keeps secrets out of everything a run says: messages, results, diffs, errors of servers and drivers."""

from __future__ import annotations

import re
import typing as t
from urllib.parse import quote, quote_plus, unquote, urlsplit

HIDDEN = "********"

# A shorter text would mutilate unrelated output ("a60b" becomes "a********b").
SHORTEST_SECRET = 4
# So many are looked for one by one.
FEW_SECRETS = 20

# What an API key looks like, wherever a server echoes one that is not of this run.
_KEY_SHAPED = re.compile(r"\bsk-[A-Za-z0-9_\-]{16,}")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=\-]{8,}")
_URL_PASSWORD = re.compile(r"([a-z][a-z0-9+.\-]*://[^\s:/@'\"]*):([^\s'\"]*)@")
# What may_hold_secret looks for, for PostgreSQL's ~*. Python takes a long s for an s and a dotless i for an i, PostgreSQL does not.
SUSPECT = "sk-|bearer|ba..c|://.*@"

# A parameter whose name has one of these as a segment is a secret, whatever the user calls it. The second line is what LiteLLM
# masks beyond that (litellm/litellm_core_utils/sensitive_data_masker.py).
_SECRET_SEGMENTS = frozenset(
    [
        "key",
        "keys",
        "apikey",
        "token",
        "secret",
        "secrets",
        "password",
        "passwords",
        "passwd",
        "passphrase",
        "authorization",
        "credential",
        "credentials",
        "auth",
        "bearer",
        "access",
        "private",
        "certificate",
        "fingerprint",
        "tenancy",
    ]
)
_SEGMENTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_NUMBER = re.compile(r"[-+.0-9eE]*")


def is_secret_name(name: str) -> bool:
    """Whether a parameter of that name holds a secret (``aws_secret_access_key``, ``X-Api-Key``, ``clientSecret``)."""
    return any(segment.lower() in _SECRET_SEGMENTS for segment in _SEGMENTS.findall(name))


def is_secret(name: str, value: t.Any) -> bool:
    """Whether a parameter holds a secret: by its name, unless it is a number (``output_cost_per_reasoning_token``)."""
    if not is_secret_name(name) or value is None or isinstance(value, (bool, int, float)):
        return False
    return not _NUMBER.fullmatch(value) if isinstance(value, str) else bool(value)


def is_masked(value: t.Any) -> bool:
    """Whether a value is what LiteLLM shows instead of a secret (``sk-a****6789``), and so never the secret itself."""
    return isinstance(value, str) and "****" in value


def has_mask(value: t.Any) -> bool:
    """Whether something in a value is masked."""
    if isinstance(value, dict):
        return any(has_mask(member) for member in value.values())
    if isinstance(value, list):
        return any(has_mask(member) for member in value)
    return is_masked(value)


def secrets_in(name: str, value: t.Any) -> t.Iterator[t.Any]:
    """The secrets within a free-form parameter, at any depth; also in pairs like ``{"name": "Authorization", "value": ...}``."""
    for _place, secret in located_secrets(name, value):
        yield secret


def located_secrets(name: str, value: t.Any, place: str = "") -> t.Iterator[t.Tuple[str, t.Any]]:
    """Where the secrets within a free-form parameter are (``extra_headers.Authorization``), each with its value."""
    place = "{0}.{1}".format(place, name) if place else name
    if is_secret(name, value):
        yield place, value
    elif isinstance(value, dict):
        pair_name = value.get("name", value.get("key"))
        for key, member in value.items():
            if key not in ("name", "key") or not isinstance(pair_name, str):
                named = pair_name if isinstance(pair_name, str) and is_secret_name(pair_name) else str(key)
                yield from located_secrets(named, member, place)
    elif isinstance(value, list):
        for member in value:
            yield from ((place + found[len(name) :], secret) for found, secret in located_secrets(name, member))


def without_secrets(name: str, value: t.Any) -> t.Any:
    """A copy of a parameter to show, with secrets replaced."""
    if is_masked(value):
        return value
    if is_secret(name, value):
        return HIDDEN
    if isinstance(value, dict):
        secrets = [id(secret) for secret in secrets_in(name, value)]
        return {key: HIDDEN if id(member) in secrets else without_secrets(key, member) for key, member in value.items()}
    if isinstance(value, list):
        return [without_secrets(name, member) for member in value]
    return value


def secret_texts(value: t.Any) -> t.Iterator[str]:
    """Every scalar of a structure as text."""
    if isinstance(value, dict):
        for member in value.values():
            yield from secret_texts(member)
    elif isinstance(value, (list, tuple)):
        for member in value:
            yield from secret_texts(member)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def url_password(url: t.Any) -> t.List[str]:
    """The password of an address, as it stands there and as it is meant; nothing where there is none."""
    try:
        password = urlsplit(url.strip()).password if isinstance(url, str) else None
    except ValueError:
        found = re.search(r"//[^/@:]*:([^/]*)@", url)
        password = found.group(1) if found else None
    return [password, unquote(password)] if password else []


def may_hold_secret(text: str) -> bool:
    """Whether a text, also one of JSON, may have one of these shapes in it: quick, and never false where it has."""
    folded = text.casefold().replace("\u0131", "i")
    return "sk-" in folded or "bearer" in folded or "basic" in folded or ("://" in folded and "@" in folded)


class Redactor:
    """Knows the secrets of one run and takes them out of text and data, also percent-encoded."""

    def __init__(self) -> None:
        self._secrets: t.Set[str] = set()
        # How secrets begin -> those that begin so, so that a text is compared with few of them, however many there are.
        self._by_start: t.Dict[str, t.List[str]] = {}

    def add(self, *values: t.Any) -> t.List[str]:
        """Register secrets; returns the texts that were long enough to be registered."""
        texts = [text for value in values for text in secret_texts(value) if len(text) >= SHORTEST_SECRET]
        forms = {form for text in texts for form in (text, quote(text, safe=""), quote_plus(text))}
        for form in sorted(forms - self._secrets):
            self._by_start.setdefault(form[:SHORTEST_SECRET], []).append(form)
        self._secrets |= forms
        return texts

    def text(self, text: str) -> str:
        """The text without secrets."""
        for secret in self._found(text):
            text = text.replace(secret, HIDDEN)
        if not may_hold_secret(text):
            return text
        text = _URL_PASSWORD.sub(r"\1:" + HIDDEN + "@", text)
        text = _BEARER.sub(r"\1 " + HIDDEN, text)
        return _KEY_SHAPED.sub(HIDDEN, text)

    def _found(self, text: str) -> t.List[str]:
        """The secrets in a text, the longest first: one may be a part of another."""
        if len(self._secrets) <= FEW_SECRETS:
            found = [secret for secret in self._secrets if secret in text]
        else:
            starts = {text[place : place + SHORTEST_SECRET] for place in range(len(text) - SHORTEST_SECRET + 1)}
            found = [secret for start in starts if start in self._by_start for secret in self._by_start[start] if secret in text]
        return sorted(found, key=lambda secret: (len(secret), secret), reverse=True)

    def data(self, value: t.Any, keys: bool = False) -> t.Any:
        """A copy of plain data whose texts hold no secrets. Keys of dictionaries stay, unless they are data too (``keys``)."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(key) if keys else key: self.data(member, keys) for key, member in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.data(member, keys) for member in value]
        return value
