# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells whether LiteLLM has a secret already, which it does not give back. Pure.

What is kept beside the secret is ``<check> <key id>:<HMAC> ...``, with an entry for each admin key whose runs know the secret,
the newest last. The HMAC is keyed with the admin key. The check depends on nobody's key, so that a run with another admin key
can tell whether the secret that it sends is the one of the other entries; it is too short to tell anything about a real secret.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import hashlib
import hmac
import json
import re
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.secrets_in_data import json_structure

# What stands in the place of an HMAC whose parameter was taken out: nothing but delete and create takes a key out of model_info.
FORGOTTEN = ""
# So many admin keys are remembered.
MOST_KEYS = 4

_KEPT = re.compile(r"([0-9a-f]{3})((?: [0-9a-f]{6}:[0-9a-f]{64})+)")
# What earlier versions kept: the HMAC alone.
_ALONE = re.compile(r"[0-9a-f]{64}")


def hmac_of(admin_key: str, text: str) -> str:
    """HMAC-SHA-256 of a text, keyed with the admin key."""
    return hmac.new(admin_key.encode(), text.encode(), hashlib.sha256).hexdigest()


def normal_form(value: t.Any) -> str:
    """The text that a secret is compared by: the same for a structure and for any JSON text of it."""
    value = json_structure(value)
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def is_known(kept: t.Any, admin_key: str, name: str, value: t.Any) -> bool:
    """Whether a run with this admin key knows by what is kept that LiteLLM has this value."""
    if is_of_earlier_version(kept):
        # Of the text as it was given.
        text = value if isinstance(value, str) else normal_form(value)
        return bool(kept == hmac_of(admin_key, f"{name}\0{text}"))
    return _entry(admin_key, name, value) in _read(kept)[1]


def is_of_earlier_version(kept: t.Any) -> bool:
    """Whether what is kept is to be rewritten with the next change of its model."""
    return isinstance(kept, str) and _ALONE.fullmatch(kept) is not None


def kept_with(kept: t.Any, admin_key: str, model_id: str, name: str, value: t.Any) -> str:
    """What to keep once this value is sent: the entries of other admin keys stay where they are about the same value."""
    check = _check(model_id, name, value)
    old_check, entries = _read(kept)
    own = _entry(admin_key, name, value)
    own_id = own.partition(":")[0]
    contradicted = any(entry.startswith(own_id) and entry != own for entry in entries)
    others = [] if contradicted or old_check != check else [entry for entry in entries if entry != own]
    return " ".join([check, *others[1 - MOST_KEYS :], own])


def _read(kept: t.Any) -> tuple[str, list[str]]:
    """Check and entries of what is kept; nothing of what cannot be read."""
    found = _KEPT.fullmatch(kept) if isinstance(kept, str) else None
    return (found.group(1), found.group(2).split()) if found else ("", [])


def _entry(admin_key: str, name: str, value: t.Any) -> str:
    key_id = hmac_of(admin_key, "litemaas.models")[:6]
    return "{0}:{1}".format(key_id, hmac_of(admin_key, f"{name}\0{normal_form(value)}"))


def _check(model_id: str, name: str, value: t.Any) -> str:
    return hashlib.sha256("\0".join((model_id, name, normal_form(value))).encode()).hexdigest()[:3]


def hmac_key(parameter: str) -> str:
    """Where in model_info the HMAC of a parameter is kept that the server does not give back."""
    return f"litemaas_{parameter}_hmac"


def of_hmac(key: str) -> str:
    """The parameter whose HMAC is kept under a key of model_info; empty where it is another key."""
    name = key[len("litemaas_") : -len("_hmac")]
    return name if key == hmac_key(name) else ""


def without_forgotten(info: dict[str, t.Any]) -> dict[str, t.Any]:
    """A model_info without the HMACs of parameters that were taken out."""
    return {key: value for key, value in info.items() if value != FORGOTTEN or not of_hmac(key)}
