# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways that are measured, as command lines: a module as Ansible runs it, the playbook, and what stands beside them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.benchmark import predecessor
from tests.benchmark.measure import Addresses, Command, Start
from tests.benchmark.payload import build
from tests.ci.paths import COLLECTION, ROOT
from tests.support.postgres import INSTALL_DIRECTORIES, install_postgres

PLAYBOOK = ROOT / "playbooks" / "manage_models.yml"
PROGRAMS = Path(sys.executable).parent


class Ways:
    """Makes the commands. Files that they need go into ``folder``."""

    def __init__(self, folder: Path, key: str) -> None:
        """Take a folder and the admin key of LiteLLM."""
        self._folder = folder
        self._key = key
        self._number = 0
        predecessor.write(folder)

    def module(self, name: str, check: bool = False, **options: Any) -> Start:
        """Return a module's run: the file that Ansible makes of it, run by the target's Python."""

        def start(addresses: Addresses) -> Command:
            servers = {"litellm_url": addresses.litellm_url, "litellm_api_key": self._key}
            databases = {"database_url": addresses.database_url, "litellm_database_url": addresses.witness_url}
            self._number += 1
            path = self._folder / f"AnsiballZ_{name}_{self._number}.py"
            build(name, {**servers, **databases, **options}, path, check=check)
            return Command([sys.executable, path])

        return start

    def imports(self, name: str) -> Start:
        """Return Python with the imports of a module, compiled before; without a name it is Python alone."""
        code = f"import ansible_collections.{COLLECTION}.plugins.modules.{name}" if name else ""
        return lambda addresses: Command([sys.executable, "-c", code])

    def playbook(self, models: list[dict[str, Any]], *arguments: str, **variables: Any) -> Start:
        """Return a run of the collection's playbook with a models file."""
        return self._ansible(PLAYBOOK, {"ocp4_workload_litemaas_models_list": models, **variables}, *arguments)

    def task_loop(self, models: list[dict[str, Any]]) -> Start:
        """Return a run of the way with a task for each model."""
        return self._ansible(self._folder / "task_loop.yml", {"models": models})

    def task_loop_cleanup(self) -> Start:
        """Return the same for rows whose models are gone."""
        return self._ansible(self._folder / "task_loop_cleanup.yml", {})

    def floor(self, what: str) -> Start:
        """Return the floor: ``list``, ``sync`` or ``cleanup``."""
        return self._program("tests.benchmark.floor", what)

    def row_by_row(self) -> Start:
        """Return the way row by row over one connection."""
        return self._program("tests.benchmark.row_by_row")

    def _program(self, name: str, *arguments: str) -> Start:
        return lambda addresses: Command([sys.executable, "-m", name, *arguments], self._environment(addresses))

    def _ansible(self, playbook: Path, variables: Mapping[str, Any], *arguments: str) -> Start:
        self._number += 1
        path = self._folder / f"variables-{self._number}.json"
        path.write_text(json.dumps(variables), encoding="utf-8")
        words: list[str | Path] = [PROGRAMS / "ansible-playbook", playbook, "-e", f"@{path}", *arguments]
        return lambda addresses: Command(words, self._environment(addresses))

    def _environment(self, addresses: Addresses) -> dict[str, str]:
        psql = install_postgres() / next(iter(INSTALL_DIRECTORIES.values())) / "bin" / "psql"
        return {
            "LITELLM_API_URL": addresses.litellm_url,
            "LITELLM_API_KEY": self._key,
            "DATABASE_URL": addresses.database_url,
            "LITELLM_DATABASE_URL": addresses.witness_url,
            "PSQL": str(psql),
            "PATH": os.pathsep.join([str(PROGRAMS), os.environ.get("PATH", os.defpath)]),
        }
