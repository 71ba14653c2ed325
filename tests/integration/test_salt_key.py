# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LiteLLM's salt key has changed: it cannot read what it has saved, lists none of it, and has all of its ids in its table."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ansible_collections.litemaas.models.plugins.modules import litemaas_model_sync, litemaas_orphan_cleanup
from tests.integration.test_cleanup_on_litellm import availability, on_both
from tests.integration.test_litellm_model import actions, info, manage, rows_of, searches_database
from tests.support.modules import run_module
from tests.support.receiver import Receiver
from tests.support.stack import LITELLM_DATABASE, LITEMAAS_DATABASE, Stack

pytestmark = [pytest.mark.litellm, pytest.mark.postgres]

KEY = "demo-key-not-real"
BASE: dict[str, Any] = {"litellm_model": "openai/gpt-4o-mini", "api_key": KEY, "rpm": 5}
OTHER_SALT = "sk-other-salt-not-real"
OTHER_MASTER = "sk-other-master-not-real"

Restart = Callable[..., None]


@pytest.fixture
def restart(clean_stack: Stack) -> Iterator[Restart]:
    """Restart LiteLLM with changed options: it has nothing but its database. At the end it is as it was."""
    options = dataclasses.replace(clean_stack.proxy.options, port=clean_stack.proxy.port)
    now = options

    def again(**changes: Any) -> None:
        nonlocal now
        now = dataclasses.replace(now, **changes)
        clean_stack.stop_proxy("litellm")
        clean_stack.start_proxy("litellm", now)

    yield again
    if now != options:
        clean_stack.stop_proxy("litellm")
        clean_stack.start_proxy("litellm", options)


def by_hand(stack: Stack, model_id: str, **params: Any) -> None:
    """Somebody adds parameters to a model."""
    status, answer = stack.proxy.request("PATCH", f"/model/{model_id}/update", {"litellm_params": params, "model_info": {"id": model_id}})
    assert status == 200, answer


def served(stack: Stack, **options: Any) -> dict[str, dict[str, Any]]:
    return {line["model_name"]: line["litellm_params"] for line in info(stack, classes=["database"], **options)["models"]}


def key_that_arrives(stack: Stack, receiver: Receiver, name: str) -> str:
    """The key with which LiteLLM asks a model's provider."""
    receiver.notifications.clear()
    body = {"model": name, "messages": [{"role": "user", "content": "hi"}], "num_retries": 0}
    stack.proxy.request("POST", "/v1/chat/completions", body)
    assert receiver.notifications, name
    return {key.lower(): value for key, value in receiver.notifications[0].headers.items()}["authorization"]


def add_rows(stack: Stack, answer: dict[str, Any]) -> set[str]:
    for line in answer["models"]:
        stack.postgres.sql(
            "INSERT INTO models (id, name, provider, litellm_model_id) "
            f"VALUES ('{line['model_name']}', '{line['model_name']}', 'openai', '{line['model_id']}')",
            LITEMAAS_DATABASE,
        )
    return {line["model_name"] for line in answer["models"]}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A provider that remembers who asks."""
    with Receiver() as running:
        yield running


def test_what_it_cannot_read_is_put_right_and_is_no_orphan(clean_stack: Stack, restart: Restart, receiver: Receiver) -> None:
    stack = clean_stack
    whole = dict(BASE, api_base=receiver.url)
    put_right = {
        "plain": whole,
        "texts": dict(whole, extra_params={"organization": "org", "timeout": 30, "extra_headers": {"X-A": "b"}}),
        "provider": dict(whole, custom_llm_provider="openai", litellm_model="gpt-4o-mini"),
        "secrets": dict(
            litellm_model="bedrock/anthropic.claude-v2",
            secret_params={"aws_access_key_id": "id-not-real", "aws_secret_access_key": "secret-not-real"},
            extra_params={"aws_region_name": "us-east-1"},
        ),
        "more": whole,
        "other-provider": whole,
    }
    lacking = {"no-key": whole, "no-model": whole, "less-secrets": put_right["secrets"]}
    entries = [dict(entry, model_name=name) for name, entry in {**put_right, **lacking}.items()]
    made = manage(stack, [*entries, dict(whole, model_name="not-in-the-list")])
    assert not made.get("failed"), made
    ids = {line["model_name"]: line["model_id"] for line in made["models"]}
    by_hand(stack, ids["more"], organization="by-hand", tpm=77)
    by_hand(stack, ids["other-provider"], custom_llm_provider="openai")
    names = add_rows(stack, made)
    restart(salt_key=OTHER_SALT)

    assert not served(stack)
    cleanup = run_module(litemaas_orphan_cleanup.main, on_both(stack, force=True))
    assert not cleanup["changed"], cleanup
    assert not run_module(litemaas_model_sync.main, on_both(stack, mark_unavailable=True, force=True, models=[])).get("unavailable_models")
    assert {name: value for name, value in availability(stack).items() if name in names} == dict.fromkeys(names, "available")

    wrong = {
        "no-key": dict(model_name="no-key", litellm_model="openai/gpt-4o-mini", api_base=receiver.url, credential="somebody"),
        "no-model": dict(model_name="no-model", rpm=6),
        "less-secrets": dict(lacking["less-secrets"], model_name="less-secrets", secret_params={"aws_access_key_id": "id-not-real"}),
    }
    asked = [*entries[: len(put_right)], *wrong.values()]
    before = stack.postgres.sql('SELECT * FROM "LiteLLM_ProxyModelTable" ORDER BY model_id', LITELLM_DATABASE)
    foreseen = manage(stack, asked, check=True)
    assert stack.postgres.sql('SELECT * FROM "LiteLLM_ProxyModelTable" ORDER BY model_id', LITELLM_DATABASE) == before
    answer = manage(stack, asked)
    done = "updated" if searches_database(stack) else "created"
    assert actions(answer) == [done] * len(put_right) + ["failed"] * len(wrong), answer
    if searches_database(stack):
        assert actions(foreseen) == actions(answer)
        assert "LiteLLM could not read what it has saved of" in str(answer["warnings"])
    for line in answer["models"]:
        reason = line["reason"]
        if line["action"] != "failed":
            assert "salt key has changed" in reason, line
            assert "saved anew" in reason, line
            assert line["served"], line
        else:
            assert "litellm_model is missing" in reason or "salt key has changed" in reason, line
    reasons = {line["model_name"]: line["reason"] for line in answer["models"]}
    assert "the entry does not have api_key" in reasons["no-key"]
    assert "the entry does not have aws_secret_access_key" in reasons["less-secrets"]
    assert "organization" in reasons["more"]
    assert "not-real" not in answer["raw"]

    for restarted in (False, True):
        if restarted:
            restart()
        shown = served(stack)
        assert set(shown) == set(put_right)
        assert {name: params["model"] for name, params in shown.items()} == {
            name: entry["litellm_model"] for name, entry in put_right.items()
        }
        assert shown["texts"]["organization"] == "org"
        assert shown["texts"]["extra_headers"] == {"X-A": "b"}
        assert shown["more"].get("organization") is None
        assert shown["more"]["tpm"] == 77
        for name in ("plain", "texts", "provider", "more", "other-provider"):
            assert key_that_arrives(stack, receiver, name) == f"Bearer {KEY}", name
        assert not manage(stack, entries[: len(put_right)])["changed"]
        assert all(rows_of(stack, name) == 1 for name in names)

    again = manage(stack, [*wrong.values()])
    assert actions(again) == ["failed"] * len(wrong), "nothing was written of what lacks something"
    complete = manage(stack, entries)
    assert not complete.get("failed"), complete
    assert served(stack).keys() == names - {"not-in-the-list"}


@pytest.mark.any_litellm
def test_a_master_key_that_served_as_salt_key_has_changed(clean_stack: Stack, restart: Restart, receiver: Receiver) -> None:
    """And LiteLLM has no model at all that it could list."""
    stack = clean_stack
    bare = "general_settings: {master_key: os.environ/LITELLM_MASTER_KEY, store_model_in_db: true}\n"
    restart(salt_key=None, config=bare)
    entries = [dict(BASE, api_base=receiver.url, model_name=name) for name in ("one", "two", "three", "four")]
    # The first to be saved anew, because then LiteLLM serves nothing and says least.
    entries.insert(0, dict(entries[0], model_name="first", secret_params={"my_token": "token-not-real"}))
    made = manage(stack, [*entries, dict(entries[1], model_name="not-in-the-list")])
    assert not made.get("failed"), made
    names = add_rows(stack, made)
    first = next(line["model_id"] for line in made["models"] if line["model_name"] == "one")
    by_hand(stack, first, custom_llm_provider="openai")
    restart(master_key=OTHER_MASTER)

    admin = {"litellm_api_key": OTHER_MASTER}
    for options in ({}, {"allow_empty": True}):
        run_module(litemaas_orphan_cleanup.main, dict(on_both(stack, force=True, **options), **admin))
        run_module(litemaas_model_sync.main, dict(on_both(stack, force=True, mark_unavailable=True, **options), **admin))
        assert availability(stack) == dict.fromkeys(names, "available"), options
    lacking = [dict(entries[1], model_name="first"), *entries[1:]]
    answer = manage(stack, lacking, wait_timeout=5, **admin)
    for _again in range(2):
        assert actions(answer)[0] == "failed", answer
        assert "does not have my_token" in answer["models"][0]["reason"], answer
        answer = manage(stack, lacking, **admin)
    answer = manage(stack, entries, **admin)
    assert not answer.get("failed"), answer
    restart()
    assert served(stack, **admin).keys() == names - {"not-in-the-list"}
    assert not manage(stack, entries, **admin)["changed"]
    for name in names - {"not-in-the-list"}:
        assert key_that_arrives(stack, receiver, name) == f"Bearer {KEY}"
        assert rows_of(stack, name) == 1
    absent = manage(stack, [{"model_name": "not-in-the-list", "state": "absent"}], **admin)
    assert actions(absent) == ["deleted"], absent
    assert rows_of(stack, "not-in-the-list") == 0
