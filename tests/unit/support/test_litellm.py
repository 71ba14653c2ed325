# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real proxy that the test support starts works, and so do the fixtures around it."""

from __future__ import annotations

import http.client
import json
from typing import Any

import pytest

from tests.support.fixtures import database_models, delete_database_models
from tests.support.recorder import Fault, Recorder, fail_once
from tests.support.stack import LITELLM_DATABASE, Stack

pytestmark = [pytest.mark.litellm, pytest.mark.slow]

MODEL = {
    "model_name": "made-by-test",
    "litellm_params": {"model": "openai/x", "api_base": "http://127.0.0.1:9/v1", "api_key": "demo-key-not-real"},
    "model_info": {"id": "made-by-test-1"},
}


def created(stack: Stack) -> tuple[int, Any]:
    return stack.proxy.request("POST", "/model/new", MODEL)


def test_a_model_is_created_patched_and_deleted(clean_litellm: Stack) -> None:
    proxy = clean_litellm.proxy
    assert created(clean_litellm)[0] == 200
    change = {"litellm_params": {"rpm": 11}, "model_info": {"id": "made-by-test-1"}}
    assert proxy.request("PATCH", "/model/made-by-test-1/update", change)[0] == 200
    served = {model["model_name"]: model for model in proxy.request("GET", "/model/info")[1]["data"]}
    assert set(served) == {"config-file-model", "made-by-test"}
    assert served["made-by-test"]["litellm_params"]["rpm"] == 11
    assert proxy.request("POST", "/model/delete", {"id": "made-by-test-1"})[0] == 200
    assert database_models(proxy) == []


def test_cleaning_removes_database_models_only(clean_litellm: Stack) -> None:
    assert created(clean_litellm)[0] == 200
    delete_database_models(clean_litellm)
    names = [model["model_name"] for model in clean_litellm.proxy.request("GET", "/model/info")[1]["data"]]
    assert names == ["config-file-model"]


def test_another_key_is_refused(clean_litellm: Stack) -> None:
    assert clean_litellm.proxy.request("GET", "/model/info", key="sk-wrong")[0] == 401


def test_a_dropped_answer_leaves_a_saved_model(clean_litellm: Stack, recorder: Recorder) -> None:
    recorder.fault = fail_once(lambda request: request.method == "POST", Fault.drop())
    client = http.client.HTTPConnection(recorder.url.removeprefix("http://"), timeout=60)
    headers = {"Authorization": f"Bearer {clean_litellm.master_key}", "Content-Type": "application/json"}
    client.request("POST", "/model/new", json.dumps(MODEL), headers)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        client.getresponse()
    client.close()
    saved = clean_litellm.postgres.sql('SELECT model_id FROM "LiteLLM_ProxyModelTable"', LITELLM_DATABASE)
    assert saved == [["made-by-test-1"]]
    assert [(request.method, request.path) for request in recorder.requests] == [("POST", "/model/new")]


def test_what_litellm_asks_its_database_can_be_read(clean_litellm: Stack) -> None:
    with clean_litellm.postgres.recorded_statements(LITELLM_DATABASE) as statements:
        created(clean_litellm)
    assert any("INSERT" in statement.text and "LiteLLM_ProxyModelTable" in statement.text for statement in statements)
