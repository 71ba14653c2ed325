# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The actions of this collection's modules: they do the module's work in the controller's process, or run the module as Ansible does."""

# Note that this plugin util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import functools
import typing as t

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action.normal import ActionModule as NormalAction
from ansible.utils.display import Display

from ansible_collections.litemaas.models.plugins.module_utils._cluster import connect
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import InputError
from ansible_collections.litemaas.models.plugins.module_utils._run.argspec import ArgumentSpec, model_options
from ansible_collections.litemaas.models.plugins.module_utils._run.context import Run
from ansible_collections.litemaas.models.plugins.module_utils._run.runner import Steps
from ansible_collections.litemaas.models.plugins.plugin_utils import _in_process
from ansible_collections.litemaas.models.plugins.plugin_utils._models_list import structure_problems, unknown_fields, wrong_values
from ansible_collections.litemaas.models.plugins.plugin_utils._packed import field_for_module, for_module, unpack
from ansible_collections.litemaas.models.plugins.plugin_utils._progress import lines_shown, show_line

MODELS = "models"
OPTION = "progress_file"
SWITCH = "progress"

display = Display()


class ModuleAction(NormalAction):
    """Ansible's ``normal`` action for a module whose options and steps it knows: ``spec`` and ``steps``.

    Where somebody would see it, a module that runs in a process of its own is given a file, and each line of it is shown at once.
    """

    spec: t.Callable[[], ArgumentSpec]
    steps: t.Callable[[Run], Steps]

    def run(self, tmp: t.Any = None, task_vars: t.Any = None) -> t.Any:
        """As ``normal`` does."""
        self._host = task_vars["inventory_hostname"]
        return super().run(tmp, task_vars)

    def _execute_module(self, *arguments: t.Any, **options: t.Any) -> t.Any:
        """As ``normal`` calls it: the task's own module with the task's own options."""
        environment: dict[str, t.Any] = {}
        self._compute_environment_string(environment)
        task_vars = options["task_vars"]
        if _in_process.is_right(self._task, self._connection, task_vars, environment, self._templar.template):
            return self._run_in_process(task_vars, environment)
        if not self._shows_progress():
            return super()._execute_module(*arguments, **options)
        with lines_shown(self._host) as path:
            options["module_args"] = {**self._task.args, OPTION: path}
            result: dict[str, t.Any] = super()._execute_module(*arguments, **options)
        given = result.get("invocation", {}).get("module_args", {})
        if OPTION in given:
            given[OPTION] = None
        return result

    def _run_in_process(self, task_vars: t.Mapping[str, t.Any], environment: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        name: str = self._task.action
        display.vvv(f"Running {name} in the controller's process", host=self._host)
        # What Ansible itself tells a module.
        internal: dict[str, t.Any] = {}
        self._update_module_args(name, internal, task_vars)
        module = _in_process.Module(
            name=name,
            spec=type(self).spec(),
            steps=type(self).steps,
            cluster=connect,
            given=_in_process.as_module_gets_it(self._task.args),
            check_mode=internal["_ansible_check_mode"],
            shows_options=internal.get("_ansible_inject_invocation", True),
            show_progress=None if self._task.no_log else functools.partial(show_line, self._host),
        )
        with _in_process.as_a_module_has_it(environment, self._loader.get_basedir()):
            text = _in_process.printed_by(module)
        return _in_process.as_ansible_reads_it(text, self._parse_returned_data)

    def _shows_progress(self) -> bool:
        """Whether the module can write a file that we can read, and somebody may see it."""
        task = self._task
        if task.no_log or not _in_process.is_at_hand(task, self._connection):
            return False
        if task.args.get(OPTION) or OPTION not in type(self).spec().options:
            return False
        return bool(boolean(task.args.get(SWITCH, True), strict=False))


class ModelsAction(ModuleAction):
    """A ModuleAction that first looks at the models that the module is given: their list may come packed from the role."""

    def run(self, tmp: t.Any = None, task_vars: t.Any = None) -> t.Any:
        """Refuse a list in which a field stands that no model has; else as ``normal`` does."""
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
