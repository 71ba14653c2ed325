# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an update turns into while it is carried out, because of what LiteLLM answered. Pure."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import ModelConflict
from ansible_collections.litemaas.models.plugins.module_utils._common.fingerprints import FORGOTTEN, hmac_key, of_hmac
from ansible_collections.litemaas.models.plugins.module_utils._common.parameters import CLEARABLE
from ansible_collections.litemaas.models.plugins.module_utils._litellm.body import NEVER_SHOWN, is_hidden
from ansible_collections.litemaas.models.plugins.module_utils._litellm.compare import shown_params
from ansible_collections.litemaas.models.plugins.module_utils._litellm.identity import Deployment, id_of
from ansible_collections.litemaas.models.plugins.module_utils._litellm.memory import announced_params, is_unfinished, mark_written
from ansible_collections.litemaas.models.plugins.module_utils._litellm.plan import ANOTHER_WAY, CREATE, DELETE, UPDATE, Action, Plan


def outcome_of(plan: Plan, entries: t.Sequence[Deployment]) -> list[Deployment]:
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


def _without(entry: Deployment, cleared: t.Collection[tuple[str, str]]) -> Deployment:
    """A deployment without some paths. LiteLLM has a price in both parts."""
    gone = {*cleared, *[("model_info", key) for _part, key in cleared if key in CLEARABLE]}
    parts = ("litellm_params", "model_info")
    return {**entry, **{part: {key: value for key, value in entry[part].items() if (part, key) not in gone} for part in parts}}


def _merged(entry: Deployment, body: Deployment) -> Deployment:
    shown = {name: value for name, value in body.get("litellm_params", {}).items() if not is_hidden(name, value)}
    # LiteLLM copies a price to model_info, where it is read first.
    prices = {name: value for name, value in shown.items() if name in CLEARABLE and value is not None}
    return {
        "model_name": body.get("model_name", entry.get("model_name")),
        "litellm_params": dict(entry["litellm_params"], **shown),
        "model_info": {**entry["model_info"], **body.get("model_info", {}), **prices},
    }


def complete_update(action: Action, entry: Deployment, stored: Deployment) -> None:
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
    fingerprints: dict[str, t.Any] = {}
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
    mark_written(action.body, str(action.model_id), names)


def _was_added(name: str, entry: Deployment, stored: Deployment) -> bool:
    """Whether a parameter is stored that LiteLLM does not serve. What it never shows may have been there before."""
    return name not in NEVER_SHOWN and hmac_key(name) not in entry["model_info"] and stored.get("litellm_params", {}).get(name) is not None


def not_cleared(action: Action, stored: Deployment) -> list[str]:
    """Parameters that are still stored although the update sent null for them (LiteLLM 1.81 clears nothing by null)."""
    return [key for part, key in action.cleared if part == "litellm_params" and stored.get(part, {}).get(key) is not None]


def settle_in_place(action: Action, entry: Deployment, names: t.Iterable[str]) -> None:
    """Make an update of what was to be made anew, because LiteLLM takes these parameters out. ``entry`` is how it shows it now."""
    action.recreate = False
    info = action.body.setdefault("model_info", {"id": action.model_id})
    info.update({hmac_key(name): FORGOTTEN for name in names if hmac_key(name) in entry["model_info"]})


def expect_removed(action: Action, names: t.Iterable[str]) -> None:
    """After the write: LiteLLM is to show none of these parameters, and what it does not serve is put back with them."""
    if not action.recreate:
        action.body.setdefault("litellm_params", {}).update(dict.fromkeys(names))


def hidden_beside(body: Deployment, stored: Deployment) -> list[str]:
    """Secrets that are stored encrypted, as texts are, and that a body does not give. LiteLLM shows none of them."""
    have, info = stored.get("litellm_params") or {}, stored.get("model_info") or {}
    secrets = {name for name, value in have.items() if name in NEVER_SHOWN or is_hidden(name, value) or hmac_key(name) in info}
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
            "model_id {0} belongs to the model {1}, which LiteLLM has saved but does not serve: correct model_name or model_id".format(
                body["model_info"]["id"], name
            ),
        )
    missing = hidden_beside(body, stored)
    if missing:
        raise ModelConflict(
            body["model_name"],
            "LiteLLM has it saved under {0}, but does not serve it. It may be unable to read it, because its salt key has changed. It "
            "cannot be saved anew: the entry does not have {1}. Give that in the entry, or {2}".format(
                body["model_info"]["id"], ", ".join(missing), ANOTHER_WAY
            ),
            missing=missing,
        )
