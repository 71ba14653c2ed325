# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client of LiteLLM's model API: exactly one create, proof of a list, waiting. Answers as LiteLLM 1.100.5 and 1.81.0 give them."""

from __future__ import annotations

import pytest

from ansible_collections.litemaas.models.plugins.module_utils import _litellm
from ansible_collections.litemaas.models.plugins.module_utils._errors import (
    ModelStoreDisabled,
    NotFound,
    ProxyError,
    ProxyTimeout,
    ProxyUnavailable,
)
from ansible_collections.litemaas.models.plugins.module_utils._litellm import EXISTED, NO_SUCH_ID, SAVED, LiteLLM

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
        # After how many requests each new connection was made.
        self.reconnected = []

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
        self.reconnected.append(len(self.asked))


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


def test_a_name_is_looked_up_exactly():
    team = dict(row("t", "model_name_team_1"), model_info={"id": "t", "team_public_model_name": "public"})
    litellm = client(listing(row(name="m-large"), team))
    assert litellm.ids_of_name("m-large") == ["id-1"]
    assert litellm.ids_of_name("public") == ["t"]
    assert litellm.ids_of_name("m") == []


# what a PATCH without any change answers, and whether the model "m" is there
PATCHES = [
    (row(), True),
    (row(name="renamed"), False),
    (NotFound("Model id-1 not found on proxy."), False),
    (NotFound("Model with id=id-1 not found in db"), False),
    (NotFound("Not Found"), None),
    ({"message": "ok"}, None),
    (ProxyError("HTTP 400: Cannot edit config-based model. Store model in DB via /model/new first.", status=400), True),
    (ProxyError("HTTP 400: something else", status=400), None),
    (ProxyUnavailable("HTTP 500", status=500), None),
    (NO_STORE, None),
]


@pytest.mark.parametrize(("answer", "there"), PATCHES, ids=str)
def test_an_id_is_looked_up_by_an_empty_patch(answer, there):
    if there is None:
        with pytest.raises(ProxyError):
            client(answer).has_id("id-1", "m")
    else:
        assert client(answer).has_id("id-1", "m") is there


def test_an_id_is_quoted_in_a_path():
    litellm = client(row())
    litellm.patch("a/b c", {})
    assert litellm.http.asked == [("PATCH", "/model/a%2Fb%20c/update")]


def test_one_empty_list_is_not_taken_for_the_truth():
    litellm = client(listing(), listing(row()))
    assert len(litellm.read().deployments) == 1
    assert litellm.http.reconnected == [1]


def test_an_empty_proxy_is_empty_after_some_reads():
    litellm = client(listing())
    assert litellm.read().deployments == []
    assert len(litellm.http.asked) == 4


@pytest.mark.parametrize(("total", "pages", "asked"), [(2, 2, 2), (2, 10**9, 2), (10**9, 10**9, 3), (None, 10**9, 1), (2, None, 1)])
def test_pages_are_read_to_the_end_and_not_for_ever(monkeypatch, total, pages, asked):
    monkeypatch.setattr(_litellm, "PAGE_SIZE", 1)
    counts = {"total_count": total, "total_pages": pages}
    litellm = client(*[dict(listing(*rows), **counts) for rows in ((row("a"),), (row("b"),), ())][:asked])
    assert len(litellm.read().deployments) == min(asked, 2)
    assert len(litellm.http.asked) == asked


ODD_LISTS = [
    {"data": 5},
    {"data": [5]},
    {"data": [{"model_name": "a", "model_info": "text"}]},
    {"data": [{"model_name": "a", "litellm_params": [1]}]},
    {"data": [], "total_count": "abc"},
    {"data": [], "total_count": 0, "total_pages": [1]},
]


@pytest.mark.parametrize("answer", ODD_LISTS, ids=str)
def test_a_list_that_is_none_is_an_error(answer):
    with pytest.raises(ProxyError, match="LiteLLM's list of models"):
        client(answer).read()


READY, SETTINGS, NO_KEY = {"status": "healthy", "db": "connected"}, {"current_values": {}}, NotFound("Key not found in database")
HEALTH, ROUTER, KEY, V1 = ("GET", "/health/readiness"), ("GET", "/router/settings"), ("GET", "/key/info"), ("GET", "/model/info")
STORE = ("PATCH", "/model/{0}/update".format(NO_SUCH_ID))


def test_a_proxy_is_asked_for_evidence():
    litellm = client(listing(row()), READY, SETTINGS, listing(row()), NO_KEY)
    evidence = litellm.testify(litellm.read(), ask_store=True)
    assert (evidence.readiness, evidence.settings, evidence.key) == (READY, SETTINGS, NO_KEY)
    assert (evidence.again.deployments, evidence.loaded, evidence.store) == ([row()], None, None)
    assert litellm.http.asked == [FIND, HEALTH, ROUTER, FIND, KEY], "the key last: it tells that the database was there all the time"
    assert litellm.http.reconnected == [3], "the second read samples another worker"


def test_a_proxy_that_cannot_search_its_database_is_asked_whether_it_has_one():
    old = listing(row(), total=False)
    litellm = client(old, NotFound("not found on proxy"), READY, SETTINGS, old, NO_KEY)
    litellm.testify(litellm.read(), ask_store=True)
    assert litellm.http.asked == [FIND, STORE, HEALTH, ROUTER, FIND, KEY]
    assert STORE not in gathered(old, ask_store=False)


def gathered(first, ask_store):
    litellm = client(first, READY)
    litellm.testify(litellm.read(), ask_store)
    return litellm.http.asked


def test_an_empty_proxy_is_asked_for_its_older_list_too():
    litellm = client(
        *[listing()] * 4, ProxyUnavailable("HTTP 500: LLM Model List not loaded in."), NotFound("x"), READY, SETTINGS, listing(), NO_KEY
    )
    evidence = litellm.testify(litellm.read(), ask_store=True)
    assert "not loaded" in evidence.loaded.message
    assert litellm.http.asked[4:] == [V1, STORE, HEALTH, ROUTER, FIND, KEY]


def test_what_fails_is_evidence_too():
    away = ProxyUnavailable("HTTP 500")
    litellm = client(listing(row()), away)
    evidence = litellm.testify(litellm.read(), ask_store=True)
    assert [evidence.readiness, evidence.settings, evidence.again, evidence.key] == [away] * 4


def test_one_empty_second_list_is_not_taken_for_the_truth():
    litellm = client(listing(row()), READY, SETTINGS, listing(), listing(row()), NO_KEY)
    assert litellm.testify(litellm.read(), ask_store=True).again.deployments == [row()]


def test_waiting_takes_two_agreeing_reads_over_new_connections():
    litellm = client(listing(), listing(row()), listing(), listing(row()), listing(row()))
    assert litellm.wait(lambda entries: [] if entries else ["id-1"], 90) == []
    assert len(litellm.http.asked) == 5
    assert litellm.http.reconnected == [0, 1, 2, 3, 4]


def test_waiting_ends():
    litellm = client(listing())
    assert litellm.wait(lambda entries: ["id-1"], 90) == ["id-1"]
    assert litellm.clock.now == pytest.approx(90, abs=1)


def test_waiting_says_how_many_are_left():
    litellm, said = client(listing()), []

    def missing(entries):
        said.append(litellm.progress.described())
        return ["id-1", "id-2", "id-3"][len(said) :]

    assert litellm.wait(missing, 90) == []
    assert said[1] == "waiting until LiteLLM serves what was written, 2 left, 0 s of at most 1 min 30 s"


def test_looking_for_what_is_not_listed_is_counted():
    litellm, said = client(listing(), *[listing(row("id-1"))] * 3), []
    litellm.read()
    real = litellm.find
    litellm.find = lambda model_id: (said.append(litellm.progress.described().split(",")[0]), real(model_id))[1]
    assert len(litellm.find_saved(["id-1", "id-2"])) == 1
    assert said == ["{0} of 2 models looked for that LiteLLM does not list".format(done) for done in (0, 1)]


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
