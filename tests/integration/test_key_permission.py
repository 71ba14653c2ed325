# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""API keys of LiteLLM that may read and not write: check mode and run say the same, before anything is written."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
import requests

from ansible_collections.litemaas.models.plugins.modules import litellm_model
from tests.support.modules import run_module
from tests.support.recorder import Fault, RecordedRequest, Recorder
from tests.support.stack import Stack

pytestmark = pytest.mark.litellm

THERE = {"model_name": "there", "litellm_model": "openai/there", "api_base": "http://127.0.0.1:9/v1", "api_key": "demo-key-not-real"}
NEW = {**THERE, "model_name": "new"}
ABSENT = {"model_name": "there", "state": "absent"}
READS = ["/v2/model/info", "/model/info"]
WRITES = ["/model/new", "/model/*", "/utils/supported_openai_params", "/public/providers"]


class Keys:
    """Makes API keys in LiteLLM."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._stack.master_key}"}
        answer = requests.post(self._stack.litellm_url + path, json=body, headers=headers, timeout=30)
        answer.raise_for_status()
        return dict(answer.json())

    def of(self, role: str) -> str:
        """Return the key of a new user."""
        return str(self._post("/user/new", {"user_role": role, "user_id": uuid.uuid4().hex})["key"])

    def of_nobody(self) -> str:
        """Return a key as /key/generate makes it."""
        return str(self._post("/key/generate", {})["key"])

    def of_a_team(self) -> str:
        """Return the key of a new team."""
        team = self._post("/team/new", {"team_alias": uuid.uuid4().hex})["team_id"]
        return str(self._post("/key/generate", {"team_id": team})["key"])

    def restricted(self, *routes: str) -> str:
        """Return a key of an administrator that may only use these routes."""
        user = self._post("/user/new", {"user_role": "proxy_admin", "user_id": uuid.uuid4().hex})["user_id"]
        return str(self._post("/key/generate", {"user_id": user, "allowed_routes": list(routes)})["key"])


def manage(stack: Stack, key: str, entry: dict[str, Any], check: bool = False, **options: Any) -> dict[str, Any]:
    given = {"litellm_url": stack.litellm_url, "litellm_api_key": key, "models": [entry], "retry_delay": 0.05, "wait_timeout": 10}
    return run_module(litellm_model.main, {**given, **options}, check=check)


def test_check_mode_says_that_the_key_may_not_write(clean_litellm: Stack) -> None:
    """Whichever kind of key it is and whatever is to be written; the run says the same, and nothing was written."""
    keys = Keys(clean_litellm)
    manage(clean_litellm, clean_litellm.master_key, THERE)
    no_admins = [keys.of_nobody(), keys.of_a_team(), *map(keys.of, ("proxy_admin_viewer", "internal_user", "internal_user_viewer"))]
    for key in no_admins:
        for entry in (NEW, {**THERE, "rpm": 7}, ABSENT):
            answers = [manage(clean_litellm, key, entry, check) for check in (True, False)]
            for answer in answers:
                assert (answer["changed"], answer["failure"]["code"]) == (False, "litellm_permission")
                assert answer["msg"].startswith("Permission denied: the API key is not a proxy administrator's, ")
                assert "{" not in answer["msg"]
        quiet = manage(clean_litellm, key, THERE, update_secrets="on_create")
        assert ("failed" not in quiet, quiet["changed"]) == (True, False)


def test_a_key_that_is_restricted_to_routes(clean_litellm: Stack) -> None:
    """An administrator's key is refused for the routes that a plan needs and it does not have, and for no others."""
    keys = Keys(clean_litellm)
    manage(clean_litellm, clean_litellm.master_key, THERE)
    for routes, entry, lacks in (
        (READS, NEW, "/model/new"),
        (READS, {**THERE, "rpm": 7}, "/model/ID/update"),
        (READS, ABSENT, "/model/delete"),
        ([*READS, "/model/new"], {**THERE, "rpm": 7}, "/model/ID/update"),
        ([*READS, "management_routes"], {**THERE, "rpm": 7}, "/model/ID/update"),
        (["info_routes"], NEW, "/model/new"),
        ([*READS, *WRITES], NEW, None),
        ([*READS, "/model/*"], {**THERE, "rpm": 7}, None),
        ([*READS, "management_routes"], {"model_name": "new", "state": "absent"}, None),
    ):
        key = keys.restricted(*routes)
        predicted, done = [manage(clean_litellm, key, entry, check) for check in (True, False)]
        for answer in (predicted, done):
            if lacks:
                assert answer["failure"]["code"] == "litellm_permission"
                assert answer is done or f"the API key may not use {lacks} of LiteLLM" in answer["msg"]
            else:
                assert "failed" not in answer, answer["msg"]
                assert answer["changed"]


def test_a_run_that_could_be_done_in_part_is_not_begun(clean_litellm: Stack) -> None:
    """The key may create and not change: of a new model and a changed one neither is written."""
    keys = Keys(clean_litellm)
    manage(clean_litellm, clean_litellm.master_key, THERE)
    key = keys.restricted(*READS, "/model/new")
    for check in (True, False):
        answer = manage(clean_litellm, key, NEW, check, models=[NEW, {**THERE, "rpm": 7}])
        assert (answer["changed"], answer["failure"]["code"]) == (False, "litellm_permission")
        assert "the API key may not use /model/ID/update of LiteLLM, because it is restricted to /v2/model/info" in answer["msg"]


def test_the_question_is_asked_once_and_only_before_a_write(clean_litellm: Stack, recorder: Recorder) -> None:
    """An answer that is not LiteLLM's refusal is none: of a gateway that lets the question not through, of a version without it."""
    admin = Keys(clean_litellm).of("proxy_admin")

    def questions() -> list[RecordedRequest]:
        return [call for call in recorder.requests if call.path.startswith("/model_group/")]

    options = {"litellm_url": recorder.url}
    assert manage(clean_litellm, admin, THERE, check=True, **options)["changed"]
    assert len(questions()) == 1
    manage(clean_litellm, admin, THERE, **options)
    recorder.requests.clear()
    assert not manage(clean_litellm, admin, THERE, **options)["changed"]
    assert (len(recorder.requests), questions()) == (1, [])
    for status in (403, 404, 405, 500):
        recorder.fault = lambda request, status=status: Fault.status(status) if request.path.startswith("/model_group/") else None
        assert manage(clean_litellm, admin, {**THERE, "rpm": status}, check=True, **options)["changed"]
