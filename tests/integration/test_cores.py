# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role makes of what a person wrote, on each ansible-core. One run of Ansible for each, and no server."""

from __future__ import annotations

import json
import os
import subprocess
import textwrap
from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

from tests.ci.ansible_test import CORES, cores
from tests.ci.shell import Log
from tests.ci.venvs import ensure

SERVERS = """
litellm_url: http://127.0.0.1:9
litellm_master_key: demo-key-not-real
litemaas_models_database_url: postgresql://127.0.0.1:9/x
"""
SECRET = "demo-secret-of-the-list"
VAULT_PASSWORD = "demo-vault-password"


def _encrypted(text: str, password: str = VAULT_PASSWORD) -> str:
    """Return a text as ansible-vault encrypts it."""
    encrypted: bytes = VaultLib([("default", VaultSecret(password.encode()))]).encrypt(text)
    return encrypted.decode()


def _vaulted(text: str, password: str = VAULT_PASSWORD, indent: int = 6) -> str:
    """Return the same as a value in a YAML file."""
    return "!vault |\n" + textwrap.indent(_encrypted(text, password), " " * indent)


# Read beside each of the uses, encrypted as a whole.
VAULT_FILE = f"""
vault_key: {SECRET}-in-the-vault
vault_json: '{{"private_key": "demo-key-not-real"}}'
"""
# Each use of the role, as a file of variables.
USES = {
    "list": """
ocp4_workload_litemaas_models_list: '{{ team_a_modles + [] }}'
ocp4_workload_litemaas_litellm_models: []
litemaas_models_max_percent: '{{ site_percent }}'
litemaas_models_litellm_url: 'https://somebody:demo-secret-of-the-list@{{ site_host }}'
litemaas_models_notify_urls: [VAULTED]
""".replace("[VAULTED]", "\n  - " + _vaulted(SECRET, "another password")),
    "switch": "ocp4_workload_litemaas_models_cleanup_orphaned: '{{ site_cleanup_wanted }}'",
    "entry": f"""
ocp4_workload_litemaas_litellm_models: []
nested: "{SECRET}-nested-{{{{ gone }}}}"
ocp4_workload_litemaas_models_list:
  - model_name: a
    api_key: {_vaulted(SECRET)}
    rpm: "{{{{ lookup('file', 'no-such-file') }}}}"
  - model_name: b
    api_key: "{SECRET}-b-{{{{ vault_kye }}}}"
  - model_name: c
    api_key: {SECRET}-c
    tpm: "{{{{ 5 | no_such_filter }}}}"
""",
    "fields": f"""
litemaas_models_forse: {SECRET}
ocp4_workload_litemaas_models_list:
  - {{model_name: granite, contxt_length: 1, api_key: {SECRET}}}
  - {{model_name: mistral, rpm: many}}
""",
    "empty": """
litemaas_models_litellm_url: '{{ lookup("env", "NO_SUCH_VARIABLE") }}'
litellm_master_key: '  '
litemaas_models_database_url: ''
""",
    "omit": """
entry: {model_name: c, description: '{{ missing | default(omit) }}', extra_params: {organization: '{{ missing | default(omit) }}'}}
base_models:
  - model_name: a
    litellm_model: '{{ missing | default("x") }}'
    description: '{{ missing | default(omit) }}'
    credential: '{{ omit }}'
    tags: [kept, '{{ missing | default(omit) }}', 'part{{ omit }}']
    extra_params:
      organization: '{{ missing | default(omit) }}'
      deep: {kept: 1, left_out: '{{ omit }}', deeper: [{left_out: '{{ omit }}', kept: 2}, '{{ omit }}']}
    extra_info: {left_out: '{{ omit }}', kept: true}
    secret_params: {token: '{{ missing | default(omit) }}', kept: demo-key-not-real}
  - '{{ entry }}'
litemaas_models_list: '{{ base_models + [entry | combine({"model_name": "d"})] }}'
litemaas_models_max_count: '{{ omit }}'
litemaas_models_model_patterns: '{{ patterns }}'
patterns: [a, '{{ missing | default(omit) }}']
""",
    "null": """
litemaas_models_list:
litemaas_models_litellm_url:
ocp4_workload_litemaas_models_litellm_url:
litellm_url:
litellm_master_key:
litemaas_models_database_url:
litemaas_models_litellm_database_url: ''
litemaas_models_max_count: ''
ocp4_workload_litemaas_models_namespace: ''
litemaas_models_max_percent:
litemaas_models_backend_enabled:
litemaas_models_strategy:
""",
    "types": """
words: '{"type": "service_account", "private_key": "demo-key-not-real"}'
shared: {since: 2024-06-01, shares: [1, 2.5]}
number: 4
nothing:
ocp4_workload_litemaas_models_list:
  - model_name: a
    api_version: 2024-06-01
    api_key: '{{ nothing }}'
    description: '{{ missing | default(omit) }}'
    display_name: !unsafe '{{ raw }}'
    rpm: '{{ number }}'
    tpm: '{{ 2 * 30 }}'
    category: 'x{{ number }}'
    supports_vision: '{{ number > 3 }}'
    extra_params: {limit: .inf, share: .nan, since: 2024-06-01, deep: '{{ shared }}'}
    secret_params: {written: '{"a": 1}', named: '{{ words }}', in_a_vault: '{{ vault_json }}'}
  - model_name: b
    api_key: '{{ vault_key }}'
    api_base: VAULTED
  - model_name: 0777
    extra_params: "{{ {'a': [true, none]} }}"
""".replace("VAULTED", _vaulted("https://h/v1?key=0777")),
}
TYPES = [
    {
        "model_name": "a", "api_version": {"date": "2024-06-01"}, "api_key": None, "display_name": "{{ raw }}", "rpm": 4, "tpm": 60,
        "category": "x4", "supports_vision": True,
        "extra_params": {
            "limit": float("inf"), "share": "nan", "since": "2024-06-01", "deep": {"since": "2024-06-01", "shares": [1, 2.5]},
        },
        "secret_params": {
            "written": '{"a": 1}', "named": '{"type": "service_account", "private_key": "demo-key-not-real"}',
            "in_a_vault": '{"private_key": "demo-key-not-real"}',
        },
    },
    {"model_name": "b", "api_key": f"{SECRET}-in-the-vault", "api_base": "https://h/v1?key=0777"},
    {"model_name": 511, "extra_params": {"a": [True, None]}},
]  # fmt: skip
ENVIRONMENT = {
    "LITELLM_API_URL": "http://127.0.0.1:8",
    "LITELLM_API_KEY": "demo-key-not-real",
    "DATABASE_URL": "postgresql://127.0.0.1:8/x",
}


def _run(core: str, folder: Path, use: str) -> tuple[str, dict[str, Any]]:
    """Return all that one use of the role printed and logged, and what it took for given: empty where it failed."""
    found = next((one for one in cores() if one.version == core), None)
    if found is None:
        pytest.skip(f"no interpreter here runs ansible-core {core}")
    venv = ensure(Log("cores"), f"core-{core}", found.python)
    (folder / "given.yml").write_text("---" + SERVERS + USES[use], encoding="utf-8")
    (folder / "vault.yml").write_text(_encrypted(VAULT_FILE), encoding="utf-8")
    (folder / "password").write_text(VAULT_PASSWORD, encoding="utf-8")
    copy = {"content": "{{ __litemaas_models_given | to_json }}", "dest": str(folder / "read.json"), "mode": "0600"}
    role = {"name": "litemaas.models.ocp4_workload_litemaas_models" if use == "switch" else "litemaas.models.litemaas_models"}
    if use != "switch":
        role["tasks_from"] = "validate"
    tasks = [{"ansible.builtin.include_role": role}, {"ansible.builtin.copy": copy, "no_log": True}]
    play = {"hosts": "localhost", "gather_facts": False, "vars_files": ["given.yml", "vault.yml"], "tasks": tasks}
    (folder / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
    env = {
        "HOME": str(folder), "LC_ALL": "C.UTF-8", "PATH": f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}", "PYTHONDONTWRITEBYTECODE": "1",
        "ANSIBLE_COLLECTIONS_PATH": os.environ["ANSIBLE_COLLECTIONS_PATH"], "ANSIBLE_LOG_PATH": str(folder / "log"), **ENVIRONMENT,
    }  # fmt: skip
    command = [str(venv / "bin" / "ansible-playbook"), "play.yml", "-vvvv", "--vault-password-file", "password"]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=60, check=False)
    read = folder / "read.json"
    return done.stdout + done.stderr + (folder / "log").read_text(encoding="utf-8"), json.loads(read.read_text()) if read.exists() else {}


@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize(
    ("use", "sentences"),
    [
        (
            "list",
            [
                "ocp4_workload_litemaas_models_list cannot be resolved: team_a_modles is undefined.",
                "litemaas_models_max_percent cannot be resolved: site_percent is undefined.",
                "litemaas_models_litellm_url cannot be resolved: site_host is undefined.",
                "litemaas_models_notify_urls cannot be resolved: entry 1: it cannot be decrypted.",
            ],
        ),
        (
            "empty",
            [
                "litemaas_models_litellm_url is empty. Leave it out or set it to null to use LITELLM_API_URL or LITELLM_BASE_URL",
                "litellm_master_key is empty. Leave it out or set it to null to use LITELLM_API_KEY or LITELLM_MASTER_KEY of the",
                "litemaas_models_database_url is empty. Leave it out or set it to null to use DATABASE_URL of the environment",
            ],
        ),
        ("switch", ["ocp4_workload_litemaas_models_cleanup_orphaned cannot be resolved: site_cleanup_wanted is undefined."]),
        (
            "entry",
            [
                "ocp4_workload_litemaas_models_list cannot be resolved: entry 1, rpm: the lookup file failed; "
                "entry 2, api_key: vault_kye is undefined; entry 3, tpm: there is no no_such_filter.",
            ],
        ),
        (
            "fields",
            [
                "granite: contxt_length is not a field of a model (did you mean context_length?).",
                "Model validation failed for mistral: rpm must be a whole number.",
                "litemaas_models_forse (did you mean litemaas_models_force?)",
            ],
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_used_ends_the_run_and_shows_no_key(tmp_path: Path, core: str, use: str, sentences: list[str]) -> None:
    output, read = _run(core, tmp_path, use)
    assert read == {}
    for sentence in sentences:
        assert sentence in output, output
    assert SECRET not in output, [line for line in output.splitlines() if SECRET in line]


@pytest.mark.parametrize("core", CORES)
def test_every_value_keeps_its_type(tmp_path: Path, core: str) -> None:
    output, read = _run(core, tmp_path, "types")
    mark, bracket, rest = read["list"].partition("[")
    assert mark == "models as JSON:"
    assert json.loads(bracket + rest, parse_constant=lambda word: "nan" if word == "NaN" else float(word)) == TYPES
    assert read["names"] == ["a", "b", "entry 3 of the list"]
    assert SECRET not in output, [line for line in output.splitlines() if SECRET in line]


@pytest.mark.parametrize("core", CORES)
def test_what_is_omitted_is_left_out_at_every_depth(tmp_path: Path, core: str) -> None:
    _output, read = _run(core, tmp_path, "omit")
    assert json.loads(read["list"].partition(":")[2]) == [
        {
            "model_name": "a", "litellm_model": "x", "tags": ["kept", "part"],
            "extra_params": {"deep": {"kept": 1, "deeper": [{"kept": 2}]}},
            "extra_info": {"kept": True}, "secret_params": {"kept": "demo-key-not-real"},
        },
        {"model_name": "c", "extra_params": {}},
        {"model_name": "d", "extra_params": {}},
    ]  # fmt: skip
    assert (read["max_count"], read["model_patterns"]) == (None, ["a"])


@pytest.mark.parametrize("core", CORES)
def test_null_is_not_given(tmp_path: Path, core: str) -> None:
    _output, read = _run(core, tmp_path, "null")
    assert (read["litellm_url"], read["litellm_api_key"], read["database_url"]) == tuple(ENVIRONMENT.values())
    assert (read["max_percent"], read["backend_enabled"], read["strategy"], read["count"]) == (30, True, "delete", 0)
    # An empty text has a meaning here.
    assert (read["litellm_database_url"], read["max_count"], read["namespace"]) == ("", None, "litemaas")
