# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

"""The one table of fields: what a model spec calls it, where LiteLLM keeps it, which column of LiteMaaS shows it.

Everything that depends on a field (argument specs, payloads, comparison, rows, redaction, documentation tests) is read
off this table. To add a field, add a line here.
"""

from __future__ import annotations

import dataclasses
import json
import math
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import ModelError

INT4_MAXIMUM = 2147483647
# numeric(15,10) of the models table: five digits before the point.
COST_MAXIMUM = 99999.9999999999

# Where LiteLLM keeps a value: ("litellm_params", "rpm").
Path = tuple[str, str]

# Who decides a value when both sides have one and the models file is silent (conflict_resolution: merge).
LITELLM = "litellm"
PERSON = "person"


@dataclasses.dataclass(frozen=True)
class Field:
    """One line of the table.

    ``option`` is the name in a model spec (None: only the sync fills it). ``type`` is str, int, float, bool, list or dict.
    ``paths`` are the places in a LiteLLM deployment. ``column`` is the column of LiteMaaS's ``models``. ``default`` is what
    a new model gets when the spec leaves the option out. ``secret`` values never leave the run. ``owner`` decides a merge.
    ``compare`` is "exact", "cost" (numbers, equal within the column's ten places), "set" (order does not count) or
    "opaque" (the server does not give it back: compared by an HMAC kept beside it). ``free`` says that the value may also
    stand in extra_params, where it stood before it had an option, and that it may be set by somebody else.
    """

    option: str | None
    type: str
    paths: tuple[Path, ...] = ()
    column: str | None = None
    default: t.Any = None
    secret: bool = False
    owner: str = LITELLM
    compare: str = "exact"
    maximum: float | None = None
    max_length: int | None = None
    choices: tuple[str, ...] | None = None
    free: bool = False


def _param(key: str) -> tuple[Path, ...]:
    return (("litellm_params", key),)


def _info(*keys: str) -> tuple[Path, ...]:
    return tuple(("model_info", key) for key in keys)


def _shown(option: str) -> tuple[Path, ...]:
    """Presentation is kept under flat keys of our own: LiteLLM's PATCH merges model_info one level deep only."""
    return _info("litemaas_" + option)


def _count(option: str, paths: tuple[Path, ...], column: str | None) -> Field:
    return Field(option, "int", paths, column, maximum=INT4_MAXIMUM)


def _free(option: str, kind: str, key: str | None = None, **limits: t.Any) -> Field:
    return Field(option, kind, _param(key or option), compare="set" if kind == "list" else "exact", free=True, **limits)


def _cost(option: str) -> Field:
    return Field(option, "float", _param(option), option, compare="cost", maximum=COST_MAXIMUM)


def _capability(option: str, column: str | None = None) -> Field:
    return Field(option, "bool", _info(option), column)


AVAILABILITIES = ("available", "unavailable")

FIELDS: tuple[Field, ...] = (
    Field("model_name", "str", (), "id", max_length=255),
    Field("display_name", "str", _shown("display_name"), "name", owner=PERSON, max_length=255),
    Field("description", "str", _shown("description"), "description", default="AI model", owner=PERSON),
    Field("provider", "str", _shown("provider"), "provider", default="openshift-ai", owner=PERSON, max_length=100),
    Field("category", "str", _shown("category"), "category", default="general", owner=PERSON, max_length=100),
    Field("litellm_model", "str", _param("model"), None, max_length=255),
    Field("api_base", "str", _param("api_base"), "api_base", max_length=500),
    Field("api_key", "str", _param("api_key"), None, secret=True, compare="opaque"),
    Field("api_version", "str", _param("api_version")),
    Field("custom_llm_provider", "str", _param("custom_llm_provider"), max_length=100),
    _free("credential", "str", "litellm_credential_name"),
    Field("base_model", "str", _info("base_model"), max_length=255),
    Field("access_groups", "list", _info("access_groups"), compare="set"),
    _free("tags", "list"),
    _free("timeout", "float", maximum=INT4_MAXIMUM),
    _free("stream_timeout", "float", maximum=INT4_MAXIMUM),
    _free("max_retries", "int", maximum=INT4_MAXIMUM),
    _free("max_parallel_requests", "int", maximum=INT4_MAXIMUM),
    _free("order", "int", maximum=INT4_MAXIMUM),
    _free("weight", "float", maximum=INT4_MAXIMUM),
    _free("drop_params", "bool"),
    # LiteMaaS reads a model's context from max_tokens; LiteLLM itself means max_input_tokens.
    _count("context_length", _info("max_tokens", "max_input_tokens"), "context_length"),
    _count("max_tokens", _info("max_output_tokens"), "max_tokens"),
    _count("rpm", _param("rpm"), "rpm"),
    _count("tpm", _param("tpm"), "tpm"),
    _cost("input_cost_per_token"),
    _cost("output_cost_per_token"),
    Field("mode", "str", _info("mode")),
    _capability("supports_vision", "supports_vision"),
    _capability("supports_function_calling", "supports_function_calling"),
    _capability("supports_parallel_function_calling", "supports_parallel_function_calling"),
    _capability("supports_tool_choice", "supports_tool_choice"),
    _capability("supports_embeddings"),
    _capability("supports_convert"),
    _capability("supports_tokenize"),
    Field("supports_streaming", "bool", _shown("supports_streaming"), "supports_streaming", default=True, owner=PERSON),
    Field("availability", "str", _shown("availability"), "availability", default="available", choices=AVAILABILITIES),
    Field("restricted_access", "bool", _shown("restricted_access"), "restricted_access", owner=PERSON),
    # Columns that only the sync fills.
    Field(None, "str", (), "backend_model_name", max_length=255),
    Field(None, "str", (), "litellm_model_id", max_length=255),
    Field(None, "str", (), "version", max_length=50),
    Field(None, "list", (), "features", compare="set"),
    Field(None, "dict", (), "metadata"),
)

BY_OPTION: dict[str, Field] = {field.option: field for field in FIELDS if field.option}
BY_COLUMN: dict[str, Field] = {field.column: field for field in FIELDS if field.column}

# Options of a model spec that are no field of a model: they say which deployment is meant or carry free-form parameters.
SPEC_ONLY: dict[str, str] = {"model_id": "str", "extra_params": "dict", "secret_params": "dict", "extra_info": "dict", "state": "str"}

# Parameters of LiteLLM that its PATCH sets to false unless they are sent again (LiteLLM 1.81.0 and 1.100.5).
STICKY_FLAGS = (
    "use_in_pass_through",
    "use_litellm_proxy",
    "use_xai_oauth",
    "merge_reasoning_content_in_choices",
    "allow_client_keepalive_override",
)

# The only parameters that LiteLLM's PATCH clears when it is sent null (1.100.5; 1.81.0 clears nothing).
CLEARABLE = frozenset(("input_cost_per_token", "output_cost_per_token"))

_TRUE = frozenset(("true", "yes", "on", "1", "y", "t"))
_FALSE = frozenset(("false", "no", "off", "0", "n", "f"))
# What stands in the place of an HMAC whose parameter was taken out: nothing but delete and create takes a key out of model_info.
FORGOTTEN = ""


def hmac_key(parameter: str) -> str:
    """Where in model_info the HMAC of a parameter is kept that the server does not give back."""
    return f"litemaas_{parameter}_hmac"


def of_hmac(key: str) -> str:
    """The parameter whose HMAC is kept under a key of model_info; empty where it is another key."""
    name = key[len("litemaas_") : -len("_hmac")]
    return name if key == hmac_key(name) else ""


def without_forgotten(info: dict[str, t.Any]) -> dict[str, t.Any]:
    """A model_info without the HMACs of parameters that were taken out."""
    return {key: value for key, value in info.items() if value != FORGOTTEN or not of_hmac(key)}


def _wrong(expected: str) -> ValueError:
    # The value is left out on purpose: it may be a secret in the wrong place.
    return ValueError(f"must be {expected}")


def to_int(value: t.Any) -> int:
    """A whole number, also from text or from a float without a fraction. Raises ValueError."""
    if isinstance(value, bool):
        raise _wrong("a whole number")
    try:
        number = float(value) if isinstance(value, (str, float)) else value
        if not isinstance(number, (int, float)) or number != int(number):
            raise _wrong("a whole number")
        return int(value) if isinstance(value, (int, str)) and "." not in str(value) and "e" not in str(value).lower() else int(number)
    except (OverflowError, TypeError, ValueError):
        raise _wrong("a whole number") from None


def to_float(value: t.Any) -> float:
    """A finite number, also from text. Raises ValueError."""
    try:
        if isinstance(value, bool):
            raise _wrong("a number")
        number = float(value)
    except (OverflowError, TypeError, ValueError):
        raise _wrong("a number") from None
    if not math.isfinite(number):
        raise _wrong("a finite number")
    return number


def to_bool(value: t.Any) -> bool:
    """A truth value, also as the texts YAML and Ansible take for one. Raises ValueError."""
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise _wrong("true or false")


def to_text(value: t.Any) -> str:
    """Text that PostgreSQL and JSON can both hold. Raises ValueError."""
    if isinstance(value, (dict, list, bool)):
        raise _wrong("a text")
    text = str(value)
    if "\x00" in text:
        raise ValueError("must not hold a NUL character")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("must be valid Unicode") from None
    return text


def to_dict(value: t.Any) -> dict[str, t.Any]:
    """A dictionary, also as JSON text. Raises ValueError."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise _wrong("a dictionary") from None
    if not isinstance(value, dict):
        raise _wrong("a dictionary")
    return value


def to_list(value: t.Any) -> list[str]:
    """A list of texts. Raises ValueError."""
    if not isinstance(value, (list, tuple)) or any(member is None or not str(member).strip() for member in value):
        raise _wrong("a list of texts")
    try:
        return [to_text(member) for member in value]
    except ValueError:
        raise _wrong("a list of texts") from None


_COERCE: dict[str, t.Callable[[t.Any], t.Any]] = {
    "str": to_text,
    "int": to_int,
    "float": to_float,
    "bool": to_bool,
    "list": to_list,
    "dict": to_dict,
}


def check_limits(field: Field, value: t.Any) -> None:
    """Raises ValueError with a reason when a value of the right type does not fit the field."""
    if field.max_length is not None and isinstance(value, str) and len(value) > field.max_length:
        raise ValueError(f"is {len(value)} characters long, at most {field.max_length} fit")
    if field.maximum is not None and not isinstance(value, bool) and isinstance(value, (int, float)):
        if value < 0:
            raise ValueError("must not be negative")
        if value > field.maximum:
            raise ValueError(f"is larger than {field.maximum:.15g}")
    if field.choices and value not in field.choices:
        raise ValueError("must be one of {0}".format(", ".join(field.choices)))


def read_option(model_name: str, option: str, value: t.Any) -> t.Any:
    """One option of a model spec as its field's type, within its limits.

    None and the empty text are "not given" and come back as None. Raises ModelError naming model and option.
    """
    if value is None or value == "":
        return None
    field = BY_OPTION.get(option)
    kind = field.type if field else SPEC_ONLY[option]
    try:
        read = _COERCE[kind](value)
        if field:
            check_limits(field, read)
    except ValueError as error:
        raise ModelError(model_name, f"{option} {error}") from None
    return read
