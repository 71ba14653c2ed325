# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS: a certificate that is not trusted is refused, one of a given authority is not, and not checking is said aloud."""

from __future__ import annotations

import contextlib
import http.server
import ssl
import threading

import pytest
import trustme

from ansible_collections.litemaas.models.plugins.module_utils import _litellm
from ansible_collections.litemaas.models.plugins.module_utils._errors import ProxyUnreachable


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


@pytest.fixture(scope="module")
def url(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield "https://127.0.0.1:{0}".format(server.server_address[1])
    server.shutdown()
    server.server_close()


class FakeRun:
    """What connect() needs of a run."""

    def __init__(self, url, **options):
        defaults = {"litellm_url": url, "litellm_api_key": "sk-1234", "ca_path": None, "validate_certs": True}
        self.params = dict(defaults, **dict({"timeout": 5, "retries": 0, "retry_delay": 0.0}, **options))
        self.warnings = []
        self.resources = contextlib.ExitStack()

    def warn(self, sentence):
        self.warnings.append(sentence)

    def log(self, sentence):
        """Nobody reads it."""

    def keep_secret(self, *values):
        """Nothing is printed."""


def ask(run):
    with run.resources:
        return _litellm.connect(run).http.get("/v2/model/info")


def test_an_unknown_authority_is_refused_with_what_to_do(url):
    with pytest.raises(ProxyUnreachable, match=r"certificate is not trusted .* ca_path"):
        ask(FakeRun(url))


def test_a_given_authority_is_trusted(url, authority, tmp_path, monkeypatch):
    # An authority of the environment must not replace the one that was given.
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", ssl.get_default_verify_paths().cafile or "")
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    run = FakeRun(url, ca_path=str(path))
    assert ask(run) == {"data": []}
    assert run.warnings == []


def test_not_checking_works_and_is_said(url):
    run = FakeRun(url, validate_certs=False)
    assert ask(run) == {"data": []}
    assert run.warnings == ["TLS certificates of {0} are not checked (validate_certs is false)".format(url)]


def test_plain_http_has_nothing_to_check():
    run = FakeRun("http://127.0.0.1:9", validate_certs=False)
    _litellm.connect(run)
    assert run.warnings == []


def test_http_to_a_tls_server_is_an_error_and_no_traceback(url):
    with pytest.raises(ProxyUnreachable, match="Failed to connect to LiteLLM at http://"):
        ask(FakeRun(url.replace("https://", "http://")))
