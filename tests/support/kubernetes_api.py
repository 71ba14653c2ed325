# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Kubernetes API for tests: TLS, users, rights, GET and LIST of plain objects, impersonation, and a pod's port-forward.

with KubernetesApi(directory) as api:
    token = api.user("somebody", Rule(namespaces={"litemaas"}))
    api.apply({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}, "stringData": {"url": "..."}}, "litemaas")
    api.pod("litemaas", "postgres-0", {"app": "postgres"}, backends={5432: ("127.0.0.1", server.port)})
    kubeconfig = api.write_kubeconfig({"token": token})

What it answers follows kube-apiserver 1.36 and, with ``openshift``, the routes of OpenShift. It takes no writes: tests change the objects.
"""

from __future__ import annotations

import base64
import contextlib
import copy
import dataclasses
import json
import re
import socket
import ssl
import uuid
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import trustme

from tests.support.kubernetes_portforward import PROTOCOL, forward, handshake
from tests.support.receiver import Quiet, Serving

Object = dict[str, Any]
Address = tuple[str, int]

# API version -> name of the resource -> kind, and short names
RESOURCES: dict[str, dict[str, tuple[str, list[str]]]] = {
    "v1": {
        "configmaps": ("ConfigMap", ["cm"]),
        "endpoints": ("Endpoints", ["ep"]),
        "events": ("Event", ["ev"]),
        "namespaces": ("Namespace", ["ns"]),
        "pods": ("Pod", ["po"]),
        "secrets": ("Secret", []),
        "services": ("Service", ["svc"]),
    },
    "apps/v1": {
        "deployments": ("Deployment", ["deploy"]),
        "replicasets": ("ReplicaSet", ["rs"]),
        "statefulsets": ("StatefulSet", ["sts"]),
    },
    "discovery.k8s.io/v1": {"endpointslices": ("EndpointSlice", [])},
    "networking.k8s.io/v1": {"ingresses": ("Ingress", ["ing"])},
    "route.openshift.io/v1": {"routes": ("Route", [])},
}
ROUTES = "route.openshift.io/v1"
_PATH = re.compile(
    r"/(?:api/(?P<core>v1)|apis/(?P<version>[^/]+/[^/]+))(?:/namespaces/(?P<namespace>[^/]+))?"
    r"(?:/(?P<resource>[^/]+))?(?:/(?P<name>[^/]+))?(?:/(?P<subresource>[^/]+))?"
)
_EVERYTHING = frozenset("*")


@dataclasses.dataclass(frozen=True)
class Rule:
    """Rights of a user; "*" is anything. Resources are named as in a Role: ``pods``, ``pods/portforward``."""

    namespaces: Collection[str] = _EVERYTHING
    verbs: Collection[str] = _EVERYTHING
    resources: Collection[str] = _EVERYTHING

    def covers(self, namespace: str, verb: str, resource: str) -> bool:
        """Return whether it allows this."""
        asked = ((self.namespaces, namespace), (self.verbs, verb), (self.resources, resource))
        return all("*" in allowed or wanted in allowed for allowed, wanted in asked)


@dataclasses.dataclass(frozen=True)
class Request:
    """One request as it came in; ``user`` is who it runs as, empty where nobody is known."""

    method: str
    path: str
    user: str


class KubernetesApi(Serving):
    """An API server on a free port of 127.0.0.1. ``requests`` remembers what came in."""

    def __init__(self, directory: Path, openshift: bool = True, names: Collection[str] = ("127.0.0.1", "localhost")) -> None:
        """Make certificates in a directory, the server's for these names, and listen."""
        self.directory = directory
        self._authority = trustme.CA()
        self.ca_path = directory / "ca.crt"
        self._authority.cert_pem.write_to_path(str(self.ca_path))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(*names).configure_cert(context)
        context.verify_mode = ssl.CERT_OPTIONAL
        self._authority.configure_trust(context)
        super().__init__(_Handler, context)
        self.resources = {version: names for version, names in RESOURCES.items() if openshift or version != ROUTES}
        self.requests: list[Request] = []
        self.tokens: dict[str, str] = {}
        self.rules: dict[str, list[Rule]] = {}
        # Where the port of a pod really leads; without an entry nobody listens there.
        self.backends: dict[tuple[str, str, int], Address] = {}
        self._objects: dict[tuple[str, str], dict[tuple[str, str], Object]] = {}
        self._version = 1000
        self._open: list[tuple[tuple[str, str], socket.socket]] = []

    # --- who may do what ----------------------------------------------------------------------------------------------

    def user(self, name: str, *rules: Rule) -> str:
        """Make a user with rights (default: every right), and return a token of theirs."""
        self.rules[name] = list(rules or (Rule(),))
        token = f"demo-token-of-{name}-not-real"
        self.tokens[token] = name
        return token

    def certificate(self, user: str) -> tuple[Path, Path]:
        """Return the files with a user's client certificate and with its key."""
        issued = self._authority.issue_cert(f"{user}@users.invalid", common_name=user)
        certificate, key = self.directory / f"{user}.crt", self.directory / f"{user}.key"
        issued.cert_chain_pems[0].write_to_path(str(certificate))
        issued.private_key_pem.write_to_path(str(key))
        return certificate, key

    def allowed(self, user: str, namespace: str, verb: str, resource: str) -> bool:
        """Return whether a user has a right."""
        return any(rule.covers(namespace, verb, resource) for rule in self.rules.get(user, []))

    def kubeconfig(self, user: Mapping[str, Any], **cluster: Any) -> Object:
        """Return a kubeconfig whose user is ``{"token": ...}`` or another of the format; ``cluster`` adds to the cluster's entry."""
        entry = {"server": self.url, "certificate-authority": str(self.ca_path), **cluster}
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "test",
            "clusters": [{"name": "test", "cluster": {name: value for name, value in entry.items() if value is not None}}],
            "users": [{"name": "test", "user": dict(user)}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        }

    def write_kubeconfig(self, user: Mapping[str, Any], name: str = "kubeconfig", **cluster: Any) -> Path:
        """Write a kubeconfig into the directory and return its path."""
        path = self.directory / name
        path.write_text(json.dumps(self.kubeconfig(user, **cluster)), encoding="utf-8")
        path.chmod(0o600)
        return path

    def exec_plugin(self, token: str) -> Object:
        """Return a kubeconfig's user whose token a program prints."""
        credential = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": token}}
        program = self.directory / "credential-plugin"
        program.write_text(f"#!/bin/sh\ncat <<END\n{json.dumps(credential)}\nEND\n", encoding="utf-8")
        program.chmod(0o700)
        return {"exec": {"apiVersion": credential["apiVersion"], "command": str(program), "interactiveMode": "Never"}}

    # --- objects -------------------------------------------------------------------------------------------------------

    def apply(self, manifest: Object, namespace: str = "") -> Object:
        """Put an object in, or in the place of the one with its name; returns it as the API shows it."""
        made = copy.deepcopy(manifest)
        version, resource = made["apiVersion"], self._resource_of(made)
        metadata = made["metadata"]
        if resource != "namespaces":
            metadata.setdefault("namespace", namespace)
        self._version += 1
        metadata.update(uid=str(uuid.uuid4()), resourceVersion=str(self._version), creationTimestamp="2026-11-21T05:00:00Z")
        if resource == "secrets":
            _encode_secret(made)
        if resource == "routes":
            _admit(made)
        self._objects.setdefault((version, resource), {})[metadata.get("namespace", ""), metadata["name"]] = made
        return made

    def delete(self, version: str, resource: str, namespace: str, name: str) -> None:
        """Remove an object."""
        del self._objects[version, resource][namespace, name]

    def pod(
        self,
        namespace: str,
        name: str,
        labels: Mapping[str, str] | None = None,
        containers: list[Object] | None = None,
        backends: Mapping[int, Address] | None = None,
        ready: bool = True,
    ) -> Object:
        """Put in a pod that runs; ``backends`` says where its ports really lead."""
        for port, address in (backends or {}).items():
            self.backends[namespace, name, port] = address
        containers = containers or [{"name": "main", "image": "main"}]
        statuses = [
            {"name": one["name"], "ready": ready, "restartCount": 0, "image": one.get("image", ""), "imageID": ""} for one in containers
        ]
        conditions = [{"type": "Ready", "status": str(ready)}]
        manifest = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "labels": dict(labels or {})},
            "spec": {"nodeName": "node-1", "containers": containers},
            "status": {"phase": "Running", "podIP": "10.128.0.7", "conditions": conditions, "containerStatuses": statuses},
        }
        return self.apply(manifest, namespace)

    def kill_pod(self, namespace: str, name: str) -> int:
        """Break what is forwarded to a pod, as its end does; returns how many connections that were. The object stays."""
        hit = [member for pod, member in list(self._open) if pod == (namespace, name)]
        for member in hit:
            with contextlib.suppress(OSError):
                member.shutdown(socket.SHUT_RDWR)
        return len(hit) // 2

    def forwarded(self) -> int:
        """Return how many forwarded connections there are."""
        return len(self._open) // 2

    def find(self, version: str, resource: str, namespace: str, name: str) -> Object | None:
        """Return an object."""
        return self._objects.get((version, resource), {}).get((namespace, name))

    def listed(self, version: str, resource: str, namespace: str, labels: str = "", fields: str = "") -> Object:
        """Return the list of a resource; an empty namespace means all of them."""
        found = sorted(self._objects.get((version, resource), {}).items())
        members = [
            {name: value for name, value in one.items() if name not in ("kind", "apiVersion")}
            for (where, _name), one in found
            if namespace in ("", where) and matches_labels(labels, one["metadata"].get("labels") or {}) and matches_fields(fields, one)
        ]
        kind = self.resources[version][resource][0] + "List"
        return {"kind": kind, "apiVersion": version, "metadata": {"resourceVersion": str(self._version)}, "items": members}

    @contextlib.contextmanager
    def forwarding(self, namespace: str, name: str, *ends: socket.socket) -> Any:
        """Remember the ends of a forwarded connection while it is there."""
        members = [((namespace, name), end) for end in ends]
        self._open.extend(members)
        try:
            yield
        finally:
            for member in members:
                self._open.remove(member)

    def _resource_of(self, manifest: Object) -> str:
        names = RESOURCES[manifest["apiVersion"]]
        return next(name for name, (kind, _short) in names.items() if kind == manifest["kind"])


def _encode_secret(secret: Object) -> None:
    data = secret.setdefault("data", {})
    for key, value in secret.pop("stringData", {}).items():
        data[key] = base64.b64encode(value.encode()).decode()
    secret.setdefault("type", "Opaque")


def _admit(route: Object) -> None:
    """Give a route the host and the status that the router would."""
    metadata, spec = route["metadata"], route["spec"]
    host = spec.setdefault("host", f"{metadata['name']}-{metadata['namespace']}.apps.example.test")
    admitted = [{"type": "Admitted", "status": "True"}]
    route.setdefault("status", {"ingress": [{"host": host, "routerName": "default", "conditions": admitted}]})


# --- selectors -----------------------------------------------------------------------------------------------------------


def matches_labels(selector: str, labels: Mapping[str, str]) -> bool:
    """Return whether labels fulfil a selector: a=b, a==b, a!=b, a in (x,y), a notin (x,y), a, !a; all of them."""
    return all(_matches_label(part.strip(), labels) for part in re.findall(r"[^,(]+(?:\([^)]*\))?", selector) if part.strip())


def _matches_label(part: str, labels: Mapping[str, str]) -> bool:
    listed = re.fullmatch(r"(\S+)\s+(in|notin)\s*\(([^)]*)\)", part)
    if listed:
        values = [value.strip() for value in listed.group(3).split(",")]
        return (labels.get(listed.group(1)) in values) == (listed.group(2) == "in")
    compared = re.fullmatch(r"([^!=\s]+)\s*(!=|==?)\s*(\S*)", part)
    if compared:
        return (labels.get(compared.group(1)) == compared.group(3)) == (compared.group(2) != "!=")
    return part[1:].strip() not in labels if part.startswith("!") else part in labels


def matches_fields(selector: str, manifest: Object) -> bool:
    """Return whether an object fulfils a selector of fields such as ``metadata.name=x,status.phase!=Failed``."""
    for part in filter(None, selector.split(",")):
        path, wanted = re.split("!=|==?", part, maxsplit=1)
        value: Any = manifest
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        if ((value or "") == wanted) == ("!=" in part):
            return False
    return True


# --- the protocol ----------------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class _Place:
    """What a path means."""

    version: str
    namespace: str
    resource: str
    name: str
    subresource: str

    @property
    def group(self) -> str:
        return self.version.rpartition("/")[0]

    @property
    def full(self) -> str:
        """The resource with its group, as messages name it."""
        return f"{self.resource}.{self.group}" if self.group else self.resource

    @property
    def right(self) -> str:
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource

    def details(self) -> Object:
        return {key: value for key, value in (("name", self.name), ("group", self.group), ("kind", self.resource)) if value}


class _Refusal(Exception):
    """An answer that is a failure: a Status object, or plain text where there is no reason."""

    def __init__(self, code: int, reason: str, message: str, details: Object | None = None) -> None:
        super().__init__(message)
        self.code, self.reason, self.message, self.details = code, reason, message, details

    def body(self) -> Object:
        status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": self.message}
        return {**status, "reason": self.reason, **({"details": self.details} if self.details else {}), "code": self.code}


class _Handler(Quiet):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def api(self) -> KubernetesApi:
        owner: KubernetesApi = self.server.owner
        return owner

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        user = ""
        try:
            user = self._user()
            self.api.requests.append(Request("GET", self.path, user))
            self._answer(user, parts.path.rstrip("/") or "/", parse_qs(parts.query, keep_blank_values=True))
        except _Refusal as refusal:
            if not user:
                self.api.requests.append(Request("GET", self.path, ""))
            if refusal.reason:
                self._json(refusal.code, refusal.body())
            else:
                self.answer(refusal.code, refusal.message.encode(), {"Content-Type": "text/plain; charset=utf-8"})

    def _json(self, code: int, value: Object) -> None:
        self.answer(code, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _user(self) -> str:
        """Who asks, after impersonation. Nobody is an error: anonymous requests are off."""
        scheme, _space, token = self.headers.get("Authorization", "").partition(" ")
        known = self.api.tokens.get(token) if scheme.lower() == "bearer" else None
        user = known if scheme else self._user_of_certificate()
        if not user:
            raise _Refusal(401, "Unauthorized", "Unauthorized")
        impersonated = self.headers.get("Impersonate-User")
        wanted = [("users", impersonated)] if impersonated else []
        wanted += [("groups", group) for group in self.headers.get_all("Impersonate-Group") or []]
        for resource, name in wanted:
            if not self.api.allowed(user, "", "impersonate", resource):
                message = f'User "{user}" cannot impersonate resource "{resource}" in API group "" at the cluster scope'
                raise _Refusal(403, "Forbidden", f'{resource} "{name}" is forbidden: {message}', {"name": name, "kind": resource})
        return impersonated or user

    def _user_of_certificate(self) -> str:
        shown = self.connection.getpeercert()
        names = {key: value for part in (shown or {}).get("subject", ()) for key, value in part}
        return str(names.get("commonName", ""))

    def _answer(self, user: str, path: str, query: dict[str, list[str]]) -> None:
        general = self._general(path)
        if general:
            self._json(200, general)
            return
        place = self._place(path)
        if not place.resource:
            self._json(200, self._resource_list(place.version))
            return
        self._check_rights(user, place)
        if place.resource not in self.api.resources.get(place.version, {}):
            raise _Refusal(404, "", "404 page not found\n")
        if not place.name:
            labels, fields = (query.get(name, [""])[0] for name in ("labelSelector", "fieldSelector"))
            self._json(200, self.api.listed(place.version, place.resource, place.namespace, labels, fields))
            return
        found = self.api.find(place.version, place.resource, place.namespace, place.name)
        if found is None:
            raise _Refusal(404, "NotFound", f'{place.full} "{place.name}" not found', place.details())
        if place.subresource == "portforward":
            self._port_forward(place, found, query)
        elif place.subresource:
            raise _Refusal(404, "", "404 page not found\n")
        else:
            self._json(200, found)

    def _general(self, path: str) -> Object:
        """What every client asks first."""
        if path == "/version":
            return {"major": "1", "minor": "36", "gitVersion": "v1.36.2", "platform": "linux/amd64"}
        if path == "/api":
            return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}
        if path == "/apis":
            groups = []
            for version in (name for name in self.api.resources if "/" in name):
                entry = {"groupVersion": version, "version": version.split("/")[1]}
                groups.append({"name": version.split("/")[0], "versions": [entry], "preferredVersion": entry})
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
        return {}

    def _place(self, path: str) -> _Place:
        match = _PATH.fullmatch(path)
        if not match:
            raise _Refusal(404, "", "404 page not found\n")
        part = {name: value or "" for name, value in match.groupdict().items()}
        version = part["core"] or part["version"]
        if version not in self.api.resources and not part["resource"]:
            raise _Refusal(404, "", "404 page not found\n")
        if part["namespace"] and not part["resource"]:
            return _Place(version, "", "namespaces", part["namespace"], "")
        return _Place(version, part["namespace"], part["resource"], part["name"], part["subresource"])

    def _resource_list(self, version: str) -> Object:
        listed = [
            {
                "name": name,
                "singularName": kind.lower(),
                "namespaced": name != "namespaces",
                "kind": kind,
                "verbs": ["get", "list"],
                "shortNames": short,
            }
            for name, (kind, short) in self.api.resources[version].items()
        ]
        return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": listed}

    def _check_rights(self, user: str, place: _Place) -> None:
        """RBAC. A WebSocket for a port-forward needs the right to create it too, and its refusal gives no reason."""
        verb = "get" if place.name else "list"
        who = f'{place.full} "{place.name}" is forbidden: ' if place.name else f"{place.full} is forbidden: "
        if not self.api.allowed(user, place.namespace, verb, place.right):
            where = f'in the namespace "{place.namespace}"' if place.namespace else "at the cluster scope"
            what = f'User "{user}" cannot {verb} resource "{place.right}" in API group "{place.group}" {where}'
            raise _Refusal(403, "Forbidden", who + what, place.details())
        if place.subresource == "portforward" and not self.api.allowed(user, place.namespace, "create", place.right):
            raise _Refusal(403, "Forbidden", who, place.details())

    def _port_forward(self, place: _Place, pod: Object, query: dict[str, list[str]]) -> None:
        self.close_connection = True
        ports = query.get("ports", [""])[0]
        protocols = [name.strip() for name in self.headers.get("Sec-WebSocket-Protocol", "").split(",")]
        if self.headers.get("Upgrade", "").lower() != "websocket":
            raise _Refusal(400, "BadRequest", "Upgrade request required")
        if not pod["spec"].get("nodeName"):
            raise _Refusal(400, "BadRequest", f"pod {place.name} does not have a host assigned")
        if not ports.isdigit():
            raise _Refusal(400, "BadRequest", f'cannot convert to []int32: strconv.ParseUint: parsing "{ports}": invalid syntax')
        if PROTOCOL not in protocols:
            raise _Refusal(403, "", "")
        self.send_response(101)
        for name, value in handshake(self.headers["Sec-WebSocket-Key"]).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.flush()
        self._carry(place, int(ports))

    def _carry(self, place: _Place, port: int) -> None:
        address = self.api.backends.get((place.namespace, place.name, port))
        backend: socket.socket | None = None
        with contextlib.ExitStack() as stack:
            if address:
                with contextlib.suppress(OSError):
                    backend = stack.enter_context(socket.create_connection(address))
                    backend.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    stack.enter_context(self.api.forwarding(place.namespace, place.name, backend, self.connection))
            forward(self.connection, backend, port, place.namespace, place.name)
