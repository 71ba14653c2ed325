# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carries a plan of deployments out, one write after the other, and says what became of each."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import contextlib
import dataclasses
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.counted import count_actions, counted
from ansible_collections.litemaas.models.plugins.module_utils._common.diff import before_after
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import (
    AuthenticationFailed,
    LiteMaaSError,
    ModelConflict,
    ModelStoreDisabled,
    NotFound,
    PermissionMissing,
    ProxyError,
    first_of_many,
)
from ansible_collections.litemaas.models.plugins.module_utils._litellm.client import LiteLLM
from ansible_collections.litemaas.models.plugins.module_utils._litellm.identity import Deployment, id_of
from ansible_collections.litemaas.models.plugins.module_utils._litellm.memory import announcement, is_unfinished, withdrawal
from ansible_collections.litemaas.models.plugins.module_utils._litellm.model_writes import EXISTED, REMOVAL
from ansible_collections.litemaas.models.plugins.module_utils._litellm.plan import (
    CREATE,
    DELETE,
    FAILED,
    SAVED_ONLY,
    UNCHANGED,
    UPDATE,
    Action,
    Outcome,
    Plan,
    removable,
    without,
)
from ansible_collections.litemaas.models.plugins.module_utils._litellm.planner import unreadable_secrets
from ansible_collections.litemaas.models.plugins.module_utils._litellm.recreate import (
    left_in_info,
    recreated_from_spec,
    recreation,
    rest_of,
    way_back,
)
from ansible_collections.litemaas.models.plugins.module_utils._litellm.settle import (
    check_taken_over,
    complete_update,
    expect_removed,
    hidden_beside,
    not_cleared,
    settle_in_place,
)
from ansible_collections.litemaas.models.plugins.module_utils._litellm.taken_over import (
    NOT_SERVED,
    how_shown,
    is_taken_over,
    shown_otherwise,
    unserved,
)
from ansible_collections.litemaas.models.plugins.module_utils._run.progress import Phase

# Errors that every further write would run into as well.
HOPELESS = (AuthenticationFailed, PermissionMissing, ModelStoreDisabled)


def carry_out(plan: Plan, litellm: LiteLLM, entries: t.Sequence[Deployment], wait_timeout: float | None) -> Outcome:
    """Do what the plan says. A failing action becomes FAILED in the outcome and does not stop the others.

    ``wait_timeout`` in seconds is for all of them together; None does not wait. Raises only what no write could survive,
    and only before the first write.
    """
    by_id = {id_of(entry): entry for entry in entries}
    # What becomes of an action is written into a copy: the plan stays as it was made.
    actions = [_copy(action) if action.awaited or _is_written(action, litellm) else action for action in plan.actions]
    warnings = list(plan.warnings)
    with litellm.progress.phase("models written", sum(_is_written(action, litellm) for action in actions)) as phase:
        _write_all(actions, litellm, by_id, phase)
    if wait_timeout is not None:
        warnings += _wait(actions, litellm, by_id, wait_timeout)
    return Outcome(actions, warnings)


def _copy(action: Action) -> Action:
    """An action with a body of its own, whose parts an update fills in."""
    return dataclasses.replace(action, body={name: dict(part) if isinstance(part, dict) else part for name, part in action.body.items()})


def _write_all(actions: t.Sequence[Action], litellm: LiteLLM, by_id: dict[str, Deployment], phase: Phase) -> None:
    written = 0
    hopeless: LiteMaaSError | None = None
    for action in phase.each([action for action in actions if _is_written(action, litellm)]):
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


def _write(action: Action, litellm: LiteLLM, by_id: dict[str, Deployment]) -> None:
    model_id = str(action.model_id)
    if action.kind == CREATE:
        _create(action, litellm)
    elif action.kind == UNCHANGED:
        # LiteLLM does not list it, so only an empty change tells whose id it is.
        if litellm.has_id(model_id, action.model_name) and litellm.delete(model_id):
            action.kind, action.reason = DELETE, "state is absent; it was saved, but not served"
    elif action.kind == DELETE:
        if not litellm.delete(model_id):
            action.reason += "; it was already gone"
    elif action.recreate:
        _clear(action, litellm, by_id[model_id])
    else:
        _update(action, litellm, by_id[model_id])


def _create(action: Action, litellm: LiteLLM) -> None:
    """Create a deployment, or write it over what lies under its id and is not served."""
    try:
        existed = litellm.create(action.body, check_taken_over) == EXISTED
    except ModelConflict as error:
        if litellm.shows_unserved:
            # All but these secrets is written, and LiteLLM serves it: the next run has to know.
            _patch(action, litellm, unreadable_secrets(action, error.details["missing"]))
        raise
    if existed:
        action.reason += "; it was already saved, but not served"
        if not litellm.finds_unserved:
            action.reason += ": LiteLLM may have been unable to read it, because its salt key has changed. It was saved anew"


def _update(action: Action, litellm: LiteLLM, entry: Deployment, remove: t.Sequence[str] = ()) -> None:
    """Change a deployment in place, or make it anew where it has something that only this clears.

    ``remove`` are parameters to take out with the same write.
    """
    if action.announced:
        _patch(action, litellm, announcement(action))
    elif action.doubtful and not action.unread:
        _finish(action, litellm, entry)
    try:
        stored = _patch(action, litellm, dict(action.body, **{REMOVAL: list(remove)}) if remove else action.body)
    except ProxyError as error:
        if action.announced and not error.ambiguous:
            _withdraw(action, litellm)
        raise
    if action.unread:
        hidden = [("litellm_params", name) for name in hidden_beside(action.body, stored)]
        action.cleared = action.cleared + hidden
        action.reason += without(hidden) if hidden else ""
    if not_cleared(action, stored):
        _recreate(action, litellm, entry)


def _clear(action: Action, litellm: LiteLLM, entry: Deployment) -> None:
    """Take parameters out in place where LiteLLM does that; else make the deployment anew."""
    names = removable(action)
    stored = litellm.stored_unless_it_removes(str(action.model_id)) if names else None
    if names and stored is None:
        settle_in_place(action, entry, names)
        _update(action, litellm, entry, names)
        expect_removed(action, names)
    else:
        _recreate(action, litellm, entry, stored)


def _finish(action: Action, litellm: LiteLLM, entry: Deployment) -> None:
    """Take up an update that was not finished, unless another run was at work on it and has finished it meanwhile."""
    stored = _patch(action, litellm, {})
    shown = litellm.find(str(action.model_id))
    if shown is None or is_unfinished(shown):
        complete_update(action, entry, stored)


def _withdraw(action: Action, litellm: LiteLLM) -> None:
    """Nothing was written after the announcement. Where that cannot be said, the next run sends the model once more than needed."""
    with contextlib.suppress(LiteMaaSError):
        litellm.patch(str(action.model_id), withdrawal(action))


def _patch(action: Action, litellm: LiteLLM, body: Deployment) -> Deployment:
    try:
        return litellm.patch(str(action.model_id), body)
    except NotFound:
        raise NotFound("it was deleted in LiteLLM during this run: run again") from None


def _recreate(action: Action, litellm: LiteLLM, entry: Deployment, stored: Deployment | None = None) -> None:
    """Clear what only delete and create clears. An empty PATCH tells what is ``stored``, secrets' names included.

    LiteLLM 1.100 answers it with an error where it cannot read what is saved, and so serves nothing of it.
    """
    action.recreate, action.announced = True, False
    if stored is None:
        stored = entry if action.unread and entry.get(SAVED_ONLY) else litellm.stored(str(action.model_id))
    given = action.wanted
    action.wanted = recreation(action, entry, stored)
    kept = {key for part in ("litellm_params", "model_info") for key in action.wanted[part] if key not in given[part]}
    advice = "Run again to create it from the entry{0}".format(
        ", without these values, which the entry does not have: " + ", ".join(sorted(kept)) if kept else ""
    )
    try:
        litellm.delete(str(action.model_id))
    except ProxyError as error:
        if not error.ambiguous:
            raise
        raise LiteMaaSError(
            f"it had to be deleted and created anew, and it is not known whether it was deleted ({error.message}). {advice}"
        ) from None
    action.written = True
    try:
        litellm.create(action.wanted)
    except LiteMaaSError as error:
        raise LiteMaaSError(f"it was deleted to be created anew, but the create failed ({error.message}). {advice}") from None


def _wait(actions: t.Sequence[Action], litellm: LiteLLM, by_id: t.Mapping[str, Deployment], timeout: float) -> list[str]:
    """Say of each action whether LiteLLM serves what was written. Returns warnings."""
    awaited = [action for action in actions if action.awaited or action.kind in (CREATE, UPDATE, DELETE)]
    if not awaited:
        return []
    watch = _Observation(awaited)
    try:
        late = set(litellm.wait(watch.observe, timeout, watch.ids))
    except LiteMaaSError as error:
        return [f"Could not check that LiteLLM serves what was written: {error.message}"]
    second: list[_Correction] = []
    for action in awaited:
        model_id = str(action.model_id)
        action.served = model_id not in late
        before, shown = by_id.get(model_id), watch.shown.get(model_id)
        if action.served:
            rest = _take_out_rest(action, litellm, shown) if action.kind == CREATE and shown is not None else None
            second += [rest] if rest else []
            continue
        if action.kind != DELETE and shown is not None and is_taken_over(action, before, shown):
            _fail(action, how_shown(shown_otherwise(action, shown)))
            continue
        try_again = model_id not in watch.seen and _second_try(action, litellm, before)
        if try_again:
            second.append(try_again)
        else:
            _fail(action, "{0} (waited {1})".format(NOT_SERVED, counted(timeout, "second")) + action.unserved)
    if second:
        _wait_again(second, litellm, timeout)
    return []


class _Observation:
    """What the reads of a waiting show: ``shown`` by id in the last of them, and which ids were ``seen`` right in any."""

    def __init__(self, awaited: t.Sequence[Action]) -> None:
        self._awaited = awaited
        self.ids = [str(action.model_id) for action in awaited]
        self.shown: dict[str, Deployment] = {}
        self.seen: set[str] = set()

    def observe(self, entries: list[Deployment]) -> list[str]:
        """The ids that one read does not show as they were written."""
        self.shown = {id_of(entry): entry for entry in entries}
        missing = unserved(self._awaited, entries)
        self.seen.update(set(self.ids).difference(missing))
        return missing


@dataclasses.dataclass
class _Correction:
    """What is written for an action that no pod serves: the old values, or all of it anew."""

    action: Action
    write: Action
    put_back: bool
    left: str = ""


def _second_try(action: Action, litellm: LiteLLM, before: Deployment | None) -> _Correction | None:
    """Write something that LiteLLM serves. None where there is nothing, or it failed: ``action.unserved`` then says why."""
    try:
        if action.kind == UPDATE and not action.recreate and before is not None and not before.get(SAVED_ONLY):
            back = _put_back(action, litellm, before)
            left = [] if back.recreate else left_in_info(action, before)
            said = ", except for values in its model_info that only a delete removes: {0}".format(", ".join(left)) if left else ""
            return _Correction(action, back, True, said)
        if action.kind in (CREATE, UPDATE) or action.awaited:
            return _make_anew(action, litellm)
    except LiteMaaSError as error:
        # LiteLLM 1.81 has forgotten already what it served; later ones serve it until they are restarted.
        until = " before LiteLLM is restarted" if litellm.shows_unserved else ": LiteLLM serves no such model until then"
        action.unserved = f"; {error.message}. Correct the entry and run again{until}"
    return None


def _take_out_rest(action: Action, litellm: LiteLLM, shown: Deployment) -> _Correction | None:
    """Make anew what was saved over something that LiteLLM cannot read, where it still shows some of that."""
    rest = rest_of(action, shown)
    if rest is None:
        return None
    try:
        _recreate(rest, litellm, shown)
    except LiteMaaSError as error:
        _fail(
            action,
            f"LiteLLM cannot read everything that was saved under {action.model_id}, and the model could not be recreated: {error.message}",
        )
        return None
    action.reason += without(rest.cleared)
    return _Correction(action, Action(CREATE, action.model_name, action.model_id, body=rest.wanted), False)


def _put_back(action: Action, litellm: LiteLLM, before: Deployment) -> Action:
    """Save again what LiteLLM served before an update that it does not serve: else the model is gone when LiteLLM restarts."""
    try:
        back = way_back(action, before)
        if not_cleared(back, _patch(back, litellm, back.body)):
            _clear(back, litellm, before)
    except LiteMaaSError as error:
        error.add("", "the old values could not be put back: ")
        raise
    return back


def _make_anew(action: Action, litellm: LiteLLM) -> _Correction | None:
    """Take out what is saved beside what the entry says, by delete and create: it may be why LiteLLM does not serve it."""
    body, left = recreated_from_spec(action, litellm.stored(str(action.model_id)))
    if body is None:
        if left:
            action.unserved = "; it is saved with {0}, which the entry does not have".format(", ".join(left))
        return None
    litellm.delete(str(action.model_id))
    litellm.create(body)
    if action.kind == UNCHANGED:
        action.kind = UPDATE
    action.written = True
    action.reason += "; created anew without these saved values, which the entry does not have: {0}".format(", ".join(left))
    return _Correction(action, Action(CREATE, action.model_name, action.model_id, body=body), False)


def _wait_again(second: t.Sequence[_Correction], litellm: LiteLLM, timeout: float) -> None:
    """Say of what was written in a second try whether LiteLLM serves it."""
    written = [one.write for one in second]
    try:
        late = set(litellm.wait(lambda entries: unserved(written, entries), timeout, [str(write.model_id) for write in written]))
    except LiteMaaSError:
        late = {str(write.model_id) for write in written}
    for one in second:
        action = one.action
        is_late = str(action.model_id) in late
        action.served = not (one.put_back or is_late)
        if not action.served:
            back = "; the old values were put back" + one.left + (", and are not served yet" if is_late else "") if one.put_back else ""
            _fail(action, "{0} (waited {1}){2}".format(NOT_SERVED, counted(timeout, "second"), back))


def _sentence(error: LiteMaaSError) -> str:
    """What is said of a write that failed: nobody knows whether one that got no clear answer was done."""
    if isinstance(error, ProxyError) and error.ambiguous:
        return f"{error.message}. It may still have been done: run again"
    return error.message


def _fail(action: Action, reason: str) -> None:
    action.kind = FAILED
    action.reason = reason


def deployment_report(outcome: Outcome) -> dict[str, t.Any]:
    """The module's result."""
    failed = [action for action in outcome.actions if action.kind == FAILED]
    result: dict[str, t.Any] = {
        "changed": bool(_changing(outcome)),
        "models": [_line(action) for action in outcome.actions],
        "counts": count_actions((action.kind for action in outcome.actions), (CREATE, UPDATE, DELETE, UNCHANGED, FAILED)),
        "diff": before_after(
            ((_label(action), [(change.field, change.before, change.after) for change in action.changes]) for action in _changing(outcome)),
            "LiteLLM models",
        ),
    }
    if outcome.rights_missing:
        result["rights_missing"] = list(outcome.rights_missing)
    if failed:
        result["failed"] = True
        result["msg"] = "{0} of {1} failed: {2}".format(
            len(failed), counted(len(outcome.actions), "model"), first_of_many([_failure(action) for action in failed])
        )
    return result


def _changing(outcome: Outcome) -> list[Action]:
    return [action for action in outcome.actions if action.written or action.kind in (CREATE, UPDATE, DELETE)]


def _label(action: Action) -> str:
    return f"{action.model_name} ({action.model_id})"


def _failure(action: Action) -> str:
    """A reason with the model's name in front, unless it is of the kind that holds the name."""
    if action.reason.startswith("Model validation failed for "):
        return action.reason
    return f"{action.model_name}: {action.reason}"


def _line(action: Action) -> dict[str, t.Any]:
    line: dict[str, t.Any] = {
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
