# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way every module runs: read, plan, prove, guard, apply, report. Check mode is the same run without apply."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import datetime
import os
import time
import traceback
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import DatabaseError, LiteMaaSError
from ansible_collections.litemaas.models.plugins.module_utils._common.redact import SHORTEST_SECRET
from ansible_collections.litemaas.models.plugins.module_utils._common.secrets_in_text import is_placeholder, url_password
from ansible_collections.litemaas.models.plugins.module_utils._run import endpoints, options
from ansible_collections.litemaas.models.plugins.module_utils._run.argspec import ArgumentSpec
from ansible_collections.litemaas.models.plugins.module_utils._run.context import Run, names_of_models
from ansible_collections.litemaas.models.plugins.module_utils._run.job import started_by
from ansible_collections.litemaas.models.plugins.module_utils._run.progress import Progress, reported, to_file

if t.TYPE_CHECKING:
    from ansible_collections.litemaas.models.plugins.module_utils._run.context import Cluster, Host

# What knows receivers is imported where a run turns out to need it: Ansible compiles each imported file in each run.

Result = dict[str, t.Any]

# How often a run is done again whose transaction was lost without its own fault.
REPEATS = 2
# More secrets than servers have: those of a list of models.
MANY_SECRETS = 100
# Seconds before that, where the module has no option for it.
RETRY_DELAY = 1.0


class Steps:
    """One module: the six steps, in the order in which they run. A module overrides what it needs.

    Each step hands on what the next one takes, and nothing changes that was handed on.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.params = run.params

    def read(self) -> None:
        """Ask the servers how things are. Writes nothing."""

    def plan(self) -> t.Any:
        """Decide what would have to change. Pure: no I/O."""

    def prove(self, plan: t.Any) -> t.Any:
        """Ask the servers what speaks for and against the plan. Writes nothing."""

    def guard(self, plan: t.Any, proof: t.Any) -> t.Any:
        """What of the plan may be done. Raises Refused where nothing may be. No I/O."""
        return plan

    def apply(self, permission: t.Any) -> t.Any:
        """Do what is permitted, and return what happened. Not called in check mode."""
        return permission

    def predict(self, permission: t.Any) -> t.Any:
        """What apply will return. Called instead of it in check mode."""
        return permission

    def report(self, outcome: t.Any) -> Result:
        """The module's result from what apply or predict returned.

        A result with ``failed: true`` ends the task as failed with the whole result; it must hold ``msg``.
        """
        raise NotImplementedError


def carry_out(steps: t.Callable[[Run], Steps], run: Run, cluster: Cluster) -> Result:
    """Run the six steps; all of them again where PostgreSQL lost the transaction without the run's fault. Raises LiteMaaSError."""
    left = REPEATS
    while True:
        try:
            with run.resources:
                run.installation = cluster.connect(run, again=left < REPEATS)
                return _attempt(steps(run), run.check_mode, run.progress)
        except DatabaseError as error:
            if not error.repeatable or not left:
                raise
            left -= 1
            run.log(f"The whole run is repeated ({left} left): {error.message}")
        time.sleep(run.params.get("retry_delay", RETRY_DELAY) * (REPEATS - left))


def _attempt(steps: Steps, check_mode: bool, progress: Progress) -> Result:
    with progress.phase("reading"):
        steps.read()
    with progress.phase("comparing"):
        plan = steps.plan()
        permission = steps.guard(plan, steps.prove(plan))
    with progress.phase("writing"):
        outcome = steps.predict(permission) if check_mode else steps.apply(permission)
    return steps.report(outcome)


def answer(host: Host, spec: ArgumentSpec, steps: t.Callable[[Run], Steps], cluster: Cluster) -> Result:
    """Carry a module's steps out, and return the result or the error as the module's answer, without secrets. Raises nothing.

    What Ansible itself is to take out of the answer is left in the host's ``no_log_values``.
    """
    _keep_placeholders(host)
    run = Run(host)
    # Once more: what was given as text is a dictionary now.
    run.keep_secret(*cluster.secrets_of(run.params.get("kubernetes")))
    receivers: list[str] = []
    try:
        options.check_lists(host.raw_params, spec.options)
        receivers = _receivers(run)
        with _reported(run, host):
            result = carry_out(steps, run, cluster)
    except LiteMaaSError as error:
        result = _failed(error.message, error.failure())
    except Exception as error:  # pylint: disable=broad-except
        result = unexpected(error)
    if run.words is not None:
        result = run.words.of_result(result)
    if run.discovered:
        result["discovered"] = run.discovered
    run.redactor.add(*sorted(host.no_log_values))
    run.redactor.keep(names_of_models(result.get("models")))
    result = _without_secrets(run, result)
    if receivers and not host.check_mode and (result.get("changed") or result.get("failed")):
        with _reported(run, host), run.progress.phase("telling the receivers"):
            _notify_all(run, receivers, result)
    if run.log_lines:
        result["log"] = run.log_lines
    result["invocation"] = {"module_args": run.redactor.data(options.shown(host.params, spec.options))}
    host.no_log_values.intersection_update(run.hidden_by_ansible())
    if len(host.no_log_values) > MANY_SECRETS:
        # They are out of the result: Ansible looks for each of them in each text.
        host.no_log_values.difference_update(run.secrets_of_entries)
    return result


def _without_secrets(run: Run, result: Result) -> Result:
    diff = result.pop("diff", {})
    clean: Result = run.redactor.data(result)
    if diff:
        # Keys of its sides are names of models.
        clean["diff"] = {name: run.redactor.data(value, keys=name in ("before", "after")) for name, value in diff.items()}
    return clean


def _reported(run: Run, host: Host) -> t.ContextManager[None]:
    """Say where the run is, if somebody wants to know."""
    path = run.params.get("progress_file")
    write = (to_file(path) if path else host.show_progress) if run.params.get("progress") else None
    return reported(run.progress, run.module_name, write, run.warn)


def _receivers(run: Run) -> list[str]:
    """Who is told about this run. Raises InputError before anything is asked of a server."""
    if not run.params.get("notify_urls"):
        return []
    from ansible_collections.litemaas.models.plugins.module_utils._common import network
    from ansible_collections.litemaas.models.plugins.module_utils._run import notify

    urls = notify.receivers(run.params["notify_urls"])
    network.verification(run.params)
    for url in urls:
        run.keep_secret(*notify.hidden_parts(url), *url_password(url))
    return urls


def _notify_all(run: Run, urls: list[str], result: Result) -> None:
    """Tell the receivers. Nothing that goes wrong here may hide what the run did."""
    from ansible_collections.litemaas.models.plugins.module_utils._common import network
    from ansible_collections.litemaas.models.plugins.module_utils._run import notify

    now = datetime.datetime.now(datetime.timezone.utc)
    litellm_url = endpoints.given(run.params, endpoints.PROXY).value or run.discovered.get("litellm_url")
    try:
        payload = run.without_secrets(notify.summary(run.module_name, result, litellm_url, started_by(os.environ), now))
        warnings = notify.send(urls, payload, network.verification(run.params))
    except Exception as error:  # pylint: disable=broad-except
        warnings = [f"No notification was sent: {_unexpected(error)}"]
    run.warn(*warnings)


def unexpected(error: Exception) -> Result:
    """The result of a run that ended with a defect."""
    message = _unexpected(error)
    return _failed(message, {"code": "unexpected", "message": message, "details": {}})


def _failed(message: str, failure: dict[str, t.Any]) -> Result:
    return {"failed": True, "changed": False, "msg": message, "failure": failure}


def _unexpected(error: Exception) -> str:
    """Type and place of a defect. Its text is left out: it may hold what a server or a driver echoed."""
    frames = traceback.extract_tb(error.__traceback__)
    place = "{0}:{1}".format(frames[-1].filename.rsplit("/", 1)[-1], frames[-1].lineno) if frames else "unknown place"
    return f"Unexpected {type(error).__name__} at {place}. This is a defect of the collection: please report it with this line."


def _keep_placeholders(host: Host) -> None:
    """Let "x" or "ollama" as the key of a server that checks none, another short text, or a project not mutilate the whole result."""
    short = {text for text in host.no_log_values if len(text) < SHORTEST_SECRET or is_placeholder(text)}
    host.no_log_values.difference_update(short | host.ordinary)
