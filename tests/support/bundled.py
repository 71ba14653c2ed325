# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Collections of others, out of the package "ansible": the one place beside Galaxy that has them."""

from __future__ import annotations

import functools
import sys
import zipfile
from pathlib import Path

from tests.support.cache import cached, progress, run_tool
from tests.support.errors import SupportError
from tests.support.locks import lock_file, lock_text, locked_package
from tests.support.packages import install_environment

# The lock. Its package brings kubernetes.core 6.2.0 and awx.awx 24.6.1.
LOCK = "ansible"


def collection(name: str) -> Path:
    """Return a folder for ANSIBLE_COLLECTIONS_PATH that holds one collection, such as ``awx.awx``, and nothing else."""
    return cached(f"bundled-{name}", [lock_text(LOCK), name], functools.partial(_unpack, name))


def _unpack(name: str, directory: Path) -> None:
    prefix = f"ansible_collections/{name.replace('.', '/')}/"
    with zipfile.ZipFile(_wheel()) as wheel:
        members = [member for member in wheel.namelist() if member.startswith(prefix)]
        if not members:
            raise SupportError(f"{locked_package(LOCK)} has no collection {name}")
        wheel.extractall(directory, members)


def _wheel() -> Path:
    """Return the package as it was downloaded, shared by all collections."""
    return next(cached("ansible-package", [lock_text(LOCK)], _download).glob("*.whl"))


def _download(directory: Path) -> None:
    progress(f"downloading {locked_package(LOCK)} (once, then cached)")
    options: list[str | Path] = ["--quiet", "--no-deps", "--only-binary", ":all:", "--dest", directory]
    run_tool(
        [sys.executable, "-m", "pip", "download", *options, "--require-hashes", "--requirement", lock_file(LOCK)], install_environment()
    )
