# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the generator says of a table that it cannot use. That its files are up to date is checked by "make docs"."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.generate import tables
from tests.generate.files import generated
from tests.generate.markup import to_markdown, with_options


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"type": "int"}, "seed needs a description"),
        ({"type": "int", "description": {"Seed": "of a request"}}, "seed needs a description"),
        ({"type": "int", "description": "Seed.", "maximun": 3}, "seed has keys that the table does not know: maximun"),
    ],
)
def test_a_wrong_entry_is_named(said: dict[str, Any], message: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    table = {"sections": [{"title": "Limits", "fields": {"seed": said}}], "columns": {}}
    (tmp_path / "fields.yml").write_text(yaml.safe_dump(table), encoding="utf-8")
    monkeypatch.setattr(tables, "TABLES", tmp_path)
    with pytest.raises(tables.TableError, match=message):
        tables.read_fields()


def test_a_new_field_is_written_into_the_table_first(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other files are made by code that imports it."""
    seed = {"type": "int", "litellm": "litellm_params.seed", "description": "Seed.", "maximum": 9}
    table = {"sections": [{"title": "Limits", "fields": {"seed": seed}}], "columns": {}}
    (tmp_path / "fields.yml").write_text(yaml.safe_dump(table), encoding="utf-8")
    monkeypatch.setattr(tables, "TABLES", tmp_path)
    name, text = next(generated())
    assert name == "plugins/module_utils/_common/fields.py"
    assert '    Field("seed", "int", (("litellm_params", "seed"),), None, maximum=9),\n' in text


def test_markup() -> None:
    assert with_options("O(a), O(a=1), O(c.m#module:a)", "models[].{}".format) == "O(models[].a), O(models[].a=1), O(c.m#module:a)"
    assert to_markdown("O(a=1) or V(x|y), P(c.m#role), O(c.m#module:a)") == "`a=1` or `x\\|y`, `c.m`, `a` of `c.m`"
