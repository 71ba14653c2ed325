# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""litemaas_orphan_cleanup through main() on a real PostgreSQL."""

from __future__ import annotations

import json

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import ProxyUnavailable
from tests.integration.database import Backend, entry
from tests.support import litemaas
from tests.support.stack import Stack

pytestmark = [pytest.mark.any_litellm, pytest.mark.postgres]


@pytest.fixture
def backend(clean_litemaas: Stack, monkeypatch: pytest.MonkeyPatch, seeder: litemaas.Seeder) -> Backend:
    backend = Backend(clean_litemaas, monkeypatch)
    backend.litellm.entries = [entry("stays")]
    seeder.models(["stays", "plain", "used"])
    people = seeder.users(2)
    seeder.subscriptions(people, ["used", "stays"])
    seeder.api_keys(people[:1], ["used", "plain"])
    seeder.api_keys(people[1:], ["used", "stays"])
    return backend


def actions(answer: dict) -> dict:
    return {model["model_name"]: model["action"] for model in answer["models"]}


def test_retain_is_the_default(backend: Backend) -> None:
    answer = backend.predicted_then_done(backend.cleanup)
    assert (answer["deleted"], answer["retired"], answer["retained"]) == (["plain"], ["used"], ["used"])
    assert answer["models"][1] == {
        "model_name": "used", "action": "retired",
        "reason": "kept for its 2 subscriptions: "
        "2 people; 2 active subscriptions end, 2 API keys lose it, 1 of them is deactivated",
        "subscriptions": 2, "active_subscriptions": 2, "api_keys": 2, "users": 2,
    }  # fmt: skip
    assert answer["cascade_statistics"] == {
        "models_marked_unavailable": 1, "subscriptions_deactivated": 2, "api_key_models_removed": 3, "api_keys_deactivated": 1,
    }  # fmt: skip
    assert backend.column("SELECT id FROM models ORDER BY id") == ["stays", "used"]
    assert backend.column("SELECT count(*) FROM subscriptions") == ["4"]
    assert backend.column("SELECT action FROM audit_logs ORDER BY 1") == ["MODEL_MARKED_UNAVAILABLE_WITH_CASCADE", "MODEL_ORPHAN_DELETED"]
    again = backend.predicted_then_done(backend.cleanup)
    assert (again["changed"], actions(again)) == (False, {"used": "skipped"})


def test_what_is_to_be_kept(backend: Backend) -> None:
    """Of what is kept only the rows are named that would be taken otherwise."""
    answer = backend.predicted_then_done(backend.cleanup, keep_models=["used", "stays", "no such row"])
    assert (answer["deleted"], actions(answer)) == (["plain"], {"used": "skipped", "plain": "deleted"})
    assert backend.row("used")["availability"] == "available"


def test_delete_with_subscriptions(backend: Backend, seeder: litemaas.Seeder) -> None:
    subscription = backend.column("SELECT id FROM subscriptions WHERE model_id = 'used' LIMIT 1")[0]
    [person] = backend.column(f"SELECT user_id FROM subscriptions WHERE id = '{subscription}'")
    # Keys of older backends: one with nothing but its subscription, and all that have another model too.
    seeder.api_keys([{"id": person}], subscription_id=subscription)
    backend.postgres.sql(f"UPDATE api_keys SET subscription_id = '{subscription}'", backend.database)
    seeder.api_keys([{"id": person}], subscription_id=backend.column("SELECT id FROM subscriptions WHERE model_id = 'stays' LIMIT 1")[0])
    backend.postgres.sql("UPDATE models SET api_base = 'https://demo.example/v1?api_key=demo-not-real' WHERE id = 'used'", backend.database)
    answer = backend.predicted_then_done(backend.cleanup, subscriptions="delete")
    assert answer["deleted"] == ["plain", "used"]
    assert answer["cascade_statistics"]["subscriptions_deactivated"] == 2
    assert backend.column("SELECT DISTINCT model_id FROM subscriptions") == ["stays"]
    assert backend.column("SELECT count(*) FROM api_keys WHERE subscription_id IS NOT NULL") == ["1"]
    assert backend.column("SELECT is_active FROM api_keys ORDER BY 1") == ["f", "f", "t", "t"]
    lengths = "SELECT jsonb_array_length(metadata -> '{}') FROM audit_logs WHERE resource_id = 'used'"
    assert [backend.one(lengths.format(kind)) for kind in ("apiKeysDetached", "apiKeysDeactivated")] == [["3"], ["1"]]
    assert answer["cascade_statistics"]["api_keys_deactivated"] == 2
    old = json.loads(backend.one("SELECT old_values FROM audit_logs WHERE resource_id = 'used'")[0])
    assert (old["id"], old["provider"]) == ("used", "openai")
    assert old["api_base"] == "https://demo.example/v1"
    assert backend.predicted_then_done(backend.cleanup, subscriptions="delete")["changed"] is False


def test_mark_unavailable(backend: Backend) -> None:
    answer = backend.predicted_then_done(backend.cleanup, strategy="mark_unavailable")
    assert (answer["deleted"], answer["retired"]) == ([], ["plain", "used"])
    assert backend.column("SELECT id FROM models WHERE availability = 'unavailable' ORDER BY 1") == ["plain", "used"]
    assert backend.predicted_then_done(backend.cleanup, strategy="mark_unavailable")["changed"] is False


def test_retention(backend: Backend) -> None:
    first = backend.predicted_then_done(backend.cleanup, retention_days=30)
    assert first["retired"] == ["plain", "used"]
    waiting = backend.predicted_then_done(backend.cleanup, retention_days=30)
    assert (waiting["changed"], actions(waiting)) == (False, {"plain": "unchanged", "used": "skipped"})
    backend.postgres.sql(
        "ALTER TABLE models DISABLE TRIGGER ALL; UPDATE models SET updated_at = now() - interval '31 days' WHERE id = 'plain';"
        "ALTER TABLE models ENABLE TRIGGER ALL", backend.database)  # fmt: skip
    assert backend.predicted_then_done(backend.cleanup, retention_days=30)["deleted"] == ["plain"]


def test_excluded_and_unselected(backend: Backend) -> None:
    assert backend.predicted_then_done(backend.cleanup, exclude_patterns=["pl.*", "used"])["changed"] is False
    assert backend.predicted_then_done(backend.cleanup, model_patterns=["plain"])["deleted"] == ["plain"]


REFUSED = [
    ({}, [{"code": "disagreeing", "message": "two reads differ"}], ["stays"], "two reads differ"),
    ({"force": True, "allow_empty": True}, [{"code": "database_away", "message": "no database"}], ["stays"], "no database"),
    ({}, [], [], "no model at all"),
    ({"max_count": 1}, [], ["stays"], "max_count 1"),
]


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(("options", "against", "present", "part"), REFUSED)
def test_refusals(backend: Backend, check: bool, options: dict, against: list, present: list, part: str) -> None:
    backend.litellm.entries = [entry(name) for name in present]
    backend.litellm.against = against
    before = backend.dump()
    answer = backend.cleanup(check=check, **options)
    assert (answer["failed"], answer["changed"], answer["failure"]["code"]) == (True, False, "refused")
    assert part in answer["msg"]
    affected = {line["model_name"]: line for line in answer["failure"]["details"]["affected"]}
    assert affected["used"] == {
        "model_name": "used", "action": "retired", "subscriptions": 2, "active_subscriptions": 2, "api_keys": 2, "users": 2,
    }  # fmt: skip
    assert "used (retired in LiteMaaS and kept for its subscriptions: 2 subscriptions, 2 keys, 2 users)" in answer["msg"]
    assert backend.dump() == before


def test_what_litellm_has_saved_or_cannot_tell_is_not_removed(backend: Backend) -> None:
    backend.postgres.sql("UPDATE models SET litellm_model_id = 'id-' || id", backend.database)
    backend.litellm.mute, before = ProxyUnavailable("HTTP 500"), backend.dump()
    answer = backend.cleanup(force=True)
    assert [one["code"] for one in answer["failure"]["details"]["reasons"]] == ["lookup_failed"]
    assert backend.dump() == before
    backend.litellm.mute, backend.litellm.saved = None, {"used"}
    assert sorted(actions(backend.cleanup()).items()) == [("plain", "deleted"), ("used", "skipped")]
    assert backend.column("SELECT id FROM models WHERE availability = 'available' ORDER BY id") == ["stays", "used"]


def test_more_than_thirty_percent_of_ten(backend: Backend, seeder: litemaas.Seeder) -> None:
    seeder.models([f"more-{n}" for n in range(7)])
    answer = backend.cleanup()
    assert "max_percent 30" in answer["msg"]
    assert backend.cleanup(force=True)["changed"] is True


def test_config_models_and_wildcards_are_not_affected(backend: Backend, seeder: litemaas.Seeder) -> None:
    seeder.models(["from-config", "bedrock/eu.claude"])
    backend.litellm.entries += [entry("from-config", info={"db_model": False}), entry("bedrock/*", info={"db_model": False})]
    assert sorted(actions(backend.cleanup())) == ["plain", "used"]


def test_nothing_to_do_asks_for_no_proof(backend: Backend) -> None:
    backend.litellm.entries += [entry("plain"), entry("used")]
    answer = backend.predicted_then_done(backend.cleanup)
    assert (answer["changed"], backend.litellm.proofs) == (False, 0)


def test_statements(backend: Backend, seeder: litemaas.Seeder) -> None:
    for batch in range(3):
        seeder.models([f"more-{batch}-{n}" for n in range(100)])
    with backend.postgres.recorded_statements(backend.database) as statements:
        answer = backend.cleanup(force=True)
    assert len(answer["deleted"]) == 301
    # BEGIN, settings and lock, columns, rows, usage, retire, row locks, delete, audit, COMMIT
    assert len(statements) == 10


def listed(name: str, **fields: str) -> dict:
    return {"model_name": name, "litellm_model": "openai/gpt-4o", **fields}


# What a run of the role finds by the cleanup: the sync before it has added rows, hidden some, or retired some.
AFTER_A_SYNC = [
    pytest.param(9, 4, 1, {}, {}, "", id="4 of 13 are too many, of 14 not"),
    pytest.param(
        10, 4, 0, {"models": [listed(f"kept-{n}", availability="unavailable") for n in range(4)]}, {}, "4 of 10 available", id="hidden"
    ),
    pytest.param(10, 4, 0, {"mark_unavailable": True}, {"strategy": "mark_unavailable", "max_count": 3}, "", id="retired"),
    pytest.param(10, 4, 0, {"mark_unavailable": True}, {"retention_days": 30.0}, "", id="retired, and deleted later"),
    pytest.param(9, 3, 0, {"mark_unavailable": True}, {}, "", id="retired, and deleted at once"),
    pytest.param(9, 4, 1, {"require_pricing": True}, {}, "4 of 13 models", id="without a price"),
]


@pytest.mark.parametrize(("kept", "gone", "new", "sync", "cleanup", "refused"), AFTER_A_SYNC)
def test_check_mode_refuses_what_a_run_refuses_after_its_sync(
    clean_litemaas: Stack, monkeypatch: pytest.MonkeyPatch, seeder: litemaas.Seeder, kept: int, gone: int, new: int, sync: dict,
    cleanup: dict, refused: str,
) -> None:  # fmt: skip
    backend = Backend(clean_litemaas, monkeypatch)
    backend.litellm.entries = [entry(f"kept-{n}") for n in range(kept)] + [entry(f"new-{n}") for n in range(new)]
    seeder.models([*(f"kept-{n}" for n in range(kept)), *(f"gone-{n}" for n in range(gone))])
    backend.postgres.sql(
        "ALTER TABLE models DISABLE TRIGGER ALL; UPDATE models SET updated_at = now() - interval '31 days';"
        "ALTER TABLE models ENABLE TRIGGER ALL", backend.database)  # fmt: skip
    said = {}
    for check in (True, False):
        availability = backend.sync(check=check, **sync)["availability"]
        said[check] = backend.cleanup(check=check, predict_rows=availability, **cleanup)
    for name in ("changed", "msg", "deleted", "retired", "models"):
        assert said[True].get(name) == said[False].get(name)
    assert bool(said[False].get("failed")) == bool(refused)
    assert refused in said[False].get("msg", "")
