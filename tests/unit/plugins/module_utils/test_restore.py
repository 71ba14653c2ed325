# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a model gets back of what its retirement took."""

from __future__ import annotations

import datetime

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._litemaas.outcome import Written, carried_out
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import Change, Permission, Plan
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.restore import (
    DELETE_ACTION,
    RETIRE_ACTION,
    Taken,
    decide,
    hidden_by_people,
    plan_restore,
    read_counts,
    statistics,
    warn_of_losses,
)

NOW = datetime.datetime(2026, 11, 21, 8, 0, 0, tzinfo=datetime.timezone.utc)
LATER = NOW + datetime.timedelta(days=1)


def subscription(name="s1", status="inactive", same_row=True, same_status=True, expired=False, owner_off=False):
    return {
        "id": name, "status": status, "same_row": same_row, "same_status": same_status, "expired": expired,
        "owner_off": owner_off, "version": "v-" + name,
    }  # fmt: skip


def key(name="k1", **facts):
    return {
        "id": name, "exists": True, "active": True, "revoked": False, "expired": False, "owner_off": False, "has": False,
        "unsubscribed": False, "subscription": "theirs", "subscription_status": "active", "switched_off": False, "same_row": True,
        "untouched": True, "version": "v-" + name, **facts,
    }  # fmt: skip


def taken(*things, model="m", at=NOW, ours=True, restricted=False, action=RETIRE_ACTION, counts=None, audit_id="r1"):
    subscriptions = [thing for thing in things if "status" in thing]
    keys = [thing for thing in things if "exists" in thing]
    known = counts if counts is not None else {"subscriptions": len(subscriptions), "associations": len(keys), "keys": 0}
    return Taken(model, audit_id, action, at, ours, restricted, known, subscriptions, keys)


def ids(restoration):
    return (
        [one["id"] for one in restoration.subscriptions],
        list(restoration.associations),
        [one["id"] for one in restoration.keys],
        [sentence.partition(": ")[2] for sentence in restoration.lost],
    )


OFF = {"active": False, "switched_off": True}

SUBSCRIPTIONS = [
    ({}, True, ["s1"], []),
    # The backend's pages change a status without its time.
    ({"same_row": False}, True, [], ["1 subscription not restored: changed by somebody since"]),
    ({"same_row": None, "same_status": None}, True, [], ["1 subscription not restored: changed by somebody since"]),
    ({"owner_off": True}, True, [], ["1 subscription not restored: their owner is deactivated"]),
    ({"same_status": False}, True, [], ["1 subscription not restored: changed by somebody since"]),
    ({"same_status": None}, True, ["s1"], []),
    ({"same_status": None, "same_row": False}, True, [], ["1 subscription not restored: changed by somebody since"]),
    # The backend's own sync writes no time of the status.
    ({"same_status": False}, False, ["s1"], []),
    ({"same_row": False, "same_status": True}, False, [], ["1 subscription not restored: changed by somebody since"]),
    ({"expired": True}, True, [], ["1 subscription not restored: expired"]),
    ({"status": "active"}, True, [], []),
    ({"status": "active", "same_status": False, "expired": True}, True, [], []),
    *[({"status": status}, True, [], ["1 subscription not restored: changed by somebody since"])
      for status in ("suspended", "cancelled", "expired", "pending", "denied")],
    ({"status": None, "same_row": None, "same_status": None}, True, [], ["1 subscription not restored: deleted"]),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "ours", "back", "lost"), SUBSCRIPTIONS)
def test_a_subscription(facts, ours, back, lost):
    assert ids(decide([taken(subscription(**facts), ours=ours)], False, False)) == (back, [], [], lost)


NO_SUBSCRIPTION = "1 API key not restored: their owner's subscription is not active"
KEYS = [
    ({}, ["k1"], [], []),
    ({"active": False}, ["k1"], [], []),
    (OFF, ["k1"], ["k1"], []),
    ({**OFF, "has": True}, [], ["k1"], []),
    ({**OFF, "active": True}, ["k1"], [], []),
    ({**OFF, "same_row": False}, ["k1"], [], ["1 deactivated API key not restored: changed by somebody since"]),
    ({**OFF, "revoked": True}, [], [], ["1 API key not restored: revoked"]),
    ({**OFF, "expired": True}, [], [], ["1 API key not restored: expired"]),
    ({**OFF, "has": True, "revoked": True}, [], [], ["1 deactivated API key not restored: revoked"]),
    ({**OFF, "has": True, "expired": True}, [], [], ["1 deactivated API key not restored: expired"]),
    ({"has": True}, [], [], []),
    ({"exists": False, **OFF}, [], [], ["1 API key not restored: deleted"]),
    ({"owner_off": True, **OFF}, [], [], ["1 API key not restored: their owner is deactivated"]),
    ({"has": True, "owner_off": True, **OFF}, [], [], ["1 deactivated API key not restored: their owner is deactivated"]),
    ({"subscription": "x", "subscription_status": "active"}, ["k1"], [], []),
    # A subscription that was cancelled is gone; a key that never had one is told by the record.
    ({"subscription": None, "subscription_status": None}, [], [], [NO_SUBSCRIPTION]),
    ({"subscription": None, "subscription_status": None, "unsubscribed": True}, ["k1"], [], []),
    ({"subscription": "x", "subscription_status": "inactive", "unsubscribed": True}, [], [], [NO_SUBSCRIPTION]),
    ({"untouched": False}, [], [], ["1 API key not restored: changed by somebody since"]),
    ({"subscription": "x", "subscription_status": "inactive"}, [], [], [NO_SUBSCRIPTION]),
    ({**OFF, "subscription": "x", "subscription_status": "pending"}, [], [], [NO_SUBSCRIPTION]),
]


@pytest.mark.parametrize(("facts", "associations", "keys", "lost"), KEYS)
def test_a_key(facts, associations, keys, lost):
    assert ids(decide([taken(key(**facts))], False, False)) == ([], associations, keys, lost)


def test_a_key_comes_back_with_its_owners_subscription():
    records = [taken(subscription(), key(subscription="s1", subscription_status="inactive", **OFF))]
    assert ids(decide(records, False, False)) == (["s1"], ["k1"], ["k1"], [])


@pytest.mark.parametrize(
    ("now", "then", "lost"),
    [
        (True, False, "did not then"),
        (True, None, "it is not known whether it did then"),
        (True, True, None),
        (False, False, None),
        (None, None, None),
    ],
)
def test_access_that_needs_an_approval(now, then, lost):
    restoration = decide([taken(subscription(), key(), restricted=then)], now, False)
    assert restoration.gives is (lost is None)
    assert [sentence.rpartition("and ")[2] for sentence in restoration.lost] == ([lost] if lost else [])


def test_nobody_takes_a_model_out_of_a_key_while_it_is_away():
    """A change of the key's row matters only where the model has been available since."""
    newest, oldest = taken(key("k1", untouched=False), at=LATER), taken(key("k2", untouched=False))
    assert [list(decide([newest, oldest], False, returns).associations) for returns in (True, False)] == [["k1"], []]


def test_access_that_needs_an_approval_and_nothing_was_taken():
    assert list(decide([taken(restricted=False)], True, False).lost) == []


def test_several_removals_since_the_last_restore():
    """One removal after which nobody touched a thing is enough; the newest one's reason holds else."""
    newest = taken(subscription("s1"), subscription("s2", expired=True), key("k1", has=True), at=LATER, audit_id="r2")
    oldest = taken(
        subscription("s1", same_status=False), subscription("s2", same_status=False), subscription("s3"), key("k1", has=True, **OFF)
    )
    restoration = decide([newest, oldest], False, False)
    assert ids(restoration) == (["s1", "s3"], [], ["k1"], ["1 subscription not restored: expired"])
    assert (list(restoration.records), restoration.retired_at) == (["r2", "r1"], LATER)


def test_a_retirement_by_the_backend():
    record = taken(subscription(), ours=False, restricted=None, counts={"subscriptions": 3, "associations": 2, "keys": 1})
    assert ids(decide([record], False, False)) == (
        ["s1"], [], [],
        [
            "2 subscriptions not restored: changed by somebody since",
            "2 API keys not restored: LiteMaaS's own sync retired it and does not record which had it",
        ],
    )  # fmt: skip


def test_counts_are_numbers():
    assert read_counts({"subscriptionsDeactivated": 2, "apiKeyModelAssociationsRemoved": "x", "other": 1}) == {"subscriptions": 2}
    assert read_counts({"apiKeysReactivated": 3}) == {"keys": 3}
    assert read_counts({"apiKeysReactivated": True, "subscriptionsReactivated": -1, "apiKeyModelAssociationsRestored": 10**10}) == {}
    assert read_counts(None) == read_counts([1]) == {}


def row(**columns):
    return {"availability": "available", "restricted_access": False, **columns}


CHANGES = [
    (Change("m", "unchanged"), row(), True),
    (Change("m", "updated", "differs in availability", {"availability": "available"}), row(availability="unavailable"), True),
    (Change("m", "created", "LiteLLM has it", row()), None, True),
    (Change("m", "updated", "", {"availability": "unavailable"}), row(), False),
    (Change("m", "unchanged"), row(availability="unavailable"), False),
    (Change("m", "failed", "bad"), row(), False),
    (Change("m", "skipped"), row(), False),
    (Change("m", "updated", "", {"restricted_access": True}), row(), False),
]


@pytest.mark.parametrize(("change", "stored", "back"), CHANGES)
def test_only_available_models_that_the_run_is_about(change, stored, back):
    plan = Plan(changes=[change])
    plan = plan_restore(
        plan, {"m": stored} if stored else {}, {"m": [taken(subscription())], "other": [taken(subscription(), model="other")]}
    )
    assert [one.model_name for one in plan.restored] == (["m"] if back else [])
    assert ("restored: 1 subscription" in plan.changes[0].reason) is back
    assert plan.writes is (back or plan.changes[0].action == "updated")


def test_an_unchanged_row_is_restored_and_a_key_is_told_once():
    plan = Plan(changes=[Change("a", "unchanged"), Change("b", "unchanged"), Change("c", "unchanged")])
    both = {name: [taken(key(**OFF), model=name)] for name in "ab"}
    plan = plan_restore(plan, {name: row() for name in "abc"}, {**both, "c": [taken(subscription(expired=True), model="c")]})
    assert [change.action for change in plan.changes] == ["restored", "restored", "unchanged"]
    assert plan.changes[0].reason == "restored: 1 API key that lost it, 1 deactivated API key"
    assert statistics(plan.restored) == {
        "models_restored": 2, "subscriptions_reactivated": 0, "api_key_models_restored": 2, "api_keys_reactivated": 1,
    }  # fmt: skip
    assert list(plan.not_restored) == ["c: 1 subscription not restored: expired"]


def test_what_did_not_come_back_after_all():
    plan = Plan(changes=[Change("a", "unchanged"), Change("b", "unchanged")])
    plan = plan_restore(
        plan, {name: row() for name in "ab"}, {name: [taken(subscription("s-" + name), key(**OFF), model=name)] for name in "ab"}
    )
    effects = [("subscription", "a", "s-a"), ("association", "a", "k1"), ("key", None, "k1")]
    plan = carried_out(Permission(plan), Written(given_back=effects)).done
    assert [ids(one) for one in plan.restored] == [(["s-a"], ["k1"], ["k1"], [])]
    assert list(plan.not_restored) == ["b: something was not restored: changed by somebody in the meantime"]


WARNED = [
    (
        {"subscriptions": 3, "associations": 1, "keys": 0},
        "3 subscriptions and 1 API key that its retirement on 2026-11-21 took are still without it; restore",
    ),
    (
        {"associations": 2, "keys": 1},
        "2 API keys that its retirement on 2026-11-21 took are still without it (1 key deactivated); restore",
    ),
    ({"subscriptions": 0, "associations": 0, "keys": 0}, None),
    ({}, None),
]


@pytest.mark.parametrize(("counts", "part"), WARNED)
def test_a_model_that_returns_without_restore(counts, part):
    change = Change("m", "updated", "", {"availability": "available", "rpm": 1}, {"availability": "unavailable"})
    plan = Plan(changes=[change, Change("n", "updated", "", {"availability": "available", "rpm": 1}, {"rpm": 2})])
    plan = warn_of_losses(plan, {name: [taken(counts=counts, model=name, action=DELETE_ACTION)] for name in "mn"})
    assert len(plan.warnings) == (1 if part else 0)
    if part:
        assert plan.warnings[0].startswith("m: available again, but ")
        assert part in plan.warnings[0]


EXPLAINED = [
    ([], True),
    ([taken(at=NOW)], False),
    ([taken(at=NOW, ours=False)], False),
    ([taken(at=LATER), taken(at=NOW)], False),
    ([taken(at=LATER)], True),
    ([taken(at=NOW - datetime.timedelta(microseconds=1))], True),
    ([taken(at=NOW, action=DELETE_ACTION)], True),
]


@pytest.mark.parametrize(("records", "hidden"), EXPLAINED)
def test_who_hid_a_row(records, hidden):
    rows = {"m": {"availability": "unavailable", "updated_at": NOW}, "other": {"availability": "unavailable", "updated_at": None}}
    assert hidden_by_people(rows, ["m"], {"m": records}) == frozenset(["m"] * hidden)
    assert hidden_by_people(rows, ["m", "other"], {"other": records}) == {"m", "other"}
    assert hidden_by_people({"m": {"availability": "soon", "updated_at": NOW}}, ["m"], {"m": records}) == {"m"}
    assert hidden_by_people(rows, [], {"m": records}) == frozenset()
