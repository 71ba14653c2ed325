# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What YAML made of a text that stands without quotes, and what to say of it. Pure."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import ModelError
from ansible_collections.litemaas.models.plugins.module_utils._common.parameters import HEADERS, STRUCTURES
from ansible_collections.litemaas.models.plugins.module_utils._common.secret_names import lacks_quotes

# What YAML makes of texts without quotes and JSON cannot hold, by YAML's own tags. On the way here a value becomes a dictionary with its
# tag as the only name, and a name begins with its tag.
DATE, BYTES, SET = "!!timestamp", "!!binary", "!!set"
MADE_BY_YAML = {
    DATE: "a date",
    BYTES: "bytes",
    SET: "a set",
    "!!bool": "true or false",
    "!!float": "a number",
    "!!int": "a number",
    "!!null": "null",
    "!!seq": "a list",
}
NO_TEXT = "{0} must be a string, but YAML read it as {1}: put it in quotes"


def made_of_text(value: t.Any, secret: bool = False) -> str | None:
    """What YAML made of a text: a number, true or false, a date. Nobody knows what was written (1.10 is 1.1, 0777 is 511).

    None where it is a text, nothing, or a structure. The number of a ``secret`` is not said.
    """
    tag = tag_of(value)
    if tag:
        return MADE_BY_YAML[tag]
    if value is None or isinstance(value, (str, dict, list, tuple)):
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return "a number" if secret else f"the number {value}"
    return "a date"


def tag_of(value: t.Any) -> str | None:
    """YAML's tag of a value that the role hands on as a dictionary; None of anything else."""
    tag = next(iter(value)) if isinstance(value, dict) and len(value) == 1 else None
    return tag if isinstance(tag, str) and tag in MADE_BY_YAML else None


def check_text(model_name: str, option: str, value: t.Any, secret: bool) -> None:
    """Raise ModelError for what YAML made of a text."""
    made = made_of_text(value, secret)
    if made:
        raise ModelError(model_name, NO_TEXT.format(option, made))


def made_by_yaml(source: str, value: t.Any, around: str = "") -> t.Iterator[str]:
    """A sentence for each part of a free parameter, at any depth, that YAML took for something which JSON cannot hold."""
    tag, place = tag_of(value), f"{around} in {source}" if around else source
    if tag:
        yield (NO_TEXT if tag != SET else "{0} must be a list, but is a set: write a list").format(place, MADE_BY_YAML[tag])
    elif isinstance(value, dict):
        for name, member in value.items():
            tag = str(name).partition(" ")[0]
            if tag in MADE_BY_YAML:
                yield NO_TEXT.format(f"a name in {place}", MADE_BY_YAML[tag])
            else:
                yield from made_by_yaml(source, member, f"{around}.{name}" if around else str(name))
    elif isinstance(value, list):
        for member in value:
            yield from made_by_yaml(source, member, around)


def secrets_without_quotes(place: str, value: t.Any, secret: bool) -> t.Iterator[tuple[str, str]]:
    """Where in a parameter a secret is that YAML took for a number, true or false, and what it made of it.

    A dictionary that is a ``secret`` is sent as JSON text, in which numbers are what they are.
    """
    made = made_of_text(value, secret=True)
    if made and (secret or lacks_quotes(place.rpartition(".")[2], value)):
        yield place, made
    elif isinstance(value, dict) and (not secret or place.partition(".")[0] in STRUCTURES):
        for name, member in value.items():
            yield from secrets_without_quotes(f"{place}.{name}", member, secret and place.partition(".")[0] in HEADERS)
    elif isinstance(value, list):
        for member in value:
            yield from secrets_without_quotes(place, member, secret)
