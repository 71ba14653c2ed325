# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

"""Model specs x deployments -> plan. Pure: the same input gives the same plan, and nothing is asked of a server."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import math
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._counted import counted, of_many
from ansible_collections.litemaas.models.plugins.module_utils._errors import ModelConflict, ModelError, told
from ansible_collections.litemaas.models.plugins.module_utils._fields import (
    BY_OPTION,
    CLEARABLE,
    FIELDS,
    FORGOTTEN,
    STICKY_FLAGS,
    Field,
    hmac_key,
    of_hmac,
    to_float,
)
from ansible_collections.litemaas.models.plugins.module_utils._fingerprints import is_known, is_of_earlier_version, kept_with, normal_form
from ansible_collections.litemaas.models.plugins.module_utils._hints import VERY_LIKE, did_you_mean
from ansible_collections.litemaas.models.plugins.module_utils._identity import (
    CONFIG,
    ENVIRONMENT_PREFIX,
    TEAM,
    WHAT_TELLS_APART,
    Deployment,
    Targets,
    classify,
    describe_backend,
    id_of,
)
from ansible_collections.litemaas.models.plugins.module_utils._patterns import Patterns, any_matches
from ansible_collections.litemaas.models.plugins.module_utils._redact import (
    has_mask,
    is_masked,
    is_secret,
    is_shown_as,
    json_structure,
    may_be_masked,
    secrets_in,
    shows_mask,
    without_secrets,
)
from ansible_collections.litemaas.models.plugins.module_utils._specs import ABSENT, Spec, check_complete, stored_in_the_clear
from ansible_collections.litemaas.models.plugins.module_utils._unreadable import UNREADABLE, looks_encrypted, unreadable

CREATE = "created"
UPDATE = "updated"
DELETE = "deleted"
UNCHANGED = "unchanged"
FAILED = "failed"

# Parameters that have an option of their own: input_cost_per_token is no secret, whatever its name looks like.
NAMED_PARAMETERS = {key: field for field in FIELDS for part, key in field.paths if part == "litellm_params"}

# Where a value of LiteLLM comes from: what a person calls it.
BY_PATH = {path: str(field.option) for field in FIELDS if field.option for path in field.paths}

# Which options in model_info this collection wrote: LiteLLM fills model_info up from its cost map, so what is there may be
# nobody's decision.
MANAGED_KEY = "litemaas_managed"
# Which free parameters it wrote: those of extra_params and secret_params, and of options that are free.
PARAMS_KEY = "litemaas_params"
# Which keys of extra_info it wrote.
INFO_KEY = "litemaas_info"
MEMORY_KEYS = (MANAGED_KEY, PARAMS_KEY, INFO_KEY)

# Written with a new name: LiteLLM's router takes a deployment over only when its parameters or its model_info differ, and
# does not look at the name.
NAME_KEY = "litemaas_model_name"

# A parameter that LiteLLM stores, compares and never sends to a provider: its router puts the deployment's own model_info in
# its place (litellm/router.py, _update_kwargs_with_deployment; seen on 1.81.0 with two pods).
REVISION_PARAMETER = "model_info"

# Kept in model_info: which parameters an update writes that LiteLLM may save and not serve, and whether it was written. Such a proxy
# goes on showing what it served before, so that nothing else tells a later run that something else is saved.
WRITING_KEY = "litemaas_writing"

# Parameters whose values LiteLLM's router never looks at when it takes a deployment over.
NEVER_REFUSED = frozenset(("api_key", "api_version", "rpm", "tpm", "input_cost_per_token", "output_cost_per_token"))

# Parameters without which LiteLLM may not know who serves the model.
TELL_THE_PROVIDER = frozenset(("api_base", "custom_llm_provider"))

# Parameters that LiteLLM leaves out of its lists, also where they are stored.
NEVER_SHOWN = frozenset(
    ("api_key", "client_secret", "vertex_credentials", "vertex_ai_credentials", "aws_access_key_id", "aws_secret_access_key")
)

# In model_info: which entry of its price list LiteLLM shows; and what people set that no price list has.
PRICE_LIST_ENTRY = "key"
NOT_IN_PRICE_LIST = frozenset(("access_groups", "base_model", "id"))

# Set on a deployment that is in LiteLLM's database and that its router does not serve.
SAVED_ONLY = "saved_only"

NOT_SERVED = (
    "saved in LiteLLM and not served by it: its provider may be unknown to LiteLLM (litellm_model must be provider/model), or "
    "the pod that was asked has not loaded it yet"
)

CANNOT_READ = (
    "LiteLLM cannot read what is saved under {0}: its salt key has changed (LITELLM_SALT_KEY, or the master key where that is not set)"
)
ANOTHER_WAY = "set the salt key back, or delete the model with state: absent"

HIDDEN = "(secret)"


@dataclasses.dataclass(frozen=True)
class Policy:
    """How specs are applied.

    ``admin_key`` keys the HMACs. ``revise`` says that the proxy's other pods take over a change of name or model_info only
    together with a change of a parameter (LiteLLM 1.81). ``announce`` says that the proxy goes on serving what it served before an
    update that it cannot serve (later ones): such an update is announced by a write of its own. ``sharing`` are the ids of deployments
    that may show what others say.
    """

    admin_key: str
    update_secrets: str = "on_change"
    duplicates: str = "refuse"
    replace: bool = False
    revise: bool = False
    announce: bool = False
    sharing: t.FrozenSet[str] = frozenset()


@dataclasses.dataclass(frozen=True)
class Change:
    """One field that differs. Secrets stand as HIDDEN."""

    field: str
    before: t.Any
    after: t.Any


@dataclasses.dataclass
class Action:
    """What has to happen to one deployment.

    ``kind`` is CREATE, UPDATE, DELETE, UNCHANGED or FAILED. ``body`` is the whole deployment (CREATE) or what to merge
    (UPDATE). ``cleared`` are the paths that an update clears; ``recreate`` says that this takes delete and create where LiteLLM
    does not take parameters out, and ``wanted`` is then the whole deployment. ``awaited`` says that nothing is written and that LiteLLM
    does not serve it yet; ``written`` that something was, whatever became of it; ``unseen`` that it is to be absent, and is not in
    LiteLLM's list.
    ``announced`` says that the update is announced first; ``doubtful`` that an earlier update was announced, and that LiteLLM does not
    show whether it was written.
    ``known_secrets`` are the parameters that LiteLLM does not show and that have the spec's value already. ``unserved`` says more of one
    that is not served. ``unread`` says that LiteLLM cannot read what is saved, so that all that the spec says is saved anew.
    """

    kind: str
    model_name: str
    model_id: t.Optional[str] = None
    body: Deployment = dataclasses.field(default_factory=dict)
    changes: t.List[Change] = dataclasses.field(default_factory=list)
    reason: str = ""
    recreate: bool = False
    cleared: t.List[t.Tuple[str, str]] = dataclasses.field(default_factory=list)
    wanted: Deployment = dataclasses.field(default_factory=dict)
    served: t.Optional[bool] = None
    position: int = 0
    awaited: bool = False
    written: bool = False
    unseen: bool = False
    announced: bool = False
    doubtful: bool = False
    known_secrets: t.FrozenSet[str] = frozenset()
    unserved: str = ""
    unread: bool = False


@dataclasses.dataclass
class Plan:
    """One action for each spec, in the order of the list, and what a person should know before.

    ``rights_missing`` are the rights to LiteMaaS's database without which the run would be refused, in check mode.
    """

    actions: t.List[Action] = dataclasses.field(default_factory=list)
    warnings: t.List[str] = dataclasses.field(default_factory=list)
    rights_missing: t.List[str] = dataclasses.field(default_factory=list)

    @property
    def writes(self) -> bool:
        """Whether anything is to be written."""
        return any(action.kind in (CREATE, UPDATE, DELETE) for action in self.actions)


# --- what a deployment shows ------------------------------------------------------------------------------------------------


def describe(entry: Deployment, served: bool) -> t.Dict[str, t.Any]:
    """A deployment as a module result shows it; LiteLLM's many empty members are left out."""
    return {
        "model_name": entry["model_name"],
        "model_id": id_of(entry),
        "model_class": classify(entry),
        "served": served,
        "litellm_params": _without_none(_without_secrets(entry)),
        "model_info": _without_none({name: _info_without_secrets(name, value) for name, value in entry["model_info"].items()}),
    }


def _without_secrets(entry: Deployment) -> t.Dict[str, t.Any]:
    """Parameters without secrets by their name, and without those that somebody gave as secret_params."""
    params = {name: value for name, value in entry["litellm_params"].items() if hmac_key(name) not in entry["model_info"]}
    return {name: value if name in NAMED_PARAMETERS else without_secrets(name, value) for name, value in params.items()}


def _info_without_secrets(name: str, value: t.Any) -> t.Any:
    """A value of model_info to show. What this collection keeps there is no secret, and ``key`` is LiteLLM's name of the model."""
    return value if name.startswith("litemaas_") or name == "key" else without_secrets(name, value)


def _without_none(members: t.Dict[str, t.Any]) -> t.Dict[str, t.Any]:
    return {key: value for key, value in members.items() if value is not None}


def matches(
    line: t.Dict[str, t.Any],
    model_name: t.Optional[str],
    model_id: t.Optional[str],
    patterns: Patterns,
    classes: t.Optional[t.Sequence[str]],
) -> bool:
    """Whether a described deployment is one that was asked for. None asks for all."""
    return (
        (model_name is None or line["model_name"] == model_name)
        and (model_id is None or line["model_id"] == model_id)
        and (patterns is None or any_matches(patterns, line["model_name"]))
        and (not classes or line["model_class"] in classes)
    )


# --- plan --------------------------------------------------------------------------------------------------------------


def plan_deployments(specs: t.Sequence[Spec], entries: t.Sequence[Deployment], policy: Policy, errors: t.Sequence[ModelError] = ()) -> Plan:
    """The plan that turns ``entries`` into what ``specs`` say. ``errors`` of entries that could not be read become failures."""
    plan = Plan()
    targets = Targets(specs, entries, policy.duplicates == "collapse")
    for spec in specs:
        try:
            actions = _plan_one(spec, targets, policy, plan.warnings)
        except ModelError as error:
            actions = [Action(FAILED, spec.model_name, spec.model_id, reason=error.message)]
        plan.actions += [dataclasses.replace(action, position=spec.position) for action in actions]
    for name, left in targets.left_over(specs).items():
        ours = [entry for entry in left if any(key.startswith("litemaas_") for key in entry["model_info"])]
        if policy.duplicates == "collapse":
            plan.warnings.append(_kept(name, left, targets))
        elif ours:
            plan.warnings.append(_no_longer_meant(name, ours, targets))
    plan.warnings += _warning_of_the_clear(specs)
    plan.warnings += _warning_of_the_unread(plan.actions)
    if not policy.replace:
        plan.warnings += _warning_of_old_secrets(specs, targets)
    plan.actions += [Action(FAILED, error.model_name, reason=error.message, position=error.details["position"]) for error in errors]
    plan.actions.sort(key=lambda action: action.position)
    return plan


def _warning_of_the_clear(specs: t.Iterable[Spec]) -> t.List[str]:
    """At most one sentence about secrets that LiteLLM stores without encrypting them."""
    places = [(spec.model_name, stored_in_the_clear(spec)) for spec in specs if spec.state != ABSENT]
    models = ["{0} ({1})".format(name, ", ".join(found)) for name, found in places if found]
    if not models:
        return []
    return [
        "LiteLLM stores these secrets in the clear in its table LiteLLM_ProxyModelTable, because it encrypts texts of litellm_params, and "
        "no dictionaries, lists or model_info: {0}. Use api_key or a text in secret_params where the provider allows it, and let nobody "
        "else read that table".format(told(models))
    ]


def _warning_of_the_unread(actions: t.Iterable[Action]) -> t.List[str]:
    """At most one sentence about models that LiteLLM cannot read."""
    names = [action.model_name for action in actions if action.unread]
    if not names:
        return []
    return [
        "LiteLLM could not read what it has saved of {0}: its salt key has changed (LITELLM_SALT_KEY, or the master key where that is not "
        "set). All that the list says of it is saved anew. Models and credentials that no list holds stay unread until the salt key is "
        "set back, or until somebody saves them again".format(told(names))
    ]


def _warning_of_old_secrets(specs: t.Iterable[Spec], targets: Targets) -> t.List[str]:
    """At most one sentence about secrets of earlier lists that LiteLLM uses instead of the credential that a model has now."""
    models = []
    for spec in specs:
        if spec.state == ABSENT or "credential" not in spec.options:
            continue
        with contextlib.suppress(ModelError):
            entry = targets.find(spec)[0]
            left = sorted(_secrets_left(spec, entry)) if entry else []
            if left:
                models.append("{0} ({1})".format(spec.model_name, ", ".join(left)))
    if not models:
        return []
    return [
        "LiteLLM has secrets of these models that an earlier list gave and this one leaves out, and uses them instead of the "
        "credential: {0}. To take them out, run once with replace (litemaas_models_replace: true); api_key: false in the entry takes out "
        "the api_key".format(told(models))
    ]


def _secrets_left(spec: Spec, entry: Deployment) -> t.Set[str]:
    """Secrets that this collection wrote and that a spec without replace leaves where they are."""
    hidden = {of_hmac(key) for key, value in entry["model_info"].items() if value is not None}
    taken_out = {"api_key"} if spec.without_key else set()
    # A reference to the environment is kept like a secret, and shown.
    secrets = {name for name in hidden if name in NEVER_SHOWN or is_secret(name, "x")}
    return secrets - spec.parameters().keys() - taken_out


def _plan_one(spec: Spec, targets: Targets, policy: Policy, warnings: t.List[str]) -> t.List[Action]:
    entry, duplicates = targets.find(spec)
    removals = [_delete(duplicate, "duplicate of {0}".format(id_of(entry) if entry else spec.model_name)) for duplicate in duplicates]
    if spec.state == ABSENT:
        if entry is None:
            if targets.in_config(spec.model_name):
                raise ModelConflict(spec.model_name, "it is defined in LiteLLM's config.yaml: remove it there")
            model_id, others = targets.new_id(spec), targets.others(spec)
            if others:
                warnings.append(_not_deleted(spec.model_name, others))
            elif not spec.model_id and not targets.of_the_name(spec.model_name):
                warnings += _perhaps_mistyped(spec.model_name, targets.near(spec.model_name, VERY_LIKE))
            return [Action(UNCHANGED, spec.model_name, model_id, reason=_not_there(spec, targets), unseen=not targets.has_id(model_id))]
        return [_delete(entry, "state is absent"), *removals]
    if entry is None:
        if targets.in_config(spec.model_name):
            warnings.append("{0} is also defined in LiteLLM's config.yaml: requests are shared between both".format(spec.model_name))
        return [plan_create(spec, targets.new_id(spec), policy)]
    action = plan_update(spec, entry, policy)
    if action.kind == UNCHANGED and entry.get(SAVED_ONLY):
        action.awaited = True
        action.wanted = _whole(spec, id_of(entry), policy, entry["model_info"])
        action.reason = "as it should be in LiteLLM's database, and not served yet by the pod that was asked"
    return [action, *removals]


def _not_there(spec: Spec, targets: Targets) -> str:
    """Why nothing is deleted for a spec that says "absent"."""
    if spec.model_id:
        return "absent: LiteLLM has no model of this id"
    if targets.of_the_name(spec.model_name):
        return "absent: LiteLLM has no deployment of this name that is what the entry says"
    near = targets.near(spec.model_name)
    return "absent: LiteLLM has no model of this name{0}".format(" (it has {0})".format(", ".join(near)) if near else "")


def _perhaps_mistyped(model_name: str, near: t.Sequence[str]) -> t.List[str]:
    """What a person should know whose entry says "absent" of a name that LiteLLM does not have, while it has one like it."""
    if not near:
        return []
    return [
        "{0}: nothing is deleted for the entry with state: absent, because LiteLLM has no model of this name{1}".format(
            model_name, did_you_mean(near)
        )
    ]


def _not_deleted(model_name: str, others: t.Sequence[Deployment]) -> str:
    """What a person should know where an entry says "absent" of a deployment that is not there, beside others of the name."""
    return (
        "{0}: nothing was deleted for an entry with state: absent, because what LiteLLM has of this name differs from it: {1}. To delete "
        "one of them, give its model_id".format(model_name, told([describe_backend(entry, others) for entry in others]))
    )


def _kept(model_name: str, entries: t.Sequence[Deployment], targets: Targets) -> str:
    """What a person should know of deployments that are no duplicates."""
    beside = targets.of_the_name(model_name)
    return (
        "{0}: LiteLLM has {1} of this name that no entry of the list means, and that {2} not like one that an entry means. Nothing is done "
        "to {3}: {4}. To keep {3} in the list, add an entry for {5}, {6}. To delete one, add an entry with its model_id and "
        "state: absent".format(
            model_name,
            counted(len(entries), "deployment"),
            of_many(len(entries), "is", "are"),
            of_many(len(entries), "it", "them"),
            told([describe_backend(entry, beside) for entry in entries]),
            of_many(len(entries), "it", "each of them"),
            WHAT_TELLS_APART,
        )
    )


def _no_longer_meant(model_name: str, entries: t.Sequence[Deployment], targets: Targets) -> str:
    """What a person should know of deployments that an earlier run made, and that the list has no more: an address may have changed."""
    beside = targets.of_the_name(model_name)
    return (
        "{0}: an earlier run made {1} of this name that no entry of the list means any more. Requests still go there: {2}. If an entry was "
        "changed (litellm_model, api_base, region, project, credential), give it this model_id to change the deployment in place. To "
        "delete it, add an entry with its model_id and state: absent".format(
            model_name,
            counted(len(entries), "deployment"),
            told([describe_backend(entry, beside) for entry in entries]),
        )
    )


def _delete(entry: Deployment, reason: str) -> Action:
    name = entry["model_name"]
    return Action(DELETE, name, id_of(entry), changes=[Change("model_name", name, None)], reason=reason)


def plan_create(spec: Spec, model_id: str, policy: Policy) -> Action:
    """A deployment that is not there yet: what was given, and the defaults of what was not. Raises ModelError."""
    check_complete(spec)
    body = _whole(spec, model_id, policy)
    changes = [Change("model_name", None, spec.model_name)]
    changes += [Change(option, None, _shown(option, value)) for option, value in sorted(spec.options.items())]
    changes += [Change(name, None, _shown(name, value)) for name, value in sorted(spec.extra_params.items())]
    changes += [Change(name, None, HIDDEN) for name in sorted(spec.secret_params)]
    changes += [Change(name, None, without_secrets(name, value)) for name, value in sorted(spec.extra_info.items())]
    return Action(CREATE, spec.model_name, model_id, body=body, changes=changes, reason="not in LiteLLM")


def plan_update(spec: Spec, entry: Deployment, policy: Policy) -> Action:
    """A deployment that is there: only what differs. Raises ModelError."""
    if policy.replace:
        check_complete(spec)
    differ = _Differ(spec, entry, policy)
    differ.compare()
    lost = unreadable(entry["litellm_params"])
    if lost:
        _save_anew(differ, lost)
    else:
        _refuse_unreadable_secrets(differ)
    doubtful = is_unfinished(entry)
    if doubtful:
        differ.send_info()
    if not differ.changes:
        return Action(UNCHANGED, spec.model_name, id_of(entry), reason="as it should be")
    action = Action(UPDATE, spec.model_name, id_of(entry), body=differ.patch(), changes=differ.changes, reason=differ.reason())
    action.wanted = _whole(spec, id_of(entry), policy, entry["model_info"])
    action.cleared = differ.cleared
    action.recreate = takes_recreation(differ.cleared)
    action.doubtful = doubtful
    action.known_secrets = differ.known_secrets()
    if action.recreate and not lost and (policy.revise or not removable(action)):
        _refuse_to_lose(action, entry, entry["litellm_params"])
    if lost:
        action.unread = True
        action.reason = "{0}. It is saved anew".format(CANNOT_READ.format(id_of(entry)))
        if action.recreate:
            action.reason += without(action.cleared)
    if doubtful:
        action.reason = "an earlier update of it was not finished, so that what it wrote is written again"
        _mark_written(action.body, id_of(entry), announced_params(entry))
    elif policy.announce and not (entry.get(SAVED_ONLY) or NEVER_REFUSED.issuperset(differ.at_risk())):
        action.announced = True
        _mark_written(action.body, id_of(entry))
    return action


def without(cleared: t.Iterable[t.Tuple[str, str]]) -> str:
    """The end of a sentence about a deployment that is saved anew."""
    return ", without what the entry does not hold: {0}".format(", ".join(sorted({key for _part, key in cleared})))


def _save_anew(differ: _Differ, lost: t.Sequence[str]) -> None:
    """Send all that the spec says of a deployment that LiteLLM cannot read. Raises ModelError where the spec lacks a secret of it."""
    spec, entry = differ.spec, differ.entry
    try:
        check_complete(spec)
    except ModelError as error:
        raise ModelConflict(spec.model_name, _cannot_save_anew(entry, error.details.get("reason") or error.message)) from None
    differ.send_params()
    missing = differ.secrets_without_value(lost)
    if missing:
        raise ModelConflict(spec.model_name, _cannot_save_anew(entry, "the entry does not hold {0}".format(", ".join(missing))))
    differ.clear_unreadable(lost)


def _refuse_unreadable_secrets(differ: _Differ) -> None:
    """Raise ModelConflict where an earlier run found a secret that LiteLLM cannot read, and the spec does not hold it."""
    info = differ.entry["model_info"]
    missing = [name for name in differ.secrets_without_value(()) if info[hmac_key(name)] == UNREADABLE]
    if missing:
        raise ModelConflict(
            differ.spec.model_name, _cannot_save_anew(differ.entry, "the entry does not hold {0}".format(", ".join(missing)))
        )


def _cannot_save_anew(entry: Deployment, why: str) -> str:
    """Why a deployment that LiteLLM cannot read stays as it is, and what to do."""
    return "{0}. It cannot be saved anew: {1}. Give that in the entry, or {2}".format(CANNOT_READ.format(id_of(entry)), why, ANOTHER_WAY)


def takes_recreation(cleared: t.Iterable[t.Tuple[str, str]]) -> bool:
    """Whether an update cannot clear these paths, so that it takes delete and create."""
    return any(key not in CLEARABLE for _part, key in cleared)


# --- the deployment that a spec describes ------------------------------------------------------------------------------


def with_defaults(spec: Spec) -> t.Dict[str, t.Any]:
    """A spec's options with the defaults of those that were left out, as a new model gets them."""
    defaults: t.Dict[str, t.Any] = {str(field.option): field.default for field in FIELDS if field.option and field.default is not None}
    defaults["display_name"] = spec.model_name
    return dict(defaults, **spec.options)


def _values(options: t.Dict[str, t.Any]) -> t.Dict[t.Tuple[str, str], t.Tuple[Field, t.Any]]:
    """LiteLLM path -> (field, value) of the given options."""
    values = {}
    for option, value in options.items():
        field = BY_OPTION[option]
        for path in field.paths:
            values[path] = (field, value)
    if "max_tokens" in options and "context_length" not in options:
        # LiteLLM's own meaning of model_info.max_tokens, and the only one of the two that LiteMaaS reads.
        values[("model_info", "max_tokens")] = (BY_OPTION["max_tokens"], options["max_tokens"])
    return values


def _memory(spec: Spec) -> t.Dict[str, t.List[str]]:
    """What the spec decides and what may be there without it, by the key that remembers it."""
    free = [path[1] for option in spec.options for path in BY_OPTION[option].paths if BY_OPTION[option].free]
    return {
        # Presentation has keys of our own.
        MANAGED_KEY: sorted(option for option in spec.options if any(_is_enriched(path) for path in BY_OPTION[option].paths)),
        PARAMS_KEY: sorted({*free, *spec.extra_params, *spec.secret_params}),
        INFO_KEY: sorted(spec.extra_info),
    }


def _remembered(entry: Deployment) -> t.Dict[str, t.Set[str]]:
    """What a deployment has from this collection. A parameter that has an HMAC is remembered by it."""
    info = entry["model_info"]
    remembered = {key: _names(info.get(key)) for key in MEMORY_KEYS}
    hidden = [of_hmac(key) for key in info]
    remembered[PARAMS_KEY].update(name for name in hidden if name and (name not in NAMED_PARAMETERS or NAMED_PARAMETERS[name].free))
    return remembered


def own_info(entry: Deployment) -> t.Optional[t.Set[str]]:
    """The keys of model_info that this collection wrote; None of a deployment that it never wrote."""
    if not any(key.startswith("litemaas_") for key in entry["model_info"]):
        return None
    remembered = _remembered(entry)
    options = {option: None for option in remembered[MANAGED_KEY] if option in BY_OPTION}
    return {key for part, key in _values(options) if part == "model_info"} | remembered[INFO_KEY]


def _names(value: t.Any) -> t.Set[str]:
    """A list of names as LiteLLM keeps it; whatever else stands there is none."""
    return {name for name in value if isinstance(name, str)} if isinstance(value, list) else set()


def _is_enriched(path: t.Tuple[str, str]) -> bool:
    return path[0] == "model_info" and not path[1].startswith("litemaas_")


def _whole(spec: Spec, model_id: str, policy: Policy, have: t.Optional[t.Dict[str, t.Any]] = None) -> Deployment:
    """The body that creates the spec's deployment; ``have`` is the model_info of the one whose place it takes."""
    body: Deployment = {"model_name": spec.model_name, "litellm_params": {}, "model_info": {"id": model_id}}
    for (part, key), (_field, value) in _values(with_defaults(spec)).items():
        body[part][key] = value
    body["litellm_params"].update(spec.extra_params)
    body["litellm_params"].update(spec.secret_params)
    body["model_info"].update(spec.extra_info)
    for name, value in {**_opaque(spec), **_masked(spec)}.items():
        body["model_info"][hmac_key(name)] = kept_with((have or {}).get(hmac_key(name)), policy.admin_key, model_id, name, value)
    body["model_info"].update({key: names for key, names in _memory(spec).items() if names})
    return body


def _opaque(spec: Spec) -> t.Dict[str, t.Any]:
    """Parameters whose value LiteLLM does not give back as it was given: secrets, and references to its environment."""
    opaque = dict(spec.secret_params)
    for (part, key), (field, value) in _values(spec.options).items():
        if part == "litellm_params" and (field.compare == "opaque" or _is_reference(value)):
            opaque[key] = value
    opaque.update({name: value for name, value in spec.extra_params.items() if _hides(name, value)})
    return opaque


def _masked(spec: Spec) -> t.Dict[str, t.Any]:
    """Free parameters that are no secrets and that LiteLLM may mask all the same, because of their names."""
    return {name: value for name, value in spec.extra_params.items() if may_be_masked(name, value) and not _hides(name, value)}


def _is_reference(value: t.Any) -> bool:
    return isinstance(value, str) and value.startswith(ENVIRONMENT_PREFIX)


def _hides(name: str, value: t.Any) -> bool:
    """Whether LiteLLM masks or resolves something in a parameter of that name and value."""
    field = NAMED_PARAMETERS.get(name)
    return _has_reference(value) or (field.secret if field else any(True for _secret in secrets_in(name, value)))


def _has_reference(value: t.Any) -> bool:
    """Whether a value has something in it that LiteLLM resolves."""
    if isinstance(value, (dict, list)):
        return any(map(_has_reference, value.values() if isinstance(value, dict) else value))
    return _is_reference(value)


def _digest(value: t.Any) -> str:
    """A short text that differs where the value differs."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]


def _shown(name: str, value: t.Any) -> t.Any:
    field = BY_OPTION.get(name)
    return HIDDEN if (field.secret if field else _hides(name, value)) else value


# --- what differs ------------------------------------------------------------------------------------------------------


class _Differ:
    """Compares one spec with its deployment: declared keys only, because LiteLLM adds, rounds, masks and enriches."""

    def __init__(self, spec: Spec, entry: Deployment, policy: Policy) -> None:
        self.spec = spec
        self.entry = entry
        self.policy = policy
        self.changes: t.List[Change] = []
        self.params: t.Dict[str, t.Any] = {}
        self.info: t.Dict[str, t.Any] = {}
        self.cleared: t.List[t.Tuple[str, str]] = []
        self.rename = spec.model_name != entry["model_name"]
        self.remembered = _remembered(entry)

    def compare(self) -> None:
        """Fill changes and what has to be sent."""
        if self.rename:
            self.changes.append(Change("model_name", self.entry["model_name"], self.spec.model_name))
        opaque = _opaque(self.spec)
        # With replace, presentation that the spec leaves out goes back to its default.
        wanted = _values(with_defaults(self.spec) if self.policy.replace else self.spec.options)
        for path, (field, value) in wanted.items():
            if path[1] not in opaque or path[0] != "litellm_params":
                self._compare_value(path, field, value)
        for name, value in self.spec.extra_params.items():
            if may_be_masked(name, value) and name not in opaque:
                self._compare_masked(name, value)
            elif name not in opaque:
                self._compare_extra(name, value)
        for name, value in sorted(opaque.items()):
            self._compare_opaque(name, value)
        for name, value in self.spec.extra_info.items():
            self._compare_info(name, value)
        if self.policy.replace:
            self._clear_left_out(wanted)
        elif self.spec.without_key and hmac_key("api_key") in self.entry["model_info"]:
            self._clear("api_key", ("litellm_params", "api_key"), secret=True)
        if self.changes:
            self._renew_fingerprints(opaque)
        self._remember()
        if self._writes():
            self._save_prices()

    def _writes(self) -> bool:
        return bool(self.params or self.info or self.cleared or self.rename)

    def _compare_value(self, path: t.Tuple[str, str], field: Field, value: t.Any) -> None:
        have = current_value(self.entry, path)
        if not same(field, value, have) or self._is_of_another(path):
            self._set(path, value)
            change = Change(str(field.option), have, value)
            if change not in self.changes:
                self.changes.append(change)

    def _is_of_another(self, path: t.Tuple[str, str]) -> bool:
        """Whether what LiteLLM shows may be what it has of another deployment, so that it is not saved here."""
        said = own_info(self.entry) if _is_enriched(path) and id_of(self.entry) in self.policy.sharing else None
        return said is not None and path[1] not in said

    def _compare_extra(self, name: str, value: t.Any) -> None:
        have = self.entry["litellm_params"].get(name)
        if has_mask(have):
            self._compare_opaque(name, value)
        elif not same_value(value, have):
            self._set(("litellm_params", name), value)
            self.changes.append(Change(name, without_secrets(name, have), without_secrets(name, value)))

    def _compare_masked(self, name: str, value: t.Any) -> None:
        """Compare what is no secret by what is shown of it; where that is a mask, by its fingerprint too."""
        have = self.entry["litellm_params"].get(name)
        shown = same_value(value, have) or is_shown_as(value, have)
        if shown and shows_mask(name, have) and self.policy.update_secrets != "on_create":
            shown = is_known(self.entry["model_info"].get(hmac_key(name)), self.policy.admin_key, name, value)
        if not shown:
            self._set(("litellm_params", name), value)
            self._keep_fingerprint(name, value)
            self.changes.append(Change(name, without_secrets(name, have), without_secrets(name, value)))

    def _compare_info(self, name: str, value: t.Any) -> None:
        have = self.entry["model_info"].get(name)
        differs = isinstance(have, bool) is not isinstance(value, bool) or (have != value and not _same_number(value, have))
        if differs or self._is_of_another(("model_info", name)):
            self.info[name] = value
            self.changes.append(Change(name, without_secrets(name, have), without_secrets(name, value)))

    def _shows_another(self, name: str, value: t.Any) -> bool:
        """Whether somebody else changed a secret, by what LiteLLM shows of it: a mask, or all where it takes its name for no secret's."""
        shown = self.entry["litellm_params"].get(name)
        if name in NEVER_SHOWN or shown is None or _has_reference(value) or self.entry.get(SAVED_ONLY):
            return False
        if isinstance(value, str) and not isinstance(shown, str):
            # LiteLLM made something else of the text, such as a number.
            return False
        if json_structure(value) is not value and shows_mask(name, shown):
            # The same structure may have been stored as another text.
            return False
        return not is_shown_as(value, shown) and normal_form(shown) != normal_form(value)

    def _compare_opaque(self, name: str, value: t.Any) -> None:
        have = self.entry["model_info"].get(hmac_key(name))
        if self.policy.update_secrets == "on_create" and have != UNREADABLE and not (_is_reference(value) and have is None):
            return
        known = is_known(have, self.policy.admin_key, name, value)
        if known and not self._shows_another(name, value) and self.policy.update_secrets != "always":
            return
        self._set(("litellm_params", name), value)
        self._keep_fingerprint(name, value)
        before = "(unknown)" if have is None else HIDDEN
        self.changes.append(Change(name, before, "(secret, sent again)" if known else "(new secret)"))

    def known_secrets(self) -> t.FrozenSet[str]:
        """The parameters that LiteLLM does not show and of which it has the spec's value."""
        have, key = self.entry["model_info"], self.policy.admin_key
        hidden = {**_opaque(self.spec), **_masked(self.spec)}
        return frozenset(name for name, value in hidden.items() if is_known(have.get(hmac_key(name)), key, name, value))

    def _keep_fingerprint(self, name: str, value: t.Any) -> None:
        have = self.entry["model_info"].get(hmac_key(name))
        self.info[hmac_key(name)] = kept_with(have, self.policy.admin_key, id_of(self.entry), name, value)

    def _renew_fingerprints(self, opaque: t.Dict[str, t.Any]) -> None:
        """Rewrite what earlier versions kept, together with another write only."""
        for name, value in sorted(opaque.items()):
            have = self.entry["model_info"].get(hmac_key(name))
            if hmac_key(name) not in self.info and is_of_earlier_version(have) and is_known(have, self.policy.admin_key, name, value):
                self._keep_fingerprint(name, value)

    def send_params(self) -> None:
        """Send all parameters of the spec, secrets too, different or not."""
        opaque = _opaque(self.spec)
        self._send_secrets(opaque)
        for path, (_field, value) in _values(self.spec.options).items():
            if path[0] == "litellm_params" and path[1] not in opaque:
                self._set(path, value)
        self.params.update({name: value for name, value in self.spec.extra_params.items() if name not in opaque})

    def _send_secrets(self, opaque: t.Dict[str, t.Any]) -> None:
        for name, value in opaque.items():
            self._set(("litellm_params", name), value)
            self._keep_fingerprint(name, value)

    def secrets_without_value(self, lost: t.Iterable[str]) -> t.List[str]:
        """Secrets that were saved, or are among what is ``lost``, and that are neither sent nor cleared."""
        params = self.entry["litellm_params"]
        secret = {of_hmac(key) for key in self.entry["model_info"]}.union(name for name in lost if _hides(name, params[name]))
        return sorted(secret.difference(self.params, [key for _part, key in self.cleared], [""]))

    def clear_unreadable(self, lost: t.Iterable[str]) -> None:
        """Take out what is ``lost`` and not sent, and show nothing of how it is encrypted."""
        for name in lost:
            if name not in self.params and ("litellm_params", name) not in self.cleared:
                self._clear(BY_PATH.get(("litellm_params", name), name), ("litellm_params", name), secret=False)
        self.changes = [
            dataclasses.replace(change, before=UNREADABLE) if looks_encrypted(change.before) else change for change in self.changes
        ]

    def send_info(self) -> None:
        """Send what the spec says of model_info, different or not: LiteLLM may have something else saved."""
        for (part, key), (_field, value) in _values(with_defaults(self.spec) if self.policy.replace else self.spec.options).items():
            if part == "model_info":
                self.info[key] = value
        self.info.update(self.spec.extra_info)
        self.changes.append(Change("litellm_params", "(saved otherwise than served)", "(sent again)"))

    def _clear_left_out(self, wanted: t.Container[t.Tuple[str, str]]) -> None:
        given = {**self.spec.extra_params, **self.spec.secret_params}
        for field in FIELDS:
            for path in field.paths:
                # Presentation without a default (restricted_access) is cleared like any other value.
                if path not in wanted and path[1] not in given and self._is_set(field, path):
                    self._clear(str(field.option), path, field.secret)
        for name in sorted(self.remembered[PARAMS_KEY].difference(given, NAMED_PARAMETERS)):
            hidden = hmac_key(name) in self.entry["model_info"]
            if hidden or self.entry["litellm_params"].get(name) is not None:
                self._clear(name, ("litellm_params", name), hidden)
        for name in sorted(self.remembered[INFO_KEY].difference(self.spec.extra_info)):
            if ("model_info", name) not in wanted and self.entry["model_info"].get(name) is not None:
                self._clear(name, ("model_info", name), False)

    def _is_set(self, field: Field, path: t.Tuple[str, str]) -> bool:
        if field.secret:
            return self.entry["model_info"].get(hmac_key(path[1])) is not None
        if _is_enriched(path):
            return field.option in self.remembered[MANAGED_KEY]
        if field.free and path[1] not in self.remembered[PARAMS_KEY]:
            return False
        if path[1] in CLEARABLE:
            # What LiteLLM shows in model_info may be its own price list.
            return self.entry["litellm_params"].get(path[1]) is not None
        return current_value(self.entry, path) is not None

    def _clear(self, name: str, path: t.Tuple[str, str], secret: bool) -> None:
        self.cleared.append(path)
        if path[1] in CLEARABLE:
            self.params[path[1]] = None
        change = Change(name, HIDDEN if secret else without_secrets(path[1], current_value(self.entry, path)), None)
        if change not in self.changes:
            self.changes.append(change)

    def _remember(self) -> None:
        """Keep what is remembered true, together with another write; and at once where something may be cleared by it later."""
        for key, names in _memory(self.spec).items():
            known = _names(self.entry["model_info"].get(key))
            new = set(names) - self.remembered[key]
            now = sorted(names if self.policy.replace else self.remembered[key].union(names))
            if now == sorted(known) or not (self._writes() or (self.policy.replace and new)):
                continue
            self.info[key] = now
            if key == MANAGED_KEY:
                self._save_too(new)
            elif key == INFO_KEY:
                self.info.update({name: self.spec.extra_info[name] for name in new})
            if not self.changes:
                self.changes.append(Change(key, sorted(known), now))

    def _save_too(self, options: t.Iterable[str]) -> None:
        """Send what LiteLLM shows already: it may be what it knows of the model, and go with another litellm_model."""
        for (part, key), (_field, value) in _values({option: self.spec.options[option] for option in options}).items():
            if part == "model_info":
                self.info.setdefault(key, value)

    def _save_prices(self) -> None:
        """Send with another write the prices that LiteLLM shows and has not saved here: they may be those of the model so far."""
        for name in sorted(CLEARABLE.intersection(self.spec.options)):
            if self.entry["litellm_params"].get(name) is None:
                self.params[name] = self.spec.options[name]

    def _set(self, path: t.Tuple[str, str], value: t.Any) -> None:
        (self.params if path[0] == "litellm_params" else self.info)[path[1]] = value

    def patch(self) -> Deployment:
        """The body of the PATCH: what differs, and what LiteLLM would lose or ignore without it."""
        body: Deployment = {}
        params = dict(self.params)
        if self.rename:
            self.info[NAME_KEY] = self.spec.model_name
            body["model_name"] = self.spec.model_name
        if self.info and not params and self.policy.revise:
            params[REVISION_PARAMETER] = {"litemaas_revision": _digest(self.info)}
        for flag in STICKY_FLAGS:
            if self.entry["litellm_params"].get(flag) is True:
                params.setdefault(flag, True)
        if params:
            body["litellm_params"] = params
        if self.info:
            body["model_info"] = dict(self.info, id=id_of(self.entry))
        return body

    def at_risk(self) -> t.Set[str]:
        """The parameters that are sent, or that tell the provider and are taken out: LiteLLM may refuse what this makes of the model."""
        return {*self.params, *(key for _part, key in self.cleared if key in TELL_THE_PROVIDER)}

    def reason(self) -> str:
        """Which fields differ."""
        renamed = "; renamed from {0}".format(self.entry["model_name"]) if self.rename else ""
        # What a person gives once may stand in two places, with another value in each.
        fields = dict.fromkeys(change.field for change in self.changes)
        return "differs in {0}{1}".format(", ".join(fields), renamed)


def shown_params(entry: Deployment) -> t.Dict[str, t.Any]:
    """The parameters that LiteLLM shows as they are stored, as far as can be told: no secrets, and no references that we sent."""
    lost = unreadable(entry["litellm_params"])
    return {
        name: value
        for name, value in entry["litellm_params"].items()
        if value is not None and not shows_mask(name, value) and hmac_key(name) not in entry["model_info"]
        if name not in (*NEVER_SHOWN, *lost)
    }


def current_value(entry: Deployment, path: t.Tuple[str, str]) -> t.Any:
    """What LiteLLM shows under a path. Prices come as numbers, as text, or masked in litellm_params and right in model_info."""
    part, key = path
    value = entry[part].get(key)
    if key in CLEARABLE:
        return _number(value) if _number(value) is not None else _number(entry["model_info"].get(key))
    return value


def _number(value: t.Any) -> t.Optional[float]:
    if value is None or is_masked(value):
        return None
    try:
        return to_float(value)
    except ValueError:
        return None


def same(field: Field, wanted: t.Any, have: t.Any) -> bool:
    """Whether a declared value is what LiteLLM shows."""
    if field.type in ("int", "float"):
        return _same_number(wanted, have)
    if field.type == "bool":
        return have is wanted
    if field.compare == "set":
        return _as_set(have) == _as_set(wanted)
    return bool(have == wanted)


def _as_set(value: t.Any) -> t.Set[str]:
    """The texts of a list in which order does not count; an empty one is none."""
    return {str(member) for member in value} if isinstance(value, list) else set()


def same_value(wanted: t.Any, have: t.Any) -> bool:
    """Whether a free value is what LiteLLM shows: it shows some numbers as texts, also within structures."""
    if isinstance(wanted, dict) and isinstance(have, dict):
        return wanted.keys() == have.keys() and all(same_value(wanted[key], have[key]) for key in wanted)
    if isinstance(wanted, list) and isinstance(have, list):
        return len(wanted) == len(have) and all(map(same_value, wanted, have))
    return bool(have == wanted) or _same_number(wanted, have)


def _same_number(wanted: t.Any, have: t.Any) -> bool:
    if isinstance(wanted, bool) or isinstance(have, bool):
        return wanted is have
    one, other = _number(wanted), _number(have)
    if one is None or other is None:
        return False
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-15)


# --- what it will be like -----------------------------------------------------------------------------------------------


def outcome_of(plan: Plan, entries: t.Sequence[Deployment]) -> t.List[Deployment]:
    """The deployments as they will be once the plan is carried out, without what only LiteLLM can add, and without secrets."""
    coming = {id_of(entry): entry for entry in entries}
    for action in plan.actions:
        model_id = str(action.model_id)
        if action.kind == CREATE:
            coming[model_id] = _merged({"litellm_params": {}, "model_info": {"db_model": True}}, action.body)
        elif action.kind == UPDATE:
            merged = _merged(coming[model_id], action.body)
            coming[model_id] = _without(_merged(merged, action.wanted) if action.recreate else merged, action.cleared)
        elif action.kind == DELETE:
            coming.pop(model_id, None)
    return list(coming.values())


def _without(entry: Deployment, cleared: t.Collection[t.Tuple[str, str]]) -> Deployment:
    """A deployment without some paths. LiteLLM has a price in both parts."""
    gone = {*cleared, *[("model_info", key) for _part, key in cleared if key in CLEARABLE]}
    parts = ("litellm_params", "model_info")
    return {**entry, **{part: {key: value for key, value in entry[part].items() if (part, key) not in gone} for part in parts}}


def names_leaving(plan: Plan, entries: t.Sequence[Deployment]) -> t.List[str]:
    """Names of which LiteLLM has no deployment any more once the plan is carried out, in order."""
    if not any(action.kind == DELETE or "model_name" in action.body for action in plan.actions if action.kind != CREATE):
        return []
    stay = {entry["model_name"] for entry in outcome_of(plan, entries)}
    return sorted(names_managed(entries) - stay)


def kinds_of_writes(plan: Plan) -> t.Tuple[bool, bool, bool]:
    """Whether carrying the plan out creates, updates and deletes deployments."""
    anew = any(action.recreate for action in plan.actions)
    creates, updates, deletes = (any(action.kind == kind for action in plan.actions) for kind in (CREATE, UPDATE, DELETE))
    return creates or anew, updates, deletes or anew


def names_managed(entries: t.Iterable[Deployment]) -> t.Set[str]:
    """Names of the deployments that are LiteLLM's to make and delete by its API, of no team."""
    return {entry["model_name"] for entry in entries if classify(entry) not in (CONFIG, TEAM)}


def _merged(entry: Deployment, body: Deployment) -> Deployment:
    shown = {name: value for name, value in body.get("litellm_params", {}).items() if not _hides(name, value)}
    # LiteLLM copies a price to model_info, where it is read first.
    prices = {name: value for name, value in shown.items() if name in CLEARABLE and value is not None}
    return {
        "model_name": body.get("model_name", entry.get("model_name")),
        "litellm_params": dict(entry["litellm_params"], **shown),
        "model_info": {**entry["model_info"], **body.get("model_info", {}), **prices},
    }


# --- after the writes --------------------------------------------------------------------------------------------------


def announcement(action: Action) -> Deployment:
    """What is written before an update that LiteLLM may save and not serve."""
    return {"model_info": {"id": action.model_id, WRITING_KEY: {"params": sorted(action.body.get("litellm_params", {})), "written": False}}}


def withdrawal(action: Action) -> Deployment:
    """What takes an announcement back after which nothing was written."""
    return {"model_info": {"id": action.model_id, WRITING_KEY: {"params": [], "written": True}}}


def is_unfinished(entry: Deployment) -> bool:
    """Whether an update of a deployment was announced, and LiteLLM does not show that it was written."""
    return _writing(entry).get("written") is False


def announced_params(entry: Deployment) -> t.Set[str]:
    """The parameters that the last update of a deployment wrote, or was to write."""
    return _names(_writing(entry).get("params"))


def _writing(entry: Deployment) -> t.Dict[str, t.Any]:
    writing = entry.get("model_info", {}).get(WRITING_KEY)
    return writing if isinstance(writing, dict) else {}


def _mark_written(body: Deployment, model_id: str, more: t.Iterable[str] = ()) -> None:
    """Say in the body of an update which parameters it writes, and that they are written."""
    info = body.setdefault("model_info", {"id": model_id})
    info[WRITING_KEY] = {"params": sorted({*body.get("litellm_params", {}), *more}), "written": True}


def finish(action: Action, entry: Deployment, stored: Deployment) -> None:
    """Add to an update what an earlier one may have overwritten. ``entry`` is what LiteLLM shows, ``stored`` what is in its database.

    What the entry of the list says goes over it, else what LiteLLM still serves. What is neither said nor served is cleared. Only what the
    earlier update announced is touched: everything else is stored as it was.
    """
    if is_unfinished(stored):
        # It was announced, and never written.
        return
    names = announced_params(entry) | announced_params(stored)
    wanted, shown = action.wanted, shown_params(entry)
    params = action.body.setdefault("litellm_params", {})
    fingerprints: t.Dict[str, t.Any] = {}
    for name in sorted(names.difference(params)):
        value = wanted["litellm_params"].get(name, shown.get(name))
        if value is not None:
            params[name] = value
            if hmac_key(name) in wanted["model_info"]:
                fingerprints[hmac_key(name)] = wanted["model_info"][hmac_key(name)]
        elif _was_added(name, entry, stored):
            action.cleared = [*action.cleared, ("litellm_params", name)]
    ours = {key: value for key, value in entry["model_info"].items() if key.startswith("litemaas_") and not of_hmac(key)}
    action.body["model_info"] = {**ours, **fingerprints, **action.body["model_info"]}
    action.body["model_name"] = wanted["model_name"]
    _mark_written(action.body, str(action.model_id), names)


def _was_added(name: str, entry: Deployment, stored: Deployment) -> bool:
    """Whether a parameter is stored that LiteLLM does not serve. What it never shows may have been there before."""
    return name not in NEVER_SHOWN and hmac_key(name) not in entry["model_info"] and stored.get("litellm_params", {}).get(name) is not None


def not_cleared(action: Action, stored: Deployment) -> t.List[str]:
    """Parameters that are still stored although the update sent null for them (LiteLLM 1.81 clears nothing by null)."""
    return [key for part, key in action.cleared if part == "litellm_params" and stored.get(part, {}).get(key) is not None]


def removable(action: Action) -> t.List[str]:
    """What an update is to clear, where all of it is parameters: LiteLLM 1.109.3 and later take these out in place."""
    rest = [(part, key) for part, key in action.cleared if key not in CLEARABLE]
    in_place = not (action.unread or action.doubtful) and all(part == "litellm_params" for part, _key in rest)
    return sorted(key for _part, key in rest) if in_place else []


def settle_in_place(action: Action, entry: Deployment, names: t.Iterable[str]) -> None:
    """Make an update of what was to be made anew, because LiteLLM takes these parameters out. ``entry`` is how it shows it now."""
    action.recreate = False
    info = action.body.setdefault("model_info", {"id": action.model_id})
    info.update({hmac_key(name): FORGOTTEN for name in names if hmac_key(name) in entry["model_info"]})


def expect_removed(action: Action, names: t.Iterable[str]) -> None:
    """After the write: LiteLLM is to show none of these parameters, and what it does not serve is put back with them."""
    if not action.recreate:
        action.body.setdefault("litellm_params", {}).update(dict.fromkeys(names))


def hidden_beside(body: Deployment, stored: Deployment) -> t.List[str]:
    """Secrets that are stored encrypted, as texts are, and that a body does not give. LiteLLM shows none of them."""
    have, info = stored.get("litellm_params") or {}, stored.get("model_info") or {}
    secrets = {name for name, value in have.items() if name in NEVER_SHOWN or _hides(name, value) or hmac_key(name) in info}
    return sorted(name for name in secrets if isinstance(have[name], str) and name not in body["litellm_params"])


def check_taken_over(body: Deployment, stored: Deployment) -> None:
    """Before a create writes over what is saved under its id, and not served: raise ModelConflict where it may not.

    It may not where that is another model, or has more secrets. For a LiteLLM that does not show why it does not serve it: 1.81, and
    any that serves nothing at all.
    """
    name = stored.get("model_name")
    if isinstance(name, str) and body["model_name"] not in (name, stored.get("model_info", {}).get("team_public_model_name")):
        raise ModelConflict(
            body["model_name"],
            "model_id {0} belongs to the model {1}, which LiteLLM has saved and does not serve: correct model_name or model_id".format(
                body["model_info"]["id"], name
            ),
        )
    missing = hidden_beside(body, stored)
    if missing:
        raise ModelConflict(
            body["model_name"],
            "LiteLLM has it saved under {0}, and does not serve it. It may be unable to read it, because its salt key has changed. It "
            "cannot be saved anew: the entry does not hold {1}. Give that in the entry, or {2}".format(
                body["model_info"]["id"], ", ".join(missing), ANOTHER_WAY
            ),
            missing=missing,
        )


def unreadable_secrets(action: Action, names: t.Iterable[str]) -> Deployment:
    """What is kept in place of the fingerprints of secrets that LiteLLM cannot read, so that a later run does not rely on them."""
    return {"model_info": dict({hmac_key(name): UNREADABLE for name in names}, id=action.model_id)}


def rest_of(action: Action, entry: Deployment) -> t.Optional[Action]:
    """What takes out of a deployment that was saved anew what LiteLLM still cannot read of it, or None."""
    lost = [name for name in unreadable(entry["litellm_params"]) if name not in action.body["litellm_params"]]
    if not lost:
        return None
    cleared = [("litellm_params", name) for name in lost]
    return Action(UPDATE, action.model_name, action.model_id, recreate=True, cleared=cleared, wanted=action.body)


def way_back(action: Action, entry: Deployment) -> Action:
    """The update that puts back what an update overwrote which LiteLLM does not serve. ``entry`` is what it served before.

    Raises ModelConflict where what was stored before is not known.
    """
    shown = shown_params(entry)
    params = action.body.get("litellm_params", {})
    unknown = sorted(name for name in params if name not in shown and _is_stored(entry, name))
    if unknown or action.doubtful:
        raise ModelConflict(action.model_name, "what was stored before is not known ({0})".format(", ".join(unknown) or "all of it"))
    back = Action(UPDATE, action.model_name, action.model_id)
    back.body = {"litellm_params": {name: shown[name] for name in params if name in shown}, "model_info": _info_back(action, entry)}
    if action.announced:
        _mark_written(back.body, str(action.model_id), params)
    if "model_name" in action.body:
        back.body["model_name"] = entry["model_name"]
    # Only delete and create takes out what was not there before, and needs the secrets that stay.
    back.cleared = [("litellm_params", name) for name in params if name not in shown]
    back.cleared += [("model_info", name) for name in left_in_info(action, entry)]
    known = {name: action.wanted["litellm_params"][name] for name in action.known_secrets}
    back.wanted = {
        "model_name": entry["model_name"],
        "litellm_params": dict(shown, **known),
        "model_info": _without_none({**back.body["model_info"], **{key: entry["model_info"].get(key) for key in MEMORY_KEYS}}),
    }
    return back


def left_in_info(action: Action, entry: Deployment) -> t.List[str]:
    """Keys of model_info that an update set and that were not there before: no later update takes them out."""
    added = (key for key in action.body.get("model_info", {}) if key != "id" and not key.startswith("litemaas_"))
    return sorted(key for key in added if entry["model_info"].get(key) is None)


def _info_back(action: Action, entry: Deployment) -> t.Dict[str, t.Any]:
    """The model_info that was there before an update. What it added stays remembered, so that ``replace`` clears it one day."""
    before = entry["model_info"]
    kept = {"id", WRITING_KEY, MANAGED_KEY, INFO_KEY, *left_in_info(action, entry)}
    return dict({key: before.get(key) for key in action.body.get("model_info", {}) if key not in kept}, id=action.model_id)


def _is_stored(entry: Deployment, name: str) -> bool:
    """Whether a parameter is there, or may be, whatever LiteLLM shows of it."""
    return name in NEVER_SHOWN or entry["litellm_params"].get(name) is not None or entry["model_info"].get(hmac_key(name)) is not None


def anew(action: Action, stored: Deployment) -> t.Tuple[t.Optional[Deployment], t.List[str]]:
    """How to make a deployment anew that we made, that is saved with more than its spec says, and that no pod serves.

    Returns the body, or None where that would lose a secret or is nobody's wish; and what is left out.
    """
    whole = action.body if action.kind == CREATE else action.wanted
    params, info = stored.get("litellm_params", {}), _saved_info(stored)
    left = sorted(name for name, value in params.items() if _is_kept(name, value) and name not in whole.get("litellm_params", {}))
    lost = [name for name in left if name in NEVER_SHOWN]
    if not left or lost or "model" not in whole["litellm_params"] or not any(key.startswith("litemaas_") for key in info):
        return None, left
    given = {key: value for key, value in whole["model_info"].items() if key in action.body.get("model_info", {}) or key not in info}
    gone = {hmac_key(name) for name in left}
    kept = {key: value for key, value in info.items() if key not in gone and key != "db_model"}
    return dict(whole, model_info=dict(kept, **given)), left


def _saved_info(stored: Deployment) -> t.Dict[str, t.Any]:
    """What is saved of a deployment's model_info.

    Of one that it does not serve LiteLLM 1.100 does not tell what is saved: what it shows has all that its price list knows of the
    model in it, and names the entry there. Sent back, that would stay for ever.
    """
    info: t.Dict[str, t.Any] = stored.get("model_info", {})
    if PRICE_LIST_ENTRY not in info:
        return info
    said = {*(own_info(stored) or ()), *NOT_IN_PRICE_LIST}
    return {key: value for key, value in info.items() if key.startswith("litemaas_") or key in said}


def recreation(action: Action, entry: Deployment, stored: Deployment) -> Deployment:
    """The body under which a deployment is made anew to clear what LiteLLM cannot clear in place.

    ``entry`` is the deployment as LiteLLM shows it, ``stored`` as it is in its database: parameters that are stored and not
    shown are secrets, and would be lost. Raises ModelConflict where the spec does not give them again.
    """
    wanted = action.wanted
    cleared = set(action.cleared)
    _refuse_to_lose(action, entry, stored.get("litellm_params", {}))
    body: Deployment = {"model_name": wanted["model_name"]}
    for part in ("litellm_params", "model_info"):
        source = entry["litellm_params"] if part == "litellm_params" else _saved_info(stored)
        kept = {key: value for key, value in source.items() if (part, key) not in cleared and _is_kept(key, value)}
        kept.pop("db_model", None)
        body[part] = dict(kept, **wanted[part])
    forgotten = {hmac_key(key) for part, key in cleared if part == "litellm_params"}.union(set(MEMORY_KEYS) - set(wanted["model_info"]))
    # An announcement is of an update in place.
    forgotten.add(WRITING_KEY)
    body["model_info"] = {key: value for key, value in body["model_info"].items() if key not in forgotten}
    return body


def _loss(action: Action, entry: Deployment, stored: t.Mapping[str, t.Any]) -> str:
    """What delete and create would lose of the stored parameters, as a sentence, or the empty text. What is shown is stored, too."""
    hidden = {
        name
        for name, value in stored.items()
        if ("litellm_params", name) not in action.cleared and name not in action.wanted["litellm_params"]
        if _is_lost(name, value, entry["litellm_params"].get(name))
    }
    if not hidden:
        return ""
    return (
        "clearing {0} takes delete and create, and {1} would be lost, because LiteLLM does not give back what was stored: give "
        "it in the spec".format(", ".join(sorted({key for _part, key in action.cleared})), ", ".join(sorted(hidden)))
    )


def _refuse_to_lose(action: Action, entry: Deployment, stored: t.Mapping[str, t.Any]) -> None:
    """Raise ModelConflict where delete and create would lose a stored parameter."""
    loss = _loss(action, entry, stored)
    if loss:
        raise ModelConflict(action.model_name, loss)


def loses_unless_in_place(action: Action, entry: Deployment) -> str:
    """What is lost of what LiteLLM shows where it does not take parameters out in place, or the empty text."""
    if not (action.kind == UPDATE and action.recreate and removable(action)):
        return ""
    return _loss(action, entry, entry["litellm_params"])


def _is_lost(name: str, stored: t.Any, shown: t.Any) -> bool:
    """Whether what is stored cannot be told from what is shown.

    Secrets are not shown, and a text may be a reference to the proxy's environment, which is shown resolved.
    """
    if stored is None:
        return False
    return shown is None or shows_mask(name, shown) or isinstance(shown, str)


def _is_kept(key: str, value: t.Any) -> bool:
    return value is not None and not (value is False and key in STICKY_FLAGS)


def unserved(actions: t.Sequence[Action], entries: t.Sequence[Deployment]) -> t.List[str]:
    """Ids of written deployments that LiteLLM does not show as they were written."""
    by_id = {id_of(entry): entry for entry in entries}
    return [
        str(action.model_id)
        for action in actions
        if (action.awaited or action.kind in (CREATE, UPDATE, DELETE)) and not _shows(action, by_id.get(str(action.model_id)))
    ]


def _shows(action: Action, entry: t.Optional[Deployment]) -> bool:
    if action.kind == DELETE:
        return entry is None
    return entry is not None and not shown_otherwise(action, entry)


def shown_otherwise(action: Action, entry: Deployment) -> t.List[Change]:
    """What was written and is shown with another value: field, what was sent, and what is shown."""
    expected = action.wanted if action.recreate else action.body
    name = expected.get("model_name", entry["model_name"])
    found = [Change("model_name", name, entry["model_name"])] if entry["model_name"] != name else []
    for part in ("litellm_params", "model_info"):
        for key, value in expected.get(part, {}).items():
            if not _shows_value(entry, part, key, value):
                field, shown = BY_PATH.get((part, key), key), current_value(entry, (part, key))
                secret = part == "litellm_params" and _is_fingerprinted(key, value, entry, expected)
                found.append(Change(field, HIDDEN, HIDDEN) if secret else Change(field, _shown(field, value), _shown(field, shown)))
    return found


def _is_fingerprinted(name: str, value: t.Any, *bodies: Deployment) -> bool:
    """Whether somebody gave a parameter as a secret, whatever it is called."""
    return any(body.get("model_info", {}).get(hmac_key(name)) is not None for body in bodies) and not may_be_masked(name, value)


def is_taken_over(action: Action, before: t.Optional[Deployment], entry: t.Optional[Deployment]) -> bool:
    """Whether LiteLLM serves an update, if maybe with other values: something of it shows that was not there before."""
    if entry is None or before is None:
        return entry is not None
    if action.announced or action.doubtful:
        return _writing(entry).get("written") is True
    sent = action.wanted if action.recreate else action.body
    paths = [(part, key) for part in ("litellm_params", "model_info") for key in sent.get(part, {})]
    return entry["model_name"] != before["model_name"] or any(current_value(entry, path) != current_value(before, path) for path in paths)


def how_shown(changes: t.Sequence[Change]) -> str:
    """A sentence on what LiteLLM serves with other values than it was sent."""
    if all(of_hmac(change.field) for change in changes):
        return "another run wrote its secrets at the same time. Run again"
    told = ["{0}: sent {1}, shown {2}".format(change.field, _as_text(change.before), _as_text(change.after)) for change in changes]
    sentence = (
        "LiteLLM serves it with another value than it was sent ({0}): write it as LiteLLM shows it, or leave it out. If another run "
        "changed it meanwhile, run again"
    )
    return sentence.format("; ".join(told))


def _as_text(value: t.Any) -> str:
    text = value if value == HIDDEN else json.dumps(value, sort_keys=True)
    return text if len(text) <= 200 else text[:200] + "..."


def _shows_value(entry: Deployment, part: str, key: str, value: t.Any) -> bool:
    if part == "litellm_params" and _hides(key, value):
        # Not given back as it was sent; its HMAC in model_info is compared instead.
        return True
    if part == "model_info" and key == "id":
        return True
    if part == "model_info" and key == WRITING_KEY:
        # Another run may have written since.
        return not is_unfinished(entry)
    have = current_value(entry, (part, key))
    if part == "litellm_params" and value is not None and may_be_masked(key, value):
        return same_value(value, have) or is_shown_as(value, have)
    if has_mask(have):
        return True
    if value is None:
        return key not in entry["litellm_params"] or entry["litellm_params"][key] is None
    if value == FORGOTTEN and of_hmac(key):
        return have is None
    return same_value(value, have)
