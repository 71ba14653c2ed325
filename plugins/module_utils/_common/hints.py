# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What somebody probably meant by a name that nothing has. Pure."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import difflib
import re
import typing as t

# How like two names are that one may stand for the other by mistake, and so like that a run warns of it.
LIKE = 0.6
VERY_LIKE = 0.8

# It is given on purpose where nothing is to be selected.
MATCHES_NOTHING = "(?!)"

NO_PROVIDER = "providers has {0}, but no model has this provider{1}"
NO_NAME = "{0} has {1}, which does not match the whole name of any model{2}"


def near_names(word: str, known: t.Iterable[str], most: int = 1, likeness: float = LIKE, series: bool = True) -> list[str]:
    """Known names that look like the word, the nearest first.

    Names of a ``series`` (new1 and new2, prod-a and prod-b) are other names. Words that somebody fixed once have none.
    """
    by_form: dict[str, list[str]] = {}
    for name in known:
        if name != word and not (series and _of_a_series(word, name)):
            by_form.setdefault(name.lower(), []).append(name)
    near = difflib.get_close_matches(word.lower(), by_form, most, likeness)
    return [name for form in near for name in by_form[form]][:most]


def _of_a_series(one: str, other: str) -> bool:
    """Whether two names differ in their numbers, or in their last letter, alone."""
    one, other = one.lower(), other.lower()
    if one == other:
        return False
    return re.sub(r"\d+", "0", one) == re.sub(r"\d+", "0", other) or (len(one) == len(other) and one[:-1] == other[:-1])


def did_you_mean(names: t.Sequence[str]) -> str:
    """The nearest names in brackets; empty where there are none."""
    return " (did you mean {0}?)".format(" or ".join(names)) if names else ""


def unmatched_providers(wanted: t.Iterable[str], known: t.Iterable[t.Any]) -> list[str]:
    """A sentence for each provider that is to be selected and that no model has."""
    there = sorted({str(provider).lower() for provider in known if provider})
    missing = [provider for provider in sorted(wanted) if provider not in there]
    return [NO_PROVIDER.format(provider, did_you_mean(near_names(provider, there))) for provider in missing]


def unmatched_patterns(option: str, patterns: t.Iterable[re.Pattern[str]], names: t.Collection[str], expected: bool) -> list[str]:
    """A sentence for each expression that matches no name. One of which none is ``expected`` is told only where a name is near."""
    sentences = []
    for pattern in patterns:
        if pattern.pattern == MATCHES_NOTHING or any(pattern.fullmatch(name) for name in names):
            continue
        within = [name for name in sorted(names) if pattern.search(name)][:1]
        hint = f": it is a part of {within[0]}" if within else did_you_mean(near_names(pattern.pattern, sorted(names)))
        if hint or expected:
            sentences.append(NO_NAME.format(option, pattern.pattern, hint))
    return sentences
