# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""litellm_model and litellm_model_info on a real LiteLLM proxy: check, run, again; faults; bad input."""

from __future__ import annotations

import json
import re
import urllib.parse
from collections.abc import Callable
from typing import Any

import pytest
import requests

from ansible_collections.litemaas.models.plugins.module_utils._common.fingerprints import hmac_of
from ansible_collections.litemaas.models.plugins.modules import litellm_model, litellm_model_info
from tests.support.errors import SupportError
from tests.support.litellm import CUSTOM_PROVIDER, VERSIONS, ProxyOptions
from tests.support.modules import run_module
from tests.support.recorder import Fault, RecordedRequest, Recorder, fail_once
from tests.support.stack import LITELLM_DATABASE, Stack

pytestmark = pytest.mark.litellm

KEY = "first-key-not-real"
OTHER_KEY = "second-key-not-real"

GRANITE: dict[str, Any] = {
    "model_name": "granite",
    "litellm_model": "openai/granite-3-8b",
    "api_base": "http://127.0.0.1:9/v1",
    "api_key": KEY,
    "rpm": 10,
    "context_length": 4096,
    "input_cost_per_token": 1.5e-07,
    "supports_vision": True,
}


def connection(stack: Stack, url: str | None = None) -> dict[str, Any]:
    return {"litellm_url": url or stack.litellm_url, "litellm_api_key": stack.master_key, "retry_delay": 0.05, "wait_timeout": 10}


def manage(stack: Stack, entries: list[dict[str, Any]], check: bool = False, url: str | None = None, **options: Any) -> dict[str, Any]:
    return run_module(litellm_model.main, dict(connection(stack, url), models=entries, **options), check)


def info(stack: Stack, **options: Any) -> dict[str, Any]:
    options = dict(connection(stack), **options)
    del options["wait_timeout"]
    return run_module(litellm_model_info.main, options)


def actions(answer: dict[str, Any]) -> list[str]:
    return [line["action"] for line in answer["models"]]


def of_name(stack: Stack, name: str) -> list[dict[str, Any]]:
    return [line for line in info(stack)["models"] if line["model_name"] == name]


def asked(recorder: Recorder) -> list[tuple[str, str]]:
    """Method and path of each request, without ids and queries."""
    return [(call.method, re.sub("/model/[^/]+/update", "/model/ID/update", call.path.split("?")[0])) for call in recorder.requests]


def takes_parameters_out(stack: Stack) -> bool:
    """Whether this LiteLLM takes parameters out of a deployment in place."""
    return tuple(map(int, stack.litellm_version.split("."))) >= (1, 109, 3)


def searches_database(stack: Stack) -> bool:
    """Whether this LiteLLM finds what it has saved and does not serve."""
    return not stack.litellm_version.startswith("1.81.")


def rows_of(stack: Stack, name: str) -> int:
    """How many rows LiteLLM's own table has of a model, served or not."""
    quoted = name.replace("'", "''")
    rows = stack.postgres.sql(f"""SELECT count(*) FROM "LiteLLM_ProxyModelTable" WHERE model_name = '{quoted}'""", LITELLM_DATABASE)
    return int(rows[0][0])


def check_run_again(stack: Stack, entries: list[dict[str, Any]], expected: str, **options: Any) -> dict[str, Any]:
    """The same list in check mode, for real and again; returns the answer of the real run."""
    foreseen = manage(stack, entries, check=True, **options)
    assert foreseen["changed"], foreseen
    done = manage(stack, entries, **options)
    assert not done.get("failed"), done
    assert actions(foreseen) == actions(done) == [expected] * len(entries)
    assert foreseen["diff"] == done["diff"]
    for check in (False, True):
        again = manage(stack, entries, check=check, **options)
        assert not again["changed"], again
        assert set(actions(again)) == {"unchanged"}
        assert again["diff"]["before"] == again["diff"]["after"] == {}
    return done


@pytest.mark.each_litellm
class TestLife:
    def test_create_update_delete_and_again(self, clean_litellm: Stack) -> None:
        created = check_run_again(clean_litellm, [GRANITE], "created")
        assert created["models"][0]["served"]
        model_id = created["models"][0]["model_id"]
        updated = check_run_again(clean_litellm, [dict(GRANITE, rpm=20)], "updated")
        assert updated["models"][0]["model_id"] == model_id
        assert updated["models"][0]["changed_fields"] == ["rpm"]
        check_run_again(clean_litellm, [{"model_name": "granite", "state": "absent"}], "deleted")
        assert rows_of(clean_litellm, "granite") == 0
        again = check_run_again(clean_litellm, [GRANITE], "created")
        assert again["models"][0]["model_id"] == model_id

    def test_every_field_comes_back(self, clean_litellm: Stack) -> None:
        entry = dict(
            GRANITE,
            display_name="Granite 3",
            description="A 'quoted' \"text\" with $(x), %s and üñí",
            provider="vllm",
            category="code",
            max_tokens=1024,
            tpm=1000,
            output_cost_per_token=1.23456789e-06,
            mode="chat",
            supports_function_calling=True,
            supports_parallel_function_calling=False,
            supports_tool_choice=True,
            supports_embeddings=False,
            supports_convert=False,
            supports_tokenize=True,
            supports_streaming=False,
            availability="available",
            restricted_access=True,
            api_version="2024-01-01",
            custom_llm_provider="openai",
            base_model="azure/gpt-4o",
            access_groups=["beta", "alpha"],
            tags=["gpu", "eu"],
            timeout=30,
            stream_timeout=12.5,
            max_retries=2,
            max_parallel_requests=3,
            order=1,
            weight=2,
            drop_params=False,
            extra_params={"organization": "org", "extra_headers": {"X-Api-Key": "header-not-real", "X-Plain": "p"}},
            secret_params={"my_access_token": "token-not-real"},
        )
        check_run_again(clean_litellm, [entry], "created")

    def test_fields_that_stood_in_extra_params(self, clean_litellm: Stack) -> None:
        """A file from before these fields goes on as it is, and may be written anew without a change."""
        named = {"credential": "azure-eu", "timeout": 60, "tags": ["b", "a"], "drop_params": True, "max_parallel_requests": 7}
        free = {"litellm_credential_name" if name == "credential" else name: value for name, value in named.items()}
        keyless = {name: value for name, value in GRANITE.items() if name != "api_key"}
        check_run_again(clean_litellm, [dict(keyless, extra_params=dict(free, drop_params="yes"))], "created")
        assert not manage(clean_litellm, [dict(keyless, **dict(named, tags=["a", "b"]))])["changed"]
        there = of_name(clean_litellm, "granite")[0]
        assert {name: there["litellm_params"][name] for name in free} == dict(free, timeout=60.0)
        answer = manage(clean_litellm, [dict(keyless, credential="other", extra_params=free)])
        assert "credential is given twice, and extra_params holds another litellm_credential_name" in answer["msg"]
        changed = check_run_again(clean_litellm, [dict(keyless, **dict(named, tags=["a"], timeout=5))], "updated")
        assert changed["models"][0]["changed_fields"] == ["tags", "timeout"]

    NAMES = ("a/b c", "it's", 'say "hi"', "100%", "ünïcödé 模型", "x" * 255, "a;DROP TABLE models", "semi:colon", "{{ x }}")

    def test_any_name(self, clean_litellm: Stack) -> None:
        entries = [dict(GRANITE, model_name=name) for name in self.NAMES]
        check_run_again(clean_litellm, entries, "created")
        check_run_again(clean_litellm, [{"model_name": name, "state": "absent"} for name in self.NAMES], "deleted")

    def test_more_than_the_guard_allows_is_not_deleted(self, clean_litellm: Stack) -> None:
        names = [f"m{number:02}" for number in range(13)]
        kept = manage(clean_litellm, [dict(GRANITE, model_name=name) for name in names])["models"]
        before = info(clean_litellm)["models"]
        gone = [{"model_name": name, "state": "absent"} for name in names[:12]]
        renamed = [dict(GRANITE, model_name="new-" + line["model_name"], model_id=line["model_id"]) for line in kept[:12]]
        for entries, counted in (
            (gone, "12 of 13 models are 92 %"),
            (renamed, "12 of 25 models are 48 %"),
            ([*gone, GRANITE], "12 of 14 models"),
        ):
            for check in (True, False):
                refused = manage(clean_litellm, entries, check=check)
                assert refused["failure"]["code"] == "refused"
                assert f"{counted}" in refused["msg"]
                assert "Nothing was removed from LiteLLM or LiteMaaS. It would affect m00; m01; " in refused["msg"]
                assert [line["model_name"] for line in refused["failure"]["details"]["affected"]] == names[:12]
        assert info(clean_litellm)["models"] == before
        check_run_again(clean_litellm, gone, "deleted", max_percent=93)

    def test_one_model_at_the_top_level(self, clean_litellm: Stack) -> None:
        options = dict(connection(clean_litellm), **GRANITE)
        assert run_module(litellm_model.main, options)["counts"]["created"] == 1
        assert not run_module(litellm_model.main, options)["changed"]
        # The module has a timeout of its own.
        done = run_module(litellm_model.main, dict(options, model_timeout=120, timeout=29))
        assert done["models"][0]["changed_fields"] == ["timeout"]
        assert of_name(clean_litellm, "granite")[0]["litellm_params"]["timeout"] == 120

    OPTIONS = [
        {"replace": replace, "update_secrets": update_secrets, "duplicates": duplicates, "wait": wait}
        for replace in (False, True)
        for update_secrets in ("on_change", "on_create")
        for duplicates in ("refuse", "collapse")
        for wait in (True, False)
    ]

    @pytest.mark.parametrize("options", OPTIONS, ids=str)
    def test_every_way_of_running_is_idempotent(self, clean_litellm: Stack, options: dict[str, Any]) -> None:
        check_run_again(clean_litellm, [GRANITE, dict(GRANITE, model_name="other", rpm=None)], "created", **options)

    def test_environment_and_its_reference(self, clean_litellm: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LITELLM_API_URL", clean_litellm.litellm_url)
        monkeypatch.setenv("LITELLM_API_KEY", clean_litellm.master_key)
        entry = dict(GRANITE, api_key="os.environ/GRANITE_KEY", api_base="os.environ/GRANITE_URL")
        options = {"models": [entry], "litellm_url": "", "litellm_api_key": ""}
        assert run_module(litellm_model.main, options)["changed"]
        assert not run_module(litellm_model.main, options)["changed"]


class TestCost:
    def test_fifty_models_are_one_run_over_one_connection(self, recorder: Recorder, clean_litellm: Stack) -> None:
        entries = [dict(GRANITE, model_name=f"m{number}") for number in range(50)]
        manage(clean_litellm, entries, url=recorder.url, wait=False)
        # One list; one search for all that it does not show, where there is one.
        reads = 2 if searches_database(clean_litellm) else 1
        assert asked(recorder) == [("GET", "/v2/model/info")] * reads + [("POST", "/model/new")] * 50
        assert recorder.connections == 1
        recorder.clear()
        assert not manage(clean_litellm, entries, url=recorder.url)["changed"]
        assert asked(recorder) == [("GET", "/v2/model/info")]
        recorder.clear()
        entries[7] = dict(entries[7], rpm=11)
        assert manage(clean_litellm, entries, url=recorder.url)["counts"]["updated"] == 1
        # One of many is waited for by its id, over two new connections.
        update = [("GET", "/v2/model/info"), ("PATCH", "/model/ID/update")]
        assert asked(recorder)[:2] == update
        assert set(asked(recorder)[2:]) == {("GET", "/model/info")}
        assert recorder.connections == len(recorder.requests) - 1 >= 3

    def test_one_field_is_one_patch_of_that_field(self, recorder: Recorder, clean_litellm: Stack) -> None:
        manage(clean_litellm, [GRANITE, dict(GRANITE, model_name="other")])
        before = of_name(clean_litellm, "granite")[0]
        manage(clean_litellm, [dict(GRANITE, rpm=11), dict(GRANITE, model_name="other")], url=recorder.url)
        writes = [call for call in recorder.requests if call.method != "GET"]
        assert [(call.method, call.json()) for call in writes] == [("PATCH", {"litellm_params": {"rpm": 11}})]
        after = of_name(clean_litellm, "granite")[0]
        assert dict(before["litellm_params"], rpm=11) == after["litellm_params"]
        assert before["model_info"] == after["model_info"]

    def test_waiting_is_two_reads_whatever_was_written(self, recorder: Recorder, clean_litellm: Stack) -> None:
        manage(clean_litellm, [dict(GRANITE, model_name=f"m{number}") for number in range(5)], url=recorder.url)
        before = 2 if searches_database(clean_litellm) else 1
        reads = [call for call in asked(recorder) if call[0] == "GET"]
        assert before + 2 <= len(reads) <= before + 5, reads
        assert set(reads) == {("GET", "/v2/model/info")}


class TestExactlyOnce:
    def test_a_list_that_is_empty_for_a_moment_makes_no_duplicate(self, recorder: Recorder, clean_litellm: Stack) -> None:
        manage(clean_litellm, [GRANITE])
        recorder.fault = fail_once(lambda request: request.path.startswith("/v2/model/info"), Fault.empty_list())
        assert not manage(clean_litellm, [GRANITE], url=recorder.url)["changed"]

    def test_a_model_that_an_empty_list_hides_for_long_makes_no_duplicate(self, recorder: Recorder, clean_litellm: Stack) -> None:
        manage(clean_litellm, [GRANITE])
        recorder.fault = lambda request: (
            Fault.empty_list() if request.path.startswith("/v2/model/info") and "modelId" not in request.path else None
        )
        manage(clean_litellm, [GRANITE], url=recorder.url, wait=False)
        assert rows_of(clean_litellm, "granite") == 1


class TestUnknownProvider:
    ENTRY = dict(GRANITE, litellm_model="nonesuch/foo")

    @pytest.mark.parametrize("check", [True, False])
    def test_it_is_refused_before_it_is_written(self, clean_litellm: Stack, recorder: Recorder, check: bool) -> None:
        """What LiteLLM cannot serve is no prediction, and no row of its table; what it knows in some other way goes on."""
        refused = {
            "bare": ({"litellm_model": "x"}, "litellm_model x has no provider"),
            "typo": ({"litellm_model": "opnai/gpt-4o-mini"}, "did you mean openai/gpt-4o-mini?"),
            "capitals": ({"litellm_model": "OpenAI/x"}, "did you mean openai/x?"),
            "unknown": (self.ENTRY, "LiteLLM knows no provider nonesuch: litellm_model must be provider/model"),
            "custom": ({"custom_llm_provider": "nonsense"}, "LiteLLM knows no provider nonsense"),
        }
        known = {"known-model": "gpt-4o", "known-provider": "hosted_vllm/a/b", "tuned": "ft:gpt-3.5-turbo:x", "wildcard": "*"}
        entries = [dict(GRANITE, **{**change, "model_name": name}) for name, (change, _reason) in refused.items()]
        entries += [dict(GRANITE, model_name=name, litellm_model=model) for name, model in known.items()]
        answer = manage(clean_litellm, entries, check=check, url=recorder.url)
        assert actions(answer) == ["failed"] * len(refused) + ["created"] * len(known), answer
        for line, (_change, reason) in zip(answer["models"], refused.values()):
            assert reason in line["reason"], line
            assert rows_of(clean_litellm, line["model_name"]) == 0
        asked = [call.path.partition("?")[0] for call in recorder.calls("GET")]
        assert asked.count("/public/providers") == 1
        recorder.clear()
        if not check:
            assert not manage(clean_litellm, entries[len(refused) :], url=recorder.url)["changed"]
            assert [call.path for call in recorder.calls("GET") if call.path.startswith(("/public", "/utils"))] == []

    def test_a_custom_provider_is_taken_with_a_warning(self, clean_litellm: Stack, recorder: Recorder) -> None:
        """LiteLLM has it by its configuration, serves its models, and does not list it."""
        own = {"name": {"litellm_model": f"{CUSTOM_PROVIDER}/x"}, "path": {"litellm_model": f"{CUSTOM_PROVIDER}/a/b"}}
        own["apart"] = {"litellm_model": "x", "custom_llm_provider": CUSTOM_PROVIDER}
        entries = [{"model_name": name, "api_key": False, **change} for name, change in own.items()]
        wrong = {"model_name": "wrong", "litellm_model": "own-lm/x", "api_key": False}
        known = dict(GRANITE, litellm_model="gpt-4o")
        for check in (True, False):
            answer = manage(clean_litellm, [*entries, wrong, known], check=check, url=recorder.url)
            assert actions(answer) == ["created"] * 3 + ["failed", "created"], answer
            assert "LiteLLM knows no provider own-lm" in answer["msg"]
            told = f"does not list a provider {CUSTOM_PROVIDER} but accepts its models (name; path; apart)"
            assert (str(answer["warnings"]).count("does not list"), str(answer["warnings"]).count(told)) == (1, 1), answer["warnings"]
        for name in own:
            status, said = clean_litellm.proxy.request("POST", "/chat/completions", {"model": name, "messages": []})
            assert (status, said["choices"][0]["message"]["content"]) == (200, "an answer of the custom provider")
        recorder.clear()
        again = manage(clean_litellm, [*entries, known], url=recorder.url)
        assert (again["changed"], "provider" in str(again.get("warnings"))) == (False, False)
        assert [call.path for call in recorder.calls("GET") if call.path.startswith(("/public", "/utils"))] == []
        answer = manage(clean_litellm, [dict(GRANITE, litellm_model=f"{CUSTOM_PROVIDER}/y")], url=recorder.url)
        assert actions(answer) == ["updated"]

    def test_an_update_is_refused_alike(self, clean_litellm: Stack) -> None:
        manage(clean_litellm, [GRANITE])
        before = of_name(clean_litellm, "granite")
        for check in (True, False):
            answer = manage(clean_litellm, [dict(GRANITE, litellm_model="opnai/granite", rpm=11)], check=check)
            assert actions(answer) == ["failed"]
            assert not answer["changed"]
        assert of_name(clean_litellm, "granite") == before

    def test_saved_is_not_served_and_is_said(self, clean_litellm: Stack, unquestioned: Recorder) -> None:
        for _run in range(2):
            answer = manage(clean_litellm, [self.ENTRY, dict(GRANITE, model_name="good")], url=unquestioned.url, wait_timeout=2)
            assert answer["failed"]
            assert "not served" in answer["msg"]
            assert "provider may be unknown" in answer["msg"]
            assert answer["models"][1]["action"] in ("created", "unchanged"), "the others are done"
            assert rows_of(clean_litellm, "granite") == 1
        healed = manage(clean_litellm, [GRANITE])
        assert not healed.get("failed"), healed
        assert rows_of(clean_litellm, "granite") == 1

    def test_among_many_new_ones_it_is_found(self, unquestioned: Recorder, clean_litellm: Stack) -> None:
        """Also where LiteLLM serves a model whose name has the same letters."""
        manage(clean_litellm, [dict(GRANITE, model_name="granite-served")])
        manage(clean_litellm, [self.ENTRY], url=unquestioned.url, wait=False)
        before = len(unquestioned.calls("GET"))
        entries = [self.ENTRY, *(dict(GRANITE, model_name=f"m{number}") for number in range(3))]
        answer = manage(clean_litellm, entries, url=unquestioned.url, wait=False)
        known = searches_database(clean_litellm)
        assert actions(answer) == ["unchanged" if known else "created", "created", "created", "created"]
        # The list; a search for "m" and one for what is in "granite", which finds more than is served; each id.
        by_id = ["modelId" in call.path for call in unquestioned.calls("GET")[before:] if call.path.startswith("/v2")]
        assert by_id == ([False] * 3 + [True] * 4 if known else [False])
        assert rows_of(clean_litellm, "granite") == 1
        # The Kelvin sign and the dotted capital are small ASCII letters to Python, not to PostgreSQL.
        odd = [dict(self.ENTRY, model_name=name) for name in ("\u212ax", "\u0130x")]
        manage(clean_litellm, odd, url=unquestioned.url, wait=False)
        for one in odd:
            beside = [dict(GRANITE, model_name=f"{one['model_name'].lower()[0]}{number}") for number in range(2)]
            foreseen = manage(clean_litellm, [one, *beside], url=unquestioned.url, check=True)
            assert actions(foreseen) == ["unchanged" if known else "created", "created", "created"]

    def test_an_update_that_is_saved_and_not_served_is_said(self, clean_litellm: Stack, unquestioned: Recorder) -> None:
        manage(clean_litellm, [GRANITE])
        answer = manage(clean_litellm, [self.ENTRY], url=unquestioned.url, wait_timeout=2)
        assert answer["failed"], answer
        assert "not served" in answer["msg"]
        assert "the old values were put back" in answer["msg"]
        assert not manage(clean_litellm, [GRANITE]).get("failed")

    def test_it_can_be_deleted(self, clean_litellm: Stack, unquestioned: Recorder) -> None:
        manage(clean_litellm, [self.ENTRY], url=unquestioned.url, wait_timeout=1)
        answer = manage(clean_litellm, [{"model_name": "granite", "state": "absent"}])
        assert not answer.get("failed"), answer
        assert answer["changed"]
        assert rows_of(clean_litellm, "granite") == 0


class TestIdentity:
    def by_hand(self, stack: Stack, model_id: str, **params: Any) -> None:
        body = {"model_name": "granite", "litellm_params": dict({"model": "openai/granite-3-8b"}, **params), "model_info": {"id": model_id}}
        answer = requests.post(
            stack.litellm_url + "/model/new", json=body, headers={"Authorization": "Bearer " + stack.master_key}, timeout=30
        )
        assert answer.status_code == 200, answer.text

    def test_made_by_hand_is_adopted_in_place(self, clean_litellm: Stack) -> None:
        self.by_hand(clean_litellm, "by-hand", rpm=1, max_retries=4)
        answer = check_run_again(clean_litellm, [GRANITE], "updated")
        assert answer["models"][0]["model_id"] == "by-hand"
        there = of_name(clean_litellm, "granite")
        assert len(there) == 1
        assert there[0]["litellm_params"]["max_retries"] == 4, "what the spec does not name is left alone"

    def test_duplicates_are_named_and_collapse_leaves_one(self, clean_litellm: Stack) -> None:
        for model_id in ("dup-a", "dup-b", "dup-c"):
            self.by_hand(clean_litellm, model_id)
        refused = manage(clean_litellm, [GRANITE])
        assert refused["failed"]
        assert "dup-a, dup-b, dup-c" in refused["msg"]
        foreseen = manage(clean_litellm, [GRANITE], check=True, duplicates="collapse")
        done = manage(clean_litellm, [GRANITE], duplicates="collapse")
        assert actions(foreseen) == actions(done) == ["updated", "deleted", "deleted"]
        assert rows_of(clean_litellm, "granite") == 1
        assert not manage(clean_litellm, [GRANITE], duplicates="collapse")["changed"]

    def test_several_deployments_of_one_name(self, clean_litellm: Stack) -> None:
        entries = [GRANITE, dict(GRANITE, api_base="http://127.0.0.1:19/v1")]
        check_run_again(clean_litellm, entries, "created")
        assert rows_of(clean_litellm, "granite") == 2

    def test_config_models_are_untouched(self, clean_litellm: Stack) -> None:
        before = of_name(clean_litellm, "config-file-model")
        assert before[0]["model_class"] == "config"
        answer = manage(clean_litellm, [{"model_name": "config-file-model", "state": "absent"}, GRANITE])
        assert answer["failed"]
        assert "config.yaml" in answer["msg"]
        assert actions(answer) == ["failed", "created"]
        assert of_name(clean_litellm, "config-file-model") == before

    def test_an_id_that_stands_in_the_spec(self, clean_litellm: Stack) -> None:
        check_run_again(clean_litellm, [dict(GRANITE, model_id="my-own-id")], "created")
        renamed = check_run_again(clean_litellm, [dict(GRANITE, model_id="my-own-id", model_name="renamed")], "updated")
        assert renamed["models"][0]["model_id"] == "my-own-id"
        assert of_name(clean_litellm, "granite") == []
        assert rows_of(clean_litellm, "renamed") == 1


@pytest.mark.each_litellm
class TestReplace:
    def test_a_price_is_cleared_in_place_where_the_proxy_can(self, recorder: Recorder, clean_litellm: Stack) -> None:
        manage(clean_litellm, [GRANITE])
        entry = {name: value for name, value in GRANITE.items() if name != "input_cost_per_token"}
        done = manage(clean_litellm, [entry], url=recorder.url, replace=True)
        assert done["changed"]
        assert not done.get("failed"), done
        can_clear = (
            info(clean_litellm)["complete"]
            and "total_count"
            in requests.get(
                clean_litellm.litellm_url + "/v2/model/info", headers={"Authorization": "Bearer " + clean_litellm.master_key}, timeout=30
            ).json()
        )
        assert bool(recorder.calls("POST", "/model/delete")) is not can_clear
        assert "input_cost_per_token" not in of_name(clean_litellm, "granite")[0]["litellm_params"]
        assert not manage(clean_litellm, [entry], replace=True)["changed"]

    def test_a_limit_and_a_capability_are_cleared_under_the_same_id(self, clean_litellm: Stack) -> None:
        model_id = manage(clean_litellm, [GRANITE])["models"][0]["model_id"]
        entry = {name: value for name, value in GRANITE.items() if name not in ("rpm", "supports_vision")}
        done = check_run_again(clean_litellm, [entry], "updated", replace=True)
        assert done["models"][0]["model_id"] == model_id
        assert "rpm" not in of_name(clean_litellm, "granite")[0]["litellm_params"]

    def test_without_replace_what_is_left_out_stays(self, clean_litellm: Stack) -> None:
        manage(clean_litellm, [GRANITE])
        assert not manage(clean_litellm, [{"model_name": "granite"}])["changed"]

    def test_a_create_that_fails_after_the_delete_is_said_and_healed(self, recorder: Recorder, clean_litellm: Stack) -> None:
        # No LiteLLM takes out what model_info holds.
        manage(clean_litellm, [dict(GRANITE, access_groups=["alpha"])])
        entry = {name: value for name, value in GRANITE.items() if name != "rpm"}
        recorder.fault = fail_once(lambda request: request.path == "/model/new", Fault.status(400, {"error": "not now"}, forward=False))
        answer = manage(clean_litellm, [entry], url=recorder.url, replace=True)
        assert answer["failed"]
        assert answer["changed"]
        assert "it was deleted to be created anew, but the create failed" in answer["msg"]
        assert manage(clean_litellm, [entry], replace=True)["counts"]["created"] == 1

    def test_zero_and_false_survive(self, clean_litellm: Stack) -> None:
        body = {
            "model_name": "granite",
            "litellm_params": {
                "model": "openai/granite-3-8b",
                "api_base": GRANITE["api_base"],
                "max_retries": 0,
                "tpm": 7,
                "drop_params": False,
            },
            "model_info": {"id": "by-hand", "zero": 0},
        }
        headers = {"Authorization": "Bearer " + clean_litellm.master_key}
        requests.post(clean_litellm.litellm_url + "/model/new", json=body, headers=headers, timeout=30).raise_for_status()
        answer = manage(clean_litellm, [GRANITE], replace=True)
        assert not answer.get("failed"), answer
        there = of_name(clean_litellm, "granite")[0]
        assert "tpm" not in there["litellm_params"]
        assert there["litellm_params"]["max_retries"] == 0
        assert there["litellm_params"]["drop_params"] is False
        assert there["model_info"]["zero"] == 0


class TestSecrets:
    def test_a_rotated_key_is_sent_once(self, recorder: Recorder, clean_litellm: Stack) -> None:
        manage(clean_litellm, [GRANITE])
        answer = manage(clean_litellm, [dict(GRANITE, api_key=OTHER_KEY)], url=recorder.url)
        assert answer["models"][0]["changed_fields"] == ["api_key"]
        (patch,) = recorder.calls("PATCH")
        assert patch.json()["litellm_params"] == {"api_key": OTHER_KEY}
        assert not manage(clean_litellm, [dict(GRANITE, api_key=OTHER_KEY)])["changed"]

    def test_another_admin_key_sends_each_secret_once(self, recorder: Recorder, clean_litellm: Stack) -> None:
        """Fingerprints are keyed with the admin key: after a rotation none of them fits."""
        models = [GRANITE, dict(GRANITE, model_name="other", secret_params={"my_access_token": "token-not-real"})]
        manage(clean_litellm, models)
        headers = {"Authorization": "Bearer " + clean_litellm.master_key}
        made = requests.post(clean_litellm.litellm_url + "/user/new", json={"user_role": "proxy_admin"}, headers=headers, timeout=30)
        rotated: dict[str, Any] = {"litellm_api_key": made.json()["key"], "url": recorder.url}
        predicted = manage(clean_litellm, models, check=True, **rotated)
        answer = manage(clean_litellm, models, **rotated)
        assert actions(predicted) == actions(answer) == ["updated", "updated"]
        assert [line["changed_fields"] for line in answer["models"]] == [["api_key"], ["api_key", "my_access_token"]]
        # LiteLLM 1.100 may refuse a parameter: such an update is announced by a write without parameters.
        assert [call.json()["litellm_params"] for call in recorder.calls("PATCH") if "litellm_params" in call.json()] == [
            {"api_key": KEY},
            {"api_key": KEY, "my_access_token": "token-not-real"},
        ]
        recorder.clear()
        assert not manage(clean_litellm, models, **rotated)["changed"]
        assert recorder.calls("PATCH") == []
        for secret in (KEY, "token-not-real", made.json()["key"]):
            assert secret not in answer["raw"] + predicted["raw"]

    def test_runs_with_two_admin_keys_in_turn(self, recorder: Recorder, clean_litellm: Stack) -> None:
        """Each sends a secret at most once, a changed one is seen by both, and one that both know is sent by nobody."""
        headers = {"Authorization": "Bearer " + clean_litellm.master_key}
        made = requests.post(clean_litellm.litellm_url + "/user/new", json={"user_role": "proxy_admin"}, headers=headers, timeout=30)
        first, second = clean_litellm.master_key, made.json()["key"]
        entry = dict(GRANITE, api_base="os.environ/GRANITE_URL", secret_params={"my_access_token": "token-not-real"})
        changed = dict(entry, api_key=OTHER_KEY)

        def sent(admin_key: str, model: dict[str, Any]) -> list[list[str]]:
            """The parameters of each PATCH of a run."""
            recorder.clear()
            answer = manage(clean_litellm, [model], url=recorder.url, litellm_api_key=admin_key)
            assert not answer.get("failed"), answer
            sent = [call.json().get("litellm_params") for call in recorder.calls("PATCH")]
            # LiteLLM 1.100 may refuse a parameter: such an update is announced by a write without parameters.
            return [sorted(parameters) for parameters in sent if parameters]

        everything = [["api_base", "api_key", "my_access_token"]]
        assert sent(first, entry) == []
        assert [sent(second, entry), sent(first, entry), sent(second, entry)] == [everything, [], []]
        assert [sent(first, changed), sent(second, changed)] == [[["api_key"]], [["api_key"]]]
        assert [sent(first, changed), sent(second, changed)] == [[], []]
        # Somebody who has the old one still writes it, and is seen as well.
        assert [sent(second, entry), sent(first, changed), sent(first, changed)] == [[["api_key"]], [["api_key"]], []]

    def test_masked_values_are_refused_wherever_they_stand(self, clean_litellm: Stack) -> None:
        """What LiteLLM shows, given back to it, must never become the value."""
        hidden = {"headers": [{"name": "Authorization", "value": "Bear****cdef"}]}
        manage(clean_litellm, [GRANITE])
        before = of_name(clean_litellm, "granite")
        masked = [{"api_key": "fi****al"}, {"extra_params": {"extra_headers": hidden}}, {"secret_params": {"token": ["a****b"]}}]
        for given in masked:
            answer = manage(clean_litellm, [dict(GRANITE, **given), dict(GRANITE, model_name="other")])
            assert actions(answer)[0] == "failed"
            assert "is a masked value, as LiteLLM shows it" in answer["msg"]
            assert "****cdef" not in answer["raw"]
        assert of_name(clean_litellm, "granite") == before

    SERVICE_ACCOUNT: dict[str, Any] = {
        "type": "service_account",
        "project_id": "demo",
        "private_key_id": "id-clear-not-real",
        "private_key": "first line\nclear-not-real\nlast line\n",
    }
    # What is given as a structure, in each of the places where a secret may stand.
    STRUCTURES: dict[str, dict[str, Any]] = {
        "account": {"secret_params": {"vertex_credentials": SERVICE_ACCOUNT}},
        "list": {"secret_params": {"my_keys": ["one-clear-not-real", "two-clear-not-real"]}},
        "any name": {"secret_params": {"anything": {"deep": [{"er": "clear-not-real"}]}}},
        "extra": {"extra_params": {"vertex_credentials": SERVICE_ACCOUNT}},
        "extra key": {"extra_params": {"client_secret": {"value": "clear-not-real"}}},
    }

    @pytest.mark.parametrize("price", ["input_cost_per_token_batches", "output_cost_per_reasoning_token", "cache_read_input_token_cost"])
    def test_a_price_per_token_is_no_secret(self, clean_litellm: Stack, price: str) -> None:
        """One that somebody changed by hand is seen and put right."""
        entry = dict(GRANITE, extra_params={price: 1e-06})
        check_run_again(clean_litellm, [entry], "created")
        model_id = of_name(clean_litellm, "granite")[0]["model_id"]
        requests.patch(
            f"{clean_litellm.litellm_url}/model/{model_id}/update",
            json={"litellm_params": {price: 2e-06}},
            headers={"Authorization": "Bearer " + clean_litellm.master_key},
            timeout=30,
        ).raise_for_status()
        done = check_run_again(clean_litellm, [entry], "updated")
        assert done["models"][0]["changed_fields"] == [price]

    def test_no_structure_of_secrets_lies_in_litellms_table_in_the_clear(self, recorder: Recorder, clean_litellm: Stack) -> None:
        """LiteLLM encrypts texts only. The same file as a text and as a structure is the same secret."""
        entries = [dict(GRANITE, model_name=name, **given) for name, given in self.STRUCTURES.items()]
        as_texts = [
            dict(entry, **{option: {name: json.dumps(value, indent=1) for name, value in entry[option].items()}})
            for entry in entries
            for option in ("secret_params", "extra_params")
            if option in entry
        ]
        for first, second in ((entries, as_texts), (as_texts, entries)):
            done = manage(clean_litellm, first)
            assert done["counts"]["created"] == len(first), done
            stored = clean_litellm.postgres.sql("""SELECT litellm_params::text FROM "LiteLLM_ProxyModelTable" """, LITELLM_DATABASE)
            assert len(stored) == len(first)
            assert [row for row in stored if "clear-not-real" in row[0]] == []
            assert not done.get("warnings")
            recorder.clear()
            assert not manage(clean_litellm, second, url=recorder.url)["changed"]
            assert recorder.calls("PATCH") == []
            assert "clear-not-real" not in done["raw"] + info(clean_litellm)["raw"]
            manage(clean_litellm, [dict(entry, state="absent") for entry in first])

    def test_what_an_earlier_version_left_in_the_clear_is_sent_again(self, clean_litellm: Stack) -> None:
        entry = dict(GRANITE, secret_params={"vertex_credentials": self.SERVICE_ACCOUNT})
        text = json.dumps(self.SERVICE_ACCOUNT, sort_keys=True)
        kept = hmac_of(clean_litellm.master_key, "vertex_credentials\0" + text)
        body = {
            "model_name": "granite",
            "litellm_params": {"model": GRANITE["litellm_model"], "vertex_credentials": self.SERVICE_ACCOUNT},
            "model_info": {"id": "by-hand", "litemaas_vertex_credentials_hmac": kept},
        }
        headers = {"Authorization": "Bearer " + clean_litellm.master_key}
        requests.post(clean_litellm.litellm_url + "/model/new", json=body, headers=headers, timeout=30).raise_for_status()
        query = """SELECT litellm_params::text FROM "LiteLLM_ProxyModelTable" """
        assert "clear-not-real" in clean_litellm.postgres.sql(query, LITELLM_DATABASE)[0][0]
        assert "vertex_credentials" in manage(clean_litellm, [entry])["models"][0]["changed_fields"]
        assert "clear-not-real" not in clean_litellm.postgres.sql(query, LITELLM_DATABASE)[0][0]

    def test_what_litellm_cannot_encrypt_is_warned_of(self, clean_litellm: Stack) -> None:
        headers = {"X-Plain": "plain", "Authorization": "Bearer clear-not-real"}
        entries = [
            dict(GRANITE, extra_params={"extra_headers": headers}),
            dict(GRANITE, model_name="body", extra_params={"extra_body": {"deep": [{"password": "clear-not-real"}]}}),
            dict(GRANITE, model_name="secret", secret_params={"extra_headers": {"X-Any": "clear-not-real"}}),
            dict(GRANITE, model_name="quiet", extra_params={"extra_headers": {"X-Plain": "plain"}}),
        ]
        for run in ("created", "unchanged"):
            done = manage(clean_litellm, entries)
            assert actions(done) == [run] * 4
            warning = " ".join(str(sentence) for sentence in done["warnings"])
            assert "granite (extra_headers.Authorization)" in warning
            assert "body (extra_body.deep.password)" in warning
            assert "secret (extra_headers)" in warning
            assert "quiet" not in warning
            assert "clear-not-real" not in done["raw"]
        query = """SELECT litellm_params->'extra_headers'->>'X-Plain' FROM "LiteLLM_ProxyModelTable" WHERE model_name = 'granite'"""
        assert clean_litellm.postgres.sql(query, LITELLM_DATABASE)[0][0] == "plain", "LiteLLM can use it as a dictionary only"

    def test_secrets_that_litellm_shows(self, clean_litellm: Stack) -> None:
        """Their names say what they are. LiteLLM does not know these names, or shows a mask; a change by hand is seen in both."""
        likewise = ("auth_type", "token_type", "access_type", "think_end_token", "key_id", "public_key")

        def entry(version: str) -> dict[str, Any]:
            secrets = {name: f"{name}-{version}-not-real" for name in ("db_pwd", "smtp_pass", "my_jwt", "authtoken", "sig")}
            secrets.update({name: f"{version}-{name}-not-real" for name in ("my_token", "session_cookie")})
            headers = {"X-Signature": f"header-{version}-not-real", "X-Plain": "plain", "X-Api-Key": f"{version}-not-real"}
            # No secrets, though parts of their names are.
            plain: dict[str, Any] = {name: f"{version}-{name}" for name in likewise}
            plain |= {"bypass": f"b{version}", "code": f"c{version}", "input_cost_per_token_batches": 1e-6 * int(version)}
            address = f"http://127.0.0.1:9/v1?jwt=query-{version}-not-real#access_token=fragment-{version}-not-real"
            return dict(GRANITE, api_base=address, extra_params={**secrets, **plain, "extra_headers": headers})

        raw = [check_run_again(clean_litellm, [entry("1")], "created"), check_run_again(clean_litellm, [entry("2")], "updated")]
        changed = raw[-1]["models"][0]["changed_fields"]
        assert set(entry("2")["extra_params"]) <= set(changed), changed
        model = of_name(clean_litellm, "granite")[0]["model_id"]
        by_hand: dict[str, Any] = dict.fromkeys(("db_pwd", "my_token", "session_cookie"), "by-hand-not-real")
        by_hand |= {name: f"by-hand-{name}" for name in likewise}
        by_hand["extra_headers"] = dict(entry("2")["extra_params"]["extra_headers"], **{"X-Api-Key": "by-hand-not-real"})
        assert clean_litellm.proxy.request("PATCH", f"/model/{model}/update", {"litellm_params": by_hand})[0] == 200
        raw.append(check_run_again(clean_litellm, [entry("2")], "updated"))
        assert sorted(raw[-1]["models"][0]["changed_fields"]) == sorted(by_hand)
        raw.append(info(clean_litellm))
        for answer in raw:
            assert "-not-real" not in answer["raw"]
        assert all(plain in raw[1]["raw"] for plain in ("b1", "b2", "c1", "c2", "2e-06")), "what is no secret is shown"

    # What LiteLLM masks because of its name, and what it is changed to.
    LIKE_SECRETS: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"bos_token": "<s>"}, {"bos_token": "<t>"}),
        ({"eos_token": "</s>"}, {"eos_token": "<|endoftext|>"}),
        ({"pad_token": "x"}, {"pad_token": "y"}),
        ({"token_budget": 5}, {"token_budget": 6}),
        ({"token_budget": "1000000000"}, {"token_budget": "1000000001"}),
        ({"key_limit": 0}, {"key_limit": 1}),
        ({"use_auth": True}, {"use_auth": False}),
        ({"use_key": False}, {"use_key": True}),
        ({"api_key_name": "first-name"}, {"api_key_name": "first-NA-me"}),
        ({"key_alias": "eight-88"}, {"key_alias": "eight-89"}),
        ({"credential_name": "nine-9999"}, {"credential_name": "nine-8999"}),
        ({"token_price": "by hand, in euros"}, {"token_price": "by hand, in pound"}),
        ({"stop_token_ids": [1, 2]}, {"stop_token_ids": [1, 3]}),
        ({"configurable_clientside_auth_params": ["api_base"]}, {"configurable_clientside_auth_params": ["api_base", "api_key"]}),
        ({"extra_body": {"api_key_name": "longer-text"}}, {"extra_body": {"api_key_name": "longer-tent"}}),
        ({"extra_body": {"auth": {"max": 100000}, "x": 1}}, {"extra_body": {"auth": {"max": 100000}, "x": 2}}),
        ({"extra_headers": {"X-Token-Limit": "1000000"}}, {"extra_headers": {"X-Token-Limit": "2000000"}}),
        ({"cache_read_input_token_cost": 1.23456789e-06}, {"cache_read_input_token_cost": 1.23456788e-06}),
        ({"private_max": 1e20}, {"private_max": 5}),
        ({"key_costs": {"a": "longer-text-b"}}, {"key_costs": {"a": "longer-text-c"}}),
        ({"eos_token_id": 128009}, {"eos_token_id": 128001}),
        ({"auth_timeout": 30}, {"auth_timeout": 31.5}),
        ({"key_type": "a*bcdefgh"}, {"key_type": "a*bcdefgi"}),
        # No number, so that LiteLLM keeps it as it is.
        (
            {"cost_center": "nan", "mock_response": "97e4120", "user": "inf"},
            {"cost_center": "NaN", "mock_response": "inf", "user": "1e400"},
        ),
    ]

    def test_what_litellm_masks_though_it_is_no_secret(self, clean_litellm: Stack) -> None:
        """Each is created, quiet, changed and quiet."""
        names = [f"m{number:02}" for number in range(len(self.LIKE_SECRETS))]
        for which, expected in ((0, "created"), (1, "updated")):
            entries = [dict(GRANITE, model_name=name, extra_params=self.LIKE_SECRETS[place][which]) for place, name in enumerate(names)]
            done = manage(clean_litellm, entries)
            assert actions(done) == [expected] * len(entries), [line for line in done["models"] if line["action"] != expected]
            if expected == "updated":
                assert [line["changed_fields"] for line in done["models"]] == [list(change) for _first, change in self.LIKE_SECRETS]
            for check in (False, True):
                again = manage(clean_litellm, entries, check=check)
                assert not again["changed"], [line for line in again["models"] if line["action"] != "unchanged"]

    def test_what_somebody_else_stored_is_shown_without_secrets(self, clean_litellm: Stack) -> None:
        body = {
            "model_name": "granite",
            "litellm_params": {
                "model": GRANITE["litellm_model"],
                "api_base": "https://foreign-token@h/v1?sig=foreign-sig",
                "extra_headers": {"Cookie": "sess=foreign-cookie"},
                "cfg": '{"api_key": "foreign-json"}',
            },
            "model_info": {
                "id": "by-hand",
                "my_password": "foreign-password",
                "client_secret": "foreign-client",
                "note": {"password": "foreign-deep"},
                "text": '{"secret": "foreign-text"}',
            },
        }
        headers = {"Authorization": "Bearer " + clean_litellm.master_key}
        requests.post(clean_litellm.litellm_url + "/model/new", json=body, headers=headers, timeout=30).raise_for_status()
        own = {
            "extra_params": {"extra_headers": {"X-Team": "a"}, "cfg": '{"api_key": "own-json"}'},
            "extra_info": {"note": {"x": 1}, "my_password": "own-password", "text": '{"secret": "own-text"}'},
        }
        answers = [info(clean_litellm)]
        answers += [manage(clean_litellm, [dict(GRANITE, **own)], check=check) for check in (True, False)]
        answers += [info(clean_litellm), manage(clean_litellm, [GRANITE], check=True, replace=True)]
        for answer in answers:
            assert not re.findall("(?:foreign|own)-[a-z]+", answer["raw"]), answer["raw"]
        assert actions(answers[2]) == ["updated"]
        warning = " ".join(str(sentence) for sentence in answers[2]["warnings"])
        assert "granite (extra_info.my_password, extra_info.text.secret)" in warning

    def test_an_answer_that_echoes_what_it_was_sent(self, clean_litellm: Stack) -> None:
        """As Python, JSON, JSON in JSON, a form, or cut."""
        secrets = {
            "odd": "k3y'with\"quotes\\x9",
            "lines": "line1-not-real\nline2-not-real",
            "letters": "geh\u00ebim-\u00df-schl\u00fcssel",
            "vertex_credentials": {"private_key": "-----BEGIN-----\nMIIabc-not-real\n-----END", "project_id": "granite"},
        }
        ways: list[Callable[[Any], str]] = [
            repr,
            json.dumps,
            lambda body: json.dumps(json.dumps(body)),
            lambda body: repr(json.dumps(body, ensure_ascii=False).encode()),
            lambda body: urllib.parse.urlencode({"q": json.dumps(body)}),
            lambda body: "x" * (500 - 12) + body["litellm_params"]["lines"],
        ]
        for way in ways:

            def choose(request: RecordedRequest, way: Callable[[Any], str] = way) -> Fault | None:
                if request.method not in ("POST", "PATCH"):
                    return None
                return Fault.status(400, {"error": {"message": "got " + way(request.json())}}, forward=False)

            entry = dict(GRANITE, api_base="http://granite.example.com/v1", secret_params=secrets)
            with Recorder(clean_litellm.litellm_url, choose) as recorder:
                answer = manage(clean_litellm, [entry], url=recorder.url)
            assert actions(answer) == ["failed"]
            for part in ("k3y", "x9", "line1", "line2", "schl", "MIIabc", "first-key"):
                assert part not in answer["raw"], answer["models"]
            assert answer["models"][0]["model_name"] == "granite"

    def test_always_sends_and_says_so(self, clean_litellm: Stack) -> None:
        manage(clean_litellm, [GRANITE])
        assert manage(clean_litellm, [GRANITE], update_secrets="always")["changed"]

    def test_no_secret_in_any_answer(self, clean_litellm: Stack) -> None:
        entry = dict(
            GRANITE, secret_params={"my_access_token": "token-not-real"}, extra_params={"extra_headers": {"X-Api-Key": "header-not-real"}}
        )
        answers = [
            manage(clean_litellm, [entry], check=True),
            manage(clean_litellm, [entry]),
            manage(clean_litellm, [dict(entry, api_key=OTHER_KEY)]),
            manage(clean_litellm, [dict(entry, rpm="many", model_name="bad"), dict(entry, litellm_model="nonesuch/x")], wait_timeout=1),
            manage(clean_litellm, [dict(entry, api_key="sk-a****6789"), dict(entry, secret_params=["token-not-real"]), entry, entry]),
            manage(clean_litellm, [dict(entry, extra_params='{"broken": header-not-real')]),
            info(clean_litellm),
            manage(clean_litellm, [dict(entry, state="absent")]),
        ]
        for answer in answers:
            for secret in (KEY, OTHER_KEY, "token-not-real", "header-not-real", clean_litellm.master_key):
                assert secret not in answer["raw"]


class TestBadInput:
    def fails(self, stack: Stack, code: str, sentence: str, **options: Any) -> dict[str, Any]:
        merged = dict(connection(stack), models=[GRANITE], **{"retries": 1, **options})
        answer = run_module(litellm_model.main, merged)
        assert answer["failed"]
        assert answer["failure"]["code"] == code
        assert sentence in answer["msg"]
        assert "Traceback" not in answer["raw"]
        return answer

    def test_wrong_key(self, clean_litellm: Stack) -> None:
        answer = self.fails(
            clean_litellm, "litellm_authentication", "Authentication failed: Invalid API key", litellm_api_key="sk-wrong-not-real"
        )
        assert "wrong-not-real" not in answer["raw"]

    def test_a_users_key(self, clean_litellm: Stack) -> None:
        headers = {"Authorization": "Bearer " + clean_litellm.master_key}
        made = requests.post(clean_litellm.litellm_url + "/key/generate", json={}, headers=headers, timeout=30).json()
        answer = self.fails(clean_litellm, "litellm_permission", "not a proxy administrator's", litellm_api_key=made["key"])
        assert made["key"] not in answer["raw"]

    def test_unreachable(self, clean_litellm: Stack) -> None:
        self.fails(
            clean_litellm, "litellm_unreachable", "Failed to connect to LiteLLM at http://127.0.0.1:9", litellm_url="http://127.0.0.1:9/"
        )

    def test_no_url_and_no_key(self, clean_litellm: Stack) -> None:
        self.fails(clean_litellm, "invalid_input", "litellm_url is required", litellm_url="")
        self.fails(clean_litellm, "invalid_input", "litellm_api_key is required", litellm_api_key=" ")
        self.fails(clean_litellm, "invalid_input", "must start with http:// or https://", litellm_url="litellm.example.com")

    def test_not_the_proxy(self, clean_litellm: Stack, recorder: Recorder) -> None:
        recorder.fault = lambda request: Fault.bad_gateway()
        answer = self.fails(clean_litellm, "litellm_unavailable", "HTTP 502", litellm_url=recorder.url)
        (line,) = answer["log"]
        assert re.fullmatch(r"GET /v2/model/info: HTTP 502, trying again in 0\.1 seconds \(0 left\), waited 0\.1 seconds in this run", line)

    def test_a_page_instead_of_json(self, clean_litellm: Stack, recorder: Recorder) -> None:
        recorder.fault = lambda request: Fault.status(200, "<html>Welcome</html>", forward=False, headers={"Content-Type": "text/html"})
        self.fails(clean_litellm, "litellm_wrong_address", "something other than JSON", litellm_url=recorder.url)

    def test_timeout(self, clean_litellm: Stack, recorder: Recorder) -> None:
        recorder.fault = lambda request: Fault.delay(3)
        self.fails(clean_litellm, "litellm_timeout", "Request timeout after 1 seconds", litellm_url=recorder.url, timeout=1, retries=0)

    def test_a_redirect_is_not_followed_with_the_key(self, clean_litellm: Stack, recorder: Recorder) -> None:
        recorder.fault = lambda request: Fault.status(302, "", forward=False, headers={"Location": "https://elsewhere.example.com/x"})
        self.fails(clean_litellm, "litellm_wrong_address", "redirect to https://elsewhere.example.com/x", litellm_url=recorder.url)

    def test_wrong_values_stop_only_their_model(self, clean_litellm: Stack) -> None:
        entries = [
            dict(GRANITE, model_name="number", rpm="many"),
            dict(GRANITE, model_name="masked", api_key="sk-a****6789"),
            dict(GRANITE, model_name="twice"),
            dict(GRANITE, model_name="twice", rpm=3),
            {"model_name": "too-little"},
            GRANITE,
        ]
        answer = manage(clean_litellm, entries)
        assert answer["failed"]
        assert actions(answer) == ["failed"] * 5 + ["created"]
        assert "Model validation failed for number: rpm must be a whole number" in answer["msg"]
        assert "Model validation failed for masked: api_key is a masked value" in answer["msg"]
        assert "entries 3 and 4 of the list match the same deployment" in answer["msg"]
        assert [line["model_name"] for line in info(clean_litellm, classes=["database"])["models"]] == ["granite"]

    def test_what_litellm_refuses_is_said_without_its_echo(self, clean_litellm: Stack) -> None:
        entry = dict(GRANITE, extra_params={"timeout": {"not": "a number"}, "weight": "heavy-not-real"})
        answer = manage(clean_litellm, [entry, dict(GRANITE, model_name="good")])
        assert actions(answer)[1] == "created"
        assert KEY not in answer["raw"]


def test_a_proxy_of_another_version_does_not_migrate_the_database(stack: Stack) -> None:
    """Else the other tests of this run would rest on that version's tables, and so would those of later runs, by the cache."""
    other = next(version for version in VERSIONS if version != stack.litellm_version)
    with pytest.raises(SupportError, match=f"has the tables of LiteLLM {stack.litellm_version}"):
        stack.start_proxy("another-version", ProxyOptions(version=other))


def test_a_proxy_that_stores_no_models(clean_litellm: Stack) -> None:
    proxy = clean_litellm.start_proxy("no-store", ProxyOptions(version=clean_litellm.litellm_version, store_model_in_db=False))
    try:
        answer = manage(clean_litellm, [GRANITE], url=proxy.url)
    finally:
        clean_litellm.stop_proxy("no-store")
    assert answer["failed"]
    assert answer["failure"]["code"] == "litellm_store_disabled"
    assert "STORE_MODEL_IN_DB=True" in answer["msg"]


class TestInfo:
    def test_classes_and_choice(self, clean_litellm: Stack) -> None:
        manage(
            clean_litellm,
            [GRANITE, dict(GRANITE, model_name="granite-code"), dict(GRANITE, model_name="openai/*", litellm_model="openai/*")],
        )
        everything = info(clean_litellm)
        assert everything["complete"], everything["reasons"]
        assert everything["counts"] == {"database": 2, "config": 1, "wildcard": 1, "team": 0}
        assert [line["model_name"] for line in everything["models"]] == ["config-file-model", "granite", "granite-code", "openai/*"]
        assert [line["model_name"] for line in info(clean_litellm, model_patterns=["granite"])["models"]] == ["granite"]
        assert [line["model_name"] for line in info(clean_litellm, model_patterns=["granite.*"])["models"]] == ["granite", "granite-code"]
        assert [line["model_class"] for line in info(clean_litellm, classes=["wildcard", "config"])["models"]] == ["config", "wildcard"]
        model_id = everything["models"][1]["model_id"]
        assert [line["model_name"] for line in info(clean_litellm, model_id=model_id)["models"]] == ["granite"]
        assert info(clean_litellm, model_name="nonesuch")["models"] == []

    def test_a_bad_pattern_is_named(self, clean_litellm: Stack) -> None:
        answer = info(clean_litellm, model_patterns=["("])
        assert answer["failed"]
        assert "model_patterns has (, which is not a regular expression" in answer["msg"]

    # what goes wrong while reading, the reason that is given
    DOUBTS = (
        (lambda request: Fault.empty_list() if "/v2/model/info" in request.path else None, "empty"),
        (
            lambda request: Fault.status(503, {"status": "healthy", "db": "disconnected"}) if "readiness" in request.path else None,
            "not_ready",
        ),
        (
            lambda request: (
                Fault.status(200, {"status": "healthy", "db": "Not connected"}, forward=False) if "readiness" in request.path else None
            ),
            "database_away",
        ),
    )

    @pytest.mark.parametrize(("fault", "code"), DOUBTS, ids=[code for dummy, code in DOUBTS])
    def test_doubts_are_named(self, clean_litellm: Stack, recorder: Recorder, fault: Any, code: str) -> None:
        recorder.fault = fault
        answer = info(clean_litellm, litellm_url=recorder.url, retries=0)
        assert not answer["complete"]
        assert code in [one["code"] for one in answer["reasons"]]
        assert json.dumps(answer["reasons"])
