# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The models of the role's list that a later step may take for done, or must leave alone. Pure.

In Python and not in templates: each use of a list in a template costs a walk through all of it.
"""

from __future__ import annotations

import typing as t

from ansible_collections.litemaas.models.plugins.plugin_utils._packed import pack, unpack


def without_failed(packed: str, step: t.Mapping[str, t.Any]) -> str:
    """The models that have a name and did not fail in a step, by their places: a result shows no text that is also a key.

    One of several entries of a name, of which another failed, gets the id of the deployment that the step took it for: alone in a list it
    could mean another one.
    """
    specs = unpack(packed)
    first: dict[t.Any, t.Mapping[str, t.Any]] = {}
    for line in step.get("models") or ():
        first.setdefault(line.get("position"), line)
    failed = {line.get("position") for line in step.get("models") or () if line.get("action") == "failed"}
    names = {str(spec.get("model_name")) for place, spec in enumerate(specs, 1) if place in failed}
    left = []
    for place, spec in enumerate(specs, 1):
        if place in failed or "model_name" not in spec:
            continue
        model_id = first.get(place, {}).get("model_id")
        if model_id and str(spec["model_name"]) in names and not spec.get("model_id"):
            spec = {**spec, "model_id": model_id}
        left.append(spec)
    return pack(left)


def kept_names(packed: str, *steps: t.Mapping[str, t.Any]) -> list[str]:
    """Names whose rows no cleanup may take: those that the list wants, and what failed in a step. Sorted, each once."""
    specs = unpack(packed)
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

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Name -> filter."""
        return {"without_failed": without_failed, "kept_names": kept_names}
