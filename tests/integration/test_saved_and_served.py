# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is saved in LiteLLM is what it serves, also after its next start: updates that it saves and does not take."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from tests.integration.test_faults_kill import Killer
from tests.integration.test_litellm_model import actions, info, manage, rows_of, searches_database
from tests.support.recorder import Fault, Recorder
from tests.support.stack import Stack

pytestmark = pytest.mark.litellm

KEY = "demo-key-not-real"
LIVE: dict[str, Any] = {"litellm_model": "openai/gpt-4o-mini", "api_base": "http://127.0.0.1:9/v1", "api_key": KEY, "rpm": 5}
# name -> what a file says once, that LiteLLM saves and its router refuses.
REFUSED: dict[str, dict[str, Any]] = {
    "provider": {"litellm_model": "opnai/gpt-4o-mini", "rpm": 6, "display_name": "Other"},
    "custom-provider": {"custom_llm_provider": "nonsense"},
    "parameter": {"extra_params": {"dataSources": [{"parameters": {"key": {"no": "text"}}}]}},
}


def refusals(stack: Stack) -> dict[str, dict[str, Any]]:
    """What this LiteLLM refuses: from 1.110 on its router does not look into dataSources."""
    looks_inside = tuple(map(int, stack.litellm_version.split("."))) < (1, 110)
    return {name: change for name, change in REFUSED.items() if looks_inside or name != "parameter"}


def entries(names: Any, **changes: Any) -> list[dict[str, Any]]:
    return [dict(LIVE, model_name=name, **changes) for name in names]


def restart(stack: Stack) -> None:
    """LiteLLM's pod is restarted: it has nothing but its database."""
    options = dataclasses.replace(stack.proxy.options, port=stack.proxy.port)
    stack.stop_proxy("litellm")
    stack.start_proxy("litellm", options)


def served(stack: Stack) -> dict[str, dict[str, Any]]:
    """Name -> what tells the old values from the refused ones, of what LiteLLM serves."""
    shown = {}
    for line in info(stack, classes=["database"])["models"]:
        params = line["litellm_params"]
        shown[line["model_name"]] = {name: params.get(name) for name in ("model", "rpm", "custom_llm_provider", "dataSources")}
        shown[line["model_name"]]["display_name"] = line["model_info"].get("litemaas_display_name")
    return shown


def as_before(name: str) -> dict[str, Any]:
    return {"model": LIVE["litellm_model"], "rpm": 5, "custom_llm_provider": None, "dataSources": None, "display_name": name}


def test_an_update_that_is_not_served_is_put_back(clean_litellm: Stack, unquestioned: Recorder) -> None:
    stack, url = clean_litellm, unquestioned.url
    names = [*refusals(stack), "key-and-provider"]
    assert not manage(stack, entries(names)).get("failed")
    wrong = [dict(LIVE, model_name=name, **change) for name, change in refusals(stack).items()]
    wrong.append(dict(LIVE, model_name="key-and-provider", litellm_model="opnai/gpt-4o-mini", api_key="other-key-not-real"))
    answer = manage(stack, wrong, url=url, wait_timeout=3)
    assert actions(answer) == ["failed"] * len(wrong), answer
    for line in answer["models"][:-1]:
        assert "saved in LiteLLM, but not served" in line["reason"], line
        assert line["reason"].endswith("; the old values were put back"), line
    assert "could not be put back: the stored values are not known (api_key)" in answer["models"][-1]["reason"]

    restart(stack)
    after = served(stack)
    assert {name: after.get(name) for name in refusals(stack)} == {name: as_before(name) for name in refusals(stack)}
    assert "key-and-provider" not in after, "LiteLLM has only the wrong one"
    again = manage(stack, entries(names), url=url)
    assert actions(again) == ["unchanged"] * len(refusals(stack)) + [
        "updated" if not stack.litellm_version.startswith("1.81.") else "created"
    ]
    assert served(stack) == {name: as_before(name) for name in names}
    assert all(rows_of(stack, name) == 1 for name in names)
    assert not manage(stack, entries(names))["changed"]


def nobody_waited(stack: Stack, wrong: list[dict[str, Any]], recorder: Recorder) -> None:
    assert actions(manage(stack, wrong, url=recorder.url, wait=False)) == ["updated"] * len(wrong)


def the_wait_failed(stack: Stack, wrong: list[dict[str, Any]], recorder: Recorder) -> None:
    refuse_questions, written = recorder.fault, []
    last = "dataSources" if "extra_params" in wrong[-1] else "custom_llm_provider"

    def dead_after_the_last_write(request: Any) -> Any:
        if request.method == "PATCH" and last in str(request.body):
            written.append(request)
            return None
        return Fault.status(503) if written and request.method == "GET" else refuse_questions(request)

    recorder.fault = dead_after_the_last_write
    answer = manage(stack, wrong, url=recorder.url, wait_timeout=2, retries=0)
    assert answer["warnings"], answer
    recorder.fault = refuse_questions


def could_not_be_put_back(stack: Stack, wrong: list[dict[str, Any]], recorder: Recorder) -> None:
    answer = manage(stack, [dict(entry, api_key="other-key-not-real") for entry in wrong], url=recorder.url, wait_timeout=2)
    assert actions(answer) == ["failed"] * len(wrong), answer


def test_an_update_that_is_not_served_is_not_taken_for_nothing(clean_litellm: Stack, unquestioned: Recorder) -> None:
    stack, url = clean_litellm, unquestioned.url
    every: list[str] = []
    for interrupted in (nobody_waited, the_wait_failed, could_not_be_put_back):
        refused = {f"{interrupted.__name__}-{name}": change for name, change in refusals(stack).items()}
        assert not manage(stack, entries(refused)).get("failed")
        interrupted(stack, [dict(LIVE, model_name=name, **change) for name, change in refused.items()], unquestioned)
        healed = manage(stack, entries(refused), url=url)
        assert not healed.get("failed"), healed
        assert healed["counts"]["unchanged"] == 0, "what is saved is not what LiteLLM shows"
        every += refused
    restart(stack)
    assert served(stack) == {name: as_before(name) for name in every}
    assert not manage(stack, entries(every))["changed"]


def test_a_model_that_was_created_with_what_litellm_refuses_is_served_without_it(clean_litellm: Stack, unquestioned: Recorder) -> None:
    """Saved and never served: the corrected file leaves the parameter out."""
    stack, url = clean_litellm, unquestioned.url
    # Presentation stays where the corrected file leaves it out, as far as LiteLLM shows it.
    wrong = [dict(LIVE, model_name=name, **dict(change, display_name=name)) for name, change in refusals(stack).items()]
    answer = manage(stack, wrong, url=url, wait_timeout=2)
    assert actions(answer) == ["failed"] * len(wrong), answer
    healed = manage(stack, entries(refusals(stack)), url=url, wait_timeout=5)
    assert not healed.get("failed"), healed["models"]
    restart(stack)
    assert served(stack) == {name: as_before(name) for name in refusals(stack)}
    assert all(rows_of(stack, name) == 1 for name in refusals(stack))
    assert not manage(stack, entries(refusals(stack)))["changed"]


def test_a_run_that_is_killed_within_an_update(clean_litellm: Stack, unquestioned: Recorder) -> None:
    """Between the announcement and the update, and right after the update: the next run does not believe what LiteLLM shows."""
    stack, refuse_questions = clean_litellm, unquestioned.fault
    # LiteLLM 1.81 needs no announcement.
    moments = (1, 2) if searches_database(stack) else (1,)
    changes = {"refused": REFUSED["provider"], "right": {"litellm_model": "openai/gpt-4o", "rpm": 6}}
    cases = [(f"{kind}-{patch}", patch, change) for kind, change in changes.items() for patch in moments]
    names = [name for name, _patch, _change in cases]
    assert not manage(stack, entries(names)).get("failed")
    for name, patch, change in cases:
        killer = Killer(patch, forward=True)
        unquestioned.fault = lambda request, at=killer.at_request: at(request) if request.method == "PATCH" else refuse_questions(request)
        entry = entries([name], **change)
        assert killer.run(lambda entry=entry: manage(stack, entry, url=unquestioned.url, wait_timeout=2)) is None
        assert killer.struck
    unquestioned.fault = refuse_questions
    healed = manage(stack, entries(names), url=unquestioned.url, wait_timeout=5)
    assert not healed.get("failed"), healed
    restart(stack)
    assert served(stack) == {name: as_before(name) for name in names}
    assert all(rows_of(stack, name) == 1 for name in names)
    assert not manage(stack, entries(names))["changed"]


def test_what_litellm_shows_otherwise_converges_or_is_named(clean_litellm: Stack) -> None:
    """A table of values: each is unchanged in the second run."""
    values: list[dict[str, Any]] = [
        {"use_in_pass_through": "true"},
        {"merge_reasoning_content_in_choices": "yes"},
        {"use_litellm_proxy": "off"},
        {"max_retries": "2"},
        {"max_budget": "1.5"},
        {"stream_timeout": 30},
        {"input_cost_per_second": 1},
        {"tiered_pricing": [{"range": [0, 1], "input_cost_per_token": 1e-06}]},
        {"extra_body": {"b": 1, "a": [1.0, "e\u0301", {}], "n": 12345678901234567890}},
        {"extra_body": {}},
        {"odd": ["", 0, False, 1e22, " x "]},
        {"odd": [1e-7, 1e-300, -0.0, 12345678901234567890123]},
        {"odd": 12345678901234567890123, "other": "e\u0301 \ufb01 \U0001f600"},
        {"max_file_size_mb": " 5 ", "default_api_key_rpm_limit": "007"},
        {"stream_timeout": "5", "max_retries": "\u0663"},
    ]
    several = [dict(LIVE, model_name=f"bent{number}", extra_params=value) for number, value in enumerate(values)]
    answer = manage(clean_litellm, several)
    assert actions(answer) == ["created"] * len(values), answer
    assert actions(manage(clean_litellm, several)) == ["unchanged"] * len(values)


# What LiteLLM itself makes something else of, and what it cannot list at all: a sentence names each.
BENT: list[tuple[dict[str, Any], str]] = [
    *(
        ({"mock_response": value}, f"(mock_response: sent {json.dumps(value)}, shown {{")
        for value in ({"a": 1}, {"choices": []}, {"id": "x", "object": "y"})
    ),
    ({"extra_body": {"a": [None, 1]}}, "holds a null in 'extra_body'"),
    ({"max_budget": "inf"}, "extra_params holds max_budget: LiteLLM reads it as a number that is infinite or not a number"),
    ({"input_cost_per_second": "NaN"}, "extra_params holds input_cost_per_second: LiteLLM reads it"),
    ({"max_file_size_mb": "1e400"}, "extra_params holds max_file_size_mb: LiteLLM reads it"),
    ({"odd": [10**309]}, "extra_params holds odd: LiteLLM reads it"),
    ({"tags": "a"}, "tags must be a list of strings"),
    ({"max_retries": 2.5}, "max_retries must be a whole number"),
]


def test_what_litellm_bends_is_refused_or_named(clean_litellm: Stack) -> None:
    """In each run, and the list of LiteLLM stays one."""
    several = [dict(LIVE, model_name=f"bent{number}", extra_params=value) for number, (value, _sentence) in enumerate(BENT)]
    for _time in range(2):
        answer = manage(clean_litellm, [*several, dict(LIVE, model_name="good")], wait_timeout=1)
        assert actions(answer)[-1] in ("created", "unchanged")
        for line, (value, sentence) in zip(answer["models"], BENT):
            assert line["action"] == "failed", value
            assert sentence in line["reason"]
            assert rows_of(clean_litellm, line["model_name"]) == ("mock_response" in value)
    assert "good" in served(clean_litellm)


def test_a_value_that_is_served_otherwise_is_named(clean_litellm: Stack, recorder: Recorder) -> None:
    """Field, what was sent and what is shown, in place of a guess about the provider; no secret."""

    def bend(request: Any) -> Any:
        if request.method != "GET" or "/model/info" not in request.path:
            return None
        return Fault.transform(lambda body: json.loads(json.dumps(body).replace("as it was sent", "as it is shown")))

    entry = dict(LIVE, model_name="bent", extra_params={"odd": "as it was sent"})
    recorder.fault = bend
    answer = manage(clean_litellm, [entry], url=recorder.url, wait_timeout=1)
    assert 'odd: sent "as it was sent", shown "as it is shown"' in answer["msg"]
    assert KEY not in answer["raw"]
    assert "provider" not in answer["msg"]
