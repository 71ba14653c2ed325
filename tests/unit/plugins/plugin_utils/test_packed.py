# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list of models arrives at a module as it was written."""

from __future__ import annotations

import datetime

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._common.specs import read_specs
from ansible_collections.litemaas.models.plugins.plugin_utils import _module_action
from ansible_collections.litemaas.models.plugins.plugin_utils._packed import MARK, for_module, pack, unpack

DATE, TIME = datetime.date(2024, 6, 1), datetime.datetime(2024, 6, 1, 10, 20, 30)


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
    """A text that YAML took for a date is refused by the module; within a free parameter it is the text again, if nothing of it is lost."""
    specs = [{"api_version": DATE, "display_name": TIME, "extra_params": {"since": DATE, "all": [DATE, {"at": TIME}], "at": TIME}}, "m"]
    at = {"!!timestamp": "2024-06-01 10:20:30"}
    assert for_module(specs) == [
        {
            "api_version": {"!!timestamp": "2024-06-01"},
            "display_name": at,
            "extra_params": {"since": "2024-06-01", "all": ["2024-06-01", {"at": at}], "at": at},
        },
        "m",
    ]
    assert for_module("no list") == "no list"


# a name in a dictionary as YAML or a template makes it, what it becomes
NAMES = [
    (DATE, "!!timestamp 2024-06-01"),
    (TIME, "!!timestamp 2024-06-01 10:20:30"),
    (511, "!!int 511"),
    (1.1, "!!float 1.1"),
    (True, "!!bool True"),
    (None, "!!null None"),
    (b"x", "!!binary b'x'"),
    (("a", 1), "!!seq ('a', 1)"),
    (frozenset("a"), "!!set frozenset({'a'})"),
    ("511", "511"),
]


@pytest.mark.parametrize(("name", "packed"), NAMES, ids=str)
@pytest.mark.parametrize("option", ["extra_params", "secret_params", "extra_info", "api_base"])
def test_a_name_that_is_no_text_is_handed_on_by_its_tag(option, name, packed):
    specs = [{option: {name: 1, "deep": [{"deeper": {name: {name: "x"}}}]}}]
    assert unpack(pack(specs)) == [{option: {packed: 1, "deep": [{"deeper": {packed: {packed: "x"}}}]}}]


@pytest.mark.parametrize(("value", "tag"), [(b"x", "!!binary"), ({"a"}, "!!set"), (frozenset("a"), "!!set")], ids=str)
def test_a_value_that_json_cannot_hold_is_handed_on_by_its_tag(value, tag):
    specs = unpack(pack([{"display_name": value, "extra_params": {"a": [value]}}]))
    assert specs == [{"display_name": {tag: str(value)}, "extra_params": {"a": [{tag: str(value)}]}}]


def test_one_bad_entry_is_no_reason_against_the_others():
    good = {"model_name": "good", "extra_params": {"a": 1}}
    odd = [{"model_name": "odd", "extra_params": {name: {value: value}}} for name, _packed in NAMES for value in (DATE, b"x", None)]
    specs, errors = read_specs(unpack(pack([*odd, good])))
    assert [spec.model_name for spec in specs] == ["good"]
    assert len(errors) == len(odd)


@pytest.mark.parametrize("packed", [True, False])
def test_an_unknown_field_ends_the_task_before_the_module(monkeypatch, packed):
    ran = []
    monkeypatch.setattr(
        _module_action.NormalAction, "run", lambda action, tmp, task_vars: ran.append(action._task.args) or {"changed": False}
    )

    def run(**spec):
        task = type("Task", (), {"args": {"models": pack([spec]) if packed else [spec]}, "async_val": 0, "no_log": False})()
        return _module_action.ModelsAction(task, None, None, None, None, None).run(None, {"inventory_hostname": "h"})

    failed = run(model_name="m", contxt_length=1, rpm="many", api_key="demo-key-not-real")
    assert (failed["failed"], failed["changed"], ran) == (True, False, [])
    assert failed["msg"].startswith("m: contxt_length is not a field of a model (did you mean context_length?).")
    assert failed["msg"].endswith("Model validation failed for m: rpm must be a whole number.")
    assert "not-real" not in str(failed)
    assert run(model_name="m", api_version=DATE) == {"changed": False}
    assert ran == [{"models": [{"model_name": "m", "api_version": {"!!timestamp": "2024-06-01"}}]}]


def test_the_options_of_one_model_are_handed_on_as_an_entry_of_a_list_is(monkeypatch):
    ran = []
    monkeypatch.setattr(_module_action.NormalAction, "run", lambda action, tmp, task_vars: ran.append(action._task.args))
    args = {"model_name": "m", "display_name": TIME, "extra_params": {"at": TIME, 5: DATE}, "timeout": 5, "notify_urls": ["x"]}
    task = type("Task", (), {"args": args, "async_val": 0, "no_log": False})()
    _module_action.ModelsAction(task, None, None, None, None, None).run(None, {"inventory_hostname": "h"})
    at = {"!!timestamp": "2024-06-01 10:20:30"}
    assert ran == [dict(args, display_name=at, extra_params={"at": at, "!!int 5": "2024-06-01"})]
