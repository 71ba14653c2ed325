# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who we are in a cluster, by every way that kubernetes.core knows; and what is said where that does not work."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
import trustme

from ansible_collections.litemaas.models.plugins.module_utils._cluster import api as _kubernetes
from ansible_collections.litemaas.models.plugins.module_utils._cluster.tunnel import PROTOCOL, open_tunnel
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import (
    ClusterError,
    ClusterRefused,
    ClusterUnreachable,
    NotInCluster,
    RightMissing,
)
from tests.integration import faults
from tests.support.kubernetes_api import KubernetesApi, Rule
from tests.support.receiver import ForwardProxy, Quiet, Receiver

NAMESPACE = "litemaas"
PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"
FORWARD = f"{PODS}/postgres-0/portforward?ports=5432"
USER = "somebody"
PROXY_PASSWORD = "demo-proxy-password-not-real"
TIMEOUT_S = 5.0

Options = dict[str, Any]


@pytest.fixture
def pod(api: KubernetesApi) -> KubernetesApi:
    """Return an API with a pod, whose port leads nowhere, and a user who may do everything."""
    api.pod(NAMESPACE, "postgres-0", {"app": "postgres"})
    api.user(USER)
    return api


def token(api: KubernetesApi) -> str:
    return next(token for token, user in api.tokens.items() if user == USER)


def use(api: KubernetesApi, options: Options, user: str = USER) -> None:
    """Read a list and open a WebSocket; both must run as this user."""
    cluster = _kubernetes.connect(options, TIMEOUT_S)
    try:
        assert [one["metadata"]["name"] for one in cluster.get(PODS)["items"]] == ["postgres-0"]
        cluster.dial(FORWARD, PROTOCOL, TIMEOUT_S).close()
    finally:
        cluster.close()
    assert [one.path for one in api.requests[-2:]] == [PODS, FORWARD]
    assert {one.user for one in api.requests} == {user}


def refused(options: Options, kind: type[ClusterError], path: str = PODS) -> str:
    """Return the sentence of the failure, in which there is no secret."""
    with pytest.raises(ClusterError) as raised:
        _kubernetes.connect(options, TIMEOUT_S).get(path)
    assert raised.value.code == kind.code, raised.value.message
    assert "not-real" not in raised.value.message
    return raised.value.message


# --- ways in ---------------------------------------------------------------------------------------------------------------


def kubeconfig_with_a_token(api: KubernetesApi, _patch: pytest.MonkeyPatch) -> Options:
    return {"kubeconfig": str(api.write_kubeconfig({"token": token(api)}))}


def kubeconfig_as_data_with_a_certificate(api: KubernetesApi, _patch: pytest.MonkeyPatch) -> Options:
    certificate, key = api.certificate(USER)
    return {"kubeconfig": api.kubeconfig({"client-certificate": str(certificate), "client-key": str(key)})}


def kubeconfig_with_a_program(api: KubernetesApi, _patch: pytest.MonkeyPatch) -> Options:
    return {"kubeconfig": str(api.write_kubeconfig(api.exec_plugin(token(api))))}


def kubeconfig_with_another_context(api: KubernetesApi, _patch: pytest.MonkeyPatch) -> Options:
    config = api.kubeconfig({"token": token(api)})
    config["current-context"] = "none"
    return {"kubeconfig": config, "context": "test"}


def variable_for_a_kubeconfig(api: KubernetesApi, patch: pytest.MonkeyPatch) -> Options:
    patch.setenv("K8S_AUTH_KUBECONFIG", str(api.write_kubeconfig({"token": token(api)})))
    return {}


def variables_of_the_automation_platform(api: KubernetesApi, patch: pytest.MonkeyPatch) -> Options:
    patch.setenv("K8S_AUTH_HOST", api.url)
    patch.setenv("K8S_AUTH_API_KEY", token(api))
    patch.setenv("K8S_AUTH_VERIFY_SSL", "True")
    patch.setenv("K8S_AUTH_SSL_CA_CERT", str(api.ca_path))
    return {}


def variables_of_the_automation_platform_unverified(api: KubernetesApi, patch: pytest.MonkeyPatch) -> Options:
    patch.setenv("K8S_AUTH_HOST", api.url)
    patch.setenv("K8S_AUTH_API_KEY", token(api))
    patch.setenv("K8S_AUTH_VERIFY_SSL", "False")
    return {}


def options_with_a_token(api: KubernetesApi, _patch: pytest.MonkeyPatch) -> Options:
    return {"host": api.url + "/", "api_key": token(api), "ca_cert": str(api.ca_path)}


def options_with_a_certificate(api: KubernetesApi, _patch: pytest.MonkeyPatch) -> Options:
    certificate, key = api.certificate(USER)
    return {"host": api.url, "client_cert": str(certificate), "client_key": str(key), "ca_cert": str(api.ca_path)}


def options_unverified(api: KubernetesApi, _patch: pytest.MonkeyPatch) -> Options:
    return {"host": api.url, "api_key": token(api), "validate_certs": False}


def in_cluster(api: KubernetesApi, patch: pytest.MonkeyPatch) -> Options:
    from kubernetes.config import incluster_config

    host, port = api.url.removeprefix("https://").split(":")
    account = api.directory / "token"
    account.write_text(token(api), encoding="utf-8")
    patch.setenv("KUBERNETES_SERVICE_HOST", host)
    patch.setenv("KUBERNETES_SERVICE_PORT", port)
    patch.setattr(incluster_config, "SERVICE_TOKEN_FILENAME", str(account))
    patch.setattr(incluster_config, "SERVICE_CERT_FILENAME", str(api.ca_path))
    return {}


def other_authorities_in_the_environment(api: KubernetesApi, patch: pytest.MonkeyPatch) -> Options:
    other = api.directory / "other.crt"
    trustme.CA().cert_pem.write_to_path(str(other))
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "WEBSOCKET_CLIENT_CA_BUNDLE"):
        patch.setenv(name, str(other))
    return options_with_a_token(api, patch)


WAYS = [
    kubeconfig_with_a_token,
    kubeconfig_as_data_with_a_certificate,
    kubeconfig_with_a_program,
    kubeconfig_with_another_context,
    variable_for_a_kubeconfig,
    variables_of_the_automation_platform,
    variables_of_the_automation_platform_unverified,
    options_with_a_token,
    options_with_a_certificate,
    options_unverified,
    in_cluster,
    other_authorities_in_the_environment,
]


@pytest.mark.parametrize("way", WAYS)
def test_each_way_in(
    pod: KubernetesApi, monkeypatch: pytest.MonkeyPatch, way: Callable[[KubernetesApi, pytest.MonkeyPatch], Options]
) -> None:
    use(pod, way(pod, monkeypatch))


VARIABLES_OF_ANOTHER_CLUSTER = {
    "HOST": "https://127.0.0.1:1",
    "API_KEY": "demo-token-of-another-cluster-not-real",
    "SSL_CA_CERT": "/not/there",
    "CONTEXT": "another",
    "KUBECONFIG": "/not/there",
    "USERNAME": "another",
    "PASSWORD": "demo-password-of-another-cluster-not-real",
    "IMPERSONATE_USER": "another",
    "IMPERSONATE_GROUPS": "others",
}


@pytest.mark.parametrize("way", [kubeconfig_with_a_token, kubeconfig_with_another_context, options_with_a_token])
def test_what_is_given_overrules_the_environment(
    pod: KubernetesApi, monkeypatch: pytest.MonkeyPatch, way: Callable[[KubernetesApi, pytest.MonkeyPatch], Options]
) -> None:
    for name, value in VARIABLES_OF_ANOTHER_CLUSTER.items():
        monkeypatch.setenv(f"K8S_AUTH_{name}", value)
    use(pod, way(pod, monkeypatch))
    assert os.environ["K8S_AUTH_HOST"] == VARIABLES_OF_ANOTHER_CLUSTER["HOST"]


def test_a_context_is_one_of_the_kubeconfig_in_the_environment(pod: KubernetesApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("K8S_AUTH_KUBECONFIG", str(pod.write_kubeconfig({"token": token(pod)})))
    monkeypatch.setenv("K8S_AUTH_HOST", "https://127.0.0.1:1")
    monkeypatch.setenv("K8S_AUTH_API_KEY", "demo-token-of-another-cluster-not-real")
    use(pod, {"context": "test"})


def test_a_token_is_for_the_cluster_in_the_environment(pod: KubernetesApi, monkeypatch: pytest.MonkeyPatch) -> None:
    variables_of_the_automation_platform(pod, monkeypatch)
    monkeypatch.setenv("K8S_AUTH_API_KEY", "demo-token-of-another-user-not-real")
    monkeypatch.setenv("K8S_AUTH_IMPERSONATE_USER", "another")
    use(pod, {"api_key": token(pod)})


def test_the_name_in_the_certificate_may_be_another_one(kubernetes_core: None, tmp_path: Path) -> None:
    with KubernetesApi(tmp_path, names=["api.cluster.example.test"]) as api:
        api.pod(NAMESPACE, "postgres-0")
        user = {"token": api.user(USER)}
        use(api, {"kubeconfig": api.kubeconfig(user, **{"tls-server-name": "api.cluster.example.test"})})
        assert "Use an address that is in the certificate" in refused({"kubeconfig": api.kubeconfig(user)}, ClusterUnreachable)


# --- proxies ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def proxy(no_proxies: None) -> Iterator[ForwardProxy]:
    with ForwardProxy(f"somebody:{PROXY_PASSWORD}") as running:
        yield running


def test_through_a_proxy_that_wants_a_password(pod: KubernetesApi, monkeypatch: pytest.MonkeyPatch, proxy: ForwardProxy) -> None:
    options = options_with_a_token(pod, monkeypatch)
    use(pod, {**options, "proxy": proxy.url, "proxy_headers": {"proxy_basic_auth": f"somebody:{PROXY_PASSWORD}"}})
    assert len(proxy.targets) == 2
    assert set(proxy.targets) == {pod.url.removeprefix("https://")}
    wrong = {"proxy_basic_auth": f"nobody:{PROXY_PASSWORD}"}
    sentence = refused({**options, "proxy": proxy.url, "proxy_headers": wrong}, ClusterUnreachable)
    assert "Give the proxy's user and password as kubernetes.proxy_headers.proxy_basic_auth" in sentence


def test_past_the_proxy(pod: KubernetesApi, monkeypatch: pytest.MonkeyPatch, proxy: ForwardProxy) -> None:
    options = options_with_a_token(pod, monkeypatch)
    use(pod, {**options, "proxy": proxy.url, "no_proxy": "127.0.0.1"})
    assert proxy.targets == []


def test_the_environment_changes_nothing_for_the_tunnel_alone(
    pod: KubernetesApi, monkeypatch: pytest.MonkeyPatch, no_proxies: None
) -> None:
    options = options_with_a_token(pod, monkeypatch)
    direct = _kubernetes.connect(options, TIMEOUT_S)
    with ForwardProxy() as proxy:
        through = _kubernetes.connect({**options, "proxy": proxy.url}, TIMEOUT_S)
        for name in ("https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:1")
        direct.dial(FORWARD, PROTOCOL, TIMEOUT_S).close()
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.setenv(name, "127.0.0.1")
        before = len(proxy.targets)
        through.dial(FORWARD, PROTOCOL, TIMEOUT_S).close()
        assert len(proxy.targets) == before + 1


# --- whose rights ------------------------------------------------------------------------------------------------------------


def test_impersonation_holds_for_both(pod: KubernetesApi, monkeypatch: pytest.MonkeyPatch) -> None:
    pod.user("viewer", Rule(verbs={"get", "list"}, resources={"pods", "services"}))
    options = {**options_with_a_token(pod, monkeypatch), "impersonate_user": "viewer", "impersonate_groups": ["one", "two"]}
    cluster = _kubernetes.connect(options, TIMEOUT_S)
    assert len(cluster.get(PODS)["items"]) == 1
    assert pod.requests[-1].user == "viewer"
    with pytest.raises(RightMissing) as raised:
        open_tunnel(cluster, NAMESPACE, "postgres-0", 5432, TIMEOUT_S).close()
    assert raised.value.message.startswith('The user "viewer" may not get pods/portforward "postgres-0" in namespace litemaas')


def test_who_may_not_impersonate(pod: KubernetesApi, monkeypatch: pytest.MonkeyPatch) -> None:
    pod.rules[USER] = [Rule(namespaces={NAMESPACE})]
    sentence = refused({**options_with_a_token(pod, monkeypatch), "impersonate_user": "viewer"}, RightMissing)
    assert sentence.startswith('The user "somebody" may not impersonate users (HTTP 403)')


RIGHTS = [
    (Rule(resources={"services"}), PODS, "may not list pods in namespace litemaas"),
    (Rule(verbs={"list"}), f"{PODS}/postgres-0", 'may not get pods "postgres-0" in namespace litemaas'),
    (Rule(resources={"pods"}), f"/api/v1/namespaces/{NAMESPACE}/secrets/db", 'may not get secrets "db" in namespace litemaas'),
    (Rule(namespaces={"other"}), f"/apis/route.openshift.io/v1/namespaces/{NAMESPACE}/routes", "may not list routes in namespace litemaas"),
]


@pytest.mark.parametrize(("rule", "path", "right"), RIGHTS, ids=["pods", "pod", "secret", "routes"])
def test_the_missing_right(pod: KubernetesApi, monkeypatch: pytest.MonkeyPatch, rule: Rule, path: str, right: str) -> None:
    pod.rules[USER] = [rule]
    sentence = refused(options_with_a_token(pod, monkeypatch), RightMissing, path)
    assert faults.row("cluster right").explains(sentence)
    no_namespace = ", or there is no namespace of that name" if "may not list" in right else ""
    assert sentence == f'The user "somebody" {right} (HTTP 403){no_namespace}. See examples/rbac.yml for the rights that are needed'


@pytest.mark.parametrize("missing", ["get", "create"])
def test_a_port_forward_needs_two_rights(pod: KubernetesApi, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    pod.rules[USER] = [Rule(verbs={"get", "create"} - {missing})]
    cluster = _kubernetes.connect(options_with_a_token(pod, monkeypatch), TIMEOUT_S)
    with pytest.raises(RightMissing) as raised:
        open_tunnel(cluster, NAMESPACE, "postgres-0", 5432, TIMEOUT_S).close()
    assert f'may not {missing} pods/portforward "postgres-0" in namespace litemaas' in raised.value.message


# --- what else goes wrong ------------------------------------------------------------------------------------------------------


def test_a_wrong_token(pod: KubernetesApi) -> None:
    sentence = refused({"kubeconfig": pod.kubeconfig({"token": "demo-wrong-token-not-real"})}, ClusterRefused)
    assert faults.row("cluster token").explains(sentence)
    assert f"The cluster at {pod.url} does not accept the credentials (HTTP 401)" in sentence


def test_a_program_that_has_no_token(pod: KubernetesApi) -> None:
    user = pod.exec_plugin(token(pod))
    Path(user["exec"]["command"]).write_text("#!/bin/sh\necho 'please\nsign in' >&2\nexit 1\n", encoding="utf-8")
    sentence = refused({"kubeconfig": pod.kubeconfig(user)}, ClusterError)
    assert faults.row("cluster program").explains(sentence)
    assert "(exec: process returned 1. please sign in)" in sentence


@pytest.mark.parametrize("wrong", ["demo-token\nnot-real", "demo-token-☃-not-real"], ids=["line break", "letter"])
def test_a_token_that_cannot_be_sent(pod: KubernetesApi, wrong: str) -> None:
    sentence = refused({"host": pod.url, "api_key": wrong, "ca_cert": str(pod.ca_path)}, ClusterError)
    assert "the token or another value has a line break or a character that cannot be sent" in sentence


def test_an_unknown_authority(pod: KubernetesApi) -> None:
    sentence = refused({"host": pod.url, "api_key": token(pod)}, ClusterUnreachable)
    assert "Give its CA as kubernetes.ca_cert" in sentence


def test_a_tunnel_checks_the_certificate_too(pod: KubernetesApi, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = _kubernetes.connect(options_with_a_token(pod, monkeypatch), TIMEOUT_S)
    other = pod.directory / "other.crt"
    trustme.CA().cert_pem.write_to_path(str(other))
    cluster._api.configuration.ssl_ca_cert = str(other)
    with pytest.raises(ClusterUnreachable) as raised:
        open_tunnel(cluster, NAMESPACE, "postgres-0", 5432, TIMEOUT_S).close()
    assert "Give its CA as kubernetes.ca_cert" in raised.value.message
    cluster._api.configuration.ssl_ca_cert = str(pod.ca_path)
    cluster._api.configuration.host = pod.url.replace("127.0.0.1", "127.0.0.2")
    with pytest.raises(ClusterUnreachable):
        cluster.dial(FORWARD, PROTOCOL, TIMEOUT_S)


def test_nobody_listens(pod: KubernetesApi) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"https://127.0.0.1:{listener.getsockname()[1]}"
    sentence = refused({"host": address, "api_key": token(pod)}, ClusterUnreachable)
    assert f"Failed to connect to the cluster at {address}: " in sentence
    assert "refused" in sentence


def test_an_address_without_its_scheme(pod: KubernetesApi) -> None:
    address = pod.url.removeprefix("https://")
    sentence = refused({"host": address, "api_key": token(pod)}, ClusterError)
    assert f"{address} as kubernetes.host (K8S_AUTH_HOST) is not an address such as https://HOST:PORT" in sentence


def test_a_password_in_the_address_is_not_told(pod: KubernetesApi) -> None:
    sentence = refused({"host": "https://me:demo-password-not-real@127.0.0.1:1/", "api_key": token(pod)}, ClusterUnreachable)
    assert "Failed to connect to the cluster at https://127.0.0.1:1: " in sentence


def test_nobody_answers(pod: KubernetesApi, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = _kubernetes.connect(options_with_a_token(pod, monkeypatch), TIMEOUT_S)
    # kubernetes.core keeps what a server offers in a file there, perhaps of an earlier one at the same port, and would not ask.
    monkeypatch.setattr(tempfile, "tempdir", str(pod.directory))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"https://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ClusterUnreachable) as raised:
            _kubernetes.connect({"host": address, "api_key": token(pod)}, 0.2)
        assert "no answer in 0.2 seconds" in raised.value.message
        cluster._api.configuration.host = address
        with pytest.raises(ClusterUnreachable) as raised:
            open_tunnel(cluster, NAMESPACE, "postgres-0", 5432, 0.2).close()
        assert "timed out" in raised.value.message
        assert faults.row("cluster down").explains(raised.value.message)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"kubeconfig": "/not/there"},
        {"kubeconfig": os.devnull},
        {"kubeconfig": "apiVersion: v1\nusers: [{user: {token: demo-token-not-real}}]\n" * 100},
        {"host": "https://x.invalid", "api_key": "x", "ca_cert": "/not/there"},
    ],
    ids=["nothing", "not there", "empty", "its text", "no authority"],
)
def test_no_credentials(kubernetes_core: None, options: Options) -> None:
    sentence = refused(options, ClusterError)
    assert sentence.startswith("The credentials for the cluster cannot be used: ")
    assert "K8S_AUTH_KUBECONFIG" in sentence


def test_a_kubeconfig_that_is_not_there_is_named(kubernetes_core: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("K8S_AUTH_KUBECONFIG", "/not/there")
    sentence = refused({}, ClusterError)
    assert sentence.startswith("The credentials for the cluster cannot be used: the kubeconfig of K8S_AUTH_KUBECONFIG (/not/there): ")


def test_a_kubeconfig_that_is_none(pod: KubernetesApi) -> None:
    path = pod.directory / "broken"
    path.write_text("{token: demo-secret-not-real", encoding="utf-8")
    refused({"kubeconfig": str(path)}, ClusterError)


def test_what_is_not_there(pod: KubernetesApi, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = _kubernetes.connect(options_with_a_token(pod, monkeypatch), TIMEOUT_S)
    with pytest.raises(NotInCluster) as raised:
        open_tunnel(cluster, NAMESPACE, "postgres-1", 5432, TIMEOUT_S).close()
    assert raised.value.message == "There is no pods/postgres-1 in namespace litemaas (HTTP 404)"
    with pytest.raises(NotInCluster):
        cluster.get(f"/api/v1/namespaces/{NAMESPACE}/secrets/db")


def test_what_is_no_kubernetes(pod: KubernetesApi, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = _kubernetes.connect(options_with_a_token(pod, monkeypatch), TIMEOUT_S)
    with Receiver() as receiver:
        cluster._api.configuration.host = receiver.url
        monkeypatch.setattr(Quiet, "answer", lambda self, *_arguments: BaseHTTPRequestHandler.send_error(self, 200, "a page"))
        with pytest.raises(ClusterError) as raised:
            cluster.get(PODS)
        assert raised.value.message == f"{receiver.url} is not a Kubernetes API: {PODS} is not a JSON object"
        with pytest.raises(ClusterError) as raised:
            cluster.dial(FORWARD, PROTOCOL, TIMEOUT_S)
        assert f"The cluster at {receiver.url} failed with HTTP 200" in raised.value.message


@pytest.mark.parametrize("scheme", ["http", "ws"])
def test_credentials_are_not_taken_to_another_server(pod: KubernetesApi, monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    cluster = _kubernetes.connect(options_with_a_token(pod, monkeypatch), TIMEOUT_S)
    with Receiver() as first, Receiver() as second:
        first.statuses, first.location = [302], second.url.replace("http", scheme)
        cluster._api.configuration.host = first.url
        with pytest.raises(ClusterError) as raised:
            cluster.get(PODS)
        assert f"The cluster at {first.url} failed with HTTP 302 at {PODS}" in raised.value.message
        with pytest.raises(ClusterError) as raised:
            cluster.dial(FORWARD, PROTOCOL, TIMEOUT_S)
        assert "credentials are not sent to another server" in raised.value.message
        assert len(first.notifications) == 2
        assert second.notifications == []


def test_an_older_library_hands_a_redirect_over_as_a_connection(pod: KubernetesApi, monkeypatch: pytest.MonkeyPatch) -> None:
    import websocket

    cluster = _kubernetes.connect(options_with_a_token(pod, monkeypatch), TIMEOUT_S)
    answered = websocket.WebSocket()
    monkeypatch.setattr(answered, "getstatus", lambda: 302)
    monkeypatch.setattr(websocket, "create_connection", lambda *_address, **_options: answered)
    with pytest.raises(ClusterError) as raised:
        cluster.dial(FORWARD, PROTOCOL, TIMEOUT_S)
    assert f"The cluster at {pod.url} failed with HTTP 302" in raised.value.message


def test_plain_kubernetes_has_no_routes(kubernetes_core: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with KubernetesApi(tmp_path, openshift=False) as api:
        api.user(USER)
        refused(options_with_a_token(api, monkeypatch), NotInCluster, f"/apis/route.openshift.io/v1/namespaces/{NAMESPACE}/routes")
