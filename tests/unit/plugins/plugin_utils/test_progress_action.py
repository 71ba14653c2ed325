# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When progress is shown, and that nothing of it stays behind."""

from __future__ import annotations

import contextlib
import types
from pathlib import Path

import pytest

from ansible_collections.litemaas.models.plugins.action.litellm_model import ActionModule
from ansible_collections.litemaas.models.plugins.plugin_utils import _module_action, _progress

SHOWN: dict = dict(async_val=0, no_log=False, args={}, transport="local", become=None)


def action(**differences):
    """An action whose module would be shown, but for these differences."""
    facts = dict(SHOWN, **differences)
    task = types.SimpleNamespace(async_val=facts["async_val"], no_log=facts["no_log"], args=facts["args"], environment=None)
    shell = types.SimpleNamespace(env_prefix=lambda: "")
    connection = types.SimpleNamespace(transport=facts["transport"], become=facts["become"], _shell=shell)
    templar = types.SimpleNamespace(template=lambda value: value)
    return ActionModule(task, connection, None, None, templar, None)


@pytest.mark.parametrize("args", [{}, {"progress": True}, {"progress": "yes"}, {"progress_file": ""}, {"progress_file": None}])
def test_it_is_shown(args):
    assert action(args=args)._shows_progress() is True


@pytest.mark.parametrize("difference", [
    {"async_val": 30}, {"no_log": True}, {"transport": "ssh"}, {"become": "sudo"}, {"args": {"progress_file": "/tmp/x"}},
    {"args": {"progress": False}}, {"args": {"progress": "no"}}, {"args": {"progress": "perhaps"}},
], ids=str)  # fmt: skip
def test_it_is_not_shown(difference):
    assert action(**difference)._shows_progress() is False


@pytest.fixture
def shown(monkeypatch, tmp_path):
    """The lines that are shown; the file is made in tmp_path."""
    lines: list = []
    monkeypatch.setattr(_progress.constants, "DEFAULT_LOCAL_TMP", str(tmp_path))
    monkeypatch.setattr(_progress.display, "display", lambda line, stderr: lines.append((line, stderr)))
    return lines


def test_every_line_is_shown_on_stderr_also_the_last(shown, tmp_path):
    with _progress.lines_shown("host") as path, open(path, "a", encoding="utf-8") as file:
        assert Path(path).parent.parent == tmp_path
        file.write("m: one\nm: two\n")
    assert shown == [("host: m: one", True), ("host: m: two", True)]


def test_the_file_is_gone_whatever_happens_and_nobody_makes_it_anew(shown, tmp_path):
    with contextlib.suppress(KeyboardInterrupt), _progress.lines_shown("host") as path:
        assert [Path(path).parent] == list(tmp_path.iterdir())
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FileNotFoundError):
        open(path, "a", encoding="utf-8").close()


def test_the_module_gets_a_file_and_nobody_sees_its_path(shown, monkeypatch, tmp_path):
    calls = []

    def execute(self, module_args=None, **options):
        calls.append((module_args, options))
        return {"changed": True, "invocation": {"module_args": dict(module_args)}}

    monkeypatch.setattr(_module_action.NormalAction, "_execute_module", execute)
    monkeypatch.setattr(_module_action._in_process, "is_right", lambda *_facts: False)
    own = action(args={"model_name": "a"})
    own._host = "host"
    result = own._execute_module(task_vars={"x": 1}, wrap_async=0)
    [(given, options)] = calls
    assert Path(given["progress_file"]).parent.parent == tmp_path
    assert options == {"task_vars": {"x": 1}, "wrap_async": 0}
    assert result == {"changed": True, "invocation": {"module_args": {"model_name": "a", "progress_file": None}}}
    assert own._task.args == {"model_name": "a"}
