# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the environment says and client libraries cannot use: the message names the variable, and what it may be."""

from __future__ import annotations

import os
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from ansible_collections.litemaas.models.plugins.modules import litellm_model_info, litemaas_sync_info
from tests.support.modules import run_module
from tests.support.postgres import PASSWORD
from tests.support.receiver import Receiver
from tests.support.stack import LITEMAAS_DATABASE, Stack

pytestmark = pytest.mark.any_litellm

SECRET = "demo-proxy-password-not-real"
URL = "https://litellm.example.com"


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take out of the environment whatever decides about connections."""
    for name in os.environ:
        if name.startswith(("PG", "LITELLM_", "DATABASE_")) or name.upper().endswith(("_PROXY", "_CA_BUNDLE")):
            monkeypatch.delenv(name)


def info(url: str = URL, **options: Any) -> dict[str, Any]:
    given = {"litellm_url": url, "litellm_api_key": "demo-key-not-real", "retries": 2, "retry_delay": 0.01, "timeout": 5}
    answer = run_module(litellm_model_info.main, {**given, **options})
    assert SECRET not in answer["raw"]
    assert "Traceback" not in answer["raw"]
    assert answer["failed"]
    assert not answer.get("log"), "it is not tried again"
    return answer


SHAPE = "it must look like http://HOST:PORT, with a user and a password before the host if it requires them. Unset it to use no proxy"
PROXIES = {
    "socks5://127.0.0.1:9": "names a SOCKS proxy, for which a Python library is missing (PySocks). Install it, or: ",
    f"SOCKS4://u:{SECRET}@127.0.0.1:9": "names a SOCKS proxy, for which a Python library is missing (PySocks). Install it, or: ",
    "ftp://127.0.0.1:9": "names a proxy with an unknown scheme (ftp): ",
    f"htp://u:{SECRET}@127.0.0.1:9": "names a proxy with an unknown scheme (htp): ",
    f"{SECRET} ://h": "names a proxy with an unknown scheme (another kind): ",
    "http://": "is not the address of a proxy: ",
    "http://:8080": "is not the address of a proxy: ",
    f"http://u:{SECRET}@": "is not the address of a proxy: ",
    "http://h:port": "is not the address of a proxy: ",
    "h:99999": "is not the address of a proxy: ",
    "http://[::1": "is not the address of a proxy: ",
    "http://a b:1": "is not the address of a proxy: ",
}


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
def test_a_proxy_that_is_none(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    for value, sentence in PROXIES.items():
        monkeypatch.setenv(name, value)
        answer = info()
        assert answer["msg"] == f"Failed to connect to LiteLLM at {URL}: {name} in the environment {sentence}{SHAPE}"
        assert answer["failure"]["code"] == "litellm_unreachable"


def test_which_of_several_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "ftp://h")
    monkeypatch.setenv("HTTPS_PROXY", "htp://h")
    assert "HTTPS_PROXY in the environment names a proxy with an unknown scheme (htp)" in info()["msg"]
    assert "ALL_PROXY in the environment names a proxy with an unknown scheme (ftp)" in info("http://litellm.example.com")["msg"]
    monkeypatch.setenv("https_proxy", "http://")
    assert "https_proxy in the environment is not the address of a proxy" in info()["msg"]
    # One that is all right is not to blame for an address that is not.
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "a..b")
    message = info("https://a..b")["msg"]
    assert message.startswith("Failed to connect to LiteLLM at https://a..b: ")
    assert "proxy" not in message


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[Receiver]:
    """A server with a certificate that nobody trusts yet."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with Receiver(context) as receiver:
        yield receiver


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_authorities_that_cannot_be_used(secure: Receiver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    no_certificates = tmp_path / "notes.txt"
    no_certificates.write_text("no certificate\n", encoding="utf-8")
    for path in (tmp_path / "nofile", no_certificates):
        monkeypatch.setenv(name, str(path))
        assert info(secure.url)["msg"] == (
            f"Failed to connect to LiteLLM at {secure.url}: {name} in the environment must name a file with CA certificates in PEM "
            "format, but that file cannot be used. Correct or unset it, or give ca_path"
        )
    others = tmp_path / "others.pem"
    trustme.CA().cert_pem.write_to_path(str(others))
    monkeypatch.setenv(name, str(others))
    assert info(secure.url)["msg"].endswith(f"or set validate_certs to false. {name} in the environment names the trusted CAs")
    monkeypatch.delenv(name)
    monkeypatch.setenv("SSL_CERT_FILE", "/nofile")
    assert info(secure.url)["msg"].endswith("Give its CA with ca_path, or set validate_certs to false")


@pytest.fixture
def libpq(postgres_stack: Stack, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The database by libpq's variables alone."""
    return {
        "PGHOST": "127.0.0.1",
        "PGPORT": str(postgres_stack.postgres.port),
        "PGDATABASE": LITEMAAS_DATABASE,
        "PGUSER": "litemaas_admin",
        "PGPASSWORD": PASSWORD,
    }


def look(**options: Any) -> dict[str, Any]:
    answer = run_module(litemaas_sync_info.main, {"gather_subset": ["totals"], **options})
    assert PASSWORD not in answer["raw"]
    assert "Traceback" not in answer["raw"]
    return answer


LIBPQ = [
    ("PGSSLMODE", "junk", "Correct PGSSLMODE in the environment: it may be disable, allow, prefer, require, verify-ca or verify-full"),
    ("PGSSLMODE", "require", "Check PGSSLMODE in the environment: this server has no TLS"),
    ("PGPORT", "abc", "Correct PGPORT in the environment: it must be a number from 1 to 65535"),
    ("PGPORT", "99999", "Correct PGPORT in the environment: it must be a number from 1 to 65535"),
    ("PGPORT", "1", "Check PGHOST and PGPORT, and that PostgreSQL runs there and can be reached from here"),
    ("PGPORT", "5432,5433", "Check PGHOST and PGPORT: one port for all hosts, or one for each"),
    ("PGHOST", "no-such-host.invalid", "Check PGHOST"),
    ("PGHOST", "/nofolder", "Check PGHOST: the folder of a Unix socket, or a name or an address"),
    ("PGHOSTADDR", "junk", "Correct PGHOSTADDR in the environment: it must be an IP address; names go into PGHOST"),
    ("PGUSER", "nobody", "Check PGUSER and PGPASSWORD"),
    ("PGPASSWORD", "demo-wrong-not-real", "Check PGUSER and PGPASSWORD"),
    ("PGDATABASE", "nosuch", "Check PGDATABASE"),
    (
        "PGSERVICE",
        "nosuch",
        "Correct PGSERVICE in the environment: it must name a part of ~/.pg_service.conf, or of the file in PGSERVICEFILE",
    ),
    ("PGTARGETSESSIONATTRS", "junk", "Correct PGTARGETSESSIONATTRS in the environment: it may be any, read-write, "),
    ("PGTARGETSESSIONATTRS", "read-only", "Correct PGTARGETSESSIONATTRS in the environment: it may be any, read-write, "),
    ("PGCHANNELBINDING", "junk", "Correct PGCHANNELBINDING in the environment: it may be disable, prefer or require"),
    ("PGCHANNELBINDING", "require", "Correct PGCHANNELBINDING in the environment: it may be disable, prefer or require"),
    ("PGGSSENCMODE", "junk", "Correct PGGSSENCMODE in the environment: it may be disable, prefer or require"),
    ("PGSSLMINPROTOCOLVERSION", "junk", "Correct PGSSLMINPROTOCOLVERSION in the environment: it may be TLSv1.2 or TLSv1.3"),
    ("PGREQUIREAUTH", "none", "Correct PGREQUIREAUTH in the environment: it names ways to sign in, such as scram-sha-256"),
    ("PGOPTIONS", "junk", "Correct PGOPTIONS in the environment: it must look like -c NAME=VALUE"),
    ("PGTZ", "junk", "Correct PGTZ in the environment: it must be a time zone that PostgreSQL knows"),
    ("PGDATESTYLE", "junk", "Correct PGDATESTYLE in the environment: it must be one of PostgreSQL's, such as ISO"),
    # What has no effect is no error: the collection has its own time limit, and these files are for TLS.
    ("PGCONNECT_TIMEOUT", "x", ""),
    ("PGSSLROOTCERT", "/nofile", ""),
    ("PGPASSFILE", "/nofile", ""),
]


@pytest.mark.postgres
@pytest.mark.parametrize(("name", "value", "sentence"), LIBPQ)
def test_variables_of_libpq(libpq: dict[str, str], monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str) -> None:
    """Alone, and beside a URL: what the URL says counts there, and the advice names the URL for it."""
    for variable, given in {**libpq, name: value}.items():
        monkeypatch.setenv(variable, given)
    answer = look()
    if not sentence:
        assert not answer.get("failed"), answer
        return
    assert answer["failure"]["code"] == "database_unreachable"
    assert sentence in answer["msg"]
    if name not in libpq:
        assert (
            sentence in look(database_url="postgresql://litemaas_admin:{PGPASSWORD}@127.0.0.1:{PGPORT}/{PGDATABASE}".format(**libpq))["msg"]
        )


@pytest.mark.postgres
def test_parts_of_an_address_from_here_and_there(libpq: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    place = "127.0.0.1:{PGPORT}/{PGDATABASE}".format(**libpq)
    monkeypatch.setenv("PGPASSWORD", "demo-wrong-not-real")
    assert look(database_url=f"postgresql://litemaas_admin@{place}")["msg"].endswith("Check the user in database_url and PGPASSWORD")
    monkeypatch.setenv("PGSSLMODE", "disable")
    message = look(database_url=f"postgresql://litemaas_admin:{PASSWORD}@{place}?sslmode=junk")["msg"]
    assert message.endswith("Correct sslmode in database_url: it may be disable, allow, prefer, require, verify-ca or verify-full")
    monkeypatch.setenv("DATABASE_URL", f"postgresql://litemaas_admin:demo-wrong-not-real@{place}")
    assert look()["msg"].endswith("Check the user and the password in DATABASE_URL")
    monkeypatch.setenv("DATABASE_URL", "mysql://h/x")
    assert look()["msg"].startswith("DATABASE_URL is not a PostgreSQL URL: ")


@pytest.fixture
def says_tls() -> Iterator[int]:
    """The port of a server that takes every client's wish for TLS."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    client, _address = server.accept()
                except OSError:
                    return
                with client:
                    client.recv(8)
                    client.sendall(b"S")
                    client.recv(1)

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


TLS_FILES = [
    ("PGSSLROOTCERT", {"PGSSLMODE": "verify-full"}, "Correct PGSSLROOTCERT in the environment: it must name a file in PEM format"),
    ("PGSSLCERT", {"PGSSLMODE": "require", "PGSSLKEY": "/nofile"}, "it must name a file in PEM format"),
]


@pytest.mark.parametrize(("name", "beside", "sentence"), TLS_FILES)
def test_files_that_are_not_there(
    says_tls: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, beside: dict[str, str], sentence: str
) -> None:
    broken = tmp_path / "broken.pem"
    broken.write_text("no certificate\n", encoding="utf-8")
    for variable, value in {"PGHOST": "127.0.0.1", "PGPORT": str(says_tls), "PGDATABASE": "x", name: str(broken), **beside}.items():
        monkeypatch.setenv(variable, value)
    message = look()["msg"]
    assert sentence in message, message
    assert f"Correct {name} in the environment" in message
