# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rows in the text format of PostgreSQL's COPY. Pure.

https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import json
import typing as t
from decimal import Decimal

NULL = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def copy_line(values: t.Iterable[t.Any]) -> str:
    """One row: None, truth values, numbers, texts, lists of texts (``text[]``) and dictionaries (``jsonb``). Raises ValueError."""
    return "\t".join([_field(value) for value in values]) + "\n"


def _field(value: t.Any) -> str:
    if value is None:
        return NULL
    if isinstance(value, bool):
        return "t" if value else "f"
    return plain_text(value).translate(_ESCAPES)


def plain_text(value: t.Any) -> str:
    """A value as PostgreSQL reads it. Costs keep all their digits. Raises ValueError for a number that is not finite in a dictionary."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        # PostgreSQL reads an escape for another character than those of ASCII only where the database is UTF-8.
        return json.dumps(value, default=plain_text, allow_nan=False, ensure_ascii=False)
    if isinstance(value, (list, tuple)):
        return "{" + ",".join([_element(text) for text in value]) + "}"
    return str(value)


def _element(text: str) -> str:
    """A text of an array, quoted: it may have commas and braces."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


class LinesAsFile:
    """Lines as the file that psycopg2 reads; each is made when it is asked for. ``failure`` is why one could not be made.

    psycopg2 makes an error of its own of that, which says that the server stopped the statement. ``before_end`` is called before
    psycopg2 learns that there are no more.
    """

    def __init__(self, lines: t.Iterable[bytes], before_end: t.Callable[[], t.Any] = lambda: None) -> None:
        self._lines = iter(lines)
        self._before_end = before_end
        self.failure: Exception | None = None

    def read(self, size: int = 8192) -> bytes:
        """Whole lines, of about ``size`` bytes at least; empty at the end. Raises what a line raises."""
        try:
            taken = self._take(size)
        except Exception as error:  # pylint: disable=broad-except
            self.failure = error
            self._before_end()
            raise
        if not taken:
            self._before_end()
        return taken

    def _take(self, size: int) -> bytes:
        taken: list[bytes] = []
        length = 0
        for line in self._lines:
            taken.append(line)
            length += len(line)
            if length >= size:
                break
        return b"".join(taken)
