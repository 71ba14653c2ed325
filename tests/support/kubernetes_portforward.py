# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's side of a port-forward over a WebSocket (v4.channel.k8s.io) for one port, in the calling thread.

The first byte of a message is its channel: 0 carries the bytes, 1 the text of an error. The first message of each names the port.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import select
import socket
import ssl
import struct

PROTOCOL = "v4.channel.k8s.io"
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_BINARY, _CLOSE, _PING, _PONG = 2, 8, 9, 10
_DATA, _ERROR = b"\0", b"\1"
_NORMAL = struct.pack(">H", 1000)


def handshake(key: str) -> dict[str, str]:
    """Return the headers that accept a WebSocket."""
    accepted = base64.b64encode(hashlib.sha1((key + _GUID).encode()).digest()).decode()
    return {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Accept": accepted, "Sec-WebSocket-Protocol": PROTOCOL}


def forward(client: socket.socket, backend: socket.socket | None, port: int, namespace: str, pod: str) -> None:
    """Carry bytes between a client and the pod until one of them ends; without a backend nobody listens in the pod."""
    end = _End(client)
    with contextlib.suppress(OSError):
        for channel in (_DATA, _ERROR):
            end.send(_BINARY, channel + struct.pack("<H", port))
        if backend is None:
            reason = (
                f"error forwarding port {port} to pod {pod}, uid : failed to execute portforward in network namespace: "
                f'failed to connect to localhost:{port} inside namespace "{namespace}": connection refused'
            )
            end.send(_BINARY, _ERROR + reason.encode())
        else:
            _carry(end, backend)
        end.send(_CLOSE, _NORMAL)


def _carry(end: _End, backend: socket.socket) -> None:
    while True:
        readable = [end.socket] if end.has_bytes() else select.select([end.socket, backend], [], [])[0]
        if backend in readable:
            data = backend.recv(32768)
            if not data:
                return
            end.send(_BINARY, _DATA + data)
        if end.socket in readable:
            for payload in end.receive():
                backend.sendall(payload[1:])
            if end.closed:
                return


class _End:
    """A WebSocket of a server."""

    def __init__(self, client: socket.socket) -> None:
        self.socket = client
        self.closed = False
        self._bytes = b""

    def has_bytes(self) -> bool:
        """Return whether TLS holds bytes that select() cannot see."""
        return isinstance(self.socket, ssl.SSLSocket) and self.socket.pending() > 0

    def send(self, kind: int, payload: bytes) -> None:
        size = len(payload)
        length = struct.pack(">B", size) if size < 126 else struct.pack(">BH", 126, size) if size < 65536 else struct.pack(">BQ", 127, size)
        self.socket.sendall(bytes((0x80 | kind,)) + length + payload)

    def receive(self) -> list[bytes]:
        """Return the messages that came. Pings are answered; after a close, or where the client is gone, ``closed`` is true."""
        received = self.socket.recv(262144)
        self._bytes += received
        self.closed = not received
        messages = []
        while (found := self._next()) is not None:
            kind, payload = found
            if kind == _PING:
                self.send(_PONG, payload)
            elif kind == _CLOSE:
                self.closed = True
            elif kind != _PONG:
                messages.append(payload)
        return messages

    def _next(self) -> tuple[int, bytes] | None:
        """Take one frame off the bytes. Clients do not cut messages into several."""
        if len(self._bytes) < 2:
            return None
        size = {126: 4, 127: 10}.get(self._bytes[1] & 0x7F, 2)
        if len(self._bytes) < size:
            return None
        length = self._bytes[1] & 0x7F if size == 2 else int.from_bytes(self._bytes[2:size], "big")
        if not self._bytes[1] & 0x80:
            raise OSError("a frame of a client that is not masked")
        start, end = size + 4, size + 4 + length
        if len(self._bytes) < end:
            return None
        mask, masked = self._bytes[size:start], self._bytes[start:end]
        kind, self._bytes = self._bytes[0] & 0x0F, self._bytes[end:]
        pattern = (mask * (length // 4 + 1))[:length]
        return kind, (int.from_bytes(masked, "big") ^ int.from_bytes(pattern, "big")).to_bytes(length, "big")
