# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What speaks to a Kubernetes API and was not written here: kubernetes.core, the Python client in several versions, kubectl."""

from __future__ import annotations

import os
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

from tests.support.cache import cached, progress, run_tool
from tests.support.debian import unpacked
from tests.support.packages import create_venv, install_environment, pip_install, platform_key

# The package on PyPI that brings kubernetes.core 6.2.0 with it.
ANSIBLE = "ansible==12.3.0"
COLLECTION_FOLDER = "ansible_collections/kubernetes/core/"
# From which version of the client kubernetes.core supports it.
OLDEST_CLIENT = "24.2.0"


def kubernetes_core() -> Path:
    """Return a directory for ANSIBLE_COLLECTIONS_PATH and PYTHONPATH that holds the collection kubernetes.core and nothing else."""
    return cached("kubernetes-core", [ANSIBLE], _unpack_collection)


def with_kubernetes_core(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which Ansible and Python find kubernetes.core too."""
    path = str(kubernetes_core())
    changed = dict(environment)
    for name in ("ANSIBLE_COLLECTIONS_PATH", "PYTHONPATH"):
        known = [part for part in environment.get(name, "").split(os.pathsep) if part]
        changed[name] = os.pathsep.join([*known, path] if path not in known else known)
    return changed


def client_python(version: str) -> Path:
    """Return a Python that has the given version of the client, and what a tunnel needs beside it."""
    interpreter = Path(sys.executable)
    packages = [f"kubernetes=={version}", "ansible-core", "psycopg2-binary", "requests"]

    def install(directory: Path) -> None:
        progress(f"installing kubernetes {version} (once, then cached)")
        create_venv(directory, interpreter)
        pip_install(directory / "bin" / "python", packages)

    return cached("kubernetes-python", [*packages, platform_key(interpreter)], install) / "bin" / "python"


def kubectl() -> Path:
    """Return the program kubectl."""
    return unpacked("kubernetes-client") / "usr" / "bin" / "kubectl"


def _unpack_collection(directory: Path) -> None:
    progress(f"downloading {ANSIBLE} for its kubernetes.core (once, then cached)")
    wheels = directory / "wheel"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", wheels, ANSIBLE]
    run_tool([str(word) for word in command], install_environment())
    (wheel,) = wheels.glob("ansible-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(directory, [name for name in archive.namelist() if name.startswith(COLLECTION_FOLDER)])
    wheel.unlink()
    wheels.rmdir()
