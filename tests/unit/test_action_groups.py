# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The groups for module_defaults: what a group sets, each of its modules has. A module refuses options that it does not have."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.litemaas.models.plugins.module_utils import _argspec

ROOT = Path(__file__).resolve().parents[2]
GROUPS: dict[str, list[str]] = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["action_groups"]
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
SETS = {"litellm": _argspec.litellm(), "database": _argspec.database(), "litemaas": _argspec.openshift()}


def _options(module: str) -> dict[str, Any]:
    found = importlib.import_module(f"ansible_collections.litemaas.models.plugins.modules.{module}")
    options: dict[str, Any] = found.argument_spec().options
    return options


def test_a_group_has_the_modules_with_its_options() -> None:
    assert set(GROUPS) == set(SETS)
    assert GROUPS["litemaas"] == MODULES
    for group, spec in SETS.items():
        having = [module for module in MODULES if set(spec.options) & set(_options(module))]
        assert GROUPS[group] == having
        assert all(set(spec.options) <= set(_options(module)) for module in having)


def test_the_documentation_names_the_groups_of_a_module() -> None:
    attributes = importlib.import_module("ansible_collections.litemaas.models.plugins.doc_fragments._attributes").ModuleDocFragment
    for module in MODULES:
        found = importlib.import_module(f"ansible_collections.litemaas.models.plugins.modules.{module}")
        fragments = yaml.safe_load(found.DOCUMENTATION)["extends_documentation_fragment"]
        [name] = [name.rsplit(".", 1)[1].upper() for name in fragments if "actiongroup" in name]
        documented = yaml.safe_load(getattr(attributes, name))["attributes"]["action_group"]
        groups = {f"litemaas.models.{group}" for group, members in GROUPS.items() if module in members}
        assert set(documented["membership"]) == groups
        assert all(f"C(group/{group})" in documented["description"][0] for group in groups)


def test_the_readme_shows_each_group() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"group/litemaas.models.{group}" in readme for group in GROUPS)
