# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: the secrets in a parameter that may be a structure, or the JSON of one; and a copy of it without them."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import json
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.masks import is_mask
from ansible_collections.litemaas.models.plugins.module_utils._common.secret_names import is_ordinary_member, is_secret, is_secret_name
from ansible_collections.litemaas.models.plugins.module_utils._common.secrets_in_text import HIDDEN, address_secrets

# Structures that are deeper are no parameters.
DEEPEST = 50


def secrets_in(name: str, value: t.Any) -> t.Iterator[t.Any]:
    """The secrets within a free-form parameter, at any depth; also in pairs like ``{"name": "Authorization", "value": ...}``."""
    for _place, secret in located_secrets(name, value):
        yield secret


def located_secrets(name: str, value: t.Any, place: str = "") -> t.Iterator[tuple[str, t.Any]]:
    """Where the secrets within a free-form parameter are (``extra_headers.Authorization``), each with its value."""
    place = f"{place}.{name}" if place else name
    value = json_structure(value) if not is_secret(name, value) else value
    if is_secret(name, value):
        yield place, value
    elif isinstance(value, dict):
        for key, member in value.items():
            if not _names_a_pair(key, value):
                yield from located_secrets(_member_name(key, value), member, place)
    elif isinstance(value, list):
        for member in value:
            yield from ((place + found[len(name) :], secret) for found, secret in located_secrets(name, member))


def _names_a_pair(key: t.Any, members: dict[t.Any, t.Any]) -> bool:
    """Whether a member says what another one holds: ``{"name": "Authorization", "value": ...}``, or ``key`` beside ``value``."""
    return isinstance(members[key], str) and (key == "name" or (key == "key" and "value" in members))


def _member_name(key: t.Any, members: dict[t.Any, t.Any]) -> str:
    """The name of a member: in a pair with a secret's name that one."""
    names = [members[other] for other in ("name", "key") if other in members and _names_a_pair(other, members)]
    return names[0] if names and is_secret_name(names[0]) else str(key)


def json_structure(value: t.Any) -> t.Any:
    """The dictionary or list that a text is the JSON of, else the value itself."""
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return value
    try:
        structure = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return structure if isinstance(structure, (dict, list)) and not _is_deep(structure) else value


def _is_deep(structure: t.Any) -> bool:
    """Whether a structure goes deeper than anybody writes one."""
    level = [structure]
    for _depth in range(DEEPEST):
        members = [list(member.values()) if isinstance(member, dict) else member for member in level]
        level = [value for inner in members for value in inner if isinstance(value, (dict, list))]
        if not level:
            return False
    return True


def without_secrets(name: str, value: t.Any) -> t.Any:
    """A copy of a parameter to show, with secrets replaced."""
    if is_mask(value):
        return value
    if is_secret(name, value):
        return HIDDEN
    if isinstance(value, dict):
        return {
            key: member if _names_a_pair(key, value) else without_secrets(_member_name(key, value), member) for key, member in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(name, member) for member in value]
    structure = json_structure(value)
    if structure is not value and any(True for _secret in secrets_in(name, structure)):
        return json.dumps(without_secrets(name, structure))
    return value


def hidden_leaves(value: t.Any) -> t.Iterator[t.Any]:
    """What to hide of a secret that may be a structure, or the JSON of one: no names, and nothing that only says what it is about."""
    structure = json_structure(value)
    if structure is not value:
        yield value
    if isinstance(structure, dict):
        for key, member in structure.items():
            if is_ordinary_member(str(key)) and not isinstance(member, dict):
                yield from (secret for text in scalar_texts(member) for secret in address_secrets(text))
            elif not _names_a_pair(key, structure):
                yield from hidden_leaves(member)
    elif isinstance(structure, (list, tuple)):
        for member in structure:
            yield from hidden_leaves(member)
    else:
        yield structure


def scalar_texts(value: t.Any) -> t.Iterator[str]:
    """Every scalar of a structure as text."""
    if isinstance(value, dict):
        for member in value.values():
            yield from scalar_texts(member)
    elif isinstance(value, (list, tuple)):
        for member in value:
            yield from scalar_texts(member)
    elif value is not None and not isinstance(value, bool):
        yield str(value)
