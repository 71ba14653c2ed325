# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A text for people is shown as it is, on each ansible-core, by each callback for people and in a job's log. No server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import ansible_runner
import pytest

from tests.ci.ansible_test import CORES
from tests.integration.playbook import ansible_playbook

OLDEST, NEWEST = min(CORES), max(CORES)
TEXT = 'localhost: https://litellm.example.com\nChanged\n  größe {{ raw }}: "created"\x1b[31m'
LINES = ["localhost: https://litellm.example.com", "Changed", '  größe {{ raw }}: "created"\\x1b[31m']
TIMEOUT_S = 60
# As ansible.posix.json does it: all results at the end, for a program.
AS_JSON = """
DOCUMENTATION = "name: json\\ntype: stdout\\nshort_description: JSON\\ndescription: All results.\\n"
import json
from ansible.plugins.callback import CallbackBase
class CallbackModule(CallbackBase):
    CALLBACK_VERSION, CALLBACK_TYPE, CALLBACK_NAME = 2.0, "stdout", "json"
    results = []
    def v2_runner_on_ok(self, result):
        self.results.append(result._result.get("msg"))
    def v2_playbook_on_stats(self, stats):
        self._display.display(json.dumps(self.results))
"""


def play(**keywords: Any) -> list[dict[str, Any]]:
    """Return a play that shows the text."""
    task = {"litemaas.models.show_text": {"text": f"{{% raw %}}{TEXT}{{% endraw %}}"}, **keywords}
    return [{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]


def run(core: str, folder: Path, **environment: str) -> str:
    """Return what the play prints to standard output; it says nothing of its own on standard error."""
    (folder / "play.yml").write_text(json.dumps(play()), encoding="utf-8")
    (folder / "callbacks").mkdir(exist_ok=True)
    (folder / "callbacks" / "json.py").write_text(AS_JSON, encoding="utf-8")
    env = {
        "HOME": str(folder), "LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", "ANSIBLE_NOCOLOR": "true",
        "ANSIBLE_COLLECTIONS_PATH": os.environ["ANSIBLE_COLLECTIONS_PATH"], "ANSIBLE_LOG_PATH": str(folder / "log"),
        "ANSIBLE_CALLBACK_PLUGINS": str(folder / "callbacks"), **environment,
    }  # fmt: skip
    command = [str(ansible_playbook(core)), "-i", "localhost,", "-c", "local", "play.yml"]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not [line for line in LINES if line in done.stderr]
    return done.stdout


@pytest.mark.parametrize("core", CORES)
def test_people_read_a_text_and_programs_their_json(tmp_path: Path, core: str) -> None:
    text = "\n".join(LINES) + "\n"
    said = run(core, tmp_path, ANSIBLE_CALLBACK_RESULT_FORMAT="yaml")
    assert text + "ok: [localhost]\n" in said
    assert said.count(LINES[0]) == 1
    log = (tmp_path / "log").read_text(encoding="utf-8")
    assert [line in log for line in LINES] == [True] * 3
    assert json.loads(run(core, tmp_path, ANSIBLE_STDOUT_CALLBACK="json")) == [LINES]


@pytest.mark.parametrize("core", [OLDEST, NEWEST])
@pytest.mark.parametrize("callback", ["default", "minimal", "oneline"])
def test_callbacks_for_people(tmp_path: Path, core: str, callback: str) -> None:
    said = run(core, tmp_path, ANSIBLE_STDOUT_CALLBACK=callback)
    assert "\n".join(LINES) + "\n" in said
    assert said.count(LINES[0]) == 1


def test_the_log_of_a_job(tmp_path: Path) -> None:
    """What runs the jobs of AAP has the text in its log, and in an event."""
    events: list[str] = []
    done = ansible_runner.run(
        private_data_dir=str(tmp_path), playbook=play(), inventory="localhost ansible_connection=local", quiet=True, timeout=TIMEOUT_S,
        envvars={**os.environ, "ANSIBLE_NOCOLOR": "true", "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
        event_handler=lambda event: events.append(event["stdout"].replace("\r\n", "\n")) or True,
    )  # fmt: skip
    assert done.status == "successful", done.stdout.read()
    assert "\n".join(LINES) in events
    assert "\n".join(LINES) in done.stdout.read().replace("\r\n", "\n")


def test_what_is_not_to_be_logged_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "play.yml").write_text(json.dumps(play(no_log=True)), encoding="utf-8")
    env = {**os.environ, "ANSIBLE_NOCOLOR": "true"}
    command = [Path(sys.executable).with_name("ansible-playbook"), "-i", "localhost,", "-c", "local", "-vvvv", "play.yml"]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 0
    assert LINES[0] not in done.stdout + done.stderr
