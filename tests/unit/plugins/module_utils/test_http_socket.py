# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP over a Unix socket: all that holds for a host and a port holds there too, and no proxy comes in between."""

from __future__ import annotations

import http.server
import os
import shutil
import socketserver
import ssl
import tempfile
import threading

import pytest
import trustme

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import ProxyTimeout, ProxyUnreachable
from ansible_collections.litemaas.models.plugins.module_utils._litellm.transport import Http
from tests.support.endpoints import proxy_connection

NAME = "litellm.litemaas.svc"


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers with the headers that it got."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.connections.add(self.connection.fileno())
        if self.path.startswith("/slow"):
            threading.Event().wait(0.5)
        data = '{{"host": "{0}", "key": "{1}"}}'.format(self.headers["Host"], self.headers["Authorization"]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        """Say nothing."""


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """An HTTP server on a Unix socket."""

    daemon_threads = True

    def handle_error(self, request, client_address):
        """Say nothing."""


@pytest.fixture
def path():
    directory = tempfile.mkdtemp(prefix="litemaas-", dir="/tmp")
    yield os.path.join(directory, "socket")
    shutil.rmtree(directory)


@pytest.fixture
def server(path):
    running = Server(path, Handler)
    running.connections = set()
    threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
    yield running
    running.shutdown()
    running.server_close()


def client(path, scheme="http", **options):
    given = dict({"timeout": 1, "retries": 0, "retry_delay": 0.01}, **options)
    return Http(proxy_connection(f"{scheme}://{NAME}:4000", "sk-1234", {"socket_path": path}, **given))


def test_requests_share_a_connection_and_pass_by_the_proxy(server, path, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    http_client = client(path)
    for _request in range(3):
        assert http_client.get("/x") == {"host": NAME + ":4000", "key": "Bearer sk-1234"}
    assert len(server.connections) == 1
    http_client.reconnect()
    assert http_client.get("/x")["host"] == NAME + ":4000"


def test_nobody_listens(path):
    with pytest.raises(ProxyUnreachable) as raised:
        client(path).get("/x")
    assert f"Failed to connect to LiteLLM at http://{NAME}:4000: " in raised.value.message
    assert "No such file" in raised.value.message
    assert raised.value.ambiguous is False


def test_the_limit_holds(server, path):
    with pytest.raises(ProxyTimeout):
        client(path, timeout=0.1).get("/slow")


def test_tls_is_checked_for_the_name_of_the_address(server, path, tmp_path, monkeypatch):
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(NAME).configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    ca_path = str(tmp_path / "ca.pem")
    assert client(path, "https", verify=ca_path).get("/x")["key"] == "Bearer sk-1234"
    with pytest.raises(ProxyUnreachable) as raised:
        client(path, "https").get("/x")
    assert "is not trusted" in raised.value.message
    other = Http(proxy_connection("https://other.example.test", "sk-1234", {"socket_path": path}, verify=ca_path, timeout=1, retries=0))
    with pytest.raises(ProxyUnreachable) as raised:
        other.get("/x")
    assert "for another name" in raised.value.message
