# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run commands: every line goes to the stage's log and, with a prefix, to the terminal."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from tests.ci.paths import LOGS, ROOT

GRACE = 15.0  # seconds that an interrupted command has to clean up
START = time.monotonic()
_terminal = threading.Lock()
_running: set[subprocess.Popen[str]] = set()
_running_lock = threading.Lock()
_stopping = threading.Event()


class StageError(Exception):
    """A stage cannot go on; the text says why and what to do."""


def say(stage: str, text: str) -> None:
    """Print one line for a stage, with the time since the start."""
    with _terminal:
        sys.stdout.write(f"[{time.monotonic() - START:6.1f}s] {stage:<20} | {text}\n")
        sys.stdout.flush()


class Log:
    """The log of one stage: a file with everything, and the terminal."""

    def __init__(self, stage: str) -> None:
        """Open (and empty) the stage's log file."""
        self.stage = stage
        self.path = LOGS / f"{stage}.log"
        LOGS.mkdir(parents=True, exist_ok=True)
        self._file: IO[str] = self.path.open("w", encoding="utf-8", errors="replace")

    def write(self, text: str, show: bool = True) -> None:
        """Write one line to the log and, if wanted, to the terminal."""
        self._file.write(text + "\n")
        self._file.flush()
        if show:
            say(self.stage, text)

    def close(self) -> None:
        """Close the log file."""
        self._file.close()

    def tail(self, count: int = 20) -> list[str]:
        """Return the last lines of the log."""
        return self.path.read_text(encoding="utf-8", errors="replace").splitlines()[-count:]


def run(
    log: Log,
    command: Sequence[str | Path],
    *,
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
    timeout: float = 900,
    show: bool = True,
) -> tuple[int, list[str]]:
    """Run a command to its end and return its exit code and its lines; the whole process group dies at the time limit."""
    if _stopping.is_set():
        raise StageError("interrupted")
    words = [str(word) for word in command]
    log.write("$ " + " ".join(words), show=show)
    process = subprocess.Popen(
        words,
        cwd=cwd,
        env=dict(os.environ if env is None else env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    with _tracked(process):
        expired = threading.Event()
        timer = threading.Timer(timeout, _expire, (process, expired))
        timer.start()
        try:
            lines = list(_follow(process.stdout or (), log, show))
            code = process.wait()
        finally:
            timer.cancel()
    if expired.is_set():
        log.write(f"stopped after {timeout:.0f} s: {words[0]}")
        return 124, lines
    return code, lines


def check(
    log: Log, command: Sequence[str | Path], *, cwd: Path = ROOT, env: Mapping[str, str] | None = None, show: bool = True
) -> list[str]:
    """Run a command that has to succeed and return its lines."""
    code, lines = run(log, command, cwd=cwd, env=env, show=show)
    if code != 0:
        raise StageError(f"exit code {code}: {' '.join(str(word) for word in command)}")
    return lines


def stop_all() -> None:
    """Stop every command that still runs (used when the user interrupts)."""
    _stopping.set()
    with _running_lock:
        processes = list(_running)
    for process in processes:
        _signal(process, signal.SIGINT)
    deadline = time.monotonic() + GRACE
    while time.monotonic() < deadline and any(process.poll() is None for process in processes):
        time.sleep(0.1)
    for process in processes:
        _signal(process, signal.SIGKILL)


def _follow(stream: Iterable[str], log: Log, show: bool) -> Iterator[str]:
    for line in stream:
        text = line.rstrip()
        log.write(text, show=show and bool(text))
        yield text


@contextlib.contextmanager
def _tracked(process: subprocess.Popen[str]) -> Iterator[None]:
    with _running_lock:
        _running.add(process)
    try:
        yield
    finally:
        with _running_lock:
            _running.discard(process)


def _expire(process: subprocess.Popen[str], expired: threading.Event) -> None:
    """End a command that takes too long: first politely, so that it can stop the servers that it started."""
    expired.set()
    _signal(process, signal.SIGINT)
    deadline = time.monotonic() + GRACE
    while time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.1)
    _signal(process, signal.SIGKILL)


def _signal(process: subprocess.Popen[str], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
