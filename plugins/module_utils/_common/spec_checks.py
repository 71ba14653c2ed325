# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a whole spec must hold, and whether it is enough to create a deployment. Pure."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import ModelError
from ansible_collections.litemaas.models.plugins.module_utils._common.field import check_limits
from ansible_collections.litemaas.models.plugins.module_utils._common.fields import BY_COLUMN
from ansible_collections.litemaas.models.plugins.module_utils._common.known_providers import KEYLESS, SELF_HOSTED
from ansible_collections.litemaas.models.plugins.module_utils._common.masks import has_mask
from ansible_collections.litemaas.models.plugins.module_utils._common.parameters import SIGN_IN
from ansible_collections.litemaas.models.plugins.module_utils._common.secrets_in_data import secrets_in
from ansible_collections.litemaas.models.plugins.module_utils._common.spec import ABSENT, Spec

# LiteLLM's database client takes these for ends of lines, and writes blanks behind them.
LINE_SEPARATORS = frozenset("\x85\u2028\u2029")
SEPARATED = "holds a line separator (U+0085, U+2028 or U+2029), which LiteLLM changes: use a line break instead, or leave it out"


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


def _uses_credential(spec: Spec) -> bool:
    """Whether the connection comes from a credential that is stored in LiteLLM."""
    parameters = dict(spec.extra_params, **spec.secret_params)
    return bool(spec.options.get("credential") or parameters.get("litellm_credential_name"))


def check_storable(model_name: str, option: str, column: str, value: str) -> None:
    """Raise ModelError where LiteLLM would take a value that no row of LiteMaaS can have."""
    try:
        check_limits(BY_COLUMN[column], value)
    except ValueError as error:
        raise ModelError(model_name, f"{option} {error} in LiteMaaS") from None


def check_litellm_model(spec: Spec) -> None:
    """Raise ModelError where litellm_model is not provider/model.

    A model's name at its provider may begin with a slash (a path), so only the first slash ends the provider. An entry that removes a
    model may name whatever LiteLLM has.
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
        check_storable(spec.model_name, "the provider in litellm_model", "provider", before)


def check_address(spec: Spec) -> None:
    """Raise ModelError where api_base is no address."""
    address = spec.options.get("api_base", "")
    if address and not address.lower().startswith(("http://", "https://", "os.environ/")):
        raise ModelError(spec.model_name, "api_base must start with http:// or https:// (or be os.environ/NAME)")


def check_lines(spec: Spec) -> None:
    """Raise ModelError where LiteLLM would not keep a text as it is."""
    for option, value in dict(spec.options, model_name=spec.model_name, model_id=spec.model_id).items():
        if isinstance(value, str) and LINE_SEPARATORS.intersection(value):
            raise ModelError(spec.model_name, f"{option} {SEPARATED}")


def check_not_masked(spec: Spec) -> None:
    """Raise ModelError where a value is masked, as LiteLLM shows secrets."""
    parameters = {**spec.secret_params, **spec.extra_params, **spec.extra_info}
    if "api_key" in spec.options:
        parameters["api_key"] = spec.options["api_key"]
    masked = sorted(name for name, value in parameters.items() if has_mask(value))
    if masked:
        raise ModelError(
            spec.model_name,
            "{0} is a masked value, as LiteLLM shows it, and not the secret itself: give the real value or leave it out".format(
                ", ".join(masked)
            ),
        )
