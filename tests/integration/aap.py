# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data of examples/aap as Ansible reads it, and what an automation controller does with it, as far as that is needed here."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jinja2.sandbox

from tests.integration.playbook import Played

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "examples" / "aap"
CONNECTIONS = ("direct", "namespace")
TIMEOUT_S = 240

Data = dict[str, Any]


def read(folder: Path, environment: Mapping[str, str] | None = None) -> dict[str, Data]:
    """Return the variables of the data for each way to connect, rendered by Ansible. ``folder`` is for what that needs."""
    plays = [_dump(connection, folder) for connection in CONNECTIONS]
    playbook = folder / "dump.yml"
    playbook.write_text(json.dumps(plays), encoding="utf-8")
    env = {**os.environ, **(environment or {}), "ANSIBLE_DUPLICATE_YAML_DICT_KEY": "error"}
    done = subprocess.run(
        [Path(sys.executable).with_name("ansible-playbook"), playbook],
        env=env,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {connection: json.loads((folder / f"{connection}.json").read_text(encoding="utf-8")) for connection in CONNECTIONS}


def _dump(connection: str, folder: Path) -> Data:
    names = "query('ansible.builtin.varnames', '^(controller|litemaas_aap)_')"
    content = "{{ names | zip(query('ansible.builtin.vars', *names)) | items2dict(key_name=0, value_name=1) | to_json }}"
    copy = {"dest": str(folder / f"{connection}.json"), "content": content, "mode": "0600"}
    files = [str(FOLDER / name) for name in ("settings.yml", f"credentials_{connection}.yml", "controller.yml")]
    task = {"ansible.builtin.copy": copy, "vars": {"names": "{{ " + names + " }}"}}
    return {"hosts": "localhost", "gather_facts": False, "vars_files": files, "tasks": [task]}


def injected(credential_type: Mapping[str, Any], inputs: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables that a credential of a custom type gives a job."""
    sandbox = jinja2.sandbox.ImmutableSandboxedEnvironment(undefined=jinja2.StrictUndefined)
    return {name: sandbox.from_string(text).render(**inputs) for name, text in credential_type["injectors"]["env"].items()}


def survey_defaults(template: Mapping[str, Any]) -> Data:
    """Return the answers that a survey gives when nobody is asked."""
    if not template.get("survey_enabled"):
        return {}
    defaults = {question["variable"]: question.get("default") for question in template["survey_spec"]["spec"]}
    return {variable: default for variable, default in defaults.items() if default not in (None, "")}


@dataclasses.dataclass
class Finished:
    """A node that ran: its identifier, the run (None of an approval) and whether it succeeded."""

    identifier: str
    played: Played | None
    succeeded: bool


class Controller:
    """Runs a workflow as the controller does: order, variables and artefacts; jobs are runs of ``run``.

    The variables of a job, later ones win: those of its template, the defaults of its survey, those of the node, the artefacts of
    the nodes before it, and those of the workflow with its survey.
    """

    def __init__(self, data: Data, run: Callable[[str, str, Data], Played], approve: Callable[[], bool]) -> None:
        """``run`` plays a playbook: (its path in the project, job type, variables). ``approve`` is asked at an approval node."""
        self.templates = {template["name"]: template for template in data["controller_templates"]}
        self.inventory = {inventory["name"]: inventory["variables"] for inventory in data["controller_inventories"]}
        self.run = run
        self.approve = approve

    def play(self, workflow: Mapping[str, Any], answers: Mapping[str, Any] | None = None) -> list[Finished]:
        """Run a workflow of nodes with one parent each, and return the nodes that ran."""
        nodes = {node["identifier"]: node for node in workflow["simplified_workflow_nodes"]}
        children = {name for node in nodes.values() for edge in ("success_nodes", "failure_nodes") for name in node.get(edge, ())}
        [current] = set(nodes) - children
        finished: list[Finished] = []
        artefacts: Data = {}
        while current:
            node = nodes[current]
            done = self._node(node, {**artefacts, **survey_defaults(workflow), **(answers or {})})
            finished.append(done)
            artefacts.update(done.played.artefacts if done.played else {})
            following = node.get("success_nodes" if done.succeeded else "failure_nodes", ())
            current = next(iter(following), "")
        return finished

    def job(self, name: str, variables: Mapping[str, Any] | None = None, prompted: Mapping[str, Any] | None = None) -> Played:
        """Run a job template. ``prompted`` are variables of a node, which ``variables`` override."""
        template = self.templates[name]
        given = {**template.get("extra_vars", {}), **survey_defaults(template), **(prompted or {}), **(variables or {})}
        return self.run(template["playbook"], template["job_type"], {**self.inventory[template["inventory"]], **given})

    def _node(self, node: Mapping[str, Any], variables: Data) -> Finished:
        if "approval_node" in node:
            return Finished(node["identifier"], None, self.approve())
        played = self.job(node["unified_job_template"], variables, node.get("extra_data"))
        return Finished(node["identifier"], played, played.code == 0)
