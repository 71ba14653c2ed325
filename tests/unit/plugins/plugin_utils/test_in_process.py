# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work in the controller's process answers as the module does, happens only where that is right, and leaves the process as it was."""

from __future__ import annotations

import contextlib
import importlib
import json
import locale
import logging
import os
import signal
import socket
import sys
import threading
import types
import warnings

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._cluster import connect
from ansible_collections.litemaas.models.plugins.module_utils._run.termination import TERMINATION
from ansible_collections.litemaas.models.plugins.modules import litellm_model
from ansible_collections.litemaas.models.plugins.plugin_utils import _in_process
from tests.support.modules import run_module

HERE = {"ansible_python_interpreter": sys.executable}
BESIDE = os.path.join(os.path.dirname(sys.executable), "python3")


def is_right(task=None, connection=None, variables=None, environment=()):
    task = types.SimpleNamespace(**{"async_val": 0, "timeout": 0, "delegate_to": None, **(task or {})})
    connection = types.SimpleNamespace(**{"transport": "local", "become": None, **(connection or {})})
    return _in_process.is_right(task, connection, HERE if variables is None else variables, environment, lambda value: value)


@pytest.mark.parametrize("facts", [
    {},
    dict(variables={"ansible_python_interpreter": BESIDE}),
    dict(variables={**HERE, _in_process.SWITCH: "yes"}),
    dict(variables={**HERE, _in_process.SWITCH: None}),
    dict(environment=["LITELLM_API_URL", "DATABASE_URL", "PGSSLMODE", "HTTPS_PROXY"]),
    dict(task={"delegate_to": "other"}, variables={"ansible_delegated_vars": {"other": HERE}}),
], ids=str)  # fmt: skip
def test_where_a_module_would_run_here_its_work_is_done_here(facts):
    assert is_right(**facts)


@pytest.mark.parametrize("facts", [
    dict(task={"async_val": 30}),
    dict(task={"timeout": 30}),
    dict(connection={"transport": "ssh"}),
    dict(connection={"become": "sudo"}),
    dict(variables={}),
    dict(variables={"ansible_python_interpreter": "auto"}),
    dict(variables={"ansible_python_interpreter": os.path.join("/nowhere", os.path.basename(sys.executable))}),
    dict(variables={"ansible_python_interpreter": os.path.join(os.path.dirname(sys.executable), "pip")}),
    dict(variables={**HERE, _in_process.SWITCH: False}),
    dict(variables={**HERE, _in_process.SWITCH: "no"}),
    dict(environment=["PYTHONPATH"]),
    dict(environment=["LC_ALL"]),
    dict(task={"delegate_to": "other"}, variables={**HERE, "ansible_delegated_vars": {"other": {"ansible_python_interpreter": "/x"}}}),
], ids=str)  # fmt: skip
def test_elsewhere_a_module_runs(facts):
    assert not is_right(**facts)


def test_another_environment_with_a_link_to_the_same_file_is_another_python(tmp_path):
    link = tmp_path / os.path.basename(sys.executable)
    link.symlink_to(os.path.realpath(sys.executable))
    assert not is_right(variables={"ansible_python_interpreter": str(link)})


def test_a_fork_of_macos_is_no_place(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not is_right()


SECRET = "demo-key-not-real"
SERVER = {"litellm_url": "http://127.0.0.1:9", "litellm_api_key": "demo-admin-key-not-real", "retries": 0}
ENTRY = {"model_name": "m", "litellm_model": "openai/x", "api_key": SECRET}
CASES = [
    ("litellm_model", {**SERVER, "models": [ENTRY]}),
    ("litellm_model", {**SERVER, "models": [dict(ENTRY, rpm=1.5), dict(ENTRY, model_name=None)]}),
    ("litellm_model", {**SERVER, "litellm_master_key": "demo-admin-key-not-real", "models": [ENTRY]}),
    ("litellm_model", {**SERVER, "modles": [ENTRY]}),
    ("litellm_model", {**SERVER, "models": [dict(ENTRY, context_lenght=1)]}),
    ("litellm_model", {**SERVER, "models": "{"}),
    ("litellm_model", {**SERVER, "timeout": "no number", "models": [ENTRY]}),
    ("litellm_model", {**SERVER, "timeout": "7", "validate_certs": "no", "models": [ENTRY]}),
    ("litellm_model", {**SERVER, "model_name": "m", "models": [ENTRY]}),
    ("litellm_model", {**SERVER, **ENTRY, "rpm": "1", "extra_params": '{"a": 1}'}),
    ("litellm_model", {"models": [ENTRY]}),
    ("litellm_model", {**SERVER, "namespace": "No-Name", "kubernetes": {"api_key": SECRET}, "models": [ENTRY]}),
    ("litellm_model", {**SERVER, "models": [dict(ENTRY, secret_params={"vertex_credentials": {"a": SECRET, "type": "x"}})]}),
    ("litellm_model", {**SERVER, "notify_urls": [f"https://user:{SECRET}@receiver.invalid/x"], "models": [ENTRY]}),
    ("litellm_model_info", SERVER),
    ("litellm_model_info", {**SERVER, "litellm_url": f"http://user:{SECRET}@127.0.0.1:9/?key={SECRET}"}),
    ("litemaas_model_sync", {**SERVER, "pull": True}),
    ("litemaas_model_sync", {**SERVER, "models": [ENTRY], "database_url": f"postgresql://user:{SECRET}@127.0.0.1:1/x"}),
    ("litemaas_orphan_cleanup", {**SERVER, "strategy": "none"}),
    ("litemaas_orphan_cleanup", {**SERVER, "keep_models": [1.10]}),
    ("litemaas_sync_info", {"history_limit": -1}),
    ("litemaas_sync_info", {"database_url": f"postgresql://user:{SECRET}@127.0.0.1:1/x", "history_limit": "2"}),
]


def described(name, given, check=False, **more):
    module = importlib.import_module(f"ansible_collections.litemaas.models.plugins.modules.{name}")
    [steps] = [one for one in vars(module).values() if isinstance(one, type) and one.__module__ == module.__name__ and hasattr(one, "plan")]
    return module, _in_process.Module(name, module.argument_spec(), steps, connect, given, check, **more)


def with_plain_warnings(answer):
    """ansible-core 2.19 and later hand on more than the text of a warning, and show the text."""
    if "warnings" in answer:
        answer["warnings"] = [warning if isinstance(warning, str) else warning["event"]["msg"] for warning in answer["warnings"]]
    return answer


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize(("name", "given"), CASES, ids=str)
def test_what_is_printed_is_what_the_module_prints(name, given, check, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:demo-password-not-real@127.0.0.1:1/x")
    module, here = described(name, given, check)
    printed = run_module(module.main, given, check=check)["raw"]
    ours = _in_process.printed_by(here)
    assert json.loads(ours) == with_plain_warnings(json.loads(printed))
    assert "not-real" not in ours


def test_a_defect_is_a_result_without_its_text(monkeypatch):
    def defect(*_arguments):
        raise ValueError(SECRET)

    monkeypatch.setattr(_in_process.runner, "answer", defect)
    result = json.loads(_in_process.printed_by(described("litellm_model", {**SERVER, "models": [ENTRY]})[1]))
    assert (result["failed"], result["failure"]["code"]) == (True, "unexpected")
    assert "Unexpected ValueError at test_in_process.py" in result["msg"]
    assert SECRET not in str(result)


def test_options_are_shown_only_where_ansible_shows_them():
    given = {**SERVER, "models": [ENTRY]}
    assert "invocation" in json.loads(_in_process.printed_by(described("litellm_model", given)[1]))
    assert "invocation" not in json.loads(_in_process.printed_by(described("litellm_model", given, shows_options=False)[1]))


def test_a_secret_is_not_taken_out_of_what_is_true():
    host = _in_process.ActionHost(described("litellm_model", {**SERVER, "models": [ENTRY]})[1])
    host.no_log_values.add("True")
    assert json.loads(host.printed({"changed": True, "told": ["True"]})) == {
        "changed": True,
        "told": ["VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"],
    }


def test_no_option_of_a_module_is_deprecated_since_a_run_here_would_not_say_so():
    for name in sorted({name for name, _given in CASES}):
        spec = str(described(name, {})[1].spec.to_kwargs())
        assert "removed_" not in spec
        assert "deprecated_aliases" not in spec


def open_files():
    """The descriptors of this process, each with the file or socket behind it."""
    files = {}
    for name in os.listdir("/dev/fd"):
        # The descriptor that listed them is closed again.
        with contextlib.suppress(OSError):
            file = os.fstat(int(name))
            files[name] = (file.st_dev, file.st_ino)
    return files


def state():
    """What a process has that outlives a call."""
    return {
        "variables": dict(os.environ),
        "handlers": [signal.getsignal(number) for number in signal.valid_signals()],
        "mask": signal.pthread_sigmask(signal.SIG_BLOCK, []),
        "wakeup": signal.set_wakeup_fd(-1),
        "threads": {thread.ident for thread in threading.enumerate()},
        "files": open_files(),
        "folder": os.getcwd(),
        "umask": (os.umask(0o22), os.umask(0o22))[0],
        "streams": (sys.stdin, sys.stdout, sys.stderr),
        "log handlers": list(logging.getLogger().handlers),
        "loggers": [(logging.getLogger(name).handlers[:], logging.getLogger(name).propagate) for name in _in_process.LOGGERS],
        "warnings": list(warnings.filters),
        "locale": locale.setlocale(locale.LC_ALL),
        "socket timeout": socket.getdefaulttimeout(),
    }


def test_the_process_is_left_as_it_was(tmp_path, monkeypatch, capfd, caplog):
    monkeypatch.delenv("LITELLM_API_URL", raising=False)
    environment = {"LITELLM_API_URL": "http://127.0.0.1:9", "NUMBER": 5}
    given = {
        "litellm_api_key": "demo-admin-key-not-real",
        "retries": 0,
        "models": [ENTRY],
        "progress_file": "lines",
        "validate_certs": False,
    }
    seen = []

    def once():
        with _in_process.as_a_module_has_it(environment, str(tmp_path)):
            seen.append((os.getcwd(), os.environ["NUMBER"]))
            print("by a library")
            sys.stderr.write("by a library")
            logging.getLogger("urllib3.connectionpool").error("by a library")
            os.environ["LEFT"] = "behind"
            return _in_process.printed_by(described("litellm_model", given)[1])

    at_first = dict(os.environ), os.getcwd(), list(warnings.filters)
    once()
    assert (dict(os.environ), os.getcwd(), list(warnings.filters)) == at_first
    # What is imported, and what is kept in memory, is there after the first.
    before = state()
    answer = json.loads(once())
    assert state() == before
    assert answer["failure"]["code"] == "litellm_unreachable"
    assert "http://127.0.0.1:9" in answer["msg"]
    assert seen == [(str(tmp_path), "5")] * 2
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


def work_that_a_signal_ends(folder):
    """As with a tunnel: the watcher hears of the signal, and the handler ends the work."""
    stopped = threading.Event()
    with _in_process.as_a_module_has_it({}, folder):
        TERMINATION.add(stopped.set)
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            stopped.wait(10)
            raise AssertionError("the signal did not end the work")
        finally:
            TERMINATION.remove(stopped.set)


def test_a_signal_that_ended_the_work_comes_to_the_process(tmp_path):
    """The handler that Ansible gave its process has the last word, in the folder of that process."""
    came = []
    before = signal.signal(signal.SIGTERM, lambda number, _frame: came.append((number, os.getcwd())))
    try:
        folder = os.getcwd()
        with pytest.raises(SystemExit) as ending:
            work_that_a_signal_ends(str(tmp_path))
    finally:
        signal.signal(signal.SIGTERM, before)
    assert ending.value.code == 128 + signal.SIGTERM
    assert came == [(signal.SIGTERM, folder)]


def test_what_an_action_hands_on_is_what_ansible_reads_of_a_module():
    """A result is no template, whatever its text is."""
    text = json.dumps({"changed": False, "msg": "{{ 1 }}", "models": [{"reason": "{{ 2 }}"}]})

    def parse(output, profile):
        assert (output["stdout"], output["rc"], profile) == (text, 0, "legacy")
        return json.loads(output["stdout"])

    assert _in_process.as_ansible_reads_it(text, parse) == json.loads(text)
    newest = types.SimpleNamespace(as_result_dict=lambda for_round_trip: {"round trip": for_round_trip})
    assert _in_process.as_ansible_reads_it(text, lambda output, profile: newest) == {"round trip": True}
    before = _in_process.as_ansible_reads_it(text, lambda output: json.loads(output["stdout"]))
    assert type(before["msg"]) is type(_in_process.wrap_var("x"))


def test_options_come_as_a_module_gets_them():
    given = {"models": [{"rpm": 1, "tags": ("a", "b"), "price": 1.5, "name": None}]}
    assert _in_process.as_module_gets_it(given) == {"models": [{"rpm": 1, "tags": ["a", "b"], "price": 1.5, "name": None}]}


def test_the_module_that_is_described_here_is_the_one_that_runs():
    assert described("litellm_model", {})[1].steps is litellm_model.LitellmModel
