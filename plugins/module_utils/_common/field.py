# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One field of a model: its type and limits, where LiteLLM keeps it, and which column of LiteMaaS shows it."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import dataclasses
import typing as t

# Where LiteLLM keeps a value: ("litellm_params", "rpm").
Path = tuple[str, str]

# Who decides a value when both sides have one and the models file is silent (conflict_resolution: merge).
LITELLM = "litellm"
PERSON = "person"


@dataclasses.dataclass(frozen=True)
class Field:
    """One line of the table.

    ``option`` is the name in a model spec (None: only the sync fills it). ``type`` is str, int, float, bool, list or dict.
    ``paths`` are the places in a LiteLLM deployment. ``column`` is the column of LiteMaaS's ``models``. ``default`` is what
    a new model gets when the spec leaves the option out. ``secret`` values never leave the run. ``owner`` decides a merge.
    ``compare`` is "exact", "cost" (numbers, equal within the column's ten places), "set" (order does not count) or
    "opaque" (the server does not give it back: compared by an HMAC kept beside it). ``free`` says that the value may also
    stand in extra_params, where it stood before it had an option, and that it may be set by somebody else.
    """

    option: str | None
    type: str
    paths: tuple[Path, ...] = ()
    column: str | None = None
    default: t.Any = None
    secret: bool = False
    owner: str = LITELLM
    compare: str = "exact"
    maximum: float | None = None
    max_length: int | None = None
    choices: tuple[str, ...] | None = None
    free: bool = False


def check_limits(field: Field, value: t.Any) -> None:
    """Raises ValueError with a reason when a value of the right type does not fit the field."""
    if field.max_length is not None and isinstance(value, str) and len(value) > field.max_length:
        raise ValueError(f"is {len(value)} characters long, at most {field.max_length} fit")
    if field.maximum is not None and not isinstance(value, bool) and isinstance(value, (int, float)):
        if value < 0:
            raise ValueError("must not be negative")
        if value > field.maximum:
            raise ValueError(f"is larger than {field.maximum:.15g}")
    if field.choices and value not in field.choices:
        raise ValueError("must be one of {0}".format(", ".join(field.choices)))
