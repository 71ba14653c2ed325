# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that creates, updates, replaces and deletes, with every fault of HTTP at every request: exactly once, and healed."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration import faults
from tests.integration.test_litellm_model import GRANITE, manage
from tests.support.recorder import Fault, RecordedRequest, Recorder
from tests.support.stack import LITELLM_DATABASE, Stack

pytestmark = pytest.mark.litellm

LIST = "/v2/model/info"
TIMEOUT_S = 2
# Longer than a busy machine takes for anything.
PATIENT_S = 30

# The list is brought from one side to the other and back: both ways one model is created, one updated, one replaced (a value
# is taken away, so it is deleted and created anew where the proxy cannot clear it), one deleted, and two stay as they are.
SIDES = (
    [
        dict(GRANITE, model_name="first"),
        dict(GRANITE, model_name="updated", rpm=10),
        dict(GRANITE, model_name="replaced", tpm=7, rpm=None),
        {"model_name": "second", "state": "absent"},
    ],
    [
        {"model_name": "first", "state": "absent"},
        dict(GRANITE, model_name="updated", rpm=20),
        dict(GRANITE, model_name="replaced", rpm=5),
        dict(GRANITE, model_name="second"),
    ],
)
REST = [dict(GRANITE, model_name=name) for name in ("stays", "stays too")]

# name of a model -> what LiteLLM has of it; and how many rows its table has
State = tuple[dict[str, Any], int]


class Proxied:
    """LiteLLM behind a fault proxy, on one of the two sides."""

    def __init__(self, stack: Stack, recorder: Recorder) -> None:
        self.stack = stack
        self.recorder = recorder
        self.side = 0
        self.states = []
        for side in (1, 0):
            self.side = side
            self.run_directly()
            self.states.insert(0, self.state())
            self.lists = [self.stored_list(), *getattr(self, "lists", [])]

    def wanted(self) -> list[dict[str, Any]]:
        return SIDES[self.side] + REST

    def run_directly(self) -> dict[str, Any]:
        # LiteLLM 1.81 reads its database every ten seconds.
        return manage(self.stack, self.wanted(), replace=True, wait_timeout=PATIENT_S)

    def run(self, **options: Any) -> dict[str, Any]:
        options = {"retry_delay": 0.01, "retries": 1, "wait_timeout": 1, **options}
        return manage(self.stack, self.wanted(), url=self.recorder.url, replace=True, **options)

    def stored_list(self) -> dict[str, Any]:
        status, answer = self.stack.proxy.request("GET", LIST + "?size=1000")
        assert status == 200, answer
        return answer

    def state(self) -> State:
        found: dict[str, Any] = {}
        for deployment in self.stored_list()["data"]:
            if deployment["model_info"].get("db_model"):
                assert deployment["model_name"] not in found, "a duplicate"
                params = {name: deployment["litellm_params"].get(name) for name in ("model", "api_base", "rpm", "tpm")}
                found[deployment["model_name"]] = dict(params, id=deployment["model_info"]["id"])
        rows = self.stack.postgres.sql('SELECT count(*) FROM "LiteLLM_ProxyModelTable"', LITELLM_DATABASE)
        return found, int(rows[0][0])


ALL, LISTS, QUESTIONS, WRITES = "all", "lists", "questions", "writes"
WRITING = ("/model/new", "/update", "/model/delete")


@dataclasses.dataclass
class Kind:
    """A kind of fault, and the requests it is for."""

    make: Callable[[Injection, RecordedRequest], Fault]
    on: str = ALL


@dataclasses.dataclass
class Injection:
    """Chooses the requests that get a fault: the one at ``position`` among those of its kind, and all after it if it ``lasts``."""

    kind: Kind
    position: int
    lasts: bool
    proxied: Proxied
    seen: int = 0
    injected: int = 0

    def __call__(self, request: RecordedRequest) -> Fault | None:
        if self.kind.on not in (ALL, LISTS if is_list(request) else QUESTIONS if request.method == "GET" else WRITES):
            return None
        self.seen += 1
        if self.seen < self.position or (self.seen > self.position and not self.lasts):
            return None
        self.injected += 1
        return self.kind.make(self, request)


@dataclasses.dataclass
class FirstOfEachWrite(Injection):
    """Chooses the first create, the first update and the first delete of a run."""

    struck: set[str] = dataclasses.field(default_factory=set)

    def __call__(self, request: RecordedRequest) -> Fault | None:
        sort = next((path for path in WRITING if request.path.endswith(path)), None)
        if sort is None or sort in self.struck:
            return None
        self.struck.add(sort)
        self.injected += 1
        return self.kind.make(self, request)


def is_list(request: RecordedRequest) -> bool:
    return request.path.startswith(LIST) and "modelId" not in request.path


def listed(answer: dict[str, Any]) -> Fault:
    return Fault.status(200, answer, forward=False)


def half_list(injection: Injection, request: RecordedRequest) -> Fault:
    """The first half of the real list, with the real count."""
    answer = injection.proxied.stored_list()
    return listed(dict(answer, data=answer["data"][: len(answer["data"]) // 2]))


def stale_list(injection: Injection, request: RecordedRequest) -> Fault:
    """A real list from before: for the first request that of the other side, later that from before this run."""
    proxied = injection.proxied
    return listed(proxied.lists[proxied.side if injection.seen == 1 else 1 - proxied.side])


def late_request(injection: Injection, request: RecordedRequest) -> Fault:
    """The request arrives when nobody waits for it any more."""
    time.sleep(TIMEOUT_S + 0.2)
    return Fault()


INJECTED = {
    "request lost": Kind(lambda injection, request: Fault.drop(forward=False)),
    "answer lost": Kind(lambda injection, request: Fault.drop()),
    "answer cut": Kind(lambda injection, request: Fault.truncate(20)),
    "busy": Kind(lambda injection, request: Fault.status(429, headers={"Retry-After": "0"}, forward=False)),
    "500 not done": Kind(lambda injection, request: Fault.status(500, forward=False)),
    "500 although done": Kind(lambda injection, request: Fault.status(500)),
    "502 not done": Kind(lambda injection, request: Fault.bad_gateway()),
    "502 although done": Kind(lambda injection, request: Fault.bad_gateway(forward=True)),
    "answer late": Kind(lambda injection, request: Fault.delay(TIMEOUT_S + 0.2), WRITES),
    "request late": Kind(late_request, WRITES),
    "empty list": Kind(lambda injection, request: Fault.empty_list(), LISTS),
    "half list": Kind(half_list, LISTS),
    "stale list": Kind(stale_list, LISTS),
}


@pytest.fixture
def proxied(clean_litellm: Stack, recorder: Recorder) -> Proxied:
    return Proxied(clean_litellm, recorder)


# The requests of a run: list, create (with a question before it where LiteLLM can tell), update, replace (three where it cannot
# be cleared in place), delete, and two reads until it is served. Of these the lists are three.
FEWEST_POSITIONS = {ALL: 7, LISTS: 3, WRITES: 4}
# Nobody can see these within the run.
UNSEEN = ("half list", "stale list", "request late")

# Where a kind of fault strikes. All kinds at all positions, once and lasting, would take many minutes and tell little more.
EVERY, SORTS, LASTING = "every request", "each sort of request", "lasting"
# The first position that a lasting fault begins at, and the step to the next: two kinds share the positions between them.
FIRST_LASTING = {"answer lost": 1, "500 although done": 2}
LASTING_STEP = 2
# What is lost or done in doubt strikes every request. What only our client decides about runs with one version of LiteLLM.
CASES = [
    pytest.param("answer lost", EVERY),
    *[pytest.param(key, EVERY, marks=pytest.mark.any_litellm) for key in ("request lost", "500 although done")],
    *[pytest.param(key, LASTING) for key in FIRST_LASTING],
    *[pytest.param(key, how) for key, kind in INJECTED.items() if kind.on == LISTS for how in (EVERY, LASTING)],
]
COVERED = {str(case.values[0]) for case in CASES}
CASES += [pytest.param(key, SORTS, marks=pytest.mark.any_litellm) for key in INJECTED if key not in COVERED]


@pytest.mark.parametrize(("key", "how"), CASES)
def test_every_fault_at_every_request(proxied: Proxied, key: str, how: str) -> None:
    if how == SORTS:
        cases = each_sort(proxied, key)
    elif INJECTED[key].on == LISTS:
        cases = each_list(proxied, key, how == LASTING)
    else:
        cases = each_position(proxied, key, how == LASTING)
    print(f"{key}, {how}: {cases} cases")


def each_position(proxied: Proxied, key: str, lasts: bool) -> int:
    """Strike at every position, or lasting from every second one; returns how many there were."""
    first, step = (FIRST_LASTING[key], LASTING_STEP) if lasts else (1, 1)
    position, cases = first, 0
    while run_with_fault(proxied, key, Injection(INJECTED[key], position, lasts, proxied)):
        position += step
        cases += 1
    assert position > FEWEST_POSITIONS[INJECTED[key].on]
    return cases


def each_list(proxied: Proxied, key: str, lasts: bool) -> int:
    """Strike at each list, or lasting from the first one and from that which ends the waiting."""
    positions = (1, 3) if lasts else (1, 2, 3)
    for position in positions:
        assert run_with_fault(proxied, key, Injection(INJECTED[key], position, lasts, proxied)), position
    return len(positions)


def each_sort(proxied: Proxied, key: str) -> int:
    """Strike at the first create, update and delete of one run, and at the first list and question of two more."""
    kind = INJECTED[key]
    injected = run_with_fault(proxied, key, FirstOfEachWrite(kind, 1, False, proxied))
    assert injected == len(WRITING)
    if kind.on == WRITES:
        return injected
    assert run_with_fault(proxied, key, Injection(dataclasses.replace(kind, on=LISTS), 1, False, proxied))
    # LiteLLM 1.81 cannot be asked for what it does not serve.
    return injected + 1 + run_with_fault(proxied, key, Injection(dataclasses.replace(kind, on=QUESTIONS), 1, False, proxied))


def run_with_fault(proxied: Proxied, key: str, injection: Injection) -> int:
    """One run with a fault, all checks after it, and the healing; returns how often the fault was injected."""
    row, lasts = faults.row(key), injection.lasts
    case = (key, injection.kind.on, injection.position, "lasting" if lasts else "once")
    before, after = proxied.states[proxied.side], proxied.states[1 - proxied.side]
    proxied.side = 1 - proxied.side
    proxied.recorder.clear()
    proxied.recorder.fault = injection
    answer = proxied.run(timeout=TIMEOUT_S if "late" in key else PATIENT_S, wait_timeout=1 if lasts or key in UNSEEN else PATIENT_S)
    proxied.recorder.fault = None
    state = proxied.state()
    if answer.get("failed"):
        assert lasts or not row.goes_on, (case, answer["msg"])
        assert row.explains(answer["msg"]), (case, answer["msg"])
    elif key not in UNSEEN:
        assert state == after, case
    assert_nothing_lost(answer, state[0], before[0], after[0], case)
    healed = proxied.run_directly()
    assert not healed.get("failed"), (case, healed["msg"])
    assert healed["changed"] or state == after, case
    if healed["changed"]:
        assert not proxied.run_directly()["changed"], case
        assert proxied.state() == after, case
    return injection.injected


def assert_nothing_lost(answer: dict[str, Any], found: dict[str, Any], before: dict[str, Any], after: dict[str, Any], case: object) -> None:
    """Each model is as it was or as it is wanted, and where the report is sure it is what the report says."""
    lines = {line["model_name"]: line for line in answer.get("models", [])}
    for name in before.keys() | after.keys():
        reported = lines.get(name, {"action": "failed", "reason": ""})
        hidden = "it was already saved" in reported["reason"] or "saved in LiteLLM, but not served" in reported["reason"]
        if hidden and found.get(name) == merged(before.get(name), after.get(name)):
            # LiteLLM 1.81 hid it: what the spec gives is there, what it leaves out is cleared by the next run.
            continue
        anew = "it was deleted to be created anew" in reported["reason"] or "it had to be deleted and created anew" in reported["reason"]
        assert found.get(name) in [before.get(name), after.get(name), *([None] if anew else [])], (case, name, found.get(name))
        if reported["action"] in ("created", "updated", "deleted"):
            assert found.get(name) == after.get(name), (case, name, reported)
        elif reported["action"] == "failed" and found.get(name) != before.get(name):
            told = "It may still have been done" in reported["reason"] or "saved in LiteLLM, but not served" in reported["reason"]
            assert told or anew, (case, name, reported)


def merged(before: dict[str, Any] | None, after: dict[str, Any] | None) -> dict[str, Any] | None:
    """What a model is that has got its new values, and has lost none yet."""
    if before is None or after is None:
        return after
    return {**before, **{name: value for name, value in after.items() if value is not None}}


def test_litellm_is_down(clean_litellm: Stack) -> None:
    answer = manage(clean_litellm, REST, url="http://127.0.0.1:9", retries=1, retry_delay=0.01)
    assert faults.row("refused").explains(answer["msg"])
    assert answer["log"], "it was tried again"
