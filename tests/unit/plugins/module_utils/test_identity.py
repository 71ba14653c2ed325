# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which deployment an entry means: ids of other models, deliberate groups, regions and credentials, names that are not there."""

from __future__ import annotations

import re

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._common.specs import read_specs
from ansible_collections.litemaas.models.plugins.module_utils._litellm.identity import wanted_ids
from ansible_collections.litemaas.models.plugins.module_utils._litellm.plan import Policy
from ansible_collections.litemaas.models.plugins.module_utils._litellm.planner import plan_deployments

REFUSE, COLLAPSE = Policy("sk-1234"), Policy("sk-1234", duplicates="collapse")
MODEL = "openai/m"
BASE = "http://one.example.com/v1"


def entry(**more):
    given = {"model_name": "m", "litellm_model": MODEL, "api_base": BASE, "api_key": "demo-key-not-real", **more}
    return {name: value for name, value in given.items() if value is not None}


def absent(**more):
    return {"model_name": "m", "state": "absent", **more}


def there(model_id, model_name="m", model=MODEL, api_base=BASE, info=None, **params):
    params.update(model=model, api_base=api_base)
    shown = {name: value for name, value in params.items() if value is not None}
    # As LiteLLM shows it: with flags of its own, and without the key.
    shown.update(use_in_pass_through=False, use_litellm_proxy=False)
    return {"model_name": model_name, "litellm_params": shown, "model_info": {"id": model_id, "db_model": True, **(info or {})}}


def plan_of(entries, deployments, policy=REFUSE):
    specs, errors = read_specs(entries)
    return plan_deployments(specs, deployments, policy, errors)


def done(entries, deployments, policy=REFUSE):
    return [(action.kind, action.model_id) for action in plan_of(entries, deployments, policy).actions]


# --- ids that belong to another name --------------------------------------------------------------------------------------------

# entry, deployment of the id "x", more deployments, action, what the reason says
OF_ANOTHER = [
    (absent(model_id="x"), there("x", "a"), [], "failed", "model_id x belongs to the model a, so nothing is deleted"),
    (absent(model_id="x"), there("x", "a"), [there("y")], "failed", "model_id x belongs to the model a, so nothing is deleted"),
    (absent(model_id="x"), there("x", "a*"), [], "failed", "belongs to the model a*"),
    (absent(model_id="x"), there("x", "a", info={"db_model": False}), [], "failed", "x is defined in LiteLLM's config.yaml"),
    (absent(model_id="x"), there("x", info={"db_model": False}), [], "failed", "x is defined in LiteLLM's config.yaml"),
    (absent(model_id="x"), there("x", "model_name_t_1", info={"team_id": "t"}), [], "failed", "x is a model of the team t"),
    (entry(model_id="x"), there("x", "model_name_t_1", info={"team_id": "t"}), [], "failed", "x is a model of the team t"),
    (entry(model_id="x"), there("x", "a", info={"db_model": False}), [], "failed", "x is defined in LiteLLM's config.yaml"),
    (entry(model_id="x"), there("x", "a"), [], "updated", "differs in model_name, api_key; renamed from a"),
    (entry(model_id="x"), there("x", "a"), [there("y")], "failed", "LiteLLM has a model m already, so it is not renamed"),
    (entry(model_id="x"), there("x", "a"), [there("y", info={"db_model": False})], "failed", "LiteLLM has a model m already"),
    (entry(model_id="x"), there("x", "a"), [there("y", "model_name_t_1", info={"team_id": "t"})], "updated", "renamed from a"),
    (absent(model_id="x"), there("x"), [there("y")], "deleted", "state is absent"),
    (absent(model_id="z"), there("x"), [], "unchanged", "absent: LiteLLM has no model with this id"),
]


@pytest.mark.parametrize(("given", "of_id", "more", "kind", "reason"), OF_ANOTHER)
@pytest.mark.parametrize("policy", [REFUSE, COLLAPSE], ids=["refuse", "collapse"])
def test_an_id_of_another_model(given, of_id, more, kind, reason, policy):
    actions = plan_of([given], [of_id, *more], policy).actions
    assert [action.kind for action in actions] == [kind]
    assert reason in actions[0].reason


def test_one_id_for_two_names_of_the_list_fails_for_both():
    actions = plan_of([entry(model_id="x"), entry(model_name="n", model_id="x")], [there("x")]).actions
    assert [action.kind for action in actions] == ["failed", "failed"]


@pytest.mark.parametrize("policy", [REFUSE, COLLAPSE], ids=["refuse", "collapse"])
def test_a_model_of_the_list_is_not_renamed_into_another_one(policy):
    """Also not taken for a duplicate of its own name."""
    entries = [entry(model_name="a"), entry(model_name="new", model_id="x")]
    assert [kind for kind, _id in done(entries, [there("x", "a")], policy)] == ["failed", "failed"]
    two = [there("w", "a"), there("x", "a")]
    assert "deleted" not in [kind for kind, _id in done(entries, two, policy)]


def test_what_was_renamed_by_hand_is_not_deleted_under_its_old_name():
    made = wanted_ids(read_specs([entry()])[0])[0]
    for info, name in (({}, "by-hand"), ({"team_id": "t"}, "model_name_t_1")):
        renamed = there(made, name, info=info)
        action = plan_of([absent()], [renamed]).actions[0]
        assert (action.kind, action.unseen) == ("unchanged", False), "and not deleted by its id either"
    assert plan_of([entry()], [there(made, "by-hand")]).actions[0].reason.endswith("renamed from by-hand")
    taken = plan_of([entry()], [there(made, "model_name_t_1", info={"team_id": "t"})]).actions[0]
    assert (taken.kind, "is a model of the team t" in taken.reason) == ("failed", True)


# name that is to be absent, names that LiteLLM has, what the reason says after "LiteLLM has no model of this name"
NEAR = [
    ("granit-3-8b", ["granite-3-8b", "mistral"], " (it has granite-3-8b)"),
    ("Granite-3-8B", ["granite-3-8b"], " (it has granite-3-8b)"),
    ("granite", ["granite-1", "granite-2", "granite-3", "granite-4"], None),
    ("mistral", ["granite-3-8b"], ""),
    ("mistral", [], ""),
]


@pytest.mark.parametrize(("name", "names", "said"), NEAR)
def test_a_name_that_is_not_there(name, names, said):
    action = plan_of([absent(model_name=name)], [there(str(place), each) for place, each in enumerate(names)]).actions[0]
    assert (action.kind, action.unseen) == ("unchanged", True)
    before, after = action.reason.partition("LiteLLM has no model of this name")[::2]
    assert before == "absent: "
    if said is None:
        assert after.count(",") == 2, "three at most"
    else:
        assert after == said


@pytest.mark.parametrize(
    ("name", "names", "others", "meant"),
    [
        ("D12", ["d12"], [], "d12"),
        ("granit-3-8b", ["granite-3-8b"], [], "granite-3-8b"),
        ("mistral7b", ["mistral-7b", "phi"], [], "mistral-7b"),
        # Other models, after a deletion too.
        ("new1", ["new2"], [], None),
        ("granite-3-8b", ["granite-4-8b"], [], None),
        ("prod-a", ["prod-b"], [], None),
        ("granite", ["granite-instruct"], [], None),
        ("granit-3-8b", ["granite-3-8b"], [entry(model_name="granite-3-8b")], None),
    ],
)
def test_a_name_that_is_perhaps_mistyped_is_warned_of(name, names, others, meant):
    plan = plan_of([absent(model_name=name), *others], [there(str(place), each) for place, each in enumerate(names)])
    assert [warning.partition("(did you mean ")[2] for warning in plan.warnings] == ([f"{meant}?)"] if meant else [])


def test_near_names_of_very_many_are_not_looked_for():
    entries = [absent(model_name=f"granite-{number}x") for number in range(30)]
    reasons = [action.reason for action in plan_of(entries, [there("a", "granite-1")]).actions]
    assert "granite-1" in reasons[0]
    assert reasons[-1] == "absent: LiteLLM has no model of this name"


# --- deliberate groups ----------------------------------------------------------------------------------------------------------

SERVERS = [there("a"), there("b", api_base="http://two.example.com/v1"), there("c", api_base="http://three.example.com/v1")]
CLOUDS = [
    there("a", model="vertex_ai/m", api_base=None, vertex_project="p", vertex_location="us-east5"),
    there("b", model="bedrock/m", api_base=None, aws_region_name="us-east-1"),
]
REGIONS = [
    there("a", model="bedrock/m", api_base=None, aws_region_name="us-east-1"),
    there("b", model="bedrock/m", api_base=None, aws_region_name="eu-west-1"),
]
CREDENTIALS = [there("a", litellm_credential_name="one"), there("b", litellm_credential_name="two")]
PROJECTS = [
    there("a", model="vertex_ai/m", api_base=None, vertex_project="one"),
    there("b", model="vertex_ai/m", api_base=None, vertex_project="two"),
]
ORGANIZATIONS = [there("a", organization="one"), there("b")]
HEADERS = [there("a", extra_headers={"X-Tenant": "one"}), there("b", extra_headers={"X-Tenant": "two"})]
ROUTES = [there("a", tags=["paid"]), there("b", tags=["free"])]
GROUPS = [SERVERS, CLOUDS, REGIONS, CREDENTIALS, PROJECTS, ORGANIZATIONS, HEADERS, ROUTES]
# What an entry says that names the model once, and what says which member it means.
BEDROCK = {"litellm_model": "bedrock/m", "api_base": None}
VERTEX = {"litellm_model": "vertex_ai/m", "api_base": None}
MEMBERS = [
    (SERVERS, {}, "a"),
    (SERVERS, {"api_base": "http://two.example.com/v1"}, "b"),
    (CLOUDS, {**BEDROCK, "extra_params": {"aws_region_name": "us-east-1"}}, "b"),
    (CLOUDS, BEDROCK, "b"),
    (CLOUDS, {**VERTEX, "extra_params": {"vertex_project": "p"}}, "a"),
    (REGIONS, {**BEDROCK, "extra_params": {"aws_region_name": "eu-west-1"}}, "b"),
    (REGIONS, BEDROCK, None),
    (REGIONS, {**BEDROCK, "extra_params": {"aws_region_name": "ap-south-1"}}, None),
    (CREDENTIALS, {"extra_params": {"litellm_credential_name": "two"}}, "b"),
    (CREDENTIALS, {}, None),
    (PROJECTS, {**VERTEX, "extra_params": {"vertex_project": "two"}}, "b"),
    (ORGANIZATIONS, {"extra_params": {"organization": "one"}}, "a"),
    (ORGANIZATIONS, {}, "b"),
    (HEADERS, {}, None),
    (ROUTES, {}, None),
    (SERVERS, {"api_base": "http://four.example.com/v1"}, None),
]


@pytest.mark.parametrize(("group", "says", "meant"), MEMBERS)
@pytest.mark.parametrize("policy", [REFUSE, COLLAPSE], ids=["refuse", "collapse"])
def test_a_deliberate_group_that_the_list_names_once(group, says, meant, policy):
    plan = plan_of([entry(**says)], group, policy)
    others = [one["model_info"]["id"] for one in group if one["model_info"]["id"] != meant]
    assert [action.kind for action in plan.actions] == ["updated" if meant else "failed"], "none is deleted"
    if meant:
        assert plan.actions[0].model_id == meant
        assert [warning.startswith("m: LiteLLM has") for warning in plan.warnings] == ([True] if policy is COLLAPSE else [])
    said = plan.warnings[0] if meant and plan.warnings else plan.actions[0].reason
    if not meant or policy is COLLAPSE:
        assert all(f"{other} (litellm_model " in said for other in others)
        assert re.search("an entry for (it|each of them), with the values in which they differ", said)


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("policy", [REFUSE, COLLAPSE], ids=["refuse", "collapse"])
def test_a_group_is_not_deleted_by_its_name(group, policy):
    action = plan_of([absent()], group, policy).actions[0]
    assert action.kind == "failed"
    assert "that differ" in action.reason


@pytest.mark.parametrize("group", GROUPS)
def test_of_a_group_duplicates_are_collapsed_and_nothing_else(group):
    """Each of them twice, as a role that makes a further deployment at each run leaves them; limits and keys may differ."""
    copies = [
        {
            **one,
            "litellm_params": {**one["litellm_params"], "rpm": 7, "api_version": "2024-06-01"},
            "model_info": {"id": one["model_info"]["id"] + "-again", "db_model": True},
        }
        for one in group
    ]
    entries = [entry(model_id=one["model_info"]["id"], litellm_model=None, api_base=None) for one in group]
    assert "deleted" not in [kind for kind, _id in done(entries, [*group, *copies], COLLAPSE)], "an id says nothing of its like"
    first = group[0]["litellm_params"]
    says = {"litellm_model": first["model"], "api_base": first.get("api_base")}
    says["extra_params"] = {name: value for name, value in first.items() if name not in ("model", "api_base") and value}
    actions = done([entry(**says)], [*group, *copies], COLLAPSE)
    if group in (HEADERS, ROUTES):
        assert [kind for kind, _id in actions] == ["failed"], "their headers or tags do not tell which one is meant"
    else:
        assert actions == [("updated", "a"), ("deleted", "a-again")]


def test_exact_duplicates_collapse_also_where_the_list_has_a_new_address():
    copies = [there(key, rpm=rpm) for key, rpm in (("a", 1), ("b", 2), ("c", None))]
    moved = entry(api_base="http://new.example.com/v1")
    assert done([moved], copies, COLLAPSE) == [("updated", "a"), ("deleted", "b"), ("deleted", "c")]
    newer = there("z", api_base="http://new.example.com/v1")
    plan = plan_of([moved], [*copies, newer], COLLAPSE)
    assert [(action.kind, action.model_id) for action in plan.actions] == [("updated", "z")]
    assert "a (litellm_model openai/m, api_base http://one.example.com/v1)" in plan.warnings[0]


def test_a_warning_shows_no_secret_of_an_address():
    base = "https://somebody:demo-not-real@one.example.com/v1?key=query-not-real"
    plan = plan_of([entry()], [there("a"), there("b", api_base=base, extra_headers={"Authorization": "header-not-real"})], COLLAPSE)
    assert "not-real" not in plan.warnings[0]
    assert "api_base https://one.example.com/v1" in plan.warnings[0]


# --- regions, projects and credentials ------------------------------------------------------------------------------------------

# what two entries of one name, model and address say beside them
PAIRS = [
    ({"extra_params": {"aws_region_name": "us-east-1"}}, {"extra_params": {"aws_region_name": "eu-west-1"}}),
    ({"extra_params": {"vertex_location": "us-east5"}}, {"extra_params": {"vertex_location": "global"}}),
    ({"extra_params": {"vertex_project": "one"}}, {"extra_params": {"vertex_project": "two"}}),
    ({"extra_params": {"litellm_credential_name": "one"}}, {"extra_params": {"litellm_credential_name": "two"}}),
    ({"extra_params": {"litellm_credential_name": "one"}}, {}),
    ({"custom_llm_provider": "openai", "litellm_model": "m"}, {"custom_llm_provider": "hosted_vllm", "litellm_model": "m"}),
    ({"secret_params": {"aws_region_name": "us-east-1"}}, {"secret_params": {"aws_region_name": "eu-west-1"}}),
]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_two_backends_are_two_deployments(one, other):
    entries = [entry(**one), entry(**other)]
    specs, errors = read_specs(entries)
    assert not errors
    plan = plan_of(entries, [])
    assert [action.kind for action in plan.actions] == ["created", "created"]
    assert wanted_ids(specs)[::-1] == wanted_ids(read_specs(entries[::-1])[0]), "the order of the list does not count"
    made = [{**action.body, "model_info": {**action.body["model_info"], "db_model": True}} for action in plan.actions]
    assert [kind for kind, _id in done(entries, made)] == ["unchanged", "unchanged"]
    by_hand = [{**each, "model_info": {"id": key, "db_model": True}} for key, each in zip("ab", made)]
    for order in (by_hand, by_hand[::-1]):
        assert [model_id for _kind, model_id in done(entries, order)] == ["a", "b"], "each adopts its own"
    for place in (0, 1):
        away = [entries[1 - place], dict(entries[place], state="absent")]
        assert done(away, by_hand)[1] == ("deleted", "ab"[place])
        assert done(away, [by_hand[1 - place]])[1][0] == "unchanged", "and not the other one in the next run"


NO_BACKENDS = [{}, {"custom_llm_provider": "openai"}, {"rpm": 5}, {"extra_params": {"timeout": 3}}, {"api_version": "v2"}]


@pytest.mark.parametrize("more", NO_BACKENDS)
def test_two_entries_of_one_backend_still_fail(more):
    assert [kind for kind, _id in done([entry(), entry(**more)], [])] == ["failed", "failed"]


@pytest.mark.parametrize("name", ["aws_region_name", "vertex_project", "litellm_credential_name"])
def test_an_absent_entry_may_name_only_what_tells_it_apart(name):
    group = [there("a", **{name: "one"}), there("b", **{name: "two"})]
    gone = absent(extra_params={name: "two"})
    assert done([gone], group) == [("deleted", "b")]
    plan = plan_of([gone], group[:1])
    assert [action.kind for action in plan.actions] == ["unchanged"]
    assert f"a (litellm_model openai/m, api_base {BASE}" in plan.warnings[0]


def test_ids_that_lists_have_already_stay_as_they_are():
    one = entry(extra_params={"aws_region_name": "us-east-1"})
    other = entry(api_base="http://two.example.com/v1", extra_params={"aws_region_name": "us-east-1"})
    bare = [entry(), entry(api_base="http://two.example.com/v1")]
    assert wanted_ids(read_specs([one, other])[0]) == wanted_ids(read_specs(bare)[0])
    assert wanted_ids(read_specs(bare)[0])[0] == "b05de1f2-da5d-5fb0-ab0c-02dbf5a6de28"


@pytest.mark.parametrize("name", ["aws_region_name", "litellm_credential_name"])
def test_a_new_region_or_credential_of_one_address_is_an_update(name):
    """Also where the list has the name with another address, and whoever made the deployment."""
    entries = [entry(extra_params={name: "new"}), entry(api_base="http://two.example.com/v1")]
    others = [there("a", **{name: "old"}), there("b", api_base="http://two.example.com/v1")]
    assert done(entries, others) == [("updated", "a"), ("updated", "b")]
    assert done(entries[:1], others[:1]) == [("updated", "a")]
    two = [*others, there("c", **{name: "older"})]
    assert [kind for kind, _id in done(entries, two)] == ["failed", "updated"], "which of them is nobody's guess"


def test_what_litellm_reads_from_its_environment_is_not_compared():
    entries = [entry(litellm_model="bedrock/m", api_base=None, extra_params={"aws_region_name": "os.environ/REGION"})]
    assert done(entries, [REGIONS[0], there("z")]) == [("updated", "a")]
    assert done([dict(entries[0], state="absent")], [REGIONS[0], there("z")]) == [("deleted", "a")]
