# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Model specs x deployments -> plan. Pure: the same input gives the same plan, and nothing is asked of a server."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import contextlib
import dataclasses
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.counted import counted, of_many
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import ModelConflict, ModelError, first_of_many
from ansible_collections.litemaas.models.plugins.module_utils._common.fingerprints import hmac_key, kept_with, of_hmac
from ansible_collections.litemaas.models.plugins.module_utils._common.hints import VERY_LIKE, did_you_mean
from ansible_collections.litemaas.models.plugins.module_utils._common.patterns import Patterns, any_matches
from ansible_collections.litemaas.models.plugins.module_utils._common.secret_names import is_secret
from ansible_collections.litemaas.models.plugins.module_utils._common.secrets_in_data import without_secrets
from ansible_collections.litemaas.models.plugins.module_utils._common.spec import ABSENT, Spec
from ansible_collections.litemaas.models.plugins.module_utils._common.spec_checks import check_complete
from ansible_collections.litemaas.models.plugins.module_utils._common.spec_secrets import stored_in_the_clear
from ansible_collections.litemaas.models.plugins.module_utils._common.unreadable import UNREADABLE, unreadable
from ansible_collections.litemaas.models.plugins.module_utils._litellm.body import (
    NEVER_SHOWN,
    masked_values,
    opaque_values,
    values_by_path,
    with_defaults,
)
from ansible_collections.litemaas.models.plugins.module_utils._litellm.compare import Comparison, shown_value
from ansible_collections.litemaas.models.plugins.module_utils._litellm.identity import (
    CONFIG,
    TEAM,
    WHAT_TELLS_APART,
    Deployment,
    Targets,
    classify,
    describe_backend,
    id_of,
)
from ansible_collections.litemaas.models.plugins.module_utils._litellm.memory import (
    announced_params,
    is_unfinished,
    mark_written,
    memory_of,
)
from ansible_collections.litemaas.models.plugins.module_utils._litellm.plan import (
    CANNOT_READ,
    CREATE,
    DELETE,
    FAILED,
    HIDDEN,
    SAVED_ONLY,
    UNCHANGED,
    UPDATE,
    Action,
    Change,
    Plan,
    Policy,
    removable,
    without,
)
from ansible_collections.litemaas.models.plugins.module_utils._litellm.recreate import (
    refuse_to_lose,
    refuse_unreadable_secrets,
    save_anew,
    takes_recreation,
)
from ansible_collections.litemaas.models.plugins.module_utils._litellm.settle import outcome_of
from ansible_collections.litemaas.models.plugins.module_utils._litellm.taken_over import NEVER_REFUSED


def matches(
    line: dict[str, t.Any],
    model_name: str | None,
    model_id: str | None,
    patterns: Patterns,
    classes: t.Sequence[str] | None,
) -> bool:
    """Whether a described deployment is one that was asked for. None asks for all."""
    return (
        (model_name is None or line["model_name"] == model_name)
        and (model_id is None or line["model_id"] == model_id)
        and (patterns is None or any_matches(patterns, line["model_name"]))
        and (not classes or line["model_class"] in classes)
    )


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


def _warning_of_the_clear(specs: t.Iterable[Spec]) -> list[str]:
    """At most one sentence about secrets that LiteLLM stores without encrypting them."""
    places = [(spec.model_name, stored_in_the_clear(spec)) for spec in specs if spec.state != ABSENT]
    models = ["{0} ({1})".format(name, ", ".join(found)) for name, found in places if found]
    if not models:
        return []
    return [
        "LiteLLM stores these secrets in the clear in its table LiteLLM_ProxyModelTable, because it encrypts only texts in "
        f"litellm_params, not dictionaries, lists or model_info: {first_of_many(models)}. Use api_key or a text in secret_params if the "
        "provider allows it. Otherwise restrict access to that table"
    ]


def _warning_of_the_unread(actions: t.Iterable[Action]) -> list[str]:
    """At most one sentence about models that LiteLLM cannot read."""
    names = [action.model_name for action in actions if action.unread]
    if not names:
        return []
    return [
        f"LiteLLM could not read what it has saved of {first_of_many(names)}: its salt key has changed (LITELLM_SALT_KEY, or the "
        "master key if that is not set). The values in the list are saved anew. Models and credentials that are in no list stay "
        "unreadable until the old salt key is restored or somebody saves them again"
    ]


def _warning_of_old_secrets(specs: t.Iterable[Spec], targets: Targets) -> list[str]:
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
        "These models have secrets in LiteLLM from an earlier list, and LiteLLM uses them instead of the credential: "
        f"{first_of_many(models)}. To remove them, run once with replace (litemaas_models_replace: true). To remove only the api_key, set "
        "api_key: false in the entry"
    ]


def _secrets_left(spec: Spec, entry: Deployment) -> set[str]:
    """Secrets that this collection wrote and that a spec without replace leaves where they are."""
    hidden = {of_hmac(key) for key, value in entry["model_info"].items() if value is not None}
    taken_out = {"api_key"} if spec.without_key else set()
    # A reference to the environment is kept like a secret, and shown.
    secrets = {name for name in hidden if name in NEVER_SHOWN or is_secret(name, "x")}
    return secrets - spec.parameters().keys() - taken_out


def _plan_one(spec: Spec, targets: Targets, policy: Policy, warnings: list[str]) -> list[Action]:
    entry, duplicates = targets.find(spec)
    removals = [_delete(duplicate, f"duplicate of {id_of(entry) if entry else spec.model_name}") for duplicate in duplicates]
    if spec.state == ABSENT:
        if entry is None:
            if targets.in_config(spec.model_name):
                raise ModelConflict(spec.model_name, "it is defined in LiteLLM's config.yaml: remove it there")
            model_id, others = targets.new_id(spec), targets.unmatched(spec)
            if others:
                warnings.append(_not_deleted(spec.model_name, others))
            elif not spec.model_id and not targets.of_the_name(spec.model_name):
                warnings += _perhaps_mistyped(spec.model_name, targets.similar_names(spec.model_name, VERY_LIKE))
            return [Action(UNCHANGED, spec.model_name, model_id, reason=_not_there(spec, targets), unseen=not targets.has_id(model_id))]
        return [_delete(entry, "state is absent"), *removals]
    if entry is None:
        if targets.in_config(spec.model_name):
            warnings.append(f"{spec.model_name} is also defined in LiteLLM's config.yaml: requests are shared between both")
        return [plan_create(spec, targets.new_id(spec), policy)]
    action = plan_update(spec, entry, policy)
    if action.kind == UNCHANGED and entry.get(SAVED_ONLY):
        action.awaited = True
        action.wanted = _full_body(spec, id_of(entry), policy, entry["model_info"])
        action.reason = "as it should be in LiteLLM's database, but not served yet by the pod that answered"
    return [action, *removals]


def _not_there(spec: Spec, targets: Targets) -> str:
    """Why nothing is deleted for a spec that says "absent"."""
    if spec.model_id:
        return "absent: LiteLLM has no model with this id"
    if targets.of_the_name(spec.model_name):
        return "absent: LiteLLM has no deployment of this name that matches the entry"
    near = targets.similar_names(spec.model_name)
    return "absent: LiteLLM has no model of this name{0}".format(" (it has {0})".format(", ".join(near)) if near else "")


def _perhaps_mistyped(model_name: str, near: t.Sequence[str]) -> list[str]:
    """What a person should know whose entry says "absent" of a name that LiteLLM does not have, while it has one like it."""
    if not near:
        return []
    return [
        f"{model_name}: nothing is deleted for the entry with state: absent, because LiteLLM has no model of this name{did_you_mean(near)}"
    ]


def _not_deleted(model_name: str, others: t.Sequence[Deployment]) -> str:
    """What a person should know where an entry says "absent" of a deployment that is not there, beside others of the name."""
    return (
        f"{model_name}: nothing was deleted for an entry with state: absent, because what LiteLLM has of this name differs "
        f"from it: {first_of_many([describe_backend(entry, others) for entry in others])}. To delete "
        "one of them, give its model_id"
    )


def _kept(model_name: str, entries: t.Sequence[Deployment], targets: Targets) -> str:
    """What a person should know of deployments that are no duplicates."""
    beside = targets.of_the_name(model_name)
    return (
        "{0}: LiteLLM has {1} of this name that no entry of the list matches, and that {2} not like one that an entry matches. Nothing is "
        "done to {3}: {4}. To keep {3} in the list, add an entry for {5}, {6}. To delete one, add an entry with its model_id and "
        "state: absent".format(
            model_name,
            counted(len(entries), "deployment"),
            of_many(len(entries), "is", "are"),
            of_many(len(entries), "it", "them"),
            first_of_many([describe_backend(entry, beside) for entry in entries]),
            of_many(len(entries), "it", "each of them"),
            WHAT_TELLS_APART,
        )
    )


def _no_longer_meant(model_name: str, entries: t.Sequence[Deployment], targets: Targets) -> str:
    """What a person should know of deployments that an earlier run made, and that the list has no more: an address may have changed."""
    beside = targets.of_the_name(model_name)
    return (
        "{0}: an earlier run created {1} of this name that no entry of the list matches any more. Requests still go there: {2}. If an "
        "entry was changed (litellm_model, api_base, region, project, credential), give it this model_id to change the deployment in "
        "place. To delete it, add an entry with its model_id and state: absent".format(
            model_name,
            counted(len(entries), "deployment"),
            first_of_many([describe_backend(entry, beside) for entry in entries]),
        )
    )


def _delete(entry: Deployment, reason: str) -> Action:
    name = entry["model_name"]
    return Action(DELETE, name, id_of(entry), changes=[Change("model_name", name, None)], reason=reason)


def plan_create(spec: Spec, model_id: str, policy: Policy) -> Action:
    """A deployment that is not there yet: what was given, and the defaults of what was not. Raises ModelError."""
    check_complete(spec)
    body = _full_body(spec, model_id, policy)
    changes = [Change("model_name", None, spec.model_name)]
    changes += [Change(option, None, shown_value(option, value)) for option, value in sorted(spec.options.items())]
    changes += [Change(name, None, shown_value(name, value)) for name, value in sorted(spec.extra_params.items())]
    changes += [Change(name, None, HIDDEN) for name in sorted(spec.secret_params)]
    changes += [Change(name, None, without_secrets(name, value)) for name, value in sorted(spec.extra_info.items())]
    return Action(CREATE, spec.model_name, model_id, body=body, changes=changes, reason="not in LiteLLM")


def plan_update(spec: Spec, entry: Deployment, policy: Policy) -> Action:
    """A deployment that is there: only what differs. Raises ModelError."""
    if policy.replace:
        check_complete(spec)
    differ = Comparison(spec, entry, policy)
    differ.compare()
    lost = unreadable(entry["litellm_params"])
    if lost:
        save_anew(differ, lost)
    else:
        refuse_unreadable_secrets(differ)
    doubtful = is_unfinished(entry)
    if doubtful:
        differ.send_info()
    if not differ.changes:
        return Action(UNCHANGED, spec.model_name, id_of(entry), reason="as it should be")
    action = Action(UPDATE, spec.model_name, id_of(entry), body=differ.patch(), changes=differ.changes, reason=differ.reason())
    action.wanted = _full_body(spec, id_of(entry), policy, entry["model_info"])
    action.cleared = differ.cleared
    action.recreate = takes_recreation(differ.cleared)
    action.doubtful = doubtful
    action.known_secrets = differ.known_secrets()
    if action.recreate and not lost and (policy.revise or not removable(action)):
        refuse_to_lose(action, entry, entry["litellm_params"])
    if lost:
        action.unread = True
        action.reason = f"{CANNOT_READ.format(id_of(entry))}. It is saved anew"
        if action.recreate:
            action.reason += without(action.cleared)
    if doubtful:
        action.reason = "an earlier update was not finished, so its values are written again"
        mark_written(action.body, id_of(entry), announced_params(entry))
    elif policy.announce and not (entry.get(SAVED_ONLY) or NEVER_REFUSED.issuperset(differ.at_risk())):
        action.announced = True
        mark_written(action.body, id_of(entry))
    return action


# --- what differs ------------------------------------------------------------------------------------------------------


def names_leaving(plan: Plan, entries: t.Sequence[Deployment]) -> list[str]:
    """Names of which LiteLLM has no deployment any more once the plan is carried out, in order."""
    if not any(action.kind == DELETE or "model_name" in action.body for action in plan.actions if action.kind != CREATE):
        return []
    stay = {entry["model_name"] for entry in outcome_of(plan, entries)}
    return sorted(names_managed(entries) - stay)


def kinds_of_writes(plan: Plan) -> tuple[bool, bool, bool]:
    """Whether carrying the plan out creates, updates and deletes deployments."""
    anew = any(action.recreate for action in plan.actions)
    creates, updates, deletes = (any(action.kind == kind for action in plan.actions) for kind in (CREATE, UPDATE, DELETE))
    return creates or anew, updates, deletes or anew


def names_managed(entries: t.Iterable[Deployment]) -> set[str]:
    """Names of the deployments that are LiteLLM's to make and delete by its API, of no team."""
    return {entry["model_name"] for entry in entries if classify(entry) not in (CONFIG, TEAM)}


def unreadable_secrets(action: Action, names: t.Iterable[str]) -> Deployment:
    """What is kept in place of the fingerprints of secrets that LiteLLM cannot read, so that a later run does not rely on them."""
    return {"model_info": dict({hmac_key(name): UNREADABLE for name in names}, id=action.model_id)}


def _full_body(spec: Spec, model_id: str, policy: Policy, have: dict[str, t.Any] | None = None) -> Deployment:
    """The body that creates the spec's deployment; ``have`` is the model_info of the one whose place it takes."""
    body: Deployment = {"model_name": spec.model_name, "litellm_params": {}, "model_info": {"id": model_id}}
    for (part, key), (_field, value) in values_by_path(with_defaults(spec)).items():
        body[part][key] = value
    body["litellm_params"].update(spec.extra_params)
    body["litellm_params"].update(spec.secret_params)
    body["model_info"].update(spec.extra_info)
    for name, value in {**opaque_values(spec), **masked_values(spec)}.items():
        body["model_info"][hmac_key(name)] = kept_with((have or {}).get(hmac_key(name)), policy.admin_key, model_id, name, value)
    body["model_info"].update({key: names for key, names in memory_of(spec).items() if names})
    return body
