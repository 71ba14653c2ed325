# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A deployment made anew: what is taken along, what would be lost, and the way back. Pure."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import ModelConflict, ModelError
from ansible_collections.litemaas.models.plugins.module_utils._common.fingerprints import hmac_key
from ansible_collections.litemaas.models.plugins.module_utils._common.masks import shows_mask
from ansible_collections.litemaas.models.plugins.module_utils._common.parameters import CLEARABLE, STICKY_FLAGS
from ansible_collections.litemaas.models.plugins.module_utils._common.spec_checks import check_complete
from ansible_collections.litemaas.models.plugins.module_utils._common.unreadable import UNREADABLE, unreadable
from ansible_collections.litemaas.models.plugins.module_utils._litellm.body import NEVER_SHOWN, NOT_IN_PRICE_LIST
from ansible_collections.litemaas.models.plugins.module_utils._litellm.compare import Comparison, shown_params
from ansible_collections.litemaas.models.plugins.module_utils._litellm.identity import Deployment, id_of
from ansible_collections.litemaas.models.plugins.module_utils._litellm.memory import (
    INFO_KEY,
    MANAGED_KEY,
    MEMORY_KEYS,
    WRITING_KEY,
    mark_written,
    own_info,
)
from ansible_collections.litemaas.models.plugins.module_utils._litellm.plan import (
    ANOTHER_WAY,
    CANNOT_READ,
    CREATE,
    PRICE_LIST_ENTRY,
    UPDATE,
    Action,
    removable,
    without_none,
)


def takes_recreation(cleared: t.Iterable[tuple[str, str]]) -> bool:
    """Whether an update cannot clear these paths, so that it takes delete and create."""
    return any(key not in CLEARABLE for _part, key in cleared)


def rest_of(action: Action, entry: Deployment) -> Action | None:
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
        raise ModelConflict(action.model_name, "the stored values are not known ({0})".format(", ".join(unknown) or "all of it"))
    back = Action(UPDATE, action.model_name, action.model_id)
    back.body = {"litellm_params": {name: shown[name] for name in params if name in shown}, "model_info": _info_back(action, entry)}
    if action.announced:
        mark_written(back.body, str(action.model_id), params)
    if "model_name" in action.body:
        back.body["model_name"] = entry["model_name"]
    # Only delete and create takes out what was not there before, and needs the secrets that stay.
    back.cleared = [("litellm_params", name) for name in params if name not in shown]
    back.cleared += [("model_info", name) for name in left_in_info(action, entry)]
    known = {name: action.wanted["litellm_params"][name] for name in action.known_secrets}
    back.wanted = {
        "model_name": entry["model_name"],
        "litellm_params": dict(shown, **known),
        "model_info": without_none({**back.body["model_info"], **{key: entry["model_info"].get(key) for key in MEMORY_KEYS}}),
    }
    return back


def left_in_info(action: Action, entry: Deployment) -> list[str]:
    """Keys of model_info that an update set and that were not there before: no later update takes them out."""
    added = (key for key in action.body.get("model_info", {}) if key != "id" and not key.startswith("litemaas_"))
    return sorted(key for key in added if entry["model_info"].get(key) is None)


def _info_back(action: Action, entry: Deployment) -> dict[str, t.Any]:
    """The model_info that was there before an update. What it added stays remembered, so that ``replace`` clears it one day."""
    before = entry["model_info"]
    kept = {"id", WRITING_KEY, MANAGED_KEY, INFO_KEY, *left_in_info(action, entry)}
    return dict({key: before.get(key) for key in action.body.get("model_info", {}) if key not in kept}, id=action.model_id)


def _is_stored(entry: Deployment, name: str) -> bool:
    """Whether a parameter is there, or may be, whatever LiteLLM shows of it."""
    return name in NEVER_SHOWN or entry["litellm_params"].get(name) is not None or entry["model_info"].get(hmac_key(name)) is not None


def recreated_from_spec(action: Action, stored: Deployment) -> tuple[Deployment | None, list[str]]:
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


def _saved_info(stored: Deployment) -> dict[str, t.Any]:
    """What is saved of a deployment's model_info.

    Of one that it does not serve LiteLLM 1.100 does not tell what is saved: what it shows has all that its price list knows of the
    model in it, and names the entry there. Sent back, that would stay for ever.
    """
    info: dict[str, t.Any] = stored.get("model_info", {})
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
    refuse_to_lose(action, entry, stored.get("litellm_params", {}))
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


def _lost_parameters(action: Action, entry: Deployment, stored: t.Mapping[str, t.Any]) -> str:
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
        "clearing {0} requires a delete and a create, and {1} would be lost, because LiteLLM does not return stored values: give "
        "it in the entry".format(", ".join(sorted({key for _part, key in action.cleared})), ", ".join(sorted(hidden)))
    )


def refuse_to_lose(action: Action, entry: Deployment, stored: t.Mapping[str, t.Any]) -> None:
    """Raise ModelConflict where delete and create would lose a stored parameter."""
    loss = _lost_parameters(action, entry, stored)
    if loss:
        raise ModelConflict(action.model_name, loss)


def loses_unless_in_place(action: Action, entry: Deployment) -> str:
    """What is lost of what LiteLLM shows where it does not take parameters out in place, or the empty text."""
    if not (action.kind == UPDATE and action.recreate and removable(action)):
        return ""
    return _lost_parameters(action, entry, entry["litellm_params"])


def _is_lost(name: str, stored: t.Any, shown: t.Any) -> bool:
    """Whether what is stored cannot be told from what is shown.

    Secrets are not shown, and a text may be a reference to the proxy's environment, which is shown resolved.
    """
    if stored is None:
        return False
    return shown is None or shows_mask(name, shown) or isinstance(shown, str)


def _is_kept(key: str, value: t.Any) -> bool:
    return value is not None and not (value is False and key in STICKY_FLAGS)


def save_anew(differ: Comparison, lost: t.Sequence[str]) -> None:
    """Send all that the spec says of a deployment that LiteLLM cannot read. Raises ModelError where the spec lacks a secret of it."""
    spec, entry = differ.spec, differ.entry
    try:
        check_complete(spec)
    except ModelError as error:
        raise ModelConflict(spec.model_name, _cannot_save_anew(entry, error.details.get("reason") or error.message)) from None
    differ.send_params()
    missing = differ.secrets_without_value(lost)
    if missing:
        raise ModelConflict(spec.model_name, _cannot_save_anew(entry, "the entry does not have {0}".format(", ".join(missing))))
    differ.clear_unreadable(lost)


def refuse_unreadable_secrets(differ: Comparison) -> None:
    """Raise ModelConflict where an earlier run found a secret that LiteLLM cannot read, and the spec does not hold it."""
    info = differ.entry["model_info"]
    missing = [name for name in differ.secrets_without_value(()) if info[hmac_key(name)] == UNREADABLE]
    if missing:
        raise ModelConflict(
            differ.spec.model_name, _cannot_save_anew(differ.entry, "the entry does not have {0}".format(", ".join(missing)))
        )


def _cannot_save_anew(entry: Deployment, why: str) -> str:
    """Why a deployment that LiteLLM cannot read stays as it is, and what to do."""
    return f"{CANNOT_READ.format(id_of(entry))}. It cannot be saved anew: {why}. Give that in the entry, or {ANOTHER_WAY}"
