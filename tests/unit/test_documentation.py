# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the README, the role, the examples and the modules say must be the same."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.litemaas.models.plugins.module_utils._common import redact, secrets_in_text
from ansible_collections.litemaas.models.plugins.module_utils._common.spec_checks import check_complete
from ansible_collections.litemaas.models.plugins.module_utils._common.specs import read_specs
from ansible_collections.litemaas.models.plugins.module_utils._run import argspec
from ansible_collections.litemaas.models.plugins.plugin_utils import _role

ROOT = Path(__file__).resolve().parents[2]
ROLE = ROOT / "roles" / "litemaas_models"
README = (ROOT / "README.md").read_text(encoding="utf-8")
REFERENCE = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
DEFAULTS: dict[str, Any] = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text(encoding="utf-8"))
OPTIONS: dict[str, Any] = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]["variables"][
    "options"
]
OLDER_ROLE = ROOT / "roles" / "ocp4_workload_litemaas_models"
# Without what only documents an action.
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py") if path.stem != "show_text")
EVERY_MODULE = ["litellm_model", "litellm_model_info", "litemaas_model_sync", "litemaas_orphan_cleanup", "litemaas_sync_info"]
SPEC_FIELDS = set(argspec.model_options())
ONE_MODEL = set(argspec.one_model().options)

# Module options whose role variable has a name of its own; the others are litemaas_models_<option>.
NAMED = {
    "validate_certs": "litemaas_models_verify_ssl",
    "timeout": "litemaas_models_api_timeout",
    "retries": "litemaas_models_retry_count",
    "pull": "litemaas_models_sync_from_litellm",
    "models": "litemaas_models_list",
}
# What makes one step know the steps before and after it: the role's own business.
PREDICTION = {
    "check_backend",
    "later_steps",
    "predict_models",
    "predict_duplicates",
    "predict_replace",
    "predict_rows",
    "keep_models",
}

# Variables of the role that are no option of a module.
ROLE_ONLY = {
    "litemaas_models_backend_enabled",
    "litemaas_models_cleanup_orphaned",
    "litemaas_models_delegate_to",
    "litemaas_models_in_process",
}
OLDER_NAMES = {older for names in _role.OLDER_NAMES.values() for older in names}


def _section(title: str, page: str = README) -> str:
    return page.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def _table(text: str) -> list[list[str]]:
    rows = [line.strip().strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows][2:]


def _tables(title: str) -> list[list[str]]:
    """The rows of the reference page's tables in one section, which has a table below each of its headings."""
    return [row for part in _section(title, REFERENCE).split("\n### ")[1:] for row in _table(part)]


def _code(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def _shared_arguments() -> dict[str, Any]:
    """Return what the role gives to the modules of all its steps, by the files of these steps."""
    [block] = [task for task in yaml.safe_load((ROLE / "tasks" / "main.yml").read_text(encoding="utf-8")) if "block" in task]
    files = [task["ansible.builtin.import_tasks"] for task in block["block"]]
    return dict.fromkeys(files, block["module_defaults"]["group/litemaas.models.litemaas"])


def _module_tasks() -> dict[str, dict[str, Any]]:
    """Return the arguments of each task of the role that runs a module of the collection."""
    found: dict[str, dict[str, Any]] = {}
    for path in (ROLE / "tasks").glob("*.yml"):
        shared = _shared_arguments().get(path.name, {})
        for task in yaml.safe_load(path.read_text(encoding="utf-8")):
            for inner in task.get("block", [task]):
                for name in {f"litemaas.models.{module}" for module in MODULES} & set(inner):
                    assert name not in found, f"{name} runs twice"
                    assert not {"loop", "with_items", "with_dict"} & set(inner), f"{name} runs in a loop"
                    assert not set(inner[name]) & set(shared), f"{name} is given twice"
                    found[name.rsplit(".", 1)[1]] = {**shared, **inner[name]}
    return found


def _module_options(name: str) -> set[str]:
    module = importlib.import_module(f"ansible_collections.litemaas.models.plugins.modules.{name}")
    return set(module.argument_spec().options)


def test_each_variable_has_a_default_or_comes_from_outside() -> None:
    assert set(DEFAULTS) == set(OPTIONS)


@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_the_documented_default_is_the_default(name: str) -> None:
    option, default = OPTIONS[name], DEFAULTS[name]
    assert option["description"]
    if name in {**_role.OLDER_NAMES, **_role.ENVIRONMENT}:
        assert default == _role.own_default(name)
        told = re.findall(r"C\((\w+)\)", " ".join(option["description"]))
        wanted = [*_role.OLDER_NAMES.get(name, ()), *_role.ENVIRONMENT.get(name, ())]
        assert [word for word in told if word in wanted] == wanted
    else:
        assert option.get("default") == default


def test_secrets_are_declared_as_such() -> None:
    assert {name for name, option in OPTIONS.items() if option.get("no_log")} == {
        "litemaas_models_database_url", "litemaas_models_kubernetes", "litemaas_models_litellm_api_key",
        "litemaas_models_litellm_database_url", "litemaas_models_notify_urls",
    }  # fmt: skip


def test_the_older_role_has_the_older_names_and_nothing_of_its_own() -> None:
    """It is documented as the role that it hands over to behaves. Its defaults would hide that the other role looks further."""
    assert sorted(path.relative_to(OLDER_ROLE).as_posix() for path in OLDER_ROLE.rglob("*.yml")) == [
        "meta/argument_specs.yml", "meta/main.yml", "tasks/main.yml",
    ]  # fmt: skip
    [task] = yaml.safe_load((OLDER_ROLE / "tasks" / "main.yml").read_text(encoding="utf-8"))
    assert task["ansible.builtin.import_role"] == {"name": "litemaas.models.litemaas_models"}
    text = (OLDER_ROLE / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    options = yaml.safe_load(text)["argument_specs"]["variables"]["options"]
    assert set(options) == OLDER_NAMES - {"ocp4_workload_litemaas_litellm_models"}
    for name, option in options.items():
        [twin] = [variable for variable, names in _role.OLDER_NAMES.items() if name in names]
        assert {**option, "description": ""} == {**OPTIONS[twin], "description": ""}, name
    rows = _table((OLDER_ROLE / "README.md").read_text(encoding="utf-8"))
    assert [_code(row[0])[0] for row in rows] == list(options)
    for row in rows:
        default = options[_code(row[0])[0]].get("default")
        assert default is None or _code(row[1]) == [json.dumps(default).strip('"')]


def test_every_task_connects_alike() -> None:
    """The task beside the role's own run gets the connection that the others get."""
    tasks = _module_tasks()
    known = set(tasks["litellm_model"]) & _module_options("litellm_model_info") - {"database_url", "lock_timeout"}
    assert {name: tasks["litellm_model_info"].get(name) for name in known} == {name: tasks["litellm_model"][name] for name in known}


def test_the_reference_has_every_variable() -> None:
    rows = [row for row in _tables("Variables of the role") if len(row) == 5]
    assert [_code(row[0])[0] for row in rows] == list(OPTIONS)
    for row in rows:
        name = _code(row[0])[0]
        assert _code(row[1]) == list(_role.OLDER_NAMES.get(name, ())), name
        documented = OPTIONS[name].get("default")
        if documented not in (None, ""):
            assert _code(row[3]) == [json.dumps(documented).strip('"')], name


def test_the_reference_has_every_field_of_a_model() -> None:
    rows = [row for row in _tables("Fields of an entry") if len(row) == 4]
    assert [_code(row[0])[0] for row in rows] == list(argspec.model_options())
    assert all(row[3] for row in rows)


def test_the_readme_has_every_module() -> None:
    assert [_code(row[0])[0] for row in _table(_section("Modules"))] == [f"litemaas.models.{name}" for name in EVERY_MODULE]
    assert MODULES == EVERY_MODULE


@pytest.mark.parametrize("name", ["litellm_model", "litemaas_model_sync", "litemaas_orphan_cleanup"])
def test_the_role_hands_every_option_to_its_module(name: str) -> None:
    arguments = _module_tasks()[name]
    # The role always gives a list, never one model.
    expected = _module_options(name) - (ONE_MODEL if name == "litellm_model" else set())
    assert set(arguments) == expected
    for option, value in arguments.items():
        if option in PREDICTION:
            continue
        variable = NAMED.get(option, f"litemaas_models_{option}")
        assert variable in OPTIONS
        short = variable.replace("litemaas_models_", "__litemaas_models_given.", 1)
        assert re.search(rf"\b{re.escape(short)}\b|__litemaas_models_(sync_list|pull)\b", str(value)), option


def test_every_variable_of_the_role_is_an_option_of_a_module() -> None:
    used = {
        NAMED.get(option, f"litemaas_models_{option}")
        for arguments in _module_tasks().values()
        for option in arguments
        if option not in PREDICTION
    }
    assert set(OPTIONS) - used == ROLE_ONLY


def test_the_page_of_secrets_has_every_placeholder_that_is_no_secret() -> None:
    text = (ROOT / "docs" / "secrets.md").read_text(encoding="utf-8")
    named = text.split("in capitals or not:", 1)[1].split("and what consists of", 1)[0]
    assert re.findall(r"`([^`]+)`", named) == sorted(secrets_in_text.PLACEHOLDERS)
    assert f"less than {redact.SHORTEST_SECRET} characters are no secrets" in text
    assert f"a key of less than {secrets_in_text.LONGEST_WORD} characters" in text


def test_the_readme_names_no_variable_that_there_is_not() -> None:
    others = {"litemaas_models_result", "litemaas_models_results", "litemaas_models_hosts", "litemaas_models_serial"}
    readmes = [ROOT / "README.md", ROLE / "README.md", OLDER_ROLE / "README.md"]
    for path in (*readmes, *(ROOT / "docs").glob("*.md"), *(ROOT / "examples").glob("*.yml")):
        text = path.read_text(encoding="utf-8")
        named = set(re.findall(r"(?<![\w.])litemaas_models_\w+", text))
        assert named <= set(OPTIONS) | others, path.name
        older = set(re.findall(r"\bocp4_workload_litemaas_\w*\w\b(?!\*)", text)) - {OLDER_ROLE.name}
        assert older <= OLDER_NAMES, path.name


def test_the_example_explains_every_field_and_every_model_is_valid() -> None:
    text = (ROOT / "examples" / "models.yml").read_text(encoding="utf-8")
    models = yaml.safe_load(text)["ocp4_workload_litemaas_models_list"]
    specs, errors = read_specs(models)
    assert errors == []
    for spec in specs:
        check_complete(spec)
    fields = {field for model in models for field in model}
    # model_id is for what an example cannot have: several deployments of one name.
    assert fields | {"model_id"} == SPEC_FIELDS
    assert len({spec.provider for spec in specs}) >= 4
    assert not re.search(r"\bsk-|AKIA", text)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "examples").glob("*.yml")) + sorted((ROOT / "playbooks").glob("*.yml")), ids=lambda path: path.name
)
def test_the_examples_are_yaml(path: Path) -> None:
    assert yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_use_its_options(name: str) -> None:
    module = importlib.import_module(f"ansible_collections.litemaas.models.plugins.modules.{name}")
    examples = yaml.safe_load(module.EXAMPLES)
    options = _module_options(name)
    own = [task[f"litemaas.models.{name}"] for task in examples if f"litemaas.models.{name}" in task]
    assert own
    aliases = {alias for option in module.argument_spec().options.values() for alias in option.get("aliases", ())}
    for arguments in own:
        assert set(arguments or {}) <= options | aliases
        entries = (arguments or {}).get("models") or []
        assert all(set(entry) <= SPEC_FIELDS for entry in entries if isinstance(entry, dict))
    assert yaml.safe_load(module.RETURN)


@pytest.mark.parametrize("path", [ROOT / "README.md", ROLE / "README.md", *(ROOT / "docs").glob("*.md")], ids=lambda path: path.name)
def test_the_yaml_of_the_documentation_is_yaml(path: Path) -> None:
    for block in re.findall(r"```yaml\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL):
        assert yaml.safe_load(block)


def test_the_architecture_page_has_every_file() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    files = {f"{path.parent.name}.{path.stem}" for path in (ROOT / "plugins" / "module_utils").glob("_*/*.py")}
    assert len(files) > 40
    assert {name for name in files if f"`{name}`" not in text} == set()
    assert {name for name in MODULES if name not in text} == set()


def test_links_of_the_readme_are_full_urls() -> None:
    assert all(link.startswith("https://") for link in re.findall(r"\]\(([^)]+)\)", README))
    assert "pip install ansible" not in README


def test_a_model_spec_is_documented_alike_wherever_it_stands() -> None:
    """Ansible's own linter reads fragments as constants, so the options stand there twice."""
    fragment = importlib.import_module("ansible_collections.litemaas.models.plugins.doc_fragments._model_spec").ModuleDocFragment
    one = yaml.safe_load(fragment.ONE)["options"]
    assert set(one) == ONE_MODEL
    entries = yaml.safe_load(fragment.DOCUMENTATION)["options"]["models"]["suboptions"]
    assert [argspec.RENAMED.get(name, name) for name in entries] == list(one)
    for name in set(entries) - {"state"}:
        twin = one[argspec.RENAMED.get(name, name)]
        assert json.loads(json.dumps(entries[name]).replace("O(models[].", "O(")) == twin


def test_the_readme_has_the_headings_that_certification_asks_for() -> None:
    headings = re.findall(r"^## (.+)$", README, re.MULTILINE)
    asked = [
        "Description", "Requirements", "Installation", "Use Cases", "Testing", "Support",
        "Release Notes and Roadmap", "Related Information", "License Information",
    ]  # fmt: skip
    assert [heading for heading in headings if heading in asked] == asked
