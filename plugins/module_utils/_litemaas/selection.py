# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which models of LiteLLM are meant, and which of its deployments stands for a name. Pure."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.hints import unmatched_patterns, unmatched_providers
from ansible_collections.litemaas.models.plugins.module_utils._common.patterns import Patterns, any_matches, compile_patterns
from ansible_collections.litemaas.models.plugins.module_utils._common.spec import Spec
from ansible_collections.litemaas.models.plugins.module_utils._litellm.identity import DATABASE, TEAM, WILDCARD, classify
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.mapping import deployment_id, provider_of
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import Deployment, Row


@dataclasses.dataclass(frozen=True)
class Selection:
    """Which models a run is about. Patterns are regular expressions that must match the whole name."""

    providers: frozenset[str] = frozenset()
    patterns: Patterns = None
    excluded: Patterns = None

    @classmethod
    def read(cls, params: t.Mapping[str, t.Any]) -> Selection:
        """The selection of a module's options. Raises InputError."""
        return cls(
            frozenset(provider.lower() for provider in params.get("providers") or ()),
            compile_patterns(params.get("model_patterns"), "model_patterns"),
            compile_patterns(params.get("exclude_patterns"), "exclude_patterns"),
        )

    def takes(self, name: str, *providers: t.Any) -> bool:
        """Whether a model is selected that has this name and one of these providers."""
        if self.providers and not any(str(provider).lower() in self.providers for provider in providers):
            return False
        return self.takes_name(name)

    def takes_name(self, name: str) -> bool:
        """Whether a model is selected by its name, whatever its provider is."""
        if self.patterns is not None and not any_matches(self.patterns, name):
            return False
        return not any_matches(self.excluded, name)


def unmatched(selection: Selection, offer: Offer, rows: t.Mapping[str, Row], specs: t.Iterable[Spec] = ()) -> list[str]:
    """A sentence for each part of a selection that takes no model, of LiteLLM, of the list or of LiteMaaS, and may be mistyped."""
    wanted = list(specs)
    names = {*offer.models, *offer.others, *rows, *(spec.model_name for spec in wanted)}
    if not names or selection == Selection():
        return []
    entries = [entry for entries in offer.models.values() for entry in entries]
    providers = [provider for spec in wanted for provider in (spec.provider, spec.options.get("provider"))]
    providers += [provider_of(entry["litellm_params"]) for entry in entries]
    providers += [entry["model_info"].get("litemaas_provider") for entry in entries] + [row.get("provider") for row in rows.values()]
    return [
        *unmatched_providers(selection.providers, providers),
        *unmatched_patterns("model_patterns", selection.patterns or (), names, True),
        *unmatched_patterns("exclude_patterns", selection.excluded or (), names, False),
    ]


@dataclasses.dataclass(frozen=True)
class Offer:
    """What LiteLLM has: deployments by model name, names that are no models of ours with the reason, and wildcards.

    ``kept`` are those of the others that LiteLLM does not list: saved and not served, or an alias.
    """

    models: dict[str, list[Deployment]] = dataclasses.field(default_factory=dict)
    others: dict[str, str] = dataclasses.field(default_factory=dict)
    wildcards: list[str] = dataclasses.field(default_factory=list)
    kept: dict[str, str] = dataclasses.field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether LiteLLM has nothing in any form."""
        return not (self.models or self.others or self.wildcards)

    def keeping(self, reasons: t.Mapping[str, str]) -> Offer:
        """The same with names that are neither models nor orphans, each with the reason, as those that LiteLLM has without listing them."""
        kept = {**self.kept, **{name: reason for name, reason in reasons.items() if name not in self.models}}
        return dataclasses.replace(self, kept=kept, others={**self.others, **kept})

    def has(self, name: str) -> str | None:
        """Why a row of that name is no orphan, or None where it is one."""
        if name in self.models:
            return "LiteLLM has it"
        if name in self.others:
            return self.others[name]
        for wildcard in self.wildcards:
            if matches_wildcard(wildcard, name):
                return f"LiteLLM serves it by the wildcard {wildcard}"
        return None


def matches_wildcard(wildcard: str, name: str) -> bool:
    """Whether a name with ``*`` in it stands for this name."""
    first, *others = wildcard.split("*")
    if not others:
        return name == wildcard
    if not name.startswith(first):
        return False
    position = len(first)
    for part in others[:-1]:
        found = name.find(part, position)
        if found < 0:
            return False
        position = found + len(part)
    return name.endswith(others[-1]) and position <= len(name) - len(others[-1])


def read_offer(deployments: t.Iterable[Deployment]) -> Offer:
    """Sort LiteLLM's deployments.

    A wildcard is a model only if it is a database model; the rows it was expanded into share its id and are none. A
    team's model has a name that LiteLLM made; LiteMaaS sells models to everybody, so it is left alone.
    """
    entries = list(deployments)
    names_of: dict[str | None, set[str]] = {}
    for entry in entries:
        names_of.setdefault(deployment_id(entry), set()).add(entry["model_name"])
    offer = Offer()
    for entry in entries:
        name, info = entry["model_name"], entry["model_info"]
        kind = classify(entry)
        if "*" in name:
            offer.wildcards.append(name)
        if not name:
            offer.others[name] = "it has no model_name"
        elif kind == TEAM or info.get("team_id"):
            reason = "it belongs to a team of LiteLLM"
            offer.others[name] = reason
            offer.others[str(info.get("team_public_model_name") or name)] = reason
        elif "*" in name and kind not in (WILDCARD, DATABASE):
            offer.others[name] = "it is a wildcard of LiteLLM's config.yaml"
        elif "*" not in name and deployment_id(entry) is not None and len(names_of[deployment_id(entry)]) > 1:
            offer.others[name] = "it is one of the models of a wildcard"
        else:
            offer.models.setdefault(name, []).append(entry)
    for name in offer.models:
        offer.others.pop(name, None)
    return offer


def choose(entries: t.Sequence[Deployment], *preferred: str | None) -> Deployment:
    """The one of several deployments of a model that its row shows: the first preferred id that is there, else the lowest."""
    by_id = {deployment_id(entry) or "": entry for entry in entries}
    for model_id in preferred:
        if model_id and model_id in by_id:
            return by_id[model_id]
    return by_id[min(by_id)]
