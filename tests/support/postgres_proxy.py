# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A TCP pass-through in front of a real PostgreSQL that counts statements and spoils chosen ones on purpose.

It understands as much of the protocol as it takes to find the statements (messages Query and Parse) and the end of each
answer (ReadyForQuery). Connections must not use TLS.

    with PostgresProxy(server.port) as proxy:
        proxy.fault = at_statement(3, PostgresFault.drop())
        ...                          # connect to proxy.port
        assert len(proxy.statements) == 3
"""

from __future__ import annotations

import contextlib
import dataclasses
import select
import socket
import struct
import threading
import time
from collections.abc import Callable
from types import TracebackType

# The first message of a connection has no type; these two ask for encryption and are answered by one byte.
_ENCRYPTION_REQUESTS = (80877103, 80877104)
_STATEMENTS = (b"Q", b"P")
# The server is ready for the rows of a COPY; the client has sent them all, or gives up.
_COPY_IN = b"G"
_COPY_ENDS = (b"c", b"f")
_READY = b"Z"
_BACKEND_KEY = b"K"
_CHUNK = 65536


@dataclasses.dataclass(frozen=True)
class SentStatement:
    """One statement as it came in; ``number`` and ``connection`` count from 1, ``pid`` is the server's process."""

    number: int
    connection: int
    pid: int
    text: str


@dataclasses.dataclass(frozen=True)
class PostgresFault:
    """What to do with one statement instead of passing it and its answer on.

    ``forward``: whether the server gets it. ``before``: called first, with the statement. ``instead``: SQL that the server
    gets instead. ``keep``: how much of the answer, from 0 to 1, is passed on before the connection ends; None is all, and
    the connection stays. ``delay_s``: wait before the statement is passed on.
    """

    forward: bool = True
    before: Callable[[SentStatement], None] | None = None
    instead: str | None = None
    keep: float | None = None
    delay_s: float = 0.0

    @classmethod
    def drop(cls, *, forward: bool = False) -> PostgresFault:
        """End the connection before the server gets the statement, or after it has carried it out."""
        return cls(forward=forward, keep=0.0)

    @classmethod
    def cut(cls) -> PostgresFault:
        """End the connection in the middle of the answer."""
        return cls(keep=0.5)

    @classmethod
    def delay(cls, seconds: float) -> PostgresFault:
        """Pass the statement on late."""
        return cls(delay_s=seconds)

    @classmethod
    def error(cls, sqlstate: str) -> PostgresFault:
        """Let the server itself fail with that SQLSTATE, which aborts the transaction."""
        return cls(instead=f"DO $$ BEGIN RAISE EXCEPTION 'injected' USING ERRCODE = '{sqlstate}'; END $$")

    @classmethod
    def call(cls, action: Callable[[SentStatement], None]) -> PostgresFault:
        """Do something just before the statement, which is then passed on."""
        return cls(before=action)


FaultChooser = Callable[[SentStatement], "PostgresFault | None"]


def at_statement(number: int, fault: PostgresFault) -> FaultChooser:
    """Return a chooser that applies a fault to the statement of that number only."""
    return lambda statement: fault if statement.number == number else None


def from_statement(number: int, fault: PostgresFault) -> FaultChooser:
    """Return a chooser that applies a fault to the statement of that number and all after it."""
    return lambda statement: fault if statement.number >= number else None


class PostgresProxy:
    """The pass-through, on a free port of 127.0.0.1, in threads of this process; a context manager.

    ``fault`` may be changed at any time. ``refuse`` ends new connections at once. ``statements`` are in the order of
    arrival, those that come after ``clear`` count from 1 again.
    """

    def __init__(self, upstream_port: int, fault: FaultChooser | None = None) -> None:
        """Take the real server's port on 127.0.0.1; nothing is accepted before ``with``."""
        self.fault = fault
        self.refuse = False
        self.statements: list[SentStatement] = []
        self.connections = 0
        self.upstream_port = upstream_port
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def port(self) -> int:
        """The port for clients."""
        return int(self._listener.getsockname()[1])

    def __enter__(self) -> PostgresProxy:
        """Start accepting."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop accepting; open connections end with their clients."""
        # A blocked accept() is not ended by close().
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def clear(self) -> None:
        """Forget what was recorded, and inject no more faults."""
        with self._lock:
            self.statements.clear()
            self.connections = 0
            self.fault = None
            self.refuse = False

    def note(self, connection: int, pid: int, text: str) -> SentStatement:
        """Record a statement."""
        with self._lock:
            statement = SentStatement(len(self.statements) + 1, connection, pid, text)
            self.statements.append(statement)
            return statement

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                number = self.connections
            if self.refuse:
                client.close()
            else:
                threading.Thread(target=_Link(self, client, number).run, daemon=True).start()


class _Closed(Exception):
    """One side ended the connection, or a fault did."""


class _Link:
    """One client's connection with the one to the server."""

    def __init__(self, proxy: PostgresProxy, client: socket.socket, number: int) -> None:
        self._proxy = proxy
        self._client = client
        self._number = number
        self._server = socket.create_connection(("127.0.0.1", proxy.upstream_port))
        for side in (client, self._server):
            side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._from_client = b""
        self._from_server = b""
        self._started = False
        self._pid = 0

    def run(self) -> None:
        """Pass messages on until one side ends."""
        with contextlib.suppress(_Closed, OSError):
            while True:
                ready, _writable, _broken = select.select([self._client, self._server], [], [])
                if self._server in ready:
                    self._client.sendall(self._answers(_receive(self._server)))
                if self._client in ready:
                    self._from_client += _receive(self._client)
                    self._pass_messages()
        for side in (self._client, self._server):
            # A forked process may have a copy of the socket: closing ours would then end nothing.
            with side, contextlib.suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)

    def _answers(self, data: bytes) -> bytes:
        """Return what the server sent, having looked for its process id."""
        self._from_server += data
        while self._started and (message := _message(self._from_server)):
            if message[:1] == _BACKEND_KEY:
                self._pid = int(struct.unpack("!I", message[5:9])[0])
            self._from_server = self._from_server[len(message) :]
        return data

    def _pass_messages(self) -> None:
        """Pass on what is whole of the client's messages."""
        while not self._started and len(self._from_client) >= 8:
            length, code = struct.unpack("!II", self._from_client[:8])
            if len(self._from_client) < length:
                return
            self._started = code not in _ENCRYPTION_REQUESTS
            # The one byte that answers a request for encryption is no message.
            self._from_server = b""
            self._server.sendall(self._from_client[:length])
            self._from_client = self._from_client[length:]
        while self._started and (message := _message(self._from_client)):
            self._from_client = self._from_client[len(message) :]
            if message[:1] in _STATEMENTS:
                self._pass_statement(message)
            else:
                self._server.sendall(message)

    def _pass_statement(self, message: bytes) -> None:
        statement = self._proxy.note(self._number, self._pid, message[5:].strip(b"\0").decode("utf-8", "replace"))
        chooser = self._proxy.fault
        fault = (chooser(statement) if chooser else None) or PostgresFault()
        if fault.before:
            fault.before(statement)
            self._pass_pending()
        time.sleep(fault.delay_s)
        if fault.instead is not None:
            message = _query(fault.instead)
        if fault.forward:
            self._server.sendall(message)
        if fault.keep is not None:
            answer = self._whole_answer() if fault.forward else b""
            self._client.sendall(answer[: int(len(answer) * fault.keep)])
            raise _Closed

    def _pass_pending(self) -> None:
        """Pass on what the server said of its own accord: its last words, if it ended the connection."""
        while select.select([self._server], [], [], 0)[0]:
            self._client.sendall(self._answers(_receive(self._server)))

    def _whole_answer(self) -> bytes:
        """Return the server's answer to its end: the work is done then."""
        answer, position = b"", 0
        while True:
            answer += _receive(self._server)
            while message := _message(answer[position:]):
                position += len(message)
                if message[:1] == _READY:
                    return answer
                if message[:1] == _COPY_IN:
                    self._client.sendall(answer)
                    self._pass_copy()
                    answer, position = b"", 0
                    break

    def _pass_copy(self) -> None:
        """Pass on the rows that the client has for a COPY, to their end."""
        while True:
            while message := _message(self._from_client):
                self._from_client = self._from_client[len(message) :]
                self._server.sendall(message)
                if message[:1] in _COPY_ENDS:
                    return
            self._from_client += _receive(self._client)


def _receive(side: socket.socket) -> bytes:
    data = side.recv(_CHUNK)
    if not data:
        raise _Closed
    return data


def _message(data: bytes) -> bytes:
    """Return the first whole message (type, length, body) of what came; empty if it is not whole yet."""
    if len(data) < 5:
        return b""
    length = 1 + int(struct.unpack("!I", data[1:5])[0])
    return data[:length] if len(data) >= length else b""


def _query(sql: str) -> bytes:
    text = sql.encode("utf-8") + b"\0"
    return b"Q" + struct.pack("!I", len(text) + 4) + text
