# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells the receivers of notify_urls what a run did: one JSON object without secrets. Trouble with one is a sentence, never an error.

All receivers are told at the same time, so that one that is dead delays no other: ALL_SECONDS is the limit for all of them.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import datetime
import json
import time
import typing as t
from urllib.parse import unquote, urlsplit

from ansible_collections.litemaas.models.plugins.module_utils._common.background import Background, TooLate
from ansible_collections.litemaas.models.plugins.module_utils._common.counted import counted
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import InputError
from ansible_collections.litemaas.models.plugins.module_utils._common.libraries import sentence
from ansible_collections.litemaas.models.plugins.module_utils._common.network import (
    REPEATED_STATUS,
    never_made,
    root_cause,
    through_proxy,
    tls_reason,
    unusable,
)

try:
    import requests
    import urllib3
except ImportError:
    requests = None  # type: ignore[assignment]

Payload = dict[str, t.Any]

SECONDS = 10.0
SECONDS_BEFORE_RETRY = 1.0
ALL_SECONDS = 25.0

# How many models and errors, and how many characters of a message, one notification holds.
ENTRIES = 500
CHARACTERS = 2000
# From this length on a path is taken for a token.
SHORTEST_PATH = 12
# How many models the line for chats names.
NAMED = 5

# The code of a failure of some models, beside those of _errors.
MODELS_FAILED = "models_failed"

UNCHANGED = ("unchanged", "skipped")


def receivers(urls: t.Sequence[str] | None) -> list[str]:
    """The addresses of the option notify_urls; empty texts are left out. Raises InputError, without the address: it holds a token."""
    given = [url.strip() for url in urls or [] if url and url.strip()]
    for number, url in enumerate(given, 1):
        if not _is_address(url):
            raise InputError(f"notify_urls must be addresses that begin with http:// or https://, but number {number} is not")
    return given


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def origin(url: str) -> str:
    """Scheme and host of an address: all of it that may be shown."""
    parts = urlsplit(url)
    return "{0}://{1}".format(parts.scheme.lower(), parts.netloc.rpartition("@")[2])


def hidden_parts(url: str) -> list[str]:
    """What of an address may not be shown: all of it, its user and password, and what is behind the host.

    A bare address hides nothing, and a short path may be a word that stands in other sentences too.
    """
    parts = urlsplit(url)
    login = parts.netloc.rpartition("@")[0]
    path = url.partition(parts.netloc)[2].lstrip("/")
    whole = url if login or path else ""
    return [text for text in (whole, login, path if len(path) >= SHORTEST_PATH else "") if text]


def summary(
    module: str, result: t.Mapping[str, t.Any], litellm_url: str | None, by: t.Mapping[str, str], now: datetime.datetime
) -> Payload:
    """What a receiver gets. ``result`` is the module's result, without secrets; ``by`` is started_by(); ``now`` is when the run ended."""
    failed = bool(result.get("failed"))
    models = result.get("models") or []
    counts = {action: number for action, number in (result.get("counts") or {}).items() if number}
    changed_models = [
        {name: model.get(name) for name in ("model_name", "action", "reason")} for model in models if model["action"] not in UNCHANGED
    ]
    errors = result.get("errors") or []
    message = str(result.get("msg") or "")[:CHARACTERS]
    # A result has a failure of its own where all of the task failed.
    failure = result.get("failure") or ({"code": MODELS_FAILED, "message": message} if failed else {})
    return {
        "event": "{0}.{1}".format(module, "failed" if failed else "changed"),
        "text": _text(module, litellm_url, failed, message, counts, [model["model_name"] for model in changed_models]),
        "collection": by["collection"],
        "version": by["version"],
        "module": module,
        "litellm": origin(litellm_url) if litellm_url else None,
        "changed": bool(result.get("changed")),
        "failed": failed,
        "msg": message,
        "failure": {"code": failure["code"], "message": failure["message"][:CHARACTERS]} if failure else None,
        "counts": counts,
        "cascade_statistics": result.get("cascade_statistics"),
        "models": changed_models[:ENTRIES],
        "more": max(0, len(changed_models) - ENTRIES),
        "errors": [error[:CHARACTERS] for error in errors[:ENTRIES]],
        "by": {name: value for name, value in by.items() if name not in ("collection", "version")},
        "finished_at": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _text(module: str, litellm_url: str | None, failed: bool, message: str, counts: t.Mapping[str, int], names: t.Sequence[t.Any]) -> str:
    """One line for chats."""
    place = f" at {origin(litellm_url)}" if litellm_url else ""
    numbers = ", ".join(f"{counts[action]} {action}" for action in sorted(counts))
    named = ", ".join(str(name) for name in names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
    told = [part for part in (numbers, message if failed else named) if part]
    return "{0}{1} {2}: {3}".format(module, place, "failed" if failed else "changed something", "; ".join(told) or "no details")


def send(urls: t.Sequence[str], payload: Payload, verify: bool | str) -> list[str]:
    """POST the payload to each address; a sentence for each that did not get it."""
    if requests is None:
        return ["No notification was sent: {0}".format(sentence(["requests"]))]
    if verify is False:
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    body = json.dumps(payload, default=str).encode("utf-8")
    end = time.monotonic() + ALL_SECONDS
    calls = [(url, Background(_Delivery(url, body, verify))) for url in urls]
    told = [(url, _problem(call, end - time.monotonic())) for url, call in calls]
    sentences = [f"No notification for {origin(url)}: {problem}" for url, problem in told if problem]
    if verify is False and any(url.lower().startswith("https://") for url in urls):
        sentences.append("TLS certificates of the receivers in notify_urls are not checked (validate_certs is false)")
    return sentences


def _problem(call: Background[str | None], seconds: float) -> str | None:
    try:
        return call.result(seconds)
    except TooLate:
        return "no answer in {0}".format(counted(ALL_SECONDS, "second"))
    except Exception as error:  # pylint: disable=broad-except
        # Its text may hold the address.
        return f"unexpected {type(error).__name__}"


class _Delivery:
    """One notification for one receiver, sent twice at the most."""

    def __init__(self, url: str, body: bytes, verify: bool | str) -> None:
        self._url = url
        self._body = body
        self._verify = verify

    def __call__(self) -> str | None:
        """Why the receiver did not get it; None where it did."""
        problem, again = self._post()
        if again:
            time.sleep(SECONDS_BEFORE_RETRY)
            problem, again = self._post()
        return problem

    def _post(self) -> tuple[str | None, bool]:
        """Why it failed, and whether it is worth another try."""
        with requests.Session() as session:
            session.auth = _authentication(self._url)
            try:
                answer = session.post(
                    self._url,
                    data=self._body,
                    headers={"Content-Type": "application/json", "User-Agent": "litemaas.models"},
                    timeout=SECONDS,
                    verify=self._verify,
                    allow_redirects=False,
                    stream=True,
                )
            except requests.exceptions.SSLError as error:
                return tls_reason(error)[0], False
            except requests.exceptions.Timeout:
                return "no answer in {0}".format(counted(SECONDS, "second")), False
            except requests.exceptions.ConnectionError as error:
                return through_proxy(error, self._url) + root_cause(error), never_made(error)
            except (OSError, TypeError, ValueError) as error:
                return unusable(error, self._url), False
        status = answer.status_code
        return (None, False) if status < 300 else (f"it answered with HTTP {status}", status in REPEATED_STATUS)


def _authentication(url: str) -> t.Callable[[t.Any], t.Any]:
    """The user and the password of the address, or none. Always something, because .netrc would be looked into otherwise."""
    parts = urlsplit(url)
    if parts.username or parts.password:
        return t.cast(
            "t.Callable[[t.Any], t.Any]", requests.auth.HTTPBasicAuth(unquote(parts.username or ""), unquote(parts.password or ""))
        )
    return lambda request: request
