# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No output of the playbook holds a secret, however much it is asked to say and whatever goes wrong."""

from __future__ import annotations

import json
import ssl
import urllib.parse
from typing import Any

import pytest
import trustme

from tests.integration.playbook import LIST, Playbook
from tests.support import litemaas
from tests.support.receiver import ForwardProxy, Receiver
from tests.support.recorder import Fault, RecordedRequest, Recorder
from tests.support.stack import LITEMAAS_DATABASE

pytestmark = [pytest.mark.any_litellm, pytest.mark.litellm, pytest.mark.postgres, pytest.mark.slow]

API_KEY = "demo-secret-of-the-model-1111"
NEW_API_KEY = "demo-secret-of-the-model-2222"
PARAMETER = "demo-secret-of-a-parameter-3333"
WRONG_ADMIN_KEY = "demo-secret-wrong-admin-key-4444"
WRONG_PASSWORD = "demo-secret/wrong password-5555"
MISPLACED = "demo-secret-in-a-wrong-field-6666"
URL_PASSWORD = "demo-secret-of-an-address-7777"
HOOK = "demo-secret-of-a-hook-8888"
STORED = "demo-secret-stored-encrypted-9999"

MODEL: dict[str, Any] = {
    "model_name": "granite", "litellm_model": "openai/granite", "api_base": "http://granite.example.com/v1", "api_key": API_KEY,
    "secret_params": {"aws_secret_access_key": PARAMETER},
}  # fmt: skip


def _assert_silent(playbook: Playbook, output: str) -> None:
    own = [API_KEY, NEW_API_KEY, PARAMETER, WRONG_ADMIN_KEY, WRONG_PASSWORD, urllib.parse.quote(WRONG_PASSWORD, safe=""), MISPLACED]
    own += [URL_PASSWORD, HOOK, STORED]
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


# --- Servers in trouble. Each says so with a sentence, and what they echo is not shown ---


class Trouble:
    """The playbook at its most talkative, with everything that is secret in its variables."""

    def __init__(self, playbook: Playbook) -> None:
        self.playbook = playbook
        self.environment: dict[str, str] = {}
        self.variables: dict[str, Any] = {
            "litemaas_models_retry_delay": 0.05,
            "litemaas_models_retry_count": 1,
            "litemaas_models_wait": False,
        }

    def play(self, *models: dict[str, Any], **variables: Any) -> str:
        """Run it, see that it says no secret, and return what it says."""
        file = self.playbook.models_file(*(models or [MODEL]), **{**self.variables, **variables})
        done = self.playbook.run("-vvvv", "--diff", "-e", file, environment=self.environment)
        _assert_silent(self.playbook, done.output)
        return done.output

    def in_front(self, server: Receiver | Recorder) -> None:
        """Let a server stand where LiteLLM is, with a user and a password in its address."""
        self.environment["LITELLM_API_URL"] = server.url.replace("//", f"//somebody:{URL_PASSWORD}@")


@pytest.fixture
def trouble(playbook: Playbook) -> Trouble:
    return Trouble(playbook)


def _echo(request: RecordedRequest) -> Fault | None:
    """Answer a write with its own body, in the place from which a sentence is taken. The first is as LiteLLM does it."""
    if request.method not in ("POST", "PATCH"):
        return None
    body = request.json()
    detail = [{"type": "float_parsing", "loc": ["body", "litellm_params"], "msg": "Input should be a valid number", "input": body}]
    answers = {
        "m422": Fault.status(422, {"detail": detail}, forward=False),
        "m400": Fault.status(400, {"error": {"message": f"cannot use {json.dumps(body)}"}}, forward=False),
        "m500": Fault.status(500, {"error": {"message": f"Deployment(**{body}), Bearer {MISPLACED}"}}, forward=False),
    }
    return answers[body["model_name"]]


def test_answers_that_echo_the_request(trouble: Trouble) -> None:
    with Recorder(trouble.playbook.stack.litellm_url, _echo) as recorder:
        trouble.in_front(recorder)
        output = trouble.play(*[_model(model_name=name) for name in ("m422", "m400", "m500")])
    assert all(API_KEY.encode() in call.body for call in recorder.calls("POST"))
    assert "HTTP 422: litellm_params: Input should be a valid number" in output
    assert "HTTP 400: cannot use" in output
    assert "HTTP 500: Deployment(**" in output


def test_a_proxy_that_dies(trouble: Trouble) -> None:
    def choose(request: RecordedRequest) -> Fault | None:
        return Fault.drop(forward=False) if request.method in ("POST", "PATCH") else None

    with Recorder(trouble.playbook.stack.litellm_url, choose) as recorder:
        trouble.in_front(recorder)
        output = trouble.play(*[_model(model_name=f"m{number}") for number in range(4)])
    assert "times in a row: no further request is made" in output


def test_no_tls_and_no_trust(trouble: Trouble) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with Receiver(context) as server:
        trouble.in_front(server)
        assert "its certificate is not trusted" in trouble.play(litemaas_models_verify_ssl=True)
        assert "must be a file with CA certificates" in trouble.play(
            litemaas_models_verify_ssl=True, litemaas_models_ca_path="/nonexistent"
        )


def test_a_client_proxy_that_refuses(trouble: Trouble) -> None:
    with ForwardProxy(f"somebody:not-{URL_PASSWORD}") as proxy:
        trouble.environment = {name: proxy.url.replace("//", f"//somebody:{URL_PASSWORD}@") for name in ("HTTP_PROXY", "http_proxy")}
        assert "wants a user and a password (HTTP 407)" in trouble.play()


def test_wrong_options_beside_an_address_with_a_password(trouble: Trouble) -> None:
    trouble.environment = {"LITELLM_API_URL": f"http://somebody:{URL_PASSWORD}@127.0.0.1:9"}
    assert "litemaas_models_retry_count" in trouble.play(litemaas_models_retry_count=[1, 2])
    pull = {LIST: [], "litemaas_models_notify_urls": [HOOK]}
    assert "notify_urls must be addresses" in trouble.play(**pull)


def test_a_wrong_option_of_a_module_beside_an_address_with_a_password(trouble: Trouble) -> None:
    """The module never begins, and Ansible shows all its options."""
    play = trouble.playbook.folder / "play.json"
    options = {"litellm_url": f"http://somebody:{URL_PASSWORD}@127.0.0.1:9", "litellm_api_key": WRONG_ADMIN_KEY, "timeout": "long"}
    tasks = [{"litemaas.models.litemaas_model_sync": {**options, "notify_urls": [f"http://hooks.example.com/{HOOK}"]}}]
    play.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]), encoding="utf-8")
    trouble.playbook.playbook = str(play)
    assert "timeout" in trouble.play()


def test_a_refused_cleanup_and_a_dead_receiver(trouble: Trouble) -> None:
    seeder = litemaas.Seeder(trouble.playbook.stack.postgres, LITEMAAS_DATABASE)
    seeder.models([f"gone-{number}" for number in range(12)], encrypted_api_key=STORED)
    seeder.api_keys(seeder.users(2), ["gone-1"])
    with Receiver() as receiver:
        urls = [f"http://somebody:{HOOK}@127.0.0.1:9/{HOOK}?token={HOOK}", f"{receiver.url}/{HOOK}"]
        output = trouble.play(litemaas_models_notify_urls=urls)
        assert "Refused to remove 12 of" in output
        assert "No notification for http://127.0.0.1:9: [Errno 111] Connection refused" in output
        events = [told.json()["event"] for told in receiver.notifications]
        assert events == ["litellm_model.changed", "litemaas_model_sync.changed", "litemaas_orphan_cleanup.failed"]
        for told in receiver.notifications:
            _assert_silent(trouble.playbook, told.body.decode())
        # A text is one address; check mode tells nobody, a quiet run neither.
        receiver.notifications.clear()
        for mode in ("--check", "--diff"):
            variables = {
                **trouble.variables,
                "litemaas_models_notify_urls": f"{receiver.url}/{HOOK}",
                "litemaas_models_cleanup_orphaned": mode == "--check",
            }
            trouble.playbook.run(mode, "-e", trouble.playbook.models_file(MODEL, **variables))
        assert receiver.notifications == []


def test_a_row_that_the_database_refuses(trouble: Trouble) -> None:
    seeder = litemaas.Seeder(trouble.playbook.stack.postgres, LITEMAAS_DATABASE)
    seeder.models([MODEL["model_name"]], encrypted_api_key=STORED)
    trouble.playbook.sql("ALTER TABLE models ADD CONSTRAINT no_prose CHECK (description IS NULL OR description NOT LIKE '%prose%')")
    try:
        assert "no_prose" in trouble.play(_model(description=f"prose {API_KEY}"))
    finally:
        trouble.playbook.sql("ALTER TABLE models DROP CONSTRAINT no_prose")


def test_a_defect_shows_its_place_and_nothing_else(trouble: Trouble) -> None:
    """An error that nobody expects, with everything that it knows in its text."""
    (trouble.playbook.folder / "sitecustomize.py").write_text(
        "import requests\n\n\ndef fail(*arguments, **options):\n    raise RuntimeError(repr((arguments, options)))\n\n\n"
        "requests.Session.request = fail\n",
        encoding="utf-8",
    )
    trouble.environment = {"PYTHONPATH": str(trouble.playbook.folder), "LITELLM_API_KEY": WRONG_ADMIN_KEY}
    output = trouble.play()
    assert "Unexpected RuntimeError at sitecustomize.py:5" in output
    assert "Traceback" not in output
