# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether LiteLLM serves a deployment as it was written. Pure."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import json
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.fingerprints import FORGOTTEN, hmac_key, of_hmac
from ansible_collections.litemaas.models.plugins.module_utils._common.masks import has_mask, is_shown_as, may_be_masked
from ansible_collections.litemaas.models.plugins.module_utils._litellm.body import is_hidden
from ansible_collections.litemaas.models.plugins.module_utils._litellm.compare import current_value, same_value, shown_value
from ansible_collections.litemaas.models.plugins.module_utils._litellm.identity import Deployment, id_of
from ansible_collections.litemaas.models.plugins.module_utils._litellm.memory import WRITING_KEY, is_unfinished, last_writing
from ansible_collections.litemaas.models.plugins.module_utils._litellm.plan import BY_PATH, CREATE, DELETE, HIDDEN, UPDATE, Action, Change

# Parameters whose values LiteLLM's router never looks at when it takes a deployment over.
NEVER_REFUSED = frozenset(("api_key", "api_version", "rpm", "tpm", "input_cost_per_token", "output_cost_per_token"))
NOT_SERVED = (
    "saved in LiteLLM, but not served by it: its provider may be unknown to LiteLLM (litellm_model must be provider/model), or "
    "the pod that was asked has not loaded it yet"
)


def unserved(actions: t.Sequence[Action], entries: t.Sequence[Deployment]) -> list[str]:
    """Ids of written deployments that LiteLLM does not show as they were written."""
    by_id = {id_of(entry): entry for entry in entries}
    return [
        str(action.model_id)
        for action in actions
        if (action.awaited or action.kind in (CREATE, UPDATE, DELETE)) and not _is_as_written(action, by_id.get(str(action.model_id)))
    ]


def _is_as_written(action: Action, entry: Deployment | None) -> bool:
    if action.kind == DELETE:
        return entry is None
    return entry is not None and not shown_otherwise(action, entry)


def shown_otherwise(action: Action, entry: Deployment) -> list[Change]:
    """What was written and is shown with another value: field, what was sent, and what is shown."""
    expected = action.wanted if action.recreate else action.body
    name = expected.get("model_name", entry["model_name"])
    found = [Change("model_name", name, entry["model_name"])] if entry["model_name"] != name else []
    for part in ("litellm_params", "model_info"):
        for key, value in expected.get(part, {}).items():
            if not _shows_value(entry, part, key, value):
                field, shown = BY_PATH.get((part, key), key), current_value(entry, (part, key))
                secret = part == "litellm_params" and _is_fingerprinted(key, value, entry, expected)
                found.append(
                    Change(field, HIDDEN, HIDDEN) if secret else Change(field, shown_value(field, value), shown_value(field, shown))
                )
    return found


def _is_fingerprinted(name: str, value: t.Any, *bodies: Deployment) -> bool:
    """Whether somebody gave a parameter as a secret, whatever it is called."""
    return any(body.get("model_info", {}).get(hmac_key(name)) is not None for body in bodies) and not may_be_masked(name, value)


def is_taken_over(action: Action, before: Deployment | None, entry: Deployment | None) -> bool:
    """Whether LiteLLM serves an update, if maybe with other values: something of it shows that was not there before."""
    if entry is None or before is None:
        return entry is not None
    if action.announced or action.doubtful:
        return last_writing(entry).get("written") is True
    sent = action.wanted if action.recreate else action.body
    paths = [(part, key) for part in ("litellm_params", "model_info") for key in sent.get(part, {})]
    return entry["model_name"] != before["model_name"] or any(current_value(entry, path) != current_value(before, path) for path in paths)


def how_shown(changes: t.Sequence[Change]) -> str:
    """A sentence on what LiteLLM serves with other values than it was sent."""
    if all(of_hmac(change.field) for change in changes):
        return "another run wrote its secrets at the same time. Run again"
    told = [f"{change.field}: sent {_as_text(change.before)}, shown {_as_text(change.after)}" for change in changes]
    sentence = (
        "LiteLLM serves another value than it received ({0}): give it as LiteLLM shows it, or leave it out. If another run "
        "changed it at the same time, run again"
    )
    return sentence.format("; ".join(told))


def _as_text(value: t.Any) -> str:
    text = value if value == HIDDEN else json.dumps(value, sort_keys=True)
    return text if len(text) <= 200 else text[:200] + "..."


def _shows_value(entry: Deployment, part: str, key: str, value: t.Any) -> bool:
    if part == "litellm_params" and is_hidden(key, value):
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
