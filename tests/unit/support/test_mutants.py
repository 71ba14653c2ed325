# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How mutants are derived; whether they are noticed, tests/mutations says."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import tests
from tests.mutations.guards import GUARDS
from tests.mutations.mutants import LATER, Guard, condition, expression, in_string, mutate, part

PLUGINS = Path(tests.__file__).parents[1] / "plugins"

REMOVED_AND_INVERTED = [
    # what is in the file, the guard, the file without it, the file with its opposite
    ("if a == b:\n    c()", "a == b", "if False:\n    c()", "if a != b:\n    c()"),
    (
        "if a:\n    c()\nelif a in b:\n    d()",
        "a in b",
        "if a:\n    c()\nelif False:\n    d()",
        "if a:\n    c()\nelif a not in b:\n    d()",
    ),
    ("while not a:\n    b()", "not a", "while False:\n    b()", "while a:\n    b()"),
    ("x = a if b is None else c", "b is None", "x = a if False else c", "x = a if b is not None else c"),
    ("x = a if b < 1 else c", "a if b < 1 else c", "x = a if False else c", "x = a if b >= 1 else c"),
    ("x = [a for a in b if a.c]", "a.c", "x = [a for a in b]", "x = [a for a in b if not a.c]"),
    ("f(a for a in b if a > 1 if a < 9)", "a > 1", "f(a for a in b if a < 9)", "f(a for a in b if a <= 1 if a < 9)"),
    ("return_ = a and b or c", "b", "return_ = a or c", "return_ = a and not b or c"),
    ("x = a and (b or c) and d", "b or c", "x = a and d", "x = a and not (b or c) and d"),
    ("x = 1 < a < 3 or b", "1 < a < 3", "x = b", "x = not 1 < a < 3 or b"),
    ("if a:\n    x = 1\n    y = 2\nif a:\n    z = 3", "if a: x = 1; ...", "if False:\n    x = 1\n    y = 2\nif a:\n    z = 3", None),
]
REMOVED = [
    ("def f():\n    check(a)\n    return a", "check(a)", "def f():\n    pass\n    return a"),
    ("if a:\n    raise ValueError('long text', a)", "raise ValueError(...)", "if a:\n    pass"),
    ("def f():\n    yield g(A, 'text', b=1)\n    yield g(B)", "yield g(A, ...)", "def f():\n    pass\n    yield g(B)"),
    ("if a:\n    b()\nelif c:\n    d()\n    e()\nelse:\n    f()", "if c: ...", "if a:\n    b()\nelif c:\n    pass\nelse:\n    f()"),
    ("for a in b:\n    c(a)\nd = 1", "for a in b: c(a)", "pass\nd = 1"),
    ("x = 1\na = f(x)\ny = 2\na = f(x)", "a = f(x); y = 2", "x = 1\npass\ny = 2\na = f(x)"),
    ("x = a - b", "b", "x = a"),
    ("x = {a: 1, b: f(c)}", "f(c)", "x = {a: 1}"),
    ("x = {**a, **b}", "b", "x = {**a}"),
    ("x = [a, *b]", "b", "x = [a]"),
    ("f(a, b, c=d)", "b", "f(a, c=d)"),
    ("f(a, read_only=True)\nread = True", "read_only=True", "f(a)\nread = True"),
    ("x = f'{a and b}: {c}'", "b", "x = f'{a}: {c}'"),
    ("é = 'é', f(a)", "f(a)", "é = ('é',)"),
]


def mutant(text: str, guard: Guard, name: str = "removed") -> str:
    """Return a mutant without its formatting."""
    return ast.unparse(ast.parse(mutate(text, guard, name)))


def plain(text: str) -> str:
    return ast.unparse(ast.parse(text))


@pytest.mark.parametrize(("text", "source", "removed", "inverted"), REMOVED_AND_INVERTED)
def test_conditions(text: str, source: str, removed: str, inverted: str | None) -> None:
    guard = condition("", source, "")
    assert mutant(text, guard) == plain(removed)
    if inverted is not None:
        assert mutant(text, guard, "inverted") == plain(inverted)


@pytest.mark.parametrize(("text", "source", "removed"), REMOVED)
def test_what_is_removed(text: str, source: str, removed: str) -> None:
    assert mutant(text, part("", source, "")) == plain(removed)


def test_by_hand() -> None:
    assert mutant("if a:\n    b = c", condition("", "if a: ...", "", always="True"), "always") == plain("if True:\n    b = c")
    assert mutant("x = f(a + b)", expression("", "a + b", "", swapped="b + a"), "swapped") == "x = f(b + a)"
    assert mutant("f(a, b=1)", expression("", "b=1", "", other="b=2"), "other") == "f(a, b=2)"
    assert mutant("first()\nsecond()\nthird()", part("", "first()", "", later=LATER), "later") == plain("second()\nfirst()\nthird()")


def test_parts_of_strings() -> None:
    text = "A = ('SELECT a\\n'\n     '  WHERE b')\nB = f'WHERE b{c}'"
    assert mutant(text, in_string("", " WHERE b", "")) == plain("A = 'SELECT a'\nB = f'WHERE b{c}'")
    assert mutant(text, in_string("", "b", "", within="B", other="d"), "other") == plain("A = 'SELECT a\\n  WHERE b'\nB = f'WHERE d{c}'")


@pytest.mark.parametrize(
    ("text", "guard"),
    [
        ("if a:\n    b()", condition("", "c", "")),
        ("if a:\n    b()\nif a:\n    c()", condition("", "a", "")),
        ("def f():\n    return a", condition("", "a", "", within="g")),
        ("A = 'b b'", in_string("", "b", "")),
    ],
)
def test_a_guard_that_is_not_there_once_is_an_error(text: str, guard: Guard) -> None:
    with pytest.raises(LookupError, match="must be there once"):
        mutate(text, guard, "removed")


def test_what_is_not_derived_is_an_error() -> None:
    with pytest.raises(ValueError, match="by hand"):
        mutate("return_ = a", part("", "a", ""), "removed")
    with pytest.raises(ValueError, match="no mutant"):
        mutate("x = a", expression("", "a", "", same="(a)"), "same")


def test_where_a_guard_is() -> None:
    text = "class A:\n    def f(self):\n        if a:\n            b()\nclass B:\n    def f(self):\n        if a:\n            b()"
    found = mutant(text, condition("", "a", "", within="B.f"))
    assert found == plain(text[: text.index("class B")] + "class B:\n    def f(self):\n        if False:\n            b()")


def test_each_guard_is_in_its_file() -> None:
    assert len({guard.what for guard in GUARDS}) == len(GUARDS)
    for guard in GUARDS:
        text = (PLUGINS / guard.file).read_text(encoding="utf-8")
        for name in guard.mutants:
            try:
                mutate(text, guard, name)
            except (LookupError, ValueError, SyntaxError) as error:
                raise AssertionError(f"{guard.file}: {guard.what}: {name}: {error}") from error


def test_the_tests_of_each_guard_are_there() -> None:
    root = PLUGINS.parent
    for test in sorted({test for guard in GUARDS for test in guard.tests}):
        file, *names = test.partition("[")[0].split("::")
        text = (root / file).read_text(encoding="utf-8")
        for name in names:
            assert f"def {name}(" in text or f"class {name}" in text, test
