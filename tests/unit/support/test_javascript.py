# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values as JavaScript has them. What is expected here was printed by Node 20."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.javascript import UNDEFINED, ScriptError, either, member, parsed, sent, shown, strictly_equal, truthy


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (4096.0, "4096"), (4096.5, "4096.5"), (0.1, "0.1"), (1e-6, "0.000001"), (1.5e-7, "1.5e-7"), (1e-7, "1e-7"), (1e21, "1e+21"),
        (1.5e300, "1.5e+300"), (123456789012345680000, "123456789012345680000"), (-0.00001, "-0.00001"), (float("inf"), "Infinity"),
    ],
)  # fmt: skip
def test_the_text_of_a_number(number: float, text: str) -> None:
    assert sent(number) == text


@pytest.mark.parametrize("text", ["9007199254740993", "9007199254740992.0"])
def test_numbers_are_doubles(text: str) -> None:
    assert sent(parsed(text)) == "9007199254740992"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None), (0.0, "0"), (UNDEFINED, None), (True, "true"), ("x", "x"), ("a\ud800b", "a\ufffdb"),
        (["a", None, 1, True, []], '{"a",NULL,"1","true",{}}'),
        ({"a": 1, "b": UNDEFINED, "c": [float("inf")]}, '{"a":1,"c":[null]}'), ({"c": "\udc00"}, '{"c":"\\udc00"}'),
    ],
)  # fmt: skip
def test_what_node_pg_sends(value: Any, text: str | None) -> None:
    assert sent(value) == text


def test_what_is_true() -> None:
    assert [truthy(value) for value in ([], {}, "0", -1, True)] == [True] * 5
    assert [truthy(value) for value in (None, UNDEFINED, "", 0, 0.0, False, float("nan"))] == [False] * 7
    assert either(0, None) is None


def test_what_is_the_same() -> None:
    assert strictly_equal(1, 1.0)
    assert not strictly_equal(1, True)
    assert not strictly_equal([], [])
    assert not strictly_equal("1", 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Unexpected end of JSON input"),
        ('{"data": [', "Unexpected end of JSON input"),
        ("<html></html>", "Unexpected token '<', \"<html></html>\" is not valid JSON"),
        ("<html>Bad Gateway</html>", "Unexpected token '<', \"<html>Bad \"... is not valid JSON"),
        ('{"data": [1, 2, 3, NaN]}', "Unexpected token 'N', ...\"[1, 2, 3, NaN]}\" is not valid JSON"),
        ('{"data": [NaN, 1, 2, 3, 4]}', 'Unexpected token \'N\', ..."{"data": [NaN, 1, 2,"... is not valid JSON'),
    ],
)
def test_what_is_no_json(text: str, message: str) -> None:
    with pytest.raises(ScriptError) as error:
        parsed(text)
    assert str(error.value) == message


def test_members_of_nothing() -> None:
    with pytest.raises(ScriptError, match=r"Cannot read properties of undefined \(reading 'map'\)"):
        member(UNDEFINED, "map")
    assert member({}, "map") is UNDEFINED
    assert shown([1, None, {}]) == "1,,[object Object]"
