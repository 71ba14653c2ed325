# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""litemaas_sync_info through main() on a real PostgreSQL, and all that a user with the right to SELECT can do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._litemaas.catalogue import Catalogue
from ansible_collections.litemaas.models.plugins.module_utils._run import runner
from tests.integration.database import Backend, entry
from tests.support import litemaas
from tests.support.postgres import PASSWORD
from tests.support.stack import Stack

pytestmark = [pytest.mark.any_litellm, pytest.mark.postgres]

PRICES = {"input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06}


@pytest.fixture
def backend(clean_litemaas: Stack, monkeypatch: pytest.MonkeyPatch) -> Backend:
    return Backend(clean_litemaas, monkeypatch)


def present(backend: Backend, *names: str) -> None:
    backend.litellm.entries = [entry(name, info=PRICES) for name in names]


def test_an_empty_database(backend: Backend) -> None:
    answer = backend.info()
    assert (answer["changed"], answer["last_sync"], answer["history"], answer["restorable"]) == (False, None, [], [])
    assert set(answer["totals"].values()) == {0}
    assert not any(answer["integrity"].values())


def test_a_connection_that_breaks_on_the_way_is_got_over(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    overview, calls = Catalogue.overview, []

    def break_first(catalogue: Catalogue) -> Any:
        calls.append(catalogue)
        if len(calls) == 1:
            backend.postgres.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'litemaas.models'")
        return overview(catalogue)

    monkeypatch.setattr(Catalogue, "overview", break_first)
    monkeypatch.setattr(runner, "RETRY_DELAY", 0.01)
    answer = backend.info()
    assert not answer.get("failed"), answer
    assert len(calls) == 2
    assert answer["log"][0].startswith("The whole run is repeated (1 left)")


def test_history_of_ours_and_the_backends(backend: Backend, seeder: litemaas.Seeder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWX_JOB_ID", "42")
    present(backend, "a", "b", "stays")
    first = backend.sync()
    people = seeder.users(2)
    seeder.subscriptions(people, ["a"])
    seeder.api_keys(people, ["a", "b"])
    present(backend, "stays")
    backend.sync(mark_unavailable=True)
    backend.cleanup()
    metadata = {
        "cascadeStatistics": {"subscriptionsDeactivated": 4}, "updateData": {"api_key": "demo-plain-key-not-real"},
        "by": {"token": "demo-token-not-real"}, "errors": "demo-not-real",
    }  # fmt: skip
    backend.postgres.sql(
        "INSERT INTO audit_logs (action, resource_type, resource_id, metadata, new_values, success, error_message) VALUES "
        f"('MODEL_MARKED_UNAVAILABLE_WITH_CASCADE', 'MODEL', 'x', '{json.dumps(metadata)}', '[\"demo-not-real\"]', false, 'no'),"
        f"('MODEL_UPDATED', 'MODEL', 'x', '{json.dumps(metadata)}', NULL, true, NULL),"
        "('MODELS_SYNC', 'API', 'x', NULL, NULL, true, NULL)", backend.database)  # fmt: skip
    present(backend, "a", "stays")
    last = backend.sync(restore=True)
    answer = backend.info(check=True)
    shown = [(one["action"], one.get("model_name"), one["source"], one["success"]) for one in answer["history"]]
    # Records of one transaction have one time.
    ours = [("restored", "a", "litemaas.models", True), ("sync", None, "litemaas.models", True)]
    assert (sorted(shown[:2], key=str), shown[2]) == (ours, ("retired", "x", "backend", False))
    assert shown[3] == ("deleted", "b", "litemaas.models", True)
    assert (sorted(one[0] for one in shown[4:7]), shown[7][0], len(shown)) == (["retired", "retired", "sync"], "sync", 8)
    assert answer["history"][2]["counts"] == {"subscriptions": 4}
    [back] = [one for one in answer["history"] if one["action"] == "restored"]
    assert back["counts"] == {"subscriptions": 2, "api_key_models": 2, "api_keys": 2}
    assert (back["by"]["job_id"], "token" in answer["raw"]) == ("42", False)
    assert answer["last_sync"]["plan_checksum"] == last["plan_checksum"] != first["plan_checksum"]
    assert answer["last_sync"]["counts"]["restored_models"] == 1
    assert "not-real" not in answer["raw"]
    assert [one["error"] for one in answer["history"]] == [None, None, "no", None, None, None, None, None]
    for limit in (0, 1, 3):
        fewer = backend.info(history_limit=limit)
        assert (fewer["history"], fewer["last_sync"]) == (answer["history"][:limit], answer["last_sync"])


def test_totals_and_integrity(backend: Backend, seeder: litemaas.Seeder) -> None:
    present(backend, "good")
    backend.sync()
    seeder.models(["bare", "named"], name="", litellm_model_id=None)
    seeder.models(["away"], availability="unavailable")
    backend.postgres.sql("UPDATE models SET litellm_model_id = id, name = id WHERE id = 'named'", backend.database)
    people = seeder.users(2)
    seeder.subscriptions(people, ["away", "good"])
    seeder.api_keys(people, ["good"])
    seeder.api_keys(people[:1])
    seeder.api_keys(people[:1], is_active=False)
    answer = backend.info()
    assert answer["totals"] == {
        "models": 4, "available": 3, "unavailable": 1, "subscriptions": 4, "active_subscriptions": 4, "api_keys": 4, "active_api_keys": 3,
    }  # fmt: skip
    assert answer["integrity"] == {
        "missing_required": [
            {"model_name": "bare", "missing": ["name", "backend_model_name", "litellm_model_id"]},
            {"model_name": "named", "missing": ["backend_model_name"]},
        ],
        "without_prices": ["bare", "named"],
        "litellm_model_id_is_name": ["named"],
        "active_subscriptions_on_unavailable": [{"model_name": "away", "active_subscriptions": 2}],
        "active_keys_without_models": 1,
    }


def test_what_could_be_restored(backend: Backend, seeder: litemaas.Seeder) -> None:
    present(backend, "a", "b", "c", "stays")
    backend.sync()
    people = seeder.users(1)
    seeder.subscriptions(people, ["a"])
    seeder.api_keys(people, ["a", "b"])
    present(backend, "stays")
    backend.sync(mark_unavailable=True)
    backend.cleanup()
    present(backend, "a", "stays")
    backend.sync()
    answer = backend.info()
    for one in answer["restorable"]:
        assert one.pop("retired_at").startswith("20")
    assert answer["restorable"] == [
        {"model_name": "a", "availability": "available", "subscriptions": 1, "api_key_models": 1, "api_keys": 1, "not_restorable": []},
        {"model_name": "b", "availability": "deleted", "subscriptions": 0, "api_key_models": 1, "api_keys": 1, "not_restorable": []},
    ]
    backend.sync(restore=True)
    assert [one["model_name"] for one in backend.info()["restorable"]] == ["b"]


def test_an_older_backend(backend: Backend, older_database_url: str) -> None:
    backend.database, backend.url = "litemaas_older_db", older_database_url
    litemaas.truncate(backend.postgres, backend.database)
    present(backend, "m")
    backend.sync()
    answer = backend.info()
    assert (answer["totals"]["models"], answer["last_sync"]["counts"]["new_models"]) == (1, 1)


def test_nine_statements_and_none_that_writes(backend: Backend, seeder: litemaas.Seeder) -> None:
    seeder.models([f"m{n}" for n in range(50)])
    seeder.subscriptions(seeder.users(2), [f"m{n}" for n in range(50)])
    present(backend, "stays")
    backend.sync(mark_unavailable=True, force=True)
    with backend.postgres.recorded_statements(backend.database) as statements:
        answer = backend.info()
    assert len(answer["restorable"]) == 50
    # BEGIN, settings, columns, log, rows, overview, taken, rights, ROLLBACK
    assert len(statements) == 9
    assert "READ ONLY" in statements[0].text.upper()


def test_the_rights_in_the_readme_are_enough(backend: Backend, seeder: litemaas.Seeder) -> None:
    readme = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
    grants = readme.partition("```sql\n")[2].partition("```")[0].replace("the_user", "writer")
    backend.postgres.sql(f"CREATE ROLE writer LOGIN PASSWORD '{PASSWORD}'; {grants}", backend.database)
    try:
        backend.url = backend.postgres.url(backend.database, user="writer")
        assert backend.info(gather_subset=["rights"])["missing_rights"] == []
        for names in (("a", "b", "c"), ("b", "c"), ("a", "b", "c")):
            present(backend, *names)
            assert backend.sync(mark_unavailable=True, restore=True)["success"]
            if names[0] == "a" and not backend.column("SELECT 1 FROM subscriptions"):
                people = seeder.users(1)
                seeder.subscriptions(people, ["a"])
                seeder.api_keys(people, ["a"])
        present(backend, "b", "c")
        assert backend.cleanup(subscriptions="delete")["deleted"] == ["a"]
    finally:
        backend.postgres.sql("DROP OWNED BY writer; DROP ROLE writer", backend.database)


def test_only_what_is_asked_for(backend: Backend, reader_url: str) -> None:
    with backend.postgres.recorded_statements(backend.database) as statements:
        answer = backend.info(gather_subset=["rights"])
    assert (answer["missing_rights"], len(statements)) == ([], 5)
    assert not {"history", "last_sync", "totals", "integrity", "restorable"} & set(answer)
    assert backend.info(gather_subset=["rights"], database_url=reader_url)["missing_rights"] == [
        "INSERT on models", "UPDATE on models", "DELETE on models", "UPDATE on subscriptions", "DELETE on subscriptions",
        "UPDATE on api_keys", "INSERT on api_key_models", "DELETE on api_key_models", "INSERT on audit_logs",
        "INSERT on subscription_status_history",
    ]  # fmt: skip


def test_a_wrong_limit(backend: Backend) -> None:
    for limit in (-1, 1001):
        assert backend.info(history_limit=limit)["failure"]["code"] == "invalid_input"


def test_a_user_that_may_only_read(backend: Backend, seeder: litemaas.Seeder, reader_url: str) -> None:
    """Sees everything, and what a sync, a restore and a cleanup would do; can do none of it."""
    present(backend, "a", "b", "stays")
    backend.sync()
    people = seeder.users(2)
    seeder.subscriptions(people, ["a"])
    seeder.api_keys(people, ["a", "b"])
    present(backend, "b", "stays")
    backend.sync(mark_unavailable=True)
    present(backend, "a", "stays", "new")
    before = backend.dump()
    for check in (True, False):
        assert backend.info(check=check, database_url=reader_url)["totals"]["models"] == 3
    sync = backend.sync(check=True, database_url=reader_url, restore=True, mark_unavailable=True)
    assert (sync["new_models"], sync["unavailable_models"], sync["restore_statistics"]["subscriptions_reactivated"]) == (1, 1, 2)
    assert backend.cleanup(check=True, database_url=reader_url)["deleted"] == ["b"]
    for run in (backend.sync, backend.cleanup):
        refused = run(database_url=reader_url)
        assert (refused["failure"]["code"], refused["changed"]) == ("database_error", False)
        assert "permission denied" in refused["msg"]
    assert backend.dump() == before
