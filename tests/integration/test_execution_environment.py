# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-builder on the collection as it is built: what it asks for, and the context of execution-environment.yml."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.litemaas.models.plugins.module_utils._run import argspec
from tests.support.cache import cached
from tests.support.packages import create_venv, pip_install, platform_key

BUILDER = "ansible-builder==3.2.0"
COLLECTION = Path(argspec.__file__).resolve().parents[3]
ROOT = Path(__file__).resolve().parents[2]
DEFINITION = ROOT / "execution-environment.yml"


def _run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def builder() -> Path:
    """Return the program ansible-builder."""

    def install(directory: Path) -> None:
        create_venv(directory, Path(sys.executable))
        pip_install(directory / "bin" / "python", [BUILDER])

    return cached("ansible-builder", [BUILDER, platform_key(Path(sys.executable))], install) / "bin" / "ansible-builder"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the definition and the artefact, as the definition's comment says."""
    path = tmp_path_factory.mktemp("execution-environment")
    shutil.copy(DEFINITION, path)
    galaxy = Path(sys.executable).with_name("ansible-galaxy")
    _run(galaxy, "collection", "build", COLLECTION, "--output-path", path, cwd=path)
    return path


def _requirements(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def test_what_the_collection_asks_for(builder: Path, folder: Path) -> None:
    [artefact] = folder.glob("*.tar.gz")
    galaxy = Path(sys.executable).with_name("ansible-galaxy")
    _run(galaxy, "collection", "install", "--offline", "--force", artefact, "-p", folder / "installed", cwd=folder)
    found: dict[str, Any] = yaml.safe_load(_run(builder, "introspect", folder / "installed", cwd=folder))
    python = [line.partition("#")[0].strip() for line in found["python"]]
    assert python == _requirements((ROOT / "meta" / "ee-requirements.txt").read_text(encoding="utf-8"))
    assert set(_requirements((ROOT / "requirements.txt").read_text(encoding="utf-8"))) < set(python)
    assert "kubernetes>=24.2.0" in python
    assert all("driver-from-distribution" in line for line in found["system"]), "nothing of the system is needed by default"


def test_the_context_is_complete(builder: Path, folder: Path) -> None:
    out = _run(builder, "create", "--output-filename", "Containerfile", cwd=folder)
    assert "Complete!" in out
    context = folder / "context"
    requirements = yaml.safe_load((context / "_build" / "requirements.yml").read_text(encoding="utf-8"))["collections"]
    [own, kubernetes] = requirements
    assert (context / "_build" / own["name"]).is_file(), "the artefact of this version is in the context"
    assert kubernetes["name"] == "kubernetes.core"
    definition = yaml.safe_load(DEFINITION.read_text(encoding="utf-8"))
    text = (context / "Containerfile").read_text(encoding="utf-8")
    assert definition["images"]["base_image"]["name"] in text
    assert "ansible-galaxy collection install" in text
