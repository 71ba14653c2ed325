# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Groups of module options, merged into one argument spec per module.

No option has a fallback to the environment: ``_run.endpoints`` knows it, and remembers where a value is from.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.fields import FIELDS, SPEC_ONLY, SPEC_ONLY_SECRETS

# Fields of a model that are called otherwise where the module's own options describe one model: it has an option of that name.
RENAMED = {"timeout": "model_timeout"}

Options = dict[str, dict[str, t.Any]]


class ArgumentSpec:
    """An argument spec with the rules between its options."""

    def __init__(self, options: Options | None = None, **rules: list[t.Any]) -> None:
        self.options: Options = dict(options or {})
        self.rules: dict[str, list[t.Any]] = {name: list(rule) for name, rule in rules.items()}

    def merge(self, *others: ArgumentSpec) -> ArgumentSpec:
        """A new spec with the options and rules of all of them."""
        merged = ArgumentSpec(self.options, **self.rules)
        for other in others:
            merged.options.update(other.options)
            for name, rule in other.rules.items():
                merged.rules.setdefault(name, []).extend(rule)
        return merged

    def to_kwargs(self) -> dict[str, t.Any]:
        """Keyword arguments for AnsibleModule."""
        return dict(argument_spec=self.options, **self.rules)


def litellm() -> ArgumentSpec:
    """The connection to the proxy."""
    return ArgumentSpec(
        dict(
            litellm_url=dict(type="str"),
            litellm_api_key=dict(type="str", no_log=True, aliases=["litellm_master_key"]),
            validate_certs=dict(type="bool", default=True),
            ca_path=dict(type="path"),
            timeout=dict(type="int", default=30),
            retries=dict(type="int", default=3),
            retry_delay=dict(type="float", default=1.0),
        )
    )


def witness() -> ArgumentSpec:
    """The connection to LiteLLM's own database."""
    return ArgumentSpec(dict(litellm_database_url=dict(type="str", no_log=True)))


def database() -> ArgumentSpec:
    """The connection to the LiteMaaS backend's PostgreSQL."""
    return ArgumentSpec(
        dict(
            database_url=dict(type="str", no_log=True),
            lock_timeout=dict(type="int", default=30),
        )
    )


def openshift() -> ArgumentSpec:
    """Where to look for what is not given, and who asks there. The options for the cluster are kubernetes.core's."""
    kubernetes = dict(
        kubeconfig=dict(type="raw"),
        context=dict(type="str"),
        host=dict(type="str"),
        api_key=dict(type="str", no_log=True),
        username=dict(type="str"),
        password=dict(type="str", no_log=True),
        validate_certs=dict(type="bool"),
        ca_cert=dict(type="path"),
        client_cert=dict(type="path"),
        client_key=dict(type="path", no_log=False),
        proxy=dict(type="str"),
        no_proxy=dict(type="str"),
        proxy_headers=dict(
            type="dict",
            options=dict(
                proxy_basic_auth=dict(type="str", no_log=True),
                basic_auth=dict(type="str", no_log=True),
                user_agent=dict(type="str"),
            ),
        ),
        impersonate_user=dict(type="str"),
        impersonate_groups=dict(type="list", elements="str"),
    )
    return ArgumentSpec(
        dict(
            namespace=dict(type="str"),
            kubernetes=dict(type="dict", options=kubernetes),
        )
    )


def connection() -> ArgumentSpec:
    """All servers. Every module has all of these options, so that one group of module_defaults can name the servers once."""
    return litellm().merge(witness(), database(), openshift())


def model_options() -> Options:
    """The options of one model spec.

    Numbers and truth values are taken raw and read by the field table, so that one wrong value in a list of models is
    that model's failure and not the end of the task.
    """
    options: Options = {}
    for field in FIELDS:
        if not field.option:
            continue
        option: dict[str, t.Any] = dict(type="str" if field.type == "str" else "raw", no_log=field.secret)
        options[field.option] = option
    for name, kind in SPEC_ONLY.items():
        options[name] = dict(type="str" if kind == "str" else "raw", no_log=name in SPEC_ONLY_SECRETS)
    return options


def models() -> ArgumentSpec:
    """A list of model specs."""
    return ArgumentSpec({"models": dict(type="list", elements="dict", options=model_options())})


def one_model() -> ArgumentSpec:
    """The options of one model at the top level, and the state of list entries that have none."""
    options = {RENAMED.get(name, name): option for name, option in model_options().items()}
    options["state"] = dict(type="str", choices=["present", "absent"], default="present")
    return ArgumentSpec(options)


def selection() -> ArgumentSpec:
    """Which models a run is about."""
    return ArgumentSpec(
        dict(
            providers=dict(type="list", elements="str"),
            model_patterns=dict(type="list", elements="str"),
            exclude_patterns=dict(type="list", elements="str"),
        )
    )


def orphan_handling() -> ArgumentSpec:
    """What becomes of rows whose model is gone."""
    return ArgumentSpec(
        dict(
            strategy=dict(type="str", choices=["delete", "mark_unavailable"], default="delete"),
            subscriptions=dict(type="str", choices=["retain", "delete"], default="retain"),
            retention_days=dict(type="float", default=0),
        )
    )


def later_steps() -> Options:
    """Those options of the sync and the cleanup that say which rows they will remove."""
    own: Options = dict(
        pull=dict(type="bool", default=True),
        mark_unavailable=dict(type="bool", default=False),
        keep_hidden=dict(type="bool", default=False),
        cleanup=dict(type="bool", default=True),
    )
    return selection().merge(ArgumentSpec(own), orphan_handling()).options


def of_rows() -> ArgumentSpec:
    """What the sync and the cleanup of LiteMaaS's rows have alike."""
    return connection().merge(selection(), guard(), notify(), progress(), models(), prediction())


def prediction() -> ArgumentSpec:
    """What the task before does with the same list, which check mode takes as done."""
    return ArgumentSpec(
        dict(
            predict_models=dict(type="bool", default=False),
            predict_duplicates=dict(type="str", choices=["refuse", "collapse"], default="refuse"),
        )
    )


def predicted_row() -> Options:
    """A row as a sync will leave it."""
    return dict(model_name=dict(type="str", required=True), availability=dict(type="str", required=True))


def guard() -> ArgumentSpec:
    """How much one run may remove."""
    return ArgumentSpec(
        dict(
            max_percent=dict(type="float", default=30.0),
            max_count=dict(type="int"),
            allow_empty=dict(type="bool", default=False),
            force=dict(type="bool", default=False),
        )
    )


def notify() -> ArgumentSpec:
    """Who is told about a run."""
    return ArgumentSpec(dict(notify_urls=dict(type="list", elements="str", no_log=True)))


def progress() -> ArgumentSpec:
    """Where a long run says how far it is."""
    return ArgumentSpec(dict(progress=dict(type="bool", default=True), progress_file=dict(type="path")))
