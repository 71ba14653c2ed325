# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An HTTP pass-through that records what goes by and spoils chosen answers on purpose.

It stands between the collection and a real LiteLLM, so that faults which a real server does not produce on demand
are still faults around real answers.

    with Recorder(stack.litellm_url) as recorder:
        recorder.fault = fail_once(lambda request: request.method == "POST", Fault.drop())
        ...                          # use recorder.url
        assert len(recorder.requests) == 3 and recorder.connections == 1
"""

from __future__ import annotations

import dataclasses
import http.client
import http.server
import json
import socket
import threading
import time
import urllib.parse
from collections.abc import Callable
from types import TracebackType
from typing import Any

UPSTREAM_TIMEOUT_S = 120
_NOT_PASSED_ON = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}
_HTML_502 = b"<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"


@dataclasses.dataclass(frozen=True)
class RecordedRequest:
    """One request as it came in. ``connection`` numbers the client's connections from 1, ``number`` the requests."""

    number: int
    connection: int
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body's JSON value; None if there is no body."""
        return json.loads(self.body) if self.body else None


@dataclasses.dataclass(frozen=True)
class Answer:
    """Status, headers and body of an answer."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclasses.dataclass(frozen=True)
class Fault:
    """What to do with one request instead of passing it through.

    ``forward``: whether the real server gets it. ``delay_s``: wait before answering. ``answer``: said instead of the
    real answer. ``keep_bytes``: only that many bytes of the body, with a matching length. ``close``: end the
    connection without any answer. ``change``: what becomes of the JSON body of the real answer. ``then``: called when the
    real server has answered, before the client gets anything. ``path``: what the real server is asked for instead.
    ``without``: headers that it does not get. ``keep``: what becomes of the real answer.
    """

    forward: bool = True
    delay_s: float = 0.0
    answer: Answer | None = None
    keep_bytes: int | None = None
    close: bool = False
    change: Callable[[Any], Any] | None = None
    then: Callable[[], None] | None = None
    path: str | None = None
    without: tuple[str, ...] = ()
    keep: Callable[[Answer], Answer] | None = None

    @classmethod
    def transform(cls, change: Callable[[Any], Any]) -> Fault:
        """Answer what a function makes of the real answer's JSON body."""
        return cls(change=change)

    @classmethod
    def drop(cls, *, forward: bool = True, then: Callable[[], None] | None = None) -> Fault:
        """End the connection without an answer, by default after the server did the work."""
        return cls(forward=forward, close=True, then=then)

    @classmethod
    def status(cls, status: int, body: Any = None, *, forward: bool = True, headers: dict[str, str] | None = None) -> Fault:
        """Answer a status with a JSON body, by default after the server did the work."""
        content = json.dumps({"error": {"message": "injected"}} if body is None else body).encode("utf-8")
        return cls(forward=forward, answer=Answer(status, {"Content-Type": "application/json", **(headers or {})}, content))

    @classmethod
    def bad_gateway(cls, *, forward: bool = False) -> Fault:
        """Answer the HTML page of a gateway whose server is away."""
        return cls(forward=forward, answer=Answer(502, {"Content-Type": "text/html"}, _HTML_502))

    @classmethod
    def empty_list(cls) -> Fault:
        """Answer 200 with an empty list, as LiteLLM 1.81.0 does while it reloads."""
        return cls.status(200, {"data": []}, forward=False)

    @classmethod
    def delay(cls, seconds: float) -> Fault:
        """Answer late."""
        return cls(delay_s=seconds)

    @classmethod
    def truncate(cls, keep_bytes: int = 20) -> Fault:
        """Answer with the beginning of the real body only, which is no longer JSON."""
        return cls(keep_bytes=keep_bytes)


FaultChooser = Callable[[RecordedRequest], "Fault | None"]


def fail_once(matches: Callable[[RecordedRequest], bool], fault: Fault) -> FaultChooser:
    """Return a chooser that applies a fault to the first matching request only."""
    return fail_times(1, matches, fault)


def fail_times(times: int, matches: Callable[[RecordedRequest], bool], fault: Fault) -> FaultChooser:
    """Return a chooser that applies a fault to the first ``times`` matching requests."""
    lock = threading.Lock()
    left = times

    def choose(request: RecordedRequest) -> Fault | None:
        nonlocal left
        with lock:
            if left == 0 or not matches(request):
                return None
            left -= 1
            return fault

    return choose


class Recorder:
    """The pass-through server, on a free port of 127.0.0.1, in threads of this process; a context manager.

    ``fault`` may be changed at any time. ``requests`` is in the order of arrival; ``connections`` counts the
    client's TCP connections.
    """

    def __init__(self, upstream_url: str, fault: FaultChooser | None = None) -> None:
        """Take the real server's base URL; nothing listens for answers before ``with``."""
        self.fault = fault
        self.requests: list[RecordedRequest] = []
        self.connections = 0
        self.upstream = urllib.parse.urlsplit(upstream_url)
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.recorder = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        """The base URL for clients."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Recorder:
        """Start serving."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop serving."""
        self.close()

    def close(self) -> None:
        """Stop accepting connections and end those that are open."""
        self._server.shutdown()
        self._server.server_close()
        self._server.end_connections()

    def clear(self) -> None:
        """Forget what was recorded, and inject no more faults."""
        with self._lock:
            self.requests.clear()
            self.connections = 0
            self.fault = None

    def calls(self, method: str | None = None, path: str = "") -> list[RecordedRequest]:
        """Return the recorded requests of a method whose path begins with ``path``."""
        return [r for r in list(self.requests) if method in (None, r.method) and r.path.startswith(path)]

    def note_connection(self) -> int:
        """Count a new connection and return its number."""
        with self._lock:
            self.connections += 1
            return self.connections

    def note_request(self, connection: int, method: str, path: str, headers: dict[str, str], body: bytes) -> RecordedRequest:
        """Record a request."""
        with self._lock:
            request = RecordedRequest(len(self.requests) + 1, connection, method, path, headers, body)
            self.requests.append(request)
            return request


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    recorder: Recorder

    def __init__(self, *arguments: Any) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(*arguments)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def end_connections(self) -> None:
        """End the connections that clients keep open."""
        for connection in list(self._open):
            self.shutdown_request(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that go away are part of the tests."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        self._recorder = self.server.recorder
        self._connection_number = self._recorder.note_connection()
        self._upstream: http.client.HTTPConnection | None = None

    def finish(self) -> None:
        if self._upstream is not None:
            self._upstream.close()
        super().finish()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = self._recorder.note_request(self._connection_number, self.command, self.path, dict(self.headers), body)
        chooser = self._recorder.fault
        fault = (chooser(request) if chooser else None) or Fault()
        answer = self._forward(request, fault) if fault.forward else None
        if answer and fault.keep:
            answer = fault.keep(answer)
        if answer and fault.change:
            answer = dataclasses.replace(answer, body=json.dumps(fault.change(json.loads(answer.body))).encode("utf-8"))
        time.sleep(fault.delay_s)
        if fault.then:
            fault.then()
        if fault.close:
            self.close_connection = True
            return
        self._send(fault.answer or answer or Answer(502, {"Content-Type": "text/html"}, _HTML_502), fault.keep_bytes)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = do_HEAD = _serve

    def _forward(self, request: RecordedRequest, fault: Fault) -> Answer | None:
        """Return the real server's answer; None if it gives none."""
        kept_back = {*_NOT_PASSED_ON, *(name.lower() for name in fault.without)}
        headers = {name: value for name, value in request.headers.items() if name.lower() not in kept_back}
        try:
            connection = self._connect()
            connection.request(request.method, fault.path or request.path, body=request.body or None, headers=headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            # Not tried again: a second attempt could do the work twice, which tests here are about.
            self._upstream = None
            return None
        passed = {name: value for name, value in answer.getheaders() if name.lower() not in _NOT_PASSED_ON}
        return Answer(answer.status, passed, content)

    def _connect(self) -> http.client.HTTPConnection:
        """Return a new connection to the real server: one kept idle could be closed by it at any moment."""
        if self._upstream is not None:
            self._upstream.close()
        base = self._recorder.upstream
        self._upstream = http.client.HTTPConnection(base.hostname or "127.0.0.1", base.port, timeout=UPSTREAM_TIMEOUT_S)
        return self._upstream

    def _send(self, answer: Answer, keep_bytes: int | None) -> None:
        body = answer.body[:keep_bytes]
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class names it so)
        """Write no access log."""
