# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts and stops process groups, and never stops one that it did not start.

Each server gets a session of its own, so that Ctrl-C at the terminal reaches only the program which then stops
the servers in order, and so that a server's children (LiteLLM's query engines) can be stopped with it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import random
import re
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support.errors import SupportError

# Below the range from which Linux takes the ports of outgoing connections (32768 and up), so that nothing takes
# a chosen port in the seconds before its server listens.
_PORTS = range(20000, 32000)
_POLL_S = 0.05


@dataclasses.dataclass(frozen=True)
class ProcessRecord:
    """A started process group, with what it takes to recognise and stop it later, from another process.

    ``started`` is the leader's start time as the kernel knows it: a process id alone may have been given anew.
    """

    name: str
    pid: int
    started: str
    stop_signal: int = signal.SIGTERM


def free_port() -> int:
    """Return a TCP port on which nothing listens on 127.0.0.1."""
    for port in random.sample(_PORTS, 200):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise SupportError(f"no free TCP port found between {_PORTS.start} and {_PORTS.stop}")


def spawn(
    name: str,
    command: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str],
    cwd: Path,
    user: int | None = None,
    stop_signal: int = signal.SIGTERM,
) -> tuple[subprocess.Popen[bytes], ProcessRecord]:
    """Start a server in a session of its own; its output is appended to ``log``."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
            user=user,
            group=user and _group_of(user),
            extra_groups=None if user is None else [],
        )
    return process, ProcessRecord(name, process.pid, _start_time(process.pid) or "", stop_signal)


def is_running(record: ProcessRecord) -> bool:
    """Tell whether the leader of the recorded group still runs."""
    return bool(record.started) and _start_time(record.pid) == record.started


def stop(record: ProcessRecord, patience_s: float = 20.0) -> None:
    """Stop a recorded process group: politely first, by SIGKILL after ``patience_s``. Silent if it is gone.

    Raises SupportError if something of it survives.
    """
    for number, wait_s in ((record.stop_signal, patience_s), (signal.SIGKILL, 10.0)):
        if not _group_members(record):
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(record.pid, number)
        deadline = time.monotonic() + wait_s
        while _group_members(record) and time.monotonic() < deadline:
            time.sleep(_POLL_S)
    survivors = _group_members(record)
    if survivors:
        raise SupportError(f"{record.name}: the processes {survivors} could not be stopped")


def ask_to_stop(record: ProcessRecord) -> None:
    """Send the polite signal to a recorded process group, without waiting. Silent if it is gone."""
    if _group_members(record):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(record.pid, record.stop_signal)


def _group_members(record: ProcessRecord) -> list[int]:
    """Return the ids of the recorded group's processes; none if its number now belongs to another group."""
    _reap(record.pid)
    leader = _start_time(record.pid)
    if not record.started or (leader is not None and leader != record.started):
        return []
    if record.started.split("/")[0] != _boot_id():
        return []
    return [pid for pid, group, state in _process_table() if group == record.pid and state != "Z"]


def _reap(pid: int) -> None:
    """Take the exit status of our own ended child, which would else stay in the process table."""
    with contextlib.suppress(ChildProcessError, OSError):
        os.waitpid(pid, os.WNOHANG)


def _start_time(pid: int) -> str | None:
    """Return ``boot/start`` of a running process, or None if there is none of this id (or only a zombie)."""
    if Path("/proc/self/stat").exists():
        try:
            fields = _stat_fields(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8"))
        except OSError:
            return None
        return None if fields[0] == "Z" else f"{_boot_id()}/{fields[19]}"
    listing = subprocess.run(["ps", "-o", "state=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    text = listing.stdout.strip()
    return None if not text or text.startswith("Z") else f"{_boot_id()}/{' '.join(text.split()[1:])}"


def _process_table() -> list[tuple[int, int, str]]:
    """Return (process id, group id, state letter) of every process which we may see."""
    if not Path("/proc/self/stat").exists():
        listing = subprocess.run(["ps", "-A", "-o", "pid=,pgid=,state="], capture_output=True, text=True, check=True)
        rows = [line.split() for line in listing.stdout.splitlines()]
        return [(int(pid), int(group), state[0]) for pid, group, state in rows]
    table = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = _stat_fields(path.read_text(encoding="utf-8", errors="replace"))
            table.append((int(path.parent.name), int(fields[2]), fields[0]))
    return table


def _stat_fields(text: str) -> list[str]:
    """Split /proc/PID/stat from its third field (state) on; the second, the name, may hold blanks."""
    return re.sub(r"^.*\) ", "", text, count=1, flags=re.DOTALL).split()


def _boot_id() -> str:
    path = Path("/proc/sys/kernel/random/boot_id")
    return path.read_text(encoding="utf-8").strip() if path.exists() else "boot"


def _group_of(user: int) -> int:
    import pwd

    return pwd.getpwuid(user).pw_gid
