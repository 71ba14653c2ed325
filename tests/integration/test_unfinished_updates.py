# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An update that was announced and not finished concerns what it announced: what others set stays, and so does what other runs do."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest

from tests.integration.test_litellm_model import actions, info, manage
from tests.support.fixtures import MODEL_TABLE
from tests.support.forked import Child
from tests.support.postgres import quote
from tests.support.recorder import Fault, Recorder
from tests.support.stack import LITELLM_DATABASE, Stack

pytestmark = pytest.mark.litellm

KEY = "demo-key-not-real"
LIVE: dict[str, Any] = {"litellm_model": "openai/gpt-4o-mini", "api_base": "http://127.0.0.1:9/v1", "api_key": KEY, "rpm": 5}
# What somebody made in LiteLLM's admin pages: values that LiteLLM shows resolved, or not at all.
OF_OTHERS: dict[str, dict[str, Any]] = {
    "reference": {"model": "openai/x", "api_base": "os.environ/HOME"},
    "unset": {"model": "openai/x", "organization": "os.environ/NOT_SET_ANYWHERE"},
    "key": {"model": "openai/x", "api_key": "key-of-somebody-else"},
    "header": {"model": "openai/x", "extra_headers": {"Authorization": "Bearer header-of-somebody-else"}},
}


def table(stack: Stack, name: str) -> dict[str, Any]:
    """The parameters of a model as they are in LiteLLM's table, texts encrypted."""
    query = f"SELECT litellm_params FROM {MODEL_TABLE} WHERE model_name = {quote(name)}"
    return {key: value for key, value in json.loads(stack.postgres.sql(query, LITELLM_DATABASE)[0][0]).items() if value is not None}


def writing(stack: Stack, name: str) -> Any:
    [line] = [line for line in info(stack)["models"] if line["model_name"] == name]
    return line["model_info"].get("litemaas_writing")


def make(stack: Stack, name: str, params: dict[str, Any]) -> None:
    body = {"model_name": name, "litellm_params": params, "model_info": {"id": f"id-of-{name}"}}
    assert stack.proxy.request("POST", "/model/new", body)[0] == 200


# LiteLLM 1.81 serves what is saved or nothing, so no update is announced there.
@pytest.mark.any_litellm
def test_what_others_set_stays_after_an_update_that_was_never_written(clean_litellm: Stack, recorder: Recorder) -> None:
    stack = clean_litellm
    for name, params in OF_OTHERS.items():
        make(stack, name, params)
    before = {name: table(stack, name) for name in OF_OTHERS}
    ours = [{"model_name": name, "extra_params": {"max_budget": 5}} for name in OF_OTHERS]

    def lose_the_update(request: Any) -> Fault | None:
        return Fault.drop(forward=False) if request.method == "PATCH" and "max_budget" in request.json().get("litellm_params", {}) else None

    recorder.fault = lose_the_update
    assert actions(manage(stack, ours, url=recorder.url, retries=0)) == ["failed"] * len(ours)
    assert {writing(stack, name)["written"] for name in OF_OTHERS} == {False}

    recorder.fault = None
    recorder.requests.clear()
    again = manage(stack, ours, url=recorder.url)
    assert actions(again) == ["updated"] * len(ours), again
    assert {request.method for request in recorder.requests} == {"GET", "PATCH"}, "nothing is deleted"
    assert {name: {key: table(stack, name)[key] for key in before[name]} for name in OF_OTHERS} == before
    assert not manage(stack, ours)["changed"]


@pytest.mark.any_litellm
def test_another_run_that_is_at_work_loses_nothing(clean_litellm: Stack) -> None:
    """A has announced; B reads its list; A writes; B writes: both files hold at the end."""
    stack = clean_litellm
    make(stack, "shared", LIVE_PARAMS)
    ours, theirs = {"model_name": "shared", "extra_params": {"max_budget": 5, "user": "team-a"}}, {"model_name": "shared", "rpm": 9}
    announced, go = threading.Event(), threading.Event()

    def hold_the_update(request: Any) -> None:
        if request.method == "PATCH" and "max_budget" in request.json().get("litellm_params", {}):
            announced.set()
            go.wait(30)

    def let_it_go_first(request: Any) -> None:
        if request.method == "PATCH" and not go.is_set():
            go.set()
            end = time.monotonic() + 30
            while not writing(stack, "shared")["written"] and time.monotonic() < end:
                time.sleep(0.1)

    with Recorder(stack.litellm_url) as of_a, Recorder(stack.litellm_url) as of_b:
        of_a.fault, of_b.fault = hold_the_update, let_it_go_first
        child = Child(lambda: manage(stack, [ours], url=of_a.url))
        assert announced.wait(30)
        b = manage(stack, [theirs], url=of_b.url)
        a = child.answer()
    assert actions(a) == ["updated"], a
    assert actions(b) == ["updated"], b
    assert {request.method for request in of_b.requests} == {"GET", "PATCH"}, "nothing is deleted"
    assert not manage(stack, [ours])["changed"]
    assert not manage(stack, [theirs])["changed"]


LIVE_PARAMS = {"model": "openai/gpt-4o-mini", "api_base": "http://127.0.0.1:9/v1", "api_key": KEY}


def test_what_a_refused_update_added_to_model_info_is_named_and_can_be_cleared(clean_litellm: Stack, unquestioned: Recorder) -> None:
    stack, url = clean_litellm, unquestioned.url
    good = dict(LIVE, model_name="added")
    assert actions(manage(stack, [good])) == ["created"]
    wrong = dict(good, litellm_model="opnai/x", context_length=77, access_groups=["g9"], extra_info={"foo": 1})
    answer = manage(stack, [wrong], url=url, wait_timeout=3)
    assert actions(answer) == ["failed"], answer
    assert (
        "the old values were put back, except for values in its model_info that only a delete removes: access_groups, foo" in answer["msg"]
    )

    assert not manage(stack, [good])["changed"]
    cleared = manage(stack, [good], replace=True)
    assert {"foo", "access_groups"} <= set(cleared["models"][0]["changed_fields"]), cleared
    [line] = [line for line in info(stack)["models"] if line["model_name"] == "added"]
    assert not {"foo", "access_groups"}.intersection(line["model_info"])
    assert not manage(stack, [good], replace=True)["changed"]


def test_what_a_refused_update_added_goes_where_the_model_is_made_anew(clean_litellm: Stack, unquestioned: Recorder) -> None:
    stack, url = clean_litellm, unquestioned.url
    good = dict(LIVE, model_name="added")
    assert actions(manage(stack, [good])) == ["created"]
    wrong = dict(good, litellm_model="opnai/x", extra_params={"p9": "x"}, extra_info={"foo": 1})
    answer = manage(stack, [wrong], url=url, wait_timeout=3)
    assert answer["msg"].endswith("the old values were put back"), answer
    [line] = [line for line in info(stack)["models"] if line["model_name"] == "added"]
    assert "foo" not in line["model_info"]
    assert "p9" not in line["litellm_params"]
    assert not manage(stack, [good], replace=True)["changed"]
