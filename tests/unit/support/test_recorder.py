# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recorder passes requests through, counts them, and spoils those it is told to."""

from __future__ import annotations

import http.client
import http.server
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.recorder import Fault, Recorder, fail_once, fail_times


class Upstream(http.server.BaseHTTPRequestHandler):
    """Answers what it got, and counts."""

    protocol_version = "HTTP/1.1"
    seen: list[str] = []

    def do_POST(self) -> None:
        """Answer method, path and body."""
        body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode("utf-8")
        self.seen.append(self.path)
        content = json.dumps({"path": self.path, "body": body}).encode("utf-8")
        self.send_response(201)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class names it so)
        """Write no access log."""


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    Upstream.seen.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    with Recorder(f"http://127.0.0.1:{server.server_address[1]}") as running:
        yield running
    server.shutdown()
    server.server_close()


@pytest.fixture
def client(recorder: Recorder) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(recorder.url.removeprefix("http://"), timeout=10)
    yield connection
    connection.close()


def post(client: http.client.HTTPConnection, path: str = "/x", body: str = "{}") -> tuple[int, bytes]:
    client.request("POST", path, body=body)
    answer = client.getresponse()
    return answer.status, answer.read()


def always(request: Any) -> bool:
    return True


def test_requests_pass_through_and_are_recorded(recorder: Recorder, client: http.client.HTTPConnection) -> None:
    assert post(client, "/a?b=1", '{"c": 2}') == (201, b'{"path": "/a?b=1", "body": "{\\"c\\": 2}"}')
    post(client)
    assert [(r.method, r.path, r.connection) for r in recorder.requests] == [("POST", "/a?b=1", 1), ("POST", "/x", 1)]
    assert recorder.requests[0].json() == {"c": 2}
    assert recorder.connections == 1
    assert len(recorder.calls("POST", "/a")) == 1


def test_a_kept_connection_is_fast(recorder: Recorder, client: http.client.HTTPConnection) -> None:
    post(client)
    begin = time.monotonic()
    for _attempt in range(50):
        post(client)
    assert time.monotonic() - begin < 2  # 40 ms more for each, if the kernel held small packets back


def test_a_dropped_answer_follows_a_done_work(recorder: Recorder, client: http.client.HTTPConnection) -> None:
    recorder.fault = fail_once(always, Fault.drop())
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        post(client)
    assert Upstream.seen == ["/x"]
    assert post(client)[0] == 201
    assert recorder.connections == 2


@pytest.mark.parametrize(
    ("fault", "status", "begin", "forwarded"),
    [
        (Fault.status(500), 500, b'{"error"', True),
        (Fault.bad_gateway(), 502, b"<html>", False),
        (Fault.empty_list(), 200, b'{"data": []}', False),
        (Fault.truncate(10), 201, b'{"path": "', True),
        (Fault.delay(0.01), 201, b'{"path"', True),
    ],
)
def test_faults(recorder: Recorder, client: http.client.HTTPConnection, fault: Fault, status: int, begin: bytes, forwarded: bool) -> None:
    recorder.fault = fail_times(2, always, fault)
    for _attempt in range(2):
        answered, body = post(client)
        assert answered == status
        assert body.startswith(begin)
    assert bool(Upstream.seen) is forwarded
    assert post(client)[0] == 201


def test_a_dead_server_is_a_bad_gateway() -> None:
    with Recorder("http://127.0.0.1:9") as recorder:
        client = http.client.HTTPConnection(recorder.url.removeprefix("http://"), timeout=10)
        assert post(client)[0] == 502
        client.close()


def test_the_real_answer_is_changed(recorder: Recorder, client: http.client.HTTPConnection) -> None:
    recorder.fault = fail_once(lambda request: True, Fault.transform(lambda body: {**body, "added": True}))
    status, body = post(client)
    assert (status, json.loads(body)) == (201, {"path": "/x", "body": "{}", "added": True})
    assert post(client)[1] == b'{"path": "/x", "body": "{}"}'
