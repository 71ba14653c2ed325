# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How models sign in to their servers: providers that need no api_key, no key at all, and a credential that takes a key's place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.test_litellm_model import actions, manage
from tests.support.receiver import Receiver
from tests.support.stack import LITELLM_DATABASE, Stack

pytestmark = pytest.mark.litellm

AZURE = {"litellm_model": "azure/gpt-4o", "api_base": "https://one.openai.azure.com", "api_version": "2024-06-01"}
# name -> an entry without api_key, and one more parameter for the change.
SIGNED_IN: dict[str, dict[str, Any]] = {
    "azure-managed-identity": {**AZURE, "api_key": False},
    "azure-entra": {
        **AZURE,
        "extra_params": {"tenant_id": "tenant", "client_id": "client"},
        "secret_params": {"client_secret": "demo-secret-not-real"},
    },
    "azure-token": {**AZURE, "secret_params": {"azure_ad_token": "demo-token-not-real"}},
    "github-copilot": {"litellm_model": "github_copilot/gpt-4o"},
    "databricks": {"litellm_model": "databricks/dbrx", "api_base": "https://dbc.cloud.databricks.com/serving-endpoints"},
    "watsonx": {
        "litellm_model": "watsonx/ibm/granite-3-8b-instruct",
        "api_base": "https://us-south.ml.cloud.ibm.com",
        "extra_params": {"project_id": "project"},
        "secret_params": {"zen_api_key": "demo-zen-not-real"},
    },
    "bedrock-role": {
        "litellm_model": "bedrock/anthropic.claude-3-haiku-20240307-v1:0",
        "extra_params": {"aws_role_name": "arn:aws:iam::123:role/models", "aws_session_name": "s", "aws_region_name": "eu-central-1"},
    },
    "vertex-adc": {"litellm_model": "vertex_ai/gemini-2.5-pro", "extra_params": {"vertex_project": "p", "vertex_location": "global"}},
    "own-server-without-a-key": {"litellm_model": "openai/own", "api_base": "http://127.0.0.1:9/v1", "api_key": False},
}
CREDENTIAL = "shared-key"


def _sign_in_to_copilot(stack: Stack) -> None:
    """LiteLLM has signed in to GitHub already: else it would ask GitHub, and serve no model of it without an answer."""
    folder = stack.proxy.directory / "github_copilot"
    folder.mkdir(exist_ok=True)
    (folder / "access-token").write_text("demo-token-not-real", encoding="utf-8")
    (folder / "api-key.json").write_text(json.dumps({"token": "demo-token-not-real", "expires_at": 9999999999}), encoding="utf-8")


def keys_stored(stack: Stack) -> set[str]:
    """Names of the models that have an api_key in LiteLLM's table."""
    rows = stack.postgres.sql(
        """SELECT model_name FROM "LiteLLM_ProxyModelTable" WHERE litellm_params::jsonb ? 'api_key'""", LITELLM_DATABASE
    )
    return {row[0] for row in rows}


def test_providers_that_need_no_key(clean_litellm: Stack) -> None:
    _sign_in_to_copilot(clean_litellm)
    entries = [dict(entry, model_name=name) for name, entry in SIGNED_IN.items()]
    for action, changes in (("created", {}), ("updated", {"rpm": 7}), ("updated", {"description": "Another text"})):
        entries = [dict(entry, **changes) for entry in entries]
        predicted = manage(clean_litellm, entries, check=True)
        assert actions(predicted) == [action] * len(entries), predicted
        done = manage(clean_litellm, entries)
        assert actions(done) == [action] * len(entries), done
        assert all(line["served"] for line in done["models"])
        again = manage(clean_litellm, entries)
        assert actions(again) == ["unchanged"] * len(entries), again
    assert keys_stored(clean_litellm) == set()


def test_a_key_that_is_taken_away(clean_litellm: Stack) -> None:
    """api_key: false takes out a key that an earlier list gave."""
    given = dict(SIGNED_IN["own-server-without-a-key"], model_name="own")
    manage(clean_litellm, [dict(given, api_key="demo-key-not-real")])
    assert keys_stored(clean_litellm) == {"own"}
    assert actions(manage(clean_litellm, [given], check=True)) == ["updated"]
    assert actions(manage(clean_litellm, [given])) == ["updated"]
    assert keys_stored(clean_litellm) == set()
    assert actions(manage(clean_litellm, [given])) == ["unchanged"]


@pytest.fixture
def model_server(clean_litellm: Stack) -> Iterator[Receiver]:
    """A model server that remembers the keys it was shown, and a credential for it that is stored in LiteLLM."""
    proxy = clean_litellm.proxy
    with Receiver() as receiver:
        values = {"api_key": "demo-credential-not-real", "api_base": receiver.url}
        body = {"credential_name": CREDENTIAL, "credential_values": values, "credential_info": {}}
        status, answer = proxy.request("POST", "/credentials", body)
        assert status == 200, answer
        yield receiver
        proxy.request("DELETE", f"/credentials/{CREDENTIAL}")


def key_shown(stack: Stack, receiver: Receiver, model_name: str) -> str:
    """The key with which LiteLLM asks the model server for a model."""
    receiver.notifications.clear()
    body = {"model": model_name, "messages": [{"role": "user", "content": "Hello"}]}
    stack.proxy.request("POST", "/v1/chat/completions", body)
    assert receiver.notifications, "the model server was not asked"
    headers = {name.lower(): value for name, value in receiver.notifications[0].headers.items()}
    return headers["authorization"].removeprefix("Bearer ")


def test_a_credential_in_the_place_of_a_key(clean_litellm: Stack, model_server: Receiver) -> None:
    """LiteLLM goes on using the key: the run says so, and how to take it out."""
    stack = clean_litellm
    backend = {"litellm_model": "openai/own", "api_base": model_server.url}
    keyed = [dict(backend, model_name=name, api_key="demo-key-not-real") for name in ("one", "two")]
    switched = [dict(backend, model_name=name, credential=CREDENTIAL) for name in ("one", "two")]
    assert not manage(stack, keyed).get("warnings")
    for check, action in ((True, "updated"), (False, "updated"), (False, "unchanged")):
        answer = manage(stack, switched, check=check)
        assert actions(answer) == [action] * 2
        told = str(answer["warnings"])
        assert "uses them instead of the credential: one (api_key); two (api_key). To remove them" in told
    assert key_shown(stack, model_server, "one") == "demo-key-not-real"

    # Two ways to take it out, and nothing more to say then.
    without = [dict(switched[0], api_key=False), switched[1]]
    assert actions(manage(stack, without[:1])) == ["updated"]
    assert actions(manage(stack, without[1:], replace=True)) == ["updated"]
    assert keys_stored(stack) == set()
    last = manage(stack, without)
    assert actions(last) == ["unchanged"] * 2
    assert not last.get("warnings")
    for name in ("one", "two"):
        assert key_shown(stack, model_server, name) == "demo-credential-not-real"
