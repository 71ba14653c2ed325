# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows in the format of PostgreSQL's COPY. What PostgreSQL makes of them: test_database_sync."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._postgres.copy_format import LinesAsFile, copy_line


@pytest.mark.parametrize(
    ("value", "field"),
    [
        (None, "\\N"),
        ("", ""),
        ("\\N", "\\\\N"),
        ("a\tb\nc\rd\\e", "a\\tb\\nc\\rd\\\\e"),
        (True, "t"),
        (False, "f"),
        (0, "0"),
        (Decimal("1E-10"), "0.0000000001"),
        ([], "{}"),
        (["chat", 'a "b"', "c,d}", "e\\f"], '{"chat","a \\\\"b\\\\"","c,d}","e\\\\\\\\f"}'),
        ({"a": [1, Decimal("0.5"), None, "\n"]}, '{"a": [1, "0.5", null, "\\\\n"]}'),
    ],
)
def test_fields(value, field):
    assert copy_line([value]) == f"{field}\n"


def test_a_number_that_no_json_has():
    with pytest.raises(ValueError, match="not JSON compliant"):
        copy_line([{"a": float("nan")}])


def test_lines_are_made_when_they_are_asked_for():
    made = []

    def lines():
        for number in range(5):
            made.append(number)
            yield f"{number}\n".encode()

    ended = []
    file = LinesAsFile(lines(), lambda: ended.append(len(made)))
    assert (file.read(3), made) == (b"0\n1\n", [0, 1])
    assert (file.read(100), ended) == (b"2\n3\n4\n", [])
    assert (file.read(100), ended) == (b"", [5])
