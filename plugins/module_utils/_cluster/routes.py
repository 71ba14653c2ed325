# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: the addresses of Routes and Ingresses that lead to a Service, and what tells two addresses apart."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import typing as t
from urllib.parse import urlsplit

from ansible_collections.litemaas.models.plugins.module_utils._cluster.objects import Object, name_of, selects


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


def host_of(url: str) -> tuple[str, int]:
    """Host and port of an address; an empty host where it is none."""
    try:
        parts = urlsplit(url)
        return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return "", 0
