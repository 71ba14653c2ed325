# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cluster's API: who we are there, single GETs, and WebSockets.

Authentication is kubernetes.core's own: its options, its K8S_AUTH_* variables, a kubeconfig, in-cluster. It asks the server for its
version and groups and keeps the groups in a file in the temporary folder, as each of its modules does.

The imports are inside of functions: a run that needs no cluster does not pay for them and does not need them.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import base64
import functools
import json
import os
import re
import socket
import ssl
import threading
import typing as t
from urllib.parse import quote, urlsplit

from ansible_collections.litemaas.models.plugins.module_utils._cluster.api_errors import (
    limited,
    reason_of,
    refusal,
    server_message,
    unreachable,
    unusable_credentials,
    without_login,
)
from ansible_collections.litemaas.models.plugins.module_utils._cluster.authentication import (
    SECRET_VARIABLES,
    VARIABLE_PREFIX,
    dynamic_client,
    given_host,
    import_libraries,
    meant_server,
)
from ansible_collections.litemaas.models.plugins.module_utils._cluster.kubeconfig import Json, is_content, read_kubeconfig, secrets_of
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import ClusterError
from ansible_collections.litemaas.models.plugins.module_utils._common.redact import Redactor

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
    import_libraries()
    redactor = Redactor()
    redactor.add(*secrets_of(options), *(os.environ.get(VARIABLE_PREFIX + name) for name in SECRET_VARIABLES))
    given = {name: value for name, value in options.items() if value is not None}
    if is_content(given.get("kubeconfig")):
        given["kubeconfig"] = read_kubeconfig(given["kubeconfig"])
    host = given_host(given)
    if host and not host.startswith(("https://", "http://")):
        raise unusable_credentials(f"{without_login(host)} as kubernetes.host (K8S_AUTH_HOST) is not an address such as https://HOST:PORT")
    client = limited(lambda: dynamic_client(given), timeout, lambda: meant_server(given), redactor, "/version")
    return Cluster(client, timeout, redactor)


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
        return without_login(self._api.configuration.host)

    def get(self, path: str) -> Json:
        """GET an API path such as ``/api/v1/namespaces/NAMESPACE/pods``: a JSON object. Raises a ClusterError."""

        def ask() -> t.Any:
            return self._client.request("GET", path, serialize=False, _request_timeout=self._timeout).data

        answer = limited(ask, self._timeout, self.described, self._redactor, path)
        try:
            found = json.loads(answer)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise ClusterError(f"{self.described()} is not a Kubernetes API: {path} is not a JSON object")
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
                raise ClusterError(f"{self.described()} is not a Kubernetes API: {path} is not a list of objects")
            found += items
            rest = metadata.get("continue") if isinstance(metadata, dict) else None
            if not rest:
                return found
            if parts == _MOST_PARTS:
                raise ClusterError(f"{self.described()} is not a Kubernetes API: the list {path} does not end")
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
            raise refusal(status, server_message(body), self.described(), self._redactor, path, upgrade=True) from None
        except (OSError, websocket.WebSocketException) as error:
            raise unreachable(self.described(), self._redactor.text(reason_of(error))) from None
        if opened.getstatus() != _SWITCHED:
            # Older websocket-client returns the answer that would lead to another server.
            opened.shutdown()
            raise refusal(opened.getstatus(), "", self.described(), self._redactor, path, upgrade=True)
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
