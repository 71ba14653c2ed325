# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The group for module_defaults: every module is in it and takes what it sets. A module refuses options that it does not have."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.litemaas.models.plugins.module_utils._run import argspec

ROOT = Path(__file__).resolve().parents[2]
GROUPS: dict[str, list[str]] = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["action_groups"]
# Without what only documents an action.
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py") if path.stem != "show_text")


def _module(name: str) -> Any:
    return importlib.import_module(f"ansible_collections.litemaas.models.plugins.modules.{name}")


def test_every_module_is_in_the_group() -> None:
    assert {"litemaas": MODULES} == GROUPS


@pytest.mark.parametrize("module", MODULES)
def test_a_module_takes_the_options_of_all_servers(module: str) -> None:
    options = _module(module).argument_spec().options
    for name, option in argspec.connection().options.items():
        assert options[name] == option


@pytest.mark.parametrize("module", MODULES)
def test_the_documentation_names_the_group(module: str) -> None:
    fragments = yaml.safe_load(_module(module).DOCUMENTATION)["extends_documentation_fragment"]
    assert "litemaas.models._attributes.actiongroup_litemaas" in fragments


def test_the_readme_shows_the_group() -> None:
    assert "group/litemaas.models.litemaas:" in (ROOT / "README.md").read_text(encoding="utf-8")
