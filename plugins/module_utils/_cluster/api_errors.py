# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What goes wrong at the cluster's API, as errors with a sentence that a person can act on."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.background import Background, TooLate
from ansible_collections.litemaas.models.plugins.module_utils._common.counted import counted
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import (
    ClusterError,
    ClusterRefused,
    ClusterUnreachable,
    NotInCluster,
    RightMissing,
)
from ansible_collections.litemaas.models.plugins.module_utils._common.network import root_cause
from ansible_collections.litemaas.models.plugins.module_utils._common.redact import Redactor

# /api/v1/namespaces/NAMESPACE/RESOURCE/NAME/SUBRESOURCE, or /apis/GROUP/VERSION/namespaces/...
_PATH = re.compile(
    r"/(?:api/[^/]+|apis/(?P<group>[^/]+)/[^/]+)(?:/namespaces/(?P<namespace>[^/]+))?"
    r"/(?P<resource>[^/?]+)(?:/(?P<name>[^/?]+))?(?:/(?P<subresource>[^/?]+))?(?:\?.*)?$"
)
# What the API server says of a right that is not there; the text after "forbidden: " may be empty.
_FORBIDDEN = re.compile(
    r'User "(?P<user>[^"]*)" cannot (?P<verb>\S+) resource "(?P<resource>[^"]*)" in API group "(?P<group>[^"]*)"'
    r'(?: in the namespace "(?P<namespace>[^"]*)"| at the cluster scope)'
)
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_ANONYMOUS = "system:anonymous"


def without_login(address: t.Any) -> str:
    """An address without user and password."""
    scheme, separator, rest = str(address).rpartition("://")
    return scheme + separator + rest.rpartition("@")[2].rstrip("/")


def limited(call: t.Callable[[], t.Any], timeout: float, server: t.Callable[[], str], redactor: Redactor, path: str) -> t.Any:
    """What a call of the libraries returns, at most ``timeout`` seconds later. Whatever it raises becomes a ClusterError."""
    from kubernetes.client.rest import ApiException
    from kubernetes.config import ConfigException

    from ansible_collections.kubernetes.core.plugins.module_utils.k8s.exceptions import CoreException

    try:
        return Background(call).result(timeout)
    except TooLate:
        raise unreachable(server(), "no answer in {0}".format(counted(timeout, "second"))) from None
    except ApiException as error:
        if not error.status:
            raise unreachable(server(), redactor.text(reason_of(error))) from None
        raise refusal(error.status, server_message(error.body), server(), redactor, path) from None
    except (CoreException, ConfigException) as error:
        raise unusable_credentials(redactor.text(str(error))[:300]) from None
    except Exception as error:  # pylint: disable=broad-except
        # urllib3's errors, files that are not there, and what else a client of one of many versions raises.
        raise _other(error, server(), redactor) from None


def _other(error: Exception, server: str, redactor: Redactor) -> ClusterError:
    from urllib3.exceptions import HTTPError

    if isinstance(error, HTTPError):
        return unreachable(server, redactor.text(reason_of(error)))
    if isinstance(error, OSError):
        return unusable_credentials(redactor.text(str(error)))
    if isinstance(error, UnicodeEncodeError) or "header value" in str(error):
        return unusable_credentials("the token or another value has a line break or a character that cannot be sent")
    return unusable_credentials(f"{type(error).__name__} in kubernetes.core's get_api_client")


def unreachable(server: str, reason: str) -> ClusterUnreachable:
    """The error for a server that there is no connection to, with what to do about the reason."""
    if "mismatch" in reason or "doesn't match" in reason:
        reason += ". Use an address that is in the certificate, or give its name as tls-server-name in the kubeconfig"
    elif "certificate verify failed" in reason.lower() or "CERTIFICATE_VERIFY_FAILED" in reason:
        reason += ". Give its CA as kubernetes.ca_cert (K8S_AUTH_SSL_CA_CERT), or set kubernetes.validate_certs to false"
    elif "redirect" in reason.lower():
        reason += ". If the redirect leads to the cluster, give that address: credentials are not sent to another server"
    elif "407" in reason:
        reason += ". Give the proxy's user and password as kubernetes.proxy_headers.proxy_basic_auth (USER:PASSWORD)"
    return ClusterUnreachable(f"Failed to connect to the cluster at {server}: {reason}")


def unusable_credentials(reason: str) -> ClusterError:
    """The error for credentials that nothing can be asked with."""
    return ClusterError(
        "The credentials for the cluster cannot be used: {0}. Give kubernetes.kubeconfig, or kubernetes.host and kubernetes.api_key, "
        "or set K8S_AUTH_KUBECONFIG, or K8S_AUTH_HOST and K8S_AUTH_API_KEY".format(reason.rstrip("."))
    )


def reason_of(error: BaseException) -> str:
    """The innermost reason in a few words."""
    return root_cause(error).strip()[:300] or type(error).__name__


def server_message(body: str | bytes | None) -> str:
    """What the API server says: the message of its Status object, else nothing."""
    try:
        message = json.loads(body or "")["message"]
    except (TypeError, ValueError, KeyError):
        return ""
    return one_line(str(message))[:500]


def one_line(text: str) -> str:
    """What another program says, without line breaks, colours and what else a terminal would obey."""
    shown = "".join(letter if letter.isprintable() else " " for letter in _COLOURS.sub("", text))
    return " ".join(shown.split())


def refusal(status: int, message: str, server: str, redactor: Redactor, path: str, upgrade: bool = False) -> ClusterError:
    """The error for an answer that is none of success. ``upgrade``: a WebSocket was asked for."""
    message = redactor.text(message)
    said = f" The cluster says: {message}" if message else ""
    if status == 401 or (status == 403 and f'"{_ANONYMOUS}"' in message):
        return ClusterRefused(
            f"The cluster at {server} does not accept the credentials (HTTP {status}): the token is wrong or has expired, "
            "or the kubeconfig has none that can be used",
            status=status,
        )
    place = _PATH.match(path)
    if status == 403:
        return _right_missing(message, place, upgrade)
    if status == 404:
        return _not_there(message, place, server, path)
    return ClusterError(f"The cluster at {server} failed with HTTP {status} at {path}.{said}", status=status)


def _right_missing(message: str, place: t.Match[str] | None, upgrade: bool) -> RightMissing:
    """403: which right it is that is missing, from the server's words, else from what was asked for."""
    said = _FORBIDDEN.search(message)
    asked = place.groupdict() if place else {}
    name, subresource = asked.get("name"), asked.get("subresource")
    resource = "/".join(part for part in (asked.get("resource") or "this path", subresource) if part)
    verb = "create" if upgrade else "get" if name else "list"
    namespace = asked.get("namespace")
    if said:
        verb, namespace = said.group("verb"), said.group("namespace") or ""
        # Of an impersonation the server names another resource than the one asked for.
        name = name if said.group("resource") == resource else None
        resource = said.group("resource")
    sentence = "The user{0} may not {1} {2}{3}{4} (HTTP 403){5}. See examples/rbac.yml for the rights that are needed".format(
        ' "{0}"'.format(said.group("user")) if said else "",
        verb,
        resource,
        f' "{name}"' if name else "",
        f" in namespace {namespace}" if namespace else "",
        # An ordinary user gets the same answer where there is none.
        ", or there is no namespace of that name" if namespace and verb == "list" else "",
    )
    return RightMissing(sentence, status=403, verb=verb, resource=resource, name=name, namespace=namespace or None)


def _not_there(message: str, place: t.Match[str] | None, server: str, path: str) -> NotInCluster:
    """404: no such object, or no such API."""
    if place and place.group("name") and message:
        sentence = "There is no {0}/{1} in namespace {2}".format(place.group("resource"), place.group("name"), place.group("namespace"))
    else:
        sentence = f"The cluster at {server} has no {path}"
    resource, name = (place.group("resource"), place.group("name")) if place else (None, None)
    return NotInCluster(sentence + " (HTTP 404)", status=404, resource=resource, name=name)
