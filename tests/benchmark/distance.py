# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A database that is further away: a TCP proxy that hands every byte on later, half of the added round trip each way.

It delays and does not slow down: what comes in a row leaves in a row, however much it is.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

from tests.support.errors import SupportError

_CHUNK = 262144
_HOST = "127.0.0.1"


@contextlib.contextmanager
def distant(port: int, added_ms: float) -> Iterator[int]:
    """Return the port at which the server on ``port`` is ``added_ms`` of round trip further away; in a process of its own."""
    words = [sys.executable, "-m", "tests.benchmark.distance", str(port), str(added_ms)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None or process.stdin is None:
            raise SupportError("the proxy has no pipes")
        try:
            yield int(process.stdout.readline())
        finally:
            # It ends with its standard input, so also when this process does.
            process.stdin.close()
            process.wait(10)


class _OneWay:
    """Hands the bytes of one side to the other, each at its time. Two threads, so that reading goes on while others wait."""

    def __init__(self, source: socket.socket, target: socket.socket, delay_s: float) -> None:
        self._source = source
        self._target = target
        self._delay_s = delay_s
        self._waiting: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()

    def start(self) -> None:
        for work in (self._receive, self._send):
            threading.Thread(target=work, daemon=True).start()

    def _receive(self) -> None:
        data = b"x"
        while data:
            try:
                data = self._source.recv(_CHUNK)
            except OSError:
                data = b""
            self._waiting.put((time.monotonic() + self._delay_s, data))

    def _send(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                due, data = self._waiting.get()
                time.sleep(max(0.0, due - time.monotonic()))
                if not data:
                    break
                self._target.sendall(data)
        for side in (self._target, self._source):
            with contextlib.suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)


def serve(port: int, added_ms: float) -> None:
    """Accept connections until standard input ends. Prints the port first."""
    listener = socket.create_server((_HOST, 0))
    print(listener.getsockname()[1], flush=True)
    threading.Thread(target=_accept, args=(listener, port, added_ms / 2000), daemon=True).start()
    sys.stdin.read()


def _accept(listener: socket.socket, port: int, delay_s: float) -> None:
    while True:
        client, _address = listener.accept()
        server = socket.create_connection((_HOST, port))
        for side in (client, server):
            side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _OneWay(client, server, delay_s).start()
        _OneWay(server, client, delay_s).start()


if __name__ == "__main__":
    serve(int(sys.argv[1]), float(sys.argv[2]))
