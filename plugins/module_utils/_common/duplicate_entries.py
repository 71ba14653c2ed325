# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Entries of a list that mean the same deployment. Pure."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.counted import listed
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import ModelError
from ansible_collections.litemaas.models.plugins.module_utils._common.spec import ABSENT, Spec


def without_collisions(specs: list[Spec], errors: list[ModelError]) -> list[Spec]:
    """The specs that no other one contradicts; appends an error for each that is contradicted."""
    places: dict[tuple[t.Any, ...], list[int]] = {}
    for spec in specs:
        places.setdefault(_claim(spec), []).append(spec.position)
    whole_names = {spec.model_name: spec.position for spec in specs if _means_whole_name(spec)}
    kept = []
    for spec in specs:
        positions = places[_claim(spec)]
        if spec.model_name in whole_names and not spec.model_id:
            positions = [other.position for other in specs if other.model_name == spec.model_name and not other.model_id]
        if len(positions) == 1:
            kept.append(spec)
            continue
        errors.append(
            ModelError(
                spec.model_name,
                f"entries {listed(positions)} of the list match the same deployment: give each its own litellm_model, "
                "api_base, region, project, credential "
                "or model_id",
                position=spec.position,
            )
        )
    return kept


def _means_whole_name(spec: Spec) -> bool:
    """Whether a spec takes a model away whatever its deployments are, so that no other entry can be about that name."""
    return spec.state == ABSENT and not spec.model_id and not {"litellm_model", "api_base"} & set(spec.options) and not spec.backend()


def _claim(spec: Spec) -> tuple[t.Any, ...]:
    return ("id", spec.model_id) if spec.model_id else (*spec.variant(), *sorted(spec.backend().items()))
