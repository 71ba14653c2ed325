# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A long run says where it is, in a terminal and in a job log, and is the same run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import ansible_runner
import pytest

from tests.support.fixtures import delete_database_models
from tests.support.recorder import Fault, RecordedRequest, Recorder
from tests.support.stack import Stack

pytestmark = [pytest.mark.any_litellm, pytest.mark.litellm]

ANSIBLE = Path(sys.executable).with_name("ansible-playbook")
HOSTS = ("one", "two")
MODELS = 4
MODEL = {"litellm_model": "openai/demo", "api_base": "http://demo.example.com/v1", "api_key": "demo-key-not-real"}
TIMEOUT_S = 120

# Prints what each host registered, as a program wants it.
CALLBACK = """
DOCUMENTATION = "name: as_json\\ntype: stdout\\nshort_description: JSON\\ndescription: The results by host.\\n"
import json
from ansible.plugins.callback import CallbackBase
class CallbackModule(CallbackBase):
    CALLBACK_VERSION, CALLBACK_TYPE, CALLBACK_NAME = 2.0, "stdout", "as_json"
    results = {}
    def v2_runner_on_ok(self, result):
        self.results[result._host.get_name()] = result._result
    def v2_playbook_on_stats(self, stats):
        print(json.dumps(self.results))
"""


def slow(request: RecordedRequest) -> Fault | None:
    """Let each create take longer than it takes."""
    return Fault.delay(0.3) if request.method == "POST" else None


def environment(**variables: str) -> dict[str, str]:
    """Return the environment of a run whose first line comes after 0.3 seconds, and the others after 0.5 each."""
    return {**os.environ, "ANSIBLE_NOCOLOR": "true", "LITEMAAS_PROGRESS_PACE": "0.1", **variables}


def play(stack: Stack, recorder: Recorder, **options: Any) -> list[dict[str, Any]]:
    """Return a play with one task: each host has models of its own."""
    models = [{"model_name": f"hidden-{{{{ inventory_hostname }}}}-{number}", **MODEL} for number in range(MODELS)]
    connection = {"litellm_url": recorder.url, "litellm_api_key": stack.master_key}
    task = {"litemaas.models.litellm_model": {**connection, "models": models, **options}}
    variables = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    return [{"hosts": "all", "gather_facts": False, "vars": variables, "tasks": [task]}]


def counts(lines: list[str], host: str) -> list[int]:
    """Return how many models were written by each line of a host; every line is one of a known form, and names no model."""
    form = re.compile(rf"({'|'.join(HOSTS)}): litellm_model: [^:]+(, tried again: \d+)?")
    assert not [line for line in lines if not form.fullmatch(line) or "hidden" in line]
    found = [re.match(rf"{host}: litellm_model: (\d+) of {MODELS} models written, ", line) for line in lines]
    return [int(match[1]) for match in found if match]


def test_hosts_in_parallel_and_a_program_that_reads(clean_litellm: Stack, recorder: Recorder, tmp_path: Path) -> None:
    (tmp_path / "as_json.py").write_text(CALLBACK, encoding="utf-8")
    env = environment(ANSIBLE_CALLBACK_PLUGINS=str(tmp_path), ANSIBLE_STDOUT_CALLBACK="as_json")
    recorder.fault = slow

    def run(*, progress: bool) -> tuple[dict[str, Any], list[tuple[str, int]]]:
        """Return the results by host, and each line of stderr with the number of creates that were begun when it came."""
        (tmp_path / "play.yml").write_text(json.dumps(play(clean_litellm, recorder, progress=progress)), encoding="utf-8")
        command = [ANSIBLE, "-i", ",".join(HOSTS), "play.yml"]
        with (tmp_path / "stdout").open("w+", encoding="utf-8") as stdout:
            done = subprocess.Popen(command, cwd=tmp_path, env=env, stdout=stdout, stderr=subprocess.PIPE, text=True)
            assert done.stderr is not None
            lines = [(line.rstrip("\n"), len(recorder.calls("POST"))) for line in done.stderr]
            stdout.seek(0)
            assert done.wait(TIMEOUT_S) == 0, lines
            return json.load(stdout), lines

    told, lines = run(progress=True)
    for host in HOSTS:
        written = counts([line for line, dummy in lines], host)
        assert written == sorted(written)
        assert len(set(written)) > 1
    creates = [number for line, number in lines if "models written" in line]
    assert creates[0] < creates[-1], "the lines came at the end"

    delete_database_models(clean_litellm)
    recorder.fault = None
    silent, lines = run(progress=False)
    assert lines == []
    for result in (*told.values(), *silent.values()):
        assert result["changed"] is True
        assert result["invocation"]["module_args"].pop("progress_file") is None
        result["invocation"]["module_args"].pop("progress")
    assert told == silent
    assert set(told) == set(HOSTS)


def test_a_job_log(clean_litellm: Stack, recorder: Recorder, tmp_path: Path) -> None:
    """What runs the jobs of AAP makes an event of each line, in time: when the last create was not yet begun."""
    recorder.fault = slow
    events: list[tuple[str, str, int]] = []

    def remember(event: dict[str, Any]) -> bool:
        events.append((event["event"], event["stdout"], len(recorder.calls("POST"))))
        return True

    settings = environment(PATH=f"{ANSIBLE.parent}{os.pathsep}{os.environ['PATH']}")
    done = ansible_runner.run(
        private_data_dir=str(tmp_path), playbook=play(clean_litellm, recorder), inventory="one",
        envvars=settings, event_handler=remember, quiet=True, timeout=TIMEOUT_S,
    )  # fmt: skip
    assert (done.status, done.rc) == ("successful", 0), done.stdout.read()
    said = [(text, number) for event, text, number in events if event == "verbose" and "litellm_model" in text]
    written = counts([text for text, dummy in said], "one")
    assert written == sorted(written)
    assert len(set(written)) > 1
    creates = [number for text, number in said if "models written" in text]
    assert creates[0] < MODELS
    log = done.stdout.read()
    assert all(text in log for text, dummy in said)
