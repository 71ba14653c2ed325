# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the cluster's refusals become, and what is said where a library is missing."""

from __future__ import annotations

import json
import sys

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._cluster import api, api_errors, authentication
from ansible_collections.litemaas.models.plugins.module_utils._cluster.kubeconfig import secrets_of
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import (
    ClusterError,
    ClusterRefused,
    MissingLibrary,
    NotInCluster,
    RightMissing,
)
from ansible_collections.litemaas.models.plugins.module_utils._common.redact import Redactor

SERVER = "https://cluster.example.test:6443"
PODS = "/api/v1/namespaces/litemaas/pods"
FORWARD = PODS + "/postgres-0/portforward?ports=5432"
ROUTES = "/apis/route.openshift.io/v1/namespaces/litemaas/routes"


def refusal(status, path, message=None, upgrade=False, redactor=None):
    body = None if message is None else json.dumps({"kind": "Status", "message": message})
    return api_errors.refusal(status, api_errors.server_message(body), SERVER, redactor or Redactor(), path, upgrade)


def cannot(user, verb, resource, where='in the namespace "litemaas"', group=""):
    return f'x is forbidden: User "{user}" cannot {verb} resource "{resource}" in API group "{group}" {where}'


@pytest.mark.parametrize(
    ("path", "message", "upgrade", "sentence"),
    [
        (PODS, cannot("ann", "list", "pods"), False, 'The user "ann" may not list pods in namespace litemaas (HTTP 403)'),
        (
            "/api/v1/namespaces/litemaas/secrets/db",
            cannot("ann", "get", "secrets"),
            False,
            'The user "ann" may not get secrets "db" in namespace litemaas',
        ),
        (ROUTES, cannot("ann", "list", "routes", group="route.openshift.io"), False, 'The user "ann" may not list routes in namespace'),
        (FORWARD, 'pods "postgres-0" is forbidden: ', True, 'The user may not create pods/portforward "postgres-0" in namespace litemaas'),
        (FORWARD, cannot("ann", "get", "pods/portforward"), True, 'The user "ann" may not get pods/portforward "postgres-0" in namespace'),
        (PODS, cannot("ann", "impersonate", "users", "at the cluster scope"), False, 'The user "ann" may not impersonate users (HTTP 403)'),
        (PODS, "", False, "The user may not list pods in namespace litemaas (HTTP 403)"),
    ],
    ids=["list", "get", "route", "create", "get forward", "impersonate", "silent"],
)
def test_the_missing_right_has_a_name(path, message, upgrade, sentence):
    error = refusal(403, path, message, upgrade)
    assert isinstance(error, RightMissing)
    assert error.message.startswith(sentence)
    assert "examples/rbac.yml" in error.message


def test_a_namespace_that_is_not_there_looks_like_a_missing_right():
    """Only to list is asked for before anything of the namespace is known."""
    assert "(HTTP 403), or there is no namespace of that name. See" in refusal(403, PODS, cannot("ann", "list", "pods")).message
    assert "no namespace" not in refusal(403, FORWARD, cannot("ann", "get", "pods/portforward"), True).message
    assert "no namespace" not in refusal(403, PODS, cannot("ann", "impersonate", "users", "at the cluster scope")).message


@pytest.mark.parametrize(
    ("options", "environment", "sentence"),
    [
        ({}, {"KUBECONFIG": "/tmp/nowhere"}, "the kubeconfig of KUBECONFIG (/tmp/nowhere): no file"),
        ({}, {"K8S_AUTH_KUBECONFIG": "~/x", "KUBECONFIG": "/y"}, "the kubeconfig of K8S_AUTH_KUBECONFIG (~/x): no file"),
        ({"kubeconfig": "./x"}, {"KUBECONFIG": "/y"}, "the kubeconfig of kubernetes.kubeconfig (./x): no file"),
        ({"kubeconfig": {"users": ["demo-token-not-real"]}}, {}, "the kubeconfig of kubernetes.kubeconfig: no file"),
        ({"kubeconfig": "demo-token-not-real"}, {}, "the kubeconfig of kubernetes.kubeconfig: no file"),
        ({}, {"KUBECONFIG": "/y\ndemo-token-not-real"}, "the kubeconfig of KUBECONFIG: no file"),
        ({}, {"K8S_AUTH_HOST": "https://h"}, "its token, kubernetes.api_key (K8S_AUTH_API_KEY), is missing"),
        ({"host": "https://h"}, {}, "its token, kubernetes.api_key (K8S_AUTH_API_KEY), is missing"),
        ({"host": "https://h"}, {"KUBECONFIG": "/y"}, "the kubeconfig of KUBECONFIG (/y): no file"),
        ({}, {}, "the kubeconfig ~/.kube/config: no file"),
    ],
)
def test_credentials_that_cannot_be_used_say_where_they_were_looked_for(monkeypatch, options, environment, sentence):
    for name in ("KUBECONFIG", "K8S_AUTH_KUBECONFIG", "K8S_AUTH_HOST"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert authentication._why_unusable(options, "no file").endswith(sentence)


def test_the_details_of_a_missing_right():
    error = refusal(403, FORWARD, 'pods "postgres-0" is forbidden: ', True)
    right = {"verb": "create", "resource": "pods/portforward", "name": "postgres-0", "namespace": "litemaas"}
    assert error.details == {"status": 403, **right}
    assert error.failure()["code"] == "cluster_right_missing"


def test_nobody_is_no_missing_right():
    assert isinstance(refusal(401, PODS, "Unauthorized"), ClusterRefused)
    error = refusal(403, PODS, cannot("system:anonymous", "list", "pods"))
    assert isinstance(error, ClusterRefused)
    assert SERVER in error.message


def test_what_is_not_there():
    error = refusal(404, "/api/v1/namespaces/litemaas/secrets/db", 'secrets "db" not found')
    assert isinstance(error, NotInCluster)
    assert error.message == "There is no secrets/db in namespace litemaas (HTTP 404)"
    unknown = refusal(404, ROUTES)
    assert isinstance(unknown, NotInCluster)
    assert unknown.message == f"The cluster at {SERVER} has no {ROUTES} (HTTP 404)"


def test_another_failure_says_what_the_cluster_says_and_no_secret():
    redactor = Redactor()
    redactor.add("demo-token-not-real")
    error = refusal(503, PODS, "no backend for demo-token-not-real", redactor=redactor)
    assert error.code == ClusterError.code
    assert "HTTP 503" in error.message
    assert "no backend for ********" in error.message


@pytest.mark.parametrize("body", [None, b"", b"404 page not found", "[]", '{"kind": "Status"}', '"text"'])
def test_an_answer_without_a_message(body):
    assert api_errors.server_message(body) == ""


@pytest.mark.parametrize(
    ("module", "needed"),
    [
        ("kubernetes", "pip install 'kubernetes>=24.2.0'"),
        ("ansible_collections.kubernetes", "ansible-galaxy collection install kubernetes.core"),
    ],
)
def test_a_missing_library_is_a_sentence(monkeypatch, module, needed):
    for name in ("kubernetes.dynamic", "kubernetes", "websocket"):
        monkeypatch.setitem(sys.modules, name, sys)
    for name in list(sys.modules):
        if name == module or name.startswith(module + "."):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingLibrary) as raised:
        api.connect({}, 1)
    assert needed in raised.value.message
    assert "database_url" in raised.value.message


SECRET = "demo-secret-of-the-cluster-not-real"
WRONG_OPTION = "demo-value-of-a-wrong-option-not-real"
KUBECONFIG = {
    "apiVersion": "v1",
    "clusters": [{"name": "prod", "cluster": {"server": "https://cluster.example.test:6443", "proxy-url": f"http://me:{SECRET}@proxy:1"}}],
    "contexts": [{"name": "ctx", "context": {"cluster": "prod", "user": "somebody", "namespace": "litemaas"}}],
    "users": [{"name": "somebody", "user": {"client-certificate": "/a.crt", "password": SECRET}}],
}


def hidden(options):
    """Return the options as a failure shows them."""
    redactor = Redactor()
    redactor.add(secrets_of(options))
    return redactor.data(options)


@pytest.mark.parametrize(
    "kubeconfig",
    [
        KUBECONFIG,
        {"users": {"me": {"user": {"token": SECRET}}}},
        {"users": [{"name": "me", "token": SECRET}]},
        {"clusters": [{"cluster": {"server": f"https://me:{SECRET}@cluster.example.test"}}]},
        {"users": [{"user": SECRET}]},
        [SECRET],
        f"apiVersion: v1, token: {SECRET}",
        SECRET,
    ],
    ids=["password", "mapping", "beside", "server", "no user", "list", "no file", "word"],
)
@pytest.mark.parametrize("form", [None, json.dumps, "json in json"], ids=["data", "text", "all text"])
def test_nothing_of_a_kubeconfig_can_be_seen_whatever_its_shape(kubeconfig, form):
    options = {"kubeconfig": form(kubeconfig) if callable(form) else kubeconfig, "hots": WRONG_OPTION}
    assert SECRET not in json.dumps(hidden(json.dumps(options) if form == "json in json" else options))
    # A text that was taken for a dictionary is shown as one.
    redactor = Redactor()
    redactor.add(secrets_of(json.dumps(options)))
    shown = json.dumps(redactor.data(options))
    assert SECRET not in shown
    assert WRONG_OPTION not in shown


def test_what_is_harmless_in_a_kubeconfig_is_seen():
    shown = hidden({"kubeconfig": KUBECONFIG, "context": "ctx", "host": "https://cluster.example.test", "validate_certs": True})
    expected = json.loads(json.dumps(KUBECONFIG).replace(SECRET, "********"))
    assert shown == {"kubeconfig": expected, "context": "ctx", "host": "https://cluster.example.test", "validate_certs": True}


@pytest.mark.parametrize("path", ["/not/there", "~/.kube/config", "./config", "/one:/two", ""])
def test_a_path_is_no_secret(path):
    assert secrets_of({"kubeconfig": path}) == []


class Pages(api.Cluster):
    """A cluster that answers with these, one after the other, and with the last one for ever."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    def described(self):
        return SERVER

    def get(self, path):
        self.asked.append(path)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def test_a_list_in_parts_is_read_to_its_end():
    first = {"items": [{"n": 1}], "metadata": {"continue": "a+b/="}}
    pages = Pages(first, {"items": [{"n": 2}], "metadata": {"continue": ""}})
    assert pages.items(PODS) == [{"n": 1}, {"n": 2}]
    assert pages.asked == [PODS, PODS + "?continue=a%2Bb%2F%3D"]
    again = Pages(first, {"items": []})
    assert again.items(PODS + "?limit=1") == [{"n": 1}]
    assert Pages({"items": None}).items(PODS) == []
    assert again.asked[1] == PODS + "?limit=1&continue=a%2Bb%2F%3D"


@pytest.mark.parametrize("answer", [{}, {"items": "text"}, {"items": [None]}], ids=["none", "text", "no object"])
def test_what_is_no_list(answer):
    with pytest.raises(ClusterError) as raised:
        Pages(answer).items(PODS)
    assert raised.value.message == f"{SERVER} is not a Kubernetes API: {PODS} is not a list of objects"


def test_a_list_without_an_end():
    with pytest.raises(ClusterError, match="does not end"):
        Pages({"items": [], "metadata": {"continue": "more"}}).items(PODS)
