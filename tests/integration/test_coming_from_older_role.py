# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide for coming from ocp4_workload_litemaas_models, on a real LiteLLM and a real PostgreSQL that it left behind."""

from __future__ import annotations

import json
import re
from typing import Any

import psycopg2
import pytest

from tests.integration.playbook import ROOT, Playbook, Played
from tests.support import litemaas
from tests.support.backend_sync import SyncReport, mark_unavailable
from tests.support.older_role import run_older_role
from tests.support.stack import LITEMAAS_DATABASE

pytestmark = [pytest.mark.litellm, pytest.mark.postgres, pytest.mark.slow]


def _model(name: str, **fields: Any) -> dict[str, Any]:
    address = f"http://{name}.example.com/v1"
    return {"model_name": name, "litellm_model": f"openai/{name}", "api_base": address, "api_key": "demo-key-not-real", **fields}


LISTED = [
    _model("granite", rpm=120, tpm=100000, display_name="Granite", category="code", context_length=131072),
    _model("mistral", rpm=60),
    _model("shared"),
    _model("shared", api_base="http://second.example.com/v1"),
]
FORGOTTEN = _model("forgotten")
NAMES = ("by-hand", "forgotten", "gone", "granite", "mistral")


class Left:
    """What two runs of the older role left, with people in it.

    ``granite`` and ``mistral`` are in the list, ``forgotten`` was in another one: all are in LiteLLM twice. ``shared`` is in the
    list with two servers, so LiteLLM has it four times. ``by-hand`` was made in the Admin UI. ``mistral`` was retired by the
    backend, is in LiteLLM again and stayed unavailable. ``gone`` is a row without a model. All but ``shared`` have subscriptions.
    """

    def __init__(self, playbook: Playbook) -> None:
        self.playbook = playbook
        stack = playbook.stack
        playbook.add_in_admin_ui("by-hand", rpm=7)
        run_older_role(stack, [*LISTED, FORGOTTEN])
        seeder = litemaas.Seeder(stack.postgres, LITEMAAS_DATABASE)
        people = seeder.users(2)
        seeder.subscriptions(people, ["granite", "mistral", "by-hand", "forgotten"])
        seeder.api_keys(people[:1], ["granite", "mistral"])
        with psycopg2.connect(stack.database_url) as connection, connection.cursor() as cursor:
            mark_unavailable(cursor, "mistral", SyncReport())
        connection.close()
        run_older_role(stack, [*LISTED, FORGOTTEN])
        seeder.models(["gone"], litellm_model_id="gone")
        seeder.subscriptions(people, ["gone"])

    def limits(self) -> dict[str, list[str]]:
        """Return rpm and tpm of each row, "-" for those that are not there."""
        rows = self.playbook.rows("id, coalesce(rpm::text, '-'), coalesce(tpm::text, '-')")
        return {name: row[1:] for name, row in rows.items() if name in NAMES}

    def subscriptions(self) -> list[list[str]]:
        """Return how many subscriptions each model has, by their status."""
        return self.playbook.sql("SELECT model_id, status, count(*) FROM subscriptions GROUP BY 1, 2 ORDER BY 1, 2")


@pytest.fixture
def left(playbook: Playbook) -> Left:
    playbook.playbook = str(ROOT / "playbooks" / "adopt.yml")
    return Left(playbook)


def _counts(deployments: dict[str, list[str]]) -> dict[str, int]:
    return {name: len(ids) for name, ids in deployments.items()}


def _reasons(done: Played, side: str) -> dict[str, set[str]]:
    """Return for each model its actions with their reasons; a model that is there twice has several."""
    reasons: dict[str, set[str]] = {}
    for model in done.results["localhost"][side]["models"]:
        reasons.setdefault(model["model_name"], set()).add(f"{model['action']} {model['reason']}")
    return reasons


def test_report_repair_and_nothing_left_to_do(left: Left) -> None:
    playbook = left.playbook
    deployments = playbook.deployments()
    assert _counts(deployments) == {"by-hand": 1, "forgotten": 2, "granite": 2, "mistral": 2, "shared": 4}
    assert left.limits() == {name: ["-", "-"] for name in NAMES}
    assert left.subscriptions() == [
        ["by-hand", "active", "2"], ["forgotten", "active", "2"], ["gone", "active", "2"], ["granite", "active", "2"],
        ["mistral", "inactive", "2"],
    ]  # fmt: skip
    # An inventory that lets other runs take something away.
    inventory = playbook.folder / "inventory.yml"
    variables = {
        "ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "litemaas_models_mark_unavailable": True, "litemaas_models_cleanup_orphaned": True,
    }  # fmt: skip
    inventory.write_text(json.dumps({"all": {"hosts": {"localhost": variables}}}), encoding="utf-8")
    arguments = ("-i", str(inventory), "-e", playbook.models_file(*LISTED))

    before = playbook.both_sides()
    report = playbook.run(*arguments, "--check", "--diff").ok(changed=True)
    assert playbook.both_sides() == before, "the report wrote something"
    assert any(reason.startswith("deleted duplicate of ") for reason in _reasons(report, "litellm")["granite"])
    assert "litellm_model_id" in "".join(_reasons(report, "backend")["by-hand"])
    assert "rpm" in "".join(_reasons(report, "backend")["by-hand"])

    done = playbook.run(*arguments).ok(changed=True)
    for side in ("litellm", "backend", "cleanup"):
        assert _reasons(done, side) == _reasons(report, side)
    for played in (report, done):
        assert re.search(r"the list does not name them: forgotten\.", played.output)
        assert "restored: 2 subscriptions" in played.output

    repaired = playbook.deployments()
    assert _counts(repaired) == {"by-hand": 1, "forgotten": 2, "granite": 1, "mistral": 1, "shared": 2}
    assert all(set(ids) <= set(deployments[name]) for name, ids in repaired.items()), "a deployment was replaced, not kept"
    rows = playbook.rows("id, litellm_model_id, availability, name, category")
    assert all(rows[name][1] in ids for name, ids in repaired.items())
    assert {row[2] for row in rows.values()} == {"available"}
    assert rows["granite"][3:] == ["Granite", "code"]
    assert left.limits() == {
        "by-hand": ["7", "-"], "forgotten": ["-", "-"], "gone": ["-", "-"], "granite": ["120", "100000"], "mistral": ["60", "-"],
    }  # fmt: skip
    assert left.subscriptions() == [[name, "active", "2"] for name in NAMES]
    # The backend does not write down which keys lost a model, so that is nobody's to give back.
    assert playbook.sql("SELECT model_id FROM api_key_models") == [["granite"]]

    after = playbook.both_sides()
    playbook.run(*arguments).ok(changed=False)
    assert playbook.both_sides() == after
