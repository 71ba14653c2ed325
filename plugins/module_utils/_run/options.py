# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module's options as they were given: what in them is secret, how they are shown, and what is told of wrong ones. Pure."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import InputError
from ansible_collections.litemaas.models.plugins.module_utils._common.redact import Redactor
from ansible_collections.litemaas.models.plugins.module_utils._common.secret_names import is_secret_name
from ansible_collections.litemaas.models.plugins.module_utils._common.secrets_in_data import json_structure, scalar_texts, without_secrets
from ansible_collections.litemaas.models.plugins.module_utils._common.secrets_in_text import address_secrets, shaped_secrets
from ansible_collections.litemaas.models.plugins.module_utils._common.spec_secrets import secret_values
from ansible_collections.litemaas.models.plugins.module_utils._common.yaml_texts import NO_TEXT, made_of_text
from ansible_collections.litemaas.models.plugins.module_utils._run.context import Cluster, dictionaries_in
from ansible_collections.litemaas.models.plugins.module_utils._run.endpoints import DATABASE, KEY, PROXY, VARIABLES, WITNESS

# What Ansible shows instead of an option that is a secret.
SECRET_OPTION = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
FREE_OPTIONS = ("extra_params", "extra_info")

Options = t.Mapping[str, t.Any]


class Secrets(t.NamedTuple):
    """Texts of options that are in no output, and texts that Ansible takes for secrets and that are none."""

    known: set[str]
    ordinary: set[str]


def secrets_in(given: dict[str, t.Any], cluster: Cluster, environ: t.Mapping[str, str]) -> Secrets:
    """The secrets of options that are not checked yet, and of the environment: a failure of the check shows all options."""
    urls = [given.get("litellm_url"), *(environ.get(name) for name in VARIABLES[PROXY])]
    secrets: list[t.Any] = [secret for url in urls for secret in address_secrets(url)]
    secrets += [environ.get(name) for option in (KEY, DATABASE, WITNESS) for name in VARIABLES[option]]
    secrets += cluster.secrets_of(given.get("kubernetes"))
    entries = [given, *dictionaries_in(given.get("models"))]
    secrets += secret_values(entries)
    known = set(Redactor().add(*secrets))
    # Ansible takes every text of an option that is a secret for one.
    return Secrets(known, set(scalar_texts([entry.get("secret_params") for entry in entries])).difference(known))


class Refused(t.NamedTuple):
    """Options that Ansible does not take: what to say, the options as they may be shown, and the secrets among them."""

    message: str
    shown: dict[str, t.Any]
    secrets: set[str]


def refused(message: str, given: Options, known: Options, secrets: t.Iterable[str]) -> Refused:
    """What is told where Ansible refuses the options. It shows all of them, so that what may be a secret in them goes first."""
    given = {name: value for name, value in given.items() if not name.startswith("_ansible_")}
    redactor = Redactor()
    found = redactor.add(*secrets, *_secrets_of_refused(given, known))
    return Refused(redactor.text(message), redactor.data(shown(given, known)), set(found))


def with_nearest_names(message: str, unknown: t.Iterable[t.Any], known: Options) -> str:
    """A message of Ansible, with the nearest known name of each option that nobody knows: it may tell of another mistake only."""
    return " ".join([*_unknown_options(unknown, known), message])


def _secrets_of_refused(given: t.Mapping[str, t.Any], options: t.Mapping[str, t.Any]) -> t.Iterator[t.Any]:
    """What may be a secret in options that Ansible could not read: also under a name that nobody knows, and within any text."""
    models = json_structure(given.get("models"))
    texts = models.split(",") if isinstance(models, str) else models if isinstance(models, list) else []
    for text in [text for text in texts if isinstance(text, str)]:
        yield text.strip()
    fields = options.get("models", {}).get("options", {})
    # What is given under a name that nobody knows may be entries as well.
    lists = [json_structure(value) for name, value in given.items() if name == "models" or name not in options]
    entries = [entry for members in lists for entry in dictionaries_in(members if isinstance(members, list) else [members])]
    for entry, known in [(given, options), *((entry, fields) for entry in entries)]:
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


def check_lists(given: t.Mapping[str, t.Any], options: t.Mapping[str, t.Any]) -> None:
    """Raise InputError for a text in a list that YAML took for something else: Ansible makes a text of it, which for 1.10 is 1.1."""
    for name, option in options.items():
        value = given.get(name)
        if isinstance(value, dict):
            check_lists(value, option.get("options", {}))
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


def shown(params: t.Mapping[str, t.Any], options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The options as Ansible shows them at -vvv, without secrets by where they stand.

    Most fields of an entry of a list are not given: they would be most of the result.
    """
    told = {}
    for name, value in params.items():
        fields = options.get(name, {}).get("options", {})
        if isinstance(value, list):
            value = [_given_fields(entry, fields) for entry in value]
        told[name] = _shown_option(name, value, options)
    return told


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
