# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client of LiteLLM's model API: exactly one create, proof of a list, waiting. Answers as LiteLLM 1.100.5 and 1.81.0 give them."""

from __future__ import annotations

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._errors import (
    ModelStoreDisabled,
    NotFound,
    ProxyError,
    ProxyTimeout,
    ProxyUnavailable,
)
from ansible_collections.litemaas.models.plugins.module_utils._litellm import EXISTED, SAVED, LiteLLM

BODY = {"model_name": "m", "litellm_params": {"model": "openai/m"}, "model_info": {"id": "id-1"}}
DUPLICATE = ProxyUnavailable("LiteLLM failed with HTTP 500: Failed to add model to db. Check your server logs for more details.")
SAVED_UNSEEN = ProxyUnavailable("LiteLLM failed with HTTP 500: Model create was saved to the database, but the model id(s) are not live")
GONE = ProxyError("LiteLLM refused the request with HTTP 400: {'error': 'Model with id=id-1 not found in db'}")
NO_STORE = ProxyUnavailable("HTTP 500: {'error': \"Set `'STORE_MODEL_IN_DB='True'` in your env to enable this feature.\"}")


def row(model_id="id-1", name="m"):
    return {"model_name": name, "litellm_params": {"model": "openai/m"}, "model_info": {"id": model_id, "db_model": True}}


def listing(*rows, total=True):
    answer = {"data": list(rows)}
    return dict(answer, total_count=len(rows), total_pages=1) if total else answer


class FakeHttp:
    """Answers from a list in order; an exception in it is raised. Remembers what was asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []
        self.reconnects = 0

    def _next(self, *asked):
        self.asked.append(asked)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def get(self, path, **query):
        return self._next("GET", path)

    def post(self, path, body):
        return self._next("POST", path)

    def patch(self, path, body):
        return self._next("PATCH", path)

    def reconnect(self):
        self.reconnects += 1


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self):
        self.now = 0.0

    def sleep(self, seconds):
        self.now += seconds or 0.01

    def time(self):
        return self.now


def client(*answers):
    clock = Clock()
    litellm = LiteLLM(FakeHttp(*answers), clock.sleep, clock.time)
    litellm.clock = clock
    return litellm


NEW, PATCH, FIND = ("POST", "/model/new"), ("PATCH", "/model/id-1/update"), ("GET", "/v2/model/info")

# answers in order, outcome, requests
CREATES = [
    ([row()], SAVED, [NEW]),
    ([SAVED_UNSEEN], SAVED, [NEW]),
    ([DUPLICATE, row()], EXISTED, [NEW, PATCH]),
    ([ProxyTimeout("x"), row()], EXISTED, [NEW, PATCH]),
    ([ProxyTimeout("x"), NotFound("x"), row()], SAVED, [NEW, PATCH, NEW]),
    ([ProxyTimeout("x"), NotFound("x"), SAVED_UNSEEN], SAVED, [NEW, PATCH, NEW]),
    ([ProxyTimeout("x"), NotFound("x"), ProxyTimeout("y"), listing(row())], SAVED, [NEW, PATCH, NEW, FIND]),
]


@pytest.mark.parametrize(("answers", "outcome", "asked"), CREATES, ids=str)
def test_create_is_exactly_once(answers, outcome, asked):
    litellm = client(*answers)
    assert litellm.create(BODY) == outcome
    assert litellm.http.asked == asked


REFUSED_CREATES = [
    ([ProxyError("HTTP 422")], [NEW]),
    ([DUPLICATE, ProxyUnavailable("the database is away")], [NEW, PATCH, PATCH]),
    ([ProxyTimeout("x"), NotFound("x"), ProxyError("HTTP 422")], [NEW, PATCH, NEW]),
    ([ProxyTimeout("x"), NotFound("x"), ProxyTimeout("y"), listing()], [NEW, PATCH, NEW, FIND]),
]


@pytest.mark.parametrize(("answers", "asked"), REFUSED_CREATES, ids=str)
def test_a_create_that_did_not_happen_is_an_error(answers, asked):
    litellm = client(*answers)
    with pytest.raises(ProxyError):
        litellm.create(BODY)
    assert litellm.http.asked == asked


DELETE = ("POST", "/model/delete")
DELETES = [
    ([{"message": "ok"}], True, [DELETE]),
    ([GONE], False, [DELETE]),
    ([ProxyTimeout("x"), GONE], True, [DELETE, DELETE]),
    ([ProxyTimeout("x"), {"message": "ok"}], True, [DELETE, DELETE]),
]


@pytest.mark.parametrize(("answers", "outcome", "asked"), DELETES, ids=str)
def test_delete(answers, outcome, asked):
    litellm = client(*answers)
    assert litellm.delete("id-1") is outcome
    assert litellm.http.asked == asked


@pytest.mark.parametrize(
    "call", [lambda litellm: litellm.create(BODY), lambda litellm: litellm.patch("id-1", {}), lambda litellm: litellm.delete("id-1")]
)
def test_a_proxy_without_a_model_store_is_named(call):
    with pytest.raises(ModelStoreDisabled, match="set STORE_MODEL_IN_DB=True"):
        call(client(NO_STORE))


def test_a_patch_whose_answer_is_an_error_is_tried_once_more():
    litellm = client(ProxyUnavailable("HTTP 500"), row())
    assert litellm.patch("id-1", {}) == row()
    assert litellm.http.asked == [PATCH, PATCH]
    with pytest.raises(ProxyUnavailable):
        client(ProxyUnavailable("HTTP 500")).patch("id-1", {})


def test_saved_and_not_served_is_told_by_the_id():
    new = client(listing(row()), listing(row("saved", "saved-name")), listing())
    new.read()
    assert new.saved_names(["saved", "gone"], probe=True) == ["saved-name"]
    config = ProxyError("Cannot edit config-based model", status=400)
    unclear = client(listing(row(), total=False), ProxyUnavailable("HTTP 500", status=500))
    unclear.read()
    with pytest.raises(ProxyUnavailable):
        unclear.saved_names(["saved"], probe=True)
    old = client(listing(row(), total=False), row("saved", "saved-name"), config)
    old.read()
    assert old.saved_names(["saved", "gone"], probe=False) == []
    assert old.saved_names(["saved", "gone"], probe=True) == ["saved-name"]
    assert [asked[0] for asked in old.http.asked] == ["GET", "PATCH", "PATCH"]


def test_an_id_is_quoted_in_a_path():
    litellm = client(row())
    litellm.patch("a/b c", {})
    assert litellm.http.asked == [("PATCH", "/model/a%2Fb%20c/update")]


def test_one_empty_list_is_not_taken_for_the_truth():
    litellm = client(listing(), listing(row()))
    assert len(litellm.read().deployments) == 1
    assert litellm.http.reconnects == 1


def test_an_empty_proxy_is_empty_after_some_reads():
    litellm = client(listing())
    assert litellm.read().deployments == []
    assert len(litellm.http.asked) == 4


def test_pages_are_read_to_the_end():
    litellm = client(dict(listing(row("a")), total_count=2, total_pages=2), dict(listing(row("b")), total_count=2, total_pages=2))
    assert len(litellm.read().deployments) == 2


READY = {"status": "healthy", "db": "connected"}
# answers to the first list, readiness and the second list; the reasons
PROOFS = [
    (listing(row()), READY, listing(row()), []),
    (listing(row(), total=False), {"status": "connected", "db": "connected"}, listing(row(), total=False), []),
    (dict(listing(row()), total_count=2), READY, listing(row()), ["partial"]),
    (listing(row()), READY, listing(row(), row("id-2")), ["disagreeing"]),
    (listing(row()), READY, listing(row(name="other")), ["disagreeing"]),
    (listing(row()), {"status": "healthy", "db": "Not connected"}, listing(row()), ["database_away"]),
    (listing(row()), ProxyUnavailable("HTTP 503"), listing(row()), ["not_ready"]),
]


@pytest.mark.parametrize(("first", "readiness", "second", "reasons"), PROOFS, ids=str)
def test_proof_of_a_complete_read(first, readiness, second, reasons):
    litellm = client(first, readiness, second)
    reading = litellm.read()
    assert not reading.complete, "an unproven reading is never complete"
    proven = litellm.prove(reading)
    assert [one["code"] for one in proven.reasons] == reasons
    assert proven.complete is not bool(reasons)
    assert litellm.http.reconnects == 1, "the second read samples another worker"


def test_an_empty_list_is_never_complete():
    litellm = client(listing(), listing(), listing(), listing(), READY, listing())
    assert [one["code"] for one in litellm.prove(litellm.read()).reasons] == ["empty"]


def test_waiting_takes_two_agreeing_reads_over_new_connections():
    litellm = client(listing(), listing(row()), listing(), listing(row()), listing(row()))
    assert litellm.wait(lambda entries: [] if entries else ["id-1"], 90) == []
    assert len(litellm.http.asked) == 5
    assert litellm.http.reconnects == 5


def test_waiting_ends():
    litellm = client(listing())
    assert litellm.wait(lambda entries: ["id-1"], 90) == ["id-1"]
    assert litellm.clock.now == pytest.approx(90, abs=1)


def test_find_compares_the_id_itself():
    """LiteLLM 1.81 ignores modelId and answers with every row."""
    assert client(listing(row("other"), row("id-1"), total=False)).find("id-1")["model_info"]["id"] == "id-1"
    assert client(listing(row("other"), total=False)).find("id-1") is None


def test_only_a_proxy_that_counts_is_asked_for_what_it_does_not_serve():
    old = client(listing(row(), total=False))
    old.read()
    assert old.find_saved(["x", "y"]) == []
    assert len(old.http.asked) == 1


@pytest.mark.parametrize("answer", [{"data": None}, {}, {"data": [1]}, {"data": [{"model_name": None}]}])
def test_what_is_no_list_of_models_is_an_error(answer):
    with pytest.raises(ProxyError, match="LiteLLM's list of models"):
        client(answer).read()
