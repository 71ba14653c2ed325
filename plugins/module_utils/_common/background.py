# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A call in a thread of its own, which limits what has no limit of its own."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import queue
import threading
import typing as t

Result = t.TypeVar("Result")


class TooLate(Exception):
    """A call in the background has not ended in time."""


class Background(t.Generic[Result]):
    """A call in a thread of its own. It limits what has no limit of its own: names that do not resolve, answers that drip."""

    def __init__(self, call: t.Callable[[], Result]) -> None:
        self._outcome: queue.Queue[tuple[Result | None, BaseException | None]] = queue.Queue()
        self._call = call
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        try:
            self._outcome.put((self._call(), None))
        except BaseException as error:  # pylint: disable=broad-except
            self._outcome.put((None, error))

    def result(self, seconds: float) -> Result:
        """What the call returned or raised. Raises TooLate; the call is then left to itself."""
        try:
            result, error = self._outcome.get(timeout=max(0.0, seconds))
        except queue.Empty:
            raise TooLate() from None
        if error is not None:
            raise error
        return t.cast("Result", result)
