# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make test`` may be started by nohup, or in the background of a shell: what it starts can be signalled all the same."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)
SHOW = "import signal, sys; print(*(signal.getsignal(int(number)) is signal.SIG_IGN for number in sys.argv[1:]))"
# The command of exec, without the environment that it would make first; and what a stage starts, while the signals come.
EXEC = """
import os, sys
from tests.ci import __main__ as program
program.runtime = lambda log: (None, dict(os.environ))
program.main(["exec", sys.executable, "-c", *sys.argv[1:]])
"""
STAGE = """
import signal, subprocess, sys
from tests.ci import __main__ as program
program.format_sources = lambda log: [
    *(signal.raise_signal(int(number)) for number in sys.argv[2:]),
    subprocess.run([sys.executable, "-c", *sys.argv[1:]], check=True),
]
program.main(["format"])
"""


def ignoring(*command: str) -> str:
    """Run Python as nohup does, and a shell that puts it into the background; return what it prints."""
    ignore = "import os, signal, sys; [signal.signal(n, signal.SIG_IGN) for n in (1, 2, 3)]; os.execv(sys.argv[1], sys.argv[1:])"
    whole = [sys.executable, "-c", ignore, sys.executable, *command]
    return subprocess.run(whole, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT, timeout=60).stdout


@pytest.mark.parametrize("started", [EXEC, STAGE], ids=["exec", "stage"])
def test_what_is_started_does_not_inherit_that_a_signal_is_ignored(started: str) -> None:
    assert ignoring("-c", started, SHOW, *(str(int(number)) for number in SIGNALS)) == "False False False\n"
