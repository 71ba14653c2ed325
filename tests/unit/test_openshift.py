# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is found in the namespace of every known deployment and of its variations, with how few questions, and each dead end's sentence."""

from __future__ import annotations

import base64
import contextlib
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._cluster import api, tunnel
from ansible_collections.litemaas.models.plugins.module_utils._cluster import connect as _cluster_door
from ansible_collections.litemaas.models.plugins.module_utils._cluster import installation as _openshift
from ansible_collections.litemaas.models.plugins.module_utils._cluster.containers import containers_of_pods
from ansible_collections.litemaas.models.plugins.module_utils._cluster.objects import SLICE_LABEL, reading_answers
from ansible_collections.litemaas.models.plugins.module_utils._cluster.routes import route_addresses
from ansible_collections.litemaas.models.plugins.module_utils._cluster.services import find_destination
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import (
    DiscoveryFailed,
    InputError,
    LiteMaaSError,
    NotInCluster,
    RightMissing,
)
from ansible_collections.litemaas.models.plugins.module_utils._postgres import connect
from ansible_collections.litemaas.models.plugins.module_utils._postgres import target as _target
from ansible_collections.litemaas.models.plugins.module_utils._run import endpoints
from ansible_collections.litemaas.models.plugins.module_utils._run.progress import Progress
from tests.support import deployments
from tests.support.deployments import VARIANTS, Wanted, variable

NAMESPACE = "litemaas"
WANTED = Wanted()
OTHER_KEY = "demo-other-key-not-real"
PLURALS = {
    "Pod": "pods", "Service": "services", "Secret": "secrets", "ConfigMap": "configmaps", "Deployment": "deployments",
    "StatefulSet": "statefulsets", "EndpointSlice": "endpointslices", "Ingress": "ingresses", "Route": "routes",
}  # fmt: skip


class StubCluster:
    """Answers like the API for objects in several namespaces. ``forbidden`` are kinds that the user may not see."""

    def __init__(self, **objects: list[dict[str, Any]]) -> None:
        self.objects = {name.replace("_", "-"): found for name, found in objects.items()}
        self.forbidden: set[str] = set()
        self.unknown: set[str] = set()
        self.asked: list[str] = []

    def get(self, path: str) -> dict[str, Any]:
        self.asked.append(path)
        namespace, plural, name = re.fullmatch(r"/apis?/.*namespaces/([^/]+)/(\w+)/?(.*)", path).groups()  # type: ignore[union-attr]
        assert name or plural not in ("secrets", "configmaps"), "Secrets and ConfigMaps must not be listed"
        if plural in self.forbidden or f"{plural}/{namespace}" in self.forbidden:
            raise RightMissing(f"The user may not list {plural} in namespace {namespace}")
        if plural in self.unknown:
            raise NotInCluster(f"The cluster has no {path}")
        found = [one for one in self.objects.get(namespace, []) if PLURALS[one["kind"]] == plural]
        if not name:
            return {"items": [{**one, "metadata": {**one["metadata"], "namespace": namespace}} for one in found]}
        for one in found:
            if one["metadata"]["name"] == name:
                return one
        raise NotInCluster(f'There is no {plural} "{name}" in namespace {namespace}')

    def items(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(path)["items"]
        return found

    def close(self) -> None:
        """Nothing is open."""


class StubTunnel:
    def __init__(self, cluster: Any, namespace: str, pod: str, port: int, timeout: float, tcp: bool = False) -> None:
        self.host, self.port, self.socket_path = f"/tmp/to-{pod}", port, f"/tmp/to-{pod}/.s.PGSQL.{port}"
        if tcp:
            self.host, self.port, self.socket_path = "127.0.0.1", 40000 + port, ""
        self.problems: list[str] = []

    def close(self) -> None:
        """Nothing is open."""


class FakeRun:
    """What an installation needs of a run."""

    def __init__(self, **params: Any) -> None:
        self.params: dict[str, Any] = {"namespace": NAMESPACE, "kubernetes": None, "timeout": 7, **params}
        self.resources = contextlib.ExitStack()
        self.progress = Progress()
        self.discovered: dict[str, str] = {}
        self.secrets: list[str] = []
        self.lines: list[str] = []
        self.installation: Any = None

    def keep_secret(self, *values: Any) -> None:
        self.secrets.extend(values)

    def log(self, sentence: str) -> None:
        self.lines.append(sentence)

    def warn(self, sentence: str) -> None:
        self.lines.append(sentence)


class Look:
    """One look into a namespace."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.run = FakeRun()
        self.cluster = StubCluster()
        monkeypatch.setattr(api, "connect", lambda options, timeout: self.cluster)
        monkeypatch.setattr(tunnel, "open_tunnel", StubTunnel)
        for name in ("DATABASE_URL", *endpoints.PG_VARIABLES):
            monkeypatch.delenv(name, raising=False)

    def into(self, installation: deployments.Installation, **others: list[dict[str, Any]]) -> Any:
        """Return an installation whose namespace has these objects; ``others`` are other namespaces."""
        self.cluster = StubCluster(litemaas=installation.objects, **others)
        self.run = FakeRun()
        self.run.installation = _cluster_door.connect(self.run)  # type: ignore[arg-type]
        return self.run.installation

    def database(self, installation: deployments.Installation, **others: list[dict[str, Any]]) -> _target.Target:
        """Return the database that is found."""
        self.into(installation, **others)
        return connect.find_target(self.run)  # type: ignore[arg-type]

    def fails(self, call: Callable[[], Any], *parts: str) -> LiteMaaSError:
        """Assert that a search fails with a sentence that has these parts, and names namespace and way out; returns the error."""
        with pytest.raises(LiteMaaSError) as caught:
            call()
        message = caught.value.message
        for part in ("Cannot find ", f" in namespace {NAMESPACE}: ", "To skip the search, give ", " in the environment", *parts):
            assert part in message
        assert WANTED.password not in message
        assert WANTED.key not in message
        assert caught.value.args == (message,)
        return caught.value


def door(endpoint: endpoints.Endpoint) -> tuple[str, str]:
    """Return LiteLLM's address, and the Unix socket through which it is reached, or the empty text."""
    return endpoint.value, endpoint.socket_path


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch) -> Look:
    return Look(monkeypatch)


def backend_of(installation: deployments.Installation) -> dict[str, Any]:
    """Return the backend's container."""
    found = [one for one in installation.objects if one["kind"] == "Pod" and one["spec"]["containers"][0]["name"] == "backend"]
    spec: dict[str, Any] = found[0]["spec"]["containers"][0]
    return spec


def with_database_at(host: str) -> deployments.Installation:
    """Return an installation whose backend knows its database by this host."""
    made = deployments.kustomize(WANTED)
    url = WANTED.database_url(host)
    return made.without("Secret", "backend-secret").plus(deployments.secret("backend-secret", database_url=url, litellm_api_key=WANTED.key))


def with_litellm_at(url: str, *without: str) -> deployments.Installation:
    """Return an installation whose backend knows LiteLLM by this address, without these kinds of objects."""
    made = deployments.kustomize(WANTED)
    backend_of(made)["env"][1] = variable("LITELLM_API_URL", url)
    for kind in without:
        made.without(kind)
    return made


# --- every deployment -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("variant", sorted(VARIANTS))
def test_everything_is_found(look: Look, variant: str) -> None:
    made = VARIANTS[variant](WANTED)
    target = look.database(made)
    assert target.arguments == {
        "host": f"/tmp/to-{made.database_pod}", "port": "5432", "dbname": "litemaas_db", "user": WANTED.user, "password": WANTED.password,
    }  # fmt: skip
    where = f'database "litemaas_db" of pod {made.database_pod} (namespace litemaas)'
    assert target.described() == where
    found = look.run.installation
    assert found.litellm_key().value == WANTED.key
    assert door(found.litellm()) == (WANTED.litellm_url, "")
    assert look.run.discovered == {"namespace": NAMESPACE, "database": where, "litellm_url": WANTED.litellm_url}
    assert {WANTED.password, WANTED.key} <= set(look.run.secrets)
    assert any(str(secret).startswith("postgresql://") for secret in look.run.secrets)


@pytest.mark.parametrize("variant", sorted(VARIANTS))
def test_a_run_asks_for_no_more_than_it_needs(look: Look, variant: str) -> None:
    made = VARIANTS[variant](WANTED)
    look.database(made)
    after_database = list(look.cluster.asked)
    look.run.installation.litellm_key()
    look.run.installation.litellm()
    assert len(set(look.cluster.asked)) == len(look.cluster.asked), "something was asked for twice"
    lists = {path.rsplit("/", 1)[1] for path in look.cluster.asked if "/secrets/" not in path and "/configmaps/" not in path}
    assert lists == {"pods", "services", "routes"}
    # Pods, the backend's Secret, services, and where LITELLM_API_URL is in a ConfigMap that one, to know the backend.
    assert len(after_database) == (4 if variant == "helm" else 3)
    assert len(look.cluster.asked) <= 6
    look.into(made)
    assert look.cluster.asked == [], "a look that nobody needs asks for nothing"


@pytest.mark.parametrize("variant", sorted(VARIANTS))
@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet"])
def test_a_backend_that_is_scaled_to_zero(look: Look, variant: str, kind: str) -> None:
    made = VARIANTS[variant](WANTED)
    name = next(one["metadata"]["name"] for one in made.objects if one["kind"] == "Pod" and "backend" in one["metadata"]["name"])
    target = look.database(made.scaled_to_zero(name, kind))
    assert target.pod == f"of pod {made.database_pod} (namespace litemaas)"
    assert look.run.installation.litellm_key().value == WANTED.key
    assert door(look.run.installation.litellm()) == (WANTED.litellm_url, "")


def test_without_a_namespace_there_is_no_installation() -> None:
    assert _cluster_door.connect(FakeRun(namespace=None)) is None  # type: ignore[arg-type]
    assert _cluster_door.connect(FakeRun(namespace=" ")) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("namespace", ["Lite", "a/b", "../secrets", "a b", "-a", "a" * 64])
def test_a_namespace_that_cannot_be(namespace: str) -> None:
    with pytest.raises(InputError, match="namespace must be a name"):
        _cluster_door.connect(FakeRun(namespace=namespace))  # type: ignore[arg-type]


# --- what is given wins ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "environment", "host"),
    [
        ("postgresql://u@option/d", {"DATABASE_URL": "postgresql://u@variable/d", "PGHOST": "libpq"}, "option"),
        (None, {"DATABASE_URL": "postgresql://u@variable/d", "PGHOST": "libpq"}, "variable"),
        ("postgresql://u@option/d", {}, "option"),
        (None, {"DATABASE_URL": "postgresql://u@variable/d"}, "variable"),
        (None, {"PGHOST": "libpq"}, "libpq"),
        (" ", {"PGHOST": "libpq"}, "libpq"),
        (None, {"PGUSER": "somebody"}, "/tmp/to-postgres-0"),
    ],
)
def test_a_database_that_is_given(
    look: Look, monkeypatch: pytest.MonkeyPatch, option: str | None, environment: dict[str, str], host: str
) -> None:
    look.into(deployments.kustomize(WANTED))
    look.run.params["database_url"] = option
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert connect.find_target(look.run).arguments["host"] == host  # type: ignore[arg-type]
    assert bool(look.cluster.asked) is host.startswith("/tmp")


def test_a_litellm_that_is_given_beside_the_database_of_another(look: Look) -> None:
    for ask in ("database_url", "litellm_key"):
        look.into(with_litellm_at("http://litellm:4000"))
        look.run.params["litellm_url"] = "https://user:login-not-real@other.example.com"
        error = look.fails(getattr(look.run.installation, ask), "litellm_url is https://other.example.com, which is not known")
        assert "(http://litellm:4000)" in error.message
        assert "login-not-real" not in error.message
        look.run.params["litellm_url"] = WANTED.litellm_url
        assert getattr(look.run.installation, ask)().value


def test_a_litellm_that_the_environment_gives(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LITELLM_BASE_URL", "https://other.example.com")
    look.fails(look.into(deployments.kustomize(WANTED)).litellm_key, "LITELLM_BASE_URL is https://other.example.com")


@pytest.mark.parametrize(
    ("url", "used", "same"),
    [
        (WANTED.database_url("postgres"), "postgres", True),
        (WANTED.database_url("postgres.litemaas.svc"), "postgres", True),
        (WANTED.database_url("db.example.com"), "db.example.com", True),
        ("postgresql://other:login-not-real@db.example.com/litemaas_db", "db.example.com", True),
        ("postgresql://other:login-not-real@postgres/litemaas_db", "postgres", False),
        (WANTED.database_url("postgres", "other_db"), "postgres", False),
        (WANTED.database_url("postgres.elsewhere.svc"), "postgres", False),
        (WANTED.database_url("db.example.com"), "postgres", False),
        (WANTED.database_url("localhost"), "postgres", False),
        (WANTED.database_url("db.example.com").replace(":5432", ":5433"), "db.example.com", False),
    ],
)
def test_a_database_that_is_given_beside_a_litellm_that_is_found(look: Look, url: str, used: str, same: bool) -> None:
    look.into(with_database_at(used))
    look.run.installation.litellm()
    look.run.params["database_url"] = url
    if same:
        assert connect.find_target(look.run).arguments["dbname"] == "litemaas_db"  # type: ignore[arg-type]
        return
    with pytest.raises(
        DiscoveryFailed, match=r"LiteLLM was looked for in namespace litemaas, and the database .* that was given"
    ) as caught:
        connect.find_target(look.run)  # type: ignore[arg-type]
    assert "not-real" not in caught.value.message


def test_where_both_are_given_nobody_is_asked(look: Look) -> None:
    look.into(deployments.kustomize(WANTED))
    look.run.params["database_url"] = "postgresql://u@elsewhere/d"
    assert connect.find_target(look.run).arguments["host"] == "elsewhere"  # type: ignore[arg-type]
    assert look.cluster.asked == []


def test_two_backends_with_one_database_and_two_proxies(look: Look) -> None:
    look.into(second_backend(deployments.kustomize(WANTED), LITELLM_API_URL="https://other.example.com"))
    assert look.run.installation.database_url().value == WANTED.database_url("postgres")
    look.run.params["litellm_url"] = "https://other.example.com"
    look.fails(look.run.installation.database_url, "do not agree on LITELLM_API_URL")


# --- the backend and its variables ----------------------------------------------------------------------------------------


def test_no_backend(look: Look) -> None:
    made = deployments.kustomize(WANTED).without("Pod", "backend-7d9c-x1")
    error = look.fails(look.into(made).database_url, "no container there has both DATABASE_URL and LITELLM_API_URL", "database_url")
    assert error.code == "discovery_failed"
    look.fails(look.run.installation.litellm, "no container there", "the address of LiteLLM", "give litellm_url, or LITELLM_API_URL")
    look.fails(look.run.installation.litellm_key, "no container there", "the key of LiteLLM", "give litellm_api_key, or LITELLM_API_KEY")


def test_an_empty_namespace(look: Look) -> None:
    look.fails(look.into(deployments.Installation([], "", "")).database_url, "there is no pod at all: check the name of the namespace")


def test_no_backend_and_no_right_to_see_what_is_scaled_to_zero(look: Look) -> None:
    found = look.into(deployments.kustomize(WANTED).without("Pod", "backend-7d9c-x1"))
    look.cluster.forbidden = {"deployments"}
    look.fails(found.database_url, "no container there", "The user may not list deployments in namespace litemaas")


def test_a_right_that_is_needed(look: Look) -> None:
    found = look.into(deployments.kustomize(WANTED))
    look.cluster.forbidden = {"secrets"}
    error = look.fails(found.database_url, "The user may not list secrets in namespace litemaas", "database_url")
    assert error.code == "cluster_right_missing"


def second_backend(made: deployments.Installation, **changes: str) -> deployments.Installation:
    variables = {"DATABASE_URL": WANTED.database_url("postgres"), "LITELLM_API_URL": WANTED.litellm_url, "LITELLM_API_KEY": WANTED.key}
    variables.update(changes)
    spec = deployments.container("backend", *(variable(name, value) for name, value in variables.items()))
    return made.plus(deployments.pod("other-backend-1", {"app": "other"}, spec))


def test_two_backends_that_agree(look: Look) -> None:
    assert look.database(second_backend(deployments.kustomize(WANTED))).pod == "of pod postgres-0 (namespace litemaas)"
    assert look.run.installation.litellm_key().value == WANTED.key
    assert door(look.run.installation.litellm()) == (WANTED.litellm_url, "")


@pytest.mark.parametrize(
    ("name", "value", "ask"),
    [
        ("DATABASE_URL", WANTED.database_url("postgres", "other_db"), "database_url"),
        ("LITELLM_API_URL", "https://other.apps.example.com", "litellm"),
        ("LITELLM_API_KEY", OTHER_KEY, "litellm_key"),
    ],
)
def test_two_backends_that_do_not_agree(look: Look, name: str, value: str, ask: str) -> None:
    found = look.into(second_backend(deployments.kustomize(WANTED), **{name: value}))
    error = look.fails(getattr(found, ask), 'container "backend" of pod backend-7d9c-x1', f"do not agree on {name}")
    assert 'container "backend" of pod other-backend-1' in error.message
    assert OTHER_KEY not in error.message


@pytest.mark.parametrize("state", [{"deletionTimestamp": "2026-11-21T05:00:00Z"}, {"phase": "Failed"}, {"phase": "Succeeded"}])
def test_a_pod_that_goes_is_no_backend(look: Look, state: dict[str, str]) -> None:
    spec = deployments.container("backend", variable("DATABASE_URL", "postgresql://old"), variable("LITELLM_API_URL", "http://old"))
    made = deployments.kustomize(WANTED).plus(deployments.pod("backend-0old", {"app": "backend"}, spec, **state))  # type: ignore[arg-type]
    assert look.into(made).database_url().value == WANTED.database_url("postgres")


def test_a_pod_of_a_job_is_no_backend(look: Look) -> None:
    made = deployments.rhpds_head(WANTED)
    job = made.find("Pod", "litemaas-key-cleanup-2901-x1")
    job["spec"]["containers"][0]["env"][1] = variable("LITELLM_API_URL", "http://old:4000")
    assert door(look.into(made).litellm()) == (WANTED.litellm_url, "")


REFERENCES = [
    (lambda made: made.without("Secret", "backend-secret"), 'the Secret "backend-secret" does not exist'),
    (
        lambda made: made.without("Secret", "backend-secret").plus(deployments.secret("backend-secret", other="x")),
        'takes DATABASE_URL from the key "database-url", and the Secret "backend-secret" has no such key',
    ),
    (
        lambda made: made.changed("Pod", "backend-7d9c-x1", lambda pod: pod["spec"]["containers"][0].update(
            env=[variable("DATABASE_URL", config_map=("no-map", "url")), variable("LITELLM_API_URL", "http://litellm:4000")])),
        'the ConfigMap "no-map" does not exist',
    ),
    (
        lambda made: made.changed("Pod", "backend-7d9c-x1", lambda pod: pod["spec"]["containers"][0].update(
            env=[variable("DATABASE_URL", secret=("none", "url"), optional=True), variable("LITELLM_API_URL", "http://litellm:4000")])),
        'the DATABASE_URL of container "backend" of pod backend-7d9c-x1 is empty',
    ),
    (
        lambda made: made.changed("Pod", "backend-7d9c-x1", lambda pod: pod["spec"]["containers"][0].update(
            env=[variable("DATABASE_URL"), variable("LITELLM_API_URL", "http://litellm:4000")])),
        'the DATABASE_URL of container "backend" of pod backend-7d9c-x1 is empty',
    ),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(REFERENCES)))
def test_references_that_lead_nowhere(look: Look, number: int) -> None:
    change, sentence = REFERENCES[number]
    look.fails(look.into(change(deployments.kustomize(WANTED))).database_url, sentence, "give database_url, or DATABASE_URL")


def test_a_backend_with_all_its_variables_from_elsewhere(look: Look) -> None:
    """Whole Secrets and ConfigMaps, with prefixes and optional ones; the last that has a name wins."""
    made = deployments.kustomize(WANTED)
    spec = deployments.container("api", env_from=[
        {"secretRef": {"name": "not-there", "optional": True}},
        {"configMapRef": {"name": "old"}},
        {"secretRef": {"name": "urls"}, "prefix": "DATABASE_"},
        {"configMapRef": {"name": "config"}},
    ])  # fmt: skip
    made.changed("Pod", "backend-7d9c-x1", lambda pod: pod["spec"].update(containers=[spec])).plus(
        deployments.secret("urls", URL=WANTED.database_url("postgres")),
        deployments.config_map("old", LITELLM_API_URL="http://old:4000", DATABASE_URL="postgresql://old/old"),
        deployments.config_map("config", LITELLM_API_URL=WANTED.litellm_url),
    )
    found = look.into(made)
    assert found.database_url().value == WANTED.database_url("postgres")
    assert door(found.litellm()) == (WANTED.litellm_url, "")
    assert found.litellm_key().value == WANTED.key, "LiteLLM's master key, because the backend has none"


def test_a_whole_secret_that_is_not_there(look: Look) -> None:
    made = deployments.helm(WANTED).without("ConfigMap")
    look.fails(look.into(made).database_url, "no container there has both")
    made.changed("Pod", "maas-litemaas-backend-7d9c-x1", lambda pod: pod["spec"]["containers"][0]["env"].append(
        variable("LITELLM_API_BASE", WANTED.litellm_url)))  # fmt: skip
    sentence = 'container "backend" of pod maas-litemaas-backend-7d9c-x1 needs the ConfigMap "maas-litemaas-backend-config"'
    look.fails(look.into(made).litellm, sentence, "which does not exist")


def test_variables_that_refer_to_others(look: Look) -> None:
    made = deployments.kustomize(WANTED)
    backend_of(made)["env"] = [
        variable("DB_PASSWORD", secret=("postgres-secret", "password")),
        {"name": "POD_NAMESPACE", "valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}}},
        variable("DB_HOST", "postgres.$(POD_NAMESPACE).svc"),
        variable("DATABASE_URL", "postgresql://$(DB_USER):$(DB_PASSWORD)@$(DB_HOST)/litemaas_db?application_name=$$(DB_HOST)"),
        variable("DB_HOST", "defined-too-late"),
        variable("LITELLM_API_URL", WANTED.litellm_url),
    ]
    backend_of(made)["envFrom"] = [{"configMapRef": {"name": "database"}}]
    made.plus(deployments.secret("postgres-secret", password="p$(w"), deployments.config_map("database", DB_USER=WANTED.user))
    target = look.database(made)
    assert (target.arguments["user"], target.password) == (WANTED.user, "p$(w")
    assert target.pod == "of pod postgres-0 (namespace litemaas)"


def chain(length: int, first: str) -> list[dict[str, Any]]:
    """Return variables of which each has the one before it twice, and then what makes a backend."""
    links = [variable(f"V{number}", f"$(V{number - 1})$(V{number - 1})") for number in range(1, length)]
    url = variable("DATABASE_URL", WANTED.database_url("postgres") + f"$(V{length - 1})")
    return [variable("V0", first), *links, url, variable("LITELLM_API_URL", WANTED.litellm_url)]


def test_references_to_the_same_variable_again_and_again(look: Look) -> None:
    made = deployments.kustomize(WANTED)
    backend_of(made)["env"] = chain(60, "")
    assert look.into(made).database_url().value == WANTED.database_url("postgres")
    backend_of(made)["env"] = chain(60, "x")
    look.fails(look.into(made).database_url, "a variable with its references is too long")


def test_a_reference_that_only_the_kubelet_knows(look: Look) -> None:
    look.into(with_database_at("$(POSTGRES_SERVICE_HOST)"))
    sentence = 'its host "$(POSTGRES_SERVICE_HOST)" refers to a variable that only the cluster knows'
    look.fails(lambda: connect.find_target(look.run), sentence)  # type: ignore[arg-type]


def test_a_database_url_that_is_none(look: Look) -> None:
    made = deployments.kustomize(WANTED).without("Secret", "backend-secret")
    look.into(made.plus(deployments.secret("backend-secret", database_url=f"mysql://u:{WANTED.password}@h/d", litellm_api_key="k")))
    with pytest.raises(DiscoveryFailed, match="the backend's DATABASE_URL is not a PostgreSQL URL") as caught:
        connect.find_target(look.run)  # type: ignore[arg-type]
    assert WANTED.password not in caught.value.message


def _nothing(name: str) -> None:
    """There is no Secret and no ConfigMap."""


HOSTILE: dict[str, Callable[[], Any]] = {
    "pods that are text": lambda: containers_of_pods("pods", _nothing, _nothing),  # type: ignore[arg-type]
    "no pod": lambda: containers_of_pods([None], _nothing, _nothing),  # type: ignore[list-item]
    "a pod without metadata": lambda: containers_of_pods([{"spec": {}}], _nothing, _nothing),
    "a pod without containers": lambda: containers_of_pods([{"metadata": {}, "spec": {}}], _nothing, _nothing),
    "no base64": lambda: base64.b64decode("a"),
    "deep": lambda: json.loads("[" * 200_000),
    "another name of nothing": lambda: find_destination(
        "db", 1, NAMESPACE, lambda kind, namespace: [{"metadata": {"name": "db"}, "spec": {"type": "ExternalName"}}]
    ),
    "a Route to nowhere": lambda: route_addresses([{"metadata": {"name": "r"}, "spec": {"host": "h"}}], {"litellm"}),
    "an endpoint without an address": lambda: find_destination("db", 1, NAMESPACE, lambda kind, namespace: [
        {"metadata": {"name": "db", "labels": {SLICE_LABEL: "db"}}, "spec": {"clusterIP": "None"}, "endpoints": [{}]},
    ]),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_answers_that_are_none_of_kubernetes(name: str) -> None:
    with pytest.raises(DiscoveryFailed, match="has not the form that Kubernetes gives it"), reading_answers():
        HOSTILE[name]()


def test_dead_ends_are_no_strange_answers() -> None:
    with pytest.raises(RightMissing, match=r"^The user$"), reading_answers():
        raise RightMissing("The user")


# --- the way to the database ----------------------------------------------------------------------------------------------

HOSTS = [
    "postgres", "POSTGRES", "postgres.litemaas", "postgres.litemaas.svc", "postgres.litemaas.svc.cluster.local",
    "postgres.litemaas.svc.cluster.local.", "postgres.litemaas.svc.other.domain", "postgres-0.postgres.litemaas.svc.cluster.local",
]  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
def test_names_of_a_service(look: Look, host: str) -> None:
    target = look.database(with_database_at(host))
    assert (target.pod, target.arguments["port"]) == ("of pod postgres-0 (namespace litemaas)", "5432")


def test_the_name_of_a_pod(look: Look) -> None:
    """Only a headless Service gives its pods names. Where it has no such pod, the name may mean a Service of another namespace."""
    made = with_database_at("postgres-0.postgres")
    service = made.find("Service", "postgres")
    assert look.database(made).pod == "", "a host outside"
    service["spec"]["clusterIP"] = "None"
    assert look.database(made).pod == "of pod postgres-0 (namespace litemaas)"
    look.into(made.without("Pod", "postgres-0"))
    look.fails(lambda: connect.find_target(look.run), "has no pod that is ready")  # type: ignore[arg-type]


@pytest.mark.parametrize("spec", [{}, {"clusterIP": "None"}, {"clusterIP": "None", "selector": None}])
def test_a_service_with_the_name_of_the_namespace(look: Look, spec: dict[str, Any]) -> None:
    namesake = deployments.service(NAMESPACE, **{"selector": {"app": "backend"}, "port": 8080, **spec})
    target = look.database(with_database_at(f"postgres.{NAMESPACE}").plus(namesake))
    assert target.pod == "of pod postgres-0 (namespace litemaas)"


@pytest.mark.parametrize("host", ["postgres.data", "postgres.data.svc", "postgres.data.svc.cluster.local", "other"])
def test_a_service_in_another_namespace(look: Look, host: str) -> None:
    made = with_database_at(host).without("Service", "postgres").plus(deployments.external_name("other", "postgres.data.svc.cluster.local"))
    there = [
        deployments.pod("pg-7", {"app": "pg"}, deployments.container("postgres")),
        deployments.service("postgres", {"app": "pg"}, 5432),
    ]
    assert look.database(made, data=there).pod == "of pod pg-7 (namespace data)"


def test_a_namespace_that_may_not_be_looked_into(look: Look) -> None:
    look.into(with_database_at("postgres.data.svc"))
    look.cluster.forbidden = {"services/data"}
    look.fails(lambda: connect.find_target(look.run), "may not list services in namespace data")  # type: ignore[arg-type]
    # Without "svc" it may as well be a host that is known outside.
    look.into(with_database_at("db.corp"))
    look.cluster.forbidden = {"services/corp"}
    assert connect.find_target(look.run).arguments["host"] == "db.corp"  # type: ignore[arg-type]


@pytest.mark.parametrize("host", ["db.example.com", "10.1.2.3", "[2001:db8::1]", "maas.c1.eu-west-1.rds.example.com"])
def test_a_database_outside(look: Look, host: str) -> None:
    target = look.database(with_database_at(host))
    assert (target.arguments["host"], target.arguments["port"], target.pod) == (host.strip("[]"), "5432", "")
    assert target.described() == f'database "litemaas_db" at {host.strip("[]")}:5432'


def test_another_name_of_a_database_outside(look: Look) -> None:
    target = look.database(with_database_at("database").plus(deployments.external_name("database", "db.example.com")))
    assert (target.arguments["host"], target.arguments["password"], target.pod) == ("db.example.com", WANTED.password, "")


def test_names_that_lead_in_circles(look: Look) -> None:
    circle = deployments.external_name("a", "b.litemaas.svc"), deployments.external_name("b", "a.litemaas.svc")
    look.into(with_database_at("a").plus(*circle))
    look.fails(lambda: connect.find_target(look.run), 'the Service "a" points only to other names')  # type: ignore[arg-type]


def test_several_servers_are_left_to_libpq(look: Look) -> None:
    url = f"postgresql://u:{WANTED.password}@one.example.com:5432,two.example.com:5433/d"
    made = deployments.kustomize(WANTED).without("Secret", "backend-secret")
    target = look.database(made.plus(deployments.secret("backend-secret", database_url=url, litellm_api_key=WANTED.key)))
    assert (target.arguments["host"], target.arguments["port"]) == ("one.example.com,two.example.com", "5432,5433")


OF_THE_WAY = "&sslrootcert=/ca.pem&sslcert=/c.pem&sslkey=/k.pem&channel_binding=require&gssencmode=prefer&hostaddr=10.1.2.3"


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer", "require", "verify-ca", "verify-full", "no-verify"])
def test_tls_in_a_tunnel(look: Look, mode: str) -> None:
    made = deployments.kustomize(WANTED).without("Secret", "backend-secret")
    url = WANTED.database_url("postgres") + f"?sslmode={mode}{OF_THE_WAY}&schema=maas&target_session_attrs=any"
    target = look.database(made.plus(deployments.secret("backend-secret", database_url=url, litellm_api_key=WANTED.key)))
    way = {"host": "/tmp/to-postgres-0", "port": "5432"}
    if mode in ("require", "verify-ca", "verify-full", "no-verify"):
        way = {"host": "127.0.0.1", "port": "45432", "sslmode": "require"}
    rest = {"dbname": WANTED.database, "user": WANTED.user, "password": WANTED.password, "target_session_attrs": "any"}
    assert target.arguments == {**way, **rest}
    assert target.schema == "maas"


@pytest.mark.parametrize("host", ["gone", "gone.litemaas.svc", "postgres.nowhere.svc.cluster.local", "postgres.svc"])
def test_a_service_that_is_gone_is_no_host_outside(look: Look, host: str) -> None:
    look.into(with_database_at(host))
    look.fails(lambda: connect.find_target(look.run), f'there is no Service for the host "{host}"')  # type: ignore[arg-type]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_database_beside_the_backend(look: Look, host: str) -> None:
    """This host's own database is not meant."""
    made = with_database_at(host)
    assert look.database(made).pod == "of pod backend-7d9c-x1 (namespace litemaas)"
    look.into(made.scaled_to_zero("backend"))
    look.fails(lambda: connect.find_target(look.run), "in the backend's pods, of which none is ready")  # type: ignore[arg-type]


def replaced_postgres(*pods: dict[str, Any], **service: Any) -> deployments.Installation:
    made = deployments.kustomize(WANTED).without("Pod", "postgres-0").plus(*pods)
    if service:
        selector = service.pop("selector", {"app": "postgres"})
        made.without("Service", "postgres").plus(deployments.service("postgres", selector, **{"port": 5432, **service}))
    return made


def postgres_pod(name: str, **state: Any) -> dict[str, Any]:
    ports = {"metrics": 9187, "pg": 5433}
    return deployments.pod(name, {"app": "postgres"}, deployments.container("postgres", ports=ports), **state)


@pytest.mark.parametrize(
    ("service", "port"),
    [
        ({"target": "pg"}, "5433"),
        ({"target": 15432}, "15432"),
        ({}, "5432"),
        ({"clusterIP": "None"}, "5432"),
        ({"clusterIP": "None", "target": 15432}, "5432"),
        ({"clusterIP": "None", "port": 1}, "5432"),
    ],
)  # fmt: skip
def test_ports(look: Look, service: dict[str, Any], port: str) -> None:
    assert look.database(replaced_postgres(postgres_pod("pg-0"), **{"target": None, **service})).arguments["port"] == port


@pytest.mark.parametrize(
    ("service", "sentence"),
    [
        ({"port": 6432}, 'the Service "postgres" has no port 5432, only 6432'),
        ({"target": "nope"}, 'the Service "postgres" leads to the port "nope", and pod pg-0 has none of that name'),
    ],
)
def test_ports_that_are_not_there(look: Look, service: dict[str, Any], sentence: str) -> None:
    look.into(replaced_postgres(postgres_pod("pg-0"), **service))
    look.fails(lambda: connect.find_target(look.run), sentence)  # type: ignore[arg-type]


def test_the_first_ready_pod(look: Look) -> None:
    pods = [
        postgres_pod("pg-3"), postgres_pod("pg-2"), postgres_pod("pg-1", ready=False),
        postgres_pod("pg-0", deletionTimestamp="2026-11-21T05:00:00Z"),
    ]  # fmt: skip
    assert look.database(replaced_postgres(*pods)).pod == "of pod pg-2 (namespace litemaas)"


@pytest.mark.parametrize(
    ("pods", "sentence"),
    [
        ([], "has no pod that is ready (it selects none); wait until one is, and run again"),
        ([postgres_pod("pg-0", ready=False)], "(pg-0: not ready)"),
        ([postgres_pod("pg-0", phase="Pending"), postgres_pod("pg-1", phase="Failed")], "(pg-0: Pending, pg-1: Failed)"),
        ([postgres_pod("pg-0", deletionTimestamp="2026-11-21T05:00:00Z")], "(pg-0: is being deleted)"),
    ],
)
def test_no_ready_pod(look: Look, pods: list[dict[str, Any]], sentence: str) -> None:
    look.into(replaced_postgres(*pods))
    look.fails(lambda: connect.find_target(look.run), 'the Service "postgres" in namespace litemaas', sentence)  # type: ignore[arg-type]


def test_a_run_that_is_done_again_waits_for_the_new_pod(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            look.cluster.objects[NAMESPACE].append(postgres_pod("pg-new"))

    monkeypatch.setattr(_openshift.time, "sleep", pause)
    look.into(replaced_postgres(postgres_pod("pg-0", ready=False)))
    look.run.installation = _cluster_door.connect(look.run, again=True)  # type: ignore[arg-type]
    assert connect.find_target(look.run).pod == "of pod pg-new (namespace litemaas)"  # type: ignore[arg-type]
    assert pauses == [_openshift.LOOK_EVERY] * 3


def test_it_does_not_wait_for_ever(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(_openshift.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(_openshift.time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    look.into(replaced_postgres(postgres_pod("pg-0", ready=False)))
    look.run.installation = _cluster_door.connect(look.run, again=True)  # type: ignore[arg-type]
    look.fails(lambda: connect.find_target(look.run), "(pg-0: not ready)")  # type: ignore[arg-type]
    assert now == [_openshift.LONGEST_REPLACEMENT]


SLICES: list[tuple[list[dict[str, Any]], tuple[str, str, str]]] = [
    ([deployments.endpoint("10.1.0.9", "pg-9"), deployments.endpoint("10.1.0.8", "pg-8")], ("pg-8", "/tmp/to-pg-8", "15432")),
    ([deployments.endpoint("10.1.0.8", "pg-8", ready=False), deployments.endpoint("10.1.0.9", "pg-9")], ("pg-9", "/tmp/to-pg-9", "15432")),
    ([deployments.endpoint("192.0.2.7")], ("", "192.0.2.7", "15432")),
]


@pytest.mark.parametrize("number", range(len(SLICES)))
def test_a_service_without_a_selector(look: Look, number: int) -> None:
    endpoints, (pod, host, port) = SLICES[number]
    made = replaced_postgres(selector=None).plus(
        deployments.endpoint_slice("postgres-a1", "postgres", 15432, *endpoints),
        deployments.endpoint_slice("postgres-a2", "postgres", 8008, deployments.endpoint("10.1.0.1", "pg-9"), port_name="patroni"),
        deployments.endpoint_slice("other-b1", "other", 1, deployments.endpoint("10.1.0.1", "aa-0")),
    )
    target = look.database(made)
    assert (target.arguments["host"], target.arguments["port"]) == (host, port)
    assert target.pod == (f"of pod {pod} (namespace litemaas)" if pod else "")


def test_a_service_without_a_selector_and_without_endpoints(look: Look) -> None:
    made = replaced_postgres(selector=None).plus(
        deployments.endpoint_slice("postgres-a1", "postgres", 5432, deployments.endpoint("10.1.0.9", "pg-9", ready=False))
    )
    look.into(made)
    look.fails(lambda: connect.find_target(look.run), "has no selector, and no EndpointSlice names a ready pod")  # type: ignore[arg-type]


# --- LiteLLM --------------------------------------------------------------------------------------------------------------

INSIDE = "http://litellm:4000"


@pytest.mark.parametrize(
    ("routes", "url"),
    [
        ([deployments.route("b", "litellm", "b.example.com"), deployments.route("a", "litellm", "a.example.com")], "https://a.example.com"),
        ([deployments.route("a", "litellm", "a.example.com", tls=False)], "http://a.example.com"),
        (
            [deployments.route("a", "litellm", "a.example.com", path="/ui"), deployments.route("b", "litellm", "b.example.com", path="/")],
            "https://b.example.com",
        ),
        (
            [deployments.route("a", "litellm", "a.example.com", admitted=False), deployments.route("b", "litellm", "b.example.com")],
            "https://b.example.com",
        ),
        ([deployments.route("a", "postgres", "a.example.com"), deployments.route("b", "other-name", "b.example.com")], "https://b.example.com"),
        ([deployments.route("a", "litellm", "a.example.com"), deployments.route("b", "litellm", "litellm.svc.test")], "https://a.example.com"),
    ],
)  # fmt: skip
def test_routes(look: Look, routes: list[dict[str, Any]], url: str) -> None:
    other_name = deployments.service("other-name", {"component": "ai-proxy"}, 80, 4000)
    assert door(look.into(with_litellm_at(INSIDE, "Route").plus(other_name, *routes)).litellm()) == (url, "")


def test_the_route_that_the_backend_uses_comes_first(look: Look) -> None:
    made = deployments.kustomize(WANTED).plus(deployments.route("a", "litellm", "a.example.com"))
    assert door(look.into(made).litellm()) == (WANTED.litellm_url, "")


@pytest.mark.parametrize(
    ("ingresses", "url"),
    [
        ([deployments.ingress("b", "litellm", "b.example.com"), deployments.ingress("a", "litellm", "a.example.com")], "https://a.example.com"),
        ([deployments.ingress("a", "litellm", "a.example.com", tls=False)], "http://a.example.com"),
        (
            [deployments.ingress("a", "litellm", "a.example.com", path="/ui"), deployments.ingress("b", "litellm", "b.example.com")],
            "https://b.example.com",
        ),
        (
            [deployments.ingress("a", "postgres", "a.example.com"), deployments.ingress("b", "litellm", "*.example.com"),
             deployments.ingress("c", "litellm", "c.example.com")],
            "https://c.example.com",
        ),
    ],
)  # fmt: skip
def test_ingresses(look: Look, ingresses: list[dict[str, Any]], url: str) -> None:
    found = look.into(with_litellm_at(INSIDE, "Route").plus(*ingresses))
    look.cluster.unknown = {"routes"}
    assert door(found.litellm()) == (url, "")


@pytest.mark.parametrize("hidden", [set(), {"routes"}, {"routes", "ingresses"}])
def test_litellm_without_a_door_is_reached_through_its_pod(look: Look, hidden: set[str]) -> None:
    made = deployments.helm(Wanted(route=False))
    found = look.into(made)
    look.cluster.forbidden = hidden
    url, socket_path = door(found.litellm())
    assert (url, socket_path) == ("http://maas-litemaas-litellm:4000", f"/tmp/to-{made.litellm_pod}/.s.PGSQL.4000")
    assert look.run.discovered["litellm_url"] == url
    assert len(look.run.lines) == len(hidden), "that something could not be seen is said"


def test_a_litellm_outside(look: Look) -> None:
    made = with_litellm_at("https://llm.example.com/v1", "Route").without("Pod", "litellm-5f6b-x1").without("Service", "litellm")
    assert door(look.into(made).litellm()) == ("https://llm.example.com/v1", "")


def test_a_litellm_in_another_namespace(look: Look) -> None:
    made = with_litellm_at("http://litellm.ai.svc:4000", "Route").without("Pod", "litellm-5f6b-x1")
    there = [
        deployments.pod("llm-0", {"app": "llm"}, deployments.container("litellm")),
        deployments.service("litellm", {"app": "llm"}, 4000),
    ]
    assert door(look.into(made, ai=there).litellm()) == ("http://litellm.ai.svc:4000", "/tmp/to-llm-0/.s.PGSQL.4000")
    there.append(deployments.route("r", "litellm", "llm.example.com"))
    assert door(look.into(made, ai=there).litellm()) == ("https://llm.example.com", "")


@pytest.mark.parametrize("host", ["gone", "litellm.central.svc"])
def test_another_litellm_is_not_taken_for_one_that_is_gone(look: Look, host: str) -> None:
    """The one in this namespace has a Route and a key, and is not what the backend uses."""
    found = look.into(with_litellm_at(f"http://{host}:4000"))
    look.fails(found.litellm, f'there is no Service for the host "{host}"', "give litellm_url")
    assert found.litellm_key().value == WANTED.key, "the backend's own"
    assert found.is_litellm(WANTED.litellm_url) is False


def test_a_litellm_outside_is_used_as_the_backend_uses_it(look: Look) -> None:
    central = "https://central.example.com/litellm"
    found = look.into(with_litellm_at(central))
    assert door(found.litellm()) == (central, "")


def test_no_key_of_another_litellm(look: Look) -> None:
    made = deployments.rhpds_single(WANTED)
    central = variable("LITELLM_API_URL", "https://central.example.com")
    env = backend_of(made)["env"]
    env[:] = [central if one["name"] == "LITELLM_API_URL" else one for one in env]
    look.fails(look.into(made).litellm_key, "neither the backend has LITELLM_API_KEY, nor does LiteLLM's container")


def test_a_litellm_that_is_not_ready(look: Look) -> None:
    made = with_litellm_at(INSIDE, "Route").without("Pod", "litellm-5f6b-x1")
    spec = deployments.container("litellm", variable("LITELLM_MASTER_KEY", WANTED.key))
    made.plus(deployments.pod("litellm-new", {"app": "litellm", "component": "ai-proxy"}, spec, ready=False))
    look.fails(look.into(made).litellm, 'the Service "litellm" in namespace litemaas has no pod that is ready (litellm-new: not ready)')


def test_a_litellm_that_is_not_ready_and_rights_that_are_missing(look: Look) -> None:
    made = with_litellm_at("http://gone:4000", "Pod").plus(*[
        one for one in deployments.kustomize(WANTED).objects if one["metadata"]["name"] == "backend-7d9c-x1"
    ])  # fmt: skip
    backend_of(made)["env"][1] = variable("LITELLM_API_URL", "http://gone:4000")
    found = look.into(made)
    look.cluster.forbidden = {"deployments", "statefulsets"}
    look.fails(found.litellm, 'there is no Service for the host "gone". The user may not list deployments in namespace litemaas')


@pytest.mark.parametrize("url", ["http://litellm:99999", "http://[x", ""])
def test_an_address_that_is_none(look: Look, url: str) -> None:
    look.fails(look.into(with_litellm_at(url)).litellm, 'the LITELLM_API_URL of container "backend" of pod backend-7d9c-x1 is no address')


def test_no_key(look: Look) -> None:
    made = deployments.rhpds_single(WANTED).without("Pod", "litellm-5f6b-x1")
    look.fails(look.into(made).litellm_key, "neither the backend has LITELLM_API_KEY, nor does LiteLLM's container have LITELLM_MASTER_KEY")


def test_two_litellms_that_do_not_agree(look: Look) -> None:
    spec = deployments.container("litellm", variable("LITELLM_MASTER_KEY", OTHER_KEY))
    made = deployments.rhpds_single(WANTED).plus(deployments.pod("other-litellm", {"app": "litellm"}, spec))
    error = look.fails(look.into(made).litellm_key, "do not agree on LITELLM_MASTER_KEY", "pod other-litellm")
    assert OTHER_KEY not in error.message


def test_the_options_of_the_cluster_are_handed_on(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[Any] = []

    def connect(options: Any, timeout: float) -> StubCluster:
        handed.append((options, timeout))
        return look.cluster

    monkeypatch.setattr(api, "connect", connect)
    found = look.into(deployments.kustomize(WANTED))
    look.run.params["kubernetes"] = {"host": "https://cluster.example.com"}
    found.litellm()
    found.litellm_key()
    assert handed == [({"host": "https://cluster.example.com"}, 7)]
    assert urlsplit(WANTED.litellm_url).hostname == WANTED.host


# --- a proxy that was given ----------------------------------------------------------------------------------------------


HOST = urlsplit(WANTED.litellm_url).hostname


@pytest.mark.parametrize(
    ("url", "is_it"),
    [
        (WANTED.litellm_url, True),
        (WANTED.litellm_url.upper() + ":443/", True),
        (WANTED.litellm_url + "/v1/", True),
        ("http://litellm.litemaas.svc:4000", True),
        ("http://litellm.litemaas.svc:4001", False),
        ("http://litellm.litemaas.svc:4000/other", False),
        # Where the module runs, these may be anybody.
        ("http://litellm:4000", False),
        ("http://localhost:4000", False),
        (f"https://{HOST}:8443", False),
        (f"https://{HOST}/other-installation", False),
        ("http://postgres.litemaas.svc:5432", False),
        ("http://litellm.elsewhere.svc:4000", False),
        ("https://litellm.example.com", False),
        ("nonsense", False),
    ],
)
@pytest.mark.parametrize("used", [WANTED.litellm_url, "http://litellm:4000"])
def test_whether_a_proxy_is_that_of_the_backend(look: Look, used: str, url: str, is_it: bool) -> None:
    assert look.into(with_litellm_at(used)).is_litellm(url) is is_it
