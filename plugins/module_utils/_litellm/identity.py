# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which deployment a model spec means. Pure.

The rules, in this order: the id that the spec names; among several of its name the only one of the spec's backend (model, address,
region, project, credential); the id that we made for it; the only one of its name. Where no rule decides, nothing is touched.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import collections
import functools
import json
import typing as t
import uuid

from ansible_collections.litemaas.models.plugins.module_utils._common.counted import listed
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import ModelConflict, ModelError, first_of_many
from ansible_collections.litemaas.models.plugins.module_utils._common.fields import FIELDS
from ansible_collections.litemaas.models.plugins.module_utils._common.hints import LIKE, near_names
from ansible_collections.litemaas.models.plugins.module_utils._common.masks import has_mask
from ansible_collections.litemaas.models.plugins.module_utils._common.parameters import BACKEND_PARAMETERS
from ansible_collections.litemaas.models.plugins.module_utils._common.secrets_in_data import without_secrets
from ansible_collections.litemaas.models.plugins.module_utils._common.spec import ABSENT, Spec, backend_of

Deployment = dict[str, t.Any]
# A spec's deployment (None: there is none yet) and the further ones of its name that are to go.
Found = tuple[t.Optional[Deployment], list[Deployment]]

DATABASE = "database"
CONFIG = "config"
WILDCARD = "wildcard"
TEAM = "team"
CLASSES = (DATABASE, CONFIG, WILDCARD, TEAM)

# Our own namespace for deterministic ids: any run of anybody gives one model the same id.
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://github.com/rh-aiservices-bu/litemaas#models")

# How much of a spec's backend a deployment has: none or another one; what the spec gives of it, and more; all of it.
OTHER, LIKELY, SAME = range(3)

ENVIRONMENT_PREFIX = "os.environ/"

# What tells duplicates from deployments that are several on purpose.
APART = ("model", "api_base", "tags", *BACKEND_PARAMETERS)
# Parameters that may differ between duplicates: they say how a backend is used, and not which one it is.
USE = frozenset(
    {key for field in FIELDS for part, key in field.paths if part == "litellm_params" and key not in APART}
    | {
        "drop_params",
        "max_budget",
        "budget_duration",
        "max_parallel_requests",
        "max_retries",
        "model_info",
        "order",
        "stream_timeout",
        "timeout",
        "weight",
    }
)

WHAT_TELLS_APART = "with the values in which they differ (litellm_model, api_base, region, project, credential)"
EACH_ITS_OWN = "an entry for each of them, " + WHAT_TELLS_APART

# Names like one that is not there are looked for only where few are not there: it takes milliseconds for thousands of models.
MOST_LOOKED_FOR = 20
MOST_NEAR = 3


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


def deterministic_id(spec: Spec, alone: bool, alike: bool = False) -> str:
    """The id that a spec's deployment gets.

    It is made of the name, where a list has several of a name of model and address too, and where several of them are ``alike`` of
    the further parts of the backend.
    """
    if alone:
        return id_of_name(spec.model_name)
    further = [spec.backend()] if alike and spec.backend() else []
    return _made_of(json.dumps([*spec.variant(), *further], sort_keys=True))


def id_of_name(model_name: str) -> str:
    """The id that the only deployment of a name gets."""
    return _made_of(model_name)


@functools.cache
def _made_of(text: str) -> str:
    """A run asks for each spec's id several times."""
    return str(uuid.uuid5(NAMESPACE, text))


def wanted_ids(specs: t.Sequence[Spec]) -> list[str]:
    """The ids under which the specs' deployments would have been made."""
    names = collections.Counter(spec.model_name for spec in specs)
    variants = collections.Counter(spec.variant() for spec in specs)
    return [spec.model_id or deterministic_id(spec, names[spec.model_name] == 1, variants[spec.variant()] > 1) for spec in specs]


def unseen_ids(specs: t.Sequence[Spec], entries: t.Sequence[Deployment]) -> dict[str, str]:
    """Those of these ids that are not among the entries, with the specs' names: what to look for among the saved and not served."""
    seen = {id_of(entry) for entry in entries}
    return {model_id: spec.model_name for model_id, spec in zip(wanted_ids(specs), specs) if model_id not in seen}


class Targets:
    """The deployments that the specs of one list mean. ``collapse`` says that further ones of a name and backend are to go."""

    def __init__(self, specs: t.Sequence[Spec], entries: t.Sequence[Deployment], collapse: bool = False) -> None:
        self._collapse = collapse
        self._by_id = {id_of(entry): entry for entry in entries}
        self._ids = dict(zip([spec.position for spec in specs], wanted_ids(specs)))
        self._names = collections.Counter(spec.model_name for spec in specs)
        self._variants = collections.Counter(spec.variant() for spec in specs)
        self._of_name: dict[str, list[Deployment]] = {}
        self._config_names: set[str] = set()
        self._known_names: set[str] = set()
        self._looked_for = 0
        for entry in sorted(entries, key=id_of):
            kind = classify(entry)
            if kind == CONFIG:
                self._config_names.add(entry["model_name"])
            elif kind != TEAM:
                self._of_name.setdefault(entry["model_name"], []).append(entry)
            if kind != TEAM:
                self._known_names.add(entry["model_name"])
        # Ids that specs name are no duplicates of anything, and what we made for a spec belongs to it, whatever it is called now.
        self._named = {spec.model_id for spec in specs if spec.model_id}
        self._claimed = {self.new_id(spec) for spec in specs if self._has_claim(spec)}
        self._found: dict[int, Deployment | ModelError | None] = {}
        self._duplicates: dict[int, list[Deployment]] = {}
        self._find_all(specs)
        self._collisions = self._find_collisions(specs)

    def new_id(self, spec: Spec) -> str:
        """The id that the spec's deployment has if we made it, and gets if we make it."""
        return self._ids[spec.position]

    def in_config(self, model_name: str) -> bool:
        """Whether LiteLLM's config.yaml has a model of that name."""
        return model_name in self._config_names

    def has_id(self, model_id: str) -> bool:
        """Whether there is a deployment of that id, under any name."""
        return model_id in self._by_id

    def find(self, spec: Spec) -> Found:
        """The spec's deployment and its duplicates. Raises ModelConflict where no rule decides, or two specs mean the same."""
        found = self._found[spec.position]
        if isinstance(found, ModelError):
            raise found
        if spec.position in self._collisions:
            raise ModelConflict(
                spec.model_name,
                f"entries {listed(self._collisions[spec.position])} of the list match the same deployment in LiteLLM",
            )
        return found, self._duplicates.get(spec.position, [])

    def of_the_name(self, model_name: str) -> list[Deployment]:
        """All deployments of a name that a spec may mean."""
        return self._of_name.get(model_name, [])

    def unmatched(self, spec: Spec) -> list[Deployment]:
        """Deployments of the name of a spec with no id of its own that no spec means."""
        return [] if spec.model_id else [entry for entry in self._unclaimed(spec) if id_of(entry) not in self._named]

    def left_over(self, specs: t.Iterable[Spec]) -> dict[str, list[Deployment]]:
        """Deployments of names that the specs want present, which no spec means and which are no duplicates, by name."""
        taken = {id_of(entry) for entries in self._duplicates.values() for entry in entries} | self._claimed | self._named
        taken |= {id_of(found) for found in self._found.values() if found is not None and not isinstance(found, ModelError)}
        wanted = {spec.model_name for spec in specs if spec.state != ABSENT and not isinstance(self._found[spec.position], ModelError)}
        left = {name: [entry for entry in self.of_the_name(name) if id_of(entry) not in taken] for name in sorted(wanted)}
        return {name: entries for name, entries in left.items() if entries}

    def similar_names(self, model_name: str, likeness: float = LIKE) -> list[str]:
        """Names that LiteLLM has, that no spec has, and that look like this one, the nearest first; nothing once this was asked often."""
        self._looked_for += 1
        if self._looked_for > MOST_LOOKED_FOR:
            return []
        return near_names(model_name, self._known_names - set(self._names), MOST_NEAR, likeness)

    # --- each spec's deployment -------------------------------------------------------------------------------------------

    def _has_claim(self, spec: Spec) -> bool:
        """Whether the deployment of a spec's id is that spec's alone. An id that renames one leaves it to a spec of the old name, too."""
        there = self._by_id.get(self.new_id(spec))
        if there is None:
            return False
        if there["model_name"] != spec.model_name:
            return not spec.model_id and spec.state != ABSENT
        return bool(spec.model_id) or spec.state != ABSENT or _closeness(spec, there) != OTHER

    def _find_all(self, specs: t.Sequence[Spec]) -> None:
        """Fill in what each spec means. The surest go first, because each takes its deployment from those after it."""
        several = [spec for spec in specs if not spec.model_id and self._names[spec.model_name] > 1]
        for spec in specs:
            if spec.model_id:
                self._decide(spec, self._by_given_id)
            elif spec.state != ABSENT and self._names[spec.model_name] == 1:
                self._decide(spec, self._only_of_its_name)
        for find in (self._by_made_id, self._of_same_backend):
            for spec in several:
                if spec.state != ABSENT:
                    self._decide(spec, find)
        for spec in specs:
            if spec.state == ABSENT:
                self._decide(spec, self._to_delete)
        for find in (self._of_likely_backend, self._of_same_address):
            for spec in several:
                self._decide(spec, find)
        for spec in specs:
            found = self._found.setdefault(spec.position, None)
            # An id that a spec names says nothing about others of the name.
            if self._collapse and isinstance(found, dict) and spec.state != ABSENT and not spec.model_id:
                self._duplicates[spec.position] = self._duplicates_of(spec, found)

    def _decide(self, spec: Spec, find: t.Callable[[Spec], Deployment | None]) -> None:
        """Note what one rule finds for a spec that has nothing yet."""
        if self._found.get(spec.position) is not None:
            return
        try:
            found = find(spec)
        except ModelError as error:
            self._found[spec.position] = error
            return
        if found is not None:
            self._found[spec.position] = found
            if not spec.model_id:
                self._claimed.add(id_of(found))

    def _by_given_id(self, spec: Spec) -> Deployment | None:
        entry = self._made(spec)
        if entry is None or entry["model_name"] == spec.model_name:
            return entry
        there = "model_id {0} belongs to the model {1}".format(id_of(entry), entry["model_name"])
        if spec.state == ABSENT:
            raise ModelConflict(spec.model_name, f"{there}, so nothing is deleted: correct model_name or model_id")
        if self.of_the_name(spec.model_name) or self.in_config(spec.model_name):
            raise ModelConflict(
                spec.model_name,
                f"{there}, and LiteLLM has a model {spec.model_name} already, so it is not renamed: correct model_name or model_id",
            )
        return entry

    def _made(self, spec: Spec) -> Deployment | None:
        """The deployment of the spec's id, given or made. Raises ModelConflict where it is not for us to write."""
        entry = self._by_id.get(self.new_id(spec))
        if entry is not None and classify(entry) == CONFIG:
            raise ModelConflict(spec.model_name, f"{id_of(entry)} is defined in LiteLLM's config.yaml: change it there")
        if entry is not None and classify(entry) == TEAM and entry["model_name"] != spec.model_name:
            team = entry["model_info"]["team_id"]
            raise ModelConflict(spec.model_name, f"{id_of(entry)} is a model of the team {team}: change it in LiteLLM")
        return entry

    def _by_made_id(self, spec: Spec) -> Deployment | None:
        return self._made(spec)

    def _unclaimed(self, spec: Spec) -> list[Deployment]:
        return [entry for entry in self.of_the_name(spec.model_name) if id_of(entry) not in self._claimed]

    def _only_of_its_name(self, spec: Spec) -> Deployment | None:
        """What the only spec of a name means."""
        own = self._made(spec)
        candidates = self._unclaimed(spec) if own is None else [own, *self._unclaimed(spec)]
        if len(candidates) < 2:
            return candidates[0] if candidates else None
        for closeness in (SAME, LIKELY):
            group = [entry for entry in candidates if _closeness(spec, entry) == closeness]
            if len(group) == 1:
                return group[0]
            if group:
                return own or self._one_of(spec, group)
        return own or self._one_of(spec, candidates)

    def _of_same_backend(self, spec: Spec) -> Deployment | None:
        """Among several specs of a name: one with its very backend."""
        return next((entry for entry in self._unclaimed(spec) if _closeness(spec, entry) == SAME), None)

    def _of_likely_backend(self, spec: Spec) -> Deployment | None:
        """Among several specs of a name: one that has more than the spec gives."""
        likely = [entry for entry in self._unclaimed(spec) if _closeness(spec, entry) == LIKELY]
        return self._one_of(spec, likely, sure=True) if likely else None

    def _of_same_address(self, spec: Spec) -> Deployment | None:
        """Where one of several specs of a name has this model and address: what has them too, and gets another region or credential."""
        if self._variants[spec.variant()] > 1:
            return None
        there = [entry for entry in self._unclaimed(spec) if _address(entry["litellm_params"]) == spec.variant()[1:]]
        return self._one_of(spec, there, sure=True) if there else None

    def _to_delete(self, spec: Spec) -> Deployment | None:
        """What a spec that says "absent" takes away: what has all that it names. Raises ModelConflict where it may be several."""
        if spec.model_id:
            return None
        candidates = [entry for entry in self._unclaimed(spec) if _closeness(spec, entry) != OTHER]
        own = self._made(spec) if self._has_claim(spec) else None
        if own is not None:
            candidates.insert(0, own)
        described = [entry for entry in candidates if id_of(entry) == deterministic_id(spec, alone=False, alike=True)]
        candidates = described or candidates
        if len(candidates) < 2:
            return candidates[0] if candidates else None
        found = self._one_of(spec, candidates)
        self._duplicates[spec.position] = [entry for entry in candidates if entry is not found]
        return found

    def _one_of(self, spec: Spec, group: t.Sequence[Deployment], sure: bool = False) -> Deployment:
        """One of several that nothing tells apart. Raises ModelConflict where they differ, or are not to be taken for one another."""
        if len(group) == 1 or (_are_alike(group) and (self._collapse or sure)):
            return group[0]
        ids = ", ".join(sorted(id_of(entry) for entry in group))
        if _are_alike(group):
            raise ModelConflict(
                spec.model_name,
                f"LiteLLM has {len(group)} deployments of it ({ids}): give model_id, or set duplicates to collapse",
            )
        raise ModelConflict(
            spec.model_name,
            f"LiteLLM has {len(group)} deployments of it that differ, and the entry may match any of them: give its model_id, "
            f"or {EACH_ITS_OWN}. "
            f"They are: {first_of_many([describe_backend(entry, group) for entry in group])}",
        )

    def _duplicates_of(self, spec: Spec, keep: Deployment) -> list[Deployment]:
        """Further ones of a deployment's name that have its backend: the one that it has, or the one that the spec gives it."""
        others = [entry for entry in self._unclaimed(spec) if entry is not keep and id_of(entry) not in self._named]
        if not others:
            return []
        address = {key: value for key, value in zip(("model", "api_base"), spec.variant()[1:]) if value}
        now = keep["litellm_params"]
        backends = (_backend(now), _backend({**now, **address, **spec.backend()}))
        return [entry for entry in others if _backend(entry["litellm_params"]) in backends]

    def _find_collisions(self, specs: t.Sequence[Spec]) -> dict[int, list[int]]:
        """Position of a spec -> positions of all specs that mean its deployment, where they are several."""
        meant: dict[str, list[int]] = {}
        for spec in specs:
            found = self._found[spec.position]
            if not isinstance(found, ModelError):
                meant.setdefault(id_of(found) if found else self.new_id(spec), []).append(spec.position)
        return {position: positions for positions in meant.values() if len(positions) > 1 for position in positions}


# --- backends -------------------------------------------------------------------------------------------------------------------


def _address(params: t.Mapping[str, t.Any]) -> tuple[str, str]:
    return (params.get("model") or "", params.get("api_base") or "")


def _is_unknown(wanted: t.Any, have: t.Any) -> bool:
    """Whether two values cannot be compared: LiteLLM masks one, or shows what it read from its environment."""
    return has_mask(have) or (have is not None and isinstance(wanted, str) and wanted.startswith(ENVIRONMENT_PREFIX))


def _closeness(spec: Spec, entry: Deployment) -> int:
    """How much of the spec's backend a deployment has. Of one that is to be absent only what it names counts."""
    params = entry["litellm_params"]
    given, have = spec.backend(), backend_of(params)
    sure = given == have
    if spec.state == ABSENT:
        given.update({key: value for key, value in zip(("model", "api_base"), spec.variant()[1:]) if value})
        have.update({key: value for key, value in zip(("model", "api_base"), _address(params)) if value})
    elif _address(params) != spec.variant()[1:]:
        return OTHER
    if any(have.get(name) != value and not _is_unknown(value, have.get(name)) for name, value in given.items()):
        return OTHER
    return SAME if sure else LIKELY


def _backend(params: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """All that LiteLLM shows of a deployment's backend: every parameter with a value that does not only say how it is used."""
    told_apart = {name: value for name, value in params.items() if name not in USE and value not in (None, False, "", [], {})}
    told_apart.pop("custom_llm_provider", None)
    told_apart.update(backend_of(params))
    return told_apart


def _are_alike(entries: t.Sequence[Deployment]) -> bool:
    """Whether deployments lead to one backend, as far as LiteLLM shows it."""
    backends = [_backend(entry["litellm_params"]) for entry in entries]
    return all(backend == backends[0] for backend in backends)


def describe_backend(entry: Deployment, beside: t.Sequence[Deployment]) -> str:
    """A deployment's id, its model, and in what its backend differs from those beside it. Without secrets."""
    backend = _backend(entry["litellm_params"])
    others = [_backend(other["litellm_params"]) for other in beside]
    shown = ["litellm_model {0}".format(backend.pop("model", "none"))]
    for name in sorted({name for other in (*others, backend) for name in other} - {"model"}):
        if any(other.get(name) != backend.get(name) for other in others) or name == "api_base":
            shown.append("{0} {1}".format(name, _shown(name, backend.get(name, "none"))))
    return "{0} ({1})".format(id_of(entry), ", ".join(shown))


def _shown(name: str, value: t.Any) -> t.Any:
    """A parameter to show: of an address only what names the server."""
    if name != "api_base" or not isinstance(value, str):
        return without_secrets(name, value)
    scheme, slashes, rest = value.partition("?")[0].partition("://")
    return scheme + slashes + rest.rpartition("@")[2]
