# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes whose answers tell nothing: a hundred creates with a fault in each give a hundred deployments, never one more."""

from __future__ import annotations

import collections
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.test_litellm_model import GRANITE, manage
from tests.support.recorder import Fault, RecordedRequest, Recorder
from tests.support.stack import LITELLM_DATABASE, Stack

pytestmark = pytest.mark.litellm

HUNDRED = 100
SOME = 21
TIMEOUT_S = 8

QUICK: dict[str, Callable[[], Fault]] = {
    "answer lost": Fault.drop,
    "request lost": lambda: Fault.drop(forward=False),
    "500 although saved": lambda: Fault.status(500, {"error": {"message": "Internal server error"}}),
    "500 and not saved": lambda: Fault.status(500, {"error": {"message": "Failed to add model to db"}}, forward=False),
    "502 page and not saved": Fault.bad_gateway,
    "502 page although saved": lambda: Fault.bad_gateway(forward=True),
    "answer cut": Fault.truncate,
}
SLOW = {"timeout after the write": lambda: Fault.delay(TIMEOUT_S + 0.2)}
# Each kind of fault many times, and the slow one now and then.
ROTATION = [*SLOW.items(), *([*QUICK.items()] * 7)]


class FirstOfEach:
    """Spoils the first write of each model, and passes on what the module then does about it."""

    def __init__(self, target: Callable[[RecordedRequest], str | None]) -> None:
        self.injected: collections.Counter[str] = collections.Counter()
        self._target = target
        self._seen: set[str] = set()

    def __call__(self, request: RecordedRequest) -> Fault | None:
        target = self._target(request)
        if target is None or target in self._seen:
            return None
        name, make = ROTATION[len(self._seen) % len(ROTATION)]
        self._seen.add(target)
        self.injected[name] += 1
        return make()


def created(request: RecordedRequest) -> str | None:
    return str(request.json()["model_name"]) if request.path == "/model/new" else None


def patched(request: RecordedRequest) -> str | None:
    return request.path if request.method == "PATCH" else None


def deleted(request: RecordedRequest) -> str | None:
    return str(request.json()["id"]) if request.path == "/model/delete" else None


def entries(count: int, **values: Any) -> list[dict[str, Any]]:
    return [dict(GRANITE, model_name=f"m{number}", **values) for number in range(count)]


def saved(stack: Stack) -> list[tuple[str, int]]:
    """Names in LiteLLM's own table, and how often each is there."""
    rows = stack.postgres.sql('SELECT model_name, count(*) FROM "LiteLLM_ProxyModelTable" GROUP BY 1', LITELLM_DATABASE)
    return sorted((row[0], int(row[1])) for row in rows)


def test_every_write_is_done_once_whatever_happens_to_its_answer(clean_litellm: Stack, recorder: Recorder) -> None:
    def run(models: list[dict[str, Any]], target: Callable[[RecordedRequest], str | None]) -> dict[str, Any]:
        chooser = FirstOfEach(target)
        recorder.fault = chooser
        answer = manage(clean_litellm, models, url=recorder.url, timeout=TIMEOUT_S, retry_delay=0.01, wait_timeout=30)
        assert not answer.get("failed"), answer["msg"]
        assert sum(chooser.injected.values()) == len(models), "a fault in each write"
        assert set(chooser.injected) == {*QUICK, *SLOW}
        assert all(line["served"] for line in answer["models"])
        return answer

    # LiteLLM takes seconds for the first write of its life.
    for first in (dict(GRANITE, model_name="warm-up"), {"model_name": "warm-up", "state": "absent"}):
        manage(clean_litellm, [first])
    hundred = [(entry["model_name"], 1) for entry in entries(HUNDRED)]
    assert run(entries(HUNDRED), created)["counts"]["created"] == HUNDRED
    assert saved(clean_litellm) == sorted(hundred)
    assert run(entries(SOME, tpm=77), patched)["counts"]["updated"] == SOME
    gone = [{"model_name": f"m{number}", "state": "absent"} for number in range(SOME)]
    assert not manage(clean_litellm, entries(SOME, tpm=77) + entries(HUNDRED)[SOME:])["changed"]
    assert run(gone, deleted)["counts"]["deleted"] == SOME
    assert saved(clean_litellm) == sorted(hundred[SOME:])


def test_the_breaker_ends_a_run_and_the_next_one_makes_no_second_one(clean_litellm: Stack, recorder: Recorder) -> None:
    ten = entries(10)
    recorder.fault = lambda request: Fault.drop() if request.method != "GET" else None
    broken = manage(clean_litellm, ten, url=recorder.url, retries=0, wait=False)
    assert broken["counts"]["failed"] == len(ten)
    assert "LiteLLM failed 5 times in a row" in broken["msg"]
    there = saved(clean_litellm)
    assert 0 < len(there) < len(ten), "some were saved all the same, and after the breaker nothing was sent"
    healed = manage(clean_litellm, ten)
    assert not healed.get("failed"), healed["msg"]
    assert healed["counts"]["created"] == len(ten) - len(there)
    assert saved(clean_litellm) == sorted((entry["model_name"], 1) for entry in ten)
