# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs out of Debian's packages, without installing anything into the system."""

from __future__ import annotations

import os
import platform
import shutil
from pathlib import Path

from tests.support.cache import cached, progress, run_tool
from tests.support.errors import SupportError
from tests.support.postgres import public_cache_root


def unpacked(package: str) -> Path:
    """Return a directory with a package, and the libraries that it needs, unpacked; every account can read it."""
    return cached(package, [_release(), platform.machine()], lambda directory: _install(package, directory), public_cache_root())


def _install(package: str, directory: Path) -> None:
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise SupportError(f"{package} is taken from Debian's packages: run these tests where there are apt-get and dpkg-deb")
    progress(f"downloading {package} from Debian's packages (once, then cached)")
    try:
        _download(package, directory)
    except SupportError:
        # Machines are often made without lists of packages, or with old ones.
        run_tool(["apt-get", "update"], os.environ)
        _download(package, directory)
    for archive in directory.glob("*.deb"):
        run_tool(["dpkg-deb", "-x", archive, directory], os.environ)
        archive.unlink()
    directory.chmod(0o755)


def _download(package: str, directory: Path) -> None:
    """Download the package and all libraries but the C library, which must be the system's own."""
    listing = run_tool(["apt-cache", "depends", package], os.environ)
    depends = [line.split()[1] for line in listing.splitlines() if line.strip().startswith("Depends: lib")]
    run_tool(["apt-get", "download", package, *(name for name in depends if name != "libc6")], os.environ, directory)


def _release() -> str:
    """Return what tells one release of a distribution from another."""
    path = Path("/etc/os-release")
    return path.read_text(encoding="utf-8") if path.exists() else platform.platform()
