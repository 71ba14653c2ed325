# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The door to LiteLLM: the proxy that a run's options, its environment or its namespace name. It alone sees the run."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import InputError
from ansible_collections.litemaas.models.plugins.module_utils._common.network import verification
from ansible_collections.litemaas.models.plugins.module_utils._common.secrets_in_text import address_secrets
from ansible_collections.litemaas.models.plugins.module_utils._litellm.address import clean_url
from ansible_collections.litemaas.models.plugins.module_utils._litellm.client import LiteLLM
from ansible_collections.litemaas.models.plugins.module_utils._litellm.session import Connection
from ansible_collections.litemaas.models.plugins.module_utils._litellm.transport import Http
from ansible_collections.litemaas.models.plugins.module_utils._run import endpoints

if t.TYPE_CHECKING:
    from ansible_collections.litemaas.models.plugins.module_utils._run.context import Run


# (option, least, most)
LIMITS = (("timeout", 1, 86400), ("retries", 0, 100), ("retry_delay", 0, 3600))


def connect(run: Run) -> LiteLLM:
    """The proxy that the module's options name, or that is found in their namespace. Closes with the run.

    Registers its key as a secret. Raises InputError, DiscoveryFailed, ClusterError.
    """
    params = run.params
    timeout, retries, delay = (_number_within(params, option, least, most) for option, least, most in LIMITS)
    verify = verification(params)
    proxy = locate(run)
    if verify is False and proxy.url.value.lower().startswith("https://"):
        run.warn(f"TLS certificates of {proxy.url.value} are not checked (validate_certs is false)")
    connection = Connection(proxy.url, proxy.key, verify, timeout, int(retries), delay)

    def tried_again(sentence: str) -> None:
        run.log(sentence)
        run.progress.retries += 1

    http = Http(connection, tried_again, run.experience, run.redactor.text)
    run.experience = http.experience
    run.resources.callback(http.close)
    return LiteLLM(http, progress=run.progress)


def locate(run: Run) -> endpoints.Proxy:
    """Where the proxy is, and its key. Asks no proxy. Raises as ``connect``."""
    found = endpoints.proxy(run)
    if not (found.key.value.isascii() and found.key.value.isprintable()):
        raise InputError(
            f"{found.key.origin.name} has characters that a key cannot have: check for a line break or a character that is not ASCII"
        )
    url = dataclasses.replace(found.url, value=clean_url(found.url))
    run.keep_secret(*address_secrets(url.value))
    return dataclasses.replace(found, url=url)


def _number_within(params: dict[str, t.Any], option: str, least: int, most: int) -> float:
    """A number. Raises InputError where it is none that can be meant."""
    if not least <= params[option] <= most:
        raise InputError(f"{option} must be between {least} and {most}")
    return float(params[option])
