# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

"""Keeps secrets out of everything a run says: messages, results, diffs, errors of servers and drivers."""

from __future__ import annotations

import re
import typing as t
from urllib.parse import quote, quote_plus

HIDDEN = "********"

# A shorter text would mutilate unrelated output ("a60b" becomes "a********b").
SHORTEST_SECRET = 4

# What an API key looks like, wherever a server echoes one that is not of this run.
_KEY_SHAPED = re.compile(r"\bsk-[A-Za-z0-9_\-]{16,}")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=\-]{8,}")
_URL_PASSWORD = re.compile(r"([a-z][a-z0-9+.\-]*://[^\s:/@'\"]*):([^\s'\"]*)@")

# A parameter whose name has one of these as a segment is a secret, whatever the user calls it.
_SECRET_SEGMENTS = frozenset(
    ("key", "apikey", "token", "secret", "password", "passwd", "authorization", "credential", "credentials", "auth", "bearer")
)


def is_secret_name(name: str) -> bool:
    """Whether a parameter of that name holds a secret (``aws_secret_access_key``, ``X-Api-Key``)."""
    return any(segment in _SECRET_SEGMENTS for segment in re.split(r"[^a-z0-9]+", name.lower()))


def is_masked(value: t.Any) -> bool:
    """Whether a value is what LiteLLM shows instead of a secret (``sk-a****6789``), and so never the secret itself."""
    return isinstance(value, str) and "****" in value


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


class Redactor:
    """Knows the secrets of one run and takes them out of text and data, also percent-encoded."""

    def __init__(self) -> None:
        self._secrets: t.Set[str] = set()

    def add(self, *values: t.Any) -> t.List[str]:
        """Register secrets; returns the texts that were long enough to be registered."""
        texts = [text for value in values for text in secret_texts(value) if len(text) >= SHORTEST_SECRET]
        for text in texts:
            self._secrets.update((text, quote(text, safe=""), quote_plus(text)))
        return texts

    def text(self, text: str) -> str:
        """The text without secrets."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        text = _URL_PASSWORD.sub(r"\1:" + HIDDEN + "@", text)
        text = _BEARER.sub(r"\1 " + HIDDEN, text)
        return _KEY_SHAPED.sub(HIDDEN, text)

    def data(self, value: t.Any) -> t.Any:
        """A copy of plain data whose texts hold no secrets. Keys of dictionaries stay."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {key: self.data(member) for key, member in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.data(member) for member in value]
        return value
