# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

"""Carries a plan of deployments out, one write after the other, and says what became of each."""

from __future__ import annotations

import collections
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._deployments import (
    CREATE,
    DELETE,
    FAILED,
    NOT_SERVED,
    UNCHANGED,
    UPDATE,
    Action,
    Plan,
    not_cleared,
    recreation,
    unserved,
)
from ansible_collections.litemaas.models.plugins.module_utils._diff import before_after
from ansible_collections.litemaas.models.plugins.module_utils._errors import (
    AuthenticationFailed,
    LiteMaaSError,
    ModelStoreDisabled,
    NotFound,
    PermissionMissing,
    ProxyError,
    told,
)
from ansible_collections.litemaas.models.plugins.module_utils._identity import Deployment, id_of
from ansible_collections.litemaas.models.plugins.module_utils._litellm import EXISTED, LiteLLM
from ansible_collections.litemaas.models.plugins.module_utils._progress import Phase

# Errors that every further write would run into as well.
HOPELESS = (AuthenticationFailed, PermissionMissing, ModelStoreDisabled)


def carry_out(plan: Plan, litellm: LiteLLM, entries: t.Sequence[Deployment], wait_timeout: t.Optional[float]) -> Plan:
    """Do what the plan says. A failing action becomes FAILED and does not stop the others.

    ``wait_timeout`` in seconds is for all of them together; None does not wait. Raises only what no write could survive,
    and only before the first write.
    """
    by_id = {id_of(entry): entry for entry in entries}
    with litellm.progress.phase("models written", sum(_is_written(action, litellm) for action in plan.actions)) as phase:
        _write_all(plan, litellm, by_id, phase)
    if wait_timeout is not None:
        _wait(plan, litellm, wait_timeout)
    return plan


def _write_all(plan: Plan, litellm: LiteLLM, by_id: t.Dict[str, Deployment], phase: Phase) -> None:
    written = 0
    hopeless: t.Optional[LiteMaaSError] = None
    for action in phase.each([action for action in plan.actions if _is_written(action, litellm)]):
        if hopeless:
            _fail(action, hopeless.message)
            continue
        try:
            _write(action, litellm, by_id)
            action.written = action.kind in (CREATE, UPDATE, DELETE)
            written += 1
        except LiteMaaSError as error:
            if isinstance(error, HOPELESS):
                if not written:
                    raise
                hopeless = error
            _fail(action, _sentence(error))


def _is_written(action: Action, litellm: LiteLLM) -> bool:
    """Whether the action is more than words.

    LiteLLM 1.81 shows no row that it does not serve: what should be absent is deleted by its id all the same.
    """
    return action.kind in (CREATE, UPDATE, DELETE) or (action.unseen and not litellm.shows_unserved)


def _write(action: Action, litellm: LiteLLM, by_id: t.Dict[str, Deployment]) -> None:
    model_id = str(action.model_id)
    if action.kind == CREATE:
        if litellm.create(action.body) == EXISTED:
            action.reason += "; it was saved already, and not served"
    elif action.kind == UNCHANGED:
        # LiteLLM does not list it, so only an empty change tells whose id it is.
        if litellm.has_id(model_id, action.model_name) and litellm.delete(model_id):
            action.kind, action.reason = DELETE, "state is absent; it was saved, and not served"
    elif action.kind == DELETE:
        if not litellm.delete(model_id):
            action.reason += "; it was gone already"
    elif action.recreate:
        _recreate(action, litellm, by_id[model_id])
    else:
        stored = _patch(action, litellm)
        if not_cleared(action, stored):
            action.recreate = True
            _recreate(action, litellm, by_id[model_id])


def _patch(action: Action, litellm: LiteLLM) -> Deployment:
    try:
        return litellm.patch(str(action.model_id), action.body)
    except NotFound:
        raise NotFound("it was deleted in LiteLLM while this run was at work: run again") from None


def _recreate(action: Action, litellm: LiteLLM, entry: Deployment) -> None:
    """Clear what only delete and create clears. The empty PATCH tells what is stored, secrets' names included."""
    stored = litellm.patch(str(action.model_id), {})
    given = action.wanted
    action.wanted = recreation(action, entry, stored)
    kept = {key for part in ("litellm_params", "model_info") for key in action.wanted[part] if key not in given[part]}
    advice = "Run again: the spec makes it anew{0}".format(
        ", without what the spec does not hold: " + ", ".join(sorted(kept)) if kept else ""
    )
    try:
        litellm.delete(str(action.model_id))
    except ProxyError as error:
        if not error.ambiguous:
            raise
        raise LiteMaaSError(
            "it was to be deleted and created anew, and nobody knows whether the delete was done ({0}). {1}".format(error.message, advice)
        ) from None
    action.written = True
    try:
        litellm.create(action.wanted)
    except LiteMaaSError as error:
        raise LiteMaaSError("it was deleted to be created anew, and the create failed ({0}). {1}".format(error.message, advice)) from None


def _wait(plan: Plan, litellm: LiteLLM, timeout: float) -> None:
    awaited = [action for action in plan.actions if action.awaited or action.kind in (CREATE, UPDATE, DELETE)]
    if not awaited:
        return
    try:
        ids = [str(action.model_id) for action in awaited]
        late = set(litellm.wait(lambda entries: unserved(awaited, entries), timeout, ids))
    except LiteMaaSError as error:
        plan.warnings.append("Could not check that LiteLLM serves what was written: {0}".format(error.message))
        return
    for action in awaited:
        action.served = str(action.model_id) not in late
        if not action.served:
            _fail(action, "{0} (waited {1:g} seconds)".format(NOT_SERVED, timeout))


def _sentence(error: LiteMaaSError) -> str:
    """What is said of a write that failed: nobody knows whether one that got no clear answer was done."""
    if isinstance(error, ProxyError) and error.ambiguous:
        return "{0}. It may have been done all the same: run again".format(error.message)
    return error.message


def _fail(action: Action, reason: str) -> None:
    action.kind = FAILED
    action.reason = reason


def deployment_report(plan: Plan) -> t.Dict[str, t.Any]:
    """The module's result from a plan, before or after it was carried out."""
    counts = collections.Counter(action.kind for action in plan.actions)
    failed = [action for action in plan.actions if action.kind == FAILED]
    result: t.Dict[str, t.Any] = {
        "changed": _changed(plan),
        "models": [_line(action) for action in plan.actions],
        "counts": {kind: counts.get(kind, 0) for kind in (CREATE, UPDATE, DELETE, UNCHANGED, FAILED)},
        "diff": before_after(
            ((_label(action), [(change.field, change.before, change.after) for change in action.changes]) for action in _changing(plan)),
            "LiteLLM models",
        ),
    }
    if plan.rights_missing:
        result["rights_missing"] = plan.rights_missing
    if failed:
        result["failed"] = True
        result["msg"] = "{0} of {1} models failed: {2}".format(
            len(failed), len(plan.actions), told([_failure(action) for action in failed])
        )
    return result


def _changing(plan: Plan) -> t.List[Action]:
    return [action for action in plan.actions if action.written or action.kind in (CREATE, UPDATE, DELETE)]


def _changed(plan: Plan) -> bool:
    return bool(_changing(plan))


def _label(action: Action) -> str:
    return "{0} ({1})".format(action.model_name, action.model_id)


def _failure(action: Action) -> str:
    """A reason with the model's name in front, unless it is of the kind that holds the name."""
    if action.reason.startswith("Model validation failed for "):
        return action.reason
    return "{0}: {1}".format(action.model_name, action.reason)


def _line(action: Action) -> t.Dict[str, t.Any]:
    line: t.Dict[str, t.Any] = {
        "position": action.position,
        "model_name": action.model_name,
        "model_id": action.model_id,
        "action": action.kind,
        "reason": action.reason,
        "changed_fields": sorted({change.field for change in action.changes}),
    }
    if action.served is not None:
        line["served"] = action.served
    return line
