# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LiteLLM is updated in place: the newest version takes over the database of the oldest, for a while beside it.

What a run left before the update is what a run finds after it: ids, secrets, parameters.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.litemaas.models.plugins.modules import litellm_model
from tests.integration.test_litellm_model import connection
from tests.support.fixtures import MODEL_TABLE
from tests.support.litellm import VERSIONS, LiteLLMProxy, ProxyOptions
from tests.support.modules import run_module
from tests.support.stack import LITELLM_DATABASE, Stack

pytestmark = [pytest.mark.litellm, pytest.mark.any_litellm, pytest.mark.slow]

OLD, NEW = VERSIONS[-1], VERSIONS[0]
KEY = "demo-key-not-real"
ENTRIES: list[dict[str, Any]] = [
    {"model_name": "plain", "litellm_model": "openai/x", "api_base": "http://127.0.0.1:9/v1", "api_key": KEY},
    {
        "model_name": "priced",
        "litellm_model": "openai/y",
        "api_base": "http://127.0.0.1:9/v1",
        "api_key": KEY,
        "input_cost_per_token": 1e-6,
    },
    {
        "model_name": "rich",
        "litellm_model": "azure/z",
        "api_base": "https://z.example.com",
        "api_key": KEY,
        "display_name": "Rich",
        "context_length": 8192,
        "supports_vision": True,
        "rpm": 10,
        "tpm": 1000,
        "api_version": "2024-06-01",
        "base_model": "azure/gpt-4o",
        "tags": ["batch"],
        "extra_params": {"mock_response": "hello"},
        "secret_params": {"azure_ad_token": KEY},
        "extra_info": {"owner": "platform"},
    },
]


@pytest.fixture(scope="module")
def updating(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """An installation of the oldest version, of its own: what happens to its tables concerns nobody else."""
    options = ProxyOptions(reload_interval_s=5)
    with Stack(tmp_path_factory.mktemp("updated"), OLD, proxy=options) as stack:
        yield stack


def manage(stack: Stack, pod: LiteLLMProxy, entries: list[dict[str, Any]], **options: Any) -> dict[str, Any]:
    answer = run_module(litellm_model.main, dict(connection(stack, pod.url), models=entries, wait_timeout=90, **options))
    assert not answer.get("failed"), answer["msg"]
    return answer


def unchanged(stack: Stack, pod: LiteLLMProxy, entries: list[dict[str, Any]]) -> None:
    answer = manage(stack, pod, entries)
    assert not answer["changed"], answer["models"]


def ids(stack: Stack) -> dict[str, str]:
    return dict(stack.postgres.sql(f"SELECT model_name, model_id FROM {MODEL_TABLE}", LITELLM_DATABASE))


def test_an_update_in_place_changes_nothing(updating: Stack) -> None:
    old_pod = updating.proxy
    manage(updating, old_pod, ENTRIES)
    unchanged(updating, old_pod, ENTRIES)
    before = ids(updating)

    new_pod = updating.start_proxy("new-pod", ProxyOptions(version=NEW, reload_interval_s=5), updates=True)
    unchanged(updating, new_pod, ENTRIES)
    unchanged(updating, old_pod, ENTRIES)
    assert ids(updating) == before

    # While both serve, each takes over what the other wrote, once it has read it.
    changed = [dict(ENTRIES[0], rpm=7), dict(ENTRIES[1], api_key="another-demo-key-not-real"), ENTRIES[2]]
    assert {name for name, action in actions(manage(updating, new_pod, changed)).items() if action == "updated"} == {"plain", "priced"}
    wait_until_both_show((old_pod, new_pod), 7)
    unchanged(updating, old_pod, changed)
    manage(updating, old_pod, [dict(ENTRIES[0], rpm=8), *ENTRIES[1:]])
    wait_until_both_show((old_pod, new_pod), 8)
    unchanged(updating, new_pod, [dict(ENTRIES[0], rpm=8), *ENTRIES[1:]])
    manage(updating, new_pod, ENTRIES)
    unchanged(updating, new_pod, ENTRIES)

    updating.stop_proxy("litellm")
    unchanged(updating, new_pod, ENTRIES)
    assert ids(updating) == before


def wait_until_both_show(pods: tuple[LiteLLMProxy, LiteLLMProxy], rpm: int) -> None:
    """Read, and write nothing, until two pods show the same of every model, and the given limit of the first one.

    The models are written one after the other, and a pod may read its database in between. LiteLLM 1.81 reads it every 30 s.
    """
    end = time.monotonic() + 120
    while True:
        one, other = (written_by_us(pod) for pod in pods)
        if one == other and one["plain"]["rpm"] == rpm:
            return
        assert time.monotonic() < end, (one, other)
        time.sleep(1)


def written_by_us(pod: LiteLLMProxy) -> dict[str, dict[str, Any]]:
    """Return each model's limit and the collection's own notes, which tell one secret from the next."""
    _status, answer = pod.request("GET", "/v2/model/info")
    return {
        row["model_name"]: {
            "rpm": row["litellm_params"].get("rpm"),
            **{key: value for key, value in row["model_info"].items() if key.startswith("litemaas_")},
        }
        for row in answer["data"]
    }


def actions(answer: dict[str, Any]) -> dict[str, str]:
    return {model["model_name"]: model["action"] for model in answer["models"]}
