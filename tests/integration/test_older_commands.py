# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands that users of the role ocp4_workload_litemaas_models know, word for word, on real servers."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.playbook import ROOT, Playbook, Played
from tests.support.litemaas import Seeder
from tests.support.stack import LITEMAAS_DATABASE

pytestmark = [pytest.mark.litellm, pytest.mark.postgres, pytest.mark.slow, pytest.mark.any_litellm]

# All that is put in for the values of the commands' examples.
URL = "https://litellm-admin.apps.cluster.com"
KEY = "sk-xxxxx"

FILE = "ansible-playbook playbooks/manage_models.yml -e @my-models.yml"
SYNC = """\
ansible-playbook playbooks/manage_models.yml \\
  -e litellm_url=https://litellm-admin.apps.cluster.com \\
  -e litellm_master_key=sk-xxxxx \\
  -e ocp4_workload_litemaas_models_namespace=litemaas \\
  -e ocp4_workload_litemaas_models_list=[] \\
  -e ocp4_workload_litemaas_models_sync_from_litellm=true
"""
SYNC_WITHOUT_NAMESPACE = SYNC.replace("  -e ocp4_workload_litemaas_models_namespace=litemaas \\\n", "")
INLINE = """\
ansible-playbook playbooks/manage_models.yml \\
  -e litellm_url=https://litellm-admin.apps.cluster.com \\
  -e litellm_master_key=sk-xxxxx \\
  -e '{"ocp4_workload_litemaas_models_list":[{
    "model_name":"granite-8b-code-instruct-128k",
    "litellm_model":"openai/granite-3-2-8b-instruct",
    "api_base":"https://granite.apps.cluster.com/v1",
    "api_key":"sk-yyy",
    "display_name":"Granite 8B Code Instruct",
    "description":"IBM Granite Code model",
    "provider":"openshift-ai",
    "category":"code",
    "context_length":131072,
    "rpm":120,
    "tpm":100000
  }]}'
"""
CLEANUP = """\
ansible-playbook playbooks/manage_models.yml \\
  -e litellm_url=https://litellm-admin.apps.cluster.com \\
  -e litellm_master_key=sk-xxxxx \\
  -e ocp4_workload_litemaas_models_namespace=litemaas \\
  -e ocp4_workload_litemaas_models_sync_from_litellm=true \\
  -e ocp4_workload_litemaas_models_cleanup_orphaned=true
"""
NO_CLEANUP = """\
ansible-playbook playbooks/manage_models.yml \\
  -e litellm_url=https://litellm-admin.apps.cluster.com \\
  -e litellm_master_key=sk-xxxxx \\
  -e ocp4_workload_litemaas_models_cleanup_orphaned=false
"""
SCRIPT = "./sync-models.sh litemaas"
SCRIPT_WITH_VALUES = """\
LITELLM_URL=https://litellm-admin.apps.cluster.com \\
LITELLM_MASTER_KEY=sk-xxxxx \\
./sync-models.sh litemaas
"""

MODELS_FILE = """\
litellm_url: "https://litellm-admin.apps.cluster.com"
litellm_master_key: "sk-xxxxx"
ocp4_workload_litemaas_models_namespace: "litemaas"
ocp4_workload_litemaas_models_backend_enabled: true
ocp4_workload_litemaas_models_sync_from_litellm: true
ocp4_workload_litemaas_models_list:
  - model_name: "mistral-7b-instruct"
    litellm_model: "openai/mistral-7b-instruct-v0.2"
    api_base: "https://mistral-model.apps.cluster.com/v1"
    api_key: "sk-yyyyy"
    display_name: "Mistral 7B Instruct"
    description: "Mistral 7B Instruct v0.2"
    provider: "openshift-ai"
    category: "general"
    context_length: 32768
    rpm: 60
    tpm: 50000
"""
# The one place where the name differs: the collection's, in playbooks of one's own.
PLAY = """\
- name: Manage LiteMaaS Models
  hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - name: Run model management role
      ansible.builtin.include_role:
        name: litemaas.models.ocp4_workload_litemaas_models
"""
OWN_PLAYBOOK = "ansible-playbook own.yml -e @my-models.yml --check"


class Terminal:
    """A shell in a clone that is installed nowhere: commands with the real servers' values, nothing of LiteLLM in the environment."""

    def __init__(self, playbook: Playbook) -> None:
        self.playbook = playbook
        self.folder = playbook.folder / "clone"
        self.folder.mkdir()
        for name in ("playbooks", "sync-models.sh"):
            (self.folder / name).symlink_to(ROOT / name)

    def with_values(self, text: str) -> str:
        """Put the real servers' values into a text."""
        return text.replace(URL, self.playbook.stack.litellm_url).replace(KEY, self.playbook.stack.master_key)

    def write(self, name: str, text: str) -> None:
        """Write a file into the clone."""
        (self.folder / name).write_text(self.with_values(text), encoding="utf-8")

    def run(self, command: str, *, installed: bool = False, **environment: str) -> Played:
        """Run a command with DATABASE_URL, and with ``environment``, in the environment."""
        env = {name: value for name, value in os.environ.items() if not name.startswith(("LITELLM_", "LITEMAAS_", "PG"))}
        if not installed:
            env |= {"ANSIBLE_COLLECTIONS_PATH": str(self.folder / "nothing"), "PYTHONPATH": ""}
        env |= {"PATH": os.pathsep.join([str(Path(sys.executable).parent), *os.get_exec_path()])}
        env |= {"DATABASE_URL": self.playbook.stack.database_url, "ANSIBLE_SHOW_CUSTOM_STATS": "true", "ANSIBLE_NOCOLOR": "true"}
        done = subprocess.run(
            ["sh", "-c", self.with_values(command)], cwd=self.folder, env={**env, **environment}, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=240, check=False,
        )  # fmt: skip
        return Played(done.returncode, done.stdout)


@pytest.fixture
def terminal(playbook: Playbook) -> Terminal:
    return Terminal(playbook)


def test_the_documented_commands(terminal: Terminal) -> None:
    """One after the other, as in the life of an installation."""
    playbook = terminal.playbook
    terminal.write("my-models.yml", MODELS_FILE)
    terminal.write("own.yml", PLAY)

    first = terminal.run(FILE).ok(changed=True)
    assert first.actions("litellm") == {"mistral-7b-instruct": "created"}
    row = playbook.rows("id, name, description, provider, category, availability, rpm, tpm")["mistral-7b-instruct"]
    assert row[1:] == ["Mistral 7B Instruct", "Mistral 7B Instruct v0.2", "openshift-ai", "general", "available", "60", "50000"]
    terminal.run(OWN_PLAYBOOK, installed=True).ok(changed=False)

    inline = terminal.run(INLINE).ok(changed=True)
    assert inline.actions("backend")["granite-8b-code-instruct-128k"] == "created"

    playbook.add_in_admin_ui("by-hand")
    assert terminal.run(SYNC).ok(changed=True).actions("backend")["by-hand"] == "created"
    terminal.run(SYNC_WITHOUT_NAMESPACE).ok(changed=False)

    [model_id] = playbook.deployments()["by-hand"]
    playbook.stack.proxy.request("POST", "/model/delete", {"id": model_id})
    terminal.run(NO_CLEANUP).ok(changed=False)
    assert "by-hand" in playbook.rows()
    assert terminal.run(CLEANUP).ok(changed=True).actions("cleanup") == {"by-hand": "deleted"}
    assert "by-hand" not in playbook.rows()
    assert all(len(ids) == 1 for ids in playbook.deployments().values())


def test_the_script(terminal: Terminal) -> None:
    """What it needs to know is in the environment."""
    playbook = terminal.playbook
    playbook.add_in_admin_ui("by-hand")
    Seeder(playbook.stack.postgres, LITEMAAS_DATABASE).models(["gone"])
    before = playbook.both_sides()
    terminal.run(f"{SCRIPT_WITH_VALUES.rstrip()} --check --diff").ok(changed=True)
    assert playbook.both_sides() == before
    done = terminal.run(SCRIPT_WITH_VALUES).ok(changed=True)
    assert (done.actions("backend")["by-hand"], done.actions("cleanup")) == ("created", {"gone": "deleted"})
    assert playbook.stack.master_key not in done.output
    values = {"LITELLM_URL": playbook.stack.litellm_url, "LITELLM_MASTER_KEY": playbook.stack.master_key}
    terminal.run(SCRIPT, **values).ok(changed=False)


@pytest.mark.installed
def test_the_script_of_the_installed_collection(terminal: Terminal) -> None:
    base = os.environ["ANSIBLE_COLLECTIONS_PATH"].split(os.pathsep)[0]
    terminal.playbook.add_in_admin_ui("by-hand")
    command = shlex.quote(f"{base}/ansible_collections/litemaas/models/sync-models.sh") + " litemaas"
    values = {"LITELLM_URL": terminal.playbook.stack.litellm_url, "LITELLM_MASTER_KEY": terminal.playbook.stack.master_key}
    done = terminal.run(command, **values)
    assert done.ok(changed=True).actions("backend")["by-hand"] == "created"
