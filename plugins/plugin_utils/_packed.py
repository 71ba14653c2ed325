# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is PRIVATE to the collection. It can have breaking changes at any time.

"""A list of models on its way from the role to a module, as a text that no template changes. Pure.

Before ansible-core 2.19 a list that goes through a template is read again as Python, and loses its types. The mark at the
beginning keeps Ansible from reading the text.
"""

from __future__ import annotations

import datetime
import json
import typing as t
from collections.abc import Mapping

from ansible_collections.litemaas.models.plugins.module_utils._specs import DATE

MARK = "models as JSON:"


def pack(specs: t.Any) -> str:
    """A list of models as text."""
    return MARK + json.dumps(for_module(specs), default=str)


def unpack(text: t.Any) -> t.Any:
    """The list of a packed text; anything else as it is."""
    return json.loads(text[len(MARK) :]) if isinstance(text, str) and text.startswith(MARK) else text


def for_module(specs: t.Any) -> t.Any:
    """A list of models as JSON can hold it.

    YAML makes dates of texts. Where a field is meant to be a text, its date becomes a dictionary, which the module refuses as
    it refuses a number. Within a field that takes anything it is the text that it was.
    """
    if not isinstance(specs, list):
        return specs
    return [{name: _field(value) for name, value in spec.items()} if isinstance(spec, Mapping) else spec for spec in specs]


def _field(value: t.Any) -> t.Any:
    return {DATE: value.isoformat()} if isinstance(value, datetime.date) else _without_dates(value)


def _without_dates(value: t.Any) -> t.Any:
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: _without_dates(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_without_dates(member) for member in value]
    return value
