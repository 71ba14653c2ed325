# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One transaction with PostgreSQL: connect, lock, look at the tables, execute, commit. Knows nothing about models.

The only place that imports psycopg2. Works through a pooler in transaction mode: every setting and the lock last for one
transaction, and nothing is prepared.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import codecs
import contextlib
import os
import select
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import (
    ConnectionBroke,
    DatabaseError,
    DatabaseUnreachable,
    InputError,
    LockTimeout,
    SchemaMismatch,
    TransactionAborted,
)
from ansible_collections.litemaas.models.plugins.module_utils._common.libraries import missing
from ansible_collections.litemaas.models.plugins.module_utils._common.redact import Redactor
from ansible_collections.litemaas.models.plugins.module_utils._postgres.copy_format import LinesAsFile, copy_line
from ansible_collections.litemaas.models.plugins.module_utils._postgres.errors import DENIED, STATE_ADVICE, advice_on_connecting
from ansible_collections.litemaas.models.plugins.module_utils._postgres.target import Target

if t.TYPE_CHECKING:
    pass


try:
    import psycopg2
    import psycopg2.extensions
    import psycopg2.extras
except ImportError:
    HAS_PSYCOPG2 = False
else:
    HAS_PSYCOPG2 = True

# Name of a table -> name of a column -> its type as PostgreSQL writes it ("character varying(255)").
Tables = dict[str, dict[str, str]]
Row = dict[str, t.Any]

APPLICATION = "litemaas.models"
CONNECT_TIMEOUT_S = 10

# Each side notices after about a minute, not after two hours, that the other's machine is gone; the server then gives the lock free.
_KEEPALIVES = {"keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3"}

UTF8 = "UTF8"
# A database that keeps bytes as they are, whatever they mean.
NO_ENCODING = "SQL_ASCII"

# One lock for everything that writes LiteMaaS's models; the numbers are the letters "lite" and "maas".
LOCK = (0x6C697465, 0x6D616173)

# PostgreSQL 14 and later look this often whether the client is still there; older ones do not know the setting.
CONNECTION_CHECK = "2s"


def check_driver() -> None:
    """Raise MissingLibrary where psycopg2 is not installed."""
    if not HAS_PSYCOPG2:
        raise missing("psycopg2")


_SETTINGS = """
SELECT set_config(s.name, s.value, true) FROM unnest(%(names)s::text[], %(texts)s::text[]) AS s(name, value)
WHERE current_setting(s.name, true) IS NOT NULL
"""
# The lock is waited for with the settings made.
_SETTINGS_AND_LOCK = f"""
WITH settings AS MATERIALIZED (SELECT count(made) AS made FROM ({_SETTINGS}) AS s(made))
SELECT pg_advisory_xact_lock(%(one)s, %(two)s) FROM settings WHERE made >= 0
"""


def _read_any_bytes(connection: t.Any) -> None:
    """Read UTF-8, with a sign for each byte that is none, over a connection to a database that takes any bytes for text."""
    codecs.register(lambda name: _ANY_BYTES if name == _ANY_BYTES.name else None)
    psycopg2.extensions.encodings[NO_ENCODING.replace("_", "")] = _ANY_BYTES.name
    connection.set_client_encoding(NO_ENCODING)


_ANY_BYTES = codecs.CodecInfo(
    name="litemaas_any_bytes",
    encode=codecs.utf_8_encode,
    decode=lambda data, errors="strict": codecs.utf_8_decode(data, "replace", True),
)


class Database:
    """One transaction. ``statements`` counts what was sent, BEGIN and COMMIT too: each is one round trip.

    ``encoding`` is the database's own, as PostgreSQL calls it, ``codec`` Python's name of what its texts may be.
    """

    def __init__(self, target: Target, read_only: bool = False) -> None:
        self.target = target
        self.read_only = read_only
        self.statements = 0
        self._redactor = Redactor()
        self._redactor.add(target.password)
        self._lock_timeout = 0
        # What the user lacks, asked where it may not do something.
        self.on_denied: t.Callable[[], list[str]] = list
        self.encoding, self.codec = UTF8, "utf-8"
        self._connection = self._open()

    def _open(self) -> t.Any:
        arguments: dict[str, t.Any] = {"connect_timeout": CONNECT_TIMEOUT_S, **_KEEPALIVES}
        arguments.update(self.target.arguments)
        arguments.update(application_name=APPLICATION, client_encoding="UTF8")
        try:
            connection = psycopg2.connect(**arguments)
            connection.set_session(readonly=self.read_only, isolation_level="READ COMMITTED")
            self.encoding = connection.get_parameter_status("server_encoding") or UTF8
            if self.encoding == NO_ENCODING:
                self.statements += 1
                _read_any_bytes(connection)
            elif self.encoding != UTF8:
                self.codec = psycopg2.extensions.encodings.get(self.encoding, self.codec)
        except (psycopg2.Error, ValueError) as error:
            raise self._unreachable(error) from None
        return connection

    def fitting(self, text: str) -> str:
        """A text with "?" for what the database has no room for."""
        return text.encode(self.codec, "replace").decode(self.codec)

    def begin(self, lock_timeout: int) -> None:
        """Begin the transaction: its settings, and the lock if it may write. ``lock_timeout`` is in seconds. Raises LockTimeout."""
        if lock_timeout <= 0:
            raise InputError("lock_timeout must be larger than 0 seconds")
        self._lock_timeout = lock_timeout
        self.statements += 1
        settings = {"lock_timeout": f"{lock_timeout}s", "idle_in_transaction_session_timeout": "0"}
        settings.update({"tcp_" + name: value for name, value in _KEEPALIVES.items()})
        # A run that is ended while it waits for a lock must not go on waiting in the server.
        settings["client_connection_check_interval"] = CONNECTION_CHECK
        if self.target.schema:
            settings["search_path"] = '"{0}"'.format(self.target.schema.replace('"', '""'))
        parameters = {"names": list(settings), "texts": list(settings.values())}
        if self.read_only:
            self.execute(_SETTINGS, parameters)
        else:
            self._lock(lock_timeout, parameters)

    def _lock(self, lock_timeout: int, settings: t.Mapping[str, t.Any]) -> None:
        """Take the lock in the statement that makes the settings: one way to the server less."""
        try:
            self.execute(_SETTINGS_AND_LOCK, dict(settings, one=LOCK[0], two=LOCK[1]))
        except LockTimeout:
            raise LockTimeout(
                f"Another run is writing LiteMaaS's models{self._holder()}. Nothing was changed. Wait for it to end, or raise lock_timeout "
                f"(it was {lock_timeout} s)"
            ) from None

    def _holder(self) -> str:
        """Who holds the lock, for the message: best effort."""
        try:
            found = self.execute(
                "SELECT a.pid, a.usename::text AS usename, a.application_name, coalesce(host(a.client_addr), 'the same host') AS address, "
                "extract(epoch FROM now() - a.xact_start)::int AS seconds FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
                "WHERE l.locktype = 'advisory' AND l.granted AND l.classid = %(one)s AND l.objid = %(two)s",
                {"one": LOCK[0], "two": LOCK[1]},
            )
        except DatabaseError:
            found = []
        if not found:
            return ""
        return ' (process {pid}, user "{usename}", application "{application_name}" on {address}, for {seconds} s)'.format(**found[0])

    def execute(self, sql: str, parameters: t.Mapping[str, t.Any] | None = None) -> list[Row]:
        """Execute one statement; returns its rows. On an error everything is rolled back. Raises DatabaseError."""
        self.statements += 1
        with self._errors_as_ours(), self._connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
            cursor.execute(sql, dict(parameters or {}))
            return self._fetch(cursor) if cursor.description else []

    def _fetch(self, cursor: t.Any) -> list[Row]:
        try:
            return [dict(row) for row in cursor.fetchall()]
        except (ArithmeticError, UnicodeError, ValueError) as error:
            self._rollback()
            raise DatabaseError(
                f"The {self.target.described()} holds a value that cannot be read ({self._said(error)}). Nothing was changed"
            ) from None

    @contextlib.contextmanager
    def _errors_as_ours(self) -> t.Iterator[None]:
        """What goes wrong in a statement as the collection's error, with everything rolled back."""
        try:
            yield
        except psycopg2.Error as error:
            self._rollback()
            raise self._failed(error) from None
        except (UnicodeError, ValueError) as error:
            self._rollback()
            raise DatabaseError(f"A value cannot be sent to PostgreSQL ({type(error).__name__}). Nothing was changed") from None

    def load(self, table: str, columns: t.Mapping[str, str], rows: t.Iterable[t.Sequence[t.Any]]) -> None:
        """Make a temporary table of these columns (name -> type) for this transaction, and fill it: one statement, however many rows.

        ``rows`` are asked for one after the other while they are sent. Raises DatabaseError.
        """
        self.statements += 1
        names = ", ".join(columns)
        sql = "CREATE TEMPORARY TABLE {0} ({1}) ON COMMIT DROP; COPY {0} ({2}) FROM STDIN".format(
            table, ", ".join(f"{name} {kind}" for name, kind in columns.items()), names
        )
        texts = (copy_line(row) for row in rows)
        if self.encoding != UTF8:
            texts = (self.fitting(text) for text in texts)
        lines = LinesAsFile((text.encode() for text in texts), self._wait_for_room)
        with self._errors_as_ours(), self._connection.cursor() as cursor:
            try:
                cursor.copy_expert(sql, lines)
            except psycopg2.Error:
                if lines.failure is not None:
                    raise ValueError("a row cannot be sent") from lines.failure
                raise

    def _wait_for_room(self) -> None:
        """Wait until the connection takes what is left of a COPY, a few kB, at once.

        psycopg2 ends a COPY with Python's lock in hand, and a tunnel of this process would never get to carry what stands before that.
        """
        select.select([], [self._connection.fileno()], [])

    def tables(self, names: t.Iterable[str]) -> Tables:
        """Columns and types of those tables that are there, in one statement."""
        found = self.execute(
            "SELECT c.relname::text AS table_name, a.attname::text AS column_name, format_type(a.atttypid, a.atttypmod) AS type "
            "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid "
            "WHERE c.relname = ANY(%(names)s) AND c.relkind IN ('r', 'p') AND pg_table_is_visible(c.oid) "
            "AND a.attnum > 0 AND NOT a.attisdropped",
            {"names": list(names)},
        )
        tables: Tables = {}
        for row in found:
            tables.setdefault(row["table_name"], {})[row["column_name"]] = row["type"]
        return tables

    def schemas_without_usage(self, table: str) -> list[str]:
        """Schemas with a table of that name that the user may not look into."""
        found = self.execute(
            "SELECT DISTINCT n.nspname::text AS name FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relname = %(table)s AND c.relkind IN ('r', 'p') AND NOT has_schema_privilege(n.oid, 'USAGE') ORDER BY 1",
            {"table": table},
        )
        return [row["name"] for row in found]

    def commit(self, transaction: str) -> None:
        """Keep everything. Where the connection breaks meanwhile, the server is asked whether it did. Raises DatabaseError.

        ``transaction`` is the number of this transaction (``pg_current_xact_id()``), as one of its statements told.
        """
        self.statements += 1
        try:
            self._connection.commit()
        except psycopg2.Error as error:
            self._rollback()
            if not self._connection.closed or not self._was_committed(transaction):
                raise self._failed(error) from None

    def _was_committed(self, transaction: str) -> bool:
        """Whether a transaction whose COMMIT got no answer was committed. Raises DatabaseError where that cannot be found out.

        Asked with the lock in hand: whoever held it is at its end then.
        """
        try:
            again = Database(self.target)
            try:
                again.begin(self._lock_timeout)
                found = again.execute("SELECT pg_xact_status(%(id)s::xid8) AS status", {"id": transaction})
            finally:
                again.close()
        except DatabaseError as error:
            raise DatabaseError(
                f"The connection to {self.target.described()} broke while the changes were being committed: they are there "
                "as a whole or not at all. "
                f"Run again: it does what is missing ({error.message})"
            ) from None
        return bool(found[0]["status"] == "committed")

    def close(self) -> None:
        """Give up what was not committed."""
        self._rollback()
        with contextlib.suppress(psycopg2.Error):
            self._connection.close()

    def _rollback(self) -> None:
        with contextlib.suppress(psycopg2.Error):
            self._connection.rollback()

    # --- what went wrong -------------------------------------------------------------------------------------------------

    def _said(self, error: Exception) -> str:
        """The first line of what the driver says, without the password and without the statement."""
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        return self._redactor.text(lines[0]) if lines else type(error).__name__

    def _said_on_the_way(self, error: Exception) -> str:
        """The same of a connection that is not there, with what its tunnel says: the driver only knows that it ended."""
        said = self._said(error).rstrip(". ")
        if not self.target.problems:
            return said
        return "{0} (the port-forward says: {1})".format(said, self._redactor.text("; ".join(self.target.problems)).rstrip(". "))

    def _unreachable(self, error: Exception) -> DatabaseUnreachable:
        said = self._said_on_the_way(error)
        return DatabaseUnreachable(
            f"Cannot connect to {self.target.described()}: {said}. {advice_on_connecting(said, self.target, os.environ)}",
            target=self.target.described(),
        )

    def _lacking(self) -> str:
        """What to give a user who may not do something; the empty text where that cannot be told."""
        ask, self.on_denied = self.on_denied, list
        try:
            missing = ask()
        except DatabaseError:
            missing = []
        self.on_denied = ask
        self._rollback()
        return "Of a run's rights the user of {0} lacks {1}".format(self.target.source, ", ".join(missing)) if missing else ""

    def _failed(self, error: t.Any) -> DatabaseError:
        """The error of a statement as the collection's error. The driver's DETAIL line is left out: it holds values."""
        state = error.pgcode or ""
        said = self._said(error).rstrip(". ")
        where = self.target.described()
        if state == "55P03":
            return LockTimeout(
                f"Another transaction holds rows that this run needs ({said}). Nothing was changed. Run again", sqlstate=state
            )
        if state in ("42P01", "42703", "3F000", "42883"):
            return SchemaMismatch(
                f"The {where} does not have LiteMaaS's tables as they should be: {said}. Nothing was changed", sqlstate=state
            )
        unsent = (psycopg2.ProgrammingError, psycopg2.InterfaceError, psycopg2.DataError, psycopg2.NotSupportedError)
        if not state and isinstance(error, unsent) and not self._connection.closed:
            return DatabaseError(f"A statement cannot be sent to PostgreSQL ({type(error).__name__}). Nothing was changed")
        if not state or state.startswith("08") or state in ("57P01", "57P02", "57P03"):
            said = self._said_on_the_way(error)
            return ConnectionBroke(f"The connection to {where} broke: {said}. Nothing was changed", sqlstate=state)
        if state in ("40P01", "40001"):
            return TransactionAborted(f"Another transaction was in the way ({said}). Nothing was changed. Run again", sqlstate=state)
        advice = self._lacking() if state == DENIED else ""
        advice = advice or STATE_ADVICE.get(state, "").format(self.target.source)
        return DatabaseError("PostgreSQL refused: {0}. Nothing was changed{1}".format(said, advice and ". " + advice), sqlstate=state)
