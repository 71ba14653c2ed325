# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""notify_urls: who is told what and when; a receiver in trouble is a warning, and quick."""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from ansible_collections.litemaas.models.plugins.module_utils._run import notify
from ansible_collections.litemaas.models.plugins.module_utils._run.job import os_user
from tests.integration.database import ADMIN_KEY, Backend, entry
from tests.support.receiver import ForwardProxy, Receiver
from tests.support.stack import Stack

pytestmark = [pytest.mark.any_litellm, pytest.mark.postgres]

TOKEN = "demo-hook-token-not-real"
SECRET = "demo-model-secret-not-real"


@pytest.fixture
def backend(clean_litemaas: Stack, monkeypatch: pytest.MonkeyPatch) -> Backend:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    backend = Backend(clean_litemaas, monkeypatch)
    backend.litellm.entries = [entry("one"), entry("two", input_cost_per_token=1e-06)]
    return backend


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


def hook(receiver: Receiver) -> str:
    return f"{receiver.url}/hooks/{TOKEN}?key={TOKEN}"


def warnings(answer: dict[str, Any]) -> list[str]:
    """Return the warnings as texts, whatever ansible-core wraps them in."""
    return [warning if isinstance(warning, str) else json.dumps(warning) for warning in answer.get("warnings", [])]


def test_a_change_is_told_once_and_quiet_runs_and_check_mode_tell_nothing(
    backend: Backend, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOB_ID", "4711")
    urls = [hook(receiver)]
    assert backend.sync(check=True, notify_urls=urls)["changed"]
    assert receiver.notifications == []
    models = [{"model_name": "one", "api_key": SECRET, "description": "First"}]
    answer = backend.sync(notify_urls=urls, models=models)
    (told,) = receiver.notifications
    payload = told.json()
    finished_at = payload.pop("finished_at")
    assert time.strptime(finished_at, "%Y-%m-%dT%H:%M:%SZ")
    assert payload == {
        "event": "litemaas_model_sync.changed",
        "text": "litemaas_model_sync at http://litellm.example.com changed something: 2 created; one, two",
        "collection": "litemaas.models",
        "version": "0.1.0",
        "module": "litemaas_model_sync",
        "litellm": "http://litellm.example.com",
        "changed": True,
        "failed": False,
        "msg": "",
        "failure": None,
        "counts": {"created": 2},
        "cascade_statistics": answer["cascade_statistics"],
        "models": [
            {"model_name": "one", "action": "created", "reason": "LiteLLM has it"},
            {"model_name": "two", "action": "created", "reason": "LiteLLM has it"},
        ],
        "more": 0,
        "errors": [],
        "by": {"os_user": os_user(), "job_id": "4711"},
    }  # fmt: skip
    assert told.path == f"/hooks/{TOKEN}?key={TOKEN}"
    assert told.headers["Content-Type"] == "application/json"
    assert "Authorization" not in told.headers
    assert not backend.sync(notify_urls=urls, models=models)["changed"]
    assert len(receiver.notifications) == 1


def test_failures_are_told_whether_they_are_a_model_or_the_whole_run(backend: Backend, receiver: Receiver) -> None:
    backend.sync()
    wrong = {"model_name": "two", "api_key": SECRET, "display_name": "x" * 300}
    backend.sync(notify_urls=[hook(receiver)], models=[wrong])
    backend.litellm.entries = []
    backend.cleanup(notify_urls=[hook(receiver)])
    backend.sync(notify_urls=[hook(receiver)], database_url=f"postgresql://litemaas:{SECRET}@127.0.0.1:9/litemaas_db")
    model, refused, unreachable = [told.json() for told in receiver.notifications]
    assert (model["event"], model["counts"]["failed"]) == ("litemaas_model_sync.failed", 1)
    assert model["models"][0]["action"] == "failed"
    assert model["failure"] == {"code": "models_failed", "message": model["msg"]}
    assert "two" in model["msg"]
    assert "two" in model["errors"][0]
    assert (refused["event"], refused["failure"]["code"], refused["changed"]) == ("litemaas_orphan_cleanup.failed", "refused", False)
    assert set(refused["failure"]) == {"code", "message"}
    assert unreachable["failure"]["code"] == "database_unreachable"
    assert unreachable["text"].startswith("litemaas_model_sync at http://litellm.example.com failed: ")


def test_no_secret_is_told(backend: Backend, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWX_JOB_TEMPLATE_NAME", f"sync {SECRET}")
    # The name of a model holds its key: reasons, errors and messages name it.
    backend.litellm.entries.append(entry(f"name-{SECRET}", api_base=f"https://user:{SECRET}@models.example.com"))
    models = [
        {"model_name": f"name-{SECRET}", "api_key": SECRET, "display_name": ADMIN_KEY},
        {"model_name": SECRET, "rpm": SECRET, "api_key": SECRET},
    ]
    backend.sync(notify_urls=[hook(receiver)], models=models, litellm_url=f"http://admin:{SECRET}@litellm.example.com")
    (told,) = receiver.notifications
    assert told.json()["litellm"] == "http://litellm.example.com"
    assert told.json()["by"]["job_template"].startswith("sync ")
    for secret in (SECRET, ADMIN_KEY, backend.url, TOKEN):
        assert secret.encode() not in told.body


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_a_dead_receiver_is_one_warning_and_the_others_are_told(backend: Backend, receiver: Receiver) -> None:
    dead = f"http://somebody:{TOKEN}@127.0.0.1:{free_port()}/{TOKEN}?x={TOKEN}"
    begin = time.monotonic()
    answer = backend.sync(notify_urls=[dead, hook(receiver)])
    assert time.monotonic() - begin < 5
    assert answer["changed"]
    assert not answer.get("failed")
    (warning,) = warnings(answer)
    assert "No notification for http://127.0.0.1:" in warning
    assert "Connection refused" in warning
    assert TOKEN not in answer["raw"]
    assert len(receiver.notifications) == 1


@pytest.mark.parametrize(
    ("statuses", "times", "warning"),
    [
        ([503, 200], 2, ""),
        ([429], 2, "it answered with HTTP 429"),
        ([502], 2, "it answered with HTTP 502"),
        ([404], 1, "it answered with HTTP 404"),
        ([500], 1, "it answered with HTTP 500"),
        ([302], 1, "it answered with HTTP 302"),
        ([204], 1, ""),
    ],
)
def test_answers(
    backend: Backend, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, statuses: list[int], times: int, warning: str
) -> None:
    monkeypatch.setattr(notify, "SECONDS_BEFORE_RETRY", 0.01)
    receiver.statuses = statuses
    receiver.location = receiver.url + "/elsewhere"
    answer = backend.sync(notify_urls=[hook(receiver)])
    assert not answer.get("failed")
    assert [told.path.split("?")[0] for told in receiver.notifications] == [f"/hooks/{TOKEN}"] * times
    assert [warning in text for text in warnings(answer)] == ([True] if warning else [])
    assert TOKEN not in answer["raw"]


def test_receivers_that_hang_cost_no_more_than_the_limit(backend: Backend, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notify, "SECONDS", 0.5)
    receiver.delay_s = 3
    begin = time.monotonic()
    answer = backend.sync(notify_urls=[hook(receiver)] * 20)
    assert time.monotonic() - begin < 2.5
    assert len(warnings(answer)) >= 1
    assert "no answer in 0.5 seconds" in warnings(answer)[0]
    # One that answers a byte at a time would outlast that: the limit of all of them ends it.
    monkeypatch.setattr(notify, "SECONDS", 10)
    monkeypatch.setattr(notify, "ALL_SECONDS", 0.3)
    begin = time.monotonic()
    answer = backend.sync(notify_urls=[hook(receiver)], force_update=True)
    assert time.monotonic() - begin < 2.5
    assert "no answer in 0.3 seconds" in warnings(answer)[0]


@pytest.mark.parametrize(
    "urls", [[f"ftp://{TOKEN}"], ["http://ok.example.com", TOKEN], [f"https://{TOKEN}:port/x"], ["https://"], [f"/path/{TOKEN}"]], ids=str
)
def test_what_is_no_address_is_an_error_before_anything_is_read(backend: Backend, urls: list[str]) -> None:
    before = backend.dump()
    answer = backend.sync(notify_urls=urls)
    assert answer["failure"]["code"] == "invalid_input"
    assert f"number {len(urls)} is not" in answer["msg"]
    assert TOKEN not in answer["raw"]
    assert backend.dump() == before


def test_a_defect_in_telling_does_not_hide_what_was_done(backend: Backend, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing: dict[str, Any] = {}
    monkeypatch.setattr(notify, "summary", lambda *arguments: nothing[TOKEN])
    answer = backend.sync(notify_urls=[hook(receiver)])
    assert (answer["changed"], answer["new_models"]) == (True, 2)
    assert "No notification was sent: Unexpected KeyError" in warnings(answer)[0]
    assert TOKEN not in answer["raw"]


def test_empty_addresses_are_none(backend: Backend) -> None:
    answer = backend.sync(notify_urls=["", " "])
    assert answer["changed"]
    assert warnings(answer) == []


def test_no_netrc_entry_and_no_key_reaches_a_receiver(
    backend: Backend, receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine 127.0.0.1 login somebody password {SECRET}\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    backend.sync(notify_urls=[hook(receiver)])
    backend.sync(notify_urls=[hook(receiver).replace("//", "//hook:open%21@")], force_update=True)
    plain, with_user = receiver.notifications
    assert "Authorization" not in plain.headers
    # hook:open!
    assert with_user.headers["Authorization"] == "Basic aG9vazpvcGVuIQ=="


def test_client_proxies_are_used(backend: Backend, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    with ForwardProxy() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("http_proxy", proxy.url)
        backend.sync(notify_urls=[hook(receiver)])
        assert len(proxy.targets) == len(receiver.notifications) == 1
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        backend.sync(notify_urls=[hook(receiver)], force_update=True)
        assert (len(proxy.targets), len(receiver.notifications)) == (1, 2)


def test_certificates_are_checked_as_the_module_checks_them(backend: Backend, tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    ca_path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_path))
    with Receiver(context) as receiver:
        refused = backend.sync(notify_urls=[hook(receiver)])
        assert not refused.get("failed")
        assert "its certificate is not trusted" in warnings(refused)[0]
        assert TOKEN not in refused["raw"]
        assert receiver.notifications == []
        assert warnings(backend.sync(notify_urls=[hook(receiver)], force_update=True, ca_path=str(ca_path))) == []
        assert len(receiver.notifications) == 1
        backend.sync(notify_urls=[hook(receiver)], force_update=True, validate_certs=False)
        assert len(receiver.notifications) == 2
