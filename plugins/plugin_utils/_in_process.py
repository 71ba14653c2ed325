# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module's work in the controller's own process: the same options and the same result, without a process of its own.

That is right where a module would run on this host, with this Python, as this account, and while Ansible waits for it.
The process is one that Ansible forked for the task. It is left as it was: a loop's next item, or a retry, uses it again.
"""

# Note that this plugin util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import contextlib
import dataclasses
import inspect
import io
import json
import logging
import os
import signal
import sys
import typing as t
import warnings

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.errors import UnsupportedError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.parsing.ajson import AnsibleJSONEncoder
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.litemaas.models.plugins.module_utils._run import options, runner
from ansible_collections.litemaas.models.plugins.module_utils._run.argspec import ArgumentSpec
from ansible_collections.litemaas.models.plugins.module_utils._run.context import Cluster, Run

# A variable of the play that turns this off.
SWITCH = "litemaas_models_in_process"
# Ansible forks the process of each task. There, macOS ends a process that asks the system for its proxies.
NO_FORKS = ("darwin",)
# Variables that a process reads only when it starts.
READ_AT_START = ("LANG", "LC_", "LD_", "OPENSSL_", "PYTHON", "TEMP", "TMP", "TZ")
# Libraries that write log lines, in which an address may stand.
LOGGERS = ("kubernetes", "requests", "urllib3")
# A shell's exit code says by this much more which signal ended a process.
ENDED_BY_SIGNAL = 128
# A folder that may be entered and not read can be returned to as well.
FOLDER_ONLY = getattr(os, "O_PATH", os.O_RDONLY)

Result = dict[str, t.Any]


def is_right(
    task: t.Any,
    connection: t.Any,
    variables: t.Mapping[str, t.Any],
    environment: t.Iterable[str],
    resolve: t.Callable[[t.Any], t.Any],
) -> bool:
    """Whether a task's work is done in this process. ``environment`` has the names of the task's variables, ``resolve`` resolves templates.

    A task with a time limit runs as a module: Python cannot interrupt a driver that waits for its server in C.
    """
    if not is_at_hand(task, connection) or task.timeout or sys.platform in NO_FORKS:
        return False
    if any(name.startswith(READ_AT_START) for name in environment):
        return False
    delegated = variables.get("ansible_delegated_vars") or {}
    of_host = delegated.get(task.delegate_to, variables) if task.delegate_to else variables
    python = of_host.get("ansible_python_interpreter")
    return bool(python) and _is_on(resolve(variables.get(SWITCH))) and _is_this_python(str(resolve(python)))


def is_at_hand(task: t.Any, connection: t.Any) -> bool:
    """Whether a task's work is done on this host and as this account, and Ansible waits for it."""
    return not (task.async_val or connection.transport != "local" or connection.become)


def _is_on(switch: t.Any) -> bool:
    """Null means that the variable is not set."""
    return switch is None or bool(boolean(switch, strict=False))


def _is_this_python(path: str) -> bool:
    """Whether an interpreter is ours: another name of the same file in the same folder is of the same environment."""
    ours = os.path.dirname(os.path.abspath(sys.executable)), os.path.realpath(sys.executable)
    return (os.path.dirname(os.path.abspath(path)), os.path.realpath(path)) == ours


def as_module_gets_it(given: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """A task's options by way of JSON, as Ansible hands them to a module: plain values, and vaulted ones decrypted."""
    encoder = t.cast("type[json.JSONEncoder]", AnsibleJSONEncoder)
    return t.cast("dict[str, t.Any]", json.loads(json.dumps(dict(given), cls=encoder, vault_to_text=True)))


@dataclasses.dataclass
class Module:
    """A module and what it is told: its options as they were given, and whether its result shows them."""

    name: str
    spec: ArgumentSpec
    steps: t.Callable[[Run], runner.Steps]
    cluster: Cluster
    given: dict[str, t.Any]
    check_mode: bool
    shows_options: bool = True
    show_progress: t.Callable[[str], None] | None = None


class OptionsRefused(Exception):
    """Ansible does not take the options."""

    def __init__(self, message: str, unknown: t.Iterable[t.Any]) -> None:
        super().__init__(message)
        self.message = message
        self.unknown = unknown


class ActionHost:
    """What AnsibleModule is for a run in a process of its own: it checks the options, keeps warnings, and prints the result."""

    def __init__(self, module: Module) -> None:
        self.params: dict[str, t.Any] = {}
        self.raw_params = module.given
        self.check_mode = module.check_mode
        self.show_progress = module.show_progress
        self._name = module.name
        self._spec = module.spec
        self._shows_options = module.shows_options
        self._warnings: list[str] = []
        secrets = options.secrets_in(self.raw_params, module.cluster, os.environ)
        self.no_log_values = secrets.known
        self.ordinary = secrets.ordinary

    def check_options(self) -> None:
        """Read the options as AnsibleModule does. Raises OptionsRefused."""
        checked = ArgumentSpecValidator(**self._spec.to_kwargs()).validate(self.raw_params)
        self.no_log_values.update(checked._no_log_values)
        for names in checked._warnings:
            self.warn("Both option {option} and its alias {alias} are set.".format(**names))
        if checked.error_messages:
            message = checked.errors.msg
            if isinstance(checked.errors[0], UnsupportedError):
                message = f"Unsupported parameters for ({self._name}) module: {message}"
            raise OptionsRefused(message, checked.unsupported_parameters)
        self.params = checked.validated_parameters

    def refusal(self, error: OptionsRefused) -> Result:
        """The result of a task whose options are refused."""
        message = options.with_nearest_names(error.message, error.unknown, self._spec.options)
        refused = options.refused(message, self.raw_params, self._spec.options, self.no_log_values)
        self.no_log_values.update(refused.secrets)
        return {"failed": True, "msg": refused.message, "invocation": {"module_args": refused.shown}}

    def warn(self, warning: str) -> None:
        """Keep a warning for the result: Ansible shows it once."""
        if warning not in self._warnings:
            self._warnings.append(warning)

    def printed(self, result: Result) -> str:
        """A result as a module prints it: JSON, without the secrets that Ansible knows."""
        if not self._shows_options:
            result.pop("invocation", None)
        if self._warnings:
            result["warnings"] = self._warnings
        # AnsibleModule does the same: a secret "True" is not taken out of "changed".
        kept = {name: value for name, value in result.items() if value is None or isinstance(value, bool)}
        return json.dumps({**remove_values(result, self.no_log_values), **kept})


def printed_by(module: Module) -> str:
    """Do a module's work, and return what the module would print. A defect is a failed result too: its text may hold a secret."""
    host = ActionHost(module)
    try:
        host.check_options()
        result = runner.answer(host, module.spec, module.steps, module.cluster)
    except OptionsRefused as error:
        result = host.refusal(error)
    except Exception as error:  # pylint: disable=broad-except
        result = runner.unexpected(error)
    return host.printed(result)


def as_ansible_reads_it(text: str, parse: t.Callable[..., t.Any]) -> Result:
    """A task's result from what its module printed, by the ``_parse_returned_data`` of Ansible's actions: nothing in it is a template."""
    output = {"stdout": text, "stdout_lines": [text], "stderr": "", "stderr_lines": [], "rc": 0}
    if "profile" not in inspect.signature(parse).parameters:
        return t.cast("Result", wrap_var(parse(output)))
    # ansible-core 2.19 and later
    result = parse(output, "legacy")
    # ansible-core 2.21 and later
    return t.cast("Result", result if isinstance(result, dict) else result.as_result_dict(for_round_trip=True))


@contextlib.contextmanager
def as_a_module_has_it(environment: t.Mapping[str, t.Any], folder: str) -> t.Iterator[None]:
    """The variables of a task, and its folder; libraries print and log nothing. All is as it was afterwards."""
    try:
        with _variables(environment), _within(folder), _quiet():
            yield
    except SystemExit as ending:
        # A signal ended the work, and now comes to the process itself, whose own handlers are back.
        if isinstance(ending.code, int) and ending.code > ENDED_BY_SIGNAL:
            signal.raise_signal(ending.code - ENDED_BY_SIGNAL)
        raise


@contextlib.contextmanager
def _variables(added: t.Mapping[str, t.Any]) -> t.Iterator[None]:
    before = dict(os.environ)
    os.environ.update({name: str(value) for name, value in added.items()})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def _within(folder: str) -> t.Iterator[None]:
    before = os.open(".", FOLDER_ONLY)
    try:
        os.chdir(folder)
        yield
    finally:
        os.fchdir(before)
        os.close(before)


@contextlib.contextmanager
def _quiet() -> t.Iterator[None]:
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = [logger.propagate for logger in loggers]
    for logger in loggers:
        logger.propagate = False
    try:
        # Without a check of certificates a filter of warnings is set.
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
            yield
    finally:
        for logger, propagate in zip(loggers, before):
            logger.propagate = propagate
