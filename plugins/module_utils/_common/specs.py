# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

"""Model specs: the user's entries, read by the field table. Pure.

A wrong entry is that entry's error; the others go on.
"""

from __future__ import annotations

import dataclasses
import json
import math
import re
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.counted import listed
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import ModelError
from ansible_collections.litemaas.models.plugins.module_utils._common.fields import (
    BY_COLUMN,
    BY_OPTION,
    SPEC_ONLY,
    STICKY_FLAGS,
    Field,
    check_limits,
    read_option,
    to_bool,
    to_dict,
    to_text,
)
from ansible_collections.litemaas.models.plugins.module_utils._common.masks import has_mask
from ansible_collections.litemaas.models.plugins.module_utils._common.model_info import place_of_parameter, read_info
from ansible_collections.litemaas.models.plugins.module_utils._common.secret_names import is_secret, lacks_quotes
from ansible_collections.litemaas.models.plugins.module_utils._common.secrets_in_data import hidden_leaves, located_secrets, secrets_in
from ansible_collections.litemaas.models.plugins.module_utils._common.secrets_in_text import address_secrets

PRESENT = "present"
ABSENT = "absent"

# Providers that have no public address of their own: a model of theirs needs api_base.
SELF_HOSTED = frozenset(
    ("hosted_vllm", "azure", "azure_ai", "openai_like", "custom_openai", "llamafile", "lm_studio", "triton", "infinity", "xinference")
)

# Parameters of LiteLLM that, beside the model and its address, lead to another backend: another provider, account, project or region.
BACKEND_PARAMETERS = (
    "custom_llm_provider",
    "litellm_credential_name",
    "region_name",
    "organization",
    "aws_region_name",
    "aws_bedrock_runtime_endpoint",
    "aws_bedrock_project_id",
    "aws_profile_name",
    "aws_role_name",
    "model_id",
    "vertex_project",
    "vertex_location",
    "watsonx_region_name",
    "project_id",
    "space_id",
    "oci_region",
    "oci_compartment_id",
    "tenant_id",
    "client_id",
)

# Providers that need no api_key: local servers without one, and those that LiteLLM signs in to with no parameter of a model.
KEYLESS = frozenset(
    (
        "auto_router",
        "aws_polly",
        "bedrock",
        "bedrock_converse",
        "bedrock_mantle",
        "chatgpt",
        "databricks",
        "docker_model_runner",
        "gigachat",
        "github_copilot",
        "hosted_vllm",
        "infinity",
        "llamafile",
        "lemonade",
        "lm_studio",
        "oci",
        "ollama",
        "ollama_chat",
        "oobabooga",
        "petals",
        "sagemaker",
        "sagemaker_chat",
        "sap",
        "triton",
        "vertex_ai",
        "vertex_ai_beta",
        "vllm",
        "xinference",
    )
)
# Parameters that sign in and whose names are no secrets' names: the secret that belongs to one may be in LiteLLM's environment.
SIGN_IN = ("aws_profile_name", "aws_role_name", "azure_username", "client_id", "tenant_id", "use_xai_oauth")

# Parameters that LiteLLM takes as a dictionary or list only.
STRUCTURES = frozenset(
    (
        "adaptive_router_config",
        "additional_drop_params",
        "allowed_openai_params",
        "bedrock_tags",
        "complexity_router_config",
        "configurable_clientside_auth_params",
        "default_headers",
        "extra_body",
        "extra_headers",
        "extra_query",
        "fallbacks",
        "guardrails",
        "headers",
        "litellm_metadata",
        "metadata",
        "model_info",
        "model_list",
        "provider_specific_header",
        "quality_router_config",
        "response_format",
        "retry_policy",
        "tag_regex",
        "tags",
        "thinking",
        "tools",
        "web_search_options",
    )
)

# Those of them in which everything is a text.
HEADERS = frozenset(("default_headers", "extra_headers", "headers"))

# What a new model needs. An empty text is none, and a message says that it is empty.
NEEDED = ("litellm_model", "api_base", "api_key")
# What YAML makes of texts without quotes and JSON cannot hold, by YAML's own tags. On the way here a value becomes a dictionary with its
# tag as the only name, and a name begins with its tag.
DATE, BYTES, SET = "!!timestamp", "!!binary", "!!set"
MADE_BY_YAML = {
    DATE: "a date",
    BYTES: "bytes",
    SET: "a set",
    "!!bool": "true or false",
    "!!float": "a number",
    "!!int": "a number",
    "!!null": "null",
    "!!seq": "a list",
}
NO_TEXT = "{0} must be a text, and YAML made {1} of it: put it in quotes"

# LiteLLM's database client takes these for ends of lines, and writes blanks behind them.
LINE_SEPARATORS = frozenset("\x85\u2028\u2029")
SEPARATED = "holds a line separator (U+0085, U+2028 or U+2029), which LiteLLM does not keep as it is: write a line break, or leave it out"

# LiteLLM 1.81 takes "inf" for a number where it declares one, and lists no model at all from then on, because JSON has no such number.
# Those of its parameters that it declares so (litellm/types/router.py, 1.81.0 to 1.110.2), and, in model_info too, prices.
NUMBERS = frozenset(
    [
        "anthropic_issuer_ttl_seconds",
        "auto_router_max_input_chars",
        "default_api_key_rpm_limit",
        "default_api_key_tpm_limit",
        "fedramp_uplift_multiplier",
        "itpm",
        "keepalive_seconds",
        "max_budget",
        "max_file_size_mb",
        "max_retries",
        "otpm",
        "output_vector_size",
        "regional_endpoint_uplift_multiplier",
        "regional_processing_uplift_multiplier_eu",
        "regional_processing_uplift_multiplier_us",
        "rpd",
        "rpm",
        "stream_timeout",
        "timeout",
        "tpd",
        "tpm",
        "valkey_port",
    ]
)
_PRICE = re.compile(r"(.*_)?(cost_per_.*|token_cost(_.*)?)")
ENDLESS = (
    "LiteLLM takes it for a number that is too large or none (inf, nan, 1e400), and cannot list it: give another value or leave it out"
)


@dataclasses.dataclass(frozen=True)
class Spec:
    """One entry of the user's list, read: ``options`` holds only what was given, by option name, as the field's type."""

    model_name: str
    position: int
    state: str = PRESENT
    options: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    model_id: str | None = None
    extra_params: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    secret_params: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    extra_info: dict[str, t.Any] = dataclasses.field(default_factory=dict)

    # Said by "api_key: false".
    without_key: bool = False
    # Which of NEEDED were given as an empty text.
    empty: frozenset[str] = frozenset()

    @property
    def provider(self) -> str:
        """LiteLLM's provider of the model: custom_llm_provider, or what stands before the first slash of litellm_model."""
        given = self.options.get("custom_llm_provider")
        model = self.options.get("litellm_model", "")
        return str(given or (model.split("/", 1)[0] if "/" in model else ""))

    def variant(self) -> tuple[str, str, str]:
        """What tells one deployment of a model from another, as a rule."""
        return (self.model_name, self.options.get("litellm_model", ""), self.options.get("api_base", ""))

    def parameters(self) -> dict[str, t.Any]:
        """All of LiteLLM's parameters that the spec gives, secrets too, by LiteLLM's names."""
        named = {key: value for option, value in self.options.items() for part, key in BY_OPTION[option].paths if part == "litellm_params"}
        return {**named, **self.extra_params, **self.secret_params}

    def backend(self) -> dict[str, str]:
        """What else tells one deployment from another: those of ``BACKEND_PARAMETERS`` that are given."""
        return backend_of(self.parameters())


def backend_of(parameters: t.Mapping[str, t.Any]) -> dict[str, str]:
    """Those of ``BACKEND_PARAMETERS`` that are given, as text. A provider that the model's own name begins with adds nothing."""
    found = {name: str(parameters[name]) for name in BACKEND_PARAMETERS if parameters.get(name) not in (None, "")}
    if str(parameters.get("model", "")).startswith(found.get("custom_llm_provider", "") + "/"):
        found.pop("custom_llm_provider", None)
    return found


def read_specs(entries: t.Iterable[dict[str, t.Any]], default_state: str = PRESENT) -> tuple[list[Spec], list[ModelError]]:
    """The user's entries as specs, and an error for each that cannot be used, with its ``position`` in details.

    Two that mean the same deployment both fail.
    """
    specs: list[Spec] = []
    errors: list[ModelError] = []
    for position, entry in enumerate(entries, start=1):
        try:
            specs.append(read_spec(entry, position, default_state))
        except ModelError as error:
            error.details["position"] = position
            errors.append(error)
    return _without_collisions(specs, errors), errors


def secret_values(entries: t.Iterable[dict[str, t.Any]]) -> list[t.Any]:
    """Everything in the user's entries that must not be shown, also in those that cannot be used.

    Free-form parameters that cannot be read may be anything, so they are secret as a whole.
    """
    secrets: list[t.Any] = []
    for entry in entries:
        secrets += [entry.get("api_key"), *address_secrets(entry.get("api_base"))]
        secret, *extras = (_maybe_dict(entry.get(option)) for option in ("secret_params", "extra_params", "extra_info"))
        if isinstance(secret, dict):
            found = [value for name, value in secret.items() if name not in BACKEND_PARAMETERS]
        else:
            found = [secret]
        for extra in extras:
            if isinstance(extra, dict):
                found += [secret for name, value in extra.items() for secret in secrets_in(str(name), value)]
                found += [secret for text in _texts(extra) for secret in address_secrets(text)]
            else:
                found.append(extra)
        for value in found:
            secrets += hidden_leaves(value)
    return secrets


def _maybe_dict(value: t.Any) -> t.Any:
    try:
        return to_dict(value)
    except ValueError:
        return value


class _Faults:
    """What is wrong with an entry, all of it: who has several things to mend need not find them one by one."""

    def __init__(self) -> None:
        self.reasons: list[str] = []

    def add(self, reason: str) -> None:
        """Note a fault, once."""
        if reason not in self.reasons:
            self.reasons.append(reason)

    def of(self, read: t.Callable[..., t.Any], *arguments: t.Any) -> t.Any:
        """What a reader makes of its arguments; None where it raises ModelError, which is noted."""
        try:
            return read(*arguments)
        except ModelError as error:
            self.add(error.reason)
            return None


def read_spec(entry: dict[str, t.Any], position: int, default_state: str = PRESENT) -> Spec:
    """One entry as a spec. Raises ModelError with everything that is wrong."""
    faults = _Faults()
    called = entry.get("model_name")
    shown = called.get(DATE, called) if isinstance(called, dict) else called
    name = f"entry {position} of the list" if shown in (None, "") or isinstance(shown, dict) else str(shown)
    model_name = faults.of(_read, name, "model_name", called)
    if not faults.reasons and not (model_name or "").strip():
        faults.add("model_name is missing (null and ~ are no names: put them in quotes)")
    empty = frozenset(option for option in NEEDED if entry.get(option) == "" or (option == "api_key" and _is_blank(entry.get(option))))
    without_key = str(entry.get("api_key")).lower() == "false"
    entry = dict(entry, **dict.fromkeys(empty), **({"api_key": None} if without_key else {}))
    given = {option: faults.of(_read, name, option, entry.get(option)) for option in (*BY_OPTION, *SPEC_ONLY) if option != "model_name"}
    if given["state"] not in (None, PRESENT, ABSENT):
        faults.add("state must be present or absent")
    if given["model_id"] and ("/" in given["model_id"] or given["model_id"] in (".", "..")):
        faults.add("model_id must not hold a slash, or be . or ..: LiteLLM cannot be asked for such an id")
    if given["model_id"] and given["state"] != ABSENT:
        faults.of(_check_storable, name, "model_id", "litellm_model_id", given["model_id"])
    faults.of(_take_free_parameters, name, given)
    for source in ("extra_params", "secret_params", "extra_info"):
        for reason in _made_by_yaml(source, given[source] or {}):
            faults.add(reason)
    spec = Spec(
        model_name=model_name or name,
        position=position,
        state=given["state"] or default_state,
        options={option: value for option, value in given.items() if option in BY_OPTION and value is not None},
        model_id=given["model_id"],
        extra_params=faults.of(_with_flags, name, _secrets_as_text(given["extra_params"] or {}, is_secret)) or {},
        secret_params=_secrets_as_text(given["secret_params"] or {}, lambda _name, _value: True),
        extra_info=faults.of(read_info, name, given["extra_info"] or {}) or {},
        without_key=without_key,
        empty=empty,
    )
    for check in (_check_lines, _check_litellm_model, _check_address, _check_not_masked):
        faults.of(check, spec)
    _check_free_parameters(spec, given, faults)
    if faults.reasons:
        raise ModelError(name, "; ".join(faults.reasons))
    return spec


def _is_blank(value: t.Any) -> bool:
    return isinstance(value, str) and not value.strip()


def _read(model_name: str, option: str, value: t.Any) -> t.Any:
    """One option as ``read_option`` reads it. Raises ModelError also for what YAML took for something else."""
    field = BY_OPTION.get(option)
    kind = field.type if field else SPEC_ONLY[option]
    if kind == "str":
        _check_text(model_name, option, value, bool(field and field.secret))
    if kind == "list" and isinstance(value, (list, tuple)):
        for member in value:
            _check_text(model_name, option, member, False)
    if kind == "dict" and _tag_of(value):
        raise ModelError(model_name, f"{option} must be a dictionary")
    return read_option(model_name, option, value)


def _check_text(model_name: str, option: str, value: t.Any, secret: bool) -> None:
    """Raise ModelError for what YAML made of a text."""
    made = made_of_text(value, secret)
    if made:
        raise ModelError(model_name, NO_TEXT.format(option, made))


def made_of_text(value: t.Any, secret: bool = False) -> str | None:
    """What YAML made of a text: a number, true or false, a date. Nobody knows what was written (1.10 is 1.1, 0777 is 511).

    None where it is a text, nothing, or a structure. The number of a ``secret`` is not said.
    """
    tag = _tag_of(value)
    if tag:
        return MADE_BY_YAML[tag]
    if value is None or isinstance(value, (str, dict, list, tuple)):
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return "a number" if secret else f"the number {value}"
    return "a date"


def _tag_of(value: t.Any) -> str | None:
    """YAML's tag of a value that the role hands on as a dictionary; None of anything else."""
    tag = next(iter(value)) if isinstance(value, dict) and len(value) == 1 else None
    return tag if isinstance(tag, str) and tag in MADE_BY_YAML else None


def check_complete(spec: Spec) -> None:
    """Raise ModelError where the spec has too little to create a deployment from."""
    if "litellm_model" not in spec.options:
        raise ModelError(spec.model_name, "litellm_model is {0} (provider/model)".format(_lack(spec, "litellm_model")))
    lacks = []
    if spec.provider in SELF_HOSTED and "api_base" not in spec.options and not _uses_credential(spec):
        lacks.append("api_base is {0} (provider {1} has no address of its own)".format(_lack(spec, "api_base"), spec.provider))
    if spec.provider not in KEYLESS and not spec.without_key and not _signs_in(spec):
        lacks.append(
            "api_key is {0}. Give one of these: api_key, which is os.environ/NAME for a key in LiteLLM's own environment, and any text "
            "for a server that checks none; credential; what else the provider signs in with, such as azure_ad_token, or tenant_id, "
            "client_id and client_secret, in secret_params; or api_key: false, where LiteLLM signs in itself, as with a managed "
            "identity".format(_lack(spec, "api_key"))
        )
    if lacks:
        raise ModelError(spec.model_name, "; ".join(lacks))


def _lack(spec: Spec, option: str) -> str:
    return "empty" if option in spec.empty else "missing"


def _signs_in(spec: Spec) -> bool:
    """Whether the spec gives a key, or anything else that LiteLLM knows to sign in with."""
    if "api_key" in spec.options or spec.secret_params or _uses_credential(spec):
        return True
    given = {name: value for name, value in spec.extra_params.items() if value}
    return any(name in given for name in SIGN_IN) or any(True for name, value in given.items() for _secret in secrets_in(name, value))


def _check_storable(model_name: str, option: str, column: str, value: str) -> None:
    """Raise ModelError where LiteLLM would take a value that no row of LiteMaaS can have."""
    try:
        check_limits(BY_COLUMN[column], value)
    except ValueError as error:
        raise ModelError(model_name, f"{option} {error} in LiteMaaS") from None


def _secrets_as_text(parameters: dict[str, t.Any], hides: t.Callable[[str, t.Any], bool]) -> dict[str, t.Any]:
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


def stored_in_the_clear(spec: Spec) -> list[str]:
    """Where a spec has secrets that LiteLLM does not encrypt: in model_info, and within a structure that it takes as such only."""
    structures = {name: value for name, value in spec.extra_params.items() if not isinstance(value, str)}
    places = [place for name, value in structures.items() for place, _secret in located_secrets(name, value)]
    places += ["extra_info." + place for name, value in spec.extra_info.items() for place, _secret in located_secrets(name, value)]
    return places + [name for name, value in spec.secret_params.items() if isinstance(value, (dict, list))]


def _uses_credential(spec: Spec) -> bool:
    """Whether the connection comes from a credential that is stored in LiteLLM."""
    parameters = dict(spec.extra_params, **spec.secret_params)
    return bool(spec.options.get("credential") or parameters.get("litellm_credential_name"))


def _check_litellm_model(spec: Spec) -> None:
    """A model's name at its provider may begin with a slash (a path), so only the first slash ends the provider.

    An entry that takes a model away may name what LiteLLM has, whatever that is.
    """
    given = spec.options.get("litellm_model")
    if given is None or spec.state == ABSENT:
        return
    before, slash, after = given.partition("/")
    if not (after if slash else before).strip():
        raise ModelError(spec.model_name, "litellm_model names no model: it must be provider/model")
    if slash and not before.strip() and "custom_llm_provider" not in spec.options:
        raise ModelError(spec.model_name, "litellm_model names no provider: it must be provider/model")
    if slash:
        _check_storable(spec.model_name, "the provider in litellm_model", "provider", before)


def _check_address(spec: Spec) -> None:
    address = spec.options.get("api_base", "")
    if address and not address.lower().startswith(("http://", "https://", "os.environ/")):
        raise ModelError(spec.model_name, "api_base must start with http:// or https:// (or be os.environ/NAME)")


def _take_free_parameters(model_name: str, given: dict[str, t.Any]) -> None:
    """Take as options what stood in extra_params before it had an option. Raises ModelError where both say different things.

    A reference to LiteLLM's environment stays a parameter: it is no value of the option's type.
    """
    parameters = dict(given["extra_params"] or {})
    for parameter, field in _free_fields().items():
        value = parameters.get(parameter)
        if value is None or (isinstance(value, str) and value.startswith("os.environ/")):
            continue
        option = str(field.option)
        read = _read(model_name, option, parameters.pop(parameter))
        if given[option] not in (None, read):
            raise ModelError(model_name, f"{option} is given twice, and extra_params holds another {parameter}: leave that out")
        given[option] = read
    given["extra_params"] = parameters


def _free_fields() -> dict[str, Field]:
    """Parameters of LiteLLM that have an option, and that extra_params may hold all the same."""
    return {path[1]: field for field in BY_OPTION.values() if field.free for path in field.paths}


def _check_free_parameters(spec: Spec, given: t.Mapping[str, t.Any], faults: _Faults) -> None:
    """Note what is wrong with free parameters. ``given`` are the entry's options, before secrets among them became texts."""
    named = {path[1]: option for option, field in BY_OPTION.items() for path in field.paths if path[0] == "litellm_params"}
    for source in ("extra_params", "secret_params"):
        for parameter, value in (given[source] or {}).items():
            option = named.get(parameter)
            if option and (option in spec.options or not BY_OPTION[option].free):
                faults.add(f"{source} holds {parameter}: give it as the option {option}")
            elif parameter in BACKEND_PARAMETERS:
                faults.of(_check_text, spec.model_name, f"{parameter} in {source}", value, source == "secret_params")
            else:
                # A structure that is a secret is sent as JSON text.
                secret = source == "secret_params" or (isinstance(value, dict) and is_secret(parameter, value))
                for where, made in _secrets_without_quotes(parameter, value, secret):
                    faults.add(NO_TEXT.format(f"{where} in {source}", made))
            place = place_of_parameter(str(parameter))
            if place:
                faults.add(f"{source} holds {parameter}, where LiteLLM does not read it: give it {place}")
    for parameter, value in (given["extra_info"] or {}).items():
        for where, made in _secrets_without_quotes(str(parameter), value, False):
            faults.add(NO_TEXT.format(f"{where} in extra_info", made))
    for source, parameters in (("extra_params", spec.extra_params), ("secret_params", spec.secret_params), ("extra_info", spec.extra_info)):
        for parameter, value in parameters.items():
            faults.of(_check_value, spec.model_name, source, parameter, value)
    twice = sorted(set(spec.extra_params) & set(spec.secret_params))
    if twice:
        faults.add("{0} stands in extra_params and in secret_params".format(", ".join(twice)))


def _made_by_yaml(source: str, value: t.Any, around: str = "") -> t.Iterator[str]:
    """A sentence for each part of a free parameter, at any depth, that YAML took for something which JSON cannot hold."""
    tag, place = _tag_of(value), f"{around} in {source}" if around else source
    if tag:
        yield (NO_TEXT if tag != SET else "{0} must be a list, and is a set: write a list").format(place, MADE_BY_YAML[tag])
    elif isinstance(value, dict):
        for name, member in value.items():
            tag = str(name).partition(" ")[0]
            if tag in MADE_BY_YAML:
                yield NO_TEXT.format(f"a name in {place}", MADE_BY_YAML[tag])
            else:
                yield from _made_by_yaml(source, member, f"{around}.{name}" if around else str(name))
    elif isinstance(value, list):
        for member in value:
            yield from _made_by_yaml(source, member, around)


def _secrets_without_quotes(place: str, value: t.Any, secret: bool) -> t.Iterator[tuple[str, str]]:
    """Where in a parameter a secret is that YAML took for a number, true or false, and what it made of it.

    A dictionary that is a ``secret`` is sent as JSON text, in which numbers are what they are.
    """
    made = made_of_text(value, secret=True)
    if made and (secret or lacks_quotes(place.rpartition(".")[2], value)):
        yield place, made
    elif isinstance(value, dict) and (not secret or place.partition(".")[0] in STRUCTURES):
        for name, member in value.items():
            yield from _secrets_without_quotes(f"{place}.{name}", member, secret and place.partition(".")[0] in HEADERS)
    elif isinstance(value, list):
        for member in value:
            yield from _secrets_without_quotes(place, member, secret)


def _check_value(model_name: str, source: str, parameter: str, value: t.Any) -> None:
    if value is None:
        raise ModelError(model_name, f"{source} holds {parameter} without a value: leave it out")
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        raise ModelError(model_name, f"{source} holds {parameter}, which is nothing that JSON can hold") from None
    declared = _PRICE.fullmatch(str(parameter)) is not None or (source != "extra_info" and parameter in NUMBERS)
    if any(_is_endless(member, texts=declared and member is value) for member in (value, *_members(value))):
        raise ModelError(model_name, f"{source} holds {parameter}: {ENDLESS}")
    try:
        for text in (parameter, *_texts(value)):
            to_text(text)
    except ValueError as error:
        raise ModelError(model_name, f"{source}: a text of {parameter!a} {error}") from None
    if source != "extra_info" and any(member is None for member in _members(value)):
        raise ModelError(model_name, f"{source} holds a null in {parameter!a}: LiteLLM makes the text None of it, so leave it out")
    if any(LINE_SEPARATORS.intersection(text) for text in (parameter, *_texts(value))):
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


def _check_lines(spec: Spec) -> None:
    """Raise ModelError where LiteLLM would not keep a text as it is."""
    for option, value in dict(spec.options, model_name=spec.model_name, model_id=spec.model_id).items():
        if isinstance(value, str) and LINE_SEPARATORS.intersection(value):
            raise ModelError(spec.model_name, f"{option} {SEPARATED}")


def _with_flags(model_name: str, parameters: dict[str, t.Any]) -> dict[str, t.Any]:
    """The parameters, with those as truth values that LiteLLM makes truth values of."""
    read = dict(parameters)
    for name in STICKY_FLAGS:
        if read.get(name) is not None:
            try:
                read[name] = to_bool(read[name])
            except ValueError as error:
                raise ModelError(model_name, f"{name} {error}") from None
    return read


def _members(value: t.Any) -> t.Iterator[t.Any]:
    """Every value within a structure, at any depth."""
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for member in members:
        yield member
        yield from _members(member)


def _texts(value: t.Any) -> t.Iterator[str]:
    """Every text in a value, the names of its members too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for member in [*value, *value.values()] if isinstance(value, dict) else value:
            yield from _texts(member)


def _check_not_masked(spec: Spec) -> None:
    parameters = {**spec.secret_params, **spec.extra_params, **spec.extra_info}
    if "api_key" in spec.options:
        parameters["api_key"] = spec.options["api_key"]
    masked = sorted(name for name, value in parameters.items() if has_mask(value))
    if masked:
        raise ModelError(
            spec.model_name,
            "{0} is masked, as LiteLLM shows it, and not the secret itself: give the real value or leave it out".format(", ".join(masked)),
        )


def _without_collisions(specs: list[Spec], errors: list[ModelError]) -> list[Spec]:
    """The specs that no other one contradicts; appends an error for each that is contradicted."""
    places: dict[tuple[t.Any, ...], list[int]] = {}
    for spec in specs:
        places.setdefault(_claim(spec), []).append(spec.position)
    whole_names = {spec.model_name: spec.position for spec in specs if _means_whole_name(spec)}
    kept = []
    for spec in specs:
        positions = places[_claim(spec)]
        if spec.model_name in whole_names and not spec.model_id:
            positions = [other.position for other in specs if other.model_name == spec.model_name and not other.model_id]
        if len(positions) == 1:
            kept.append(spec)
            continue
        errors.append(
            ModelError(
                spec.model_name,
                f"entries {listed(positions)} of the list mean the same deployment: give each its own litellm_model, "
                "api_base, region, project, credential "
                "or model_id",
                position=spec.position,
            )
        )
    return kept


def _means_whole_name(spec: Spec) -> bool:
    """Whether a spec takes a model away whatever its deployments are, so that no other entry can be about that name."""
    return spec.state == ABSENT and not spec.model_id and not {"litellm_model", "api_base"} & set(spec.options) and not spec.backend()


def _claim(spec: Spec) -> tuple[t.Any, ...]:
    return ("id", spec.model_id) if spec.model_id else (*spec.variant(), *sorted(spec.backend().items()))
