# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From nothing but a namespace to models on both sides: a real LiteLLM and a real PostgreSQL in a cluster, in every deployment."""

from __future__ import annotations

import json
import os
import threading
import time
import urllib.parse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.litemaas.models.plugins.module_utils._cluster import installation as _openshift
from ansible_collections.litemaas.models.plugins.module_utils._postgres import connection
from ansible_collections.litemaas.models.plugins.modules import (
    litellm_model,
    litellm_model_info,
    litemaas_model_sync,
    litemaas_orphan_cleanup,
    litemaas_sync_info,
)
from tests.integration import faults
from tests.integration.playbook import Playbook
from tests.support import deployments, litemaas
from tests.support.deployments import LITELLM_PORT, POSTGRES_PORT, VARIANTS, Installation, Wanted
from tests.support.kubernetes_api import KubernetesApi, Rule
from tests.support.modules import run_module
from tests.support.receiver import Receiver
from tests.support.stack import LITEMAAS_DATABASE, Stack

pytestmark = [pytest.mark.any_litellm, pytest.mark.litellm, pytest.mark.postgres]

NAMESPACE = "litemaas"
MODEL = {
    "model_name": "granite", "litellm_model": "openai/granite", "api_base": "http://granite.example.com/v1",
    "api_key": "demo-key-of-the-model-not-real",
}  # fmt: skip
GIVEN = (
    "LITELLM_API_URL",
    "LITELLM_BASE_URL",
    "LITELLM_API_KEY",
    "LITELLM_MASTER_KEY",
    "LITEMAAS_NAMESPACE",
    "DATABASE_URL",
    "PGHOST",
    "PGDATABASE",
)


# What a run may need, and no more.
RIGHTS = (
    Rule({NAMESPACE}, {"list"}, {"pods", "services", "routes", "ingresses", "endpointslices", "deployments", "statefulsets"}),
    Rule({NAMESPACE}, {"get"}, {"secrets", "configmaps"}),
    Rule({NAMESPACE}, {"get", "create"}, {"pods/portforward"}),
)


class Cluster:
    """A cluster in whose namespace the servers of a stack seem to run."""

    def __init__(self, api: KubernetesApi, stack: Stack) -> None:
        self.api = api
        self.stack = stack
        url = urllib.parse.urlsplit(stack.database_url)
        user, password = (urllib.parse.unquote(part or "") for part in (url.username, url.password))
        # The router of this cluster listens on a port of its own.
        host = urllib.parse.urlsplit(stack.litellm_url).netloc
        self.wanted = Wanted(NAMESPACE, stack.master_key, user, password, host=host, tls=False)
        self.token = api.user("somebody", *RIGHTS)
        self.kubeconfig = api.write_kubeconfig({"token": self.token})

    def has(self, installation: Installation) -> Installation:
        """Put an installation into the namespace, with the real servers behind its pods."""
        for one in installation.objects:
            self.api.apply(one, NAMESPACE)
        self.behind(installation.database_pod, POSTGRES_PORT, self.stack.postgres.port)
        self.behind(installation.litellm_pod, LITELLM_PORT, urllib.parse.urlsplit(self.stack.litellm_url).port or 0)
        return installation

    def behind(self, pod: str, port: int, real: int) -> None:
        """Let a port of a pod lead to a real one."""
        self.api.backends[NAMESPACE, pod, port] = ("127.0.0.1", real)

    def run(self, main: Callable[[], None], check: bool = False, **options: Any) -> dict[str, Any]:
        """Run a module with nothing but the namespace and a kubeconfig; nothing is left of it."""
        kubernetes = {"kubeconfig": str(self.kubeconfig)}
        answer = run_module(main, {"namespace": NAMESPACE, "kubernetes": kubernetes, **options}, check)
        self.is_silent(answer["raw"])
        return answer

    def is_silent(self, output: str) -> None:
        """Assert that an output holds no secret of the cluster or of what is in it."""
        for secret in (self.wanted.key, self.token, f":{self.wanted.password}@", MODEL["api_key"]):
            assert secret not in output, [line for line in output.splitlines() if secret in line][:3]

    def paths(self) -> list[str]:
        """Return what was asked for in the namespace, without the name of the namespace."""
        marker = f"/namespaces/{NAMESPACE}/"
        return [one.path.split(marker)[1] for one in self.api.requests if marker in one.path]

    def forwards_nothing(self) -> None:
        """Assert that no connection is left. The API notices a moment after the module's end."""
        end = time.monotonic() + 5
        while self.api.forwarded() and time.monotonic() < end:
            time.sleep(0.02)
        assert self.api.forwarded() == 0

    def litellm_url(self, variant: str) -> str:
        """Return where LiteLLM is found in an installation: outside, or by the name that only pods know."""
        return "http://maas-litemaas-litellm:4000" if variant == "helm without route" else self.stack.litellm_url

    def rows(self) -> list[list[str]]:
        """Return the models of the backend's table, without the one in LiteLLM's config file."""
        query = "SELECT id, availability FROM models WHERE id NOT LIKE 'config%' ORDER BY id"
        return self.stack.postgres.sql(query, LITEMAAS_DATABASE)


@pytest.fixture
def cluster(api: KubernetesApi, clean_stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    for name in GIVEN:
        monkeypatch.delenv(name, raising=False)
    return Cluster(api, clean_stack)


# --- modules --------------------------------------------------------------------------------------------------------------


def helm_without_route(wanted: Wanted) -> Installation:
    """The chart's default: LiteLLM has no address outside."""
    return deployments.helm(Wanted(**{**vars(wanted), "route": False}))


EVERY = {**VARIANTS, "helm without route": helm_without_route}


@pytest.mark.parametrize("variant", EVERY)
def test_a_sync_of_every_deployment(cluster: Cluster, variant: str) -> None:
    made = cluster.has(EVERY[variant](cluster.wanted))
    url = cluster.litellm_url(variant)
    assert cluster.run(litellm_model.main, **MODEL)["discovered"] == {"namespace": NAMESPACE, "litellm_url": url}
    answer = cluster.run(litemaas_model_sync.main)
    assert (answer["changed"], cluster.rows()) == (True, [["granite", "available"]])
    where = f'database "litemaas_db" of pod {made.database_pod} (namespace litemaas)'
    assert answer["discovered"] == {"namespace": NAMESPACE, "database": where, "litellm_url": url}
    assert cluster.run(litemaas_orphan_cleanup.main, check=True)["changed"] is False
    cluster.forwards_nothing()


def test_a_quiet_run_asks_for_each_thing_once(cluster: Cluster) -> None:
    cluster.has(deployments.kustomize(cluster.wanted))
    cluster.run(litemaas_model_sync.main)
    cluster.api.requests.clear()
    assert cluster.run(litemaas_model_sync.main)["changed"] is False
    assert cluster.paths() == ["pods", "secrets/backend-secret", "services", "routes", f"pods/postgres-0/portforward?ports={POSTGRES_PORT}"]


def test_what_is_given_is_not_looked_for(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", cluster.stack.database_url)
    given = {"litellm_url": cluster.stack.litellm_url, "litellm_api_key": cluster.stack.master_key}
    assert "discovered" not in cluster.run(litemaas_model_sync.main, **given)
    assert cluster.api.requests == []


def test_a_proxy_of_another_installation(cluster: Cluster) -> None:
    """Its models do not get into this database, and nothing is taken from it. Its admin does not get our key."""
    cluster.has(deployments.kustomize(cluster.wanted))
    litemaas.Seeder(cluster.stack.postgres, LITEMAAS_DATABASE).models(["gone"])
    with Receiver() as stranger:
        for main in (litemaas_orphan_cleanup.main, litemaas_model_sync.main):
            for key in ({}, {"litellm_api_key": "demo-key-of-another-not-real"}):
                refused = cluster.run(main, litellm_url=stranger.url, **key)
                assert faults.row("mixed").explains(refused["msg"])
        assert stranger.notifications == []
    assert cluster.rows() == [["gone", "available"]]


@pytest.mark.parametrize("main", [litemaas_orphan_cleanup.main, litemaas_model_sync.main], ids=["cleanup", "sync"])
def test_a_database_of_another_installation(cluster: Cluster, main: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """A forgotten DATABASE_URL of another backend beside a namespace."""
    cluster.has(deployments.kustomize(cluster.wanted))
    litemaas.Seeder(cluster.stack.postgres, LITEMAAS_DATABASE).models(["gone"])
    monkeypatch.setenv("DATABASE_URL", cluster.stack.database_url)
    assert faults.row("mixed").explains(cluster.run(main)["msg"])
    assert faults.row("mixed").explains(cluster.run(litemaas_sync_info.main, gather_subset=["rights", "installation"])["msg"])
    assert cluster.rows() == [["gone", "available"]]


def test_the_namespace_and_the_credentials_from_the_environment(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster.has(deployments.rhpds_head(cluster.wanted))
    monkeypatch.setenv("LITEMAAS_NAMESPACE", NAMESPACE)
    monkeypatch.setenv("K8S_AUTH_KUBECONFIG", str(cluster.kubeconfig))
    answer = run_module(litellm_model_info.main, {})
    assert (answer["complete"], answer["discovered"]["namespace"]) == (True, NAMESPACE)


@pytest.mark.parametrize("form", [dict, json.dumps, yaml.safe_dump])
def test_a_kubeconfig_that_is_given_as_such(cluster: Cluster, form: Callable[[Any], Any]) -> None:
    cluster.has(deployments.kustomize(cluster.wanted))
    kubeconfig = form(cluster.api.kubeconfig({"token": cluster.token}))
    assert cluster.run(litemaas_sync_info.main, kubernetes={"kubeconfig": kubeconfig})["discovered"]["namespace"] == NAMESPACE
    # The whole option as text, as -e on a command line gives it.
    as_text = json.dumps({"kubeconfig": kubeconfig})
    assert cluster.run(litemaas_sync_info.main, kubernetes=as_text)["discovered"]["namespace"] == NAMESPACE
    # Ansible shows the options when one of them is wrong.
    wrong = cluster.run(litemaas_sync_info.main, kubernetes={"kubeconfig": kubeconfig, "hots": "x"})
    assert "hots" in wrong["msg"]


def test_a_kubeconfig_that_is_none(cluster: Cluster) -> None:
    for content in ("[]\n- x", f"token: {cluster.token}\n: x: y"):
        answer = cluster.run(litemaas_sync_info.main, kubernetes={"kubeconfig": content})
        assert "kubernetes.kubeconfig is neither a path nor the content of a kubeconfig" in answer["msg"]


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        ([], 'The user "limited" may not list pods in'),
        (["pods"], 'The user "limited" may not get secrets "backend-secret" in'),
        (["pods", "secrets"], 'The user "limited" may not list services in'),
        (["pods", "secrets", "services"], 'The user "limited" may not get pods/portforward "postgres-0" in'),
        (
            ["pods", "secrets", "services", "pods/portforward"],
            'The user may not create pods/portforward "postgres-0" in',
        ),
    ],
)
def test_rights_that_are_too_small(cluster: Cluster, rules: list[str], sentence: str) -> None:
    cluster.has(deployments.kustomize(cluster.wanted))
    token = cluster.api.user("limited", Rule({NAMESPACE}, {"get", "list"}, set(rules)))
    cluster.kubeconfig = cluster.api.write_kubeconfig({"token": token})
    answer = cluster.run(litemaas_sync_info.main)
    assert answer["failed"]
    before, after = "Cannot find the backend's database in namespace litemaas: ", " namespace litemaas (HTTP 403)"
    assert answer["msg"].startswith(before + sentence + after)
    assert ". See examples/rbac.yml" in answer["msg"]
    assert answer["msg"].endswith("To skip the search, give database_url, or DATABASE_URL in the environment")
    assert answer["failure"]["code"] == "cluster_right_missing"


def test_a_dead_end_changes_nothing(cluster: Cluster) -> None:
    """Before anything is written at LiteLLM, too."""
    made = cluster.has(deployments.kustomize(cluster.wanted))
    cluster.run(litellm_model.main, **MODEL)
    cluster.api.delete("v1", "secrets", NAMESPACE, "backend-secret")
    for main, options in ((litellm_model.main, {**MODEL, "rpm": 5}), (litemaas_model_sync.main, {}), (litemaas_orphan_cleanup.main, {})):
        answer = cluster.run(main, **options)
        assert 'the Secret "backend-secret" does not exist' in answer["msg"]
        assert faults.row("dead end").explains(answer["msg"])
        assert answer["failure"]["code"] == "discovery_failed"
    assert cluster.rows() == []
    assert made.database_pod not in cluster.api.requests[-1].path


def test_a_litellm_pod_where_nobody_listens(cluster: Cluster) -> None:
    made = cluster.has(helm_without_route(cluster.wanted))
    del cluster.api.backends[NAMESPACE, made.litellm_pod, LITELLM_PORT]
    said = cluster.run(litellm_model.main, retries=0, **MODEL)["msg"]
    assert "Failed to connect to LiteLLM at http://maas-litemaas-litellm:4000" in said
    assert "(the port-forward says: " in said
    assert "connection refused" in said


def test_a_database_pod_where_nobody_listens(cluster: Cluster) -> None:
    cluster.has(deployments.kustomize(cluster.wanted))
    del cluster.api.backends[NAMESPACE, "postgres-0", POSTGRES_PORT]
    answer = cluster.run(litemaas_sync_info.main)
    assert 'Cannot connect to database "litemaas_db" of pod postgres-0 (namespace litemaas): ' in answer["msg"]
    assert faults.row("pod deaf").explains(answer["msg"])
    assert "connection refused" in answer["msg"]


def test_what_the_server_says_is_about_the_backends_url(cluster: Cluster) -> None:
    cluster.has(deployments.kustomize(Wanted(**{**vars(cluster.wanted), "database": "no_such_db"})))
    answer = cluster.run(litemaas_sync_info.main)
    assert 'database "no_such_db" does not exist' in answer["msg"]
    assert answer["msg"].endswith("Check the database's name in the backend's DATABASE_URL")


def kill_in_the_middle(cluster: Cluster, monkeypatch: pytest.MonkeyPatch, *, replaced: bool) -> list[int]:
    """End the database's pod in the middle of the next transaction, once; return how many connections that cut, as soon as it happens."""
    cut: list[int] = []
    plain = connection.Database.execute

    def execute(database: connection.Database, sql: str, parameters: Any = None) -> Any:
        found = plain(database, sql, parameters)
        if not cut and "INSERT INTO models" in sql:
            pod = cluster.api.find("v1", "pods", NAMESPACE, "postgres-0")
            assert pod
            cut.append(cluster.api.kill_pod(NAMESPACE, "postgres-0"))
            cluster.api.delete("v1", "pods", NAMESPACE, "postgres-0")
            if replaced:
                # It takes a moment until the next one is ready.
                new = {**pod, "metadata": {"name": "postgres-new", "labels": pod["metadata"]["labels"]}}
                threading.Timer(0.3, cluster.api.apply, (new, NAMESPACE)).start()
                cluster.behind("postgres-new", POSTGRES_PORT, cluster.stack.postgres.port)
        return found

    monkeypatch.setattr(connection.Database, "execute", execute)
    monkeypatch.setattr(_openshift, "LOOK_EVERY", 0.05)
    return cut


def test_a_pod_that_is_replaced_during_a_run(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster.has(deployments.kustomize(cluster.wanted))
    cluster.run(litellm_model.main, **MODEL)
    cut = kill_in_the_middle(cluster, monkeypatch, replaced=True)
    answer = cluster.run(litemaas_model_sync.main, retry_delay=0.01)
    assert cut == [1]
    assert (answer["changed"], cluster.rows()) == (True, [["granite", "available"]])
    assert answer["discovered"]["database"] == 'database "litemaas_db" of pod postgres-new (namespace litemaas)'
    [line] = [line for line in answer["log"] if "The whole run is repeated (1 left)" in line]
    assert 'The connection to database "litemaas_db" of pod postgres-0 (namespace litemaas) broke: ' in line


def test_a_pod_that_is_not_replaced(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster.has(deployments.kustomize(cluster.wanted))
    kill_in_the_middle(cluster, monkeypatch, replaced=False)
    monkeypatch.setattr(_openshift, "LONGEST_REPLACEMENT", 0.2)
    answer = cluster.run(litemaas_model_sync.main, retry_delay=0.01)
    assert answer["failed"]
    assert faults.row("pod replaced").explains(answer["msg"])
    assert cluster.rows() == []


def test_a_notification_names_what_was_found(cluster: Cluster) -> None:
    cluster.has(deployments.kustomize(cluster.wanted))
    with Receiver() as receiver:
        cluster.run(litellm_model.main, **MODEL, notify_urls=[f"{receiver.url}/hook"])
    [told] = receiver.notifications
    assert told.json()["litellm"] == cluster.stack.litellm_url


# --- the playbook ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def played(cluster: Cluster, tmp_path: Path) -> Playbook:
    """Return the playbook with nothing in its environment that names a server."""
    playbook = Playbook(cluster.stack, tmp_path)
    playbook.environment = {}
    return playbook


@pytest.mark.slow
@pytest.mark.parametrize("variant", EVERY)
def test_the_playbook_with_a_kubeconfig_and_nothing_else(cluster: Cluster, played: Playbook, variant: str) -> None:
    made = cluster.has(EVERY[variant](cluster.wanted))
    played.add_in_admin_ui("granite")
    arguments = ("-e", f"ocp4_workload_litemaas_models_namespace={NAMESPACE}")
    done = played.run(*arguments, environment={"KUBECONFIG": str(cluster.kubeconfig)}).ok(changed=True)
    assert done.actions("backend")["granite"] == "created"
    assert f"localhost: {cluster.litellm_url(variant)}, namespace litemaas" in done.output
    assert f'namespace litemaas, database "litemaas_db" of pod {made.database_pod} (namespace litemaas)' in done.output
    cluster.is_silent(done.output)


@pytest.mark.slow
def test_the_playbook_in_the_environment_of_aap(cluster: Cluster, played: Playbook) -> None:
    """On a host of another name, and as talkative as it can be."""
    cluster.has(deployments.rhpds_head(cluster.wanted))
    environment = {
        "K8S_AUTH_HOST": cluster.api.url,
        "K8S_AUTH_API_KEY": cluster.token,
        "K8S_AUTH_VERIFY_SSL": "True",
        "K8S_AUTH_SSL_CA_CERT": str(cluster.api.ca_path),
        "KUBECONFIG": "",
    }
    inventory = ("-i", "maas.example.com,", "-e", "litemaas_models_hosts=all")
    done = played.run(*inventory, "-vvvv", "-e", played.models_file(MODEL), environment=environment).ok(changed=True)
    assert done.actions("litellm", "maas.example.com") == {"granite": "created"}
    assert done.actions("backend", "maas.example.com")["granite"] == "created"
    cluster.is_silent(done.output)


@pytest.mark.slow
def test_the_playbook_with_credentials_in_its_variables(cluster: Cluster, played: Playbook) -> None:
    cluster.has(deployments.rhpds_single(cluster.wanted))
    variables = {
        "litemaas_models_namespace": NAMESPACE,
        "litemaas_models_kubernetes": {"kubeconfig": cluster.api.kubeconfig({"token": cluster.token})},
    }
    done = played.run("-vvvv", "--check", "-e", played.models_file(**variables)).ok()
    assert done.results["localhost"]["discovered"]["database"] == 'database "litemaas_db" of pod postgres-0 (namespace litemaas)'
    cluster.is_silent(done.output)


@pytest.mark.slow
def test_the_playbook_without_anything_that_leads_anywhere(played: Playbook) -> None:
    nowhere = {"KUBECONFIG": "", "HOME": str(played.folder), "ANSIBLE_HOME": os.path.expanduser("~/.ansible")}
    done = played.run(environment=nowhere).failed("The address of the LiteLLM proxy is missing")
    assert "It cannot be looked for in namespace litemaas either: there is no kubeconfig" in done.output.replace("\n", " ")
    done = played.run(environment={**nowhere, "LITEMAAS_NAMESPACE": "of-the-environment"})
    assert "It cannot be looked for in namespace of-the-environment either" in done.failed().output.replace("\n", " ")
    done = played.run("-e", "litemaas_models_namespace=", environment=nowhere)
    done.failed("Or let it be found in a namespace: set litemaas_models_namespace")
