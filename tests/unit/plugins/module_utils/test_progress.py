# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a run is, as lines of a file."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import time

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._run import progress as _progress
from ansible_collections.litemaas.models.plugins.module_utils._run.progress import Phase, Progress, reported, to_file

# Everything takes a thousandth of its time: the first line comes after 3 ms.
PACE = "0.001"
PATIENCE_S = 10


class Clock:
    """A clock that stands still until somebody moves it."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.mark.parametrize(("seconds", "text"), [
    (0, "0 s"), (0.4, "0 s"), (45, "45 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (215, "3 min 35 s"), (3599.4, "59 min 59 s"),
    (3599.6, "1 h 0 min"), (7500, "2 h 5 min"), (3.6e6, "1,000 h 0 min"),
])  # fmt: skip
def test_durations(seconds, text):
    assert _progress.duration(seconds) == text


@pytest.mark.parametrize(("rate", "text"), [
    (1234.5, "1,234 a second"), (10, "10 a second"), (4.13, "4.1 a second"), (1, "1.0 a second"), (0.5, "30.0 a minute"),
    (0.01, "0.6 a minute"),
])  # fmt: skip
def test_rates(rate, text):
    assert _progress.per_time(rate) == text


@pytest.mark.parametrize(("elapsed", "seconds"), [(3, 5), (59, 5), (60, 10), (599, 10), (600, 30), (1e6, 30)])
def test_a_long_run_says_less(elapsed, seconds):
    assert _progress.pause(elapsed) == seconds


@pytest.mark.parametrize(("total", "done", "now", "text"), [
    (1000, 120, 29.0, "120 of 1,000 models written, 4.1 a second, about 3 min 33 s left"),
    (1000, 0, 4.0, "0 of 1,000 models written, 4 s so far"),
    (4, 4, 4.0, "4 of 4 models written, 1.0 a second, about 1 s left"),
    (5, 1, 0.0, "1 of 5 models written, 0 s so far"),
    (None, 0, 12.0, "models written, 12 s so far"),
])  # fmt: skip
def test_what_is_done_and_what_is_left(total, done, now, text):
    phase = Phase("models written", 0.0, total)
    phase.done = done
    assert phase.described(now) == text


def test_a_wait_says_how_long_it_may_take():
    phase = Phase("waiting", 10.0, limit=90)
    assert phase.described(24.0) == "waiting, 14 s of at most 1 min 30 s"
    phase.left = 1200
    assert phase.described(25.0) == "waiting, 1,200 left, 15 s of at most 1 min 30 s"


def test_the_rate_is_that_of_late():
    """A hundred in the first second, and one a second since then."""
    phase = Phase("models written", 0.0, 1000)
    phase.done = 100
    said = phase.described(1.0)
    for second in range(2, 12):
        phase.step()
        said = phase.described(float(second))
    assert said == "110 of 1,000 models written, 1.0 a second, about 14 min 50 s left"


def test_each_counts_what_is_done_with():
    phase = Phase("models written", 0.0, 3)
    assert [(item, phase.done) for item in phase.each("abc")] == [("a", 0), ("b", 1), ("c", 2)]
    assert phase.done == 3


def test_after_a_phase_the_one_around_it_holds_again():
    clock = Clock()
    progress = Progress(clock)
    assert progress.described() == "starting, 0 s so far"
    with progress.phase("writing"):
        clock.now = 2.0
        with contextlib.suppress(ValueError), progress.phase("models written", 7) as phase:
            phase.step()
            clock.now = 4.0
            assert progress.described() == "1 of 7 models written, 30.0 a minute, about 12 s left"
            raise ValueError("broken")
        progress.retries = 3
        assert progress.described() == "writing, 4 s so far, tried again: 3"
    assert progress.described() == "starting, 4 s so far, tried again: 3"


@pytest.fixture
def quick(monkeypatch):
    """Let the first lines come soon."""
    monkeypatch.setenv(_progress.PACE_VARIABLE, PACE)


def wait_for(condition):
    """Wait until something holds; fail if it never does."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.002)


def never(sentence):
    raise AssertionError(sentence)


def test_lines_are_appended_while_the_run_is_at_work(quick, tmp_path):
    path = tmp_path / "progress"
    path.write_text("of another run\n")
    progress = Progress()
    # In this order: a line before the phase says that the run is starting.
    with progress.phase("models written", 5) as phase, reported(progress, "litellm_model", to_file(str(path)), never):
        wait_for(lambda: "0 of 5 models" in path.read_text())
        phase.step()
        wait_for(lambda: "1 of 5 models" in path.read_text())
    text = path.read_text()
    assert re.fullmatch(r"of another run\n(litellm_model: \d of 5 models written, .+\n)+", text)
    time.sleep(0.02)
    assert path.read_text() == text


def test_the_file_is_made_for_its_owner_only(quick, tmp_path):
    path = tmp_path / "progress"
    with reported(Progress(), "litellm_model", to_file(str(path)), never):
        wait_for(path.exists)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_run_that_is_done_soon_writes_nothing_and_warns_of_nothing(tmp_path):
    with (
        reported(Progress(), "litellm_model", to_file(str(tmp_path)), never),
        reported(Progress(), "litellm_model", to_file(str(tmp_path / "new")), never),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_without_a_file_nothing_is_started(quick, monkeypatch):
    monkeypatch.setattr(_progress, "_Reporter", never)
    with reported(Progress(), "litellm_model", None, never):
        pass


class Observed(Progress):
    """Remembers how often it was asked."""

    asked = 0

    def described(self):
        self.asked += 1
        return super().described()


@pytest.mark.parametrize("name", ["", "missing/progress", "nobody-reads-it"])
def test_a_file_that_cannot_be_written_is_a_warning(quick, tmp_path, name):
    os.mkfifo(tmp_path / "nobody-reads-it")
    path, progress, warnings = str(tmp_path / name), Observed(), []
    with reported(progress, "litellm_model", to_file(path), warnings.append):
        wait_for(lambda: progress.asked)
    [sentence] = warnings
    assert sentence.startswith(f"progress_file {path} cannot be written: ")
    assert progress.asked == 1


@pytest.mark.parametrize("pace", ["", "soon"])
def test_the_pace_is_that_of_a_clock(pace):
    assert _progress._pace({_progress.PACE_VARIABLE: pace}) == 1.0
    assert _progress._pace({}) == 1.0
