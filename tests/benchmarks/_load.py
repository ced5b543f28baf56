"""A real web process on one core, and people with sockets or requests on the other.

Everybody sends one message, waits for the answer, sends the next: messages arrive singly.
"""

import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TICK = os.sysconf("SC_CLK_TCK")
STEP = 1_000  # milliseconds of film in a beat


def cpu(pid):
    """Seconds of processor time of a process, its own and the system's for it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def cores():
    """(the server's, the load's): apart where there are two."""
    there = sorted(os.sched_getaffinity(0))
    return {there[0]}, {there[-1]}


@contextmanager
def served(database, *options, **changed):
    """A web process as `up` starts it. Yields it with its port; whoever has killed it has ended it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = (
        os.environ | {"DJANGO_SETTINGS_MODULE": "tests.benchmarks._served", "DATABASE_URL": database} | changed
    )
    command = [
        sys.executable, "-m", "uvicorn", "lms.asgi:application", "--host", "127.0.0.1", "--port", str(port),
        "--ws-per-message-deflate", "false", "--no-access-log", "--lifespan", "off", "--log-level", "warning",
        "--ws-ping-timeout", "300",  # while a thousand people connect, the first of them answer no ping
        *options,
    ]  # fmt: skip
    server, load = cores()
    process = subprocess.Popen(command, cwd=ROOT, env=environment, preexec_fn=lambda: os.sched_setaffinity(0, server))
    kept = os.sched_getaffinity(0)
    os.sched_setaffinity(0, load)
    try:
        wait_until_open(port)
        yield process, port
    finally:
        os.sched_setaffinity(0, kept)
        process.kill()
        process.wait()


def wait_until_open(port):
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                return
        except OSError:
            assert time.monotonic() < deadline, "The web process did not answer"
            time.sleep(0.2)


def frame(text):
    body = text.encode()
    size = bytes((0x81, 0x80 | len(body))) if len(body) < 126 else bytes((0x81, 0xFE)) + struct.pack("!H", len(body))
    return size + b"\0\0\0\0" + body


class Person:
    """Somebody with a connection, who knows what was acknowledged."""

    def __init__(self, port, key):
        self.key = key
        self.acknowledged = 0
        self.sent_at = 0.0
        self.told = b""
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def fileno(self):
        return self.socket.fileno()

    def send(self):
        self.sent_at = time.perf_counter()
        self.socket.send(self.message(self.acknowledged + 1))

    def hear(self):
        """Take in what is there of the answer to the last message; whether it is whole. Raises OSError for none."""
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionResetError
        self.told += piece
        if self.told.startswith(b"\x89"):  # a ping
            self.socket.send(b"\x8a\x84\0\0\0\0" + self.told[2:6])
            self.told = self.told[6:]
        if not self.told.endswith(b"}"):
            return False
        assert self.good in self.told, self.told
        self.acknowledged += 1
        self.told = b""
        return True


class Viewer(Person):
    good = b'"status":200'

    def __init__(self, port, key, token):
        super().__init__(port, key)
        self.socket.sendall(
            f"GET /ws/watch/ HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            f"Cookie: sessionid={key}\r\n\r\n".encode()
        )
        told = self.socket.recv(4096)
        assert b" 101 " in told, told
        self.socket.sendall(frame(json.dumps({"token": token, "language": "zh-hans"})))
        told = self.socket.recv(4096)
        assert self.good in told, told

    def message(self, number):
        span = [[(number - 1) * STEP, number * STEP]]
        beat = {"sequence": number, "intervals": span, "rate": 1, "visible": True, "position": number * STEP}
        return frame(json.dumps(beat))


class Clicker(Person):
    good = b" 200 OK"

    def __init__(self, port, key, lesson):
        super().__init__(port, key)
        self.lesson = lesson

    def message(self, number):
        body = json.dumps({"lesson": self.lesson, "position": number * STEP})
        head = (
            f"POST /plain HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid={self.key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return (head + body).encode()


def drive(people, seconds, *, pid, kill_after=None):
    """(answers, processor seconds of the server, waits in ms). Killed in mid-run, it counts what was answered."""
    poll = select.epoll()
    known = {person.fileno(): person for person in people}
    for number in known:
        poll.register(number, select.EPOLLIN)
    begun, spent, waits = time.perf_counter(), cpu(pid), []
    killed = False
    for person in people:
        person.send()
    while (now := time.perf_counter()) - begun < seconds:
        if kill_after and not killed and now - begun > kill_after:
            os.kill(pid, signal.SIGKILL)
            killed = True
        for number, _event in poll.poll(0.05):
            person = known[number]
            try:
                if not person.hear():
                    continue
            except ConnectionError:
                assert killed, "The server hung up"
                poll.unregister(number)
                continue
            waits.append((time.perf_counter() - person.sent_at) * 1000)
            if not killed:
                person.send()
    spent = 0 if killed else cpu(pid) - spent
    return len(waits), spent, waits
