# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often LiteLLM is asked: what administrators do, counted on a real LiteLLM. A newer version is not asked more often."""

from __future__ import annotations

import collections
import re
from typing import Any

import pytest

from ansible_collections.litemaas.models.plugins.modules import litemaas_model_sync, litemaas_orphan_cleanup
from tests.integration.test_cleanup_on_litellm import on_both
from tests.integration.test_litellm_model import GRANITE, manage, searches_database, takes_parameters_out
from tests.support.modules import run_module
from tests.support.recorder import Recorder
from tests.support.stack import LITEMAAS_DATABASE, Stack

pytestmark = [pytest.mark.litellm, pytest.mark.postgres]

LIST, NEW, CHANGE, DELETE = "GET /v2/model/info", "POST /model/new", "PATCH /model/ID/update", "POST /model/delete"
MAY_WRITE = "POST /model_group/make_public"
PROOF = {"GET /health/readiness": 1, "GET /router/settings": 1, "GET /key/info": 1}


class Counter:
    """Counts by method and path what came through since the last time."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.found: dict[str, dict[str, int]] = {}

    def take(self, scenario: str) -> None:
        asked = (
            f"{call.method} {re.sub('/model/[^/]+/update', '/model/ID/update', call.path.split('?')[0])}" for call in self.recorder.requests
        )
        self.found[scenario] = dict(collections.Counter(asked))
        self.recorder.clear()


def add_orphans(stack: Stack, first: int, last: int) -> None:
    """Add rows whose model LiteLLM does not have."""
    columns = "(id, name, provider, litellm_model_id, availability)"
    numbers = f"generate_series({first}, {last}) AS number"
    rows = f"SELECT 'gone-' || number, 'gone', 'openai', 'id-' || number, 'available' FROM {numbers}"
    stack.postgres.sql(f"INSERT INTO models {columns} {rows}", LITEMAAS_DATABASE)


def clean_up(params: dict[str, Any], number: int) -> None:
    answer = run_module(litemaas_orphan_cleanup.main, dict(params, max_count=100, max_percent=100))
    assert len(answer["deleted"]) == number, answer


@pytest.mark.each_litellm
def test_what_is_asked(clean_stack: Stack, recorder: Recorder) -> None:
    stack, url, counter = clean_stack, recorder.url, Counter(recorder)
    searches = searches_database(stack)

    manage(stack, [GRANITE], url=url)
    counter.take("create")
    manage(stack, [GRANITE], url=url)
    counter.take("nothing to do")
    manage(stack, [dict(GRANITE, rpm=11, tpm=5)], url=url)
    counter.take("two fields")
    manage(stack, [dict(GRANITE, rpm=11)], url=url, replace=True)
    counter.take("one cleared")
    manage(stack, [dict(GRANITE, model_name=f"new-{number}") for number in range(20)], True, url=url)
    counter.take("check of 20 new")
    params = dict(on_both(stack), litellm_url=url)
    run_module(litemaas_model_sync.main, params)
    counter.take("sync")
    add_orphans(stack, 1, 1)
    clean_up(params, 1)
    counter.take("1 orphan")
    manage(stack, [dict(GRANITE, model_name=f"more-{number}") for number in range(50)], wait=False)
    add_orphans(stack, 2, 46)
    clean_up(params, 45)
    counter.take("45 orphans")

    written = 2
    once_more = {MAY_WRITE: 1}
    cleared = {CHANGE: 2} if takes_parameters_out(stack) else {CHANGE: 1, DELETE: 1, NEW: 1}
    assert counter.found == {
        # A new id is looked for among what is saved and not served.
        "create": {LIST: 1 + searches + written, NEW: 1},
        "nothing to do": {LIST: 1},
        "two fields": {LIST: 1 + written, CHANGE: 1},
        "one cleared": {LIST: 1 + written, **once_more, **cleared},
        "check of 20 new": {LIST: 1 + searches, **once_more},
        "sync": {LIST: 1},
        # LiteLLM 1.81 is asked by an empty change for each id, and once whether it has a store at all.
        "1 orphan": {LIST: 3, **PROOF} if searches else {LIST: 2, CHANGE: 2, **PROOF},
        "45 orphans": {LIST: 4, **PROOF} if searches else {LIST: 2, CHANGE: 46, **PROOF},
    }
