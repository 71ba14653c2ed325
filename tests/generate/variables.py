# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of the role: what the table says of them, and what they have from the options of the role's modules."""

from __future__ import annotations

import dataclasses
import functools
import importlib
import json
import re
from collections.abc import Sequence
from typing import Any

from ansible_collections.litemaas.models.plugins.plugin_utils._role import ENVIRONMENT, OLDER_NAMES, OLDER_PREFIX, PREFIX, own_default
from tests.generate.markup import to_markdown
from tests.generate.tables import FROM_OPTION, Row, Section, TableError

MODULES = ("litellm_model", "litemaas_model_sync", "litemaas_orphan_cleanup")
# An older name of the list that another role's variables have for it. It is documented with the list's.
UNDOCUMENTED = ("ocp4_workload_litemaas_litellm_models",)


@dataclasses.dataclass(frozen=True)
class Variable:
    """One variable of the role. ``option`` is what Ansible says of it: type, default, choices, whether it is a secret."""

    name: str
    row: Row
    option: dict[str, Any]

    @property
    def older_names(self) -> tuple[str, ...]:
        """Names under which it may be given as well, in this order."""
        return OLDER_NAMES.get(self.name, ())

    @property
    def environment(self) -> tuple[str, ...]:
        """Variables of the environment that count where none of the names is set."""
        return ENVIRONMENT.get(self.name, ())

    def documentation(self) -> dict[str, Any]:
        """The variable in meta/argument_specs.yml."""
        return {"description": [*self.row.description, *self._default_sentence()], **self.option}

    def default_line(self) -> str:
        """The value of the variable in defaults/main.yml."""
        if self.older_names or self.environment:
            return json.dumps(own_default(self.name))
        default = self.option.get("default")
        return default if isinstance(default, str) and re.fullmatch(r"\w+", default) else json.dumps(default)

    def cells(self) -> list[str]:
        """The variable as a row of the reference page: name, older names, type, default and meaning, in Markdown."""
        default = self.option.get("default")
        outside = ", then ".join(self.from_outside(older=False))
        told = [*self.row.description]
        if default not in (None, "") and self.environment:
            told.append(f"{self._of_environment()} in the environment takes precedence over the default.")
        told += self._required()
        return [
            f"`{self.name}`",
            ", ".join(f"`{name}`" for name in self.older_names),
            self._type() + (", secret" if self.option.get("no_log") else ""),
            to_markdown(outside) if default in (None, "") else f"`{default if isinstance(default, str) else json.dumps(default)}`",
            to_markdown(" ".join(told)),
        ]

    def from_outside(self, older: bool = True) -> list[str]:
        """Where the value comes from without the variable's own name, in this order, with Ansible's markup."""
        names = [f"C({name})" for name in self.older_names] if older else []
        environment = [f"{self._of_environment()} from the environment"] if self.environment else []
        return [*names, *environment, *([self.row.said["otherwise"]] if "otherwise" in self.row.said else [])]

    def _of_environment(self) -> str:
        return " or ".join(f"C({name})" for name in self.environment)

    def _type(self) -> str:
        choices = ", ".join(f"`{choice}`" for choice in self.option.get("choices", ()))
        members = f"list of {self.option['elements']}" if "elements" in self.option else ""
        return f"one of {choices}" if choices else members or {"raw": "list, or text"}.get(self.option["type"], self.option["type"])

    def _default_sentence(self) -> list[str]:
        found = self.from_outside()
        if not found:
            return []
        return [" ".join([f"Default is {', then '.join(found)}.", *self._required()])]

    def _required(self) -> list[str]:
        required = self.row.said.get("required")
        return [f"One of these must provide it{f', {required}' if isinstance(required, str) else ''}."] if required else []


def role_variables(sections: Sequence[Section]) -> list[tuple[str, list[Variable]]]:
    """The variables in the sections of their table. Raises TableError."""
    return [(section.title, [_variable(row) for row in section.rows]) for section in sections]


def older_names(variables: Sequence[Variable]) -> dict[str, dict[str, Any]]:
    """The older role's variables: each is another name of one of these variables, and says what counts where it is not set."""
    found = {name: _older(variable, name) for variable in variables for name in variable.older_names if name not in UNDOCUMENTED}
    return dict(sorted(found.items(), key=lambda item: item[0].startswith(OLDER_PREFIX)))


def _older(variable: Variable, name: str) -> dict[str, Any]:
    after = variable.older_names[variable.older_names.index(name) + 1 :]
    rest = [f"C({other})" if other in UNDOCUMENTED else f"O({other})" for other in after] or variable.from_outside(older=False)
    return {"description": [f"{variable.row.summary}.", *([f"Default is {rest[0]}."] if rest else [])], **variable.option}


def _variable(row: Row) -> Variable:
    option = row.said.get("option", row.name)
    own = {key: row.said[key] for key in FROM_OPTION if key in row.said}
    if option is False:
        return Variable(PREFIX + row.name, row, own)
    if option not in _options():
        raise TableError(f"variables.yml: {row.name} is no option of {', '.join(MODULES)}: name one in option, or set that to false")
    mirrored = {key: value for key, value in _options()[option].items() if key in FROM_OPTION and value is not None}
    if not mirrored.get("no_log"):
        mirrored.pop("no_log", None)
    merged = {**mirrored, **own}
    if merged["type"] == "list":
        merged.setdefault("default", [])
    if merged["type"] == "raw":
        merged.pop("elements", None)
    return Variable(
        PREFIX + row.name, row, {key: merged[key] for key in ("type", "elements", "choices", "no_log", "default") if key in merged}
    )


@functools.cache
def _options() -> dict[str, dict[str, Any]]:
    """All options of the role's modules."""
    found: dict[str, dict[str, Any]] = {}
    for name in MODULES:
        module = importlib.import_module(f"ansible_collections.litemaas.models.plugins.modules.{name}")
        found.update({option: spec for option, spec in module.argument_spec().options.items() if option not in found})
    return found
