# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A list of models on its way from the role to a module, as a text that no template changes. Pure.

Before ansible-core 2.19 a list that goes through a template is read again as Python, and loses its types. The mark at the
beginning keeps Ansible from reading the text.
"""

# Note that this plugin util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import datetime
import json
import typing as t
from collections.abc import Mapping

from ansible_collections.litemaas.models.plugins.module_utils._common.yaml_texts import BYTES, DATE, SET

MARK = "models as JSON:"


def pack(specs: t.Any) -> str:
    """A list of models as text."""
    return MARK + json.dumps(for_module(specs), default=str)


def unpack(text: t.Any) -> t.Any:
    """The list of a packed text; anything else as it is."""
    return json.loads(text[len(MARK) :]) if isinstance(text, str) and text.startswith(MARK) else text


def for_module(specs: t.Any) -> t.Any:
    """A list of models as JSON can hold it.

    YAML makes other things of texts without quotes. Those that JSON cannot hold are handed on by their tags, and the module refuses
    them as it refuses a number where a text belongs. Only a date within a field that takes anything is exactly the text that it was.
    """
    if not isinstance(specs, list):
        return specs
    return [{name: field_for_module(value) for name, value in spec.items()} if isinstance(spec, Mapping) else spec for spec in specs]


def field_for_module(value: t.Any) -> t.Any:
    """The value of a model's field as JSON can hold it."""
    return {DATE: str(value)} if isinstance(value, datetime.date) else _for_json(value)


def _for_json(value: t.Any) -> t.Any:
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value.isoformat()
    for kind, tag in _VALUES:
        if isinstance(value, kind):
            return {tag: str(value)}
    if isinstance(value, Mapping):
        return {_key_for_json(name): _for_json(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_for_json(member) for member in value]
    return value


def _key_for_json(name: t.Any) -> str:
    """A text as it is, else YAML's tag of what it is, and its text: two names stay two."""
    return name if isinstance(name, str) else f"{next(tag for kind, tag in _KEYS if isinstance(name, kind))} {name}"


_VALUES: t.Sequence[tuple[t.Any, str]] = ((datetime.date, DATE), (bytes, BYTES), ((set, frozenset), SET))
_KEYS: t.Sequence[tuple[t.Any, str]] = (
    *_VALUES,
    (bool, "!!bool"),
    (int, "!!int"),
    (float, "!!float"),
    (tuple, "!!seq"),
    (object, "!!null"),
)
