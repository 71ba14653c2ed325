# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""litemaas_model_sync through main() on a real PostgreSQL: run, check, again; cascade; rollback; bad values; statements."""

from __future__ import annotations

import json

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import ProxyUnavailable
from ansible_collections.litemaas.models.plugins.module_utils._litellm.identity import id_of_name
from tests.integration.database import Backend, entry
from tests.support import litemaas
from tests.support.backend_sync import run_backend_sync
from tests.support.stack import LITEMAAS_DATABASE, Stack

pytestmark = [pytest.mark.any_litellm, pytest.mark.postgres]

FULL_INFO = {
    "max_tokens": 4096, "max_input_tokens": 128000, "input_cost_per_token": 1.5e-07, "output_cost_per_token": 6e-07,
    "supports_vision": True, "supports_function_calling": True, "supports_parallel_function_calling": True,
    "supports_tool_choice": True, "supports_tokenize": True,
}  # fmt: skip


@pytest.fixture
def backend(clean_litemaas: Stack, monkeypatch: pytest.MonkeyPatch) -> Backend:
    return Backend(clean_litemaas, monkeypatch)


def actions(answer: dict) -> dict:
    return {model["model_name"]: model["action"] for model in answer["models"]}


def test_a_row_has_what_the_backend_would_write(backend: Backend) -> None:
    full = entry("full", "openai/gpt-4o", "id-full", FULL_INFO, api_base="http://one.example.com/v1", rpm=60, tpm=1000)
    backend.litellm.entries = [full, entry("least", "gpt-4o")]
    backend.predicted_then_done(backend.sync)
    mine = {name: backend.row(name) for name in ("full", "least")}
    litemaas.truncate(backend.postgres, backend.database)
    with_connection = backend.connect()
    run_backend_sync(with_connection, backend.litellm.entries)
    with_connection.close()
    for name, row in mine.items():
        theirs = backend.row(name)
        assert sorted(row.pop("features")) == sorted(theirs.pop("features"))
        for column in ("created_at", "updated_at"):
            row.pop(column), theirs.pop(column)
        assert row == theirs


def test_a_second_run_writes_nothing_and_costs_five_statements(backend: Backend) -> None:
    backend.litellm.entries = [entry("full", info=FULL_INFO, rpm=60), entry("b's 100%/ü")]
    assert backend.predicted_then_done(backend.sync)["new_models"] == 2
    before = backend.dump()
    with backend.postgres.recorded_statements(backend.database) as statements:
        answer = backend.sync()
    assert (answer["changed"], backend.dump()) == (False, before)
    # BEGIN, settings and lock, columns, rows, ROLLBACK
    assert len(statements) == 5
    assert backend.litellm.proofs == 0


@pytest.mark.parametrize("conflict", ["litellm_wins", "merge", "database_wins"])
def test_the_backends_sync_finds_nothing_after_ours(backend: Backend, conflict: str) -> None:
    """Ours changes once what the backend wrote and would write again at its next sync: features in its order of writing, 0, ''."""

    def ours() -> dict:
        answer = backend.predicted_then_done(backend.sync, conflict_resolution=conflict)
        return {model["model_name"]: model["changed_fields"] for model in answer["models"] if model["action"] == "updated"}

    backend.litellm.entries = [
        entry("full", info=FULL_INFO, rpm=60, tpm=7, api_base="http://one.example.com"),
        entry("moderation", info={"max_tokens": 0}),
        entry("embeddings", "azure/e", info={"supports_embeddings": True}),
        entry("text-costs", input_cost_per_token="1.5e-07", output_cost_per_token="0.0"),
        entry("tiny", info={"input_cost_per_token": 4.4e-11}),
        entry("no-name", "openai/"),
    ]
    connection = backend.connect()
    ours()
    assert run_backend_sync(connection, backend.litellm.entries) == []
    litemaas.truncate(backend.postgres, backend.database)
    run_backend_sync(connection, backend.litellm.entries)
    mended = {"full": ["features"], "moderation": ["context_length", "max_tokens"], "no-name": ["backend_model_name"]}
    assert ours() == mended
    assert run_backend_sync(connection, backend.litellm.entries) == []
    assert ours() == {}
    run_backend_sync(connection, backend.litellm.entries, force=True)
    assert ours() == mended
    # After a real change both agree again.
    backend.litellm.entries[0]["litellm_params"]["rpm"] = 61
    assert run_backend_sync(connection, backend.litellm.entries) == ["full"]
    assert ours() == {"full": ["features"]}
    assert run_backend_sync(connection, backend.litellm.entries) == []
    connection.close()


def test_a_second_deployment_of_a_model_of_the_list(backend: Backend) -> None:
    """The backend writes the values of whichever comes last; ours those of the list's, and says so."""
    models = [{"model_name": "m", "rpm": 5}]
    ours = entry("m", model_id=id_of_name("m"), rpm=5)
    backend.litellm.entries = [ours, entry("m", model_id="made-in-the-ui", rpm=9)]
    answer = backend.predicted_then_done(backend.sync, models=models)
    assert backend.row("m")["rpm"] == 5
    connection = backend.connect()
    run_backend_sync(connection, backend.litellm.entries)
    connection.close()
    assert backend.row("m")["rpm"] == 9
    answer = backend.predicted_then_done(backend.sync, models=models)
    assert (backend.row("m")["rpm"], backend.row("m")["litellm_model_id"]) == (5, id_of_name("m"))
    assert f"not in the list (made-in-the-ui). Its row shows {id_of_name('m')}" in str(answer["warnings"])


@pytest.mark.parametrize("conflict", ["merge", "database_wins"])
def test_what_people_wrote_outlasts_a_start_of_the_backend(backend: Backend, conflict: str) -> None:
    backend.litellm.entries = [entry("m", info=FULL_INFO)]
    connection = backend.connect()
    run_backend_sync(connection, backend.litellm.entries)
    backend.postgres.sql("UPDATE models SET name = 'Ours', category = 'Chat', provider = 'us'", backend.database)
    backend.sync(conflict_resolution=conflict)
    assert run_backend_sync(connection, backend.litellm.entries) == []
    connection.close()
    assert [backend.row("m")[column] for column in ("name", "category", "provider")] == ["Ours", "Chat", "us"]


def test_a_group_that_the_list_has_as_a_whole_is_put_right_once_after_the_backends_sync(backend: Backend) -> None:
    """The backend writes such a row at each of its syncs; between two of them our runs are quiet. A warning names all ids."""
    backend.litellm.entries = [entry("m", model_id="x", api_base="http://x"), entry("m", "azure/m", "y", api_base="http://y")]
    models = [{"model_name": "m", "model_id": one, "provider": "ours", "category": "c", "display_name": "M"} for one in ("x", "y")]
    backend.predicted_then_done(backend.sync, models=models, conflict_resolution="merge")
    for _start in range(2):
        connection = backend.connect()
        run_backend_sync(connection, backend.litellm.entries)
        connection.close()
        assert backend.row("m")["provider"] == "azure"
        answer = backend.predicted_then_done(backend.sync, models=models, conflict_resolution="merge")
        assert answer["models"][0]["action"] == "updated"
        assert backend.row("m")["provider"] == "ours"
        assert "m: LiteLLM has several deployments of it (x, y), and LiteMaaS has one row, which shows y." in str(answer["warnings"])


def test_the_words_of_the_list_come_back_in_a_merge(backend: Backend) -> None:
    """What a model of the list was made with, LiteLLM keeps; the backend writes over it with any change of the model."""
    kept = {"litemaas_category": "general", "litemaas_provider": "openshift-ai", "litemaas_display_name": "Ours"}
    backend.litellm.entries = [entry("m", info={**FULL_INFO, **kept})]
    backend.sync(conflict_resolution="merge")
    backend.litellm.entries[0]["litellm_params"]["rpm"] = 61
    connection = backend.connect()
    assert run_backend_sync(connection, backend.litellm.entries) == ["m"]
    assert backend.row("m")["category"] == "Language Model"
    backend.predicted_then_done(backend.sync, conflict_resolution="merge")
    assert [backend.row("m")[column] for column in ("name", "category", "provider")] == ["Ours", "general", "openshift-ai"]
    assert run_backend_sync(connection, backend.litellm.entries) == []
    connection.close()


def test_only_what_differs_is_written(backend: Backend) -> None:
    backend.litellm.entries = [entry("a", rpm=5), entry("b", rpm=5)]
    backend.sync()
    backend.postgres.sql("UPDATE models SET description = 'Person''s', encrypted_api_key = 'demo' WHERE id = 'a'", backend.database)
    before = {name: backend.row(name) for name in "ab"}
    backend.litellm.entries[0]["litellm_params"]["rpm"] = 6
    answer = backend.predicted_then_done(backend.sync)
    assert answer["diff"]["before"] == {"a": {"rpm": 5}}
    assert answer["diff"]["after"] == {"a": {"rpm": 6}}
    after = {name: backend.row(name) for name in "ab"}
    assert after["b"] == before["b"]
    assert after["a"]["updated_at"] > before["a"]["updated_at"]
    differing = {column for column in after["a"] if after["a"][column] != before["a"][column]}
    assert differing == {"rpm", "updated_at", "metadata"}


def test_the_list_wins(backend: Backend) -> None:
    backend.litellm.entries = [entry("m")]
    models = [{"model_name": "m", "display_name": "M 100% 'q'", "description": "Ünï %s \\ {0}", "restricted_access": True}]
    backend.predicted_then_done(backend.sync, models=models)
    row = backend.row("m")
    assert (row["name"], row["description"], row["category"]) == ("M 100% 'q'", "Ünï %s \\ {0}", "general")
    assert (row["provider"], row["restricted_access"]) == ("openshift-ai", True)
    assert backend.predicted_then_done(backend.sync, models=models)["changed"] is False


def test_an_audit_row_for_a_change_only(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWX_JOB_ID", "42")
    backend.litellm.entries = [entry("m")]
    backend.sync()
    backend.sync()
    rows = backend.postgres.sql("SELECT action, success, metadata FROM audit_logs", backend.database)
    assert [row[:2] for row in rows] == [["MODELS_SYNC", "t"]]
    metadata = json.loads(rows[0][2])
    assert (metadata["newModelNames"], metadata["by"]["job_id"]) == (["m"], "42")


def test_a_sync_that_fails_is_in_the_audit_log(backend: Backend) -> None:
    """Also where no model changed, whatever the message holds, and a good run after it writes nothing."""
    backend.litellm.entries = [entry("m"), entry("bad\x00name"), *(entry("x" * 300 + str(number)) for number in range(10))]
    backend.sync()
    answer = backend.predicted_then_done(backend.sync)
    assert (answer["changed"], answer["success"], len(answer["errors"])) == (False, False, 11)
    rows = backend.postgres.sql("SELECT success, length(error_message), metadata FROM audit_logs ORDER BY created_at", backend.database)
    assert [row[0] for row in rows] == ["f", "f"]
    assert 0 < int(rows[1][1]) <= 5100
    metadata = json.loads(rows[1][2])
    assert (metadata["failedModels"], metadata["newModels"], metadata["planChecksum"]) == (11, 0, answer["plan_checksum"])
    backend.litellm.entries = [entry("m")]
    assert backend.sync()["success"] is True
    assert backend.column("SELECT count(*) FROM audit_logs") == ["2"]


def test_the_checksum_is_that_of_the_plan(backend: Backend) -> None:
    backend.litellm.entries = [entry("m", rpm=5), entry("n")]
    first = backend.predicted_then_done(backend.sync)["plan_checksum"]
    backend.postgres.sql("UPDATE models SET rpm = 4 WHERE id = 'm'", backend.database)
    second = backend.predicted_then_done(backend.sync)["plan_checksum"]
    backend.postgres.sql("UPDATE models SET rpm = 4 WHERE id = 'm'", backend.database)
    backend.litellm.entries[0]["litellm_params"]["rpm"] = 6
    third = backend.sync(check=True)["plan_checksum"]
    backend.litellm.entries[0]["litellm_params"]["rpm"] = 5
    assert backend.sync(check=True)["plan_checksum"] == second
    assert len({first, second, third}) == 3


def test_the_cascade_hits_only_keys_that_lost_the_model(backend: Backend, seeder: litemaas.Seeder) -> None:
    backend.litellm.entries = [entry("stays")]
    backend.sync()
    seeder.models(["gone", "gone too"])
    people = seeder.users(3)
    subscriptions = seeder.subscriptions(people, ["gone", "stays"])
    seeder.subscriptions(people[:1], ["gone too"], status="suspended")
    [only_gone] = seeder.api_keys(people[:1], ["gone", "gone too"])
    [both] = seeder.api_keys(people[1:2], ["gone", "stays"])
    [never_had_one] = seeder.api_keys(people[2:])
    [off_already] = seeder.api_keys(people[2:], ["gone"], is_active=False)
    refused = backend.sync(check=True)
    assert refused["changed"] is False
    answer = backend.predicted_then_done(backend.sync, mark_unavailable=True)
    assert answer["unavailable_models"] == 2
    assert answer["cascade_statistics"] == {
        "models_marked_unavailable": 2, "subscriptions_deactivated": 3, "api_key_models_removed": 4, "api_keys_deactivated": 1,
    }  # fmt: skip
    active = {row[0]: row[1] for row in backend.postgres.sql("SELECT id, is_active FROM api_keys", backend.database)}
    assert active == {only_gone["id"]: "f", both["id"]: "t", never_had_one["id"]: "t", off_already["id"]: "f"}
    statuses = backend.postgres.sql(
        "SELECT model_id, status, count(*), max(status_reason) FROM subscriptions GROUP BY 1, 2 ORDER BY 1", backend.database
    )
    assert [row[:3] for row in statuses] == [["gone", "inactive", "3"], ["gone too", "suspended", "1"], ["stays", "active", "3"]]
    history = backend.column("SELECT subscription_id FROM subscription_status_history WHERE new_status = 'inactive'")
    assert sorted(history) == sorted(row["id"] for row in subscriptions if row["model_id"] == "gone")
    audit = backend.postgres.sql(
        "SELECT resource_id, resource_type, success, metadata->'cascadeStatistics'->>'subscriptionsDeactivated', "
        "created_at = (SELECT max(updated_at) FROM models WHERE id = 'gone') FROM audit_logs "
        "WHERE action = 'MODEL_MARKED_UNAVAILABLE_WITH_CASCADE' ORDER BY 1", backend.database)  # fmt: skip
    assert audit == [["gone", "MODEL", "t", "3", "t"], ["gone too", "MODEL", "t", "0", "t"]]
    assert backend.predicted_then_done(backend.sync, mark_unavailable=True)["changed"] is False


def test_a_model_that_returns(backend: Backend, seeder: litemaas.Seeder) -> None:
    backend.litellm.entries = [entry("m"), entry("other")]
    backend.sync()
    backend.litellm.entries = [entry("other")]
    backend.sync(mark_unavailable=True)
    assert backend.row("m")["availability"] == "unavailable"
    backend.litellm.entries = [entry("m", model_id="made anew"), entry("other")]
    answer = backend.predicted_then_done(backend.sync)
    assert answer["diff"]["after"] == {"m": {"availability": "available", "litellm_model_id": "made anew"}}


def test_without_proof_additions_go_through_and_removals_do_not(backend: Backend, seeder: litemaas.Seeder) -> None:
    seeder.models(["gone"])
    people = seeder.users(2)
    seeder.subscriptions(people, ["gone"])
    backend.litellm.entries = [entry("new")]
    backend.litellm.against = [{"code": "disagreeing", "message": "two reads differ"}]
    answer = backend.predicted_then_done(backend.sync, mark_unavailable=True, force=True)
    assert answer["failed"] is True
    assert actions(answer) == {"new": "created", "gone": "failed"}
    assert (answer["failure"]["code"], answer["unavailable_models"], answer["new_models"]) == ("refused", 0, 1)
    assert answer["failure"]["details"]["affected"][0]["users"] == 2
    assert "two reads differ" in answer["msg"]
    assert backend.row("gone")["availability"] == "available"


def test_an_empty_litellm_retires_nothing(backend: Backend, seeder: litemaas.Seeder) -> None:
    seeder.models(["a", "b"])
    before = backend.dump()
    answer = backend.predicted_then_done(backend.sync, mark_unavailable=True)
    assert (answer["failed"], answer["changed"]) == (True, False)
    assert dict(backend.dump(), audit_logs=[]) == before
    [row] = backend.postgres.sql("SELECT action, success, error_message, metadata FROM audit_logs", backend.database)
    assert row[:2] == ["MODELS_SYNC", "f"]
    assert "no model at all" in row[2]
    assert json.loads(row[3])["planChecksum"] == answer["plan_checksum"]
    assert backend.predicted_then_done(backend.sync, mark_unavailable=True, allow_empty=True)["unavailable_models"] == 2


def test_what_litellm_has_saved_or_cannot_tell_is_not_retired(backend: Backend, seeder: litemaas.Seeder) -> None:
    seeder.models(["gone", "saved"])
    backend.postgres.sql("UPDATE models SET litellm_model_id = 'id-' || id", backend.database)
    backend.litellm.entries = [entry("new")]
    backend.litellm.mute = ProxyUnavailable("HTTP 500")
    answer = backend.sync(mark_unavailable=True, force=True)
    assert actions(answer) == {"new": "created", "gone": "failed", "saved": "failed"}
    assert [one["code"] for one in answer["failure"]["details"]["reasons"]] == ["lookup_failed"]
    assert backend.column("SELECT success FROM audit_logs WHERE action = 'MODELS_SYNC'") == ["f"]
    backend.litellm.mute, backend.litellm.saved = None, {"saved"}
    answer = backend.sync(mark_unavailable=True)
    assert actions(answer) == {"new": "unchanged", "gone": "retired", "saved": "skipped"}
    assert (backend.row("gone")["availability"], backend.row("saved")["availability"]) == ("unavailable", "available")


def test_a_failure_in_the_middle_rolls_everything_back(backend: Backend, seeder: litemaas.Seeder) -> None:
    seeder.models(["gone", "old"])
    people = seeder.users(2)
    seeder.subscriptions(people, ["gone"])
    seeder.api_keys(people, ["gone"])
    backend.litellm.entries = [entry("new"), entry("old", rpm=7)]
    backend.postgres.sql(
        "CREATE FUNCTION no_audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'disk full'; END $$;"
        "CREATE TRIGGER no_audit BEFORE INSERT ON audit_logs FOR EACH ROW EXECUTE FUNCTION no_audit()", backend.database)  # fmt: skip
    before = backend.dump()
    try:
        answer = backend.sync(mark_unavailable=True)
    finally:
        backend.postgres.sql("DROP FUNCTION no_audit CASCADE", backend.database)
    assert answer["failed"] is True
    assert (answer["failure"]["code"], answer["changed"]) == ("database_error", False)
    assert "disk full" in answer["msg"]
    assert "Nothing was changed" in answer["msg"]
    assert backend.dump() == before


BAD = [
    ({"max_tokens": 2**31}, {}, "larger than 2147483647"),
    ({"input_cost_per_token": 123456.0}, {}, "more than 5 digits"),
    ({"input_cost_per_token": float("nan")}, {}, "not finite"),
    ({}, {"api_base": "x" * 501}, "at most 500 fit"),
    ({}, {"custom_llm_provider": "x" * 101}, "at most 100 fit"),
    ({}, {"rpm": "fast"}, "must be a whole number"),
    ({"note": "a\x00b"}, {}, "NUL"),
    ({"note": "\ud800"}, {}, "Unicode"),
]


@pytest.mark.parametrize(("info", "params", "part"), BAD)
def test_a_value_that_does_not_fit(backend: Backend, info: dict, params: dict, part: str) -> None:
    backend.litellm.entries = [entry("bad"), entry("good")]
    backend.sync()
    before = backend.row("bad")
    backend.litellm.entries = [entry("bad", info=info, **params), entry("good", rpm=5)]
    answer = backend.predicted_then_done(backend.sync)
    assert (answer["failed"], answer["changed"], answer["success"]) == (True, True, False)
    assert answer["errors"][0].startswith("Model validation failed for bad: ")
    assert part in answer["errors"][0]
    assert backend.row("bad") == before
    assert backend.row("good")["rpm"] == 5


NAMES = ["it's", 'a "b"', "a/b/c", "100% %s", "a b", "é中文😀", "'); DROP TABLE models;--", "\\", "{0}", "x" * 255, "\t", "a\nb"]


def test_any_name(backend: Backend) -> None:
    backend.litellm.entries = [entry(name, model_id=str(number)) for number, name in enumerate(NAMES)]
    backend.predicted_then_done(backend.sync)
    assert sorted(json.loads(backend.one("SELECT json_agg(id) FROM models")[0])) == sorted(NAMES)
    assert backend.sync()["changed"] is False
    backend.litellm.entries = [entry("other")]
    answer = backend.predicted_then_done(backend.cleanup, force=True)
    # LiteLLM cannot be asked for a name with a line break.
    assert sorted(answer["deleted"]) == sorted(name for name in NAMES if "\n" not in name)


def test_the_number_of_statements_does_not_depend_on_the_number_of_models(backend: Backend, seeder: litemaas.Seeder) -> None:
    counts = []
    for size in (1, 150):
        litemaas.truncate(backend.postgres, backend.database)
        changed = [entry(f"changed-{n}") for n in range(size)]
        backend.litellm.entries = [*changed, *(entry(f"gone-{n}") for n in range(size))]
        backend.sync()
        seeder.subscriptions(seeder.users(1), [f"gone-{n}" for n in range(size)])
        for one in changed:
            one["litellm_params"]["rpm"] = 9
        backend.litellm.entries = [*changed, *(entry(f"new-{n}") for n in range(size))]
        with backend.postgres.recorded_statements(backend.database) as statements:
            answer = backend.sync(mark_unavailable=True, force=True)
        assert (answer["new_models"], answer["updated_models"], answer["unavailable_models"]) == (size, size, size)
        counts.append(len(statements))
    # BEGIN, settings and lock, columns, rows, usage, what is given, merge, retire, audit, COMMIT
    assert counts == [10, 10]


def test_an_older_backend(backend: Backend, older_database_url: str) -> None:
    backend.database = "litemaas_older_db"
    litemaas.truncate(backend.postgres, backend.database)
    backend.url = older_database_url
    seeder = litemaas.Seeder(backend.postgres, backend.database)
    seeder.models(["gone"])
    seeder.subscriptions(seeder.users(1), ["gone"])
    backend.litellm.entries = [entry("m", rpm=5)]
    answer = backend.sync(mark_unavailable=True)
    assert (answer["new_models"], answer["cascade_statistics"]["subscriptions_deactivated"]) == (1, 1)
    assert "restricted_access" in str(answer["warnings"])
    assert backend.sync(mark_unavailable=True)["changed"] is False


def test_conflicting_rows_of_somebody_else(backend: Backend) -> None:
    """A row that is added between our read and our write is reported, and the others are done."""
    backend.litellm.entries = [entry("a"), entry("b")]
    reading = backend.litellm.read()

    def read_late() -> object:
        return reading

    backend.litellm.read = read_late  # type: ignore[method-assign, assignment]
    backend.postgres.sql(
        "CREATE FUNCTION race() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.id = 'a' THEN RETURN NULL; END IF; RETURN NEW; END $$;"
        "CREATE TRIGGER race BEFORE INSERT ON models FOR EACH ROW EXECUTE FUNCTION race()", backend.database)  # fmt: skip
    try:
        answer = backend.sync()
    finally:
        backend.postgres.sql("DROP FUNCTION race CASCADE", backend.database)
    assert actions(answer) == {"a": "failed", "b": "created"}
    assert answer["failed"] is True
    assert backend.column("SELECT id FROM models") == ["b"]


def test_no_secret_in_the_database_or_the_output(backend: Backend) -> None:
    secret = "demo-upstream-secret-not-real"
    backend.litellm.entries = [entry("m", api_key=secret, extra_headers={"Authorization": secret, "X-Team": "a"})]
    answer = backend.sync(models=[{"model_name": "m", "api_key": "demo-list-secret-not-real", "secret_params": {"x": "demo-param-secret"}}])
    metadata = backend.row("m")["metadata"]
    assert metadata["litellm_params"]["extra_headers"] == {"X-Team": "a"}
    everything = answer["raw"] + str(backend.dump())
    for text in (
        secret,
        "demo-list-secret-not-real",
        "demo-param-secret",
        backend.postgres.url(LITEMAAS_DATABASE),
        "demo-password-not-real",
    ):
        assert text not in everything


def test_texts_that_a_copy_must_escape(backend: Backend) -> None:
    odd = "a\tb\nc\r\\N \\. \\x41 {\"d\",'e'} \u00e9"
    backend.litellm.entries = [entry(odd, info={"odd": [odd, {odd: None}]}, api_base=odd), entry("\\N"), entry("\\.")]
    answer = backend.predicted_then_done(backend.sync, models=[{"model_name": odd, "description": odd, "litellm_model": "openai/m"}])
    assert (answer["new_models"], answer["errors"]) == (3, [])
    row = backend.row(odd)
    assert (row["id"], row["description"], row["api_base"]) == (odd, odd, odd)
    assert row["metadata"]["litellm_model_info"]["odd"] == [odd, {odd: None}]
    assert backend.sync(models=[{"model_name": odd, "description": odd, "litellm_model": "openai/m"}])["changed"] is False
    assert backend.sync(models=[{"model_name": odd, "description": "other", "litellm_model": "openai/m"}])["updated_models"] == 1
