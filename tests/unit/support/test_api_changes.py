# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The comparison of two versions of LiteLLM sees what it must, in every endpoint that is called."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

from tests.support.api_changes import CALLED, Change, as_table, changes

MODULE_UTILS = Path(__file__).parents[3] / "plugins" / "module_utils"
UPDATE = ("PATCH", "/model/{model_id}/update")
DOCUMENT: dict[str, Any] = {
    "paths": {
        "/model/{model_id}/update": {
            "patch": {
                "parameters": [{"name": "model_id", "schema": {"type": "string"}}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/update"}}}},
            }
        }
    },
    "components": {
        "schemas": {
            "update": {"properties": {"litellm_params": {"anyOf": [{"$ref": "#/components/schemas/params"}, {"type": "null"}]}}},
            "params": {"properties": {"rpm": {"anyOf": [{"type": "integer"}, {"type": "null"}]}}},
        }
    },
}


def test_nothing_changed() -> None:
    assert changes(DOCUMENT, DOCUMENT) == []


def test_each_kind_of_change() -> None:
    new = copy.deepcopy(DOCUMENT)
    new["paths"]["/model/{model_id}/update"]["patch"]["parameters"].append({"name": "dry", "schema": {"type": "boolean"}})
    new["components"]["schemas"]["update"]["properties"]["litellm_params_to_remove"] = {"type": "array"}
    new["components"]["schemas"]["params"]["properties"]["rpm"] = {"type": "number"}
    found = changes(DOCUMENT, new)
    assert found == [
        Change(*UPDATE, "field", "litellm_params.rpm", "changed: integer or null -> number"),
        Change(*UPDATE, "field", "litellm_params_to_remove", "new"),
        Change(*UPDATE, "parameter", "dry", "new"),
    ]
    assert as_table(found).splitlines()[3] == "| PATCH | `/model/{model_id}/update` | field | new | `litellm_params_to_remove` |"


def test_an_operation_that_went() -> None:
    found = changes(DOCUMENT, {"paths": {}})
    assert Change(*UPDATE, "operation", "PATCH", "gone") in found


def test_every_endpoint_that_is_called_is_compared() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (MODULE_UTILS / "_litellm").glob("*.py"))
    paths = set(re.findall(r"\"(/[a-z0-9_]+/[a-z0-9_/{}]+)\"", source))
    compared = {re.sub(r"\{\w+\}", "{0}", path) for _method, path in CALLED}
    assert paths == compared
