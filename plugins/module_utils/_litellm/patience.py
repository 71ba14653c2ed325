# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How often and how long a run goes on with a server that fails."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import datetime
import email.utils
import random
import re
import time
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import CircuitOpen

LONGEST_WAIT = 30.0
LONGEST_WAITING = 120.0
BREAKER_FAILURES = 5
BREAKER_SECONDS = 30.0


class Patience:
    """The waiting of a whole run: before a request is tried again, at most LONGEST_WAITING seconds in all."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self.waited = 0.0

    def pause(self, tried: int, retry_after: float | None) -> float | None:
        """Seconds to wait before the next try, which are taken as waited; None where a run may not wait that long.

        Exponential with up to half of it at random, or what the server asks for. Who asks for more than is left would
        refuse every try until then.
        """
        wanted = self._delay * 2 ** (tried - 1) * random.uniform(1.0, 1.5) if retry_after is None else retry_after
        seconds = min(LONGEST_WAIT, wanted)
        left = LONGEST_WAITING - self.waited
        if seconds > left or (retry_after or 0.0) > left:
            return None
        self.waited += seconds
        return seconds


class Breaker:
    """After BREAKER_FAILURES failed tries in a row no request is begun for BREAKER_SECONDS."""

    def __init__(self, clock: t.Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._opened_at = 0.0

    def check(self) -> None:
        """Raise CircuitOpen while the breaker is open."""
        if self._failures >= BREAKER_FAILURES and self._clock() - self._opened_at < BREAKER_SECONDS:
            raise CircuitOpen(
                f"LiteLLM failed {self._failures} times in a row: no further request is made for {BREAKER_SECONDS:.0f} seconds"
            )

    def success(self) -> None:
        """The proxy answers again."""
        self._failures = 0

    def failure(self) -> None:
        """One more failure in a row."""
        self._failures += 1
        self._opened_at = self._clock()


class Experience(t.NamedTuple):
    """What a run has been through with a proxy. It lasts for all attempts of a run."""

    patience: Patience
    breaker: Breaker


def retry_after(value: str | None) -> float | None:
    """Seconds that a Retry-After header asks for, given as seconds or as a date; None where it is neither."""
    if not value:
        return None
    if re.fullmatch(r"\s*[0-9]{1,9}\s*", value):
        return float(value)
    try:
        moment = email.utils.parsedate_to_datetime(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=datetime.timezone.utc)
        return max(0.0, (moment - datetime.datetime.now(datetime.timezone.utc)).total_seconds())
    except (TypeError, ValueError, OverflowError):
        return None
