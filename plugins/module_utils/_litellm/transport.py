# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

"""JSON over one requests.Session: timeout, retry, circuit breaker, TLS, errors as sentences.

What is repeated: a connection that was never made (any request), 429 (any request: the server refused before it did
anything), and for GET and PATCH, which give the same result when they run twice, also lost answers, 502, 503 and 504.
A POST is never repeated here.

How long it can take: one try takes at most ``timeout`` seconds (and GRACE), whatever the server does. A request has at most
``retries`` + 1 tries. All waiting between tries is at most LONGEST_WAITING seconds in a run. After BREAKER_FAILURES failed
tries in a row there are no new requests for BREAKER_SECONDS: with a proxy that is dead a run loses at most
(retries + BREAKER_FAILURES) * timeout + LONGEST_WAITING seconds.
"""

from __future__ import annotations

import os
import secrets
import socket
import time
import typing as t
from urllib.parse import urlsplit

from ansible_collections.litemaas.models.plugins.module_utils._common.background import Background, TooLate
from ansible_collections.litemaas.models.plugins.module_utils._common.counted import counted
from ansible_collections.litemaas.models.plugins.module_utils._common.environment import proxy_variable
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import (
    AuthenticationFailed,
    InputError,
    NotFound,
    PermissionMissing,
    ProxyError,
    ProxyTimeout,
    ProxyUnavailable,
    ProxyUnreachable,
)
from ansible_collections.litemaas.models.plugins.module_utils._common.libraries import missing
from ansible_collections.litemaas.models.plugins.module_utils._common.network import (
    REPEATED_STATUS,
    never_made,
    root_cause,
    through_proxy,
    tls_reason,
    unusable,
)
from ansible_collections.litemaas.models.plugins.module_utils._litellm.address import advice, target
from ansible_collections.litemaas.models.plugins.module_utils._litellm.answers import (
    NO_ADMIN,
    NO_SUCH_PATH,
    Answer,
    Json,
    cache_sign,
    server_sentence,
)
from ansible_collections.litemaas.models.plugins.module_utils._litellm.json_stream import TooLarge, read_json
from ansible_collections.litemaas.models.plugins.module_utils._litellm.patience import (
    LONGEST_WAITING,
    Breaker,
    Experience,
    Patience,
    retry_after,
)

try:
    import requests
    import urllib3
except ImportError:
    requests = None  # type: ignore[assignment]


REPEATABLE = frozenset(("GET", "PATCH"))

# How many bytes of an answer are taken in at once; of a compressed one fewer, for they may become a thousand times as many.
PIECE = 1 << 18
COMPRESSED_PIECE = 1 << 14
# No answer is longer, unpacked, and no list in all its pages: a list of 5,000 models is 27 MB.
LARGEST_ANSWER = 1 << 28
# What is asked for and can be unpacked in small pieces.
COMPRESSIONS = ("gzip", "deflate")

# Each GET is another one to a cache, and asks for an answer of the server itself.
UNIQUE = "_"
NOT_FROM_A_CACHE = {"Cache-Control": "no-cache", "Pragma": "no-cache"}
# Seconds that requests' own limits get before the limit for the whole try, so that they can tell what it was.
GRACE = 0.5
# So many seconds an address gets that is only tried.
SHORT_TIME = 5.0


class Connection(t.NamedTuple):
    """Where the proxy is and how patient we are. Times in seconds.

    With ``socket_path`` it is behind that Unix socket, and ``problems`` is what the tunnel behind the socket had to say so far.
    ``source`` is what a person changes where the address is wrong; nobody gave one where it was found in ``namespace``.
    """

    url: str
    key: str
    verify: bool | str = True
    timeout: float = 30
    retries: int = 3
    retry_delay: float = 1.0
    socket_path: str = ""
    problems: t.Sequence[str] = ()
    source: str = "litellm_url"
    namespace: str = ""


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
        self.url = connection.url
        self._say = say
        self._without_secrets = without_secrets
        self.experience = experience or Experience(Patience(connection.retry_delay), Breaker())
        self._patience, self._breaker = self.experience
        # The header by which a cache told that an answer was its own: of the first such answer.
        self.cached = ""
        # How many bytes all answers had, unpacked.
        self.received = 0
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
                if self.connection.problems and isinstance(failed.error, ProxyUnreachable):
                    failed.error.add(" (the port-forward says: {0})".format("; ".join(self.connection.problems)))
                raise failed.error from None

    def _try(self, method: str, path: str, query: Json | None, body: Json | None, shape: type[t.Any]) -> t.Any:
        """Send the request once. Raises Failed where it may be worth another try, or another ProxyError."""
        try:
            answer = self._send(method, path, query, body)
            self.cached = self.cached or cache_sign(answer.headers)
            self.received += answer.length
            self._raise_for_status(answer, method, path)
            result = _json_of(answer, self.url, shape)
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
                return _read(response)

        try:
            return Background(send).result(connection.timeout + GRACE)
        except TooLate:
            # The connection still belongs to the call that is left to itself.
            self._session = self._new_session()
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
        return ". " + advice(cause, self.connection.source, self.connection.namespace)

    def _timeout_sentence(self) -> str:
        return f"Request timeout after {self.connection.timeout:g} seconds"

    def _too_late(self) -> Failed:
        return Failed(ProxyTimeout(self._timeout_sentence()), "no answer in {0}".format(counted(self.connection.timeout, "second")))

    def _raise_for_status(self, answer: Answer, method: str, path: str) -> None:
        status = answer.status
        if status < 300:
            return
        sentence = server_sentence(answer, self._without_secrets)
        if status < 400:
            leads_to = target(self.url, path, answer.headers.get("Location", ""))
            error = ProxyError("LiteLLM at {0} answers with a redirect to {1}".format(self.url, leads_to or "nowhere"), status=status)
            error.leads_to, error.foreign = leads_to, "a redirect to {0}".format(leads_to or "nowhere")
            raise error
        if status in (401, 403) and not answer.is_json:
            error = ProxyError(
                f"What answers at {self.url} is not LiteLLM, and lets nobody in without another login than the API key (HTTP "
                f"{status}: {sentence})",
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
                f"Authentication failed: Invalid API key. LiteLLM at {self.url} does not know this key (HTTP 401): check litellm_api_key",
                status=status,
            )
        if status == 404 and (not answer.is_json or sentence.lower() in NO_SUCH_PATH):
            error = ProxyError(f"LiteLLM at {self.url} does not know {method} {path} (HTTP 404: {sentence})", status=status)
            error.foreign = f"HTTP 404: {sentence}"
            raise error
        if status == 404:
            raise NotFound(sentence, status=status)
        if status == 407:
            sentence = (
                "Failed to connect to LiteLLM at {0}: the proxy that {1} in the environment names wants a user and a password (HTTP 407)"
            )
            name = proxy_variable(self.url, os.environ) or "HTTP_PROXY"
            raise Failed(ProxyUnreachable(sentence.format(self.url, name), status=status), "HTTP 407", harmless=True, final=True)
        if status >= 500 or status == 429:
            raise Failed(
                ProxyUnavailable(f"LiteLLM at {self.url} failed with HTTP {status}: {sentence}", status=status),
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

    def ask_without_key(self, url: str, path: str) -> Answer | None:
        """What is answered at another address to a GET without the key; None where nothing is. Asked once, for a short time."""
        short = min(self.connection.timeout, SHORT_TIME)
        other = Http(self.connection._replace(url=url, key="", retries=0, timeout=short), experience=self.experience)
        try:
            return other._send("GET", path, None, None)
        except (Failed, ProxyError):
            return None
        finally:
            other.close()

    def _new_session(self) -> t.Any:
        connection = self.connection
        if connection.verify is False:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        session = requests.Session()
        if connection.socket_path:
            session.mount(connection.url, _socket_adapter(connection.socket_path))
        # A callable, because a matching .netrc entry would otherwise replace the header.
        session.auth = _Bearer(connection.key)
        session.headers["User-Agent"] = "litemaas.models"
        session.headers["Accept-Encoding"] = ", ".join(COMPRESSIONS)
        session.headers.update(NOT_FROM_A_CACHE)
        return session


class _Bearer:
    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: t.Any) -> t.Any:
        if self._key:
            request.headers["Authorization"] = "Bearer " + self._key
        return request


def clean_url(url: str, source: str = "litellm_url") -> str:
    """The proxy's address without a trailing slash or /v1. Raises InputError, which names the source."""
    url = url.strip().rstrip("/")
    if url.endswith("/v1"):
        url = url[: -len("/v1")]
    if not url.lower().startswith(("http://", "https://")):
        raise InputError(f"{source} must start with http:// or https://")
    if "?" in url or "#" in url or any(character.isspace() for character in url):
        sentence = (
            "{0} must be an address alone, like https://HOST: drop what begins with ? or #, and blanks (percent-encode them in a password)"
        )
        raise InputError(sentence.format(source))
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise InputError(f"{source} has no host, or a host or a port that cannot be: it must look like https://HOST:PORT")
    return url


def _read(response: t.Any) -> Answer:
    """A requests response, read to its end: only a whole one leaves the connection usable, and tells whether something is missing."""
    pieces = _Pieces(response)
    rest = iter(pieces)
    is_json, body = True, None
    try:
        body = read_json(rest)
    except (ValueError, RecursionError):
        is_json = False
        for _rest in rest:
            pass
    return Answer(response.status_code, response.headers, is_json, body, pieces.length)


class _Pieces:
    """The body of a requests response, unpacked, a piece at a time. Raises TooLarge. ``length`` is how many bytes there were so far."""

    def __init__(self, response: t.Any) -> None:
        self._response = response
        self.length = 0

    def __iter__(self) -> t.Iterator[bytes]:
        encoding = self._response.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in (*COMPRESSIONS, "identity", ""):
            raise TooLarge(f"an answer that is packed in a way that was not asked for ({encoding[:40]})")
        for piece in self._response.iter_content(PIECE if encoding in ("identity", "") else COMPRESSED_PIECE):
            self.length += len(piece)
            if self.length > LARGEST_ANSWER:
                raise TooLarge(f"an answer of more than {LARGEST_ANSWER >> 20} MB, which no list of models is")
            yield piece


def _socket_adapter(path: str) -> t.Any:
    """An adapter of requests whose connections go to a Unix socket, past any proxy, whatever host the address names."""

    class Connection(urllib3.connection.HTTPConnection):
        def _new_conn(self) -> socket.socket:
            opened = socket.socket(socket.AF_UNIX)
            try:
                opened.connect(path)
            except OSError as error:
                opened.close()
                raise urllib3.exceptions.NewConnectionError(self, f"no connection to {path}: {error}") from error
            return opened

    class TlsConnection(Connection, urllib3.connection.HTTPSConnection):
        pass

    class Pool(urllib3.HTTPConnectionPool):
        ConnectionCls = Connection

    class TlsPool(urllib3.HTTPSConnectionPool):
        ConnectionCls = TlsConnection

    class Adapter(requests.adapters.HTTPAdapter):
        def init_poolmanager(self, *arguments: t.Any, **options: t.Any) -> None:
            super().init_poolmanager(*arguments, **options)
            self.poolmanager.pool_classes_by_scheme = {"http": Pool, "https": TlsPool}

        def send(self, request: t.Any, *arguments: t.Any, **options: t.Any) -> t.Any:
            return super().send(request, *arguments, **{**options, "proxies": {}})

    return Adapter()


def _json_of(answer: Answer, url: str, shape: type[t.Any]) -> t.Any:
    """The JSON of an answer, which must be an object or, where that was asked for, a list."""
    if not isinstance(answer.body, shape):
        said = "something other than JSON ({0})".format(answer.headers.get("Content-Type", "no content type"))
        error = ProxyUnavailable(f"LiteLLM at {url} answered with {said}", status=answer.status)
        # JSON that breaks off is not somebody else's.
        if answer.is_json or "json" not in said.lower().partition("(")[2]:
            error.foreign = said
        raise Failed(error, "no JSON", final=True)
    return answer.body
