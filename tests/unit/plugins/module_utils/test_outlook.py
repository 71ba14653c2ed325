# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Before the first write to LiteLLM: what is asked of whom, and what ends the run."""

from __future__ import annotations

import types
from typing import Any

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import Refused
from ansible_collections.litemaas.models.plugins.module_utils._common.specs import read_specs
from ansible_collections.litemaas.models.plugins.module_utils._litellm.plan import Policy
from ansible_collections.litemaas.models.plugins.module_utils._litellm.planner import names_leaving, plan_deployments
from ansible_collections.litemaas.models.plugins.module_utils._litellm.reading import Reading
from ansible_collections.litemaas.models.plugins.module_utils._litellm.settle import outcome_of
from ansible_collections.litemaas.models.plugins.module_utils._litemaas import catalogue, rights_check
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import Usage
from ansible_collections.litemaas.models.plugins.module_utils._proof import outlook, source
from ansible_collections.litemaas.models.plugins.module_utils._proof.guard import Proof

LATER = {
    "cleanup": True, "pull": True, "mark_unavailable": False, "strategy": "delete", "subscriptions": "retain", "retention_days": 0.0,
    "keep_hidden": False,
}  # fmt: skip
PARAMS = {
    "check_backend": True, "later_steps": LATER, "max_percent": 30.0, "max_count": None, "allow_empty": False, "force": False,
    "duplicates": "refuse",
}  # fmt: skip


def deployment(name: str) -> dict[str, Any]:
    return {"model_name": name, "litellm_params": {"model": "openai/x"}, "model_info": {"id": f"id-{name}", "db_model": True}}


def absent(*names: str) -> list[dict[str, Any]]:
    return [{"model_name": name, "state": "absent"} for name in names]


class Servers:
    """A LiteMaaS with these rows, and a LiteLLM that has ``hidden`` models without listing them. Notes what it is asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, names: list[str], rows: list[str], hidden: tuple[str, ...] = ()) -> None:
        self.asked: list[str] = []
        self.deployments = [deployment(name) for name in names]
        self._rows = {name: {"availability": "available", "provider": "openai"} for name in rows}
        self._hidden = dict.fromkeys(hidden, "LiteLLM has it")
        self.database = types.SimpleNamespace(close=lambda: self.asked.append("closed"))
        monkeypatch.setattr(catalogue, "connect", lambda _run, read_only: self)
        monkeypatch.setattr(rights_check, "check_rights", self._check_rights)
        monkeypatch.setattr(source, "connect", lambda _run: self)

    def _check_rights(self, _run: Any, _catalogue: Any, later: Any, _reads_usage: bool) -> list[str]:
        later()
        self.asked.append("rights")
        return ["right"]

    def rows(self, metadata: bool) -> dict[str, dict[str, Any]]:
        self.asked.append("rows")
        return self._rows

    def usage(self, names: list[str]) -> dict[str, Usage]:
        return {name: Usage() for name in names}

    def taken(self, names: list[str]) -> dict[str, Any]:
        assert not names
        return {}

    def read(self, _foreseen: Any) -> None:
        self.asked.append("LiteLLM")

    def examine(self, names: list[str], _rows: Any) -> Proof:
        self.asked.append(" ".join(names))
        return Proof(Reading([]), self._hidden)

    def check(self, *entries: dict[str, Any], **params: Any) -> list[str]:
        specs, errors = read_specs(entries)
        plan = plan_deployments(specs, self.deployments, Policy(admin_key="k"), errors)
        run: Any = types.SimpleNamespace(params={**PARAMS, "providers": None, "model_patterns": None, "exclude_patterns": None, **params})
        after = outcome_of(plan, self.deployments)
        seen = outlook.look(run, plan.actions, names_leaving(plan, self.deployments), self.deployments, after, specs)
        if seen.refusal:
            raise seen.refusal
        return list(seen.rights_missing)


TEN = [f"m{number}" for number in range(10)]


def test_without_the_backend_the_guard_measures_litellm(monkeypatch: pytest.MonkeyPatch) -> None:
    servers = Servers(monkeypatch, TEN, [])
    with pytest.raises(Refused, match="4 of 10 models are 40 %"):
        servers.check(*absent(*TEN[:4]), check_backend=False)
    assert servers.check(*absent(*TEN[:3]), check_backend=False) == []
    assert servers.asked == []


def test_rights_are_looked_at_also_where_nothing_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    servers = Servers(monkeypatch, TEN, TEN)
    assert servers.check({"model_name": "m1", "rpm": 5}) == ["right"]
    assert servers.asked == ["rights", "closed"]


def test_litellm_is_measured_beside_its_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the models that leave LiteMaaS has no row."""
    servers = Servers(monkeypatch, TEN, [f"r{number}" for number in range(30)])
    with pytest.raises(Refused, match="4 of 10 models are 40 %"):
        servers.check(*absent(*TEN[:4]), later_steps=None)
    assert servers.asked == ["rows", "closed"]


def test_a_model_that_failed_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of twelve rows two go by the list and two are of models that cannot be read."""
    servers = Servers(monkeypatch, TEN, [*TEN, "bad1", "bad2"])
    assert servers.check(*absent("m0", "m1"), {"model_name": "bad1", "rpm": "x"}, {"model_name": "bad2", "rpm": "x"}) == ["right"]
    assert "LiteLLM" not in servers.asked


def test_litellm_is_asked_only_where_that_may_change_the_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    few = Servers(monkeypatch, TEN, [*TEN, "gone"])
    assert few.check(*absent("m0")) == ["right"]
    assert few.asked == ["rows", "rights", "closed"]
    many = Servers(monkeypatch, TEN, [*TEN, "gone1", "gone2"], hidden=("gone1",))
    assert many.check(*absent("m0", "m1"), max_percent=25.0) == ["right"]
    assert many.asked == ["rows", "LiteLLM", "gone1 gone2", "rights", "closed"]
    refused = Servers(monkeypatch, TEN, [*TEN, "gone1", "gone2"])
    with pytest.raises(Refused, match="4 of 12 models"):
        refused.check(*absent("m0", "m1"), max_percent=25.0)
