# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a run is done again, and when not."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._cluster import connect
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import (
    ConnectionBroke,
    DatabaseError,
    DatabaseUnreachable,
    LiteMaaSError,
    LockTimeout,
    ProxyTimeout,
    Refused,
    TransactionAborted,
)
from ansible_collections.litemaas.models.plugins.module_utils._run import runner
from ansible_collections.litemaas.models.plugins.module_utils._run.progress import Progress
from ansible_collections.litemaas.models.plugins.modules import (
    litellm_model,
    litemaas_model_sync,
    litemaas_orphan_cleanup,
    litemaas_sync_info,
)
from tests.support.modules import run_module


class FakeRun:
    """What carry_out needs of a run."""

    check_mode = False

    def __init__(self) -> None:
        self.params = {"retry_delay": 2.0}
        self.resources = contextlib.ExitStack()
        self.lines: list[str] = []
        self.progress = Progress()

    def log(self, sentence: str) -> None:
        self.lines.append(sentence)


class FailingSteps(runner.Steps):
    """Fails with the first of the errors, then with the next, and works when there are none left."""

    errors: list[LiteMaaSError] = []
    closed = 0

    def __init__(self, run: Any) -> None:
        self.run = run

    def read(self) -> None:
        self.run.resources.callback(self._close)

    def apply(self, permission: Any) -> Any:
        if self.errors:
            raise self.errors.pop(0)

    def report(self, outcome: Any) -> dict[str, Any]:
        return {"changed": True}

    @classmethod
    def _close(cls) -> None:
        cls.closed += 1


def carry_out(monkeypatch: pytest.MonkeyPatch, *errors: LiteMaaSError, **params: float) -> tuple[FakeRun, list[float]]:
    """Runs with these errors, one per attempt; what was logged and how long was waited."""
    run, pauses = FakeRun(), []
    run.params = params or run.params
    monkeypatch.setattr(runner.time, "sleep", pauses.append)
    FailingSteps.errors, FailingSteps.closed = list(errors), 0
    assert runner.carry_out(FailingSteps, run, connect) == {"changed": True}  # type: ignore[arg-type]
    return run, pauses


def test_a_run_that_works_is_done_once(monkeypatch: pytest.MonkeyPatch) -> None:
    run, pauses = carry_out(monkeypatch)
    assert (run.lines, pauses, FailingSteps.closed) == ([], [], 1)


def test_a_module_without_the_option_waits_too(monkeypatch: pytest.MonkeyPatch) -> None:
    _fake, pauses = carry_out(monkeypatch, ConnectionBroke("Broke"), lock_timeout=30)
    assert pauses == [1.0]


def test_a_lost_transaction_is_done_again_with_new_connections_and_a_line_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    run, pauses = carry_out(monkeypatch, TransactionAborted("Deadlock"), ConnectionBroke("Broke"))
    assert run.lines == ["The whole run is repeated (1 left): Deadlock", "The whole run is repeated (0 left): Broke"]
    assert (pauses, FailingSteps.closed) == ([2.0, 4.0], 3)


def test_the_third_loss_is_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConnectionBroke, match="three"):
        carry_out(monkeypatch, ConnectionBroke("one"), ConnectionBroke("two"), ConnectionBroke("three"))
    assert FailingSteps.closed == 3


@pytest.mark.parametrize("kind", [DatabaseError, DatabaseUnreachable, LockTimeout, ProxyTimeout, Refused, LiteMaaSError])
def test_nothing_else_is_repeated(monkeypatch: pytest.MonkeyPatch, kind: type[LiteMaaSError]) -> None:
    with pytest.raises(kind):
        carry_out(monkeypatch, kind("No"))
    assert FailingSteps.closed == 1


@pytest.mark.parametrize(
    "text",
    ['{"api_key": "demo-token-not-real", "hots": 1}', "kubeconfig: {token: demo-token-not-real}", "x demo-token-not-real"],
    ids=["json", "yaml", "words"],
)
def test_options_for_the_cluster_as_text_are_not_shown_when_another_option_is_wrong(text: str) -> None:
    answer = run_module(litemaas_sync_info.main, {"kubernetes": text, "timeout": "no number"})
    assert answer["failed"]
    assert "demo-token-not-real" not in answer["raw"]


@pytest.mark.parametrize(
    ("options", "sentences"),
    [
        (
            {"modelname": "m", "rmp": 5},
            ["modelname is not an option (did you mean model_name?).", "rmp is not an option (did you mean rpm?)."],
        ),
        ({"model_name": "m", "RPM": 5}, ["RPM is not an option (did you mean rpm?)."]),
        ({"kubernetes": {"hots": "h"}}, ["kubernetes.hots is not an option (did you mean host?)."]),
        ({"litellm_master_kye": "demo-key-not-real"}, ["litellm_master_kye is not an option (did you mean litellm_master_key?)."]),
        ({"zzz": 1}, ["zzz is not an option."]),
        ({"zzz": {"a": ["demo-key-not-real"]}, "model_name": "m"}, ["zzz is not an option."]),
        ({"api_kye": "demo-key-not-real", "model_name": "m"}, ["api_kye is not an option (did you mean api_key?)."]),
        ({"models": [{"model_name": "m", "max_token": 1}]}, ["models.max_token is not an option (did you mean max_tokens?)."]),
    ],
    ids=str,
)
def test_an_option_that_nobody_knows(options: dict[str, Any], sentences: list[str]) -> None:
    answer = run_module(litellm_model.main, {**options, "_ansible_verbosity": 3})
    assert answer["msg"].startswith(" ".join(sentences) + " ")
    assert "not-real" not in answer["raw"]


@pytest.mark.parametrize("number", [1, 150])
def test_no_secret_of_a_list_is_shown_however_many_there_are(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """From many on our own redaction does it, because Ansible's looks for each secret in each text."""
    keys = [f"demo-key-{place}-not-real" for place in range(number)]
    hidden = [key.replace("key", "hidden") for key in keys]
    models = [
        {
            "model_name": f"m-{key}",
            "litellm_model": "openai/m",
            "api_key": key,
            "description": f"has {key.replace('key', 'hidden')}",
            "secret_params": {"a": key.replace("key", "hidden")},
        }
        for key in keys
    ]

    class Shows(runner.Steps):
        def report(self, outcome: Any) -> dict[str, Any]:
            entries = self.run.entries("models")
            return {
                "changed": False,
                "entries": entries,
                "diff": {"before": {}, "after": {entry["model_name"]: entry for entry in entries}},
            }

    monkeypatch.setattr(litellm_model, "LitellmModel", Shows)
    answer = run_module(litellm_model.main, {"litellm_api_key": "demo-admin-key-not-real", "litellm_url": "http://x", "models": models})
    assert len(answer["entries"]) == number
    shown = str(answer)
    assert not [secret for secret in (*keys, *hidden, "demo-admin-key-not-real") if secret in shown]
    # Newer cores leave it out, unless they are asked for it.
    invocation = answer.get("invocation", {"module_args": {"models": []}})
    assert "supports_vision" not in str(invocation["module_args"]["models"]), "fields that were not given are left out"


# options that Ansible refuses, what must not be shown of them
REFUSED = [
    ({"retries": "x", "litellm_url": "https://h/?api-key=query-not-real&v=1"}, ["query-not-real"]),
    ({"retries": "x", "litellm_url": "https://token-not-real@h/"}, ["token-not-real"]),
    (
        {"wait_timeout": "abc", "models": [{"extra_params": {"proxy": "http://u:pass-not-real@h", "hook": "https://h?sig=ab"}}]},
        ["pass-not", "=ab"],
    ),
    ({"nonesuch": "value-not-real", "models": [{"extra_params": {"note": "Bearer bearer-not-real"}}]}, ["value-not", "bearer-not"]),
    ({"models": [{"model_name": "m", "apikey": "typo-not-real"}]}, ["typo-not"]),
    ({"models": [{"model_name": "m", "aip_key": "typo-not-real"}, {"secret_prams": {"a": ["b-not-real"]}}]}, ["typo-not", "b-not"]),
    ({"models": [{"model_name": "m", "extra_param": {"x": "maybe-not-real"}}]}, ["maybe-not"]),
    ({"models": ["text-not-real"], "litellm_api_key": "admin-not-real"}, ["text-not", "admin-not"]),
    ({"models": '[{"api_key": "json-not-real", "wrong": 1}]', "timeout": "x"}, ["json-not"]),
    ({"models": "a-not-real, b-not-real"}, ["a-not-real", "b-not-real"]),
    ({"timeout": "x", "models": [{"extra_params": '{"cfg": {"api_key": "text-not-real"}}'}]}, ["text-not"]),
    ({"timeout": "x", "models": [{"extra_info": {"cfg": '{"client_secret": "deep-not-real"}'}}]}, ["deep-not"]),
    ({"model_name": "m", "apikey": "top-not-real"}, ["top-not"]),
    ({"modles": [{"model_name": "m", "api_key": "entry-not-real"}]}, ["entry-not"]),
    ({"modles": '[{"model_name": "m", "api_key": "entry-not-real"}]'}, ["entry-not"]),
    ({"model": {"model_name": "m", "api_key": "entry-not-real"}}, ["entry-not"]),
    ({"timeout": "x", "model_name": "m", "extra_params": "{broken: one-not-real"}, ["one-not"]),
    ({"timeout": "x", "models": [{"model_name": "m", "extra_info": "{broken: list-not-real"}]}, ["list-not"]),
]


@pytest.mark.parametrize(("options", "secrets"), REFUSED, ids=str)
def test_options_that_are_refused_are_shown_without_secrets(options: dict[str, Any], secrets: list[str]) -> None:
    given = {"litellm_url": "http://x", "litellm_api_key": "demo-admin-key-not-real", "_ansible_verbosity": 3, **options}
    answer = run_module(litellm_model.main, given)
    assert answer["failed"]
    assert not [secret for secret in (*secrets, "demo-admin-key-not-real") if secret in answer["raw"]], answer["raw"]


def test_a_mistyped_field_of_no_secret_is_shown() -> None:
    answer = run_module(
        litellm_model.main, {"litellm_url": "http://x", "models": [{"model_name": "m", "contxt_length": 81920}], "_ansible_verbosity": 3}
    )
    assert "contxt_length" in answer["msg"]
    shown = answer.get("invocation", {"module_args": {"models": [{"contxt_length": 81920}]}})["module_args"]["models"]
    assert shown[0]["contxt_length"] == 81920


@pytest.mark.parametrize("as_text", [False, True])
def test_an_ordinary_member_of_a_service_account_hides_nothing(monkeypatch: pytest.MonkeyPatch, as_text: bool) -> None:
    """Ansible takes every text of an option that is a secret for one."""
    account: Any = {"type": "service_account", "project_id": "demo-project", "private_key": "pem-not-real"}
    secret = {"vertex_credentials": json.dumps(account) if as_text else account, "vertex_project": "demo-project"}

    class Shows(runner.Steps):
        def report(self, outcome: Any) -> dict[str, Any]:
            self.run.entries("models")
            return {"changed": False, "reason": "http://demo-project.example.com, a service_account with pem-not-real"}

    monkeypatch.setattr(litellm_model, "LitellmModel", Shows)
    models = [{"model_name": "m", "litellm_model": "vertex_ai/m", "secret_params": secret}]
    answer = run_module(litellm_model.main, {"litellm_api_key": "demo-admin-key-not-real", "litellm_url": "http://x", "models": models})
    assert answer["reason"] == "http://demo-project.example.com, a service_account with ********"


# the key, other fields of the model, what must not be shown
KEYS = [
    ("granite", {}, []),
    ("unchanged", {}, []),
    ("ollama", {"litellm_model": "ollama/llama"}, []),
    (
        "12345678",
        {"extra_params": {"extra_headers": {"cookie": "session-not-real", "X-Pin-Token": "4711"}}},
        ["12345678", "session-not", "4711"],
    ),
    (
        "demo-key-not-real",
        {"api_base": "https://user:pass-not-real@h/v1?api-key=query-not-real&v=1"},
        ["demo-key", "pass-not", "query-not"],
    ),
    ("demo-key-not-real", {"api_base": "https://h/v1?code=1234&v=1"}, ["demo-key", "1234"]),
    ("demo-key-not-real", {"api_base": "https://token-not-real@h/v1"}, ["demo-key", "token-not"]),
    (
        "demo-key-not-real",
        {"secret_params": {"vertex_credentials": {"type": "service_account", "project_id": "granite", "private_key": "pem-not-real"}}},
        ["demo-key", "pem-not"],
    ),
    ("demo-key-not-real", {"secret_params": {"vertex_project": "unchanged", "other": "pem-not-real"}}, ["demo-key", "pem-not"]),
    ("demo-key-not-real", {"extra_params": {"cfg": '{"api_key": "in-json-not-real"}'}}, ["demo-key", "in-json"]),
    ("demo-key-not-real", {"extra_info": {"my_password": "info-not-real"}}, ["demo-key", "info-not"]),
]


@pytest.mark.parametrize(("key", "given", "secrets"), KEYS, ids=str)
@pytest.mark.parametrize("timeout", [5, "no number"])
def test_what_a_result_shows(monkeypatch: pytest.MonkeyPatch, key: str, given: dict[str, Any], secrets: list[str], timeout: Any) -> None:
    """Names, actions and counts, whatever the keys are; no secret in the options either."""
    line = {
        "model_name": "granite-3-8b",
        "model_id": "granite-id",
        "action": "unchanged",
        "reason": "granite-3-8b is unchanged",
        "position": 1,
    }
    entry = {"model_name": "granite-3-8b", "litellm_model": "openai/granite-3-8b-instruct", "api_key": key, **given}
    result = {"changed": False, "models": [line], "counts": {"unchanged": 12345678}, "diff": {"before": {}, "after": {"granite-3-8b": 1}}}

    class Shows(runner.Steps):
        def report(self, outcome: Any) -> dict[str, Any]:
            [shown] = self.run.entries("models")
            self.run.log("{litellm_model} is served".format(**shown))
            return dict(result)

    monkeypatch.setattr(litellm_model, "LitellmModel", Shows)
    answer = run_module(
        litellm_model.main,
        {
            "litellm_api_key": "demo-admin-key-not-real",
            "litellm_url": "http://x",
            "models": [entry],
            "timeout": timeout,
            "_ansible_verbosity": 3,
        },
    )
    if timeout == 5:
        assert {name: answer[name] for name in result} == result
        assert answer["log"] == [entry["litellm_model"] + " is served"]
        shown_entry = answer["invocation"]["module_args"]["models"][0]
        assert {name: shown_entry[name] for name in ("model_name", "litellm_model")} == {
            name: entry[name] for name in ("model_name", "litellm_model")
        }
        shown = str({name: value for name, value in answer.items() if name not in ("counts", "raw")})
    else:
        shown = answer["raw"]
    assert not [secret for secret in secrets if secret in shown]


SERVERS = {"litellm_url": "http://127.0.0.1:9", "litellm_api_key": "demo-key-not-real", "database_url": "postgresql://127.0.0.1:9/x"}
# a module, its options, which of them is said to be no text, and what YAML made of it
LISTS: list[tuple[Any, dict[str, Any], str, str]] = [
    (litemaas_orphan_cleanup, {"exclude_patterns": ["a", 1.1]}, "exclude_patterns", "the number 1.1"),
    (litemaas_orphan_cleanup, {"exclude_patterns": 511}, "exclude_patterns", "the number 511"),
    (litemaas_orphan_cleanup, {"model_patterns": [True]}, "model_patterns", "true"),
    (litemaas_orphan_cleanup, {"keep_models": ["a", 511]}, "keep_models", "the number 511"),
    (litemaas_model_sync, {"providers": [511]}, "providers", "the number 511"),
    (litellm_model, {"models": [], "later_steps": {"exclude_patterns": [1.1]}}, "exclude_patterns", "the number 1.1"),
    (litemaas_model_sync, {"notify_urls": [66778899]}, "notify_urls", "a number"),
    (litemaas_model_sync, {"kubernetes": {"impersonate_groups": [511]}}, "impersonate_groups", "the number 511"),
]


@pytest.mark.parametrize(("module", "options", "name", "made"), LISTS, ids=lambda value: str(value)[:50])
def test_a_text_in_a_list_that_yaml_took_for_something_else(module: Any, options: dict[str, Any], name: str, made: str) -> None:
    """Ansible itself makes the text "1.1" of 1.10: another model's row would be kept, and this one deleted."""
    for check in (True, False):
        done = run_module(module.main, {**SERVERS, **options}, check=check)
        assert done["msg"] == f"{name} must be a string, but YAML read it as {made}: put it in quotes"
        assert "66778899" not in done["raw"]


def test_null_in_a_list_of_texts_is_refused():
    """Before ansible-core 2.19 Ansible itself refuses it, in its own words."""
    done = run_module(litemaas_orphan_cleanup.main, {**SERVERS, "keep_models": ["a", None]})
    assert done["failed"]
    assert "keep_models" in done["msg"]


def test_lists_of_texts_that_look_like_something_else() -> None:
    given = {"exclude_patterns": ["1.10", "0777"], "keep_models": "1.10,0777", "providers": [], "model_patterns": None, "retries": 0}
    done = run_module(litemaas_orphan_cleanup.main, {**SERVERS, **given})
    assert "quotes" not in done["msg"]
