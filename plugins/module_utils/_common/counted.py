# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: numbers and nouns in sentences, and how often each action happened."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import collections
import typing as t

# So many of many are named.
NAMED = 10


def counted(number: float, one: str, many: str = "") -> str:
    """``2 things``, ``1 thing``; ``many`` where that is not ``one`` with an s."""
    return ("{0:,} {1}" if isinstance(number, int) else "{0:g} {1}").format(number, of_many(number, one, many))


def count_actions(actions: t.Iterable[str], known: t.Sequence[str]) -> dict[str, int]:
    """Action -> how often it happened, for each action that is known, in that order; 0 for those that did not happen."""
    counts = collections.Counter(actions)
    return {action: counts[action] for action in known}


def of_many(number: float, one: str, many: str = "") -> str:
    """A word by the number of what it stands for: ``of_many(1, "is", "are")``."""
    return one if number == 1 else many or one + "s"


def listed(names: t.Sequence[t.Any], at_most: int = NAMED) -> str:
    """``a``, ``a and b``, or ``a, b, c and 1,997 more``."""
    shown = [str(name) for name in names[:at_most]]
    more = len(names) - len(shown)
    last = f"{more:,} more" if more > 0 else shown.pop()
    return "{0} and {1}".format(", ".join(shown), last) if shown else last


def named(names: t.Sequence[str], at_most: int) -> str:
    """``a, b``, or ``a, b, c and 1,997 more``."""
    more = len(names) - at_most
    return ", ".join(names[:at_most]) + (f" and {more:,} more" if more > 0 else "")
