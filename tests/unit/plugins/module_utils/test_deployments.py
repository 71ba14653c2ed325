# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of deployments: identity, what differs, what is sent, what is cleared."""

from __future__ import annotations

import copy
import dataclasses

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import ModelConflict
from ansible_collections.litemaas.models.plugins.module_utils._common.fingerprints import hmac_key, hmac_of, is_known
from ansible_collections.litemaas.models.plugins.module_utils._common.specs import read_specs
from ansible_collections.litemaas.models.plugins.module_utils._litellm.compare import same_value, shown_params
from ansible_collections.litemaas.models.plugins.module_utils._litellm.identity import classify, deterministic_id, wanted_ids
from ansible_collections.litemaas.models.plugins.module_utils._litellm.memory import MANAGED_KEY, WRITING_KEY, announcement
from ansible_collections.litemaas.models.plugins.module_utils._litellm.plan import HIDDEN, SAVED_ONLY, Change, Policy
from ansible_collections.litemaas.models.plugins.module_utils._litellm.planner import plan_deployments
from ansible_collections.litemaas.models.plugins.module_utils._litellm.recreate import left_in_info, recreation, way_back
from ansible_collections.litemaas.models.plugins.module_utils._litellm.settle import complete_update, outcome_of
from ansible_collections.litemaas.models.plugins.module_utils._litellm.taken_over import how_shown, is_taken_over, shown_otherwise, unserved

POLICY = Policy(admin_key="sk-1234")

GRANITE = {
    "model_name": "granite",
    "litellm_model": "openai/granite",
    "api_base": "http://granite:8080/v1",
    "api_key": "not-a-real-key",
    "rpm": 10,
}


def specs_of(*entries):
    specs, errors = read_specs(entries)
    assert not errors, [error.message for error in errors]
    return specs


def deployment(model_name="granite", model_id="by-hand", db_model=True, info=None, **params):
    params.setdefault("model", "openai/granite")
    return {
        "model_name": model_name,
        "litellm_params": params,
        "model_info": dict({"id": model_id, "db_model": db_model}, **(info or {})),
    }


def served(body):
    """A create's body as LiteLLM shows it afterwards: secrets gone, booleans and its own knowledge added."""
    shown = copy.deepcopy(body)
    shown["litellm_params"].pop("api_key", None)
    shown["litellm_params"].update({"use_in_pass_through": False, "use_litellm_proxy": False})
    shown["model_info"].update({"db_model": True, "litellm_provider": "openai", "supports_system_messages": True})
    return shown


def plan_one(entry, deployments, policy=POLICY):
    return plan_deployments(specs_of(entry), deployments, policy).actions[0]


class TestIdentity:
    def test_missing_is_created_under_an_id_of_its_name(self):
        action = plan_one(GRANITE, [])
        assert action.kind == "created"
        assert action.model_id == plan_one(dict(GRANITE, litellm_model="openai/other"), []).model_id
        assert action.body["model_info"]["id"] == action.model_id

    def test_second_run_is_unchanged(self):
        first = plan_one(GRANITE, [])
        assert plan_one(GRANITE, [served(first.body)]).kind == "unchanged"

    def test_the_only_one_of_a_name_is_adopted(self):
        action = plan_one(GRANITE, [deployment(rpm=10, api_base="http://granite:8080/v1")])
        assert (action.kind, action.model_id) == ("updated", "by-hand")
        assert [change.field for change in action.changes] == ["api_key"]

    def test_given_id_wins_and_renames(self):
        action = plan_one(dict(GRANITE, model_id="x"), [deployment("old-name", "x", rpm=10, api_base="http://granite:8080/v1")])
        assert action.kind == "updated"
        assert action.body["model_name"] == "granite"
        info = action.body["model_info"]
        assert (info["id"], info["litemaas_model_name"]) == ("x", "granite"), "a new name travels with something else that is new"

    def test_several_and_no_rule_names_the_ids(self):
        action = plan_one(GRANITE, [deployment(model_id="a"), deployment(model_id="b")])
        assert action.kind == "failed"
        assert action.reason == "LiteLLM has 2 deployments of it (a, b): give model_id, or set duplicates to collapse"

    def test_several_and_one_is_the_very_model_and_address(self):
        same = deployment(model_id="b", api_base="http://granite:8080/v1")
        assert plan_one(GRANITE, [deployment(model_id="a"), same]).model_id == "b"

    def test_own_id_among_several_needs_no_rule(self):
        own = plan_one(GRANITE, [])
        assert plan_one(GRANITE, [deployment(model_id="a"), deployment(model_id="b"), served(own.body)]).kind == "unchanged"

    def test_the_others_of_a_name_stay_unless_they_are_to_collapse(self):
        exact = deployment(model_id="exact", api_base="http://granite:8080/v1")
        actions = plan_deployments(specs_of(GRANITE), [exact, deployment(model_id="other", model="openai/other")], POLICY).actions
        assert [(action.kind, action.model_id) for action in actions] == [("updated", "exact")]

    def test_collapse_keeps_one(self):
        plan = plan_deployments(
            specs_of(GRANITE),
            [deployment(model_id=key, api_base="http://granite:8080/v1") for key in ("c", "a", "b")],
            Policy("sk-1234", duplicates="collapse"),
        )
        assert [(action.kind, action.model_id) for action in plan.actions] == [("updated", "a"), ("deleted", "b"), ("deleted", "c")]

    def test_collapse_of_absent_deletes_all(self):
        plan = plan_deployments(
            specs_of({"model_name": "granite", "state": "absent"}),
            [deployment(model_id="a"), deployment(model_id="b")],
            Policy("sk-1234", duplicates="collapse"),
        )
        assert [(action.kind, action.model_id) for action in plan.actions] == [("deleted", "a"), ("deleted", "b")]

    def test_several_of_a_name_in_the_list_are_several_deployments(self):
        entries = [GRANITE, dict(GRANITE, api_base="http://other:8080/v1")]
        plan = plan_deployments(specs_of(*entries), [], POLICY)
        assert [action.kind for action in plan.actions] == ["created", "created"]
        assert plan.actions[0].model_id != plan.actions[1].model_id
        again = plan_deployments(specs_of(*entries), [served(action.body) for action in plan.actions], POLICY)
        assert [action.kind for action in again.actions] == ["unchanged", "unchanged"]

    def test_of_several_each_adopts_its_own(self):
        entries = [GRANITE, dict(GRANITE, api_base="http://other:8080/v1")]
        there = [deployment(model_id="b", api_base="http://other:8080/v1", rpm=10), deployment(model_id="a", api_base="http://x", rpm=10)]
        plan = plan_deployments(specs_of(*entries), there, POLICY)
        assert [action.kind for action in plan.actions] == ["created", "updated"]
        assert plan.actions[1].model_id == "b"

    def test_of_several_each_keeps_one_of_its_own_on_request(self):
        entries = [GRANITE, dict(GRANITE, api_base="http://other:8080/v1")]
        own = served(plan_deployments(specs_of(*entries), [], POLICY).actions[1].body)
        addresses = {"a": "granite", "b": "granite", "c": "other", "d": "third"}
        there = [deployment(model_id=key, api_base=f"http://{host}:8080/v1", rpm=10) for key, host in addresses.items()]
        for policy, deleted in ((POLICY, []), (Policy("sk-1234", duplicates="collapse"), ["b", "c"])):
            actions = plan_deployments(specs_of(*entries), [*there, own], policy).actions
            assert [action.model_id for action in actions if action.kind == "deleted"] == deleted
            assert [action.model_id for action in actions if action.kind != "deleted"] == ["a", own["model_info"]["id"]]

    def test_of_several_an_absent_one_takes_no_other_with_it(self):
        entries = [GRANITE, {"model_name": "granite", "state": "absent", "litellm_model": "openai/gone"}]
        there = [deployment(model_id=key, model="openai/gone", api_base=f"http://{key}:8080/v1") for key in ("a", "b")]
        actions = plan_deployments(specs_of(*entries), there, Policy("sk-1234", duplicates="collapse")).actions
        assert [action.kind for action in actions] == ["created", "failed"]
        assert "a (litellm_model openai/gone, api_base http://a:8080/v1); b (" in actions[1].reason

    def test_config_models_are_never_written(self):
        config = deployment(model_id="from-config", db_model=False)
        plan = plan_deployments(specs_of(GRANITE), [config], POLICY)
        assert plan.actions[0].kind == "created"
        assert "config.yaml" in plan.warnings[0]
        assert plan_one(dict(GRANITE, model_id="from-config"), [config]).kind == "failed"
        assert plan_one({"model_name": "granite", "state": "absent"}, [config]).kind == "failed"

    def test_team_models_are_not_taken_for_the_model(self):
        team = deployment(info={"team_id": "t1"})
        assert plan_one(GRANITE, [team]).kind == "created"

    def test_an_id_that_another_entry_names_is_not_adopted(self):
        entries = [dict(GRANITE, model_id="x"), dict(GRANITE, litellm_model="openai/other")]
        plan = plan_deployments(specs_of(*entries), [deployment(model_id="x", rpm=10, api_base="http://granite:8080/v1")], POLICY)
        assert [action.kind for action in plan.actions] == ["updated", "created"]

    def test_ids_do_not_depend_on_the_order_of_the_list(self):
        one, two = dict(GRANITE), dict(GRANITE, model_name="other")
        assert wanted_ids(specs_of(one, two)) == list(reversed(wanted_ids(specs_of(two, one))))

    def test_deterministic_id_is_stable_forever(self):
        assert deterministic_id(specs_of(GRANITE)[0], alone=True) == "7bc07403-633c-528b-a76e-4541d85a3b0a"

    def test_absent_and_not_there_is_unchanged(self):
        assert plan_one({"model_name": "granite", "state": "absent"}, []).kind == "unchanged"

    def test_saved_and_not_served_is_waited_for(self):
        own = served(plan_one(GRANITE, []).body)
        action = plan_one(GRANITE, [dict(own, **{SAVED_ONLY: True})])
        assert (action.kind, action.awaited) == ("unchanged", True)
        assert unserved([action], []) == [action.model_id]
        assert unserved([action], [own]) == []


class TestSeveralOfOneName:
    """What made A or B a deployment of its own is not forgotten when the list changes."""

    A = GRANITE
    B = dict(GRANITE, litellm_model="openai/other")

    def both(self):
        first = served(plan_one(self.A, []).body)
        plan = plan_deployments(specs_of(self.A, self.B), [first], POLICY)
        assert [action.kind for action in plan.actions] == ["unchanged", "created"], "A is adopted"
        return first, served(plan.actions[1].body)

    def test_absent_takes_the_one_that_it_describes(self):
        first, second = self.both()
        assert plan_one(dict(self.B, state="absent"), [first, second]).model_id == second["model_info"]["id"]
        assert plan_one(dict(self.A, state="absent"), [first, second]).model_id == first["model_info"]["id"]
        named = {"model_name": "granite", "litellm_model": "openai/other", "state": "absent"}
        assert plan_one(named, [first, second]).model_id == second["model_info"]["id"]

    def test_absent_of_neither_is_no_guess(self):
        assert plan_one({"model_name": "granite", "state": "absent"}, list(self.both())).kind == "failed"
        plan = plan_deployments(specs_of(dict(self.A, litellm_model="openai/third", state="absent")), list(self.both()), POLICY)
        assert [action.kind for action in plan.actions] == ["unchanged"]
        assert "nothing was deleted" in plan.warnings[0]

    def test_absent_does_not_take_the_next_one_in_the_next_run(self):
        first, second = self.both()
        for there, expected in (([first, second], "deleted"), ([first], "unchanged")):
            action = plan_one(dict(self.B, state="absent"), there)
            assert (action.kind, action.unseen) == (expected, False)

    def test_the_one_that_stays_in_the_list_stays_what_it_is(self):
        assert plan_one(self.B, list(self.both())).kind == "unchanged"
        assert plan_one(self.A, list(self.both())).kind == "unchanged"

    def test_a_new_address_of_the_only_one_is_an_update_of_ours(self):
        first, second = self.both()
        action = plan_one(dict(self.A, api_base="http://new:1/v1"), [first, second])
        assert (action.kind, action.model_id) == ("updated", first["model_info"]["id"])


class TestTwoSpecsForOneDeployment:
    def test_a_rename_by_id_and_the_old_name(self):
        old = served(plan_one(dict(GRANITE, model_name="old"), []).body)
        entries = [
            dict(GRANITE, model_name="new", model_id=old["model_info"]["id"]),
            dict(GRANITE, model_name="old", litellm_model="openai/b"),
        ]
        plan = plan_deployments(specs_of(*entries), [old], POLICY)
        assert [action.kind for action in plan.actions] == ["failed", "failed"]
        assert "entries 1 and 2 of the list match the same deployment" in plan.actions[0].reason

    def test_absent_by_id_and_present_by_name(self):
        old = served(plan_one(dict(GRANITE, model_name="old"), []).body)
        entries = [{"model_name": "x", "model_id": old["model_info"]["id"], "state": "absent"}, dict(GRANITE, model_name="old")]
        plan = plan_deployments(specs_of(*entries), [old], POLICY)
        assert [action.kind for action in plan.actions] == ["failed", "unchanged"], "the first alone is wrong"
        assert "belongs to the model old, so nothing is deleted" in plan.actions[0].reason
        assert [entry["model_name"] for entry in foresee(specs_of(*entries), [old])] == ["old"]

    def test_an_id_that_would_be_made_for_another_entry(self):
        own = deterministic_id(specs_of(GRANITE)[0], alone=True)
        plan = plan_deployments(specs_of(GRANITE, dict(GRANITE, model_name="other", model_id=own)), [], POLICY)
        assert [action.kind for action in plan.actions] == ["failed", "failed"]


CLASSES = [
    ({"db_model": True}, "granite", "database"),
    ({"db_model": False}, "granite", "config"),
    ({}, "granite", "config"),
    ({"db_model": True}, "openai/*", "wildcard"),
    ({"db_model": False}, "openai/*", "config"),
    ({"db_model": True, "team_id": "t"}, "model_name_t_1", "team"),
]


@pytest.mark.parametrize(("info", "name", "expected"), CLASSES)
def test_classes(info, name, expected):
    assert classify({"model_name": name, "litellm_params": {}, "model_info": info}) == expected


# option, value in the spec, part and key under which it is sent
PATHS = [
    ("litellm_model", "openai/other", "litellm_params", "model"),
    ("api_base", "http://other:1/v1", "litellm_params", "api_base"),
    ("api_version", "2024-01-01", "litellm_params", "api_version"),
    ("custom_llm_provider", "openai", "litellm_params", "custom_llm_provider"),
    ("rpm", 7, "litellm_params", "rpm"),
    ("tpm", 7, "litellm_params", "tpm"),
    ("input_cost_per_token", 1.5e-7, "litellm_params", "input_cost_per_token"),
    ("output_cost_per_token", 3e-7, "litellm_params", "output_cost_per_token"),
    ("mode", "embedding", "model_info", "mode"),
    ("max_tokens", 5, "model_info", "max_output_tokens"),
    ("context_length", 9, "model_info", "max_tokens"),
    ("context_length", 9, "model_info", "max_input_tokens"),
    ("supports_vision", True, "model_info", "supports_vision"),
    ("supports_function_calling", True, "model_info", "supports_function_calling"),
    ("supports_parallel_function_calling", True, "model_info", "supports_parallel_function_calling"),
    ("supports_tool_choice", True, "model_info", "supports_tool_choice"),
    ("supports_embeddings", True, "model_info", "supports_embeddings"),
    ("supports_convert", True, "model_info", "supports_convert"),
    ("supports_tokenize", True, "model_info", "supports_tokenize"),
    ("display_name", "Shown", "model_info", "litemaas_display_name"),
    ("description", "Text", "model_info", "litemaas_description"),
    ("provider", "vllm", "model_info", "litemaas_provider"),
    ("category", "code", "model_info", "litemaas_category"),
    ("supports_streaming", False, "model_info", "litemaas_supports_streaming"),
    ("availability", "unavailable", "model_info", "litemaas_availability"),
    ("restricted_access", True, "model_info", "litemaas_restricted_access"),
]


@pytest.mark.parametrize(("option", "value", "part", "key"), PATHS)
def test_each_field_is_created_and_updated_where_litellm_keeps_it(option, value, part, key):
    created = plan_one(dict(GRANITE, **{option: value}), [])
    assert created.body[part][key] == value
    plain = served(plan_one(GRANITE, []).body)
    action = plan_one(dict(GRANITE, **{option: value}), [plain])
    assert action.kind == "updated"
    assert [change.field for change in action.changes] == [option]
    assert action.body[part][key] == value
    others = {name for name in action.body.get("litellm_params", {}) if (part, key) != ("litellm_params", name)}
    assert not others, "one field is one PATCH of that field"
    applied = copy.deepcopy(plain)
    for name, members in action.body.items():
        applied[name].update(members)
    assert plan_one(dict(GRANITE, **{option: value}), [applied]).kind == "unchanged"


def test_a_new_model_gets_the_defaults_of_its_presentation():
    info = plan_one(GRANITE, []).body["model_info"]
    assert info["litemaas_display_name"] == "granite"
    assert info["litemaas_description"] == "AI model"
    assert info["litemaas_provider"] == "openshift-ai"
    assert info["litemaas_category"] == "general"
    assert info["litemaas_supports_streaming"] is True
    assert info["litemaas_availability"] == "available"


def test_what_is_left_out_is_left_alone():
    there = served(plan_one(dict(GRANITE, rpm=5, description="By hand"), []).body)
    left = {name: value for name, value in GRANITE.items() if name != "rpm"}
    assert plan_one(left, [there]).kind == "unchanged"


def test_a_key_that_is_to_be_none_is_cleared():
    there = served(plan_one(GRANITE, []).body)
    keyless = dict(GRANITE, api_key=False)
    action = plan_one(keyless, [there])
    assert (action.kind, action.cleared) == ("updated", [("litellm_params", "api_key")])
    assert action.changes == [Change("api_key", HIDDEN, None)]
    # Of a model that never had one nothing is taken.
    assert plan_one(keyless, [served(plan_one(keyless, []).body)]).kind == "unchanged"


def test_max_tokens_alone_is_also_what_litemaas_reads():
    info = plan_one(dict(GRANITE, max_tokens=5), []).body["model_info"]
    assert (info["max_tokens"], info["max_output_tokens"]) == (5, 5)
    info = plan_one(dict(GRANITE, max_tokens=5, context_length=9), []).body["model_info"]
    assert (info["max_tokens"], info["max_input_tokens"], info["max_output_tokens"]) == (9, 9, 5)


# What LiteLLM shows for a price of 1.5e-07: 1.100 a number, 1.81 a text or a masked text and the number in model_info.
PRICES = [
    ({"input_cost_per_token": 1.5e-07}, {}),
    ({"input_cost_per_token": "1.5e-07"}, {}),
    ({"input_cost_per_token": "1.5******e-07"}, {"input_cost_per_token": 1.5e-07}),
]


@pytest.mark.parametrize(("params", "info"), PRICES)
def test_prices_are_compared_as_numbers(params, info):
    there = deployment(info=info, **params)
    entry = {"model_name": "granite", "input_cost_per_token": 1.5e-07}
    assert plan_one(entry, [there]).kind == "unchanged"
    assert plan_one(dict(entry, input_cost_per_token=1.6e-07), [there]).kind == "updated"


def test_flags_that_a_patch_would_reset_are_sent_again():
    there = deployment(rpm=1, use_litellm_proxy=True, merge_reasoning_content_in_choices=False)
    action = plan_one({"model_name": "granite", "rpm": 2}, [there])
    assert action.body == {"litellm_params": {"rpm": 2, "use_litellm_proxy": True}}


def test_model_info_is_never_sent_without_its_id():
    action = plan_one({"model_name": "granite", "mode": "chat"}, [deployment()])
    assert action.body["model_info"]["id"] == "by-hand"


def test_a_change_of_model_info_alone_travels_with_a_revision_where_pods_need_it():
    revising = Policy("sk-1234", revise=True)
    first = plan_one({"model_name": "granite", "mode": "chat"}, [deployment()], revising).body
    other = plan_one({"model_name": "granite", "mode": "embedding"}, [deployment()], revising).body
    assert set(first["litellm_params"]["model_info"]) == {"litemaas_revision"}
    assert first["litellm_params"] != other["litellm_params"]
    assert "litellm_params" not in plan_one({"model_name": "granite", "mode": "chat"}, [deployment()]).body
    with_parameter = plan_one({"model_name": "granite", "mode": "chat", "rpm": 3}, [deployment()], revising).body
    assert with_parameter["litellm_params"] == {"rpm": 3}


class TestSecrets:
    def there(self, key="not-a-real-key", admin="sk-1234"):
        return served(plan_one(dict(GRANITE, api_key=key), [], Policy(admin)).body)

    def test_hmac_is_kept_and_the_key_is_nowhere_else(self):
        body = plan_one(GRANITE, []).body
        assert is_known(body["model_info"]["litemaas_api_key_hmac"], "sk-1234", "api_key", "not-a-real-key")
        assert "not-a-real-key" not in str(body["model_info"])

    # update_secrets, is the key another one, expected
    MODES = [
        ("on_change", False, "unchanged"),
        ("on_change", True, "updated"),
        ("always", False, "updated"),
        ("always", True, "updated"),
        ("on_create", False, "unchanged"),
        ("on_create", True, "unchanged"),
    ]

    @pytest.mark.parametrize(("mode", "other", "expected"), MODES)
    def test_modes(self, mode, other, expected):
        entry = dict(GRANITE, api_key="another-not-real-key") if other else GRANITE
        action = plan_one(entry, [self.there()], Policy("sk-1234", update_secrets=mode))
        assert action.kind == expected
        if expected == "updated":
            assert action.body["litellm_params"] == {"api_key": entry["api_key"]}

    def test_a_change_never_shows_the_secret(self):
        action = plan_one(dict(GRANITE, api_key="another-not-real-key"), [self.there()])
        assert "not-real" not in str(action.changes)
        assert "not-real" not in str(plan_one(GRANITE, []).changes)

    def test_another_admin_key_sends_the_secret_once(self):
        action = plan_one(GRANITE, [self.there(admin="sk-5678")])
        assert [change.field for change in action.changes] == ["api_key"]

    def test_runs_with_two_admin_keys_in_turn_send_it_once(self):
        there = self.there()
        sent = []
        for admin in ("sk-5678", "sk-1234", "sk-5678", "sk-1234"):
            action = plan_one(GRANITE, [there], Policy(admin))
            there["model_info"].update(action.body.get("model_info", {}))
            sent.append(action.kind)
        assert sent == ["updated", "unchanged", "unchanged", "unchanged"]

    def test_making_it_anew_keeps_what_other_admin_keys_know(self):
        there = served(plan_one(dict(GRANITE, tpm=5), [], Policy("sk-5678")).body)
        action = plan_one(GRANITE, [there], Policy("sk-1234", replace=True))
        assert action.recreate
        kept = action.wanted["model_info"]["litemaas_api_key_hmac"]
        assert all(is_known(kept, admin, "api_key", GRANITE["api_key"]) for admin in ("sk-1234", "sk-5678"))

    def test_the_fingerprint_of_an_earlier_version_is_rewritten_with_the_next_change(self):
        there = self.there()
        there["model_info"]["litemaas_api_key_hmac"] = hmac_of("sk-1234", "api_key\0not-a-real-key")
        assert plan_one(GRANITE, [there]).kind == "unchanged"
        body = plan_one(dict(GRANITE, rpm=11), [there]).body
        assert body["litellm_params"] == {"rpm": 11}
        assert is_known(body["model_info"]["litemaas_api_key_hmac"], "sk-1234", "api_key", "not-a-real-key")
        assert " " in body["model_info"]["litemaas_api_key_hmac"]
        changed = dict(GRANITE, rpm=11, api_key="another-not-real-key")
        assert "model_info" not in plan_one(changed, [there], Policy("sk-1234", update_secrets="on_create")).body

    def test_secret_params_and_hidden_extra_params_are_compared_by_hmac(self):
        entry = dict(
            GRANITE, secret_params={"aws_session_token": "t0ken-not-real"}, extra_params={"extra_headers": {"X-Api-Key": "hidden-not-real"}}
        )
        body = plan_one(entry, []).body
        assert body["litellm_params"]["aws_session_token"] == "t0ken-not-real"
        shown = served(body)
        shown["litellm_params"]["aws_session_token"] = "t0****al"
        shown["litellm_params"]["extra_headers"] = {"X-Api-Key": "hi****al"}
        assert plan_one(entry, [shown]).kind == "unchanged"
        changed = dict(entry, secret_params={"aws_session_token": "other-not-real"})
        assert [change.field for change in plan_one(changed, [shown]).changes] == ["aws_session_token"]

    # name, value in the file, what LiteLLM shows, and whether somebody else changed it
    OPEN = [
        ("db_pwd", "own-not-real", "own-not-real", False),
        ("db_pwd", "own-not-real", "other-not-real", True),
        ("db_pwd", "own-not-real", "ow****al", False),
        ("db_pwd", "own-not-real", None, False),
        ("db_pwd", '{"a": "own-not-real"}', '{"a":"own-not-real"}', False),
        ("db_pwd", "os.environ/PWD", "what it resolves to", False),
        ("my_token", "nine-9999", "nine*9999", False),
        ("my_token", "nine-9999", "ten-*9999", True),
        ("my_token", "own-not-real", "othe****real", True),
        ("my_token", "a*bcdefgh", "a*bc*efgh", False),
        ("my_cookie", "nine-9999", "nine*9999", False),
        ("max_budget", "5", 5.0, False),
        ("my_token", '{"a": "own-not-real"}', '{"a"**********eal"}', False),
        ("my_token", '{ "a": "own-not-real" }', '{"a"**********eal"}', False),
        ("my_token", "os.environ/TOKEN", "what****s to", False),
        ("extra_headers", {"X-Key": "own-not-real", "X": "a"}, {"X-Key": "own-****real", "X": "a"}, False),
        ("extra_headers", {"X-Key": "own-not-real", "X": "a"}, {"X-Key": "othe****real", "X": "a"}, True),
        ("extra_headers", {"X-Key": "own-not-real", "X": "a"}, {"X-Key": "own-****real", "X": "b"}, True),
        ("extra_headers", {"X-Key": "own-not-real", "X": "a"}, None, False),
        ("extra_headers", {"X-Key": "os.environ/KEY"}, {"X-Key": "what****s to"}, False),
        ("api_key", "own-not-real", "other-not-real", False),
    ]

    @pytest.mark.parametrize(("name", "value", "shown", "changed"), OPEN)
    def test_a_secret_that_litellm_shows(self, name, value, shown, changed):
        """As it is, where it takes its name for no secret's, or as a mask. What it is saved as tells nothing."""
        entry = dict(GRANITE, secret_params={name: value}) if name != "api_key" else dict(GRANITE, api_key=value)
        there = served(plan_one(entry, []).body)
        there["litellm_params"][name] = shown
        assert plan_one(entry, [there]).kind == ("updated" if changed else "unchanged")
        assert plan_one(entry, [dict(there, **{SAVED_ONLY: True})]).kind == "unchanged"

    def test_what_litellm_masks_beyond_what_we_expect_is_waited_for_by_its_hmac(self):
        entry = dict(GRANITE, extra_params={"odd_name": "masked-by-the-server"})
        shown = served(plan_one(entry, []).body)
        shown["litellm_params"]["odd_name"] = "mask****rver"
        action = plan_one(entry, [shown])
        assert [change.field for change in action.changes] == ["odd_name"]
        assert unserved([action], [dict(shown, model_info=dict(shown["model_info"], **action.body["model_info"]))]) == []
        shown["model_info"].update(action.body["model_info"])
        assert plan_one(entry, [shown]).kind == "unchanged"

    def test_a_reference_to_the_proxys_environment_is_compared_by_hmac(self):
        entry = dict(GRANITE, api_base="os.environ/GRANITE_URL")
        shown = served(plan_one(entry, []).body)
        shown["litellm_params"]["api_base"] = "http://resolved:8080/v1"
        assert plan_one(entry, [shown]).kind == "unchanged"


class TestReplace:
    POLICY = Policy("sk-1234", replace=True)

    def test_second_run_is_unchanged(self):
        there = served(plan_one(dict(GRANITE, context_length=9, supports_vision=True), [], self.POLICY).body)
        entry = dict(GRANITE, context_length=9, supports_vision=True)
        assert plan_one(entry, [there], self.POLICY).kind == "unchanged"

    def test_a_price_is_cleared_by_null(self):
        there = served(plan_one(dict(GRANITE, input_cost_per_token=1e-6), []).body)
        action = plan_one(GRANITE, [there], self.POLICY)
        assert not action.recreate
        assert action.body == {"litellm_params": {"input_cost_per_token": None}}

    def test_a_limit_is_cleared_by_making_it_anew(self):
        there = served(plan_one(dict(GRANITE, tpm=5), []).body)
        action = plan_one(GRANITE, [there], self.POLICY)
        assert action.recreate
        stored = {"litellm_params": dict(there["litellm_params"], api_key="cipher"), "model_info": there["model_info"]}
        body = recreation(action, there, stored)
        assert "tpm" not in body["litellm_params"]
        assert body["litellm_params"]["api_key"] == "not-a-real-key"
        assert body["model_info"]["id"] == there["model_info"]["id"]
        assert plan_one(GRANITE, [served(body)], self.POLICY).kind == "unchanged"

    def test_what_is_made_anew_has_no_announcement(self):
        """One of an update that was lost would make the next run doubt what is served."""
        there = served(plan_one(dict(GRANITE, tpm=5), []).body)
        there["model_info"][WRITING_KEY] = {"params": ["model"], "written": False}
        action = plan_one(GRANITE, [there], self.POLICY)
        assert action.recreate
        assert WRITING_KEY not in recreation(action, there, there)["model_info"]

    def test_making_it_anew_keeps_what_nobody_manages(self):
        there = served(plan_one(dict(GRANITE, tpm=5), []).body)
        there["litellm_params"]["max_retries"] = 2
        stored = {"litellm_params": dict(there["litellm_params"]), "model_info": dict(there["model_info"], base_model="gpt-x")}
        body = recreation(plan_one(GRANITE, [there], self.POLICY), there, stored)
        assert body["litellm_params"]["max_retries"] == 2
        assert body["model_info"]["base_model"] == "gpt-x"

    def test_making_it_anew_saves_nothing_of_the_price_list(self):
        there = served(plan_one(dict(GRANITE, tpm=5, extra_info={"tier": "free"}), []).body)
        shown = {"key": "gpt-4o-mini", "supports_vision": True, "output_cost_per_token": 6e-07, "access_groups": ["beta"]}
        stored = {"litellm_params": dict(there["litellm_params"]), "model_info": dict(there["model_info"], **shown)}
        info = recreation(plan_one(dict(GRANITE, extra_info={"tier": "free"}), [there], self.POLICY), there, stored)["model_info"]
        assert not info.keys() & {"key", "supports_vision", "output_cost_per_token"}
        assert info["access_groups"] == ["beta"]
        assert info["tier"] == "free"
        assert info["id"] == there["model_info"]["id"]

    def test_making_it_anew_is_refused_when_a_secret_would_be_lost(self):
        there = served(plan_one(dict(GRANITE, tpm=5), []).body)
        stored = {"litellm_params": dict(there["litellm_params"], aws_secret_access_key="cipher"), "model_info": {}}
        with pytest.raises(ModelConflict, match="aws_secret_access_key would be lost"):
            recreation(plan_one(GRANITE, [there], self.POLICY), there, stored)

    def test_making_it_anew_keeps_zero_and_false(self):
        there = served(plan_one(dict(GRANITE, tpm=5), []).body)
        there["litellm_params"].update(max_retries=0, drop_params=False, use_litellm_proxy=False)
        stored = {"litellm_params": dict(there["litellm_params"]), "model_info": dict(there["model_info"], zero=0)}
        body = recreation(plan_one(GRANITE, [there], self.POLICY), there, stored)
        assert (body["litellm_params"]["max_retries"], body["litellm_params"]["drop_params"], body["model_info"]["zero"]) == (0, False, 0)
        assert "use_litellm_proxy" not in body["litellm_params"]

    def test_making_it_anew_is_refused_when_a_text_may_be_a_reference(self):
        there = served(plan_one(dict(GRANITE, tpm=5), []).body)
        planned = plan_one(GRANITE, [there], self.POLICY)
        there["litellm_params"]["organization"] = "what the proxy's environment holds"
        stored = {"litellm_params": dict(there["litellm_params"], organization="cipher"), "model_info": {}}
        with pytest.raises(ModelConflict, match="organization would be lost"):
            recreation(planned, there, stored)
        # Also before anything is written, so that check mode says it.
        refused = plan_one(GRANITE, [there], dataclasses.replace(self.POLICY, revise=True))
        assert refused.kind == "failed"
        assert "clearing tpm requires a delete and a create, and organization would be lost" in refused.reason
        # Later releases may take parameters out in place, and nothing of model_info.
        assert plan_one(GRANITE, [there], self.POLICY).kind == "updated"
        noted = served(plan_one(dict(GRANITE, extra_info={"note": "a"}), []).body)
        noted["litellm_params"]["organization"] = "what the proxy's environment holds"
        assert plan_one(GRANITE, [noted], self.POLICY).kind == "failed"
        given = dict(GRANITE, extra_params={"organization": "os.environ/ORG"})
        body = recreation(plan_one(given, [there], self.POLICY), there, stored)
        assert body["litellm_params"]["organization"] == "os.environ/ORG"

    FREE = {
        "extra_params": {"max_budget": 5},
        "secret_params": {"my_token": "token-not-real"},
        "extra_info": {"owner": "a"},
        "tags": ["gpu"],
    }

    def without_tokens(self, body):
        shown = served(body)
        shown["litellm_params"].pop("my_token", None)
        return shown

    def test_free_parameters_of_this_collection_are_cleared(self):
        there = self.without_tokens(plan_one(dict(GRANITE, **self.FREE), []).body)
        assert plan_one(dict(GRANITE, **self.FREE), [there], self.POLICY).kind == "unchanged"
        action = plan_one(GRANITE, [there], self.POLICY)
        assert action.recreate
        changes = {change.field: (change.before, change.after) for change in action.changes}
        assert changes == {"max_budget": (5, None), "my_token": (HIDDEN, None), "owner": ("a", None), "tags": (["gpu"], None)}
        body = recreation(
            action, there, {"litellm_params": dict(there["litellm_params"], my_token="cipher"), "model_info": there["model_info"]}
        )
        assert {"max_budget", "my_token", "tags"} & set(body["litellm_params"]) == set()
        assert {"owner", "litemaas_info", "litemaas_params", "litemaas_my_token_hmac"} & set(body["model_info"]) == set()
        assert plan_one(GRANITE, [served(body)], self.POLICY).kind == "unchanged"

    def test_free_parameters_of_others_stay(self):
        there = served(plan_one(GRANITE, []).body)
        there["litellm_params"].update(max_budget=5, tags=["gpu"], litellm_credential_name="stored", timeout=3.0)
        there["model_info"].update(owner="a", base_model="gpt-x", access_groups=["alpha"], supports_reasoning=True)
        assert plan_one(GRANITE, [there], self.POLICY).kind == "unchanged"

    def test_what_is_remembered_is_kept_true_with_other_writes_only(self):
        there = self.without_tokens(plan_one(dict(GRANITE, **self.FREE), []).body)
        for key in ("litemaas_params", "litemaas_info"):
            del there["model_info"][key]
        entry = dict(GRANITE, **self.FREE)
        assert plan_one(entry, [there]).kind == "unchanged"
        assert plan_one(dict(entry, rpm=11), [there]).body["model_info"] == {
            "id": there["model_info"]["id"],
            "litemaas_params": ["max_budget", "my_token", "tags"],
            "litemaas_info": ["owner"],
            "owner": "a",
        }
        action = plan_one(entry, [there], self.POLICY)
        assert (action.kind, [change.field for change in action.changes]) == ("updated", ["litemaas_params"])
        assert set(action.body["model_info"]) == {"id", "litemaas_params", "litemaas_info", "owner"}

    def test_what_is_left_out_stays_remembered(self):
        there = self.without_tokens(plan_one(dict(GRANITE, **self.FREE), []).body)
        body = plan_one(dict(GRANITE, extra_params={"organization": "o"}), [there]).body
        assert body["model_info"]["litemaas_params"] == ["max_budget", "my_token", "organization", "tags"]
        assert "litemaas_info" not in body["model_info"]

    @pytest.mark.parametrize("odd", [None, 7, "max_budget", {"max_budget": 1}, [["max_budget"], 3]])
    def test_an_odd_memory_is_none(self, odd):
        there = served(plan_one(GRANITE, []).body)
        there["litellm_params"]["max_budget"] = 5
        there["model_info"].update(litemaas_params=odd, litemaas_info=odd, litemaas_managed=odd)
        assert plan_one(GRANITE, [there], self.POLICY).kind == "unchanged"

    def test_an_own_key_takes_the_place_of_a_credential_and_back(self):
        keyless = {name: value for name, value in GRANITE.items() if name != "api_key"}
        used, own = dict(keyless, credential="stored"), GRANITE
        for before, after in ((used, own), (own, used)):
            there = served(plan_one(before, []).body)
            action = plan_one(after, [there], self.POLICY)
            assert (action.recreate, sorted(change.field for change in action.changes)) == (True, ["api_key", "credential"])
        # A secret of an earlier version, which remembered no names.
        there = served(plan_one(dict(own, secret_params={"my_token": "token-not-real"}), []).body)
        del there["model_info"]["litemaas_params"], there["litellm_params"]["my_token"]
        assert plan_one(own, [there], self.POLICY).cleared == [("litellm_params", "my_token")]
        # As it was before it had a field: hidden, so with an HMAC.
        there = served(plan_one(own, []).body)
        there["litellm_params"]["litellm_credential_name"] = "stored"
        there["model_info"]["litemaas_litellm_credential_name_hmac"] = "0" * 64
        assert plan_one(own, [there], self.POLICY).cleared == [("litellm_params", "litellm_credential_name")]

    def test_the_spec_must_be_whole(self):
        there = served(plan_one(GRANITE, []).body)
        assert "litellm_model is missing" in plan_one({"model_name": "granite"}, [there], self.POLICY).reason

    def test_litellms_own_knowledge_is_nothing_to_clear(self):
        there = served(plan_one(GRANITE, []).body)
        there["model_info"].update({"mode": "chat", "max_tokens": 100, "supports_vision": True, "input_cost_per_token": 0})
        assert plan_one(GRANITE, [there], self.POLICY).kind == "unchanged"

    def test_a_capability_that_was_ours_is_cleared(self):
        there = served(plan_one(dict(GRANITE, supports_vision=True), []).body)
        assert there["model_info"][MANAGED_KEY] == ["supports_vision"]
        action = plan_one(GRANITE, [there], self.POLICY)
        assert action.recreate
        assert ("model_info", "supports_vision") in action.cleared

    def test_presentation_goes_back_to_its_default(self):
        there = served(plan_one(dict(GRANITE, category="code"), []).body)
        action = plan_one(GRANITE, [there], self.POLICY)
        assert action.body["model_info"]["litemaas_category"] == "general"
        assert not action.recreate


class TestUnserved:
    def test_created_and_shown(self):
        action = plan_one(GRANITE, [])
        assert unserved([action], []) == [action.model_id]
        assert unserved([action], [served(action.body)]) == []

    def test_updated_and_still_old(self):
        there = deployment(rpm=1)
        action = plan_one({"model_name": "granite", "rpm": 2}, [there])
        assert unserved([action], [there]) == ["by-hand"]
        assert unserved([action], [deployment(rpm=2)]) == []

    def test_deleted_and_still_there(self):
        action = plan_one({"model_name": "granite", "state": "absent"}, [deployment()])
        assert unserved([action], [deployment()]) == ["by-hand"]
        assert unserved([action], []) == []

    def test_a_new_secret_shows_in_its_hmac(self):
        there = served(plan_one(GRANITE, []).body)
        action = plan_one(dict(GRANITE, api_key="another-not-real-key"), [there])
        assert unserved([action], [there]) == [action.model_id]


def foresee(specs, entries, duplicates="refuse"):
    """The deployments as they will be once the specs are applied."""
    return outcome_of(plan_deployments(specs, entries, Policy("", update_secrets="on_create", duplicates=duplicates)), entries)


class TestForesee:
    def test_create_update_and_delete(self):
        there = [deployment(rpm=1), deployment("old", "old-id"), deployment("config", "c", db_model=False)]
        specs = specs_of(dict(GRANITE, model_name="new"), {"model_name": "granite", "rpm": 2}, {"model_name": "old", "state": "absent"})
        coming = foresee(specs, there)
        assert [(entry["model_name"], entry["litellm_params"].get("rpm")) for entry in coming] == [
            ("granite", 2),
            ("config", None),
            ("new", 10),
        ]
        assert classify(coming[2]) == "database"
        assert there[0]["litellm_params"]["rpm"] == 1, "nothing is changed in place"

    def test_no_secret_comes_with_it(self):
        entry = dict(GRANITE, secret_params={"my_token": "token-not-real"}, extra_params={"extra_headers": {"X-Api-Key": "h-not-real"}})
        assert "not-real" not in str(foresee(specs_of(entry), []))

    def test_applied_again_nothing_differs(self):
        specs = specs_of(GRANITE, dict(GRANITE, model_name="other", mode="chat", context_length=5, input_cost_per_token=0.1))
        policy = Policy("", update_secrets="on_create")
        assert {action.kind for action in plan_deployments(specs, foresee(specs, []), policy).actions} == {"unchanged"}

    def test_what_fails_does_not_come(self):
        specs = specs_of(GRANITE)
        assert len(foresee(specs, [deployment(model_id="a"), deployment(model_id="b")])) == 2

    @pytest.mark.parametrize(("shown", "price"), [({}, 2e-6), ({"input_cost_per_token": 1e-6}, 2e-6), ({"input_cost_per_token": 1e-6}, 0)])
    def test_a_price_stands_where_litellm_copies_it_to(self, shown, price):
        [coming] = foresee(specs_of(dict(GRANITE, input_cost_per_token=price)), [deployment(info=shown)])
        assert coming["model_info"]["input_cost_per_token"] == coming["litellm_params"]["input_cost_per_token"] == price

    def test_of_duplicates_comes_the_one_that_is_kept(self):
        coming = foresee(specs_of(GRANITE), [deployment(model_id="a"), deployment(model_id="b")], "collapse")
        assert [(entry["model_info"]["id"], entry["litellm_params"]["rpm"]) for entry in coming] == [("a", 10)]


def test_what_is_shown_of_what_somebody_else_stored():
    have = {"extra_headers": {"Cookie": "sess=not-real"}, "cfg": '{"api_key": "json-not-real"}', "api_base": GRANITE["api_base"]}
    entry = dict(GRANITE, extra_params={"extra_headers": {"X-Team": "a"}, "cfg": '{"region": "x"}'}, extra_info={"note": {"x": 1}})
    action = plan_one(entry, [deployment(info={"note": {"password": "info-not-real"}}, **have)])
    assert {"extra_headers", "cfg", "note"} <= {change.field for change in action.changes}
    assert "not-real" not in str([change for change in action.changes if change.field != "api_key"])


# what is sent, what LiteLLM shows of it, what it shows of another value, another value that it shows alike
MASKED = [
    ({"bos_token": "<s>"}, "***", "<t>", "<t>"),
    ({"use_auth": True}, "True", "False", None),
    ({"token_price": "longer-text-b"}, "long*****xt-b", "lang*****xt-b", "longer-tExt-b"),
    ({"key_limit": 0}, "0", "1", None),
    ({"extra_body": {"api_key_name": "longer-text"}}, {"api_key_name": "long***text"}, {}, {"api_key_name": "longEr-text"}),
]


@pytest.mark.parametrize(("params", "shown", "of_another", "alike"), MASKED, ids=str)
def test_what_litellm_masks_is_compared_by_its_fingerprint(params, shown, of_another, alike):
    entry = dict(GRANITE, extra_params=params)
    [name] = params
    there = served(plan_one(entry, []).body)
    there["litellm_params"][name] = shown
    assert plan_one(entry, [there]).kind == "unchanged"
    assert plan_one(entry, [there], Policy(admin_key="", update_secrets="on_create")).kind == "unchanged"
    if alike is not None:
        changed = plan_one(dict(GRANITE, extra_params={name: alike}), [there])
        assert [change.field for change in changed.changes] == [name]
    for other in (of_another, None):
        there["litellm_params"][name] = other
        again = plan_one(entry, [there])
        assert [change.field for change in again.changes] == [name]
        assert again.body["litellm_params"] == params


def test_a_short_mask_is_never_taken_for_a_value():
    shown = {"my_token": "abcd*efgh", "pad_token": "***", "key_list": ["abcd**efgh"], "nested": {"secret": "*"}, "plain": "a*b"}
    assert shown_params(deployment(**shown)) == {"model": "openai/granite", "plain": "a*b"}


def test_failures_stand_in_the_order_of_the_list():
    specs, errors = read_specs([dict(GRANITE, rpm="many"), GRANITE, {"model_name": "late"}])
    plan = plan_deployments(specs, [], POLICY, errors)
    assert [action.kind for action in plan.actions] == ["failed", "created", "failed"]


class TestSavedAndNotServed:
    """An update that LiteLLM may save and not serve is announced, and can be put back."""

    ANNOUNCING = Policy(admin_key="sk-1234", announce=True)

    def there(self, **info):
        entry = served(plan_one(GRANITE, []).body)
        entry["model_info"].update(info)
        return entry

    def announced(self, *params):
        """A deployment whose update of these parameters was announced, and that does not show it."""
        return self.there(**{WRITING_KEY: {"params": list(params), "written": False}})

    @staticmethod
    def stored(entry, params, written=True, beside=None, **info):
        """What is in LiteLLM's table after the update: its parameters are there whatever is served."""
        writing = {"params": sorted(params), "written": written}
        return {
            "model_name": entry["model_name"],
            "litellm_params": {**dict.fromkeys(entry["litellm_params"], "encrypted"), **params, **(beside or {})},
            "model_info": {**entry["model_info"], **info, WRITING_KEY: writing},
        }

    @pytest.mark.parametrize(
        ("change", "announced"),
        [
            ({"litellm_model": "openai/other"}, True),
            ({"custom_llm_provider": "openai"}, True),
            ({"extra_params": {"dataSources": []}}, True),
            ({"rpm": 11}, False),
            ({"api_key": "other-not-real"}, False),
            ({"display_name": "Other"}, False),
        ],
    )
    def test_what_may_be_refused_is_announced(self, change, announced):
        action = plan_one(dict(GRANITE, **change), [self.there()], self.ANNOUNCING)
        assert action.announced is announced
        written = {"params": sorted(action.body.get("litellm_params", {})), "written": True}
        assert (action.body.get("model_info", {}).get(WRITING_KEY) == written) is announced
        if announced:
            assert announcement(action)["model_info"] == {"id": action.model_id, WRITING_KEY: dict(written, written=False)}
        assert not plan_one(dict(GRANITE, **change), [self.there()]).announced

    @pytest.mark.parametrize(("name", "announced"), [("custom_llm_provider", True), ("tpm", False)])
    def test_taking_out_what_tells_the_provider_is_announced(self, name, announced):
        there = self.there()
        there["litellm_params"][name] = "openai" if announced else 5
        policy = dataclasses.replace(self.ANNOUNCING, replace=True)
        action = plan_one({key: value for key, value in GRANITE.items() if key != name}, [there], policy)
        assert action.recreate
        assert action.announced is announced

    def test_what_is_not_served_needs_no_announcement(self):
        entry = dict(self.there(), **{SAVED_ONLY: True})
        assert not plan_one(dict(GRANITE, litellm_model="openai/other"), [entry], self.ANNOUNCING).announced

    def test_an_announcement_that_still_stands_is_taken_up(self):
        action = plan_one(GRANITE, [self.announced("model")], self.ANNOUNCING)
        assert (action.kind, action.doubtful, action.announced) == ("updated", True, False)
        assert action.body["model_info"][WRITING_KEY] == {"params": ["model"], "written": True}
        assert plan_one(GRANITE, [self.there(**{WRITING_KEY: {"params": ["model"], "written": True}})], self.ANNOUNCING).kind == "unchanged"

    @pytest.mark.parametrize("foreign", [True, False, None, "yes", [], {"params": "model"}, {"written": "no"}])
    def test_what_is_no_announcement_of_ours_is_none(self, foreign):
        assert plan_one(GRANITE, [self.there(**{WRITING_KEY: foreign})], self.ANNOUNCING).kind == "unchanged"

    def test_only_what_was_announced_is_sent_again(self):
        entry = self.announced("api_key", "max_budget", "model", "timeout")
        entry["litellm_params"].update(timeout=5.0, organization="of somebody else")
        action = plan_one(GRANITE, [entry], self.ANNOUNCING)
        complete_update(
            action, entry, self.stored(entry, {"model": "x", "timeout": 9, "api_key": "x", "max_budget": 5}, beside={"user": "x"})
        )
        assert action.body["litellm_params"] == {"model": "openai/granite", "api_key": "not-a-real-key", "timeout": 5.0}
        assert action.cleared == [("litellm_params", "max_budget")]
        assert action.body["model_info"][hmac_key("api_key")] == action.wanted["model_info"][hmac_key("api_key")]
        assert action.body["model_name"] == "granite"

    def test_nothing_is_sent_again_after_an_update_that_was_never_written(self):
        entry = self.announced("max_budget", "model")
        action = plan_one(GRANITE, [entry], self.ANNOUNCING)
        before = copy.deepcopy(action)
        complete_update(action, entry, self.stored(entry, {"max_budget": 5}, written=False))
        assert action == before

    def test_a_key_that_is_not_shown_is_not_cleared(self):
        entry = self.announced("aws_access_key_id", "api_key")
        action = plan_one({"model_name": "granite", "rpm": 10}, [entry], self.ANNOUNCING)
        complete_update(action, entry, self.stored(entry, {"api_key": "x", "aws_access_key_id": "x"}))
        assert action.cleared == []

    def test_what_a_second_refused_update_wrote_is_sent_again_too(self):
        entry = self.announced("model")
        action = plan_one(GRANITE, [entry], self.ANNOUNCING)
        complete_update(action, entry, self.stored(entry, {"model": "x", "custom_llm_provider": "x"}))
        assert action.cleared == [("litellm_params", "custom_llm_provider")]
        assert action.body["model_info"][WRITING_KEY]["params"] == ["custom_llm_provider", "model"]

    def test_presentation_that_the_refused_update_saved_is_put_right(self):
        entry = self.announced("model")
        action = plan_one(dict(GRANITE, display_name="Ours"), [entry], self.ANNOUNCING)
        complete_update(action, entry, self.stored(entry, {"model": "x"}, litemaas_display_name="Refused", litemaas_description="Refused"))
        assert action.body["model_info"]["litemaas_display_name"] == "Ours"

    def test_the_way_back_has_the_old_values(self):
        entry = self.there()
        action = plan_one(dict(GRANITE, litellm_model="opnai/x", custom_llm_provider="x", rpm=11), [entry], self.ANNOUNCING)
        back = way_back(action, entry)
        assert back.body["litellm_params"] == {"model": "openai/granite", "rpm": 10}
        assert back.cleared == [("litellm_params", "custom_llm_provider")]
        assert back.wanted["litellm_params"]["api_key"] == "not-a-real-key"
        assert back.body["model_info"][WRITING_KEY] == {"params": ["custom_llm_provider", "model", "rpm"], "written": True}

    def test_what_the_refused_update_added_to_model_info_stays_remembered(self):
        entry = self.there()
        wrong = dict(GRANITE, litellm_model="opnai/x", extra_info={"foo": 1}, context_length=77, description="New")
        action = plan_one(wrong, [entry], self.ANNOUNCING)
        assert left_in_info(action, entry) == ["foo", "max_input_tokens", "max_tokens"]
        back = way_back(action, entry)
        assert not {"foo", "max_input_tokens", "max_tokens", "litemaas_info"}.intersection(back.body["model_info"])
        assert back.body["model_info"]["litemaas_description"] == "AI model"
        after = dict(entry, model_info={**entry["model_info"], **action.body["model_info"], **back.body["model_info"]})
        cleared = plan_one(GRANITE, [after], Policy("sk-1234", replace=True))
        assert {change.field for change in cleared.changes} == {"foo", "context_length"}

    @pytest.mark.parametrize("change", [{"api_key": "other-not-real"}, {"secret_params": {"my_token": "other-not-real"}}])
    def test_a_secret_that_was_overwritten_has_no_way_back(self, change):
        entry = served(plan_one(dict(GRANITE, secret_params={"my_token": "not-real"}), []).body)
        entry["litellm_params"].pop("my_token")
        action = plan_one(dict(GRANITE, litellm_model="opnai/x", **change), [entry], self.ANNOUNCING)
        with pytest.raises(ModelConflict, match="not known"):
            way_back(action, entry)

    def test_fingerprints_of_another_run_are_no_bent_values(self):
        action = plan_one(GRANITE, [])
        after = served(action.body)
        after["model_info"][hmac_key("api_key")] = "of another run"
        assert how_shown(shown_otherwise(action, after)) == "another run wrote its secrets at the same time. Run again"

    def test_bent_values_are_told_apart_from_those_of_before(self):
        before = self.there()
        action = plan_one(dict(GRANITE, litellm_model="openai/other", extra_params={"extra_body": {"a": 1}}), [before], self.ANNOUNCING)
        assert not is_taken_over(
            action, before, dict(before, model_info=dict(before["model_info"], **{WRITING_KEY: {"params": ["model"], "written": False}}))
        )
        after = copy.deepcopy(before)
        after["litellm_params"].update(model="openai/other", extra_body={"a": "one"})
        after["model_info"].update(action.body["model_info"])
        assert is_taken_over(action, before, after)
        assert [change.field for change in shown_otherwise(action, after)] == ["extra_body"]
        assert 'extra_body: sent {"a": 1}, shown {"a": "one"}' in how_shown(shown_otherwise(action, after))

    def test_a_secret_of_any_name_is_not_told(self):
        before = served(plan_one(dict(GRANITE, secret_params={"pin": "48151623"}), []).body)
        before["litellm_params"]["pin"] = "48151623"
        action = plan_one(dict(GRANITE, secret_params={"pin": "90210417"}), [before])
        told = how_shown(shown_otherwise(action, before))
        assert "pin: sent (secret), shown (secret)" in told
        assert not any(secret in told for secret in ("48151623", "90210417"))

    @pytest.mark.parametrize(
        ("sent", "shown", "same"),
        [
            ([{"cost": 1e-06}], [{"cost": "1e-06"}], True),
            ({"b": 1, "a": [30]}, {"a": [30.0], "b": 1}, True),
            ({"a": None}, {"a": "None"}, False),
            ({"a": 1}, {"a": 1, "b": 2}, False),
            ([1], [1, 2], False),
            (True, "true", False),
        ],
    )
    def test_numbers_are_the_same_as_texts(self, sent, shown, same):
        assert same_value(sent, shown) is same


class TestSecretsOfEarlierLists:
    """LiteLLM uses a key of the model instead of the credential."""

    def warnings(self, entry, there, **policy):
        return plan_deployments(specs_of(entry), [there], Policy("sk-1234", **policy)).warnings

    def there(self, **fields):
        return served(plan_one(dict(GRANITE, **fields), []).body)

    def switched(self, **fields):
        return {name: value for name, value in dict(GRANITE, credential="shared", **fields).items() if name != "api_key"}

    def test_a_credential_in_the_place_of_a_key(self):
        [warning] = self.warnings(self.switched(), self.there())
        assert "instead of the credential: granite (api_key). To remove them" in warning

    @pytest.mark.parametrize(
        "left", [{"azure_ad_token": "t-not-real"}, {"vertex_credentials": "v-not-real"}, {"client_secret": "c-not-real"}]
    )
    def test_other_secrets(self, left):
        [warning] = self.warnings(self.switched(), self.there(secret_params=left))
        assert "granite (api_key, {0})".format(*left) in warning or "granite ({0}, api_key)".format(*left) in warning
        [warning] = self.warnings(self.switched(secret_params=left), self.there(secret_params=left))
        assert "granite (api_key)" in warning, "what the entry gives is meant"

    def test_nothing_is_left(self):
        assert self.warnings(self.switched(), self.there(), replace=True) == []
        assert self.warnings(GRANITE, self.there()) == []
        assert self.warnings(dict(self.switched(), api_key=False), self.there()) == []
        there = self.there()
        gone = {"model_name": "granite", "model_id": there["model_info"]["id"], "state": "absent", "credential": "shared"}
        assert self.warnings(gone, there) == []

    def test_a_reference_that_is_no_secret(self):
        assert self.warnings(self.switched(), self.there(api_key=None, credential="shared", api_version="os.environ/VERSION")) == []
