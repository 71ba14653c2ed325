# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's list of models, looked at as a whole. Pure.

In Python and not in templates: each use of a list in a template costs a walk through all of it.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence

Spec = t.Mapping[str, t.Any]


NO_LIST = (
    "litemaas_models_list (ocp4_workload_litemaas_models_list) must be a list of models, each with its own fields. examples/models.yml of "
    "the collection litemaas.models shows one."
)
UNKNOWN_FIELDS = (
    "The list of models has fields that no model has: {0}. Parameters that only LiteLLM knows go into extra_params, secrets among them "
    "into secret_params."
)
NOTHING = (
    "There is nothing to do: the list of models is empty and nothing is to be pulled from LiteLLM. Give models in litemaas_models_list, "
    "or leave litemaas_models_sync_from_litellm and litemaas_models_backend_enabled true."
)


def problems(specs: t.Any, fields: t.Sequence[str], may_be_empty: bool) -> t.List[str]:
    """What is wrong with the list, in sentences. ``fields`` are those that a model may have."""
    if isinstance(specs, str) or not isinstance(specs, Sequence) or not all(isinstance(spec, Mapping) for spec in specs):
        return [NO_LIST]
    if not specs and not may_be_empty:
        return [NOTHING]
    unknown: t.Dict[str, int] = {}
    for place, spec in enumerate(specs, 1):
        for field in spec:
            if field not in fields:
                unknown.setdefault(str(field), place)
    told = ["{0} (entry {1})".format(field, unknown[field]) for field in sorted(unknown)]
    return [UNKNOWN_FIELDS.format(", ".join(told))] if told else []


def without_failed(specs: t.Sequence[Spec], step: t.Mapping[str, t.Any]) -> t.List[Spec]:
    """The models that have a name and did not fail in a step, by their places: a result shows no text that is also a key."""
    failed = {model.get("position") for model in step.get("models") or () if model.get("action") == "failed"}
    return [spec for place, spec in enumerate(specs, 1) if place not in failed and "model_name" in spec]


def kept_names(specs: t.Sequence[Spec], *steps: t.Mapping[str, t.Any]) -> t.List[str]:
    """Names whose rows no cleanup may take: those that the list wants, and what failed in a step. Sorted, each once."""
    names = {str(spec["model_name"]) for spec in specs if "model_name" in spec and spec.get("state") != "absent"}
    for step in steps:
        failed = [model for model in step.get("models") or () if model.get("action") == "failed"]
        # A result hides a name that is also a key; the list has it.
        places = [model["position"] for model in failed if isinstance(model.get("position"), int)]
        names.update(str(specs[place - 1].get("model_name")) for place in places if 0 < place <= len(specs))
        names.update(str(model.get("model_name")) for model in failed)
    return sorted(names)


class FilterModule:
    """The filters."""

    def filters(self) -> t.Dict[str, t.Callable[..., t.Any]]:
        """Name -> filter."""
        return {"problems": problems, "without_failed": without_failed, "kept_names": kept_names}
