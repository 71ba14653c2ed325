# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What LiteLLM shows of a deployment that it cannot read, and what is done about it."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import ModelConflict
from ansible_collections.litemaas.models.plugins.module_utils._common.specs import read_specs
from ansible_collections.litemaas.models.plugins.module_utils._common.unreadable import looks_encrypted, unreadable
from ansible_collections.litemaas.models.plugins.module_utils._litellm.compare import shown_params
from ansible_collections.litemaas.models.plugins.module_utils._litellm.plan import SAVED_ONLY, Action, Policy
from ansible_collections.litemaas.models.plugins.module_utils._litellm.planner import plan_deployments, unreadable_secrets
from ansible_collections.litemaas.models.plugins.module_utils._litellm.recreate import rest_of
from ansible_collections.litemaas.models.plugins.module_utils._litellm.settle import check_taken_over, hidden_beside


def encrypted(text: str) -> str:
    """A text as LiteLLM stores it, under a key that nobody has: the bytes are as random, and as many."""
    seed = hashlib.sha256(text.encode()).digest() + hashlib.sha512(text.encode()).digest() + b"\xff\xfb\x00" * len(text)
    return base64.urlsafe_b64encode(seed[: 40 + len(text.encode())]).decode()


@pytest.mark.parametrize("text", ["", "x", "openai/gpt-4o-mini", "http://127.0.0.1:9/v1"])
def test_encrypted_texts(text: str) -> None:
    assert looks_encrypted(encrypted(text))
    assert looks_encrypted("v2:gcm:AAAA")


@pytest.mark.parametrize(
    "value",
    [
        "openai/gpt-4o-mini",
        "hosted_vllm/RedHatAI/Llama-4-Scout-17B-16E-Instruct-quantized-w4a16x",
        "https://a-very-long-name-of-a-server-in-some-cluster.apps.example.com/v1",
        hashlib.sha256(b"x").hexdigest(),
        hashlib.sha256(b"x").hexdigest().upper(),
        "sk-a****6789",
        "",
        None,
        7,
        {"a": "b"},
    ],
)
def test_other_values(value: Any) -> None:
    assert not looks_encrypted(value)


def test_what_cannot_be_read() -> None:
    token = encrypted("token")
    assert unreadable({"model": "openai/x", "token_of_a_provider": token}) == []
    assert unreadable({"model": "openai/x", "my_key": "sk****yz", "organization": token, "odd": token}) == ["odd", "organization"]
    assert unreadable({"model": token, "my_key": "sk****yz", "rpm": 1, "odd": "plain"}) == ["model", "my_key"]


BASE: dict[str, Any] = {"model_name": "m", "litellm_model": "openai/x", "api_base": "http://x", "api_key": "not-real"}
# Secrets never, on_create: what cannot be read is sent all the same.
POLICY = Policy(admin_key="sk-1234", update_secrets="on_create")


def saved(first: dict[str, Any], served: bool = False, **params: Any) -> dict[str, Any]:
    """What a create of this entry left, as LiteLLM shows it once it cannot read it."""
    body = plan(first, None).body
    shown = {name: encrypted(value) if isinstance(value, str) else value for name, value in body["litellm_params"].items()}
    shown.pop("api_key", None)
    entry = {"model_name": "m", "litellm_params": {**shown, **params}, "model_info": dict(body["model_info"], db_model=True)}
    return entry if served else dict(entry, **{SAVED_ONLY: True})


def plan(entry: dict[str, Any], there: dict[str, Any] | None) -> Action:
    specs, errors = read_specs([entry])
    assert not errors
    done = plan_deployments(specs, [there] if there else [], POLICY)
    action = done.actions[0]
    assert bool([warning for warning in done.warnings if "could not read" in warning]) is action.unread
    assert all(not looks_encrypted(change.before) for change in action.changes)
    return action


@pytest.mark.parametrize("served", [False, True])
def test_all_that_the_entry_says_is_saved_anew(served: bool) -> None:
    entry = dict(BASE, rpm=5, extra_params={"timeout": 30, "organization": "org"}, secret_params={"my_token": "token-not-real"})
    action = plan(entry, saved(entry, served))
    assert (action.kind, action.unread, action.recreate, action.cleared) == ("updated", True, False, [])
    assert action.body["litellm_params"] == {
        "model": "openai/x",
        "api_base": "http://x",
        "api_key": "not-real",
        "rpm": 5,
        "timeout": 30,
        "organization": "org",
        "my_token": "token-not-real",
    }
    assert "its salt key has changed" in action.reason
    assert action.reason.endswith("It is saved anew")


def test_what_nobody_can_read_and_the_entry_does_not_hold_is_taken_out() -> None:
    action = plan(BASE, saved(BASE, custom_llm_provider=encrypted("openai"), odd=encrypted("odd"), tpm=7))
    assert action.recreate
    assert sorted(action.cleared) == [("litellm_params", "custom_llm_provider"), ("litellm_params", "odd")]
    assert action.reason.endswith("without these values, which the entry does not have: custom_llm_provider, odd")
    assert "tpm" not in dict(action.cleared)


@pytest.mark.parametrize(
    ("entry", "there", "missing"),
    [
        ({"model_name": "m", "rpm": 7}, saved(BASE), "litellm_model is missing"),
        ({**BASE, "api_key": None}, saved(BASE), "api_key is missing"),
        ({**BASE, "api_key": None, "credential": "c"}, saved(BASE), "the entry does not have api_key"),
        (BASE, saved(dict(BASE, secret_params={"my_token": "t"})), "the entry does not have my_token"),
        (BASE, saved(BASE, my_token="to****en"), "the entry does not have my_token"),
    ],
)
def test_an_entry_that_lacks_a_secret_fails(entry: dict[str, Any], there: dict[str, Any], missing: str) -> None:
    action = plan({name: value for name, value in entry.items() if value is not None}, there)
    assert (action.kind, action.unread) == ("failed", False)
    assert "its salt key has changed" in action.reason
    assert missing in action.reason
    assert "state: absent" in action.reason


def test_no_encrypted_value_goes_back() -> None:
    assert "organization" not in shown_params(saved(BASE, served=True, organization=encrypted("org")))


def test_what_lies_under_the_id_of_a_create_is_written_over_only_with_all_secrets() -> None:
    body = plan(BASE, None).body
    stored = {"litellm_params": {"model": "x", "api_key": "x", "rpm": 1, "aws_secret_access_key": None}, "model_info": {}}
    stored["litellm_params"]["dataSources"] = [{"parameters": {"key": 5}}]
    check_taken_over(body, stored)
    for name in ("aws_secret_access_key", "my_token", "plain"):
        more = {"litellm_params": {**stored["litellm_params"], name: "x"}, "model_info": {"litemaas_plain_hmac": "x"}}
        assert hidden_beside(body, more) == [name]
        with pytest.raises(ModelConflict, match="does not have " + name):
            check_taken_over(body, more)


def test_the_rest_that_cannot_be_read_is_taken_out_afterwards() -> None:
    body = plan(BASE, None).body
    create = Action("created", "m", body["model_info"]["id"], body=body)
    entry = {"model_name": "m", "litellm_params": dict(body["litellm_params"], organization="org"), "model_info": body["model_info"]}
    assert rest_of(create, entry) is None
    entry["litellm_params"]["organization"] = encrypted("org")
    rest = rest_of(create, entry)
    assert rest is not None
    assert (rest.recreate, rest.cleared, rest.wanted) == (True, [("litellm_params", "organization")], body)


def test_a_secret_that_was_found_unreadable_is_asked_for_until_the_entry_holds_it() -> None:
    with_token = dict(BASE, secret_params={"my_token": "token-not-real"})
    body = plan(with_token, None).body
    marked = unreadable_secrets(Action("created", "m", body["model_info"]["id"]), ["my_token"])["model_info"]
    params = {name: value for name, value in body["litellm_params"].items() if name not in ("api_key", "my_token")}
    entry = {"model_name": "m", "litellm_params": params, "model_info": {**body["model_info"], "db_model": True, **marked}}
    failed = plan(BASE, entry)
    assert failed.kind == "failed"
    assert "the entry does not have my_token" in failed.reason
    healed = plan(with_token, entry)
    assert (healed.kind, healed.body["litellm_params"]) == ("updated", {"my_token": "token-not-real"})
    after = dict(entry, model_info={**entry["model_info"], **healed.body["model_info"]})
    assert plan(with_token, after).kind == plan(BASE, after).kind == "unchanged"


TAKEN = [("s", {}, False), ("other", {}, True), ("x", {"team_public_model_name": "s"}, False)]


@pytest.mark.parametrize(("name", "info", "refused"), TAKEN)
def test_a_create_does_not_take_over_another_model(name, info, refused):
    body = {"model_name": "s", "litellm_params": {"model": "openai/x"}, "model_info": {"id": "ZZZ"}}
    stored = {"model_name": name, "litellm_params": {"model": "ciphertext"}, "model_info": {"id": "ZZZ", **info}}
    if refused:
        with pytest.raises(ModelConflict, match="model_id ZZZ belongs to the model other, which LiteLLM has saved but does not serve"):
            check_taken_over(body, stored)
    else:
        check_taken_over(body, stored)
