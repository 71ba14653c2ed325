# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way of a task loop: for each model a task asks LiteLLM, a task creates it if it must, a task runs one psql process.

Written for this benchmark as a role for operations is often written: readable, and with Ansible's own modules only.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_AUTHORIZATION = {"Authorization": "Bearer {{ lookup('ansible.builtin.env', 'LITELLM_API_KEY') }}"}
_URL = "{{ lookup('ansible.builtin.env', 'LITELLM_API_URL') }}"
_UPSERT = """
INSERT INTO models (id, name, provider, description, category, context_length, rpm, tpm, availability)
VALUES ('{{ item.model_name }}', '{{ item.model_name }}', '{{ item.provider }}', '{{ item.description }}', '{{ item.category }}',
    {{ item.context_length }}, {{ item.rpm }}, {{ item.tpm }}, 'available')
ON CONFLICT (id) DO UPDATE SET provider = EXCLUDED.provider, description = EXCLUDED.description, category = EXCLUDED.category,
    context_length = EXCLUDED.context_length, rpm = EXCLUDED.rpm, tpm = EXCLUDED.tpm, availability = 'available'
"""
_RETIRE = """
UPDATE models SET availability = 'unavailable' WHERE id = '{{ item }}';
UPDATE subscriptions SET status = 'inactive' WHERE model_id = '{{ item }}' AND status = 'active';
DELETE FROM api_key_models WHERE model_id = '{{ item }}';
UPDATE api_keys SET is_active = false WHERE is_active AND id NOT IN (SELECT api_key_id FROM api_key_models);
"""


def playbook() -> list[dict[str, Any]]:
    """Return the play that brings both sides in line with a list of models."""
    return _play(
        {
            "name": "Look the model up",
            "ansible.builtin.uri": {
                "url": f"{_URL}/v2/model/info?model={{{{ item.model_name }}}}",
                "headers": _AUTHORIZATION,
            },
            "loop": "{{ models }}",
            "loop_control": {"label": "{{ item.model_name }}"},
            "register": "found",
        },
        {
            "name": "Create the model",
            "ansible.builtin.uri": {
                "url": f"{_URL}/model/new",
                "method": "POST",
                "headers": _AUTHORIZATION,
                "body_format": "json",
                "body": {
                    "model_name": "{{ item.0.model_name }}",
                    "litellm_params": {"model": "{{ item.0.litellm_model }}", "api_base": "{{ item.0.api_base }}"},
                },
            },
            "loop": "{{ models | zip(found.results) | list }}",
            "loop_control": {"label": "{{ item.0.model_name }}"},
            "when": "item.1.json.data | length == 0",
        },
        _psql("Write the row", _UPSERT, "{{ models }}", "{{ item.model_name }}"),
    )


def cleanup_playbook() -> list[dict[str, Any]]:
    """Return the play that retires the rows whose models are not in LiteLLM's list."""
    return _play(
        {
            "name": "Read the models of LiteLLM",
            "ansible.builtin.uri": {"url": f"{_URL}/v2/model/info?size=20000", "headers": _AUTHORIZATION},
            "register": "listed",
        },
        {**_psql_task("Read the rows", "SELECT id FROM models"), "register": "rows", "changed_when": False},
        _psql(
            "Retire the row",
            _RETIRE,
            "{{ rows.stdout_lines | difference(listed.json.data | map(attribute='model_name')) }}",
            "{{ item }}",
        ),
    )


def write(folder: Path) -> None:
    """Write both playbooks."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "task_loop.yml").write_text(json.dumps(playbook()), encoding="utf-8")
    (folder / "task_loop_cleanup.yml").write_text(json.dumps(cleanup_playbook()), encoding="utf-8")


def _play(*tasks: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"name": "A task for each model", "hosts": "localhost", "gather_facts": False, "tasks": list(tasks)}]


def _psql(name: str, sql: str, loop: str, label: str) -> dict[str, Any]:
    return {**_psql_task(name, sql), "loop": loop, "loop_control": {"label": label}, "changed_when": True}


def _psql_task(name: str, sql: str) -> dict[str, Any]:
    address = "{{ lookup('ansible.builtin.env', 'DATABASE_URL') }}"
    options = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]
    return {
        "name": name,
        "ansible.builtin.command": {"argv": ["{{ lookup('ansible.builtin.env', 'PSQL') }}", *options, "--command", sql, address]},
    }
