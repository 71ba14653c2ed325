# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks in a clone that is installed nowhere, on the oldest and the newest ansible-core. No server."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.ci.ansible_test import CORES
from tests.integration.playbook import ROOT, ansible_playbook

pytestmark = pytest.mark.parametrize("core", [min(CORES), max(CORES)])

SERVERS = {"LITELLM_API_URL": "http://127.0.0.1:9", "LITELLM_API_KEY": "demo-key-not-real", "DATABASE_URL": "postgresql://127.0.0.1:9/x"}
FAILING = [{"name": "Deploy", "ansible.builtin.fail": {"msg": "the cluster is full"}}]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a copy of what the playbooks need, where Ansible would read no ansible.cfg: anybody may write there."""
    folder = tmp_path / "a clone"
    for name in ("meta", "playbooks", "plugins", "roles"):
        shutil.copytree(ROOT / name, folder / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    folder.chmod(0o777)
    return folder


def _role(folder: Path, tasks: list[Any]) -> None:
    (folder / "tasks").mkdir(parents=True)
    (folder / "tasks" / "main.yml").write_text(json.dumps(tasks), encoding="utf-8")


def _play(core: str, clone: Path, name: str, *arguments: str) -> str:
    """Return what a playbook of the clone prints, which must fail, with another version of the collection installed."""
    program = ansible_playbook(core)
    elsewhere = clone.parent
    env = {
        "HOME": str(elsewhere), "LC_ALL": "C.UTF-8", "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
        "ANSIBLE_COLLECTIONS_PATH": str(elsewhere / "installed"), "ANSIBLE_ROLES_PATH": str(elsewhere / "roles"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    installed = elsewhere / "installed" / "ansible_collections" / "litemaas" / "models"
    _role(
        installed / "roles" / "litemaas_models", [{"name": "Be another version", "ansible.builtin.fail": {"msg": "the installed one ran"}}]
    )
    command = [str(program), str(clone / "playbooks" / name), *arguments]
    done = subprocess.run(command, cwd=elsewhere, env={**env, **SERVERS}, capture_output=True, text=True, timeout=60, check=False)
    output = " ".join((done.stdout + done.stderr).split())
    assert done.returncode != 0, output
    return output


def test_a_playbook_runs_the_collection_that_it_lies_in(core: str, clone: Path) -> None:
    given = {
        "litemaas_models_retry_count": 0,
        "litemaas_models_backend_enabled": False,
        "litemaas_models_list": [{"model_name": "a", "state": "absent"}],
    }
    output = _play(core, clone, "manage_models.yml", "-e", json.dumps(given))
    assert "Failed to connect to LiteLLM at http://127.0.0.1:9" in output


def test_a_deployment_that_cannot_begin_or_fails(core: str, clone: Path) -> None:
    """Two installations: the role of one is not installed, that of the other fails. The models of both are left alone."""
    hosts = {"missing": {}, "failing": {"litemaas_deployment_role": "our_deployment"}}
    inventory = clone.parent / "inventory.json"
    inventory.write_text(json.dumps({"litemaas": {"hosts": hosts, "vars": {"ansible_connection": "local"}}}), encoding="utf-8")
    _role(clone.parent / "roles" / "our_deployment", FAILING)
    output = _play(core, clone, "deploy_litemaas.yml", "-i", str(inventory), "-e", "litemaas_models_serial=2")
    assert (
        "The deployment role rhpds.litemaas.ocp4_workload_litemaas cannot be loaded: it, or a role that it uses, is not installed" in output
    )
    assert "set litemaas_deployment_role to the name of another role. No model was changed." in output
    assert 'The deployment failed in the task \\"Deploy\\", which says above why. No model was changed.' in output
    assert "Wait until LiteLLM answers" not in output
