# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is repeated and what is not, what an error says, where the key goes."""

from __future__ import annotations

import datetime
import email.utils
import gzip
import http.server
import json
import threading
import time
import tracemalloc
import zlib

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import (
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
from ansible_collections.litemaas.models.plugins.module_utils._litellm import json_stream, session, transport
from ansible_collections.litemaas.models.plugins.module_utils._litellm.address import clean_url
from ansible_collections.litemaas.models.plugins.module_utils._litellm.patience import Breaker, retry_after
from ansible_collections.litemaas.models.plugins.module_utils._litellm.transport import Http
from ansible_collections.litemaas.models.plugins.module_utils._run.endpoints import PROXY, Kind, Origin, resolve
from tests.support.endpoints import endpoint, proxy_connection

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
                if answer in ("drip a body", "drip headers"):
                    self.drip(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" if answer == "drip a body" else b"HTTP/1.1 200 OK\r\n")
                    return
                status, body, headers = answer
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in dict({"Content-Type": "application/json"}, **headers).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def drip(self, beginning):
                self.close_connection = True
                self.wfile.write(beginning)
                for _byte in range(300):
                    try:
                        self.wfile.write(b"x")
                    except OSError:
                        return
                    threading.Event().wait(0.1)

            do_GET = do_POST = do_PATCH = answer

            def log_message(self, *args):
                """Say nothing."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server():
    running = Server()
    yield running
    running.close()


def client(server, reached=None, **options):
    lines = []
    http_client = Http(
        proxy_connection(server.url, "sk-1234", reached, **dict({"timeout": 1, "retries": 3, "retry_delay": 0.01}, **options)), lines.append
    )
    http_client.lines = lines
    return http_client


def test_many_requests_one_connection(server):
    http_client = client(server)
    for _attempt in range(10):
        assert http_client.get("/x", a=1) == {"fine": True}
    assert server.connections == 1
    assert server.requests[0][1].startswith("/x?a=1&_=")
    http_client.reconnect()
    http_client.get("/x")
    assert server.connections == 2


def test_each_question_is_unique_and_asks_for_an_answer_of_the_server(server):
    http_client = client(server)
    server.answers = [OK, (503, {}, {}), OK]
    for _attempt in range(3):
        http_client.get("/x", a=1)
    assert len({path for _method, path, _headers, _body in server.requests}) == 4, "another try is another question"
    for _method, _path, headers, _body in server.requests:
        assert (headers["Cache-Control"], headers["Pragma"]) == ("no-cache", "no-cache")
    http_client.patch("/x", {})
    http_client.post("/x", {})
    assert [path for _method, path, _headers, _body in server.requests[4:]] == ["/x", "/x"]


# headers of an answer, and the one that tells of a cache
CACHES = [
    ({}, ""),
    ({"Age": "0", "Cache-Control": "no-cache, hit"}, ""),
    ({"Age": "30"}, "Age: 30"),
    ({"age": "007"}, "age: 007"),
    ({"Age": "soon"}, ""),
    ({"X-Cache": "MISS from squid"}, ""),
    ({"X-Cache": "HIT from squid"}, "X-Cache: HIT from squid"),
    ({"X-Cache": "MISS from squid", "X-Cache-Lookup": "HIT from squid"}, ""),
    ({"X-Cache-Status": "STALE"}, "X-Cache-Status: STALE"),
    ({"X-Cache-Status": "REVALIDATED"}, ""),
    ({"X-Cache-Remote": "TCP_MEM_HIT"}, "X-Cache-Remote: TCP_MEM_HIT"),
    ({"CF-Cache-Status": "DYNAMIC"}, ""),
    ({"CF-Cache-Status": "HIT"}, "CF-Cache-Status: HIT"),
    ({"Cache-Status": "ExampleCache; hit; ttl=30"}, "Cache-Status: ExampleCache; hit; ttl=30"),
    ({"Cache-Status": "ExampleCache; fwd=uri-miss"}, ""),
    ({"X-Cache-Hits": "0"}, ""),
    ({"X-Cache-Hits": "12"}, "X-Cache-Hits: 12"),
    ({"X-Cache-Key": "white"}, ""),
]


@pytest.mark.parametrize(("headers", "sign"), CACHES, ids=str)
def test_a_cache_gives_itself_away(server, headers, sign):
    http_client = client(server)
    server.answers = [(404, {"detail": "no such model"}, headers), OK]
    with pytest.raises(NotFound):
        http_client.get("/x")
    assert http_client.cached == sign
    http_client.get("/x")
    assert http_client.cached == sign, "the first one is kept"


def bomb(beginning, middle, times):
    """A gzip of a body that is mostly one piece again and again."""
    packed = zlib.compressobj(9, zlib.DEFLATED, 31)
    parts = [packed.compress(beginning), *(packed.compress(middle) for _time in range(times)), packed.flush()]
    return b"".join(parts)


MEGABYTE = 1 << 20
ENTRY = b'{"model_name": "m", "litellm_params": {}, "model_info": {"id": "1"}},'
BOMBS = [
    # beginning, middle, how often, what is said
    (b"", b" " * MEGABYTE, 100, "an answer of more than 64 MB"),
    (b'{"data": [', ENTRY * 1000, 100, "a list of more than 1,000 entries"),
    (b'{"data": ["', b"x" * MEGABYTE, 100, "a value of more than 16 MB"),
    (b'{"a": "', b"x" * MEGABYTE, 100, "a value of more than 16 MB"),
    (b"<html>", b"x" * MEGABYTE, 100, "a value of more than 16 MB"),
]


@pytest.mark.parametrize(("beginning", "middle", "times", "sentence"), BOMBS, ids=[bomb[3] + str(bomb[0]) for bomb in BOMBS])
def test_an_answer_has_a_largest_size(server, monkeypatch, beginning, middle, times, sentence):
    """Whatever is packed into a few MB, what is kept of it at a time is bounded."""
    assert (session.LARGEST_ANSWER, json_stream.MOST_ENTRIES) == (256 * MEGABYTE, 100_000)
    monkeypatch.setattr(session, "LARGEST_ANSWER", 64 * MEGABYTE)
    monkeypatch.setattr(json_stream, "MOST_ENTRIES", 1000)
    server.answers = [(200, bomb(beginning, middle, times), {"Content-Encoding": "gzip"}), OK]
    http_client = client(server, timeout=60)
    tracemalloc.start()
    try:
        with pytest.raises(ProxyError, match=f"{sentence}.*Look whether this is the address of LiteLLM") as error:
            http_client.get("/x")
        assert tracemalloc.get_traced_memory()[1] < 200 * MEGABYTE
    finally:
        tracemalloc.stop()
    assert server.url in str(error.value)
    assert len(server.requests) == 1, "it would be as large again"
    assert http_client.get("/x") == {"fine": True}


def test_an_answer_that_is_not_packed_has_a_largest_size_too(server, monkeypatch):
    monkeypatch.setattr(session, "LARGEST_ANSWER", 1000)
    server.answers = [(200, {"data": ["x" * 2000]}, {}), OK]
    with pytest.raises(ProxyError, match="an answer of more than 0 MB"):
        client(server).get("/x")


def test_an_answer_is_packed_as_was_asked_for(server):
    body = json.dumps({"data": [1, 2]}).encode()
    server.answers = [
        (200, gzip.compress(body), {"Content-Encoding": "gzip"}),
        (200, zlib.compress(body), {"Content-Encoding": "Deflate"}),
        (200, body, {"Content-Encoding": "identity"}),
        (200, gzip.compress(gzip.compress(body)), {"Content-Encoding": "gzip, gzip"}),
        (200, body, {"Content-Encoding": "br"}),
    ]
    http_client = client(server)
    for _attempt in range(3):
        assert http_client.get("/x") == {"data": [1, 2]}
    assert http_client.received == 3 * len(body)
    for _attempt in range(2):
        with pytest.raises(ProxyError, match="packed in a way that was not asked for"):
            http_client.get("/x")
    assert server.requests[0][2]["Accept-Encoding"] == "gzip, deflate"


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
    with pytest.raises(ProxyUnreachable, match=f"Failed to connect to LiteLLM at {server.url}"):
        http_client.post("/x", {})
    assert len(http_client.lines) == 2


NOBODY = "and that LiteLLM runs there and can be reached from here"


def reached(name, namespace=""):
    return {"origin": Origin(Kind.FOUND if namespace else Kind.ENVIRONMENT, PROXY, name, namespace)}


@pytest.mark.parametrize("name", ["litellm_url", "LITELLM_API_URL", "LITELLM_BASE_URL"])
def test_who_cannot_connect_is_told_where_the_address_comes_from(server, name):
    server.close()
    with pytest.raises(ProxyUnreachable) as refused:
        client(server, reached(name), retries=1).get("/x")
    assert f"Connection refused. Check the host and the port in {name}, {NOBODY} (tries: 2" in refused.value.message
    with pytest.raises(ProxyUnreachable) as unknown:
        Http(proxy_connection("http://no-such-host.invalid:4000", "sk-1234", reached(name), retries=0)).get("/x")
    assert unknown.value.message.endswith(f". Check the host in {name}")


def test_who_cannot_connect_to_what_was_found_is_told_the_namespace(server):
    server.close()
    with pytest.raises(ProxyUnreachable) as refused:
        client(server, reached("", "maas"), retries=0).get("/x")
    assert "Connection refused. It was found in namespace maas: check that LiteLLM runs there" in refused.value.message
    assert refused.value.message.endswith("or give litellm_url")


@pytest.fixture
def slept(monkeypatch):
    """Let no time pass, and say how much would have."""
    seconds = []
    monkeypatch.setattr(transport.time, "sleep", seconds.append)
    return seconds


def test_waiting_grows_and_is_told(server, slept):
    server.answers = [(503, {}, {})]
    http_client = client(server, retry_delay=1.0)
    with pytest.raises(ProxyUnavailable, match=r"\(tries: 4, waited \d+\.\d seconds in this run\)$"):
        http_client.get("/x", secret="query")
    assert len(slept) == 3
    for number, seconds in enumerate(slept):
        assert 2**number <= seconds <= 1.5 * 2**number
    first = "GET /x: HTTP 503, trying again in {0:.1f} seconds (2 left), waited {0:.1f} seconds in this run".format(slept[0])
    assert http_client.lines[0] == first
    assert http_client.lines[-1].endswith(f"(0 left), waited {sum(slept):.1f} seconds in this run")


def http_date(seconds):
    return email.utils.format_datetime(datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds), usegmt=True)


def test_retry_after_is_honoured_up_to_a_limit(server, slept):
    server.answers = [(429, {}, {"Retry-After": value}) for value in ("7", "60", "soon", http_date(20))] + [OK]
    client(server, retries=4).post("/x", {})
    assert slept[:2] == [7, 30.0]
    assert slept[2] < 1
    assert 18 < slept[3] <= 20


@pytest.mark.parametrize("value", ["\u00b2", "-5", "nan", "9" * 400, "Wed, 21 Oct 99999 07:28:00 GMT", "Mon, 01 Jan 0001 00:00:00 +2359"])
def test_a_retry_after_that_cannot_be_meant_is_ignored(value):
    assert not retry_after(value)


def test_what_was_waited_and_failed_lasts_for_the_whole_run(server):
    first = client(server)
    again = Http(first.connection, experience=first.experience)
    for _attempt in range(5):
        first.experience.breaker.failure()
    with pytest.raises(CircuitOpen):
        again.get("/x")


def test_who_asks_for_more_than_a_run_waits_is_not_asked_again(server, slept):
    server.answers = [(429, {}, {"Retry-After": "3600"}), OK]
    sentence = r"\(tries: 1, waited 0\.0 seconds in this run, a run waits 120 seconds at most, it asks for 3600\)$"
    with pytest.raises(ProxyUnavailable, match=sentence):
        client(server).get("/x")
    assert slept == []
    assert len(server.requests) == 1


def test_a_run_waits_two_minutes_in_all_whatever_it_asks_for(server, slept):
    http_client = client(server, retries=2)
    for _attempt in range(2):
        server.answers = [(429, {}, {"Retry-After": "25"}), (429, {}, {"Retry-After": "20"}), OK]
        http_client.get("/x")
        http_client.reconnect()
    server.answers = [(429, {}, {"Retry-After": "25"}), (429, {}, {"Retry-After": "20"}), OK]
    sentence = r"\(tries: 2, waited 115\.0 seconds in this run, a run waits 120 seconds at most, it asks for 20\)$"
    with pytest.raises(ProxyUnavailable, match=sentence):
        http_client.get("/x")
    assert sum(slept) == 115
    # What does not fail is not limited.
    server.answers = [OK]
    assert http_client.get("/x") == {"fine": True}


def test_what_was_refused_before_it_was_done_is_not_in_doubt(server, slept):
    server.answers = [(429, {}, {})]
    with pytest.raises(ProxyUnavailable) as refused:
        client(server).post("/x", {})
    assert not refused.value.ambiguous
    server.answers = ["drop", (429, {}, {})]
    with pytest.raises(ProxyUnavailable) as doubtful:
        client(server, retries=1).patch("/x", {})
    assert doubtful.value.ambiguous
    server.close()
    with pytest.raises(ProxyUnreachable) as unreachable:
        client(server, retries=0).post("/x", {})
    assert not unreachable.value.ambiguous


@pytest.mark.parametrize("what", ["drip a body", "drip headers"])
def test_a_server_that_drips_is_out_of_time(server, what):
    server.answers = [what, OK]
    http_client = client(server, timeout=1, retries=0)
    begin = time.monotonic()
    with pytest.raises(ProxyTimeout, match=r"^Request timeout after 1(\.0)? seconds?$"):
        http_client.get("/x")
    assert time.monotonic() - begin < 15, "the server goes on for 30 seconds"
    assert http_client.get("/x") == {"fine": True}


# answer, error, sentence
ERRORS = [
    (
        (401, {"error": {"message": "Received API Key = sk-..."}}, {}),
        AuthenticationFailed,
        r"^Authentication failed: Invalid API key\. LiteLLM at http://127\S+ does not know",
    ),
    ((403, {"error": {"message": "no admin"}}, {}), PermissionMissing, "no admin"),
    ((404, {"error": {"message": "Model x not found"}}, {}), NotFound, "Model x not found"),
    ((400, {"detail": {"error": "bad thing"}}, {}), ProxyError, "HTTP 400: bad thing"),
    ((400, {"error": "plain"}, {}), ProxyError, "HTTP 400: plain"),
    ((500, {"error": {"message": "broken"}}, {}), ProxyUnavailable, "HTTP 500: broken"),
    ((500, b"<html>secret page</html>", {"Content-Type": "text/html"}), ProxyUnavailable, r"not JSON \(text/html\)"),
    ((404, {"detail": "Not Found"}, {}), ProxyError, r"^LiteLLM at http://127\S+ does not know GET /x \(HTTP 404: Not Found\)$"),
    ((404, b"404 page not found", {}), ProxyError, r"does not know GET /x \(HTTP 404: an answer that is not JSON"),
    ((401, b"<html>", {"Content-Type": "text/html"}), ProxyError, r"is not LiteLLM, and requires another login .*\(HTTP 401"),
    ((403, b"<html>", {"Content-Type": "text/html"}), ProxyError, r"is not LiteLLM, and requires another login .*\(HTTP 403"),
    ((302, {}, {"Location": "https://other/x?token=1"}), ProxyError, "redirect to https://other$"),
    ((302, {}, {"Location": "https://other/y?token=1"}), ProxyError, "redirect to https://other/y$"),
    ((302, {}, {}), ProxyError, "redirect to nowhere$"),
    ((302, {}, {"Location": "ftp://other/x"}), ProxyError, "redirect to nowhere$"),
    ((200, b"<html>", {"Content-Type": "text/html"}), ProxyUnavailable, "something other than JSON"),
    ((200, [1], {}), ProxyUnavailable, "something other than JSON"),
    ((200, b'{"data": [', {}), ProxyUnavailable, "something other than JSON"),
    ((200, b"[" * 100000, {}), ProxyUnavailable, "something other than JSON"),
    ((400, {"detail": [{"loc": 5, "msg": "odd"}]}, {}), ProxyError, "odd"),
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


@pytest.mark.parametrize("body", [{"detail": "Not Found"}, b"<html>"], ids=str)
def test_a_path_that_is_not_there_is_no_thing_that_is_not_found(server, body):
    """What is to be deleted is gone where LiteLLM says so, and not where a gateway holds the path back."""
    server.answers = [(404, body, {})]
    with pytest.raises(ProxyError) as caught:
        client(server).post("/x", {})
    assert not isinstance(caught.value, NotFound)
    assert caught.value.foreign


def test_another_address_is_asked_without_the_key(server, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password something\n")
    monkeypatch.setenv("NETRC", str(netrc))
    other = Server()
    other.answers = [(200, b'"here"', {})]
    try:
        assert client(server).ask_without_key(other.url + "/a", "/b").body == "here"
        ((method, path, headers, _body),) = other.requests
    finally:
        other.close()
    assert (method, path.partition("?")[0]) == ("GET", "/a/b")
    assert "Authorization" not in headers
    assert server.requests == []
    assert client(server, timeout=0.2).ask_without_key("http://127.0.0.1:9", "/b") is None


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
    http_client = client(server)
    http_client.get("/x")
    http_client.reconnect()
    http_client.get("/x")
    assert [request[2]["Authorization"] for request in server.requests] == ["Bearer sk-1234"] * 2


def test_a_user_in_the_address_does_not_replace_the_key(server):
    Http(proxy_connection(server.url.replace("//", "//somebody:something@"), "sk-1234")).get("/x")
    assert server.requests[0][2]["Authorization"] == "Bearer sk-1234"


def test_a_redirect_gets_neither_a_request_nor_the_key(server, tmp_path, monkeypatch):
    other = Server()
    server.answers = [(307, {}, {"Location": other.url})]
    with pytest.raises(ProxyError, match=f"redirect to {other.url}"):
        client(server).get("/x")
    assert other.requests == []
    other.close()


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


SICK = [
    "drop",
    "hang",
    (502, b"<html>", {}),
    (500, b"<html>", {}),
    (503, {}, {}),
    (429, {}, {}),
    (200, b"<html>", {}),
]
ALIVE = [(500, {"error": {"message": "Model saved to the database"}}, {}), (400, {}, {}), (404, {}, {}), (401, {}, {})]


@pytest.mark.parametrize("answer", SICK, ids=str)
def test_the_breaker_ends_the_calls(server, answer):
    server.answers = [answer]
    http_client = client(server, timeout=0.1, retries=0)
    for _attempt in range(5):
        with pytest.raises(ProxyError):
            http_client.post("/x", {})
    with pytest.raises(CircuitOpen, match="failed 5 times in a row: no further request is made for 30 seconds"):
        http_client.post("/x", {})
    assert len(server.requests) == 5


@pytest.mark.parametrize("answer", ALIVE, ids=str)
def test_refusals_of_single_models_do_not_open_the_breaker(server, answer):
    server.answers = [answer]
    http_client = client(server, retries=0)
    for _attempt in range(7):
        with pytest.raises(ProxyError):
            http_client.post("/x", {})
    assert len(server.requests) == 7


def test_the_breaker_counts_every_try_and_lets_a_request_finish(server, slept):
    server.answers = [(503, {}, {})]
    http_client = client(server, retries=6)
    with pytest.raises(ProxyUnavailable):
        http_client.get("/x")
    assert len(server.requests) == 7
    with pytest.raises(CircuitOpen):
        http_client.get("/x")
    assert len(server.requests) == 7


def test_a_try_that_works_closes_the_breaker(server, slept):
    http_client = client(server)
    for _attempt in range(3):
        server.answers = [(503, {}, {})] * 3 + [OK]
        http_client.get("/x")
    assert len(server.requests) == 12


def test_a_refusal_closes_the_breaker(server):
    http_client = client(server, retries=0)
    server.answers = [(503, {}, {})] * 4 + [(404, {}, {})] + [(503, {}, {})] * 4 + [OK]
    for _attempt in range(9):
        with pytest.raises(ProxyError):
            http_client.get("/x")
    assert http_client.get("/x") == {"fine": True}


def test_an_open_breaker_survives_a_new_connection(server):
    server.answers = ["drop"]
    http_client = client(server, retries=0)
    for _attempt in range(5):
        with pytest.raises(ProxyUnreachable):
            http_client.get("/x")
    http_client.reconnect()
    with pytest.raises(CircuitOpen):
        http_client.get("/x")


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
    assert clean_url(endpoint(PROXY, url)) == expected


def test_a_url_is_named_as_it_was_given():
    with pytest.raises(InputError, match=r"^LITELLM_API_URL must be an address alone, like https://HOST: drop what begins with [?] or #"):
        clean_url(resolve(PROXY, None, {"LITELLM_API_URL": "https://a/ui/?page=models"}))


NO_URLS = [
    "a:4000",
    "ftp://a",
    "litellm",
    "http://",
    "http:///x",
    "http://[::1",
    "http://a:99999",
    "http://a?x=1",
    "http://a/#b",
    "http://a b",
]


@pytest.mark.parametrize("url", NO_URLS)
def test_not_a_url(url):
    with pytest.raises(InputError):
        clean_url(endpoint(PROXY, url))
