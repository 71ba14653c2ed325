# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The generated files: each is a template in ``templates``, filled from the tables and from the options of the modules."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
import yaml

from tests.generate.markup import to_markdown, to_plain, with_options
from tests.generate.tables import ATTRIBUTES, ROOT, Row, Section, read_fields, read_variables

if TYPE_CHECKING:
    from tests.generate.variables import Variable

__all__ = ["ROOT", "generated"]

FIELDS = "docs/reference/fields.yml"
VARIABLES = "docs/reference/variables.yml"
# What is generated, and from which table: the template has the file's own name.
FROM = {
    "plugins/module_utils/_common/fields.py": FIELDS,
    "plugins/doc_fragments/_model_spec.py": FIELDS,
    "examples/models.yml": FIELDS,
    "roles/litemaas_models/meta/argument_specs.yml": VARIABLES,
    "roles/litemaas_models/defaults/main.yml": VARIABLES,
    "roles/ocp4_workload_litemaas_models/meta/argument_specs.yml": VARIABLES,
    "docs/reference.md": "docs/reference",
}
# Options that are read raw, so that a wrong value is the failure of one model, say their type in words.
TYPES_IN_WORDS = {
    "int": "A whole number.",
    "float": "A number.",
    "bool": "V(true) or V(false).",
    "list": "A list of texts.",
    "dict": "A dictionary.",
}
# The longest line of a Python file.
LINE = 140
# PyYAML breaks a line after the word that passes this width, so it is less than the 140 columns of a line.
WIDTH = 108
# Where the comments of the example begin.
COMMENT_COLUMN = 43


def generated() -> Iterator[tuple[str, str]]:
    """Path in the repository and text of each generated file. Write each before the next is asked for: the others import the first."""
    loader = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
    templates = jinja2.Environment(
        loader=loader, keep_trailing_newline=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined, autoescape=False
    )
    sections, columns = read_fields()
    fields = [row for section in sections for row in section.rows]
    values = {
        "sections": sections,
        "fields": fields,
        "field_lines": lambda: "\n".join(_field_line(row, row.name, row.said.get("column")) for row in fields if not row.is_of_the_entry),
        "column_lines": lambda: "\n".join(_field_line(row, None, row.name) for row in columns),
        "entry_options": lambda name: _yaml(_entry_options(fields, lambda field: f"{name}[].{field}"), 6),
        "one_options": lambda: _yaml(_one_options(fields), 2),
        "example": lambda: _example(sections),
        "variables": _variables,
        "role_options": lambda: _yaml({variable.name: variable.documentation() for variable in _all_variables()}, 6),
        "older_options": lambda: _yaml(_older_options(), 6),
        "field_default": _field_default,
        "markdown": to_markdown,
    }
    for name, source in FROM.items():
        yield name, templates.get_template(f"{name.replace('/', '.')}.j2").render(values, source=source)


def _variables() -> list[tuple[str, list[Variable]]]:
    """The role's variables in their sections. They are options of the modules, which import the first of the generated files."""
    from tests.generate.variables import role_variables

    return role_variables(read_variables())


def _all_variables() -> list[Variable]:
    return [variable for _title, variables in _variables() for variable in variables]


def _older_options() -> dict[str, Any]:
    from tests.generate.variables import older_names

    return older_names(_all_variables())


class _Dumper(yaml.SafeDumper):
    """Lists are indented below their key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _yaml(value: Any, indent: int) -> str:
    """A value as YAML whose lines begin with so many blanks."""
    text = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH - indent)
    return "\n".join(f"{' ' * indent}{line}" if line else "" for line in text.splitlines())


def _field_line(row: Row, option: str | None, column: str | None) -> str:
    """A line of the table in Python, formatted as ruff does."""
    named = {key: tuple(value) if isinstance(value, list) else value for key, value in row.said.items() if key in ATTRIBUTES}
    values = [_python(value) for value in (option, row.said["type"], row.places, column)]
    arguments = [*values, *(f"{key}={_python(value)}" for key, value in named.items())]
    while arguments[-1] == "None":
        arguments.pop()
    line = f"    Field({', '.join(arguments)}),"
    return line if len(line) <= LINE else "\n".join(["    Field(", *(f"        {argument}," for argument in arguments), "    ),"])


def _python(value: Any) -> str:
    """A value as Python writes it, with double quotes."""
    if isinstance(value, tuple):
        return f"({', '.join(map(_python, value))}{',' if len(value) == 1 else ''})"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _entry_options(fields: list[Row], rename: Any) -> dict[str, Any]:
    """The options of an entry as Ansible documents them. Numbers and truth values are read raw."""
    return {row.name: _entry_option(row, rename) for row in fields}


def _entry_option(row: Row, rename: Any) -> dict[str, Any]:
    paragraphs = [with_options(paragraph, rename) for paragraph in row.description]
    kind = row.said["type"]
    return {
        "description": [*paragraphs, *([TYPES_IN_WORDS[kind]] if kind in TYPES_IN_WORDS else [])],
        "type": "str" if kind == "str" else "raw",
    }


def _one_options(fields: list[Row]) -> dict[str, Any]:
    """The same options where they describe one model. The state is that of a list's entries too, and is documented by hand."""
    from ansible_collections.litemaas.models.plugins.module_utils._run.argspec import RENAMED

    options = _entry_options([row for row in fields if row.name != "state"], lambda name: RENAMED.get(name, name))
    return {RENAMED.get(name, name): option for name, option in options.items()}


def _example(sections: Sequence[Section]) -> str:
    """The first model of the example: a paragraph for each section, with the fields that have an example."""
    paragraphs = ("\n".join([f"    # {section.title}", *_example_lines(section)]) for section in sections)
    return "\n\n".join(paragraphs).replace("    # Name\n    model_name", "  - model_name", 1)


def _example_lines(section: Section) -> Iterator[str]:
    for row in section.rows:
        if "example" in row.said:
            line = f"    {row.name}: {row.said['example']}  "
            yield f"{line:<{COMMENT_COLUMN}}# {to_plain(row.summary)}.{_example_default(row)}"


def _example_default(row: Row) -> str:
    omitted = to_plain(row.said.get("omitted", ""))
    default = row.said.get("default")
    told = _text(default) if default is not None else omitted
    return f" Default: {told}" if told and not told.startswith("required") else ""


def _field_default(row: Row) -> str:
    """What the reference says of leaving a field out."""
    default = row.said.get("default")
    return to_markdown(row.said.get("omitted", "")) if default is None else _code(default)


def _text(value: Any) -> str:
    """A value as YAML has it in a line."""
    return value if isinstance(value, str) and re.fullmatch(r"[\w .-]+", value) else json.dumps(value)


def _code(value: Any) -> str:
    return f"`{_text(value)}`"
