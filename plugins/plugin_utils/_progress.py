# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a module as Ansible itself does, and shows meanwhile what it writes into its ``progress_file``.

Before that it looks at the models that the module is given: their list may come packed from the role.
"""

# Note that this plugin util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
import typing as t

from ansible import constants
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action.normal import ActionModule as NormalAction
from ansible.utils.display import Display

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import InputError
from ansible_collections.litemaas.models.plugins.module_utils._run.argspec import model_options
from ansible_collections.litemaas.models.plugins.plugin_utils._models_list import structure_problems, unknown_fields, wrong_values
from ansible_collections.litemaas.models.plugins.plugin_utils._packed import field_for_module, for_module, unpack

MODELS = "models"
OPTION = "progress_file"
SWITCH = "progress"
# How often the file is looked at.
LOOK_S = 0.5

display = Display()


class ProgressAction(NormalAction):
    """Ansible's ``normal`` action. Where somebody would see it, the module is given a file, and each line of it is shown at once.

    The lines go to stderr: what a callback prints to stdout may be meant for a program.
    """

    def run(self, tmp: t.Any = None, task_vars: t.Any = None) -> t.Any:
        """As ``normal`` does."""
        self._host = task_vars["inventory_hostname"]
        problems: list[str] = []
        if MODELS in self._task.args:
            specs = self._task.args[MODELS] = for_module(unpack(self._task.args[MODELS]))
            unknown = unknown_fields(specs) if isinstance(specs, list) and not structure_problems(specs, MODELS) else []
            # Who has the list to mend anyway need not find these in the next run.
            problems += [*unknown, *wrong_values(specs)] if unknown else []
        for option in model_options():
            if option in self._task.args:
                self._task.args[option] = field_for_module(self._task.args[option])
        if problems:
            message = " ".join(problems)
            return {"failed": True, "changed": False, "msg": message, "failure": InputError(message).failure()}
        return super().run(tmp, task_vars)

    def _execute_module(self, *arguments: t.Any, **options: t.Any) -> t.Any:
        """As ``normal`` calls it: the task's own module with the task's own options."""
        if not self._shows_progress():
            return super()._execute_module(*arguments, **options)
        with _shown(self._host) as path:
            options["module_args"] = {**self._task.args, OPTION: path}
            result: dict[str, t.Any] = super()._execute_module(*arguments, **options)
        given = result.get("invocation", {}).get("module_args", {})
        if OPTION in given:
            given[OPTION] = None
        return result

    def _shows_progress(self) -> bool:
        """Whether the module can write a file that we can read, and somebody may see it."""
        task = self._task
        if task.async_val or task.no_log or self._connection.transport != "local" or self._connection.become:
            return False
        return not task.args.get(OPTION) and bool(boolean(task.args.get(SWITCH, True), strict=False))


@contextlib.contextmanager
def _shown(host: str) -> t.Iterator[str]:
    """The path of an empty file; what is appended to it within the ``with`` is shown, line by line. Then it is gone.

    A module that a task's ``timeout`` leaves behind cannot make the file anew, because it is in a folder of its own.
    """
    # Ansible removes it at its end, however it ends.
    around = constants.DEFAULT_LOCAL_TMP  # type: ignore[attr-defined]
    temporary = tempfile.TemporaryDirectory(prefix="progress-", dir=around, ignore_cleanup_errors=True)
    with temporary as folder, open(os.path.join(folder, "lines"), "x+", encoding="utf-8") as lines:
        ended = threading.Event()
        reader = threading.Thread(target=_show, args=(lines, host, ended), name="progress", daemon=True)
        reader.start()
        try:
            yield lines.name
        finally:
            ended.set()
            reader.join()


def _show(lines: t.TextIO, host: str, ended: threading.Event) -> None:
    last = False
    while not last:
        last = ended.wait(LOOK_S)
        for line in lines:
            display.display("{0}: {1}".format(host, line.rstrip("\n")), stderr=True)
