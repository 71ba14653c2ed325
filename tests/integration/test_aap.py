# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data of examples/aap: what the controller's own modules take, and what the collection has."""

from __future__ import annotations

import importlib
import re
import unittest.mock
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.validation import check_type_dict

from ansible_collections.litemaas.models.plugins.module_utils._run import argspec, endpoints
from tests.integration import aap
from tests.support import bundled

# Variable of infra.aap_configuration -> module that its role runs for each entry, with the entry's keys as options.
MODULES = {
    "controller_credential_types": "credential_type",
    "controller_credentials": "credential",
    "controller_execution_environments": "execution_environment",
    "controller_projects": "project",
    "controller_inventories": "inventory",
    "controller_hosts": "host",
    "controller_templates": "job_template",
    "controller_workflows": "workflow_job_template",
    "controller_schedules": "schedule",
}
BUILT_IN_TYPE = "OpenShift or Kubernetes API Bearer Token"
# What the controller takes for a question: its type, and the type of its default.
QUESTIONS = {"text": str, "textarea": str, "password": str, "multiplechoice": str, "integer": int, "float": (int, float)}
ROLE = aap.ROOT / "roles" / "litemaas_models"
OPTIONS: dict[str, Any] = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]["variables"][
    "options"
]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> dict[str, aap.Data]:
    """Return the data for both ways to connect."""
    return aap.read(
        tmp_path_factory.mktemp("aap"), {"K8S_AUTH_HOST": "https://api.example.com:6443", "LITELLM_API_URL": "https://l.example.com"}
    )


@pytest.fixture(scope="module")
def awx() -> Iterator[None]:
    """Make the modules of awx.awx importable."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(bundled.collection("awx.awx")))
        yield


def _errors(module: str, parameters: dict[str, Any]) -> list[str]:
    """Return what a module of awx.awx says of parameters."""
    found = importlib.import_module(f"ansible_collections.awx.awx.plugins.modules.{module}")
    with unittest.mock.patch.object(found, "ControllerAPIModule", side_effect=SystemExit) as constructor, pytest.raises(SystemExit):
        found.main()
    arguments = dict(constructor.call_args.kwargs)
    specification = arguments.pop("argument_spec")
    return list(ArgumentSpecValidator(specification, **arguments).validate(parameters).error_messages)


@pytest.mark.parametrize("connection", aap.CONNECTIONS)
def test_the_controllers_modules_take_every_object(both: dict[str, aap.Data], awx: None, connection: str) -> None:
    data = both[connection]
    # Making types of credentials takes a system administrator: only where they are used.
    unused = {"controller_credential_types"} if connection == "namespace" else set()
    assert {name for name in data if name.startswith("controller_")} == set(MODULES) - unused
    for variable, module in MODULES.items():
        for entry in data.get(variable, ()):
            given = {key: value for key, value in entry.items() if key != "simplified_workflow_nodes"}
            # The roles make texts of these, to take out marks of their own.
            texts = {key: str(given[key]) for key in ("injectors", "variables") if key in given}
            assert _errors(module, {**given, **texts}) == [], f"{variable}: {entry['name']}"
            assert {key: check_type_dict(text) for key, text in texts.items()} == {key: given[key] for key in texts}
            for node in entry.get("simplified_workflow_nodes", ()):
                of_workflow = {"workflow": entry["name"], "organization": entry["organization"]}
                assert _errors("workflow_job_template_node", {**node, **of_workflow}) == [], node["identifier"]


def test_a_mistake_is_seen(awx: None) -> None:
    assert _errors("project", {"name": "a", "scm_uri": "b"})[0].startswith("scm_uri. Supported parameters include")
    assert "value of job_type must be one of" in _errors("job_template", {"name": "a", "job_type": "scan"})[0]


@pytest.mark.parametrize("connection", aap.CONNECTIONS)
def test_every_name_that_is_used_is_there(both: dict[str, aap.Data], connection: str) -> None:
    data = both[connection]
    names = {variable: [entry["name"] for entry in data.get(variable, ())] for variable in MODULES}
    assert all(len(set(found)) == len(found) for found in names.values())
    assert {one["credential_type"] for one in data["controller_credentials"]} <= {*names["controller_credential_types"], BUILT_IN_TYPE}
    for template in data["controller_templates"]:
        assert template["project"] in names["controller_projects"]
        assert template["inventory"] in names["controller_inventories"]
        assert template["execution_environment"] in names["controller_execution_environments"]
        assert template.get("credentials", []) in ([], names["controller_credentials"])
        assert (aap.ROOT / template["playbook"]).is_file()
    assert {host["inventory"] for host in data["controller_hosts"]} <= set(names["controller_inventories"])
    jobs = [*names["controller_templates"], *names["controller_workflows"]]
    assert {schedule["unified_job_template"] for schedule in data["controller_schedules"]} <= set(jobs)
    used = [node["unified_job_template"] for node in _nodes(data).values() if "unified_job_template" in node]
    assert set(used) <= set(names["controller_templates"])


def _nodes(data: aap.Data) -> dict[str, dict[str, Any]]:
    [workflow] = data["controller_workflows"]
    return {node["identifier"]: node for node in workflow["simplified_workflow_nodes"]}


def test_the_edges_of_the_workflow(both: dict[str, aap.Data]) -> None:
    nodes = _nodes(both["direct"])
    edges = [
        (name, node.get(kind, ()), kind) for name, node in nodes.items() for kind in ("success_nodes", "failure_nodes", "always_nodes")
    ]
    drawn = [(start, end, kind) for start, ends, kind in edges for end in ends]
    assert drawn == [
        ("sync", "plan", "success_nodes"), ("plan", "gate", "success_nodes"), ("gate", "approval", "failure_nodes"),
        ("approval", "clean_up", "success_nodes"),
    ]  # fmt: skip
    assert {end for _start, end, _kind in drawn} <= set(nodes)
    templates = {template["name"]: template for template in both["direct"]["controller_templates"]}
    writing = [
        name
        for name, node in nodes.items()
        if (template := templates.get(node.get("unified_job_template", ""), {})).get("job_type") == "run"
        and template.get("extra_vars", {}).get("ocp4_workload_litemaas_models_cleanup_orphaned")
    ]
    assert writing == ["clean_up"], "only what comes after the approval cleans up for real"
    assert nodes["approval"]["approval_node"]["timeout"] < 24 * 3600, "or plans pile up"


# --- surveys and variables -------------------------------------------------------------------------------------------


def _surveys(data: aap.Data) -> list[tuple[str, dict[str, Any]]]:
    holders = [*data["controller_templates"], *data["controller_workflows"]]
    return [(holder["name"], question) for holder in holders if holder.get("survey_enabled") for question in holder["survey_spec"]["spec"]]


def test_the_controller_takes_every_question(both: dict[str, aap.Data]) -> None:
    data = both["direct"]
    for holder in [*data["controller_templates"], *data["controller_workflows"]]:
        assert bool(holder.get("survey_enabled")) is ("survey_spec" in holder)
        if "survey_spec" in holder:
            assert all(isinstance(holder["survey_spec"][name], str) for name in ("name", "description"))
            variables = [question["variable"] for question in holder["survey_spec"]["spec"]]
            assert len(set(variables)) == len(variables)
    for name, question in _surveys(data):
        assert isinstance(question["question_name"], str), name
        assert isinstance(question["required"], bool), name
        if "default" in question:
            default = question["default"]
            assert isinstance(default, QUESTIONS[question["type"]]), f"{name}: {question['variable']}"
            assert not isinstance(default, bool), f"{name}: {question['variable']}"
        assert all(question[limit] is None or isinstance(question[limit], int) for limit in ("min", "max") if limit in question)
        assert ("choices" in question) is (question["type"] == "multiplechoice")
        if "choices" in question:
            assert all(isinstance(choice, str) for choice in question["choices"])
            assert question["default"] in question["choices"]
        if question["type"] == "integer":
            assert question["min"] <= question["default"] <= question["max"]


# The one template whose answers are fields of a model.
FORM = "LiteMaaS models - one model"


def _option(variable: str) -> dict[str, Any]:
    """Return the role's option for one of its variables, also by an older name."""
    option: dict[str, Any] = OPTIONS[variable.replace("ocp4_workload_", "")]
    return option


def test_every_answer_fits_the_role(both: dict[str, aap.Data]) -> None:
    for name, question in _surveys(both["direct"]):
        if name == FORM:
            continue
        option = _option(question["variable"])
        if question["type"] == "integer":
            assert option["type"] in ("int", "float"), name
        if question["type"] == "multiplechoice":
            allowed = ["false", "true"] if option["type"] == "bool" else option["choices"]
            assert sorted(question["choices"]) == sorted(allowed), f"{name}: {question['variable']}"


def test_the_form_is_a_model(both: dict[str, aap.Data]) -> None:
    [form] = [template for template in both["direct"]["controller_templates"] if template["name"] == FORM]
    expression = form["extra_vars"]["ocp4_workload_litemaas_models_list"]
    fields = dict(re.findall(r"(\w+)=(litemaas_aap_model_\w+)", expression))
    assert set(fields) <= set(argspec.model_options())
    assert sorted(fields.values()) == sorted(question["variable"] for question in form["survey_spec"]["spec"])
    secret = {name for name, option in argspec.model_options().items() if option.get("no_log")}
    asked = {question["variable"]: question["type"] for question in form["survey_spec"]["spec"]}
    assert {name for name, variable in fields.items() if asked[variable] == "password"} == set(fields) & secret == {"api_key"}
    # What nobody filled in must not change a model that exists.
    questions = [question for question in form["survey_spec"]["spec"] if question["type"] != "multiplechoice"]
    assert not any("default" in question for question in questions)
    assert [question["variable"] for question in questions if question["required"]] == ["litemaas_aap_model_name"]
    assert {question["min"] for question in questions if not question["required"]} == {0}


def test_the_defaults_are_the_careful_ones(both: dict[str, aap.Data]) -> None:
    careful = {
        "litemaas_models_strategy": "mark_unavailable", "litemaas_models_subscriptions": "retain", "litemaas_models_duplicates": "refuse",
        "litemaas_models_max_count": 5, "litemaas_models_restore": "false", "litemaas_models_replace": "false",
        "ocp4_workload_litemaas_models_cleanup_orphaned": "false",
    }  # fmt: skip
    asked = {question["variable"]: question["default"] for _name, question in _surveys(both["direct"]) if "default" in question}
    assert {variable: asked[variable] for variable in careful} == careful
    assert both["direct"]["controller_schedules"][0]["enabled"] is False


def test_every_variable_is_one_of_the_role(both: dict[str, aap.Data]) -> None:
    data = both["direct"]
    given = [template.get("extra_vars", {}) for template in data["controller_templates"]]
    given += [inventory["variables"] for inventory in data["controller_inventories"]]
    given += [node.get("extra_data", {}) for node in _nodes(data).values()]
    for variables in given:
        for variable in variables:
            assert _option(variable), variable


def test_variables_of_a_node_are_asked_for(both: dict[str, aap.Data]) -> None:
    """The controller ignores them otherwise."""
    data = both["direct"]
    asking = {template["name"] for template in data["controller_templates"] if template.get("ask_variables_on_launch")}
    assert {node["unified_job_template"] for node in _nodes(data).values() if node.get("extra_data")} <= asking


def test_the_schedule_is_one_that_the_controller_takes(both: dict[str, aap.Data]) -> None:
    for schedule in both["direct"]["controller_schedules"]:
        assert re.fullmatch(r"DTSTART;TZID=\w+(/\w+)*:\d{8}T\d{6} RRULE:FREQ=[A-Z]+;INTERVAL=\d+(;\w+=[\w,+-]+)*", schedule["rrule"])


# --- credentials -----------------------------------------------------------------------------------------------------


def test_what_credentials_inject_is_what_modules_read(both: dict[str, aap.Data]) -> None:
    types = {one["name"]: one for one in both["direct"]["controller_credential_types"]}
    inputs = {
        "LiteLLM": {"url": "https://litellm.example.com", "admin_key": "demo-key-not-real"},
        "LiteMaaS database": {"database_url": "postgresql://u:p@db/litemaas", "litellm_database_url": "postgresql://u:p@db/litellm"},
    }
    environment: dict[str, str] = {}
    for name, values in inputs.items():
        fields = {field["id"]: field for field in types[name]["inputs"]["fields"]}
        assert set(fields) == set(values)
        assert set(types[name]["inputs"]["required"]) <= set(fields)
        assert {field["id"] for field in fields.values() if field.get("secret")} == set(values) - {"url"}
        environment.update(aap.injected(types[name], values))
    read = [endpoints.VARIABLES[option][0] for option in (endpoints.PROXY, endpoints.KEY, endpoints.DATABASE, endpoints.WITNESS)]
    assert environment == dict(zip(read, [value for values in inputs.values() for value in values.values()], strict=True))
    empty = aap.injected(types["LiteMaaS database"], {**inputs["LiteMaaS database"], "litellm_database_url": ""})
    assert empty[endpoints.VARIABLES[endpoints.WITNESS][0]] == ""


@pytest.mark.parametrize("connection", aap.CONNECTIONS)
def test_credentials_fill_the_fields_of_their_type(both: dict[str, aap.Data], connection: str) -> None:
    data = both[connection]
    types = {one["name"]: {field["id"] for field in one["inputs"]["fields"]} for one in data.get("controller_credential_types", ())}
    types[BUILT_IN_TYPE] = {"host", "bearer_token", "verify_ssl", "ssl_ca_cert"}
    assert data["litemaas_aap_credentials"] == [one["name"] for one in data["controller_credentials"]]
    for one in data["controller_credentials"]:
        assert set(one["inputs"]) <= types[one["credential_type"]]
    filled = [value for one in data["controller_credentials"] for value in one["inputs"].values()]
    assert ("https://api.example.com:6443" if connection == "namespace" else "https://l.example.com") in filled


# --- the guide -------------------------------------------------------------------------------------------------------


def test_the_guide_names_what_there_is(both: dict[str, aap.Data]) -> None:
    guide = (aap.ROOT / "docs" / "aap.md").read_text(encoding="utf-8")
    data = both["direct"]
    for variable in ("controller_credential_types", "controller_templates", "controller_workflows"):
        assert all(f"**{entry['name']}**" in guide for entry in data[variable]), variable
    known = {entry["name"] for variable in MODULES for one in both.values() for entry in one.get(variable, ())} | {BUILT_IN_TYPE}
    known |= {question["question_name"] for _name, question in _surveys(data)}
    known |= {node["approval_node"]["name"] for node in _nodes(data).values() if "approval_node" in node}
    assert set(re.findall(r"\*\*([^*]+)\*\*", guide)) <= known
    assert set(re.findall(r"\blitemaas_aap_\w+", guide)) <= set(data)
    for path in re.findall(r"`((?:examples|playbooks|meta|docs)/[\w./-]+)`", guide):
        assert (aap.ROOT / path).exists(), path
    settings = yaml.safe_load((aap.FOLDER / "settings.yml").read_text(encoding="utf-8"))
    assert set(settings) <= set(re.findall(r"\blitemaas_aap_\w+", guide))


def test_configure_loads_every_file(tmp_path: Path) -> None:
    [play] = yaml.safe_load((aap.FOLDER / "configure.yml").read_text(encoding="utf-8"))
    files = {path.name for path in aap.FOLDER.glob("*.yml")} - {"configure.yml"}
    loaded = {name.replace("{{ litemaas_aap_connection }}", connection) for name in play["vars_files"] for connection in aap.CONNECTIONS}
    assert loaded == files
