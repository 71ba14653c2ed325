# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Models that a person hid in LiteMaaS, on a real PostgreSQL: keep_hidden keeps them hidden, and tells them from retired ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.database import Backend, entry
from tests.support import litemaas
from tests.support.backend_sync import run_backend_sync, sync_models
from tests.support.stack import Stack

pytestmark = [pytest.mark.any_litellm, pytest.mark.postgres]

OLDER = "litemaas_older_db"
HIDDEN = "somebody made it unavailable, and it stays hidden (keep_hidden)"


@pytest.fixture
def backend(clean_litemaas: Stack, monkeypatch: pytest.MonkeyPatch) -> Backend:
    """Two models on both sides."""
    backend = Backend(clean_litemaas, monkeypatch)
    backend.litellm.entries = [entry("m"), entry("other")]
    backend.sync()
    return backend


def hide(backend: Backend, value: str = "'unavailable'") -> None:
    """What a person does by SQL."""
    backend.postgres.sql(f"UPDATE models SET availability = {value} WHERE id = 'm'", backend.database)


def told(answer: dict[str, Any]) -> str:
    """What is said of hidden models."""
    return " ".join(text for text in map(str, answer.get("warnings", ())) if "somebody made it unavailable" in text)


def leave(backend: Backend) -> None:
    backend.litellm.entries = [entry("other")]


def come_back(backend: Backend, **params: Any) -> None:
    backend.litellm.entries = [entry("m", **params), entry("other")]


def retire(backend: Backend) -> None:
    leave(backend)
    assert backend.sync(mark_unavailable=True)["unavailable_models"] == 1


def the_backend_retires(backend: Backend) -> None:
    leave(backend)
    connection = backend.connect()
    assert sync_models(connection, backend.litellm.entries).retired == ["m"]
    connection.close()


def cleanup(backend: Backend, **options: Any) -> list[str]:
    leave(backend)
    return [model["action"] for model in backend.cleanup(force=True, **options)["models"]]


# --- who made a row unavailable ------------------------------------------------------------------------------------------


def was_retired_and_came_back(backend: Backend, seeder: litemaas.Seeder) -> None:
    retire(backend)
    come_back(backend)
    assert backend.sync(keep_hidden=True)["hidden_models"] == []
    hide(backend)


def was_retired_before_somebody_hid_it(backend: Backend, seeder: litemaas.Seeder) -> None:
    retire(backend)
    hide(backend)


def left_and_came_back(backend: Backend, seeder: litemaas.Seeder) -> None:
    hide(backend)
    leave(backend)
    assert backend.sync(mark_unavailable=True)["changed"] is False
    seeder.subscriptions(seeder.users(1), ["m"])
    assert cleanup(backend) == ["skipped"]


def lost_its_record(backend: Backend, seeder: litemaas.Seeder) -> None:
    retire(backend)
    backend.postgres.sql("DELETE FROM audit_logs", backend.database)


def is_retired_by_a_record_of_what_was_rolled_back(backend: Backend, seeder: litemaas.Seeder) -> None:
    hide(backend)
    backend.postgres.sql(
        "INSERT INTO audit_logs (action, resource_type, resource_id, success, created_at) "
        "SELECT 'MODEL_MARKED_UNAVAILABLE_WITH_CASCADE', 'MODEL', id, false, updated_at FROM models WHERE id = 'm'", backend.database,
    )  # fmt: skip


BY_PEOPLE: dict[str, Callable[[Backend, litemaas.Seeder], None]] = {
    "by SQL": lambda backend, seeder: hide(backend),
    "by another word": lambda backend, seeder: hide(backend, "'maintenance'"),
    "by no word": lambda backend, seeder: hide(backend, "NULL"),
    "after a retirement": was_retired_and_came_back,
    "while it was retired": was_retired_before_somebody_hid_it,
    "before it left": left_and_came_back,
    "a retirement without a record": lost_its_record,
    "a retirement that was rolled back": is_retired_by_a_record_of_what_was_rolled_back,
}
BY_A_RETIREMENT: dict[str, Callable[[Backend, litemaas.Seeder], Any]] = {
    "our sync": lambda backend, seeder: retire(backend),
    "our cleanup": lambda backend, seeder: cleanup(backend, strategy="mark_unavailable"),
    "our cleanup, with subscriptions": lambda backend, seeder: (seeder.subscriptions(seeder.users(1), ["m"]), cleanup(backend)),
    "the backend's sync": lambda backend, seeder: the_backend_retires(backend),
    "a cleanup that saw it retired": lambda backend, seeder: (retire(backend), cleanup(backend, retention_days=30)),
}


@pytest.mark.parametrize("hidden", BY_PEOPLE.values(), ids=BY_PEOPLE)
def test_what_a_person_hid_stays_hidden(backend: Backend, seeder: litemaas.Seeder, hidden: Callable[..., None]) -> None:
    hidden(backend, seeder)
    before = backend.row("m")["availability"]
    # Everything else of the row is kept up to date, in every mode.
    come_back(backend, rpm=5)
    answer = backend.predicted_then_done(backend.sync, keep_hidden=True, conflict_resolution="merge", restore=True)
    assert (answer["hidden_models"], told(answer), answer["restored"]) == (["m"], "", [])
    assert [model["reason"] for model in answer["models"] if model["model_name"] == "m"] == [f"differs in rpm; {HIDDEN}"]
    assert answer["diff"]["after"] == {"m": {"rpm": 5}}
    assert (backend.row("m")["availability"], backend.row("m")["rpm"]) == (before, 5)
    for options in ({"mark_unavailable": True}, {"conflict_resolution": "database_wins"}):
        answer = backend.predicted_then_done(backend.sync, keep_hidden=True, **options)
        assert (answer["changed"], answer["hidden_models"]) == (False, ["m"])
        assert {"model_name": "m", "action": "unchanged", "reason": HIDDEN} in answer["models"]
    assert backend.sync(keep_hidden=True, force_update=True)["hidden_models"] == ["m"]
    assert backend.row("m")["availability"] == before
    # Without the option it is shown again, and that is told once.
    answer = backend.predicted_then_done(backend.sync)
    assert (answer["hidden_models"], answer["diff"]["after"]) == ([], {"m": {"availability": "available"}})
    assert "m: somebody made it unavailable (it was not retired)" in told(answer)
    assert "keep_hidden: true" in told(answer)
    answer = backend.sync()
    assert (answer["changed"], told(answer)) == (False, "")


@pytest.mark.parametrize("retired", BY_A_RETIREMENT.values(), ids=BY_A_RETIREMENT)
@pytest.mark.parametrize("restore", [False, True])
def test_what_was_retired_comes_back(backend: Backend, seeder: litemaas.Seeder, retired: Callable[..., None], restore: bool) -> None:
    retired(backend, seeder)
    assert backend.row("m")["availability"] == "unavailable"
    come_back(backend)
    answer = backend.predicted_then_done(backend.sync, keep_hidden=True, restore=restore)
    assert (answer["hidden_models"], answer["diff"]["after"]["m"]["availability"]) == ([], "available")
    assert told(answer) == ""
    assert backend.sync(keep_hidden=True, restore=restore)["changed"] is False


def test_an_older_backend(backend: Backend, older_database_url: str) -> None:
    backend.database, backend.url = OLDER, older_database_url
    litemaas.truncate(backend.postgres, OLDER)
    come_back(backend)
    backend.sync()
    retire(backend)
    come_back(backend)
    assert backend.predicted_then_done(backend.sync, keep_hidden=True)["diff"]["after"] == {"m": {"availability": "available"}}
    hide(backend)
    answer = backend.predicted_then_done(backend.sync, keep_hidden=True)
    assert (answer["changed"], answer["hidden_models"]) == (False, ["m"])


# --- the models file and the backend's own sync --------------------------------------------------------------------------


def test_the_file_decides(backend: Backend) -> None:
    hide(backend)
    silent, shown, hidden = ({"model_name": "m", **word} for word in ({}, {"availability": "available"}, {"availability": "unavailable"}))
    # What LiteLLM keeps of an entry is there for every model that this collection made, whether anybody wrote it or not.
    backend.litellm.entries[0]["model_info"]["litemaas_availability"] = "available"
    for options in ({}, {"models": [silent]}, {"pull": False, "models": [silent]}):
        assert backend.predicted_then_done(backend.sync, keep_hidden=True, **options)["hidden_models"] == ["m"]
    answer = backend.predicted_then_done(backend.sync, keep_hidden=True, models=[hidden])
    assert (answer["hidden_models"], answer["changed"]) == ([], False)
    answer = backend.predicted_then_done(backend.sync, keep_hidden=True, models=[shown])
    assert (answer["hidden_models"], backend.row("m")["availability"]) == ([], "available")
    assert "the models file says availability: available" in told(answer)
    # What the file hid is hidden by a person too, once the file is silent. By what LiteLLM keeps of the file it stays so anyway.
    backend.sync(keep_hidden=True, models=[hidden])
    assert backend.predicted_then_done(backend.sync, keep_hidden=True, models=[silent])["hidden_models"] == ["m"]
    backend.litellm.entries[0]["model_info"]["litemaas_availability"] = "unavailable"
    answer = backend.predicted_then_done(backend.sync, keep_hidden=True, models=[silent])
    assert (answer["hidden_models"], answer["changed"]) == ([], False)


def test_the_backends_own_sync_shows_it(backend: Backend) -> None:
    """It knows no hidden rows, and what it made available nobody can know to have been hidden."""
    hide(backend)
    assert backend.sync(keep_hidden=True)["hidden_models"] == ["m"]
    connection = backend.connect()
    assert run_backend_sync(connection, backend.litellm.entries) == ["m"]
    connection.close()
    answer = backend.predicted_then_done(backend.sync, keep_hidden=True)
    assert (answer["changed"], answer["hidden_models"]) == (False, [])


def test_statements(backend: Backend) -> None:
    """One more than a quiet run where something is hidden, however many; it is the one that says what retirements took."""
    names = [f"hidden-{number}" for number in range(50)]
    backend.litellm.entries += [entry(name) for name in names]
    counts = []
    for hidden in ([], names[:1], names):
        backend.sync()
        backend.postgres.sql(f"UPDATE models SET availability = 'unavailable' WHERE id = ANY ('{{{','.join(hidden)}}}')", backend.database)
        with backend.postgres.recorded_statements(backend.database) as statements:
            answer = backend.sync(keep_hidden=True)
        assert (answer["changed"], sorted(answer["hidden_models"])) == (False, sorted(hidden))
        counts.append(len(statements))
    # BEGIN, settings and lock, columns, rows, ROLLBACK
    assert counts == [5, 6, 6]
