# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS: a certificate that is not trusted is refused, one of a given authority is not, and not checking is said aloud."""

from __future__ import annotations

import contextlib
import datetime
import http.server
import ssl
import threading

import pytest
import trustme

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import InputError, ProxyUnreachable
from ansible_collections.litemaas.models.plugins.module_utils._common.redact import Redactor
from ansible_collections.litemaas.models.plugins.module_utils._litellm.connect import connect
from ansible_collections.litemaas.models.plugins.module_utils._run.progress import Progress


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers a list without models."""

    def do_GET(self):
        data = b'{"data": []}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@contextlib.contextmanager
def serving(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *arguments: None
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"https://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def url(authority):
    with serving(authority.issue_cert("127.0.0.1")) as running:
        yield running


@pytest.fixture
def ca_path(authority, tmp_path):
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """The machine's own settings are no part of these tests."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)


class FakeRun:
    """What connect() needs of a run."""

    def __init__(self, url, **options):
        defaults = {"litellm_url": url, "litellm_api_key": "sk-1234", "ca_path": None, "validate_certs": True}
        self.params = dict(defaults, **dict({"timeout": 5, "retries": 0, "retry_delay": 0.0}, **options))
        self.warnings = []
        self.experience = None
        self.installation = None
        self.resources = contextlib.ExitStack()
        self.progress = Progress()
        self.redactor = Redactor()

    def warn(self, sentence):
        self.warnings.append(sentence)

    def log(self, sentence):
        """Nobody reads it."""

    def keep_secret(self, *values):
        """Nothing is printed."""


def ask(run):
    with run.resources:
        return connect(run).http.get("/v2/model/info")


def test_an_unknown_authority_is_refused_with_what_to_do(url):
    with pytest.raises(ProxyUnreachable, match=r"certificate is not trusted .* ca_path"):
        ask(FakeRun(url))


def test_a_given_authority_is_trusted(url, ca_path):
    run = FakeRun(url, ca_path=ca_path)
    assert ask(run) == {"data": []}
    assert run.warnings == []


def test_a_certificate_for_another_name_is_refused(authority, ca_path):
    sentence = r"its certificate is for another name .*Use an address that is in the certificate"
    with serving(authority.issue_cert("litellm.example.com")) as other, pytest.raises(ProxyUnreachable, match=sentence):
        ask(FakeRun(other, ca_path=ca_path))


def test_a_certificate_that_has_expired_is_refused(authority, ca_path):
    yesterday = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)
    certificate = authority.issue_cert("127.0.0.1", not_before=yesterday, not_after=yesterday)
    with serving(certificate) as expired, pytest.raises(ProxyUnreachable, match="its certificate has expired"):
        ask(FakeRun(expired, ca_path=ca_path))


def test_a_refused_certificate_is_not_tried_again(url):
    run = FakeRun(url, retries=5, retry_delay=30.0)
    with pytest.raises(ProxyUnreachable) as refused:
        ask(run)
    assert not refused.value.ambiguous


UNUSABLE = {
    "missing": "must be a file with CA certificates; .* is not a file",
    "directory": "must be a file with CA certificates; .* is not a file",
    "empty": "cannot be used",
    "text": "cannot be used",
}


@pytest.mark.parametrize("what", sorted(UNUSABLE))
def test_a_ca_path_of_no_use_is_an_error_before_any_request(what, tmp_path):
    path = tmp_path / "ca.pem"
    if what == "directory":
        path.mkdir()
    elif what != "missing":
        path.write_text({"empty": "", "text": "no certificate"}[what])
    with pytest.raises(InputError, match=f"ca_path .*{UNUSABLE[what]}"):
        connect(FakeRun("https://127.0.0.1:9", ca_path=str(path)))
    # Without checking nobody reads it.
    connect(FakeRun("https://127.0.0.1:9", ca_path=str(path), validate_certs=False))


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_authorities_of_the_environment_are_trusted(url, ca_path, monkeypatch, name):
    monkeypatch.setenv(name, ca_path)
    assert ask(FakeRun(url)) == {"data": []}


def test_authorities_of_the_environment_do_not_replace_what_was_given(url, ca_path, tmp_path, monkeypatch):
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(other))
    with pytest.raises(ProxyUnreachable, match="certificate is not trusted"):
        ask(FakeRun(url))
    assert ask(FakeRun(url, ca_path=ca_path)) == {"data": []}
    assert ask(FakeRun(url, validate_certs=False)) == {"data": []}
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", ca_path)
    with pytest.raises(ProxyUnreachable, match="certificate is not trusted"):
        ask(FakeRun(url, ca_path=str(other)))


def test_authorities_of_the_environment_that_are_not_there_are_an_error(url, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent/ca.pem")
    with pytest.raises(ProxyUnreachable, match="REQUESTS_CA_BUNDLE in the environment must name a file with CA certificates"):
        ask(FakeRun(url, retries=3))


def test_not_checking_works_and_is_said(url):
    run = FakeRun(url, validate_certs=False)
    assert ask(run) == {"data": []}
    assert run.warnings == [f"TLS certificates of {url} are not checked (validate_certs is false)"]


def test_plain_http_has_nothing_to_check():
    run = FakeRun("http://127.0.0.1:9", validate_certs=False)
    connect(run)
    assert run.warnings == []


def test_http_to_a_tls_server_is_an_error_and_no_traceback(url):
    with pytest.raises(ProxyUnreachable, match="Failed to connect to LiteLLM at http://"):
        ask(FakeRun(url.replace("https://", "http://")))


ODD = [("retry_delay", -1.0), ("retry_delay", float("nan")), ("retries", -1), ("retries", 10**9), ("timeout", 0), ("timeout", 10**12)]


@pytest.mark.parametrize(("option", "value"), [*ODD, ("litellm_api_key", "demo\nX: y"), ("litellm_api_key", "ключ")])
def test_an_option_that_cannot_be_meant_is_an_error_before_any_request(option, value):
    with pytest.raises(InputError, match=option):
        connect(FakeRun("http://127.0.0.1:9", **{option: value}))


def test_what_a_run_went_through_lasts_for_all_its_attempts():
    run = FakeRun("http://127.0.0.1:9")
    first, second = connect(run), connect(run)
    assert second.http.experience is first.http.experience
