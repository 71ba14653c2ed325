# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: objects of the Kubernetes API, as it has them in JSON: names, labels, states of pods."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import DiscoveryFailed

Object = t.Mapping[str, t.Any]
# The data of a Secret or a ConfigMap by its name; None where there is none of that name.
Lookup = t.Callable[[str], t.Optional[t.Mapping[str, str]]]
# The objects of a kind ("pods", "services", "endpointslices") in a namespace.
Listing = t.Callable[[str, str], t.Sequence[Object]]
SLICE_LABEL = "kubernetes.io/service-name"


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


def name_of(thing: Object) -> str:
    """The name of an object."""
    return str(thing["metadata"]["name"])


def labels_of(thing: Object) -> t.Mapping[str, str]:
    """The labels of a pod or of a pod's template."""
    return (thing.get("metadata") or {}).get("labels") or {}


def is_alive(pod: Object) -> bool:
    """Whether a pod is to stay: it is not being deleted, has not ended and is no pod of a job."""
    meta = pod["metadata"]
    owners = [owner.get("kind") for owner in meta.get("ownerReferences") or ()]
    return not meta.get("deletionTimestamp") and status_of(pod) not in ("Succeeded", "Failed") and "Job" not in owners


def status_of(pod: Object) -> str:
    """The phase of a pod."""
    return str((pod.get("status") or {}).get("phase") or "Unknown")


def is_ready(pod: Object) -> bool:
    """Whether a pod takes connections."""
    conditions = (pod.get("status") or {}).get("conditions") or ()
    is_ready = any(condition.get("type") == "Ready" and condition.get("status") == "True" for condition in conditions)
    return is_ready and status_of(pod) == "Running" and not pod["metadata"].get("deletionTimestamp")


def selects(selector: t.Mapping[str, str] | None, labels: t.Mapping[str, str]) -> bool:
    """Whether a Service's selector takes a pod with these labels. An empty selector takes none."""
    if not selector:
        return False
    return all(labels.get(name) == value for name, value in selector.items())


def ports_of(service: Object) -> list[int]:
    """The ports of a Service."""
    return [int(entry["port"]) for entry in service["spec"].get("ports") or ()]
