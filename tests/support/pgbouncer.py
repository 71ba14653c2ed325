# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real pgbouncer in transaction mode, from Debian's packages, without installing anything into the system."""

from __future__ import annotations

import contextlib
import os
import platform
import pwd
import shutil
import socket
import tempfile
import time
from pathlib import Path
from types import TracebackType

from tests.support import processes
from tests.support.cache import cached, last_lines, progress, run_tool
from tests.support.errors import SupportError
from tests.support.postgres import ADMIN, PASSWORD, UNPRIVILEGED_ACCOUNT, PostgresServer, public_cache_root

PACKAGE = "pgbouncer"
START_TIMEOUT_S = 20


class PgBouncer:
    """A pooler in front of a server, on a free port of 127.0.0.1; a context manager.

    ``pool_size``: how many connections to the server all clients share.
    """

    def __init__(self, server: PostgresServer, pool_size: int = 1) -> None:
        """Choose the server; nothing starts yet."""
        self.port = processes.free_port()
        self._server = server
        self._pool_size = pool_size
        self._home = Path(tempfile.mkdtemp(prefix="litemaas-pgbouncer-", dir="/tmp"))
        self._user = pwd.getpwnam(UNPRIVILEGED_ACCOUNT).pw_uid if os.geteuid() == 0 else None
        self._record: processes.ProcessRecord | None = None

    def url(self, database: str) -> str:
        """Return a connection URL."""
        return f"postgresql://{ADMIN}:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def __enter__(self) -> PgBouncer:
        """Start it, and wait until it accepts connections."""
        root = install_pgbouncer()
        self._write("users.txt", f'"{ADMIN}" "{PASSWORD}"\n')
        self._write("pgbouncer.ini", self._settings())
        self._home.chmod(0o755)
        _process, self._record = processes.spawn(
            PACKAGE,
            [root / "usr" / "sbin" / PACKAGE, self._home / "pgbouncer.ini"],
            log=self._home / "log",
            env={"PATH": os.defpath, "LD_LIBRARY_PATH": os.pathsep.join(str(path) for path in root.glob("usr/lib/*-linux-*"))},
            cwd=Path("/"),
            user=self._user,
        )
        self._wait()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop it."""
        if self._record:
            processes.stop(self._record)
        shutil.rmtree(self._home, ignore_errors=True)

    def _settings(self) -> str:
        settings = {
            "listen_addr": "127.0.0.1",
            "listen_port": self.port,
            "unix_socket_dir": "",
            "auth_type": "scram-sha-256",
            "auth_file": self._home / "users.txt",
            "pool_mode": "transaction",
            "default_pool_size": self._pool_size,
        }
        lines = "".join(f"{name} = {value}\n" for name, value in settings.items())
        return f"[databases]\n* = host=127.0.0.1 port={self._server.port}\n[pgbouncer]\n{lines}"

    def _write(self, name: str, text: str) -> None:
        path = self._home / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        if self._user is not None:
            os.chown(path, self._user, -1)

    def _wait(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while self._record and processes.is_running(self._record) and time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.02)
        log = (self._home / "log").read_text(encoding="utf-8", errors="replace")
        raise SupportError(f"pgbouncer did not start. The end of its log:\n{last_lines(log)}")


def install_pgbouncer() -> Path:
    """Return a directory with pgbouncer's package, and the libraries that it needs, unpacked."""
    return cached(PACKAGE, [_release(), platform.machine()], _install, public_cache_root())


def _install(directory: Path) -> None:
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise SupportError("pgbouncer is taken from Debian's packages: run these tests where there are apt-get and dpkg-deb")
    progress("downloading pgbouncer from Debian's packages (once, then cached)")
    try:
        _download(directory)
    except SupportError:
        # Machines are often made without lists of packages, or with old ones.
        run_tool(["apt-get", "update"], os.environ)
        _download(directory)
    for package in directory.glob("*.deb"):
        run_tool(["dpkg-deb", "-x", package, directory], os.environ)
        package.unlink()
    directory.chmod(0o755)


def _download(directory: Path) -> None:
    """Download the package and all libraries but the C library, which must be the system's own."""
    listing = run_tool(["apt-cache", "depends", PACKAGE], os.environ)
    depends = [line.split()[1] for line in listing.splitlines() if line.strip().startswith("Depends: lib")]
    run_tool(["apt-get", "download", PACKAGE, *(name for name in depends if name != "libc6")], os.environ, directory)


def _release() -> str:
    """Return what tells one release of a distribution from another."""
    path = Path("/etc/os-release")
    return path.read_text(encoding="utf-8") if path.exists() else platform.platform()
