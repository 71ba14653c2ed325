# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects that the known ways of deploying LiteMaaS leave in a namespace, as far as somebody who looks into it may care.

Names, labels, keys of Secrets and references are those of the real deployments: the Helm chart, the kustomize overlay, the role for
several replicas at two points of its history, and its older variant with one replica.
"""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

Object = dict[str, Any]

POSTGRES_PORT = 5432
LITELLM_PORT = 4000


# --- objects -------------------------------------------------------------------------------------------------------------


def variable(name: str, value: str = "", **reference: Any) -> Object:
    """Return an entry of ``env``: a value, or ``secret=(NAME, KEY)``, ``config_map=(NAME, KEY)``, both with ``optional``."""
    for kind, field in (("secret", "secretKeyRef"), ("config_map", "configMapKeyRef")):
        if kind in reference:
            target, key = reference[kind]
            optional = {"optional": True} if reference.get("optional") else {}
            return {"name": name, "valueFrom": {field: {"name": target, "key": key, **optional}}}
    return {"name": name, "value": value} if value else {"name": name}


def container(name: str, *variables: Object, env_from: Iterable[Object] = (), ports: dict[str, int] | None = None) -> Object:
    """Return a container with its variables and its named ports."""
    made: Object = {"name": name, "image": f"{name}:latest", "env": list(variables)}
    if env_from:
        made["envFrom"] = list(env_from)
    if ports:
        made["ports"] = [{"name": port_name, "containerPort": port} for port_name, port in ports.items()]
    return made


def pod(name: str, labels: dict[str, str], *containers: Object, phase: str = "Running", ready: bool = True, **metadata: Any) -> Object:
    """Return a pod."""
    conditions = [{"type": "Ready", "status": str(ready and phase == "Running")}]
    return _object("v1", "Pod", name, {"labels": labels, **metadata}) | {
        "spec": {"nodeName": "node-1", "containers": list(containers)},
        "status": {"phase": phase, "conditions": conditions},
    }


def workload(kind: str, name: str, labels: dict[str, str], *containers: Object, replicas: int = 0) -> Object:
    """Return a Deployment or a StatefulSet."""
    template = {"metadata": {"labels": labels}, "spec": {"containers": list(containers)}}
    return _object("apps/v1", kind, name) | {"spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}}


def service(name: str, selector: dict[str, str] | None, port: int, target: int | str | None = None, **spec: Any) -> Object:
    """Return a Service with one port; ``clusterIP="None"`` makes it headless."""
    entry = {"port": port, **({"targetPort": target} if target else {})}
    return _object("v1", "Service", name) | {"spec": {"ports": [entry], **({"selector": selector} if selector else {}), **spec}}


def external_name(name: str, host: str) -> Object:
    """Return a Service that is another name of a host."""
    return _object("v1", "Service", name) | {"spec": {"type": "ExternalName", "externalName": host}}


def endpoint_slice(name: str, of: str, port: int, *endpoints: Object, port_name: str = "") -> Object:
    """Return an EndpointSlice of a Service."""
    made = _object("discovery.k8s.io/v1", "EndpointSlice", name, {"labels": {"kubernetes.io/service-name": of}})
    return made | {"addressType": "IPv4", "endpoints": list(endpoints), "ports": [{"name": port_name, "port": port, "protocol": "TCP"}]}


def endpoint(address: str, pod_name: str = "", *, ready: bool = True) -> Object:
    """Return an endpoint, of a pod or outside of the cluster."""
    target = {"targetRef": {"kind": "Pod", "name": pod_name}} if pod_name else {}
    return {"addresses": [address], "conditions": {"ready": ready}, **target}


def route(name: str, to: str, host: str, *, tls: bool = True, path: str = "", admitted: bool = True) -> Object:
    """Return a Route."""
    spec = {"host": host, "to": {"kind": "Service", "name": to, "weight": 100}}
    spec |= {"tls": {"termination": "edge"}} if tls else {}
    spec |= {"path": path} if path else {}
    conditions = [{"type": "Admitted", "status": str(admitted)}]
    return _object("route.openshift.io/v1", "Route", name) | {
        "spec": spec,
        "status": {"ingress": [{"host": host, "conditions": conditions}]},
    }


def ingress(name: str, to: str, host: str, *, tls: bool = True, path: str = "/") -> Object:
    """Return an Ingress."""
    backend = {"service": {"name": to, "port": {"number": LITELLM_PORT}}}
    rules = [{"host": host, "http": {"paths": [{"path": path, "pathType": "Prefix", "backend": backend}]}}]
    return _object("networking.k8s.io/v1", "Ingress", name) | {
        "spec": {"rules": rules, **({"tls": [{"hosts": [host], "secretName": f"{name}-tls"}]} if tls else {})}
    }


def secret(name: str, **data: str) -> Object:
    """Return a Secret; underscores in the names of its keys stand for hyphens unless they are in capitals."""
    encoded = {key if key.isupper() else key.replace("_", "-"): base64.b64encode(text.encode()).decode() for key, text in data.items()}
    return _object("v1", "Secret", name) | {"type": "Opaque", "data": encoded}


def config_map(name: str, **data: str) -> Object:
    """Return a ConfigMap."""
    return _object("v1", "ConfigMap", name) | {"data": dict(data)}


def _object(version: str, kind: str, name: str, metadata: Object | None = None) -> Object:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, **(metadata or {})}}


# --- deployments ---------------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What an installation is to have. ``host`` is LiteLLM's name outside; ``route`` says whether it has a Route."""

    namespace: str = "litemaas"
    key: str = "demo-master-key-not-real"
    user: str = "litemaas_admin"
    password: str = "demo-password-not-real"
    database: str = "litemaas_db"
    host: str = "litellm-litemaas.apps.example.com"
    tls: bool = True
    route: bool = True

    def database_url(self, service_name: str, database: str | None = None) -> str:
        """Return a DATABASE_URL with a Service as its host."""
        password = quote(self.password, safe="")
        return f"postgresql://{self.user}:{password}@{service_name}:{POSTGRES_PORT}/{database or self.database}"

    @property
    def litellm_url(self) -> str:
        """LiteLLM's address outside."""
        return f"http{'s' if self.tls else ''}://{self.host}"


@dataclasses.dataclass
class Installation:
    """Objects of an installation, and the names of the two pods behind which servers stand."""

    objects: list[Object]
    database_pod: str
    litellm_pod: str

    def changed(self, kind: str, name: str, change: Callable[[Object], None]) -> Installation:
        """Change one object in place."""
        change(self.find(kind, name))
        return self

    def find(self, kind: str, name: str) -> Object:
        """Return one object."""
        return next(one for one in self.objects if one["kind"] == kind and one["metadata"]["name"] == name)

    def without(self, kind: str, name: str = "") -> Installation:
        """Take one object away, or all of a kind."""
        self.objects = [one for one in self.objects if one["kind"] != kind or name not in ("", one["metadata"]["name"])]
        return self

    def plus(self, *objects: Object) -> Installation:
        """Add objects."""
        self.objects.extend(objects)
        return self

    def scaled_to_zero(self, name: str, kind: str = "Deployment") -> Installation:
        """Put a workload of a kind into the place of the pods whose names begin with its name."""
        pods = [one for one in self.objects if one["kind"] == "Pod" and one["metadata"]["name"].startswith(name)]
        made = workload(kind, name, pods[0]["metadata"]["labels"], *pods[0]["spec"]["containers"])
        self.objects = [one for one in self.objects if one not in pods] + [made]
        return self


def helm(wanted: Wanted) -> Installation:
    """The chart: LITELLM_API_URL in a ConfigMap, everything named after the release; LiteLLM's Route is off by default."""
    name = "maas-litemaas"
    url = wanted.litellm_url if wanted.route else f"http://{name}-litellm:{LITELLM_PORT}"

    def labels(component: str) -> dict[str, str]:
        return {"app.kubernetes.io/name": "litemaas", "app.kubernetes.io/instance": "maas", "app.kubernetes.io/component": component}

    backend = container(
        "backend",
        variable("DATABASE_URL", secret=(f"{name}-backend", "database-url")),
        variable("LITELLM_API_KEY", secret=(f"{name}-backend", "litellm-api-key")),
        variable("LITELLM_DATABASE_URL", secret=(f"{name}-backend", "litellm-database-url")),
        env_from=[{"configMapRef": {"name": f"{name}-backend-config"}}],
        ports={"http": 8080},
    )
    litellm = container(
        "litellm",
        variable("DATABASE_URL", secret=(f"{name}-litellm", "database-url")),
        variable("LITELLM_MASTER_KEY", secret=(f"{name}-litellm", "master-key")),
        ports={"http": LITELLM_PORT},
    )
    postgres = container(
        "postgres", variable("POSTGRES_USER", secret=(f"{name}-postgresql", "username")), ports={"postgresql": POSTGRES_PORT}
    )
    litellm_database = wanted.database_url(f"{name}-postgresql", "litellm_db")
    objects = [
        pod(f"{name}-backend-7d9c-x1", labels("api"), backend),
        pod(f"{name}-litellm-5f6b-x1", labels("ai-proxy"), litellm),
        pod(f"{name}-postgresql-0", labels("database"), postgres),
        pod(f"{name}-web-6c5d-x1", labels("web"), container("frontend", ports={"http": 8080})),
        service(f"{name}-backend", labels("api"), 8080, "http"),
        service(f"{name}-litellm", labels("ai-proxy"), LITELLM_PORT, "http"),
        service(f"{name}-postgresql", labels("database"), POSTGRES_PORT, "postgresql"),
        secret(
            f"{name}-backend",
            database_url=wanted.database_url(f"{name}-postgresql"),
            litellm_api_key=wanted.key,
            litellm_database_url=litellm_database,
        ),
        secret(f"{name}-litellm", database_url=litellm_database, master_key=wanted.key),
        secret(f"{name}-postgresql", username=wanted.user, password=wanted.password),
        config_map(f"{name}-backend-config", LITELLM_API_URL=url, REDIS_HOST=f"{name}-redis"),
        route(name, f"{name}-web", "litemaas.apps.example.com"),
    ]
    if wanted.route:
        objects.append(route(f"{name}-litellm", f"{name}-litellm", wanted.host, tls=wanted.tls))
    return Installation(objects, f"{name}-postgresql-0", f"{name}-litellm-5f6b-x1")


def kustomize(wanted: Wanted) -> Installation:
    """The overlay: plain names, LITELLM_API_URL in the Deployment with the address of the Route."""
    backend = container(
        "backend",
        variable("DATABASE_URL", secret=("backend-secret", "database-url")),
        variable("LITELLM_API_URL", wanted.litellm_url),
        variable("LITELLM_API_KEY", secret=("backend-secret", "litellm-api-key")),
        ports={"http": 8080},
    )
    litellm = container(
        "litellm",
        variable("DATABASE_URL", secret=("litellm-secret", "database-url")),
        variable("LITELLM_MASTER_KEY", secret=("litellm-secret", "master-key")),
        ports={"http": LITELLM_PORT},
    )
    objects = [
        pod("backend-7d9c-x1", {"app": "backend", "component": "api"}, backend),
        pod("litellm-5f6b-x1", {"app": "litellm", "component": "ai-proxy"}, litellm),
        pod("postgres-0", {"app": "postgres", "component": "database"}, container("postgres", ports={"postgresql": POSTGRES_PORT})),
        service("backend", {"app": "backend"}, 8080, 8080),
        service("litellm", {"app": "litellm"}, LITELLM_PORT, LITELLM_PORT),
        service("postgres", {"app": "postgres"}, POSTGRES_PORT, POSTGRES_PORT),
        secret("backend-secret", database_url=wanted.database_url("postgres"), litellm_api_key=wanted.key),
        secret("litellm-secret", database_url=wanted.database_url("postgres", "litellm_db"), master_key=wanted.key),
        route("litemaas", "frontend", "litemaas.apps.example.com"),
        route("litellm", "litellm", wanted.host, tls=wanted.tls),
    ]
    return Installation(objects, "postgres-0", "litellm-5f6b-x1")


def rhpds_head(wanted: Wanted) -> Installation:
    """The role with several replicas: one Secret with both URLs, of which the one for LiteLLM names a database that nobody makes."""
    litellm_database = wanted.database_url("litellm-postgres", "litellm")
    url = wanted.database_url("litellm-postgres")
    data = {"username": wanted.user, "password": wanted.password, "database": wanted.database, "DATABASE_URL": url}
    made = _rhpds(wanted, secret("litemaas-db", **data, LITELLM_DATABASE_URL=litellm_database))
    backend = made.find("Pod", "litellm-backend-7d9c-x1")["spec"]["containers"][0]
    backend["env"].append(variable("LITELLM_DATABASE_URL", secret=("litemaas-db", "LITELLM_DATABASE_URL")))
    return made


def rhpds_before(wanted: Wanted) -> Installation:
    """The same before LiteLLM was to have a database of its own."""
    url = wanted.database_url("litellm-postgres")
    return _rhpds(wanted, secret("litemaas-db", username=wanted.user, password=wanted.password, database=wanted.database, DATABASE_URL=url))


def _rhpds(wanted: Wanted, database: Object) -> Installation:
    master_key = variable("LITELLM_MASTER_KEY", secret=("litellm-secret", "LITELLM_MASTER_KEY"))
    database_url = variable("DATABASE_URL", secret=("litemaas-db", "DATABASE_URL"))
    url = variable("LITELLM_API_URL", wanted.litellm_url)
    # The key of the backend comes under another name out of LiteLLM's Secret.
    key = variable("LITELLM_API_KEY", secret=("litellm-secret", "LITELLM_MASTER_KEY"))
    litellm = container("litellm", database_url, master_key, ports={"http": LITELLM_PORT})
    cleanup = container("cleanup", database_url, variable("LITELLM_API_URL", f"http://litellm:{LITELLM_PORT}"), key)
    objects = [
        pod("litellm-backend-7d9c-x1", {"app": "litellm-backend", "component": "api"}, container("backend", database_url, url, key)),
        *(pod(f"litellm-5f6b-x{number}", {"app": "litellm", "component": "ai-proxy"}, litellm) for number in range(1, 4)),
        pod("litellm-postgres-0", {"app": "litellm-postgres", "component": "database"}, container("postgres")),
        pod("litemaas-mcp-66-x1", {"app": "litemaas-mcp"}, container("mcp", url, master_key)),
        pod(
            "litemaas-key-cleanup-2901-x1",
            {"job-name": "litemaas-key-cleanup-2901"},
            cleanup,
            ownerReferences=[{"apiVersion": "batch/v1", "kind": "Job", "name": "litemaas-key-cleanup-2901", "uid": "1"}],
        ),
        service("litellm-backend", {"app": "litellm-backend"}, 8080, 8080),
        service("litellm", {"app": "litellm"}, LITELLM_PORT, LITELLM_PORT),
        service("litellm-postgres", {"app": "litellm-postgres"}, POSTGRES_PORT, POSTGRES_PORT),
        database,
        secret("litellm-secret", LITELLM_MASTER_KEY=wanted.key, UI_USERNAME="admin", UI_PASSWORD="demo-ui-password-not-real"),
        route("maas-rhdp", "litellm", wanted.host, tls=wanted.tls),
        route("maas-rhdp-admin", "litellm-backend", "maas-rhdp-admin.apps.example.com", path="/api"),
        route("litellm-frontend", "litellm-frontend", "maas-rhdp-frontend.apps.example.com"),
    ]
    return Installation(objects, "litellm-postgres-0", "litellm-5f6b-x1")


def rhpds_single(wanted: Wanted) -> Installation:
    """The older variant with one replica: the backend has no key of its own, both share one database."""
    database_url = variable("DATABASE_URL", secret=("postgres-secret", "DATABASE_URL"))
    litellm = container(
        "litellm",
        database_url,
        variable("LITELLM_MASTER_KEY", secret=("litellm-secret", "LITELLM_MASTER_KEY")),
        ports={"http": LITELLM_PORT},
    )
    backend = container("backend", database_url, variable("LITELLM_API_URL", wanted.litellm_url))
    objects = [
        pod("litellm-backend-7d9c-x1", {"app": "litellm-backend"}, backend),
        pod("litellm-5f6b-x1", {"app": "litellm"}, litellm),
        pod("postgres-0", {"app": "postgres"}, container("postgres")),
        service("litellm-backend", {"app": "litellm-backend"}, 8080),
        service("litellm", {"app": "litellm"}, LITELLM_PORT),
        service("postgres", {"app": "postgres"}, POSTGRES_PORT, clusterIP="None"),
        secret("postgres-secret", POSTGRES_PASSWORD=wanted.password, DATABASE_URL=wanted.database_url("postgres")),
        secret("litellm-secret", LITELLM_MASTER_KEY=wanted.key, DATABASE_URL=wanted.database_url("postgres")),
        route("litellm", "litellm", wanted.host, tls=wanted.tls),
        route("litellm-backend", "litellm-backend", "litellm-backend.apps.example.com", path="/api"),
    ]
    return Installation(objects, "postgres-0", "litellm-5f6b-x1")


VARIANTS: dict[str, Callable[[Wanted], Installation]] = {
    "helm": helm,
    "kustomize": kustomize,
    "rhpds head": rhpds_head,
    "rhpds before": rhpds_before,
    "rhpds single": rhpds_single,
}
