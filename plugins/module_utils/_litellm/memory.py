# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run leaves in model_info for those after it: which values it wrote, and which it was about to write. Pure."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.fields import BY_OPTION
from ansible_collections.litemaas.models.plugins.module_utils._common.fingerprints import of_hmac
from ansible_collections.litemaas.models.plugins.module_utils._common.spec import Spec
from ansible_collections.litemaas.models.plugins.module_utils._litellm.body import is_enriched, values_by_path
from ansible_collections.litemaas.models.plugins.module_utils._litellm.identity import Deployment
from ansible_collections.litemaas.models.plugins.module_utils._litellm.plan import NAMED_PARAMETERS, Action

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
# Kept in model_info: which parameters an update writes that LiteLLM may save and not serve, and whether it was written. Such a proxy
# goes on showing what it served before, so that nothing else tells a later run that something else is saved.
WRITING_KEY = "litemaas_writing"


def memory_of(spec: Spec) -> dict[str, list[str]]:
    """What the spec decides and what may be there without it, by the key that remembers it."""
    free = [path[1] for option in spec.options for path in BY_OPTION[option].paths if BY_OPTION[option].free]
    return {
        # Presentation has keys of our own.
        MANAGED_KEY: sorted(option for option in spec.options if any(is_enriched(path) for path in BY_OPTION[option].paths)),
        PARAMS_KEY: sorted({*free, *spec.extra_params, *spec.secret_params}),
        INFO_KEY: sorted(spec.extra_info),
    }


def memory_in(entry: Deployment) -> dict[str, set[str]]:
    """What a deployment has from this collection. A parameter that has an HMAC is remembered by it."""
    info = entry["model_info"]
    remembered = {key: names_kept(info.get(key)) for key in MEMORY_KEYS}
    hidden = [of_hmac(key) for key in info]
    remembered[PARAMS_KEY].update(name for name in hidden if name and (name not in NAMED_PARAMETERS or NAMED_PARAMETERS[name].free))
    return remembered


def own_info(entry: Deployment) -> set[str] | None:
    """The keys of model_info that this collection wrote; None of a deployment that it never wrote."""
    if not any(key.startswith("litemaas_") for key in entry["model_info"]):
        return None
    remembered = memory_in(entry)
    options = {option: None for option in remembered[MANAGED_KEY] if option in BY_OPTION}
    return {key for part, key in values_by_path(options) if part == "model_info"} | remembered[INFO_KEY]


def names_kept(value: t.Any) -> set[str]:
    """A list of names as LiteLLM keeps it; whatever else stands there is none."""
    return {name for name in value if isinstance(name, str)} if isinstance(value, list) else set()


def announcement(action: Action) -> Deployment:
    """What is written before an update that LiteLLM may save and not serve."""
    return {"model_info": {"id": action.model_id, WRITING_KEY: {"params": sorted(action.body.get("litellm_params", {})), "written": False}}}


def withdrawal(action: Action) -> Deployment:
    """What takes an announcement back after which nothing was written."""
    return {"model_info": {"id": action.model_id, WRITING_KEY: {"params": [], "written": True}}}


def is_unfinished(entry: Deployment) -> bool:
    """Whether an update of a deployment was announced, and LiteLLM does not show that it was written."""
    return last_writing(entry).get("written") is False


def announced_params(entry: Deployment) -> set[str]:
    """The parameters that the last update of a deployment wrote, or was to write."""
    return names_kept(last_writing(entry).get("params"))


def last_writing(entry: Deployment) -> dict[str, t.Any]:
    """What a deployment tells of the last update that was announced; empty where there was none."""
    writing = entry.get("model_info", {}).get(WRITING_KEY)
    return writing if isinstance(writing, dict) else {}


def mark_written(body: Deployment, model_id: str, more: t.Iterable[str] = ()) -> None:
    """Say in the body of an update which parameters it writes, and that they are written."""
    info = body.setdefault("model_info", {"id": model_id})
    info[WRITING_KEY] = {"params": sorted({*body.get("litellm_params", {}), *more}), "written": True}
