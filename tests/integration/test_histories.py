# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random histories of all who write LiteMaaS's rows: they converge, nothing protected is overwritten, nobody loses access.

Every run draws the same histories. LITEMAAS_HISTORIES=20000 draws more, LITEMAAS_HISTORIES_SEED=7 draws others.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from tests.integration.histories import Server, World, installed
from tests.integration.history_rules import changed_columns
from tests.support import litemaas
from tests.support.backend_sync import differences, is_never_equal
from tests.support.stack import LITEMAAS_DATABASE, Stack

pytestmark = [pytest.mark.any_litellm, pytest.mark.postgres, pytest.mark.slow]

HISTORIES = int(os.environ.get("LITEMAAS_HISTORIES") or 2100)
SEED = os.environ.get("LITEMAAS_HISTORIES_SEED")
CONFLICTS = ("litellm_wins", "merge", "database_wins")
ROUNDS, EVENTS = 2, 4

# --- what can happen -----------------------------------------------------------------------------------------------------

NAMES = ("alpha", "org/beta", "it's 100%", "wild/one")
name = st.sampled_from(NAMES)
flag = st.booleans()
user = st.sampled_from([0, 1])
# Some values fit no column; most models are sound, or nothing would ever happen.
sound_count, sound_cost = [None, 0, 1, 4096, "60", 4096.0], [None, 0, 0.0, 1.5e-07, "1.5e-07", "0.0", 4.4e-11, 5e-11, 1e-10, 3]
count = st.sampled_from(sound_count * 5 + [2**31, "fast", 1.5])
cost = st.sampled_from(sound_cost * 3 + [123456.0])
capability = st.sampled_from([None, True, False, "true", 1])
params = st.fixed_dictionaries(
    {"model": st.sampled_from(["openai/gpt-4o", "gpt-4o", "openai/", "azure/x/y"])},
    optional={
        "rpm": count, "tpm": count, "input_cost_per_token": cost, "output_cost_per_token": cost,
        "api_base": st.sampled_from(["", *["http://one.example.com/v1"] * 20, "http://two.example.com/" + "x" * 500]),
        "custom_llm_provider": st.sampled_from(["", "azure"]),
        "extra_headers": st.just({"Authorization": "demo-header-not-real", "X-Team": "a"}),
    },
)  # fmt: skip
info = st.fixed_dictionaries(
    {},
    optional={
        "max_tokens": count, "input_cost_per_token": cost, "output_cost_per_token": cost, "supports_vision": capability,
        "supports_function_calling": capability, "supports_embeddings": capability, "supports_tokenize": capability,
    },
)  # fmt: skip
text = st.sampled_from(["Own", "Ünï %s {0}"])
options = st.fixed_dictionaries(
    {},
    optional={
        "display_name": text, "description": text, "provider": st.sampled_from(["own", "openshift-ai"]), "category": text,
        "supports_streaming": flag, "availability": st.sampled_from(["available", "unavailable"]), "restricted_access": flag,
        "rpm": st.sampled_from([0, 5]), "max_tokens": st.just(100), "context_length": st.just(8192), "supports_vision": flag,
        "input_cost_per_token": st.sampled_from([0, 1e-06]), "output_cost_per_token": st.just(2e-06),
    },
)  # fmt: skip
EDITS: dict[str, list[Any]] = {
    "name": ["Hand", ""], "description": ["Hand", "", None], "category": ["Hand", "general", "AI model", None],
    "provider": ["hand", "openshift-ai", ""], "availability": ["unavailable", "available", "soon", None],
    "restricted_access": [True, False, None], "supports_streaming": [False, None], "supports_vision": [True, None],
    "rpm": [9, 0, None], "context_length": [9, None], "max_tokens": [0, 9], "input_cost_per_token": ["0.5", 0, None],
    "features": [["chat", "vision"], ["tokenize", "chat"], [], None], "version": ["2.0", None], "metadata": ["{}", '{"own": 1}', None],
    "api_base": ["http://hand.example.com", "", None], "litellm_model_id": ["id-0", "gone", "", None], "backend_model_name": ["", None],
    "encrypted_api_key": ["demo"],
}  # fmt: skip
page = st.fixed_dictionaries(
    {},
    optional={
        "description": text, "restricted_access": flag, "encrypted_api_key": st.just("demo"), "rpm": st.sampled_from([7, None]),
        "max_tokens": st.just(512), "supports_vision": flag, "input_cost_per_token": st.just(3e-06),
    },
)  # fmt: skip


def happens(what: str, **arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    """Return an operation of World as plain data."""
    return st.tuples(st.just(what), st.fixed_dictionaries(arguments))


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return a value or None, which is no value."""
    return st.none() | strategy


in_litellm = (
    happens("deploy", name=name, params=params, info=info)
    | happens("deploy", name=st.sampled_from(["alpha", "config"]), params=params, info=info, config=st.just(True))
    | happens("deploy", name=st.just("wild/*"), params=st.just({"model": "openai/*"}), info=st.just({}), config=flag)
    | happens("deploy", name=st.just("model_name_team_1"), params=params, info=st.just({}), team=st.sampled_from(["alpha", "team model"]))
    | happens("change", name=name, params=params, info=info)
    | happens("undeploy", name=name | st.sampled_from(["config", "wild/*"]))
    | happens("redeploy", name=name)
)
in_the_file = happens("write_file", name=name, options=options) | happens("forget", name=name) | happens("withdraw", name=name)
in_the_row = st.sampled_from([(column, value) for column, values in EDITS.items() for value in values])
hand_edit = st.builds(lambda who, edit: ("edit", {"name": who, "column": edit[0], "value": edit[1]}), name, in_the_row)
by_hand = hand_edit | happens("insert", name=name | st.sampled_from(["legacy", "wild/two", "team model"])) | happens("age", name=name)
by_users = (
    happens("subscribe", user=user, name=name, status=st.sampled_from(["active", "active", "pending", "cancelled"]))
    | happens("make_key", user=user, names=st.lists(name, max_size=2, unique=True), legacy=flag)
)  # fmt: skip
by_the_backend = (
    happens("backend", force=flag)
    | st.builds(lambda who, values: ("admin_update", {"name": who, **values}), name, page)
    | happens("admin_update", name=name, model_name=name)
    | st.builds(lambda who, values: ("admin_create", {"name": who, **values}), name, page)
    | happens("admin_delete", name=name)
)
rarely = st.sampled_from([False, False, False, True])
removals = (
    happens("sync", mark_unavailable=st.just(True), doubted=rarely, allow_empty=rarely.map(lambda value: not value), keep_hidden=flag)
    | happens("sync", mark_unavailable=st.just(True), max_count=st.sampled_from([0, 1, 2]), force=flag)
    | happens(
        "cleanup", strategy=st.sampled_from(["delete", "delete", "mark_unavailable"]), subscriptions=st.sampled_from(["retain", "delete"]),
        retention_days=st.sampled_from([0.0, 0.0, 30.0]), doubted=rarely, allow_empty=rarely.map(lambda value: not value),
        max_count=st.sampled_from([None, None, None, 0, 1]), force=flag,
    )
)  # fmt: skip
by_us = removals | happens(
    "sync", require_pricing=flag, force_update=rarely, pull=rarely.map(lambda value: not value), keep_hidden=flag
)  # fmt: skip
what_happens = in_litellm | in_the_file | by_hand | by_users | by_the_backend | by_us


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[str, dict[str, Any]]]:
    """Draw what happened: models that somebody uses, then anything, and again and again models that go and a run that sees it."""
    names = NAMES[: draw(st.integers(1, len(NAMES)))]
    past = [("deploy", {"name": one, "params": draw(params), "info": draw(info)}) for one in names]
    past.append(draw(st.sampled_from([("backend", {}), ("sync", {})])))
    past += draw(st.lists(by_users, min_size=2, max_size=6))
    for _round in range(draw(st.integers(1, ROUNDS))):
        past += draw(st.lists(hand_edit, max_size=2))
        past += draw(st.lists(what_happens, max_size=EVENTS))
        past += [("undeploy", {"name": one}) for one in draw(st.lists(st.sampled_from(names), max_size=2))]
        past.append(draw(removals))
    return past


# --- the worlds ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def make_world(postgres_stack: Stack) -> Iterator[Callable[..., World]]:
    litemaas.truncate(postgres_stack.postgres, LITEMAAS_DATABASE)
    server = Server(postgres_stack.postgres.url(LITEMAAS_DATABASE))
    with pytest.MonkeyPatch.context() as monkeypatch, installed(server, monkeypatch) as world:
        yield world
    server.close()


def drawn(test: Callable[..., None]) -> Callable[..., None]:
    """Draw histories: the same ones in every run, unless a seed is given."""
    chosen = hypothesis.settings(
        max_examples=HISTORIES // len(CONFLICTS), derandomize=SEED is None, database=None, deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck), phases=[hypothesis.Phase.generate, hypothesis.Phase.shrink],
    )(test)  # fmt: skip
    return hypothesis.seed(int(SEED))(chosen) if SEED else chosen


@pytest.mark.parametrize("conflict", CONFLICTS)
@drawn
@hypothesis.given(past=histories(), table_known=flag, exclude=optional(st.just("alpha")))
def test_whatever_happened_all_agree_in_the_end(
    make_world: Callable[..., World], conflict: str, past: list[tuple[str, dict[str, Any]]], table_known: bool, exclude: str | None
) -> None:
    world = make_world(conflict, table_known, exclude)
    world.play(past)
    # One run of ours heals everything; World checks that a second one is quiet.
    healed = world.sync()
    if conflict == "litellm_wins":
        unsettled = {model["model_name"] for model in healed["models"] if model["action"] in ("failed", "skipped")}
        check_the_backend_is_quiet(world, unsettled)
    agree(world)


@pytest.mark.parametrize("conflict", CONFLICTS)
@pytest.mark.parametrize("forgotten", [False, True])
def test_the_row_of_a_group_shows_ours(make_world: Callable[..., World], conflict: str, forgotten: bool) -> None:
    """Drawn rarely: somebody adds a deployment of the file's model, and the backend writes that one."""
    world = make_world(conflict, False, None)
    world.play([("write_file", {"name": "alpha", "options": {}}), ("sync", {}), *([("forget", {"name": "alpha"})] if forgotten else [])])
    world.play([("deploy", {"name": "alpha", "params": {"model": "openai/gpt-4o"}, "info": {}}), ("backend", {})])
    ours = world.decided_by_us("alpha")
    assert ours
    assert world.server.snapshot()["models"]["alpha"]["litellm_model_id"] != ours
    answer = world.sync()
    assert [warning for warning in answer["warnings"] if ours in warning and "other deployments" in warning]
    check_ours_decide(world, world.server.snapshot()["models"])
    agree(world)


@pytest.mark.parametrize("conflict", CONFLICTS)
def test_the_row_of_a_group_stays_where_the_file_may_mean_any(make_world: Callable[..., World], conflict: str) -> None:
    """The file's entry changed somebody's deployment and names no address; then a second one came. Applying the file is refused."""
    world = make_world(conflict, False, None)
    somebodys = {"model": "openai/gpt-4o", "api_base": "http://one.example.com/v1"}
    world.play([("deploy", {"name": "alpha", "params": somebodys, "info": {}}), ("write_file", {"name": "alpha", "options": {}})])
    world.play([("deploy", {"name": "alpha", "params": {"model": "openai/gpt-4o"}, "info": {}}), ("sync", {})])
    assert world.server.snapshot()["models"]["alpha"]["litellm_model_id"] == "id-0"
    world.backend()
    assert world.decided_by_us("alpha") is None
    assert not [model for model in world.sync()["models"] if "litellm_model_id" in model.get("changed_fields", ())]
    assert world.server.snapshot()["models"]["alpha"]["litellm_model_id"] == "id-1"
    agree(world)


def check_the_backend_is_quiet(world: World, unsettled: set[str]) -> None:
    """Right after ours the backend finds nothing to write, but where it would find something whatever a row has."""
    for name in world.backend().written:
        entries = world.deployments(name)
        excused = (
            name in unsettled or not world.selected(name) or len(entries) != 1 or world.contested(name) or is_never_equal(entries[0])
            or {"availability", "supports_streaming"} & insisted(world, name)
        )  # fmt: skip
        assert excused, f"the backend writes {name} after ours: {entries}"


def agree(world: World) -> None:
    """From here on ours and the backend's leave each other's rows alone, but for what each is bound to insist on."""
    world.backend()
    # What the backend writes again although nobody touched it, it would write without us too.
    restless = set(world.backend().written)
    left = world.server.snapshot()["models"]
    answer = world.sync()
    settled = world.server.snapshot()["models"]
    for change in answer["models"]:
        if change["action"] == "updated":
            name = change["model_name"]
            entries = world.deployments(name)
            # The backend writes some values in a form that its own comparison refuses: features in another order, 0 and "" for NULL.
            unsettled = differences(left[name], entries[0]) if len(entries) == 1 else set()
            assert set(change["changed_fields"]) <= insisted(world, name) | unsettled, change
    check_ours_decide(world, settled)
    for name in world.backend().written:
        undone = changed_columns(settled[name], world.server.snapshot()["models"][name])
        assert name in restless or {"availability", "supports_streaming"} & insisted(world, name), f"the backend undoes {name}: {undone}"

    if world.conflict == "litellm_wins":
        world.sync()
        check_same_as_the_backends(world)


def check_ours_decide(world: World, rows: dict[str, Any]) -> None:
    """After our run the row of a model with several deployments shows the one that is ours."""
    for name, row in rows.items():
        ours = world.decided_by_us(name)
        if ours and world.selected(name) and row["availability"] != "unavailable":
            assert row["litellm_model_id"] == ours, f"{name} shows {row['litellm_model_id']}, not {ours}"


def check_same_as_the_backends(world: World) -> None:
    """Where nobody but LiteLLM has a say, our rows are those that the backend writes."""
    ours = world.server.snapshot()["models"]
    failed = " ".join(world.backend(force=True).errors)
    theirs = world.server.snapshot()["models"]
    for name, row in ours.items():
        if insisted(world, name) or len(world.deployments(name)) != 1 or not world.selected(name) or f"model {name}:" in failed:
            continue
        different = {column for column in changed_columns(row, theirs[name]) if not_the_same(column, row[column], theirs[name][column])}
        shown = {column: (row[column], theirs[name][column]) for column in different}
        assert not shown, f"{name}: {shown}"


def not_the_same(column: str, one: Any, other: Any) -> bool:
    """Tell whether two values of a column differ for the backend."""
    if column in ("updated_at", "metadata"):
        return False
    return set(one or ()) != set(other or ()) if column == "features" else (one or None) != (other or None)


def insisted(world: World, name: str) -> set[str]:
    """The columns that ours sets again whenever the backend wrote the row."""
    columns = {*world.said(name), *world.kept(name)}
    if world.holds_secret(name):
        columns.add("metadata")
    if world.table_known and not world.in_table(name):
        # Models of config.yaml are in no table: the backend takes them for gone, LiteLLM serves them.
        columns.add("availability")
    if world.contested(name):
        # The backend takes what a wildcard stands for, and config.yaml's wildcards, as further deployments of a model.
        columns.update(world.server.snapshot()["models"][name])
    if world.decided_by_us(name):
        # The backend writes the deployment that LiteLLM lists last.
        columns.update(world.server.snapshot()["models"][name])
    return columns
