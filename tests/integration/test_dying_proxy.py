# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A LiteLLM that dies in the middle of a run, or refuses many models in a row: how long it takes, and what is said of each model."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._litellm.patience import BREAKER_FAILURES
from ansible_collections.litemaas.models.plugins.modules import litellm_model
from tests.support.modules import run_module
from tests.support.recorder import Fault, FaultChooser, RecordedRequest, Recorder
from tests.support.stack import Stack

pytestmark = [pytest.mark.any_litellm, pytest.mark.litellm]

MODELS = 50
ALIVE_FOR = 2
BREAKER = re.compile(r"LiteLLM failed [5-8] times in a row: no further request is made for 30 seconds")
RETRIES = 3


def entries(**changes: Any) -> list[dict[str, Any]]:
    common = {"litellm_model": "openai/m", "api_base": "http://127.0.0.1:9/v1", "api_key": "demo-key-not-real", **changes}
    return [{"model_name": f"m{number}", **common} for number in range(MODELS)]


def manage(stack: Stack, url: str, models: list[dict[str, Any]], **options: Any) -> dict[str, Any]:
    connection = {"litellm_url": url, "litellm_api_key": stack.master_key, "wait": False, "retries": RETRIES, "retry_delay": 0.05}
    return run_module(litellm_model.main, {**connection, "models": models, **options})


def after(creates: int, fault: Fault) -> FaultChooser:
    """Return a chooser that spoils everything after a number of creates."""
    seen = 0

    def choose(request: RecordedRequest) -> Fault | None:
        nonlocal seen
        seen += request.path == "/model/new"
        return fault if seen > creates else None

    return choose


@pytest.mark.parametrize(
    ("fault", "first_sentence"),
    [
        (Fault.drop(forward=False), "Remote end closed connection without response"),
        (Fault(forward=False, delay_s=2.5), "Request timeout after 2 seconds"),
        (Fault.bad_gateway(), "failed with HTTP 502"),
        (Fault.status(429, forward=False), "failed with HTTP 429"),
    ],
    ids=["drops", "hangs", "502", "429"],
)
def test_the_rest_of_fifty_models_fails_at_once(clean_litellm: Stack, recorder: Recorder, fault: Fault, first_sentence: str) -> None:
    recorder.fault = after(ALIVE_FOR, fault)
    begin = time.monotonic()
    # A short time only where it is what is waited for: on a busy machine the creates before it may take longer.
    answer = manage(clean_litellm, recorder.url, entries(), timeout=2 if fault.delay_s else 30)
    # 46 models that each wait for their time would take more than two minutes.
    assert time.monotonic() - begin < 60
    assert answer["counts"] == {"created": ALIVE_FOR, "updated": 0, "deleted": 0, "unchanged": 0, "failed": MODELS - ALIVE_FOR}
    reasons = [model["reason"] for model in answer["models"][ALIVE_FOR:]]
    assert first_sentence in reasons[0]
    assert [reason for reason in reasons[2:] if not BREAKER.fullmatch(reason)] == []
    assert len(recorder.requests) - recorder.calls("POST", "/model/new")[ALIVE_FOR].number + 1 <= RETRIES + BREAKER_FAILURES


def test_the_next_run_does_the_rest(clean_litellm: Stack, recorder: Recorder) -> None:
    models = entries()[:8]
    recorder.fault = after(3, Fault.drop(forward=False))
    assert manage(clean_litellm, recorder.url, models)["counts"]["created"] == 3
    recorder.fault = None
    assert manage(clean_litellm, recorder.url, models)["counts"] == {"created": 5, "updated": 0, "deleted": 0, "unchanged": 3, "failed": 0}


def test_models_that_it_refuses_one_by_one_do_not_stop_the_others(clean_litellm: Stack, recorder: Recorder) -> None:
    """As LiteLLM answers a create that it does not carry out: a 500 in JSON."""
    wrong = {f"m{number}" for number in range(8)}

    def choose(request: RecordedRequest) -> Fault | None:
        refused = request.path == "/model/new" and request.json()["model_name"] in wrong
        return (
            Fault.status(500, {"error": {"message": "Failed to add model to db. Check your server logs."}}, forward=False)
            if refused
            else None
        )

    recorder.fault = choose
    answer = manage(clean_litellm, recorder.url, entries()[:12])
    assert answer["counts"] == {"created": 4, "updated": 0, "deleted": 0, "unchanged": 0, "failed": 8}
    assert "Failed to add model to db" in answer["models"][0]["reason"]
