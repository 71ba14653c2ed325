# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-test without containers: one home, one tree and one environment per ansible-core.

ansible-test makes environments of its own for its sanity tests. Into each it first brings pip, by a script that it
downloads from its makers' server. Where only a package registry can be reached that fails, so the home that we give it
already holds such a script: it installs pip from the wheel that the registry has.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from tests.ci.interpreters import interpreters, version_key
from tests.ci.paths import WORK
from tests.ci.shell import Log, StageError, check
from tests.ci.tree import collection_tree
from tests.ci.venvs import activate, ensure, pip_settings
from tests.support.cache import cache_root

# ansible-core: the controller Pythons that it supports, lowest first.
CORES = {
    "2.16": ("3.11", "3.10", "3.12"),
    "2.18": ("3.11", "3.12", "3.13"),
    "2.19": ("3.11", "3.12", "3.13"),
    "2.20": ("3.13", "3.12", "3.14"),
    "2.21": ("3.12", "3.13", "3.14"),
}
OLDEST_TARGET = "3.9"
OLDEST_TARGET_CORE = "2.19"

_STUB = """\
import sys
sys.path.insert(0, {wheel!r})
from pip._internal.cli.main import main
options = [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel")]
sys.exit(main(["install", "--quiet", "--upgrade", "--force-reinstall", *options]))
"""


@dataclass(frozen=True)
class Core:
    """One ansible-core with the Python that runs it here."""

    version: str
    python: str

    def label(self) -> str:
        """Return the name of this pair for tables."""
        return f"core {self.version}, Python {self.python}"


def cores() -> list[Core]:
    """Return the cores that an interpreter of this machine can run."""
    available = interpreters()
    pairs = ((core, next((python for python in pythons if python in available), None)) for core, pythons in CORES.items())
    return [Core(core, python) for core, python in pairs if python]


def missing_cores() -> list[str]:
    """Return the cores for which this machine has no interpreter."""
    present = {core.version for core in cores()}
    return [core for core in CORES if core not in present]


def newest_core(at_most: str = "99") -> Core:
    """Return the newest core that runs here."""
    fitting = [core for core in cores() if version_key(core.version) <= version_key(at_most)]
    if not fitting:
        raise StageError("no interpreter here runs any supported ansible-core: install Python 3.11 or later")
    return max(fitting, key=lambda core: version_key(core.version))


def prepare(log: Log, core: Core) -> tuple[Path, dict[str, str]]:
    """Make everything ansible-test needs for a core; return the tree to run in and the environment variables."""
    venv = ensure(log, f"core-{core.version}", core.python)
    home = cache_root() / "homes" / core.version
    _write_pip_settings(home)
    _write_pip_stub(log, home, venv)
    links = _link_interpreters()
    path = os.pathsep.join([str(venv / "bin"), str(links), "/usr/local/bin", "/usr/bin", "/bin"])
    return collection_tree(f"core-{core.version}"), activate(venv, HOME=str(home), PATH=path)


def _write_pip_settings(home: Path) -> None:
    """Give the home the machine's pip settings: ansible-test hands no variables but HOME and PATH to pip."""
    folder = home / ".config" / "pip"
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{option} = {value}" for option, value in pip_settings().items()]
    (folder / "pip.conf").write_text("\n".join(["[global]", *lines, ""]), encoding="utf-8")


def _write_pip_stub(log: Log, home: Path, venv: Path) -> None:
    version = _wanted_pip(venv)
    wheels = cache_root() / "wheels"
    wheel = wheels / f"pip-{version}-py3-none-any.whl"
    if not wheel.exists():
        wheels.mkdir(parents=True, exist_ok=True)
        command: list[str | Path] = [venv / "bin" / "python", "-m", "pip", "download", "--quiet", "--no-deps"]
        check(log, [*command, "--only-binary", ":all:", "--dest", wheels, f"pip=={version}"], show=False)
    stub = home / ".ansible" / "test" / "cache" / f"get_pip_{version.replace('.', '_')}.py"
    stub.parent.mkdir(parents=True, exist_ok=True)
    stub.write_text(_STUB.format(wheel=str(wheel)), encoding="utf-8")


def _wanted_pip(venv: Path) -> str:
    """Return the version of pip that this ansible-test brings into its environments."""
    for source in venv.glob("lib/python3.*/site-packages/ansible_test/_internal/python_requirements.py"):
        found = re.search(r"pip='([\d.]+)'", source.read_text(encoding="utf-8"))
        if found:
            return found.group(1)
    raise StageError(f"cannot tell which pip the ansible-test in {venv} wants")


def _link_interpreters() -> Path:
    """Return a folder with the interpreters that start; ansible-test stumbles over version manager shims."""
    folder = WORK / "interpreters"
    folder.mkdir(parents=True, exist_ok=True)
    for version, interpreter in interpreters().items():
        link = folder / f"python{version}"
        if link.is_symlink() and os.readlink(link) == str(interpreter):
            continue
        link.unlink(missing_ok=True)
        link.symlink_to(interpreter)
    return folder
