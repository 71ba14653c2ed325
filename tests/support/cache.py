# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cache of installed things, shared by all runs and all clones of one user.

An entry is a directory named after a hash of everything it is built from. It is built in place, because
virtual environments cannot be moved, and counts only once its marker file exists.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from tests.support.errors import SupportError

READY_MARKER = ".ready"
INSTALL_TIMEOUT_S = 900
_PROGRAM_START = time.monotonic()


def progress(message: str) -> None:
    """Write one line with the seconds since the program's start to stderr."""
    print(f"[{time.monotonic() - _PROGRAM_START:.0f} s] {message}", file=sys.stderr, flush=True)


def cache_root() -> Path:
    """Return the cache directory: $LITEMAAS_TEST_CACHE, else below the user's cache directory."""
    chosen = os.environ.get("LITEMAAS_TEST_CACHE")
    if chosen:
        return Path(chosen).expanduser().resolve()
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser().resolve() / "litemaas-models"


@contextlib.contextmanager
def file_lock(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on a file; other processes wait. A dead holder's lock is free."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def cached(name: str, inputs: Iterable[str], build: Callable[[Path], None], root: Path | None = None) -> Path:
    """Return the directory of one cache entry, built by ``build(directory)`` if it is not there yet.

    ``inputs`` are the texts which decide what is built (lock files, versions): another text is another entry.
    Raises what ``build`` raises; the next call then starts again from an empty directory.
    """
    parent = root or cache_root()
    entry = parent / f"{name}-{_digest(inputs)}"
    if (entry / READY_MARKER).exists():
        return entry
    with file_lock(entry.with_name(entry.name + ".lock")):
        if not (entry / READY_MARKER).exists():
            shutil.rmtree(entry, ignore_errors=True)
            entry.mkdir(parents=True)
            build(entry)
            (entry / READY_MARKER).touch()
    return entry


def run_tool(command: Sequence[str | Path], env: Mapping[str, str], cwd: Path | None = None) -> str:
    """Run an installation step to its end and return what it wrote.

    Raises SupportError with the last lines of its output if it fails or takes too long.
    """
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words,
            env=dict(env),
            cwd=cwd,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=INSTALL_TIMEOUT_S,
            check=False,
            umask=0o022,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SupportError(f"{' '.join(words)} did not finish: {error}") from error
    if done.returncode != 0:
        raise SupportError(f"{' '.join(words)} failed with code {done.returncode}:\n{last_lines(done.stdout)}")
    return done.stdout


def write_script(path: Path, body: str) -> None:
    """Write an executable shell script."""
    path.write_text(f"#!/bin/sh\n{body}", encoding="utf-8")
    path.chmod(0o755)


def last_lines(text: str, count: int = 30) -> str:
    """Return the last ``count`` lines of a text."""
    return "\n".join(text.splitlines()[-count:])


def _digest(inputs: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for text in inputs:
        digest.update(text.encode("utf-8"))
        digest.update(b"\0")
    return digest.hexdigest()[:16]
