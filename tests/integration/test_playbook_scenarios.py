# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways in which people run the playbook, each also with --check --diff, on a real LiteLLM and a real PostgreSQL."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.integration.playbook import CLONE_PLAYBOOK, INSTALLED_PLAYBOOK, LIST, ROOT, Playbook
from tests.support import litemaas
from tests.support.stack import LITEMAAS_DATABASE, Stack

pytestmark = [pytest.mark.litellm, pytest.mark.postgres, pytest.mark.slow]

GRANITE = {
    "model_name": "granite", "litellm_model": "openai/granite", "api_base": "http://granite.example.com/v1", "api_key": "demo-key-not-real",
}  # fmt: skip


@pytest.mark.each_litellm
def test_a_models_file(playbook: Playbook) -> None:
    path = playbook.folder / "my-models.yml"
    shutil.copy(ROOT / "examples" / "models.yml", path)
    done = playbook.predicted_then_done("-e", f"@{path}")
    names = set(done.actions("litellm"))
    assert len(names) == 9
    assert set(done.actions("litellm").values()) == {"created"}
    assert names <= set(playbook.rows())
    assert all(len(ids) == 1 for ids in playbook.deployments().values())
    row = playbook.rows()["granite-3-8b-instruct"]
    assert row[1:6] == ["Granite 3 8B Instruct", "A small model for chat and for tools.", "openshift-ai", "general", "available"]
    assert row[6] == playbook.deployments()["granite-3-8b-instruct"][0]
    # The last time so that each step writes down where it is, within milliseconds.
    progress = playbook.folder / "progress"
    options = ("--check", "--diff", "-e", f"litemaas_models_progress_file={progress}")
    playbook.run("-e", f"@{path}", *options, environment={"LITEMAAS_PROGRESS_PACE": "0.003"}).ok(changed=False)
    lines = progress.read_text(encoding="utf-8").splitlines()
    assert {line.split(": ")[0] for line in lines} == {"litellm_model", "litemaas_model_sync"}


@pytest.mark.any_litellm
def test_what_was_added_in_the_admin_ui(playbook: Playbook) -> None:
    playbook.add_in_admin_ui("by-hand", rpm=7)
    url, key = playbook.environment["LITELLM_API_URL"], playbook.environment["LITELLM_API_KEY"]
    playbook.environment.update(LITELLM_API_URL="", LITELLM_API_KEY="")
    done = playbook.predicted_then_done("-e", f"litellm_url={url}", "-e", f"litellm_master_key={key}", "-e", f"{LIST}=[]")
    assert done.actions("backend")["by-hand"] == "created"
    assert "not touched: no list of models was given" in done.output
    assert playbook.rows("id, rpm")["by-hand"] == ["by-hand", "7"]


@pytest.mark.any_litellm
def test_one_model_inline(playbook: Playbook) -> None:
    done = playbook.predicted_then_done("-e", json.dumps({LIST: [GRANITE]}))
    assert done.actions("litellm") == {"granite": "created"}
    assert playbook.rows()["granite"][1:6] == ["granite", "AI model", "openshift-ai", "general", "available"]


@pytest.mark.any_litellm
def test_one_changed_field(playbook: Playbook) -> None:
    playbook.run("-e", playbook.models_file(GRANITE)).ok(changed=True)
    ids = playbook.deployments()
    done = playbook.predicted_then_done("-e", playbook.models_file({**GRANITE, "rpm": 60, "description": "Now described"}))
    assert done.actions("litellm") == {"granite": "updated"}
    assert done.actions("backend")["granite"] == "updated"
    assert playbook.rows("id, rpm, description")["granite"] == ["granite", "60", "Now described"]
    assert playbook.deployments() == ids


@pytest.mark.any_litellm
def test_orphans_stay_when_told_to(playbook: Playbook) -> None:
    litemaas.Seeder(playbook.stack.postgres, LITEMAAS_DATABASE).models(["gone"])
    arguments = ("-e", playbook.models_file(GRANITE), "-e", "ocp4_workload_litemaas_models_cleanup_orphaned=false")
    done = playbook.predicted_then_done(*arguments)
    assert "left as they are" in done.output
    assert playbook.rows()["gone"][5] == "available"


@pytest.mark.each_litellm
def test_orphans_go_and_subscribed_ones_are_retired(playbook: Playbook) -> None:
    seeder = litemaas.Seeder(playbook.stack.postgres, LITEMAAS_DATABASE)
    seeder.models(["gone", "subscribed", *(f"kept-{number}" for number in range(8))])
    users = seeder.users(1)
    seeder.subscriptions(users, ["subscribed"])
    # 2 of 10 rows are too many. The sync adds one before the cleanup.
    limits = {"litemaas_models_exclude_patterns": ["kept-.*"], "litemaas_models_max_percent": 19}
    arguments = ("-e", playbook.models_file(GRANITE), "-e", json.dumps(limits))
    predicted = playbook.run(*arguments, "--check", "--diff").ok()
    done = playbook.run(*arguments).ok()
    assert predicted.actions("cleanup") == done.actions("cleanup")
    assert done.actions("cleanup")["gone"] == "deleted"
    assert "gone" not in playbook.rows()
    assert playbook.rows()["subscribed"][5] == "unavailable"
    assert playbook.sql("SELECT status FROM subscriptions") == [["inactive"]]
    playbook.run(*arguments).ok(changed=False)


@pytest.mark.each_litellm
def test_a_model_that_is_absent_goes_from_both_sides(playbook: Playbook) -> None:
    other = {**GRANITE, "model_name": "other"}
    playbook.run("-e", playbook.models_file(GRANITE, other)).ok(changed=True)
    arguments = ("-e", playbook.models_file(GRANITE, {"model_name": "other", "state": "absent"}))
    done = playbook.predicted_then_done(*arguments)
    assert done.actions("litellm") == {"granite": "unchanged", "other": "deleted"}
    assert done.actions("cleanup") == {"other": "deleted"}
    assert set(playbook.deployments()) == {"granite"}
    assert "other" not in playbook.rows()


def test_more_absent_models_than_the_guard_allows_stay_on_both_sides(playbook: Playbook) -> None:
    names = [f"m{number:02}" for number in range(13)]
    playbook.run("-e", playbook.models_file(*[{**GRANITE, "model_name": name} for name in names])).ok(changed=True)
    seeder = litemaas.Seeder(playbook.stack.postgres, LITEMAAS_DATABASE)
    seeder.subscriptions(seeder.users(1), ["m00"])
    arguments = ("-e", playbook.models_file(*[{"model_name": name, "state": "absent"} for name in names[:12]]))
    before = playbook.both_sides()
    for check in (["--check"], []):
        playbook.run(*arguments, *check).failed(
            "LiteLLM proxy: Refused to remove 12 of 13 models",
            "(litemaas_models_force: true lifts this). Nothing was removed from LiteLLM or LiteMaaS. ",
            "It would affect m00 (leaves LiteLLM, retired in LiteMaaS and kept for its subscriptions: 1 sub",
        )
        assert playbook.both_sides() == before
    done = playbook.predicted_then_done(*arguments, "-e", "litemaas_models_force=true")
    assert set(done.actions("litellm").values()) == {"deleted"}
    assert (done.actions("cleanup")["m00"], done.actions("cleanup")["m01"]) == ("retired", "deleted")


@pytest.mark.any_litellm
def test_a_model_that_comes_back_under_aap(playbook: Playbook) -> None:
    """With what people had before, and with the job that did it in the audit log."""
    playbook.run("-e", playbook.models_file(GRANITE)).ok(changed=True)
    seeder = litemaas.Seeder(playbook.stack.postgres, LITEMAAS_DATABASE)
    users = seeder.users(1)
    seeder.subscriptions(users, ["granite"])
    [key] = seeder.api_keys(users, ["granite"])
    job = ("-e", json.dumps({"awx_job_id": 42, "tower_job_template_name": 'It\'s "models" ü', "awx_user_name": "ada"}))
    gone = playbook.run("-e", playbook.models_file({"model_name": "granite", "state": "absent"}), *job).ok(changed=True)
    assert gone.actions("cleanup")["granite"] == "retired"
    done = playbook.predicted_then_done("-e", playbook.models_file(GRANITE), "-e", "litemaas_models_restore=true")
    assert "restored: 1 subscription, 1 API key that lost it, 1 deactivated API key" in done.output
    assert playbook.sql("SELECT status FROM subscriptions") == [["active"]]
    assert playbook.sql("SELECT api_key_id, model_id FROM api_key_models") == [[key["id"], "granite"]]
    retired = playbook.sql("SELECT metadata->'by' FROM audit_logs WHERE action = 'MODEL_MARKED_UNAVAILABLE_WITH_CASCADE'")
    [by] = [json.loads(row[0]) for row in retired]
    assert (by["job_id"], by["job_template"], by["user"]) == ("42", 'It\'s "models" ü', "ada")
    [restored] = playbook.sql("SELECT metadata->'by'->>'job_id', metadata->'by'->>'os_user' FROM audit_logs WHERE action LIKE '%RESTORED%'")
    assert (restored[0], bool(restored[1])) == ("", True)


@pytest.mark.any_litellm
def test_everything_from_the_environment(playbook: Playbook) -> None:
    playbook.add_in_admin_ui("by-hand")
    done = playbook.predicted_then_done()
    assert done.actions("backend")["by-hand"] == "created"
    # What a person hides then stays hidden on wish, and the summary says so.
    playbook.sql("UPDATE models SET availability = 'unavailable' WHERE id = 'by-hand'")
    done = playbook.run("-e", "litemaas_models_keep_hidden=true").ok(changed=False)
    assert "Hidden: by-hand: made unavailable by a person, and left so" in done.output
    assert playbook.rows()["by-hand"][5] == "unavailable"


@pytest.mark.any_litellm
def test_the_proxy_alone(playbook: Playbook) -> None:
    arguments = ("-e", playbook.models_file(GRANITE), "-e", "ocp4_workload_litemaas_models_backend_enabled=false")
    done = playbook.run(*arguments, environment={"DATABASE_URL": ""}).ok(changed=True)
    assert "not touched: litemaas_models_backend_enabled is false" in done.output
    assert playbook.rows() == {}
    assert set(playbook.deployments()) == {"granite"}
    playbook.run(*arguments, environment={"DATABASE_URL": ""}).ok(changed=False)


# Stands in for a role that deploys LiteMaaS: it tells where LiteLLM is, as such roles do.
DEPLOYMENT = """
- name: Tell where LiteLLM is
  ansible.builtin.set_fact:
    litellm_url: "{{ deployed_url }}/"
    litellm_master_key: "{{ deployed_key }}"
  when: deployed_url is defined
"""


@pytest.mark.any_litellm
def test_a_deployment_and_its_models(playbook: Playbook) -> None:
    playbook.playbook = str(ROOT / "playbooks" / "deploy_litemaas.yml")
    role = playbook.folder / "roles" / "our_deployment" / "tasks"
    role.mkdir(parents=True)
    (role / "main.yml").write_text(DEPLOYMENT, encoding="utf-8")
    playbook.environment["ANSIBLE_ROLES_PATH"] = str(playbook.folder / "roles")
    deployed = {"deployed_url": playbook.environment.pop("LITELLM_API_URL"), "deployed_key": playbook.environment.pop("LITELLM_API_KEY")}
    models = playbook.models_file(GRANITE, litemaas_deployment_role="our_deployment", **deployed)
    done = playbook.run("-e", models).ok(changed=True)
    assert done.actions("litellm") == {"granite": "created"}
    assert done.actions("backend")["granite"] == "created"
    before, waited = done.output.split("Wait until LiteLLM answers", 1)
    assert "Tell where LiteLLM is" in before
    assert "skipping: [localhost]" not in waited.split("TASK", 1)[0]
    # A part of it: the role's own tags leave the deployment out.
    servers = ("-e", f"litellm_url={deployed['deployed_url']}", "-e", f"litellm_master_key={deployed['deployed_key']}")
    part = playbook.run("-e", models, *servers, "--tags", "sync", "--check", "--diff").ok(changed=False)
    assert part.actions("backend")["granite"] == "unchanged"
    assert part.results["localhost"]["litellm"]["ran"] is False
    assert "Tell where LiteLLM is" not in part.output
    # Without an address there is nothing to wait for: the role says what is missing.
    elsewhere = playbook.models_file(GRANITE, litemaas_deployment_role="our_deployment", litemaas_models_namespace="")
    nothing = playbook.run("-e", elsewhere).failed("The address of the LiteLLM proxy is missing.")
    assert "RETRYING" not in nothing.output


def _host(url: str, key: str, database_url: str) -> dict[str, str]:
    return {"litellm_url": url, "litellm_master_key": key, "litemaas_models_database_url": database_url}


def _inventory(playbook: Playbook, first: dict[str, str], second: dict[str, str]) -> str:
    path = playbook.folder / "inventory.json"
    path.write_text(json.dumps({"litemaas": {"hosts": {"first": first, "second": second}}}), encoding="utf-8")
    return str(path)


@pytest.fixture
def second_database(clean_stack: Stack) -> str:
    """Make the database of a second backend."""
    server = clean_stack.postgres
    server.drop_database("litemaas_second_db")
    server.create_database("litemaas_second_db")
    server.sql(litemaas.schema_sql(), "litemaas_second_db")
    return server.url("litemaas_second_db")


@pytest.mark.any_litellm
def test_two_installations_one_after_the_other(playbook: Playbook, second_database: str) -> None:
    stack = playbook.stack
    other = stack.start_proxy("second", database="litellm_second_db")
    try:
        first = _host(stack.litellm_url, stack.master_key, stack.database_url)
        second = _host(other.url, stack.master_key, second_database)
        playbook.environment = {}
        arguments = ("-i", _inventory(playbook, first, second), "-e", playbook.models_file(GRANITE))
        predicted = playbook.run(*arguments, "--check", "--diff").ok(changed=True)
        done = playbook.run(*arguments).ok(changed=True)
        for host in ("first", "second"):
            assert predicted.actions("litellm", host) == done.actions("litellm", host) == {"granite": "created"}
            assert done.actions("backend", host)["granite"] == "created"
        assert done.output.index("first: http") < done.output.index("second: http")
        assert playbook.sql("SELECT id FROM models WHERE id = 'granite'", "litemaas_second_db") == [["granite"]]
        playbook.run(*arguments).ok(changed=False)
    finally:
        stack.stop_proxy("second")


@pytest.mark.any_litellm
def test_a_failing_installation_ends_the_run_before_the_next(playbook: Playbook, second_database: str) -> None:
    stack = playbook.stack
    first = _host(stack.litellm_url, "wrong-key", stack.database_url)
    second = _host(stack.litellm_url, stack.master_key, second_database)
    playbook.environment = {}
    done = playbook.run("-i", _inventory(playbook, first, second), "-e", playbook.models_file(GRANITE))
    done.failed("Authentication failed: Invalid API key")
    assert "second" not in done.results
    assert playbook.sql("SELECT count(*) FROM models", "litemaas_second_db") == [["0"]]


@pytest.mark.installed
def test_the_installed_playbook(playbook: Playbook, tmp_path: Path) -> None:
    playbook.playbook = INSTALLED_PLAYBOOK
    done = playbook.predicted_then_done("-e", playbook.models_file(GRANITE))
    assert done.actions("litellm") == {"granite": "created"}
    assert done.actions("backend")["granite"] == "created"


def test_adopting_deliberate_groups(playbook: Playbook) -> None:
    """Several deployments of one name on purpose: a file that names the model once loses none, and is told how to keep them all."""
    key = {"api_key": "demo-key-not-real"}
    groups: dict[str, list[dict[str, Any]]] = {
        "two-servers": [
            {"litellm_model": "openai/own", "api_base": "http://one.example.com/v1", **key},
            {"litellm_model": "openai/own", "api_base": "http://two.example.com/v1", **key},
        ],
        "two-clouds": [
            {"litellm_model": "vertex_ai/gemini-2.5-pro", "extra_params": {"vertex_project": "p", "vertex_location": "global"}},
            {"litellm_model": "bedrock/anthropic.claude-3-haiku-20240307-v1:0", "extra_params": {"aws_region_name": "eu-central-1"}},
        ],
        "two-regions": [
            {"litellm_model": "bedrock/amazon.nova-lite-v1:0", "extra_params": {"aws_region_name": region}}
            for region in ("eu-central-1", "us-east-1")
        ],
    }
    for name, members in groups.items():
        for member in members:
            parameters = {**member.get("extra_params", {}), **({"api_base": member["api_base"], **key} if "api_base" in member else {})}
            playbook.add_in_admin_ui(name, **{"model": member["litellm_model"], "api_key": None, **parameters})

    def deployments() -> dict[str, set[str]]:
        return {name: set(ids) for name, ids in playbook.deployments().items()}

    there = deployments()
    assert {name: len(ids) for name, ids in there.items()} == dict.fromkeys(groups, 2)

    playbook.playbook = str(ROOT / "playbooks" / "adopt.yml")
    once = playbook.models_file(*[dict(members[0], model_name=name) for name, members in groups.items()])
    report = playbook.run("-e", once, "--check", "--diff").ok()
    adopted = playbook.run("-e", once).ok()
    assert deployments() == there, "a deployment was taken away"
    for played in (report, adopted):
        said = " ".join(played.output.split())
        for name, members in groups.items():
            # What tells the other from the one in the file is what its own entry needs.
            other = {"litellm_model": members[1]["litellm_model"], **members[1].get("extra_params", {})}
            other.update({"api_base": members[1]["api_base"]} if "api_base" in members[1] else {})
            warning = said[said.index(f"{name}: LiteLLM has 1 deployment of this name that no entry of the list matches") :]
            warning = warning[: warning.index("add an entry with its model_id and state: absent")]
            assert "To keep it in the list, add an entry for it, with the values in which they differ" in warning
            assert {f"{key} {value}" in warning for key, value in other.items()} == {True}, (name, warning)

    whole = playbook.models_file(*[dict(member, model_name=name) for name, members in groups.items() for member in members])
    playbook.run("-e", whole, "--check", "--diff").ok()
    playbook.run("-e", whole).ok()
    assert deployments() == there
    after = playbook.both_sides()
    playbook.playbook = CLONE_PLAYBOOK
    managed = playbook.run("-e", whole).ok(changed=False)
    assert playbook.both_sides() == after
    assert "no entry of the list matches" not in managed.output
