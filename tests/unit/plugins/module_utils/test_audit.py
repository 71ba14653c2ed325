# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of the audit log, and the checksum of a plan."""

from __future__ import annotations

import copy
import dataclasses
import datetime
import os
import pwd
import re
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import Refused
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.audit import (
    removal_records,
    restore_records,
    sync_record,
)
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.catalogue import to_json
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.outcome import Outcome, plan_checksum
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import Change, Permission, Plan, Restoration, Usage
from ansible_collections.litemaas.models.plugins.module_utils._run.job import VERSION, os_user, started_by

NOW = datetime.datetime(2026, 11, 21, 8, 0, 0, 5000, tzinfo=datetime.timezone.utc)
GALAXY = Path(__file__).resolve().parents[4] / "galaxy.yml"


def test_the_version_is_the_collections():
    assert yaml.safe_load(GALAXY.read_text(encoding="utf-8"))["version"] == VERSION


def test_who_started_it(monkeypatch):
    assert started_by({}) == {"collection": "litemaas.models", "version": VERSION, "os_user": pwd.getpwuid(os.geteuid()).pw_name}
    known = started_by({"JOB_ID": "7", "AWX_JOB_ID": "", "AWX_JOB_TEMPLATE_NAME": "Models", "TOWER_USER_NAME": "ada\x00" + "a" * 300})
    assert (known["job_id"], known["job_template"], len(known["user"]), "\x00" in known["user"]) == ("7", "Models", 255, False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000770000)
    assert os_user() == "uid 1000770000"


def retired(name, restricted=False):
    return Change(name, "retired", "", {"availability": "unavailable"}, {"availability": "available"}, Usage(1, 1), restricted)


def outcome(plan, refusal=None, effects=()):
    return Outcome(plan, refusal, {}, "abc", effects)


def test_a_removal_keeps_all_that_a_restore_needs():
    plan = Plan(changes=[retired("a", True)])
    effects = [*(("subscription", "a", f"s{n}") for n in range(5000)), *(("association", "a", f"k{n}") for n in range(5000))]
    [record] = removal_records(outcome(plan, effects=[*effects, ("key", None, "k7")]), started_by({}), NOW)
    metadata = record["metadata"]
    assert (len(metadata["subscriptions"]), len(metadata["apiKeys"]), metadata["apiKeysDeactivated"]) == (5000, 5000, ["k7"])
    assert (metadata["restrictedAccess"], metadata["by"]["collection"]) == (True, "litemaas.models")


def test_a_restore():
    restoration = Restoration("a", NOW, ["r1"], [{"id": "s1", "version": "v"}], ["k2", "k1"], [{"id": "k1", "version": "v"}])
    [record] = restore_records(outcome(Plan(restored=[restoration])), {"user": "ada"}, NOW)
    assert (record["action"], record["resource_type"], record["resource_id"]) == ("MODEL_RESTORED_WITH_CASCADE", "MODEL", "a")
    assert record["metadata"] == {
        "modelId": "a",
        "cascadeStatistics": {"subscriptionsReactivated": 1, "apiKeyModelAssociationsRestored": 2, "apiKeysReactivated": 1},
        "operation": "model_restore",
        "timestamp": "2026-11-21T08:00:00.005Z",
        "retirements": ["r1"],
        "subscriptions": ["s1"],
        "apiKeys": ["k1", "k2"],
        "apiKeysReactivated": ["k1"],
        "by": {"user": "ada"},
    }


def test_the_record_of_a_sync_has_limits():
    plan = Plan(errors=[f"bad\x00\ud800{n}" + "x" * 5000 for n in range(300)])
    record = sync_record(outcome(plan, Refused("Refused " + "y" * 5000, reason="because")), started_by({}), NOW)
    assert (record["metadata"]["failedModels"], len(record["metadata"]["errors"]), record["success"]) == (300, 100, False)
    # The refusal is the last failure, and the one that must be seen.
    assert record["error_message"].endswith("y...")
    assert "Refused" in record["error_message"]
    text = to_json(record)
    assert len(text) < 120_000
    assert not re.search(r"\\u0000|\\ud800", text)
    assert record["metadata"]["planChecksum"] == "abc"
    assert all(len(record[column]) <= limit for column, limit in (("action", 100), ("resource_type", 50)))


def plan(**changes):
    sample = Plan(
        changes=[
            Change("new", "created", "", {"id": "new", "input_cost_per_token": Decimal("1.5e-7"), "metadata": {"at": "today"}}),
            Change("old", "updated", "", {"rpm": 6, "tpm": 1, "metadata": {}}, {"rpm": 5}),
            Change("same", "unchanged"),
            retired("gone"),
        ],
        restored=[Restoration("back", NOW, ["r1"], [{"id": "s2", "version": "v"}, {"id": "s1", "version": "v"}])],
    )
    return dataclasses.replace(sample, **changes)


def test_the_checksum_of_a_plan():
    first = plan()
    assert re.fullmatch("[0-9a-f]{64}", plan_checksum(first))
    # Not times, nor what is no reason to write.
    later = copy.deepcopy(first)
    later.changes[0].columns["metadata"] = {"at": "tomorrow"}
    later.changes[1].columns["tpm"] = 2
    later.changes[2] = dataclasses.replace(later.changes[2], reason="other words")
    later.changes.append(Change("one more", "unchanged"))
    later.restored[0] = dataclasses.replace(later.restored[0], retired_at=NOW + datetime.timedelta(days=1))
    later.restored[0].subscriptions.reverse()
    assert plan_checksum(later) == plan_checksum(first)


@pytest.mark.parametrize(
    "damage",
    [
        lambda p: p.changes[0].columns.update(input_cost_per_token=Decimal("1.6e-7")),
        lambda p: p.changes[1].columns.update(rpm=7),
        lambda p: p.changes.pop(),
        lambda p: p.changes.__setitem__(3, dataclasses.replace(p.changes[3], usage=Usage(1, 2))),
        lambda p: p.changes.__setitem__(slice(None), Permission(p).refusing(Refused("no", reason="because")).allowed.changes),
        lambda p: p.restored[0].subscriptions.pop(),
        lambda p: p.restored.clear(),
    ],
)
def test_another_plan_has_another_checksum(damage):
    other = plan()
    damage(other)
    assert plan_checksum(other) != plan_checksum(plan())


def test_any_name_has_a_checksum():
    assert plan_checksum(Plan(changes=[Change("\ud800\x00", "created", "", {"id": "x"})]))
