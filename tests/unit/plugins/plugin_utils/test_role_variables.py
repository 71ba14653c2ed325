# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of several ways of giving a variable counts, and everything that is wrong with what was given."""

from __future__ import annotations

import datetime

import pytest
from ansible.errors import AnsibleLookupError

from ansible_collections.litemaas.models.plugins.lookup import given as given_lookup
from ansible_collections.litemaas.models.plugins.lookup import role_variables as role_lookup
from ansible_collections.litemaas.models.plugins.plugin_utils import _role
from ansible_collections.litemaas.models.plugins.plugin_utils._models_list import unknown_fields
from ansible_collections.litemaas.models.plugins.plugin_utils._role import ENVIRONMENT, OLDER_NAMES, RoleVariables, options, own_default
from ansible_collections.litemaas.models.plugins.plugin_utils._variables import Unresolved
from tests.support.variables import host, unpacked

OLDER = "ocp4_workload_litemaas_models_"
MODEL = {"model_name": "m", "litellm_model": "openai/m", "api_key": "demo-key-not-real"}


def role(text="", environment=None, **given):
    templar, found = host(text, **given)
    return RoleVariables(templar, found, environment or {})


def read(text="", environment=None, **given):
    return role(text, environment, **given).read()


def own_defaults():
    """What the role's defaults/main.yml says."""
    return {name: own_default(name) for name in {**OLDER_NAMES, **ENVIRONMENT}}


@pytest.mark.parametrize("name", sorted({**OLDER_NAMES, **ENVIRONMENT}))
def test_the_first_name_that_is_there_counts(name):
    """The own name, then older ones in their order, then the environment, and nothing at last."""
    ways = [name, *OLDER_NAMES.get(name, ())]
    variables = list(ENVIRONMENT.get(name, ()))
    while ways:
        given = {way: "value of " + way for way in ways}
        assert role("", dict.fromkeys(variables, "e"), **dict(own_defaults(), **given)).value(name) == "value of " + ways[0]
        # Null says that it is not given, and a value that says "no" counts.
        assert role("", {}, **dict(given, **{ways[0]: False})).value(name, "default") is False
        if len(ways) > 1:
            assert role("", {}, **dict(given, **{ways[0]: None})).value(name) == "value of " + ways[1]
        ways.pop(0)
    while variables:
        assert role("", {variable: "value of " + variable for variable in variables}).value(name) == "value of " + variables.pop(0)
    assert role("", dict.fromkeys(ENVIRONMENT.get(name, ()), "")).value(name, "default") == "default"


@pytest.mark.parametrize("name", sorted(OLDER_NAMES))
def test_a_name_whose_template_fails_is_no_reason_for_the_next(name):
    ways = [name, *OLDER_NAMES[name]]
    for place, way in enumerate(ways):
        given = dict.fromkeys(ways[place + 1 :], "other")
        with pytest.raises(Unresolved, match=f"^{way} cannot be resolved: gone is undefined.$"):
            role("", dict.fromkeys(ENVIRONMENT.get(name, ()), "e"), **dict(given, **{way: "{{ gone }}"})).value(name)


@pytest.mark.parametrize("name", sorted(options()))
def test_any_variable_that_cannot_be_resolved_is_a_problem(name):
    given = {"litemaas_models_list": [MODEL]}
    given[name] = "{{ typo }}"
    found = read(**given)
    assert f"{name} cannot be resolved: typo is undefined." in found["problems"]
    assert found["unresolved"] == [name]
    assert (found["count"], unpacked(found["list"])) == (0, [])


THERE = {"LITELLM_API_URL": "http://e", "LITELLM_API_KEY": "key-not-real", "DATABASE_URL": "postgresql://e"}


def test_an_empty_text_is_not_given_where_nothing_can_be_named_so():
    found = read("", THERE, litemaas_models_max_count="", litemaas_models_namespace="", ocp4_workload_litemaas_models_namespace="")
    assert (found["max_count"], found["namespace"], found["problems"]) == (None, "", [])
    assert read("", THERE, ocp4_workload_litemaas_models_namespace="")["namespace"] == "litemaas"
    assert (
        read("", dict(THERE, LITELLM_DATABASE_URL="postgresql://w"), litemaas_models_litellm_database_url="")["litellm_database_url"] == ""
    )


@pytest.mark.parametrize(
    ("name", "variables"),
    [
        ("litemaas_models_litellm_url", "LITELLM_API_URL or LITELLM_BASE_URL"),
        ("litellm_url", "LITELLM_API_URL or LITELLM_BASE_URL"),
        ("litellm_master_key", "LITELLM_API_KEY or LITELLM_MASTER_KEY"),
        ("litemaas_models_database_url", "DATABASE_URL"),
    ],
)
@pytest.mark.parametrize("text", ["", "  "])
def test_an_empty_text_lets_nothing_of_another_installation_take_its_place(name, variables, text):
    found = read("", THERE, **{name: text})
    assert found["problems"] == [
        f"{name} is empty. Leave it out or set it to null to use {variables} of the environment, or what is found in the namespace."
    ]
    assert found["unresolved"] == [name]


# What is no text, or one of a few.
FILLED = [
    name for name, option in options().items() if option.get("type") in ("bool", "int", "float") or "choices" in option
    if name != "litemaas_models_max_count"
]  # fmt: skip
BLANK = [*FILLED, "litemaas_models_delegate_to", OLDER + "cleanup_orphaned", OLDER + "verify_ssl", OLDER + "retry_delay"]


@pytest.mark.parametrize("name", BLANK)
@pytest.mark.parametrize("text", ["", " ", "{{ '' }}"])
def test_an_answer_left_blank_becomes_no_default(name, text):
    found = read("", THERE, **{name: text, "litemaas_models_list": [MODEL]})
    assert found["problems"] == [f"{name} is empty: give it a value, or leave it out."]
    assert (found["count"], unpacked(found["list"])) == (0, [])


def test_all_answers_left_blank_are_told_at_once():
    blank = ["litemaas_models_force", "litemaas_models_max_percent", "litemaas_models_restore", "litemaas_models_strategy"]
    problems = read("", THERE, **dict.fromkeys(blank, ""), litemaas_models_kubernetes={"validate_certs": ""})["problems"]
    assert sorted(problems) == sorted(
        f"{name} is empty: give it a value, or leave it out." for name in (*blank, "litemaas_models_kubernetes.validate_certs")
    )


def test_an_empty_database_url_does_no_harm_where_none_is_used():
    assert (
        read("", THERE, litemaas_models_database_url="", litemaas_models_backend_enabled=False, litemaas_models_list=[MODEL])["problems"]
        == []
    )


def test_what_is_from_the_environment_is_told():
    assert read("", dict(THERE, LITELLM_BASE_URL="http://b"), litellm_master_key="key-not-real")["from_environment"] == (
        "litellm_url=LITELLM_API_URL database_url=DATABASE_URL"
    )


@pytest.mark.parametrize("name", sorted(set(options()) - {"litemaas_models_list"}))
def test_null_is_not_given(name):
    assert read(**{name: None}) == read()


def test_a_good_list():
    found = read(litemaas_models_list=[MODEL, dict(MODEL, model_name="n")])
    assert (found["problems"], found["count"], found["names"]) == ([], 2, ["m", "n"])
    assert unpacked(found["list"]) == [MODEL, dict(MODEL, model_name="n")]


# what is given, the beginnings of what is said, in this order
WRONG = [
    ({"litemaas_models_list": "no list"}, ["litemaas_models_list must be a list of models, each with its own fields."]),
    ({"litemaas_models_list": {"granite": MODEL}}, ["litemaas_models_list must be a list of models, each with its own fields."]),
    ({OLDER + "list": [MODEL, "m", 3]}, [OLDER + "list must be a list of models: entry 2, entry 3 of it have no fields."]),
    (
        {"litemaas_models_list": [dict(MODEL, contxt_length=1, rpm="many"), {"api_kye": "x"}]},
        [
            "entry 2 of the list: api_kye is not a field of a model (did you mean api_key?).",
            "m: contxt_length is not a field of a model (did you mean context_length?).",
            "Parameters that only LiteLLM knows go into extra_params",
            "Model validation failed for m: rpm must be a whole number.",
            "Model validation failed for entry 2 of the list: model_name is missing",
        ],
    ),
    (
        {"litemaas_models_forse": True, OLDER + "cleanup_orphan": False, "litemaas_models_list": [dict(MODEL, rpm="x")]},
        [
            "There are variables with this role's prefix, or nearly, that it does not have: litemaas_models_forse (did you mean "
            "litemaas_models_force?), ocp4_workload_litemaas_models_cleanup_orphan (did you mean "
            "ocp4_workload_litemaas_models_cleanup_orphaned?).",
            "Model validation failed for m: rpm must be a whole number.",
        ],
    ),
    ({OLDER + "retry_count": "many"}, ["argument '" + OLDER + "retry_count' is of type"]),
    (
        {
            "litemaas_models_retry_count": "many",
            "litemaas_models_max_percent": -1,
            "litemaas_models_model_patterns": ["("],
            "litemaas_models_max_count": "few",
            "litemaas_models_list": [dict(MODEL, rpm="many")],
        },
        [
            "argument 'litemaas_models_retry_count' is of type",
            "argument 'litemaas_models_max_count' is of type",
            "litemaas_models_model_patterns",
            "litemaas_models_max_percent must ",
            "Model validation failed for m: rpm",
        ],
    ),
    ({"litemaas_models_strategy": "remove"}, ["value of litemaas_models_strategy must be one of: "]),
    ({"litemaas_models_max_percent": -1}, ["litemaas_models_max_percent must "]),
    ({"litemaas_models_model_patterns": ["("]}, ["litemaas_models_model_patterns"]),
    ({"litemaas_models_sync_from_litellm": False}, ["There is nothing to do: the list of models is empty"]),
    ({"litemaas_models_backend_enabled": False, "litemaas_models_list": []}, ["There is nothing to do: the list of models is empty"]),
]  # fmt: skip


@pytest.mark.parametrize(("given", "sentences"), WRONG, ids=lambda value: str(value)[:60])
def test_what_is_wrong(given, sentences):
    found = read(**given)
    assert len(found["problems"]) == len(sentences), found["problems"]
    assert [problem[: len(sentence)] for problem, sentence in zip(found["problems"], sentences)] == sentences
    assert (found["count"], found["names"], unpacked(found["list"])) == (0, [], [])


OF_TYPE = {
    kind: [name for name, option in options().items() if option.get("type", "str") == kind] for kind in ("str", "list", "int", "float")
}
# what YAML makes of a text, how that is said
NO_TEXTS = [
    (511, "the number 511"),
    (1.1, "the number 1.1"),
    (float("nan"), "the number nan"),
    (False, "false"),
    (datetime.date(2024, 6, 1), "a date"),
    (datetime.datetime(2024, 6, 1, 10, 20, 30), "a date"),
    (b"x", "bytes"),
    ({"a"}, "a set"),
]


def told_of(name, value):
    found = read(**{name: value, "litemaas_models_list": [MODEL]})
    assert (found["count"], unpacked(found["list"])) == ((0, []) if found["problems"] else (1, [MODEL]))
    return found["problems"]


@pytest.mark.parametrize("name", [*OF_TYPE["str"], *OF_TYPE["list"], "litellm_master_key", "litellm_url", OLDER + "namespace"])
@pytest.mark.parametrize(("value", "made"), NO_TEXTS, ids=str)
def test_a_text_that_yaml_took_for_something_else(name, value, made):
    """exclude_patterns: [1.10] would leave the model 1.10 to the cleanup."""
    secret = options().get(name, {}).get("no_log") or name == "litellm_master_key"
    sentence = f"{name} must be a string, but YAML read it as {'a number' if secret and 'number' in made else made}: put it in quotes."
    for given in ([value], ["a", value], value) if name in OF_TYPE["list"] else (value,):
        assert told_of(name, given) == [sentence]


@pytest.mark.parametrize("name", OF_TYPE["list"])
def test_nothing_in_a_list_of_texts(name):
    assert told_of(name, ["a"]) == []
    assert told_of(name, ["a", None]) == [f"{name} must be a string, but YAML read it as null: put it in quotes."]


@pytest.mark.parametrize("name", OF_TYPE["str"])
@pytest.mark.parametrize("value", [{"a": "demo-secret"}, ["demo-secret"]], ids=str)
def test_a_structure_is_no_text(name, value):
    assert told_of(name, value) == [f"{name} must be a string."]


def test_texts_that_look_like_something_else_are_texts():
    found = read(
        litemaas_models_exclude_patterns=["1.10", "0777", "2024-06-01"], litemaas_models_providers="0777", litellm_master_key="0777"
    )
    assert (found["problems"], found["exclude_patterns"]) == ([], ["1.10", "0777", "2024-06-01"])
    assert (found["providers"], found["litellm_api_key"]) == (["0777"], "0777")


def test_texts_on_the_command_line_that_are_lists_of_numbers():
    for text in ("[1.10]", "[a, 0777]"):
        assert "litemaas_models_providers must be a string, but YAML read it as the number" in told_of("litemaas_models_providers", text)[0]


def test_parts_of_how_to_sign_in_to_the_cluster():
    parts = {
        "api_key": 511,
        "username": False,
        "validate_certs": True,
        "proxy_headers": {"basic_auth": 1.1},
        "host": "https://h",
        "context": None,
    }
    assert told_of("litemaas_models_kubernetes", parts) == [
        f"litemaas_models_kubernetes.{part} must be a string, but YAML read it as {made}: put it in quotes."
        for part, made in (("api_key", "a number"), ("username", "false"), ("proxy_headers.basic_auth", "a number"))
    ]


@pytest.mark.parametrize("name", [*OF_TYPE["int"], *OF_TYPE["float"], OLDER + "api_timeout"])
@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan"), "inf", "nan", "1e400"], ids=str)
def test_a_number_that_is_none_is_named(name, value):
    (problem,) = told_of(name, value)
    assert name in problem


@pytest.mark.parametrize("name", [*OF_TYPE["int"], *OF_TYPE["float"], OLDER + "api_timeout"])
@pytest.mark.parametrize("value", [True, False])
def test_a_switch_is_no_number(name, value):
    """max_percent: on would be one percent."""
    assert told_of(name, value) == [f"{name} must be a number, but YAML read it as {str(value).lower()}."]


@pytest.mark.parametrize("name", OF_TYPE["int"])
@pytest.mark.parametrize("value", [3.0, "3.0", "3", 3], ids=repr)
def test_a_whole_number_is_one_however_it_is_written(name, value):
    assert read(**{name: value})[name[len(_role.PREFIX) :]] == 3


@pytest.mark.parametrize("name", OF_TYPE["int"])
@pytest.mark.parametrize("value", [3.5, "3.5", "three"], ids=repr)
def test_a_fraction_is_no_whole_number(name, value):
    (problem,) = told_of(name, value)
    assert name in problem


def test_a_pattern_that_python_cannot_count():
    for pattern in ("a{99999999999}", "(" * 5000 + ")" * 5000):
        assert told_of("litemaas_models_exclude_patterns", [pattern])[0].startswith("litemaas_models_exclude_patterns has ")


@pytest.mark.parametrize("name", sorted(options()))
def test_whatever_goes_wrong_with_a_variable_names_it_and_shows_nothing(monkeypatch, name):
    def broken(option, value):
        if option == name:
            raise OverflowError("demo-secret")
        return value

    monkeypatch.setattr(_role, "_from_text", broken)
    found = read(**{"litemaas_models_list": [MODEL], name: "demo-secret"})
    assert found["problems"] == [f"{name} cannot be used: reading its value failed (OverflowError)."]
    assert (found["unresolved"], found["count"]) == ([name], 0)


# What nothing can be made of, for a variable of any type: each a problem with its name, and the run goes to its end.
ODD = [
    ".inf",
    "1" + 400 * "0",
    "&again [*again]",
    "&again {a: *again}",
    200 * "[" + 200 * "]",
    "!!binary ZGVtby1zZWNyZXQ=",
    "!!set {demo-secret}",
    "{2024-06-01: {!!binary YQ==: null}}",
    "[demo-secret, {1: 2}]",
    "demo-secret",
]


@pytest.mark.parametrize("name", sorted(options()))
@pytest.mark.parametrize("written", ODD, ids=lambda text: text[:20])
def test_odd_values_of_any_type(name, written):
    found = read(name + ": " + written)
    assert any(name in problem for problem in found["problems"]) or found[name[len("litemaas_models_") :]] is not None
    assert "demo-secret" not in " ".join(found["problems"])


def test_a_value_that_is_wrong_alone_is_left_to_its_model():
    found = read(litemaas_models_list=[dict(MODEL, rpm="many")])
    assert (found["problems"], found["count"]) == ([], 1)


# a name, what it may have been meant for; None where it is somebody else's
NAMES = [
    ("litemaas_models_forse", "litemaas_models_force"),
    ("litemaas_model_force", "litemaas_models_force"),
    ("litemass_models_force", "litemaas_models_force"),
    ("litemaas_modles_duplicates", "litemaas_models_duplicates"),
    ("ocp4_workload_litemaas_modles_list", "ocp4_workload_litemaas_models_list"),
    ("ocp4_workload_litemaas_litellm_model", "ocp4_workload_litemaas_litellm_models"),
    ("ocp4_workload_litemaas_litelm_models", "ocp4_workload_litemaas_litellm_models"),
    ("litemaas_models_serail", "litemaas_models_serial"),
    *((OLDER + name, "litemaas_models_" + name) for name in ("force", "max_percent", "restore", "strategy", "database_url")),
    (OLDER + "forse", "litemaas_models_force"),
    (OLDER + "retry_cuont", OLDER + "retry_count"),
    ("ocp4_workload_litemaas_namespace", None),
    ("ocp4_workload_litemaas_litellm_url", None),
    ("ocp4_workload_litemaas_litellm_models_base", None),
    ("litellm_model", None),
    ("litellm_models", None),
    ("list_models_force", None),
    ("llm_models_list", None),
    ("litemaas_models_serial", None),
]


@pytest.mark.parametrize(("name", "meant"), NAMES)
def test_misspelt_variables(name, meant):
    problems = read(**{name: [], "litemaas_models_list": [MODEL]})["problems"]
    assert [problem.partition(": ")[2].partition(")")[0] for problem in problems] == ([f"{name} (did you mean {meant}?"] if meant else [])


# a field that no model has, what is said of it
FIELDS = [
    ("contxt_length", "did you mean context_length?"),
    ("contextLength", "did you mean context_length?"),
    ("API-Key", "did you mean api_key?"),
    ("Litellm_Model", "did you mean litellm_model?"),
    ("model", "did you mean litellm_model?"),
    ("name", "did you mean model_name?"),
    ("litellm_params", "did you mean extra_params?"),
    ("model_info", "did you mean extra_info?"),
    ("max_input_tokens", "did you mean context_length?"),
    ("litellm_credential_name", "did you mean credential?"),
    ("base_url", "did you mean api_base?"),
    ("supports_reasoning", "give it in extra_info"),
    ("health_check_model", "give it in extra_info"),
    (" rpm", "did you mean rpm?"),
    (1, None),
    ("zzz", None),
]


@pytest.mark.parametrize(("field", "hint"), FIELDS)
def test_misspelt_fields(field, hint):
    [sentence, _free] = unknown_fields([dict(MODEL, model_name="granite"), {**MODEL, field: "x"}])
    assert sentence == "m: {0} is not a field of a model{1}.".format(field, f" ({hint})" if hint else "")


# variable, text, what it stands for
TEXTS = [
    ("providers", "[a, b]", ["a", "b"]),
    ("providers", '["a"]', ["a"]),
    ("providers", "a", ["a"]),
    ("providers", "", []),
    ("model_patterns", "[cC]ode.*", ["[cC]ode.*"]),
    ("model_patterns", "['a', 'b']", ["a", "b"]),
    ("model_patterns", "[]", []),
    ("notify_urls", "https://h", ["https://h"]),
    ("kubernetes", '{"host": "https://h"}', {"host": "https://h"}),
    ("force", "true", True),
    ("retry_count", "3", 3),
    ("strategy", " delete ", None),
]


@pytest.mark.parametrize(("name", "text", "value"), TEXTS)
def test_texts_as_extra_variables_give_them(name, text, value):
    found = read(**{"litemaas_models_" + name: text})
    if value is None:
        assert found["problems"]
    else:
        assert (found["problems"], found[name]) == ([], value)


@pytest.mark.parametrize("text", ['[{"model_name": "m"}]', "[{model_name: m}]", '{"model_name": "m"}'])
def test_a_list_as_a_text(text):
    assert unpacked(read(litemaas_models_list=text)["list"]) == [{"model_name": "m"}]


def lookup(module, terms=(), text="", **options_given):
    templar, found = host(text)
    plugin = module.LookupModule(loader=None, templar=templar)
    plugin._load_name = module.__name__.rsplit(".", 1)[-1]
    plugin.set_options = lambda var_options, direct: plugin.__dict__.update(asked=direct)
    plugin.get_option = lambda name: plugin.asked.get(name, {"strict": True}.get(name))
    return plugin.run(list(terms), found, **options_given)


def test_the_lookups():
    names = ["litemaas_models_max_percent", "litemaas_models_serial", "litemaas_models_litellm_url"]
    assert lookup(given_lookup, names, "litellm_url: http://h", default="x") == [30.0, "x", "http://h"]
    with pytest.raises(AnsibleLookupError, match=r"litellm_url cannot be resolved: gone is undefined\."):
        lookup(given_lookup, names, "litellm_url: 'demo-secret-{{ gone }}'")
    with pytest.raises(AnsibleLookupError, match=r"no variable litemaas_models_forse \(did you mean litemaas_models_force\?\)\."):
        lookup(given_lookup, ["litemaas_models_forse"])
    with pytest.raises(AnsibleLookupError, match="litemaas_models_forse"):
        lookup(role_lookup, text="litemaas_models_forse: 1")
    [found] = lookup(role_lookup, text="litemaas_models_forse: 1", strict=False)
    assert len(found["problems"]) == 1


def test_the_environment_of_the_control_node_counts(monkeypatch):
    monkeypatch.setenv("LITELLM_API_URL", "http://e")
    templar, found = host()
    assert _role.role_variables(templar, found).value("litemaas_models_litellm_url") == "http://e"
