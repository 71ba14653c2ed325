# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""On a real LiteLLM: the backend's own sync, which reads one of its lists, and ours, which reads another, agree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg2
import psycopg2.extras
import pytest

from ansible_collections.litemaas.models.plugins.modules import litemaas_model_sync, litemaas_orphan_cleanup
from tests.support.backend_sync import differences, run_backend_sync
from tests.support.modules import run_module
from tests.support.stack import LITEMAAS_DATABASE, Stack

pytestmark = [pytest.mark.litellm, pytest.mark.postgres, pytest.mark.slow]

MODELS: list[dict[str, Any]] = [
    {
        "model_name": "priced", "litellm_params": {"model": "openai/gpt-4o", "api_key": "demo-not-real", "rpm": 60, "tpm": 1000},
        "model_info": {"id": "id-priced"},
    },
    {
        "model_name": "own prices/with'quote",
        "litellm_params": {
            "model": "openai/granite", "api_base": "http://granite.example.com/v1", "api_key": "demo-not-real",
            "input_cost_per_token": 1.234567e-06, "output_cost_per_token": 0,
        },
        "model_info": {"id": "id-own", "max_tokens": 8192, "supports_vision": True, "supports_function_calling": True},
    },
    {
        "model_name": "embeddings", "litellm_params": {"model": "openai/text-embedding-3-small", "api_key": "demo-not-real"},
        "model_info": {"id": "id-embeddings", "supports_embeddings": True, "supports_tokenize": True},
    },
    {
        "model_name": "headers",
        "litellm_params": {
            "model": "openai/gpt-4o-mini", "api_key": "demo-not-real", "extra_headers": {"Authorization": "demo-header-not-real"},
        },
        "model_info": {"id": "id-headers"},
    },
]  # fmt: skip


@pytest.fixture
def filled(clean_stack: Stack) -> Stack:
    for model in MODELS:
        status, answer = clean_stack.proxy.request("POST", "/model/new", model)
        assert status == 200, answer
    return clean_stack


@pytest.fixture
def connection(filled: Stack) -> Iterator[Any]:
    connection = psycopg2.connect(filled.postgres.url(LITEMAAS_DATABASE))
    yield connection
    connection.close()


def run(stack: Stack, module: Any = litemaas_model_sync, **options: Any) -> dict[str, Any]:
    environment = stack.environ()
    connected = {
        "litellm_url": environment["LITELLM_API_URL"], "litellm_api_key": environment["LITELLM_API_KEY"],
        "database_url": environment["DATABASE_URL"],
    }  # fmt: skip
    return run_module(module.main, {**connected, **options})


def backend_list(stack: Stack) -> list[dict[str, Any]]:
    status, answer = stack.proxy.request("GET", "/model/info")
    assert status == 200
    models: list[dict[str, Any]] = answer["data"]
    return models


def test_ours_then_the_backends(filled: Stack, connection: Any) -> None:
    answer = run(filled)
    assert (answer["success"], answer["new_models"]) == (True, len(backend_list(filled)))
    assert run_backend_sync(connection, backend_list(filled)) == []
    assert run(filled)["changed"] is False


def test_the_backends_then_ours(filled: Stack, connection: Any) -> None:
    assert len(run_backend_sync(connection, backend_list(filled))) >= len(MODELS)
    with connection, connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
        cursor.execute("SELECT * FROM models")
        left = {row["id"]: row for row in cursor.fetchall()}
    entries = {entry["model_name"]: entry for entry in backend_list(filled)}
    answer = run(filled)
    changed = {model["model_name"]: set(model["changed_fields"]) for model in answer["models"] if model["action"] == "updated"}
    # What the backend would write again itself: features, in the order in which it compares them. And a secret that it put into metadata.
    unsettled = {name: differences(left[name], entry) for name, entry in entries.items()}
    assert {"features"} >= set().union(*unsettled.values())
    assert {name: columns - {"metadata"} for name, columns in changed.items() if columns != {"metadata"}} == {
        name: columns for name, columns in unsettled.items() if columns
    }, answer["diff"]
    assert {name for name, columns in changed.items() if "metadata" in columns} <= {"headers"}
    assert run_backend_sync(connection, backend_list(filled)) == []
    assert run(filled)["changed"] is False
    metadata = filled.postgres.sql("SELECT metadata FROM models WHERE id = 'headers'", LITEMAAS_DATABASE)
    assert "demo-header-not-real" not in str(metadata) or not changed


def test_after_an_edit_in_the_admin_page(filled: Stack, connection: Any) -> None:
    """A change in LiteLLM, then the backend's forced sync of everything: whoever is right, neither writes for ever after it."""
    declared = [{"model_name": "own prices/with'quote", "supports_vision": True, "supports_parallel_function_calling": True}]
    run(filled)
    for conflict, edit in (("database_wins", {"supports_tool_choice": True}), ("merge", {"supports_tool_choice": False, "max_tokens": 9})):
        status, answer = filled.proxy.request("PATCH", "/model/id-own/update", {"model_info": {"id": "id-own", **edit}})
        assert status == 200, answer
        assert len(run_backend_sync(connection, backend_list(filled), force=True)) >= len(MODELS)
        answer = run(filled, models=declared, conflict_resolution=conflict)
        written = {model["model_name"]: model.get("changed_fields") for model in answer["models"]}
        # The backend writes them in another order than it compares them in.
        assert "features" in written["own prices/with'quote"], answer["diff"]
        assert run_backend_sync(connection, backend_list(filled)) == [], conflict
        assert run(filled, models=declared, conflict_resolution=conflict)["changed"] is False, conflict
        [row] = filled.postgres.sql(
            "SELECT supports_vision, supports_tool_choice FROM models WHERE litellm_model_id = 'id-own'", LITEMAAS_DATABASE
        )
        assert row == ["t", "t" if edit["supports_tool_choice"] else "f"]


def test_what_is_gone_from_litellm(filled: Stack, connection: Any) -> None:
    run(filled)
    filled.proxy.request("POST", "/model/delete", {"id": "id-priced"})
    answer = run(filled, mark_unavailable=True, force=True)
    assert (answer["success"], answer["unavailable_models"]) == (True, 1)
    answer = run(filled, litemaas_orphan_cleanup, force=True)
    assert answer["deleted"] == ["priced"]
