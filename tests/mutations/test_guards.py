# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each mutant of each guard replaces its file in a copy of the plugins, and the guard's tests must turn red.

A guard that is no longer in its file is an error: whoever moves or rewrites it does so in tests/mutations/guards too.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import re
import shutil
import signal
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import tests
from tests.mutations.guards import GUARDS
from tests.mutations.mutants import Guard, mutate
from tests.support.fixtures import SHARED_SERVERS
from tests.support.litellm import VERSIONS
from tests.support.stack import Stack

pytestmark = [pytest.mark.any_litellm, pytest.mark.postgres]

ROOT = Path(tests.__file__).parents[1]
# Seconds for the tests of one mutant, and for all of them without damage: a loaded machine takes four times as long.
LIMIT_S = 300
LIMIT_OF_ALL_S = 900
# The LiteLLM that starts fastest: which one it is makes no difference to a guard.
VERSION = os.environ.get("LITELLM_VERSION") or VERSIONS[-1]
# pytest's exit codes.
PASSED, FAILED, INTERNAL_ERROR = 0, 1, 3
# Plugins of pytest that take a child's time, most of it for collecting garbage, and tell nothing about a guard.
NO_PLUGINS = ("cacheprovider", "unraisableexception", "threadexception")
# Imported once for all mutants.
PRELOADED = (
    "ansible.module_utils.basic",
    "ansible.template",
    "ansible.parsing.dataloader",
    "hypothesis.strategies",
    "psycopg2.extras",
    "requests",
    "trustme",
    "yaml",
)


class Workbench:
    """A copy of the plugins, in which one file after the other becomes a mutant for a while, and servers for all of them."""

    def __init__(self, folder: Path, servers: Path) -> None:
        self.folder = folder
        self.plugins = folder / "ansible_collections" / "litemaas" / "models" / "plugins"
        self._servers = servers
        self._writes = 0
        shutil.copytree(ROOT / "plugins", self.plugins, ignore=shutil.ignore_patterns("__pycache__"))
        # A plugin reads the role's variables there.
        (self.plugins.parent / "roles").symlink_to(ROOT / "roles")

    @contextlib.contextmanager
    def mutated(self, guard: Guard, name: str) -> Iterator[None]:
        """Have a mutant for a while."""
        source = self.plugins / guard.file
        text = source.read_text(encoding="utf-8")
        mutant = mutate(text, guard, name)
        compile(mutant, str(source), "exec")
        self._write(source, mutant)
        try:
            yield
        finally:
            self._write(source, text)

    def _write(self, source: Path, text: str) -> None:
        """Write a file with a time of its own: Python tells compiled files apart by whole seconds."""
        source.write_text(text, encoding="utf-8")
        self._writes += 1
        os.utime(source, (self._writes, self._writes))

    def run_tests(self, selected: Iterable[str], limit_s: int = LIMIT_S) -> tuple[int, str]:
        """Run tests of this clone against the copy, up to the first failure; return exit code and output.

        In a fork of this process: what all tests import is there already, which is most of what a start of pytest takes.
        """
        output = self.folder / "output.txt"
        # What is there already is nothing that a child has to look through.
        gc.freeze()
        child = os.fork()
        if child == 0:
            self._run_and_end(list(selected), output, limit_s)
        _pid, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status), output.read_text(encoding="utf-8", errors="replace")

    def _run_and_end(self, selected: list[str], output: Path, limit_s: int) -> None:
        """Be the child: another collection, nothing of pytest's own state, and an end in any case."""
        code = INTERNAL_ERROR
        try:
            # Not to the handler of this process, for which it would be a test that failed.
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(limit_s)
            with output.open("wb") as target:
                os.dup2(target.fileno(), 1)
                os.dup2(target.fileno(), 2)
            sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", closefd=False)
            assert "ansible_collections" not in sys.modules, "a mutant would not be seen"
            sys.path[:] = [str(self.folder), *(path for path in sys.path if not (Path(path) / "ansible_collections").is_dir())]
            sys.dont_write_bytecode, sys.pycache_prefix = False, str(self.folder / "compiled")
            for name in [name for name in os.environ if name.startswith("PYTEST_")]:
                del os.environ[name]
            os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
            os.environ.update({SHARED_SERVERS: str(self._servers), "LITELLM_VERSION": VERSION})
            unneeded = [word for name in NO_PLUGINS for word in ("-p", f"no:{name}")]
            options = ["-x", "-q", "--no-header", "--tb=short", *unneeded, "--rootdir", str(ROOT)]
            code = int(pytest.main([*options, *(str(ROOT / test) for test in selected)]))
            sys.stdout.flush()
        finally:
            os._exit(code)


@pytest.fixture(scope="session")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    for name in PRELOADED:
        importlib.import_module(name)
    servers = tmp_path_factory.mktemp("servers")
    with Stack(servers, VERSION):
        yield Workbench(tmp_path_factory.mktemp("mutants"), servers)


def identifier(value: object) -> str:
    return re.sub(r"\W+", "-", value.what if isinstance(value, Guard) else str(value)).strip("-")


MUTANTS = [(guard, name) for guard in GUARDS for name in guard.mutants]


@pytest.mark.parametrize(("guard", "name"), MUTANTS, ids=identifier)
def test_a_mutant_is_killed(guard: Guard, name: str, workbench: Workbench) -> None:
    with workbench.mutated(guard, name):
        code, output = workbench.run_tests(guard.tests)
    assert code != PASSED, f"{guard.what}: {name}, and no test of {', '.join(guard.tests)} noticed"
    assert code == FAILED, output
    assert "ERROR at setup" not in output, f"a test that cannot begin proves nothing:\n{output}"


def test_each_reason_of_the_proof_is_a_guard() -> None:
    """Read as text: what is imported here would be no mutant in the forks."""
    text = (ROOT / "plugins" / "module_utils" / "_proof" / "completeness.py").read_text(encoding="utf-8")
    codes = re.findall(r"^    ([A-Z_]+),$", text[text.index("\nCODES = (") :].partition("\n)")[0], re.MULTILINE)
    assert len(codes) >= 14
    for code in codes:
        mutants = [name for guard in GUARDS if guard.what.split()[0] == code for name in guard.mutants]
        assert {"removed", "inverted"} <= set(mutants), code


@pytest.mark.timeout(LIMIT_OF_ALL_S)
def test_without_damage_all_pass(workbench: Workbench) -> None:
    """A test that is red anyway kills nothing."""
    code, output = workbench.run_tests(sorted({test for guard in GUARDS for test in guard.tests}), LIMIT_OF_ALL_S)
    assert code == PASSED, output
