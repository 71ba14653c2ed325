# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a long run is: counts, rate and what is left, as lines of text.

A module cannot print while it runs: what it prints is its result. So those who work only say what they are doing
(``Progress.phase``, ``Phase.step``), which costs nothing, and a thread writes it down every few seconds. A statement that takes long
is reported like a loop, and a run that is done within FIRST_S writes nothing. Lines hold counts and the texts of this collection only.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import collections
import contextlib
import os
import threading
import time
import typing as t

# Seconds until the first line, and between lines as long as the run is younger than that many seconds.
FIRST_S = 3.0
PAUSES = ((60.0, 5.0), (600.0, 10.0), (float("inf"), 30.0))
# The rate is that of the time since so many lines ago: LiteLLM becomes slower with the number of its models.
REMEMBERED = 6

# A factor for all times of this file, so that tests need not wait.
PACE_VARIABLE = "LITEMAAS_PROGRESS_PACE"

Clock = t.Callable[[], float]
# What a line, or a sentence, is handed to.
Write = t.Callable[[str], None]
Item = t.TypeVar("Item")


class Phase:
    """One kind of work: ``done`` of ``total`` things, or a wait of at most ``limit`` seconds with ``left`` things, or only what it is."""

    def __init__(self, text: str, now: float, total: int | None = None, limit: float | None = None) -> None:
        self.text = text
        self.total = total
        self.limit = limit
        self.since = now
        self.done = 0
        self.left: int | None = None
        self._looks = collections.deque([(now, 0)], maxlen=REMEMBERED)

    def step(self) -> None:
        """One more is done."""
        self.done += 1

    def each(self, items: t.Iterable[Item]) -> t.Iterator[Item]:
        """The items; one more is done with each."""
        for item in items:
            yield item
            self.step()

    def described(self, now: float) -> str:
        """What is done and what is left, as a person reads it. Remembers the moment, for the rate of later lines."""
        elapsed = duration(now - self.since)
        if self.limit is not None:
            left = "" if self.left is None else f", {self.left:,} left"
            return f"{self.text}{left}, {elapsed} of at most {duration(self.limit)}"
        if self.total is None:
            return f"{self.text}, {elapsed} so far"
        text = f"{self.done:,} of {self.total:,} {self.text}"
        rate = self._rate(now)
        if not rate:
            return f"{text}, {elapsed} so far"
        return f"{text}, {per_time(rate)}, about {duration(max(1.0, (self.total - self.done) / rate))} left"

    def _rate(self, now: float) -> float:
        """How many a second were done lately; 0 where none were."""
        then, done = self._looks[0]
        self._looks.append((now, self.done))
        return (self.done - done) / (now - then) if now > then else 0.0


class Progress:
    """What a run is doing just now. ``retries`` counts what had to be tried again."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self.retries = 0
        self._clock = clock
        self._phase = Phase("starting", clock())

    @contextlib.contextmanager
    def phase(self, text: str, total: int | None = None, limit: float | None = None) -> t.Iterator[Phase]:
        """Say what is done within the ``with``; what was said before holds again afterwards. ``limit`` is in seconds."""
        outer = self._phase
        self._phase = Phase(text, self._clock(), total, limit)
        try:
            yield self._phase
        finally:
            self._phase = outer

    def described(self) -> str:
        """Where the run is now, as one line."""
        text = self._phase.described(self._clock())
        return f"{text}, tried again: {self.retries:,}" if self.retries else text


def duration(seconds: float) -> str:
    """A time as people say it: 45 s, 3 min 35 s, 2 h 5 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return "{0} min {1} s".format(*divmod(whole, 60))
    return "{0:,} h {1} min".format(*divmod(whole // 60, 60))


def per_time(rate: float) -> str:
    """A rate, given for a second, with a number that is neither tiny nor more exact than it can be."""
    if rate >= 10:
        return f"{rate:,.0f} a second"
    if rate >= 1:
        return f"{rate:.1f} a second"
    return f"{rate * 60:.1f} a minute"


def pause(elapsed: float) -> float:
    """Seconds until the next line of a run that has lasted so many seconds: what takes long needs fewer lines."""
    return next(seconds for until, seconds in PAUSES if elapsed < until)


class CannotReport(Exception):
    """A line cannot be written; the text is a sentence about it."""


def to_file(path: str) -> Write:
    """A function that appends lines to a file. It raises CannotReport."""

    def append(line: str) -> None:
        try:
            _append(path, f"{line}\n")
        except OSError as error:
            raise CannotReport(f"progress_file {path} cannot be written: {error.strerror or type(error).__name__}") from error

    return append


@contextlib.contextmanager
def reported(progress: Progress, name: str, write: Write | None, warn: Write) -> t.Iterator[None]:
    """Write lines that say where the run within the ``with`` is; nothing is done without ``write``. It raises CannotReport: one warning."""
    if not write:
        yield
        return
    reporter = _Reporter(progress, name, write)
    reporter.start()
    try:
        yield
    finally:
        reporter.stop()
        if reporter.problem:
            warn(reporter.problem)


class _Reporter(threading.Thread):
    """Writes lines until it is stopped, or until one cannot be written; ``problem`` then says why."""

    def __init__(self, progress: Progress, name: str, write: Write) -> None:
        super().__init__(name="progress", daemon=True)
        self.problem = ""
        self._progress = progress
        self._title = name
        self._write = write
        self._ended = threading.Event()

    def stop(self) -> None:
        """No further line is begun."""
        self._ended.set()
        self.join()

    def run(self) -> None:
        """Write a line whenever one is due."""
        pace = _pace(os.environ)
        elapsed = seconds = FIRST_S
        try:
            while not self._ended.wait(seconds * pace):
                self._write(f"{self._title}: {self._progress.described()}")
                seconds = pause(elapsed)
                elapsed += seconds
        except CannotReport as error:
            self.problem = str(error)


def _append(path: str, line: str) -> None:
    """One line in one write, so that several runs can share a file. Raises OSError, also for a pipe that nobody reads."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK, 0o600)
    try:
        os.write(descriptor, line.encode("utf-8"))
    finally:
        os.close(descriptor)


def _pace(environment: t.Mapping[str, str]) -> float:
    try:
        return float(environment.get(PACE_VARIABLE, ""))
    except ValueError:
        return 1.0
