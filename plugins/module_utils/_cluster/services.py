# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: from a host name that a pod uses to the pod or the address behind it.

Lists of objects are asked for by a callable, by kind and namespace.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._cluster.containers import Container, refers_to_variable
from ansible_collections.litemaas.models.plugins.module_utils._cluster.objects import (
    SLICE_LABEL,
    Listing,
    Object,
    is_ready,
    labels_of,
    name_of,
    selects,
    status_of,
)
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import DiscoveryFailed, NotReady, RightMissing

LOOPBACK = ("localhost", "127.0.0.1", "::1")
# How often a Service may only name another one.
LONGEST_CHAIN = 3


class Destination(t.NamedTuple):
    """How to get to a server: by its address, or by a port-forward to ``port`` of ``pod``, where there is one."""

    host: str
    port: int
    namespace: str = ""
    pod: str = ""


class ServiceMatch(t.NamedTuple):
    """A Service in a namespace, and the one pod of it that a name means, if any."""

    service: Object
    namespace: str
    pod: str = ""


def find_service(host: str, namespace: str, listing: Listing) -> ServiceMatch | None:
    """The Service that a host name means inside a pod of the namespace; None for a host outside of the cluster.

    Raises DiscoveryFailed for a name that only a cluster can know and that this one does not know.
    """
    inside = is_inside(host)
    of_absent_pod: ServiceMatch | None = None
    for service_name, there, pod in _readings(host, namespace):
        try:
            found = [service for service in listing("services", there) if name_of(service) == service_name]
        except RightMissing:
            # "db.corp" may be a host as well as a Service in a namespace that is none of ours.
            if inside:
                raise
            continue
        if not found:
            continue
        match = ServiceMatch(found[0], there, pod)
        if inside or not pod or _has_pod(match, listing):
            return match
        if _is_headless(match.service):
            of_absent_pod = match
    if inside:
        raise DiscoveryFailed(f'there is no Service for the host "{host}"')
    return of_absent_pod


def _has_pod(match: ServiceMatch, listing: Listing) -> bool:
    """Whether the cluster's DNS knows the pod by a name of its own: only a headless Service gives its pods names."""
    selector = match.service["spec"].get("selector")
    return _is_headless(match.service) and any(
        name_of(pod) == match.pod and selects(selector, labels_of(pod)) for pod in listing("pods", match.namespace)
    )


def is_inside(host: str) -> bool:
    """Whether only a cluster can know a host name. An IPv6 address is none."""
    return ":" not in host and (".svc." in host.lower() + "." or "." not in host)


def _readings(host: str, namespace: str) -> list[tuple[str, str, str]]:
    """What a host name may mean, as (Service, namespace, pod), in the order in which the cluster's DNS looks for it."""
    labels = host.lower().rstrip(".").split(".")
    inside = labels[: labels.index("svc")] if "svc" in labels else []
    if len(labels) == 1:
        return [(labels[0], namespace, "")]
    if len(inside) == 3:
        return [(inside[1], inside[2], inside[0])]
    if len(inside) == 2:
        return [(inside[0], inside[1], "")]
    if len(labels) == 2:
        return [(labels[1], namespace, labels[0]), (labels[0], labels[1], "")]
    return []


def find_destination(host: str, port: int, namespace: str, listing: Listing, own: t.Sequence[Container] = ()) -> Destination:
    """How to get to what a pod of the namespace calls ``host:port``. ``own`` are the containers that say so.

    Raises DiscoveryFailed, and NotReady where waiting may help.
    """
    if refers_to_variable(host):
        raise DiscoveryFailed(f'its host "{host}" refers to a variable that only the cluster knows')
    if host in LOOPBACK:
        return Destination(host, port, namespace, _first_ready(own, listing("pods", namespace)))
    name = host
    for _link in range(LONGEST_CHAIN):
        match = find_service(name, namespace, listing)
        if match is None:
            return Destination(name, port)
        spec = match.service["spec"]
        if spec.get("type") != "ExternalName":
            return _through(match, name, port, listing)
        name = spec["externalName"]
    raise DiscoveryFailed(f'the Service "{host}" points only to other names')


def _first_ready(own: t.Sequence[Container], pods: t.Sequence[Object]) -> str:
    names = sorted(name_of(pod) for pod in pods if is_ready(pod) and any(container.pod == name_of(pod) for container in own))
    if not names:
        raise NotReady("it runs in the backend's pods, of which none is ready")
    return names[0]


def _through(match: ServiceMatch, host: str, port: int, listing: Listing) -> Destination:
    """Through a Service to one of its pods."""
    service, namespace = match.service, match.namespace
    selector = service["spec"].get("selector")
    if not selector:
        return _by_slices(match, host, port, listing)
    pods = [pod for pod in listing("pods", namespace) if selects(selector, labels_of(pod)) and match.pod in ("", name_of(pod))]
    live = sorted((pod for pod in pods if is_ready(pod)), key=name_of)
    if not live:
        seen = ", ".join(f"{name_of(pod)}: {_state(pod)}" for pod in pods) or "it selects none"
        raise NotReady(
            f'the Service "{name_of(service)}" in namespace {namespace} has no pod that is ready ({seen}); wait until one is, and run again'
        )
    return Destination(host, target_port(service, port, live[0]), namespace, name_of(live[0]))


def _state(pod: Object) -> str:
    """What a pod that is not ready does."""
    if pod["metadata"].get("deletionTimestamp"):
        return "is being deleted"
    return "not ready" if status_of(pod) == "Running" else status_of(pod)


def _is_headless(service: Object) -> bool:
    return bool(service["spec"].get("clusterIP") == "None")


def _service_port(service: Object, port: int) -> Object:
    """The entry of a Service for a port. A headless Service only gives the pods' addresses: all of their ports are reached."""
    ports = service["spec"].get("ports") or ()
    found = [entry for entry in ports if entry.get("port") == port]
    if found:
        return t.cast("Object", found[0])
    if _is_headless(service):
        return {"port": port}
    raise DiscoveryFailed(
        'the Service "{0}" has no port {1}, only {2}'.format(name_of(service), port, ", ".join(str(entry.get("port")) for entry in ports))
    )


def target_port(service: Object, port: int, pod: Object) -> int:
    """The pod's port behind a port of a Service."""
    if _is_headless(service):
        return port
    target = _service_port(service, port).get("targetPort", port)
    if isinstance(target, int):
        return target
    for container in pod["spec"]["containers"]:
        for entry in container.get("ports") or ():
            if entry.get("name") == target:
                return int(entry["containerPort"])
    raise DiscoveryFailed(f'the Service "{name_of(service)}" leads to the port "{target}", and pod {name_of(pod)} has none of that name')


def _by_slices(match: ServiceMatch, host: str, port: int, listing: Listing) -> Destination:
    """Through a Service without a selector: somebody else says what is behind it, pods or addresses outside of the cluster."""
    service, namespace = match.service, match.namespace
    wanted = _service_port(service, port).get("name") or ""
    destinations: list[Destination] = []
    for piece in listing("endpointslices", namespace):
        if labels_of(piece).get(SLICE_LABEL) != name_of(service):
            continue
        ports = [int(entry["port"]) for entry in piece.get("ports") or () if (entry.get("name") or "") == wanted]
        behind = port if _is_headless(service) or not ports else ports[0]
        for endpoint in piece.get("endpoints") or ():
            if (endpoint.get("conditions") or {}).get("ready") is False:
                continue
            target = endpoint.get("targetRef") or {}
            pod = str(target["name"]) if target.get("kind") == "Pod" else ""
            address = host if pod else str(endpoint["addresses"][0])
            if match.pod in ("", pod, endpoint.get("hostname")):
                destinations.append(Destination(address, behind, namespace if pod else "", pod))
    if not destinations:
        raise NotReady(
            f'the Service "{name_of(service)}" in namespace {namespace} has no selector, and no EndpointSlice names a ready '
            "pod or address for it"
        )
    return min(destinations, key=lambda destination: (destination.pod, destination.host))


def is_full_name(host: str) -> bool:
    """Whether a name is a Service's with its namespace, which means the same in the whole cluster."""
    return ".svc." in host.lower().rstrip(".") + "."


def is_outside(host: str) -> bool:
    """Whether a host means the same in the cluster and where the module runs, as far as its name tells."""
    return bool(host) and not is_inside(host) and host not in LOOPBACK
