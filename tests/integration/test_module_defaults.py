# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A play that names the servers once, in module_defaults."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support.processes import free_port

TASKS: dict[str, dict[str, Any]] = {
    "litellm_model": {"model_name": "a", "litellm_model": "ollama/a", "api_base": "http://a.example.com"},
    "litellm_model_info": {},
    "litemaas_model_sync": {},
    "litemaas_orphan_cleanup": {},
    "litemaas_sync_info": {},
}
OURS = ("LITELLM_", "LITEMAAS_", "DATABASE_URL", "PG", "K8S_AUTH_")


def _messages(folder: Path, defaults: dict[str, Any], tasks: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Return what each module says that is run with these defaults and options, and with nothing in the environment."""
    run = [{f"litemaas.models.{name}": options, "register": name, "ignore_errors": True} for name, options in tasks.items()]
    messages = "{{ dict(names | zip(query('ansible.builtin.vars', *names) | map(attribute='msg'))) | to_json }}"
    copy = {"content": messages, "dest": str(folder / "messages.json"), "mode": "0600"}
    play = {
        "hosts": "localhost", "gather_facts": False, "module_defaults": defaults,
        "tasks": [*run, {"ansible.builtin.copy": copy, "vars": {"names": list(tasks)}}],
    }  # fmt: skip
    playbook = folder / "play.yml"
    playbook.write_text(json.dumps([play]), encoding="utf-8")
    env = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    command = [Path(sys.executable).with_name("ansible-playbook"), playbook]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "not-real" not in done.stdout
    said: dict[str, str] = json.loads((folder / "messages.json").read_text(encoding="utf-8"))
    return said


def test_the_servers_are_named_once(tmp_path: Path) -> None:
    """Nobody listens there: each module says where it looked."""
    proxy, database = free_port(), free_port()
    defaults = {
        "group/litemaas.models.litemaas": {
            "litellm_url": f"http://127.0.0.1:{proxy}", "litellm_api_key": "demo-key-not-real", "retries": 0,
            "database_url": f"postgresql://user:demo-not-real@127.0.0.1:{database}/litemaas_db",
        }
    }  # fmt: skip
    for name, said in _messages(tmp_path, defaults, TASKS).items():
        expected = proxy if name.startswith("litellm") else database
        assert f"127.0.0.1:{expected}" in said or f'"127.0.0.1", port {expected}' in said, f"{name}: {said}"


def test_the_namespace_is_named_once(tmp_path: Path, kubernetes_core: None) -> None:
    host = f"https://127.0.0.1:{free_port()}"
    cluster = {"namespace": "of-the-test", "kubernetes": {"host": host, "api_key": "demo-token-not-real", "validate_certs": False}}
    tasks = {name: TASKS[name] for name in ("litellm_model", "litemaas_sync_info")}
    for name, said in _messages(tmp_path, {"group/litemaas.models.litemaas": cluster}, tasks).items():
        assert "namespace of-the-test" in said, f"{name}: {said}"
        assert host in said, f"{name}: {said}"
