# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of a models file as the type of their field."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import json
import math
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import ModelError
from ansible_collections.litemaas.models.plugins.module_utils._common.field import check_limits
from ansible_collections.litemaas.models.plugins.module_utils._common.fields import BY_OPTION, SPEC_ONLY
from ansible_collections.litemaas.models.plugins.module_utils._common.yaml_texts import check_text, tag_of

_TRUE = frozenset(("true", "yes", "on", "1", "y", "t"))
_FALSE = frozenset(("false", "no", "off", "0", "n", "f"))


def _wrong(expected: str) -> ValueError:
    # The value is left out on purpose: it may be a secret in the wrong place.
    return ValueError(f"must be {expected}")


def to_int(value: t.Any) -> int:
    """A whole number, also from text or from a float without a fraction. Raises ValueError."""
    if isinstance(value, bool):
        raise _wrong("a whole number")
    try:
        number = float(value) if isinstance(value, (str, float)) else value
        if not isinstance(number, (int, float)) or number != int(number):
            raise _wrong("a whole number")
        return int(value) if isinstance(value, (int, str)) and "." not in str(value) and "e" not in str(value).lower() else int(number)
    except (OverflowError, TypeError, ValueError):
        raise _wrong("a whole number") from None


def to_float(value: t.Any) -> float:
    """A finite number, also from text. Raises ValueError."""
    try:
        if isinstance(value, bool):
            raise _wrong("a number")
        number = float(value)
    except (OverflowError, TypeError, ValueError):
        raise _wrong("a number") from None
    if not math.isfinite(number):
        raise _wrong("a finite number")
    return number


def to_bool(value: t.Any) -> bool:
    """A truth value, also as the texts YAML and Ansible take for one. Raises ValueError."""
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise _wrong("true or false")


def to_text(value: t.Any) -> str:
    """Text that PostgreSQL and JSON can both hold. Raises ValueError."""
    if isinstance(value, (dict, list, bool)):
        raise _wrong("a string")
    text = str(value)
    if "\x00" in text:
        raise ValueError("must not hold a NUL character")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("must be valid Unicode") from None
    return text


def to_dict(value: t.Any) -> dict[str, t.Any]:
    """A dictionary, also as JSON text. Raises ValueError."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise _wrong("a dictionary") from None
    if not isinstance(value, dict):
        raise _wrong("a dictionary")
    return value


def to_list(value: t.Any) -> list[str]:
    """A list of texts. Raises ValueError."""
    if not isinstance(value, (list, tuple)) or any(member is None or not str(member).strip() for member in value):
        raise _wrong("a list of strings")
    try:
        return [to_text(member) for member in value]
    except ValueError:
        raise _wrong("a list of strings") from None


_COERCE: dict[str, t.Callable[[t.Any], t.Any]] = {
    "str": to_text,
    "int": to_int,
    "float": to_float,
    "bool": to_bool,
    "list": to_list,
    "dict": to_dict,
}


def read_option(model_name: str, option: str, value: t.Any) -> t.Any:
    """One option of a model spec as its field's type, within its limits.

    None and the empty text are "not given" and come back as None. Raises ModelError naming model and option.
    """
    if value is None or value == "":
        return None
    field = BY_OPTION.get(option)
    kind = field.type if field else SPEC_ONLY[option]
    try:
        read = _COERCE[kind](value)
        if field:
            check_limits(field, read)
    except ValueError as error:
        raise ModelError(model_name, f"{option} {error}") from None
    return read


def read_from_yaml(model_name: str, option: str, value: t.Any) -> t.Any:
    """One option as ``read_option`` reads it. Raises ModelError also for what YAML took for something else."""
    field = BY_OPTION.get(option)
    kind = field.type if field else SPEC_ONLY[option]
    if kind == "str":
        check_text(model_name, option, value, bool(field and field.secret))
    if kind == "list" and isinstance(value, (list, tuple)):
        for member in value:
            check_text(model_name, option, member, False)
    if kind == "dict" and tag_of(value):
        raise ModelError(model_name, f"{option} must be a dictionary")
    return read_option(model_name, option, value)
