# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An installation of LiteMaaS in a namespace: what the module's options do not say is found there, and reached through tunnels.

Lazy: a run asks the cluster only for what it needs, and for each list, Secret and ConfigMap once. It lasts for one attempt of a run:
the next one looks again, because pods may have been replaced. The pure rooms beside it decide, this fetches.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import base64
import contextlib
import dataclasses
import functools
import re
import time
import typing as t
from urllib.parse import quote

from ansible_collections.litemaas.models.plugins.module_utils._cluster import api
from ansible_collections.litemaas.models.plugins.module_utils._cluster import tunnel as _tunnel
from ansible_collections.litemaas.models.plugins.module_utils._cluster.containers import (
    DATABASE_VARIABLE,
    KEY_VARIABLE,
    MASTER_KEY_VARIABLE,
    PROXY_VARIABLES,
    Container,
    agreed_value,
    containers_of_pods,
    containers_of_templates,
    find_backends,
    find_proxies,
)
from ansible_collections.litemaas.models.plugins.module_utils._cluster.objects import (
    Object,
    is_alive,
    labels_of,
    name_of,
    ports_of,
    reading_answers,
    selects,
)
from ansible_collections.litemaas.models.plugins.module_utils._cluster.routes import (
    address_of,
    host_of,
    ingress_addresses,
    of_host,
    preferred,
    route_addresses,
    services_of,
)
from ansible_collections.litemaas.models.plugins.module_utils._cluster.services import (
    Destination,
    ServiceMatch,
    find_destination,
    find_service,
    is_full_name,
    is_outside,
)
from ansible_collections.litemaas.models.plugins.module_utils._common import words
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import (
    ClusterError,
    DiscoveryFailed,
    InputError,
    NotInCluster,
    NotReady,
    RightMissing,
)
from ansible_collections.litemaas.models.plugins.module_utils._run.endpoints import (
    DATABASE,
    KEY,
    PROXY,
    VARIABLES,
    Endpoint,
    Kind,
    Origin,
    Reached,
    given,
)

if t.TYPE_CHECKING:
    from ansible_collections.litemaas.models.plugins.module_utils._run.context import Run

# Seconds, where the module has no option for it.
TIMEOUT = 30
# How long a run that is done again waits for a pod that takes the place of the lost one, and how often it looks, in seconds.
LONGEST_REPLACEMENT = 60.0
LOOK_EVERY = 1.0
# How messages call what was found.
BACKENDS_URL, BACKENDS_KEY, MASTER_KEY = "the backend's DATABASE_URL", "the backend's LITELLM_API_KEY", "LiteLLM's LITELLM_MASTER_KEY"

_PATHS = {
    "pods": "/api/v1",
    "services": "/api/v1",
    "deployments": "/apis/apps/v1",
    "statefulsets": "/apis/apps/v1",
    "endpointslices": "/apis/discovery.k8s.io/v1",
    "ingresses": "/apis/networking.k8s.io/v1",
    "routes": "/apis/route.openshift.io/v1",
}
# Where the containers of what does not run at the moment stand.
_TEMPLATES = {"deployments": "Deployment", "statefulsets": "StatefulSet"}

_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")

Find = t.Callable[[list[Container]], list[Container]]


def _shown(url: str) -> str:
    """An address without a login."""
    return re.sub("//[^/@]*@", "//", url)


def installation(run: Run, namespace: str, again: bool) -> Installation:
    """The installation in a namespace. Asks for nothing yet. Raises InputError.

    ``again``: the run was begun before and lost its connection.
    """
    if not _NAMESPACE.fullmatch(namespace):
        raise InputError("namespace must be a name of small letters, digits and hyphens, as oc and kubectl show it")
    return Installation(run, namespace, LONGEST_REPLACEMENT if again else 0.0)


class Installation:
    """What a namespace tells about LiteLLM and the backend's database. Each method raises DiscoveryFailed or a ClusterError.

    ``patience``: for how many seconds to wait for a pod of the database that is ready.
    """

    def __init__(self, run: Run, namespace: str, patience: float = 0.0) -> None:
        self.namespace = namespace
        self._patience = patience
        self._run = run
        self._timeout: float = run.params.get("timeout", TIMEOUT)
        self._lists: dict[tuple[str, str], list[Object]] = {}
        self._data: dict[str, dict[str, str] | None] = {}
        # Whether LiteLLM or its key was looked for here: then a database that is given has to be this installation's.
        self.found_litellm = False
        # Rights that are missing and were not needed for certain.
        self._unseen: list[str] = []

    # --- what is found -----------------------------------------------------------------------------------------------

    def litellm(self) -> Endpoint:
        """LiteLLM's address."""
        self.found_litellm = True
        with self._searching("the address of LiteLLM", PROXY):
            used = self._used_litellm
            url = preferred(self._front_doors(used), used)
            found = self._found(PROXY, url, "the address of LiteLLM") if url else self._back_door(used)
        self.tell("litellm_url", found.value)
        return found

    def litellm_key(self) -> Endpoint:
        """The admin key: the one that the backend uses, else LiteLLM's master key. Not for an address that is not known as LiteLLM's."""
        self.found_litellm = True
        with self._searching("the key of LiteLLM", KEY):
            self._check_given_litellm()
            name, key = BACKENDS_KEY, agreed_value(self._backends, KEY_VARIABLE)
            if not key:
                name, key = MASTER_KEY, agreed_value(self._serving(self._used_litellm), MASTER_KEY_VARIABLE)
            if not key:
                raise DiscoveryFailed("neither the backend has LITELLM_API_KEY, nor does LiteLLM's container have LITELLM_MASTER_KEY")
        self._run.keep_secret(key)
        return self._found(KEY, key, name)

    def database_url(self) -> Endpoint:
        """The backend's DATABASE_URL, whose host means something inside of the cluster only. Not for another LiteLLM's models."""
        with self._searching_database():
            self._check_given_litellm()
        return self.database_of_backend()

    def database_of_backend(self) -> Endpoint:
        """The backend's DATABASE_URL, whoever asks."""
        with self._searching_database():
            url = agreed_value(self._backends, DATABASE_VARIABLE)
            if not url:
                raise DiscoveryFailed(f"the DATABASE_URL of {self._backends[0].name} is empty")
        self._run.keep_secret(url)
        return self._found(DATABASE, url, BACKENDS_URL)

    def _found(self, option: str, value: str, name: str) -> Endpoint:
        """What was found here instead of an option. ``name`` is how messages call it."""
        return Endpoint(value, Origin(Kind.FOUND, option, name, self.namespace))

    def same_host(self, given_host: str, used: str) -> bool:
        """Whether a host that was given is the one that the backend calls ``used``. A name that may mean something else is no proof."""
        with self._searching_database():
            place, other = self._named_service(given_host), self._service(used)
        if place and other:
            return (place.namespace, name_of(place.service)) == (other.namespace, name_of(other.service))
        return is_outside(given_host) and given_host.lower() == used.lower()

    def _check_given_litellm(self) -> None:
        """Refuse a proxy that may be another installation's: its models would get into this one's database, or its admin get our key."""
        url = given(self._run.params, PROXY)
        if url.value and not self.is_litellm(url.value):
            raise DiscoveryFailed(
                f"{url.origin.name} is {_shown(url.value)}, which is not known as an address of the LiteLLM that the backend there "
                f"uses ({_shown(self._used_litellm)}). Leave it out, "
                "or give all of litellm_url, litellm_api_key and database_url"
            )

    def is_litellm(self, url: str) -> bool:
        """Whether an address is one of the LiteLLM that the backend uses: its own, a Route's, an Ingress's, or a Service's full name."""
        used = self._used_litellm
        wanted = address_of(url)
        known = [door for door in (used, *self._front_doors(used)) if is_outside(host_of(door)[0])]
        if wanted in [address_of(door) for door in known]:
            return True
        namespace, services = self._litellm_services(used)
        place = self._named_service(wanted.host)
        if place is None or place.namespace != namespace or name_of(place.service) not in services:
            return False
        return not wanted.path and wanted.port in ports_of(place.service)

    def reach_database(self, host: str, port: int, tls: bool = False) -> Reached:
        """Get to a database that the backend knows by host and port; opens a tunnel where it is in the cluster.

        ``tls``: the connection is to be encrypted, which a Unix socket does not offer.
        """
        with self._searching_database(), self._run.progress.phase("looking for the database in its namespace"):
            return self._reach(self._way_to_database(host, port), tls)

    def _way_to_database(self, host: str, port: int) -> Destination:
        """The way as soon as there is one."""
        end = time.monotonic() + self._patience
        while True:
            try:
                return find_destination(host, port, self.namespace, self._list, self._backends)
            except NotReady:
                if time.monotonic() >= end:
                    raise
            time.sleep(LOOK_EVERY)
            self._lists.clear()

    def tell(self, name: str, text: str) -> None:
        """Let the result say what was found."""
        self._run.discovered.update({"namespace": self.namespace, name: text})

    # --- LiteLLM -----------------------------------------------------------------------------------------------------

    @functools.cached_property
    def _used_litellm(self) -> str:
        """The address that the backend uses."""
        return agreed_value(self._backends, *PROXY_VARIABLES)

    def _front_doors(self, used: str) -> list[str]:
        """The addresses of Routes, else of Ingresses, to the LiteLLM that the backend calls ``used``."""
        doors = self._doors(*self._litellm_services(used))
        return doors if self._service(host_of(used)[0]) else of_host(doors, used)

    def _doors(self, namespace: str, services: set[str]) -> list[str]:
        if not services:
            return []
        addresses = route_addresses(self._visible("routes", namespace), services)
        return addresses or ingress_addresses(self._visible("ingresses", namespace), services)

    def _litellm_services(self, used: str) -> tuple[str, set[str]]:
        """The namespace and the names of the Services that lead to the pods behind ``used``."""
        place = self._service(host_of(used)[0])
        if not place:
            return self.namespace, set().union(*(self._services_of([proxy.labels]) for proxy in self._serving(used)))
        selector = place.service["spec"].get("selector")
        labels = [labels_of(pod) for pod in self._list("pods", place.namespace) if is_alive(pod)]
        return place.namespace, self._services_of([some for some in labels if selects(selector, some)], place.namespace)

    def _services_of(self, pods: list[t.Mapping[str, str]], namespace: str = "") -> set[str]:
        return services_of(pods, self._list("services", namespace or self.namespace))

    def _serving(self, used: str) -> list[Container]:
        """This namespace's LiteLLM containers that are behind ``used``: by its Service, or by a door that has its host."""
        place = self._service(host_of(used)[0])
        if place:
            selector = place.service["spec"].get("selector") if place.namespace == self.namespace else None
            return [proxy for proxy in self._proxies if selects(selector, proxy.labels)]
        return [proxy for proxy in self._proxies if of_host(self._doors(self.namespace, self._services_of([proxy.labels])), used)]

    def _service(self, host: str) -> ServiceMatch | None:
        """The Service that a host name means in the namespace, None where it means none."""
        try:
            return find_service(host, self.namespace, self._list)
        except DiscoveryFailed:
            return None

    def _named_service(self, host: str) -> ServiceMatch | None:
        """The Service that a name means everywhere in the cluster: one with its namespace."""
        return self._service(host) if is_full_name(host) else None

    def _back_door(self, used: str) -> Endpoint:
        """The address that the backend itself uses, with a tunnel where only pods can use it."""
        host, port = host_of(used)
        if not host:
            raise DiscoveryFailed(f"the LITELLM_API_URL of {self._backends[0].name} is no address")
        way = find_destination(host, port, self.namespace, self._list, self._backends)
        reached = self._reach(way)
        found = self._found(PROXY, used, "the backend's LITELLM_API_URL")
        return dataclasses.replace(found, socket_path=reached.socket_path, problems=reached.problems)

    # --- containers --------------------------------------------------------------------------------------------------

    @functools.cached_property
    def _backends(self) -> list[Container]:
        found = self._first_found(find_backends)
        if not found:
            reason = "no container there has both DATABASE_URL and LITELLM_API_URL, as LiteMaaS's backend has"
            if not self._list("pods", self.namespace):
                reason += ", and there is no pod at all: check the name of the namespace"
            raise DiscoveryFailed(reason)
        return found

    @functools.cached_property
    def _proxies(self) -> list[Container]:
        return self._first_found(lambda candidates: find_proxies(candidates, self._backends))

    def _first_found(self, find: Find) -> list[Container]:
        """What is found among the pods, else among what is scaled to zero."""
        found = find(containers_of_pods(self._list("pods", self.namespace), self._secret, self._config_map))
        for kind, singular in _TEMPLATES.items():
            if found:
                break
            found = find(containers_of_templates(self._visible(kind, self.namespace), singular, self._secret, self._config_map))
        return found

    # --- the cluster -------------------------------------------------------------------------------------------------

    @functools.cached_property
    def _cluster(self) -> api.Cluster:
        cluster = api.connect(self._run.params.get("kubernetes") or {}, self._timeout)
        self._run.resources.callback(cluster.close)
        return cluster

    def _reach(self, way: Destination, tls: bool = False) -> Reached:
        """Open a tunnel where the way needs one. It closes with the run."""
        if not way.pod:
            return Reached(way.host, way.port)
        tunnel = _tunnel.open_tunnel(self._cluster, way.namespace, way.pod, way.port, self._timeout, tcp=tls)
        self._run.resources.callback(tunnel.close)
        return Reached(tunnel.host, tunnel.port, way.pod, way.namespace, tunnel.socket_path, tunnel.problems)

    def _list(self, kind: str, namespace: str) -> list[Object]:
        """All objects of a kind in a namespace."""
        if (kind, namespace) not in self._lists:
            path = "{0}/namespaces/{1}/{2}".format(_PATHS[kind], quote(namespace, safe=""), kind)
            self._lists[kind, namespace] = list(self._cluster.items(path))
        return self._lists[kind, namespace]

    def _visible(self, kind: str, namespace: str) -> list[Object]:
        """The same, for what the search can do without: none where the cluster does not have the kind or does not show it."""
        try:
            return self._list(kind, namespace)
        except NotInCluster:
            self._lists[kind, namespace] = []
        except RightMissing as error:
            self._lists[kind, namespace] = []
            self._unseen.append(error.message)
            self._run.log(f"Looking into namespace {namespace} without {kind}: {error.message}")
        return []

    def _secret(self, name: str) -> dict[str, str] | None:
        data = self._named("secrets", name)
        if data is None:
            return None
        return {key: base64.b64decode(text or "").decode("utf-8", "replace") for key, text in data.items()}

    def _config_map(self, name: str) -> dict[str, str] | None:
        return self._named("configmaps", name)

    def _named(self, kind: str, name: str) -> dict[str, str] | None:
        """The data of one object, None where there is none. Never by a list: that would need the right to all of them."""
        path = "/api/v1/namespaces/{0}/{1}/{2}".format(self.namespace, kind, quote(name, safe=""))
        if path not in self._data:
            try:
                self._data[path] = self._cluster.get(path).get("data") or {}
            except NotInCluster:
                self._data[path] = None
        return self._data[path]

    # --- dead ends ---------------------------------------------------------------------------------------------------

    def _searching_database(self) -> t.ContextManager[None]:
        return self._searching("the backend's database", DATABASE)

    @contextlib.contextmanager
    def _searching(self, what: str, option: str) -> t.Iterator[None]:
        """Let every dead end say what was looked for, where, and which option skips the search."""
        before = f"Cannot find {what} in namespace {self.namespace}: "
        after = f". To skip the search, give {words.option(option)}, or {VARIABLES[option][0]} in the environment"
        try:
            with reading_answers():
                yield
        except DiscoveryFailed as error:
            error.add("".join(". " + sentence for sentence in self._unseen) + after, before)
            raise
        except ClusterError as error:
            error.add(after, before)
            raise
