# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One try that failed, and what LiteLLM's answer means where it is none of success."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import os
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.environment import proxy_variable
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import (
    AuthenticationFailed,
    NotFound,
    PermissionMissing,
    ProxyError,
    ProxyUnavailable,
    ProxyUnreachable,
)
from ansible_collections.litemaas.models.plugins.module_utils._common.network import REPEATED_STATUS
from ansible_collections.litemaas.models.plugins.module_utils._litellm.address import target
from ansible_collections.litemaas.models.plugins.module_utils._litellm.answers import NO_ADMIN, NO_SUCH_PATH, Answer, server_sentence
from ansible_collections.litemaas.models.plugins.module_utils._litellm.patience import retry_after
from ansible_collections.litemaas.models.plugins.module_utils._litellm.session import Connection

REPEATABLE = frozenset(("GET", "PATCH"))


class Failed(Exception):
    """One try that failed.

    ``error`` is what it would be to the caller, ``cause`` the same in a few words. ``harmless``: the proxy certainly did
    nothing. ``final``: another try would end in the same way. ``counts``: a sign that the proxy is not well.
    ``retry_after``: seconds that the server asks to wait.
    """

    def __init__(
        self,
        error: ProxyError,
        cause: str,
        harmless: bool = False,
        final: bool = False,
        counts: bool = True,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(cause)
        self.error = error
        self.cause = cause
        self.harmless = harmless
        self.final = final
        self.counts = counts
        self.retry_after = retry_after

    def may_repeat(self, method: str) -> bool:
        """Whether the request may be sent once more."""
        return not self.final and (self.harmless or method in REPEATABLE)


def raise_for_status(answer: Answer, request: str, connection: Connection, path: str, without_secrets: t.Callable[[str], str]) -> None:
    """Raise what an answer other than success means: Failed where another try may help, else a ProxyError. ``request`` names it."""
    status, url = answer.status, connection.url.value
    if status < 300:
        return
    sentence = server_sentence(answer, without_secrets)
    if status < 400:
        leads_to = target(url, path, answer.headers.get("Location", ""))
        error = ProxyError("LiteLLM at {0} answers with a redirect to {1}".format(url, leads_to or "nowhere"), status=status)
        error.leads_to, error.foreign = leads_to, "a redirect to {0}".format(leads_to or "nowhere")
        raise error
    if status in (401, 403) and not answer.is_json:
        error = ProxyError(
            f"What answers at {url} is not LiteLLM, and requires another login than the API key (HTTP {status}: {sentence})",
            status=status,
        )
        error.foreign = f"HTTP {status}: {sentence}"
        raise error
    if status == 403 or (status == 401 and NO_ADMIN in sentence):
        raise PermissionMissing(
            f"Permission denied: the API key is not a proxy administrator's, or is restricted ({sentence})",
            status=status,
            said=sentence,
        )
    if status == 401:
        raise AuthenticationFailed(
            f"Authentication failed: Invalid API key. LiteLLM at {url} does not know this key (HTTP 401): check "
            f"{connection.key.origin.name}",
            status=status,
        )
    if status == 404 and (not answer.is_json or sentence.lower() in NO_SUCH_PATH):
        error = ProxyError(f"LiteLLM at {url} does not know {request} (HTTP 404: {sentence})", status=status)
        error.foreign = f"HTTP 404: {sentence}"
        raise error
    if status == 404:
        raise NotFound(sentence, status=status)
    if status == 407:
        sentence = "Failed to connect to LiteLLM at {0}: the proxy that {1} in the environment names wants a user and a password (HTTP 407)"
        name = proxy_variable(url, os.environ) or "HTTP_PROXY"
        raise Failed(ProxyUnreachable(sentence.format(url, name), status=status), "HTTP 407", harmless=True, final=True)
    if status >= 500 or status == 429:
        raise Failed(
            ProxyUnavailable(f"LiteLLM at {url} failed with HTTP {status}: {sentence}", status=status),
            f"HTTP {status}",
            harmless=status == 429,
            final=status not in REPEATED_STATUS,
            # With a 500 in JSON LiteLLM refuses single models too, for example one whose provider it does not know.
            counts=status != 500 or not answer.is_json,
            retry_after=retry_after(answer.headers.get("Retry-After")),
        )
    error = ProxyError(f"LiteLLM refused the request with HTTP {status}: {sentence}", status=status)
    if not answer.is_json:
        error.foreign = f"HTTP {status}: {sentence}"
    raise error


def json_of(answer: Answer, url: str, shape: type[t.Any]) -> t.Any:
    """The JSON of an answer, which must be an object or, where that was asked for, a list."""
    if not isinstance(answer.body, shape):
        said = "something other than JSON ({0})".format(answer.headers.get("Content-Type", "no content type"))
        error = ProxyUnavailable(f"LiteLLM at {url} answered with {said}", status=answer.status)
        # JSON that breaks off is not somebody else's.
        if answer.is_json or "json" not in said.lower().partition("(")[2]:
            error.foreign = said
        raise Failed(error, "no JSON", final=True)
    return answer.body
