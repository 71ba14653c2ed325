# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The column metadata: what LiteLLM says of a model, without secrets and without what changes by itself. Pure."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import json
import math
import re
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.masks import has_mask, is_masked
from ansible_collections.litemaas.models.plugins.module_utils._common.redact import Redactor
from ansible_collections.litemaas.models.plugins.module_utils._common.secrets_in_data import secrets_in, without_secrets
from ansible_collections.litemaas.models.plugins.module_utils._common.secrets_in_text import may_hold_secret
from ansible_collections.litemaas.models.plugins.module_utils._common.values import to_text
from ansible_collections.litemaas.models.plugins.module_utils._litemaas.plan import Row

# What the backend always writes.
CATEGORY = "Language Model"
VERSION = "1.0"
# What only one of LiteLLM's lists shows, and what this collection keeps for itself.
_VOLATILE = re.compile(r"^(access_via_team_ids|direct_access|litemaas_writing|litemaas_.*_hmac)$")
_redact = Redactor()


def clean_metadata(metadata: Row) -> Row:
    """Metadata as it is stored: without secrets, masks, and what only one of LiteLLM's lists shows. Raises ValueError."""
    cleaned: Row = {}
    for part, content in metadata.items():
        if part == "litellm_params" and isinstance(content, dict):
            content = {name: without_secrets(name, value) for name, value in content.items()}
        if part == "litellm_model_info" and isinstance(content, dict):
            content = {key: value for key, value in content.items() if not _VOLATILE.match(key)}
        text = storable(content)
        # To look at the text is much quicker than to look at each value.
        clean = text is not None and not may_hold_secret(text) and not is_masked(text)
        cleaned[part] = content if clean else _clean(content)
    return cleaned


def storable(value: t.Any) -> str | None:
    """A value as JSON text, or None where PostgreSQL's jsonb may not hold it."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        text.encode("utf-8")
    except ValueError:
        return None
    return None if "\\u0000" in text else text


def _clean(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {to_text(key): _clean(member) for key, member in value.items() if not is_masked(member)}
    if isinstance(value, list):
        return [_clean(member) for member in value if not is_masked(member)]
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("holds a number that is not finite")
    return _redact.text(to_text(value)) if isinstance(value, str) else value


def holds_secret(metadata: t.Any) -> bool:
    """Whether stored metadata has a secret in the clear."""
    if not isinstance(metadata, dict):
        return False
    params = metadata.get("litellm_params")
    named = params.items() if isinstance(params, dict) else ()
    return _has_secret_text(metadata) or any(not has_mask(secret) for name, value in named for secret in secrets_in(name, value))


def _has_secret_text(value: t.Any) -> bool:
    if isinstance(value, dict):
        return any(_has_secret_text(member) for member in value.values())
    if isinstance(value, list):
        return any(_has_secret_text(member) for member in value)
    return isinstance(value, str) and not is_masked(value) and _redact.text(value) != value
