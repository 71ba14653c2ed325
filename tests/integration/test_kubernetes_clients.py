# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The API of the tests against clients that nobody here wrote, and the tunnel on the oldest and the newest of their libraries."""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.kubernetes_api import KubernetesApi, Rule
from tests.support.kubernetes_clients import OLDEST_CLIENT, client_python, kubectl, with_kubernetes_core
from tests.support.postgres import ADMIN, PASSWORD
from tests.support.stack import LITEMAAS_DATABASE, Stack

pytestmark = pytest.mark.postgres

NAMESPACE = "litemaas"
SECRET = "demo-database-password-not-real"


@pytest.fixture
def deployed(api: KubernetesApi, postgres_stack: Stack) -> KubernetesApi:
    """Return an API with one object of each kind that a search looks at; the pod's port leads to PostgreSQL."""
    api.pod(NAMESPACE, "postgres-0", {"app": "postgres"}, backends={5432: ("127.0.0.1", postgres_stack.postgres.port)})
    api.pod(NAMESPACE, "litellm-0", {"app": "litellm"})
    metadata = {"name": "postgres"}
    port = {"port": 5432, "targetPort": 5432}
    api.apply({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"ports": [port]}}, NAMESPACE)
    api.apply({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"password": SECRET}}, NAMESPACE)
    api.apply({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {"replicas": 1}}, NAMESPACE)
    api.apply({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata, "spec": {}}, NAMESPACE)
    api.apply({"apiVersion": "route.openshift.io/v1", "kind": "Route", "metadata": metadata, "spec": {"to": {}}}, NAMESPACE)
    endpoints = {"addressType": "IPv4", "endpoints": [{"addresses": ["10.128.0.7"]}], "ports": [{"port": 5432}]}
    api.apply({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": metadata, **endpoints}, NAMESPACE)
    return api


def printed(command: Sequence[str | Path], environment: Mapping[str, str], code: int = 0) -> str:
    """Return what a program printed; it must end with this code."""
    done = subprocess.run([str(word) for word in command], env=dict(environment), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout or done.stderr


# --- the library, alone and below the tunnel ---------------------------------------------------------------------------------

PROGRAM = """
import json, sys

import kubernetes
import psycopg2
from kubernetes.stream import portforward

from ansible_collections.litemaas.models.plugins.module_utils._cluster import api as _kubernetes
from ansible_collections.litemaas.models.plugins.module_utils._cluster import tunnel

kubeconfig, user, password, database = sys.argv[1:]
found = {"version": kubernetes.__version__}

core = kubernetes.client.CoreV1Api(kubernetes.config.new_client_from_config(kubeconfig))
found["pods"] = [pod.metadata.name for pod in core.list_namespaced_pod("litemaas", label_selector="app in (postgres,other)").items]
found["secret"] = sorted(core.read_namespaced_secret("postgres", "litemaas").data)
try:
    core.read_namespaced_secret("other", "litemaas")
except kubernetes.client.ApiException as error:
    found["missing"] = (error.status, json.loads(error.body)["message"])
forward = portforward(core.connect_get_namespaced_pod_portforward, "postgres-0", "litemaas", ports="5432")
plain = forward.socket(5432)
plain.sendall(b"\\0\\0\\0\\x08\\x04\\xd2\\x16\\x2f")
plain.setblocking(True)
found["answer"] = plain.recv(1).decode()
plain.close()

cluster = _kubernetes.connect({"kubeconfig": kubeconfig}, 10)
found["server"] = cluster.described()
with tunnel.open_tunnel(cluster, "litemaas", "postgres-0", 5432, 10) as tunnel:
    connection = psycopg2.connect(host=tunnel.directory, port=tunnel.port, user=user, password=password, dbname=database)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM generate_series(1, 5000)")
        found["rows"] = cursor.fetchone()[0]
    connection.close()
cluster.close()
print(json.dumps(found))
"""


@pytest.mark.parametrize("version", [OLDEST_CLIENT, importlib.metadata.version("kubernetes")], ids=["oldest", "newest"])
def test_the_oldest_and_the_newest_library(deployed: KubernetesApi, version: str) -> None:
    python = client_python(version) if version == OLDEST_CLIENT else sys.executable
    kubeconfig = deployed.write_kubeconfig({"token": deployed.user("somebody")})
    environment = with_kubernetes_core({**os.environ, "PYTHONPATH": os.environ.get("PYTHONPATH") or os.pathsep.join(sys.path)})
    output = printed([python, "-c", PROGRAM, kubeconfig, ADMIN, PASSWORD, LITEMAAS_DATABASE], environment)
    assert json.loads(output.strip().splitlines()[-1]) == {
        "version": version,
        "pods": ["postgres-0"],
        "secret": ["password"],
        "missing": [404, 'secrets "other" not found'],
        # PostgreSQL's answer to a request for TLS: it has none.
        "answer": "N",
        "server": deployed.url,
        "rows": 5000,
    }


# --- kubernetes.core -----------------------------------------------------------------------------------------------------------


def test_kubernetes_core(deployed: KubernetesApi) -> None:
    kubeconfig = deployed.write_kubeconfig({"token": deployed.user("somebody", Rule(namespaces={NAMESPACE}))})
    options = {"kind": "Secret", "namespace": NAMESPACE, "name": "postgres", "kubeconfig": str(kubeconfig)}
    environment = {**with_kubernetes_core(os.environ), "ANSIBLE_NOCOLOR": "true"}
    ansible = Path(sys.executable).with_name("ansible")
    output = printed([ansible, "localhost", "-m", "kubernetes.core.k8s_info", "-a", json.dumps(options)], environment)
    result: dict[str, Any] = json.loads(output.split("localhost | SUCCESS => ")[1])
    assert [one["metadata"]["name"] for one in result["resources"]] == ["postgres"]
    assert result["api_found"] is True


# --- kubectl ---------------------------------------------------------------------------------------------------------------------


def test_kubectl(deployed: KubernetesApi, tmp_path: Path) -> None:
    kubeconfig = deployed.write_kubeconfig({"token": deployed.user("somebody", Rule(resources={"*"}, namespaces={NAMESPACE}))})
    get = [kubectl(), "--kubeconfig", kubeconfig, "--cache-dir", tmp_path / "cache", "--namespace", NAMESPACE, "get"]
    kinds = "pods,svc,deploy,ingresses,routes.route.openshift.io,endpointslices"
    names = printed([*get, kinds, "-o", "name"], os.environ).split()
    assert names == [
        "pod/litellm-0",
        "pod/postgres-0",
        "service/postgres",
        "deployment.apps/postgres",
        "ingress.networking.k8s.io/postgres",
        "route.route.openshift.io/postgres",
        "endpointslice.discovery.k8s.io/postgres",
    ]
    assert printed([*get, "pods", "-l", "app!=postgres", "-o", "name"], os.environ).split() == ["pod/litellm-0"]
    assert printed([*get, "pods", "--field-selector", "metadata.name=postgres-0", "-o", "name"], os.environ).split() == ["pod/postgres-0"]
    forbidden = printed([*get, "pods", "--namespace", "other"], os.environ, 1)
    said = 'pods is forbidden: User "somebody" cannot list resource "pods" in API group "" in the namespace "other"'
    assert f"Error from server (Forbidden): {said}" in forbidden
    assert 'Error from server (NotFound): secrets "other" not found' in printed([*get, "secrets", "other"], os.environ, 1)
