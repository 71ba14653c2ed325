# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two small HTTP servers: one that takes notifications and remembers them, and a forward proxy that remembers what goes through.

with Receiver() as receiver:
    receiver.statuses = [503, 200]       # one each request, the last one for ever
    ...                                  # use receiver.url
    assert receiver.notifications[0].json()["event"] == "litemaas_model_sync.changed"
"""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import http.server
import json
import select
import socket
import ssl
import threading
import time
import urllib.parse
import urllib.request
from types import TracebackType
from typing import Any

CONNECT_TIMEOUT_S = 10


@dataclasses.dataclass(frozen=True)
class Notification:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body's JSON value."""
        return json.loads(self.body)


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    owner: Any

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that refuse a certificate are part of the tests."""


class Serving:
    """A server on a free port of 127.0.0.1, in threads of this process; a context manager."""

    def __init__(self, handler: type[http.server.BaseHTTPRequestHandler], context: ssl.SSLContext | None = None) -> None:
        self._server = _Server(("127.0.0.1", 0), handler)
        self._server.owner = self
        if context:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        scheme = "https" if context else "http"
        self.url = f"{scheme}://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Any:
        """Start serving."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


class Quiet(http.server.BaseHTTPRequestHandler):
    """A handler without an access log."""

    server: _Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class names it so)
        """Write no access log."""

    def answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        """Send a whole answer."""
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class Receiver(Serving):
    """Takes notifications. ``delay_s``: wait before each answer. ``location``: where a redirect leads."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        """Listen; with a TLS context as https."""
        super().__init__(_ReceiverHandler, context)
        self.statuses = [200]
        self.delay_s = 0.0
        self.location = ""
        self.notifications: list[Notification] = []


class _ReceiverHandler(Quiet):
    def do_POST(self) -> None:
        owner: Receiver = self.server.owner
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        owner.notifications.append(Notification(self.path, dict(self.headers), body))
        status = owner.statuses.pop(0) if len(owner.statuses) > 1 else owner.statuses[0]
        time.sleep(owner.delay_s)
        with contextlib.suppress(OSError):
            self.answer(status, b"{}", {"Location": owner.location} if owner.location else None)

    def do_GET(self) -> None:
        """Remember it too: nobody should come with GET."""
        self.do_POST()


class ForwardProxy(Serving):
    """Passes plain requests on and opens tunnels (CONNECT). With ``credentials`` ("user:password") it demands them.

    ``targets`` is where clients wanted to go, in the order of arrival: an address, or "host:port" of a tunnel.
    """

    def __init__(self, credentials: str = "") -> None:
        """Listen."""
        super().__init__(_ForwardHandler)
        self.wanted = "Basic " + base64.b64encode(credentials.encode()).decode() if credentials else ""
        self.targets: list[str] = []


class _ForwardHandler(Quiet):
    def _admitted(self) -> bool:
        owner: ForwardProxy = self.server.owner
        if owner.wanted and self.headers.get("Proxy-Authorization") != owner.wanted:
            self.answer(407, b"who are you", {"Proxy-Authenticate": "Basic"})
            return False
        owner.targets.append(self.path)
        return True

    def do_GET(self) -> None:
        self._pass_on(None)

    def do_POST(self) -> None:
        self._pass_on(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def _pass_on(self, body: bytes | None) -> None:
        if not self._admitted():
            return
        headers = {name: value for name, value in self.headers.items() if not name.lower().startswith(("proxy-", "connection", "host"))}
        request = urllib.request.Request(self.path, data=body, headers=headers, method=self.command)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=CONNECT_TIMEOUT_S) as answer:
            self.answer(answer.status, answer.read(), {"Content-Type": answer.headers.get("Content-Type") or "text/plain"})

    def do_CONNECT(self) -> None:
        if not self._admitted():
            return
        target = urllib.parse.urlsplit(f"//{self.path}")
        with socket.create_connection((target.hostname or "", target.port or 443), CONNECT_TIMEOUT_S) as upstream:
            self.send_response(200)
            self.end_headers()
            _relay(self.connection, upstream)


def _relay(one: socket.socket, other: socket.socket) -> None:
    """Carry bytes both ways until a side ends."""
    while True:
        readable, _writable, _broken = select.select([one, other], [], [], CONNECT_TIMEOUT_S)
        for source in readable:
            data = source.recv(65536)
            if not data:
                return
            (other if source is one else one).sendall(data)
        if not readable:
            return
