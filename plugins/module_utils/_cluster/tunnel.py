# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A port of a pod as a Unix socket that only this account can open, through the API's port-forward.

PostgreSQL in a pod usually trusts every connection from its own loopback, and a forwarded one comes from there. A port of this host
would so give the database to each of its users. Hence the socket, in a folder with mode 0700. libpq speaks no TLS over it: for servers
that demand TLS there is a port of 127.0.0.1, where each connection is shown to be from this account before a byte goes through.

Each connection has a WebSocket and a thread of its own. Gone when closed, and by a signal: connections, threads, folder. Only
``kill -9`` leaves the folder behind, with a socket that nobody listens on.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import contextlib
import os
import select
import shutil
import socket
import ssl
import sys
import tempfile
import threading
import time
import typing as t
from urllib.parse import quote

from ansible_collections.litemaas.models.plugins.module_utils._cluster import websocket
from ansible_collections.litemaas.models.plugins.module_utils._cluster.api import Cluster
from ansible_collections.litemaas.models.plugins.module_utils._cluster.api_errors import one_line
from ansible_collections.litemaas.models.plugins.module_utils._common.counted import counted
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import ClusterError
from ansible_collections.litemaas.models.plugins.module_utils._run.termination import TERMINATION

LOOPBACK = "127.0.0.1"
PROTOCOL = "v4.channel.k8s.io"
BACKLOG = 64
# Load balancers in between drop what is silent.
PING_SECONDS = 30.0
# What says nothing at all for so many pings is gone, whatever the network says.
MOST_UNANSWERED = 2
# How long an open connection may take to send what it has, when the tunnel is closed.
CLOSE_SECONDS = 2.0
# A server ends a connection that says nothing (PostgreSQL: after a minute), so one that was dialed in advance is not kept for long.
FRESH_SECONDS = 10.0

_CHUNK = 256 * 1024
_MOST_WAITING = 4 * 1024 * 1024
_MOST_PROBLEMS = 20
_LONGEST_PROBLEM = 500
# A Unix socket's address has 108 bytes on Linux and 104 elsewhere.
_LONGEST_PARENT = 60
# Linux's list of connections over IPv4: local address, remote address, ... account.
_CONNECTIONS = "/proc/net/tcp"

_DATA, _ERROR = 0, 1
_NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


def open_tunnel(cluster: Cluster, namespace: str, pod: str, port: int, timeout: float, tcp: bool = False) -> Tunnel:
    """A tunnel to a port of a pod. ``timeout`` in seconds for each connection. Raises a ClusterError where there is no way.

    ``tcp``: a port of 127.0.0.1 instead of the Unix socket, for PostgreSQL with TLS.
    """
    path = "/api/v1/namespaces/{0}/pods/{1}/portforward?ports={2:d}".format(quote(namespace, safe=""), quote(pod, safe=""), port)

    def dial() -> socket.socket:
        return cluster.dial(path, PROTOCOL, timeout)

    first = dial()
    try:
        return Tunnel(dial, first, port, tcp)
    except OSError as error:
        first.close()
        raise ClusterError(
            f"The port-forward to {pod} cannot be opened on this host: {error}. Its socket is in the folder for temporary files: make room "
            "there, or set TMPDIR to another folder"
        ) from None


class Tunnel:
    """``host`` and ``port`` for libpq: ``host`` is the folder ``directory`` with the socket ``socket_path``, or 127.0.0.1.

    ``problems``: what went wrong in it so far.
    """

    def __init__(self, dial: t.Callable[[], socket.socket], first: socket.socket, port: int, tcp: bool = False) -> None:
        self.problems: list[str] = []
        self._dial = dial
        self._first = [(first, time.monotonic())]
        self._threads: list[threading.Thread] = []
        self._ended = threading.Event()
        # Closing one end lets everybody who waits for the other one know.
        self._stopped, self._stop_end = socket.socketpair()
        self._listener = socket.socket(socket.AF_INET if tcp else socket.AF_UNIX)
        self.directory = self.socket_path = ""
        self.host, self.port = LOOPBACK, port
        TERMINATION.add(self.stop)
        try:
            self._listen(tcp)
            self._start(self._accept)
        except BaseException:
            self.close()
            raise

    def _listen(self, tcp: bool) -> None:
        if tcp:
            self._listener.bind((LOOPBACK, 0))
            self.port = self._listener.getsockname()[1]
        else:
            self.host = self.directory = _private_folder()
            self.socket_path = os.path.join(self.directory, f".s.PGSQL.{self.port}")
            self._listener.bind(self.socket_path)
        self._listener.listen(BACKLOG)
        self._listener.setblocking(False)

    def __enter__(self) -> Tunnel:
        """The tunnel is open already."""
        return self

    def __exit__(self, *dummy: t.Any) -> None:
        """Close it."""
        self.close()

    def stop(self) -> None:
        """End every connection, soon, without waiting for it, and remove the folder. Any thread may do so."""
        self._ended.set()
        with contextlib.suppress(OSError):
            self._stop_end.shutdown(socket.SHUT_RDWR)
        # Here, because a signal's exception cannot interrupt the thread that hears of the signal.
        if self.directory:
            shutil.rmtree(self.directory, ignore_errors=True)

    def close(self) -> None:
        """End every connection and remove everything. May be called again."""
        if self._listener.fileno() < 0:
            return
        self.stop()
        end = time.monotonic() + CLOSE_SECONDS + 1
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        while self._first:
            self._first.pop()[0].close()
        for used in (self._listener, self._stopped, self._stop_end):
            used.close()
        TERMINATION.remove(self.stop)

    def _start(self, work: t.Callable[..., None], *arguments: t.Any) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        """Give each new connection a thread, until the tunnel is stopped."""
        waiting = select.poll()
        waiting.register(self._listener, select.POLLIN)
        waiting.register(self._stopped, select.POLLIN)
        while True:
            waiting.poll()
            if self._ended.is_set():
                return
            with contextlib.suppress(OSError):
                local = self._listener.accept()[0]
                self._threads = [thread for thread in self._threads if thread.is_alive()]
                self._start(self._forward, local)

    def _forward(self, local: socket.socket) -> None:
        with local:
            if local.family == socket.AF_INET and not _from_this_account(local):
                self._problem("a connection of another account of this host was refused")
                return
            try:
                remote = self._remote()
            except ClusterError as error:
                self._problem(error.message)
                return
            with remote:
                if not self._ended.is_set():
                    Forward(local, remote, self._stopped, self._problem).run()

    def _remote(self) -> socket.socket:
        """The WebSocket that was dialed in advance, once, then a new one for each connection."""
        with contextlib.suppress(IndexError):
            first, since = self._first.pop()
            if time.monotonic() - since < FRESH_SECONDS:
                return first
            first.close()
        return self._dial()

    def _problem(self, text: str) -> None:
        text = one_line(text)[:_LONGEST_PROBLEM]
        if text not in self.problems and len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(text)


def _private_folder() -> str:
    """A new folder that only this account can use, with room for a socket's name below it."""
    parent = next((name for name in (tempfile.gettempdir(), "/tmp") if len(name) <= _LONGEST_PARENT), "/tmp")
    return tempfile.mkdtemp(prefix="litemaas-", dir=parent)


def _from_this_account(connection: socket.socket) -> bool:
    """Whether the other end of a connection over the loopback is this account's. False where the system does not tell."""
    ours, theirs = (_as_listed(*address) for address in (connection.getsockname(), connection.getpeername()))
    try:
        with open(_CONNECTIONS, encoding="ascii") as listed:
            fields = [line.split() for line in listed]
    except OSError:
        return False
    return any(field[1:3] == [theirs, ours] and field[7] == str(os.geteuid()) for field in fields)


def _as_listed(address: str, port: int) -> str:
    """An address as Linux lists it: in the order of this machine's bytes."""
    return f"{int.from_bytes(socket.inet_aton(address), sys.byteorder):08X}:{port:04X}"


class Forward:
    """One connection. Both ways in one thread, because a TLS connection must not be used by two, and so never blocking in one way."""

    def __init__(self, local: socket.socket, remote: socket.socket, stopped: socket.socket, problem: t.Callable[[str], None]) -> None:
        self._local, self._remote, self._stopped = local, remote, stopped
        self._problem = problem
        self._reader = websocket.Reader()
        self._to_remote, self._to_local = bytearray(), bytearray()
        self._local_ended = self._remote_ended = False
        # The first message of each channel names the port.
        self._named: set[int] = set()
        self._ping_at = time.monotonic() + PING_SECONDS
        self._unanswered = 0
        self._close_at: float | None = None

    def run(self) -> None:
        """Carry bytes until one end has none anymore, and everything has arrived at the other one."""
        self._local.setblocking(False)
        self._remote.setblocking(False)
        while not self._is_over():
            self._read_local()
            self._read_remote()
            self._write(self._local, self._to_local)
            self._write(self._remote, self._to_remote)
            if not self._is_over():
                self._wait()

    def _is_over(self) -> bool:
        if self._close_at is not None and time.monotonic() > self._close_at:
            return True
        return (self._remote_ended and not self._to_local) or (self._local_ended and not self._to_remote)

    def _read_local(self) -> None:
        while not self._local_ended and len(self._to_remote) < _MOST_WAITING:
            data = _received(self._local)
            if data is None:
                break
            if data:
                self._to_remote += websocket.frame(websocket.BINARY, bytes((_DATA,)) + data)
            else:
                self._end_local()
        # Stopped: what the driver has said (that it goes, perhaps) was read above, and is the last.
        if self._close_at is not None and not self._local_ended:
            self._end_local()

    def _end_local(self) -> None:
        self._local_ended = True
        self._to_remote += websocket.closing()

    def _read_remote(self) -> None:
        # Until there is no more: TLS may hold bytes that poll() cannot see.
        while not self._remote_ended and len(self._to_local) < _MOST_WAITING:
            data = _received(self._remote)
            if data is None:
                return
            if not data:
                self._remote_ended = True
                self._problem("the connection to the cluster ended")
                return
            self._unanswered = 0
            try:
                for message in self._reader.feed(data):
                    self._receive(message)
            except websocket.ProtocolError as error:
                self._remote_ended = True
                self._problem(f"the cluster sent {error}")

    def _receive(self, message: websocket.Message) -> None:
        """A message from the cluster: the first byte is the channel."""
        if message.kind == websocket.CLOSE:
            self._remote_ended = True
            code, reason = websocket.close_reason(message.payload)
            if code != websocket.NORMAL:
                self._problem("the cluster ended the connection with code {0}: {1}".format(code, reason or "no reason given"))
        elif message.kind == websocket.PING:
            self._to_remote += websocket.frame(websocket.PONG, message.payload)
        elif message.kind == websocket.BINARY and message.payload:
            channel, data = message.payload[0], message.payload[1:]
            if channel not in self._named:
                self._named.add(channel)
            elif channel == _DATA:
                self._to_local += data
            elif channel == _ERROR and data:
                self._problem(data.decode("utf-8", "replace"))

    def _write(self, target: socket.socket, buffer: bytearray) -> None:
        while buffer:
            try:
                sent = target.send(bytes(memoryview(buffer)[:_CHUNK]))
            except _NOT_NOW:
                return
            except OSError:
                # Gone: nobody is left to tell anything to, nor to hear anything from.
                self._local_ended = self._remote_ended = True
                self._to_local.clear()
                self._to_remote.clear()
                return
            del buffer[:sent]

    def _wait(self) -> None:
        """Until there is something to read, room to write, a signal to stop, or it is time for a ping."""
        waiting = select.poll()
        _register(waiting, self._local, not self._local_ended and len(self._to_remote) < _MOST_WAITING, bool(self._to_local))
        _register(waiting, self._remote, not self._remote_ended and len(self._to_local) < _MOST_WAITING, bool(self._to_remote))
        if self._close_at is None:
            waiting.register(self._stopped, select.POLLIN)
        ready = [number for number, dummy in waiting.poll(self._patience() * 1000)]
        if self._stopped.fileno() in ready:
            self._close_at = time.monotonic() + CLOSE_SECONDS
        if time.monotonic() >= self._ping_at:
            self._ping()

    def _ping(self) -> None:
        """Keep the connection alive, or find out that it is not."""
        # Nothing is heard while the driver does not read, and no ping arrives while the other end does not read.
        if self._to_remote or len(self._to_local) >= _MOST_WAITING:
            self._unanswered = 0
        elif self._unanswered >= MOST_UNANSWERED:
            self._problem("no answer from the cluster in {0}".format(counted(MOST_UNANSWERED * PING_SECONDS, "second")))
            self._remote_ended = True
        else:
            self._unanswered += 1
            self._to_remote += websocket.frame(websocket.PING, b"")
        self._ping_at = time.monotonic() + PING_SECONDS

    def _patience(self) -> float:
        until = self._ping_at if self._close_at is None else min(self._ping_at, self._close_at)
        return max(0.01, until - time.monotonic())


def _received(source: socket.socket) -> bytes | None:
    """Bytes; none where the other end is gone, and None where there is nothing now."""
    try:
        return source.recv(_CHUNK)
    except _NOT_NOW:
        return None
    except OSError:
        return b""


def _register(waiting: select.poll, member: socket.socket, reads: bool, writes: bool) -> None:
    events = (select.POLLIN if reads else 0) | (select.POLLOUT if writes else 0)
    if events:
        waiting.register(member, events)
