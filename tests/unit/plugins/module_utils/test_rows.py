# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deployments x specs x rows -> plan, as tables: mapping, equality, conflict resolution, selection, orphans."""

from __future__ import annotations

import copy
import datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import InputError, ModelError
from ansible_collections.litemaas.models.plugins.module_utils._common.fields import BY_COLUMN
from ansible_collections.litemaas.models.plugins.module_utils._common.specs import read_specs
from ansible_collections.litemaas.models.plugins.module_utils._litellm.identity import id_of_name
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.cleanup import find_orphans, plan_cleanup
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.desired import STAYS_HIDDEN, check_fits, same, settles
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.mapping import PRESENTATION, map_deployment, map_metadata
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.metadata import clean_metadata, holds_secret
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import CleanupPolicy, Policy, Usage
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.selection import Selection, choose, matches_wildcard, read_offer
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.sync import Sync

KINDS = {"str": "character varying(255)", "int": "integer", "float": "numeric(15,10)", "bool": "boolean", "list": "text[]", "dict": "jsonb"}
TYPES = {column: KINDS[field.type] for column, field in BY_COLUMN.items()}
NOW = datetime.datetime(2026, 11, 21, tzinfo=datetime.timezone.utc)


def entry(name="m", model="openai/gpt-4o", model_id="id-1", info=None, **params):
    return {
        "model_name": name,
        "litellm_params": dict({"model": model}, **params),
        "model_info": dict({"id": model_id, "db_model": True}, **(info or {})),
    }


def stored(entry_or_row, **changes):
    """A row as the database gives it back after the plan of a first sync was carried out."""
    if "model_name" in entry_or_row:
        entry_or_row = plan([entry_or_row]).changes[0].columns
    return dict(copy.deepcopy(entry_or_row), **changes)


def plan(entries, rows=(), specs=(), policy=None, selection=None, usage=None, types=None):
    read, errors = read_specs(specs)
    by_id = {row["id"]: row for row in rows}
    sync = Sync(read_offer(entries), by_id, types or TYPES, policy or Policy(), Selection.read(selection or {}), read, errors)
    return sync.plan(usage or {})


def only(planned):
    assert len(planned.changes) == 1
    return planned.changes[0]


EMPTY_LIST = "LiteLLM answers that it has no model at all, and LiteMaaS has 1 model available"
AN_EMPTY_LIST = [
    # policy, entries, availability, selection, told
    (Policy(), [], "available", {}, True),
    (Policy(mark_unavailable=True), [], "available", {}, False),
    (Policy(allow_empty=True), [], "available", {}, False),
    (Policy(pull=False), [], "available", {}, False),
    (Policy(), [], "unavailable", {}, False),
    (Policy(), [], "available", {"exclude_patterns": ["m"]}, False),
    (Policy(), [entry("other")], "available", {}, False),
    (Policy(), [entry("bedrock/*", info={"db_model": False})], "available", {}, False),
    (Policy(), [entry("x", info={"team_id": "t"})], "available", {}, False),
]


@pytest.mark.parametrize(("policy", "entries", "availability", "selection", "told"), AN_EMPTY_LIST)
def test_an_empty_list_is_told_where_nothing_fails_for_it(policy, entries, availability, selection, told):
    row = stored(entry(), availability=availability)
    warnings = plan(entries, [row], policy=policy, selection=selection).warnings
    assert [warning.startswith(EMPTY_LIST) for warning in warnings] == [True] * told
    assert list(plan(entries, policy=policy).warnings) == []


# --- mapping -------------------------------------------------------------------------------------------------------------

MAPPING = [
    # column, litellm_params, model_info, wanted
    ("id", {}, {}, "m"),
    ("name", {}, {}, "m"),
    ("provider", {"custom_llm_provider": "azure"}, {}, "azure"),
    ("provider", {"custom_llm_provider": ""}, {}, "openai"),
    ("provider", {"custom_llm_provider": None}, {}, "openai"),
    ("provider", {"model": "bedrock/eu/anthropic.claude"}, {}, "bedrock"),
    ("provider", {"model": "gpt-4o"}, {"litellm_provider": "openai"}, "unknown"),
    ("provider", {"model": None}, {}, "unknown"),
    ("backend_model_name", {"model": "bedrock/eu/anthropic.claude"}, {}, "eu/anthropic.claude"),
    ("backend_model_name", {"model": "gpt-4o"}, {}, "gpt-4o"),
    ("backend_model_name", {"model": "openai/"}, {}, None),
    ("backend_model_name", {"model": ""}, {}, None),
    ("backend_model_name", {"model": None}, {}, None),
    ("category", {}, {}, "Language Model"),
    ("version", {}, {}, "1.0"),
    ("availability", {}, {}, "available"),
    ("supports_streaming", {}, {"supports_native_streaming": False}, True),
    ("context_length", {}, {"max_tokens": 4096, "max_input_tokens": 128000}, 4096),
    ("max_tokens", {}, {"max_tokens": 4096, "max_output_tokens": 10}, 4096),
    ("context_length", {}, {"max_tokens": "4096"}, 4096),
    ("context_length", {}, {"max_tokens": 4096.0}, 4096),
    ("context_length", {}, {"max_tokens": 0}, None),
    ("context_length", {}, {"max_tokens": None}, None),
    ("context_length", {}, {"max_tokens": ""}, None),
    ("context_length", {}, {}, None),
    ("rpm", {"rpm": 60}, {"rpm": 7}, 60),
    ("rpm", {"rpm": "60"}, {}, 60),
    ("tpm", {"tpm": 0}, {}, None),
    ("tpm", {}, {"tpm": 7}, None),
    ("api_base", {"api_base": "http://one.example.com/v1"}, {}, "http://one.example.com/v1"),
    ("api_base", {"api_base": ""}, {}, None),
    ("litellm_model_id", {}, {"id": "id-7"}, "id-7"),
    ("litellm_model_id", {}, {"id": 12345}, "12345"),
    ("litellm_model_id", {}, {"id": None}, None),
    ("input_cost_per_token", {}, {"input_cost_per_token": 1.5e-07}, Decimal("1.5e-7")),
    ("input_cost_per_token", {"input_cost_per_token": 9}, {"input_cost_per_token": 1.5e-07}, Decimal("1.5e-7")),
    ("input_cost_per_token", {"input_cost_per_token": 1.5e-07}, {"input_cost_per_token": 0}, Decimal("1.5e-7")),
    ("input_cost_per_token", {"input_cost_per_token": "1.5e-07"}, {}, Decimal("1.5e-7")),
    ("input_cost_per_token", {"input_cost_per_token": "0.0"}, {"input_cost_per_token": 0}, Decimal(0)),
    ("input_cost_per_token", {"input_cost_per_token": 0}, {"input_cost_per_token": 0}, Decimal(0)),
    ("input_cost_per_token", {}, {"input_cost_per_token": 0}, None),
    ("input_cost_per_token", {"input_cost_per_token": "1.23******e-06"}, {"input_cost_per_token": 1.23e-06}, Decimal("0.00000123")),
    ("output_cost_per_token", {}, {"output_cost_per_token": 0.00000000005}, Decimal("1e-10")),
    ("output_cost_per_token", {}, {"output_cost_per_token": 0.00000000004}, Decimal(0)),
    ("supports_vision", {}, {"supports_vision": True}, True),
    ("supports_vision", {}, {"supports_vision": None}, False),
    ("supports_vision", {}, {"supports_vision": 1}, True),
    ("supports_vision", {}, {"supports_vision": "true"}, True),
    ("supports_vision", {}, {}, False),
    ("supports_tool_choice", {}, {"supports_tool_choice": True}, True),
    ("features", {}, {}, ["chat"]),
    ("features", {}, {"supports_embeddings": True}, ["embeddings"]),
    ("features", {}, {"supports_embedding": True, "supports_convert": True}, ["embeddings"]),
    ("features", {}, {"supports_convert": True}, ["convert"]),
    ("features", {}, {"mode": "embedding"}, ["chat"]),
    (
        "features",
        {},
        {
            "supports_tokenize": True,
            "supports_vision": True,
            "supports_tool_choice": True,
            "supports_parallel_function_calling": True,
            "supports_function_calling": True,
        },
        ["function_calling", "parallel_function_calling", "tool_choice", "vision", "chat", "tokenize"],
    ),
]


@pytest.mark.parametrize(("column", "params", "info", "wanted"), MAPPING)
def test_mapping(column, params, info, wanted):
    assert map_deployment(entry(info=info, **params))[column] == wanted


def test_a_cost_that_is_only_known_masked_is_unknown():
    row = map_deployment(entry(input_cost_per_token="1.23******e-06"))
    assert "input_cost_per_token" not in row
    kept = stored(entry(info={"input_cost_per_token": 1.23e-06}))
    assert only(plan([entry(input_cost_per_token="1.23******e-06")], [kept])).action == "unchanged"


@pytest.mark.parametrize(
    ("info", "params", "reason"),
    [
        ({"max_tokens": 2**31}, {}, "context_length is larger than 2147483647"),
        ({"max_tokens": 4096.5}, {}, "context_length must be a whole number"),
        ({"max_tokens": "many"}, {}, "context_length must be a whole number"),
        ({"max_tokens": [1]}, {}, "context_length must be a whole number"),
        ({"input_cost_per_token": "free"}, {}, "input_cost_per_token must be a number that fits its column"),
        ({"input_cost_per_token": float("inf")}, {}, "input_cost_per_token must be a finite number"),
        ({"input_cost_per_token": 100000}, {}, "input_cost_per_token has more than 5 digits before the point"),
        ({"supports_vision": {"a": 1}}, {}, "supports_vision must be true or false"),
        ({}, {"api_base": "x\x00y"}, "api_base must not hold a NUL character"),
        ({}, {"api_base": "\ud800"}, "api_base must be valid Unicode"),
        ({}, {"api_base": "x" * 256}, "api_base is 256 characters long, at most 255 fit"),
        ({}, {"custom_llm_provider": {"a": 1}}, "provider must be a string"),
        ({"note": "\x00"}, {}, "metadata must not hold a NUL character"),
        ({"note": float("nan")}, {}, "metadata holds a number that is not finite"),
    ],
)
def test_a_value_that_does_not_fit_is_that_models_failure(info, params, reason):
    planned = plan([entry("bad", info=info, **params), entry("good", model_id="id-2")], [])
    assert [(change.model_name, change.action) for change in planned.changes] == [("bad", "failed"), ("good", "created")]
    assert list(planned.errors) == [f"Model validation failed for bad: {reason}"]


def test_a_name_that_is_too_long_fails_and_the_longest_that_fits_does_not():
    planned = plan([entry("x" * 256), entry("y" * 255, model_id="id-2")])
    assert {change.model_name[0]: change.action for change in planned.changes} == {"x": "failed", "y": "created"}


@pytest.mark.parametrize("name", ["it's", 'say "hi"', "a/b/c", "100% sure", "a b", "é中文😀", "x;DROP TABLE models;--", "\\", "{0}"])
def test_any_name_is_a_model(name):
    assert only(plan([entry(name)])).columns["id"] == name


# --- equality ------------------------------------------------------------------------------------------------------------

SAME = [
    # column, in the row, wanted, equal
    ("context_length", 0, None, False),
    ("context_length", None, 4096, False),
    ("rpm", 60, 60, True),
    ("tpm", None, None, True),
    ("input_cost_per_token", Decimal("0E-10"), None, True),
    ("input_cost_per_token", None, Decimal(0), True),
    ("input_cost_per_token", Decimal("NaN"), None, False),
    ("input_cost_per_token", Decimal("NaN"), Decimal(1), False),
    ("input_cost_per_token", Decimal("0.0000001500"), Decimal("1.5e-7"), True),
    ("input_cost_per_token", Decimal("0.0000001501"), Decimal("1.5e-7"), False),
    ("api_base", "", None, False),
    ("backend_model_name", "", None, False),
    ("litellm_model_id", "", None, False),
    ("api_base", "x", None, False),
    ("features", ["vision", "chat"], ["vision", "chat"], True),
    ("features", ["chat", "vision"], ["vision", "chat"], False),
    ("features", [["vision", "chat"]], ["vision", "chat"], False),
    ("features", ["vision", None, "chat"], ["vision", "chat"], False),
    ("features", ["chat"], ["vision", "chat"], False),
    ("features", None, ["chat"], False),
    ("supports_vision", None, False, False),
    ("supports_vision", False, False, True),
    ("provider", "openai", "azure", False),
]


@pytest.mark.parametrize(("column", "have", "want", "equal"), SAME)
def test_equality(column, have, want, equal):
    assert same(column, have, want) is equal


@pytest.mark.parametrize(
    ("info", "params"),
    [({"max_tokens": "60"}, {}), ({}, {"rpm": "60"}), ({"supports_vision": "true"}, {}), ({"supports_vision": 1}, {}), ({"id": 5}, {})],
)
def test_what_the_backend_writes_at_each_of_its_syncs_is_not_written_back_each_time(info, params):
    """It compares types too, so no row is equal to such a deployment: then only a real difference is one."""
    one = entry(info=info, **params)
    assert not settles(one)
    theirs = stored(one, tpm=0, features=list(reversed(stored(one)["features"])))
    assert only(plan([one], [theirs])).action == "unchanged"
    assert only(plan([one], [dict(theirs, tpm=7)])).changed == ["tpm"]


@pytest.mark.parametrize("conflict", ["litellm_wins", "merge", "database_wins"])
@pytest.mark.parametrize(
    ("odd", "wanted"),
    [
        ({"features": ["chat", "vision"]}, ["vision", "chat"]),
        ({"features": [["chat", "vision"]]}, ["vision", "chat"]),
        ({"rpm": 0}, None),
        ({"max_tokens": 0}, 4096),
        ({"api_base": ""}, None),
        ({"input_cost_per_token": Decimal("NaN")}, None),
    ],
)
def test_what_only_the_backend_would_take_for_different_is_written_once(conflict, odd, wanted):
    one = entry(info={"supports_vision": True, "max_tokens": 4096})
    [column] = odd
    change = only(plan([one], [stored(one, **odd)], policy=Policy(conflict=conflict)))
    assert (change.changed, change.columns[column]) == ([column], wanted)
    rows = applied([stored(one, **odd)], plan([one], [stored(one, **odd)]))
    assert only(plan([one], rows, policy=Policy(conflict=conflict))).action == "unchanged"


def test_a_list_of_features_that_a_person_made_stays_where_the_database_wins():
    row = stored(entry(), features=["own", "chat"])
    assert only(plan([entry()], [row], policy=Policy(conflict="database_wins"))).action == "unchanged"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("name", "other"),
        ("provider", "other"),
        ("category", "other"),
        ("version", "2"),
        ("supports_streaming", False),
        ("supports_tool_choice", True),
        ("context_length", 5),
        ("max_tokens", 5),
        ("rpm", 5),
        ("tpm", 5),
        ("api_base", "http://other.example.com"),
        ("backend_model_name", "other"),
        ("litellm_model_id", "m"),
        ("availability", "unavailable"),
        ("features", ["chat", "vision"]),
        ("input_cost_per_token", Decimal("0.1")),
        ("output_cost_per_token", Decimal("0.1")),
    ],
)
def test_one_column_that_differs_is_one_change(column, value):
    change = only(plan([entry()], [stored(entry(), **{column: value})]))
    assert (change.action, change.changed, change.before) == ("updated", [column], {column: value})


@pytest.mark.parametrize("metadata", [None, {}, {"anything": 1}, {"litellm_params": {"api_key": "sk-a****6789"}}])
def test_what_is_never_a_difference(metadata):
    row = stored(entry(), description="Written by a person", restricted_access=True, metadata=metadata)
    assert only(plan([entry()], [row])).action == "unchanged"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (float("nan"), "metadata holds a number that is not finite"),
        (["a\x00"], "metadata must not hold a NUL character"),
        ({"a": "\ud800"}, "metadata must be valid Unicode"),
        ("\\u0000", ""),
    ],
)
def test_metadata_that_cannot_be_stored_is_told_also_where_nothing_differs(value, reason):
    change = only(plan([entry(odd=value)], [stored(entry())]))
    assert (change.action, change.reason) == (("failed", reason) if reason else ("unchanged", ""))


def test_what_is_left_out_of_metadata_need_not_be_storable():
    assert only(plan([entry(odd="****\x00")], [stored(entry())])).action == "unchanged"


def test_force_update_writes_what_is_equal():
    change = only(plan([entry()], [stored(entry())], policy=Policy(force_update=True)))
    assert (change.action, change.changed, change.reason) == ("updated", [], "force_update")
    assert change.columns["features"] == ["chat"]


# --- metadata ------------------------------------------------------------------------------------------------------------


def test_metadata_holds_no_secret():
    cleaned = clean_metadata(
        {
            "litellm_model_info": {
                "key": "gpt-4o",
                "id": "id-1",
                "direct_access": True,
                "access_via_team_ids": [],
                "litemaas_api_key_hmac": "abc",
                "litemaas_category": "general",
                "note": "use sk-" + "0" * 20,
            },
            "litellm_params": {
                "model": "openai/gpt-4o",
                "api_key": "demo-not-real",
                "client_secret": "c****t",
                "vertex_credentials": {"a": "b"},
                "input_cost_per_token": 1.5e-07,
                "output_cost_per_token": "2e-06",
                "cache_read_input_token_cost": "1.23******e-06",
                "max_tokens": 5,
                "extra_headers": {"Authorization": "demo-not-real", "X-Team": "a"},
                "api_base": "http://user:demo-not-real@one.example.com/v1",
            },
        }
    )
    assert cleaned["litellm_model_info"] == {"key": "gpt-4o", "id": "id-1", "litemaas_category": "general", "note": "use ********"}
    assert cleaned["litellm_params"] == {
        "model": "openai/gpt-4o",
        "input_cost_per_token": 1.5e-07,
        "output_cost_per_token": "2e-06",
        "max_tokens": 5,
        "extra_headers": {"X-Team": "a"},
        "api_base": "http://user:********@one.example.com/v1",
    }
    assert not holds_secret(cleaned)


def test_a_secret_in_stored_metadata_is_a_reason_to_write_also_where_the_database_wins():
    row = stored(entry(), metadata={"litellm_params": {"extra_headers": {"X-Api-Key": "demo-not-real"}}})
    for conflict in ("litellm_wins", "merge", "database_wins"):
        change = only(plan([entry()], [row], policy=Policy(conflict=conflict)))
        assert change.changed == ["metadata"]
        assert "demo-not-real" not in str(change.columns)


def test_a_password_in_api_base_is_warned_of():
    planned = plan([entry(api_base="http://user:demo-not-real@one.example.com/v1")])
    assert list(planned.warnings) == ["m: api_base holds a password, and LiteMaaS shows api_base to everybody"]


# --- which deployment ----------------------------------------------------------------------------------------------------


def test_the_deployment_that_a_row_shows():
    entries = [entry(model_id="c", rpm=3), entry(model_id="a", rpm=1), entry(model_id="b", rpm=2)]
    assert only(plan(entries)).columns["litellm_model_id"] == "a"
    assert only(plan(entries, [stored(entries[2])])).action == "unchanged"
    assert only(plan(entries, [stored(entry(model_id="gone"))])).columns["litellm_model_id"] == "a"
    assert only(plan(entries, [stored(entries[2])], [{"model_name": "m", "model_id": "c"}])).columns["rpm"] == 3
    assert choose(entries, None, "b")["litellm_params"]["rpm"] == 2


OURS = id_of_name("m")
MEANT = [
    # what the list says of m, ids in LiteLLM, the row's id, the id that its row gets, whether others are warned of
    ([{}], [OURS, "0"], "0", OURS, True),
    ([{}], ["0", OURS], OURS, OURS, True),
    ([{"model_id": "x"}], ["0", "x", OURS], "0", "x", True),
    ([{"litellm_model": "openai/gpt-4o", "api_base": "http://x"}], ["0", "by address"], "0", "by address", True),
    ([{}], ["0", "1"], "1", "1", False),
    ([{"model_id": "x"}, {"model_id": "y"}], ["x", "y"], "y", "y", True),
    ([{"model_id": "x"}, {"model_id": "y"}], ["x", "y", "0"], "0", "x", True),
    ([], [OURS, "0"], "0", OURS, True),
    ([], ["1", "0"], "1", "1", False),
    ([{}], ["0"], "0", "0", False),
]


@pytest.mark.parametrize(("specs", "ids", "shown", "wanted", "warned"), MEANT)
def test_the_deployment_that_the_list_means_decides(specs, ids, shown, wanted, warned):
    """Also after the backend wrote the values of another one."""
    entries = [entry(model_id=one, rpm=number + 1, **({"api_base": "http://x"} if " " in one else {})) for number, one in enumerate(ids)]
    row = stored(next(one for one in entries if one["model_info"]["id"] == shown))
    for conflict in ("litellm_wins", "merge"):
        planned = plan(entries, [row], [dict(spec, model_name="m") for spec in specs], Policy(conflict=conflict))
        [after] = applied([row], planned)
        assert (after["litellm_model_id"], after["rpm"]) == (wanted, ids.index(wanted) + 1)
        others = ", ".join(sorted(set(ids) - {wanted} - {spec.get("model_id") for spec in specs}))
        assert [others in warning and f"shows {wanted}" in warning for warning in planned.warnings] == [True] * warned


def test_a_group_that_the_list_has_as_a_whole_is_warned_of_with_all_ids():
    entries = [entry(model_id="x"), entry(model_id="y", api_base="http://y")]
    planned = plan(entries, [], [{"model_name": "m", "model_id": "x"}, {"model_name": "m", "model_id": "y"}])
    assert [warning.partition(" LiteMaaS's own sync")[0] for warning in planned.warnings] == [
        "m: LiteLLM has several deployments of it (x, y), and LiteMaaS has one row, which shows x."
    ]
    assert list(plan(entries[:1], [], [{"model_name": "m", "model_id": "x"}]).warnings) == []
    assert list(plan(entries).warnings) == []


WILDCARDS = [
    ("*", "", True),
    ("a/*", "a/", True),
    ("a/*", "b/a/", False),
    ("*b", "ab", True),
    ("a*a", "a", False),
    ("a*b*b", "ab", False),
    ("a*b*c", "a-b-b-c", True),
    ("a*b*c", "a-c-b", False),
    ("a*b*c", "a-c", False),
    ("a.c", "abc", False),
    ("a.c", "a.c", True),
    ("*a" * 40 + "*b", "a" * 200, False),
]


@pytest.mark.parametrize(("wildcard", "name", "matches"), WILDCARDS)
def test_what_a_wildcard_stands_for(wildcard, name, matches):
    assert matches_wildcard(wildcard, name) is matches


def test_wildcards_teams_and_nameless_deployments():
    wild = entry("openai/*", model="openai/*", model_id="w")
    config_wild = entry("azure/*", model="azure/*", model_id="cw", info={"db_model": False})
    config = entry("from-config", model_id="c", info={"db_model": False})
    expanded = [entry("openai/*", "openai/*", "w"), entry("openai/a", "openai/a", "w"), entry("openai/b", "openai/b", "w")]
    team = entry("model_name_t1_123", model_id="t", info={"team_id": "t1", "team_public_model_name": "public"})
    planned = plan([wild, config_wild, config, team, entry("", model_id="n")])
    assert {change.model_name: change.action for change in planned.changes} == {
        "openai/*": "created",
        "azure/*": "skipped",
        "from-config": "created",
        "model_name_t1_123": "skipped",
        "public": "skipped",
        "": "skipped",
    }
    assert [change.model_name for change in plan(expanded).of("created")] == ["openai/*"]


# --- presentation and conflict resolution --------------------------------------------------------------------------------


def test_presentation_is_what_the_list_alone_decides():
    assert sorted(str(field.column) for field in PRESENTATION) == [
        "availability",
        "category",
        "description",
        "name",
        "provider",
        "restricted_access",
        "supports_streaming",
    ]


def test_a_new_row():
    info = {"litemaas_display_name": "Kept", "litemaas_category": "kept"}
    columns = only(plan([entry(info=info)])).columns
    assert (columns["name"], columns["category"], columns["provider"], columns["description"]) == ("Kept", "kept", "openai", None)
    listed = only(plan([entry(info=info)], specs=[{"model_name": "m", "display_name": "Given"}])).columns
    assert (listed["name"], listed["category"], listed["provider"], listed["description"]) == ("Given", "kept", "openshift-ai", "AI model")
    assert listed["restricted_access"] is False


PERSONS = {"name": "Person's", "description": "Person's", "category": "Person's", "provider": "Person's"}
RESOLUTIONS = [
    # conflict, in the list, columns that change
    ("litellm_wins", None, {"name": "m", "category": "Language Model", "provider": "openai", "rpm": 60}),
    ("merge", None, {"rpm": 60}),
    ("database_wins", None, {}),
    ("litellm_wins", {"display_name": "Given"}, {"name": "Given", "category": "Language Model", "provider": "openai", "rpm": 60}),
    ("merge", {"display_name": "Given", "restricted_access": True}, {"name": "Given", "restricted_access": True, "rpm": 60}),
    ("database_wins", {"description": "Given"}, {"description": "Given"}),
]


@pytest.mark.parametrize(("conflict", "given_options", "wanted"), RESOLUTIONS)
def test_conflict_resolution(conflict, given_options, wanted):
    row = stored(entry(rpm=60), rpm=7, **PERSONS)
    specs = [dict(given_options, model_name="m")] if given_options else []
    change = only(plan([entry(rpm=60)], [row], specs, Policy(conflict=conflict)))
    assert {column: change.columns[column] for column in change.changed} == wanted


def test_merge_and_database_wins_fill_what_is_empty():
    row = stored(entry(rpm=60), rpm=None, category="", litellm_model_id="old", availability="unavailable")
    for conflict in ("merge", "database_wins"):
        change = only(plan([entry(rpm=60)], [row], policy=Policy(conflict=conflict)))
        assert change.changed == ["availability", "category", "litellm_model_id", "rpm"]


def test_what_litellm_keeps_of_the_list_rebuilds_the_row():
    info = {"litemaas_display_name": "Kept", "litemaas_description": "Kept", "litemaas_restricted_access": True}
    row = stored(entry(info=info), name="m", description="Person's", restricted_access=False)
    change = only(plan([entry(info=info)], [row]))
    assert {column: change.columns[column] for column in change.changed} == {"name": "Kept", "description": "Kept"}
    # In a merge only what the backend wrote over it.
    assert only(plan([entry(info=info)], [row], policy=Policy(conflict="merge"))).changed == ["name"]
    assert only(plan([entry(info=info)], [dict(row, name="Person's")], policy=Policy(conflict="merge"))).action == "unchanged"


@pytest.mark.parametrize(
    ("kept", "theirs", "persons"),
    [
        ({"litemaas_category": "general"}, {"category": "Language Model"}, {"category": "Person's"}),
        ({"litemaas_provider": "openshift-ai"}, {"provider": "openai"}, {"provider": "Person's"}),
        ({"litemaas_display_name": "Kept"}, {"name": "m"}, {"name": "Person's"}),
    ],
)
def test_what_the_backend_wrote_over_the_words_of_the_list_comes_back(kept, theirs, persons):
    one, [column] = entry(info=kept), theirs
    change = only(plan([one], [stored(one, **theirs)], policy=Policy(conflict="merge")))
    assert (change.changed, change.columns[column]) == ([column], next(iter(kept.values())))
    assert only(plan([one], [stored(one, **persons)], policy=Policy(conflict="merge"))).action == "unchanged"
    assert only(plan([one], [stored(one, **theirs)], policy=Policy(conflict="database_wins"))).action == "unchanged"
    bare = entry()
    assert only(plan([bare], [stored(bare, **theirs)], policy=Policy(conflict="merge"))).action == "unchanged", "the list never said it"


@pytest.mark.parametrize("other", ["azure/gpt-4o", "gpt-4o", "bedrock/gpt-4o"])
def test_what_the_backend_wrote_of_another_deployment_is_its_own_word_too(other):
    """Of several deployments it writes the one that LiteLLM lists last."""
    ours = entry(model_id=id_of_name("m"), info={"litemaas_provider": "openshift-ai"})
    beside = entry(model=other, model_id="id-2")
    written = map_deployment(beside)["provider"]
    change = only(plan([ours, beside], [stored(ours, provider=written)], policy=Policy(conflict="merge")))
    assert (change.changed, change.columns["provider"]) == (["provider"], "openshift-ai")
    assert only(plan([ours, beside], [stored(ours, provider="hand")], policy=Policy(conflict="merge"))).action == "unchanged"


def test_the_defaults_of_the_list_stay_after_the_row_was_made():
    specs = [{"model_name": "m"}]
    row = stored(only(plan([entry()], specs=specs)).columns)
    for conflict in ("litellm_wins", "merge", "database_wins"):
        assert only(plan([entry()], [row], specs, Policy(conflict=conflict))).action == "unchanged"


def test_what_the_backends_own_sync_undoes_is_warned_of():
    specs = [{"model_name": "m", "supports_streaming": False, "availability": "unavailable"}]
    assert len(plan([entry()], specs=specs).warnings) == 2


def test_several_specs_of_one_model():
    specs = [
        {"model_name": "m", "litellm_model": "a/b", "display_name": "First"},
        {"model_name": "m", "litellm_model": "a/c", "display_name": "Second", "category": "x"},
    ]
    columns = only(plan([entry()], specs=specs)).columns
    assert (columns["name"], columns["category"]) == ("First", "x")


# --- the list ------------------------------------------------------------------------------------------------------------


def test_without_pull_only_the_list_counts():
    planned = plan([entry(), entry("other", model_id="id-2")], specs=[{"model_name": "m"}], policy=Policy(pull=False))
    assert [(change.model_name, change.action) for change in planned.changes] == [("m", "created")]
    assert planned.total == 1


def test_a_listed_model_that_litellm_does_not_have():
    specs = [{"model_name": "new"}]
    failed = "Model validation failed for new: LiteLLM does not have it"
    assert list(plan([], specs=specs, policy=Policy(applied=True)).errors) == [failed]
    # Nothing tried to bring it there.
    assert list(plan([], specs=specs).errors) == [
        failed
        + ". A sync does not create models in LiteLLM: run litellm_model with the same list first (in the playbook, the step models: "
        "without --tags, or with --tags models)"
    ]
    assert list(plan([], specs=[{"model_name": "new", "state": "absent"}]).changes) == []


def test_an_entry_that_cannot_be_used_leaves_its_model_alone():
    row = stored(entry(), rpm=5)
    planned = plan([entry()], [row], [{"model_name": "m", "restricted_access": "perhaps"}])
    assert (only(planned).action, len(planned.errors)) == ("failed", 1)


def test_require_pricing():
    policy = Policy(require_pricing=True)
    assert list(plan([entry()], policy=policy).errors) == ["Model validation failed for m: missing pricing information"]
    free = entry(input_cost_per_token=0, output_cost_per_token="0.0")
    assert only(plan([free], policy=policy)).action == "created"
    embeddings = entry(info={"supports_embeddings": True, "input_cost_per_token": 1e-07})
    assert only(plan([embeddings], policy=policy)).action == "created"


def test_a_column_that_an_older_backend_lacks_is_not_written():
    types = {column: kind for column, kind in TYPES.items() if column not in ("backend_model_name", "restricted_access")}
    columns = only(plan([entry()], specs=[{"model_name": "m", "restricted_access": True}], types=types)).columns
    assert not {"backend_model_name", "restricted_access"} & set(columns)


def test_limits_come_from_the_real_columns():
    check_fits("m", {"provider": "x" * 255}, {"provider": "text"})
    with pytest.raises(ModelError, match="at most 10 fit"):
        check_fits("m", {"provider": "x" * 11}, {"provider": "character varying(10)"})
    check_fits("m", {"rpm": 2**31}, {"rpm": "bigint"})


# --- selection -----------------------------------------------------------------------------------------------------------

SELECTED = [
    ({}, True),
    ({"providers": ["OpenAI"]}, True),
    ({"providers": ["azure"]}, False),
    ({"model_patterns": ["gpt-.*"]}, True),
    ({"model_patterns": ["^gpt-4o$"]}, True),
    ({"model_patterns": ["gpt"]}, False),
    ({"model_patterns": ["a", "gpt-4."]}, True),
    ({"model_patterns": ["gpt-.*"], "exclude_patterns": [".*-4o"]}, False),
    ({"exclude_patterns": ["4o"]}, True),
    ({"providers": [], "model_patterns": []}, True),
]


@pytest.mark.parametrize(("selection", "selected"), SELECTED)
def test_selection(selection, selected):
    assert bool(plan([entry("gpt-4o")], selection=selection).changes) is selected


def test_the_provider_that_litemaas_shows_selects_too():
    specs = [{"model_name": "m", "provider": "openshift-ai"}]
    assert only(plan([entry()], specs=specs, selection={"providers": ["openshift-ai"]})).action == "created"


def test_what_is_not_selected_is_neither_written_nor_missing():
    rows = [stored(entry("gone")), stored(entry(), rpm=5)]
    planned = plan([entry()], rows, policy=Policy(mark_unavailable=True), selection={"exclude_patterns": ["gone", "m"]})
    assert list(planned.changes) == []


@pytest.mark.parametrize(
    ("selection", "warnings"),
    [
        ({"providers": ["openia"]}, ["providers has openia, but no model has this provider (did you mean openai?)"]),
        ({"providers": ["OpenAI", "azure", "mine", "of-the-list"]}, ["providers has azure, but no model has this provider"]),
        ({"model_patterns": ["m", "gone", "xyz.*"]}, ["model_patterns has xyz.*, which does not match the whole name of any model"]),
        ({"model_patterns": ["on"]}, ["model_patterns has on, which does not match the whole name of any model: it is a part of gone"]),
        ({"model_patterns": ["(?!)"]}, []),
        (
            {"exclude_patterns": ["gnoe", "later-.*"]},
            ["exclude_patterns has gnoe, which does not match the whole name of any model (did you mean gone?)"],
        ),
        ({}, []),
    ],
)
def test_a_filter_that_takes_nothing_is_warned_of(selection, warnings):
    rows = [stored(entry("gone"), provider="mine")]
    specs = [{"model_name": "m", "provider": "of-the-list"}]
    assert plan([entry()], rows, specs, selection=selection).warnings == tuple(warnings)
    assert list(plan([], [], [], selection=selection).warnings) == []


def test_a_wrong_expression_is_named():
    with pytest.raises(InputError, match="exclude_patterns"):
        Selection.read({"exclude_patterns": ["("]})


# --- orphans -------------------------------------------------------------------------------------------------------------


def test_orphans_are_retired_only_on_request_and_by_a_pull():
    rows = [stored(entry("gone"))]
    assert plan([entry()], rows).of("retired") == []
    assert plan([entry()], rows, policy=Policy(mark_unavailable=True, pull=False)).of("retired") == []
    change = plan([entry()], rows, policy=Policy(mark_unavailable=True)).of("retired")[0]
    assert (change.model_name, change.columns, change.before) == (
        "gone",
        {"availability": "unavailable"},
        {"availability": "available"},
    )
    gone = [stored(entry("gone"), availability="unavailable")]
    assert plan([entry()], gone, policy=Policy(mark_unavailable=True)).of("retired") == []


def test_what_is_no_orphan():
    entries = [
        entry("config", model_id="c", info={"db_model": False}),
        entry("model_name_t1_1", model_id="t", info={"team_id": "t1", "team_public_model_name": "team"}),
        entry("bedrock/*", model_id="w", info={"db_model": False}),
    ]
    rows = [stored(entry(name)) for name in ("config", "team", "bedrock/eu.claude", "listed", "unusable", "orphan", "not/bedrock/x")]
    specs = [{"model_name": "listed"}, {"model_name": "unusable", "rpm": "x"}]
    planned = plan(entries, rows, specs, Policy(mark_unavailable=True))
    assert [change.model_name for change in planned.of("retired")] == ["not/bedrock/x", "orphan"]


def test_a_model_that_returns_is_available_again():
    change = only(plan([entry()], [stored(entry(), availability="unavailable")]))
    assert (change.changed, change.columns["availability"]) == (["availability"], "available")


HIDDEN_BY_HAND = [
    # keep_hidden, what the file says, what LiteLLM keeps of it, who hid it, what the row has then, is named, warning
    (True, {}, None, "a person", "unavailable", True, None),
    (True, {}, "available", "a person", "unavailable", True, None),
    (True, {}, "unavailable", "a person", "unavailable", False, None),
    (True, {}, None, "a retirement", "available", False, None),
    (True, {"availability": "available"}, None, "a person", "available", False, "because the models file says"),
    (True, {"availability": "unavailable"}, None, "a person", "unavailable", False, None),
    (False, {}, None, "a person", "available", False, "Set keep_hidden: true to leave"),
    (False, {"availability": "available"}, None, "a person", "available", False, "Set keep_hidden: true to leave"),
    (False, {}, None, "a retirement", "available", False, None),
]


@pytest.mark.parametrize("conflict", ["litellm_wins", "merge", "database_wins"])
@pytest.mark.parametrize(("keep", "said", "kept", "who", "availability", "named", "warning"), HIDDEN_BY_HAND)
def test_a_model_that_somebody_hid(conflict, keep, said, kept, who, availability, named, warning):
    deployment = entry(info={"litemaas_availability": kept} if kept else {})
    specs = read_specs([{"model_name": "m", **said}])[0] if said else []
    row = stored(deployment, availability="unavailable")
    policy = Policy(keep_hidden=keep, conflict=conflict)
    sync = Sync(read_offer([deployment]), {"m": row}, TYPES, policy, Selection.read({}), specs)
    planned = sync.plan({}, frozenset(["m"]) if who == "a person" else frozenset())
    change = only(planned)
    assert dict(row, **change.columns)["availability"] == availability
    assert (list(planned.hidden), STAYS_HIDDEN in change.reason) == (["m"] if named else [], named)
    assert [text for text in planned.warnings if "somebody made it" in text] == [
        text for text in planned.warnings if warning and warning in text
    ]
    assert bool([text for text in planned.warnings if "somebody made it" in text]) is bool(warning)


@pytest.mark.parametrize("keep", [False, True])
def test_a_hidden_model_that_fails_is_not_said_to_be_shown(keep):
    row = stored(entry(), availability="unavailable")
    sync = Sync(read_offer([entry(info={"max_tokens": 2**31})]), {"m": row}, TYPES, Policy(keep_hidden=keep), Selection.read({}))
    planned = sync.plan({}, frozenset(["m"]))
    assert (only(planned).action, planned.hidden, planned.warnings) == ("failed", (), ())


@pytest.mark.parametrize(("availability", "returns"), [("available", False), ("unavailable", True), ("maintenance", True), (None, True)])
def test_rows_of_which_it_must_be_known_who_hid_them(availability, returns):
    sync = Sync(
        read_offer([entry(), entry("new", model_id="id-2")]), {"m": {"availability": availability}}, TYPES, Policy(), Selection.read({})
    )
    assert sync.returning() == ["m"] * returns


CLEANUP = [
    # available, subscriptions, days unavailable, policy, action, is retired
    (True, 0, 0, {}, "deleted", False),
    (False, 0, 0, {}, "deleted", False),
    (True, 2, 0, {}, "retired", True),
    (False, 2, 0, {}, "skipped", False),
    (True, 2, 0, {"delete_subscriptions": True}, "deleted", False),
    (True, 0, 0, {"delete": False}, "retired", True),
    (False, 0, 0, {"delete": False}, "unchanged", False),
    (True, 0, 99, {"retention_days": 30}, "retired", True),
    (False, 0, 29, {"retention_days": 30}, "unchanged", False),
    (False, 0, 30, {"retention_days": 30}, "deleted", False),
    (False, 2, 99, {"retention_days": 30}, "skipped", False),
    (False, 2, 99, {"retention_days": 30, "delete_subscriptions": True}, "deleted", False),
]


@pytest.mark.parametrize(("available", "subscriptions", "days", "policy", "action", "retired"), CLEANUP)
def test_cleanup(available, subscriptions, days, policy, action, retired):
    row = stored(entry("gone"), availability="available" if available else "unavailable", updated_at=NOW - datetime.timedelta(days=days))
    rows = {"gone": row, "m": stored(entry())}
    usage = {"gone": Usage(subscriptions=subscriptions)}
    planned = plan_cleanup(read_offer([entry()]), rows, Selection(), CleanupPolicy(now=NOW, **policy), usage)
    change = only(planned)
    assert (change.action, bool(planned.retiring)) == (action, retired)
    assert planned.writes is (retired or action == "deleted")


def test_retention_of_a_row_whose_time_is_unknown_has_not_ended():
    rows = {"gone": stored(entry("gone"), availability="unavailable", updated_at=None)}
    planned = plan_cleanup(read_offer([entry()]), rows, Selection(), CleanupPolicy(now=NOW, retention_days=30), {})
    assert only(planned).action == "unchanged"


def test_cleanup_spares_what_is_excluded():
    rows = {"gone": stored(entry("gone"))}
    selection = Selection.read({"exclude_patterns": ["g.*"]})
    assert list(plan_cleanup(read_offer([entry()]), rows, selection, CleanupPolicy(now=NOW), {}).changes) == []


# --- properties ----------------------------------------------------------------------------------------------------------

NUMBERS = st.one_of(st.none(), st.integers(0, 2**31 - 1), st.just(0), st.just("17"), st.just(4096.0))
COST_VALUES = st.one_of(st.none(), st.just(0), st.just("0.0"), st.floats(0, 90000), st.just("1.5e-07"), st.just("1.2******e-06"))
FLAGS = st.one_of(st.none(), st.booleans())
NAMES = st.sampled_from(["a", "b", "c/d", "it's"])
INFOS = st.fixed_dictionaries(
    {},
    optional={
        "max_tokens": NUMBERS,
        "input_cost_per_token": COST_VALUES,
        "supports_vision": FLAGS,
        "supports_tool_choice": FLAGS,
        "supports_embeddings": FLAGS,
        "supports_tokenize": FLAGS,
        "litemaas_display_name": st.sampled_from(["", "Kept", "Kept too"]),
        "litemaas_availability": st.sampled_from(["available", "unavailable"]),
    },
)
PARAMS = st.fixed_dictionaries(
    {"model": st.sampled_from(["openai/a", "b", "x/y/z", "openai/"])},
    optional={
        "rpm": NUMBERS,
        "tpm": NUMBERS,
        "output_cost_per_token": COST_VALUES,
        "api_base": st.sampled_from(["", "http://one.example.com"]),
        "custom_llm_provider": st.sampled_from([None, "", "azure"]),
        "api_key": st.just("demo-not-real"),
    },
)
ENTRIES = st.lists(st.tuples(NAMES, st.integers(1, 9), PARAMS, INFOS), max_size=5, unique_by=lambda one: one[1])
SPECS = st.lists(
    st.fixed_dictionaries(
        {"model_name": NAMES},
        optional={"display_name": st.just("Given"), "category": st.just("given"), "restricted_access": st.booleans()},
    ),
    max_size=2,
    unique_by=lambda one: one["model_name"],
)


def built(drawn):
    return [
        {"model_name": name, "litellm_params": params, "model_info": dict(info, id=str(number), db_model=True)}
        for name, number, params, info in drawn
    ]


def applied(rows, planned):
    """The rows after a plan was carried out."""
    after = {row["id"]: dict(row) for row in rows}
    for change in planned.changes:
        if change.columns:
            after.setdefault(change.model_name, {}).update(copy.deepcopy(change.columns))
    return list(after.values())


@settings(max_examples=150, deadline=None)
@given(first=ENTRIES, second=ENTRIES, specs=SPECS, conflict=st.sampled_from(["litellm_wins", "merge", "database_wins"]))
def test_a_second_run_has_nothing_to_do(first, second, specs, conflict):
    policy = Policy(conflict=conflict, mark_unavailable=True)
    rows = applied([], plan(built(first)))
    rows = applied(rows, plan(built(second), rows, specs, policy))
    again = plan(built(second), rows, specs, policy)
    assert [change for change in again.changes if change.columns] == []
    assert "demo-not-real" not in str(rows)


@pytest.mark.parametrize("days", [float("nan"), -1, float("inf"), 1e300])
def test_a_retention_that_is_none_is_refused(days):
    params = {"strategy": "delete", "subscriptions": "retain", "retention_days": days}
    with pytest.raises(InputError, match="retention_days"):
        CleanupPolicy.read(params, NOW)
    assert CleanupPolicy.read(dict(params, retention_days=30), NOW).retention_days == 30


def test_what_is_not_selected_cannot_fail():
    broken = entry("other", model_id="id-2", info={"litemaas_availability": "gone"})
    assert only(plan([broken])).action == "failed"
    assert list(plan([broken, entry()], selection={"model_patterns": ["m"]}).errors) == []


def test_what_litellm_has_saved_is_no_orphan_and_no_model():
    rows = {"saved": {"id": "saved", "availability": "available", "litellm_model_id": "id-9"}}
    offer = read_offer([entry()])
    assert find_orphans(offer, rows, Selection()) == ["saved"]
    offer = offer.keeping({"saved": "it is saved", "m": "it is saved"})
    assert find_orphans(offer, rows, Selection()) == []
    cleanup = plan_cleanup(offer, rows, Selection(), CleanupPolicy(NOW), {})
    assert [(change.model_name, change.action, change.reason) for change in cleanup.changes] == [("saved", "skipped", "it is saved")]
    assert not cleanup.writes
    assert "saved" not in offer.models
    assert "m" not in offer.others


def test_what_was_given_as_a_secret_is_not_in_metadata():
    given = entry(odd="plain-name-not-real", info={"litemaas_odd_hmac": "0" * 64})
    assert "not-real" not in str(map_metadata(given))
