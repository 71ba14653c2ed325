# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cascade statistics, audit rows, results and diffs."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import Refused
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.audit import removal_records, sync_record
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.cascade import measured_cascade, predict_cascade
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.catalogue import to_json
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.outcome import Written, carried_out, predicted
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import Change, Permission, Plan, Usage
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.report import (
    cleanup_result,
    difference,
    sync_result,
)
from ansible_collections.litemaas.models.plugins.module_utils._run.job import started_by

NOW = datetime.datetime(2026, 11, 21, 8, 0, 0, 5000, tzinfo=datetime.timezone.utc)
UNAVAILABLE = {"availability": "unavailable"}
AVAILABLE = {"availability": "available"}


def key(name, *models, active=True):
    return {"id": name, "active": active, "models": list(models)}


def retired(name, *keys, subscriptions=0):
    return Change(name, "retired", "", UNAVAILABLE, AVAILABLE, Usage(subscriptions + 1, subscriptions, frozenset("u"), keys))


def test_prediction_and_measurement_say_the_same():
    shared, only_a, also_c, off = key("k1", "a", "b"), key("k2", "a"), key("k3", "b", "c"), key("k4", "a", active=False)
    plan = Plan(changes=[retired("a", shared, only_a, off, subscriptions=2), retired("b", shared, also_c)])
    effects = [
        ("model", "a", None),
        ("model", "b", None),
        ("subscription", "a", "s1"),
        ("subscription", "a", "s2"),
        *[("association", "a", name) for name in ("k1", "k2", "k4")],
        *[("association", "b", name) for name in ("k1", "k3")],
        ("key", None, "k1"),
        ("key", None, "k2"),
    ]
    wanted = {"models_marked_unavailable": 2, "subscriptions_deactivated": 2, "api_key_models_removed": 5, "api_keys_deactivated": 2}
    assert predict_cascade(plan) == wanted
    assert measured_cascade(plan, effects) == wanted
    records = removal_records(carried_out(Permission(plan), Written(effects)), {"job_id": "7"}, NOW)
    assert [record["resource_id"] for record in records] == ["a", "b"]
    metadata = records[0]["metadata"]
    assert metadata["cascadeStatistics"] == {
        "subscriptionsDeactivated": 2,
        "apiKeyModelAssociationsRemoved": 3,
        "orphanedApiKeysDeactivated": 2,
    }
    assert (metadata["operation"], metadata["timestamp"]) == ("model_sync_cascade", "2026-11-21T08:00:00.005Z")
    assert (metadata["subscriptions"], metadata["apiKeysDeactivated"], metadata["by"]) == (["s1", "s2"], ["k1", "k2"], {"job_id": "7"})
    assert records[1]["metadata"]["cascadeStatistics"]["orphanedApiKeysDeactivated"] == 0


def test_a_deleted_model_can_be_read_in_the_audit_log():
    plan = Plan(changes=[Change("a", "deleted", before={"id": "a", "rpm": 5, "metadata": {"x": 1}})])
    record = removal_records(carried_out(Permission(plan), Written([("model", "a", None)])), {}, NOW)[0]
    assert (record["action"], record["old_values"]) == ("MODEL_ORPHAN_DELETED", {"id": "a", "rpm": 5})


def test_who_started_it():
    assert started_by({})["collection"] == "litemaas.models"
    known = started_by({"JOB_ID": "7", "AWX_JOB_TEMPLATE_NAME": "Models", "TOWER_USER_NAME": "ada"})
    assert (known["job_id"], known["job_template"], known["user"]) == ("7", "Models", "ada")


def sample():
    return Plan(
        changes=[
            Change("new", "created", "LiteLLM has it", {"id": "new", "input_cost_per_token": Decimal("1.5e-7"), "metadata": {"a": 1}}),
            Change("old", "updated", "differs in rpm", {"rpm": 6, "tpm": 1, "metadata": {}}, {"rpm": 5}),
            Change("same", "unchanged"),
            retired("gone"),
            Change("bad", "failed", "rpm is wrong"),
        ],
        errors=["Model validation failed for bad: rpm is wrong"],
        total=4,
    )


def test_the_result_of_a_sync():
    result = sync_result(predicted(Permission(sample())), NOW)
    counts = [result[name] for name in ("total_models", "new_models", "updated_models", "unavailable_models")]
    assert counts == [4, 1, 1, 1]
    assert result["counts"] == {"created": 1, "updated": 1, "restored": 0, "retired": 1, "unchanged": 1, "skipped": 0, "failed": 1}
    assert (result["changed"], result["success"], result["failed"]) == (True, False, True)
    assert result["msg"] == "Model validation failed for bad: rpm is wrong"
    assert result["models"][1] == {"model_name": "old", "action": "updated", "reason": "differs in rpm", "changed_fields": ["rpm"]}
    json.dumps(result)


def test_the_diff_has_what_changes_and_not_metadata():
    shown = difference(sample())
    assert shown["before"] == {"old": {"rpm": 5}, "gone": AVAILABLE}
    assert shown["after"] == {"new": {"id": "new", "input_cost_per_token": 1.5e-07}, "old": {"rpm": 6}, "gone": UNAVAILABLE}


def test_a_refusal_fails_the_task_with_the_whole_result():
    refused = Permission(sample()).refusing(Refused("Refused", reason="because", affected=[{"model_name": "gone"}]))
    result = sync_result(predicted(refused), NOW)
    assert result["failure"]["code"] == "refused"
    assert result["unavailable_models"] == 0
    assert result["errors"][-1] == "Refused"
    assert difference(refused.allowed)["before"] == {"old": {"rpm": 5}}


def test_the_audit_row_of_a_sync_limits_its_names():
    plan = Plan(changes=[Change(f"m{n}", "created", columns={"id": "m"}) for n in range(150)], total=150)
    record = sync_record(predicted(Permission(plan)), {}, NOW)
    assert (record["metadata"]["newModels"], len(record["metadata"]["newModelNames"])) == (150, 100)
    assert record["success"] is True


def test_the_result_of_a_cleanup():
    kept = Change("kept", "retired", "2 subscriptions", UNAVAILABLE, AVAILABLE, Usage(2, 1, frozenset("ab"), ()), kept=True)
    plan = Plan(changes=[Change("gone", "deleted", before={"id": "gone", "rpm": 5}), kept])
    result = cleanup_result(predicted(Permission(plan)))
    assert (result["deleted"], result["retired"], result["retained"]) == (["gone"], ["kept"], ["kept"])
    assert result["counts"] == {"deleted": 1, "retired": 1, "unchanged": 0, "skipped": 0, "failed": 0}
    assert result["models"][1]["subscriptions"] == 2
    assert result["diff"]["before"]["gone"] == {"id": "gone", "rpm": 5}


def test_costs_keep_their_digits_on_the_way():
    assert to_json([{"cost": Decimal("0.0000000001")}]) == '[{"cost": "0.0000000001"}]'
