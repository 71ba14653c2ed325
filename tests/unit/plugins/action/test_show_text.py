# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who gets a text on standard output, and what a text may do there."""

from __future__ import annotations

import types

import pytest

from ansible_collections.litemaas.models.plugins.action import show_text


@pytest.fixture
def shown(monkeypatch):
    """What is shown."""
    lines: list = []
    monkeypatch.setattr(show_text.display, "display", lines.append)
    return lines


def run(monkeypatch, callback, no_log=False):
    monkeypatch.setattr(show_text.constants, "DEFAULT_STDOUT_CALLBACK", callback)
    task = types.SimpleNamespace(no_log=no_log, args={"text": "one\ntwo"}, async_val=0, check_mode=True, diff=False, action="show_text")
    connection = types.SimpleNamespace(_shell=types.SimpleNamespace(tmpdir=None))
    return show_text.ActionModule(task, connection, types.SimpleNamespace(check_mode=True), None, None, None).run(task_vars={})


@pytest.mark.parametrize("callback", ["default", "ansible.builtin.default", "awx_display", "minimal", "oneline", "community.general.yaml"])
def test_people_get_it(monkeypatch, shown, callback):
    result = run(monkeypatch, callback)
    assert shown == ["one\ntwo"]
    assert (result["changed"], "msg" in result) == (False, False)


@pytest.mark.parametrize(
    ("callback", "no_log"),
    [("json", False), ("ansible.posix.json", False), ("ansible.posix.jsonl", False), ("own", False), ("default", True)],
)
def test_a_program_gets_a_result(monkeypatch, shown, callback, no_log):
    result = run(monkeypatch, callback, no_log)
    assert shown == []
    assert (result["msg"], result["changed"], result["_ansible_verbose_always"]) == (["one", "two"], False, True)


@pytest.mark.parametrize(("text", "expected"), [
    ("größe 模型\n  b", "größe 模型\n  b"),
    ("\x1b[31mred\x07", "\\x1b[31mred\\x07"), ("a\rb\tc\u0085\u2028\u202e", "a\\rb\\tc\\x85\\u2028\\u202e"),
    ("\ud800", "\\ud800"),
])  # fmt: skip
def test_a_text_only_prints(text, expected):
    assert show_text.printable(text) == expected
