# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values as JavaScript sees them, which the LiteMaaS backend is written in: ECMA-262, and node-pg's way of sending them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

_SURROGATE = re.compile("[\ud800-\udfff]")
# How much of a text V8 shows before and after what it cannot read, and from which length on it cuts.
_CONTEXT, _CUT_FROM = 10, 21


class ScriptError(Exception):
    """What JavaScript would throw; its message is that of Node 20."""


class Undefined:
    """The value of what is not there."""

    def __repr__(self) -> str:
        """Return what a template string makes of it."""
        return "undefined"


UNDEFINED = Undefined()


def parsed(text: str) -> Any:
    """Return ``JSON.parse(text)``: each number is a double. Raises ScriptError."""
    try:
        return json.loads(text, parse_int=_double, parse_float=_double, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise ScriptError(_unreadable(text, error.pos)) from error
    except _NoNumberError as error:
        raise ScriptError(_unreadable(text, text.index(str(error)))) from error


def member(holder: Any, name: str) -> Any:
    """Return ``holder.name``. Raises ScriptError for null and undefined."""
    if holder is None or holder is UNDEFINED:
        raise ScriptError(f"Cannot read properties of {shown(holder)} (reading '{name}')")
    return member_if_any(holder, name)


def member_if_any(holder: Any, name: str) -> Any:
    """Return ``holder?.name``."""
    return holder.get(name, UNDEFINED) if isinstance(holder, Mapping) else UNDEFINED


def value_if_any(holder: Any, name: str) -> Any:
    """Return ``holder?.name ?? null``: for PostgreSQL both are NULL."""
    value = member_if_any(holder, name)
    return None if value is UNDEFINED else value


def truthy(value: Any) -> bool:
    """Tell what JavaScript takes for true: empty lists and objects too."""
    if value is None or value is UNDEFINED or value is False or value == "":
        return False
    return isinstance(value, bool | list | dict) or not (value == 0 or _is_nan(value))


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def either(one: Any, other: Any) -> Any:
    """Return ``one || other``."""
    return one if truthy(one) else other


def strictly_equal(one: Any, other: Any) -> bool:
    """Return ``one === other``; null for what is not there."""
    if isinstance(one, list | dict) or isinstance(other, list | dict):
        return one is other
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def shown(value: Any) -> str:
    """Return what a template string shows of a value."""
    if isinstance(value, list):
        return ",".join("" if item is None else shown(item) for item in value)
    if isinstance(value, dict):
        return "[object Object]"
    return value if isinstance(value, str) else _text(value)


def sent(value: Any) -> str | None:
    """Return a value as node-pg sends it: as text, a list as an array literal, an object as JSON."""
    if value is None or value is UNDEFINED:
        return None
    if isinstance(value, list):
        return "{" + ",".join(_element(item) for item in value) + "}"
    if isinstance(value, dict):
        return stringified(value)
    return _SURROGATE.sub("\ufffd", value) if isinstance(value, str) else _text(value)


def stringified(value: Any) -> str:
    """Return ``JSON.stringify(value)``."""
    return json.dumps(_finite(value), separators=(",", ":"))


def _element(item: Any) -> str:
    if item is None:
        return "NULL"
    return str(sent(item)) if isinstance(item, list) else json.dumps(sent(item), ensure_ascii=False)


def _finite(value: Any) -> Any:
    """Return a value as JSON can have it: without what is undefined, null for what is no number."""
    if isinstance(value, dict):
        return {name: _finite(item) for name, item in value.items() if item is not UNDEFINED}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _text(value: Any) -> str:
    """Return the text of what is neither text, list nor object."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if not isinstance(value, int | float):
        return repr(value)
    return _number_text(float(value))


def _number_text(number: float) -> str:
    """Return ``String(number)``: the shortest digits; an exponent below 1e-6 and from 1e21 on (ECMA-262, Number::toString)."""
    if not math.isfinite(number):
        return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
    if number == 0 or 1e-6 <= abs(number) < 1e21:
        digits = format(Decimal(repr(number)), "f")
        return digits.rstrip("0").rstrip(".") if "." in digits else digits
    mantissa, _sign, exponent = repr(number).partition("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent):+d}"


class _NoNumberError(ValueError):
    """NaN and the infinities, which Python reads in JSON."""


def _no_number(text: str) -> Any:
    raise _NoNumberError(text)


def _double(text: str) -> int | float:
    """Return a double; an integer where it is one, which keeps its text short."""
    number = float(text)
    return int(number) if number.is_integer() else number


def _unreadable(text: str, position: int) -> str:
    """Return V8's words for the place where JSON ends being JSON."""
    if position >= len(text):
        return "Unexpected end of JSON input"
    excerpt = f'"{text}"'
    if len(text) >= _CUT_FROM:
        start, end = max(position - _CONTEXT, 0), min(position + _CONTEXT, len(text))
        excerpt = f'{"..." if position >= _CONTEXT else ""}"{text[start:end]}"{"..." if position + _CONTEXT < len(text) else ""}'
    return f"Unexpected token '{text[position]}', {excerpt} is not valid JSON"
