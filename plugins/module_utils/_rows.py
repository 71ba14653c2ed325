# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

"""Deployments x model specs x rows -> what has to happen to LiteMaaS's ``models`` table. Pure.

The mapping and the equality are those of the LiteMaaS backend's own sync, so that neither undoes what the other did:

* What JavaScript takes for false (0, the empty text) is written as NULL, the only form that the backend's check takes for
  equal. Only costs are the same whether they are 0 or NULL.
* ``features`` are written in the order in which the backend compares them. It writes them itself in another one, and takes that for a
  difference at its next sync, so it is one here too, whoever is right about the rest of the row.
* Some deployments the backend writes at each of its syncs, whatever the row has, because it compares types too (a limit that is a
  text). With their rows there is no agreement, so only what really differs counts.
* ``metadata`` is never a reason to write, as for the backend: the same model has another one in each of LiteLLM's lists. It
  is written along with another change, and where the one that is there holds a secret.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import json
import math
import re
import typing as t
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from ansible_collections.litemaas.models.plugins.module_utils._counted import counted, of_many
from ansible_collections.litemaas.models.plugins.module_utils._errors import InputError, ModelError, Refused
from ansible_collections.litemaas.models.plugins.module_utils._fields import (
    BY_COLUMN,
    FIELDS,
    PERSON,
    hmac_key,
    read_option,
    to_bool,
    to_int,
    to_text,
)
from ansible_collections.litemaas.models.plugins.module_utils._hints import unmatched_patterns, unmatched_providers
from ansible_collections.litemaas.models.plugins.module_utils._identity import (
    DATABASE,
    TEAM,
    WILDCARD,
    Targets,
    classify,
    id_of,
    id_of_name,
)
from ansible_collections.litemaas.models.plugins.module_utils._patterns import Patterns, any_matches, compile_patterns
from ansible_collections.litemaas.models.plugins.module_utils._redact import (
    Redactor,
    has_mask,
    is_masked,
    may_hold_secret,
    secrets_in,
    without_secrets,
)
from ansible_collections.litemaas.models.plugins.module_utils._specs import ABSENT, Spec

if t.TYPE_CHECKING:
    from ansible_collections.litemaas.models.plugins.module_utils._restore import Restoration

Deployment = t.Dict[str, t.Any]
Row = t.Dict[str, t.Any]
# Name of a column -> its type as PostgreSQL writes it.
Types = t.Mapping[str, str]

LITELLM_WINS = "litellm_wins"
DATABASE_WINS = "database_wins"
MERGE = "merge"

CREATED = "created"
UPDATED = "updated"
UNCHANGED = "unchanged"
RETIRED = "retired"
DELETED = "deleted"
RETAINED = "retained"
RESTORED = "restored"
FAILED = "failed"
SKIPPED = "skipped"

NOT_THERE = "LiteLLM does not have it"
# Of a list that nothing before the sync brings into LiteLLM.
NOT_APPLIED = (
    NOT_THERE
    + ". A sync creates no model there: run litellm_model with the same list first (in the playbook the part models: without --tags, "
    "or with --tags models)"
)
STAYS_HIDDEN = "a person made it unavailable, and it stays so (keep_hidden)"

LONGEST_RETENTION_DAYS = 36500

AVAILABLE = "available"
UNAVAILABLE = "unavailable"

# What the backend always writes.
CATEGORY = "Language Model"
VERSION = "1.0"
UNKNOWN_PROVIDER = "unknown"

COSTS = ("input_cost_per_token", "output_cost_per_token")
COUNTS = ("context_length", "max_tokens", "rpm", "tpm")
# (capability in model_info and column, feature) in the order in which the backend compares features.
CAPABILITIES = (
    ("supports_function_calling", "function_calling"),
    ("supports_parallel_function_calling", "parallel_function_calling"),
    ("supports_tool_choice", "tool_choice"),
    ("supports_vision", "vision"),
)

# Options of a model spec that go into the row as they are; everything else goes to LiteLLM and comes back from there.
PRESENTATION = tuple(
    field for field in FIELDS if field.column and any(path == ("model_info", "litemaas_{0}".format(field.option)) for path in field.paths)
)
# Never touched in a row that is there unless a spec of the list says so: a change of access has consequences of its own.
ONLY_GIVEN = frozenset(("restricted_access",))
# Columns that hold LiteLLM's word under every conflict resolution.
ALWAYS_LITELLM = frozenset(("litellm_model_id", "availability"))

# What only one of LiteLLM's lists shows, and what this collection keeps for itself.
_VOLATILE = re.compile(r"^(access_via_team_ids|direct_access|litemaas_writing|litemaas_.*_hmac)$")

_COST_UNIT = Decimal("0.0000000001")
_INTEGERS = {"smallint": 2**15, "integer": 2**31, "bigint": 2**63}

_redact = Redactor()


@dataclasses.dataclass(frozen=True)
class Policy:
    """How a sync decides."""

    pull: bool = True
    conflict: str = LITELLM_WINS
    force_update: bool = False
    mark_unavailable: bool = False
    require_pricing: bool = False
    allow_empty: bool = False
    keep_hidden: bool = False
    # Whether a step before this one applies the list to LiteLLM.
    applied: bool = False

    @classmethod
    def read(cls, params: t.Mapping[str, t.Any]) -> Policy:
        """The policy of a module's options."""
        names = ("pull", "force_update", "mark_unavailable", "require_pricing", "allow_empty", "keep_hidden")
        return cls(conflict=params["conflict_resolution"], applied=params["predict_models"], **{name: params[name] for name in names})


@dataclasses.dataclass(frozen=True)
class CleanupPolicy:
    """How a cleanup decides. ``now`` is what retention is counted from; ``retention_days`` 0 is none."""

    now: datetime.datetime
    delete: bool = True
    delete_subscriptions: bool = False
    retention_days: float = 0.0

    @classmethod
    def read(cls, params: t.Mapping[str, t.Any], now: datetime.datetime) -> CleanupPolicy:
        """The policy of a module's options. Raises InputError."""
        days = params["retention_days"]
        if not 0 <= days <= LONGEST_RETENTION_DAYS:
            raise InputError("retention_days must be between 0 and {0}".format(LONGEST_RETENTION_DAYS))
        return cls(now, params["strategy"] == "delete", params["subscriptions"] == "delete", days)


@dataclasses.dataclass
class Change:
    """What happens to one model.

    ``columns`` are the values to write, ``before`` the values that differ from them ({} for a new row). ``usage`` says who
    is hit by a removal, ``restricted`` whether the model that is removed needs an approval. ``leaves`` says that the model leaves
    LiteLLM in this run, and ``row`` what that does to its row, if this change is not that itself.
    """

    model_name: str
    action: str
    reason: str = ""
    columns: Row = dataclasses.field(default_factory=dict)
    before: Row = dataclasses.field(default_factory=dict)
    usage: t.Optional[Usage] = None
    restricted: t.Optional[bool] = None
    leaves: bool = False
    row: t.Optional[Change] = None

    @property
    def changed(self) -> t.List[str]:
        """Columns whose value really changes."""
        return sorted(self.columns) if self.action == CREATED else sorted(self.before)

    @property
    def retires(self) -> bool:
        """Whether an available row becomes unavailable, with the cascade."""
        return self.action in (RETIRED, RETAINED) and bool(self.columns)

    @property
    def removes(self) -> bool:
        """Whether the guard has to allow it."""
        return self.retires or self.action == DELETED


@dataclasses.dataclass
class Usage:
    """Who uses a model: all subscriptions ever, those that are active, the keys and every person behind either.

    ``keys`` has one ``{"id", "user", "active", "models"}`` per API key that may use the model; ``models`` is the set of all models of
    that key.
    """

    subscriptions: int = 0
    active_subscriptions: int = 0
    users: t.FrozenSet[str] = frozenset()
    keys: t.Tuple[t.Mapping[str, t.Any], ...] = ()


@dataclasses.dataclass
class Plan:
    """What a run will do.

    ``total`` counts the models of LiteLLM it is about, ``rows`` and ``live`` (available) those of the table. ``refusal`` is
    why removals were taken out of the plan; ``cascade`` counts what came with those that were carried out. ``orphans`` are the rows
    that a cleanup would look at, ``hidden`` those that stay unavailable because a person made them so. ``restored`` is what models
    get back of earlier removals, ``not_restored`` a sentence for each kind of thing that they do not. ``checksum`` is that of the plan
    as it was decided. ``rights_missing`` are the rights to the database without which a run would be refused, in check mode.
    """

    changes: t.List[Change] = dataclasses.field(default_factory=list)
    errors: t.List[str] = dataclasses.field(default_factory=list)
    warnings: t.List[str] = dataclasses.field(default_factory=list)
    total: int = 0
    rows: int = 0
    live: int = 0
    refusal: t.Optional[Refused] = None
    cascade: t.Dict[str, int] = dataclasses.field(default_factory=dict)
    orphans: t.List[str] = dataclasses.field(default_factory=list)
    hidden: t.List[str] = dataclasses.field(default_factory=list)
    restored: t.List[Restoration] = dataclasses.field(default_factory=list)
    not_restored: t.List[str] = dataclasses.field(default_factory=list)
    checksum: str = ""
    rights_missing: t.List[str] = dataclasses.field(default_factory=list)

    def of(self, *actions: str) -> t.List[Change]:
        """The changes with one of these actions."""
        return [change for change in self.changes if change.action in actions]

    @property
    def retiring(self) -> t.List[Change]:
        """The changes that make an available row unavailable, with the cascade."""
        return [change for change in self.changes if change.retires]

    @property
    def removals(self) -> t.List[Change]:
        """What the guard has to allow."""
        return self.retiring + self.of(DELETED)

    @property
    def writes(self) -> bool:
        """Whether anything is written."""
        return bool(self.of(CREATED, UPDATED) or self.removals or self.restored)

    @property
    def failures(self) -> t.List[str]:
        """A sentence for each failure."""
        return self.errors + ([self.refusal.message] if self.refusal else [])

    def spare(self, names: t.Collection[str], reason: str) -> None:
        """Take some removals out of the plan."""
        for change in self.removals:
            if change.model_name in names:
                change.action, change.columns, change.before, change.reason = SKIPPED, {}, {}, reason

    def withhold(self, refusal: Refused) -> None:
        """Take the removals out of the plan; the rest of it goes on."""
        self.refusal = refusal
        for change in self.removals:
            change.action, change.columns, change.before = FAILED, {}, {}
            change.reason = "not removed: {0}".format(refusal.details["reason"])


# --- selection -----------------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Selection:
    """Which models a run is about. Patterns are regular expressions that must match the whole name."""

    providers: t.FrozenSet[str] = frozenset()
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


def unmatched(selection: Selection, offer: Offer, rows: t.Mapping[str, Row], specs: t.Iterable[Spec] = ()) -> t.List[str]:
    """A sentence for each part of a selection that takes no model, of LiteLLM, of the list or of LiteMaaS, and may be mistyped."""
    wanted = list(specs)
    names = {*offer.models, *offer.others, *rows, *(spec.model_name for spec in wanted)}
    if not names or selection == Selection():
        return []
    entries = [entry for entries in offer.models.values() for entry in entries]
    providers = [provider for spec in wanted for provider in (spec.provider, spec.options.get("provider"))]
    providers += [_provider(entry["litellm_params"]) for entry in entries]
    providers += [entry["model_info"].get("litemaas_provider") for entry in entries] + [row.get("provider") for row in rows.values()]
    return [
        *unmatched_providers(selection.providers, providers),
        *unmatched_patterns("model_patterns", selection.patterns or (), names, True),
        *unmatched_patterns("exclude_patterns", selection.excluded or (), names, False),
    ]


# --- LiteLLM's side ------------------------------------------------------------------------------------------------------


@dataclasses.dataclass
class Offer:
    """What LiteLLM has: deployments by model name, names that are no models of ours with the reason, and wildcards.

    ``kept`` are those of the others that LiteLLM does not list: saved and not served, or an alias.
    """

    models: t.Dict[str, t.List[Deployment]] = dataclasses.field(default_factory=dict)
    others: t.Dict[str, str] = dataclasses.field(default_factory=dict)
    wildcards: t.List[str] = dataclasses.field(default_factory=list)
    kept: t.Dict[str, str] = dataclasses.field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether LiteLLM has nothing in any form."""
        return not (self.models or self.others or self.wildcards)

    def keep(self, reasons: t.Mapping[str, str]) -> None:
        """Names that LiteLLM has without listing them, each with the reason: they are no models now, and no orphans."""
        self.kept.update({name: reason for name, reason in reasons.items() if name not in self.models})
        self.others.update(self.kept)

    def has(self, name: str) -> t.Optional[str]:
        """Why a row of that name is no orphan, or None where it is one."""
        if name in self.models:
            return "LiteLLM has it"
        if name in self.others:
            return self.others[name]
        for wildcard in self.wildcards:
            if matches_wildcard(wildcard, name):
                return "LiteLLM serves it by the wildcard {0}".format(wildcard)
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
    names_of: t.Dict[t.Optional[str], t.Set[str]] = {}
    for entry in entries:
        names_of.setdefault(_id(entry), set()).add(entry["model_name"])
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
        elif "*" not in name and _id(entry) is not None and len(names_of[_id(entry)]) > 1:
            offer.others[name] = "it is one of the models of a wildcard"
        else:
            offer.models.setdefault(name, []).append(entry)
    for name in offer.models:
        offer.others.pop(name, None)
    return offer


def _id(entry: Deployment) -> t.Optional[str]:
    value = entry["model_info"].get("id")
    return None if value is None else str(value)


def choose(entries: t.Sequence[Deployment], *preferred: t.Optional[str]) -> Deployment:
    """The one of several deployments of a model that its row shows: the first preferred id that is there, else the lowest."""
    by_id = {_id(entry) or "": entry for entry in entries}
    for model_id in preferred:
        if model_id and model_id in by_id:
            return by_id[model_id]
    return by_id[min(by_id)]


# --- one deployment as a row ---------------------------------------------------------------------------------------------


def _truthy(value: t.Any) -> bool:
    """What JavaScript takes for true."""
    if isinstance(value, float) and math.isnan(value):
        return False
    return not (value is None or value is False or value == "" or (isinstance(value, (int, float)) and value == 0))


def _first(one: t.Any, other: t.Any) -> t.Any:
    """JavaScript's ``one || other``."""
    return one if _truthy(one) else other


def map_deployment(entry: Deployment) -> Row:
    """The row that the backend's own sync would write for a deployment, without description and metadata. Raises ModelError.

    A cost that LiteLLM shows only masked is not in the row: it is unknown.
    """
    name, params, info = entry["model_name"], entry["litellm_params"], entry["model_info"]
    readers: t.Dict[str, t.Callable[[], t.Any]] = {
        "id": lambda: to_text(name),
        "name": lambda: to_text(name),
        "provider": lambda: to_text(_provider(params)),
        "backend_model_name": lambda: _text(_backend_model_name(params)),
        "category": lambda: CATEGORY,
        "version": lambda: VERSION,
        "supports_streaming": lambda: True,
        "availability": lambda: AVAILABLE,
        "context_length": lambda: _count(info.get("max_tokens")),
        "max_tokens": lambda: _count(info.get("max_tokens")),
        "rpm": lambda: _count(params.get("rpm")),
        "tpm": lambda: _count(params.get("tpm")),
        "api_base": lambda: _text(params.get("api_base")),
        "litellm_model_id": lambda: _text(_id(entry)),
    }
    for column, _feature in CAPABILITIES:
        readers[column] = functools.partial(_capability, info.get(column))
    for column in COSTS:
        value = _first(info.get(column), params.get(column))
        if not is_masked(value):
            readers[column] = functools.partial(_cost, value)
    readers["features"] = lambda: _features(info)
    return {column: _read(name, column, reader) for column, reader in readers.items()}


def check_metadata(entry: Deployment) -> None:
    """Raise ModelError where a deployment has no metadata that can be stored, without making it: it is longer than all else."""
    if _storable([entry["litellm_params"], entry["model_info"]]) is None:
        # What is left out of the metadata may be what cannot be stored.
        map_metadata(entry)


def map_metadata(entry: Deployment) -> Row:
    """The metadata of a deployment's row, without secrets. Raises ModelError."""
    info = entry["model_info"]
    # What has an HMAC beside it was given as a secret, whatever its name is.
    open_params = {key: value for key, value in entry["litellm_params"].items() if hmac_key(key) not in info}
    metadata = {"litellm_model_info": info, "litellm_params": open_params}
    return t.cast("Row", _read(entry["model_name"], "metadata", lambda: clean_metadata(metadata)))


def _read(name: str, column: str, reader: t.Callable[[], t.Any]) -> t.Any:
    try:
        return reader()
    except ValueError as error:
        raise ModelError(name, "{0} {1}".format(column, error)) from None


def _provider(params: Row) -> t.Any:
    model = params.get("model")
    prefix = model.split("/", 1)[0] if isinstance(model, str) and "/" in model else UNKNOWN_PROVIDER
    return _first(params.get("custom_llm_provider"), prefix)


def _backend_model_name(params: Row) -> t.Any:
    model = params.get("model")
    return model.split("/", 1)[1] if isinstance(model, str) and "/" in model else model


def _text(value: t.Any) -> t.Optional[str]:
    return to_text(value) if _truthy(value) else None


def _count(value: t.Any) -> t.Optional[int]:
    return (to_int(value) or None) if _truthy(value) else None


def _capability(value: t.Any) -> bool:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _truthy(value)
    return to_bool(value) if _truthy(value) else False


def _cost(value: t.Any) -> t.Optional[Decimal]:
    """A cost as numeric(15,10) keeps it; None stays None, an explicit 0 is 0."""
    if value is None or value is False or value == "":
        return None
    try:
        number = Decimal(repr(value) if isinstance(value, float) else str(value).strip())
        if isinstance(value, bool) or not number.is_finite():
            raise ValueError("must be a finite number")
        return number.quantize(_COST_UNIT, rounding=ROUND_HALF_UP)
    except InvalidOperation:
        raise ValueError("must be a number that fits its column") from None


def _features(info: Row) -> t.List[str]:
    # The text "false" is one: the backend's column says no, and its features yes.
    features = [feature for capability, feature in CAPABILITIES if _truthy(info.get(capability))]
    if _truthy(info.get("supports_embeddings")) or _truthy(info.get("supports_embedding")):
        features.append("embeddings")
    else:
        features.append("convert" if _truthy(info.get("supports_convert")) else "chat")
    if _truthy(info.get("supports_tokenize")):
        features.append("tokenize")
    return features


# --- metadata ------------------------------------------------------------------------------------------------------------


def clean_metadata(metadata: Row) -> Row:
    """Metadata as it is stored: without secrets, masks, and what only one of LiteLLM's lists shows. Raises ValueError."""
    cleaned: Row = {}
    for part, content in metadata.items():
        if part == "litellm_params" and isinstance(content, dict):
            content = {name: without_secrets(name, value) for name, value in content.items()}
        if part == "litellm_model_info" and isinstance(content, dict):
            content = {key: value for key, value in content.items() if not _VOLATILE.match(key)}
        text = _storable(content)
        # To look at the text is much quicker than to look at each value.
        clean = text is not None and not may_hold_secret(text) and not is_masked(text)
        cleaned[part] = content if clean else _clean(content)
    return cleaned


def _storable(value: t.Any) -> t.Optional[str]:
    """A value as JSON text, or None where PostgreSQL's jsonb may not hold it."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        text.encode("utf-8")
    except ValueError:
        return None
    return None if "\\u0000" in text else text


def _clean(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {to_text(key): _clean(member) for key, member in value.items() if not is_masked(member)}
    if isinstance(value, list):
        return [_clean(member) for member in value if not is_masked(member)]
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("holds a number that is not finite")
    return _redact.text(to_text(value)) if isinstance(value, str) else value


def holds_secret(metadata: t.Any) -> bool:
    """Whether stored metadata has a secret in the clear."""
    if not isinstance(metadata, dict):
        return False
    params = metadata.get("litellm_params")
    named = params.items() if isinstance(params, dict) else ()
    return _has_secret_text(metadata) or any(not has_mask(secret) for name, value in named for secret in secrets_in(name, value))


def _has_secret_text(value: t.Any) -> bool:
    if isinstance(value, dict):
        return any(_has_secret_text(member) for member in value.values())
    if isinstance(value, list):
        return any(_has_secret_text(member) for member in value)
    return isinstance(value, str) and not is_masked(value) and _redact.text(value) != value


# --- the row that is wanted ----------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Shown:
    """Presentation: what the list gives, what LiteLLM keeps of earlier lists, and whether the model is in the list at all."""

    given: Row
    kept: Row
    listed: bool


def read_shown(entry: Deployment, specs: t.Sequence[Spec]) -> Shown:
    """The presentation of a model, by column. Of several specs of one model the first that gives a value holds. Raises ModelError."""
    given: Row = {}
    kept: Row = {}
    for field in PRESENTATION:
        values = [spec.options[str(field.option)] for spec in specs if field.option in spec.options]
        if values:
            given[str(field.column)] = values[0]
        value = read_option(entry["model_name"], str(field.option), entry["model_info"].get("litemaas_{0}".format(field.option)))
        if value is not None:
            kept[str(field.column)] = value
    return Shown(given, kept, bool(specs))


def backend_words(entries: t.Sequence[Deployment]) -> t.Dict[str, t.Set[str]]:
    """What the backend writes into the columns that it never looks at: the words of whichever deployment LiteLLM lists last."""
    return {
        "name": {entry["model_name"] for entry in entries},
        "provider": {str(_provider(entry["litellm_params"])) for entry in entries},
        "category": {CATEGORY},
    }


def wanted_row(mapped: Row, shown: Shown, row: t.Optional[Row], conflict: str, theirs: t.Mapping[str, t.Set[str]]) -> Row:
    """The columns that a row is to have. A column that is not in it is left as it is. ``theirs`` are the backend's own words."""
    if row is None:
        return _new_row(mapped, shown)
    wanted = dict(mapped)
    del wanted["id"]
    wanted.update({column: value for column, value in shown.kept.items() if column not in ONLY_GIVEN})
    for column in list(wanted):
        have = row.get(column)
        taken_back = column in shown.kept and have in theirs.get(column, ())
        if _stays(column, have, shown, conflict, taken_back) and not is_reordered(have, wanted[column]):
            del wanted[column]
    wanted.update(shown.given)
    return wanted


def _new_row(mapped: Row, shown: Shown) -> Row:
    row: Row = dict(mapped, description=None, restricted_access=False)
    if shown.listed:
        row.update({str(field.column): field.default for field in PRESENTATION if field.default is not None})
    row.update(shown.kept)
    row.update(shown.given)
    return row


def _stays(column: str, have: t.Any, shown: Shown, conflict: str, taken_back: bool = False) -> bool:
    """Whether the row keeps what it has. ``taken_back`` is whether the backend wrote its own word over that of the list."""
    if column in ALWAYS_LITELLM or _is_empty(column, have):
        return False
    field = BY_COLUMN[column]
    if conflict == DATABASE_WINS:
        return True
    if conflict == MERGE:
        return field.owner == PERSON and not taken_back
    # The list's own default, which it wrote when the model was new.
    return shown.listed and column not in shown.kept and field.owner == PERSON and have == field.default


def _is_empty(column: str, value: t.Any) -> bool:
    return value is None or value in ("", {}, []) or (column in COUNTS and value == 0) or is_odd(column, value)


def same(column: str, have: t.Any, want: t.Any, settles: bool = True) -> bool:
    """Whether a column has what is wanted, as the backend would say; with ``settles`` false, whether they mean the same."""
    if is_odd(column, have):
        return False
    if column in COSTS:
        return (_cost(have) or 0) == (want or 0)
    if isinstance(want, bool) or isinstance(have, bool):
        return have is want
    if settles:
        return bool(have == want)
    return (have or None) == (want or None) or is_reordered(have, want)


def is_odd(column: str, value: t.Any) -> bool:
    """Whether a column holds what PostgreSQL can keep there and nobody can mean: a price that is no number, a list of lists."""
    if column in COSTS:
        return value is not None and not math.isfinite(value)
    return column == "features" and isinstance(value, list) and not all(isinstance(one, str) for one in value)


def is_reordered(have: t.Any, want: t.Any) -> bool:
    """Whether two lists have the same members."""
    return isinstance(have, list) and isinstance(want, list) and {str(one) for one in have} == set(want)


def settles(entry: Deployment) -> bool:
    """Whether the backend takes any row for one of this deployment: it compares what LiteLLM says with JavaScript's ``===``."""
    params, info = entry["litellm_params"], entry["model_info"]
    typed: t.Sequence[t.Tuple[t.Any, t.Tuple[type, ...]]] = (
        *[(info.get(column), (bool,)) for column, _feature in CAPABILITIES],
        *[(count, (int, float)) for count in (info.get("max_tokens"), params.get("rpm"), params.get("tpm"))],
        *[(text, (str,)) for text in (params.get("api_base"), info.get("id"))],
    )
    compared = all(not _truthy(value) or type(value) in types for value, types in typed)
    return compared and not any(is_masked(_first(info.get(column), params.get(column))) for column in COSTS)


def check_fits(name: str, row: Row, types: Types, codec: str = "utf-8") -> None:
    """Raise ModelError for the first value that its column cannot hold. ``codec`` is the encoding of the database."""
    for column in sorted(row):
        reason = _misfit(row[column], _read_limit(types.get(column, "text"))) or _unwritable(row[column], codec)
        if reason:
            raise ModelError(name, "{0} {1}".format(column, reason))
    for column in ("name", "provider"):
        if column in row and row[column] is None:
            raise ModelError(name, "{0} is missing".format(column))


class Limit(t.NamedTuple):
    """What a column holds: characters of a text, whole numbers below, digits before the point. None where there is no limit."""

    characters: t.Optional[int] = None
    below: t.Optional[int] = None
    digits: t.Optional[int] = None


@functools.cache
def _read_limit(kind: str) -> Limit:
    """The limit of a type as PostgreSQL writes it."""
    size = re.match(r"character.*\((\d+)\)", kind)
    number = re.match(r"numeric\((\d+),(\d+)\)", kind)
    return Limit(int(size.group(1)) if size else None, _INTEGERS.get(kind), int(number.group(1)) - int(number.group(2)) if number else None)


def _misfit(value: t.Any, limit: Limit) -> str:
    if isinstance(value, str):
        if limit.characters is not None and len(value) > limit.characters:
            return "is {0} characters long, at most {1} fit".format(len(value), limit.characters)
    elif isinstance(value, int):
        if limit.below is not None and not -limit.below <= value < limit.below:
            return "is larger than {0}".format(limit.below - 1)
    elif isinstance(value, Decimal) and limit.digits is not None and abs(value) >= Decimal(10) ** limit.digits:
        return "has more than {0} digits before the point".format(limit.digits)
    return ""


def _unwritable(value: t.Any, codec: str) -> str:
    try:
        if isinstance(value, str):
            value.encode(codec)
    except UnicodeEncodeError as error:
        return "holds {0!a}, for which the database has no room: it is not UTF-8 (but {1})".format(value[error.start], codec)
    return ""


# --- plan of a sync ------------------------------------------------------------------------------------------------------


class Sync:
    """Plans one sync.

    ``rows`` are the table's rows by id, ``types`` its columns: one that is not there is not written. ``errors`` are those
    of entries of the list that cannot be used: their models stay as they are. ``codec`` is the encoding of the database.
    """

    def __init__(
        self,
        offer: Offer,
        rows: t.Mapping[str, Row],
        types: Types,
        policy: Policy,
        selection: Selection,
        specs: t.Sequence[Spec] = (),
        errors: t.Sequence[ModelError] = (),
        codec: str = "utf-8",
    ) -> None:
        self.codec = codec
        self.specs: t.Dict[str, t.List[Spec]] = {}
        for spec in specs:
            if spec.state != ABSENT:
                self.specs.setdefault(spec.model_name, []).append(spec)
        self.errors = errors
        self.offer = offer
        self.rows = rows
        self.types = types
        self.policy = policy
        self.selection = selection
        self.hidden: t.FrozenSet[str] = frozenset()
        self.result = Plan(rows=len(rows), live=live(rows))

    def plan(self, usage: t.Mapping[str, Usage], hidden: t.FrozenSet[str] = frozenset()) -> Plan:
        """What has to happen, in the order of the models' names; removals last.

        ``usage`` is that of ``missing()``; ``hidden`` are those of ``returning()`` that no retirement made unavailable.
        """
        self.hidden = hidden
        unusable = {error.model_name for error in self.errors}
        for error in self.errors:
            self._fail(error.model_name, error)
        for name in sorted((set(self.offer.models) | set(self.specs)) - unusable):
            if name in self.specs or self.policy.pull:
                self._plan_model(name, self.specs.get(name, []))
        for name in sorted(set(self.offer.others) - set(self.specs)) if self.policy.pull else ():
            self._add(Change(name, SKIPPED, self.offer.others[name]))
        for name in self.missing():
            row = self.rows[name]
            hit = usage.get(name, Usage())
            before, restricted = _of(row, "availability"), row.get("restricted_access")
            self._add(Change(name, RETIRED, NOT_THERE, {"availability": UNAVAILABLE}, before, hit, restricted))
        tell_victims(self.result)
        self.result.warnings += unmatched(self.selection, self.offer, self.rows, [spec for specs in self.specs.values() for spec in specs])
        self.result.orphans = find_orphans(self.offer, self.rows, self.selection)
        self._warn_of_an_empty_list()
        return self.result

    def _warn_of_an_empty_list(self) -> None:
        """Say that LiteLLM has nothing, where this run removes no rows and so would not fail for it."""
        available = [name for name in self.result.orphans if self.rows[name]["availability"] != UNAVAILABLE]
        silent = self.policy.pull and not self.policy.mark_unavailable and not self.policy.allow_empty
        if silent and self.offer.is_empty and available:
            self.result.warnings.append(
                "LiteLLM answers that it has no model at all, and LiteMaaS has {0} available: is litellm_url the right proxy, and does "
                "it still have its database?".format(counted(len(available), "model"))
            )

    def missing(self) -> t.List[str]:
        """Selected available rows whose model LiteLLM does not have, if this run is to retire them. The list's own never are."""
        if not (self.policy.mark_unavailable and self.policy.pull):
            return []
        named = set(self.specs) | {error.model_name for error in self.errors}
        orphans = find_orphans(self.offer, self.rows, self.selection)
        return [name for name in orphans if name not in named and self.rows[name]["availability"] != UNAVAILABLE]

    def returning(self) -> t.List[str]:
        """Names that LiteLLM has and whose rows are not available, unless the list wants that."""
        kept = {name for name, specs in self.specs.items() if any(spec.options.get("availability") == UNAVAILABLE for spec in specs)}
        return [name for name in not_available(self.offer, self.rows) if name not in kept]

    def _plan_model(self, name: str, specs: t.Sequence[Spec]) -> None:
        entries = self.offer.models.get(name)
        if not entries:
            self._plan_absent(name, specs)
            return
        if not self.selection.takes_name(name):
            self._skip(name, specs)
            return
        row = self.rows.get(name)
        entry = self._choose(name, entries, specs, row)
        try:
            shown = read_shown(entry, specs)
            given_provider = shown.given.get("provider") or shown.kept.get("provider") or _provider(entry["litellm_params"])
            if not self.selection.takes(name, _provider(entry["litellm_params"]), given_provider):
                self._skip(name, specs)
                return
            self.result.total += 1
            self._plan_row(entry, shown, row)
        except ModelError as error:
            self._fail(name, error)

    def _choose(self, name: str, entries: t.Sequence[Deployment], specs: t.Sequence[Spec], row: t.Optional[Row]) -> Deployment:
        """The deployment that the row shows: one that the list means, else the one that we made for the name, else the row's own."""
        shown = row.get("litellm_model_id") if row else None
        if len(entries) == 1:
            return entries[0]
        ours = self._meant(specs) if specs else [id_of_name(name)]
        # Of several that the list means the row may show any.
        entry = choose(entries, shown if shown in ours else None, *ours, shown)
        others = sorted(str(_id(other)) for other in entries if _id(other) not in ours)
        if _id(entry) in ours and others:
            self.result.warnings.append(
                "{0}: LiteLLM has other deployments of it that are not in the list ({1}). Its row shows {2}, and LiteMaaS's own sync "
                "writes the values of whichever LiteLLM lists last. Add the others to the list, give them another name or "
                "delete them".format(name, ", ".join(others), _id(entry))
            )
        elif _id(entry) in ours and specs:
            self.result.warnings.append(
                "{0}: LiteLLM has several deployments of it ({1}), and LiteMaaS has one row, which shows {2}. LiteMaaS's own sync writes "
                "the values of whichever LiteLLM lists last, at each of its starts, and the next run puts back what the list says of the "
                "model".format(name, ", ".join(sorted(str(_id(one)) for one in entries)), _id(entry))
            )
        return entry

    def _meant(self, specs: t.Sequence[Spec]) -> t.List[str]:
        """Ids of the deployments that some entries of the list mean, by the rules by which they are changed in LiteLLM."""
        ids = []
        for spec in specs:
            try:
                found = self._targets.find(spec)[0]
            except ModelError:
                found = None
            ids.append(id_of(found) if found else self._targets.new_id(spec))
        return ids

    @functools.cached_property
    def _targets(self) -> Targets:
        """Made only where a name of the list has several deployments."""
        specs = [spec for specs in self.specs.values() for spec in specs]
        return Targets(specs, [entry for entries in self.offer.models.values() for entry in entries])

    def _skip(self, name: str, specs: t.Sequence[Spec]) -> None:
        """Say that a model is not selected, if the list names it."""
        if specs:
            self._add(Change(name, SKIPPED, "it is not selected"))

    def _plan_absent(self, name: str, specs: t.Sequence[Spec]) -> None:
        """A model of the list that LiteLLM does not have."""
        reason = self.offer.others.get(name, NOT_THERE if self.policy.applied else NOT_APPLIED)
        providers = [provider for spec in specs for provider in (spec.provider, spec.options.get("provider"))]
        if not self.selection.takes(name, *providers):
            self._add(Change(name, SKIPPED, "it is not selected"))
        else:
            self._fail(name, ModelError(name, reason))

    def _plan_row(self, entry: Deployment, shown: Shown, row: t.Optional[Row]) -> None:
        name, mapped = entry["model_name"], map_deployment(entry)
        if self.policy.require_pricing and lacks_pricing(mapped):
            raise ModelError(name, "missing pricing information")
        wanted = wanted_row(mapped, shown, row, self.policy.conflict, backend_words(self.offer.models[name]))
        wanted = {column: value for column, value in wanted.items() if column in self.types}
        check_fits(name, dict(wanted, id=name), self.types, self.codec)
        self._warn(name, wanted, shown, row)
        if row is None:
            self._add(Change(name, CREATED, "LiteLLM has it", self._with_metadata(wanted, entry)))
            return
        stays_hidden = self._stays_hidden(name, wanted, shown)
        if stays_hidden:
            del wanted["availability"]
        self._plan_update(entry, wanted, shown, row)
        if stays_hidden:
            self.result.hidden.append(name)
            change = self.result.changes[-1]
            change.reason = "{0}; {1}".format(change.reason, STAYS_HIDDEN) if change.reason else STAYS_HIDDEN

    def _stays_hidden(self, name: str, wanted: Row, shown: Shown) -> bool:
        """Whether a row that a person hid is to stay so; where it is to be shown, that is told."""
        if name not in self.hidden or wanted["availability"] != AVAILABLE:
            return False
        listed = "availability" in shown.given
        if self.policy.keep_hidden and not listed:
            return True
        if self.policy.keep_hidden:
            because = ", because the models file says availability: available. Remove that from its entry to keep it hidden"
        else:
            because = ". Set keep_hidden: true to leave such models hidden"
        self.result.warnings.append(
            "{0}: a person made it unavailable (no retirement did), and it is available again{1}".format(name, because)
        )
        return False

    def _plan_update(self, entry: Deployment, wanted: Row, shown: Shown, row: Row) -> None:
        """What has to happen to a row that is there."""
        name = entry["model_name"]
        # Of several deployments of a name the backend writes one after the other.
        agreeing = len(self.offer.models[name]) == 1 and settles(entry)
        differing = [column for column in wanted if not same(column, row.get(column), wanted[column], agreeing)]
        stored = row.get("metadata")
        leaks = holds_secret(stored)
        if leaks:
            differing.append("metadata")
        if not differing and not self.policy.force_update:
            check_metadata(entry)
            self._add(Change(name, UNCHANGED))
            return
        if leaks or not _stays("metadata", stored, shown, self.policy.conflict):
            wanted = self._with_metadata(wanted, entry)
        else:
            check_metadata(entry)
        before = _of(row, *sorted(differing))
        reason = "differs in {0}".format(", ".join(before)) if before else "force_update"
        self._add(Change(name, UPDATED, reason, wanted, before))

    def _with_metadata(self, wanted: Row, entry: Deployment) -> Row:
        """The columns to write with the metadata, which is made for what is written only."""
        return dict(wanted, metadata=map_metadata(entry)) if "metadata" in self.types else wanted

    def _warn(self, name: str, wanted: Row, shown: Shown, row: t.Optional[Row]) -> None:
        """Say what will not last, and what a write to the table does not do."""
        for column, fixed, shown_as in (("supports_streaming", True, "true"), ("availability", AVAILABLE, AVAILABLE)):
            if wanted.get(column, fixed) != fixed:
                self.result.warnings.append(
                    "{0}: LiteMaaS's own sync sets {1} to {2} again whenever it runs".format(name, column, shown_as)
                )
        if shown.given.get("restricted_access") and row is not None and row.get("restricted_access") is False:
            self.result.warnings.append(
                "{0}: restricted_access holds for new subscriptions; those that are active stay so. Change it in LiteMaaS's admin pages "
                "to have them approved anew".format(name)
            )
        if _has_login(wanted.get("api_base")):
            self.result.warnings.append("{0}: api_base holds a password, and LiteMaaS shows api_base to everybody".format(name))

    def _fail(self, name: str, error: ModelError) -> None:
        self._add(Change(name, FAILED, error.reason))
        self.result.errors.append(error.message)

    def _add(self, change: Change) -> None:
        self.result.changes.append(change)


def lacks_pricing(mapped: Row) -> bool:
    """Whether a cost is unknown. Embeddings have no output, so no price for it."""
    needed = COSTS[:1] if "embeddings" in (mapped["features"] or ()) else COSTS
    return any(mapped.get(column) is None for column in needed)


def _has_login(address: t.Any) -> bool:
    return isinstance(address, str) and bool(re.search(r"://[^/\s@]*:[^/\s@]+@", address))


def _of(row: Row, *columns: str) -> Row:
    return {column: row.get(column) for column in columns}


def live(rows: t.Mapping[str, Row]) -> int:
    return sum(1 for row in rows.values() if row["availability"] != UNAVAILABLE)


# --- orphans -------------------------------------------------------------------------------------------------------------


def find_orphans(offer: Offer, rows: t.Mapping[str, Row], selection: Selection) -> t.List[str]:
    """Selected rows whose model LiteLLM does not have in any form, in order."""
    return [name for name in sorted(rows) if offer.has(name) is None and selection.takes(name, rows[name].get("provider"))]


def not_available(offer: Offer, rows: t.Mapping[str, Row]) -> t.List[str]:
    """Names that LiteLLM has and whose rows say something else than available: nobody sees such a model in LiteMaaS."""
    return [name for name in offer.models if name in rows and rows[name].get("availability") != AVAILABLE]


def rows_to_come(
    offer: Offer,
    rows: t.Mapping[str, Row],
    selection: Selection,
    specs: t.Sequence[Spec],
    pull: bool,
    hidden: t.FrozenSet[str] = frozenset(),
) -> t.Dict[str, Row]:
    """The rows as a sync will leave them, as far as a guard counts them: which there are, and which of them are available.

    ``hidden`` are those that a sync leaves as they are unless the list says something else.
    """
    of_name: t.Dict[str, t.List[Spec]] = {}
    for spec in specs:
        if spec.state != ABSENT:
            of_name.setdefault(spec.model_name, []).append(spec)
    coming = dict(rows)
    for name in offer.models if pull else [name for name in of_name if name in offer.models]:
        entry, given = choose(offer.models[name]), of_name.get(name, [])
        try:
            shown = read_shown(entry, given)
        except ModelError:
            continue
        provider = _provider(entry["litellm_params"])
        if selection.takes(name, provider, shown.given.get("provider") or shown.kept.get("provider") or provider):
            availability = shown.given.get("availability") or shown.kept.get("availability") or AVAILABLE
            if name in hidden and availability == AVAILABLE and "availability" not in shown.given:
                continue
            coming[name] = dict(rows.get(name, {}), availability=availability)
    return coming


def rows_after(rows: t.Mapping[str, Row], coming: t.Iterable[t.Mapping[str, t.Any]], now: datetime.datetime) -> t.Dict[str, Row]:
    """The rows as a sync leaves them that says of itself which it adds, and which get another availability.

    ``coming`` are these, each with ``model_name`` and ``availability``.
    """
    after = dict(rows)
    for one in coming:
        name = one["model_name"]
        after[name] = dict(rows.get(name, {}), availability=one["availability"], updated_at=now)
    return after


def plan_cleanup(
    offer: Offer, rows: t.Mapping[str, Row], selection: Selection, policy: CleanupPolicy, usage: t.Mapping[str, Usage]
) -> Plan:
    """What has to happen to each orphan, in the order of their names, after what only seemed to be one."""
    plan = Plan(rows=len(rows), live=live(rows), total=len(offer.models))
    plan.changes += [Change(name, SKIPPED, offer.kept[name]) for name in sorted(offer.kept)]
    for name in find_orphans(offer, rows, selection):
        change = _plan_orphan(name, rows[name], policy, usage.get(name, Usage()))
        change.restricted = rows[name].get("restricted_access")
        plan.changes.append(change)
    tell_victims(plan)
    plan.warnings += unmatched(selection, offer, rows)
    return plan


def tell_victims(plan: Plan) -> None:
    """Add to the reason of each removal whom it hits, in words that are true before and after it."""
    bare = bare_keys(plan)
    for change in plan.removals:
        hit = _hit(change.usage or Usage(), bare, change.action == DELETED)
        if hit:
            change.reason = "{0}: {1}".format(change.reason, hit)


def bare_keys(plan: Plan) -> t.FrozenSet[str]:
    """Ids of the API keys that have no model after the plan's removals. Each key is looked at once, however many models it has."""
    removals = plan.removals
    gone = frozenset(change.model_name for change in removals)
    keys = {key["id"]: key for change in removals if change.usage for key in change.usage.keys}
    return frozenset(identifier for identifier, key in keys.items() if gone.issuperset(key["models"]))


def _hit(usage: Usage, bare: t.FrozenSet[str], deleted: bool) -> str:
    subscriptions = usage.subscriptions if deleted else usage.active_subscriptions
    off = len([key for key in usage.keys if key["active"] and (key["models"] or deleted) and key["id"] in bare])
    parts = []
    if subscriptions:
        if deleted:
            parts.append("{0} {1} deleted".format(counted(subscriptions, "subscription"), of_many(subscriptions, "is", "are")))
        else:
            parts.append("{0} {1}".format(counted(subscriptions, "active subscription"), of_many(subscriptions, "ends", "end")))
    if usage.keys:
        parts.append("{0} {1} it".format(counted(len(usage.keys), "API key"), of_many(len(usage.keys), "loses", "lose")))
    if off:
        parts.append("{0} of them {1} switched off".format(off, of_many(off, "is", "are")))
    return "{0}; {1}".format(counted(len(usage.users), "person", "people"), ", ".join(parts)) if parts else ""


def _plan_orphan(name: str, row: Row, policy: CleanupPolicy, usage: Usage) -> Change:
    retire = {} if row["availability"] == UNAVAILABLE else {"availability": UNAVAILABLE}
    before = _of(row, *retire)
    if not policy.delete:
        action, reason = (RETIRED, NOT_THERE) if retire else (UNCHANGED, "it is unavailable already")
        return Change(name, action, reason, retire, before, usage)
    if usage.subscriptions and not policy.delete_subscriptions:
        fate = "retired, and kept for its {0}" if retire else "kept as unavailable for its {0}"
        return Change(name, RETAINED, fate.format(counted(usage.subscriptions, "subscription")), retire, before, usage)
    if policy.retention_days > 0:
        if retire:
            reason = "it is deleted once it was unavailable for {0}".format(counted(policy.retention_days, "day"))
            return Change(name, RETIRED, reason, retire, before, usage)
        since = row.get("updated_at")
        if since is None or policy.now - since < datetime.timedelta(days=policy.retention_days):
            reason = "it is unavailable since {0:%Y-%m-%d} and deleted after {1}".format(
                since or policy.now, counted(policy.retention_days, "day")
            )
            if since is None:
                reason = "it is not deleted, because its row does not say since when it is unavailable (updated_at)"
            return Change(name, UNCHANGED, reason, usage=usage)
    return Change(name, DELETED, NOT_THERE, before=dict(row), usage=usage)


# --- what a run reports --------------------------------------------------------------------------------------------------


def plain(value: t.Any) -> t.Any:
    """A value of a row as a result shows it."""
    if isinstance(value, Decimal):
        return float(value) if value.is_finite() else str(value)
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    return value
