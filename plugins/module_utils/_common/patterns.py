# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Regular expressions of the user. They match a name as a whole: "granite" does not select "granite-code". Pure."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import re
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import InputError

Patterns = t.Optional[list["re.Pattern[str]"]]


def compile_patterns(texts: t.Sequence[str] | None, option: str) -> Patterns:
    """The compiled expressions; None where none were given. Raises InputError naming the option and the expression."""
    if not texts:
        return None
    patterns = []
    for text in texts:
        try:
            patterns.append(re.compile(text))
        except (re.error, OverflowError, RecursionError) as error:
            raise InputError(f"{option} has {text}, which is not a regular expression: {error}") from None
    return patterns


def any_matches(patterns: Patterns, name: str) -> bool:
    """Whether one of the expressions matches the whole name."""
    return any(pattern.fullmatch(name) for pattern in patterns or ())
