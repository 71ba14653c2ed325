# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No output of the playbook holds a secret, however much it is asked to say and whatever goes wrong."""

from __future__ import annotations

import json
import urllib.parse
from typing import Any

import pytest

from tests.integration.playbook import LIST, Playbook

pytestmark = [pytest.mark.any_litellm, pytest.mark.litellm, pytest.mark.postgres, pytest.mark.slow]

API_KEY = "demo-secret-of-the-model-1111"
NEW_API_KEY = "demo-secret-of-the-model-2222"
PARAMETER = "demo-secret-of-a-parameter-3333"
WRONG_ADMIN_KEY = "demo-secret-wrong-admin-key-4444"
WRONG_PASSWORD = "demo-secret/wrong password-5555"
MISPLACED = "demo-secret-in-a-wrong-field-6666"

MODEL: dict[str, Any] = {
    "model_name": "granite", "litellm_model": "openai/granite", "api_base": "http://granite.example.com/v1", "api_key": API_KEY,
    "secret_params": {"aws_secret_access_key": PARAMETER},
}  # fmt: skip


def _assert_silent(playbook: Playbook, output: str) -> None:
    own = [API_KEY, NEW_API_KEY, PARAMETER, WRONG_ADMIN_KEY, WRONG_PASSWORD, urllib.parse.quote(WRONG_PASSWORD, safe=""), MISPLACED]
    password = urllib.parse.urlsplit(playbook.stack.database_url).password
    for secret in [*own, playbook.stack.master_key, f":{password}@"]:
        assert secret not in output, f"the output holds a secret: {[line for line in output.splitlines() if secret in line][:3]}"


def _model(**changes: Any) -> dict[str, Any]:
    return {**MODEL, **changes}


def test_runs_that_work(playbook: Playbook) -> None:
    for model in (MODEL, _model(api_key=NEW_API_KEY, rpm=5), _model(state="absent")):
        for mode in ((), ("--check",)):
            done = playbook.run("-vvvv", "--diff", *mode, "-e", playbook.models_file(model)).ok()
            _assert_silent(playbook, done.output)


# Each of them fails on its own.
WRONG_MODELS = [
    _model(model_name="number", rpm="many"),
    _model(model_name="secret number", rpm=MISPLACED),
    _model(model_name="parameters", extra_params=MISPLACED),
    _model(model_name="secret parameters", secret_params=MISPLACED),
    _model(model_name="provider", litellm_model="no-such-provider/x"),
    _model(model_name="twins"),
    _model(model_name="twins"),
]


@pytest.mark.parametrize(
    ("models", "environment"),
    [
        (WRONG_MODELS, {}),
        ([_model(api_kye=MISPLACED)], {}),
        ([MODEL], {"LITELLM_API_KEY": WRONG_ADMIN_KEY}),
        ([MODEL], {"LITELLM_API_URL": "http://127.0.0.1:9"}),
        ([MODEL], {"DATABASE_URL": f"postgresql://litemaas:{urllib.parse.quote(WRONG_PASSWORD, safe='')}@127.0.0.1:9/litemaas_db"}),
        ([MODEL], {"DATABASE_URL": f"postgresql://litemaas:{WRONG_PASSWORD}@127.0.0.1:9/litemaas_db"}),
        ([MODEL], {"DATABASE_URL": f"nonsense {WRONG_PASSWORD}"}),
    ],
)  # fmt: skip
def test_runs_that_fail(playbook: Playbook, models: list[dict[str, Any]], environment: dict[str, str]) -> None:
    arguments = ("-vvvv", "--diff", "-e", "litemaas_models_retry_count=0", "-e", "litemaas_models_wait_timeout=5")
    done = playbook.run(*arguments, "-e", playbook.models_file(*models), environment=environment).failed()
    _assert_silent(playbook, done.output)


def test_a_play_with_the_list_as_a_parameter_of_the_role(playbook: Playbook) -> None:
    play = playbook.folder / "play.json"
    role = {"role": "litemaas.models.litemaas_models", "litemaas_models_list": [MODEL], "litemaas_models_backend_enabled": "perhaps"}
    play.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "roles": [role]}]), encoding="utf-8")
    playbook.playbook = str(play)
    done = playbook.run("-vvvv", "--diff").failed("litemaas_models_backend_enabled")
    _assert_silent(playbook, done.output)


def test_results_that_are_shown_and_stored(playbook: Playbook) -> None:
    play = playbook.folder / "play.json"
    tasks = [
        {"ansible.builtin.import_role": {"name": "litemaas.models.litemaas_models"}},
        {"ansible.builtin.debug": {"var": "litemaas_models_result"}},
    ]
    play.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "vars": {LIST: [MODEL]}, "tasks": tasks}]), encoding="utf-8")
    playbook.playbook = str(play)
    done = playbook.run("-vvvv", "--diff").ok()
    assert done.actions("litellm") == {"granite": "created"}
    _assert_silent(playbook, done.output)
