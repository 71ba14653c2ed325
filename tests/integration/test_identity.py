# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which deployment of a real LiteLLM proxy an entry means: ids of other models, deliberate groups, regions, ways to sign in."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.litemaas.models.plugins.modules import litellm_model, litellm_model_info
from tests.support.modules import run_module
from tests.support.recorder import Recorder
from tests.support.stack import LITELLM_DATABASE, Stack

pytestmark = pytest.mark.litellm

ONE, TWO = "http://127.0.0.1:9/v1", "http://127.0.0.1:19/v1"
ENTRY: dict[str, Any] = {"model_name": "granite", "litellm_model": "openai/granite", "api_base": ONE, "api_key": "demo-key-not-real"}
BEDROCK = {"model_name": "granite", "litellm_model": "bedrock/anthropic.claude-3-haiku-20240307-v1:0"}
EAST, WEST = {"aws_region_name": "us-east-1"}, {"aws_region_name": "us-west-2"}


def manage(stack: Stack, entries: list[dict[str, Any]], check: bool = False, **options: Any) -> dict[str, Any]:
    connection = {"litellm_url": stack.litellm_url, "litellm_api_key": stack.master_key, "retry_delay": 0.05, "wait_timeout": 10}
    return run_module(litellm_model.main, {**connection, "models": entries, **options}, check)


def both(stack: Stack, entries: list[dict[str, Any]], **options: Any) -> list[dict[str, Any]]:
    """What a list does to each model: check mode says the same as the run, warnings too."""
    foreseen, done = (manage(stack, entries, check, **options) for check in (True, False))
    keys = ("position", "model_name", "model_id", "action", "reason", "changed_fields")
    lines = [[{key: line[key] for key in keys} for line in answer["models"]] for answer in (foreseen, done)]
    assert lines[0] == lines[1]
    assert foreseen.get("warnings") == done.get("warnings")
    return [dict(line, warnings=str(done.get("warnings", ""))) for line in lines[1]]


def actions(lines: list[dict[str, Any]]) -> list[str]:
    return [line["action"] for line in lines]


def ids(stack: Stack, name: str = "granite") -> list[str]:
    """The ids of all rows that LiteLLM's own table has of a model."""
    rows = stack.postgres.sql(
        f"""SELECT model_id FROM "LiteLLM_ProxyModelTable" WHERE model_name = '{name}' ORDER BY model_id""", LITELLM_DATABASE
    )
    return [row[0] for row in rows]


def by_hand(stack: Stack, model_id: str, model_name: str = "granite", **params: Any) -> None:
    body = {"model_name": model_name, "litellm_params": {"model": "openai/granite", **params}, "model_info": {"id": model_id}}
    status, answer = stack.proxy.request("POST", "/model/new", body)
    assert status == 200, answer


def test_an_id_of_another_model_deletes_and_renames_nothing(clean_litellm: Stack) -> None:
    by_hand(clean_litellm, "id-of-a", "a")
    by_hand(clean_litellm, "id-of-granite")
    listed = run_module(
        litellm_model_info.main,
        {"litellm_url": clean_litellm.litellm_url, "litellm_api_key": clean_litellm.master_key, "classes": ["config"]},
    )
    of_config = listed["models"][0]["model_id"]
    wrong: list[dict[str, Any]] = [
        {"model_name": "granite", "model_id": "id-of-a", "state": "absent"},
        {"model_name": "nobody", "model_id": "id-of-a", "state": "absent"},
        {"model_name": "granite", "model_id": of_config, "state": "absent"},
        dict(ENTRY, model_id="id-of-a"),
        dict(ENTRY, model_id=of_config),
    ]
    for entry in wrong:
        for duplicates in ("refuse", "collapse"):
            lines = both(clean_litellm, [entry], duplicates=duplicates)
            assert actions(lines) == ["failed"]
            assert "id-of-a belongs to the model a" in lines[0]["reason"] or "config.yaml" in lines[0]["reason"]
    twice = [dict(ENTRY, model_id="id-of-a"), dict(ENTRY, model_name="other", model_id="id-of-a")]
    assert actions(both(clean_litellm, twice)) == ["failed", "failed"]
    assert (ids(clean_litellm, "a"), ids(clean_litellm)) == (["id-of-a"], ["id-of-granite"])
    renamed = both(clean_litellm, [dict(ENTRY, model_name="new", model_id="id-of-a")])
    assert actions(renamed) == ["updated"]
    assert renamed[0]["reason"].endswith("; renamed from a")


def test_an_id_of_another_model_that_is_saved_and_not_served(clean_litellm: Stack) -> None:
    manage(clean_litellm, [dict(ENTRY, model_name="a", model_id="id-of-a", extra_params={"dataSources": "wrong"})], wait_timeout=0)
    assert ids(clean_litellm, "a") == ["id-of-a"]
    manage(clean_litellm, [{"model_name": "granite", "model_id": "id-of-a", "state": "absent"}])
    assert ids(clean_litellm, "a") == ["id-of-a"]
    answer = manage(clean_litellm, [{"model_name": "a", "model_id": "id-of-a", "state": "absent"}])
    assert actions(answer["models"]) == ["deleted"]
    assert ids(clean_litellm, "a") == []


def test_an_id_that_nothing_shows_is_not_taken_over(clean_litellm: Stack, unquestioned: Recorder) -> None:
    """LiteLLM 1.81 lists no model that it does not serve. 1.100 shows it, and the entry renames it: there is no other of that name."""
    unserved = dict(ENTRY, model_name="other", model_id="ZZZ", litellm_model="opnai/z")
    manage(clean_litellm, [unserved], wait=False, litellm_url=unquestioned.url)
    assert ids(clean_litellm, "other") == ["ZZZ"]
    [line] = manage(clean_litellm, [dict(ENTRY, model_id="ZZZ")])["models"]
    if clean_litellm.litellm_version.startswith("1.81."):
        assert line["action"] == "failed"
        assert "model_id ZZZ belongs to the model other, which LiteLLM has saved but does not serve" in line["reason"]
        assert (ids(clean_litellm, "other"), ids(clean_litellm)) == (["ZZZ"], [])
    else:
        assert (line["action"], "renamed from other" in line["reason"]) == ("updated", True)


def test_a_deployment_that_the_list_means_no_more_is_told(clean_litellm: Stack) -> None:
    """A changed address of one of several deployments makes another one; the warning names the old one until something is done."""
    pair = [ENTRY, dict(ENTRY, api_base=TWO)]
    first = both(clean_litellm, pair)
    assert (actions(first), "earlier run" in first[0]["warnings"]) == (["created", "created"], False)
    old = first[1]["model_id"]
    moved = [ENTRY, dict(ENTRY, api_base="http://127.0.0.1:29/v1")]
    for expected in (["unchanged", "created"], ["unchanged", "unchanged"]):
        lines = both(clean_litellm, moved)
        assert actions(lines) == expected
        assert "an earlier run created 1 deployment of this name that no entry of the list matches any more" in lines[0]["warnings"]
        assert f"{old} (litellm_model openai/granite, api_base {TWO})" in lines[0]["warnings"]
    new = lines[1]["model_id"]
    gone = both(clean_litellm, [*moved, {"model_name": "granite", "model_id": old, "state": "absent"}])
    assert (actions(gone), "earlier run" in gone[0]["warnings"]) == (["unchanged", "unchanged", "deleted"], False)
    # In place: with the id of the deployment whose address changed.
    in_place = both(clean_litellm, [ENTRY, dict(ENTRY, api_base=TWO, model_id=new)])
    assert (actions(in_place), "earlier run" in in_place[0]["warnings"]) == (["unchanged", "updated"], False)
    # The same where one entry is left of two, and where a model's provider changed; what people made themselves is theirs.
    by_hand(clean_litellm, "by-hand", api_base="http://127.0.0.1:39/v1")
    one = both(clean_litellm, [ENTRY])
    assert (f"{new} (" in one[0]["warnings"], "by-hand (" in one[0]["warnings"]) == (True, False)


def test_a_name_that_is_not_there(clean_litellm: Stack) -> None:
    by_hand(clean_litellm, "x", "granite-3-8b")
    lines = both(clean_litellm, [{"model_name": "granit-3-8b", "state": "absent"}, {"model_name": "unlike", "state": "absent"}])
    assert actions(lines) == ["unchanged", "unchanged"]
    assert [line["reason"] for line in lines] == [
        "absent: LiteLLM has no model of this name (it has granite-3-8b)",
        "absent: LiteLLM has no model of this name",
    ]


# the members of a group by their ids, an entry that means the first of them
GROUPS: list[tuple[dict[str, dict[str, Any]], dict[str, Any]]] = [
    ({"a": {"api_base": ONE}, "b": {"api_base": TWO}}, ENTRY),
    (
        {
            "a": {"model": "vertex_ai/gemini-1.5-pro", "vertex_project": "p", "vertex_location": "us-east5"},
            "b": {"model": BEDROCK["litellm_model"], **EAST},
        },
        {"model_name": "granite", "litellm_model": "vertex_ai/gemini-1.5-pro"},
    ),
    (
        {"a": {"model": BEDROCK["litellm_model"], **EAST}, "b": {"model": BEDROCK["litellm_model"], **WEST}},
        dict(BEDROCK, extra_params=EAST),
    ),
    (
        {"a": {"api_base": ONE, "litellm_credential_name": "one"}, "b": {"api_base": ONE, "litellm_credential_name": "two"}},
        dict(ENTRY, api_key=None, extra_params={"litellm_credential_name": "one"}),
    ),
]


@pytest.mark.parametrize(("group", "entry"), GROUPS, ids=["servers", "clouds", "regions", "credentials"])
def test_a_deliberate_group_is_kept_and_real_duplicates_collapse(
    clean_litellm: Stack, group: dict[str, dict[str, Any]], entry: dict[str, Any]
) -> None:
    for model_id, params in group.items():
        by_hand(clean_litellm, model_id, **params)
        by_hand(clean_litellm, model_id + "-again", **params, rpm=7)
    nobody = both(clean_litellm, [dict(entry, litellm_model="openai/third", api_base="http://127.0.0.1:29/v1")], duplicates="collapse")
    assert actions(nobody) == ["failed"]
    assert "b (litellm_model" in nobody[0]["reason"]
    assert actions(both(clean_litellm, [{"model_name": "granite", "state": "absent"}], duplicates="collapse")) == ["failed"]
    assert ids(clean_litellm) == ["a", "a-again", "b", "b-again"]
    lines = both(clean_litellm, [dict(entry, rpm=5)], duplicates="collapse")
    assert [(line["action"], line["model_id"]) for line in lines] == [("updated", "a"), ("deleted", "a-again")]
    assert ids(clean_litellm) == ["a", "b", "b-again"]
    assert all(f"{other} (litellm_model" in lines[0]["warnings"] for other in ("b", "b-again")), lines
    again = manage(clean_litellm, [dict(entry, rpm=5)], duplicates="collapse")
    assert not again["changed"]


def test_regions_and_credentials_are_deployments_of_their_own(clean_litellm: Stack) -> None:
    entries = [
        dict(BEDROCK, extra_params=EAST),
        dict(BEDROCK, extra_params=WEST),
        dict(ENTRY, api_key=None, extra_params={"litellm_credential_name": "one"}),
        dict(ENTRY, api_key=None, extra_params={"litellm_credential_name": "two"}),
        {"model_name": "granite", "litellm_model": "vertex_ai/gemini-1.5-pro", "extra_params": {"vertex_project": "one"}},
        {"model_name": "granite", "litellm_model": "vertex_ai/gemini-1.5-pro", "extra_params": {"vertex_project": "two"}},
        {"model_name": "granite", "litellm_model": "vertex_ai/gemini-1.5-flash", "extra_params": {"vertex_location": "us-east5"}},
        {"model_name": "granite", "litellm_model": "vertex_ai/gemini-1.5-flash", "extra_params": {"vertex_location": "europe-west4"}},
    ]
    assert actions(both(clean_litellm, entries)) == ["created"] * 8
    for duplicates in ("refuse", "collapse"):
        assert not manage(clean_litellm, entries, duplicates=duplicates)["changed"]
    made = ids(clean_litellm)
    away = {"model_name": "granite", "state": "absent", "extra_params": WEST}
    for expected in ("deleted", "unchanged"):
        assert actions(both(clean_litellm, [away])) == [expected]
        assert len(ids(clean_litellm)) == len(made) - 1
    changed = [dict(entry, rpm=3) for entry in (entries[0], *entries[2:])]
    assert actions(both(clean_litellm, changed)) == ["updated"] * 7
