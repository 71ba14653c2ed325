# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lock files: each package of what the servers need, with its version and the hashes of its files.

``requirements/NAME.in`` says what is wanted, ``requirements/NAME.txt`` what that comes to. ``python -m tests.support lock NAME``
makes the second from the first.
"""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

from tests.support.errors import SupportError

REQUIREMENTS = Path(__file__).parent / "requirements"
_ADVISORIES = Path(__file__).parents[2] / "plugins" / "module_utils" / "_common" / "advisories.py"


def lock_names() -> list[str]:
    """Return the names of all locks."""
    return sorted(path.stem for path in REQUIREMENTS.glob("*.in"))


def lock_file(name: str) -> Path:
    """Return a lock file. Raises SupportError if there is none, or if it has a release that is known as compromised."""
    path = REQUIREMENTS / f"{name}.txt"
    if not path.exists():
        raise SupportError(f"{name} has no lock file in {path.parent}. There are: {', '.join(lock_names())}")
    refuse_compromised(path.read_text(encoding="utf-8"))
    return path


def lock_text(name: str) -> str:
    """Return the text of a lock file, which decides what is installed. Raises what ``lock_file`` raises."""
    return lock_file(name).read_text(encoding="utf-8")


def locked_package(name: str) -> str:
    """Return the first package of a lock file with its version, for messages."""
    found = re.search(r"^[\w.\[\]-]+==[\w.]+", lock_text(name), re.MULTILINE)
    if not found:
        raise SupportError(f"the lock file {name} names no package")
    return found.group()


def refuse_compromised(requirements: str) -> None:
    """Raise SupportError if requirements have a release of LiteLLM that is known as compromised."""
    for version in re.findall(r"^\s*litellm(?:\[[^\]]*\])?\s*==\s*([\w.]+)", requirements, re.MULTILINE | re.IGNORECASE):
        problem = _advisories().warning(version)
        if problem:
            raise SupportError(f"refused: {problem}")


def _advisories() -> ModuleType:
    """Return the collection's own table. Its package may not be importable here, and the file needs nothing else."""
    spec = importlib.util.spec_from_file_location("advisories", _ADVISORIES)
    if spec is None or spec.loader is None:
        raise SupportError(f"{_ADVISORIES} cannot be read")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
