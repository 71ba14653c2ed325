# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What bad input gets: a sentence to act on, a failed run, nothing half-written, and the other models done."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from tests.ci.ansible_test import CORES
from tests.integration import faults
from tests.integration.playbook import LIST, Playbook
from tests.support import litemaas
from tests.support.postgres import PASSWORD
from tests.support.processes import free_port
from tests.support.recorder import Fault, Recorder
from tests.support.stack import LITEMAAS_DATABASE

pytestmark = [pytest.mark.litellm, pytest.mark.postgres, pytest.mark.slow]

OLDEST, NEWEST = min(CORES), max(CORES)
GOOD = {"model_name": "good", "litellm_model": "openai/good", "api_base": "http://good.example.com/v1", "api_key": "demo-key-not-real"}


@pytest.mark.any_litellm
@pytest.mark.parametrize(
    ("arguments", "environment", "sentence"),
    [
        ([], {"LITELLM_API_URL": ""}, "The address of the LiteLLM proxy is missing"),
        # What stands in the environment may be of another installation.
        (["-e", "litellm_url="], {}, "litellm_url is empty. Leave it out or set it to null to use LITELLM_API_URL"),
        (["-e", json.dumps({"litemaas_models_database_url": " "})], {}, "litemaas_models_database_url is empty."),
        ([], {"LITELLM_API_KEY": ""}, "The admin key of the LiteLLM proxy is missing"),
        ([], {"DATABASE_URL": ""}, "The database of the LiteMaaS backend is missing"),
        (["-e", "ocp4_workload_litemaas_models_sync_from_litellm=false", "-e", f"{LIST}=[]"], {}, "There is nothing to do"),
        (["-e", f"{LIST}=nonsense"], {}, "must be a list of models"),
        (["-e", json.dumps({LIST: [{**GOOD, "api_kye": "x"}]})], {}, "good: api_kye is not a field of a model (did you mean api_key?)"),
        (["-e", "litellm_master_key=wrong-key"], {}, "Authentication failed: Invalid API key"),
        (["-e", "litellm_url=http://127.0.0.1:9", "-e", "litemaas_models_retry_count=0"], {}, "Failed to connect to LiteLLM at"),
        (["-e", "ocp4_workload_litemaas_models_backend_enabled=perhaps"], {}, "litemaas_models_backend_enabled"),
    ],
)  # fmt: skip
def test_nothing_is_done(playbook: Playbook, arguments: list[str], environment: Mapping[str, str], sentence: str) -> None:
    before = playbook.both_sides()
    playbook.run(*arguments, environment=environment).failed(sentence)
    assert playbook.both_sides() == before


@pytest.mark.any_litellm
def test_a_database_that_is_not_there(playbook: Playbook) -> None:
    before = playbook.both_sides()
    url = f"postgresql://nobody:a-password@127.0.0.1:{free_port()}/litemaas_db"
    done = playbook.run("-e", playbook.models_file(GOOD), environment={"DATABASE_URL": url}).failed("Cannot connect to database")
    assert "a-password" not in done.output
    assert playbook.both_sides() == before, "LiteLLM was changed although the backend could not be"


@pytest.mark.any_litellm
def test_a_database_that_is_not_of_litemaas(playbook: Playbook) -> None:
    before = playbook.both_sides()
    url = playbook.stack.postgres.url("postgres")
    playbook.run("-e", playbook.models_file(GOOD), environment={"DATABASE_URL": url}).failed("is not LiteMaaS's: there is no table models")
    assert playbook.both_sides() == before, "LiteLLM was changed although the backend could not be"


@pytest.mark.any_litellm
def test_the_other_models_are_done(playbook: Playbook) -> None:
    wrong = {**GOOD, "model_name": "wrong", "rpm": "many"}
    arguments = ("-e", playbook.models_file(GOOD, wrong))
    predicted = playbook.run(*arguments, "--check", "--diff").failed("Model validation failed for wrong: rpm must be a whole number")
    done = playbook.run(*arguments).failed("Model validation failed for wrong: rpm must be a whole number")
    assert predicted.actions("litellm") == done.actions("litellm") == {"good": "created", "wrong": "failed"}
    assert set(playbook.deployments()) == {"good"}
    assert playbook.rows()["good"][5] == "available"
    assert "wrong" not in playbook.rows()
    again = playbook.run(*arguments).failed("Model validation failed for wrong")
    assert again.actions("litellm") == {"good": "unchanged", "wrong": "failed"}


@pytest.mark.any_litellm
def test_providers_that_litellm_does_not_know(playbook: Playbook) -> None:
    """All steps of a run say the same in check mode and for real."""
    litemaas.Seeder(playbook.stack.postgres, LITEMAAS_DATABASE).models(["unknown", "gone"])
    wrong = [{**GOOD, "model_name": name, "litellm_model": model} for name, model in (("unknown", "opnai/x"), ("without", "x"))]
    wrong.append({**GOOD, "model_name": "other", "custom_llm_provider": "nonsense"})
    arguments = ("-e", playbook.models_file(GOOD, *wrong))
    played = [playbook.run(*arguments, *check).failed("LiteLLM knows no provider opnai") for check in (("--check", "--diff"), ("--diff",))]
    for side in ("litellm", "backend", "cleanup"):
        assert played[0].actions(side) == played[1].actions(side), side
    assert played[0].actions("litellm") == {"good": "created", "unknown": "failed", "without": "failed", "other": "failed"}
    assert played[0].actions("cleanup") == {"gone": "deleted", "unknown": "skipped"}
    assert set(playbook.deployments()) == {"good"}
    assert set(playbook.rows()) - {"config-file-model"} == {"good", "unknown"}


# What YAML makes of texts without quotes: each is the failure of its entry alone. A name that YAML changed has no entry of that name.
MADE_BY_YAML = r"""
ocp4_workload_litemaas_models_list:
  - {model_name: 0777, <<: &given {litellm_model: openai/good, api_base: "http://good.example.com/v1", api_key: demo-key-not-real}}
  - {model_name: 1:30, <<: *given}
  - {model_name: 1.10, <<: *given}
  - {model_name: yes, <<: *given}
  - {model_name: 2024-06-01, <<: *given}
  - {model_name: null, <<: *given}
  - {model_name: version, <<: *given, api_version: 2024-06-01}
  - {model_name: title, <<: *given, display_name: 1.10}
  - {model_name: group, <<: *given, access_groups: [0777]}
  - {model_name: region, <<: *given, extra_params: {vertex_project: 1_000}}
  - {model_name: hidden, litellm_model: openai/good, api_base: "http://good.example.com/v1", api_key: 12345678}
  - {model_name: pin, <<: *given, secret_params: {pin: 66778899}}
  - {model_name: token, <<: *given, extra_params: {azure_ad_token: 1.10}}
  - {model_name: header, <<: *given, extra_params: {extra_headers: {X-Api-Key: 0777}}}
  - {model_name: endless, <<: *given, extra_params: {limit: .inf}}
  - {model_name: no number, <<: *given, extra_params: {deep: {share: .nan}}}
  - {model_name: key, <<: *given, extra_params: {notes: {2024-06-01: x}}, extra_info: {since: {0777: x}}}
  - {model_name: time, <<: *given, extra_params: {since: 2024-06-01 10:20:30}, extra_info: {until: 2024-06-01T10:20:30Z}}
  - {model_name: raw, <<: *given, extra_params: {raw: !!binary aGVsbG8=, some: !!set {a, b}}}
  - {model_name: "line\u0085end", <<: *given}
  - {model_name: good, <<: *given, description: "0777", api_version: "2024-06-01", display_name: "yes"}
"""
TOLD_OF_YAML = {
    "511": "model_name must be a string, but YAML read it as the number 511: put it in quotes",
    "90": "model_name must be a string, but YAML read it as the number 90: put it in quotes",
    "1.1": "model_name must be a string, but YAML read it as the number 1.1: put it in quotes",
    "True": "model_name must be a string, but YAML read it as true: put it in quotes",
    "2024-06-01": "model_name must be a string, but YAML read it as a date: put it in quotes",
    "entry 6 of the list": "model_name is missing (null and ~ are not names: put them in quotes)",
    "version": "api_version must be a string, but YAML read it as a date: put it in quotes",
    "title": "display_name must be a string, but YAML read it as the number 1.1: put it in quotes",
    "group": "access_groups must be a string, but YAML read it as the number 511: put it in quotes",
    "region": "vertex_project in extra_params must be a string, but YAML read it as the number 1000: put it in quotes",
    "hidden": "api_key must be a string, but YAML read it as a number: put it in quotes",
    "pin": "pin in secret_params must be a string, but YAML read it as a number: put it in quotes",
    "token": "azure_ad_token in extra_params must be a string, but YAML read it as a number: put it in quotes",
    "header": "extra_headers.X-Api-Key in extra_params must be a string, but YAML read it as a number: put it in quotes",
    "endless": "the value of limit in extra_params cannot be encoded as JSON",
    "no number": "the value of deep in extra_params cannot be encoded as JSON",
    "key": "a name in notes in extra_params must be a string, but YAML read it as a date: put it in quotes; "
    "a name in since in extra_info must be a string, but YAML read it as a number: put it in quotes",
    "time": "since in extra_params must be a string, but YAML read it as a date: put it in quotes; "
    "until in extra_info must be a string, but YAML read it as a date: put it in quotes",
    "raw": "raw in extra_params must be a string, but YAML read it as bytes: put it in quotes; "
    "some in extra_params must be a list, but is a set: write a list",
    "line\u0085end": "model_name holds a line separator (U+0085, U+2028 or U+2029)",
}


@pytest.mark.any_litellm
def test_texts_that_yaml_made_something_else_of(playbook: Playbook) -> None:
    path = playbook.folder / "yaml-models.yml"
    path.write_text(MADE_BY_YAML, encoding="utf-8")
    for mode, core in (("--check", NEWEST), ("--diff", OLDEST), ("--diff", NEWEST)):
        played = playbook.run("-e", f"@{path}", mode, core=core).failed("Model validation failed for ")
        assert not [number for number in ("12345678", "66778899") if number in played.output]
        lines = played.results["localhost"]["litellm"]["models"]
        told = {line["model_name"]: line["reason"] for line in lines if line["action"] == "failed"}
        assert set(told) == set(TOLD_OF_YAML)
        assert {name: sentence in told[name] for name, sentence in TOLD_OF_YAML.items()} == dict.fromkeys(TOLD_OF_YAML, True), told
        assert [line["model_name"] for line in lines if line["action"] != "failed"] == ["good"]
    assert set(playbook.deployments()) == {"good"}
    assert playbook.rows("id, description, name")["good"] == ["good", "0777", "yes"]
    assert set(playbook.rows()) <= {"good", "config-file-model"}


@pytest.mark.any_litellm
@pytest.mark.parametrize(("variable", "core"), [("litemaas_models_hosts", OLDEST), ("litemaas_models_serial", NEWEST)])
def test_variables_of_the_play_that_cannot_be_resolved(playbook: Playbook, variable: str, core: str) -> None:
    before = playbook.both_sides()
    done = playbook.run("-e", playbook.models_file(GOOD, **{variable: "demo-secret-{{ gone }}"}), core=core)
    done.failed(f"{variable} cannot be resolved: gone is undefined.")
    assert "demo-secret" not in done.output
    assert playbook.both_sides() == before


@pytest.mark.any_litellm
@pytest.mark.parametrize("count", ["litemaas_models_max_count=0", '{"litemaas_models_max_count": 0}'])
def test_no_removal_at_all_is_a_limit_too(playbook: Playbook, count: str) -> None:
    litemaas.Seeder(playbook.stack.postgres, LITEMAAS_DATABASE).models(["gone"])
    done = playbook.run("-e", playbook.models_file(GOOD), "-e", count)
    done.failed("more than litemaas_models_max_count 0 (litemaas_models_force: true lifts this)", "gone")
    assert playbook.rows()["gone"][5] == "available"


@pytest.mark.any_litellm
def test_a_database_that_may_only_be_read(playbook: Playbook) -> None:
    """Check mode needs no more; a run ends before it changes LiteLLM."""
    postgres = playbook.stack.postgres
    postgres.sql(
        f"CREATE ROLE looker LOGIN PASSWORD '{PASSWORD}'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO looker", LITEMAAS_DATABASE
    )
    try:
        environment = {"DATABASE_URL": postgres.url(LITEMAAS_DATABASE, user="looker")}
        before = playbook.both_sides()
        arguments = ("-e", playbook.models_file(GOOD))
        lacks = "lacks INSERT on models, UPDATE on models, INSERT on audit_logs"
        foreseen = playbook.run(*arguments, "--check", environment=environment).ok()
        assert foreseen.actions("backend")["good"] == "created"
        told = " ".join(foreseen.output.split())
        assert "A run would be refused: the user of the database" in told
        assert f"{lacks}. The README of the collection litemaas.models lists the rights that a run needs" in told
        playbook.run(*arguments, environment=environment).failed(lacks)
        assert playbook.both_sides() == before
    finally:
        postgres.sql("DROP OWNED BY looker; DROP ROLE looker", LITEMAAS_DATABASE)


@pytest.mark.any_litellm
def test_a_failing_model_whose_name_holds_its_key_is_left_alone_all_the_same(playbook: Playbook) -> None:
    playbook.add_in_admin_ui("testing-x")
    playbook.run().ok(changed=True)
    wrong = {**GOOD, "model_name": "testing-x", "api_key": "testing", "rpm": "many", "description": "Of a spec that failed"}
    playbook.run("-e", playbook.models_file(wrong)).failed("rpm must be a whole number")
    assert playbook.rows("id, description")["testing-x"] == ["testing-x", ""]


@pytest.mark.any_litellm
def test_the_cleanup_goes_on_without_the_models_that_failed(playbook: Playbook) -> None:
    """Failures in the list, in LiteLLM's values and of a rule: none loses its row, and none keeps the row of another."""
    litemaas.Seeder(playbook.stack.postgres, LITEMAAS_DATABASE).models(["wrong", "too-long", "gone", "huge", "odd", "long"])
    priced = {"input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06}
    playbook.add_in_admin_ui("huge", rpm=99999999999, **priced)
    for name, value in (("odd", {"litemaas_availability": "soon"}), ("long", {"max_tokens": 99999999999})):
        playbook.add_in_admin_ui(name, **priced)
        model_id = playbook.deployments()[name][0]
        status, answer = playbook.stack.proxy.request("PATCH", f"/model/{model_id}/update", {"model_info": value})
        assert status == 200, answer
    wrong = [{**GOOD, "model_name": "wrong", "rpm": "many"}, {**GOOD, "model_name": "too-long", "model_id": "x" * 256}]
    arguments = ("-e", playbook.models_file(GOOD, *wrong), "-e", "litemaas_models_require_pricing=true")
    sentences = (
        "rpm must be a whole number", "model_id is 256 characters long", "rpm is larger than", "availability must be one of",
        "long: context_length is larger than 2147483647",
    )  # fmt: skip
    for mode in (("--check",), ()):
        done = playbook.run(*arguments, *mode).failed(*sentences, "good: missing pricing information")
        assert done.actions("cleanup") == {"gone": "deleted", "wrong": "skipped", "too-long": "skipped"}
        assert "too-long and wrong: it is kept, because it is in the list or failed in an earlier step" in done.output
    assert set(playbook.rows()) - {"config-file-model"} == {"wrong", "too-long", "huge", "odd", "long"}
    again = playbook.run(*arguments).failed(*sentences)
    assert again.actions("cleanup") == {"wrong": "skipped", "too-long": "skipped"}


@pytest.mark.any_litellm
def test_names_that_nothing_has_are_told_with_the_nearest(playbook: Playbook) -> None:
    """In check mode too: a mistyped filter selects nothing, and a mistyped name of a model to delete deletes nothing."""
    playbook.run("-e", playbook.models_file({**GOOD, "model_name": "good-model"}, {**GOOD, "model_name": "d12"})).ok()
    absent = [{"model_name": name, "state": "absent"} for name in ("D12", "god-model", "d13")]
    selection = {
        "litemaas_models_providers": ["openia"], "litemaas_models_model_patterns": ["good"],
        "litemaas_models_exclude_patterns": ["d.*", "none", "godd-model"],
    }  # fmt: skip
    sentences = [
        "litemaas_models_providers has openia, but no model has this provider (did you mean openai?)",
        "litemaas_models_model_patterns has good, which does not match the whole name of any model: it is a part of good-model",
        "litemaas_models_exclude_patterns has godd-model, which does not match the whole name of any model (did you mean good-model?)",
        *(
            f"{typo}: nothing is deleted for the entry with state: absent, because LiteLLM has no model of this name (did you mean {name}?)"
            for typo, name in {"D12": "d12", "god-model": "good-model"}.items()
        ),
    ]
    for mode in (["--check"], []):
        done = playbook.run("-e", playbook.models_file(*absent, **selection), *mode).ok(changed=False)
        told = " ".join(done.output.split())
        assert [sentence for sentence in sentences if sentence not in told] == []
        assert "d13: nothing" not in told
        assert "has none, which does not match" not in told


@pytest.mark.any_litellm
def test_a_step_that_fails_as_a_whole_leaves_the_cleanup_out(playbook: Playbook) -> None:
    litemaas.Seeder(playbook.stack.postgres, LITEMAAS_DATABASE).models(["gone"])
    done = playbook.run("-e", "litemaas_models_lock_timeout=0").failed("lock_timeout must be larger than 0", "Nothing is cleaned up")
    assert done.results["localhost"]["cleanup"]["ran"] is False
    assert playbook.rows()["gone"][5] == "available"


@pytest.mark.any_litellm
def test_one_that_the_proxy_refuses_and_one_that_does_not_fit(playbook: Playbook) -> None:
    """Each is reported for itself, the rest is done on both sides, and the task fails at its end with the whole result."""
    refused = {**GOOD, "model_name": "refused"}
    playbook.add_in_admin_ui("does-not-fit", rpm=2**40)
    with Recorder(playbook.stack.litellm_url) as recorder:
        recorder.fault = lambda request: (
            Fault.status(400, {"error": {"message": "not this one"}}, forward=False)
            if request.path == "/model/new" and request.json()["model_name"] == "refused"
            else None
        )
        arguments = ("-e", playbook.models_file(refused, GOOD), "-e", "litemaas_models_retry_delay=0")
        done = playbook.run(*arguments, environment={"LITELLM_API_URL": recorder.url}).failed("HTTP 400: not this one")
    assert faults.row("one refused").explains(done.output)
    assert faults.row("does not fit").explains(done.output)
    assert done.actions("litellm") == {"refused": "failed", "good": "created"}
    assert playbook.rows()["good"][5] == "available"
    assert not {"refused", "does-not-fit"} & set(playbook.rows())


def test_an_unknown_provider(playbook: Playbook) -> None:
    unknown = {**GOOD, "model_name": "unknown", "litellm_model": "no-such-provider/unknown", "custom_llm_provider": None}
    done = playbook.run("-e", playbook.models_file(unknown, GOOD), "-e", "litemaas_models_wait_timeout=10")
    done.failed("unknown")
    assert done.actions("litellm")["good"] == "created"
    assert playbook.rows()["good"][5] == "available"


def test_unusual_names(playbook: Playbook) -> None:
    names = ['it\'s "quoted"', "a/b c%d", "größe-模型", "n" * 255, "x; DROP TABLE models --"]
    done = playbook.predicted_then_done("-e", playbook.models_file(*({**GOOD, "model_name": name, "description": name} for name in names)))
    assert done.actions("litellm") == dict.fromkeys(names, "created")
    assert [playbook.rows()[name][2] for name in names] == names
