# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client's frames as a server reads them, and messages out of bytes that were cut anywhere."""

from __future__ import annotations

import struct

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._cluster.websocket import (
    BINARY,
    CLOSE,
    LONGEST_MESSAGE,
    PING,
    Message,
    ProtocolError,
    Reader,
    close_reason,
    closing,
    frame,
)


def server_frame(first, payload):
    """A server's frame, which is not masked."""
    size = len(payload)
    length = struct.pack(">B", size) if size < 126 else struct.pack(">BH", 126, size) if size < 65536 else struct.pack(">BQ", 127, size)
    return bytes((first,)) + length + payload


def unmasked(data):
    """(first byte, payload) of a client's frame, read byte by byte as the protocol says."""
    size = {126: 4, 127: 10}.get(data[1] & 0x7F, 2)
    assert data[1] & 0x80
    length = data[1] & 0x7F if size == 2 else int.from_bytes(data[2:size], "big")
    mask, masked = data[size : size + 4], data[size + 4 :]
    assert len(masked) == length
    return data[0], bytes(byte ^ mask[index % 4] for index, byte in enumerate(masked))


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 70001])
def test_frames_of_every_length(size):
    payload = bytes(index % 251 for index in range(size))
    assert unmasked(frame(BINARY, payload)) == (0x82, payload)


def test_two_frames_have_two_masks():
    assert frame(BINARY, b"x" * 100) != frame(BINARY, b"x" * 100)


@pytest.mark.parametrize("step", [1, 2, 7, 1000000])
def test_bytes_cut_anywhere(step):
    sent = [b"", b"a", b"b" * 126, b"c" * 65536, b"d"]
    data = b"".join(server_frame(0x82, payload) for payload in sent)
    reader = Reader()
    messages = [message for start in range(0, len(data), step) for message in reader.feed(data[start : start + step])]
    assert messages == [Message(BINARY, payload) for payload in sent]


def test_a_message_in_parts_with_a_ping_between():
    reader = Reader()
    data = server_frame(0x02, b"one ") + server_frame(0x89, b"?") + server_frame(0x00, b"two ") + server_frame(0x80, b"three")
    assert reader.feed(data) == [Message(PING, b"?"), Message(BINARY, b"one two three")]
    assert reader.feed(server_frame(0x82, b"next")) == [Message(BINARY, b"next")]


def test_parts_without_content():
    assert Reader().feed(server_frame(0x02, b"") + server_frame(0x00, b"") + server_frame(0x80, b"all")) == [Message(BINARY, b"all")]


@pytest.mark.parametrize(
    "data",
    [
        server_frame(0x80, b"the rest of nothing"),
        server_frame(0x02, b"a part") + server_frame(0x82, b"another message"),
        server_frame(0xC2, b"a reserved bit"),
        frame(BINARY, b"masked, as only clients do"),
        b"\x82\x7f" + struct.pack(">Q", LONGEST_MESSAGE + 1),
    ],
    ids=["rest", "within", "reserved", "masked", "too long"],
)
def test_what_is_no_websocket(data):
    with pytest.raises(ProtocolError):
        Reader().feed(data)


def test_closing():
    first, payload = unmasked(closing())
    assert first == 0x80 | CLOSE
    assert close_reason(payload) == (1000, "")
    assert close_reason(b"") == (1000, "")
    assert close_reason(struct.pack(">H", 1011) + "zu spät".encode()) == (1011, "zu spät")
