# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is repeated and what is not, what an error says, where the key goes."""

from __future__ import annotations

import http.server
import json
import threading

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._errors import (
    AuthenticationFailed,
    CircuitOpen,
    InputError,
    NotFound,
    PermissionMissing,
    ProxyError,
    ProxyTimeout,
    ProxyUnavailable,
    ProxyUnreachable,
)
from ansible_collections.litemaas.models.plugins.module_utils._http import Breaker, Connection, Http, clean_url

OK = (200, {"fine": True}, {})


class Server:
    """Gives the answers of a list, one each request, the last one for ever; remembers the requests."""

    def __init__(self):
        self.answers = [OK]
        self.requests = []
        self.connections = 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                outer.connections += 1
                super().setup()

            def answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                outer.requests.append((self.command, self.path, dict(self.headers), self.rfile.read(length)))
                answer = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                if answer == "drop":
                    self.close_connection = True
                    return
                if answer == "hang":
                    threading.Event().wait(1.5)
                    self.close_connection = True
                    return
                status, body, headers = answer
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in dict({"Content-Type": "application/json"}, **headers).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PATCH = answer

            def log_message(self, *args):
                """Say nothing."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = "http://127.0.0.1:{0}".format(self._server.server_address[1])

    def close(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server():
    running = Server()
    yield running
    running.close()


def client(server, **options):
    lines = []
    http_client = Http(
        Connection(server.url, "sk-1234", **dict({"timeout": 1, "retries": 3, "retry_delay": 0.01}, **options)), lines.append
    )
    http_client.lines = lines
    return http_client


def test_many_requests_one_connection(server):
    http_client = client(server)
    for _attempt in range(10):
        assert http_client.get("/x", a=1) == {"fine": True}
    assert server.connections == 1
    assert server.requests[0][:2] == ("GET", "/x?a=1")
    http_client.reconnect()
    http_client.get("/x")
    assert server.connections == 2


# method, what the server does first, how often it is asked
REPEATED = [
    ("GET", "drop", 2),
    ("GET", (502, b"<html>", {}), 2),
    ("GET", (503, {}, {}), 2),
    ("GET", (504, {}, {}), 2),
    ("GET", (429, {}, {}), 2),
    ("PATCH", "drop", 2),
    ("PATCH", (503, {}, {}), 2),
    ("POST", (429, {}, {}), 2),
]
NOT_REPEATED = [
    ("GET", (500, {"error": "x"}, {})),
    ("GET", (404, {}, {})),
    ("PATCH", (500, {}, {})),
    ("POST", "drop"),
    ("POST", (500, {}, {})),
    ("POST", (502, b"<html>", {})),
    ("POST", (503, {}, {})),
    ("POST", "hang"),
]


@pytest.mark.parametrize(("method", "first", "times"), REPEATED, ids=str)
def test_repeated(server, method, first, times):
    server.answers = [first, OK]
    http_client = client(server)
    assert http_client.request(method, "/x", body={"a": 1}) == {"fine": True}
    assert len(server.requests) == times
    assert "trying again" in http_client.lines[0]


@pytest.mark.parametrize(("method", "first"), NOT_REPEATED, ids=str)
def test_not_repeated(server, method, first):
    server.answers = [first, OK]
    with pytest.raises(ProxyError):
        client(server).request(method, "/x", body={"a": 1})
    assert len(server.requests) == 1


def test_retries_end(server):
    server.answers = [(503, {"error": {"message": "later"}}, {})]
    with pytest.raises(ProxyUnavailable, match="HTTP 503: later"):
        client(server, retries=2).get("/x")
    assert len(server.requests) == 3


def test_a_connection_that_was_never_made_is_tried_again_for_every_method(server):
    http_client = client(server, retries=2)
    server.close()
    with pytest.raises(ProxyUnreachable, match="Failed to connect to LiteLLM at {0}".format(server.url)):
        http_client.post("/x", {})
    assert len(http_client.lines) == 2


def test_retry_after_is_honoured_up_to_a_limit(server, monkeypatch):
    slept = []
    monkeypatch.setattr("time.sleep", slept.append)
    server.answers = [(429, {}, {"Retry-After": "7"}), (429, {}, {"Retry-After": "3600"}), OK]
    client(server).get("/x")
    assert slept == [7, 30.0]


# answer, error, sentence
ERRORS = [
    ((401, {"error": {"message": "Received API Key = sk-..."}}, {}), AuthenticationFailed, "^Authentication failed: Invalid API key$"),
    ((403, {"error": {"message": "no admin"}}, {}), PermissionMissing, "no admin"),
    ((404, {"error": {"message": "Model x not found"}}, {}), NotFound, "Model x not found"),
    ((400, {"detail": {"error": "bad thing"}}, {}), ProxyError, "HTTP 400: bad thing"),
    ((400, {"error": "plain"}, {}), ProxyError, "HTTP 400: plain"),
    ((500, {"error": {"message": "broken"}}, {}), ProxyUnavailable, "HTTP 500: broken"),
    ((500, b"<html>secret page</html>", {"Content-Type": "text/html"}), ProxyUnavailable, r"not JSON \(text/html\)"),
    ((302, {}, {"Location": "https://other/x?token=1"}), ProxyError, "redirect to https://other/x:"),
    ((200, b"<html>", {"Content-Type": "text/html"}), ProxyUnavailable, "something other than JSON"),
    ((200, [1], {}), ProxyUnavailable, "something other than JSON"),
    ((200, b'{"data": [', {}), ProxyUnavailable, "something other than JSON"),
]


@pytest.mark.parametrize(("answer", "error", "sentence"), ERRORS, ids=str)
def test_errors_are_sentences(server, answer, error, sentence):
    server.answers = [answer]
    with pytest.raises(error, match=sentence):
        client(server, retries=0).get("/x")


def test_a_validation_error_is_told_without_the_input_that_it_echoes(server):
    # As LiteLLM 1.100.5 answers a wrong type.
    detail = [
        {"type": "int_parsing", "loc": ["body", "litellm_params", "rpm"], "msg": "Input should be a valid integer", "input": "secret"}
    ]
    server.answers = [(422, {"detail": detail}, {})]
    with pytest.raises(ProxyError, match=r"litellm_params\.rpm: Input should be a valid integer") as caught:
        client(server).post("/x", {})
    assert "secret" not in caught.value.message


def test_timeout_says_how_long(server):
    server.answers = ["hang"]
    with pytest.raises(ProxyTimeout, match=r"^Request timeout after 0\.2 seconds$"):
        client(server, timeout=0.2, retries=0).get("/x")


def test_timeout_of_a_repeated_request_is_still_a_timeout(server):
    server.answers = ["hang"]
    with pytest.raises(ProxyTimeout):
        client(server, timeout=0.2, retries=1).get("/x")


def test_a_netrc_entry_does_not_replace_the_key(server, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password something\n")
    monkeypatch.setenv("NETRC", str(netrc))
    client(server).get("/x")
    assert server.requests[0][2]["Authorization"] == "Bearer sk-1234"


def test_breaker_opens_after_five_failures_in_a_row_and_closes_again():
    now = [0.0]
    breaker = Breaker(lambda: now[0])
    for _attempt in range(4):
        breaker.failure()
    breaker.success()
    for _attempt in range(5):
        breaker.check()
        breaker.failure()
    with pytest.raises(CircuitOpen, match="5 times in a row"):
        breaker.check()
    now[0] = 30.0
    breaker.check()


def test_the_breaker_ends_the_calls(server):
    server.answers = [(500, {}, {})]
    http_client = client(server)
    for _attempt in range(5):
        with pytest.raises(ProxyUnavailable):
            http_client.get("/x")
    with pytest.raises(CircuitOpen):
        http_client.get("/x")
    assert len(server.requests) == 5


URLS = [
    ("http://a:4000", "http://a:4000"),
    (" https://a/ ", "https://a"),
    ("https://a/v1", "https://a"),
    ("https://a/v1/", "https://a"),
    ("https://a/path", "https://a/path"),
    ("HTTPS://a", "HTTPS://a"),
]


@pytest.mark.parametrize(("url", "expected"), URLS)
def test_clean_url(url, expected):
    assert clean_url(url) == expected


@pytest.mark.parametrize("url", ["a:4000", "ftp://a", "litellm"])
def test_not_a_url(url):
    with pytest.raises(InputError):
        clean_url(url)
