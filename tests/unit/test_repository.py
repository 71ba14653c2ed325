# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a contributor meets first: commands, paths and names that the pages and the workflows promise are there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PAGES = [
    ROOT / name for name in ("CONTRIBUTING.md", "README.md", "SECURITY.md", ".github/pull_request_template.md", ".pre-commit-config.yaml")
]
DECISIONS = ROOT / "docs" / "decisions"
# The actions that are used, each by a major version that its makers keep.
ACTIONS = {"actions/cache@v4", "actions/checkout@v6", "actions/setup-python@v6", "actions/upload-artifact@v4"}


def _steps() -> list[dict[str, Any]]:
    workflows = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in WORKFLOWS]
    return [step for workflow in workflows for job in workflow["jobs"].values() for step in job["steps"]]


def test_each_command_is_a_target_of_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*  ## ", MAKEFILE, re.MULTILINE))
    for path in (*PAGES, *WORKFLOWS):
        commands = re.findall(r"(?:^|`|entry: |run: )make((?: [a-z-]+)+)(?=`|$| +#)", path.read_text(encoding="utf-8"), re.MULTILINE)
        for command in commands:
            assert set(command.split()) <= targets, f"{path.name}: make{command}"


def test_ci_runs_every_stage() -> None:
    [workflow] = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in WORKFLOWS if path.name == "ci.yml"]
    job = workflow["jobs"]["test"]
    [stages] = re.findall(r"^STAGES = (.+)$", MAKEFILE, re.MULTILINE)
    assert job["strategy"]["matrix"]["target"] == stages.split()
    assert "make ${{ matrix.target }}" in [step.get("run") for step in job["steps"]]


def test_workflows_use_known_actions_and_read_only() -> None:
    assert {step["uses"] for step in _steps() if "uses" in step} == ACTIONS
    for path in WORKFLOWS:
        assert yaml.safe_load(path.read_text(encoding="utf-8"))["permissions"] == {"contents": "read"}


@pytest.mark.parametrize("path", [*PAGES, *sorted(DECISIONS.glob("*.md"))], ids=lambda path: path.relative_to(ROOT).as_posix())
def test_each_path_that_a_page_names_is_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named = re.findall(r"`((?:\.github|changelogs|docs|examples|meta|playbooks|plugins|roles|tests)/[\w./-]*\w)`", text)
    missing = [name for name in named if not (ROOT / name).exists()]
    assert missing == []


def test_the_list_of_decisions_is_whole() -> None:
    listed = re.findall(r"\]\((\w+\.md)\)", (DECISIONS / "README.md").read_text(encoding="utf-8"))
    assert sorted(listed) == sorted(path.name for path in DECISIONS.glob("*.md") if path.name != "README.md")
    for name in listed:
        headings = re.findall(r"^## (.+)$", (DECISIONS / name).read_text(encoding="utf-8"), re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences", "Figures"], name


def test_git_does_not_take_models_files_and_inventories_of_ones_own() -> None:
    own = [
        "models.yml", "models.json", "my-keys.yml", "production_models.yaml", "playbooks/models.yml", "examples/production-models.yml",
        "inventory", "inventory.ini", "inventories/production.yml", "examples/inventory-production.yml", "hosts.yml",
        "playbooks/group_vars/all.yml",
    ]  # fmt: skip
    ours = [
        "examples/models.yml", "examples/inventory.yml", "playbooks/manage_models.yml", "plugins/inventory/litemaas.py",
        "roles/litemaas_models/tasks/models.yml", "tests/data/models.json", "playbooks/deploy_litemaas.yml",
        "changelogs/fragments/models.yml",
    ]  # fmt: skip
    command = ["git", "check-ignore", "--no-index", *own, *ours]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.split() == own
