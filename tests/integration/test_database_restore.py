# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A model that comes back, on a real PostgreSQL: what restore gives back, what it leaves, and what it says about it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._litemaas import catalogue
from tests.integration.database import Backend, entry
from tests.support import litemaas
from tests.support.stack import Stack

pytestmark = [pytest.mark.any_litellm, pytest.mark.postgres]

OLDER = "litemaas_older_db"
NOTHING = {"models_restored": 0, "subscriptions_reactivated": 0, "api_key_models_restored": 0, "api_keys_reactivated": 0}


@pytest.fixture(params=["current", "older"])
def backend(request: pytest.FixtureRequest, clean_litemaas: Stack, older_database_url: str, monkeypatch: pytest.MonkeyPatch) -> Backend:
    backend = Backend(clean_litemaas, monkeypatch)
    if request.param == "older":
        backend.database, backend.url = OLDER, older_database_url
        litemaas.truncate(backend.postgres, OLDER)
    return backend


@pytest.fixture
def seeder(backend: Backend) -> litemaas.Seeder:
    return litemaas.Seeder(backend.postgres, backend.database)


def present(backend: Backend, *names: str) -> None:
    backend.litellm.entries = [entry(name) for name in names]


def retire(backend: Backend, *staying: str) -> dict[str, Any]:
    """Let LiteLLM lose all models but some, and our sync retire them."""
    present(backend, *staying)
    answer = backend.sync(mark_unavailable=True, allow_empty=True, force=True)
    assert "failed" not in answer, answer["msg"]
    return answer


def retire_as_the_backend_does(backend: Backend, model: str) -> None:
    """The cascade of LiteMaaS's own sync, in one transaction, with its audit row."""
    connection = backend.connect()
    with connection, connection.cursor() as cursor:
        cursor.execute("UPDATE models SET availability = 'unavailable' WHERE id = %s AND availability <> 'unavailable'", [model])
        cursor.execute("UPDATE subscriptions SET status = 'inactive' WHERE model_id = %s AND status = 'active'", [model])
        subscriptions = cursor.rowcount
        cursor.execute("DELETE FROM api_key_models WHERE model_id = %s", [model])
        associations = cursor.rowcount
        cursor.execute(
            "UPDATE api_keys SET is_active = false WHERE is_active AND NOT EXISTS "
            "(SELECT 1 FROM api_key_models a WHERE a.api_key_id = api_keys.id)"
        )
        metadata = {
            "modelId": model,
            "cascadeStatistics": {
                "subscriptionsDeactivated": subscriptions,
                "apiKeyModelAssociationsRemoved": associations,
                "orphanedApiKeysDeactivated": cursor.rowcount,
            },
            "operation": "model_sync_cascade",
            "timestamp": "2026-11-21T08:00:00.000Z",
        }
        cursor.execute(
            "INSERT INTO audit_logs (user_id, action, resource_type, resource_id, metadata, success) "
            "VALUES (NULL, 'MODEL_MARKED_UNAVAILABLE_WITH_CASCADE', 'MODEL', %s, %s, true)",
            [model, json.dumps(metadata)],
        )
    connection.close()


def access(backend: Backend) -> dict[str, list[str]]:
    """What people can use: subscriptions with their status, associations of keys, keys with their state."""
    return {
        "subscriptions": backend.column("SELECT concat(id, ' ', status) FROM subscriptions ORDER BY 1"),
        "associations": backend.column("SELECT concat(api_key_id, ' ', model_id) FROM api_key_models ORDER BY 1"),
        "keys": backend.column("SELECT concat(id, ' ', is_active) FROM api_keys ORDER BY 1"),
    }


def restored(answer: dict[str, Any]) -> dict[str, tuple[int, int, int]]:
    assert "failed" not in answer, answer["msg"]
    return {one["model_name"]: (one["subscriptions"], one["api_key_models"], one["api_keys"]) for one in answer["restored"]}


def test_everything_comes_back(backend: Backend, seeder: litemaas.Seeder) -> None:
    present(backend, "a", "b", "stays")
    backend.sync()
    people = seeder.users(3)
    seeder.subscriptions(people, ["a", "b", "stays"])
    seeder.api_keys(people[:1], ["a"])
    seeder.api_keys(people[1:2], ["a", "b"])
    seeder.api_keys(people[2:], ["a", "stays"])
    before = access(backend)
    taken = retire(backend, "stays")["cascade_statistics"]
    assert (taken["subscriptions_deactivated"], taken["api_key_models_removed"], taken["api_keys_deactivated"]) == (6, 4, 2)
    assert access(backend) != before
    present(backend, "a", "b", "stays")
    answer = backend.predicted_then_done(backend.sync, restore=True)
    assert restored(answer) == {"a": (3, 3, 2), "b": (3, 1, 0)}
    assert (answer["changed"], answer["not_restored"]) == (True, [])
    assert answer["restore_statistics"] == {
        "models_restored": 2, "subscriptions_reactivated": 6, "api_key_models_restored": 4, "api_keys_reactivated": 2,
    }  # fmt: skip
    assert answer["diff"]["after"]["a"] == {
        "availability": "available", "restored subscriptions": 3, "restored api_key_models": 3, "restored api_keys": 2,
    }  # fmt: skip
    assert "restored: 3 subscriptions" in answer["models"][0]["reason"]
    assert access(backend) == before
    after = backend.dump()
    again = backend.predicted_then_done(backend.sync, restore=True)
    assert (again["changed"], again["restore_statistics"], backend.dump()) == (False, NOTHING, after)


def test_the_audit_log_names_what_came_back(backend: Backend, seeder: litemaas.Seeder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWX_USER_NAME", "ada")
    present(backend, "a", "stays")
    backend.sync()
    people = seeder.users(1)
    [subscription] = seeder.subscriptions(people, ["a"])
    [key] = seeder.api_keys(people, ["a"])
    retire(backend, "stays")
    present(backend, "a", "stays")
    backend.sync(restore=True)
    [retirement] = backend.column("SELECT id FROM audit_logs WHERE action = 'MODEL_MARKED_UNAVAILABLE_WITH_CASCADE'")
    [text] = backend.column("SELECT metadata FROM audit_logs WHERE action = 'MODEL_RESTORED_WITH_CASCADE' AND resource_id = 'a'")
    metadata = json.loads(text)
    assert metadata["retirements"] == [retirement]
    assert (metadata["subscriptions"], metadata["apiKeys"], metadata["apiKeysReactivated"]) == (
        [subscription["id"]],
        [key["id"]],
        [key["id"]],
    )
    assert (metadata["by"]["user"], metadata["by"]["collection"]) == ("ada", "litemaas.models")
    [count] = backend.column(
        "SELECT metadata->>'restoredModels' FROM audit_logs WHERE action = 'MODELS_SYNC' ORDER BY created_at DESC LIMIT 1"
    )
    assert count == "1"
    if backend.database != OLDER:
        history = backend.column("SELECT concat(old_status, ' ', new_status) FROM subscription_status_history ORDER BY changed_at")
        assert history == ["active inactive", "inactive active"]
        assert backend.column("SELECT status_reason FROM subscriptions WHERE status_changed_at = updated_at") == [
            "The model is available again"
        ]


def test_a_later_run_restores_too_and_the_run_that_brings_it_back_warns(backend: Backend, seeder: litemaas.Seeder) -> None:
    present(backend, "a", "nobody's", "stays")
    backend.sync()
    people = seeder.users(2)
    seeder.subscriptions(people, ["a"])
    seeder.api_keys(people, ["a"])
    before = access(backend)
    retire(backend, "stays")
    present(backend, "a", "nobody's", "stays")
    answer = backend.predicted_then_done(backend.sync)
    warnings = str(answer["warnings"])
    assert warnings.count("restore: true") == 1
    assert "a: available again, but 2 subscriptions and 2 API keys that its retirement on 20" in warnings
    assert "are still without it (2 keys deactivated); restore: true restores" in warnings
    assert answer["restore_statistics"] == NOTHING
    assert backend.sync()["changed"] is False
    answer = backend.predicted_then_done(backend.sync, restore=True)
    assert [(model["model_name"], model["action"]) for model in answer["models"]] == [
        ("a", "restored"), ("nobody's", "unchanged"), ("stays", "unchanged"),
    ]  # fmt: skip
    assert access(backend) == before


def test_what_people_did_since_stays(backend: Backend, seeder: litemaas.Seeder) -> None:
    present(backend, "a", "stays")
    backend.sync()
    people = seeder.users(6)
    subscriptions = {row["user_id"]: row["id"] for row in seeder.subscriptions(people, ["a"])}
    keys = {key["user_id"]: key["id"] for key in seeder.api_keys(people, ["a"])}
    ids = [person["id"] for person in people]
    retire(backend, "stays")
    # Each statement is a transaction of its own: a later one.
    for statement in (
        f"UPDATE subscriptions SET status = 'cancelled' WHERE id = '{subscriptions[ids[0]]}'",
        f"UPDATE subscriptions SET status = 'active' WHERE id = '{subscriptions[ids[1]]}'",
        "ALTER TABLE subscriptions DISABLE TRIGGER ALL",
        f"UPDATE subscriptions SET expires_at = now() - interval '1 second' WHERE id = '{subscriptions[ids[2]]}'",
        "ALTER TABLE subscriptions ENABLE TRIGGER ALL",
        f"UPDATE api_keys SET revoked_at = now() WHERE id = '{keys[ids[3]]}'",
        f"DELETE FROM api_keys WHERE id = '{keys[ids[4]]}'",
        f"UPDATE api_keys SET name = 'renamed while it was off' WHERE id = '{keys[ids[5]]}'",
    ):
        backend.postgres.sql(statement, backend.database)
    before = access(backend)
    present(backend, "a", "stays")
    answer = backend.predicted_then_done(backend.sync, restore=True)
    assert restored(answer) == {"a": (3, 2, 1)}
    assert answer["not_restored"] == [
        "a: 1 subscription not restored: changed by somebody since",
        "a: 1 subscription not restored: expired",
        "a: 1 API key not restored: deleted",
        "a: 1 API key not restored: revoked",
        "a: 2 API keys not restored: their owner's subscription is not active",
        "a: 1 deactivated API key not restored: changed by somebody since",
    ]
    changed = {text for kind, texts in access(backend).items() for text in texts if text not in before[kind]}
    assert changed == {
        *(f"{subscriptions[ids[n]]} active" for n in (3, 4, 5)),
        *(f"{keys[ids[n]]} a" for n in (1, 5)),
        f"{keys[ids[1]]} t",
    }


def test_a_status_that_was_changed_without_its_time_stays(backend: Backend, seeder: litemaas.Seeder) -> None:
    """As the backend's pages change it: active again, then inactive on purpose."""
    present(backend, "a", "stays")
    backend.sync()
    seeder.subscriptions(seeder.users(1), ["a"])
    retire(backend, "stays")
    for status in ("active", "inactive"):
        backend.postgres.sql(f"UPDATE subscriptions SET status = '{status}'", backend.database)
    present(backend, "a", "stays")
    answer = backend.predicted_then_done(backend.sync, restore=True)
    assert (restored(answer), answer["not_restored"]) == ({}, ["a: 1 subscription not restored: changed by somebody since"])


def test_who_gets_nothing_back(backend: Backend, seeder: litemaas.Seeder) -> None:
    """Who cancelled the subscription, who is switched off, and whose key was changed while the model was there."""
    present(backend, "a", "stays")
    backend.sync()
    people = seeder.users(3)
    cancelled, off, changed = [person["id"] for person in people]
    seeder.subscriptions(people, ["a"])
    seeder.api_keys(people, ["a", "stays"])
    retire(backend, "stays")
    present(backend, "a", "stays")
    backend.sync()
    for statement in (
        f"DELETE FROM subscriptions WHERE user_id = '{cancelled}'",
        f"UPDATE users SET is_active = false WHERE id = '{off}'",
        f"UPDATE api_keys SET name = 'without a' WHERE user_id = '{changed}'",
    ):
        backend.postgres.sql(statement, backend.database)
    answer = backend.predicted_then_done(backend.sync, restore=True)
    assert restored(answer) == {"a": (1, 0, 0)}
    assert answer["not_restored"] == [
        "a: 1 subscription not restored: deleted",
        "a: 1 subscription not restored: their owner is deactivated",
        "a: 1 API key not restored: changed by somebody since",
        "a: 1 API key not restored: their owner is deactivated",
        "a: 1 API key not restored: their owner's subscription is not active",
    ]


def test_a_key_that_never_had_a_subscription(backend: Backend, seeder: litemaas.Seeder) -> None:
    """The record of the removal tells it from a key whose owner cancelled the subscription since."""
    present(backend, "a", "stays")
    backend.sync()
    never, cancelled = seeder.users(2)
    seeder.subscriptions([never], ["stays"])
    [subscription] = seeder.subscriptions([cancelled], ["a"])
    [key, _key] = seeder.api_keys([never, cancelled], ["a"])
    retire(backend, "stays")
    assert backend.column("SELECT metadata ->> 'apiKeysWithoutSubscription' FROM audit_logs WHERE resource_id = 'a'") == [
        f'["{key["id"]}"]'
    ]
    backend.postgres.sql(f"DELETE FROM subscriptions WHERE id = '{subscription['id']}'", backend.database)
    present(backend, "a", "stays")
    assert restored(backend.predicted_then_done(backend.sync, restore=True)) == {"a": (0, 1, 1)}
    assert access(backend)["associations"] == [f"{key['id']} a"]


def test_a_key_that_was_switched_off_with_its_last_model_comes_on_with_its_first(backend: Backend, seeder: litemaas.Seeder) -> None:
    present(backend, "a", "b", "stays")
    backend.sync()
    [key] = seeder.api_keys(seeder.users(1), ["a", "b"])
    retire(backend, "b", "stays")
    retire(backend, "stays")
    present(backend, "a", "stays")
    # The key's row was changed after "a" was retired, by nobody but the cascade of "b".
    backend.sync()
    assert restored(backend.predicted_then_done(backend.sync, restore=True)) == {"a": (0, 1, 1)}
    assert access(backend)["keys"] == [f"{key['id']} t"]


def test_one_of_two_models_of_a_key_comes_back(backend: Backend, seeder: litemaas.Seeder) -> None:
    present(backend, "a", "b", "stays")
    backend.sync()
    [key] = seeder.api_keys(seeder.users(1), ["a", "b"])
    retire(backend, "stays")
    # The record of "a" says that the key was switched off; "b" comes back.
    present(backend, "b", "stays")
    assert restored(backend.predicted_then_done(backend.sync, restore=True)) == {"b": (0, 1, 1)}
    assert access(backend)["keys"] == [f"{key['id']} t"]
    present(backend, "a", "b", "stays")
    assert restored(backend.predicted_then_done(backend.sync, restore=True)) == {"a": (0, 1, 0)}


def test_a_key_that_gets_a_model_back_stays_on_when_it_loses_another(backend: Backend, seeder: litemaas.Seeder) -> None:
    present(backend, "a", "b", "stays")
    backend.sync()
    [key] = seeder.api_keys(seeder.users(1), ["a", "b"])
    retire(backend, "b", "stays")
    present(backend, "a", "stays")
    answer = backend.predicted_then_done(backend.sync, restore=True, mark_unavailable=True)
    assert (answer["unavailable_models"], answer["cascade_statistics"]["api_keys_deactivated"]) == (1, 0)
    assert access(backend)["keys"] == [f"{key['id']} t"]
    assert access(backend)["associations"] == [f"{key['id']} a"]


def test_what_was_given_back_once_is_not_given_back_again(backend: Backend, seeder: litemaas.Seeder) -> None:
    present(backend, "a", "stays")
    backend.sync()
    people = seeder.users(2)
    seeder.api_keys(people[:1], ["a"])
    # The row of a key that stays on is not changed.
    seeder.api_keys(people[1:], ["a", "stays"])
    retire(backend, "stays")
    present(backend, "a", "stays")
    assert restored(backend.sync(restore=True)) == {"a": (0, 2, 1)}
    backend.postgres.sql("DELETE FROM api_key_models WHERE model_id = 'a'", backend.database)
    assert backend.predicted_then_done(backend.sync, restore=True)["changed"] is False
    # A retirement after that is a new one.
    seeder.subscriptions(people, ["a"])
    retire(backend, "stays")
    present(backend, "a", "stays")
    assert restored(backend.predicted_then_done(backend.sync, restore=True)) == {"a": (2, 0, 0)}


def test_a_model_that_was_deleted_with_its_subscriptions_gives_nothing_back(backend: Backend, seeder: litemaas.Seeder) -> None:
    """Not to their keys either; to a key that had none it does."""
    present(backend, "a", "stays")
    backend.sync()
    people = seeder.users(2)
    seeder.subscriptions(people[:1], ["a"])
    keys = seeder.api_keys(people, ["a"])
    present(backend, "stays")
    assert backend.cleanup(subscriptions="delete")["deleted"] == ["a"]
    present(backend, "a", "stays")
    answer = backend.predicted_then_done(backend.sync, restore=True)
    assert restored(answer) == {"a": (0, 1, 1)}
    assert answer["not_restored"] == [
        "a: 1 subscription not restored: deleted",
        "a: 1 API key not restored: their owner's subscription is not active",
    ]
    assert answer["models"][0]["action"] == "created"
    assert access(backend)["associations"] == [f"{keys[1]['id']} a"]
    assert backend.predicted_then_done(backend.sync, restore=True)["changed"] is False


def test_retired_then_deleted_gives_back_what_the_retirement_took(backend: Backend, seeder: litemaas.Seeder) -> None:
    present(backend, "a", "stays")
    backend.sync()
    seeder.api_keys(seeder.users(1), ["a"])
    before = access(backend)
    retire(backend, "stays")
    assert backend.cleanup()["deleted"] == ["a"]
    present(backend, "a", "stays")
    assert restored(backend.predicted_then_done(backend.sync, restore=True)) == {"a": (0, 1, 1)}
    assert access(backend) == before


def test_a_retirement_by_the_backends_own_sync(backend: Backend, seeder: litemaas.Seeder) -> None:
    present(backend, "a", "stays")
    backend.sync()
    people = seeder.users(3)
    seeder.subscriptions(people, ["a", "stays"])
    seeder.subscriptions(seeder.users(1), ["a"], status="inactive")
    seeder.api_keys(people[:2], ["a"])
    before = access(backend)["subscriptions"]
    retire_as_the_backend_does(backend, "a")
    assert access(backend)["subscriptions"] != before
    answer = backend.predicted_then_done(backend.sync, restore=True)
    assert restored(answer) == {"a": (3, 0, 0)}
    assert answer["not_restored"] == ["a: 2 API keys not restored: LiteMaaS's own sync retired it and does not record which had it"]
    assert access(backend)["subscriptions"] == before
    assert backend.predicted_then_done(backend.sync, restore=True)["changed"] is False


def test_what_changed_since_the_backend_retired_it(backend: Backend, seeder: litemaas.Seeder) -> None:
    present(backend, "a")
    backend.sync()
    [one, _other] = seeder.subscriptions(seeder.users(2), ["a"])
    retire_as_the_backend_does(backend, "a")
    backend.postgres.sql(f"UPDATE subscriptions SET status = 'denied' WHERE id = '{one['id']}'", backend.database)
    answer = backend.predicted_then_done(backend.sync, restore=True)
    assert restored(answer) == {"a": (1, 0, 0)}
    assert answer["not_restored"] == ["a: 1 subscription not restored: changed by somebody since"]


def test_a_failed_retirement_of_the_backend_is_none(backend: Backend, seeder: litemaas.Seeder) -> None:
    present(backend, "a")
    backend.sync()
    seeder.subscriptions(seeder.users(1), ["a"], status="inactive")
    backend.postgres.sql(
        "INSERT INTO audit_logs (action, resource_type, resource_id, success, created_at) SELECT "
        "'MODEL_MARKED_UNAVAILABLE_WITH_CASCADE', 'MODEL', 'a', false, max(updated_at) FROM subscriptions", backend.database)  # fmt: skip
    assert backend.predicted_then_done(backend.sync, restore=True)["changed"] is False


def test_two_retirements_without_a_restore_between_them(backend: Backend, seeder: litemaas.Seeder) -> None:
    present(backend, "a", "stays")
    backend.sync()
    people = seeder.users(2)
    seeder.subscriptions(people[:1], ["a"])
    seeder.api_keys(people[:1], ["a"])
    retire(backend, "stays")
    present(backend, "a", "stays")
    backend.sync()
    seeder.subscriptions(people[1:], ["a"])
    retire(backend, "stays")
    present(backend, "a", "stays")
    assert restored(backend.predicted_then_done(backend.sync, restore=True)) == {"a": (2, 1, 1)}


def test_what_is_not_selected_or_stays_unavailable_gets_nothing(backend: Backend, seeder: litemaas.Seeder) -> None:
    present(backend, "a", "b", "stays")
    backend.sync()
    seeder.subscriptions(seeder.users(1), ["a", "b"])
    retire(backend, "stays")
    present(backend, "a", "b", "stays")
    kept = [{"model_name": "b", "availability": "unavailable"}]
    answer = backend.predicted_then_done(backend.sync, restore=True, exclude_patterns=["a"], models=kept)
    assert restored(answer) == {}
    assert backend.predicted_then_done(backend.sync, restore=True, model_patterns=["a"])["restored"][0]["model_name"] == "a"


def test_access_that_needs_an_approval_now(backend: Backend, seeder: litemaas.Seeder) -> None:
    if backend.database == OLDER:
        present(backend, "a")
        backend.sync()
        assert "restricted_access" not in backend.row("a")
        return
    people = seeder.users(1)
    seeder.models(["open", "closed", "swept", "theirs", "stays"])
    backend.postgres.sql("UPDATE models SET restricted_access = true WHERE id = 'closed'", backend.database)
    seeder.subscriptions(people, ["open", "closed", "swept", "theirs"])
    seeder.api_keys(people, ["open"])
    retire_as_the_backend_does(backend, "theirs")
    present(backend, "stays")
    assert backend.cleanup(model_patterns=["swept"])["retained"] == ["swept"]
    retire(backend, "stays")
    backend.postgres.sql("UPDATE models SET restricted_access = true WHERE id <> 'closed'", backend.database)
    present(backend, "open", "closed", "swept", "theirs", "stays")
    answer = backend.predicted_then_done(backend.sync, restore=True)
    assert restored(answer) == {"closed": (1, 0, 0)}
    told = [sentence.rpartition("and ")[2] for sentence in answer["not_restored"]]
    assert told == ["did not then", "did not then", "it is not known whether it did then"]
    # Nothing is used up by a restore that gave nothing.
    backend.postgres.sql("UPDATE models SET restricted_access = false", backend.database)
    assert restored(backend.predicted_then_done(backend.sync, restore=True)) == {"open": (1, 1, 1), "swept": (1, 0, 0), "theirs": (1, 0, 0)}


def test_a_broken_record_ends_nothing(backend: Backend) -> None:
    present(backend, "a")
    backend.sync()
    by = {"by": {"collection": "litemaas.models"}}
    wrong = {**by, "subscriptions": {"x": 1}, "apiKeys": "y"}
    worse = {**by, "subscriptions": ["no uuid"], "apiKeys": [7, None], "cascadeStatistics": 5}
    absurd = f'{{"cascadeStatistics": {{"subscriptionsDeactivated": 1{"0" * 5000}}}}}'
    backend.postgres.sql(
        "INSERT INTO audit_logs (action, resource_type, resource_id, created_at) SELECT "
        "'MODEL_ORPHAN_DELETED', 'MODEL', 'a', unnest(ARRAY[NULL, 'infinity', '-infinity']::timestamptz[])", backend.database)  # fmt: skip
    for metadata in ('"text"', "null", "[]", json.dumps(wrong), json.dumps(worse), absurd):
        backend.postgres.sql(
            "INSERT INTO audit_logs (action, resource_type, resource_id, metadata) VALUES "
            f"('MODEL_ORPHAN_DELETED', 'MODEL', 'a', '{metadata}')", backend.database)  # fmt: skip
    assert backend.predicted_then_done(backend.sync, restore=True)["changed"] is False
    assert "failed" not in backend.info()


def test_one_statement_to_read_and_one_to_write_for_many(backend: Backend, seeder: litemaas.Seeder) -> None:
    names = [f"m{n}" for n in range(50)]
    present(backend, *names)
    backend.sync()
    seeder.api_keys(seeder.users(100))
    backend.postgres.sql(
        "INSERT INTO subscriptions (user_id, model_id, status) SELECT u.id, m.id, 'active' FROM users u, models m;"
        "INSERT INTO api_key_models (api_key_id, model_id) SELECT k.id, m.id FROM api_keys k, models m", backend.database)  # fmt: skip
    before = access(backend)
    present(backend, "other")
    retire(backend, "other")
    present(backend, *names, "other")
    with backend.postgres.recorded_statements(backend.database) as statements:
        answer = backend.sync(restore=True)
    assert answer["restore_statistics"] == {
        "models_restored": 50, "subscriptions_reactivated": 5000, "api_key_models_restored": 5000, "api_keys_reactivated": 100,
    }  # fmt: skip
    # BEGIN, settings and lock, columns, rows, taken, what is given, merge, restore, audit, COMMIT
    assert len(statements) == 10
    assert access(backend) == before


def test_a_sync_that_does_all_there_is_to_do_is_twelve_statements(backend: Backend, seeder: litemaas.Seeder) -> None:
    present(backend, "back", "changed", "gone")
    backend.sync()
    seeder.subscriptions(seeder.users(1), ["back", "gone"])
    retire(backend, "changed", "gone")
    present(backend, "back", "changed", "new")
    backend.postgres.sql("UPDATE models SET rpm = 7 WHERE id = 'changed'", backend.database)
    with backend.postgres.recorded_statements(backend.database) as statements:
        answer = backend.sync(restore=True, mark_unavailable=True, force=True)
    assert (answer["new_models"], answer["updated_models"], answer["unavailable_models"]) == (1, 2, 1)
    assert answer["restore_statistics"]["models_restored"] == 1
    # BEGIN, settings and lock, columns, rows, usage, taken, what is given, merge, restore, retire, audit, COMMIT
    assert len(statements) == 12


def test_somebody_else_is_faster(backend: Backend, seeder: litemaas.Seeder) -> None:
    """What changes between reading and writing is left alone, and the run says so."""
    present(backend, "a", "stays")
    backend.sync()
    people = seeder.users(2)
    seeder.subscriptions(people[:1], ["a"])
    seeder.api_keys(people, ["a"])
    retire(backend, "stays")
    present(backend, "a", "stays")
    backend.postgres.sql(
        "CREATE FUNCTION race() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "UPDATE subscriptions SET used_tokens = 1; UPDATE api_keys SET name = 'renamed'; RETURN NEW; END $$;"
        "CREATE TRIGGER race BEFORE UPDATE ON models FOR EACH ROW EXECUTE FUNCTION race()", backend.database)  # fmt: skip
    try:
        answer = backend.sync(restore=True)
    finally:
        backend.postgres.sql("DROP FUNCTION race CASCADE", backend.database)
    # The key that needs no subscription gets the model, and stays off.
    assert restored(answer) == {"a": (0, 1, 0)}
    assert answer["not_restored"] == ["a: something was not restored: changed by somebody in the meantime"]


def test_what_changes_while_it_is_restored_stays(backend: Backend, seeder: litemaas.Seeder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also what leaves no trace in the time of a row: each statement looks at what it is about to change."""
    present(backend, "a", "b", "stays")
    backend.sync()
    people = seeder.users(6)
    cancelled, _renewed, _plain = (row["id"] for row in seeder.subscriptions(people[:3], ["a"]))
    seeder.subscriptions(people[3:4], ["b"])
    given, plain, on = (seeder.api_keys([person], ["a"])[0]["id"] for person in (people[1], people[2], people[4]))
    # One with a subscription to "b", and one that needs none.
    of_b = [key["id"] for key in seeder.api_keys([people[3], people[5]], ["b"])]
    retire(backend, "stays")
    present(backend, "a", "b", "stays")
    backend.sync()
    carry_out = catalogue.Catalogue.carry_out

    def late(self: Any, *arguments: Any) -> Any:
        backend.postgres.sql(
            "SET session_replication_role = replica;"
            f"UPDATE subscriptions SET status = 'cancelled' WHERE id = '{cancelled}';"
            f"UPDATE api_keys SET is_active = true WHERE id = '{on}';"
            f"INSERT INTO api_key_models (api_key_id, model_id) VALUES ('{given}', 'a');"
            "UPDATE models SET availability = 'unavailable' WHERE id = 'b'", backend.database)  # fmt: skip
        return carry_out(self, *arguments)

    monkeypatch.setattr(catalogue.Catalogue, "carry_out", late)
    answer = backend.sync(restore=True)
    assert restored(answer) == {"a": (2, 2, 2)}
    assert [sentence.partition(": ")[0] for sentence in answer["not_restored"]] == ["a", "b"]
    assert backend.column("SELECT concat(model_id, ' ', status) FROM subscriptions ORDER BY 1") == [
        "a active", "a active", "a cancelled", "b inactive",
    ]  # fmt: skip
    assert access(backend)["associations"] == sorted(f"{key} a" for key in (given, plain, on))
    assert access(backend)["keys"] == sorted([f"{given} t", f"{plain} t", f"{on} t", *(f"{key} f" for key in of_b)])


def test_who_may_not_use_it_any_more_when_it_is_written(backend: Backend, seeder: litemaas.Seeder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Switched off, revoked, expired or cancelled between reading and writing, without a trace in the time of the row."""
    present(backend, "a", "stays")
    backend.sync()
    people = seeder.users(7)
    subscriptions = [row["id"] for row in seeder.subscriptions([people[0], *people[5:]], ["a"])]
    keys = [key["id"] for key in seeder.api_keys(people, ["a"])]
    retire(backend, "stays")
    present(backend, "a", "stays")
    carry_out = catalogue.Catalogue.carry_out

    def late(self: Any, *arguments: Any) -> Any:
        off = ", ".join(f"'{person['id']}'" for person in people[:3])
        backend.postgres.sql(
            f"DELETE FROM subscriptions WHERE id = '{subscriptions[2]}';"
            "SET session_replication_role = replica;"
            f"UPDATE users SET is_active = false WHERE id IN ({off});"
            f"INSERT INTO api_key_models (api_key_id, model_id) VALUES ('{keys[2]}', 'a');"
            f"UPDATE api_keys SET revoked_at = now() WHERE id = '{keys[3]}';"
            f"UPDATE api_keys SET expires_at = now() - interval '1 day' WHERE id = '{keys[4]}';"
            f"UPDATE subscriptions SET status = 'cancelled' WHERE id = '{subscriptions[1]}'", backend.database)  # fmt: skip
        return carry_out(self, *arguments)

    monkeypatch.setattr(catalogue.Catalogue, "carry_out", late)
    answer = backend.sync(restore=True)
    assert restored(answer) == {}
    assert answer["not_restored"] == ["a: something was not restored: changed by somebody in the meantime"]
    assert access(backend)["associations"] == [f"{keys[2]} a"]
    assert backend.column("SELECT count(*) FROM api_keys WHERE is_active") == ["0"]


def test_a_record_that_names_the_subscription_of_another_model(backend: Backend, seeder: litemaas.Seeder) -> None:
    present(backend, "a", "b", "stays")
    backend.sync()
    seeder.subscriptions(seeder.users(1), ["b"])
    retire(backend, "stays")
    backend.postgres.sql(
        "UPDATE audit_logs a SET metadata = a.metadata || jsonb_build_object('subscriptions', b.metadata -> 'subscriptions') "
        "FROM audit_logs b WHERE a.resource_id = 'a' AND b.resource_id = 'b'", backend.database)  # fmt: skip
    present(backend, "a", "stays")
    answer = backend.sync(restore=True)
    assert (restored(answer), answer["not_restored"]) == ({}, ["a: 1 subscription not restored: deleted"])
