# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses as a module that is given them would take them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ansible_collections.litemaas.models.plugins.module_utils._litellm.session import Connection
from ansible_collections.litemaas.models.plugins.module_utils._postgres.target import Target, read_target
from ansible_collections.litemaas.models.plugins.module_utils._run import endpoints
from ansible_collections.litemaas.models.plugins.module_utils._run.endpoints import Endpoint

NO_ENVIRONMENT: dict[str, str] = {}


def endpoint(option: str, value: str, **reached: Any) -> Endpoint:
    """Return what an option of this value is; ``reached`` is how it is got to."""
    return dataclasses.replace(endpoints.resolve(option, value, NO_ENVIRONMENT), **reached)


def proxy_connection(url: str, key: str, reached: Mapping[str, Any] | None = None, **patience: Any) -> Connection:
    """Return how to get to a proxy."""
    return Connection(endpoint(endpoints.PROXY, url, **(reached or {})), endpoint(endpoints.KEY, key), **patience)


def database_target(url: str, option: str = endpoints.DATABASE) -> Target:
    """Return what to connect with to the database of a URL."""
    return read_target(endpoint(option, url), NO_ENVIRONMENT)
