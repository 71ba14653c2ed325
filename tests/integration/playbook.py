# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs playbooks/manage_models.yml as a person does, and looks at both sides afterwards."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.ci.ansible_test import cores
from tests.ci.shell import Log
from tests.ci.venvs import ensure
from tests.support.stack import LITELLM_DATABASE, LITEMAAS_DATABASE, Stack

ROOT = Path(__file__).resolve().parents[2]
CLONE_PLAYBOOK = str(ROOT / "playbooks" / "manage_models.yml")
INSTALLED_PLAYBOOK = "litemaas.models.manage_models"
TIMEOUT_S = 240
LIST = "ocp4_workload_litemaas_models_list"


def ansible_playbook(core: str) -> Path:
    """Return the program of an ansible-core. Skips the test where no interpreter here runs it."""
    found = next((one for one in cores() if one.version == core), None)
    if found is None:
        pytest.skip(f"no interpreter here runs ansible-core {core}")
    return ensure(Log("cores"), f"core-{core}", found.python) / "bin" / "ansible-playbook"


@dataclasses.dataclass(frozen=True)
class Played:
    """What one run of a playbook left: exit code, everything it printed, and the results that it hands on."""

    code: int
    output: str

    def recap(self, host: str = "localhost") -> dict[str, int]:
        """Return the numbers of the recap of a host."""
        found = re.findall(rf"^{re.escape(host)} +: (.*)$", self.output, re.MULTILINE)
        assert found, self.output
        return {name: int(number) for name, number in re.findall(r"(\w+)=(\d+)", found[-1])}

    @property
    def artefacts(self) -> dict[str, Any]:
        """Return what set_stats hands to the next node."""
        _before, _mark, text = self.output.partition("\tRUN: ")
        decoded: dict[str, Any] = json.JSONDecoder().raw_decode(text)[0] if text else {}
        return decoded

    @property
    def results(self) -> dict[str, Any]:
        """Return the results of the role among them, by host."""
        results: dict[str, Any] = self.artefacts["litemaas_models_results"]
        return results

    def actions(self, side: str, host: str = "localhost") -> dict[str, str]:
        """Return the action for each model on one side: litellm, backend or cleanup."""
        return {model["model_name"]: model["action"] for model in self.results[host][side]["models"]}

    def ok(self, *, changed: bool | None = None) -> Played:
        """Assert that the run succeeded, and whether it changed anything."""
        assert self.code == 0, self.output
        if changed is not None:
            numbers = [int(number) for number in re.findall(r" changed=(\d+) ", self.output)]
            assert bool(sum(numbers)) is changed, self.output
        return self

    def failed(self, *sentences: str) -> Played:
        """Assert that the run failed and said these sentences."""
        assert self.code != 0, self.output
        for sentence in sentences:
            assert sentence in self.output, self.output
        return self


class Playbook:
    """The playbook with the servers of a stack in its environment."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.stack = stack
        self.folder = folder
        self.environment = stack.environ()
        self.playbook = CLONE_PLAYBOOK

    def run(self, *arguments: str, environment: Mapping[str, str] | None = None, core: str = "") -> Played:
        """Run it, with another ansible-core where one is named; the modules keep this environment's Python.

        ``environment`` is laid over the stack's; an empty text is passed on as such.
        """
        shown = {"ANSIBLE_SHOW_CUSTOM_STATS": "true", "ANSIBLE_NOCOLOR": "true"}
        env = {**os.environ, **shown, **self.environment, **(environment or {})}
        program = ansible_playbook(core) if core else Path(sys.executable).with_name("ansible-playbook")
        interpreter = ["-e", f"ansible_python_interpreter={sys.executable}"] if core else []
        command = [str(program), self.playbook, *arguments, *interpreter]
        done = subprocess.run(
            command, cwd=self.folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=TIMEOUT_S, check=False
        )
        return Played(done.returncode, done.stdout)

    def predicted_then_done(self, *arguments: str) -> Played:
        """Run in check mode with diff, for real, and again.

        The prediction must be right and write nothing, and the second run must find nothing to do. Returns the real run.
        """
        before = self.both_sides()
        predicted = self.run(*arguments, "--check", "--diff").ok()
        assert self.both_sides() == before, "check mode wrote something"
        done = self.run(*arguments).ok()
        assert predicted.actions("litellm") == done.actions("litellm")
        assert predicted.actions("backend") == done.actions("backend")
        assert predicted.actions("cleanup") == done.actions("cleanup")
        assert bool(predicted.recap()["changed"]) == bool(done.recap()["changed"])
        after = self.both_sides()
        self.run(*arguments).ok(changed=False)
        assert self.both_sides() == after, "the second run wrote something"
        return done

    def models_file(self, *models: Mapping[str, Any], **variables: Any) -> str:
        """Write a file for -e and return the argument."""
        path = self.folder / "my-models.yml"
        path.write_text(json.dumps({LIST: list(models), **variables}), encoding="utf-8")
        return f"@{path}"

    def rows(self, columns: str = "id, name, description, provider, category, availability, litellm_model_id") -> dict[str, list[str]]:
        """Return the rows of the backend by id."""
        return {row[0]: row for row in self.sql(f"SELECT {columns} FROM models ORDER BY id")}

    def sql(self, statement: str, database: str = LITEMAAS_DATABASE) -> list[list[str]]:
        """Ask the backend's database."""
        return self.stack.postgres.sql(statement, database)

    def deployments(self) -> dict[str, list[str]]:
        """Return the ids of the database models of LiteLLM by name."""
        status, answer = self.stack.proxy.request("GET", "/model/info")
        assert status == 200, answer
        found: dict[str, list[str]] = {}
        for entry in answer["data"]:
            if entry["model_info"].get("db_model"):
                found.setdefault(entry["model_name"], []).append(entry["model_info"]["id"])
        return found

    def add_in_admin_ui(self, model_name: str, **parameters: Any) -> None:
        """Create a model as the Admin UI of LiteLLM does."""
        body = {"model_name": model_name, "litellm_params": {"model": f"openai/{model_name}", "api_key": "demo-key-not-real", **parameters}}
        status, answer = self.stack.proxy.request("POST", "/model/new", body)
        assert status == 200, answer

    def both_sides(self) -> tuple[Any, ...]:
        """Return everything that a run may write, to compare."""
        tables = ("models", "subscriptions", "api_keys", "api_key_models")
        rows = [self.sql(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables]
        columns = "model_id, model_name, litellm_params::text, model_info::text"
        saved = self.sql(f'SELECT {columns} FROM "LiteLLM_ProxyModelTable" ORDER BY 1', LITELLM_DATABASE)
        return (*rows, saved)
