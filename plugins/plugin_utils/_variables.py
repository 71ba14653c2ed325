# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables of a play, each with the type that its author gave it, on every ansible-core. The only file that knows Ansible's templates.

A template is never shown: what stands around it may be a key. So what cannot be resolved is told with the place of the
template and with identifiers that Ansible's own message names.
"""

# Note that this plugin util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import ast
import datetime
import re
import typing as t
from collections.abc import Mapping, Sequence, Set

from ansible import template as ansible_template

# What a template may begin with. Most texts of a long list have none of them.
_MARKS = ("{{", "{%", "{#")
_SETS = (set, frozenset)
_NEVER_A_TEMPLATE = (bool, int, float, datetime.date, bytes, *_SETS)
_OMITTED = object()
_OMITTED_IN_DATA = "omit in a text of data"

_LOCKED = "it cannot be decrypted"
_UNLOCK = " Give the vault's password (--vault-password-file, --ask-vault-pass, or the job template's vault credential)."

# What a message of Ansible names, and what is said of it. The first pattern that is found counts.
_REASONS = (
    (r"'([A-Za-z_]\w*)' is undefined", "{0} is undefined"),
    (r"has no attribute '([A-Za-z_]\w*)'", "something has no {0}"),
    (r"[Nn]o (?:filter|test|lookup) (?:plugin )?named '([\w.]+)'", "there is no {0}"),
    (r"[Cc]ould not load [\"']([\w.]+)[\"']", "there is no {0}"),
    (r"[Tt]he '([\w.]+)' lookup", "the lookup {0} failed"),
    (r"lookup plugin \(?[`'\"]?([\w.]+)[`'\")]* not found", "there is no lookup {0}"),
    (r"lookup plugin [`'\"]([\w.]+)", "the lookup {0} failed"),
    (r"could not locate file in lookup", "the file of a lookup does not exist"),
    (r"([Vv]ault|[Dd]ecrypt)", _LOCKED),
    (r"(template error|[Ss]yntax error)", "its template has a syntax error"),
    (_OMITTED_IN_DATA, "omit cannot be used in data that a filter converts to text"),
)


class Unresolved(Exception):
    """A variable that is there and cannot be resolved. ``places`` says where in it, and why."""

    def __init__(self, name: str, places: t.Sequence[str]) -> None:
        self.name = name
        self.places = places
        more = len(places) - 3
        told = "; ".join(places[:3]) + (f"; and {more} more" if more > 0 else "")
        unlock = _UNLOCK if any(place.endswith(_LOCKED) for place in places) else ""
        super().__init__(f"{name} cannot be resolved: {told}.{unlock}")


class Variables:
    """The variables of a host as they were written, and their values.

    ``own_defaults`` are the texts that a role itself gives its variables: who has such a text was not given.
    """

    def __init__(self, templar: t.Any, written: t.Mapping[str, t.Any], own_defaults: t.Mapping[str, str] | None = None) -> None:
        self._templar = _exact(templar)
        self._written = written
        self._own_defaults = own_defaults or {}
        self._omit = written.get("omit", _OMITTED)

    def is_given(self, name: str) -> bool:
        """Whether somebody wrote this variable, whatever its value is. Null says "not given"."""
        written = self._written.get(name)
        return written is not None and not (isinstance(written, str) and written == self._own_defaults.get(name))

    def value(self, name: str) -> t.Any:
        """The value of a variable as plain data, None where it is null or left out. Raises Unresolved."""
        failures: list[str] = []
        try:
            value = self._resolved(self._written[name], (), failures)
        except RecursionError:
            raise Unresolved(name, ["it refers to itself"]) from None
        if failures:
            raise Unresolved(name, failures)
        return None if value is _OMITTED else value

    def _resolved(self, written: t.Any, path: tuple[t.Any, ...], failures: list[str]) -> t.Any:
        """What was written with every template in it resolved; appends what cannot be."""
        if isinstance(written, Mapping):
            pairs = ((key, self._resolved(member, (*path, key), failures)) for key, member in written.items())
            return {_name(key): member for key, member in pairs if member is not _OMITTED}
        if _is_list(written):
            members = (self._resolved(member, (*path, place), failures) for place, member in enumerate(written, 1))
            return [member for member in members if member is not _OMITTED]
        if isinstance(written, str) and not any(mark in written for mark in _MARKS):
            return plain(written)
        if written is None or isinstance(written, _NEVER_A_TEMPLATE):
            return plain(written)
        return self._rendered(written, path, failures)

    def _rendered(self, written: t.Any, path: tuple[t.Any, ...], failures: list[str]) -> t.Any:
        try:
            value = self._templar.template(written, fail_on_undefined=True)
            return _OMITTED if value == self._omit else self._without_omitted(plain(value))
        except Exception as error:  # pylint: disable=broad-except
            if type(error).__name__ == "AnsibleValueOmittedError":
                return _OMITTED
            failures.append(_place(path) + _reason(error))
            return None

    def _without_omitted(self, value: t.Any) -> t.Any:
        """Plain data without what is omitted in it. Before ansible-core 2.19 that is a text, which other variables bring along."""
        if isinstance(value, dict):
            kept = {key: self._without_omitted(member) for key, member in value.items()}
            return {key: member for key, member in kept.items() if member is not _OMITTED}
        if isinstance(value, list):
            return [member for member in map(self._without_omitted, value) if member is not _OMITTED]
        if value == self._omit:
            return _OMITTED
        if isinstance(value, str) and isinstance(self._omit, str) and self._omit in value:
            # Data that was made a text: what is left out of it can no longer be told from what is empty.
            if re.search("[\"']" + self._omit, value):
                raise ValueError(_OMITTED_IN_DATA)
            return value.replace(self._omit, "")
        return value


def plain(value: t.Any) -> t.Any:
    """Data of Python's own types: Ansible's have marks that are nobody's business after the templates."""
    if isinstance(value, Mapping):
        return {_name(key): plain(member) for key, member in value.items()}
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, _SETS):
        return frozenset(map(_name, value))
    if _is_list(value):
        return [plain(member) for member in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, (datetime.date, bytes)):
        return value
    return str(value)


def _name(key: t.Any) -> t.Any:
    """A name in a dictionary, of Python's own types: a tuple stays one."""
    return tuple(map(_name, key)) if isinstance(key, tuple) else plain(key)


def _is_list(value: t.Any) -> bool:
    is_text = isinstance(value, (str, bytes)) or hasattr(value, "__ENCRYPTED__") or type(value).__name__ == "EncryptedString"
    return isinstance(value, (Sequence, Set)) and not is_text and not isinstance(value, _SETS)


def _place(path: tuple[t.Any, ...]) -> str:
    """Where in a variable: ``entry 2, api_key: ``."""
    words = [f"entry {part}" if isinstance(part, int) else str(part) for part in path]
    return ", ".join(words) + ": " if words else ""


def _reason(error: BaseException) -> str:
    text = " ".join(str(one) for one in _chain(error))
    for pattern, sentence in _REASONS:
        found = re.search(pattern, text)
        if found:
            return sentence.format(*found.groups())
    return f"its template failed ({type(error).__name__})"


def _chain(error: BaseException | None) -> t.Iterator[BaseException]:
    """An error and those that led to it."""
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        seen.append(error)
        yield error
        error = error.__cause__ or error.__context__


def _exact(templar: t.Any) -> t.Any:
    """A templar that gives a value its own type.

    Before ansible-core 2.19 the value of a template is made a text, and the text is read again as Python: that changes dates,
    numbers that are none, and texts that look like data.
    """
    if not hasattr(ansible_template, "AnsibleJ2Template"):
        return templar

    from jinja2.nativetypes import NativeCodeGenerator

    class ExactGenerator(NativeCodeGenerator):
        """Keeps the type of a constant, too: ``{{ 5 }}`` is a number."""

        @staticmethod
        def _output_const_repr(group: t.Iterable[t.Any]) -> str:
            parts = list(group)
            return repr(parts[0] if len(parts) == 1 and _is_literal(parts[0]) else "".join(str(part) for part in parts))

    class ExactEnvironment(ansible_template.AnsibleEnvironment):  # type: ignore[misc, name-defined]
        """Jinja's native types without the second reading."""

        code_generator_class = ExactGenerator
        concat = staticmethod(_one_or_text)

    return templar.copy_with_new_env(environment_class=ExactEnvironment)


def _is_literal(value: t.Any) -> bool:
    """Whether Python's source can say a value: not so for numbers that are none."""
    try:
        return bool(ast.literal_eval(repr(value)) == value)
    except (SyntaxError, ValueError):
        return False


def _one_or_text(nodes: t.Iterable[t.Any]) -> t.Any:
    """The value of a template that is one expression, else the text of its parts."""
    parts = list(nodes)
    return parts[0] if len(parts) == 1 else "".join(str(part) for part in parts)
