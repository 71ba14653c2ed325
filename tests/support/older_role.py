# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one run of the older role ocp4_workload_litemaas_models does to LiteLLM and to LiteMaaS's tables.

Written from a description of its behaviour, to test that the collection repairs what it left:

* each run creates one more deployment of each model of its list, without an id and without model_info;
* the row's ``litellm_model_id`` is the model's name;
* the limits of each row come from where LiteLLM does not have them, so they are erased;
* a row that is unavailable stays so;
* rows whose model is not in LiteLLM's answer are deleted with their subscriptions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.support.errors import SupportError
from tests.support.postgres import quote
from tests.support.stack import LITEMAAS_DATABASE, Stack

# Option of its list -> parameter of LiteLLM.
PARAMETERS = {"litellm_model": "model", **{name: name for name in ("api_base", "api_key", "api_version", "rpm", "tpm")}}
# Columns that it writes again when the row is there.
OF_THE_LIST = ("name", "provider", "description", "category", "context_length", "rpm", "tpm")
OF_LITELLM = ("rpm", "tpm")


def run_older_role(stack: Stack, models: Sequence[Mapping[str, Any]]) -> None:
    """Run it once with a list of models."""
    for model in models:
        _create(stack, model)
    for model in models:
        _write_row(stack, _row_of_the_list(model), OF_THE_LIST)
    status, answer = stack.proxy.request("GET", "/model/info")
    if status != 200:
        raise SupportError(f"LiteLLM did not list its models: {status} {answer}")
    for entry in answer["data"]:
        _write_row(stack, _row_of_litellm(entry), OF_LITELLM)
    _delete_others(stack, [entry["model_name"] for entry in answer["data"]])


def _create(stack: Stack, model: Mapping[str, Any]) -> None:
    parameters = {parameter: model[option] for option, parameter in PARAMETERS.items() if option in model}
    status, answer = stack.proxy.request("POST", "/model/new", {"model_name": model["model_name"], "litellm_params": parameters})
    if status != 200:
        raise SupportError(f"LiteLLM did not take {model['model_name']}: {status} {answer}")


def _row_of_the_list(model: Mapping[str, Any]) -> dict[str, Any]:
    name = model["model_name"]
    return {
        "id": name,
        "name": model.get("display_name", name),
        "provider": model.get("provider", "openshift-ai"),
        "description": model.get("description", "AI model"),
        "category": model.get("category", "general"),
        "context_length": model.get("context_length"),
        "supports_streaming": model.get("supports_streaming", True),
        "availability": model.get("availability", "available"),
        "litellm_model_id": name,
        "rpm": model.get("rpm"),
        "tpm": model.get("tpm"),
    }


def _row_of_litellm(entry: Mapping[str, Any]) -> dict[str, Any]:
    name, info = entry["model_name"], entry["model_info"]
    return {
        "id": name,
        "name": name,
        "provider": "litellm",
        "description": "Synced from LiteLLM",
        "litellm_model_id": name,
        "rpm": info.get("rpm"),
        "tpm": info.get("tpm"),
    }


def _write_row(stack: Stack, row: Mapping[str, Any], again: Sequence[str]) -> None:
    values = ", ".join(_literal(value) for value in row.values())
    updates = ", ".join(f"{column} = EXCLUDED.{column}" for column in again)
    statement = f"INSERT INTO models ({', '.join(row)}) VALUES ({values}) ON CONFLICT (id) DO UPDATE SET {updates}"
    stack.postgres.sql(statement, LITEMAAS_DATABASE)


def _delete_others(stack: Stack, names: Sequence[str]) -> None:
    for row in stack.postgres.sql("SELECT id FROM models", LITEMAAS_DATABASE):
        if row[0] not in names:
            model = quote(row[0])
            statements = f"DELETE FROM subscriptions WHERE model_id = {model}; DELETE FROM models WHERE id = {model}"
            stack.postgres.sql(statements, LITEMAAS_DATABASE)


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, (bool, int)) else quote(str(value))
