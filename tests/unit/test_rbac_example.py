# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rights in examples/rbac.yml are those that a run uses: none is missing, none is too much."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.litemaas.models.plugins.module_utils._cluster import installation

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "rbac.yml"

# What a run asks the API for, as (group, resource).
LISTED = {("" if path == "/api/v1" else path.split("/")[2], kind) for kind, path in installation._PATHS.items()}
READ_BY_NAME = {("", "secrets"), ("", "configmaps")}
# Clusters before 1.35 ask for get, later ones for create.
TUNNELLED = ("", "pods/portforward")

USED = {(*kind, "list") for kind in LISTED} | {(*kind, "get") for kind in READ_BY_NAME} | {(*TUNNELLED, verb) for verb in ("get", "create")}
# Reading one of what may be listed shows nothing more.
HARMLESS = {(*kind, "get") for kind in LISTED}


@pytest.fixture(scope="module")
def items() -> dict[str, dict[str, Any]]:
    return {item["kind"]: item for item in yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))["items"]}


def _rights(rule: dict[str, list[str]]) -> set[tuple[str, str, str]]:
    return {(group, resource, verb) for group in rule["apiGroups"] for resource in rule["resources"] for verb in rule["verbs"]}


def test_the_role_has_what_a_run_uses_and_no_more(items: dict[str, dict[str, Any]]) -> None:
    granted = set().union(*(_rights(rule) for rule in items["Role"]["rules"]))
    assert granted >= USED
    assert granted - USED == HARMLESS


def test_what_may_hold_secrets_is_read_by_name(items: dict[str, dict[str, Any]]) -> None:
    for rule in items["Role"]["rules"]:
        by_name = {resource for _group, resource, _verb in _rights(rule)} <= {"secrets", "configmaps"}
        assert bool(rule.get("resourceNames")) is by_name


def test_the_role_is_bound_to_the_account(items: dict[str, dict[str, Any]]) -> None:
    binding, role, account = items["RoleBinding"], items["Role"], items["ServiceAccount"]
    assert (binding["roleRef"]["kind"], binding["roleRef"]["name"]) == ("Role", role["metadata"]["name"])
    assert [(subject["kind"], subject["name"]) for subject in binding["subjects"]] == [("ServiceAccount", account["metadata"]["name"])]
