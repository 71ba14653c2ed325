# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JSON out of bytes as they arrive: LiteLLM's list of 5,000 models is 29 MB of text, which is never there as a whole. Pure.

An object's member ``data`` is decoded one entry after the other by the standard library's decoder; what entries have in common
(names of members, texts, lists of texts) is kept once. The libraries that decode in pieces are either not pure Python or many
times slower than that.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import codecs
import json
import re
import typing as t

# The member that may be long.
LONG_LIST = "data"
# How many entries it has at most, and how many characters one value: a model is some 5,000.
MOST_ENTRIES = 100_000
LONGEST_VALUE = 1 << 24

_BLANKS = " \t\r\n"
_ANY_BLANKS = re.compile(f"[{_BLANKS}]*")
# What may stand behind a value. Anything else at the end of a piece may belong to it: a number goes on in the next one.
_ENDS = frozenset(_BLANKS + ":,]}")


class TooLarge(Exception):
    """An answer that would take more memory than any that is meant. Says what it has."""


def read_json(pieces: t.Iterable[bytes]) -> t.Any:
    """The one JSON value in UTF-8 that the pieces are, read to their end.

    Raises ValueError, RecursionError, TooLarge, and what the pieces raise.
    """
    text = _Text(pieces)
    value = _read_object(text) if text.peek() == "{" else text.value()
    if text.peek():
        raise ValueError("more than one value")
    return value


def _read_object(text: _Text) -> dict[str, t.Any]:
    members: dict[str, t.Any] = {}
    for _item in _items(text, "{", "}"):
        name = text.value()
        if not isinstance(name, str):
            raise ValueError("a member without a name")
        text.take(":")
        if name == LONG_LIST and text.peek() == "[":
            share = Interner()
            members[name] = [share.value(text.value()) for _item in _up_to(MOST_ENTRIES, _items(text, "[", "]"))]
        else:
            members[name] = text.value()
    return members


def _up_to(most: int, items: t.Iterator[None]) -> t.Iterator[None]:
    """The same items. Raises TooLarge where they are more."""
    for number, item in enumerate(items):
        if number >= most:
            raise TooLarge(f"a list of more than {most:,} entries")
        yield item


def _items(text: _Text, first: str, last: str) -> t.Iterator[None]:
    """Stop before each item of an object or a list; the caller reads it."""
    text.take(first)
    if text.peek() != last:
        yield
        while text.peek() == ",":
            text.take(",")
            yield
    text.take(last)


class _Text:
    """Text that arrives in pieces, and the place up to which it has been read."""

    def __init__(self, pieces: t.Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._to_text = codecs.getincrementaldecoder("utf-8-sig")()
        self._decode = json.JSONDecoder().raw_decode
        self._text = ""
        self._place = 0
        self._ended = False

    def peek(self) -> str:
        """The next character that is no blank; the empty text at the end."""
        while True:
            blanks = _ANY_BLANKS.match(self._text, self._place)
            self._place = blanks.end() if blanks else self._place
            if self._place < len(self._text):
                return self._text[self._place]
            if self._ended:
                return ""
            self._more()

    def take(self, character: str) -> None:
        """Go past a character that has to be there. Raises ValueError."""
        if self.peek() != character:
            raise ValueError(f"no {character} where one has to be")
        self._place += 1

    def value(self) -> t.Any:
        """The next value. Raises ValueError, RecursionError."""
        self.peek()
        while True:
            try:
                value, end = self._decode(self._text, self._place)
            except ValueError:
                if self._ended:
                    raise
            else:
                if self._ended or self._text[end : end + 1] in _ENDS:
                    self._place = end
                    return value
            self._more()

    def _more(self) -> None:
        """Take in at least as much again as is left, so that what is long is not begun again and again."""
        left = self._text[self._place :]
        if len(left) > LONGEST_VALUE:
            raise TooLarge(f"a value of more than {LONGEST_VALUE >> 20} MB")
        parts, missing = [left], max(1, len(left))
        while missing > 0 and not self._ended:
            piece = next(self._pieces, None)
            self._ended = piece is None
            parts.append(self._to_text.decode(piece or b"", final=self._ended))
            missing -= len(parts[-1])
        self._text, self._place = "".join(parts), 0


class Interner:
    """Keeps equal texts and equal lists once. What comes out must not be changed in place."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._lists: dict[str, list[t.Any]] = {}

    def value(self, value: t.Any) -> t.Any:
        """An equal value made of shared parts."""
        if isinstance(value, str):
            return self._texts.setdefault(value, value)
        if isinstance(value, dict):
            text = self._texts.setdefault
            return {text(name, name): member if member is None else self.value(member) for name, member in value.items()}
        if isinstance(value, list):
            # Of what JSON can hold, things that look alike are alike: 1, 1.0 and true do not.
            return self._lists.setdefault(repr(value), value)
        return value
