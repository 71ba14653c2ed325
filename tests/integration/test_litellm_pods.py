# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two pods of one LiteLLM: the one that is asked may not know yet what the other one wrote."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.litemaas.models.plugins.modules import litellm_model
from tests.integration.test_litellm_model import GRANITE, connection, rows_of
from tests.support.litellm import LiteLLMProxy, ProxyOptions
from tests.support.modules import run_module
from tests.support.stack import Stack

pytestmark = [pytest.mark.litellm, pytest.mark.slow]

# LiteLLM reads its database every 30 seconds, plus or minus some.
WAIT_S = 90


@pytest.fixture(scope="module")
def pods(stack: Stack) -> Iterator[tuple[Stack, LiteLLMProxy]]:
    """The stack, and a second pod on its database."""
    other = stack.start_proxy("other-pod", ProxyOptions(version=stack.proxy.options.version, reload_interval_s=5))
    yield stack, other
    stack.stop_proxy("other-pod")


def manage(stack: Stack, url: str, *entries: dict[str, Any], **options: Any) -> dict[str, Any]:
    answer = run_module(litellm_model.main, dict(connection(stack, url), models=list(entries), **{"wait_timeout": WAIT_S, **options}))
    assert not answer.get("failed"), answer
    return answer


def test_what_the_other_pod_wrote_is_waited_for_and_not_made_twice(pods: tuple[Stack, LiteLLMProxy], clean_litellm: Stack) -> None:
    stack, other = pods
    manage(stack, stack.litellm_url, GRANITE)
    answer = manage(stack, other.url, GRANITE)
    assert rows_of(stack, "granite") == 1
    assert not manage(stack, other.url, GRANITE)["changed"]

    # A change of what only model_info and the name hold: pods of LiteLLM 1.81 take it over only together with a parameter.
    changed = dict(GRANITE, model_id=answer["models"][0]["model_id"], display_name="Shown", model_name="renamed")
    manage(stack, stack.litellm_url, changed)
    wait_until_shown(other, "renamed", "Shown")
    assert not manage(stack, stack.litellm_url, changed)["changed"]
    assert not manage(stack, other.url, changed)["changed"]
    assert rows_of(stack, "renamed") == 1


def wait_until_shown(pod: LiteLLMProxy, model_name: str, display_name: str) -> None:
    """Read, and write nothing, until the pod shows a model under its new names."""
    end = time.monotonic() + WAIT_S
    shown: list[tuple[str, Any]] = []
    while (model_name, display_name) not in shown:
        assert time.monotonic() < end, shown
        time.sleep(1)
        _status, answer = pod.request("GET", "/v2/model/info")
        shown = [(row["model_name"], row["model_info"].get("litemaas_display_name")) for row in answer["data"]]
