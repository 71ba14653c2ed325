# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that was started by nohup in the background of a shell: signals that are ignored stay ignored, and SIGTERM still ends it."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.integration.playbook import Playbook
from tests.integration.test_litellm_model import GRANITE
from tests.support.recorder import Fault, Recorder

pytestmark = [pytest.mark.any_litellm, pytest.mark.litellm, pytest.mark.postgres]

# As an interactive shell's children are: default for all of them, whatever this process inherited.
DEFAULTS = "import os, signal, sys; [signal.signal(n, signal.SIG_DFL) for n in (1, 2, 3, 15)]; os.execvp(sys.argv[1], sys.argv[1:])"


def in_the_background(playbook: Playbook, output: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """What a person types: nohup ... &, in a shell without job control, which lets its children ignore SIGINT and SIGQUIT."""
    command = shlex.join([str(Path(sys.executable).with_name("ansible-playbook")), playbook.playbook, *arguments])
    script = f"nohup {command} > {shlex.quote(str(output))} 2>&1 & echo $!; wait $!"
    return subprocess.Popen(
        [sys.executable, "-c", DEFAULTS, "sh", "-c", script],
        env={**os.environ, **playbook.environment, "ANSIBLE_NOCOLOR": "true"},
        cwd=playbook.folder,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )


def ignores(pid: int, number: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    mask = next(line.split()[1] for line in status.splitlines() if line.startswith("SigIgn"))
    return bool(int(mask, 16) >> (number - 1) & 1)


def children(pid: int) -> list[int]:
    """All processes that come of one."""
    found = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = {int(line.split()[0]): int(line.split()[1]) for line in found.splitlines()}
    family = [pid]
    for one in family:
        family += [child for child, parent in parents.items() if parent == one]
    return family[1:]


def wait_for_a_create(recorder: Recorder, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while not recorder.calls("POST"):
        assert time.monotonic() < end
        assert process.poll() is None
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_nohup(playbook: Playbook, recorder: Recorder, number: int) -> None:
    """The signal comes while a model is being created."""
    recorder.fault = lambda request: Fault.delay(2) if request.method == "POST" else None
    output = playbook.folder / "output.txt"
    models = playbook.models_file({**GRANITE, "model_name": "one"}, litellm_url=recorder.url)
    with in_the_background(playbook, output, "-e", models) as shell:
        try:
            assert shell.stdout is not None
            pid = int(shell.stdout.readline())
            wait_for_a_create(recorder, shell)
            # Newer versions of Ansible take SIGINT for themselves, whoever ignored it.
            assert all(ignores(pid, ignored) for ignored in (signal.SIGHUP, signal.SIGQUIT))
            if number == signal.SIGTERM:
                os.kill(pid, number)
            else:
                # As where a terminal is closed: every process of the run hears of it.
                for one in (pid, *children(pid)):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(one, number)
            code = shell.wait(120)
        finally:
            if shell.poll() is None:
                os.killpg(shell.pid, signal.SIGKILL)
    text = output.read_text(encoding="utf-8")
    assert "Traceback" not in text
    if number == signal.SIGTERM:
        assert code != 0, text
        # What was begun is there as a whole or not at all, and the next run does the rest.
        recorder.fault = None
        playbook.run("-e", models).ok()
    else:
        assert code == 0, text
    assert set(playbook.deployments()) == {"one"}
    assert "one" in playbook.rows()
