# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mutants: how a guard is described, found in its file's syntax tree, and replaced there.

A guard is a node of the tree, or a part of a string. Its source is compared without formatting, and is there once: in its file, or in
the function, class or variable that ``within`` names. ``...`` at the end of a block or of arguments stands for whatever follows there. Of
several statements the first one is the guard, and the others tell it from others like it. Most mutants are derived:

==========  ===============================================  ==================================
Operator    Node                                             Mutant
==========  ===============================================  ==================================
removed     test of ``if``, ``while`` or ``x if test else``  ``False``
removed     statement, block of an ``if``                    ``pass``
removed     operand of ``and``, ``or``, ``|``, ``+`` ...     the other operands
removed     filter of a comprehension, argument, element     gone
removed     part of a string                                 gone
inverted    ``not x``                                        ``x``
inverted    comparison                                       the opposite one: ``<`` for ``>=``
inverted    any other expression                             ``not (expression)``
LATER       statement                                        behind the next statement
==========  ===============================================  ==================================

Any other mutant is written by hand, as what replaces the node.
"""

from __future__ import annotations

import ast
import copy
import dataclasses
import enum
import functools
import re
from collections.abc import Mapping
from typing import Any, TypeVar

_Node = TypeVar("_Node", bound=ast.AST)


class Operator(enum.Enum):
    """How a mutant is derived."""

    REMOVED = enum.auto()
    INVERTED = enum.auto()
    LATER = enum.auto()


LATER = Operator.LATER


class Kind(enum.Enum):
    """What a guard is."""

    CONDITION = enum.auto()
    NODE = enum.auto()
    IN_STRING = enum.auto()


@dataclasses.dataclass(frozen=True)
class Guard:
    """``mutants`` are named after what is wrong in them; ``tests`` are pytest's ids; ``file`` is below ``plugins``."""

    kind: Kind
    what: str
    source: str
    tests: tuple[str, ...]
    mutants: Mapping[str, Operator | str]
    within: str = ""
    file: str = ""


_Tests = str | tuple[str, ...]
_Mutant = Operator | str | None


def condition(what: str, source: str, tests: _Tests, within: str = "", **mutants: _Mutant) -> Guard:
    """Return the guard that is a condition: removed and inverted, unless ``mutants`` says otherwise (None: no such mutant).

    The source may also be the ``if`` or the ``x if test else y`` that has the condition.
    """
    return _guard(Kind.CONDITION, what, source, tests, within, **{"removed": Operator.REMOVED, "inverted": Operator.INVERTED, **mutants})


def part(what: str, source: str, tests: _Tests, within: str = "", **mutants: _Mutant) -> Guard:
    """Return the guard that is a statement, an operand, a filter, an argument or an element: removed. Of an ``if`` its block is."""
    return _guard(Kind.NODE, what, source, tests, within, **{"removed": Operator.REMOVED, **mutants})


def expression(what: str, source: str, tests: _Tests, within: str = "", **mutants: _Mutant) -> Guard:
    """Return the guard of which each mutant is written by hand."""
    return _guard(Kind.NODE, what, source, tests, within, **mutants)


def in_string(what: str, source: str, tests: _Tests, within: str = "", **mutants: _Mutant) -> Guard:
    """Return the guard that is a part of a string, as of a statement in SQL: removed, unless ``mutants`` says otherwise."""
    return _guard(Kind.IN_STRING, what, source, tests, within, **{"removed": Operator.REMOVED, **mutants})


def _guard(kind: Kind, what: str, source: str, tests: _Tests, within: str, **mutants: _Mutant) -> Guard:
    wanted = {name: mutant for name, mutant in mutants.items() if mutant is not None}
    return Guard(kind, what, source, (tests,) if isinstance(tests, str) else tests, wanted, within)


def in_file(file: str, *guards: Guard) -> list[Guard]:
    """Return guards as those of one file below ``plugins``."""
    return [dataclasses.replace(guard, file=file) for guard in guards]


def mutate(text: str, guard: Guard, name: str) -> str:
    """Return the text of a file with one mutant of a guard."""
    module, mutant = parse(text), guard.mutants[name]
    if guard.kind is Kind.IN_STRING:
        string = module.find_string(guard.source, guard.within)
        replacement = mutant if isinstance(mutant, str) else ""
        return module.replace(string, ast.Constant(_in_any_layout(guard.source).sub(lambda _found: replacement, string.value)))
    node = module.find(guard.source, guard.within)
    if guard.kind is Kind.CONDITION and isinstance(node, (ast.If, ast.IfExp)):
        node = node.test
    if mutant is Operator.REMOVED:
        return module.remove(node)
    if mutant is Operator.LATER:
        return module.move_behind_next(node)
    return module.replace(node, _inverse(node) if mutant is Operator.INVERTED else _unwrapped(ast.parse(str(mutant)).body[0]))


# --- A file's syntax tree --------------------------------------------------------------------------------------------


class Module:
    """A file's text and its syntax tree, which stays as it is: what replaces a node is spliced into the text."""

    def __init__(self, text: str) -> None:
        self._text = text.encode()
        self._tree = ast.parse(text)
        self._all = list(ast.walk(self._tree))
        self._parents = {child: node for node in self._all for child in ast.iter_child_nodes(node)}

    def find(self, source: str, within: str = "") -> Any:
        """Return the one node that is this source."""
        pattern, *following = ast.parse(source).body
        patterns = [_unwrapped(pattern)]
        if isinstance(pattern, ast.Assign) and isinstance(pattern.targets[0], ast.Name):
            # name=value may be an argument too.
            patterns.append(ast.keyword(pattern.targets[0].id, pattern.value))
        kinds = tuple(type(pattern) for pattern in patterns)
        candidates = [node for node in self._nodes(within) if isinstance(node, kinds)]
        found = [node for node in candidates if any(_fits(node, pattern) for pattern in patterns)]
        if following:
            found = [node for node in found if _fits(self._following(node), [*following, ast.Constant(...)])]
        return _only(found, source, within)

    def find_string(self, part: str, within: str = "") -> Any:
        """Return the one string that has a part, and has it once."""
        strings = [node for node in self._nodes(within) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        return _only([node for node in strings for _each in _in_any_layout(part).finditer(str(node.value))], part, within)

    def replace(self, node: ast.AST, replacement: ast.AST) -> str:
        """Return the text with another node in a node's place."""
        if ast.dump(node) == ast.dump(replacement):
            raise ValueError(f"this is no mutant: {ast.unparse(node)}")
        parent = self._parents[node]
        # What has no place of its own in the text is replaced together with what it is a part of.
        if not hasattr(node, "lineno") or isinstance(parent, (ast.JoinedStr, ast.FormattedValue)):
            return self.replace(parent, _copy(parent, node, replacement))
        code = ast.unparse(ast.fix_missing_locations(replacement))
        in_brackets = isinstance(replacement, ast.expr) and not isinstance(replacement, ast.Starred)
        start, end = self._span(node)
        return self._splice(start, f"({code})".encode() if in_brackets else code.encode(), end)

    def remove(self, node: ast.AST) -> str:
        """Return the text without a node: see the table at the top."""
        parent = self._parents[node]
        if isinstance(node, ast.If):
            return self._splice(self._span(node.body[0])[0], b"pass", self._span(node.body[-1])[1])
        if isinstance(node, ast.stmt):
            return self.replace(node, ast.Pass())
        if isinstance(parent, (ast.Expr, ast.keyword, ast.Starred)):
            return self.remove(parent)
        if isinstance(parent, (ast.If, ast.While, ast.IfExp)) and node is parent.test:
            return self.replace(node, ast.Constant(False))
        if isinstance(parent, ast.BinOp):
            return self.replace(parent, parent.left if node is parent.right else parent.right)
        if isinstance(parent, ast.Dict) and node in parent.values:
            place = parent.values.index(node)
            keys, values = [*parent.keys[:place], *parent.keys[place + 1 :]], [*parent.values[:place], *parent.values[place + 1 :]]
            return self.replace(parent, ast.Dict(keys, values))
        if isinstance(parent, (ast.BoolOp, ast.comprehension, ast.Call, ast.List, ast.Tuple, ast.Set)) and self._is_member(node):
            return self.replace(parent, _copy(parent, node, None))
        raise ValueError(f"nothing is derived for what is gone from {type(parent).__name__}: write this mutant by hand")

    def move_behind_next(self, node: ast.AST) -> str:
        """Return the text with a statement and the next one in the other order."""
        (start, end), (next_start, next_end) = self._span(node), self._span(self._following(node)[0])
        return self._splice(start, self._text[next_start:next_end] + self._text[end:next_start] + self._text[start:end], next_end)

    def _nodes(self, within: str) -> list[ast.AST]:
        """Return all nodes, or those of a function, class or variable: its name, with its class's before it."""
        nodes = self._all
        for name in within.split(".") if within else ():
            nodes = list(ast.walk(_only([node for node in nodes if _name(node) == name], name, within)))
        return nodes

    def _following(self, node: ast.AST) -> list[ast.AST]:
        """Return the statements behind one in its block; a call is the statement that it is the whole of."""
        parent = self._parents[node]
        if isinstance(parent, ast.Expr):
            return self._following(parent)
        blocks = [block for _field, block in ast.iter_fields(parent) if isinstance(block, list) and node in block]
        return blocks[0][blocks[0].index(node) + 1 :] if blocks else []

    def _is_member(self, node: ast.AST) -> bool:
        """Whether a node is one of several of its kind."""
        return any(isinstance(value, list) and node in value for _field, value in ast.iter_fields(self._parents[node]))

    def _span(self, node: Any) -> tuple[int, int]:
        """Return where a node begins and ends in the text."""
        lines = self._text.split(b"\n")
        places = ((node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset))
        start, end = (sum(len(each) + 1 for each in lines[: line - 1]) + column for line, column in places)
        return start, end

    def _splice(self, start: int, code: bytes, end: int) -> str:
        return (self._text[:start] + code + self._text[end:]).decode()


# Several mutants in a row are of one file.
parse = functools.lru_cache(maxsize=4)(Module)


def _unwrapped(node: ast.AST) -> ast.AST:
    """Return what a statement is, or the expression that it is the whole of."""
    return node.value if isinstance(node, ast.Expr) else node


def _in_any_layout(part: str) -> re.Pattern[str]:
    """Return what finds a part of a string, whatever white space is between its words."""
    return re.compile(r"\s+".join(re.escape(word) for word in re.split(r"\s+", part)))


def _only(found: list[_Node], source: str, within: str) -> _Node:
    if len(found) != 1:
        raise LookupError(f"{len(found)} times in {within or 'the file'}, and must be there once: {source}")
    return found[0]


def _fits(node: Any, pattern: Any) -> bool:
    """Whether a node, a list of nodes or a value is as in a pattern."""
    if isinstance(pattern, list):
        shown = pattern[:-1] if _is_open(pattern) else pattern
        enough = len(node) >= len(shown) if _is_open(pattern) else len(node) == len(shown)
        return enough and all(map(_fits, node, shown))
    if not isinstance(pattern, ast.AST):
        return type(node) is type(pattern) and bool(node == pattern)
    if type(node) is not type(pattern):
        return False
    fields = dict(ast.iter_fields(pattern))
    # What follows "..." may also be an else, or arguments with names.
    is_open = any(map(_is_open, fields.values()))
    return all((is_open and value == []) or _fits(getattr(node, name), value) for name, value in fields.items())


def _is_open(pattern: Any) -> bool:
    """Whether a list ends in ``...``."""
    if not isinstance(pattern, list) or not pattern:
        return False
    last = _unwrapped(pattern[-1])
    return isinstance(last, ast.Constant) and last.value is ...


def _name(node: ast.AST) -> str:
    """Return what a function, a class or the assignment of a variable gives a name to."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return node.name
    if isinstance(node, ast.Assign):
        node = node.targets[0]
    elif isinstance(node, ast.AnnAssign):
        node = node.target
    else:
        return ""
    return node.id if isinstance(node, ast.Name) else ""


def _copy(parent: ast.AST, node: ast.AST, replacement: ast.AST | None) -> ast.AST:
    """Return a copy of a node with something else, or nothing, for one of its children."""
    changed = copy.copy(parent)
    for field, value in ast.iter_fields(parent):
        if value is node:
            setattr(changed, field, replacement)
        elif isinstance(value, list) and node in value:
            place = value.index(node)
            setattr(changed, field, [*value[:place], *([] if replacement is None else [replacement]), *value[place + 1 :]])
    return changed


_OPPOSITES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.Is: ast.IsNot,
    ast.In: ast.NotIn,
    ast.Lt: ast.GtE,
    ast.Gt: ast.LtE,
}
_OPPOSITES.update({opposite: operator for operator, opposite in _OPPOSITES.items()})


def _inverse(node: ast.expr) -> ast.expr:
    """Return the expression that is true where another one is false."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return node.operand
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return ast.Compare(node.left, [_OPPOSITES[type(node.ops[0])]()], node.comparators)
    return ast.UnaryOp(ast.Not(), node)
