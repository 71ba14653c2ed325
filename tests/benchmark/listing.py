# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy that answers at once: it hands out what the real LiteLLM answered the first time that something was asked for.

So the cost of LiteLLM's own list, which is most of a run, can be left out of a comparison of the rest. Reading only.
"""

from __future__ import annotations

import contextlib
import http.client
import http.server
import re
import subprocess
import sys
import threading
import urllib.parse
from collections.abc import Iterator

from tests.support.errors import SupportError

_HOST = "127.0.0.1"


@contextlib.contextmanager
def recorded(url: str) -> Iterator[str]:
    """Return the base URL of such a proxy in front of the one at ``url``; in a process of its own."""
    words = [sys.executable, "-m", "tests.benchmark.listing", url]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None or process.stdin is None:
            raise SupportError("the proxy has no pipes")
        try:
            yield f"http://{_HOST}:{int(process.stdout.readline())}"
        finally:
            process.stdin.close()
            process.wait(10)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    upstream: urllib.parse.SplitResult
    answers: dict[str, tuple[int, str, bytes]] = {}

    def do_GET(self) -> None:
        status, kind, body = self.answers.get(self._question) or self._ask()
        self.send_response_only(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @property
    def _question(self) -> str:
        """What is asked, without what makes each question unique."""
        return re.sub(r"(?<=[?&])(_|size)=[^&]*", "", self.path)

    def _ask(self) -> tuple[int, str, bytes]:
        connection = http.client.HTTPConnection(self.upstream.hostname or _HOST, self.upstream.port, timeout=300)
        with contextlib.closing(connection):
            connection.request("GET", self.path, headers={"Authorization": self.headers["Authorization"] or ""})
            answer = connection.getresponse()
            taken = (answer.status, answer.headers.get("Content-Type", ""), answer.read())
        self.answers[self._question] = taken
        return taken

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class names it so)
        """Write no access log."""


def serve(url: str) -> None:
    """Serve until standard input ends. Prints the port first."""
    _Handler.upstream = urllib.parse.urlsplit(url)
    with http.server.ThreadingHTTPServer((_HOST, 0), _Handler) as server:
        server.daemon_threads = True
        print(server.server_address[1], flush=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdin.read()
        server.shutdown()


if __name__ == "__main__":
    serve(sys.argv[1])
