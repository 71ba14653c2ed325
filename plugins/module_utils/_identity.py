# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

"""Which deployment a model spec means. Pure.

The rules, in this order: the id that the spec names; among several of its name the only one with the spec's very model and
address; the id that we made for it; the only one of its name. Where no rule decides, nothing is touched.
"""

from __future__ import annotations

import collections
import functools
import json
import typing as t
import uuid

from ansible_collections.litemaas.models.plugins.module_utils._errors import ModelConflict, ModelError
from ansible_collections.litemaas.models.plugins.module_utils._specs import ABSENT, Spec

Deployment = t.Dict[str, t.Any]
# A spec's deployment (None: there is none yet) and the further ones of its name that are to go.
Found = t.Tuple[t.Optional[Deployment], t.List[Deployment]]

DATABASE = "database"
CONFIG = "config"
WILDCARD = "wildcard"
TEAM = "team"
CLASSES = (DATABASE, CONFIG, WILDCARD, TEAM)

# Our own namespace for deterministic ids: any run of anybody gives one model the same id.
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://github.com/rh-aiservices-bu/litemaas#models")


def classify(entry: Deployment) -> str:
    """DATABASE, CONFIG, WILDCARD (of the database, name with ``*``) or TEAM (of one team, under a name LiteLLM made)."""
    info = entry["model_info"]
    if not info.get("db_model"):
        return CONFIG
    if info.get("team_id"):
        return TEAM
    return WILDCARD if "*" in entry["model_name"] else DATABASE


def id_of(entry: Deployment) -> str:
    """A deployment's id as text (LiteLLM takes integers too)."""
    return str(entry["model_info"].get("id"))


def deterministic_id(spec: Spec, alone: bool) -> str:
    """The id that a spec's deployment gets: of its name, or of name, model and address where a list has several of a name."""
    return id_of_name(spec.model_name) if alone else _made_of(json.dumps(spec.variant()))


def id_of_name(model_name: str) -> str:
    """The id that the only deployment of a name gets."""
    return _made_of(model_name)


@functools.cache
def _made_of(text: str) -> str:
    """A run asks for each spec's id several times."""
    return str(uuid.uuid5(NAMESPACE, text))


def wanted_ids(specs: t.Sequence[Spec]) -> t.List[str]:
    """The ids under which the specs' deployments would have been made."""
    alone = _names_alone(specs)
    return [_own_id(spec, alone) for spec in specs]


def unseen_ids(specs: t.Sequence[Spec], entries: t.Sequence[Deployment]) -> t.Dict[str, str]:
    """Those of these ids that are not among the entries, with the specs' names: what to look for among the saved and not served."""
    seen = {id_of(entry) for entry in entries}
    return {model_id: spec.model_name for model_id, spec in zip(wanted_ids(specs), specs) if model_id not in seen}


def _own_id(spec: Spec, alone: t.Set[str]) -> str:
    return spec.model_id or deterministic_id(spec, spec.model_name in alone)


def _names_alone(specs: t.Sequence[Spec]) -> t.Set[str]:
    """Names that the list holds once."""
    return {name for name, count in collections.Counter(spec.model_name for spec in specs).items() if count == 1}


class Targets:
    """The deployments that the specs of one list mean. ``collapse`` says that further ones of a name are to go."""

    def __init__(self, specs: t.Sequence[Spec], entries: t.Sequence[Deployment], collapse: bool = False) -> None:
        self._collapse = collapse
        self._by_id = {id_of(entry): entry for entry in entries}
        self._alone = _names_alone(specs)
        self._of_name: t.Dict[str, t.List[Deployment]] = {}
        self._config_names: t.Set[str] = set()
        for entry in sorted(entries, key=id_of):
            kind = classify(entry)
            if kind == CONFIG:
                self._config_names.add(entry["model_name"])
            elif kind != TEAM:
                self._of_name.setdefault(entry["model_name"], []).append(entry)
        # What a spec names, or what we made for it, belongs to that spec, whatever its deployment is called.
        self._claimed = {model_id for model_id in wanted_ids(specs) if model_id in self._by_id}
        self._found = {spec.position: self._try(spec) for spec in specs}
        self._collisions = self._find_collisions(specs)

    def new_id(self, spec: Spec) -> str:
        """The id that the spec's deployment has if we made it, and gets if we make it."""
        return _own_id(spec, self._alone)

    def in_config(self, model_name: str) -> bool:
        """Whether LiteLLM's config.yaml has a model of that name."""
        return model_name in self._config_names

    def find(self, spec: Spec) -> Found:
        """The spec's deployment and its duplicates. Raises ModelConflict where no rule decides, or two specs mean the same."""
        found = self._found[spec.position]
        if isinstance(found, ModelError):
            raise found
        if spec.position in self._collisions:
            raise ModelConflict(
                spec.model_name,
                "entries {0} of the list mean the same deployment in LiteLLM".format(
                    " and ".join(str(position) for position in self._collisions[spec.position])
                ),
            )
        return found

    def _find_collisions(self, specs: t.Sequence[Spec]) -> t.Dict[int, t.List[int]]:
        """Position of a spec -> positions of all specs that mean its deployment, where they are several."""
        meant: t.Dict[str, t.List[int]] = {}
        for spec in specs:
            found = self._found[spec.position]
            if not isinstance(found, ModelError):
                meant.setdefault(id_of(found[0]) if found[0] else self.new_id(spec), []).append(spec.position)
        return {position: positions for positions in meant.values() if len(positions) > 1 for position in positions}

    def _try(self, spec: Spec) -> t.Union[Found, ModelError]:
        try:
            own = self._by_id.get(self.new_id(spec))
            if own is not None and classify(own) == CONFIG:
                raise ModelConflict(spec.model_name, "{0} is defined in LiteLLM's config.yaml: change it there".format(id_of(own)))
            if spec.model_id:
                return own, []
            return self._by_name(spec, own) if spec.model_name in self._alone else self._variant(spec, own)
        except ModelError as error:
            return error

    def _candidates(self, spec: Spec, own: t.Optional[Deployment]) -> t.List[Deployment]:
        others = [entry for entry in self._of_name.get(spec.model_name, []) if id_of(entry) not in self._claimed]
        return others if own is None else [own, *others]

    def _by_name(self, spec: Spec, own: t.Optional[Deployment]) -> Found:
        """The only spec of its name."""
        candidates = self._candidates(spec, own)
        if len(candidates) < 2:
            return (candidates[0] if candidates else None), []
        keep = self._choose(spec, own, candidates)
        if keep is None:
            raise ModelConflict(
                spec.model_name,
                "LiteLLM has {0} deployments of it ({1}): give model_id, or set duplicates to collapse".format(
                    len(candidates), ", ".join(sorted(id_of(entry) for entry in candidates))
                ),
            )
        return keep, [entry for entry in candidates if entry is not keep] if self._collapse else []

    def _choose(self, spec: Spec, own: t.Optional[Deployment], candidates: t.List[Deployment]) -> t.Optional[Deployment]:
        """The one of several of a name that its only spec means; None where no rule decides."""
        exact = [entry for entry in candidates if _is_variant(spec, entry)]
        if len(exact) == 1:
            return exact[0]
        if self._collapse:
            return own or (exact or candidates)[0]
        return None if spec.state == ABSENT else own

    def _variant(self, spec: Spec, own: t.Optional[Deployment]) -> Found:
        """Among several specs of a name: the one with our id, else one with the same model and address. Others of these are duplicates."""
        alike = [entry for entry in self._candidates(spec, None) if _is_variant(spec, entry)]
        if own is None and alike:
            own = alike.pop(0)
            self._claimed.add(id_of(own))
        # A spec that says "absent" may name only one of model and address: too little to delete more than one by.
        if not self._collapse or spec.state == ABSENT:
            return own, []
        return own, alike


def _is_variant(spec: Spec, entry: Deployment) -> bool:
    """Whether a deployment has the spec's very model and address. A spec that says "absent" may name only one of them."""
    params = entry["litellm_params"]
    have = {"litellm_model": params.get("model") or "", "api_base": params.get("api_base") or ""}
    if spec.state == ABSENT:
        given = {name: spec.options[name] for name in have if name in spec.options}
        return bool(given) and all(have[name] == value for name, value in given.items())
    return (have["litellm_model"], have["api_base"]) == spec.variant()[1:]
