# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same tasks in the controller's process and as modules: the same results, and the same is seen."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.ci.ansible_test import CORES
from tests.integration.playbook import ansible_playbook

SECRET = "demo-key-not-real"
MODEL = {"litellm_model": "openai/demo", "api_base": "http://demo.example.com/v1", "api_key": SECRET}
NOWHERE = {"litellm_url": "http://127.0.0.1:9", "litellm_api_key": SECRET, "retries": 0}
OURS = ("LITELLM_", "LITEMAAS_", "DATABASE_URL", "PG", "K8S_AUTH_")
# What no two runs have in common.
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})?")
DURATION = re.compile(r"\b\d+(\.\d+)? ?(ms|s|seconds)\b")
NUMBERED_ID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b")
# A warning or an error beside the results.
TROUBLE = re.compile(r"^\[(?:WARNING|ERROR)\].*?(?=^(?:\[|TASK |--- |ok: |changed: |fatal: |failed: |FAILED))", re.MULTILINE | re.DOTALL)


def task(module: str, options: Mapping[str, Any], **keywords: Any) -> dict[str, Any]:
    """Return a task whose result is kept; a failure does not end the play."""
    return {f"litemaas.models.{module}": dict(options), "ignore_errors": True, **keywords}


def both_ways(program: Path, folder: Path, tasks: list[dict[str, Any]], variables: Mapping[str, str], *arguments: str) -> tuple[str, str]:
    """Play tasks on a host where they run in process and then on one where modules run. Return what was seen and registered of each."""
    names = [f"result_{number}" for number in range(len(tasks))]
    kept = {"content": "{{ dict(names | zip(query('ansible.builtin.vars', *names))) | to_json }}", "mode": "0600"}
    play = {
        "hosts": "all", "gather_facts": False, "serial": 1,
        "vars": {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}", "names": names},
        "tasks": [
            *({**one, "register": name} for one, name in zip(tasks, names)),
            {"ansible.builtin.copy": {**kept, "dest": f"{folder}/{{{{ inventory_hostname }}}}.json"}, "no_log": True, "diff": False},
        ],
    }  # fmt: skip
    (folder / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
    hosts = {
        "process": {"ansible_remote_tmp": str(folder / "of-process")},
        "modules": {"ansible_remote_tmp": str(folder / "of-modules"), "litemaas_models_in_process": False},
    }
    (folder / "hosts.json").write_text(json.dumps({"all": {"hosts": hosts}}), encoding="utf-8")
    env = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    env.update(ANSIBLE_NOCOLOR="true", ANSIBLE_KEEP_REMOTE_FILES="true", ANSIBLE_PIPELINING="false", **variables)
    command = [str(program), "-i", "hosts.json", "play.yml", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stdout
    archives = {host: [str(path) for path in folder.glob(f"of-{host}/*/AnsiballZ_lite*.py")] for host in hosts}
    assert archives["process"] == []
    assert len(archives["modules"]) >= len(tasks)
    seen = re.split(r"^PLAY \[.*|^PLAY RECAP.*", done.stdout, flags=re.MULTILINE)
    assert len(seen) == 4, done.stdout
    # Ansible shows the same text once in a run: what the modules say was said before.
    assert not TROUBLE.search(seen[2]), seen[2]
    assert SECRET not in done.stdout
    return compared(folder, "process", TROUBLE.sub("", seen[1])), compared(folder, "modules", seen[2])


def compared(folder: Path, host: str, seen: str) -> str:
    """Return what a host's tasks showed and registered, without what no two runs have in common."""
    registered = (folder / f"{host}.json").read_text(encoding="utf-8")
    assert SECRET not in registered
    text = seen.replace(host, "HOST") + json.dumps(json.loads(registered), indent=1, sort_keys=True).replace(host, "HOST")
    return NUMBERED_ID.sub("ID", DURATION.sub("SO LONG", MOMENT.sub("THEN", text)))


@pytest.mark.parametrize("core", sorted(CORES))
def test_on_each_core(core: str, tmp_path: Path) -> None:
    """What Ansible makes of options and results differs by its release. No server is needed for that."""
    (tmp_path / "ca.pem").write_text("no certificate", encoding="utf-8")
    tasks = [
        task("litellm_model", {**NOWHERE, "models": [{"model_name": "{{ '{{' }} no template }}", **MODEL}]}),
        task("litellm_model", {**NOWHERE, "modles": [{"model_name": "m", **MODEL}]}),
        task("litellm_model", {**NOWHERE, "timeout": "long", "models": [{"model_name": "m", **MODEL}]}),
        task("litellm_model", {**NOWHERE, "litellm_master_key": SECRET, "models": [{"model_name": "m", **MODEL}]}, no_log=True),
        task("litellm_model_info", {"litellm_api_key": SECRET, "retries": 0}, environment={"LITELLM_API_URL": "http://127.0.0.1:9"}),
        task("litellm_model_info", {**NOWHERE, "litellm_url": "https://127.0.0.1:9", "ca_path": "ca.pem"}),
        task("litemaas_model_sync", {"pull": True, **NOWHERE, "database_url": f"postgresql://u:{SECRET}@127.0.0.1:9/x"}, check_mode=True),
        task("litemaas_orphan_cleanup", {"keep_models": [1.10], **NOWHERE}),
        task("litemaas_sync_info", {"history_limit": "{{ item }}"}, loop=["0", "many"]),
    ]  # fmt: skip
    in_process, modules = both_ways(ansible_playbook(core), tmp_path, tasks, {"PYTHONPATH": os.environ["PYTHONPATH"]}, "-v")
    assert in_process == modules


def test_elsewhere_the_module_runs(tmp_path: Path) -> None:
    """Of these tasks Ansible itself runs the module, except for the last."""
    info = {"litemaas.models.litellm_model_info": NOWHERE, "ignore_errors": True}
    tasks = [
        {**info, "async": 60, "poll": 1},
        {**info, "timeout": 60},
        {**info, "environment": {"PYTHONDONTWRITEBYTECODE": "1"}},
        {**info, "delegate_to": "other"},
        {**info, "run_once": True},
    ]
    play = {
        "hosts": "process", "gather_facts": False, "strategy": "free", "tasks": tasks,
    }  # fmt: skip
    hosts = {
        "process": {"ansible_connection": "local", "ansible_python_interpreter": sys.executable},
        "other": {"ansible_connection": "local", "ansible_python_interpreter": f"/usr/bin/env {sys.executable}"},
    }
    (tmp_path / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
    (tmp_path / "hosts.json").write_text(json.dumps({"all": {"hosts": hosts}}), encoding="utf-8")
    env = {**os.environ, "ANSIBLE_NOCOLOR": "true"}
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-vvv", "-i", "hosts.json", "play.yml"]
    done = subprocess.run(
        command, cwd=tmp_path, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("in the controller's process") == 1, done.stdout
