# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual environments in the cache: made once per set of requirements and Python, never half-made."""

from __future__ import annotations

import ast
import contextlib
import fcntl
import functools
import os
import platform
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.ci.interpreters import interpreters
from tests.ci.paths import REQUIREMENTS, ROOT, digest
from tests.ci.shell import Log, StageError, check, run
from tests.support.cache import cache_root

UV_REQUIREMENT = "uv>=0.5,<1"
READY = ".ready"
# What an environment is made with, besides its requirements: another text makes all of them anew.
LAYOUT = "bytecode"
_locks: dict[str, threading.Lock] = {}
_locks_guard = threading.Lock()


def ensure(log: Log, name: str, python: str) -> Path:
    """Return the environment made from ``requirements/<name>.txt`` for a Python version such as ``3.11``."""
    interpreter = interpreters()[python]
    key = digest(_closure(REQUIREMENTS / f"{name}.txt"), str(interpreter), _full_version(interpreter), LAYOUT)
    path = cache_root() / "venvs" / f"{name}-py{python}-{key}"
    with _exclusive(path):
        if not (path / READY).exists():
            log.write(f"making the environment {path.name}")
            _make(log, path, interpreter, REQUIREMENTS / f"{name}.txt")
            (path / READY).touch()
    return path


def activate(venv: Path, **extra: str) -> dict[str, str]:
    """Return the environment variables of a command that runs inside the given environment."""
    env = {key: value for key, value in os.environ.items() if key not in ("PYTHONHOME", "PYTHONPATH")}
    env.update(
        VIRTUAL_ENV=str(venv),
        PATH=os.pathsep.join([str(venv / "bin"), *os.get_exec_path()]),
        PYTHONDONTWRITEBYTECODE="1",
        LC_ALL="C.UTF-8",
    )
    env.update(extra)
    return env


@functools.lru_cache(maxsize=1)
def pip_settings() -> dict[str, str]:
    """Return the machine's pip settings (index, extra indexes, links, certificate); pip takes their names with underscores too."""
    done = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0:
        return _settings_of_environment()
    settings: dict[str, str] = {}
    for line in done.stdout.splitlines():
        key, _equals, value = line.partition("=")
        section, _dot, option = key.rpartition(".")
        if section in ("global", "install", ":env:") and value:
            settings[option.replace("-", "_")] = " ".join(str(ast.literal_eval(value)).split())
    return settings


def _settings_of_environment() -> dict[str, str]:
    names = ("index_url", "extra_index_url", "find_links", "cert", "trusted_host")
    values = {name: os.environ.get("PIP_" + name.upper(), "") for name in names}
    return {name: value for name, value in values.items() if value}


def _make(log: Log, path: Path, interpreter: Path, requirements: Path) -> None:
    shutil.rmtree(path, ignore_errors=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    uv = _uv(log)
    if uv:
        env = {**os.environ, **_uv_environment()}
        check(log, [uv, "venv", "--quiet", "--seed", "--python", interpreter, path], env=env, show=False)
        # Nothing that runs in it may write bytecode; without any, each of the many short processes would compile all it imports.
        options: list[str | Path] = ["--quiet", "--compile-bytecode", "--python", path / "bin" / "python"]
        command: list[str | Path] = [uv, "pip", "install", *options, "-r", requirements]
        if run(log, command, env=env, show=False)[0] == 0:
            return
        log.write("uv could not install this set, trying pip")
        shutil.rmtree(path, ignore_errors=True)
    check(log, [interpreter, "-m", "venv", path], show=False)
    check(log, [path / "bin" / "python", "-m", "pip", "install", "--quiet", "--compile", "-r", requirements], show=False)


def _uv(log: Log) -> Path | None:
    """Return uv, installed from the registry into the cache; None where that is not possible (then pip does it, slower)."""
    python = Path(sys.executable)
    path = cache_root() / "venvs" / f"uv-{digest(UV_REQUIREMENT, platform.python_version(), str(python))}"
    binary = path / "bin" / "uv"
    with _exclusive(path):
        if (path / READY).exists():
            return binary
        shutil.rmtree(path, ignore_errors=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        if run(log, [python, "-m", "venv", path], show=False)[0] != 0:
            raise StageError(f"{python} cannot make virtual environments: install its venv module (on Debian: python3-venv)")
        code, _lines = run(log, [path / "bin" / "python", "-m", "pip", "install", "--quiet", UV_REQUIREMENT], show=False)
        if code != 0:
            return None
        (path / READY).touch()
    return binary


def _uv_environment() -> dict[str, str]:
    settings = pip_settings()
    env = {
        "UV_CACHE_DIR": str(cache_root() / "uv"),
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_NO_CONFIG": "1",
        "UV_HTTP_TIMEOUT": "180",
    }
    names = {"index_url": "UV_DEFAULT_INDEX", "extra_index_url": "UV_INDEX", "find_links": "UV_FIND_LINKS"}
    env.update({names[option]: value for option, value in settings.items() if option in names and value})
    if settings.get("cert"):
        env["SSL_CERT_FILE"] = settings["cert"]
    if settings.get("trusted_host"):
        env["UV_INSECURE_HOST"] = settings["trusted_host"]
    return env


def _closure(requirements: Path) -> str:
    """Return the text of a requirements file with the files it includes."""
    text = requirements.read_text(encoding="utf-8")
    included = [line.split(None, 1)[1].strip() for line in text.splitlines() if line.startswith("-r ")]
    return "\n".join([text, *(_closure((requirements.parent / name).resolve()) for name in included)])


@functools.cache
def _full_version(interpreter: Path) -> str:
    command = [str(interpreter), "-I", "-c", "import platform; print(platform.python_version())"]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout.strip()


@contextlib.contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    """Let one thread of one process at a time work on an environment."""
    with _locks_guard:
        lock = _locks.setdefault(str(path), threading.Lock())
    path.parent.mkdir(parents=True, exist_ok=True)
    with lock, (path.parent / f"{path.name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def relative(path: Path) -> str:
    """Return a path as seen from the clone, for messages."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
