# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables, read: ``docs/reference/fields.yml`` and ``docs/reference/variables.yml``."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
TABLES = ROOT / "docs" / "reference"

# Keys of the table that are attributes of the class Field, with the same name.
ATTRIBUTES = ("default", "secret", "owner", "compare", "maximum", "max_length", "choices", "free")
FIELD_KEYS = {"type", "litellm", "column", "description", "omitted", "example", *ATTRIBUTES}
FROM_OPTION = ("type", "elements", "default", "choices", "no_log")
VARIABLE_KEYS = {"option", "description", "otherwise", "required", *FROM_OPTION}


class TableError(Exception):
    """A table cannot be used; the text says which line is wrong."""


@dataclasses.dataclass(frozen=True)
class Row:
    """One field or variable: what the table says about it, and what it means in paragraphs."""

    name: str
    said: Mapping[str, Any]
    description: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """The first sentence of the description, without its full stop."""
        return self.description[0].split(". ")[0].rstrip(".")

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """Where LiteLLM keeps a field: pairs such as ("litellm_params", "rpm")."""
        said = self.said.get("litellm", [])
        part_and_key = [place.split(".", 1) for place in ([said] if isinstance(said, str) else said)]
        return tuple((part, key) for part, key in part_and_key)

    @property
    def is_of_the_entry(self) -> bool:
        """Whether a field says something about the entry only."""
        return not self.places and "column" not in self.said


@dataclasses.dataclass(frozen=True)
class Section:
    """Rows that belong together, with a heading."""

    title: str
    rows: tuple[Row, ...]


def read_fields() -> tuple[tuple[Section, ...], tuple[Row, ...]]:
    """The fields of an entry in their sections, and the columns that are no fields. Raises TableError."""
    table = yaml.safe_load((TABLES / "fields.yml").read_text(encoding="utf-8"))
    columns = tuple(Row(name, said) for name, said in table["columns"].items())
    return _sections("fields.yml", table["sections"], "fields", FIELD_KEYS), columns


def read_variables() -> tuple[Section, ...]:
    """The role's variables in their sections. Raises TableError."""
    table = yaml.safe_load((TABLES / "variables.yml").read_text(encoding="utf-8"))
    return _sections("variables.yml", table["sections"], "variables", VARIABLE_KEYS)


def _sections(table: str, sections: list[dict[str, Any]], key: str, known: set[str]) -> tuple[Section, ...]:
    return tuple(
        Section(section["title"], tuple(_row(table, name, said, known) for name, said in section[key].items())) for section in sections
    )


def _row(table: str, name: str, said: dict[str, Any], known: set[str]) -> Row:
    unknown = ", ".join(sorted(set(said) - known))
    if unknown:
        raise TableError(f"{table}: {name} has keys that the table does not know: {unknown}")
    description = said.get("description")
    paragraphs = [description] if isinstance(description, str) else description
    if not isinstance(paragraphs, list) or not paragraphs or not all(isinstance(paragraph, str) for paragraph in paragraphs):
        raise TableError(f"{table}: {name} needs a description, a text or a list of texts (put one with a colon in quotes)")
    return Row(name, said, tuple(paragraphs))
