# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Free parameters of a spec (extra_params, secret_params, extra_info): how they are read, and what is wrong with them. Pure."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import json
import math
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import ModelError
from ansible_collections.litemaas.models.plugins.module_utils._common.faults import Faults
from ansible_collections.litemaas.models.plugins.module_utils._common.field import Field
from ansible_collections.litemaas.models.plugins.module_utils._common.fields import BY_OPTION
from ansible_collections.litemaas.models.plugins.module_utils._common.model_info import place_of_parameter
from ansible_collections.litemaas.models.plugins.module_utils._common.parameters import (
    BACKEND_PARAMETERS,
    NUMBERS,
    PRICE,
    STICKY_FLAGS,
    STRUCTURES,
)
from ansible_collections.litemaas.models.plugins.module_utils._common.secret_names import is_secret
from ansible_collections.litemaas.models.plugins.module_utils._common.spec import Spec
from ansible_collections.litemaas.models.plugins.module_utils._common.spec_checks import LINE_SEPARATORS, SEPARATED
from ansible_collections.litemaas.models.plugins.module_utils._common.values import read_from_yaml, to_bool, to_text
from ansible_collections.litemaas.models.plugins.module_utils._common.yaml_texts import NO_TEXT, check_text, secrets_without_quotes

ENDLESS = (
    "LiteLLM reads it as a number that is infinite or not a number (inf, nan, 1e400), and cannot list it: give another value or leave it "
    "out"
)


def take_free_parameters(model_name: str, given: dict[str, t.Any]) -> None:
    """Take as options what stood in extra_params before it had an option. Raises ModelError where both say different things.

    A reference to LiteLLM's environment stays a parameter: it is no value of the option's type.
    """
    parameters = dict(given["extra_params"] or {})
    for parameter, field in _free_fields().items():
        value = parameters.get(parameter)
        if value is None or (isinstance(value, str) and value.startswith("os.environ/")):
            continue
        option = str(field.option)
        read = read_from_yaml(model_name, option, parameters.pop(parameter))
        if given[option] not in (None, read):
            raise ModelError(model_name, f"{option} is given twice, and extra_params holds another {parameter}: leave that out")
        given[option] = read
    given["extra_params"] = parameters


def _free_fields() -> dict[str, Field]:
    """Parameters of LiteLLM that have an option, and that extra_params may hold all the same."""
    return {path[1]: field for field in BY_OPTION.values() if field.free for path in field.paths}


def check_free_parameters(spec: Spec, given: t.Mapping[str, t.Any], faults: Faults) -> None:
    """Note what is wrong with free parameters. ``given`` are the entry's options, before secrets among them became texts."""
    named = {path[1]: option for option, field in BY_OPTION.items() for path in field.paths if path[0] == "litellm_params"}
    for source in ("extra_params", "secret_params"):
        for parameter, value in (given[source] or {}).items():
            option = named.get(parameter)
            if option and (option in spec.options or not BY_OPTION[option].free):
                faults.add(f"{source} holds {parameter}: give it as the option {option}")
            elif parameter in BACKEND_PARAMETERS:
                faults.of(check_text, spec.model_name, f"{parameter} in {source}", value, source == "secret_params")
            else:
                # A structure that is a secret is sent as JSON text.
                secret = source == "secret_params" or (isinstance(value, dict) and is_secret(parameter, value))
                for where, made in secrets_without_quotes(parameter, value, secret):
                    faults.add(NO_TEXT.format(f"{where} in {source}", made))
            place = place_of_parameter(str(parameter))
            if place:
                faults.add(f"{source} holds {parameter}, where LiteLLM does not read it: give it {place}")
    for parameter, value in (given["extra_info"] or {}).items():
        for where, made in secrets_without_quotes(str(parameter), value, False):
            faults.add(NO_TEXT.format(f"{where} in extra_info", made))
    for source, parameters in (("extra_params", spec.extra_params), ("secret_params", spec.secret_params), ("extra_info", spec.extra_info)):
        for parameter, value in parameters.items():
            faults.of(_check_value, spec.model_name, source, parameter, value)
    twice = sorted(set(spec.extra_params) & set(spec.secret_params))
    if twice:
        faults.add("{0} is in both extra_params and secret_params".format(", ".join(twice)))


def _check_value(model_name: str, source: str, parameter: str, value: t.Any) -> None:
    if value is None:
        raise ModelError(model_name, f"{source} holds {parameter} without a value: leave it out")
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        raise ModelError(model_name, f"the value of {parameter} in {source} cannot be encoded as JSON") from None
    declared = PRICE.fullmatch(str(parameter)) is not None or (source != "extra_info" and parameter in NUMBERS)
    if any(_is_endless(member, texts=declared and member is value) for member in (value, *_members(value))):
        raise ModelError(model_name, f"{source} holds {parameter}: {ENDLESS}")
    try:
        for text in (parameter, *texts_in(value)):
            to_text(text)
    except ValueError as error:
        raise ModelError(model_name, f"{source}: a text of {parameter!a} {error}") from None
    if source != "extra_info" and any(member is None for member in _members(value)):
        raise ModelError(model_name, f"{source} holds a null in {parameter!a}: LiteLLM turns it into the text None, so leave it out")
    if any(LINE_SEPARATORS.intersection(text) for text in (parameter, *texts_in(value))):
        raise ModelError(model_name, f"{source}: a text of {parameter!a} {SEPARATED}")


def _is_endless(value: t.Any, texts: bool) -> bool:
    """Whether LiteLLM makes a number of a value that is too large for one, or none at all; with ``texts`` of a text too."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str) if texts else (int, float)):
        return False
    try:
        return not math.isfinite(float(value))
    except OverflowError:
        return True
    except ValueError:
        return False


def with_flags(model_name: str, parameters: dict[str, t.Any]) -> dict[str, t.Any]:
    """The parameters, with those as truth values that LiteLLM makes truth values of."""
    read = dict(parameters)
    for name in STICKY_FLAGS:
        if read.get(name) is not None:
            try:
                read[name] = to_bool(read[name])
            except ValueError as error:
                raise ModelError(model_name, f"{name} {error}") from None
    return read


def secrets_as_text(parameters: dict[str, t.Any], hides: t.Callable[[str, t.Any], bool]) -> dict[str, t.Any]:
    """The parameters with secrets as texts, by JSON: LiteLLM encrypts nothing else.

    The form is not the one that fingerprints are made of, so that what an earlier version sent as a structure is sent again.
    """
    return {
        name: _as_json(value) if isinstance(value, (dict, list)) and name not in STRUCTURES and hides(name, value) else value
        for name, value in parameters.items()
    }


def _as_json(value: t.Any) -> t.Any:
    """The value as a JSON text; itself where JSON cannot hold it, which is refused with its name."""
    try:
        return json.dumps(value, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError):
        return value


def _members(value: t.Any) -> t.Iterator[t.Any]:
    """Every value within a structure, at any depth."""
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for member in members:
        yield member
        yield from _members(member)


def texts_in(value: t.Any) -> t.Iterator[str]:
    """Every text in a value, the names of its members too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for member in [*value, *value.values()] if isinstance(value, dict) else value:
            yield from texts_in(member)
