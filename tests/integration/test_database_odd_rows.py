# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows and databases that nobody makes on purpose: each is named, and the others are done."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.database import Backend, entry
from tests.support import litemaas
from tests.support.stack import Stack

pytestmark = [pytest.mark.any_litellm, pytest.mark.postgres]

ODD = {
    "no number": "input_cost_per_token = 'NaN'",
    "no number either": "output_cost_per_token = 'NaN'",
    "two-dimensional": "features = '{{chat,vision},{a,b}}'",
    "with nothing": "features = '{chat,NULL}'",
    "other bounds": "features = '[3:3]={chat}'",
    "long number": "metadata = jsonb_build_object('n', ('1' || repeat('0', 6000))::numeric, 'authorization', 'x')",
    "deep": "metadata = (repeat('[', 3000) || '\"sk-x\"' || repeat(']', 3000))::jsonb",
}
TIMES = ("0044-03-15 BC", "-infinity", "infinity", "12345-01-01", "9999-12-31 23:59:59.999999+00", "0001-01-01 00:00+14")


@pytest.fixture
def backend(clean_litemaas: Stack, monkeypatch: pytest.MonkeyPatch) -> Backend:
    return Backend(clean_litemaas, monkeypatch)


def actions(answer: dict) -> dict:
    return {model["model_name"]: model["action"] for model in answer["models"]}


@pytest.mark.parametrize("conflict", ["litellm_wins", "merge", "database_wins"])
def test_odd_values(backend: Backend, conflict: str) -> None:
    """What can be no value is put right, by its column's name, also where the database wins."""
    backend.litellm.entries = [entry(name) for name in [*ODD, "sound"]]
    backend.sync()
    for name, change in ODD.items():
        backend.postgres.sql(f"UPDATE models SET {change} WHERE id = '{name}'", backend.database)
    backend.litellm.entries[-1]["litellm_params"]["rpm"] = 5
    answer = backend.predicted_then_done(backend.sync, conflict_resolution=conflict)
    changes = {model["model_name"]: model["changed_fields"] for model in answer["models"] if model["action"] == "updated"}
    assert {name: columns[0] for name, columns in changes.items()} == {
        "no number": "input_cost_per_token", "no number either": "output_cost_per_token", "two-dimensional": "features",
        "with nothing": "features", "sound": "rpm",
    }  # fmt: skip
    assert answer["diff"]["before"]["no number"] == {"input_cost_per_token": "NaN"}
    assert backend.sync(conflict_resolution=conflict)["changed"] is False


def test_odd_values_of_what_is_removed(backend: Backend) -> None:
    backend.litellm.entries = [entry(name) for name in ODD]
    backend.sync()
    for name, change in ODD.items():
        backend.postgres.sql(f"UPDATE models SET {change} WHERE id = '{name}'", backend.database)
    assert "failed" not in backend.info()
    backend.litellm.entries = [entry("sound")]
    answer = backend.predicted_then_done(backend.cleanup, force=True)
    assert sorted(answer["deleted"]) == sorted(ODD)


def test_times_that_python_does_not_have(backend: Backend, seeder: litemaas.Seeder) -> None:
    backend.litellm.entries = [entry("sound"), entry("0044-03-15 BC", rpm=5)]
    seeder.models([*TIMES, "old"], availability="unavailable")
    backend.postgres.sql("ALTER TABLE models DISABLE TRIGGER USER", backend.database)
    try:
        for time in TIMES:
            backend.postgres.sql(f"UPDATE models SET updated_at = '{time}' WHERE id = '{time}'", backend.database)
        backend.postgres.sql("UPDATE models SET updated_at = now() - interval '90 days' WHERE id = 'old'", backend.database)
    finally:
        backend.postgres.sql("ALTER TABLE models ENABLE TRIGGER USER", backend.database)
    assert "failed" not in backend.info()
    answer = backend.predicted_then_done(backend.sync)
    assert actions(answer) == {"sound": "created", "0044-03-15 BC": "updated"}
    answer = backend.predicted_then_done(backend.cleanup, retention_days=30, force=True)
    assert answer["deleted"] == ["old"]
    unknown = {model["model_name"]: model["reason"] for model in answer["models"] if model["action"] == "unchanged"}
    assert set(unknown) == set(TIMES[1:])
    assert all("does not record when" in reason for reason in unknown.values())
    answer = backend.predicted_then_done(backend.cleanup, force=True)
    assert set(answer["deleted"]) == set(TIMES[1:])


# --- databases that are not UTF-8 ----------------------------------------------------------------------------------------

NAMES = ["plain", "größe", "模型", "😀"]


@pytest.fixture
def in_encoding(backend: Backend, request: pytest.FixtureRequest) -> Iterator[Backend]:
    """Return a backend in a database of an encoding of its own."""
    encoding = request.param
    name = f"litemaas_{encoding.lower()}"
    backend.postgres.sql(f"CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0")
    backend.postgres.sql(litemaas.schema_sql(), name)
    backend.database, backend.url = name, backend.postgres.url(name)
    yield backend
    backend.postgres.sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.parametrize(
    ("in_encoding", "failing"),
    [("LATIN1", {"模型", "😀", "text"}), ("WIN1252", {"模型", "😀", "text"}), ("EUC_JP", {"😀"}), ("SQL_ASCII", set())],
    indirect=["in_encoding"],
)  # fmt: skip
def test_a_database_that_is_not_utf8(in_encoding: Backend, failing: set[str]) -> None:
    """A model that it has no room for is named; of metadata only the characters are lost that do not fit."""
    backend = in_encoding
    backend.litellm.entries = [*(entry(name, info={"note": "größe 模型"}) for name in NAMES), entry("text", "openai/東京")]
    answer = backend.predicted_then_done(backend.sync)
    assert {model["model_name"] for model in answer["models"] if model["action"] == "failed"} == failing
    assert all("for which the database has no room" in error for error in answer["errors"])
    assert len(answer["errors"]) == len(failing)
    assert "note" in backend.row("plain")["metadata"]["litellm_model_info"]
    again = backend.predicted_then_done(backend.sync, restore=True)
    assert (again["changed"], len(again["errors"])) == (False, len(failing))
    backend.litellm.entries = [entry("plain"), entry("other", rpm=5)]
    answer = backend.predicted_then_done(backend.cleanup, strategy="mark_unavailable", force=True)
    assert answer["retired"] == sorted({*NAMES, "text"} - failing - {"plain"})
    backend.litellm.entries.append(entry("größe"))
    assert "failed" not in backend.predicted_then_done(backend.sync, restore=True)


@pytest.mark.parametrize("in_encoding", ["SQL_ASCII"], indirect=True)
def test_bytes_that_are_no_text(in_encoding: Backend) -> None:
    """A database without an encoding keeps what somebody wrote as LATIN1. A row whose id is such is named and left alone."""
    backend = in_encoding
    backend.litellm.entries = [entry("m"), entry("other")]
    backend.sync()
    odd = "E'gr\\xf6\\xdfe'"
    backend.postgres.sql(
        f"UPDATE models SET name = {odd}, description = {odd} WHERE id = 'm'; "
        f"INSERT INTO models (id, name, provider) VALUES ({odd}, 'x', 'x')",
        backend.database,
    )
    backend.litellm.entries[1]["litellm_params"]["rpm"] = 5
    assert actions(backend.sync(check=True)) == {"m": "updated", "other": "updated"}
    answer = backend.sync()
    assert actions(answer) == {"m": "updated", "other": "updated"}
    assert "not UTF-8 are left alone: gr\ufffd\ufffde" in str(answer["warnings"])
    assert "failed" not in backend.info()
    backend.litellm.entries = [entry("m")]
    assert actions(backend.cleanup(check=True, force=True)) == {"other": "deleted"}
    assert backend.cleanup(force=True)["deleted"] == ["other"]
    assert backend.column("SELECT count(*) FROM models") == ["2"]
