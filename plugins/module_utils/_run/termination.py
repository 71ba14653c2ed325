# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A signal that ends the run ends it in order: what must not stay behind is stopped first, then SystemExit is raised.

Python's signal handlers wait until the interpreter runs, and a driver that waits for its server in C does not let it. So a thread
hears of the signal at once and stops what was registered; that ends the driver's waiting, and the handler gets its turn. Further
signals change nothing: they must not interrupt the tidying up.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import signal
import socket
import threading
import types
import typing as t

SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)

Stop = t.Callable[[], None]


class Termination:
    """What is to be stopped by a signal. Handlers are installed while there is something, and only by the main thread."""

    def __init__(self) -> None:
        self._stops: list[Stop] = []
        self._before: dict[int, t.Any] = {}
        self._wakeup_before = -1
        self._ends: tuple[socket.socket, socket.socket] | None = None
        self._watcher: threading.Thread | None = None
        # The first signal that came, as the watcher heard of it; and the one that ends the run, once its handler has run.
        self._first = 0
        self._ending = 0

    def add(self, stop: Stop) -> None:
        """Let a signal call ``stop``, which may be called by any thread and at any time."""
        self._stops.append(stop)
        if self._ends is None and threading.current_thread() is threading.main_thread():
            self._install()

    def remove(self, stop: Stop) -> None:
        """Forget ``stop``; after the last one all is as it was before the first."""
        self._stops.remove(stop)
        if not self._stops and self._ends is not None:
            self._restore(*self._ends)

    def _install(self) -> None:
        self._ends = reader, writer = socket.socketpair()
        writer.setblocking(False)
        self._watcher = threading.Thread(target=self._watch, args=(reader,), daemon=True)
        self._watcher.start()
        self._wakeup_before = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
        for number in SIGNALS:
            # Who ignores a signal goes on ignoring it (nohup).
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._exit)

    def _restore(self, reader: socket.socket, writer: socket.socket) -> None:
        while self._before:
            signal.signal(*self._before.popitem())
        signal.set_wakeup_fd(self._wakeup_before)
        self._ends = None
        self._first = self._ending = 0
        writer.close()
        if self._watcher:
            self._watcher.join()
        reader.close()

    def _watch(self, reader: socket.socket) -> None:
        """Python writes the number of each signal that has a handler."""
        while True:
            number = reader.recv(1)
            if not number:
                return
            if number[0] in self._before:
                self._first = self._first or number[0]
                for stop in list(self._stops):
                    stop()

    def _exit(self, number: int, dummy: types.FrameType | None) -> None:
        # Once only: another signal may come while this handler runs, and goes on with the end that has begun.
        if not self._ending:
            self._ending = self._first or number
            raise SystemExit(128 + self._ending)


TERMINATION = Termination()
