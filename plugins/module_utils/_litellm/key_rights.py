# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: what LiteLLM's refusal of one request tells about other ones of the same key."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import re
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import PermissionMissing
from ansible_collections.litemaas.models.plugins.module_utils._litellm.answers import NO_ADMIN

# What writes models.
CREATE_ROUTE = "/model/new"
UPDATE_ROUTE = "/model/{0}/update"
DELETE_ROUTE = "/model/delete"

# How LiteLLM says which routes a key is restricted to, and the groups of routes of which it is known what they have of these.
_RESTRICTED = re.compile(r"Only allowed to call routes: \[(.*?)\]")
_GROUPS = {"llm_api_routes": (), "info_routes": (), "management_routes": (CREATE_ROUTE, DELETE_ROUTE)}
_VIEWER = "user not allowed to access this route, role="


def refuse_like(error: PermissionMissing, routes: t.Sequence[str]) -> None:
    """Raise the refusal of another request where these are refused too."""
    restricted = _RESTRICTED.search(error.message)
    if restricted:
        allowed = re.findall(r"'([^']*)'", restricted.group(1))
        refused = [route for route in routes if not any(_allows(pattern, route) for pattern in allowed)]
        if refused:
            raise PermissionMissing(
                "Permission denied: the API key may not use {0} of LiteLLM, because it is restricted to {1}. Use the master key, or a "
                "proxy administrator's key that may use /model/*".format(" and ".join(refused), ", ".join(allowed) or "no route at all"),
                **error.details,
            ) from None
    elif NO_ADMIN in error.message or _VIEWER in error.message:
        raise PermissionMissing(
            "Permission denied: the API key is not a proxy administrator's, so it may not write models (LiteLLM says: {0}). Use the master "
            "key, or the key of a proxy administrator".format(error.details["said"]),
            status=error.details["status"],
        ) from None


def _allows(pattern: str, route: str) -> bool:
    """Whether a route is one that a key is restricted to. A group of routes that nobody knows here is given the benefit of the doubt."""
    if not pattern.startswith("/"):
        return pattern not in _GROUPS or route in _GROUPS[pattern]
    return re.fullmatch(re.escape(pattern).replace("\\*", ".*"), route) is not None
