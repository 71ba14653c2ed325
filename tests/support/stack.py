# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PostgreSQL, LiteLLM proxies and the LiteMaaS tables as one thing that starts and stops as a whole.

Everything started is written to ``stack.json`` in the state directory at once, so that any process can stop it.
A guardian process does so when the process that started it ends in whatever way (see guardian.py).
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from tests.support import litemaas, processes
from tests.support.cache import cached, file_lock, progress
from tests.support.errors import SupportError
from tests.support.litellm import DEFAULT_VERSION, MASTER_KEY, LiteLLMProxy, ProxyOptions
from tests.support.postgres import PostgresServer, quote, quote_name
from tests.support.processes import ProcessRecord

LITEMAAS_DATABASE = "litemaas_db"
LITELLM_DATABASE = "litellm_db"
GUARDIAN_RELEASE = b"release\n"
_RECORD_FILE = "stack.json"
# Another text makes the cache forget the schemas that it has.
_SCHEMA_FORMAT = "2"
_REPOSITORY = Path(__file__).parents[2]


class Stack:
    """Real servers for tests and demos; a context manager.

    ``state_dir`` holds logs, data and the record of what runs. With ``keep_data`` False the data go when the stack
    stops. ``proxy`` are the options of the first proxy; its database is ``litellm_db``. ``older_backend`` creates
    the LiteMaaS tables as older backends have them. ``with_litellm`` False starts PostgreSQL only. ``durable`` lets
    PostgreSQL wait for the disk.
    """

    def __init__(
        self,
        state_dir: Path | str,
        litellm_version: str = DEFAULT_VERSION,
        *,
        proxy: ProxyOptions | None = None,
        postgres_version: str = "16",
        postgres_port: int | None = None,
        older_backend: bool = False,
        with_litellm: bool = True,
        keep_data: bool = False,
        durable: bool = False,
    ) -> None:
        """Take the options; nothing starts yet."""
        self.state_dir = Path(state_dir).resolve()
        self.litellm_version = litellm_version
        self.proxies: dict[str, LiteLLMProxy] = {}
        self._proxy_options = proxy or ProxyOptions()
        self._older_backend = older_backend
        self._with_litellm = with_litellm
        self._keep_data = keep_data
        self._detached = False
        self._guardian: subprocess.Popen[bytes] | None = None
        self._postgres_arguments: dict[str, Any] = {"version": postgres_version, "port": postgres_port, "durable": durable}
        self._postgres: PostgresServer | None = None
        self._record = StackRecord()

    @classmethod
    def attached(cls, state_dir: Path | str, litellm_version: str = DEFAULT_VERSION) -> Stack:
        """Return the servers of a stack that another process started with this LiteLLM, or with none; that one stops them."""
        stack = cls(state_dir, litellm_version)
        record = StackRecord.read(stack.state_dir)
        if not record.running():
            raise SupportError(f"{stack.state_dir}: nothing runs there")
        stack._postgres = PostgresServer(stack.state_dir, port=urlsplit(record.environment["DATABASE_URL"]).port)
        stack._postgres.socket_dir = Path(record.directories[0])
        if "LITELLM_API_URL" in record.environment:
            options = ProxyOptions(version=litellm_version, port=urlsplit(record.environment["LITELLM_API_URL"]).port)
            stack.proxies["litellm"] = LiteLLMProxy("litellm", stack.state_dir / "litellm", options)
        return stack

    def __enter__(self) -> Stack:
        """Start everything."""
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop everything, unless it was detached."""
        if not self._detached:
            self.stop()

    @property
    def postgres(self) -> PostgresServer:
        """The PostgreSQL server."""
        if self._postgres is None:
            raise SupportError("the stack is not started")
        return self._postgres

    @property
    def proxy(self) -> LiteLLMProxy:
        """The first LiteLLM proxy."""
        if not self.proxies:
            raise SupportError("the stack has no running LiteLLM proxy")
        return next(iter(self.proxies.values()))

    @property
    def litellm_url(self) -> str:
        """Base URL of the first proxy."""
        return self.proxy.url

    @property
    def master_key(self) -> str:
        """Admin key of the proxies."""
        return self._proxy_options.master_key or MASTER_KEY

    @property
    def database_url(self) -> str:
        """URL of the LiteMaaS backend's database."""
        return self.postgres.url(LITEMAAS_DATABASE)

    @property
    def litellm_database_url(self) -> str:
        """URL of LiteLLM's own database."""
        return self.postgres.url(LITELLM_DATABASE)

    def environ(self) -> dict[str, str]:
        """Return the variables by which the collection finds the servers."""
        variables = {"DATABASE_URL": self.database_url, "LITELLM_DATABASE_URL": self.litellm_database_url}
        if self.proxies:
            variables.update(LITELLM_API_URL=self.litellm_url, LITELLM_API_KEY=self.master_key)
        return variables

    def start(self) -> None:
        """Start everything and wait until it is ready. If anything fails, nothing stays behind."""
        with file_lock(self.state_dir / "lock"):
            running = StackRecord.read(self.state_dir).running()
            if running:
                names = ", ".join(record.name for record in running)
                command = f"python -m tests.support down --state {self.state_dir}"
                raise SupportError(f"{self.state_dir}: already running ({names}). To stop it: {command}")
            # A start that is broken off must not leave half-made data for the next one.
            self._record = StackRecord(keep_data=(self.state_dir / "postgres").exists())
            self._save()
        try:
            self._start_guardian()
            self._start_postgres()
            if self._with_litellm:
                options = dataclasses.replace(self._proxy_options, version=self.litellm_version)
                self.start_proxy("litellm", options)
            self._record.environment = self.environ()
            self._record.keep_data = self._keep_data
            self._save()
        except BaseException:
            self.stop()
            raise

    def start_proxy(
        self,
        name: str,
        options: ProxyOptions | None = None,
        *,
        database: str | None = LITELLM_DATABASE,
        wait: bool = True,
        updates: bool = False,
    ) -> LiteLLMProxy:
        """Start one more proxy. Two proxies on one ``database`` are two pods; ``database`` None means none at all.

        ``updates`` lets it bring the tables of another version up to date, as LiteLLM does when it is updated in place.
        """
        if name in self.proxies:
            raise SupportError(f"there is already a proxy called {name}")
        chosen = options or dataclasses.replace(self._proxy_options, version=self.litellm_version, port=None)
        if database is not None:
            migrated = self._prepare_litellm_database(database, chosen.version, updates)
            chosen = dataclasses.replace(chosen, database_url=self.postgres.url(database), migrated=migrated)
        proxy = LiteLLMProxy(name, self.state_dir / name, chosen)
        progress(f"starting LiteLLM {chosen.version} on {proxy.url}")
        self._remember(proxy.start())
        self.proxies[name] = proxy
        if wait:
            self.wait_for(proxy, database)
        return proxy

    def wait_for(self, proxy: LiteLLMProxy, database: str | None = LITELLM_DATABASE) -> None:
        """Wait until a proxy is ready (needed only after ``start_proxy(wait=False)``)."""
        proxy.wait()
        if database is not None and not proxy.options.migrated:
            self._note_schema(database, proxy.options.version)
        progress(f"LiteLLM {proxy.options.version} is ready on {proxy.url}")

    def stop_proxy(self, name: str) -> None:
        """Stop one proxy; the database stays."""
        self.proxies.pop(name).stop()

    def stop(self) -> None:
        """Stop everything. Silent if nothing runs."""
        stop_stack(self.state_dir)
        self._release_guardian()
        self.proxies.clear()

    def detach(self) -> None:
        """Let the servers run on when this process ends; ``stop_stack`` (or ``down``) stops them later."""
        self._detached = True
        self._release_guardian()

    def _start_postgres(self) -> None:
        self._postgres = PostgresServer(self.state_dir, **self._postgres_arguments)
        self._record.directories += [str(path) for path in self._postgres.prepare()]
        self._save()
        self._postgres.write_settings()
        self._remember(self._postgres.start())
        self._postgres.wait()
        if not self._postgres.has_database(LITEMAAS_DATABASE):
            self._postgres.create_database(LITEMAAS_DATABASE)
            self._postgres.sql(litemaas.schema_sql(older=self._older_backend), LITEMAAS_DATABASE)

    def _prepare_litellm_database(self, database: str, version: str, updates: bool) -> bool:
        """Make sure that the database exists; tell whether it has this version's tables already.

        Raises SupportError if it has the tables of another version and that is not wanted: a proxy would migrate them for everybody
        who uses the database.
        """
        schema = _schema_directory(version, self.postgres) / "schema.sql"
        if not self.postgres.has_database(database):
            self.postgres.create_database(database)
            if schema.exists():
                self.postgres.sql(schema.read_text(encoding="utf-8"), database)
                self._note_schema_version(database, version)
        note = self._schema_note_of(database)
        if note and note != _schema_note(version) and not updates:
            raise SupportError(f"the database {database} has the {note}. Start LiteLLM {version} on another database")
        return note == _schema_note(version)

    def _note_schema(self, database: str, version: str) -> None:
        """Note whose tables a database has now. Tables that were made from nothing are kept: the next new database needs no migrations."""
        was_empty = not self._schema_note_of(database)
        self._note_schema_version(database, version)
        if was_empty:
            self._keep_schema(database, version)

    def _keep_schema(self, database: str, version: str) -> None:
        target = _schema_directory(version, self.postgres) / "schema.sql"
        text = self.postgres.dump(database, "--schema-only") + self.postgres.dump(database, "--data-only", "--table=_prisma_migrations")
        partial = target.with_name(f"schema.{os.getpid()}.partial")
        partial.write_text(text, encoding="utf-8")
        partial.replace(target)

    def _schema_note_of(self, database: str) -> str:
        question = f"SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = {quote(database)}"
        [[_name, note]] = self.postgres.sql(question)
        return note

    def _note_schema_version(self, database: str, version: str) -> None:
        self.postgres.sql(f"COMMENT ON DATABASE {quote_name(database)} IS {quote(_schema_note(version))}")

    def _remember(self, record: ProcessRecord) -> None:
        self._record.processes.append(record)
        self._save()

    def _save(self) -> None:
        self._record.write(self.state_dir)

    def _start_guardian(self) -> None:
        log = self.state_dir / "guardian.log"
        with log.open("ab") as output:
            self._guardian = subprocess.Popen(
                [sys.executable, "-m", "tests.support.guardian", str(self.state_dir)],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                cwd=_REPOSITORY,
                start_new_session=True,
            )

    def _release_guardian(self) -> None:
        if self._guardian is None or self._guardian.stdin is None:
            return
        with contextlib.suppress(OSError):
            self._guardian.stdin.write(GUARDIAN_RELEASE)
            self._guardian.stdin.close()
        self._guardian.wait(timeout=60)
        self._guardian = None


@dataclasses.dataclass
class StackRecord:
    """What runs, as written to stack.json."""

    processes: list[ProcessRecord] = dataclasses.field(default_factory=list)
    directories: list[str] = dataclasses.field(default_factory=list)
    environment: dict[str, str] = dataclasses.field(default_factory=dict)
    keep_data: bool = True

    @classmethod
    def read(cls, state_dir: Path) -> StackRecord:
        """Return the record of a state directory; an empty one if there is none."""
        path = state_dir / _RECORD_FILE
        if not path.exists():
            return cls()
        data = json.loads(path.read_text(encoding="utf-8"))
        data["processes"] = [ProcessRecord(**record) for record in data["processes"]]
        return cls(**data)

    def write(self, state_dir: Path) -> None:
        """Write the record at once or not at all. It holds a password and the admin key: only for our eyes."""
        partial = state_dir / (_RECORD_FILE + ".partial")
        partial.touch(mode=0o600)
        partial.write_text(json.dumps(dataclasses.asdict(self), indent=1) + "\n", encoding="utf-8")
        partial.replace(state_dir / _RECORD_FILE)

    def running(self) -> list[ProcessRecord]:
        """Return the recorded processes that still run."""
        return [record for record in self.processes if processes.is_running(record)]


def stop_stack(state_dir: Path, *, purge: bool = False) -> list[str]:
    """Stop what stack.json says, last started first, and return the names of what was running.

    ``purge`` removes the data also of a stack that keeps them.
    """
    if not state_dir.exists():
        return []
    with file_lock(state_dir / "stop-lock"):
        record = StackRecord.read(state_dir)
        names = [process.name for process in record.running()]
        # PostgreSQL, the first to start, is the last to stop; the proxies end at the same time.
        for process in record.processes[1:]:
            processes.ask_to_stop(process)
        for process in reversed(record.processes):
            processes.stop(process)
        _remove_leftovers(state_dir, record, purge or not record.keep_data)
        return names


def _remove_leftovers(state_dir: Path, record: StackRecord, purge: bool) -> None:
    link = state_dir / "postgres"
    for directory in record.directories:
        if purge or Path(directory) != link.resolve():
            shutil.rmtree(directory, ignore_errors=True)
    if purge:
        if link.is_symlink():
            link.unlink()
        shutil.rmtree(link, ignore_errors=True)
    (state_dir / _RECORD_FILE).unlink(missing_ok=True)


def _schema_directory(version: str, postgres: PostgresServer) -> Path:
    return cached(f"schema-{version}", [_SCHEMA_FORMAT, version, postgres.version], lambda directory: None)


def _schema_note(version: str) -> str:
    return f"tables of LiteLLM {version}"
