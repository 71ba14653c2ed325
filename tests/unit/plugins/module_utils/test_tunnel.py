# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tunnel over sockets of this process instead of a cluster's: what it carries, what it says, and that nothing stays."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import threading
import time

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._cluster import tunnel as _tunnel
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import ClusterError, ClusterUnreachable
from ansible_collections.litemaas.models.plugins.module_utils._run.termination import SIGNALS, TERMINATION

PORT = struct.pack("<H", 5432)
HELLO = b"\x82\x03\x00" + PORT + b"\x82\x03\x01" + PORT


class Cluster:
    """Dials: the other end of each connection is appended to ``ends``."""

    def __init__(self):
        self.ends = []
        self.refuses = ""

    def dial(self):
        if self.refuses:
            raise ClusterUnreachable(self.refuses)
        ours, theirs = socket.socketpair()
        theirs.settimeout(5)
        theirs.sendall(HELLO)
        self.ends.append(theirs)
        return ours


@pytest.fixture
def cluster():
    made = Cluster()
    yield made
    for end in made.ends:
        end.close()


@pytest.fixture
def tunnel(cluster):
    with _tunnel.Tunnel(cluster.dial, cluster.dial(), 5432) as opened:
        yield opened


def connected(tunnel):
    client = socket.socket(socket.AF_UNIX if tunnel.socket_path else socket.AF_INET)
    client.settimeout(5)
    client.connect(tunnel.socket_path or (tunnel.host, tunnel.port))
    return client


def eventually(condition):
    end = time.monotonic() + 5
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)
    return condition()


def gone(end):
    """Whether the other end was closed, which is a reset where it had not read everything."""
    try:
        return end.recv(1) == b""
    except ConnectionResetError:
        return True


def client_payload(data):
    """The payload of a client's short frame."""
    mask, masked = data[2:6], data[6 : 6 + (data[1] & 0x7F)]
    return bytes(byte ^ mask[index % 4] for index, byte in enumerate(masked))


def test_both_ways(tunnel, cluster):
    with connected(tunnel) as client:
        client.sendall(b"ping")
        assert client_payload(cluster.ends[0].recv(100)) == b"\x00ping"
        cluster.ends[0].sendall(b"\x02\x03\x00po" + b"\x00\x02ng" + b"\x80\x01!")
        received = b""
        while len(received) < 5:
            received += client.recv(100)
        assert received == b"pong!"
    assert tunnel.problems == []


def test_nobody_else_can_use_it(tunnel):
    assert stat.S_IMODE(os.stat(tunnel.directory).st_mode) == 0o700
    assert os.path.dirname(tunnel.socket_path) == tunnel.directory
    assert os.path.basename(tunnel.socket_path) == ".s.PGSQL.5432"


def test_a_port_is_for_this_account_alone(cluster, monkeypatch):
    with _tunnel.Tunnel(cluster.dial, cluster.dial(), 5432, tcp=True) as tunnel:
        assert (tunnel.host, tunnel.directory, tunnel.socket_path) == ("127.0.0.1", "", "")
        with connected(tunnel) as client:
            client.sendall(b"ping")
            assert client_payload(cluster.ends[0].recv(100)) == b"\x00ping"
        assert tunnel.problems == []
        account = os.geteuid()
        monkeypatch.setattr(os, "geteuid", lambda: account + 1)
        with connected(tunnel) as client:
            assert client.recv(1) == b""
        assert tunnel.problems == ["a connection of another account of this host was refused"]
        assert len(cluster.ends) == 1
    with pytest.raises(ConnectionRefusedError):
        connected(tunnel)


def test_a_system_that_does_not_tell_whose_a_connection_is(cluster, monkeypatch):
    monkeypatch.setattr(_tunnel, "_CONNECTIONS", "/not/there")
    with _tunnel.Tunnel(cluster.dial, cluster.dial(), 5432, tcp=True) as tunnel, connected(tunnel) as client:
        assert client.recv(1) == b""
        assert tunnel.problems == ["a connection of another account of this host was refused"]


def test_a_ping_of_the_server_is_answered(tunnel, cluster):
    with connected(tunnel):
        cluster.ends[0].sendall(b"\x89\x02hi")
        answer = cluster.ends[0].recv(100)
        assert (answer[0], client_payload(answer)) == (0x8A, b"hi")


def test_a_silent_connection_is_kept_alive(tunnel, cluster, monkeypatch):
    monkeypatch.setattr(_tunnel, "PING_SECONDS", 0.02)
    with connected(tunnel):
        assert cluster.ends[0].recv(2) == b"\x89\x80"


def test_who_answers_no_ping_is_gone(tunnel, cluster, monkeypatch):
    monkeypatch.setattr(_tunnel, "PING_SECONDS", 0.03)
    with connected(tunnel) as client:
        client.sendall(b"x")
        assert client.recv(1) == b""
    assert tunnel.problems == ["no answer from the cluster in 0.06 seconds"]
    sent = cluster.ends[0].recv(100)
    assert len(sent) == 8 + _tunnel.MOST_UNANSWERED * 6


def test_who_answers_pings_may_think_for_long(tunnel, cluster, monkeypatch):
    monkeypatch.setattr(_tunnel, "PING_SECONDS", 0.1)
    with connected(tunnel) as client:
        for _ping in range(3):
            assert cluster.ends[0].recv(6)[:2] == b"\x89\x80"
            cluster.ends[0].sendall(b"\x8a\x00")
        cluster.ends[0].sendall(b"\x82\x02\x00y")
        assert client.recv(1) == b"y"
    assert tunnel.problems == []


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        (b"\x82\x0c\x01no listener", "no listener"),
        (b"\x82\x11\x01\x1b[31mred\x07\n\nline\n", "red line"),
        (b"\x88\x06" + struct.pack(">H", 1011) + b"late", "the cluster ended the connection with code 1011: late"),
        (b"\x81\x80", "the cluster sent a frame that no server may send"),
        (None, "the connection to the cluster ended"),
    ],
    ids=["error channel", "colours", "code", "no websocket", "broken"],
)
def test_what_the_other_end_says(tunnel, cluster, sent, problem):
    with connected(tunnel) as client:
        client.sendall(b"x")
        assert cluster.ends[0].recv(100)
        if sent:
            cluster.ends[0].sendall(sent)
        else:
            cluster.ends[0].shutdown(socket.SHUT_RDWR)
        assert eventually(lambda: tunnel.problems == [problem])


def test_a_normal_end_is_no_problem(tunnel, cluster):
    with connected(tunnel) as client:
        cluster.ends[0].sendall(b"\x82\x04\x00end" + b"\x88\x02" + struct.pack(">H", 1000))
        assert client.recv(100) == b"end"
        assert client.recv(100) == b""
    assert tunnel.problems == []


def test_each_connection_is_dialed_and_a_failure_ends_only_that_one(tunnel, cluster):
    with connected(tunnel), connected(tunnel) as second:
        second.sendall(b"x")
        assert eventually(lambda: len(cluster.ends) == 2)
        cluster.refuses = "the pod is gone"
        with connected(tunnel) as third:
            assert third.recv(1) == b""
        assert tunnel.problems == ["the pod is gone"]
        cluster.ends[0].sendall(b"\x82\x02\x00y")
        cluster.ends[1].sendall(b"\x82\x02\x00y")
        assert second.recv(1) == b"y"


def test_a_connection_dialed_long_ago_is_not_used(tunnel, cluster, monkeypatch):
    monkeypatch.setattr(_tunnel, "FRESH_SECONDS", 0.0)
    with connected(tunnel) as client:
        client.sendall(b"x")
        assert eventually(lambda: len(cluster.ends) == 2)
        assert client_payload(cluster.ends[1].recv(100)) == b"\x00x"


def test_closing_lets_the_last_words_out_and_leaves_nothing(cluster):
    tunnel = _tunnel.Tunnel(cluster.dial, cluster.dial(), 5432)
    client = connected(tunnel)
    client.sendall(b"bye")
    assert cluster.ends[0].recv(1)
    began = time.monotonic()
    tunnel.close()
    tunnel.close()
    assert time.monotonic() - began < 1
    assert client.recv(1) == b""
    client.close()
    assert not [thread for thread in tunnel._threads if thread.is_alive()]
    assert not os.path.exists(tunnel.directory)
    rest = b""
    while True:
        part = cluster.ends[0].recv(100)
        if not part:
            break
        rest += part
    assert rest.count(b"\x88\x82") == 1


def test_closing_while_a_connection_is_dialed(cluster, monkeypatch):
    monkeypatch.setattr(_tunnel, "CLOSE_SECONDS", -1.0)
    monkeypatch.setattr(_tunnel, "FRESH_SECONDS", 0.0)
    failed, closed = [], threading.Event()
    monkeypatch.setattr(threading, "excepthook", failed.append)
    dial, begun = cluster.dial, threading.Event()

    def slow():
        begun.set()
        assert closed.wait(5)
        return dial()

    tunnel = _tunnel.Tunnel(slow, dial(), 5432)
    with connected(tunnel) as client:
        assert begun.wait(5)
        tunnel.close()
        closed.set()
        assert client.recv(1) == b""
    assert eventually(lambda: not [thread for thread in tunnel._threads if thread.is_alive()])
    assert failed == []
    assert gone(cluster.ends[1])


def test_no_room_for_the_folder(cluster, monkeypatch):
    class Dialing:
        def dial(self, *_arguments):
            return cluster.dial()

    def full(**_options):
        raise OSError(28, "No space left on device", "/tmp/litemaas-x")

    monkeypatch.setattr(tempfile, "mkdtemp", full)
    before = [signal.getsignal(number) for number in SIGNALS]
    with pytest.raises(ClusterError) as raised:
        _tunnel.open_tunnel(Dialing(), "litemaas", "postgres-0", 5432, 5)
    assert "cannot be opened on this host: [Errno 28] No space left on device: '/tmp/litemaas-x'" in raised.value.message
    assert "TMPDIR" in raised.value.message
    assert gone(cluster.ends[0])
    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_nothing_is_left_of_a_tunnel_that_cannot_listen(cluster, monkeypatch, tmp_path):
    (tmp_path / ".s.PGSQL.5432").touch()
    monkeypatch.setattr(_tunnel, "_private_folder", lambda: str(tmp_path))
    with pytest.raises(OSError, match="in use"):
        _tunnel.Tunnel(cluster.dial, cluster.dial(), 5432)
    assert not tmp_path.exists()
    assert TERMINATION._stops == []


def test_closing_does_not_wait_for_a_server_that_does_not_read(cluster, monkeypatch):
    monkeypatch.setattr(_tunnel, "CLOSE_SECONDS", 0.1)
    tunnel = _tunnel.Tunnel(cluster.dial, cluster.dial(), 5432)
    with connected(tunnel) as client:
        client.settimeout(0.1)
        with pytest.raises(socket.timeout):
            client.sendall(b"x" * 20000000)
        tunnel.close()
    assert not [thread for thread in tunnel._threads if thread.is_alive()]


def test_handlers_are_restored_by_the_last_one(cluster):
    before = [signal.getsignal(number) for number in SIGNALS]
    first = _tunnel.Tunnel(cluster.dial, cluster.dial(), 5432)
    second = _tunnel.Tunnel(cluster.dial, cluster.dial(), 4000)
    first.close()
    assert [signal.getsignal(number) for number in SIGNALS] != before
    second.close()
    assert [signal.getsignal(number) for number in SIGNALS] == before
    assert signal.set_wakeup_fd(-1) == -1
    assert TERMINATION._stops == []


PROGRAM = """
def made():
    pass

{prepare}
import ctypes, os, signal, socket, sys, threading
from ansible_collections.litemaas.models.plugins.module_utils._run import termination
from ansible_collections.litemaas.models.plugins.module_utils._cluster import tunnel as _tunnel

# nohup, and a shell in the background, let their children ignore some of them.
for number in termination.SIGNALS:
    signal.signal(number, signal.SIG_IGN if number in {ignored} else signal.SIG_DFL)

def dial():
    ends.append(socket.socketpair())
    return ends[-1][0]

ends = []
with _tunnel.Tunnel(dial, dial(), 5432) as tunnel:
    made()
    client = socket.socket(socket.AF_UNIX)
    client.connect(tunnel.socket_path)
    print(tunnel.directory, flush=True)
    # As a driver waits: in C, and again when a signal came.
    data = ctypes.create_string_buffer(1)
    while ctypes.CDLL(None).recv(client.fileno(), data, 1, 0) < 0:
        pass
    while True:
        signal.pause()
"""


@contextlib.contextmanager
def program(prepare="", ignored=()):
    """A process that waits at the end of a tunnel, and the tunnel's folder, which has to be gone at the end."""
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
    text = PROGRAM.format(prepare=prepare, ignored=tuple(map(int, ignored)))
    with subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            directory = process.stdout.readline().strip()
            assert os.path.isdir(directory)
            yield process
        finally:
            process.kill()
    assert not os.path.exists(directory)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_the_run_in_order(number):
    with program() as process:
        os.kill(process.pid, number)
        assert process.wait(10) == 128 + number


SLOW = """
import os, shutil, time
remove = shutil.rmtree
def tidy(folder, **options):
    os.write(1, b"tidying\\n")
    time.sleep(0.3)
    remove(folder, **options)
shutil.rmtree = tidy
"""


@pytest.mark.parametrize("number", SIGNALS)
def test_a_second_signal_does_not_interrupt_the_end(number):
    with program(SLOW) as process:
        os.kill(process.pid, number)
        assert process.stdout.readline() == "tidying\n"
        for other in SIGNALS:
            os.kill(process.pid, other)
            time.sleep(0.02)
        assert process.wait(10) == 128 + number


# Whatever the handler of the first signal does to handlers, another signal comes just then.
AT_ONCE = """
def made():
    change = signal.signal
    def changed(number, handler):
        os.kill(os.getpid(), signal.SIGTERM)
        return change(number, handler)
    signal.signal = changed
"""


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT])
def test_a_second_signal_does_not_interrupt_the_handler_of_the_first(number):
    with program(AT_ONCE) as process:
        os.kill(process.pid, number)
        assert process.wait(10) == 128 + number


@pytest.mark.parametrize("ignored", [(signal.SIGHUP,), (signal.SIGHUP, signal.SIGINT)], ids=["nohup", "nohup in the background"])
def test_what_was_ignored_stays_ignored(ignored):
    with program(ignored=ignored) as process:
        for number in ignored:
            os.kill(process.pid, number)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(10) == 128 + signal.SIGTERM
