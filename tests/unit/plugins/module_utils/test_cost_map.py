# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What LiteLLM adds to deployments, and what those of one litellm_model share."""

from __future__ import annotations

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._common.specs import read_specs
from ansible_collections.litemaas.models.plugins.module_utils._litellm.cost_map import (
    CostMap,
    foresee,
    has_limit,
    is_needed,
    sharing,
    warn_of_sharing,
)
from ansible_collections.litemaas.models.plugins.module_utils._litellm.plan import Policy
from ansible_collections.litemaas.models.plugins.module_utils._litellm.planner import plan_deployments

KNOWN = {
    "gpt-4o": {"litellm_provider": "openai", "max_tokens": 16384, "input_cost_per_token": 2.5e-06, "supports_vision": True},
    "azure/gpt-4o": {"litellm_provider": "azure", "max_tokens": 1000},
    "gemini-2.5-pro": {"litellm_provider": "vertex_ai-language-models", "max_tokens": 65535},
    "command-r": {"litellm_provider": "cohere_chat", "max_tokens": 4096},
    "spec": "no model at all",
}


def entry(name, model, params=None, ours=True, **info):
    """A deployment as LiteLLM shows it; ``ours`` remembers what it says."""
    managed = {"max_tokens": "context_length", "supports_vision": "supports_vision", "mode": "mode"}
    memory = {"litemaas_managed": sorted(managed[key] for key in info if key in managed)} if ours else {}
    return {
        "model_name": name,
        "litellm_params": {"model": model, **(params or {})},
        "model_info": {"id": name, "db_model": True, **memory, **info},
    }


def specs_of(*entries):
    specs, errors = read_specs(entries)
    assert not errors
    return specs


def spec(name, model, **fields):
    return {"model_name": name, "model_id": name, "litellm_model": model, "api_base": "http://x/v1", "api_key": "key-not-real", **fields}


def plan(entries, *specs, **policy):
    return plan_deployments(specs_of(*specs), entries, Policy("sk-1234", update_secrets="on_create", **policy))


def contexts(entries, *specs, registers=True, known=None, catalog=None, **policy):
    coming = foresee(plan(entries, *specs, **policy), entries, CostMap(KNOWN if known is None else known, registers, catalog))
    return {one["model_name"]: one["model_info"].get("max_tokens") for one in coming}


@pytest.mark.parametrize(
    ("model", "info", "expected"),
    [
        ("openai/gpt-4o", {}, 16384),
        ("gpt-4o", {}, 16384),
        ("openai/GPT-4o", {}, 16384),
        ("anthropic/gpt-4o", {}, None),
        ("openai/mine", {}, None),
        ("openai/mine", {"base_model": "gpt-4o"}, 16384),
        ("openai/mine", {"base_model": "nobody"}, None),
        ("openai/gpt-4o", {"base_model": "nobody"}, 16384),
        ("azure/gpt-4o", {}, 1000),
        ("azure_ai/gpt-4o", {}, 16384),
        ("cohere/command-r", {}, 4096),
        ("vertex_ai/gemini-2.5-pro", {}, 65535),
        ("openai/org/gpt-4o", {}, 16384),
        ("spec", {}, None),
        ("", {}, None),
    ],
)
def test_what_litellm_knows_of_a_model(model, info, expected):
    assert CostMap(KNOWN, True).look_up(entry("m", model, **info)).get("max_tokens") == expected


@pytest.mark.parametrize("registers", [True, False])
def test_what_an_earlier_litellm_knows_and_does_not_show(registers):
    known = {"openai/x": {"supports_parallel_function_calling": True, "supports_tool_choice": True}}
    found = CostMap(known, registers).look_up(entry("m", "openai/x"))
    assert sorted(found) == ["supports_parallel_function_calling", "supports_tool_choice"][0 if registers else 1 :]


def test_a_new_model_shows_what_litellm_knows():
    there = []
    coming = foresee(plan(there, spec("m", "openai/gpt-4o", supports_vision=False)), there, CostMap(KNOWN, False))
    info = coming[0]["model_info"]
    assert (info["max_tokens"], info["supports_vision"], info["input_cost_per_token"]) == (16384, False, 2.5e-06)


def test_another_litellm_model_takes_the_old_ones_knowledge_away():
    shown = {"max_tokens": 16384, "input_cost_per_token": 2.5e-06}
    there = [entry("m", "openai/gpt-4o", **shown)]
    there[0]["model_info"]["litemaas_managed"] = []
    coming = foresee(plan(there, spec("m", "openai/mine")), there, CostMap(KNOWN, True))
    assert "max_tokens" not in coming[0]["model_info"]
    assert "input_cost_per_token" not in coming[0]["model_info"]


def test_the_last_one_written_holds():
    given = [spec("a", "openai/x", context_length=200), spec("b", "openai/x", context_length=80), spec("c", "openai/x")]
    assert contexts([], *given) == {"a": 200, "b": 80, "c": 80}
    assert contexts([], *reversed(given)) == {"a": 200, "b": 80, "c": 200}
    assert contexts([], *given, registers=False) == {"a": 200, "b": 80, "c": None}


def test_what_is_written_first_under_another_provider_is_only_that_ones_then():
    known = {"openai/x": {"max_tokens": 80}}
    given = [spec("a", "openai/x", custom_llm_provider="hosted_vllm"), spec("b", "openai/x")]
    assert contexts([], *given, known=known) == {"a": None, "b": None}
    assert contexts([], *reversed(given), known=known) == {"a": 80, "b": 80}
    known = {"x": {"max_tokens": 80, "litellm_provider": "openai"}}
    assert contexts([], spec("a", "azure_ai/x"), spec("b", "openai/x"), known=known) == {"a": 80, "b": 80}


def test_what_has_responses_in_its_name_is_known_without_it_too():
    given = [spec("a", "openai/responses/x", context_length=200), spec("b", "openai/x")]
    assert contexts([], *given) == {"a": 200, "b": 200}


def modes(known, *specs):
    return [one["model_info"].get("mode") for one in foresee(plan([], *specs), [], CostMap(known, True))]


def test_the_mode_of_responses_is_kept_under_the_very_name_only():
    given = [spec("a", "openai/x", mode="chat"), spec("b", "openai/x")]
    assert modes({"openai/x": {"mode": "responses"}}, *given) == ["chat", "responses"]
    assert modes({"x": {"mode": "responses"}}, *given) == ["chat", "chat"]
    assert modes({"openai/x": {"mode": "embedding"}}, *given) == ["chat", "chat"]


# --- a LiteLLM that keeps its own list apart ---------------------------------------------------------------------------

APART = {"gpt-4o": {"litellm_provider": "openai", "max_input_tokens": 128000, "max_output_tokens": 16384, "mode": "chat"}}


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"max_tokens": 7, "max_input_tokens": 9, "max_output_tokens": 5}, 5),
        ({"max_tokens": 7, "max_input_tokens": 9, "max_output_tokens": 0}, 9),
        ({"max_tokens": 7, "max_input_tokens": 9}, 9),
        ({"max_tokens": 7}, None),
    ],
)
def test_max_tokens_is_what_can_come_out_or_go_in(known, expected):
    assert CostMap({"openai/x": known}, True, {}).look_up(entry("m", "openai/x")).get("max_tokens") == expected
    assert CostMap({"openai/x": known}, True).look_up(entry("m", "openai/x")).get("max_tokens") == 7


@pytest.mark.parametrize(
    ("model", "params", "expected"),
    [
        ("openai/gpt-4o", {}, True),
        ("gpt-4o", {}, True),
        ("gpt-4o", {"custom_llm_provider": "openai"}, True),
        ("openai/gpt-4o", {"custom_llm_provider": "openai"}, True),
        ("openai/mine", {}, False),
        ("org/gpt-4o", {"custom_llm_provider": "hosted_vllm"}, False),
        ("", {}, False),
    ],
)
def test_whether_litellms_own_list_has_a_limit(model, params, expected):
    for field in ("max_tokens", "max_input_tokens"):
        assert has_limit(APART, entry("m", model, params), field) is expected
    assert not has_limit(APART, entry("m", model, params), "mode")


@pytest.mark.parametrize(("model", "expected"), [("openai/gpt-4o", 16384), ("openai/mine", 100)])
def test_limits_of_litellms_own_list_hold(model, expected):
    given = [spec("a", model, context_length=200, max_tokens=100), spec("b", model)]
    assert contexts([], *given, known=APART, catalog=APART) == {"a": 200, "b": expected}
    assert len(warnings([], *given, catalog=APART)) == (expected == 100)
    assert len(warnings([], *given)) == 1


def test_a_limit_that_litellms_own_list_lacks_is_shared():
    catalog = {"openai/x": {"max_input_tokens": 9}}
    given = [spec("a", "openai/x", context_length=200, max_tokens=5), spec("b", "openai/x")]
    assert contexts([], *given, known=catalog, catalog=catalog) == {"a": 200, "b": 5}
    [warning] = warnings([], *given, catalog=catalog)
    assert "max_tokens is 5 in a" in warning
    assert "context_length" not in warning


@pytest.mark.parametrize(
    ("name", "registered", "mode", "expected"),
    [
        ("openai/x", None, "chat", None),
        ("openai/x", None, "responses", "responses"),
        ("openai/x", None, "embedding", "embedding"),
        ("openai/x", "chat", "responses", "chat"),
        ("openai/x", "chat", "embedding", "embedding"),
        ("openai/x", "embedding", "chat", "embedding"),
        ("openai/x", "responses", "chat", "responses"),
        ("openai/x", "responses", "embedding", "responses"),
        ("chatgpt/x", "chat", "responses", "responses"),
        ("chatgpt/x", None, "chat", "chat"),
        ("chatgpt/x", "responses", "chat", "responses"),
    ],
)
def test_whose_mode_holds_for_all(name, registered, mode, expected):
    known = {name: {"mode": registered}} if registered else {}
    given = [spec("a", name, mode=mode), spec("b", name)]
    coming = foresee(plan([], *given), [], CostMap(known, True, known))
    assert [one["model_info"].get("mode") for one in coming] == [mode, expected]
    assert len(warnings([], *given, catalog=known)) == (expected == mode and registered != mode)


def test_limits_that_a_server_said_stay_with_its_deployment():
    """LiteLLM asks it, shows them of this deployment until that is written, and puts them into no map."""
    there = [entry("a", "hosted_vllm/x", max_input_tokens=80), entry("b", "hosted_vllm/x")]
    there[0]["model_info"]["max_tokens"] = 80
    change, other = ({"model_name": name, "model_id": name, "rpm": 1} for name in ("a", "b"))
    known = {"a": {"max_tokens": None}, "b": {}, "hosted_vllm/x": {"max_input_tokens": None}}
    assert contexts(there, other, known=known, catalog={}) == {"a": 80, "b": None}
    assert contexts(there, change, known=known, catalog={}) == {"a": None, "b": None}
    # What somebody else set is in the map under the id, and goes to others.
    known = {**known, "a": {"max_tokens": 80, "max_input_tokens": 80}}
    assert contexts(there, change, known=known, catalog={}) == {"a": 80, "b": 80}


def test_litellms_own_list_is_asked_for_where_a_warning_may_be_due():
    def ask():
        asked.append(1)

    asked = []
    for specs in ([spec("a", "openai/x", context_length=200), spec("b", "openai/y")], [spec("a", "openai/x"), spec("b", "openai/x")]):
        warn_of_sharing(plan([], *specs), [], True, ask)
    assert asked == []


def test_a_write_without_a_word_of_it_counts_too():
    there = [entry("a", "openai/x", max_tokens=200), entry("b", "openai/x", max_tokens=80), entry("c", "openai/x")]
    there[2]["model_info"]["max_tokens"] = 80
    known = {"openai/x": {"max_tokens": 80}}
    assert contexts(there, {"model_name": "a", "model_id": "a", "rpm": 1}, known=known)["c"] == 200
    assert contexts(there, {"model_name": "c", "model_id": "c", "rpm": 1}, known=known)["c"] == 80


def test_an_announced_update_has_litellm_load_the_old_values_first():
    there = [entry("a", "openai/x", max_tokens=200), entry("c", "openai/x")]
    change = {"model_name": "a", "model_id": "a", "litellm_model": "openai/y"}
    assert contexts(there, change, known={}, announce=True)["c"] == 200
    assert contexts(there, change, known={}, announce=False)["c"] is None


def test_what_somebody_else_set_stays_with_its_deployment():
    """Told by the map under the deployment's id, or because it is not what LiteLLM would show."""
    there = [entry("a", "openai/x", ours=False, max_tokens=80), entry("b", "openai/x", max_tokens=80)]
    change = {"model_name": "b", "model_id": "b", "context_length": 5}
    assert contexts(there, change, known={"openai/x": {"max_tokens": 80}})["a"] == 5
    assert contexts(there, change, known={"openai/x": {"max_tokens": 80}, "a": {"max_tokens": 80}})["a"] == 80
    assert contexts(there, change, known={"openai/x": {"max_tokens": 7}})["a"] == 80


def test_a_mode_that_litellm_keeps():
    there = [entry("b", "openai/x")]
    known = {"openai/x": {"mode": "responses"}}
    coming = foresee(plan(there, spec("a", "openai/x", mode="chat")), there, CostMap(known, True))
    assert [one["model_info"]["mode"] for one in coming] == ["responses", "chat"]


def test_what_replace_clears_stays_in_the_map():
    there = [entry("a", "openai/x", {"api_base": "http://x/v1"}, max_tokens=80, litemaas_api_key_hmac="x")]
    known = {"openai/x": {"max_tokens": 80}}
    assert contexts(there, spec("a", "openai/x"), known=known, replace=True) == {"a": 80}
    assert contexts(there, spec("a", "openai/x"), known={}, replace=True) == {"a": None}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"model_name": "lone", "model_id": "lone", "rpm": 1}, False),
        ({"model_name": "a", "model_id": "a", "rpm": 1}, True),
        ({"model_name": "lone", "model_id": "lone", "base_model": "gpt-4o"}, True),
        ({"model_name": "lone", "model_id": "lone", "custom_llm_provider": "azure"}, True),
        ({"model_name": "lone", "model_id": "lone", "litellm_model": "openai/y"}, True),
        (spec("new", "openai/new"), True),
        ({"model_name": "lone", "model_id": "lone", "state": "absent"}, False),
        ({"model_name": "lone", "model_id": "lone"}, False),
    ],
)
def test_the_map_is_asked_for_only_where_it_matters(change, expected):
    there = [entry("a", "openai/x"), entry("b", "openai/x"), entry("lone", "openai/lone")]
    assert is_needed(plan(there, change), there) is expected


@pytest.mark.parametrize(
    ("params", "info", "expected"),
    [({"api_base": "http://x/v1"}, {"max_tokens": 80}, True), ({"api_base": "http://x/v1"}, {}, False), ({}, {"max_tokens": 80}, False)],
)
def test_limits_that_a_server_may_have_said_matter(params, info, expected):
    there = [entry("lone", "openai/lone", params)]
    there[0]["model_info"].update(info)
    assert is_needed(plan(there, {"model_name": "lone", "model_id": "lone", "rpm": 1}), there) is expected


def test_both_of_two_that_are_written_matter():
    there = [entry("a", "openai/x"), entry("b", "openai/x")]
    changes = [{"model_name": name, "model_id": name, "rpm": 1} for name in ("a", "b")]
    assert is_needed(plan(there, *changes), there)


def warnings(entries, *specs, registers=True, catalog=None):
    made = plan(entries, *specs)
    made.warnings.clear()
    warn_of_sharing(made, entries, registers, lambda: catalog)
    return made.warnings


def test_a_warning_names_those_that_say_and_those_that_leave_out():
    given = [spec("a", "openai/x", context_length=200), spec("b", "openai/x", context_length=80), spec("c", "openai/x")]
    [warning] = warnings([], *given)
    assert "the litellm_model openai/x share" in warning
    assert "context_length is 200 in a, 80 in b, but is not set in c." in warning
    assert warnings([], *given[:2]) == []
    assert warnings([], given[2], spec("d", "openai/x")) == []
    assert warnings([], given[0], spec("e", "openai/other")) == []


def test_a_base_model_takes_too():
    given = [spec("a", "openai/x", context_length=200), spec("b", "azure/dep", base_model="openai/x")]
    [warning] = warnings([], *given)
    assert "200 in a, but is not set in b" in warning


def test_of_somebody_elses_only_what_surely_differs():
    ours, theirs = entry("a", "openai/x"), entry("b", "openai/x", ours=False, max_tokens=80)
    [warning] = warnings([ours, theirs], {"model_name": "a", "model_id": "a"})
    assert "context_length is 80 in b, but is not set in a" in warning
    ours["model_info"]["max_tokens"] = 80
    assert warnings([ours, theirs], {"model_name": "a", "model_id": "a"}) == [], "both may show what LiteLLM knows"


def test_models_that_the_list_does_not_have_are_nobodys_concern():
    there = [entry("a", "openai/x", max_tokens=200), entry("b", "openai/x"), entry("lone", "openai/lone")]
    assert warnings(there, {"model_name": "lone", "model_id": "lone", "rpm": 1}) == []
    assert len(warnings(there, {"model_name": "b", "model_id": "b"})) == 1


def test_an_earlier_litellm_shares_nothing():
    given = [spec("a", "openai/x", context_length=200), spec("b", "openai/x")]
    assert len(warnings([], *given)) == 1
    assert warnings([], *given, registers=False) == []


def test_what_is_declared_beside_others_is_saved_also_where_it_shows_already():
    there = [entry("a", "openai/x", max_tokens=80), entry("b", "openai/x", max_input_tokens=80)]
    there[1]["model_info"]["max_tokens"] = 80
    change = {"model_name": "b", "model_id": "b", "context_length": 80}
    assert sharing(there) == {"a", "b"}
    [action] = plan(there, change, sharing=sharing(there)).actions
    assert action.body["model_info"]["max_tokens"] == 80
    assert plan(there, change).actions[0].kind == "unchanged"
    more = {"model_name": "b", "model_id": "b", "extra_info": {"supports_pdf_input": True}}
    there[1]["model_info"]["supports_pdf_input"] = True
    [action] = plan(there, more, sharing=sharing(there)).actions
    assert [one.field for one in action.changes] == ["supports_pdf_input"]
    assert plan(there, more).actions[0].kind == "unchanged"
    # Somebody else's has it most likely itself.
    other = [there[0], entry("b", "openai/x", ours=False, max_tokens=80, max_input_tokens=80)]
    assert plan(other, change, sharing=sharing(other)).actions[0].kind == "unchanged"


def test_what_is_remembered_is_saved():
    """LiteLLM shows its own knowledge, which goes with another litellm_model."""
    there = [entry("m", "openai/gpt-4o", ours=False, max_tokens=80, max_input_tokens=80, supports_vision=True)]
    change = {"model_name": "m", "model_id": "m", "context_length": 80, "supports_vision": True}
    assert plan(there, change).actions[0].kind == "unchanged"
    [action] = plan(there, dict(change, litellm_model="openai/y")).actions
    info = action.body["model_info"]
    assert (info["max_tokens"], info["max_input_tokens"], info["supports_vision"]) == (80, 80, True)
    assert info["litemaas_managed"] == ["context_length", "supports_vision"]
    assert [one.field for one in action.changes] == ["litellm_model"]


@pytest.mark.parametrize("change", [{"litellm_model": "openai/y"}, {"extra_info": {"mine": 1}}])
def test_what_shows_and_is_no_option_is_saved_with_another_write(change):
    there = [entry("m", "openai/gpt-4o", input_cost_per_token=0, output_cost_per_token=2e-6, supports_pdf_input=True)]
    there[0]["litellm_params"]["output_cost_per_token"] = 2e-6
    same = {"model_name": "m", "model_id": "m", "input_cost_per_token": 0, "output_cost_per_token": 2e-6}
    same["extra_info"] = {"supports_pdf_input": True}
    assert plan(there, same).actions[0].kind == "unchanged"
    [action] = plan(there, {**same, **change, "extra_info": {**same["extra_info"], **change.get("extra_info", {})}}).actions
    assert action.body["litellm_params"].get("input_cost_per_token") == 0
    assert "output_cost_per_token" not in action.body["litellm_params"]
    assert action.body["model_info"]["supports_pdf_input"] is True
    assert [one.field for one in action.changes] == [*change] if "litellm_model" in change else ["mine"]
