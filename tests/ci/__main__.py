# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Command line: ``python3 -m tests.ci TARGET...``, ``python3 -m tests.ci exec COMMAND...``, ``python3 -m tests.ci tree``."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from types import FrameType

from tests.ci.paths import WORK
from tests.ci.runner import print_report, run_stages
from tests.ci.shell import Log, StageError, stop_all
from tests.ci.stages import TARGETS, change_notes, format_sources, generate, runtime, stages_of
from tests.ci.tree import collection_tree, collections_path


def main(arguments: list[str]) -> int:
    """Run what the command line asks for and return the exit code."""
    parser = argparse.ArgumentParser(prog="python3 -m tests.ci", description=__doc__)
    parser.add_argument("target", help=f"{', '.join(TARGETS)}, test, changelog, format, generate, tree or exec")
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="more targets, or the command of exec")
    parser.add_argument("--workers", type=int, default=int(os.environ.get("WORKERS") or 3), help="stages at a time (3)")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupted)
    _let_children_be_signalled()
    WORK.mkdir(exist_ok=True)
    if options.target == "tree":
        print(collections_path(collection_tree()))
        return 0
    if options.target == "changelog":
        change_notes(Log("changelog"))
        return 0
    if options.target == "format":
        format_sources(Log("format"))
        return 0
    if options.target == "generate":
        generate(Log("generate"))
        return 0
    if options.target == "exec":
        return _execute(options.rest)
    stages = {name: stage for target in (options.target, *options.rest) for name, stage in stages_of(target).items()}
    return 0 if print_report(run_stages(stages, options.workers)) else 1


def _execute(command: list[str]) -> int:
    """Replace this process by a command that runs with ansible-core, the test tools and the collection at hand."""
    if not command:
        raise StageError("exec needs a command")
    _venv, env = runtime(Log("exec"))
    sys.stdout.flush()
    os.execvpe(command[0], command, env)


def _let_children_be_signalled() -> None:
    """Ignore by a handler what this process was started to ignore (nohup, a shell in the background): children do not inherit that."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, _ignored)


def _ignored(_signal: int, _frame: FrameType | None) -> None:
    """Go on."""


def _interrupted(_signal: int, _frame: FrameType | None) -> None:
    stop_all()
    raise KeyboardInterrupt


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except StageError as problem:
        sys.exit(f"{problem}")
    except KeyboardInterrupt:
        stop_all()
        sys.exit(130)
