# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m tests.support``: start, stop and look at the servers by hand."""

from __future__ import annotations

import argparse
import json
import shlex
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType

from tests.support.api_changes import api_of, as_table, changes
from tests.support.cache import cache_root, progress
from tests.support.errors import SupportError
from tests.support.litellm import DEFAULT_VERSION, MASTER_KEY, ProxyOptions, install_litellm
from tests.support.locks import lock_names
from tests.support.packages import write_lock
from tests.support.postgres import INSTALL_DIRECTORIES, install_postgres
from tests.support.stack import Stack, StackRecord, stop_stack


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _end_politely)
    try:
        return int(options.command(options))
    except SupportError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def up(options: argparse.Namespace) -> int:
    """Start the servers and print their addresses; without --detach, stop them at Ctrl-C."""
    running = StackRecord.read(options.state)
    if running.running() and running.environment:
        progress(f"{options.state}: already running")
        _print_environment(running.environment, options.format)
        return 0
    stack = Stack(
        options.state,
        options.version,
        proxy=_proxy_options(options),
        postgres_version=options.postgres_version,
        postgres_port=options.postgres_port,
        older_backend=options.older_backend,
        keep_data=True,
    )
    with stack:
        _print_environment(stack.environ(), options.format)
        if not options.detach:
            progress("running; Ctrl-C stops everything")
            threading.Event().wait()
        stack.detach()
    return 0


def down(options: argparse.Namespace) -> int:
    """Stop the servers of a state directory."""
    names = stop_stack(options.state.resolve(), purge=options.purge)
    progress(f"stopped {', '.join(names)}" if names else f"{options.state}: nothing was running")
    return 0


def status(options: argparse.Namespace) -> int:
    """Say what runs. Exit code 3 if nothing does."""
    record = StackRecord.read(options.state)
    running = record.running()
    print(f"cache: {cache_root()}", file=sys.stderr)
    for process in record.processes:
        print(f"{process.name}: process {process.pid} {'runs' if process in running else 'has ended'}", file=sys.stderr)
    if running:
        _print_environment(record.environment, options.format)
    return 0 if running else 3


def install(options: argparse.Namespace) -> int:
    """Fill the caches, so that later starts need no network."""
    install_postgres()
    for version in options.version:
        install_litellm(version)
    progress(f"everything is installed in {cache_root()}")
    return 0


def lock(options: argparse.Namespace) -> int:
    """Make lock files from their requirements."""
    for name in options.name or lock_names():
        progress(f"wrote {write_lock(name)}")
    return 0


def compare(options: argparse.Namespace) -> int:
    """Print what changed between two versions of LiteLLM in the endpoints that the collection calls."""
    print(as_table(changes(api_of(options.old), api_of(options.new))))
    return 0


def _proxy_options(options: argparse.Namespace) -> ProxyOptions:
    return ProxyOptions(
        port=options.port,
        workers=options.workers,
        master_key=options.master_key,
        config=options.config.read_text(encoding="utf-8") if options.config else None,
    )


def _print_environment(variables: Mapping[str, str], form: str) -> None:
    if form == "json":
        print(json.dumps(variables, indent=2), flush=True)
        return
    for name, value in variables.items():
        print(f"export {name}={shlex.quote(value)}", flush=True)


def _end_politely(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.support", description=__doc__)
    commands = parser.add_subparsers(required=True)
    _add_up(commands.add_parser("up", help="start PostgreSQL and LiteLLM, print how to reach them"))
    down_parser = commands.add_parser("down", help="stop everything that up started")
    down_parser.add_argument("--purge", action="store_true", help="remove the data too")
    status_parser = commands.add_parser("status", help="say what runs")
    for function, command in ((down, down_parser), (status, status_parser)):
        _add_state(command)
        command.set_defaults(command=function)
    status_parser.add_argument("--format", choices=("env", "json"), default="env")
    install_parser = commands.add_parser("install", help="fill the caches only")
    install_parser.add_argument("--version", action="append", help="of LiteLLM; may be repeated")
    install_parser.set_defaults(command=_install_chosen)
    lock_parser = commands.add_parser("lock", help="make lock files from requirements/NAME.in")
    lock_parser.add_argument("name", nargs="*", help="default: all")
    lock_parser.set_defaults(command=lock)
    compare_parser = commands.add_parser("compare", help="say what changed between two versions of LiteLLM in what we call")
    compare_parser.add_argument("old")
    compare_parser.add_argument("new")
    compare_parser.set_defaults(command=compare)
    return parser


def _install_chosen(options: argparse.Namespace) -> int:
    options.version = options.version or [DEFAULT_VERSION]
    return install(options)


def _add_state(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--state", type=Path, required=True, help="directory for logs, data and the record of what runs")


def _add_up(parser: argparse.ArgumentParser) -> None:
    _add_state(parser)
    parser.add_argument("--version", default=DEFAULT_VERSION, help="of LiteLLM (default: %(default)s)")
    parser.add_argument("--detach", action="store_true", help="return when ready and leave everything running")
    parser.add_argument("--format", choices=("env", "json"), default="env")
    parser.add_argument("--port", type=int, help="of LiteLLM (default: a free one)")
    parser.add_argument("--workers", type=int, default=1, help="of LiteLLM")
    parser.add_argument("--config", type=Path, help="LiteLLM's config.yaml (default: one model, config-file-model)")
    parser.add_argument("--master-key", default=MASTER_KEY, help="LiteLLM's admin key (default: %(default)s)")
    parser.add_argument("--postgres-version", choices=sorted(INSTALL_DIRECTORIES), default="16")
    parser.add_argument("--postgres-port", type=int, help="default: a free one")
    parser.add_argument("--older-backend", action="store_true", help="LiteMaaS tables of an older backend")
    parser.set_defaults(command=up)
