# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows a text to people as it is. The result carries it where standard output is read by a program."""

from __future__ import annotations

import typing as t

from ansible import constants
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

# Callbacks that write for people. Another one may write JSON, which a line of ours would break.
FOR_PEOPLE = frozenset(("awx_display", "debug", "default", "minimal", "oneline", "selective", "unixy", "yaml"))

display = Display()


class ActionModule(ActionBase):
    """Ansible looks for a class of this name."""

    _requires_connection = False

    def run(self, tmp: t.Any = None, task_vars: t.Any = None) -> dict[str, t.Any]:
        """Show the text, or hand it on for the callback to show."""
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _validated, options = self.validate_argument_spec({"text": {"type": "str", "required": True}})
        text = printable(options["text"])
        result["changed"] = False
        if self._task.no_log or not is_for_people(constants.DEFAULT_STDOUT_CALLBACK):  # type: ignore[attr-defined]
            # As the action debug does it: a list is easier to read than a text with \n in it.
            result.update(msg=text.split("\n"), _ansible_verbose_always=True)
        else:
            display.display(text)
        return result


def is_for_people(callback: str) -> bool:
    """Whether what a callback writes to standard output is for people; its name may have a collection's before it."""
    return callback.rpartition(".")[2] in FOR_PEOPLE


def printable(text: str) -> str:
    """A text that does to a terminal nothing but print lines: a model's name may hold anything."""
    return "".join(sign if sign == "\n" or sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in text)
