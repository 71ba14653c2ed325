# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client of LiteLLM's model API: exactly one create, proof of a list, waiting. Answers as LiteLLM 1.100.5 and 1.81.0 give them."""

from __future__ import annotations

import json

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import (
    ModelConflict,
    ModelStoreDisabled,
    NotFound,
    ProxyError,
    ProxyTimeout,
    ProxyUnavailable,
)
from ansible_collections.litemaas.models.plugins.module_utils._litellm import model_lists
from ansible_collections.litemaas.models.plugins.module_utils._litellm.client import ENTRIES_FOR_ONE, LiteLLM
from ansible_collections.litemaas.models.plugins.module_utils._litellm.model_writes import EXISTED, NO_SUCH_ID, SAVED
from ansible_collections.litemaas.models.plugins.module_utils._litellm.pages import covering
from tests.support.endpoints import proxy_connection

BODY = {"model_name": "m", "litellm_params": {"model": "openai/m"}, "model_info": {"id": "id-1"}}
DUPLICATE = ProxyUnavailable("LiteLLM failed with HTTP 500: Failed to add model to db. Check your server logs for more details.")
SAVED_UNSEEN = ProxyUnavailable("LiteLLM failed with HTTP 500: Model create was saved to the database, but the model id(s) are not live")
GONE = ProxyError("LiteLLM refused the request with HTTP 400: {'error': 'Model with id=id-1 not found in db'}")
NO_STORE = ProxyUnavailable("HTTP 500: {'error': \"Set `'STORE_MODEL_IN_DB='True'` in your env to enable this feature.\"}")


def row(model_id="id-1", name="m", model="openai/m"):
    return {"model_name": name, "litellm_params": {"model": model}, "model_info": {"id": model_id, "db_model": True}}


def listing(*rows, total=True):
    answer = {"data": list(rows)}
    return dict(answer, total_count=len(rows), total_pages=1) if total else answer


class FakeHttp:
    """Answers from a list in order; an exception in it is raised. Remembers what was asked.

    Says page and size back where it counts, as LiteLLM 1.100 does, and those of ``echo`` instead.
    """

    url = "http://litellm"
    connection = proxy_connection(url, "sk-1234")

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []
        self.queries = []
        self.bodies = []
        # After how many requests each new connection was made.
        self.reconnected = []
        self.cached = ""
        self.received = 0
        self.echo = {}

    def _next(self, *asked):
        self.asked.append(asked)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        self.received += len(json.dumps(answer))
        return answer

    def get(self, path, **query):
        self.queries.append(query)
        answer = self._next("GET", path)
        said = dict({"current_page": query.get("page", 1), "size": query.get("size", 50)}, **self.echo)
        return dict(answer, **said) if "total_count" in answer else answer

    def post(self, path, body):
        return self._next("POST", path)

    def patch(self, path, body):
        self.bodies.append(body)
        return self._next("PATCH", path)

    def reconnect(self):
        self.reconnected.append(len(self.asked))

    def ask_without_key(self, url, path):
        return None


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


@pytest.mark.parametrize("shows_unserved", [False, True])
def test_what_lies_under_the_id_of_a_create_is_looked_at_where_nothing_shows_it(shows_unserved):
    def refuse(body, stored):
        assert (body, stored["model_name"]) == (BODY, row()["model_name"])
        raise ModelConflict("m", "not over this")

    litellm = client(DUPLICATE, row())
    litellm.shows_unserved, litellm._listed = shows_unserved, 1
    if shows_unserved:
        assert litellm.create(BODY, refuse) == EXISTED
    else:
        with pytest.raises(ModelConflict):
            litellm.create(BODY, refuse)
    assert litellm.http.asked == [NEW, PATCH]


def test_a_proxy_that_serves_nothing_tells_only_after_the_write_what_lies_under_an_id():
    def refuse(body, stored):
        raise ModelConflict("m", "not over this")

    litellm = client(DUPLICATE, row())
    litellm.shows_unserved = True
    with pytest.raises(ModelConflict):
        litellm.create(BODY, refuse)
    assert litellm.http.asked == [NEW, PATCH]


def test_what_is_saved_and_not_served_is_no_duplicate():
    assert client(DUPLICATE, SAVED_UNSEEN, SAVED_UNSEEN).create(BODY) == EXISTED


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


# As LiteLLM 1.110.2 answers.
REFUSED_REMOVAL = ProxyError("HTTP 422: Value error, The required litellm_params.model cannot be removed")
ASKED = ("PATCH", "/model/id-1/update")


@pytest.mark.parametrize(("answer", "stored"), [(REFUSED_REMOVAL, None), (BODY, BODY)], ids=["removes", "ignores"])
def test_whether_parameters_are_taken_out_is_asked_once(answer, stored):
    litellm = client(answer, BODY)
    assert litellm.stored_unless_it_removes("id-1") == stored
    assert litellm.http.asked == [ASKED]
    assert litellm.http.bodies == [{"litellm_params_to_remove": ["model"]}]
    assert litellm.stored_unless_it_removes("id-1") == stored
    assert litellm.http.bodies[1:] == ([{}] if stored else [])


def test_another_refusal_of_a_removal_is_an_error():
    litellm = client(ProxyError("HTTP 422: extra fields not permitted"), BODY)
    with pytest.raises(ProxyError, match="extra fields"):
        litellm.stored_unless_it_removes("id-1")


UNFIT_QUESTION = ProxyError("HTTP 422: Input should be a valid boolean", status=422)


@pytest.mark.parametrize(
    ("answers", "catalog", "requests"),
    [
        ([UNFIT_QUESTION, {"x": {}}], {"x": {}}, 2),
        ([{"x": {}, "of-a-deployment": {}}], None, 1),
        ([ProxyError("HTTP 404", status=404)], None, 1),
        ([UNFIT_QUESTION, ProxyError("HTTP 500", status=500)], None, 2),
    ],
    ids=["apart", "not apart", "held back", "failed"],
)
def test_whether_litellm_keeps_its_own_list_apart_is_asked_once(answers, catalog, requests):
    litellm = client(listing(row()), *answers)
    assert litellm.catalog() is None
    litellm = client(listing(row()), *answers)
    litellm.read()
    for _time in range(2):
        assert litellm.catalog() == catalog
    assert len(litellm.http.asked) == 1 + requests


# As LiteLLM 1.100.5 answers.
NO_SUCH_MODEL = NotFound(f"HTTP 404: Model {NO_SUCH_ID} not found on proxy.")
TOLD = [(REFUSED_REMOVAL, True), (NO_SUCH_MODEL, False), (NotFound("HTTP 404: Not Found"), None), (ProxyError("HTTP 500"), None)]


@pytest.mark.parametrize(("answer", "removes"), TOLD)
def test_whether_parameters_can_be_taken_out_is_asked_of_nothing(answer, removes):
    litellm = client(answer, answer)
    assert (litellm.removes(), litellm.removes()) == (removes, removes)
    assert litellm.http.asked == [STORE] * (2 if removes is None else 1)
    assert litellm.http.bodies[0] == {"litellm_params_to_remove": ["model"]}


def test_a_forgotten_fingerprint_is_not_there():
    info = {"id": "id-1", "litemaas_pin_hmac": "", "litemaas_api_key_hmac": "kept", "note": ""}
    [entry] = client(listing(dict(row(), model_info=info))).read().deployments
    assert entry["model_info"] == {"id": "id-1", "litemaas_api_key_hmac": "kept", "note": ""}


@pytest.mark.parametrize("echo", [{"size": 50}, {"current_page": 2}, {"size": None}], ids=str)
def test_an_answer_to_another_question_is_not_believed(echo):
    litellm = client(listing(row()))
    assert litellm.read().unfit == ""
    litellm.http.echo = echo
    unfit = litellm.read().unfit
    assert "http://litellm does not pass the query on" in unfit
    assert litellm.testify(litellm.read(), ask_store=False).again.unfit != ""
    for ask in (lambda: litellm.search("m"), lambda: litellm.ids_of_name("m"), litellm.search_all):
        with pytest.raises(ProxyError, match="does not pass the query on"):
            ask()


def test_each_question_has_a_size_of_its_own():
    litellm = client(listing(row()))
    for _number in range(20):
        litellm.read()
        litellm.ids_of_name("m")
    sizes = {query["size"] for query in litellm.http.queries}
    assert len(sizes) > 35
    assert min(sizes) >= model_lists.PAGE_SIZE


def test_no_more_pages_than_there_can_be(monkeypatch):
    monkeypatch.setattr(model_lists, "PAGE_SIZE", 1)
    litellm = client(dict(listing(row()), total_count=10**9, total_pages=10**9))
    with pytest.raises(ProxyError, match="http://litellm says that it has 1,000,000,000 models"):
        litellm.read()
    assert len(litellm.http.asked) == model_lists.MOST_PAGES


@pytest.mark.parametrize("models", [2, 5])
def test_the_pages_of_a_list_have_a_largest_size_together(monkeypatch, models):
    """Of each list by itself, whatever was read before."""
    monkeypatch.setattr(model_lists, "PAGE_SIZE", 1)
    page = dict(listing(row()), total_count=models, total_pages=models)
    monkeypatch.setattr(model_lists, "LARGEST_LIST", 3 * len(json.dumps(page)))
    litellm = client(page)
    if models == 2:
        assert [len(litellm.read().deployments) for _time in range(3)] == [2, 2, 2]
        return
    with pytest.raises(ProxyError, match=r"longer than 0 MB up to page 4\. Look whether http://litellm is the address"):
        litellm.read()
    assert len(litellm.http.asked) == 4


def test_what_a_cache_said_is_evidence():
    litellm = client(listing(row()))
    assert litellm.testify(litellm.read(), ask_store=False).cached == ""
    litellm.http.cached = "Age: 7"
    assert litellm.testify(litellm.read(), ask_store=False).cached == "Age: 7"


def test_all_that_is_saved_and_all_that_is_served_are_two_searches():
    litellm = client({"data": [row()], "total_count": 2}, {"data": [], "total_count": 0})
    saved, served = litellm.search_all()
    assert ([entry["model_info"]["id"] for entry in saved.deployments], saved.total) == (["id-1"], 2)
    assert (served.deployments, served.total) == ([], 0)


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
    monkeypatch.setattr(model_lists, "PAGE_SIZE", 1)
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
    with pytest.raises(ProxyError, match="list of models"):
        client(answer).read()


READY, SETTINGS, NO_KEY = {"status": "healthy", "db": "connected"}, {"current_values": {}}, NotFound("Key not found in database")
HEALTH, ROUTER, KEY, V1 = ("GET", "/health/readiness"), ("GET", "/router/settings"), ("GET", "/key/info"), ("GET", "/model/info")
STORE = ("PATCH", f"/model/{NO_SUCH_ID}/update")


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
    assert litellm.wait(lambda entries: [] if entries else ["id-1"], 90, ["id-1"]) == []
    assert litellm.http.asked == [FIND] * 5
    assert litellm.http.reconnected == [0, 1, 2, 3, 4]


def test_waiting_ends():
    litellm = client(listing())
    assert litellm.wait(lambda entries: ["id-1"], 90, ["id-1"]) == ["id-1"]
    assert litellm.clock.now == pytest.approx(90, abs=1)


def test_waiting_says_how_many_are_left():
    litellm, said = client(listing()), []

    def missing(entries):
        said.append(litellm.progress.described())
        return ["id-1", "id-2", "id-3"][len(said) :]

    assert litellm.wait(missing, 90, ["id-1"]) == []
    assert said[1] == "waiting until LiteLLM serves what was written, 2 left, 0 s of at most 1 min 30 s"


def test_looking_for_what_is_not_listed_is_counted():
    litellm, said = client(listing(), *[listing(row("id-1"))] * 3), []
    reading, real = litellm.read(), litellm.find
    litellm.find = lambda model_id: (said.append(litellm.progress.described().split(",")[0]), real(model_id))[1]
    assert len(litellm.find_saved({"id-1": "m", "id-2": "m"}, reading)) == 1
    assert said == [f"{done} of 2 models looked for that LiteLLM does not list" for done in (0, 1)]


def test_find_compares_the_id_itself():
    """LiteLLM 1.81 ignores modelId and answers with every row."""
    assert client(listing(row("other"), row("id-1"), total=False)).find("id-1")["model_info"]["id"] == "id-1"
    assert client(listing(row("other"), total=False)).find("id-1") is None


def test_only_a_proxy_that_counts_is_asked_for_what_it_does_not_serve():
    old = client(listing(row(), total=False))
    old.read()
    assert old.find_saved({"x": "m", "y": "m", "z": "m"}, old.read()) == []
    assert old.http.asked == [FIND, FIND]


ABSENT = ProxyError("HTTP 400: Model id = id-1 not found on litellm proxy")


def test_of_a_long_list_only_what_was_written_is_waited_for():
    many = listing(*(row(str(number)) for number in range(2 * ENTRIES_FOR_ONE)))
    litellm = client(many, ABSENT, listing(row(), total=False), listing(row(), total=False))
    litellm.read()
    assert litellm.wait(lambda entries: [] if entries else ["id-1"], 90, ["id-1"]) == []
    assert litellm.http.asked == [FIND, *[("GET", "/model/info")] * 3]
    assert litellm.http.reconnected == [1, 2, 3]
    broken = client(many, ProxyUnavailable("HTTP 503"))
    broken.read()
    with pytest.raises(ProxyUnavailable):
        broken.wait(lambda entries: [], 90, ["id-1"])


WANTED = {"id-1": "Alpha", "id-2": "beta", "id-3": "gamma"}


def test_one_search_tells_that_nothing_is_saved_besides_what_is_served():
    team = dict(row("t", "m_1", "x"), model_info={"id": "t", "db_model": True, "team_public_model_name": "Public"})
    served = [row("s", "Shared", "x"), row("s", "Shared", "x"), row("c", "a", "x"), row("c", "a", "x"), team]
    for entry in served[2:4]:
        entry["model_info"]["db_model"] = False
    # With an "a": the database's model once, both entries of the config. Not the team's.
    litellm = client(listing(*served), {"data": [], "total_count": 3})
    assert litellm.find_saved(WANTED, litellm.read()) == []
    assert litellm.http.asked == [FIND, FIND]
    assert litellm.http.queries[-1] == {"search": "a", "size": 1, "page": 4}


# Of ten served, those with an "a" in the name, and those with it only in what they stand for.
NAMED, BEHIND = 3, 2


# What LiteLLM counts, the ids on the page, whether that can be all.
SEARCHES = [
    (NAMED, [], True),
    (NAMED + BEHIND, ["3", "4"], True),
    (NAMED + BEHIND, ["3", "new"], False),
    (NAMED + BEHIND, ["new", "newer"], False),
    (NAMED + BEHIND + 1, ["3", "4", "new"], False),
    (NAMED + 1, ["new"], False),
]


@pytest.mark.parametrize(("total", "on_page", "is_all"), SEARCHES)
def test_a_search_may_also_look_into_what_a_model_stands_for(total, on_page, is_all):
    served = [row(str(number), "a" if number < NAMED else "m", "A/x" if number in (3, 4) else "x") for number in range(10)]
    page = {"data": [row(model_id) for model_id in on_page], "total_count": total}
    litellm = client(listing(*served), page, *[listing()] * 3)
    assert litellm.find_saved(WANTED, litellm.read()) == []
    # Places 3 to 5 are on one page.
    assert litellm.http.queries[1] == {"search": "a", "size": 3, "page": 2}
    assert len(litellm.http.asked) == (2 if is_all else 2 + len(WANTED))


def test_what_is_saved_besides_is_asked_for_by_its_id():
    litellm = client(listing(row("s", "served", "x")), {"data": [], "total_count": 1}, listing(), listing(row("id-2")), listing())
    assert [entry["model_info"]["id"] for entry in litellm.find_saved(WANTED, litellm.read())] == ["id-2"]
    assert [query.get("modelId") for query in litellm.http.queries[2:]] == list(WANTED)


@pytest.mark.parametrize(
    ("names", "parts"),
    [
        (["Alpha", "beta"], ["a"]), (["xy", "y1", "1"], ["y", "1"]), (["AB", "AC"], ["a"]), (["x", "_%"], None), (["é"], None), ([], []),
        # Python makes an ASCII letter of these, and so LiteLLM in what it serves; PostgreSQL does not.
        (["k1", "k2", "\u212ax"], ["k", "x"]), (["i1", "i2", "\u0130x"], ["i", "x"]), (["\u212a"], None),
        # In a Turkish database this is the capital of another letter than i.
        (["i1", "i2", "Ix"], ["i", "x"]), (["I"], None),
    ],
)  # fmt: skip
def test_a_search_for_many_names(names, parts):
    assert covering(names) == parts


@pytest.mark.parametrize("answer", [{"data": None}, {}, {"data": [1]}, {"data": [{"model_name": None}]}])
def test_what_is_no_list_of_models_is_an_error(answer):
    with pytest.raises(ProxyError, match="list of models"):
        client(answer).read()
