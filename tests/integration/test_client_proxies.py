# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proxies between the modules and LiteLLM, as HTTP_PROXY, HTTPS_PROXY and NO_PROXY name them; their passwords are nowhere."""

from __future__ import annotations

import ssl
from typing import Any

import pytest
import trustme

from ansible_collections.litemaas.models.plugins.modules import litellm_model_info
from tests.support.modules import run_module
from tests.support.receiver import ForwardProxy, Receiver
from tests.support.stack import Stack

pytestmark = [pytest.mark.any_litellm, pytest.mark.litellm]

PASSWORD = "demo-proxy-password-not-real"
CREDENTIALS = f"somebody:{PASSWORD}"


class Environment:
    """The variables that name proxies."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"):
            monkeypatch.delenv(name, raising=False)
            monkeypatch.delenv(name.lower(), raising=False)

    def set(self, **variables: str) -> None:
        """Set variables, in both ways of writing them."""
        for name, value in variables.items():
            self._monkeypatch.setenv(name, value)
            self._monkeypatch.setenv(name.lower(), value)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Environment:
    return Environment(monkeypatch)


def info(stack: Stack, **options: Any) -> dict[str, Any]:
    connection = {"litellm_url": stack.litellm_url, "litellm_api_key": stack.master_key, "retries": 0, "timeout": 10}
    answer = run_module(litellm_model_info.main, {**connection, **options})
    assert PASSWORD not in answer["raw"]
    assert stack.master_key not in answer["raw"]
    return answer


def test_http(clean_litellm: Stack, environment: Environment) -> None:
    with ForwardProxy(CREDENTIALS) as proxy:
        environment.set(HTTP_PROXY=proxy.url.replace("//", f"//{CREDENTIALS}@"))
        assert info(clean_litellm)["complete"] is not None
        through = len(proxy.targets)
        assert through > 0
        assert proxy.targets[0].startswith(clean_litellm.litellm_url)
        environment.set(NO_PROXY="127.0.0.1")
        assert not info(clean_litellm).get("failed")
        assert len(proxy.targets) == through


@pytest.mark.parametrize("credentials", ["", f"somebody:wrong-{PASSWORD}"])
def test_a_proxy_that_wants_a_password(clean_litellm: Stack, environment: Environment, credentials: str) -> None:
    with ForwardProxy(CREDENTIALS) as proxy:
        address = proxy.url.replace("//", f"//{credentials}@") if credentials else proxy.url
        environment.set(HTTP_PROXY=address, HTTPS_PROXY=address)
        plain = info(clean_litellm)
        assert "the proxy that http_proxy in the environment names wants a user and a password (HTTP 407)" in plain["msg"]
        tunnel = info(clean_litellm, litellm_url=clean_litellm.litellm_url.replace("http:", "https:"))
        assert "cannot connect through the proxy that https_proxy in the environment names: Tunnel connection failed: 407" in tunnel["msg"]
        assert {plain["failure"]["code"], tunnel["failure"]["code"]} == {"litellm_unreachable"}


def test_a_proxy_that_is_away(clean_litellm: Stack, environment: Environment) -> None:
    environment.set(HTTP_PROXY=f"http://{CREDENTIALS}@127.0.0.1:9", HTTPS_PROXY=f"http://{CREDENTIALS}@127.0.0.1:9")
    for url in (clean_litellm.litellm_url, "https://litellm.example.com"):
        message = info(clean_litellm, litellm_url=url)["msg"]
        name = url.partition(":")[0] + "_proxy"
        assert message == (
            f"Failed to connect to LiteLLM at {url}: cannot connect through the proxy that {name} in the environment names: "
            "[Errno 111] Connection refused"
        )


def test_a_tunnel(clean_litellm: Stack, environment: Environment, tmp_path: Any) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    ca_path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_path))
    with Receiver(context) as receiver, ForwardProxy(CREDENTIALS) as proxy:
        environment.set(HTTPS_PROXY=proxy.url.replace("//", f"//{CREDENTIALS}@"))
        answer = info(clean_litellm, litellm_url=receiver.url, ca_path=str(ca_path))
        # It is no LiteLLM, and it was asked with our key, through the tunnel.
        assert "an answer without a list of models" in answer["msg"]
        assert set(proxy.targets) == {receiver.url.removeprefix("https://")}
        assert receiver.notifications[0].headers["Authorization"] == f"Bearer {clean_litellm.master_key}"
