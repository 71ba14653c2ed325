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

from tests.integration.playbook import LIST, Playbook, Played
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


# --- Hostile members: whatever is shown or stored has none of these secrets, and every name, action and count ---

# Each of them is in an entry below, and nowhere else.
HIDDEN = (
    "demo-pass-word-1", "demo-query-key-2", "demo-signature-3", "48151623", "90210417", "demo-cookie-4", "demo-basic-5", "demo-header-6",
    "demo-deep-pass-7", "demo-deep-token-8", "demo-info-code-9", "demo-jwt-11", "demo-fragment-12", "demo-pwd-13", "demo-signed-14",
)  # fmt: skip
HOSTILE: list[dict[str, Any]] = [
    # A key that is part of the model's name, placeholders, and the words of results.
    {"model_name": "granite-3-8b", "litellm_model": "openai/granite-3-8b-instruct", "api_key": "granite"},
    *(
        {"model_name": f"{key.lower()}-model", "litellm_model": f"openai/{key}-model", "api_key": key}
        for key in ("ollama", "none", "EMPTY", "created", "unchanged", "lm-studio")
    ),
    {
        "model_name": "address", "litellm_model": "openai/address", "api_base": f"http://user:{HIDDEN[0]}@granite.example.com/v1",
        "api_key": API_KEY,
    },
    {
        "model_name": "query", "litellm_model": "openai/query", "api_key": API_KEY,
        "api_base": f"https://query.example.com/v1?api-version=2024-06-01&api-key={HIDDEN[1]}",
    },
    {
        "model_name": "signed", "litellm_model": "openai/signed", "api_key": API_KEY,
        "api_base": f"https://signed.example.com/v1?se=2026&sig={HIDDEN[2]}&jwt={HIDDEN[11]}#access_token={HIDDEN[12]}",
        "extra_params": {"db_pwd": HIDDEN[13], "extra_headers": {"X-Signature": HIDDEN[14]}},
    },
    {"model_name": "digits", "litellm_model": "openai/digits", "api_key": HIDDEN[3], "secret_params": {"pin_token": HIDDEN[4]}},
    {
        "model_name": "headers", "litellm_model": "openai/headers", "api_key": "vllm",
        "extra_params": {
            "extra_headers": {"cookie": f"session={HIDDEN[5]}", "Authorization": f"Basic {HIDDEN[6]}", "X-Api-Key": HIDDEN[7]},
            "extra_body": {"callback": f"https://user:{HIDDEN[8]}@hooks.example.com/?token={HIDDEN[9]}"},
        },
        "extra_info": {"page": f"https://pages.example.com/?v=1&code={HIDDEN[10]}"},
    },
]  # fmt: skip
# A credential's name is no secret, also where it is part of a model's.
CREDENTIAL = "granite"
HOSTILE.append({"model_name": "granite-3-2b-instruct", "litellm_model": "openai/granite-3-2b-instruct", "credential": CREDENTIAL})
NAMES = {model["model_name"] for model in HOSTILE}
# Of a model that somebody else made.
FOREIGN = ("demo-foreign-pass-1", "demo-foreign-key-2")


class Eyes:
    """Everything that a run shows or leaves, in one text."""

    def __init__(self, playbook: Playbook, receiver: Receiver) -> None:
        self.playbook = playbook
        self._receiver = receiver
        self._log = playbook.folder / "ansible.log"
        self.progress = playbook.folder / "progress.txt"

    def run(self, models: list[dict[str, Any]], *arguments: str, **variables: Any) -> Played:
        """Run it, and see that nothing shows a secret."""
        given = {
            "litemaas_models_notify_urls": [f"{self._receiver.url}/{HOOK}"],
            "litemaas_models_progress_file": str(self.progress),
            "litemaas_models_wait_timeout": 15,
            **variables,
        }
        log = {"ANSIBLE_LOG_PATH": str(self._log)}
        done = self.playbook.run("-vvvv", "--diff", *arguments, "-e", self.playbook.models_file(*models, **given), environment=log)
        self.look(done)
        return done

    def look(self, done: Played) -> None:
        audits = str(self.playbook.sql("SELECT * FROM audit_logs"))
        told = [message.body.decode() for message in self._receiver.notifications]
        left = [file.read_text(encoding="utf-8") for file in (self._log, self.progress) if file.exists()]
        for text in (done.output, json.dumps(done.artefacts), audits, *told, *left):
            _assert_silent(self.playbook, text)
            for secret in (*HIDDEN, *FOREIGN):
                assert secret not in text, [line for line in text.splitlines() if secret in line][:3]


def test_hostile_secrets_are_nowhere_and_names_actions_and_counts_everywhere(playbook: Playbook) -> None:
    address = f"https://user:{FOREIGN[0]}@foreign.example.com/v1?key={FOREIGN[1]}"
    playbook.add_in_admin_ui("foreign", api_base=address)
    with Receiver() as receiver:
        eyes = Eyes(playbook, receiver)
        predicted, done, again = (eyes.run(HOSTILE, *mode).ok() for mode in (("--check",), (), ()))
        assert predicted.actions("litellm") == done.actions("litellm") == dict.fromkeys(NAMES, "created")
        assert done.actions("backend").items() >= dict.fromkeys({*NAMES, "foreign"}, "created").items()
        assert again.actions("litellm") == dict.fromkeys(NAMES, "unchanged")
        for name in NAMES:
            assert f"{name}: LiteLLM created; LiteMaaS created" in done.output
        [unchanged] = [line for line in again.output.splitlines() if line.startswith("Unchanged: ")]
        assert set(unchanged.removeprefix("Unchanged: ").split(", ")) >= {*NAMES, "foreign"}
        # What the receiver got about it.
        [told] = [message.json() for message in receiver.notifications if message.json()["module"] == "litellm_model"]
        assert told["counts"]["created"] == len(HOSTILE)
        assert {model["model_name"] for model in told["models"]} == NAMES
        # Everything changes, and some of it is wrong.
        changed = [{**model, "rpm": 7} for model in HOSTILE]
        done = eyes.run([*changed, {**HOSTILE[7], "model_name": "wrong", "rpm": "many"}]).failed("rpm must be a whole number")
        assert done.actions("litellm") == {**dict.fromkeys(NAMES, "updated"), "wrong": "failed"}
        assert set(playbook.rows()) >= {*NAMES, "foreign"}
        # An unknown field ends the run before it begins; then everything goes.
        eyes.run([{**model, "api_kye": HIDDEN[3]} for model in HOSTILE]).failed("did you mean api_key?")
        done = eyes.run([{**model, "state": "absent"} for model in HOSTILE], litemaas_models_force=True).ok()
        assert done.actions("litellm") == dict.fromkeys(NAMES, "deleted")
        assert done.results["localhost"]["cleanup"]["removed"] == sorted(NAMES)
