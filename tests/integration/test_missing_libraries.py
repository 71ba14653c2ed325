# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Python without the libraries: each module names all that is missing at once, with the command for that very Python."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.any_litellm

MODULES = ("litellm_model", "litellm_model_info", "litemaas_model_sync", "litemaas_orphan_cleanup", "litemaas_sync_info")
SERVERS = {
    "litellm_url": "https://litellm.example.com",
    "litellm_api_key": "demo-key-not-real",
    "database_url": "postgresql://u:demo-password-not-real@127.0.0.1:1/litemaas_db",
}
ENTRY = {"model_name": "s", "litellm_model": "openai/x", "api_base": "https://s.apps.example.com/v1", "api_key": "demo-key-not-real"}


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with nothing but its standard library, at a path with a blank."""
    folder = tmp_path_factory.mktemp("a python")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return folder / "bin" / "python"


def task(module: str, **options: Any) -> dict[str, Any]:
    needed = {"models": [ENTRY]} if module == "litellm_model" else {}
    return {f"litemaas.models.{module}": {**SERVERS, **needed, **options}, "ignore_errors": True}


def play(folder: Path, python: Path, *tasks: dict[str, Any]) -> list[dict[str, Any]]:
    """Run tasks with this Python; return their results."""
    playbook = folder / "play.json"
    host = {"hosts": "localhost", "gather_facts": False, "vars": {"ansible_python_interpreter": str(python)}, "tasks": list(tasks)}
    playbook.write_text(json.dumps([host]), encoding="utf-8")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("LITELLM_", "DATABASE_", "PYTHONPATH"))},
        "ANSIBLE_STDOUT_CALLBACK": "default",
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "json",
        "ANSIBLE_NOCOLOR": "true",
    }
    command = [str(Path(sys.executable).with_name("ansible-playbook")), str(playbook)]
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, timeout=200, check=False)
    results = []
    decoder = json.JSONDecoder()
    for part in done.stdout.split("FAILED! => ")[1:]:
        results.append(decoder.raw_decode(part)[0])
    assert len(results) == len(tasks), done.stdout + done.stderr
    return results


def test_both_are_named_at_once(tmp_path: Path, bare: Path) -> None:
    install = f"Install them there: '{bare}' -m pip install requests psycopg2-binary; or use an execution environment that has them"
    for result in play(tmp_path, bare, *map(task, MODULES)):
        assert result["failure"]["code"] == "missing_library", result
        assert result["msg"].startswith(
            "The Python libraries requests and psycopg2 are not installed for the Python that runs this module on "
        )
        assert install in result["msg"]
        assert sorted(result["failure"]["details"]["libraries"]) == ["psycopg2", "requests"]
        assert "demo-key-not-real" not in json.dumps(result)


def test_one_that_is_there_is_not_named(tmp_path: Path, bare: Path) -> None:
    """And one that is there and cannot be loaded says why."""
    site = next((bare.parents[1] / "lib").glob("python*")) / "site-packages"
    (site / "requests.py").write_text("exceptions = adapters = None\n", encoding="utf-8")
    (site / "urllib3.py").write_text("", encoding="utf-8")
    broken = site / "psycopg2.py"
    broken.write_text("raise ImportError('libpq.so.5: cannot open shared object file')\n", encoding="utf-8")
    try:
        (result,) = play(tmp_path, bare, task("litemaas_sync_info"))
        assert result["msg"].startswith(
            "The Python library psycopg2 is not installed (libpq.so.5: cannot open shared object file) for the Python that runs this "
            "module on "
        )
        assert f"Install it there: '{bare}' -m pip install psycopg2-binary; or use" in result["msg"]
        (result,) = play(tmp_path, bare, task("litemaas_sync_info", namespace="litemaas", database_url=""))
        assert f"'{bare}' -m pip install psycopg2-binary 'kubernetes>=24.2.0'; or use" in result["msg"]
        assert result["msg"].endswith("Without kubernetes: give litellm_url, litellm_api_key and database_url instead of namespace")
    finally:
        for name in ("requests.py", "urllib3.py", "psycopg2.py"):
            (site / name).unlink()


def test_the_role(tmp_path: Path, bare: Path) -> None:
    """The role's plugins run with Ansible's own Python and need none of them; its first step tells."""
    variables = {"litellm_url": SERVERS["litellm_url"], "litellm_master_key": "demo-key-not-real", "litemaas_models_list": [ENTRY]}
    variables["litemaas_models_database_url"] = SERVERS["database_url"]
    (tmp_path / "vars.json").write_text(json.dumps({**variables, "ansible_python_interpreter": str(bare)}), encoding="utf-8")
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "litemaas.models.manage_models", "-e", f"@{tmp_path}/vars.json"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LITELLM_", "DATABASE_"))}
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 2, done.stdout
    assert f"'{bare}' -m pip install requests psycopg2-binary" in done.stdout, done.stdout
    assert "Traceback" not in done.stdout + done.stderr
