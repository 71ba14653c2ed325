# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Takes the secrets of a run out of everything that it says: messages, results, diffs, errors of servers and drivers."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import html
import re
import typing as t
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from ansible_collections.litemaas.models.plugins.module_utils._common.secrets_in_data import scalar_texts
from ansible_collections.litemaas.models.plugins.module_utils._common.secrets_in_text import (
    HIDDEN,
    LONGEST_WORD,
    is_placeholder,
    without_likely_secrets,
)

# A shorter text would mutilate unrelated output ("a60b" becomes "a********b").
SHORTEST_SECRET = 4
# So many are looked for one by one.
FEW_SECRETS = 20
# Words of results. Where one of them is somebody's key, results stay readable.
RESULT_WORDS = frozenset(
    [
        "absent",
        "created",
        "deleted",
        "failed",
        "inserted",
        "present",
        "reactivated",
        "restored",
        "retained",
        "retired",
        "unchanged",
        "updated",
    ]
)

# A line of a secret that servers may say alone.
SHORTEST_LINE = 8
# What says that a text may be written otherwise than it is meant, and so many ways to read one are tried.
_ESCAPED = re.compile(r"\\|%[0-9a-fA-F]{2}|&[#a-zA-Z]")
MOST_READINGS = 60
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|U000[0-9a-fA-F]{5}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "a": "\a", "0": "\0"}


def secret_pattern(secret: str) -> t.Pattern[str]:
    """Finds a secret; one of digits only as a whole word, for it may be part of any number."""
    return re.compile(r"(?<![\w.\-:])" + secret + r"(?![\w.\-])" if secret.isdigit() else re.escape(secret))


def _without(text: str, secrets: t.Iterable[str], kept: t.Iterable[str]) -> str:
    """The text without secrets but for whole words that stay; the longest counts where several begin at one place."""
    patterns = [(len(word), rf"(?P<kept{number}>(?<!\w){re.escape(word)}(?!\w))") for number, word in enumerate(kept)]
    patterns += [(len(secret), secret_pattern(secret).pattern) for secret in secrets]
    # A word counts more than a secret that is the same text.
    ordered = sorted(patterns, key=lambda pattern: (pattern[0], pattern[1].startswith("(?P<kept")), reverse=True)
    return re.sub("|".join(pattern for _length, pattern in ordered), lambda found: found.group() if found.lastgroup else HIDDEN, text)


def _unescaped(text: str) -> str:
    """A text without the backslashes that JSON or Python wrote into it."""
    read = _ESCAPE.sub(lambda found: _character(found.group(1)), text)
    # JSON writes what is beyond 16 bits as two halves.
    return read.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(escape: str) -> str:
    if len(escape) > 1:
        return chr(int(escape[1:], 16))
    return _ESCAPES.get(escape, escape)


def _unescaped_bytes(text: str) -> str:
    """The same for what Python writes of bytes."""
    read = _unescaped(text)
    try:
        return read.encode("latin-1").decode()
    except UnicodeError:
        return read


def _readings(text: str) -> t.Iterator[str]:
    """The texts that a text may be another writing of: JSON, Python, addresses and pages, also one within the other."""
    known, left = {text}, [text]
    while left and len(known) <= MOST_READINGS:
        reading = left.pop(0)
        for decode in (_unescaped, _unescaped_bytes, unquote, unquote_plus, html.unescape):
            read = decode(reading)
            if read not in known:
                known.add(read)
                left.append(read)
                yield read


def _with_lines(text: str) -> t.Iterator[str]:
    """A secret, and those of its lines that could be nothing else."""
    yield text
    lines = text.splitlines()
    if len(lines) > 1:
        yield from (line.strip() for line in lines if len(line.strip()) >= SHORTEST_LINE and not line.startswith("-----"))


class Redactor:
    """Knows the secrets of one run and takes them out of text and data, however they are written there."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        # How secrets begin -> those that begin so, so that a text is compared with few of them, however many there are.
        self._by_start: dict[str, list[str]] = {}
        # Names and words that hold a secret and stay, whole.
        self._kept: set[str] = set()

    def add(self, *values: t.Any) -> list[str]:
        """Register secrets; returns the texts that were long enough to be registered."""
        texts = [text for value in values for text in scalar_texts(value) if len(text) >= SHORTEST_SECRET and not is_placeholder(text)]
        forms = {form for text in texts for line in _with_lines(text) for form in (line, quote(line, safe=""), quote_plus(line))}
        for form in sorted(forms - self._secrets):
            self._by_start.setdefault(form[:SHORTEST_SECRET], []).append(form)
        self._secrets |= forms
        return texts

    def keep(self, words: t.Iterable[t.Any]) -> None:
        """Let names stay that are a secret or hold one: those of models, actions, ids."""
        for word in {word for word in words if isinstance(word, str)} | RESULT_WORDS:
            found = self._found(word)
            if found and all(len(secret) < LONGEST_WORD for secret in found):
                self._kept.add(word)

    def is_kept(self, text: str) -> bool:
        """Whether a secret is or is part of a name that stays."""
        return any(text in word for word in self._kept)

    def text(self, text: str) -> str:
        """The text without secrets. One that holds a secret escaped comes back as it is meant."""
        text = self._without_known(text)
        if self._secrets and _ESCAPED.search(text):
            text = self._without_escaped(text)
        return without_likely_secrets(text)

    def _without_escaped(self, text: str) -> str:
        """The text, or the first reading of it that shows a secret, without it."""
        for _time in range(MOST_READINGS):
            readings = ((reading, self._without_known(reading)) for reading in _readings(text))
            clean = next((clean for reading, clean in readings if clean != reading), None)
            if clean is None:
                return text
            text = clean
        return HIDDEN

    def _without_known(self, text: str) -> str:
        """The text without the registered secrets, as they are written."""
        secrets = self._found(text)
        kept = [word for word in self._kept if word in text] if secrets else []
        if kept:
            text = _without(text, secrets, kept)
        else:
            for secret in secrets:
                text = secret_pattern(secret).sub(HIDDEN, text) if secret.isdigit() else text.replace(secret, HIDDEN)
        return text

    def _found(self, text: str) -> list[str]:
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
