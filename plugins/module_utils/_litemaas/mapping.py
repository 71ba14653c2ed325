# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A deployment of LiteLLM as a row of the backend, as the backend itself makes it. Pure."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import functools
import math
import typing as t
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import ModelError
from ansible_collections.litemaas.models.plugins.module_utils._common.fields import FIELDS
from ansible_collections.litemaas.models.plugins.module_utils._common.fingerprints import hmac_key
from ansible_collections.litemaas.models.plugins.module_utils._common.masks import is_masked
from ansible_collections.litemaas.models.plugins.module_utils._common.values import to_bool, to_int, to_text
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.metadata import CATEGORY, VERSION, clean_metadata, storable
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import AVAILABLE, Deployment, Row

UNKNOWN_PROVIDER = "unknown"
COSTS = ("input_cost_per_token", "output_cost_per_token")
COUNTS = ("context_length", "max_tokens", "rpm", "tpm")
# (capability in model_info and column, feature) in the order in which the backend compares features.
CAPABILITIES = (
    ("supports_function_calling", "function_calling"),
    ("supports_parallel_function_calling", "parallel_function_calling"),
    ("supports_tool_choice", "tool_choice"),
    ("supports_vision", "vision"),
)
# Options of a model spec that go into the row as they are; everything else goes to LiteLLM and comes back from there.
PRESENTATION = tuple(
    field for field in FIELDS if field.column and any(path == ("model_info", f"litemaas_{field.option}") for path in field.paths)
)
# Never touched in a row that is there unless a spec of the list says so: a change of access has consequences of its own.
ONLY_GIVEN = frozenset(("restricted_access",))
# Columns that hold LiteLLM's word under every conflict resolution.
ALWAYS_LITELLM = frozenset(("litellm_model_id", "availability"))
_COST_UNIT = Decimal("0.0000000001")
INTEGERS = {"smallint": 2**15, "integer": 2**31, "bigint": 2**63}


def truthy(value: t.Any) -> bool:
    """What JavaScript takes for true."""
    if isinstance(value, float) and math.isnan(value):
        return False
    return not (value is None or value is False or value == "" or (isinstance(value, (int, float)) and value == 0))


def first_given(one: t.Any, other: t.Any) -> t.Any:
    """JavaScript's ``one || other``."""
    return one if truthy(one) else other


def map_deployment(entry: Deployment) -> Row:
    """The row that the backend's own sync would write for a deployment, without description and metadata. Raises ModelError.

    A cost that LiteLLM shows only masked is not in the row: it is unknown.
    """
    name, params, info = entry["model_name"], entry["litellm_params"], entry["model_info"]
    readers: dict[str, t.Callable[[], t.Any]] = {
        "id": lambda: to_text(name),
        "name": lambda: to_text(name),
        "provider": lambda: to_text(provider_of(params)),
        "backend_model_name": lambda: _text(_backend_model_name(params)),
        "category": lambda: CATEGORY,
        "version": lambda: VERSION,
        "supports_streaming": lambda: True,
        "availability": lambda: AVAILABLE,
        "context_length": lambda: _count(info.get("max_tokens")),
        "max_tokens": lambda: _count(info.get("max_tokens")),
        "rpm": lambda: _count(params.get("rpm")),
        "tpm": lambda: _count(params.get("tpm")),
        "api_base": lambda: _text(params.get("api_base")),
        "litellm_model_id": lambda: _text(deployment_id(entry)),
    }
    for column, _feature in CAPABILITIES:
        readers[column] = functools.partial(_capability, info.get(column))
    for column in COSTS:
        value = first_given(info.get(column), params.get(column))
        if not is_masked(value):
            readers[column] = functools.partial(cost, value)
    readers["features"] = lambda: _features(info)
    return {column: _read(name, column, reader) for column, reader in readers.items()}


def map_metadata(entry: Deployment) -> Row:
    """The metadata of a deployment's row, without secrets. Raises ModelError."""
    info = entry["model_info"]
    # What has an HMAC beside it was given as a secret, whatever its name is.
    open_params = {key: value for key, value in entry["litellm_params"].items() if hmac_key(key) not in info}
    metadata = {"litellm_model_info": info, "litellm_params": open_params}
    return t.cast("Row", _read(entry["model_name"], "metadata", lambda: clean_metadata(metadata)))


def _read(name: str, column: str, reader: t.Callable[[], t.Any]) -> t.Any:
    try:
        return reader()
    except ValueError as error:
        raise ModelError(name, f"{column} {error}") from None


def provider_of(params: Row) -> t.Any:
    """The provider of a deployment, by its parameters."""
    model = params.get("model")
    prefix = model.split("/", 1)[0] if isinstance(model, str) and "/" in model else UNKNOWN_PROVIDER
    return first_given(params.get("custom_llm_provider"), prefix)


def _backend_model_name(params: Row) -> t.Any:
    model = params.get("model")
    return model.split("/", 1)[1] if isinstance(model, str) and "/" in model else model


def _text(value: t.Any) -> str | None:
    return to_text(value) if truthy(value) else None


def _count(value: t.Any) -> int | None:
    return (to_int(value) or None) if truthy(value) else None


def _capability(value: t.Any) -> bool:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return truthy(value)
    return to_bool(value) if truthy(value) else False


def cost(value: t.Any) -> Decimal | None:
    """A cost as numeric(15,10) keeps it; None stays None, an explicit 0 is 0."""
    if value is None or value is False or value == "":
        return None
    try:
        number = Decimal(repr(value) if isinstance(value, float) else str(value).strip())
        if isinstance(value, bool) or not number.is_finite():
            raise ValueError("must be a finite number")
        return number.quantize(_COST_UNIT, rounding=ROUND_HALF_UP)
    except InvalidOperation:
        raise ValueError("must be a number that fits its column") from None


def _features(info: Row) -> list[str]:
    # The text "false" is one: the backend's column says no, and its features yes.
    features = [feature for capability, feature in CAPABILITIES if truthy(info.get(capability))]
    if truthy(info.get("supports_embeddings")) or truthy(info.get("supports_embedding")):
        features.append("embeddings")
    else:
        features.append("convert" if truthy(info.get("supports_convert")) else "chat")
    if truthy(info.get("supports_tokenize")):
        features.append("tokenize")
    return features


def check_metadata(entry: Deployment) -> None:
    """Raise ModelError where a deployment has no metadata that can be stored, without making it: it is longer than all else."""
    if storable([entry["litellm_params"], entry["model_info"]]) is None:
        # What is left out of the metadata may be what cannot be stored.
        map_metadata(entry)


def deployment_id(entry: Deployment) -> str | None:
    """The id of a deployment as text, or None."""
    value = entry["model_info"].get("id")
    return None if value is None else str(value)
