# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variables of the role litemaas_models: under which names each may be given, which one counts, and what is wrong with it.

A name counts by being there, never by its value: a template that cannot be resolved is a problem and no reason to look further.
"""

# Note that this plugin util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import difflib
import functools
import json
import os
import re
import sys
import typing as t
from pathlib import Path

import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.litemaas.models.plugins.module_utils._common.values import to_int
from ansible_collections.litemaas.models.plugins.module_utils._common.words import in_our_words
from ansible_collections.litemaas.models.plugins.module_utils._common.yaml_texts import NO_TEXT, made_of_text
from ansible_collections.litemaas.models.plugins.module_utils._run import argspec, endpoints
from ansible_collections.litemaas.models.plugins.plugin_utils import _models_list
from ansible_collections.litemaas.models.plugins.plugin_utils._options import wrong_options
from ansible_collections.litemaas.models.plugins.plugin_utils._packed import field_for_module, for_module, pack
from ansible_collections.litemaas.models.plugins.plugin_utils._variables import Unresolved, Variables

PREFIX = "litemaas_models_"
OLDER_PREFIX = "ocp4_workload_litemaas_models_"
LIST = PREFIX + "list"

# Names under which a variable of the role may be given as well, in this order.
OLDER_NAMES: dict[str, tuple[str, ...]] = {
    LIST: (OLDER_PREFIX + "list", "ocp4_workload_litemaas_litellm_models"),
    PREFIX + "litellm_url": (OLDER_PREFIX + "litellm_url", "litellm_url"),
    PREFIX + "litellm_api_key": (OLDER_PREFIX + "litellm_api_key", "litellm_master_key"),
    **{
        PREFIX + name: (OLDER_PREFIX + name,)
        for name in (
            "namespace",
            "backend_enabled",
            "sync_from_litellm",
            "cleanup_orphaned",
            "verify_ssl",
            "api_timeout",
            "retry_count",
            "retry_delay",
        )
    },
}
# Variables of the environment that count where none of the names was given.
ENVIRONMENT = {PREFIX + option: names for option, names in endpoints.VARIABLES.items()}
# Names whose empty text says "not given" as null does.
EMPTY_IS_NOT_GIVEN = frozenset((OLDER_PREFIX + "namespace", PREFIX + "max_count"))
# Variables whose empty text is a fault: most likely it was meant to be filled, and another installation's server must not take its place.
NEVER_EMPTY = (PREFIX + "litellm_url", PREFIX + "litellm_api_key", PREFIX + "database_url")
EMPTY = "{0} is empty. Leave it out or set it to null to use {1} of the environment, or what is found in the namespace."
# Beside those that are no texts. An answer left blank is no answer, and must not become a default that deletes.
NO_VALUE = "{0} is empty: give it a value, or leave it out"
NEEDS_TEXT = (PREFIX + "delegate_to",)
# Variables with the role's prefix that are none of its options.
OTHERS = (PREFIX + "hosts", PREFIX + "result", PREFIX + "results", PREFIX + "serial")

# A text is a list in YAML's short form, or one entry. One that begins with a bracket may be a regular expression ("[cC]ode.*"):
# a list has quotes or commas, or nothing.
_SHORT_LIST = r"\[.*\]$"
_SHORT_LIST_OF_PATTERNS = r"\[(\s*[\"'].*|.*,.*|\s*)\]$"
_LISTS = {
    PREFIX + "providers": _SHORT_LIST,
    PREFIX + "notify_urls": _SHORT_LIST,
    PREFIX + "model_patterns": _SHORT_LIST_OF_PATTERNS,
    PREFIX + "exclude_patterns": _SHORT_LIST_OF_PATTERNS,
}
_DICTIONARY = PREFIX + "kubernetes"
_PARTS = {_DICTIONARY: argspec.openshift().options["kubernetes"]["options"]}
_NO_TEXTS = ("bool", "int", "float")
_CHECKED_BY_MODULES = ("providers", "model_patterns", "exclude_patterns", "max_percent", "max_count", "retention_days")

# A name of this shape that is as near to one of the role's as this is a misspelt one; others are somebody else's.
_ALIKE = r"(ocp4_workload_)?li\w*_mod\w*$"
_NEAR = 0.93

# Where Ansible's sentences show the value, which may be a key in the wrong place.
_VALUE_SHOWN = re.compile(r"(?s)(?<=unable to convert to )(\w+): .*|, got: .*")
NOT_FINITE = "{0} must be a finite number."
NO_NUMBER = "{0} must be a number, but YAML read it as {1}."
# What nobody foresaw. The error's own text may show the value.
UNUSABLE = "{0} cannot be used: reading its value failed ({1})."
UNKNOWN_VARIABLES = (
    "There are variables with this role's prefix, or nearly, that it does not have: {0}. The role's README and "
    '"ansible-doc -t role litemaas.models.litemaas_models" list those that it has.'
)


def own_default(name: str) -> str:
    """What the role's defaults/main.yml says of a variable that may be given in several ways: the value that counts."""
    return f"{{{{ lookup('litemaas.models.given', '{name}') }}}}"


@functools.cache
def options() -> dict[str, dict[str, t.Any]]:
    """The role's variables as meta/argument_specs.yml describes them."""
    path = Path(__file__).resolve().parents[2] / "roles" / "litemaas_models" / "meta" / "argument_specs.yml"
    specs = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]
    return dict(specs["variables"]["options"])


class RoleVariables:
    """What was given to the role, read once: ``problems`` are sentences, ``unresolved`` the names that have no value at all."""

    def __init__(self, templar: t.Any, written: t.Mapping[str, t.Any], environment: t.Mapping[str, str]) -> None:
        self._variables = Variables(templar, written, {name: own_default(name) for name in {**OLDER_NAMES, **ENVIRONMENT}})
        self._written = written
        self._environment = environment
        self._names: dict[str, str] = {}
        # Name without prefix -> variable of the environment that the value is from.
        self._taken: dict[str, str] = {}
        self.unresolved: list[str] = []
        self.problems: list[str] = []

    def value(self, name: str, default: t.Any = None) -> t.Any:
        """What counts for a variable: its own name, older ones, the environment, the default. Raises Unresolved."""
        for candidate in (name, *OLDER_NAMES.get(name, ())):
            if self._variables.is_given(candidate):
                self._names[name] = candidate
                value = self._variables.value(candidate)
                empty = isinstance(value, str) and not value.strip()
                if value is not None and not (empty and candidate in EMPTY_IS_NOT_GIVEN):
                    return value
        self._names[name] = name
        for variable in ENVIRONMENT.get(name, ()):
            if (self._environment.get(variable) or "").strip():
                self._taken[name[len(PREFIX) :]] = variable
                return self._environment[variable]
        return default

    def read(self) -> dict[str, t.Any]:
        """Everything that the role's tasks need, by the variables' names without prefix."""
        self.problems += self._unknown_variables()
        given = self._values()
        result = self._checked(given)
        self._check_not_empty(result, bool(result["backend_enabled"]))
        may_be_empty = bool(result["backend_enabled"] and result["sync_from_litellm"])
        usable, packed = self._attempt(LIST, lambda: self._usable(given.get(LIST), may_be_empty), ([], pack([])))
        return {
            **result,
            "list": packed,
            "count": len(usable),
            "names": [_models_list.name_of(spec, place) for place, spec in enumerate(usable, 1)],
            "from_environment": " ".join("{0}={1}".format(*pair) for pair in self._taken.items()),
            "problems": self.problems,
            "unresolved": self.unresolved,
        }

    def _attempt(self, name: str, read: t.Callable[[], t.Any], otherwise: t.Any) -> t.Any:
        """What ``read`` makes of a variable. Whatever goes wrong is a problem with its name: the task shows nothing else."""
        try:
            return read()
        except Unresolved as error:
            self.unresolved.append(error.name)
            self.problems.append(str(error))
        except Exception as error:  # pylint: disable=broad-except
            self.unresolved.append(self._names.get(name, name))
            self.problems.append(UNUSABLE.format(self._names.get(name, name), type(error).__name__))
        return otherwise

    def _values(self) -> dict[str, t.Any]:
        return {name: self._attempt(name, functools.partial(self._value, name), None) for name in options()}

    def _value(self, name: str) -> t.Any:
        return _from_text(name, self.value(name))

    def _checked(self, given: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """The options with their types and defaults, without the list."""
        values = {}
        for name, option in options().items():
            if name != LIST:
                # Each by itself: what is wrong with one does not hide what is wrong with another.
                default = option.get("default")
                value, wrong = self._attempt(name, functools.partial(_read_option, name, option, given.get(name)), (default, []))
                self.problems += [self._as_given(sentence) for sentence in wrong]
                values[name[len(PREFIX) :]] = value.strip() if isinstance(value, str) else value
        checked = {name: values[name] for name in _CHECKED_BY_MODULES}
        wrong = self._attempt(", ".join(PREFIX + name for name in checked), lambda: wrong_options(checked), [])
        self.problems += [in_our_words(text) for text in wrong]
        return values

    def _check_not_empty(self, result: t.Mapping[str, t.Any], backend_enabled: bool) -> None:
        for name in NEVER_EMPTY:
            if result[name[len(PREFIX) :]] == "" and (backend_enabled or name != PREFIX + "database_url"):
                self.unresolved.append(self._names[name])
                self.problems.append(EMPTY.format(self._names[name], " or ".join(ENVIRONMENT[name])))

    def _as_given(self, message: str) -> str:
        """Ansible's sentence about an option, with the name under which it was given."""
        told = re.sub(PREFIX + r"\w+", lambda found: self._names.get(found.group(), found.group()), message, count=1)
        told = _VALUE_SHOWN.sub(r"\1", told)
        return told if told.endswith(".") else told + "."

    def _usable(self, given: t.Any, may_be_empty: bool) -> tuple[list[dict[str, t.Any]], str]:
        """The list of models, also packed; empty where anything is wrong that ends the run."""
        specs = self._models(given)
        self._check_models(specs, may_be_empty)
        usable = [] if self.problems else specs
        return usable, pack(usable)

    def _models(self, given: t.Any) -> list[dict[str, t.Any]]:
        """The list of models; empty where there is none, or a problem with it."""
        specs = [given] if _models_list.is_model(given) else given if given not in (None, "") else []
        problems = _models_list.structure_problems(specs, self._names[LIST])
        self.problems += problems
        return [] if problems else t.cast("list[dict[str, t.Any]]", specs)

    def _check_models(self, specs: list[dict[str, t.Any]], may_be_empty: bool) -> None:
        self.problems += _models_list.unknown_fields(specs)
        if not specs and not may_be_empty and not self.problems:
            self.problems.append(_models_list.NOTHING)
        if self.problems:
            # Who has the list to mend anyway need not find these in the next run.
            self.problems += _models_list.wrong_values(for_module(specs))

    def _unknown_variables(self) -> list[str]:
        older = [name for names in OLDER_NAMES.values() for name in names]
        known = [*options(), *OTHERS, *older]
        prefixed = re.compile(r"(ocp4_workload_)?litemaas_models?_")
        names = [str(name) for name in self._written if name not in known]
        unknown = sorted(name for name in names if prefixed.match(name) or _is_misspelt(name, known))
        # The rest after the older prefix may be a name that has its own prefix only.
        newer = {OLDER_PREFIX + name[len(PREFIX) :]: name for name in options() if OLDER_PREFIX + name[len(PREFIX) :] not in older}
        told = [f"{name}{_models_list.did_you_mean(name, [*known, *newer], newer)}" for name in unknown]
        return [UNKNOWN_VARIABLES.format(", ".join(told))] if told else []


def role_variables(templar: t.Any, written: t.Mapping[str, t.Any]) -> RoleVariables:
    """The role's variables of a host, with the environment of the control node."""
    return RoleVariables(templar, written, os.environ)


def _is_misspelt(name: str, known: t.Sequence[str]) -> bool:
    """Whether a name without the role's prefix can only be meant for the role. One that goes on after a known name is a person's own."""
    if not re.match(_ALIKE, name) or name.startswith(tuple(one + "_" for one in known)):
        return False
    return bool(difflib.get_close_matches(name, known, 1, _NEAR))


def _read_option(name: str, option: t.Mapping[str, t.Any], given: t.Any) -> tuple[t.Any, list[str]]:
    """The value of a variable as its type, and what is wrong with it. Its default where that is anything, or nothing is given."""
    default = option.get("default")
    wrong = list(_mistaken(name, dict(option, options=_PARTS.get(name, {})), given))
    if given is None or wrong:
        return default, wrong
    validated = ArgumentSpecValidator({name: option}).validate({name: _whole_number(option, given)})
    value = validated.validated_parameters.get(name)
    wrong = validated.error_messages or ([NOT_FINITE.format(name)] if _is_endless(value) else [])
    return (default if wrong else value), wrong


def _whole_number(option: t.Mapping[str, t.Any], given: t.Any) -> t.Any:
    """A whole number as one, also where it is written as 30.0, which ansible-core 2.16 refuses; anything else as it is."""
    try:
        return to_int(given) if option.get("type") == "int" else given
    except ValueError:
        return given


def _mistaken(name: str, option: t.Mapping[str, t.Any], value: t.Any) -> t.Iterator[str]:
    """A sentence for each text of a variable that YAML took for something else, and for a number that is none. None is not given."""
    kind, secret = option.get("type", "str"), bool(option.get("no_log"))
    if value is None:
        return
    if isinstance(value, str) and not value.strip() and (kind in _NO_TEXTS or option.get("choices") or name in NEEDS_TEXT):
        yield NO_VALUE.format(name)
    elif kind == "list":
        for member in value if isinstance(value, list) else [value]:
            if member is None:
                yield NO_TEXT.format(name, "null")
            yield from _mistaken(name, {"type": option["elements"], "no_log": secret}, member)
    elif kind == "dict" and isinstance(value, dict):
        for part, one in option.get("options", {}).items():
            yield from _mistaken(f"{name}.{part}", dict(one, no_log=secret), value.get(part))
    elif kind in ("str", "path"):
        made = made_of_text(field_for_module(value), secret)
        if made or isinstance(value, (dict, list)):
            yield (NO_TEXT if made else "{0} must be a string").format(name, made)
    elif kind in ("int", "float") and isinstance(value, bool):
        yield NO_NUMBER.format(name, str(value).lower())
    elif kind in ("int", "float") and _is_endless(value):
        yield NOT_FINITE.format(name)


def _is_endless(value: t.Any) -> bool:
    """Whether a number is none, or larger than a float can be."""
    return isinstance(value, (int, float)) and not abs(value) <= sys.float_info.max


def _from_text(name: str, value: t.Any) -> t.Any:
    """What a text stands for, as ``-e NAME=text`` gives lists and dictionaries."""
    if not isinstance(value, str):
        return value
    if name in _LISTS:
        return (_data(value) if re.match(_LISTS[name], value) else [value] if value else []) or []
    if name in (LIST, _DICTIONARY):
        return _data(value) or None
    return value


def _data(text: str) -> t.Any:
    """A text read as JSON or YAML; as it is where it is neither."""
    for read in (json.loads, yaml.safe_load):
        try:
            return read(text)
        except (ValueError, yaml.YAMLError):
            continue
    return text
