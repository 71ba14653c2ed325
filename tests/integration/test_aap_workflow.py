# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The workflow of examples/aap on real servers: what an approval was asked for is removed, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.integration import aap
from tests.integration.playbook import ROOT, Playbook, Played
from tests.support import litemaas
from tests.support.stack import LITEMAAS_DATABASE

pytestmark = [pytest.mark.litellm, pytest.mark.postgres, pytest.mark.slow, pytest.mark.any_litellm]

DELETE = {"litemaas_models_strategy": "delete"}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> aap.Data:
    """Return the data for direct connections."""
    return aap.read(tmp_path_factory.mktemp("aap"))["direct"]


@pytest.fixture
def seed(playbook: Playbook) -> litemaas.Seeder:
    """Return what fills the tables that the playbook works on."""
    return litemaas.Seeder(playbook.stack.postgres, LITEMAAS_DATABASE)


def _controller(data: aap.Data, playbook: Playbook, approve: Callable[[], bool]) -> aap.Controller:
    """Return a controller whose jobs get their environment from the credential types of the data."""
    given = playbook.environment
    types = {one["name"]: one for one in data["controller_credential_types"]}
    injected = aap.injected(types["LiteLLM"], {"url": given["LITELLM_API_URL"], "admin_key": given["LITELLM_API_KEY"]})
    urls = {"database_url": given["DATABASE_URL"], "litellm_database_url": given.get("LITELLM_DATABASE_URL", "")}
    injected |= aap.injected(types["LiteMaaS database"], urls)
    playbook.environment = injected

    def run(path: str, job_type: str, variables: aap.Data) -> Played:
        playbook.playbook = str(ROOT / path)
        return playbook.run("-e", json.dumps(variables), *(["--check", "--diff"] if job_type == "check" else ["--diff"]))

    return aap.Controller(data, run, approve)


def test_a_plan_that_removes_waits_for_an_approval(data: aap.Data, playbook: Playbook, seed: litemaas.Seeder) -> None:
    [workflow] = data["controller_workflows"]
    playbook.add_in_admin_ui("served")
    seed.models(["a.b", "kept"])
    seed.subscriptions(seed.users(), ["kept"])
    asked: list[bool] = []

    def approve() -> bool:
        asked.append(True)
        seed.models(["a-b"])  # somebody removes a model from LiteLLM while the plan waits
        return True

    controller = _controller(data, playbook, approve)
    finished = controller.play(workflow, DELETE)
    assert [(one.identifier, one.succeeded) for one in finished] == [
        ("sync", True), ("plan", True), ("gate", False), ("approval", True), ("clean_up", True),
    ]  # fmt: skip
    gate = finished[2].played
    assert gate is not None
    gate.failed("2 models would be removed: a.b, kept", "An approval is needed", "kept for its 1 subscription")
    rows = {name: row[5] for name, row in playbook.rows().items()}
    assert rows == {"served": "available", "config-file-model": "available", "kept": "unavailable", "a-b": "available"}
    # What is kept as it is asks nobody again.
    playbook.sql("DELETE FROM models WHERE id = 'a-b'")
    before = playbook.both_sides()
    plan, gate = (node["unified_job_template"] for node in workflow["simplified_workflow_nodes"] if node["identifier"] in ("plan", "gate"))
    controller.job(gate, controller.job(plan, DELETE).ok().artefacts).ok()
    assert (playbook.both_sides(), asked) == (before, [True])


def test_without_a_plan_nothing_is_removed(data: aap.Data, playbook: Playbook, seed: litemaas.Seeder) -> None:
    [workflow] = data["controller_workflows"]
    nodes = {node["identifier"]: node for node in workflow["simplified_workflow_nodes"]}
    seed.models(["gone"])
    playbook.add_in_admin_ui("served")
    controller = _controller(data, playbook, lambda: True)
    gate = nodes["gate"]["unified_job_template"]
    controller.job(gate).failed("There is no plan to look at")
    # Results that Ansible would render, as extra variables by hand are.
    evaluated = playbook.folder / "evaluated"
    name = f"{{{{ lookup('pipe', 'touch {evaluated}') }}}}"
    plan = {"check_mode": True, "failed": False, "cleanup": {"ran": True, "removed": [name], "models": []}}
    refused = controller.job(gate, {"litemaas_models_results": {"localhost": plan}}).failed("holds what Ansible takes for a template")
    assert (evaluated.exists(), refused.artefacts) == (False, {})
    result = controller.job(nodes["clean_up"]["unified_job_template"], DELETE, nodes["clean_up"]["extra_data"]).ok()
    assert result.results["localhost"]["cleanup"]["removed"] == []
    assert "gone" in playbook.rows()


def test_one_model_by_a_form(data: aap.Data, playbook: Playbook) -> None:
    answers = {
        "litemaas_aap_model_name": "granite", "litemaas_aap_model_litellm": "openai/granite", "litemaas_aap_model_description": "By a form",
        "litemaas_aap_model_api_base": "http://granite.example.com/v1", "litemaas_aap_model_api_key": "demo-key-not-real",
    }  # fmt: skip
    controller = _controller(data, playbook, lambda: False)
    done = controller.job("LiteMaaS models - one model", answers).ok(changed=True)
    assert "demo-key-not-real" not in done.output
    assert (done.actions("litellm"), playbook.rows()["granite"][2]) == ({"granite": "created"}, "By a form")
    # Only what is answered changes.
    answers = {**answers, "litemaas_aap_model_description": "Changed"}
    del answers["litemaas_aap_model_litellm"], answers["litemaas_aap_model_api_key"], answers["litemaas_aap_model_api_base"]
    again = controller.job("LiteMaaS models - one model", answers).ok(changed=True)
    assert (again.actions("litellm"), playbook.rows()["granite"][2]) == ({"granite": "updated"}, "Changed")
    [of_granite] = [model for model in again.results["localhost"]["litellm"]["models"] if model["model_name"] == "granite"]
    assert of_granite["reason"] == "differs in description"
