# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a template hands on of values that are omitted. What each ansible-core makes of a play is in tests/integration/test_cores.py."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.litemaas.models.plugins.plugin_utils._variables import Unresolved, Variables

# What ansible-core before 2.19 puts where something is omitted.
PLACEHOLDER = "__omit_place_holder__0123"


class _Templar:
    """Resolves ``{{ data }}`` to the data of a test."""

    def __init__(self, data: Any) -> None:
        self._data = data

    def copy_with_new_env(self, **_kwargs: Any) -> _Templar:
        return self

    def template(self, _written: str, fail_on_undefined: bool = True) -> Any:
        assert fail_on_undefined
        return self._data


def _value(data: Any) -> Any:
    return Variables(_Templar(data), {"x": "{{ data }}", "omit": PLACEHOLDER}).value("x")


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (PLACEHOLDER, None),
        ([{"a": PLACEHOLDER, "b": 1}, PLACEHOLDER], [{"b": 1}]),
        ({"a": {"b": [PLACEHOLDER, {"c": PLACEHOLDER}]}, "d": None}, {"a": {"b": [{}]}, "d": None}),
        (f"x{PLACEHOLDER}y", "xy"),
    ],
)
def test_what_is_omitted_is_left_out(data: Any, value: Any) -> None:
    assert _value(data) == value


def test_data_as_text_does_not_hide_what_is_omitted() -> None:
    with pytest.raises(Unresolved, match="x cannot be resolved: omit cannot be used in data that a filter converts to text"):
        _value(f'[{{"a": "{PLACEHOLDER}"}}]')
