# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""litemaas_orphan_cleanup and litemaas_model_sync: what a real LiteLLM has saved and does not serve is no orphan."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.litemaas.models.plugins.modules import litemaas_model_sync, litemaas_orphan_cleanup
from tests.integration.test_litellm_model import GRANITE, connection, manage
from tests.support.modules import run_module
from tests.support.stack import LITEMAAS_DATABASE, Stack

pytestmark = [pytest.mark.litellm, pytest.mark.postgres]


def on_both(stack: Stack, **options: Any) -> dict[str, Any]:
    options = dict(connection(stack), database_url=stack.database_url, **options)
    del options["wait_timeout"]
    return options


def availability(stack: Stack) -> dict[str, str]:
    return {row[0]: row[1] for row in stack.postgres.sql("SELECT id, availability FROM models ORDER BY id", LITEMAAS_DATABASE)}


@pytest.fixture
def unserved(clean_stack: Stack) -> Stack:
    """A model that is in LiteLLM's table only, one that it serves, one that it does not have, and a row of each."""
    answer = manage(clean_stack, [dict(GRANITE, extra_params={"dataSources": "wrong"}), dict(GRANITE, model_name="served")], wait_timeout=1)
    ids = {line["model_name"]: line["model_id"] for line in answer["models"]} | {"gone": "no-such-id"}
    for name, model_id in ids.items():
        clean_stack.postgres.sql(
            f"INSERT INTO models (id, name, provider, litellm_model_id) VALUES ('{name}', '{name}', 'openai', '{model_id}')",
            LITEMAAS_DATABASE,
        )
    return clean_stack


@pytest.mark.each_litellm
def test_the_cleanup_deletes_only_what_litellm_does_not_have_at_all(unserved: Stack) -> None:
    answer = run_module(litemaas_orphan_cleanup.main, on_both(unserved))
    assert answer["deleted"] == ["gone"]
    assert availability(unserved) == {"granite": "available", "served": "available"}
    assert not run_module(litemaas_orphan_cleanup.main, on_both(unserved))["changed"]


@pytest.mark.each_litellm
def test_the_sync_retires_only_what_litellm_does_not_have_at_all(unserved: Stack) -> None:
    answer = run_module(litemaas_model_sync.main, on_both(unserved, mark_unavailable=True))
    assert answer["unavailable_models"] == 1, answer
    rows = availability(unserved)
    assert rows.pop("config-file-model") == "available", "the proxy's other model came with the pull"
    assert rows == {"gone": "unavailable", "granite": "available", "served": "available"}
    assert not run_module(litemaas_model_sync.main, on_both(unserved, mark_unavailable=True))["changed"]


def test_what_was_given_as_a_secret_is_not_in_the_row(clean_stack: Stack) -> None:
    entry = dict(
        GRANITE,
        secret_params={"odd": "odd-not-real", "extra_headers": {"X-Foo": "foo-not-real"}},
        extra_params={
            "headers_list": [{"name": "Authorization", "value": "list-not-real"}],
            "clientSecret": "camel-not-real",
            "max_retries": 2,
        },
    )
    assert not manage(clean_stack, [entry]).get("failed")
    answer = run_module(litemaas_model_sync.main, on_both(clean_stack, models=[entry]))
    assert not answer.get("failed"), answer
    metadata = clean_stack.postgres.sql("SELECT metadata::text FROM models WHERE id = 'granite'", LITEMAAS_DATABASE)[0][0]
    assert "max_retries" in metadata
    assert "not-real" not in metadata
    assert "not-real" not in answer["raw"]
