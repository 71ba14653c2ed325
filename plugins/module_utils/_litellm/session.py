# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A session of requests: with the key, through a Unix socket, past caches; and answers that are taken in by pieces."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import socket
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._litellm.answers import Answer
from ansible_collections.litemaas.models.plugins.module_utils._litellm.json_stream import TooLarge, read_json
from ansible_collections.litemaas.models.plugins.module_utils._run.endpoints import Endpoint

try:
    import requests
    import urllib3
except ImportError:
    requests = None  # type: ignore[assignment]


# How many bytes of an answer are taken in at once; of a compressed one fewer, for they may become a thousand times as many.
PIECE = 1 << 18
COMPRESSED_PIECE = 1 << 14
# No answer is longer, unpacked, and no list in all its pages: a list of 5,000 models is 27 MB.
LARGEST_ANSWER = 1 << 28
# What is asked for and can be unpacked in small pieces.
COMPRESSIONS = ("gzip", "deflate")
NOT_FROM_A_CACHE = {"Cache-Control": "no-cache", "Pragma": "no-cache"}


class Connection(t.NamedTuple):
    """Where the proxy is and how patient we are. Times in seconds."""

    url: Endpoint
    key: Endpoint
    verify: bool | str = True
    timeout: float = 30
    retries: int = 3
    retry_delay: float = 1.0


def new_session(connection: Connection) -> t.Any:
    """A session of requests with the key, past caches, and through the Unix socket if there is one."""
    if connection.verify is False:
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    session = requests.Session()
    if connection.url.socket_path:
        session.mount(connection.url.value, _socket_adapter(connection.url.socket_path))
    # A callable, because a matching .netrc entry would otherwise replace the header.
    session.auth = _Bearer(connection.key.value)
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


def read_answer(response: t.Any) -> Answer:
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
