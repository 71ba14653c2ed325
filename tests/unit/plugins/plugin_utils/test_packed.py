# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list of models arrives at a module as it was written."""

from __future__ import annotations

import datetime

import pytest

from ansible_collections.litemaas.models.plugins.plugin_utils import _progress
from ansible_collections.litemaas.models.plugins.plugin_utils._packed import MARK, for_module, pack, unpack

DATE = datetime.date(2024, 6, 1)


def test_there_and_back():
    specs = [{"model_name": "m", "rpm": 5, "text": "5", "json": '{"a": 1}', "none": None, "deep": {"a": [True, 1.5, float("inf")]}}]
    packed = pack(specs)
    assert packed.startswith(MARK)
    # Ansible reads what begins so as data.
    assert not packed.startswith(("[", "{"))
    assert unpack(packed) == specs


@pytest.mark.parametrize("value", [[{"model_name": "m"}], "a text", None, {"a": 1}])
def test_anything_else_stays_as_it_is(value):
    assert unpack(value) == value


def test_dates():
    """A text that YAML took for a date is refused by the module; within a free parameter it is the text again."""
    specs = [{"api_version": DATE, "extra_params": {"since": DATE, "all": [DATE, {"at": datetime.datetime(2024, 6, 1, 10, 0)}]}}, "m"]
    assert for_module(specs) == [
        {
            "api_version": {"date": "2024-06-01"},
            "extra_params": {"since": "2024-06-01", "all": ["2024-06-01", {"at": "2024-06-01T10:00:00"}]},
        },
        "m",
    ]
    assert for_module("no list") == "no list"


@pytest.mark.parametrize("option", ["models", "planned_models"])
@pytest.mark.parametrize("packed", [True, False])
def test_an_unknown_field_ends_the_task_before_the_module(monkeypatch, option, packed):
    ran = []
    monkeypatch.setattr(_progress.NormalAction, "run", lambda action, tmp, task_vars: ran.append(action._task.args) or {"changed": False})

    def run(**spec):
        task = type("Task", (), {"args": {option: pack([spec]) if packed else [spec]}, "async_val": 0, "no_log": False})()
        return _progress.ProgressAction(task, None, None, None, None, None).run(None, {"inventory_hostname": "h"})

    failed = run(model_name="m", contxt_length=1, rpm="many", api_key="demo-key-not-real")
    assert (failed["failed"], failed["changed"], ran) == (True, False, [])
    assert failed["msg"].startswith("m: contxt_length is not a field of a model (did you mean context_length?).")
    assert failed["msg"].endswith("Model validation failed for m: rpm must be a whole number.")
    assert "not-real" not in str(failed)
    assert run(model_name="m", api_version=DATE) == {"changed": False}
    assert ran == [{option: [{"model_name": "m", "api_version": {"date": "2024-06-01"}}]}]
