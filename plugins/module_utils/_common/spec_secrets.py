# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The secrets of entries and specs: what must not be shown, and what LiteLLM does not encrypt. Pure."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.free_parameters import texts_in
from ansible_collections.litemaas.models.plugins.module_utils._common.parameters import BACKEND_PARAMETERS
from ansible_collections.litemaas.models.plugins.module_utils._common.secrets_in_data import hidden_leaves, located_secrets, secrets_in
from ansible_collections.litemaas.models.plugins.module_utils._common.secrets_in_text import address_secrets
from ansible_collections.litemaas.models.plugins.module_utils._common.spec import Spec
from ansible_collections.litemaas.models.plugins.module_utils._common.values import to_dict


def secret_values(entries: t.Iterable[dict[str, t.Any]]) -> list[t.Any]:
    """Everything in the user's entries that must not be shown, also in those that cannot be used.

    Free-form parameters that cannot be read may be anything, so they are secret as a whole.
    """
    secrets: list[t.Any] = []
    for entry in entries:
        secrets += [entry.get("api_key"), *address_secrets(entry.get("api_base"))]
        secret, *extras = (_maybe_dict(entry.get(option)) for option in ("secret_params", "extra_params", "extra_info"))
        if isinstance(secret, dict):
            found = [value for name, value in secret.items() if name not in BACKEND_PARAMETERS]
        else:
            found = [secret]
        for extra in extras:
            if isinstance(extra, dict):
                found += [secret for name, value in extra.items() for secret in secrets_in(str(name), value)]
                found += [secret for text in texts_in(extra) for secret in address_secrets(text)]
            else:
                found.append(extra)
        for value in found:
            secrets += hidden_leaves(value)
    return secrets


def _maybe_dict(value: t.Any) -> t.Any:
    try:
        return to_dict(value)
    except ValueError:
        return value


def stored_in_the_clear(spec: Spec) -> list[str]:
    """Where a spec has secrets that LiteLLM does not encrypt: in model_info, and within a structure that it takes as such only."""
    structures = {name: value for name, value in spec.extra_params.items() if not isinstance(value, str)}
    places = [place for name, value in structures.items() for place, _secret in located_secrets(name, value)]
    places += ["extra_info." + place for name, value in spec.extra_info.items() for place, _secret in located_secrets(name, value)]
    return places + [name for name, value in spec.secret_params.items() if isinstance(value, (dict, list))]
