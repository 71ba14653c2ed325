# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carrying a plan out, where a server is not needed to see what is done."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._deployments import UNCHANGED, UPDATE, WRITING_KEY, Action, Plan
from ansible_collections.litemaas.models.plugins.module_utils._progress import Progress
from ansible_collections.litemaas.models.plugins.module_utils._reconcile import carry_out


class Unlisting:
    """A LiteLLM like 1.81: it lists no row that it does not serve. It has one, named "a", under the id "x"."""

    shows_unserved = False

    def __init__(self) -> None:
        self.progress = Progress()
        self.deleted: list[str] = []

    def has_id(self, model_id: str, model_name: str) -> bool:
        return (model_id, model_name) == ("x", "a")

    def delete(self, model_id: str) -> bool:
        self.deleted.append(model_id)
        return model_id == "x"


# name and id that are to be absent, what happens
UNLISTED = [("a", "x", "deleted"), ("b", "x", "unchanged"), ("a", "y", "unchanged")]


@pytest.mark.parametrize(("model_name", "model_id", "kind"), UNLISTED)
def test_an_id_that_is_not_listed_is_deleted_only_under_its_name(model_name: str, model_id: str, kind: str) -> None:
    litellm = Unlisting()
    action = Action(UNCHANGED, model_name, model_id, unseen=True)
    carry_out(Plan([action]), litellm, [], None)  # type: ignore[arg-type]
    assert (action.kind, litellm.deleted) == (kind, ["x"] if kind == "deleted" else [])


class Announced:
    """A LiteLLM whose table has an update that was announced and written; ``served`` says whether it shows it meanwhile."""

    shows_unserved = True

    def __init__(self, served: bool) -> None:
        self.progress = Progress()
        self.served = served
        self.sent: list[dict[str, Any]] = []

    def entry(self, written: bool) -> dict[str, Any]:
        params = {"model": "openai/x", "user": "team-a"} if written else {"model": "openai/x"}
        info = {"id": "x", WRITING_KEY: {"params": ["user"], "written": written}}
        return {"model_name": "a", "litellm_params": params, "model_info": info}

    def patch(self, model_id: str, body: dict[str, Any]) -> dict[str, Any]:
        self.sent.append(body)
        return self.entry(True)

    def find(self, model_id: str) -> dict[str, Any]:
        return self.entry(self.served)


@pytest.mark.parametrize("served", [True, False])
def test_a_run_that_has_finished_meanwhile_is_let_be(served: bool) -> None:
    litellm = Announced(served)
    before = litellm.entry(False)
    action = Action(UPDATE, "a", "x", body={"litellm_params": {"rpm": 9}, "model_info": {"id": "x"}}, doubtful=True)
    action.wanted = {"model_name": "a", "litellm_params": {"rpm": 9, "user": "ours"}, "model_info": {"id": "x"}}
    carry_out(Plan([action]), litellm, [before], None)  # type: ignore[arg-type]
    assert litellm.sent[0] == {}, "it asks before it writes"
    assert litellm.sent[1]["litellm_params"] == ({"rpm": 9} if served else {"rpm": 9, "user": "ours"})
