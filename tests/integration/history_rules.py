# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run of the collection may do to LiteMaaS's tables, told apart from how it decides: before and after of every row."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.integration.histories import World

Rows = dict[str, dict[str, Any]]
# All rows of all tables: table -> identity -> row.
Snapshot = dict[str, Rows]

# What a merge leaves to people.
LEFT_TO_PEOPLE = ("name", "description", "category", "provider", "supports_streaming", "restricted_access")
# What the backend writes along with any change, and never looks at.
NOT_COMPARED = ("name", "provider", "category")
NEVER_OURS = ("created_at", "encrypted_api_key")
COUNTS = ("context_length", "max_tokens", "rpm", "tpm")
HEADER_SECRET = "demo-header-not-real"


def changed_columns(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """The columns in which two rows differ."""
    return {column for column in after if before.get(column) != after[column]}


def is_empty(value: Any) -> bool:
    """Whether a column has nothing that somebody could have meant."""
    return value is None or value in ("", [], {})


def check_rows(world: World, before: Snapshot, after: Snapshot, options: dict[str, Any]) -> None:
    """What a sync may do to the rows of models."""
    old, new = before["models"], after["models"]
    assert set(old) <= set(new), "a sync deleted a row"
    for name in set(new) - set(old):
        assert world.lives(name), f"{name} was added and is no model of LiteLLM"
        assert world.selected(name), f"{name} was added and is not selected"
    for name, row in old.items():
        changed = changed_columns(row, new[name])
        if not changed:
            continue
        assert changed != {"updated_at"} or options.get("force_update"), f"{name} was written without a difference"
        assert not changed.intersection(NEVER_OURS), f"{name}: {changed}"
        assert world.selected(name), f"{name} is not selected"
        if not world.lives(name):
            _check_retired(name, changed, new[name])
            assert options.get("mark_unavailable"), f"{name} was retired without being asked to"
            assert not world.listed(name), f"{name} was retired and is in the models file"
            continue
        for column in changed - {"updated_at"}:
            _check_column(world, name, column, row, new[name], bool(options.get("keep_hidden")))


def check_hidden(world: World, before: Snapshot, after: Snapshot, options: dict[str, Any], answer: dict[str, Any]) -> None:
    """What stays hidden is named, and what a retirement hid is shown when LiteLLM has it again."""
    old, new = before["models"], after["models"]
    done = {model["model_name"] for model in answer.get("models", ()) if model["action"] not in ("failed", "skipped")}
    for name in answer.get("hidden_models", ()):
        assert options.get("keep_hidden"), f"{name} is said to be hidden"
        assert old[name]["availability"] == new[name]["availability"] != "available", f"{name} is said to be hidden"
        assert name not in world.retired, f"{name} was retired, and stays hidden"
    there = [name for name in done if name in old and world.lives(name)]
    for name in there:
        if "availability" in {**world.kept(name), **world.said(name)}:
            continue
        if name in world.hidden and options.get("keep_hidden"):
            assert name in answer["hidden_models"], f"{name} was hidden by a person, and nobody says so"
        if name in world.retired:
            assert new[name]["availability"] == "available", f"{name} was retired, is back and stays {new[name]['availability']}"


def _check_retired(name: str, changed: set[str], row: dict[str, Any]) -> None:
    assert changed == {"availability", "updated_at"}, f"{name}: {changed}"
    assert row["availability"] == "unavailable", f"{name} is {row['availability']}"


def _check_column(world: World, name: str, column: str, old: dict[str, Any], new: dict[str, Any], keep_hidden: bool) -> None:
    given, kept = world.said(name), world.kept(name)
    told = f"{name}.{column}: {old[column]!r} -> {new[column]!r}"
    if column in given:
        assert new[column] == given[column], f"{told}, the file says {given[column]!r}"
        return
    if column == "restricted_access":
        raise AssertionError(f"{told}, and nobody said so")
    if column == "description":
        assert column in kept, f"{told}, and nobody said so"
    if column == "availability":
        assert new[column] == kept.get(column, "available"), told
        assert not (keep_hidden and name in world.hidden), f"{told}, and a person hid it"
        return
    if column == "metadata":
        # What goes along with another change is LiteLLM's word; a secret goes always.
        protected = world.conflict == "database_wins" and HEADER_SECRET not in json.dumps(old[column])
    elif world.conflict == "database_wins":
        protected = column != "litellm_model_id"
    else:
        protected = world.conflict == "merge" and column in LEFT_TO_PEOPLE
    free = is_empty(old[column]) or (column in COUNTS and old[column] == 0)
    if column == "features":
        # The backend compares their order.
        free = free or set(old[column]) == set(new[column])
    if column in NOT_COMPARED and world.conflict == "merge":
        # The backend wrote its own word over that of the file.
        free = free or (new[column] == kept.get(column) and old[column] in world.backends_words(name, column))
    assert not protected or free, f"{told}, protected by {world.conflict}"


def check_cleanup(world: World, before: Snapshot, after: Snapshot, options: dict[str, Any]) -> None:
    """What a cleanup may do to the rows of models."""
    old, new = before["models"], after["models"]
    subscribed = {row["model_id"] for row in before["subscriptions"].values()}
    assert set(new) <= set(old), "a cleanup added a row"
    for name, row in old.items():
        changed = changed_columns(row, new[name]) if name in new else {"deleted"}
        if not changed:
            continue
        assert not world.lives(name), f"{name} is no orphan: {changed}"
        assert world.selected(name), f"{name} is not selected: {changed}"
        if name not in new:
            assert options.get("strategy") != "mark_unavailable", f"{name} was deleted"
            assert name not in subscribed or options.get("subscriptions") == "delete", f"{name} has subscriptions and was deleted"
            assert not options.get("retention_days") or row["availability"] == "unavailable", f"{name} was deleted before its time"
        else:
            _check_retired(name, changed, new[name])


def check_cascade(world: World, before: Snapshot, after: Snapshot, deletes: bool) -> None:
    """What may happen to subscriptions, keys and the logs: only what the removed models take with them."""
    gone = {
        name for name, row in before["models"].items()
        if not world.lives(name) and (name not in after["models"] or changed_columns(row, after["models"][name]))
    }  # fmt: skip
    assert not (gone and world.litellm.against), f"{gone} removed on the ground of a doubtful reading"
    deleted = gone - set(after["models"])
    _check_subscriptions(before, after, gone, deleted if deletes else set())
    _check_keys(before, after, gone, deleted if deletes else set())
    for log in ("subscription_status_history", "audit_logs"):
        lost = set(before[log]) - set(after[log])
        assert not lost or (log == "subscription_status_history" and deletes and deleted), f"{log} lost rows"
    assert before == after or len(after["audit_logs"]) > len(before["audit_logs"]), "a change without a row in the audit log"


def _check_subscriptions(before: Snapshot, after: Snapshot, gone: set[str], deleted: set[str]) -> None:
    ended = []
    for identifier, row in before["subscriptions"].items():
        left = after["subscriptions"].get(identifier)
        if left is None:
            assert row["model_id"] in deleted, f"a subscription of {row['model_id']} is lost"
            continue
        changed = changed_columns(row, left)
        if row["model_id"] in gone and row["status"] == "active":
            assert left["status"] == "inactive", f"a subscription of {row['model_id']} is still active"
            assert changed <= {"status", "status_reason", "status_changed_at", "updated_at"}, changed
            ended.append(identifier)
        else:
            assert not changed, f"a subscription of {row['model_id']} changed: {changed}"
    assert set(after["subscriptions"]) <= set(before["subscriptions"]), "a subscription appeared"
    history = after["subscription_status_history"]
    noted = [history[key]["subscription_id"] for key in set(history) - set(before["subscription_status_history"])]
    assert sorted(noted) == sorted(ended), "the history of subscriptions does not say what happened"


def _check_keys(before: Snapshot, after: Snapshot, gone: set[str], deleted: set[str]) -> None:
    hanging = {identifier for identifier, row in before["subscriptions"].items() if row["model_id"] in deleted}
    left = {identity: row for identity, row in before["api_key_models"].items() if row["model_id"] not in gone}
    for identifier, row in before["api_keys"].items():
        had = {one["model_id"] for one in before["api_key_models"].values() if one["api_key_id"] == identifier}
        hangs = row["subscription_id"] in hanging
        stops = row["is_active"] and (hangs or bool(had & gone)) and had <= gone
        now = after["api_keys"][identifier]
        assert now["is_active"] == (row["is_active"] and not stops), f"a key of {had} is {'on' if now['is_active'] else 'off'}"
        assert now["subscription_id"] == (None if hangs else row["subscription_id"]), "a key and its subscription"
        allowed = {"updated_at"} if stops or hangs else set()
        allowed |= ({"is_active"} if stops else set()) | ({"subscription_id"} if hangs else set())
        assert changed_columns(row, now) <= allowed, "a key changed"
    assert after["api_key_models"] == left, "models of keys are lost"
