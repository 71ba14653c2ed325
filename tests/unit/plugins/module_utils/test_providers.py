# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Models that LiteLLM could not serve are refused before they are written, with as few questions as possible."""

from __future__ import annotations

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._common.specs import read_specs
from ansible_collections.litemaas.models.plugins.module_utils._litellm.plan import SAVED_ONLY, Policy
from ansible_collections.litemaas.models.plugins.module_utils._litellm.planner import plan_deployments
from ansible_collections.litemaas.models.plugins.module_utils._litellm.providers import nearest, refuse_unserved

KNOWN = ("openai", "azure", "hosted_vllm", "mistral")


class Proxy:
    """Knows what it names, ``my-llm`` of its own configuration, and the model gpt-4o. ``named`` None does not tell."""

    def __init__(self, named=KNOWN):
        self.named = named
        self.asked = []

    def providers(self):
        self.asked.append("providers")
        return self.named

    def knows_provider_of(self, model):
        self.asked.append(model)
        return model == "gpt-4o" or model.startswith("my-llm/")


def planned(proxy, entries=(), replace=False, **spec):
    specs, errors = read_specs([dict({"model_name": "m", "api_key": "not-real"}, **spec)])
    assert not errors
    plan = plan_deployments(specs, entries, Policy(admin_key="sk-1234", replace=replace))
    refuse_unserved(plan, proxy, entries)
    return plan


def there(model, **parts):
    params = dict({"model": model}, **parts.pop("params", {}))
    return dict({"model_name": "there", "litellm_params": params, "model_info": {"id": "there", "db_model": True}}, **parts)


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ({"litellm_model": "opnai/x"}, "did you mean openai/x?"),
        ({"litellm_model": "x"}, "has no provider"),
        ({"litellm_model": "openai/x", "custom_llm_provider": "wrong"}, "no provider wrong"),
        ({"litellm_model": " openai/x"}, 'no provider " openai" (did you mean openai/x?)'),
        ({"litellm_model": "nothing/x"}, "litellm_model must be provider/model"),
    ],
)
def test_what_litellm_does_not_know_is_refused(spec, reason):
    action = planned(Proxy(), **spec).actions[0]
    assert action.kind == "failed"
    assert reason in action.reason


@pytest.mark.parametrize(
    "spec",
    [
        {"litellm_model": "mistral/x"},
        {"litellm_model": "my-llm/x"},
        {"litellm_model": "gpt-4o"},
        {"litellm_model": "x", "custom_llm_provider": "my-llm"},
        {"litellm_model": "os.environ/MODEL"},
    ],
)
def test_what_it_knows_goes_on(spec):
    assert planned(Proxy(), **spec).actions[0].kind == "created"


# litellm_model, custom_llm_provider, the provider that a warning names
CUSTOM = [
    ("my-llm/x", None, "my-llm"),
    ("x", "my-llm", "my-llm"),
    ("my-llm/a/b", None, "my-llm"),
    ("gpt-4o", None, ""),
    ("mistral/x", None, ""),
]


@pytest.mark.parametrize(("model", "provider", "named"), CUSTOM)
def test_a_provider_that_is_not_listed_and_mapped_is_a_warning(model, provider, named):
    proxy = Proxy()
    warnings = planned(proxy, litellm_model=model, custom_llm_provider=provider).warnings
    assert [warning.partition(" but accepts")[0] for warning in warnings] == (
        [f"LiteLLM does not list a provider {named}"] if named else []
    )
    assert "(m)" in "".join(warnings) or not named
    assert len(proxy.asked) == len(set(proxy.asked))


def test_a_provider_of_which_a_proxy_cannot_say_is_no_warning():
    proxy = Proxy()
    proxy.knows_provider_of = lambda model: None
    assert planned(proxy, litellm_model="my-llm/x").warnings == []


@pytest.mark.parametrize(("replace", "kind"), [(False, "updated"), (True, "failed")])
@pytest.mark.parametrize("params", [{"custom_llm_provider": "openai"}, {"api_base": "https://api.groq.com/v1"}])
def test_what_told_the_provider_and_is_taken_away_tells_it_no_more(params, replace, kind):
    entries = [there("x", model_name="m", params=params)]
    action = planned(Proxy(), entries, replace, litellm_model="x", rpm=5).actions[0]
    assert action.kind == kind, action.reason


def test_a_proxy_that_does_not_tell_refuses_nothing():
    proxy = Proxy(named=None)
    assert planned(proxy, litellm_model="opnai/x").actions[0].kind == "created"
    assert proxy.asked == ["providers"]


def test_what_is_served_is_no_question():
    proxy = Proxy()
    assert planned(proxy, [there("odd/x")], litellm_model="odd/y").actions[0].kind == "created"
    assert proxy.asked == []
    unserved = there("odd/x", **{SAVED_ONLY: True})
    assert planned(Proxy(), [unserved], litellm_model="odd/y").actions[0].kind == "failed"


def test_an_address_that_tells_the_provider_is_a_warning():
    plan = planned(Proxy(), litellm_model="mistralai/x", api_base="https://api.mistral.ai/v1")
    assert plan.actions[0].kind == "created"
    assert "its address may tell" in plan.warnings[0]
    assert planned(Proxy(), litellm_model="mistralai/x", api_base="https://mistral.ai.example.com").actions[0].kind == "failed"


def test_a_proxy_that_cannot_say_of_a_model_refuses_nothing():
    proxy = Proxy()
    proxy.knows_provider_of = lambda model: None
    assert planned(proxy, litellm_model="opnai/x").actions[0].kind == "created"


def test_what_is_served_by_its_address_proves_no_provider():
    by_address = there("opnai/x", params={"api_base": "https://api.mistral.ai/v1"})
    assert planned(Proxy(), [by_address], litellm_model="opnai/y").actions[0].kind == "failed"


# address, does it tell LiteLLM the provider
HOSTS = [
    ("https://mistral.ai/v1", True),
    ("https://api.mistral.ai:8443/v1", True),
    ("https://mistral.ai.example.com", False),
    ("https://notmistral.ai", False),
    ("https://h/mistral.ai", False),
    ("https://[::1/", False),
    ("", False),
]


@pytest.mark.parametrize(("address", "known"), HOSTS)
def test_hosts(address, known):
    assert planned(Proxy(), litellm_model="opnai/x", api_base=address or "http://h").actions[0].kind == ("created" if known else "failed")


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({"litellm_model": "opnai/x", "rpm": 5}, "updated"),
        ({"litellm_model": "opnai/y"}, "failed"),
        ({"custom_llm_provider": "wrong"}, "failed"),
        ({"custom_llm_provider": "openai"}, "updated"),
    ],
)
def test_only_a_model_that_is_new_or_changed_is_asked_for(given, kind):
    """What is there with a name that nobody knows is served somehow, or was refused before."""
    proxy = Proxy()
    unserved = there("opnai/x", model_name="m", model_info={"id": "m", "db_model": True}, **{SAVED_ONLY: True})
    assert planned(proxy, [unserved], **given).actions[0].kind == kind
    assert bool(proxy.asked) is ("rpm" not in given)


def test_nearest():
    assert nearest("OpenAI", KNOWN) == "openai"
    assert nearest("something", KNOWN) is None
