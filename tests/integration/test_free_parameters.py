# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a file says beyond the named fields, on a real LiteLLM proxy: said, changed, left out, and cleared."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from ansible_collections.litemaas.models.plugins.module_utils._litellm.model_writes import NO_SUCH_ID
from ansible_collections.litemaas.models.plugins.modules import litemaas_model_sync
from tests.integration.test_cleanup_on_litellm import on_both
from tests.integration.test_litellm_model import GRANITE, actions, check_run_again, manage, of_name, searches_database, takes_parameters_out
from tests.support.modules import run_module
from tests.support.recorder import Recorder
from tests.support.stack import LITELLM_DATABASE, LITEMAAS_DATABASE, Stack

pytestmark = [pytest.mark.litellm, pytest.mark.postgres]

INFO: dict[str, Any] = {
    "supports_reasoning": True,
    "health_check_model": "openai/small",
    "health_check_timeout": 7,
    "custom_tokenizer": {"identifier": "x", "revision": "main"},
    "owners": ["b", "a"],
}


def ask(stack: Stack, method: str, path: str, body: dict[str, Any]) -> requests.Response:
    headers = {"Authorization": "Bearer " + stack.master_key}
    return requests.request(method, stack.litellm_url + path, json=body, headers=headers, timeout=60)


def by_hand(stack: Stack, **parts: dict[str, Any]) -> None:
    """Set something of the model granite as a person does in the Admin UI."""
    model_id = of_name(stack, "granite")[0]["model_id"]
    if "model_info" in parts:
        parts["model_info"] = dict(parts["model_info"], id=model_id)
    ask(stack, "PATCH", f"/model/{model_id}/update", parts).raise_for_status()


def shown(stack: Stack) -> tuple[dict[str, Any], dict[str, Any]]:
    """Parameters and model_info of the model granite."""
    [line] = of_name(stack, "granite")
    return line["litellm_params"], line["model_info"]


def stored_info(stack: Stack) -> dict[str, Any]:
    """The model_info of granite in LiteLLM's table: LiteLLM 1.100 shows a capability that is gone until it is started again."""
    [[text]] = stack.postgres.sql(
        """SELECT model_info::text FROM "LiteLLM_ProxyModelTable" WHERE model_name = 'granite'""", LITELLM_DATABASE
    )
    return dict(json.loads(text))


def answers(stack: Stack) -> str:
    """What the model granite says, or why not."""
    answer = ask(stack, "POST", "/v1/chat/completions", {"model": "granite", "messages": [{"role": "user", "content": "hello"}]})
    return str(answer.json()["choices"][0]["message"]["content"]) if answer.ok else f"HTTP {answer.status_code}"


def test_extra_info_is_said_and_changed_by_its_own_keys(clean_litellm: Stack) -> None:
    check_run_again(clean_litellm, [dict(GRANITE, extra_info=INFO)], "created")
    info = shown(clean_litellm)[1]
    assert {name: info[name] for name in INFO} == INFO
    by_hand(clean_litellm, model_info={"note": "by hand"})
    assert not manage(clean_litellm, [dict(GRANITE, extra_info=INFO)])["changed"]
    less = {"supports_reasoning": "no", "health_check_timeout": 7.5}
    done = check_run_again(clean_litellm, [dict(GRANITE, extra_info=less)], "updated")
    assert done["models"][0]["changed_fields"] == ["health_check_timeout", "supports_reasoning"]
    info = shown(clean_litellm)[1]
    assert (info["supports_reasoning"], info["health_check_timeout"], info["note"]) == (False, 7.5, "by hand")
    assert info["owners"] == INFO["owners"], "what is left out is left alone"


def test_a_deployment_with_a_name_of_its_own_is_known_by_its_base_model(clean_stack: Stack) -> None:
    azure = {"model_name": "granite", "litellm_model": "azure/ours", "api_base": "http://127.0.0.1:9", "api_key": "demo-key-not-real"}
    check_run_again(clean_stack, [dict(azure, base_model="azure/gpt-4o")], "created")
    answer = run_module(litemaas_model_sync.main, on_both(clean_stack))
    assert not answer.get("failed"), answer
    columns = "input_cost_per_token, output_cost_per_token, context_length, supports_vision, supports_function_calling"
    [row] = clean_stack.postgres.sql(f"SELECT {columns} FROM models WHERE id = 'granite'", LITEMAAS_DATABASE)
    assert [float(row[0]), float(row[1]), *row[2:]] == [2.5e-06, 1e-05, "16384", "t", "t"]


FREE: dict[str, Any] = {
    "extra_params": {
        "mock_response": "I am a mock",
        "max_budget": 5,
        "budget_duration": "1d",
        "extra_headers": {"X-Api-Key": "header-not-real", "X-Plain": "p"},
    },
    "secret_params": {"my_access_token": "token-not-real"},
    "extra_info": INFO,
    "timeout": 30,
    "tags": ["gpu"],
    "access_groups": ["alpha"],
}


@pytest.mark.each_litellm
def test_replace_clears_what_was_the_files_and_nothing_else(clean_litellm: Stack) -> None:
    model_id = manage(clean_litellm, [dict(GRANITE, **FREE)])["models"][0]["model_id"]
    assert answers(clean_litellm) == "I am a mock"
    by_hand(clean_litellm, litellm_params={"max_file_size_mb": 5.0, "stop": ["END"], "max_retries": 0}, model_info={"note": "by hand"})
    assert not manage(clean_litellm, [dict(GRANITE, **FREE)], replace=True)["changed"]
    assert not manage(clean_litellm, [GRANITE])["changed"], "what is left out is left alone"
    some = dict(FREE, extra_params={"max_budget": 5}, extra_info={"health_check_timeout": 7}, secret_params={})
    done = check_run_again(clean_litellm, [dict(GRANITE, **some)], "updated", replace=True)
    assert done["models"][0]["model_id"] == model_id
    assert done["models"][0]["changed_fields"] == [
        "budget_duration", "custom_tokenizer", "extra_headers", "health_check_model", "mock_response", "my_access_token", "owners",
        "supports_reasoning",
    ]  # fmt: skip
    assert "not-real" not in done["raw"]
    assert answers(clean_litellm) != "I am a mock"
    done = check_run_again(clean_litellm, [GRANITE], "updated", replace=True)
    assert done["models"][0]["changed_fields"] == ["access_groups", "health_check_timeout", "max_budget", "tags", "timeout"]
    params, info = shown(clean_litellm)[0], stored_info(clean_litellm)
    assert {*FREE["extra_params"], "my_access_token", "timeout", "tags"} & set(params) == set()
    assert {*INFO, "access_groups"} & set(info) == set()
    assert (params["max_file_size_mb"], params["stop"], params["max_retries"], info["note"]) == (5.0, ["END"], 0, "by hand")


def test_what_was_left_out_for_a_while_is_still_the_files(clean_litellm: Stack) -> None:
    """Without replace it stays and is remembered, also beside later additions."""
    manage(clean_litellm, [dict(GRANITE, extra_params={"max_budget": 5})])
    manage(clean_litellm, [dict(GRANITE, extra_params={"budget_duration": "1d"}, rpm=11)])
    done = check_run_again(clean_litellm, [dict(GRANITE, rpm=11)], "updated", replace=True)
    assert done["models"][0]["changed_fields"] == ["budget_duration", "max_budget"]


def test_what_the_file_says_of_a_model_made_by_hand_is_the_files_from_then_on(clean_litellm: Stack) -> None:
    body = {
        "model_name": "granite",
        "litellm_params": {"model": GRANITE["litellm_model"], "max_budget": 5.0, "max_file_size_mb": 5.0},
        "model_info": {"id": "by-hand", "owner": "a"},
    }
    ask(clean_litellm, "POST", "/model/new", body).raise_for_status()
    least = {"model_name": "granite", "litellm_model": GRANITE["litellm_model"], "secret_params": {"none": "none"}}
    entry = dict(least, extra_params={"max_budget": 5}, extra_info={"owner": "a"})
    manage(clean_litellm, [entry], update_secrets="on_create")
    assert "litemaas_params" not in shown(clean_litellm)[1], "a quiet run writes nothing"
    check_run_again(clean_litellm, [entry], "updated", replace=True)
    done = check_run_again(clean_litellm, [least], "updated", replace=True)
    assert done["models"][0]["changed_fields"] == ["max_budget", "owner"]
    params, info = shown(clean_litellm)
    assert params["max_file_size_mb"] == 5.0
    assert "max_budget" not in params
    assert "owner" not in info


@pytest.mark.parametrize("as_before", [False, True], ids=["credential", "litellm_credential_name"])
def test_from_a_stored_credential_to_an_own_key_and_back(clean_litellm: Stack, as_before: bool) -> None:
    stored = {"credential_name": "stored", "credential_info": {}, "credential_values": {"api_key": "stored-not-real"}}
    ask(clean_litellm, "POST", "/credentials", stored)
    own = {name: GRANITE[name] for name in ("model_name", "litellm_model", "api_base", "api_key")}
    keyless = {name: value for name, value in own.items() if name != "api_key"}
    used = dict(keyless, **({"extra_params": {"litellm_credential_name": "stored"}} if as_before else {"credential": "stored"}))
    try:
        assert "warnings" not in check_run_again(clean_litellm, [used], "created")
        done = check_run_again(clean_litellm, [own], "updated", replace=True)
        assert done["models"][0]["changed_fields"] == ["api_key", "credential"]
        params, info = shown(clean_litellm)
        assert "litellm_credential_name" not in params
        assert "litemaas_api_key_hmac" in info
        done = check_run_again(clean_litellm, [used], "updated", replace=True)
        assert done["models"][0]["changed_fields"] == ["api_key", "credential"]
        params, info = shown(clean_litellm)
        assert params["litellm_credential_name"] == "stored"
        assert "litemaas_api_key_hmac" not in info
    finally:
        ask(clean_litellm, "DELETE", "/credentials/stored", {})


@pytest.mark.each_litellm
def test_parameters_are_taken_out_in_place_where_litellm_can(clean_litellm: Stack, recorder: Recorder) -> None:
    """LiteLLM before 1.109.3 ignores removals: its answer to the question tells what is stored, as one to an empty change does."""
    in_place = takes_parameters_out(clean_litellm)
    entry = dict(GRANITE, secret_params={"my_access_token": "token-not-real"}, extra_params={"max_budget": 5}, timeout=30)
    manage(clean_litellm, [entry])
    left = {name: value for name, value in entry.items() if name not in ("timeout", "secret_params", "extra_params")}
    removal = ["max_budget", "my_access_token", "timeout"]
    done = manage(clean_litellm, [left], replace=True, url=recorder.url)
    assert done["models"][0]["changed_fields"] == removal
    writes = [call for call in recorder.requests if call.method != "GET" and call.path.startswith("/model/")]
    assert writes[0].json() == {"litellm_params_to_remove": ["model"]}, "a removal that is refused where it is known"
    assert [call.path.split("/")[-1] for call in writes[1:]] == (["update"] if in_place else ["delete", "new"])
    assert writes[1].json().get("litellm_params_to_remove") == (removal if in_place else None)
    params, info = shown(clean_litellm)
    assert not {*removal} & {*params}
    assert "litemaas_my_access_token_hmac" not in info
    assert not manage(clean_litellm, [left], replace=True)["changed"]
    check_run_again(clean_litellm, [dict(left, secret_params={"my_access_token": "token-not-real"})], "updated")
    # What somebody else saved would be lost with a deployment that is made anew. Check mode says so where LiteLLM shows that it is there.
    by_hand(clean_litellm, litellm_params={"azure_ad_token": "token-not-real"})
    recorder.requests.clear()
    foreseen = manage(clean_litellm, [left], replace=True, check=True, url=recorder.url)
    questions = [(call.path, call.json()) for call in recorder.requests if call.method == "PATCH"]
    done = manage(clean_litellm, [left], replace=True)
    for answer in (foreseen, done):
        assert actions(answer) == ["updated" if in_place else "failed"]
        assert in_place or "azure_ad_token would be lost" in answer["models"][0]["reason"]
    # Nothing has this id. LiteLLM 1.81 needs no question.
    assert questions == [(f"/model/{NO_SUCH_ID}/update", {"litellm_params_to_remove": ["model"]})] * searches_database(clean_litellm)


def test_a_credential_that_is_not_there_is_warned_of(clean_litellm: Stack, recorder: Recorder) -> None:
    """LiteLLM takes such a model all the same. It is asked where a model is new or gets another credential, and only then."""
    stored = {"credential_name": "team-a", "credential_info": {}, "credential_values": {"api_key": "stored-not-real"}}
    ask(clean_litellm, "POST", "/credentials", stored)
    keyless = {name: GRANITE[name] for name in ("model_name", "litellm_model", "api_base")}
    two = [dict(keyless, model_name=name, credential="taem-a") for name in ("granite", "other")]
    sentence = "LiteLLM has no credential taem-a (did you mean team-a?): requests to models that use it fail until it is created in LiteLLM"
    try:
        for check in (True, False):
            assert sentence in str(manage(clean_litellm, two, check)["warnings"])
        assert not manage(clean_litellm, two, url=recorder.url).get("warnings")
        assert "/credentials" not in [call.path for call in recorder.requests]
        right = [dict(entry, credential="team-a") for entry in two]
        assert not manage(clean_litellm, right).get("warnings")
    finally:
        ask(clean_litellm, "DELETE", "/credentials/team-a", {})
