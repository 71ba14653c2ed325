# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

"""The way every module runs: read, plan, guard, apply, report. Check mode is the same run without apply."""

from __future__ import annotations

import copy
import datetime
import os
import time
import traceback
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import DatabaseError, InputError, LiteMaaSError
from ansible_collections.litemaas.models.plugins.module_utils._common.given import URL_VARIABLES
from ansible_collections.litemaas.models.plugins.module_utils._common.redact import SHORTEST_SECRET, Redactor
from ansible_collections.litemaas.models.plugins.module_utils._common.secret_names import is_secret_name
from ansible_collections.litemaas.models.plugins.module_utils._common.secrets_in_data import json_structure, scalar_texts, without_secrets
from ansible_collections.litemaas.models.plugins.module_utils._common.secrets_in_text import (
    address_secrets,
    is_placeholder,
    shaped_secrets,
    url_password,
)
from ansible_collections.litemaas.models.plugins.module_utils._common.specs import NO_TEXT, made_of_text, secret_values
from ansible_collections.litemaas.models.plugins.module_utils._run.argspec import ArgumentSpec
from ansible_collections.litemaas.models.plugins.module_utils._run.context import Run, dictionaries_in, names_of_models
from ansible_collections.litemaas.models.plugins.module_utils._run.progress import Progress, reported
from ansible_collections.litemaas.models.plugins.module_utils._run.started_by import who

if t.TYPE_CHECKING:
    from ansible_collections.litemaas.models.plugins.module_utils._run.context import Cluster

# What knows receivers is imported where a run turns out to need it: Ansible compiles each imported file in each run.

Result = dict[str, t.Any]

# How often a run is done again whose transaction was lost without its own fault.
REPEATS = 2
# More secrets than servers have: those of a list of models.
MANY_SECRETS = 100
# What Ansible shows instead of an option that is a secret.
SECRET_OPTION = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
FREE_OPTIONS = ("extra_params", "extra_info")
# Seconds before that, where the module has no option for it.
RETRY_DELAY = 1.0


class RawModule(AnsibleModule):
    """AnsibleModule that remembers its options as they were given: its own conversion makes a text of a list."""

    def __init__(self, cluster: Cluster, **options: t.Any) -> None:
        self._cluster = cluster
        super().__init__(**options)

    def _load_params(self) -> None:
        super()._load_params()
        self.raw_params = copy.deepcopy(self.params)
        # Before the options are checked: a failure there shows them all.
        urls = [self.params.get("litellm_url"), *(os.environ.get(name) for name in URL_VARIABLES)]
        secrets: list[t.Any] = [secret for url in urls for secret in address_secrets(url)]
        secrets += self._cluster.secrets_of(self.params.get("kubernetes"))
        entries = [self.params, *dictionaries_in(self.params.get("models"))]
        secrets += secret_values(entries)
        known = Redactor().add(*secrets)
        self.no_log_values.update(known)
        # Ansible takes every text of an option that is a secret for one.
        self.ordinary = set(scalar_texts([entry.get("secret_params") for entry in entries])).difference(known)

    def fail_json(self, msg: str, **details: t.Any) -> t.NoReturn:
        """As Ansible's own, with the nearest known name of each option that nobody knows. Ansible may tell of another mistake only.

        Where Ansible refuses the options it shows all of them, so that what may be a secret in them goes first.
        """
        unknown = getattr(getattr(self, "validation_result", None), "unsupported_parameters", None) or ()
        msg = " ".join([*_unknown_options(unknown, self.argument_spec), msg])
        if "invocation" not in details:
            given = {name: value for name, value in self.raw_params.items() if not name.startswith("_ansible_")}
            redactor = Redactor()
            self.no_log_values.update(redactor.add(*self.no_log_values, *_secrets_of_refused(given, self.argument_spec)))
            msg = redactor.text(msg)
            details["invocation"] = {"module_args": redactor.data(_shown_options(given, self.argument_spec))}
        super().fail_json(msg=msg, **details)


class Steps:
    """One module: the five steps, in the order in which they run. A module overrides what it needs."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.params = run.params

    def read(self) -> None:
        """Ask the servers how things are. Writes nothing."""

    def plan(self) -> t.Any:
        """Decide what would have to change. Pure: no I/O."""

    def guard(self, plan: t.Any) -> None:
        """Raise Refused where the plan must not be carried out."""

    def apply(self, plan: t.Any) -> t.Any:
        """Carry the plan out and return what happened. Not called in check mode."""
        return plan

    def report(self, outcome: t.Any) -> Result:
        """The module's result from the plan (check mode) or from what apply returned.

        A result with ``failed: true`` ends the task as failed with the whole result; it must hold ``msg``.
        """
        raise NotImplementedError


def carry_out(steps: t.Callable[[Run], Steps], run: Run, cluster: Cluster) -> Result:
    """Run the five steps; all of them again where PostgreSQL lost the transaction without the run's fault. Raises LiteMaaSError."""
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
            run.log(f"The whole run is done again ({left} left): {error.message}")
        time.sleep(run.params.get("retry_delay", RETRY_DELAY) * (REPEATS - left))


def _secrets_of_refused(given: t.Mapping[str, t.Any], options: t.Mapping[str, t.Any]) -> t.Iterator[t.Any]:
    """What may be a secret in options that Ansible could not read: also under a name that nobody knows, and within any text."""
    models = given.get("models")
    entries = json_structure(models)
    texts = entries.split(",") if isinstance(entries, str) else entries if isinstance(entries, list) else []
    for text in [text for text in texts if isinstance(text, str)]:
        yield text.strip()
    fields = options.get("models", {}).get("options", {})
    for entry, known in [(given, options), *((entry, fields) for entry in dictionaries_in(entries))]:
        for name, value in entry.items():
            if known[name].get("no_log") if name in known else not _is_mistyped_ordinary(str(name), known):
                yield from scalar_texts(value)
    for text in scalar_texts(given):
        yield from shaped_secrets(text)


def _is_mistyped_ordinary(name: str, known: t.Mapping[str, t.Any]) -> bool:
    """Whether a name that nobody knows was likely meant to be that of an option that is no secret."""
    import difflib

    near = difflib.get_close_matches(name, known, 1)
    return bool(near) and not known[near[0]].get("no_log") and near[0] not in FREE_OPTIONS and not is_secret_name(name)


def _attempt(steps: Steps, check_mode: bool, progress: Progress) -> Result:
    with progress.phase("reading"):
        steps.read()
    with progress.phase("comparing"):
        plan = steps.plan()
        steps.guard(plan)
    with progress.phase("writing"):
        outcome = plan if check_mode else steps.apply(plan)
    return steps.report(outcome)


def run_module(spec: ArgumentSpec, steps: t.Callable[[Run], Steps], cluster: Cluster) -> None:
    """Build the module, carry its steps out, and turn the result or the error into the module's answer. Never returns."""
    module = RawModule(cluster, supports_check_mode=True, **spec.to_kwargs())
    _keep_placeholders(module)
    run = Run(module)
    # Once more: what was given as text is a dictionary now.
    run.keep_secret(*cluster.secrets_of(run.params.get("kubernetes")))
    receivers: list[str] = []
    try:
        _check_lists(module.raw_params, spec.options)
        receivers = _receivers(run)
        with _reported(run):
            result = carry_out(steps, run, cluster)
    except LiteMaaSError as error:
        result = _failed(error.message, error.failure())
    except Exception as error:  # pylint: disable=broad-except
        result = _failed(_unexpected(error), {"code": "unexpected", "message": _unexpected(error), "details": {}})
    if run.words is not None:
        result = run.words.of_result(result)
    if run.discovered:
        result["discovered"] = run.discovered
    run.redactor.add(*sorted(module.no_log_values))
    run.redactor.keep(names_of_models(result.get("models")))
    diff = result.pop("diff", {})
    result = run.redactor.data(result)
    if diff:
        # Keys of its sides are names of models.
        result["diff"] = {name: run.redactor.data(value, keys=name in ("before", "after")) for name, value in diff.items()}
    if receivers and not module.check_mode and (result.get("changed") or result.get("failed")):
        with _reported(run), run.progress.phase("telling the receivers"):
            _notify_all(run, receivers, result)
    if run.log_lines:
        result["log"] = run.log_lines
    result["invocation"] = {"module_args": run.redactor.data(_shown_options(module.params, spec.options))}
    module.no_log_values.intersection_update(run.hidden_by_ansible())
    if len(module.no_log_values) > MANY_SECRETS:
        _leave_to_us(run, module)
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**result)


def _check_lists(given: t.Mapping[str, t.Any], options: t.Mapping[str, t.Any]) -> None:
    """Raise InputError for a text in a list that YAML took for something else: Ansible makes a text of it, which for 1.10 is 1.1."""
    for name, option in options.items():
        value = given.get(name)
        if isinstance(value, dict):
            _check_lists(value, option.get("options", {}))
        elif value is not None and option.get("elements") == "str":
            for member in value if isinstance(value, list) else [value]:
                made = "null" if member is None else made_of_text(member, bool(option.get("no_log")))
                if made:
                    raise InputError(NO_TEXT.format(name, made))


def _aliases(options: t.Mapping[str, t.Any]) -> list[str]:
    return [alias for option in options.values() for alias in option.get("aliases", ())]


def _unknown_options(unknown: t.Iterable[t.Any], options: t.Mapping[str, t.Any]) -> t.Iterator[str]:
    """A sentence for each option that a module does not have, with the nearest one that it has."""
    import difflib

    for path in sorted((name,) if isinstance(name, str) else tuple(map(str, name)) for name in unknown):
        known = options
        for name in path[:-1]:
            known = known[name]["options"]
        near = difflib.get_close_matches(path[-1].lower(), [*known, *_aliases(known)], 1)
        yield "{0} is not an option{1}.".format(".".join(path), f" (did you mean {near[0]}?)" if near else "")


def _leave_to_us(run: Run, module: RawModule) -> None:
    """Let Ansible not look for the secrets of a long list, which are out of the result: it looks for each in each text."""
    module.no_log_values.difference_update(run.secrets_of_entries)


def _shown_options(params: t.Mapping[str, t.Any], options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The options as Ansible shows them at -vvv, without secrets by where they stand.

    Most fields of an entry of a list are not given: they would be most of the result.
    """
    shown = {}
    for name, value in params.items():
        fields = options.get(name, {}).get("options", {})
        if isinstance(value, list):
            value = [_given_fields(entry, fields) for entry in value]
        shown[name] = _shown_option(name, value, options)
    return shown


def _given_fields(entry: t.Any, fields: t.Mapping[str, t.Any]) -> t.Any:
    if not isinstance(entry, dict):
        return entry
    return {name: _shown_option(name, value, fields) for name, value in entry.items() if value is not None}


def _shown_option(name: str, value: t.Any, options: t.Mapping[str, t.Any]) -> t.Any:
    """The value of an option; Ansible's own words where it is a secret."""
    if value not in (None, "", []) and (options.get(name) or {}).get("no_log"):
        return SECRET_OPTION
    value = json_structure(value) if name in FREE_OPTIONS else value
    if name in FREE_OPTIONS and isinstance(value, dict):
        return {key: without_secrets(str(key), member) for key, member in value.items()}
    return value


def _reported(run: Run) -> t.ContextManager[None]:
    """Write down where the run is, if somebody wants to know."""
    path = run.params.get("progress_file") if run.params.get("progress") else None
    return reported(run.progress, run.module_name, path, run.warn)


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
    litellm_url = run.params["litellm_url"] or run.discovered.get("litellm_url")
    try:
        payload = run.without_secrets(notify.summary(run.module_name, result, litellm_url, who(os.environ), now))
        warnings = notify.send(urls, payload, network.verification(run.params))
    except Exception as error:  # pylint: disable=broad-except
        warnings = [f"No notification was sent: {_unexpected(error)}"]
    run.warn(*warnings)


def _failed(message: str, failure: dict[str, t.Any]) -> Result:
    return {"failed": True, "changed": False, "msg": message, "failure": failure}


def _keep_placeholders(module: RawModule) -> None:
    """Let "x" or "ollama" as the key of a server that checks none, another short text, or a project not mutilate the whole result."""
    short = {text for text in module.no_log_values if len(text) < SHORTEST_SECRET or is_placeholder(text)}
    module.no_log_values.difference_update(short | module.ordinary)


def _unexpected(error: Exception) -> str:
    """Type and place of a defect. Its text is left out: it may hold what a server or a driver echoed."""
    frames = traceback.extract_tb(error.__traceback__)
    place = "{0}:{1}".format(frames[-1].filename.rsplit("/", 1)[-1], frames[-1].lineno) if frames else "unknown place"
    return f"Unexpected {type(error).__name__} at {place}. This is a defect of the collection: please report it with this line."
