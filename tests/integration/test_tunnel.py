# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real PostgreSQL, and HTTP, through a pod's port-forward: many connections, much data, pods that end, and nothing left behind."""

from __future__ import annotations

import concurrent.futures
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg2
import psycopg2.extras
import pytest
import trustme

from ansible_collections.litemaas.models.plugins.module_utils._cluster import api as _kubernetes
from ansible_collections.litemaas.models.plugins.module_utils._cluster.tunnel import Tunnel, open_tunnel
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import ProxyUnreachable
from ansible_collections.litemaas.models.plugins.module_utils._litellm.transport import Http
from ansible_collections.litemaas.models.plugins.module_utils._run.termination import SIGNALS
from tests.support.endpoints import proxy_connection
from tests.support.kubernetes_api import KubernetesApi
from tests.support.kubernetes_clients import with_kubernetes_core
from tests.support.pgbouncer import PgBouncer
from tests.support.postgres import ADMIN, PASSWORD
from tests.support.receiver import Quiet, Serving
from tests.support.stack import LITEMAAS_DATABASE, Stack

pytestmark = pytest.mark.postgres

NAMESPACE = "litemaas"
POD = "postgres-0"
APPLICATION = "tunnel-test"
TIMEOUT_S = 10.0
ROWS = 5000


@pytest.fixture
def cluster(api: KubernetesApi, postgres_stack: Stack) -> Iterator[_kubernetes.Cluster]:
    """Connect to a cluster that has a pod with PostgreSQL, and one where nobody listens."""
    api.pod(NAMESPACE, POD, backends={5432: ("127.0.0.1", postgres_stack.postgres.port)})
    api.pod(NAMESPACE, "deaf-0")
    connected = _kubernetes.connect({"kubeconfig": api.kubeconfig({"token": api.user("somebody")})}, TIMEOUT_S)
    yield connected
    connected.close()


def opened(cluster: _kubernetes.Cluster, pod: str = POD) -> Tunnel:
    return open_tunnel(cluster, NAMESPACE, pod, 5432, TIMEOUT_S)


def connect(tunnel: Tunnel) -> Any:
    return psycopg2.connect(
        host=tunnel.directory, port=tunnel.port, user=ADMIN, password=PASSWORD, dbname=LITEMAAS_DATABASE, application_name=APPLICATION
    )


def asked(connection: Any, sql: str, parameters: Any = None) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def backends(stack: Stack) -> int:
    return int(stack.postgres.sql(f"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{APPLICATION}'")[0][0])


def eventually(condition: Callable[[], bool], seconds: float = 5) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


class Before:
    """What this process had before a tunnel; ``nothing_left`` compares."""

    def __init__(self, api: KubernetesApi, stack: Stack) -> None:
        self._api, self._stack = api, stack
        self._threads = set(threading.enumerate())
        self._sockets = self._own_sockets()
        self._handlers = self._current_handlers()

    def nothing_left(self, tunnel: Tunnel) -> None:
        """Assert that no thread, socket, folder, handler and backend of a tunnel is left."""
        assert not os.path.exists(tunnel.directory)
        assert not [thread for thread in tunnel._threads if thread.is_alive()]
        assert self._current_handlers() == self._handlers
        assert eventually(lambda: self._api.forwarded() == 0)
        assert eventually(lambda: backends(self._stack) == 0)
        # The API is in this process too: its threads and sockets end a moment after the client's.
        assert eventually(lambda: self._own_sockets() <= self._sockets)
        assert eventually(lambda: set(threading.enumerate()) <= self._threads)

    @staticmethod
    def _own_sockets() -> int:
        count = 0
        for name in os.listdir("/proc/self/fd"):
            try:
                count += os.readlink(f"/proc/self/fd/{name}").startswith("socket:")
            except OSError:
                continue
        return count

    @staticmethod
    def _current_handlers() -> list[Any]:
        return [signal.getsignal(number) for number in SIGNALS]


@pytest.fixture
def before(api: KubernetesApi, cluster: _kubernetes.Cluster, postgres_stack: Stack) -> Before:
    return Before(api, postgres_stack)


# --- what goes through -------------------------------------------------------------------------------------------------------


def test_twelve_connections_at_once(api: KubernetesApi, cluster: _kubernetes.Cluster, before: Before) -> None:
    together = threading.Barrier(12, timeout=TIMEOUT_S)

    def work(number: int) -> tuple[int, int]:
        connection = connect(tunnel)
        together.wait()
        assert asked(connection, "SELECT repeat(%s, 100000)", (str(number % 10),)) == [(str(number % 10) * 100000,)]
        process = asked(connection, "SELECT pg_backend_pid()")[0][0]
        connection.close()
        return number, process

    with opened(cluster) as tunnel, concurrent.futures.ThreadPoolExecutor(12) as pool:
        done = list(pool.map(work, range(12)))
        assert tunnel.problems == []
    assert len({process for _number, process in done}) == 12
    before.nothing_left(tunnel)


def test_five_thousand_rows_there_and_back(cluster: _kubernetes.Cluster) -> None:
    rows = [(number, f"model-{number}", "ä" * (number % 50)) for number in range(ROWS)]
    with opened(cluster) as tunnel:
        connection = connect(tunnel)
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE copied (number int, name text, filling text)")
            psycopg2.extras.execute_values(cursor, "INSERT INTO copied VALUES %s", rows, page_size=500)
        assert asked(connection, "SELECT * FROM copied ORDER BY number") == rows
        # Larger than what is read or buffered at once, in both directions.
        large = os.urandom(6_000_000).hex()
        assert asked(connection, "SELECT %s", (large,)) == [(large,)]
        connection.close()


def test_thirty_pods_that_end(api: KubernetesApi, cluster: _kubernetes.Cluster, before: Before) -> None:
    with opened(cluster) as tunnel:
        for _round in range(30):
            connection = connect(tunnel)
            assert asked(connection, "SELECT 1") == [(1,)]
            assert api.kill_pod(NAMESPACE, POD) == 1
            with pytest.raises(psycopg2.OperationalError):
                asked(connection, "SELECT 1")
            connection.close()
        assert tunnel.problems == ["the connection to the cluster ended"]
    before.nothing_left(tunnel)


def test_nobody_listens_in_the_pod(cluster: _kubernetes.Cluster) -> None:
    with opened(cluster, "deaf-0") as tunnel:
        with pytest.raises(psycopg2.OperationalError):
            connect(tunnel)
        assert eventually(lambda: bool(tunnel.problems))
        assert "connection refused" in tunnel.problems[0]


def test_a_pod_that_is_gone_when_the_next_connection_is_made(api: KubernetesApi, cluster: _kubernetes.Cluster) -> None:
    with opened(cluster) as tunnel:
        connect(tunnel).close()
        api.delete("v1", "pods", NAMESPACE, POD)
        with pytest.raises(psycopg2.OperationalError):
            connect(tunnel)
        assert tunnel.problems == [f"There is no pods/{POD} in namespace {NAMESPACE} (HTTP 404)"]


def test_a_server_that_demands_tls(api: KubernetesApi, cluster: _kubernetes.Cluster, postgres_stack: Stack) -> None:
    pem = trustme.CA().issue_cert("127.0.0.1").private_key_and_cert_chain_pem.bytes().decode()
    login = {"user": ADMIN, "password": PASSWORD, "dbname": LITEMAAS_DATABASE}
    with PgBouncer(postgres_stack.postgres, tls=pem) as bouncer:
        api.pod(NAMESPACE, "pooler-0", backends={5432: ("127.0.0.1", bouncer.port)})
        with opened(cluster, "pooler-0") as tunnel, pytest.raises(psycopg2.OperationalError, match="SSL required"):
            psycopg2.connect(host=tunnel.host, port=tunnel.port, sslmode="require", **login)
        with open_tunnel(cluster, NAMESPACE, "pooler-0", 5432, TIMEOUT_S, tcp=True) as tunnel:
            connection = psycopg2.connect(host=tunnel.host, port=tunnel.port, sslmode="require", **login)
            assert connection.info.ssl_in_use
            assert asked(connection, "SELECT 1") == [(1,)]
            connection.close()
            assert tunnel.problems == []


# --- what is left ---------------------------------------------------------------------------------------------------------------


def test_nothing_is_left_after_success_without_close(cluster: _kubernetes.Cluster, before: Before) -> None:
    with opened(cluster) as tunnel:
        connection = connect(tunnel)
        assert asked(connection, "SELECT 1") == [(1,)]
    with pytest.raises(psycopg2.OperationalError):
        asked(connection, "SELECT 1")
    connection.close()
    before.nothing_left(tunnel)


def test_nothing_is_left_after_an_exception_in_a_transaction(cluster: _kubernetes.Cluster, before: Before) -> None:
    tunnel = opened(cluster)
    connection = connect(tunnel)
    asked(connection, "SELECT pg_advisory_xact_lock(1)")
    with pytest.raises(ZeroDivisionError), tunnel:
        raise ZeroDivisionError
    connection.close()
    before.nothing_left(tunnel)


def test_nothing_is_left_after_a_timeout(cluster: _kubernetes.Cluster, before: Before) -> None:
    with opened(cluster) as tunnel:
        connection = connect(tunnel)
        with pytest.raises(psycopg2.errors.QueryCanceled):
            asked(connection, "SET statement_timeout = 50; SELECT pg_sleep(60)")
    connection.close()
    before.nothing_left(tunnel)


# Waits in the driver, in C, for an answer that does not come: as a run waits for a lock.
PROGRAM = """
import signal, sys
from ansible_collections.litemaas.models.plugins.module_utils._postgres import target
from ansible_collections.litemaas.models.plugins.module_utils._cluster import api as _kubernetes
from ansible_collections.litemaas.models.plugins.module_utils._postgres import connection as _postgres
from ansible_collections.litemaas.models.plugins.module_utils._run import endpoints, termination
from ansible_collections.litemaas.models.plugins.module_utils._cluster import tunnel as _tunnel

# nohup, and a shell in the background, let their children ignore some of them.
for number in termination.SIGNALS:
    signal.signal(number, signal.SIG_DFL)
_postgres.APPLICATION, _postgres.CONNECTION_CHECK = sys.argv[4], "100ms"
cluster = _kubernetes.connect({"kubeconfig": sys.argv[1]}, 10)
with _tunnel.open_tunnel(cluster, "litemaas", "postgres-0", 5432, 10) as tunnel:
    print(tunnel.directory, flush=True)
    login = {"user": sys.argv[2], "password": sys.argv[3], "dbname": sys.argv[5]}
    place = {"host": tunnel.directory, "port": str(tunnel.port), **login}
    database = _postgres.Database(target.Target(place, endpoints.resolve("database_url", None, {}).origin))
    database.begin(30)
    database.execute("SELECT pg_sleep(60)")
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_what_is_left_after_a_signal(api: KubernetesApi, cluster: _kubernetes.Cluster, postgres_stack: Stack, number: int) -> None:
    kubeconfig = api.write_kubeconfig({"token": api.user("somebody")})
    environment = with_kubernetes_core({**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    arguments = [str(kubeconfig), ADMIN, PASSWORD, APPLICATION, LITEMAAS_DATABASE]
    sleeping = f"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{APPLICATION}' AND query LIKE '%pg_sleep(60)%'"
    with subprocess.Popen([sys.executable, "-c", PROGRAM, *arguments], stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout
        try:
            directory = Path(process.stdout.readline().strip())
            assert directory.is_dir()
            assert eventually(lambda: postgres_stack.postgres.sql(sleeping)[0][0] == "1")
            began = time.monotonic()
            process.send_signal(number)
            assert process.wait(10) == (-number if number == signal.SIGKILL else 128 + number)
            assert time.monotonic() - began < 3
        finally:
            process.kill()
    assert eventually(lambda: api.forwarded() == 0 and backends(postgres_stack) == 0)
    assert directory.exists() == (number == signal.SIGKILL)
    if number == signal.SIGKILL:
        with socket.socket(socket.AF_UNIX) as client, pytest.raises(ConnectionRefusedError):
            client.connect(str(directory / ".s.PGSQL.5432"))
        shutil.rmtree(directory)


# --- HTTP -----------------------------------------------------------------------------------------------------------------------


class Proxy(Serving):
    """Answers as LiteLLM does where it has no Route: to who reaches its pod."""

    def __init__(self) -> None:
        super().__init__(ProxyHandler)


class ProxyHandler(Quiet):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        assert self.headers["Authorization"] == "Bearer demo-key-not-real"
        self.answer(200, b'{"data": [' + b'"model",' * 50000 + b'"last"]}', {"Content-Type": "application/json"})


def test_http(api: KubernetesApi, cluster: _kubernetes.Cluster, before: Before) -> None:
    with Proxy() as proxy:
        host, port = proxy.url.removeprefix("http://").split(":")
        api.pod(NAMESPACE, "litellm-0", backends={4000: (host, int(port))})
        with open_tunnel(cluster, NAMESPACE, "litellm-0", 4000, TIMEOUT_S) as tunnel:
            client = Http(proxy_connection("http://litellm.litemaas.svc:4000", "demo-key-not-real", {"socket_path": tunnel.socket_path}))
            for _request in range(3):
                assert client.get("/v2/model/info")["data"][-1] == "last"
            client.reconnect()
            assert len(client.get("/v2/model/info")["data"]) == 50001
            client.close()
            assert tunnel.problems == []
    before.nothing_left(tunnel)


def test_what_the_tunnel_says_stands_in_the_error(cluster: _kubernetes.Cluster) -> None:
    with open_tunnel(cluster, NAMESPACE, "deaf-0", 4000, TIMEOUT_S) as tunnel:
        reached = {"socket_path": tunnel.socket_path, "problems": tunnel.problems}
        with pytest.raises(ProxyUnreachable) as raised:
            Http(proxy_connection("http://litellm.litemaas.svc:4000", "demo-key-not-real", reached, retries=0)).get("/v2/model/info")
    assert "Failed to connect to LiteLLM at http://litellm.litemaas.svc:4000: " in raised.value.message
    assert "(the port-forward says: error forwarding port 4000 to pod deaf-0" in raised.value.message
