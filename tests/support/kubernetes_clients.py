# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What speaks to a Kubernetes API and was not written here: kubernetes.core, the Python client in several versions, kubectl."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.support import bundled
from tests.support.cache import cached, progress
from tests.support.debian import unpacked
from tests.support.packages import create_venv, pip_install, platform_key

# From which version of the client kubernetes.core supports it.
OLDEST_CLIENT = "24.2.0"


def kubernetes_core() -> Path:
    """Return a directory for ANSIBLE_COLLECTIONS_PATH and PYTHONPATH that holds the collection kubernetes.core and nothing else."""
    return bundled.collection("kubernetes.core")


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
