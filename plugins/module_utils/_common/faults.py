# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with an entry of the list."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import ModelError


class Faults:
    """Everything that is wrong with an entry, so that one run reports all of it."""

    def __init__(self) -> None:
        self.reasons: list[str] = []

    def add(self, reason: str) -> None:
        """Note a fault, once."""
        if reason not in self.reasons:
            self.reasons.append(reason)

    def of(self, read: t.Callable[..., t.Any], *arguments: t.Any) -> t.Any:
        """What a reader makes of its arguments; None where it raises ModelError, which is noted."""
        try:
            return read(*arguments)
        except ModelError as error:
            self.add(error.reason)
            return None
