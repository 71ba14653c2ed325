# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the database tells about syncs, from rows that somebody else may have written."""

from __future__ import annotations

import datetime
import json

from ansible_collections.litemaas.models.plugins.module_utils._litemaas.sync_info import history, integrity, last_sync, totals

NOW = datetime.datetime(2026, 11, 21, 8, 0, 0, tzinfo=datetime.timezone.utc)
NO_NUMBERS = dict.fromkeys(("subscriptions", "active_subscriptions", "api_keys", "active_api_keys", "without_models"), 0)
OVERVIEW = {**NO_NUMBERS, "on_unavailable": []}


def record(action="MODELS_SYNC", metadata=None, **columns):
    return {
        "id": "r",
        "action": action,
        "model_name": None,
        "success": True,
        "at": NOW,
        "error": None,
        "metadata": metadata or {},
        **columns,
    }


def test_only_known_fields_of_known_types_are_shown():
    wrong = {"totalModels": "demo", "newModels": 2, "errors": [{"x": "demo"}, "a sentence"], "planChecksum": ["demo"], "by": {"user": 5}}
    log = [
        record("MODEL_MARKED_UNAVAILABLE_WITH_CASCADE", {"cascadeStatistics": {"x": "demo"}, "by": "demo"}, model_name="m", success=None),
        record(metadata=wrong),
    ]
    assert "demo" not in json.dumps(history(log, 5))
    retired, sync = history(log, 5)
    assert (retired["success"], retired["source"], retired["counts"]) == (True, "backend", {})
    assert (sync["counts"], sync["errors"], sync["plan_checksum"]) == ({"new_models": 2}, ["a sentence"], None)
    assert (last_sync(log), last_sync(log[:1])) == (sync, None)
    assert history(log, 0) == []


def row(**columns):
    known = {
        "name": "M", "provider": "openai", "availability": "available", "backend_model_name": "m", "litellm_model_id": "id",
        "input_cost_per_token": 1, "output_cost_per_token": 0, "features": ["chat"],
    }  # fmt: skip
    return {**known, **columns}


def test_integrity_and_totals():
    rows = {
        "good": row(),
        "embeddings": row(output_cost_per_token=None, features=["embeddings"]),
        "free": row(output_cost_per_token=None, features=None),
        "no state": row(availability=None, provider=""),
        "away": row(availability="unavailable", name=None, litellm_model_id="away", input_cost_per_token=None),
    }
    found = integrity(rows, dict.fromkeys(row(), "text"), OVERVIEW)
    assert found["missing_required"] == [{"model_name": "no state", "missing": ["provider", "availability"]}]
    assert (found["without_prices"], found["litellm_model_id_is_name"]) == (["free"], [])
    counted = totals(rows, OVERVIEW)
    assert (counted["models"], counted["available"], counted["unavailable"]) == (5, 3, 2)


def test_a_column_that_an_older_backend_lacks_is_not_missing():
    older = {name: value for name, value in row().items() if name not in ("litellm_model_id", "backend_model_name")}
    assert integrity({"m": older}, dict.fromkeys(older, "text"), OVERVIEW)["missing_required"] == []
