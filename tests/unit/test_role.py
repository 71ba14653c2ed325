# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role says before it asks a server, and how it hands on what the modules said. One run of Ansible for all."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVERS = {
    "litellm_url": "http://127.0.0.1:9", "litellm_master_key": "demo-key-not-real", "litemaas_models_database_url": "postgresql://127.0.0.1:9/x",
}  # fmt: skip
# What each use of the role is given beside the servers.
USES: dict[str, dict[str, Any]] = {
    "typos": {
        **SERVERS, "ocp4_workload_litemaas_models_cleanup_orphan": False, "ocp4_workload_litemaas_model_list": [],
        "ocp4_workload_litemaas_models_retry_count": 1,
    },
    "no cluster": {},
    "no namespace": {"litemaas_models_namespace": ""},
    "older names": {
        "litellm_url": "", **{f"ocp4_workload_litemaas_models_{name}": value for name, value in {
            "list": [], "namespace": "x", "backend_enabled": True, "sync_from_litellm": False, "cleanup_orphaned": True, "verify_ssl": True,
            "api_timeout": 1, "retry_count": 1, "retry_delay": 5,
        }.items()}, "litemaas_models_litellm_url": "http://127.0.0.1:9", "litemaas_models_litellm_api_key": "demo-key-not-real",
        "litemaas_models_database_url": "postgresql://127.0.0.1:9/x",
    },
}  # fmt: skip
CONFLICT = "LiteLLM has 2 deployments of it (a, b): give model_id, or set duplicates to collapse"
# What a module's result could be.
STEPS = {
    "litellm": {
        "failed": True,
        "msg": f"1 of 2 models failed: dup: {CONFLICT}",
        "models": [
            {"model_name": "dup", "action": "failed", "reason": CONFLICT},
            {"model_name": "m", "action": "unchanged", "reason": "as it should be"},
        ],
    },
    "backend": {"skipped": True},
    "cleanup": {"skipped": True},
}


def _use(name: str, given: dict[str, Any]) -> dict[str, Any]:
    role = {"name": "litemaas.models.litemaas_models", "tasks_from": "validate"}
    said = {"ansible.builtin.set_fact": {"said": "{{ said | default({}) | combine({name: ansible_failed_result.msg}) }}"}}
    return {"block": [{"ansible.builtin.include_role": role, "vars": given}], "rescue": [{**said, "vars": {"name": name}}]}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what the role said in each use, and its results of STEPS."""
    folder = tmp_path_factory.mktemp("role")
    both = "{{ said | combine({'result': steps | litemaas.models.result(false, {})}) | to_json }}"
    copy = {"content": both, "dest": str(folder / "said.json"), "mode": "0600"}
    shown = {"ansible.builtin.copy": copy, "vars": {"steps": STEPS}}
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [*(_use(name, given) for name, given in USES.items()), shown]}
    (folder / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
    env = {"HOME": str(folder), "LC_ALL": "C.UTF-8", **{name: os.environ[name] for name in ("PATH", "ANSIBLE_COLLECTIONS_PATH")}}
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "play.yml"]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads((folder / "said.json").read_text(encoding="utf-8"))
    return found


def test_a_typo_in_an_older_name_fails(said: dict[str, Any]) -> None:
    typos = (
        "ocp4_workload_litemaas_model_list (did you mean ocp4_workload_litemaas_models_list?), "
        "ocp4_workload_litemaas_models_cleanup_orphan (did you mean ocp4_workload_litemaas_models_cleanup_orphaned?)"
    )
    assert f"that it does not have: {typos}. " in said["typos"]


def test_every_older_name_is_known(said: dict[str, Any]) -> None:
    assert said["older names"].startswith("There is nothing to do")


def test_what_is_missing_is_said_in_whole_sentences(said: dict[str, Any]) -> None:
    assert said["no cluster"].endswith(
        "It cannot be looked for in namespace litemaas either: there is no kubeconfig, no K8S_AUTH_HOST in the environment and nothing in "
        "litemaas_models_kubernetes."
    )
    assert said["no namespace"].endswith(" to false. Or let it be found in a namespace: set litemaas_models_namespace.")
    missing = ["The address of the LiteLLM proxy", "The admin key of the LiteLLM proxy", "The database of the LiteMaaS backend"]
    assert [said["no namespace"].count(f"{what} is missing. Set litellm_") for what in missing] == [1, 1, 0]
    assert said["no namespace"].count("The database of the LiteMaaS backend is missing. ") == 1


def test_a_conflict_is_told_with_the_name_once(said: dict[str, Any]) -> None:
    assert said["result"]["problems"] == [f"LiteLLM proxy: 1 of 2 models failed: dup: {CONFLICT}"]
    assert [model["reason"] for model in said["result"]["litellm"]["models"]] == [CONFLICT, "as it should be"]


def test_a_part_of_a_play_that_uses_the_role(tmp_path: Path) -> None:
    """A playbook with another role before it, and what the documents show: --tags and --skip-tags find the role's steps."""
    plays = [ROOT / "playbooks" / "deploy_litemaas.yml"]
    for number, page in enumerate(("docs/coming-from-ocp4_workload_litemaas_models.md", "roles/ocp4_workload_litemaas_models/README.md")):
        shown = re.search(r"```yaml\n(- name: .*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
        assert shown, page
        plays.append(tmp_path / f"play-{number}.yml")
        plays[-1].write_text(shown.group(1), encoding="utf-8")
    for part in (["--tags", "sync"], ["--skip-tags", "models"]):
        command = [str(Path(sys.executable).with_name("ansible-playbook")), "--list-tasks", *part, *map(str, plays)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "ANSIBLE_NOCOLOR": "true"})
        assert done.returncode == 0, done.stderr
        listed = re.split(r"(?m)^playbook: ", done.stdout)[1:]
        assert ["Sync the models to the LiteMaaS backend" in play for play in listed] == [True] * 3, done.stdout
