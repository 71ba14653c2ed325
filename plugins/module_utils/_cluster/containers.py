# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: the containers of a namespace and their variables; which of them are LiteMaaS's backend and LiteLLM.

Follows the references that the running workload itself uses, never names of objects: the backend is the container that has
DATABASE_URL and LITELLM_API_URL. Objects that are not at hand are asked for by callables: the data of a Secret or a ConfigMap by its name.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import re
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._cluster.objects import Lookup, Object, is_alive, labels_of, name_of
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import DiscoveryFailed

DATABASE_VARIABLE = "DATABASE_URL"
PROXY_VARIABLES = ("LITELLM_API_URL", "LITELLM_API_BASE")
KEY_VARIABLE = "LITELLM_API_KEY"
MASTER_KEY_VARIABLE = "LITELLM_MASTER_KEY"

# Characters that a variable may have: no process can be started with a longer one.
LONGEST_VALUE = 128 * 1024

_REFERENCE = re.compile(r"\$(?:\$|\(([^)]*)\))")


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


def refers_to_variable(text: str) -> bool:
    """Whether a text has a reference to a variable, or what looks like one."""
    return _REFERENCE.search(text) is not None


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
            raise DiscoveryFailed("a variable with its references is too long")
        return found.group() if value is None else value

    return _REFERENCE.sub(replace, text)


def containers_of_pods(pods: t.Iterable[Object], secret: Lookup, config_map: Lookup) -> list[Container]:
    """The containers of the pods that live."""
    return [Container(spec, pod, "pod", secret, config_map) for pod in pods if is_alive(pod) for spec in pod["spec"]["containers"]]


def containers_of_templates(workloads: t.Iterable[Object], kind: str, secret: Lookup, config_map: Lookup) -> list[Container]:
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

    def having(has_database: t.Callable[[Container, str], bool], has_proxy: t.Callable[[Container, str], bool]) -> list[Container]:
        return [
            candidate
            for candidate in candidates
            if has_database(candidate, DATABASE_VARIABLE) and any(has_proxy(candidate, name) for name in PROXY_VARIABLES)
        ]

    return (
        having(Container.declares, Container.declares) or having(Container.declares, Container.has) or having(Container.has, Container.has)
    )


def find_proxies(candidates: t.Sequence[Container], backends: t.Sequence[Container]) -> list[Container]:
    """LiteLLM's containers: those with a master key that are no backend's and no other client's of LiteLLM."""
    others = [
        candidate
        for candidate in candidates
        if not any(candidate.spec is backend.spec for backend in backends) and not any(map(candidate.declares, PROXY_VARIABLES))
    ]
    declared = [candidate for candidate in others if candidate.declares(MASTER_KEY_VARIABLE)]
    return declared or [candidate for candidate in others if candidate.has(MASTER_KEY_VARIABLE)]


def agreed_value(found: t.Sequence[Container], *names: str) -> str:
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
