# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What it costs to find the database in a namespace and to reach it through a port-forward, compared with a direct connection.

All on one machine: a real cluster adds its distance to both ways.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg2
import psycopg2.extras
import pytest

from ansible_collections.litemaas.models.plugins.module_utils._cluster import api as _kubernetes
from ansible_collections.litemaas.models.plugins.module_utils._cluster import tunnel as _tunnel
from tests.benchmark import results, scenarios
from tests.benchmark.results import Cost, Result
from tests.integration.database import Backend, entry
from tests.support import deployments, litemaas
from tests.support.kubernetes_api import KubernetesApi
from tests.support.kubernetes_clients import kubernetes_core
from tests.support.stack import LITEMAAS_DATABASE, Stack

ROWS = 5000
RUNS = 5
NAMESPACE = "litemaas"
TIMEOUT_S = 30.0


class Bench:
    """A PostgreSQL that is reached directly, and as a pod of a cluster."""

    def __init__(self, stack: Stack, api: KubernetesApi, backend: Backend) -> None:
        self._stack = stack
        self._backend = backend
        self._backend.litellm.entries = [entry(f"model-{number}", rpm=1) for number in range(ROWS)]
        login = urllib.parse.urlsplit(stack.database_url)
        self._login = {"user": login.username or "", "password": urllib.parse.unquote(login.password or "")}
        wanted = deployments.Wanted(NAMESPACE, **self._login)
        self._litellm_url = wanted.litellm_url
        made = deployments.kustomize(wanted)
        for one in made.objects:
            api.apply(one, NAMESPACE)
        self._pod = made.database_pod
        api.backends[NAMESPACE, self._pod, deployments.POSTGRES_PORT] = ("127.0.0.1", stack.postgres.port)
        self._credentials = {"kubeconfig": api.kubeconfig({"token": api.user("somebody")})}

    def measure(self) -> Iterator[Result]:
        """Measure each piece of work, both ways in turns."""
        yield from self._rows()
        yield from self._sync("sync, all new", lambda: litemaas.truncate(self._stack.postgres, LITEMAAS_DATABASE))
        yield from self._sync("sync, all changed", self._change)
        yield from self._sync("sync, nothing to do", lambda: None)

    def _rows(self) -> Iterator[Result]:
        """The bare connection: write rows, and read them."""
        cluster = _kubernetes.connect(self._credentials, TIMEOUT_S)
        with (
            contextlib.closing(cluster),
            _tunnel.open_tunnel(cluster, NAMESPACE, self._pod, deployments.POSTGRES_PORT, TIMEOUT_S) as tunnel,
        ):
            direct = psycopg2.connect(self._stack.postgres.url(LITEMAAS_DATABASE))
            forwarded = psycopg2.connect(host=tunnel.directory, port=tunnel.port, dbname=LITEMAAS_DATABASE, **self._login)
            with contextlib.closing(direct), contextlib.closing(forwarded):
                times = [(_write_and_read(direct), _write_and_read(forwarded)) for _run in range(RUNS)]
        return _results("rows written and read", *map(list, zip(*times, strict=True)))

    def _sync(self, what: str, prepare: Callable[[], Any]) -> Iterator[Result]:
        """The whole module: with the namespace, the search in it too."""
        through = {"litellm_url": self._litellm_url, "database_url": "", "namespace": NAMESPACE, "kubernetes": self._credentials}
        times: list[list[float]] = [[], []]
        for _run in range(RUNS):
            for way, options in enumerate(({}, through)):
                prepare()
                began = time.perf_counter()
                answer = self._backend.sync(**options)
                times[way].append(time.perf_counter() - began)
                if answer.get("failed"):
                    raise SystemExit(answer["msg"])
        return _results(what, *times)

    def _change(self) -> None:
        self._stack.postgres.sql("UPDATE models SET rpm = coalesce(rpm, 0) + 1", LITEMAAS_DATABASE)


def _write_and_read(connection: Any) -> float:
    rows = [(number, f"model-{number}", "x" * 40) for number in range(ROWS)]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS timed; CREATE TEMPORARY TABLE timed (number int, name text, filling text)")
        began = time.perf_counter()
        psycopg2.extras.execute_values(cursor, "INSERT INTO timed VALUES %s", rows, page_size=500)
        cursor.execute("SELECT * FROM timed")
        cursor.fetchall()
        return time.perf_counter() - began


def _results(what: str, direct: list[float], namespace: list[float]) -> Iterator[Result]:
    """Return a result for each way; only the seconds on the clock are known, as both run in this process."""
    for way, seconds in ((results.DIRECT, direct), (results.NAMESPACE, namespace)):
        yield Result(scenarios.NAMESPACE, what, way, ROWS, tuple(Cost(one, 0.0, 0.0) for one in seconds))


def measure() -> Iterator[Result]:
    """Measure on servers of its own."""
    sys.path.append(str(kubernetes_core()))
    with (
        tempfile.TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as monkeypatch,
        Stack(Path(folder) / "postgres", with_litellm=False, durable=True) as stack,
        KubernetesApi(Path(folder)) as api,
    ):
        yield from Bench(stack, api, Backend(stack, monkeypatch)).measure()
