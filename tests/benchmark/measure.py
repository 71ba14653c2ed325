# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures one thing: times of a run of its own, and counts in another run, through proxies that would cost time."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.benchmark.results import Cost, Counts
from tests.support.postgres_proxy import PostgresProxy
from tests.support.recorder import Recorder

LAUNCHER = Path(__file__).with_name("launcher.py")


class RunFailed(Exception):
    """A measured command failed; the message is the end of its output."""


@dataclasses.dataclass(frozen=True)
class Addresses:
    """Where a way finds the servers. ``witness_url`` is LiteLLM's own database."""

    litellm_url: str
    database_url: str
    witness_url: str


@dataclasses.dataclass(frozen=True)
class Command:
    """A command line with the variables that it needs beside those of the benchmark."""

    words: Sequence[str | Path]
    environment: Mapping[str, str] = dataclasses.field(default_factory=dict)


# How a way is started on given servers.
Start = Callable[[Addresses], Command]


class Meter:
    """Runs commands as processes of their own. ``environment`` is what all of them get."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.environment = {name: value for name, value in environment.items() if name != "PYTHONDONTWRITEBYTECODE"}
        self.output = ""

    def run(self, command: Command, *, fails: bool = False) -> Cost:
        """Run a command to its end. Raises RunFailed where it fails, or does not fail although it ``fails``."""
        wanted: dict[str, Any] = {
            "command": [str(word) for word in command.words],
            "environment": {**self.environment, **command.environment},
            "folder": str(self.folder),
        }
        # Isolated and without site: the launcher's own size is a lower limit of what is measured.
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(LAUNCHER)], input=json.dumps(wanted), capture_output=True, text=True, check=True
        )
        answer = json.loads(done.stdout)
        self.output = answer["output"]
        if bool(answer["code"]) is not fails:
            raise RunFailed(f"{wanted['command'][:3]} ended with {answer['code']}:\n{self.output[-3000:]}")
        return Cost(answer["wall_s"], answer["cpu_s"], answer["peak_mb"])

    def count(self, start: Start, addresses: Addresses) -> Counts:
        """Count what one run sends to the servers."""
        with _counting(addresses) as (recorder, backend, witness, counted):
            self.run(start(counted))
            return Counts(
                requests=len(recorder.requests),
                http_connections=recorder.connections,
                database_statements=len(backend.statements),
                database_connections=backend.connections,
                witness_statements=len(witness.statements),
                witness_connections=witness.connections,
            )


@contextlib.contextmanager
def _counting(addresses: Addresses) -> Iterator[tuple[Recorder, PostgresProxy, PostgresProxy, Addresses]]:
    """Put counting proxies in front of the servers."""
    with (
        Recorder(addresses.litellm_url) as recorder,
        PostgresProxy(port_of(addresses.database_url)) as backend,
        PostgresProxy(port_of(addresses.witness_url)) as witness,
    ):
        databases = with_port(addresses.database_url, backend.port), with_port(addresses.witness_url, witness.port)
        yield recorder, backend, witness, Addresses(recorder.url, *databases)


def port_of(url: str) -> int:
    """Return the port in ``postgresql://user:password@127.0.0.1:5432/name``."""
    return int(url.rsplit(":", 1)[1].split("/")[0])


def with_port(url: str, port: int) -> str:
    """Return a database's URL with another port."""
    front, _colon, back = url.rpartition(":")
    return f"{front}:{port}/{back.partition('/')[2]}"
