# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the Python interpreters of this machine that really start (version manager shims often do not)."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

MINORS = (9, 10, 11, 12, 13, 14)
_PROBE = "import os, sys; print(*sys.version_info[:3], os.path.realpath(getattr(sys, '_base_executable', None) or sys.executable))"


@functools.lru_cache(maxsize=1)
def interpreters() -> dict[str, Path]:
    """Return the real interpreter of each version found, such as ``{"3.11": Path(...)}``; the one that runs us comes first."""
    found: dict[str, Path] = {}
    for candidate in _candidates():
        probed = _probe(candidate)
        if probed:
            found.setdefault(*probed)
    return dict(sorted(found.items(), key=lambda item: int(item[0].split(".")[1])))


def _candidates() -> list[str]:
    candidates = [sys.executable]
    managers = [os.environ.get("PYENV_ROOT", ""), str(Path("~/.pyenv").expanduser())]
    for minor in reversed(MINORS):
        name = f"python3.{minor}"
        on_path = (shutil.which(name, path=folder) for folder in os.get_exec_path())
        candidates += [path for path in on_path if path]
        for manager in filter(None, managers):
            candidates += sorted((str(path) for path in Path(manager).glob(f"versions/3.{minor}.*/bin/{name}")), reverse=True)
    return list(dict.fromkeys(candidates))


def _probe(candidate: str) -> tuple[str, Path] | None:
    try:
        done = subprocess.run([candidate, "-I", "-c", _PROBE], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    words = done.stdout.split(maxsplit=3)
    if done.returncode != 0 or len(words) != 4:
        return None
    return f"{words[0]}.{words[1]}", Path(words[3].strip())


def version_key(version: str) -> tuple[int, ...]:
    """Return a version as numbers, to compare."""
    return tuple(int(part) for part in version.split("."))
