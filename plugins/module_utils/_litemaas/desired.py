# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a row is to be, and whether it is that already. Pure."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import dataclasses
import functools
import math
import re
import typing as t
from decimal import Decimal

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import ModelError
from ansible_collections.litemaas.models.plugins.module_utils._common.field import PERSON
from ansible_collections.litemaas.models.plugins.module_utils._common.fields import BY_COLUMN
from ansible_collections.litemaas.models.plugins.module_utils._common.masks import is_masked
from ansible_collections.litemaas.models.plugins.module_utils._common.spec import Spec
from ansible_collections.litemaas.models.plugins.module_utils._common.values import read_option
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.mapping import (
    ALWAYS_LITELLM,
    CAPABILITIES,
    COSTS,
    COUNTS,
    INTEGERS,
    ONLY_GIVEN,
    PRESENTATION,
    cost,
    first_given,
    provider_of,
    truthy,
)
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.metadata import CATEGORY
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import DATABASE_WINS, MERGE, Deployment, Row, Types

STAYS_HIDDEN = "somebody made it unavailable, and it stays hidden (keep_hidden)"


@dataclasses.dataclass(frozen=True)
class Shown:
    """Presentation: what the list gives, what LiteLLM keeps of earlier lists, and whether the model is in the list at all."""

    given: Row
    kept: Row
    listed: bool


def read_shown(entry: Deployment, specs: t.Sequence[Spec]) -> Shown:
    """The presentation of a model, by column. Of several specs of one model the first that gives a value holds. Raises ModelError."""
    given: Row = {}
    kept: Row = {}
    for field in PRESENTATION:
        values = [spec.options[str(field.option)] for spec in specs if field.option in spec.options]
        if values:
            given[str(field.column)] = values[0]
        value = read_option(entry["model_name"], str(field.option), entry["model_info"].get(f"litemaas_{field.option}"))
        if value is not None:
            kept[str(field.column)] = value
    return Shown(given, kept, bool(specs))


def backend_words(entries: t.Sequence[Deployment]) -> dict[str, set[str]]:
    """What the backend writes into the columns that it never looks at: the words of whichever deployment LiteLLM lists last."""
    return {
        "name": {entry["model_name"] for entry in entries},
        "provider": {str(provider_of(entry["litellm_params"])) for entry in entries},
        "category": {CATEGORY},
    }


def wanted_row(mapped: Row, shown: Shown, row: Row | None, conflict: str, theirs: t.Mapping[str, set[str]]) -> Row:
    """The columns that a row is to have. A column that is not in it is left as it is. ``theirs`` are the backend's own words."""
    if row is None:
        return _new_row(mapped, shown)
    wanted = dict(mapped)
    del wanted["id"]
    wanted.update({column: value for column, value in shown.kept.items() if column not in ONLY_GIVEN})
    for column in list(wanted):
        have = row.get(column)
        taken_back = column in shown.kept and have in theirs.get(column, ())
        if stays(column, have, shown, conflict, taken_back) and not is_reordered(have, wanted[column]):
            del wanted[column]
    wanted.update(shown.given)
    return wanted


def _new_row(mapped: Row, shown: Shown) -> Row:
    row: Row = dict(mapped, description=None, restricted_access=False)
    if shown.listed:
        row.update({str(field.column): field.default for field in PRESENTATION if field.default is not None})
    row.update(shown.kept)
    row.update(shown.given)
    return row


def stays(column: str, have: t.Any, shown: Shown, conflict: str, taken_back: bool = False) -> bool:
    """Whether the row keeps what it has. ``taken_back`` is whether the backend wrote its own word over that of the list."""
    if column in ALWAYS_LITELLM or _is_empty(column, have):
        return False
    field = BY_COLUMN[column]
    if conflict == DATABASE_WINS:
        return True
    if conflict == MERGE:
        return field.owner == PERSON and not taken_back
    # The list's own default, which it wrote when the model was new.
    return shown.listed and column not in shown.kept and field.owner == PERSON and have == field.default


def _is_empty(column: str, value: t.Any) -> bool:
    return value is None or value in ("", {}, []) or (column in COUNTS and value == 0) or is_odd(column, value)


def same(column: str, have: t.Any, want: t.Any, settles: bool = True) -> bool:
    """Whether a column has what is wanted, as the backend would say; with ``settles`` false, whether they mean the same."""
    if is_odd(column, have):
        return False
    if column in COSTS:
        return (cost(have) or 0) == (want or 0)
    if isinstance(want, bool) or isinstance(have, bool):
        return have is want
    if settles:
        return bool(have == want)
    return (have or None) == (want or None) or is_reordered(have, want)


def is_odd(column: str, value: t.Any) -> bool:
    """Whether a column holds what PostgreSQL can keep there and nobody can mean: a price that is no number, a list of lists."""
    if column in COSTS:
        return value is not None and not math.isfinite(value)
    return column == "features" and isinstance(value, list) and not all(isinstance(one, str) for one in value)


def is_reordered(have: t.Any, want: t.Any) -> bool:
    """Whether two lists have the same members."""
    return isinstance(have, list) and isinstance(want, list) and {str(one) for one in have} == set(want)


def settles(entry: Deployment) -> bool:
    """Whether the backend takes any row for one of this deployment: it compares what LiteLLM says with JavaScript's ``===``."""
    params, info = entry["litellm_params"], entry["model_info"]
    typed: t.Sequence[tuple[t.Any, tuple[type, ...]]] = (
        *[(info.get(column), (bool,)) for column, _feature in CAPABILITIES],
        *[(count, (int, float)) for count in (info.get("max_tokens"), params.get("rpm"), params.get("tpm"))],
        *[(text, (str,)) for text in (params.get("api_base"), info.get("id"))],
    )
    compared = all(not truthy(value) or type(value) in types for value, types in typed)
    return compared and not any(is_masked(first_given(info.get(column), params.get(column))) for column in COSTS)


def check_fits(name: str, row: Row, types: Types, codec: str = "utf-8") -> None:
    """Raise ModelError for the first value that its column cannot hold. ``codec`` is the encoding of the database."""
    for column in sorted(row):
        reason = _misfit(row[column], _read_limit(types.get(column, "text"))) or _unwritable(row[column], codec)
        if reason:
            raise ModelError(name, f"{column} {reason}")
    for column in ("name", "provider"):
        if column in row and row[column] is None:
            raise ModelError(name, f"{column} is missing")


class Limit(t.NamedTuple):
    """What a column holds: characters of a text, whole numbers below, digits before the point. None where there is no limit."""

    characters: int | None = None
    below: int | None = None
    digits: int | None = None


@functools.cache
def _read_limit(kind: str) -> Limit:
    """The limit of a type as PostgreSQL writes it."""
    size = re.match(r"character.*\((\d+)\)", kind)
    number = re.match(r"numeric\((\d+),(\d+)\)", kind)
    return Limit(int(size.group(1)) if size else None, INTEGERS.get(kind), int(number.group(1)) - int(number.group(2)) if number else None)


def _misfit(value: t.Any, limit: Limit) -> str:
    if isinstance(value, str):
        if limit.characters is not None and len(value) > limit.characters:
            return f"is {len(value)} characters long, at most {limit.characters} fit"
    elif isinstance(value, int):
        if limit.below is not None and not -limit.below <= value < limit.below:
            return f"is larger than {limit.below - 1}"
    elif isinstance(value, Decimal) and limit.digits is not None and abs(value) >= Decimal(10) ** limit.digits:
        return f"has more than {limit.digits} digits before the point"
    return ""


def _unwritable(value: t.Any, codec: str) -> str:
    try:
        if isinstance(value, str):
            value.encode(codec)
    except UnicodeEncodeError as error:
        return f"holds {value[error.start]!a}, for which the database has no room: it is not UTF-8 (but {codec})"
    return ""
