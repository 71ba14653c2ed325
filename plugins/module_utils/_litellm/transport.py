# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JSON over one requests.Session: timeout, retry, circuit breaker, errors as sentences.

What is repeated: a connection that was never made (any request), 429 (any request: the server refused before it did
anything), and for GET and PATCH, which give the same result when they run twice, also lost answers, 502, 503 and 504.
A POST is never repeated here.

How long it can take: one try takes at most ``timeout`` seconds (and GRACE), whatever the server does. A request has at most
``retries`` + 1 tries. All waiting between tries is at most LONGEST_WAITING seconds in a run. After BREAKER_FAILURES failed
tries in a row there are no new requests for BREAKER_SECONDS: with a proxy that is dead a run loses at most
(retries + BREAKER_FAILURES) * timeout + LONGEST_WAITING seconds.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import dataclasses
import os
import secrets
import time
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.background import Background, TooLate
from ansible_collections.litemaas.models.plugins.module_utils._common.counted import counted
from ansible_collections.litemaas.models.plugins.module_utils._common.environment import proxy_variable
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import ProxyError, ProxyTimeout, ProxyUnreachable
from ansible_collections.litemaas.models.plugins.module_utils._common.libraries import missing
from ansible_collections.litemaas.models.plugins.module_utils._common.network import (
    never_made,
    root_cause,
    through_proxy,
    tls_reason,
    unusable,
)
from ansible_collections.litemaas.models.plugins.module_utils._litellm.address import advice
from ansible_collections.litemaas.models.plugins.module_utils._litellm.answers import Answer, Json, cache_sign
from ansible_collections.litemaas.models.plugins.module_utils._litellm.failures import Failed, json_of, raise_for_status
from ansible_collections.litemaas.models.plugins.module_utils._litellm.json_stream import TooLarge
from ansible_collections.litemaas.models.plugins.module_utils._litellm.patience import LONGEST_WAITING, Breaker, Experience, Patience
from ansible_collections.litemaas.models.plugins.module_utils._litellm.session import Connection, new_session, read_answer

try:
    import requests
except ImportError:
    requests = None  # type: ignore[assignment]


# Each GET is another one to a cache, and asks for an answer of the server itself.
UNIQUE = "_"
# Seconds that requests' own limits get before the limit for the whole try, so that they can tell what it was.
GRACE = 0.5
# So many seconds an address gets that is only tried.
SHORT_TIME = 5.0


class Http:
    """JSON requests to one proxy."""

    def __init__(
        self,
        connection: Connection,
        say: t.Callable[[str], None] = lambda sentence: None,
        experience: Experience | None = None,
        without_secrets: t.Callable[[str], str] = lambda sentence: sentence,
    ) -> None:
        if requests is None:
            raise missing("requests")
        self.connection = connection
        self.url = connection.url.value
        self._say = say
        self._without_secrets = without_secrets
        self.experience = experience or Experience(Patience(connection.retry_delay), Breaker())
        self._patience, self._breaker = self.experience
        # The header by which a cache told that an answer was its own: of the first such answer.
        self.cached = ""
        # How many bytes all answers had, unpacked.
        self.received = 0
        self._session = new_session(self.connection)

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def reconnect(self) -> None:
        """Use a new connection from now on: behind one address may stand several workers, each with its own view."""
        self._session.close()
        self._session = new_session(self.connection)

    def get(self, path: str, **query: t.Any) -> Json:
        """GET a JSON object."""
        return self.request("GET", path, query=query)

    def get_list(self, path: str) -> list[t.Any]:
        """GET a JSON list."""
        answer: list[t.Any] = self._request("GET", path, shape=list)
        return answer

    def post(self, path: str, body: Json) -> Json:
        """POST a JSON object, once."""
        return self.request("POST", path, body=body)

    def patch(self, path: str, body: Json) -> Json:
        """PATCH with a JSON object."""
        return self.request("PATCH", path, body=body)

    def request(self, method: str, path: str, query: Json | None = None, body: Json | None = None) -> Json:
        """One request; the answer's JSON object. Raises a ProxyError whose ``ambiguous`` says whether it may have worked."""
        answer: Json = self._request(method, path, query, body)
        return answer

    def _request(self, method: str, path: str, query: Json | None = None, body: Json | None = None, shape: type[t.Any] = dict) -> t.Any:
        self._breaker.check()
        tried, harmless = 0, True
        while True:
            tried += 1
            try:
                return self._try(method, path, query, body, shape)
            except Failed as failed:
                harmless = harmless and failed.harmless
                if self._wait(method, path, failed, tried):
                    continue
                failed.error.ambiguous = not harmless
                problems = self.connection.url.problems
                if problems and isinstance(failed.error, ProxyUnreachable):
                    failed.error.add(" (the port-forward says: {0})".format("; ".join(problems)))
                raise failed.error from None

    def _try(self, method: str, path: str, query: Json | None, body: Json | None, shape: type[t.Any]) -> t.Any:
        """Send the request once. Raises Failed where it may be worth another try, or another ProxyError."""
        try:
            answer = self._send(method, path, query, body)
            self.cached = self.cached or cache_sign(answer.headers)
            self.received += answer.length
            raise_for_status(answer, f"{method} {path}", self.connection, path, self._without_secrets)
            result = json_of(answer, self.url, shape)
        except Failed as failed:
            if failed.counts:
                self._breaker.failure()
            raise
        except ProxyError:
            self._breaker.success()
            raise
        self._breaker.success()
        return result

    def _wait(self, method: str, path: str, failed: Failed, tried: int) -> bool:
        """Wait before the next try and say so. False where there is none; the error then says what was tried."""
        left = self.connection.retries + 1 - tried
        ending = ""
        if left > 0 and failed.may_repeat(method):
            seconds = self._patience.pause(tried, failed.retry_after)
            if seconds is not None:
                sentence = "{0} {1}: {2}, trying again in {3:.1f} seconds ({4} left), waited {5:.1f} seconds in this run"
                self._say(sentence.format(method, path, failed.cause, seconds, left - 1, self._patience.waited))
                time.sleep(seconds)
                return True
            ending = f", a run waits {LONGEST_WAITING:.0f} seconds at most"
            if failed.retry_after:
                ending += f", it asks for {failed.retry_after:.0f}"
        if tried > 1 or ending:
            failed.error.add(f" (tries: {tried}, waited {self._patience.waited:.1f} seconds in this run{ending})")
        return False

    def _send(self, method: str, path: str, query: Json | None, body: Json | None) -> Answer:
        connection, session = self.connection, self._session
        failed_to_connect = f"Failed to connect to LiteLLM at {self.url}: "
        if method == "GET":
            query = {**(query or {}), UNIQUE: secrets.token_hex(8)}

        def send() -> Answer:
            with session.request(
                method,
                self.url + path,
                params=query or None,
                json=body,
                timeout=connection.timeout,
                verify=connection.verify,
                allow_redirects=False,
                stream=True,
            ) as response:
                return read_answer(response)

        try:
            return Background(send).result(connection.timeout + GRACE)
        except TooLate:
            # The connection still belongs to the call that is left to itself.
            self._session = new_session(self.connection)
            raise self._too_late() from None
        except requests.exceptions.SSLError as error:
            reason, refused = tls_reason(error)
            raise Failed(ProxyUnreachable(failed_to_connect + reason), "no TLS connection", harmless=refused, final=refused) from None
        except requests.exceptions.ConnectTimeout as error:
            sentence = self._timeout_sentence() + ("" if proxy_variable(self.url, os.environ) else self._advice(""))
            raise Failed(ProxyTimeout(sentence), root_cause(error), harmless=True) from None
        except requests.exceptions.Timeout:
            raise self._too_late() from None
        except requests.exceptions.ConnectionError as error:
            if "Read timed out" in str(error):
                raise self._too_late() from None
            cause = root_cause(error)
            proxy, unmade = through_proxy(error, self.url), never_made(error)
            sentence = failed_to_connect + proxy + cause + (self._advice(cause) if unmade and not proxy else "")
            raise Failed(ProxyUnreachable(sentence), cause, harmless=unmade) from None
        except requests.exceptions.RequestException as error:
            # Of the address, and of what the environment says, nothing was sent.
            unsent = isinstance(error, ValueError)
            sentence = unusable(error, self.url)
            raise Failed(ProxyUnreachable(failed_to_connect + sentence), sentence, harmless=unsent, final=unsent) from None
        except (OSError, TypeError, ValueError) as error:
            sentence = unusable(error, self.url)
            raise Failed(
                ProxyUnreachable(failed_to_connect + sentence), sentence, harmless=isinstance(error, OSError), final=True
            ) from None
        except TooLarge as error:
            sentence = "LiteLLM at {0}, or what stands before it, gives {1}. Look whether this is the address of LiteLLM"
            raise Failed(ProxyError(sentence.format(self.url, error)), str(error), final=True, counts=False) from None

    def _advice(self, cause: str) -> str:
        return ". " + advice(cause, self.connection.url.origin)

    def _timeout_sentence(self) -> str:
        return f"Request timeout after {self.connection.timeout:g} seconds"

    def _too_late(self) -> Failed:
        return Failed(ProxyTimeout(self._timeout_sentence()), "no answer in {0}".format(counted(self.connection.timeout, "second")))

    def ask_without_key(self, url: str, path: str) -> Answer | None:
        """What is answered at another address to a GET without the key; None where nothing is. Asked once, for a short time."""
        short = min(self.connection.timeout, SHORT_TIME)
        there = dataclasses.replace(self.connection.url, value=url)
        impatient = self.connection._replace(url=there, key=dataclasses.replace(self.connection.key, value=""), retries=0, timeout=short)
        other = Http(impatient, experience=self.experience)
        try:
            return other._send("GET", path, None, None)
        except (Failed, ProxyError):
            return None
        finally:
            other.close()
