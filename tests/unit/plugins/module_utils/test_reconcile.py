# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carrying a plan out, where a server is not needed to see what is done."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._common.fingerprints import hmac_key
from ansible_collections.litemaas.models.plugins.module_utils._litellm.apply import carry_out
from ansible_collections.litemaas.models.plugins.module_utils._litellm.memory import WRITING_KEY
from ansible_collections.litemaas.models.plugins.module_utils._litellm.plan import UNCHANGED, UPDATE, Action, Plan
from ansible_collections.litemaas.models.plugins.module_utils._run.progress import Progress


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
    [action] = carry_out(Plan([action]), litellm, [], None).actions  # type: ignore[arg-type]
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
    [action] = carry_out(Plan([action]), litellm, [before], None).actions  # type: ignore[arg-type]
    assert litellm.sent[0] == {}, "it asks before it writes"
    assert litellm.sent[1]["litellm_params"] == ({"rpm": 9} if served else {"rpm": 9, "user": "ours"})


class Removing:
    """A LiteLLM that has the parameters "tpm" and "pin", a secret.

    ``able`` says whether it claims to take parameters out, ``obeys`` whether it does.
    """

    shows_unserved = True

    def __init__(self, able: bool, obeys: bool = True) -> None:
        self.progress = Progress()
        self.able = able
        self.obeys = obeys
        self.done: list[Any] = []
        self.params: dict[str, Any] = {"model": "openai/x", "tpm": 5, "pin": "encrypted"}

    def stored(self, model_id: str) -> dict[str, Any]:
        self.done.append(("stored", model_id))
        return {"model_name": "a", "litellm_params": dict(self.params), "model_info": {"id": "x", "db_model": True}}

    def stored_unless_it_removes(self, model_id: str) -> dict[str, Any] | None:
        return None if self.able else self.stored(model_id)

    def patch(self, model_id: str, body: dict[str, Any]) -> dict[str, Any]:
        self.done.append(("patch", copy.deepcopy(body)))
        for name in body["litellm_params_to_remove"] if self.obeys else ():
            self.params.pop(name, None)
        return {"model_name": "a", "litellm_params": dict(self.params), "model_info": {"id": "x"}}

    def delete(self, model_id: str) -> bool:
        self.done.append(("delete", model_id))
        return True

    def create(self, deployment: dict[str, Any]) -> str:
        self.done.append(("create", deployment))
        return "saved"


def removal(*cleared: tuple[str, str], **more: Any) -> Action:
    """An update that clears something, and its limit of requests is new."""
    whole = {"model_name": "a", "litellm_params": {"model": "openai/x", "rpm": 7}, "model_info": {"id": "x"}}
    return Action(UPDATE, "a", "x", body={"litellm_params": {"rpm": 7}}, cleared=list(cleared), recreate=True, wanted=whole, **more)


SHOWN = {
    "model_name": "a",
    "litellm_params": {"model": "openai/x", "tpm": 5},
    "model_info": {"id": "x", "note": "n", hmac_key("pin"): "a fingerprint"},
}
TPM, PIN = ("litellm_params", "tpm"), ("litellm_params", "pin")


def test_parameters_are_taken_out_with_the_update_where_litellm_does_that() -> None:
    litellm = Removing(True)
    planned = removal(TPM, PIN)
    [action] = carry_out(Plan([planned]), litellm, [SHOWN], None).actions  # type: ignore[arg-type]
    body = {"litellm_params": {"rpm": 7}, "model_info": {"id": "x", hmac_key("pin"): ""}, "litellm_params_to_remove": ["pin", "tpm"]}
    assert litellm.done == [("patch", body)], "all of it in one write"
    assert (action.kind, action.recreate) == (UPDATE, False)
    assert action.body["litellm_params"] == {"rpm": 7, "tpm": None, "pin": None}, "what is awaited, or put back"
    assert planned == removal(TPM, PIN), "the plan stays as it was made"


@pytest.mark.parametrize("litellm", [Removing(False), Removing(True, obeys=False)], ids=["unable", "disobeys"])
def test_what_takes_no_parameters_out_makes_the_model_anew(litellm: Removing) -> None:
    action = removal(TPM, PIN)
    [action] = carry_out(Plan([action]), litellm, [SHOWN], None).actions  # type: ignore[arg-type]
    assert [name for name, _what in litellm.done] == (["patch"] if litellm.able else []) + ["stored", "delete", "create"]
    [*_before, (_name, body)] = litellm.done
    assert body["litellm_params"] == {"model": "openai/x", "rpm": 7}
    assert action.recreate


@pytest.mark.parametrize(
    "action",
    [removal(TPM, PIN, ("model_info", "note")), removal(TPM, PIN, unread=True), removal(TPM, PIN, doubtful=True)],
    ids=["model_info", "unread", "doubtful"],
)
def test_what_a_removal_is_not_enough_for_is_made_anew(action: Action) -> None:
    litellm = Removing(True)
    [action] = carry_out(Plan([action]), litellm, [SHOWN], None).actions  # type: ignore[arg-type]
    assert [name for name, _what in litellm.done] == ["stored", "delete", "create"]
