# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real pgbouncer in transaction mode, from Debian's packages, without installing anything into the system."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import tempfile
import time
from pathlib import Path
from types import TracebackType

from tests.support import processes
from tests.support.cache import last_lines
from tests.support.debian import unpacked
from tests.support.errors import SupportError
from tests.support.postgres import ADMIN, PASSWORD, UNPRIVILEGED_ACCOUNT, PostgresServer

PACKAGE = "pgbouncer"
START_TIMEOUT_S = 20


class PgBouncer:
    """A pooler in front of a server, on a free port of 127.0.0.1; a context manager.

    ``pool_size``: how many connections to the server all clients share. ``tls``: a key with its certificate, as PEM; then it demands TLS.
    """

    def __init__(self, server: PostgresServer, pool_size: int = 1, tls: str = "") -> None:
        """Choose the server; nothing starts yet."""
        self.port = processes.free_port()
        self._server = server
        self._pool_size = pool_size
        self._tls = tls
        self._home = Path(tempfile.mkdtemp(prefix="litemaas-pgbouncer-", dir="/tmp"))
        self._user = pwd.getpwnam(UNPRIVILEGED_ACCOUNT).pw_uid if os.geteuid() == 0 else None
        self._record: processes.ProcessRecord | None = None

    def url(self, database: str) -> str:
        """Return a connection URL."""
        return f"postgresql://{ADMIN}:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def __enter__(self) -> PgBouncer:
        """Start it, and wait until it accepts connections."""
        root = unpacked(PACKAGE)
        self._write("users.txt", f'"{ADMIN}" "{PASSWORD}"\n')
        self._write("tls.pem", self._tls)
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
        if self._tls:
            pem = self._home / "tls.pem"
            settings |= {"client_tls_sslmode": "require", "client_tls_key_file": pem, "client_tls_cert_file": pem}
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
