# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role's later steps would say of their options, before the first step writes anything. Pure."""

# Note that this plugin util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import InputError
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import CleanupPolicy
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.selection import Selection
from ansible_collections.litemaas.models.plugins.module_utils._proof.guard import Thresholds

# Options of the guard and of the cleanup's policy that have one meaning whatever the numbers are.
_OTHERS = {"allow_empty": False, "force": False, "strategy": "delete", "subscriptions": "retain"}


def wrong_options(options: t.Mapping[str, t.Any]) -> list[str]:
    """Sentences of the modules about ``model_patterns``, ``exclude_patterns``, ``max_percent``, ``max_count`` and ``retention_days``.

    Numbers may be texts, as ``-e`` makes them; ``max_count`` may be empty.
    """
    found = []
    params = dict(_OTHERS, **{name: _number(value) if name in _NUMBERS else value for name, value in options.items()})
    readers: t.Sequence[t.Callable[[], t.Any]] = (
        lambda: Selection.read(params),
        lambda: Thresholds.read(params),
        lambda: CleanupPolicy.read(params, datetime.datetime.now(datetime.timezone.utc)),
    )
    for read in readers:
        try:
            read()
        except InputError as error:
            found.append(error.message)
    return found


_NUMBERS = ("max_percent", "max_count", "retention_days")


def _number(value: t.Any) -> float | None:
    return None if value in (None, "") else float(value)
