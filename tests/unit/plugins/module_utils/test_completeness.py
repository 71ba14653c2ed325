# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What LiteLLM and its table say, and the reasons that follow, as a table. Answers as LiteLLM 1.81.0 and 1.100.5 give them."""

from __future__ import annotations

import dataclasses

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import (
    AuthenticationFailed,
    ModelStoreDisabled,
    NotFound,
    PermissionMissing,
    ProxyError,
    ProxyTimeout,
    ProxyUnavailable,
)
from ansible_collections.litemaas.models.plugins.module_utils._litellm.reading import Evidence, Reading
from ansible_collections.litemaas.models.plugins.module_utils._proof.completeness import (
    AGENT,
    CODES,
    Table,
    finds_nothing,
    holds_all,
    is_searched,
    judge,
    lookup_failed,
)


def deployment(name, database=True, **info):
    return {"model_name": name, "litellm_params": {}, "model_info": {"id": "id-" + name, "db_model": database, **info}}


A, B, GHOST = deployment("a"), deployment("b"), deployment("ghost")
CONFIG, OTHER_CONFIG = deployment("c", database=False), deployment("d", database=False)
FINE = Reading([A, CONFIG], total=2)
NO_KEY, AWAY = NotFound("Key not found in database"), ProxyUnavailable("HTTP 500")
NO_MODEL = NotFound("Model 0 not found on proxy.")
BOTH = Reading([A, GHOST])
COLD = ProxyUnavailable("HTTP 500: LLM Model List not loaded in. Make sure you passed models")


def evidence(again=FINE, **answers):
    return Evidence(**{"readiness": {"db": "connected"}, "settings": {"current_values": {}}, "key": NO_KEY, "again": again, **answers})


def table(*names):
    return Table({"id-" + name: frozenset([name]) for name in names})


def key(**info):
    return evidence(key={"info": info})


EMPTY = Reading([], total=0)
NO_ONE = evidence(again=EMPTY)
CASES = [
    # reading, evidence, table, codes of the reasons
    ("fine", FINE, evidence(), None, []),
    ("1.81", Reading([A]), evidence(again=Reading([A]), store=NO_MODEL), None, []),
    ("503", FINE, evidence(readiness=AWAY), None, ["not_ready"]),
    ("away", FINE, evidence(readiness={"db": "Not connected"}), None, ["database_away"]),
    ("away later", FINE, evidence(key=AWAY), None, ["database_away"]),
    ("store off", FINE, evidence(store=ModelStoreDisabled("off")), None, ["store_off"]),
    ("user", FINE, evidence(settings=AuthenticationFailed("401")), None, ["not_admin"]),
    ("viewer of 1.81", FINE, evidence(settings=PermissionMissing("403")), None, ["not_admin"]),
    ("no writer", FINE, evidence(store=PermissionMissing("403")), None, ["not_admin"]),
    ("no rights at all", FINE, evidence(settings=PermissionMissing("403"), store=PermissionMissing("403")), None, ["not_admin"]),
    ("may not look", FINE, evidence(key=AuthenticationFailed("401")), None, ["not_admin"]),
    ("restricted", FINE, key(models=["a"]), None, ["not_admin"]),
    ("of a team", FINE, key(models=[], team_id="t"), None, ["not_admin"]),
    ("administrator", FINE, key(models=[], user_id="u"), None, []),
    ("all models", FINE, key(models=["all-proxy-models"]), None, []),
    ("no settings", FINE, evidence(settings=AWAY), None, ["key_unknown"]),
    ("odd settings", FINE, evidence(settings={}), None, ["key_unknown"]),
    ("odd aliases", FINE, evidence(settings={"current_values": {"model_group_alias": ["a"]}}), None, ["key_unknown"]),
    ("odd key", FINE, evidence(key={"info": "x"}), None, ["key_unknown"]),
    ("odd models of a key", FINE, key(models=5), None, ["key_unknown"]),
    ("no key", FINE, evidence(key=ProxyTimeout("slow")), None, ["key_unknown"]),
    ("empty", EMPTY, NO_ONE, None, ["empty"]),
    ("empty and loaded", EMPTY, evidence(again=EMPTY, loaded={"data": []}), None, ["empty"]),
    ("cold", EMPTY, evidence(again=EMPTY, loaded=COLD), None, ["empty", "not_loaded"]),
    ("unclear", EMPTY, evidence(again=EMPTY, loaded=AWAY), None, ["empty", "unreadable"]),
    ("partial", Reading([A, CONFIG], total=5), evidence(), None, ["partial"]),
    ("disagreeing", FINE, evidence(again=Reading([A, B, CONFIG])), None, ["disagreeing"]),
    ("renamed", FINE, evidence(again=Reading([dict(A, model_name="x"), CONFIG])), None, ["disagreeing"]),
    ("made anew", FINE, evidence(again=Reading([dict(A, model_info={"id": "x", "db_model": True}), CONFIG])), None, ["disagreeing"]),
    ("second empty", FINE, evidence(again=EMPTY), None, ["disagreeing"]),
    ("second failed", FINE, evidence(again=AWAY), None, ["unreadable"]),
    ("another question's", dataclasses.replace(FINE, unfit="page 1 of 50"), evidence(), None, ["wrong_answer"]),
    ("another question's, the second", FINE, evidence(again=dataclasses.replace(FINE, unfit="page 1 of 50")), None, ["wrong_answer"]),
    ("a cache's", FINE, evidence(cached="Age: 7"), None, ["cached"]),
    ("store unclear", FINE, evidence(store=ProxyError("HTTP 400")), None, ["lookup_failed"]),
    ("a gateway's 404", FINE, evidence(store=NotFound("Not Found")), None, ["lookup_failed"]),
    ("every id is there", FINE, evidence(store={"model_name": "x"}), None, ["lookup_failed"]),
    ("witness", FINE, evidence(), table("a"), []),
    ("witness knows more", FINE, evidence(), table("a", "b"), []),
    ("witness away", FINE, evidence(), Table(away="refused"), ["witness_away"]),
    ("foreign", FINE, evidence(), table("z"), ["witness_foreign"]),
    ("foreign and bare", FINE, evidence(), table(), ["witness_foreign"]),
    ("config only", Reading([CONFIG]), evidence(again=Reading([CONFIG])), table("z"), []),
    ("empty but saved", EMPTY, NO_ONE, table("a"), ["empty", "empty_but_saved"]),
    ("empty and nothing saved", EMPTY, NO_ONE, table(), ["empty"]),
    ("the table decides", FINE, evidence(again=Reading([B, CONFIG])), table("a", "b"), []),
    ("a ghost, or a copy that is behind", BOTH, evidence(again=BOTH), table("a"), ["witness_behind"]),
    ("behind the second read", FINE, evidence(again=Reading([A, B, CONFIG])), table("a"), ["witness_behind"]),
    ("behind the first read", BOTH, evidence(again=Reading([A])), table("a"), ["witness_behind"]),
    ("second failed, and a table", FINE, evidence(again=AWAY), table("a"), ["unreadable"]),
    ("no ghost", BOTH, evidence(again=BOTH), table("a", "ghost"), []),
    ("not about config", FINE, evidence(again=Reading([A, CONFIG, OTHER_CONFIG])), table("a"), ["disagreeing"]),
    ("a table that is away decides nothing", FINE, evidence(again=Reading([B, CONFIG])), Table(away="x"), ["disagreeing", "witness_away"]),
]


@pytest.mark.parametrize(("reading", "said", "witness", "codes"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_reasons(reading, said, witness, codes):
    assert not reading.complete, "what nobody judged is never complete"
    judged = judge(reading, said, witness)
    assert [one["code"] for one in judged.reasons] == codes
    assert judged.complete is not bool(codes)
    assert all(one["message"] and "None" not in one["message"] for one in judged.reasons)


def is_told(text, *found, served=(A, B, CONFIG)):
    return is_searched(Reading(list(found)), text, Reading(list(served)))


def test_a_search_that_is_made_shows():
    """Its answer lacks what is served and has another name."""
    team, agent = deployment("model_name_1", team_id="t"), deployment("a2a/x")
    agent["litellm_params"]["custom_llm_provider"] = AGENT
    assert is_told("gone") is True
    assert is_told(" A ", A) is True
    for list_instead in ([A], [CONFIG], [A, B, CONFIG]):
        assert is_told("gone", *list_instead) is False
    # What a pattern finds in a table it does not find in a config.
    assert is_told("%", A, B) is True
    assert is_told("%", A, B, CONFIG) is False
    assert is_told("%", A, B, served=(A, B)) is None
    assert [is_told(text, A, served=(A,)) for text in ("_", "\\a", "\u00e4%")] == [None, None, None]
    # What is in the answer all the same, or maybe is.
    assert is_told("gone", agent, team, served=(A, agent, team)) is True
    assert is_told("gone", agent, team, served=(agent, team)) is None
    # LiteLLM 1.108 and later find it in what a model stands for; another one tells whether a search is made.
    behind = dict(deployment("ours"), litellm_params={"model": "openai/Gone"})
    assert is_told("gone", behind, served=(behind, A)) is True
    assert is_told("gone", behind, A, served=(behind, A)) is False
    assert is_told("gone", behind, served=(behind,)) is None
    assert finds_nothing(Reading([agent]))
    assert not finds_nothing(Reading([agent, team]))


def test_every_reason_is_in_the_table_above():
    assert {code for case in CASES for code in case[4]} == set(CODES)
    assert lookup_failed(AWAY)["code"] in CODES


def test_a_long_difference_is_cut():
    many = Reading([deployment(f"m{n}") for n in range(8)])
    assert "m0, m1, m2, m3, m4 and 3 more" in judge(many, evidence(again=Reading([]))).reasons[0]["message"]


ALIASES = [
    ({"current_values": {"model_group_alias": {"open": "a", "hidden": {"model": "a", "hidden": True}}}}, {"open", "hidden"}),
    ({"current_values": {"model_group_alias": None}}, set()),
    ({"current_values": {}}, set()),
    ({}, set()),
    (AWAY, set()),
]


@pytest.mark.parametrize(("settings", "names"), ALIASES, ids=lambda value: "")
def test_aliases(settings, names):
    assert evidence(settings=settings).aliases == names


# all that is saved, all that is served, what the list had, and whether the first two are all
SEARCHED = [
    ([A, B, GHOST], [A, B, CONFIG], [A, CONFIG], True),
    ([A], [A, CONFIG], [A, CONFIG], True),
    ([], [A, CONFIG], [A, CONFIG], False),
    ([B, GHOST], [A, CONFIG], [A, CONFIG], False),
    ([A, CONFIG], [A], [A, CONFIG], False),
    ([B], [CONFIG], [CONFIG], False),
    ([], [], [], False),
]


@pytest.mark.parametrize(("saved", "served", "listed", "all_of_it"), SEARCHED)
def test_answers_about_all_have_what_is_known(saved, served, listed, all_of_it):
    answers = [Reading(entries, len(entries)) for entries in (saved, served)]
    assert holds_all(*answers, Reading(listed)) is all_of_it
    for cut in (0, 1):
        answers[cut] = Reading(answers[cut].deployments, len(answers[cut].deployments) + 1)
        assert not holds_all(*answers, Reading(listed))
