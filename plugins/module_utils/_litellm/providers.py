# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether LiteLLM knows who serves a model: refused before it is written, because LiteLLM saves what it cannot serve.

A provider is known where LiteLLM names it or serves a model of it. What is left is asked for one by one: LiteLLM also knows
models without a provider, and the custom providers of its configuration, which it does not name. Those are taken, with a warning:
a pod without that configuration cannot serve them. A proxy that does not answer refuses nothing.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import difflib
import json
import typing as t
from urllib.parse import urlsplit

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import first_of_many
from ansible_collections.litemaas.models.plugins.module_utils._common.known_providers import KNOWN_HOSTS
from ansible_collections.litemaas.models.plugins.module_utils._litellm.identity import ENVIRONMENT_PREFIX, Deployment
from ansible_collections.litemaas.models.plugins.module_utils._litellm.plan import CREATE, FAILED, SAVED_ONLY, UPDATE, Action, Plan

if t.TYPE_CHECKING:
    from ansible_collections.litemaas.models.plugins.module_utils._litellm.client import LiteLLM


def refuse_unserved(plan: Plan, litellm: LiteLLM, entries: t.Sequence[Deployment]) -> None:
    """Make a failure of each action of the plan whose model LiteLLM could not serve. Asks only for what nothing else tells."""
    asked = {id(action): _asked_for(action, entries) for action in plan.actions if _names_a_model(action)}
    served = _served_providers(entries)
    left = {question for question in asked.values() if not _is_known(question, served)}
    known = litellm.providers() if left else None
    if known is None:
        return
    left = {question for question in left if not _is_known(question, known)}
    answers = {question: litellm.knows_provider_of(question) for question in sorted(left)}
    unknown = {question for question, mapped in answers.items() if mapped is False}
    custom = {question for question, mapped in answers.items() if mapped and "/" in question}
    plan.warnings += _custom_providers((action.model_name, asked[id(action)]) for action in plan.actions if asked.get(id(action)) in custom)
    for action in plan.actions:
        question = asked.get(id(action), "")
        if question not in unknown:
            continue
        sentence = _sentence(question, known)
        if _is_known_host(_parameter(action, entries, "api_base")):
            plan.warnings.append(f"{action.model_name}: {sentence}; its address may tell LiteLLM the provider")
        else:
            action.kind, action.reason = FAILED, sentence


def _custom_providers(models: t.Iterable[tuple[str, str]]) -> list[str]:
    """What to say of providers that LiteLLM does not name and takes all the same, of pairs of name and question."""
    names: dict[str, list[str]] = {}
    for model_name, question in models:
        names.setdefault(question.partition("/")[0], []).append(model_name)
    sentence = (
        "LiteLLM does not list a provider {0} but accepts its models ({1}): if it is a custom provider of its configuration, "
        "each pod of LiteLLM needs that configuration"
    )
    return [sentence.format(provider, first_of_many(models)) for provider, models in sorted(names.items())]


def _is_known(question: str, providers: t.Container[str]) -> bool:
    """Whether a model has one of these providers, or a name that only the proxy's environment tells."""
    return question.startswith(ENVIRONMENT_PREFIX) or ("/" in question and question.partition("/")[0] in providers)


def _names_a_model(action: Action) -> bool:
    """Whether an action changes what tells the provider: the litellm_model, the provider itself, or an address that is taken away."""
    fields = {change.field for change in action.changes}
    tells = bool(fields & {"litellm_model", "custom_llm_provider"}) or ("litellm_params", "api_base") in action.cleared
    return action.kind in (CREATE, UPDATE) and tells


def _parameter(action: Action, entries: t.Sequence[Deployment], name: str) -> str:
    """What a parameter will be."""
    if ("litellm_params", name) in action.cleared:
        return ""
    given = action.body.get("litellm_params", {}).get(name)
    have = next((entry for entry in entries if str(entry["model_info"].get("id")) == action.model_id), None)
    return str(given or (have["litellm_params"].get(name) if have and not have.get(SAVED_ONLY) else "") or "")


def _asked_for(action: Action, entries: t.Sequence[Deployment]) -> str:
    """The model's name with its provider, as LiteLLM puts them together."""
    return _with_provider(_parameter(action, entries, "model"), _parameter(action, entries, "custom_llm_provider"))


def _with_provider(model: str, provider: str) -> str:
    return f"{provider}/{model}" if provider and model.partition("/")[0] != provider else model


def _served_providers(entries: t.Sequence[Deployment]) -> set[str]:
    """Providers of what LiteLLM serves."""
    providers = set()
    for entry in entries:
        params = entry["litellm_params"]
        question = _with_provider(str(params.get("model") or ""), str(params.get("custom_llm_provider") or ""))
        if not entry.get(SAVED_ONLY) and "/" in question and not _is_known_host(str(params.get("api_base") or "")):
            providers.add(question.partition("/")[0])
    return providers


def _is_known_host(address: str) -> bool:
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return False
    return any(host == known or host.endswith("." + known) for known in KNOWN_HOSTS)


def _sentence(question: str, known: t.Sequence[str]) -> str:
    """Why LiteLLM would save the model and not serve it."""
    provider, slash, model = question.partition("/")
    if not slash:
        sentence = "litellm_model {0} has no provider, and LiteLLM does not know the model by itself: it must be provider/model"
        return sentence.format(question)
    near = nearest(provider, known)
    hint = f" (did you mean {near}/{model}?)" if near else ": litellm_model must be provider/model"
    # Blanks around a name would not be seen without quotes.
    shown = provider if provider == provider.strip() else json.dumps(provider, ensure_ascii=False)
    return f"LiteLLM knows no provider {shown}{hint}"


def nearest(name: str, known: t.Sequence[str]) -> str | None:
    """The known name that somebody may have meant."""
    found = difflib.get_close_matches(name.strip().lower(), sorted(known), 1, 0.75)
    return found[0] if found else None
