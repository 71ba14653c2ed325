# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

"""JSON over one requests.Session: timeout, retry, circuit breaker, TLS, errors as sentences.

What is repeated: a connection that was never made (any request), 429 (any request: the server refused before it did
anything), and for GET and PATCH, which give the same result when they run twice, also lost answers, 502, 503 and 504.
A POST is never repeated here.
"""

from __future__ import annotations

import random
import time
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._errors import (
    AuthenticationFailed,
    CircuitOpen,
    InputError,
    MissingLibrary,
    NotFound,
    PermissionMissing,
    ProxyError,
    ProxyTimeout,
    ProxyUnavailable,
    ProxyUnreachable,
)

try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
    from urllib3.util.retry import Retry
except ImportError:
    requests = None  # type: ignore[assignment]
    Retry = object  # type: ignore[assignment,misc]

Json = t.Dict[str, t.Any]

REPEATABLE = frozenset(("GET", "PATCH"))
LONGEST_WAIT = 30.0
BREAKER_FAILURES = 5
BREAKER_SECONDS = 30.0


class Connection(t.NamedTuple):
    """Where the proxy is and how patient we are. Times in seconds."""

    url: str
    key: str
    verify: t.Union[bool, str] = True
    timeout: float = 30
    retries: int = 3
    retry_delay: float = 1.0


class RetryPolicy(Retry):
    """urllib3's retries with jitter, a cap on Retry-After, 429 for every method, and a line for each wait."""

    say: t.Callable[[str], None] = staticmethod(lambda sentence: None)

    def get_backoff_time(self) -> float:
        """Seconds until the next try: exponential, plus up to half of it at random."""
        return min(LONGEST_WAIT, super().get_backoff_time() * random.uniform(1.0, 1.5))

    def get_retry_after(self, response: t.Any) -> t.Optional[float]:
        """What the server asks for, at most LONGEST_WAIT seconds."""
        wanted = super().get_retry_after(response)
        return None if wanted is None else min(LONGEST_WAIT, wanted)

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        """429 says that nothing was done, so any request may be repeated."""
        if status_code == 429:
            return bool(self.total)
        return super().is_retry(method, status_code, has_retry_after)

    def increment(
        self, method: t.Any = None, url: t.Any = None, response: t.Any = None, error: t.Any = None, *args: t.Any, **kwargs: t.Any
    ) -> t.Any:
        """Count one try and say why."""
        following = super().increment(method, url, response, error, *args, **kwargs)
        cause = "HTTP {0}".format(response.status) if response is not None else type(error).__name__
        self.say("{0} {1}: {2}, trying again ({3} left)".format(method, str(url).split("?", 1)[0], cause, following.total))
        return following


class Breaker:
    """After BREAKER_FAILURES failures in a row no call is made for BREAKER_SECONDS."""

    def __init__(self, clock: t.Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._opened_at = 0.0

    def check(self) -> None:
        """Raise CircuitOpen while the breaker is open."""
        if self._failures >= BREAKER_FAILURES and self._clock() - self._opened_at < BREAKER_SECONDS:
            raise CircuitOpen(
                "LiteLLM failed {0} times in a row: no further request is made for {1:.0f} seconds".format(self._failures, BREAKER_SECONDS)
            )

    def success(self) -> None:
        """The proxy answers again."""
        self._failures = 0

    def failure(self) -> None:
        """One more failure in a row."""
        self._failures += 1
        self._opened_at = self._clock()


class Http:
    """JSON requests to one proxy."""

    def __init__(self, connection: Connection, say: t.Callable[[str], None] = lambda sentence: None) -> None:
        if requests is None:
            raise MissingLibrary("The Python library requests is not installed where this module runs: pip install 'requests>=2.28'")
        self.connection = connection
        self.url = connection.url
        self._say = say
        self._breaker = Breaker()
        self._session = self._new_session()

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def reconnect(self) -> None:
        """Use a new connection from now on: behind one address may stand several workers, each with its own view."""
        self._session.close()
        self._session = self._new_session()

    def get(self, path: str, **query: t.Any) -> Json:
        """GET a JSON object."""
        return self.request("GET", path, query=query)

    def post(self, path: str, body: Json) -> Json:
        """POST a JSON object, once."""
        return self.request("POST", path, body=body)

    def patch(self, path: str, body: Json) -> Json:
        """PATCH with a JSON object."""
        return self.request("PATCH", path, body=body)

    def request(self, method: str, path: str, query: t.Optional[Json] = None, body: t.Optional[Json] = None) -> Json:
        """One request; the answer's JSON object. Raises a ProxyError whose ``ambiguous`` says whether it may have worked."""
        self._breaker.check()
        try:
            answer = self._send(method, path, query, body)
            self._raise_for_status(answer)
            result = _json_object(answer, self.url)
        except (ProxyUnreachable, ProxyTimeout, ProxyUnavailable):
            self._breaker.failure()
            raise
        self._breaker.success()
        return result

    def _send(self, method: str, path: str, query: t.Optional[Json], body: t.Optional[Json]) -> t.Any:
        connection = self.connection
        try:
            return self._session.request(
                method,
                self.url + path,
                params=query or None,
                json=body,
                timeout=connection.timeout,
                verify=connection.verify,
                allow_redirects=False,
            )
        except requests.exceptions.SSLError as error:
            raise ProxyUnreachable("Failed to connect to LiteLLM at {0}: {1}".format(self.url, _tls_reason(error))) from None
        except requests.exceptions.Timeout:
            raise ProxyTimeout("Request timeout after {0:g} seconds".format(connection.timeout)) from None
        except requests.exceptions.RetryError:
            raise ProxyUnavailable("LiteLLM at {0} keeps answering that it is busy".format(self.url)) from None
        except requests.exceptions.ConnectionError as error:
            if "Read timed out" in str(error):
                raise ProxyTimeout("Request timeout after {0:g} seconds".format(connection.timeout)) from None
            raise ProxyUnreachable("Failed to connect to LiteLLM at {0}: {1}".format(self.url, _root_cause(error))) from None
        except (requests.exceptions.RequestException, ValueError) as error:
            raise ProxyUnreachable("Failed to connect to LiteLLM at {0}: {1}".format(self.url, type(error).__name__)) from None

    def _raise_for_status(self, answer: t.Any) -> None:
        status = answer.status_code
        if status < 300:
            return
        sentence = server_sentence(answer)
        if status < 400:
            raise ProxyError(
                "LiteLLM at {0} answers with a redirect to {1}: give that address as litellm_url".format(
                    self.url, answer.headers.get("Location", "nowhere").split("?", 1)[0]
                ),
                status=status,
            )
        if status == 401:
            raise AuthenticationFailed("Authentication failed: Invalid API key", status=status)
        if status == 403:
            raise PermissionMissing("Permission denied: the API key is not an administrator's ({0})".format(sentence), status=status)
        if status == 404:
            raise NotFound(sentence, status=status)
        if status >= 500 or status == 429:
            raise ProxyUnavailable("LiteLLM at {0} failed with HTTP {1}: {2}".format(self.url, status, sentence), status=status)
        raise ProxyError("LiteLLM refused the request with HTTP {0}: {1}".format(status, sentence), status=status)

    def _new_session(self) -> t.Any:
        connection = self.connection
        if connection.verify is False:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        policy_class = type("Policy", (RetryPolicy,), {"say": staticmethod(self._say)})
        policy = policy_class(
            total=connection.retries,
            backoff_factor=connection.retry_delay,
            status_forcelist=(502, 503, 504),
            allowed_methods=REPEATABLE,
            respect_retry_after_header=True,
            raise_on_status=False,
        )
        session = requests.Session()
        session.mount("https://", HTTPAdapter(max_retries=policy))
        session.mount("http://", HTTPAdapter(max_retries=policy))
        # A callable, because a matching .netrc entry would otherwise replace the header.
        session.auth = _Bearer(connection.key)
        session.headers["User-Agent"] = "litemaas.models"
        return session


class _Bearer:
    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: t.Any) -> t.Any:
        request.headers["Authorization"] = "Bearer " + self._key
        return request


def clean_url(url: str) -> str:
    """The proxy's address without a trailing slash or /v1. Raises InputError."""
    url = url.strip().rstrip("/")
    if url.endswith("/v1"):
        url = url[: -len("/v1")]
    if not url.lower().startswith(("http://", "https://")):
        raise InputError("litellm_url must start with http:// or https://")
    return url


def server_sentence(answer: t.Any) -> str:
    """What the server says in an error answer, without the input that some of its answers echo."""
    try:
        body = answer.json()
    except ValueError:
        return "an answer that is not JSON ({0})".format(answer.headers.get("Content-Type", "no content type"))
    message = _find_message(body)
    return message[:500] if message else "no reason given"


def _find_message(body: t.Any) -> str:
    if isinstance(body, str):
        return body
    if isinstance(body, list):
        return "; ".join(_validation_message(member) for member in body if isinstance(member, dict))
    if isinstance(body, dict):
        for name in ("error", "detail", "message"):
            if body.get(name):
                return _find_message(body[name])
    return ""


def _validation_message(member: Json) -> str:
    """One of FastAPI's validation errors, without its ``input``: that is the request, secrets too."""
    place = ".".join(str(part) for part in member.get("loc", ()) if part != "body")
    return "{0}: {1}".format(place, member.get("msg", "invalid"))


def _json_object(answer: t.Any, url: str) -> Json:
    try:
        body = answer.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ProxyUnavailable(
            "LiteLLM at {0} answered with something other than JSON ({1}): is this the address of the proxy?".format(
                url, answer.headers.get("Content-Type", "no content type")
            ),
            status=answer.status_code,
        )
    return body


def _tls_reason(error: BaseException) -> str:
    cause = _root_cause(error)
    if "CERTIFICATE_VERIFY_FAILED" in cause:
        return "its certificate is not trusted ({0}). Give its CA with ca_path, or set validate_certs to false".format(cause)
    return "no TLS connection ({0}). Check that the address begins with the right one of http and https".format(cause)


def _root_cause(error: BaseException) -> str:
    """The innermost reason of a requests error: "[Errno 111] Connection refused"."""
    cause: t.Any = error
    for _depth in range(10):
        inner = getattr(cause, "reason", None) or (cause.args[0] if cause.args and isinstance(cause.args[0], BaseException) else None)
        if not isinstance(inner, BaseException):
            break
        cause = inner
    text = str(cause)
    # urllib3 writes its own objects before the reason: "<...HTTPConnection object at 0x7f...>: Failed to ...: [Errno 111] ...".
    return text.rsplit(": ", 1)[-1] if "HTTP" in text and "Connection" in text else text[:200]
