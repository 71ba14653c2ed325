# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody else writes LiteMaaS's rows between our read and our write: nothing of theirs is lost, and it is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._litemaas import catalogue
from ansible_collections.litemaas.models.plugins.module_utils._postgres import connection
from tests.integration.database import Backend, entry
from tests.support import litemaas
from tests.support.stack import Stack

pytestmark = [pytest.mark.any_litellm, pytest.mark.postgres]

Meanwhile = Callable[[str], None]


@pytest.fixture
def backend(clean_litemaas: Stack, monkeypatch: pytest.MonkeyPatch) -> Backend:
    return Backend(clean_litemaas, monkeypatch)


@pytest.fixture
def meanwhile(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Return what lets a statement happen just before our writes."""

    def happen(sql: str) -> None:
        carry_out = catalogue.Catalogue.carry_out

        def late(self: Any, *arguments: Any) -> Any:
            backend.postgres.sql(sql, backend.database)
            return carry_out(self, *arguments)

        monkeypatch.setattr(catalogue.Catalogue, "carry_out", late)

    return happen


def failures(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(model["model_name"], model["reason"]) for model in answer["models"] if model["action"] == "failed"]


def test_somebody_subscribed_in_the_meantime(backend: Backend, seeder: litemaas.Seeder, meanwhile: Meanwhile) -> None:
    seeder.models(["gone", "gone too"])
    [person] = seeder.users(1)
    backend.litellm.entries = [entry("stays")]
    meanwhile(f"INSERT INTO subscriptions (user_id, model_id, status) VALUES ('{person['id']}', 'gone', 'active')")
    answer = backend.cleanup()
    assert answer["deleted"] == ["gone too"]
    assert failures(answer) == [("gone", "somebody subscribed to it in the meantime")]
    assert answer["failed"] is True
    assert backend.column("SELECT model_id FROM subscriptions WHERE status = 'active'") == ["gone"]


def test_somebody_added_it_in_the_meantime(backend: Backend, meanwhile: Meanwhile) -> None:
    backend.litellm.entries = [entry("m"), entry("new")]
    meanwhile("INSERT INTO models (id, name, provider) VALUES ('m', 'Theirs', 'theirs')")
    answer = backend.sync()
    assert failures(answer) == [("m", "it was added by somebody else in the meantime")]
    assert (answer["failed"], answer["new_models"]) == (True, 1)
    assert backend.column("SELECT name FROM models ORDER BY id") == ["Theirs", "new"]


def test_somebody_deleted_it_in_the_meantime(backend: Backend, seeder: litemaas.Seeder, meanwhile: Meanwhile) -> None:
    seeder.models(["m", "other"])
    backend.litellm.entries = [entry("m"), entry("other")]
    meanwhile("DELETE FROM models WHERE id = 'm'")
    answer = backend.sync()
    assert failures(answer) == [("m", "its row was deleted by somebody else in the meantime")]
    assert (answer["failed"], answer["updated_models"]) == (True, 1)


def test_somebody_else_retired_it_in_the_meantime(backend: Backend, seeder: litemaas.Seeder, meanwhile: Meanwhile) -> None:
    """Whoever subscribed again after the other's cascade keeps the subscription."""
    seeder.models(["gone"])
    seeder.subscriptions(seeder.users(1), ["gone"])
    backend.litellm.entries = [entry("stays")]
    meanwhile("UPDATE models SET availability = 'unavailable'")
    answer = backend.sync(mark_unavailable=True)
    assert answer["cascade_statistics"]["subscriptions_deactivated"] == 0
    assert backend.column("SELECT status FROM subscriptions") == ["active"]


def test_availability_is_unknown(backend: Backend, seeder: litemaas.Seeder) -> None:
    seeder.models(["gone"], availability=None)
    backend.litellm.entries = [entry("stays")]
    backend.predicted_then_done(backend.sync, mark_unavailable=True)
    assert backend.column("SELECT availability FROM models WHERE id = 'gone'") == ["unavailable"]


def test_two_rows_that_differ_in_different_columns(backend: Backend) -> None:
    """All rows are written by one statement, which has the columns of all; each row gets only its own."""
    backend.litellm.entries = [entry("a"), entry("b")]
    backend.sync()
    backend.postgres.sql("UPDATE models SET description = 'Theirs', category = 'theirs'", backend.database)
    models = [{"model_name": "a", "description": "Ours"}, {"model_name": "b", "restricted_access": True}]
    backend.predicted_then_done(backend.sync, models=models, conflict_resolution="merge")
    rows = backend.postgres.sql("SELECT description, category, restricted_access FROM models ORDER BY id", backend.database)
    assert rows == [["Ours", "theirs", "f"], ["Theirs", "theirs", "t"]]


def test_an_error_between_the_writes_and_the_commit_keeps_nothing(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: Any) -> None:
        raise KeyError("demo")

    monkeypatch.setattr(connection.Database, "commit", broken)
    backend.litellm.entries = [entry("m")]
    before = backend.dump()
    answer = backend.sync()
    assert (answer["failed"], answer["failure"]["code"]) == (True, "unexpected")
    assert backend.dump() == before
