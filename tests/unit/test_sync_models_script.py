# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What sync-models.sh makes of its arguments and its environment, seen by something that stands in for ansible-playbook."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "sync-models.sh"

RECORDER = """\
#!{python}
import json, os, sys, time
from pathlib import Path
playbook = next(Path(word) for word in sys.argv[1:] if word.endswith(".yml"))
collection = playbook.parent / "collections" / "ansible_collections" / "litemaas" / "models"
seen = dict(argv=sys.argv[1:], env=dict(os.environ), text=playbook.read_text(), collection=str(collection.resolve()))
Path({record!r}).write_text(json.dumps(seen))
time.sleep(float(os.environ.get("SECONDS_TO_RUN", "0")))
sys.exit(int(os.environ.get("EXIT_CODE", "0")))
"""


class Script:
    """The script with a stand-in for ansible-playbook first in the path."""

    def __init__(self, folder: Path) -> None:
        self.record = folder / "seen.json"
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.path = os.pathsep.join([str(self.bin), "/usr/bin", "/bin"])
        recorder = self.bin / "ansible-playbook"
        recorder.write_text(RECORDER.format(python=sys.executable, record=str(self.record)), encoding="utf-8")
        recorder.chmod(0o755)

    def environment(self, **more: str) -> dict[str, str]:
        """Return the whole environment that it runs in."""
        return {"PATH": self.path, "TMPDIR": str(self.temporary), **more}

    def run(self, *arguments: str, script: Path = SCRIPT, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run it with nothing but this environment."""
        command = [str(script), *arguments]
        env = self.environment(**environment)
        done = subprocess.run(command, cwd=self.temporary, env=env, capture_output=True, text=True, timeout=30, check=False)
        assert list(self.temporary.iterdir()) == [], "it left something behind"
        return done

    def seen(self, *arguments: str, **options: Any) -> dict[str, Any]:
        """Run it and return what the stand-in saw."""
        done = self.run(*arguments, **options)
        assert done.returncode == 0, done.stderr
        seen: dict[str, Any] = json.loads(self.record.read_text(encoding="utf-8"))
        return seen

    def variables(self, *arguments: str, **options: Any) -> dict[str, str]:
        """Run it and return the extra variables."""
        argv = self.seen(*arguments, **options)["argv"]
        given = [argv[place + 1] for place, word in enumerate(argv) if word == "-e"]
        return dict(word.split("=", 1) for word in given)


@pytest.fixture
def script(tmp_path: Path) -> Script:
    return Script(tmp_path)


def test_what_it_asks_for(script: Script) -> None:
    assert script.variables("some-namespace") == {
        "litemaas_models_hosts": "localhost",
        "ocp4_workload_litemaas_models_namespace": "some-namespace",
        "ocp4_workload_litemaas_models_list": "[]",
        "ocp4_workload_litemaas_models_backend_enabled": "true",
        "ocp4_workload_litemaas_models_sync_from_litellm": "true",
        "ocp4_workload_litemaas_models_cleanup_orphaned": "true",
    }


@pytest.mark.parametrize(
    ("arguments", "environment", "namespace"),
    [
        ([], {}, "litemaas"),
        ([], {"LITEMAAS_NAMESPACE": "of-the-environment"}, "of-the-environment"),
        (["given"], {"LITEMAAS_NAMESPACE": "of-the-environment"}, "given"),
        (["--check", "given", "-v"], {}, "given"),
    ],
)
def test_the_namespace(script: Script, arguments: list[str], environment: dict[str, str], namespace: str) -> None:
    assert script.variables(*arguments, **environment)["ocp4_workload_litemaas_models_namespace"] == namespace


def test_options_are_passed_on(script: Script) -> None:
    argv = script.seen("--check", "ns", "--diff", "-vv", "--", "-e", "x=two words", "--limit", "*")["argv"]
    assert argv[:3] == ["--check", "--diff", "-vv"]
    assert argv[-4:] == ["-e", "x=two words", "--limit", "*"]


def test_it_brings_its_own_collection_and_playbook(script: Script) -> None:
    seen = script.seen()
    assert seen["collection"] == str(ROOT)
    assert seen["text"] == (ROOT / "playbooks" / "manage_models.yml").read_text(encoding="utf-8")


def test_it_works_through_a_link(script: Script, tmp_path: Path) -> None:
    link = tmp_path / "a link"
    link.symlink_to(SCRIPT)
    assert script.seen(script=link)["collection"] == str(ROOT)


def test_secrets_are_in_the_environment_only(script: Script) -> None:
    seen = script.seen(LITELLM_URL="https://given.example.com", LITELLM_MASTER_KEY="demo-key-not-real", LITELLM_API_KEY="another-not-real")
    assert seen["env"]["LITELLM_API_URL"] == "https://given.example.com"
    assert seen["env"]["LITELLM_API_KEY"] == "demo-key-not-real"
    assert "not-real" not in json.dumps([seen["argv"], seen["text"]])


def test_what_is_not_given_stays_away(script: Script) -> None:
    env = script.seen(LITELLM_URL="", LITELLM_MASTER_KEY="")["env"]
    assert not {"LITELLM_API_URL", "LITELLM_API_KEY"} & set(env)


def test_the_exit_code_is_that_of_the_playbook(script: Script) -> None:
    assert script.run(EXIT_CODE="4").returncode == 4


def test_it_leaves_nothing_behind_when_it_is_stopped(script: Script) -> None:
    environment = script.environment(SECONDS_TO_RUN="60")
    running = subprocess.Popen([str(SCRIPT)], env=environment, start_new_session=True)
    deadline = time.monotonic() + 20
    while not script.record.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert list(script.temporary.iterdir()) != []
    os.killpg(running.pid, signal.SIGTERM)
    assert running.wait(timeout=20) == 128 + signal.SIGTERM
    assert list(script.temporary.iterdir()) == []


def test_help(script: Script) -> None:
    done = script.run("litemaas", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: sync-models.sh [NAMESPACE]")
    named = set(re.findall(r"^  (?=LITELLM|DATABASE)(.+?)   ", done.stdout, re.MULTILINE))
    role = (ROOT / "roles" / "litemaas_models" / "defaults" / "main.yml").read_text(encoding="utf-8")
    read = set(re.findall(r"'ansible.builtin.env', '(LITELLM_\w+|DATABASE_URL)'", role)) - {"LITELLM_DATABASE_URL"}
    assert read <= set(", ".join(named).split(", ")), "what skips the search is named"
    assert not script.record.exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--frobnicate"], "there is no option --frobnicate"),
        (["one", "two"], "one namespace at a time: one or two"),
        (["a b"], '"a b" is no name of a namespace'),
        (["x=y"], '"x=y" is no name of a namespace'),
        ([""], "NAMESPACE is empty; is a variable not set?"),
        (["--check", "", "given"], "NAMESPACE is empty"),
    ],
)
def test_misuse(script: Script, arguments: list[str], sentence: str) -> None:
    done = script.run(*arguments)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert not script.record.exists()


def test_without_ansible(script: Script) -> None:
    (script.bin / "ansible-playbook").unlink()
    done = script.run(PATH=str(script.bin))
    assert done.returncode == 1
    assert "there is no ansible-playbook" in done.stderr


def test_away_from_its_collection(script: Script, tmp_path: Path) -> None:
    alone = tmp_path / "sync-models.sh"
    alone.write_bytes(SCRIPT.read_bytes())
    alone.chmod(0o755)
    done = script.run(script=alone)
    assert done.returncode == 1
    assert "its playbook is not beside it" in done.stderr
