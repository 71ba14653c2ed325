# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: a WebSocket client's frames (RFC 6455), and messages out of a server's bytes, however they were cut."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import os
import struct
import typing as t

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
_CONTINUATION = 0
_LAST, _MASKED, _RESERVED = 0x80, 0x80, 0x70

NORMAL = 1000
# Servers send some ten kilobytes in a message. What claims to be more than this is none.
LONGEST_MESSAGE = 64 * 1024 * 1024


class ProtocolError(Exception):
    """The other end does not speak WebSocket."""


class Message(t.NamedTuple):
    """One whole message: ``kind`` is one of the constants above."""

    kind: int
    payload: bytes


def frame(kind: int, payload: bytes) -> bytes:
    """A client's frame: masked, as the protocol wants it, and whole."""
    mask = os.urandom(4)
    length = len(payload)
    if length < 126:
        head = struct.pack(">BB", _LAST | kind, _MASKED | length)
    elif length < 65536:
        head = struct.pack(">BBH", _LAST | kind, _MASKED | 126, length)
    else:
        head = struct.pack(">BBQ", _LAST | kind, _MASKED | 127, length)
    return head + mask + _masked(payload, mask)


def _masked(payload: bytes, mask: bytes) -> bytes:
    """The payload with the mask laid over it, as one large number: a loop over bytes would be the slowest part of a tunnel."""
    length = len(payload)
    pattern = (mask * (length // 4 + 1))[:length]
    return (int.from_bytes(payload, "little") ^ int.from_bytes(pattern, "little")).to_bytes(length, "little")


def closing(code: int = NORMAL) -> bytes:
    """The frame that ends a connection."""
    return frame(CLOSE, struct.pack(">H", code))


def close_reason(payload: bytes) -> tuple[int, str]:
    """The code and the text of a close message; NORMAL where it has none."""
    if len(payload) < 2:
        return NORMAL, ""
    return struct.unpack(">H", payload[:2])[0], payload[2:].decode("utf-8", "replace")


class Reader:
    """Makes messages of a server's bytes. Keeps what is not yet a whole one."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._kind = 0
        self._parts = bytearray()

    def feed(self, received: bytes) -> list[Message]:
        """The messages that are whole now. Raises ProtocolError."""
        self._bytes += received
        messages: list[Message] = []
        position = 0
        while True:
            head = self._head(position)
            if head is None or len(self._bytes) - position < sum(head):
                break
            start = position + head[0]
            message = self._part(self._bytes[position], bytes(self._bytes[start : start + head[1]]))
            position = start + head[1]
            if message:
                messages.append(message)
        del self._bytes[:position]
        return messages

    def _head(self, position: int) -> tuple[int, int] | None:
        """The lengths of a frame's head and of its payload; None while they are not known."""
        there = len(self._bytes) - position
        if there < 2:
            return None
        first, second = self._bytes[position], self._bytes[position + 1]
        if first & _RESERVED or second & _MASKED:
            raise ProtocolError("a frame that no server may send")
        length = second & 0x7F
        size = {126: 4, 127: 10}.get(length, 2)
        if there < size:
            return None
        if size > 2:
            length = int.from_bytes(self._bytes[position + 2 : position + size], "big")
        if length + len(self._parts) > LONGEST_MESSAGE:
            raise ProtocolError(f"a message of {length} bytes")
        return size, length

    def _part(self, first: int, payload: bytes) -> Message | None:
        """The message that this frame completes. Pings and closes may stand between the parts of another one."""
        kind, last = first & 0x0F, bool(first & _LAST)
        if kind >= CLOSE:
            return Message(kind, payload)
        if kind == _CONTINUATION:
            kind = self._kind
        elif self._kind:
            raise ProtocolError("a message within another one")
        if not kind:
            raise ProtocolError("the rest of a message that never began")
        if last and not self._parts:
            self._kind = 0
            return Message(kind, payload)
        self._kind = kind
        self._parts += payload
        if not last:
            return None
        message = Message(kind, bytes(self._parts))
        self._kind = 0
        self._parts.clear()
        return message
