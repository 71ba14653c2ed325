# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What LiteLLM cannot read of a deployment, because its salt key is another one than when it was saved. Pure.

LiteLLM takes an encrypted text that it cannot read for the value itself, and shows it. So it knows no provider for such a model,
and does not serve it.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import re
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.masks import is_masked
from ansible_collections.litemaas.models.plugins.module_utils._common.parameters import BACKEND_PARAMETERS

# Parameters in which nobody has a text that looks encrypted. In others it may be a token of a provider.
TELLING = ("model", "api_base", "base_url", "api_version", *BACKEND_PARAMETERS)

# At least a nonce of 24 bytes and a checksum of 16, in base64 for URLs; or LiteLLM's mark of the newer algorithm.
_ENCRYPTED = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])[A-Za-z0-9_-]{54,}={0,2}")
_MARK = "v2:gcm:"

# Stands in changes for a value that LiteLLM cannot read.
UNREADABLE = "(cannot be read)"


def looks_encrypted(value: t.Any) -> bool:
    """Whether a value is as LiteLLM stores an encrypted text."""
    if not isinstance(value, str):
        return False
    return value.startswith(_MARK) or (len(value) % 4 == 0 and _ENCRYPTED.fullmatch(value) is not None)


def unreadable(params: t.Mapping[str, t.Any]) -> list[str]:
    """The names of those parameters, as they are shown, that LiteLLM cannot read. Of a masked one only the model tells."""
    if not any(looks_encrypted(params.get(name)) for name in TELLING):
        return []
    whole = looks_encrypted(params.get("model"))
    return sorted(name for name, value in params.items() if looks_encrypted(value) or (whole and is_masked(value)))
