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

from tests.ci.ansible_test import CORES
from tests.integration.playbook import ansible_playbook

SERVERS = """
litellm_url: http://127.0.0.1:9
litellm_master_key: demo-key-not-real
litemaas_models_database_url: postgresql://127.0.0.1:9/x
"""
OLDEST, NEWEST = min(CORES), max(CORES)
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
site_share: .nan
site_numbers: [1.10, 2]
litemaas_models_retention_days: '{{ site_share }}'
litemaas_models_api_timeout: .inf
litemaas_models_retry_count: 1.0e+400
litemaas_models_lock_timeout: 1e400
litemaas_models_exclude_patterns: ["0777", 0777]
litemaas_models_model_patterns: '{{ site_numbers }}'
litemaas_models_providers: [2024-06-01]
litemaas_models_namespace: yes
litemaas_models_wait_timeout: on
litemaas_models_max_count: yes
litellm_master_key: 66778899
litemaas_models_database_url: !!binary ZGVtbw==
litemaas_models_strategy: demo-secret-of-the-list
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
litemaas_models_api_timeout: 30.0
litemaas_models_retry_count: '{{ number }}.0'
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
    extra_params: {limit: .inf, share: .nan, since: 2024-06-01, deep: '{{ shared }}', at: 2024-06-01 10:20:30, raw: !!binary eA==}
    secret_params: {written: '{"a": 1}', named: '{{ words }}', in_a_vault: '{{ vault_json }}'}
  - model_name: b
    api_key: '{{ vault_key }}'
    api_base: VAULTED
  - model_name: 0777
    extra_params: "{{ {'a': [true, none]} }}"
  - model_name: names
    extra_params: {2024-06-01: 1, notes: [{2024-06-01 10:20:30: 1, 1.10: 1, yes: 1, null: 1, !!binary eA==: 1}]}
    secret_params: {0777: demo-key-not-real}
    extra_info: {2024-06-01: {0777: '{{ number }}'}}
    tags: !!set {x}
    api_base: {2024-06-01: x}
""".replace("VAULTED", _vaulted("https://h/v1?key=0777")),
}
TYPES = [
    {
        "model_name": "a", "api_version": {"!!timestamp": "2024-06-01"}, "api_key": None, "display_name": "{{ raw }}", "rpm": 4, "tpm": 60,
        "category": "x4", "supports_vision": True,
        "extra_params": {
            "limit": float("inf"), "share": "nan", "since": "2024-06-01", "deep": {"since": "2024-06-01", "shares": [1, 2.5]},
            "at": {"!!timestamp": "2024-06-01 10:20:30"}, "raw": {"!!binary": "b'x'"},
        },
        "secret_params": {
            "written": '{"a": 1}', "named": '{"type": "service_account", "private_key": "demo-key-not-real"}',
            "in_a_vault": '{"private_key": "demo-key-not-real"}',
        },
    },
    {"model_name": "b", "api_key": f"{SECRET}-in-the-vault", "api_base": "https://h/v1?key=0777"},
    {"model_name": 511, "extra_params": {"a": [True, None]}},
    {
        "model_name": "names",
        "extra_params": {
            "!!timestamp 2024-06-01": 1,
            "notes": [{"!!timestamp 2024-06-01 10:20:30": 1, "!!float 1.1": 1, "!!bool True": 1, "!!null None": 1, "!!binary b'x'": 1}],
        },
        "secret_params": {"!!int 511": "demo-key-not-real"}, "extra_info": {"!!timestamp 2024-06-01": {"!!int 511": 4}},
        "tags": {"!!set": "frozenset({'x'})"}, "api_base": {"!!timestamp 2024-06-01": "x"},
    },
]  # fmt: skip
ENVIRONMENT = {
    "LITELLM_API_URL": "http://127.0.0.1:8",
    "LITELLM_API_KEY": "demo-key-not-real",
    "DATABASE_URL": "postgresql://127.0.0.1:8/x",
}


PLAY = """
- hosts: localhost
  gather_facts: false
  vars_files: {files}
  tasks:
    - ansible.builtin.include_role: {role}
      vars:{variables}
    - ansible.builtin.copy: {copy}
      no_log: true
"""


def _run(core: str, folder: Path, use: str, way: str = "vars_files") -> tuple[str, dict[str, Any]]:
    """Return all that one use of the role printed and logged, and what it took for given: empty where it failed.

    ``way`` is how the role gets its variables: by ``vars_files``, by ``-e @FILE``, or as its ``vars``.
    """
    (folder / "given.yml").write_text("---" + SERVERS + USES[use], encoding="utf-8")
    (folder / "vault.yml").write_text(_encrypted(VAULT_FILE), encoding="utf-8")
    (folder / "password").write_text(VAULT_PASSWORD, encoding="utf-8")
    copy = {"content": "{{ __litemaas_models_given | to_json }}", "dest": str(folder / "read.json"), "mode": "0600"}
    role = {"name": "litemaas.models.ocp4_workload_litemaas_models" if use == "switch" else "litemaas.models.litemaas_models"}
    if use != "switch":
        role["tasks_from"] = "validate"
    files = ["given.yml", "vault.yml"] if way == "vars_files" else ["vault.yml"]
    variables = "\n" + textwrap.indent(SERVERS + USES[use], " " * 8) if way == "vars" else " {}"
    play = PLAY.format(files=json.dumps(files), role=json.dumps(role), variables=variables, copy=json.dumps(copy))
    (folder / "play.yml").write_text(play, encoding="utf-8")
    arguments = ["--vault-password-file", "password", *(["-e", "@given.yml"] if way == "-e" else [])]
    output = _ansible(core, folder, *arguments)
    read = folder / "read.json"
    return output, json.loads(read.read_text()) if read.exists() else {}


def _ansible(core: str, folder: Path, *arguments: str) -> str:
    """Return all that play.yml of a folder printed and logged."""
    program = ansible_playbook(core)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    env = {
        "HOME": str(folder), "LC_ALL": "C.UTF-8", "PATH": path, "PYTHONDONTWRITEBYTECODE": "1",
        "ANSIBLE_COLLECTIONS_PATH": os.environ["ANSIBLE_COLLECTIONS_PATH"], "ANSIBLE_LOG_PATH": str(folder / "log"), **ENVIRONMENT,
    }  # fmt: skip
    command = [str(program), "play.yml", "-vvvv", *arguments]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr + (folder / "log").read_text(encoding="utf-8")


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
                "litemaas_models_notify_urls cannot be resolved: entry 1: it cannot be decrypted. Give the vault's password "
                "(--vault-password-file, --ask-vault-pass, or the job template's vault credential).",
                "litemaas_models_retention_days must be a finite number.",
                "litemaas_models_api_timeout must be a finite number.",
                "litemaas_models_retry_count must be a finite number.",
                "litemaas_models_lock_timeout",
                "litemaas_models_exclude_patterns must be a string, but YAML read it as the number 511: put it in quotes.",
                "litemaas_models_model_patterns must be a string, but YAML read it as the number 1.1: put it in quotes.",
                "litemaas_models_providers must be a string, but YAML read it as a date: put it in quotes.",
                "litemaas_models_namespace must be a string, but YAML read it as true: put it in quotes.",
                "litemaas_models_wait_timeout must be a number, but YAML read it as true.",
                "litemaas_models_max_count must be a number, but YAML read it as true.",
                "litellm_master_key must be a string, but YAML read it as a number: put it in quotes.",
                "litemaas_models_database_url must be a string, but YAML read it as bytes: put it in quotes.",
                "value of litemaas_models_strategy must be one of: delete, mark_unavailable.",
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


@pytest.mark.parametrize("core", [OLDEST, NEWEST])
@pytest.mark.parametrize("way", ["-e", "vars"])
def test_no_key_is_shown_whatever_way_the_list_comes(tmp_path: Path, core: str, way: str) -> None:
    output, read = _run(core, tmp_path, "entry", way)
    assert read == {}
    assert "ocp4_workload_litemaas_models_list cannot be resolved: entry 1, rpm: the lookup file failed; entry 2, api_key: " in output
    assert SECRET not in output, [line for line in output.splitlines() if SECRET in line]


@pytest.mark.parametrize("core", [OLDEST, NEWEST])
def test_what_ansible_itself_shows(tmp_path: Path, core: str) -> None:
    """As docs/secrets.md has it: nothing of this collection runs before it."""
    (tmp_path / "play.yml").write_text("- {hosts: localhost, gather_facts: false}", encoding="utf-8")
    (tmp_path / "broken.yml").write_text(f"list:\n  - api_key: {SECRET}-broken\n   rpm: 5\n", encoding="utf-8")
    assert f"{SECRET}-broken" in _ansible(core, tmp_path, "-e", "@broken.yml")
    (tmp_path / "twice.yml").write_text(f"list:\n  - api_key: {SECRET}-twice\n    rpm: 5\n    rpm: 6\n", encoding="utf-8")
    output = _ansible(core, tmp_path, "-e", "@twice.yml", "-e", f"litellm_master_key={SECRET}-said")
    assert (f"{SECRET}-twice" in output, f"{SECRET}-said" in output) == (core == NEWEST, True)


@pytest.mark.parametrize("core", CORES)
def test_every_value_keeps_its_type(tmp_path: Path, core: str) -> None:
    output, read = _run(core, tmp_path, "types")
    mark, bracket, rest = read["list"].partition("[")
    assert mark == "models as JSON:"
    assert json.loads(bracket + rest, parse_constant=lambda word: "nan" if word == "NaN" else float(word)) == TYPES
    assert read["names"] == ["a", "b", "entry 3 of the list", "names"]
    assert (read["api_timeout"], read["retry_count"]) == (30, 4)
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


# What all steps are given, by module_defaults: with the types of the variables, and without those that are not given.
SHARED = {
    "litemaas_models_list": [{"model_name": "a", "state": "absent"}],
    "litemaas_models_kubernetes": {"host": "https://127.0.0.1:9", "api_key": f"{SECRET}-of-the-cluster", "validate_certs": False},
    "litemaas_models_notify_urls": [f"http://127.0.0.1:{port}/{SECRET}" for port in (9, 8)],
    "litemaas_models_verify_ssl": True,
    "litemaas_models_retry_count": 0,
    "litemaas_models_retry_delay": 0.5,
    "litemaas_models_max_percent": 12.5,
    "litemaas_models_progress": False,
    "litellm_master_key": f"{SECRET}-of-litellm",
}
HANDED_OVER = {
    "litellm_url": "http://127.0.0.1:9", "namespace": "litemaas", "validate_certs": True, "ca_path": None, "retries": 0, "retry_delay": 0.5,
    "max_percent": 12.5, "max_count": None, "allow_empty": False, "force": False, "lock_timeout": 30, "progress": False,
    "progress_file": None, "litellm_database_url": "",
}  # fmt: skip


@pytest.mark.parametrize("core", CORES)
def test_what_all_steps_share_keeps_its_types_and_its_secrets(tmp_path: Path, core: str) -> None:
    (tmp_path / "given.yml").write_text("---" + SERVERS, encoding="utf-8")
    role = {"ansible.builtin.import_role": {"name": "litemaas.models.litemaas_models"}, "vars": SHARED}
    # From ansible-core 2.21 on the options are shown where they are asked for.
    asked = {"vars_files": ["given.yml"], "vars": {"ansible_inject_invocation": True}}
    # What a play gives to modules of its own is not for the role's.
    own = {
        "litemaas.models.litellm_model": {"litellm_url": "http://127.0.0.1:7", "retries": 1, "wait": False},
        "group/litemaas.models.litemaas": {"ca_path": "/of-the-play", "lock_timeout": 5},
    }
    play = [{"hosts": "localhost", "gather_facts": False, **asked, "module_defaults": own, "tasks": [role]}]
    (tmp_path / "play.yml").write_text(json.dumps(play), encoding="utf-8")
    output = _ansible(core, tmp_path)
    _before, _mark, text = output.partition('"module_args": ')
    arguments = json.JSONDecoder().raw_decode(text)[0]
    assert {name: arguments[name] for name in HANDED_OVER} == HANDED_OVER
    told = " ".join(output.split())
    assert "Failed to connect to LiteLLM at http://127.0.0.1:9: " in told
    assert [f"No notification for http://127.0.0.1:{port}: " in told for port in (9, 8)] == [True, True]
    assert SECRET not in output, [line for line in output.splitlines() if SECRET in line]
