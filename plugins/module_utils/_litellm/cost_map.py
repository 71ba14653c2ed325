# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What LiteLLM adds to a deployment: its cost map, and what deployments of one litellm_model share by it. Pure.

LiteLLM fills what a deployment does not say with what its cost map has under the name of the model. From 1.100 on each write of a
deployment puts what that one says into the map, so another of the same litellm_model, which leaves it out, shows it from then on.
What is put there stays until the process ends. LiteLLM 1.81 does so with models of its config only. LiteLLM 1.110 also keeps its own
list of models apart, and puts over it neither limits of tokens that it has nor a mode: it shares less.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.counted import named
from ansible_collections.litemaas.models.plugins.module_utils._litellm.identity import Deployment, id_of
from ansible_collections.litemaas.models.plugins.module_utils._litellm.memory import own_info
from ansible_collections.litemaas.models.plugins.module_utils._litellm.plan import BY_PATH, CREATE, DELETE, UPDATE, Action, Plan
from ansible_collections.litemaas.models.plugins.module_utils._litellm.settle import outcome_of

Info = dict[str, t.Any]
# LiteLLM's own list of models, without what deployments say.
Catalog = t.Mapping[str, t.Any]

# What deployments share, as far as an option says it.
SHARED = (
    "max_tokens",
    "max_input_tokens",
    "max_output_tokens",
    "mode",
    "supports_vision",
    "supports_function_calling",
    "supports_parallel_function_calling",
    "supports_tool_choice",
)
# What the map has as well, and what stays with its deployment.
PRICES = ("input_cost_per_token", "output_cost_per_token")
FILLED = (*SHARED, *PRICES)
# What LiteLLM 1.81 has in its map and does not show.
NOT_SHOWN_BEFORE = "supports_parallel_function_calling"

# Limits of tokens, of which LiteLLM's own list holds where it keeps that apart; and those of which it then makes max_tokens.
LIMITS = ("max_tokens", "max_input_tokens", "max_output_tokens")
_MADE_OF = ("max_output_tokens", "max_input_tokens")

# Keys and values of the map that decide where something is taken in.
_PROVIDER = "litellm_provider"
_CHAT, _RESPONSES = "chat", "responses"
# Providers whose models LiteLLM calls as their mode says.
_BY_MODE = ("chatgpt", "github_copilot")

# So many models are named of each kind in a warning.
NAMED = 5

# Providers under which LiteLLM also finds models of others.
_ANY_PROVIDER = ("litellm_proxy", "github")
_ALSO = {"azure_ai": ("azure", "openai"), "cohere": ("cohere_chat",)}
_FAMILIES = ("vertex_ai", "fireworks_ai", "bedrock")


def name_of(entry: Deployment) -> str:
    """The name under which LiteLLM keeps what a deployment says."""
    params = entry["litellm_params"]
    model, provider = str(params.get("model") or ""), str(params.get("custom_llm_provider") or "")
    return f"{provider}/{model}" if provider else model


def names_looked_up(entry: Deployment) -> list[str]:
    """The names under which LiteLLM looks for what a deployment does not say; the first that it knows holds."""
    model, base = str(entry["litellm_params"].get("model") or ""), str(entry["model_info"].get("base_model") or "")
    return [base, model] if base else [model]


class CostMap:
    """LiteLLM's cost map. ``registers`` says that a write of a deployment changes it (not so on LiteLLM 1.81).

    ``catalog`` is LiteLLM's own list of models where it keeps that apart (1.110).
    """

    def __init__(self, models: t.Mapping[str, t.Any], registers: bool, catalog: Catalog | None = None) -> None:
        self._models = dict(models)
        self._registers = registers
        self._catalog = catalog
        self._names: dict[str, str] = {}
        self._shown = [name for name in FILLED if registers or name != NOT_SHOWN_BEFORE]

    def look_up(self, entry: Deployment) -> Info:
        """What LiteLLM fills in where the deployment says nothing."""
        model = str(entry["litellm_params"].get("model") or "")
        first, slash, _rest = model.partition("/")
        keys = [self._find(name) for name in names_looked_up(entry)]
        keys.append(self._find("{0}/{1}".format(first, model.rpartition("/")[2])) if slash else None)
        known: Info = next((self._models[key] for key in keys if key is not None), {})
        if self._catalog is not None:
            known = {**known, "max_tokens": next((known[name] for name in _MADE_OF if known.get(name)), None)}
        return {name: known[name] for name in self._shown if known.get(name) is not None}

    def _find(self, name: str) -> str | None:
        """The key of a model that LiteLLM takes for the one of that name."""
        provider, slash, rest = name.partition("/")
        for candidate in (name, rest) if slash else (name,):
            key = self._key(candidate)
            if key is not None and (not slash or _is_of_provider(self._models[key], provider)):
                return key
        return None

    def _key(self, name: str) -> str | None:
        if isinstance(self._models.get(name), dict):
            return name
        if not self._names:
            self._names = {key.lower(): key for key, known in self._models.items() if isinstance(known, dict)}
        return self._names.get(name.lower()) if name else None

    def own(self, entry: Deployment) -> Info:
        """What a deployment that LiteLLM shows says itself."""
        info, filled = entry["model_info"], self.look_up(entry)
        said = own_info(entry)
        registered = self._models.get(id_of(entry))
        own = {}
        for name in FILLED:
            value = info.get(name)
            if value is None or self._is_of_server(entry, name):
                continue
            is_price = name in PRICES and entry["litellm_params"].get(name) is not None
            # Of a deployment that somebody else made the map tells, under its id.
            by_others = said is None and isinstance(registered, dict) and registered.get(name) == value
            if is_price or (said and name in said) or value != filled.get(name, 0 if name in PRICES else None) or by_others:
                own[name] = value
        return own

    def of_server(self, entry: Deployment) -> Info:
        """The limits of tokens that LiteLLM 1.110 shows of a deployment because the server behind it says so."""
        return {name: entry["model_info"][name] for name in LIMITS if self._is_of_server(entry, name)}

    def _is_of_server(self, entry: Deployment, name: str) -> bool:
        """Whether a limit is neither said by its deployment nor LiteLLM's own: it asks servers with OpenAI's API for theirs."""
        value, registered = entry["model_info"].get(name), self._models.get(id_of(entry))
        if self._catalog is None or name not in LIMITS or value is None or not isinstance(registered, dict):
            return False
        return name not in (own_info(entry) or ()) and registered.get(name) is None and value != self.look_up(entry).get(name)

    def register(self, entry: Deployment, own: Info) -> None:
        """Take in what a deployment says that LiteLLM loads."""
        name = name_of(entry)
        if not self._registers or not name:
            return
        said = {field: value for field, value in own.items() if field in SHARED and value is not None}
        if self._catalog is not None:
            said = {field: value for field, value in said.items() if not has_limit(self._catalog, entry, field)}
        elif self._models.get(name, {}).get("mode") == _RESPONSES and said.get("mode") == _CHAT:
            # LiteLLM keeps this one.
            del said["mode"]
        for each in dict.fromkeys((name, name.replace("responses/", ""))):
            self._take_in(each, said if self._catalog is None else self._without_kept_mode(each, said))

    def _without_kept_mode(self, name: str, said: Info) -> Info:
        """What a deployment says, without a mode that LiteLLM 1.110 keeps to that deployment."""
        key = self._find(name)
        return {
            field: value for field, value in said.items() if field != "mode" or takes_mode(name, self._models.get(key or "", {}), value)
        }

    def _take_in(self, name: str, said: Info) -> None:
        key = self._find(name)
        if key is None:
            self._models[name] = said
            self._names.setdefault(name.lower(), name)
            return
        provider, slash, _rest = name.partition("/")
        have = self._models[key]
        if slash and have.get(_PROVIDER) is None:
            # Of no provider so far, it was found under any: from now on it is of this one's only.
            said = {**said, _PROVIDER: provider}
        self._models[key] = {**have, **said}


def _is_of_provider(known: Info, provider: str) -> bool:
    """Whether LiteLLM takes an entry of its map for a model of a provider."""
    there = known.get(_PROVIDER)
    if not isinstance(there, str) or there == provider or provider in _ANY_PROVIDER:
        return True
    if there in _ALSO.get(provider, ()):
        return True
    return any(provider.startswith(family) and there.startswith(family) for family in _FAMILIES)


def takes_mode(name: str, known: Info, mode: t.Any) -> bool:
    """Whether LiteLLM 1.110 takes the mode of a deployment for all of its name; ``known`` is what its map has there."""
    registered = known.get("mode")
    if registered != _RESPONSES and (mode not in (_CHAT, _RESPONSES) or name.partition("/")[0] in _BY_MODE):
        return True
    return registered is None and mode == _RESPONSES


def has_limit(catalog: Catalog, entry: Deployment, field: str) -> bool:
    """Whether LiteLLM's own list has a limit of tokens for the model of a deployment."""
    if field not in LIMITS:
        return False
    names = ("max_tokens", "max_output_tokens") if field == "max_tokens" else (field,)
    known = [catalog[key] for key in _names_in_catalog(entry) if isinstance(catalog.get(key), dict)]
    return any(one.get(name) is not None for one in known for name in names)


def _names_in_catalog(entry: Deployment) -> list[str]:
    """The names under which LiteLLM's own list may have the model of a deployment."""
    params = entry["litellm_params"]
    model, provider = str(params.get("model") or ""), str(params.get("custom_llm_provider") or "")
    first, _slash, rest = model.partition("/")
    return [name_of(entry), model] + ([rest] if rest and provider in ("", first) else [])


def sharing(entries: t.Sequence[Deployment]) -> frozenset[str]:
    """The ids of deployments that LiteLLM fills with what others say."""
    said: dict[str, set[str]] = {}
    for entry in entries:
        said.setdefault(name_of(entry), set()).add(id_of(entry))
    return frozenset(
        id_of(entry) for entry in entries if any(said.get(name, set()).difference((id_of(entry),)) for name in names_looked_up(entry))
    )


# --- a prediction ------------------------------------------------------------------------------------------------------


def is_needed(plan: Plan, entries: t.Sequence[Deployment]) -> bool:
    """Whether a plan may change what LiteLLM fills in."""
    writes = [action for action in plan.actions if action.kind in (CREATE, UPDATE)]
    if any(action.kind == CREATE or action.cleared or _names_a_model(action) for action in writes):
        return True
    written = {str(action.model_id) for action in writes}
    if any(_may_be_of_server(entry) for entry in entries if id_of(entry) in written):
        return True
    names = {name_of(entry) for entry in entries if id_of(entry) in written}
    # What LiteLLM is written it loads anew, and takes over the word of others of the name.
    return any(not names.isdisjoint(names_looked_up(entry)) for entry in entries if id_of(entry) not in written) or (
        len(written) > len(names)
    )


def _may_be_of_server(entry: Deployment) -> bool:
    """Whether a deployment shows limits that it does not say, which the server behind it may have told."""
    said = own_info(entry) or set()
    shown = [name for name in LIMITS if name not in said and entry["model_info"].get(name) is not None]
    return bool(shown and entry["litellm_params"].get("api_base"))


def _names_a_model(action: Action) -> bool:
    params, info = action.body.get("litellm_params", {}), action.body.get("model_info", {})
    return "model" in params or "custom_llm_provider" in params or "base_model" in info


def foresee(plan: Plan, entries: t.Sequence[Deployment], cost_map: CostMap) -> list[Deployment]:
    """The deployments as LiteLLM will show them once the plan is carried out, in the order of its actions."""
    before = {id_of(entry): entry for entry in entries}
    own = {model_id: cost_map.own(entry) for model_id, entry in before.items()}
    of_servers = {model_id: cost_map.of_server(entry) for model_id, entry in before.items()}
    coming = outcome_of(plan, entries)
    after = {id_of(entry): entry for entry in coming}
    for action in plan.actions:
        model_id = str(action.model_id)
        if action.kind == DELETE:
            own.pop(model_id, None)
        elif action.kind in (CREATE, UPDATE):
            # LiteLLM forgets them with the write, and asks again within five minutes.
            of_servers.pop(model_id, None)
            if action.announced:
                cost_map.register(before[model_id], own[model_id])
            own[model_id] = _own_after(action, own.get(model_id, {}))
            if model_id in after:
                cost_map.register(after[model_id], own[model_id])

    def filled(entry: Deployment) -> Info:
        rest = {name: value for name, value in entry["model_info"].items() if name not in FILLED}
        return {**rest, **cost_map.look_up(entry), **of_servers.get(id_of(entry), {}), **own.get(id_of(entry), {})}

    return [dict(entry, model_info=filled(entry)) for entry in coming]


def _own_after(action: Action, own: Info) -> Info:
    """What a deployment says itself after a write."""
    sent = action.wanted if action.recreate else action.body
    said = {**own, **sent.get("model_info", {}), **sent.get("litellm_params", {})}
    gone = {key for _part, key in action.cleared}
    return {name: said[name] for name in FILLED if said.get(name) is not None and name not in gone}


# --- a warning ---------------------------------------------------------------------------------------------------------


def warn_of_sharing(plan: Plan, entries: t.Sequence[Deployment], registers: bool, ask: t.Callable[[], Catalog | None]) -> None:
    """Say where a model of the list shows in LiteLLM what another says, or the other way round, because one leaves it out.

    ``registers`` says that a write of a deployment changes what others show (not so on LiteLLM 1.81). ``ask`` gets LiteLLM's own list
    of models, where it keeps that apart; it is asked only where a warning may be due.
    """
    if not registers:
        return
    listed = {str(action.model_id) for action in plan.actions if action.kind != DELETE}
    coming = outcome_of(plan, entries)
    takers: dict[str, list[Deployment]] = {}
    for entry in coming:
        for name in {name_of(entry), *names_looked_up(entry)}:
            takers.setdefault(name, []).append(entry)
    for name, group in sorted(takers.items()):
        if name and len(group) > 1 and any(id_of(entry) in listed for entry in group) and _differences(name, group, None):
            sentence = _differences(name, group, ask())
            plan.warnings += [sentence] if sentence else []


def _differences(name: str, group: t.Sequence[Deployment], catalog: Catalog | None) -> str:
    """A sentence on what some deployments of a name say and others leave out; empty where there is nothing of that."""
    said: dict[str, list[str]] = {}
    left_out: dict[str, list[str]] = {}
    for field in SHARED:
        option = BY_PATH.get(("model_info", field), field)
        silent = [entry for entry in group if name in names_looked_up(entry) and _is_silent(entry, field)]
        speaking = [entry for entry in group if name == name_of(entry) and _says(entry, field, silent) and _shares(entry, field, catalog)]
        if silent and speaking:
            said[option] = ["{0} in {1}".format(_as_text(entry["model_info"][field]), entry["model_name"]) for entry in speaking]
            left_out[option] = [entry["model_name"] for entry in silent]
    parts = [f"{option} is {named(said[option], NAMED)}, but is not set in {named(left_out[option], NAMED)}" for option in said]
    if not parts:
        return ""
    return (
        "Models with the litellm_model {0} share values in LiteLLM that one of them sets and another leaves out: {1}. Give each of "
        "them its own value".format(name, "; ".join(parts))
    )


def _shares(entry: Deployment, field: str, catalog: Catalog | None) -> bool:
    """Whether LiteLLM shows of others what a deployment says of a field."""
    if catalog is None:
        return True
    if field == "mode":
        name = name_of(entry)
        known: Info = next((catalog[key] for key in _names_in_catalog(entry) if isinstance(catalog.get(key), dict)), {})
        return takes_mode(name, known, entry["model_info"][field])
    return field != "max_tokens" and not has_limit(catalog, entry, field)


def _is_silent(entry: Deployment, field: str) -> bool:
    """Whether a deployment of this collection does not say a field."""
    said = own_info(entry)
    return said is not None and field not in said


def _says(entry: Deployment, field: str, silent: t.Sequence[Deployment]) -> bool:
    """Whether a deployment says a field: of somebody else's that is known where it shows what another does not."""
    said, value = own_info(entry), entry["model_info"].get(field)
    if value is None or said is not None:
        return value is not None and field in t.cast("set[str]", said)
    return any(other["model_info"].get(field) != value for other in silent)


def _as_text(value: t.Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
