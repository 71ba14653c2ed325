# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

"""Pure: objects of the Kubernetes API -> where LiteLLM and the backend's database of a namespace are.

Follows the references that the running workload itself uses, never names of objects: the backend is the container that has
DATABASE_URL and LITELLM_API_URL, the database is where its DATABASE_URL points, LiteLLM is what its LITELLM_API_URL points to.
Objects are as the API has them in JSON. What is not at hand is asked for by callables: lists by kind and namespace, the data of
a Secret or a ConfigMap by its name.
"""

from __future__ import annotations

import contextlib
import re
import typing as t
from urllib.parse import urlsplit

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import DiscoveryFailed, NotReady, RightMissing

Object = t.Mapping[str, t.Any]
# The data of a Secret or a ConfigMap by its name; None where there is none of that name.
Lookup = t.Callable[[str], t.Optional[t.Mapping[str, str]]]
# The objects of a kind ("pods", "services", "endpointslices") in a namespace.
Listing = t.Callable[[str, str], t.Sequence[Object]]

DATABASE_VARIABLE = "DATABASE_URL"
PROXY_VARIABLES = ("LITELLM_API_URL", "LITELLM_API_BASE")
KEY_VARIABLE = "LITELLM_API_KEY"
MASTER_KEY_VARIABLE = "LITELLM_MASTER_KEY"

POSTGRES_PORT = 5432
LITELLM_PORT = 4000

LOOPBACK = ("localhost", "127.0.0.1", "::1")
SLICE_LABEL = "kubernetes.io/service-name"
# How often a Service may only name another one.
LONGEST_CHAIN = 3

# Characters that a variable may have: no process can be started with a longer one.
LONGEST_VALUE = 128 * 1024

_REFERENCE = re.compile(r"\$(?:\$|\(([^)]*)\))")


@contextlib.contextmanager
def reading_answers() -> t.Iterator[None]:
    """Turn what comes of reading an answer that has not the form of the Kubernetes API into DiscoveryFailed."""
    try:
        yield
    except (LookupError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise DiscoveryFailed(
            f"what its cluster answers has not the form that Kubernetes gives it ({type(error).__name__}); check the "
            "cluster's address and what is in "
            "front of it"
        ) from error


# --- the variables of a container --------------------------------------------------------------------------------------------


class Container:
    """One container of a pod or of a template, and its variables as the kubelet makes them, each when it is asked for.

    ``name`` says which one it is in messages. ``holder`` is the pod, or the workload that has the template.
    """

    def __init__(self, spec: Object, holder: Object, kind: str, secret: Lookup, config_map: Lookup) -> None:
        self.spec = spec
        self.holder = holder
        self.name = 'container "{0}" of {1} {2}'.format(spec.get("name"), kind, name_of(holder))
        self.labels: t.Mapping[str, str] = labels_of(holder if kind == "pod" else holder["spec"]["template"])
        self.pod = name_of(holder) if kind == "pod" else ""
        self._variables: t.Sequence[Object] = spec.get("env") or ()
        self._secret = secret
        self._config_map = config_map
        # Values that were worked out, by name and place: references may lead to the same one again and again.
        self._known: dict[tuple[str, int | None], str | None] = {}

    def declares(self, name: str) -> bool:
        """Whether a variable stands in the container itself. Asks for nothing."""
        return any(variable["name"] == name for variable in self._variables)

    def has(self, name: str) -> bool:
        """Whether the container has a variable, also from a whole Secret or ConfigMap."""
        try:
            return self.declares(name) or self._from_whole(name) is not None
        except DiscoveryFailed:
            return False

    def get(self, name: str, before: int | None = None) -> str | None:
        """The value of a variable, None where it is not set; ``before``: as the variable at that place sees it. Raises DiscoveryFailed."""
        if (name, before) not in self._known:
            self._known[name, before] = self._work_out(name, before)
        return self._known[name, before]

    def _work_out(self, name: str, before: int | None) -> str | None:
        variables = list(enumerate(self._variables))[:before]
        for place, variable in reversed(variables):
            value = self._own(variable, place) if variable["name"] == name else None
            if value is not None:
                return value
        return self._from_whole(name)

    def _own(self, variable: Object, place: int) -> str | None:
        """The value of one entry of ``env``; None where an optional reference leads nowhere."""
        if variable.get("value"):
            return expand(variable["value"], lambda name: self.get(name, place))
        source = variable.get("valueFrom")
        if not source:
            return ""
        if source.get("secretKeyRef"):
            return self._from_key(variable["name"], source["secretKeyRef"], "Secret", self._secret)
        if source.get("configMapKeyRef"):
            return self._from_key(variable["name"], source["configMapKeyRef"], "ConfigMap", self._config_map)
        if (source.get("fieldRef") or {}).get("fieldPath") == "metadata.namespace":
            return str(self.holder["metadata"].get("namespace"))
        return None

    def _from_key(self, name: str, reference: Object, kind: str, lookup: Lookup) -> str | None:
        data = lookup(reference["name"])
        if data is not None and reference["key"] in data:
            return data[reference["key"]]
        if reference.get("optional"):
            return None
        missing = 'the {0} "{1}" does not exist' if data is None else 'the {0} "{1}" has no such key'
        raise DiscoveryFailed(
            '{0} takes {1} from the key "{2}", and {3}'.format(self.name, name, reference["key"], missing.format(kind, reference["name"]))
        )

    def _from_whole(self, name: str) -> str | None:
        """The value out of ``envFrom``; the last one that has it wins."""
        for source in reversed(self.spec.get("envFrom") or ()):
            prefix = source.get("prefix") or ""
            if not name.startswith(prefix):
                continue
            kind, lookup = ("Secret", self._secret) if source.get("secretRef") else ("ConfigMap", self._config_map)
            reference = source.get("secretRef") or source.get("configMapRef") or {}
            data = lookup(reference["name"])
            if data is None and not reference.get("optional"):
                raise DiscoveryFailed('{0} needs the {1} "{2}", which does not exist'.format(self.name, kind, reference["name"]))
            if data and name[len(prefix) :] in data:
                return data[name[len(prefix) :]]
        return None


def expand(text: str, value_of: t.Callable[[str], str | None]) -> str:
    """A value with its references: ``$(NAME)`` is a variable before it, ``$$`` is a dollar, what is not known stays as it is.

    Raises DiscoveryFailed where that makes it longer than any variable can be.
    """
    length = 0

    def replace(found: t.Match[str]) -> str:
        nonlocal length
        if found.group(1) is None:
            return "$"
        value = value_of(found.group(1))
        length += len(value or "")
        if length > LONGEST_VALUE:
            raise DiscoveryFailed("a variable with all that it refers to is longer than any variable can be")
        return found.group() if value is None else value

    return _REFERENCE.sub(replace, text)


# --- whose variables they are ------------------------------------------------------------------------------------------------


def name_of(thing: Object) -> str:
    """The name of an object."""
    return str(thing["metadata"]["name"])


def labels_of(thing: Object) -> t.Mapping[str, str]:
    """The labels of a pod or of a pod's template."""
    return (thing.get("metadata") or {}).get("labels") or {}


def lives(pod: Object) -> bool:
    """Whether a pod is to stay: it is not being deleted, has not ended and is no pod of a job."""
    meta = pod["metadata"]
    owners = [owner.get("kind") for owner in meta.get("ownerReferences") or ()]
    return not meta.get("deletionTimestamp") and status_of(pod) not in ("Succeeded", "Failed") and "Job" not in owners


def status_of(pod: Object) -> str:
    """The phase of a pod."""
    return str((pod.get("status") or {}).get("phase") or "Unknown")


def ready(pod: Object) -> bool:
    """Whether a pod takes connections."""
    conditions = (pod.get("status") or {}).get("conditions") or ()
    is_ready = any(condition.get("type") == "Ready" and condition.get("status") == "True" for condition in conditions)
    return is_ready and status_of(pod) == "Running" and not pod["metadata"].get("deletionTimestamp")


def containers(pods: t.Iterable[Object], secret: Lookup, config_map: Lookup) -> list[Container]:
    """The containers of the pods that live."""
    return [Container(spec, pod, "pod", secret, config_map) for pod in pods if lives(pod) for spec in pod["spec"]["containers"]]


def template_containers(workloads: t.Iterable[Object], kind: str, secret: Lookup, config_map: Lookup) -> list[Container]:
    """The containers that Deployments or StatefulSets would start."""
    return [
        Container(spec, workload, kind, secret, config_map)
        for workload in workloads
        for spec in workload["spec"]["template"]["spec"]["containers"]
    ]


def find_backends(candidates: t.Sequence[Container]) -> list[Container]:
    """The containers of LiteMaaS's backend: those with the variables for both of its servers.

    What stands in the container itself comes first, so that whole Secrets are asked for only where nothing else is left.
    """

    def by(has_database: t.Callable[[Container, str], bool], has_proxy: t.Callable[[Container, str], bool]) -> list[Container]:
        return [
            candidate
            for candidate in candidates
            if has_database(candidate, DATABASE_VARIABLE) and any(has_proxy(candidate, name) for name in PROXY_VARIABLES)
        ]

    return by(Container.declares, Container.declares) or by(Container.declares, Container.has) or by(Container.has, Container.has)


def find_proxies(candidates: t.Sequence[Container], backends: t.Sequence[Container]) -> list[Container]:
    """LiteLLM's containers: those with a master key that are no backend's and no other client's of LiteLLM."""
    others = [
        candidate
        for candidate in candidates
        if not any(candidate.spec is backend.spec for backend in backends) and not any(map(candidate.declares, PROXY_VARIABLES))
    ]
    declared = [candidate for candidate in others if candidate.declares(MASTER_KEY_VARIABLE)]
    return declared or [candidate for candidate in others if candidate.has(MASTER_KEY_VARIABLE)]


def agreed(found: t.Sequence[Container], *names: str) -> str:
    """The value of the first of the variables that is set and not empty; the empty text where there is none.

    Raises DiscoveryFailed where two containers do not agree on it.
    """
    for name in names:
        who: dict[str, str] = {}
        for container in found:
            who.setdefault((container.get(name) or "").strip(), container.name)
        who.pop("", None)
        if len(who) > 1:
            raise DiscoveryFailed("{0} do not agree on {1}, so it is not clear which is meant".format(" and ".join(who.values()), name))
        if who:
            return next(iter(who))
    return ""


# --- from a host to a pod ----------------------------------------------------------------------------------------------------


class Way(t.NamedTuple):
    """How to get to a server: by its address, or by a port-forward to ``port`` of ``pod``, where there is one."""

    host: str
    port: int
    namespace: str = ""
    pod: str = ""


class Place(t.NamedTuple):
    """A Service in a namespace, and the one pod of it that a name means, if any."""

    service: Object
    namespace: str
    pod: str = ""


def find_service(host: str, namespace: str, listing: Listing) -> Place | None:
    """The Service that a host name means inside a pod of the namespace; None for a host outside of the cluster.

    Raises DiscoveryFailed for a name that only a cluster can know and that this one does not know.
    """
    inside = is_inside(host)
    of_absent_pod: Place | None = None
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
        place = Place(found[0], there, pod)
        if inside or not pod or _has_pod(place, listing):
            return place
        if _is_headless(place.service):
            of_absent_pod = place
    if inside:
        raise DiscoveryFailed(f'there is no Service for the host "{host}"')
    return of_absent_pod


def _has_pod(place: Place, listing: Listing) -> bool:
    """Whether the cluster's DNS knows the pod by a name of its own: only a headless Service gives its pods names."""
    selector = place.service["spec"].get("selector")
    return _is_headless(place.service) and any(
        name_of(pod) == place.pod and selects(selector, labels_of(pod)) for pod in listing("pods", place.namespace)
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


def find_way(host: str, port: int, namespace: str, listing: Listing, own: t.Sequence[Container] = ()) -> Way:
    """How to get to what a pod of the namespace calls ``host:port``. ``own`` are the containers that say so.

    Raises DiscoveryFailed, and NotReady where waiting may help.
    """
    if _REFERENCE.search(host):
        raise DiscoveryFailed(f'its host "{host}" refers to a variable that only the cluster knows')
    if host in LOOPBACK:
        return Way(host, port, namespace, _first_ready(own, listing("pods", namespace)))
    name = host
    for _link in range(LONGEST_CHAIN):
        place = find_service(name, namespace, listing)
        if place is None:
            return Way(name, port)
        spec = place.service["spec"]
        if spec.get("type") != "ExternalName":
            return _through(place, name, port, listing)
        name = spec["externalName"]
    raise DiscoveryFailed(f'the Service "{host}" leads only to other names')


def _first_ready(own: t.Sequence[Container], pods: t.Sequence[Object]) -> str:
    names = sorted(name_of(pod) for pod in pods if ready(pod) and any(container.pod == name_of(pod) for container in own))
    if not names:
        raise NotReady("it runs beside the backend, of which no pod is ready")
    return names[0]


def _through(place: Place, host: str, port: int, listing: Listing) -> Way:
    """Through a Service to one of its pods."""
    service, namespace = place.service, place.namespace
    selector = service["spec"].get("selector")
    if not selector:
        return _by_slices(place, host, port, listing)
    pods = [pod for pod in listing("pods", namespace) if selects(selector, labels_of(pod)) and place.pod in ("", name_of(pod))]
    live = sorted((pod for pod in pods if ready(pod)), key=name_of)
    if not live:
        seen = ", ".join(f"{name_of(pod)}: {_state(pod)}" for pod in pods) or "it selects none"
        raise NotReady(
            f'the Service "{name_of(service)}" in namespace {namespace} has no pod that is ready ({seen}); wait until one is, and run again'
        )
    return Way(host, target_port(service, port, live[0]), namespace, name_of(live[0]))


def _state(pod: Object) -> str:
    """What a pod that is not ready does."""
    if pod["metadata"].get("deletionTimestamp"):
        return "is being deleted"
    return "not ready" if status_of(pod) == "Running" else status_of(pod)


def selects(selector: t.Mapping[str, str] | None, labels: t.Mapping[str, str]) -> bool:
    """Whether a Service's selector takes a pod with these labels. An empty selector takes none."""
    if not selector:
        return False
    return all(labels.get(name) == value for name, value in selector.items())


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


def _by_slices(place: Place, host: str, port: int, listing: Listing) -> Way:
    """Through a Service without a selector: somebody else says what is behind it, pods or addresses outside of the cluster."""
    service, namespace = place.service, place.namespace
    wanted = _service_port(service, port).get("name") or ""
    ways: list[Way] = []
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
            if place.pod in ("", pod, endpoint.get("hostname")):
                ways.append(Way(address, behind, namespace if pod else "", pod))
    if not ways:
        raise NotReady(
            f'the Service "{name_of(service)}" in namespace {namespace} has no selector, and no EndpointSlice names a ready '
            "pod or address for it"
        )
    return min(ways, key=lambda way: (way.pod, way.host))


# --- LiteLLM's address -------------------------------------------------------------------------------------------------------


def services_of(pods: t.Sequence[t.Mapping[str, str]], services: t.Sequence[Object]) -> set[str]:
    """The names of the Services that take all of the pods with these labels."""
    return {name_of(service) for service in services if pods and all(selects(service["spec"].get("selector"), labels) for labels in pods)}


def route_addresses(routes: t.Sequence[Object], services: set[str]) -> list[str]:
    """The addresses of the Routes to one of the Services that a router admits, for whole hosts, in the order of their names."""
    found: list[str] = []
    for route in sorted(routes, key=name_of):
        spec = route["spec"]
        if spec["to"].get("kind", "Service") != "Service" or spec["to"]["name"] not in services or (spec.get("path") or "/") != "/":
            continue
        scheme = "https" if spec.get("tls") else "http"
        routers = (route.get("status") or {}).get("ingress") or ()
        found.extend("{0}://{1}".format(scheme, entry["host"]) for entry in routers if _admitted(entry))
    return found


def _admitted(entry: Object) -> bool:
    conditions = entry.get("conditions") or ()
    return any(condition.get("type") == "Admitted" and condition.get("status") == "True" for condition in conditions)


def ingress_addresses(ingresses: t.Sequence[Object], services: set[str]) -> list[str]:
    """The addresses of the Ingresses to one of the Services, for whole hosts, in the order of their names."""
    found = []
    for ingress in sorted(ingresses, key=name_of):
        spec = ingress["spec"]
        secure = [host for entry in spec.get("tls") or () for host in entry.get("hosts") or ()]
        for rule in spec.get("rules") or ():
            host = rule.get("host") or ""
            whole = [path for path in (rule.get("http") or {}).get("paths") or () if (path.get("path") or "/") in ("/", "/*")]
            if host and "*" not in host and any(_ingress_service(path.get("backend")) in services for path in whole):
                found.append("{0}://{1}".format("https" if host in secure else "http", host))
    return found


def _ingress_service(backend: Object | None) -> str | None:
    service = (backend or {}).get("service") or {}
    return t.cast("str | None", service.get("name"))


def preferred(addresses: t.Sequence[str], used: str) -> str:
    """The one of the addresses whose host the backend itself uses (in the URL ``used``), else the first; empty where there is none."""
    return next(iter(of_host(addresses, used) or addresses), "")


def of_host(addresses: t.Sequence[str], used: str) -> list[str]:
    """Those of the addresses whose host is that of the URL ``used``."""
    return [address for address in addresses if host_of(address)[0] == host_of(used)[0]]


class Address(t.NamedTuple):
    """What tells two addresses apart, whatever their scheme: the path without a trailing slash and without LiteLLM's own /v1."""

    host: str
    port: int
    path: str


def address_of(url: str) -> Address:
    """The address of a server."""
    host, port = host_of(url)
    path = urlsplit(url).path.rstrip("/") if host else ""
    return Address(host.rstrip("."), port, path[: -len("/v1")] if path.endswith("/v1") else path)


def ports_of(service: Object) -> list[int]:
    """The ports of a Service."""
    return [int(entry["port"]) for entry in service["spec"].get("ports") or ()]


def is_full_name(host: str) -> bool:
    """Whether a name is a Service's with its namespace, which means the same in the whole cluster."""
    return ".svc." in host.lower().rstrip(".") + "."


def is_outside(host: str) -> bool:
    """Whether a host means the same in the cluster and where the module runs, as far as its name tells."""
    return bool(host) and not is_inside(host) and host not in LOOPBACK


def host_of(url: str) -> tuple[str, int]:
    """Host and port of an address; an empty host where it is none."""
    try:
        parts = urlsplit(url)
        return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return "", 0
