# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Model specs: the user's entries, read by the field table. Pure.

A wrong entry is that entry's error; the others go on.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.duplicate_entries import without_collisions
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import ModelError
from ansible_collections.litemaas.models.plugins.module_utils._common.faults import Faults
from ansible_collections.litemaas.models.plugins.module_utils._common.fields import BY_OPTION, SPEC_ONLY
from ansible_collections.litemaas.models.plugins.module_utils._common.free_parameters import (
    check_free_parameters,
    secrets_as_text,
    take_free_parameters,
    with_flags,
)
from ansible_collections.litemaas.models.plugins.module_utils._common.model_info import read_info
from ansible_collections.litemaas.models.plugins.module_utils._common.secret_names import is_secret
from ansible_collections.litemaas.models.plugins.module_utils._common.spec import ABSENT, NEEDED, PRESENT, Spec
from ansible_collections.litemaas.models.plugins.module_utils._common.spec_checks import (
    check_address,
    check_lines,
    check_litellm_model,
    check_not_masked,
    check_storable,
)
from ansible_collections.litemaas.models.plugins.module_utils._common.values import read_from_yaml
from ansible_collections.litemaas.models.plugins.module_utils._common.yaml_texts import DATE, made_by_yaml


def read_specs(entries: t.Iterable[dict[str, t.Any]], default_state: str = PRESENT) -> tuple[list[Spec], list[ModelError]]:
    """The user's entries as specs, and an error for each that cannot be used, with its ``position`` in details.

    Two that mean the same deployment both fail.
    """
    specs: list[Spec] = []
    errors: list[ModelError] = []
    for position, entry in enumerate(entries, start=1):
        try:
            specs.append(read_spec(entry, position, default_state))
        except ModelError as error:
            error.details["position"] = position
            errors.append(error)
    return without_collisions(specs, errors), errors


def read_spec(entry: dict[str, t.Any], position: int, default_state: str = PRESENT) -> Spec:
    """One entry as a spec. Raises ModelError with everything that is wrong."""
    faults = Faults()
    called = entry.get("model_name")
    shown = called.get(DATE, called) if isinstance(called, dict) else called
    name = f"entry {position} of the list" if shown in (None, "") or isinstance(shown, dict) else str(shown)
    model_name = faults.of(read_from_yaml, name, "model_name", called)
    if not faults.reasons and not (model_name or "").strip():
        faults.add("model_name is missing (null and ~ are not names: put them in quotes)")
    empty = frozenset(option for option in NEEDED if entry.get(option) == "" or (option == "api_key" and _is_blank(entry.get(option))))
    without_key = str(entry.get("api_key")).lower() == "false"
    entry = dict(entry, **dict.fromkeys(empty), **({"api_key": None} if without_key else {}))
    given = {
        option: faults.of(read_from_yaml, name, option, entry.get(option)) for option in (*BY_OPTION, *SPEC_ONLY) if option != "model_name"
    }
    if given["state"] not in (None, PRESENT, ABSENT):
        faults.add("state must be present or absent")
    if given["model_id"] and ("/" in given["model_id"] or given["model_id"] in (".", "..")):
        faults.add("model_id must not hold a slash, or be . or ..: LiteLLM cannot look up such an id")
    if given["model_id"] and given["state"] != ABSENT:
        faults.of(check_storable, name, "model_id", "litellm_model_id", given["model_id"])
    faults.of(take_free_parameters, name, given)
    for source in ("extra_params", "secret_params", "extra_info"):
        for reason in made_by_yaml(source, given[source] or {}):
            faults.add(reason)
    spec = Spec(
        model_name=model_name or name,
        position=position,
        state=given["state"] or default_state,
        options={option: value for option, value in given.items() if option in BY_OPTION and value is not None},
        model_id=given["model_id"],
        extra_params=faults.of(with_flags, name, secrets_as_text(given["extra_params"] or {}, is_secret)) or {},
        secret_params=secrets_as_text(given["secret_params"] or {}, lambda _name, _value: True),
        extra_info=faults.of(read_info, name, given["extra_info"] or {}) or {},
        without_key=without_key,
        empty=empty,
    )
    for check in (check_lines, check_litellm_model, check_address, check_not_masked):
        faults.of(check, spec)
    check_free_parameters(spec, given, faults)
    if faults.reasons:
        raise ModelError(name, "; ".join(faults.reasons))
    return spec


def _is_blank(value: t.Any) -> bool:
    return isinstance(value, str) and not value.strip()
