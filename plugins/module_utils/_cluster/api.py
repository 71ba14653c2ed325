# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

"""The cluster's API: who we are there, single GETs, and WebSockets. The only place that knows kubernetes.core and its libraries.

Authentication is kubernetes.core's own: its options, its K8S_AUTH_* variables, a kubeconfig, in-cluster. It asks the server for its
version and groups and keeps the groups in a file in the temporary folder, as each of its modules does. Other than there, options that
say which cluster or which user are not mixed with variables that say the same: see ``_overruled``.

The imports are inside of functions: a run that needs no cluster does not pay for them and does not need them.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import json
import logging
import os
import re
import socket
import ssl
import threading
import typing as t
from urllib.parse import quote, urlsplit

from ansible.module_utils.common.validation import check_type_dict

from ansible_collections.litemaas.models.plugins.module_utils._common.background import Background, TooLate
from ansible_collections.litemaas.models.plugins.module_utils._common.counted import counted
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import (
    ClusterError,
    ClusterRefused,
    ClusterUnreachable,
    MissingLibrary,
    NotInCluster,
    RightMissing,
)
from ansible_collections.litemaas.models.plugins.module_utils._common.libraries import missing
from ansible_collections.litemaas.models.plugins.module_utils._common.network import root_cause
from ansible_collections.litemaas.models.plugins.module_utils._common.redact import Redactor
from ansible_collections.litemaas.models.plugins.module_utils._common.secrets_in_text import url_password

Json = dict[str, t.Any]

# What may be shown of the options, and of a kubeconfig that is given as such: by the names that lead there. All else may be a secret.
_HARMLESS = frozenset(
    [
        "context",
        "username",
        "validate_certs",
        "ca_cert",
        "client_cert",
        "client_key",
        "no_proxy",
        "proxy_headers.user_agent",
        "impersonate_user",
        "impersonate_groups",
        "kubeconfig.apiVersion",
        "kubeconfig.kind",
        "kubeconfig.current-context",
        "kubeconfig.clusters.name",
        "kubeconfig.clusters.cluster.certificate-authority",
        "kubeconfig.clusters.cluster.tls-server-name",
        "kubeconfig.contexts.name",
        "kubeconfig.contexts.context.cluster",
        "kubeconfig.contexts.context.user",
        "kubeconfig.contexts.context.namespace",
        "kubeconfig.users.name",
        "kubeconfig.users.user.client-certificate",
        "kubeconfig.users.user.client-key",
        "kubeconfig.users.user.tokenFile",
        "kubeconfig.users.user.username",
        "kubeconfig.users.user.as",
        "kubeconfig.users.user.exec.apiVersion",
        "kubeconfig.users.user.exec.command",
        "kubeconfig.users.user.exec.interactiveMode",
        "kubeconfig.users.user.exec.env.name",
    ]
)
# The same, but for a password in it.
_ADDRESSES = frozenset(["host", "proxy", "kubeconfig.clusters.cluster.server", "kubeconfig.clusters.cluster.proxy-url"])

# kubernetes.core's variables, and those of them that are secrets.
_VARIABLE = "K8S_AUTH_"
_SECRET_VARIABLES = ("API_KEY", "PASSWORD", "PROXY_HEADERS_PROXY_BASIC_AUTH", "PROXY_HEADERS_BASIC_AUTH")

# Beginnings of the names of its variables: how to get to a cluster, whichever that is; and which cluster it is.
_WAY_VARIABLES = ("PROXY", "NO_PROXY")
_SERVER_VARIABLES = ("HOST", "VERIFY_SSL", "VALIDATE_CERTS", "SSL_CA_CERT", "CA_CERT", "KUBECONFIG", "CONTEXT")

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
_SWITCHED = 101
# An API gives at least some hundred objects at once.
_MOST_PARTS = 1000

# websocket-client looks into the environment for a proxy unless it is given one, and for exceptions unless it is given some.
_NO_PROXY_AT_ALL = {"http_proxy_host": "none.invalid", "http_proxy_port": 1, "http_no_proxy": ["*"]}
_NO_EXCEPTION = ["no.exception.invalid"]


def connect(options: t.Mapping[str, t.Any], timeout: float) -> Cluster:
    """The cluster that kubernetes.core's authentication options mean; None and what is not given is taken from its environment.

    ``timeout`` in seconds holds for each step. Raises MissingLibrary or a ClusterError.
    """
    _import_libraries()
    redactor = Redactor()
    redactor.add(*secrets_of(options), *(os.environ.get(_VARIABLE + name) for name in _SECRET_VARIABLES))
    given = {name: value for name, value in options.items() if value is not None}
    if _is_content(given.get("kubeconfig")):
        given["kubeconfig"] = _read_kubeconfig(given["kubeconfig"])
    host = _given_host(given)
    if host and not host.startswith(("https://", "http://")):
        raise _unusable(f"{_without_login(host)} as kubernetes.host (K8S_AUTH_HOST) is no address such as https://HOST:PORT")
    client = _limited(lambda: _dynamic_client(given), timeout, lambda: _meant_server(given), redactor, "/version")
    return Cluster(client, timeout, redactor)


def secrets_of(options: t.Any) -> list[t.Any]:
    """The scalars that must not be shown of the option ``kubernetes``, as it was given: as a dictionary, as a text of one, or wrongly."""
    if isinstance(options, dict):
        return _secrets_at("", options)
    try:
        return [options, *_secrets_at("", check_type_dict(options))]
    except (TypeError, ValueError, RecursionError):
        return [options]


def _secrets_at(place: str, value: t.Any) -> list[t.Any]:
    """What may be a secret at a place, which is the names that lead there; a list is no place of its own."""
    if isinstance(value, dict):
        below = [_secrets_at(f"{place}.{name}".lstrip("."), member) for name, member in value.items()]
    elif isinstance(value, list):
        below = [_secrets_at(place, member) for member in value]
    elif place == "kubeconfig" and isinstance(value, str):
        below = [_secrets_of_text(value)]
    elif place in _ADDRESSES:
        below = [url_password(value)]
    else:
        below = [[] if place in _HARMLESS else [value]]
    return [secret for secrets in below for secret in secrets]


def _secrets_of_text(kubeconfig: str) -> list[t.Any]:
    if not _is_content(kubeconfig):
        return []
    try:
        return [kubeconfig, *_secrets_at("kubeconfig", _read_kubeconfig(kubeconfig))]
    except (ClusterError, ImportError, RecursionError):
        return [kubeconfig]


def _is_content(kubeconfig: t.Any) -> bool:
    """Whether a kubeconfig is given as text, and not as a path: as what neither is there nor looks like one."""
    text = kubeconfig.strip() if isinstance(kubeconfig, str) else ""
    if "\n" in text or not text:
        return bool(text)
    return not (text.startswith(("/", "~", ".")) or any(os.path.exists(path) for path in text.split(os.pathsep)))


def _read_kubeconfig(text: str) -> Json:
    """A kubeconfig's content, YAML or JSON. Raises ClusterError, whose text holds nothing of it."""
    import yaml

    try:
        content = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise _unusable("kubernetes.kubeconfig is neither a path nor the content of a kubeconfig")
    return content


class Cluster:
    """One API server, as one user."""

    def __init__(self, client: t.Any, timeout: float, redactor: Redactor) -> None:
        self._client = client
        self._api = client.client
        self._timeout = timeout
        self._redactor = redactor
        # Asking for the token may renew it.
        self._credentials = threading.Lock()
        self._token()
        # Another server gets no request, and its answers are not this cluster's.
        pool = self._api.rest_client.pool_manager
        pool.request = functools.partial(pool.request, redirect=False)

    def described(self) -> str:
        """The server's address, without secrets."""
        return _without_login(self._api.configuration.host)

    def get(self, path: str) -> Json:
        """GET an API path such as ``/api/v1/namespaces/NAMESPACE/pods``: a JSON object. Raises a ClusterError."""

        def ask() -> t.Any:
            return self._client.request("GET", path, serialize=False, _request_timeout=self._timeout).data

        answer = _limited(ask, self._timeout, self.described, self._redactor, path)
        try:
            found = json.loads(answer)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise ClusterError(f"{self.described()} is no Kubernetes API: {path} is no JSON object")
        return found

    def items(self, path: str) -> list[Json]:
        """The objects of a list, all of them: an API may give it in parts. Raises a ClusterError."""
        found: list[Json] = []
        page, parts = self.get(path), 1
        while True:
            items, metadata = page.get("items"), page.get("metadata")
            if items is None and "items" in page:
                # As a server written in Go may write an empty list.
                items = []
            if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
                raise ClusterError(f"{self.described()} is no Kubernetes API: {path} is no list of objects")
            found += items
            rest = metadata.get("continue") if isinstance(metadata, dict) else None
            if not rest:
                return found
            if parts == _MOST_PARTS:
                raise ClusterError(f"{self.described()} is no Kubernetes API: the list {path} does not end")
            parts += 1
            page = self.get("{0}{1}continue={2}".format(path, "&" if "?" in path else "?", quote(str(rest), safe="")))

    def dial(self, path: str, protocol: str, timeout: float) -> socket.socket:
        """Open a WebSocket on an API path with a subprotocol; returns its socket right behind the handshake. Raises a ClusterError.

        kubernetes.stream's own handshake has no timeout and leaves the headers of impersonation out: it would run as somebody else.
        """
        import websocket

        configuration = self._api.configuration
        try:
            opened = websocket.create_connection(
                re.sub("^http", "ws", configuration.host) + path,
                timeout=timeout,
                header=self._headers(),
                sslopt=_tls_options(configuration),
                subprotocols=[protocol],
                redirect_limit=0,
                **self._proxy_options(),
            )
        except websocket.WebSocketBadStatusException as error:
            status, body = error.status_code, getattr(error, "resp_body", None)
            raise _refusal(status, _server_message(body), self.described(), self._redactor, path, upgrade=True) from None
        except (OSError, websocket.WebSocketException) as error:
            raise _unreachable(self.described(), self._redactor.text(_reason(error))) from None
        if opened.getstatus() != _SWITCHED:
            # Older websocket-client returns the answer that would lead to another server.
            opened.shutdown()
            raise _refusal(opened.getstatus(), "", self.described(), self._redactor, path, upgrade=True)
        return t.cast("socket.socket", opened.sock)

    def close(self) -> None:
        """Close the connections. kubernetes.core keeps its client for a later run in this process, which opens new ones."""
        self._api.rest_client.pool_manager.clear()

    def _headers(self) -> list[str]:
        """The headers of every request: the token and whom we impersonate."""
        headers = [f"{name}: {value}" for name, value in self._api.default_headers.items()]
        token = self._token()
        return [*headers, f"Authorization: {token}"] if token else headers

    def _token(self) -> str:
        """The value of the header that says who we are ("Bearer ..."), or the empty text. Registers the token as a secret."""
        configuration = self._api.configuration
        with self._credentials:
            # The name is the first with kubernetes 37 and the second with older ones and with kubernetes.core.
            tokens = [configuration.get_api_key_with_prefix(name) for name in ("BearerToken", "authorization")]
        token = next((token for token in tokens if token), "")
        self._redactor.add(token.rpartition(" ")[2])
        return token

    def _proxy_options(self) -> Json:
        """How create_connection gets there: as the client's own requests do."""
        configuration = self._api.configuration
        if getattr(self._api.rest_client.pool_manager, "proxy", None) is None:
            return _NO_PROXY_AT_ALL
        proxy = urlsplit(configuration.proxy)
        options = {"http_proxy_host": proxy.hostname, "http_proxy_port": proxy.port or 80, "http_no_proxy": _NO_EXCEPTION}
        login = (configuration.proxy_headers or {}).get("proxy-authorization", "").partition(" ")[2]
        if login:
            options["http_proxy_auth"] = tuple(base64.b64decode(login).decode("utf-8").split(":", 1))
        return options


# --- what the libraries need -------------------------------------------------------------------------------------------------


def _import_libraries() -> None:
    """Raise MissingLibrary where something is not installed."""
    try:
        import kubernetes.dynamic  # noqa: F401 # pylint: disable=unused-import
        import websocket  # noqa: F401 # pylint: disable=unused-import
    except ImportError:
        raise missing(
            "kubernetes", ". Without kubernetes: give litellm_url, litellm_api_key and database_url instead of namespace"
        ) from None
    try:
        from ansible_collections.kubernetes.core.plugins.module_utils.k8s.client import (  # noqa: F401 # pylint: disable=unused-import
            get_api_client,
        )
    except ImportError:
        raise MissingLibrary(
            "The collection kubernetes.core is not installed, and the namespace cannot be looked into: "
            "ansible-galaxy collection install kubernetes.core, or give litellm_url, litellm_api_key and database_url"
        ) from None


def _dynamic_client(options: Json) -> t.Any:
    from kubernetes.config import ConfigException

    from ansible_collections.kubernetes.core.plugins.module_utils.k8s.client import get_api_client
    from ansible_collections.kubernetes.core.plugins.module_utils.k8s.exceptions import CoreException

    with _without_variables(_overruled(options)), _programs_complaint():
        try:
            return get_api_client(**options).client
        except (CoreException, ConfigException) as error:
            raise CoreException(_why_unusable(options, str(error))) from error


def _why_unusable(options: Json, reason: str) -> str:
    """The reason with the kubeconfig that it is about. Of what is given as one, only what is clearly a path is shown."""
    kubeconfigs = {
        "kubernetes.kubeconfig": options.get("kubeconfig"),
        "K8S_AUTH_KUBECONFIG": os.environ.get("K8S_AUTH_KUBECONFIG"),
        "KUBECONFIG": os.environ.get("KUBECONFIG"),
    }
    for name, given in kubeconfigs.items():
        if given:
            is_path = str(given).startswith(("/", "~", ".")) and not _is_content(given)
            return "the kubeconfig of {0}{1}: {2}".format(name, f" ({given})" if is_path else "", reason)
    if options.get("host") or os.environ.get("K8S_AUTH_HOST"):
        return "kubernetes.host (K8S_AUTH_HOST) is given and its token, kubernetes.api_key (K8S_AUTH_API_KEY), is missing"
    return f"the kubeconfig ~/.kube/config: {reason}"


@contextlib.contextmanager
def _programs_complaint() -> t.Iterator[None]:
    """Raise ConfigException where a kubeconfig's program gives no credentials: kubernetes logs that, and goes on as nobody."""
    from kubernetes.config import ConfigException

    said: list[str] = []

    class Listening(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.funcName == "_load_from_exec_plugin":
                said.append(one_line(record.getMessage()))

    listening = Listening()
    logging.getLogger().addHandler(listening)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(listening)
        if said:
            raise ConfigException(f"the program that the kubeconfig names gives none ({said[0]})") from None


def _overruled(options: t.Mapping[str, t.Any]) -> list[str]:
    """The variables that must not count beside these options: a kubeconfig or a host means that cluster and nobody of another one.

    kubernetes.core prefers a host and a token, wherever they come from, to a kubeconfig, and impersonates whom a variable names.
    """
    if options.get("kubeconfig") or options.get("host"):
        counting: tuple[str, ...] = _WAY_VARIABLES
    elif options.get("context"):
        counting = (*_WAY_VARIABLES, "KUBECONFIG")
    elif any(options.get(name) for name in ("api_key", "username", "password", "client_cert")):
        counting = _WAY_VARIABLES + _SERVER_VARIABLES
    else:
        return []
    return [name for name in os.environ if name.startswith(_VARIABLE) and not name[len(_VARIABLE) :].startswith(counting)]


@contextlib.contextmanager
def _without_variables(names: list[str]) -> t.Iterator[None]:
    taken = {name: os.environ.pop(name) for name in names}
    try:
        yield
    finally:
        os.environ.update(taken)


def _given_host(options: t.Mapping[str, t.Any]) -> str:
    """The address that an option or a variable gives, or the empty text."""
    name = _VARIABLE + "HOST"
    return str(options.get("host") or ("" if name in _overruled(options) else os.environ.get(name)) or "")


def _meant_server(options: Json) -> str:
    """The address for a message, when there is no client yet: what was given, else what the kubeconfig that was read says."""
    import kubernetes

    given = _given_host(options)
    read = kubernetes.client.Configuration.get_default_copy().host
    if not given and read == kubernetes.client.Configuration().host:
        return "the address of the kubeconfig"
    return _without_login(given or read)


def _without_login(address: t.Any) -> str:
    scheme, separator, rest = str(address).rpartition("://")
    return scheme + separator + rest.rpartition("@")[2].rstrip("/")


def _tls_options(configuration: t.Any) -> Json:
    """create_connection's ``sslopt`` for what the client's own requests use. Only these authorities count, no variable."""
    if not configuration.verify_ssl:
        options: Json = {"cert_reqs": ssl.CERT_NONE, "check_hostname": False}
    else:
        import certifi

        options = {"cert_reqs": ssl.CERT_REQUIRED, "ca_certs": configuration.ssl_ca_cert or certifi.where()}
    optional = {
        "certfile": configuration.cert_file,
        "keyfile": configuration.key_file,
        "server_hostname": getattr(configuration, "tls_server_name", None),
    }
    options.update({name: value for name, value in optional.items() if value})
    return options


# --- errors as sentences -------------------------------------------------------------------------------------------------------


def _limited(call: t.Callable[[], t.Any], timeout: float, server: t.Callable[[], str], redactor: Redactor, path: str) -> t.Any:
    """What a call of the libraries returns, at most ``timeout`` seconds later. Whatever it raises becomes a ClusterError."""
    from kubernetes.client.rest import ApiException
    from kubernetes.config import ConfigException

    from ansible_collections.kubernetes.core.plugins.module_utils.k8s.exceptions import CoreException

    try:
        return Background(call).result(timeout)
    except TooLate:
        raise _unreachable(server(), "no answer in {0}".format(counted(timeout, "second"))) from None
    except ApiException as error:
        if not error.status:
            raise _unreachable(server(), redactor.text(_reason(error))) from None
        raise _refusal(error.status, _server_message(error.body), server(), redactor, path) from None
    except (CoreException, ConfigException) as error:
        raise _unusable(redactor.text(str(error))[:300]) from None
    except Exception as error:  # pylint: disable=broad-except
        # urllib3's errors, files that are not there, and what else a client of one of many versions raises.
        raise _other(error, server(), redactor) from None


def _other(error: Exception, server: str, redactor: Redactor) -> ClusterError:
    from urllib3.exceptions import HTTPError

    if isinstance(error, HTTPError):
        return _unreachable(server, redactor.text(_reason(error)))
    if isinstance(error, OSError):
        return _unusable(redactor.text(str(error)))
    if isinstance(error, UnicodeEncodeError) or "header value" in str(error):
        return _unusable("the token or another value of theirs has a line break or a letter that cannot be sent")
    return _unusable(f"{type(error).__name__} in kubernetes.core's get_api_client")


def _unreachable(server: str, reason: str) -> ClusterUnreachable:
    if "mismatch" in reason or "doesn't match" in reason:
        reason += ". Use an address that is in the certificate, or give its name as tls-server-name in the kubeconfig"
    elif "certificate verify failed" in reason.lower() or "CERTIFICATE_VERIFY_FAILED" in reason:
        reason += ". Give its CA as kubernetes.ca_cert (K8S_AUTH_SSL_CA_CERT), or set kubernetes.validate_certs to false"
    elif "redirect" in reason.lower():
        reason += ". Give the address that it leads to, if that is the cluster's: credentials are not taken to another server"
    elif "407" in reason:
        reason += ". Give the proxy's user and password as kubernetes.proxy_headers.proxy_basic_auth (USER:PASSWORD)"
    return ClusterUnreachable(f"Failed to connect to the cluster at {server}: {reason}")


def _unusable(reason: str) -> ClusterError:
    return ClusterError(
        "The credentials for the cluster cannot be used: {0}. Give kubernetes.kubeconfig, or kubernetes.host and kubernetes.api_key, "
        "or set K8S_AUTH_KUBECONFIG, or K8S_AUTH_HOST and K8S_AUTH_API_KEY".format(reason.rstrip("."))
    )


def _reason(error: BaseException) -> str:
    """The innermost reason in a few words."""
    return root_cause(error).strip()[:300] or type(error).__name__


def _server_message(body: str | bytes | None) -> str:
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


def _refusal(status: int, message: str, server: str, redactor: Redactor, path: str, upgrade: bool = False) -> ClusterError:
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
