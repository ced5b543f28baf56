"""The room of a broadcast beside other servers in one run: what it costs to bring what one says to thousands.

Ours knows every viewer by a session, keeps each message before it shows it, and looks it through; the peers pass on
what they receive. Server and viewers have a core each, where there are two; the unit is a delivery (a message that one
viewer received) per CPU second of the server. At the end a crowd of ten thousand: nothing acknowledged may be missing
or there twice, one message is deleted, some viewers read nothing, and all come back at once.

FANOUT=quick makes the crowds ten times smaller; NODE_PATH names the folder with the packages `ws` and `socket.io`.
"""

import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "lms.settings.test"
django.setup()

from django.conf import settings  # noqa: E402 - models want Django to be set up
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.contrib.sessions.models import Session  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402
from django.utils import timezone  # noqa: E402

from live.models import Host, Message, Room, Word  # noqa: E402
from lms.models import User  # noqa: E402
from tests import databases, factories  # noqa: E402
from tests.benchmarks import _load  # noqa: E402
from tests.benchmarks.beats import row  # noqa: E402

HERE = Path(__file__).parent
SCALE = 10 if os.environ.get("FANOUT") == "quick" else 1
PLAIN = '{"text":"{T} 老师好，请问这个标准什么时候实施？"}'
OURS = '{"do":"say","key":"{K}","text":"{T} 老师好，请问这个标准什么时候实施？"}'
SOCKET_IO = '42["chat",{"text":"{T} 老师好，请问这个标准什么时候实施？"}]'
DIRECT, BY_ASGI = "live.protocol:Frames", "websockets-sansio"


@dataclass
class Crowd:
    """So many viewers, of whom the first ones talk."""

    sockets: int
    rate: float
    seconds: float
    senders: int = 20
    slow: int = 0
    storm: bool = False


def build():
    """The client, or None and why not."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if not compiler:
        raise SystemExit("fanout needs a C compiler for its viewers: apt-get install gcc")
    made = Path(tempfile.mkdtemp(prefix="swarm-")) / "swarm"
    subprocess.run([compiler, "-O2", "-o", made, HERE / "swarm.c"], check=True)
    return made


def memory(pid):
    """Kilobytes that a process holds."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def watch(swarm, pid, port, crowd, *, path, template, greeting="-", cookies="-", during=None):
    """What the viewers saw, with what it cost the server."""
    before, idle = memory(pid), _load.cpu(pid)
    command = [
        swarm, port, path, crowd.sockets, crowd.senders, crowd.rate, crowd.seconds, crowd.slow, cookies, greeting,
        template, *(["1"] if crowd.storm else []),
    ]  # fmt: skip
    client = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    told, spent = {}, 0.0
    for line in client.stdout:
        if line.startswith("READY"):
            told["kb"] = (memory(pid) - before) / crowd.sockets
            spent = _load.cpu(pid)
            told["handshake_ms"] = (spent - idle) / crowd.sockets * 1e3
            go_on(client)
            if during:
                told |= during()
        elif line.startswith("DONE"):
            told["cpu_s"] = _load.cpu(pid) - spent
            go_on(client)
        elif line.startswith("{"):
            told |= json.loads(line)
    assert client.wait() == 0, "The viewers broke down"
    told["per_cpu_s"] = told["delivered"] / told["cpu_s"]
    print(f"  {json.dumps(told)}", file=sys.stderr, flush=True)
    return told


def go_on(client):
    client.stdin.write("\n")
    client.stdin.flush()


# The school


class School:
    """A broadcast on air with as many people as there are sockets, each signed in on a device of their own."""

    def __init__(self, swarm, people):
        self.swarm = swarm
        self.live = factories.broadcast(state="live")
        Room.objects.update(slow_seconds=0)  # the same twenty talk all the time
        Word.objects.bulk_create(Word(text=f"示例词{n}", normal=f"示例词{n}", action="block") for n in range(2_000))
        known = {"mobile_verified": True, "agreement": "given"}
        users = [User(name=f"学员{n}", mobile=f"139{n:08}", **known) for n in range(people)]
        User.objects.bulk_create(users, batch_size=1_000)
        self.keys = [session(user) for user in User.objects.filter(mobile__startswith="139").order_by("pk")]
        Session.objects.bulk_create([row for row, _key in self.keys], batch_size=1_000)
        moderator = factories.user(name="主持人", mobile="13700000000", **known)
        Host.objects.create(broadcast=self.live, user=moderator, role="moderator")
        row, self.moderator = session(moderator)
        row.save()
        self.cookies = Path(tempfile.mkdtemp(prefix="swarm-")) / "cookies"
        self.cookies.write_text("".join(f"sessionid={key}\n" for _row, key in self.keys))

    def watch(self, crowd, protocol=DIRECT, **options):
        Message.objects.all().delete()
        with _load.served(databases.address(), "--ws", protocol, "--backlog", "4096", CHAT_VISIBLE_RATE="0") as (
            process,
            port,
        ):
            if options.pop("delete", False):
                options["during"] = lambda: self.delete_one(port, crowd)
            return watch(
                self.swarm,
                process.pid,
                port,
                crowd,
                path=f"/ws/live/{self.live.uuid}",
                template=OURS,
                greeting='"type":"ready"',
                cookies=self.cookies,
                **options,
            )

    def delete_one(self, port, crowd):
        """In the middle of it, over a socket as a moderator does. When, on the clock that the viewers use."""
        time.sleep(crowd.seconds / 2)
        number = Message.objects.order_by("pk").values_list("pk", flat=True).first()
        line = dial(port, f"/ws/live/{self.live.uuid}", self.moderator)
        asked = time.monotonic_ns()
        line.sendall(_load.frame(json.dumps({"do": "delete", "id": number})))
        return {"asked_at_ns": asked, "line": bool(line)}


def session(user):
    store = SessionStore()
    data = {
        SESSION_KEY: str(user.pk),
        BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[-1],
        HASH_SESSION_KEY: user.get_session_auth_hash(),
    }
    key = store._get_new_session_key()
    ends = timezone.now() + timedelta(days=1)
    return Session(session_key=key, session_data=store.encode(data), expire_date=ends), key


_lines = []


def dial(port, path, key):
    line = socket.create_connection(("127.0.0.1", port))
    line.sendall(
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        f"Cookie: sessionid={key}\r\n\r\n".encode()
    )
    told = line.recv(65_536)
    assert b" 101 " in told, told
    _lines.append(line)  # it stays open
    return line


# The others


@contextmanager
def peer(command):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server, load = _load.cores()
    process = subprocess.Popen(
        [str(part).replace("PORT", str(port)) for part in command],
        cwd=_load.ROOT,
        preexec_fn=lambda: os.sched_setaffinity(0, server),
    )
    kept = os.sched_getaffinity(0)
    os.sched_setaffinity(0, load)
    try:
        wait_for(port)
        yield process, port
    finally:
        os.sched_setaffinity(0, kept)
        process.send_signal(signal.SIGKILL)
        process.wait()


def wait_for(port):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("The peer did not start")


TUTORIAL = [
    sys.executable, "-m", "uvicorn", "tests.benchmarks.peers.tutorial:application", "--port", "PORT",
    "--lifespan", "off", "--log-level", "warning", "--no-access-log", "--backlog", "4096",
]  # fmt: skip
LIBRARY = [sys.executable, HERE / "peers/library.py", "PORT"]
NODE = ["node", HERE / "peers/node.cjs", "PORT"]


def of_peer(swarm, crowd, command, *, path="/", template=PLAIN, greeting="-"):
    with peer(command) as (process, port):
        return watch(swarm, process.pid, port, crowd, path=path, template=template, greeting=greeting)


def of_node(swarm, crowd, kind):
    """(what was seen, or None; why not)"""
    if not shutil.which("node"):
        return None, "not measured: there is no node here"
    if subprocess.run(["node", "-e", f"require('{kind}')"], capture_output=True, check=False).returncode:
        return None, f"not measured: NODE_PATH leads to no package {kind}"
    if kind == "ws":
        return of_peer(swarm, crowd, [*NODE, "ws"]), ""
    path = "/socket.io/?EIO=4&transport=websocket"
    return of_peer(swarm, crowd, [*NODE, kind], path=path, template=SOCKET_IO, greeting="40"), ""


# What is told


def beside(measure, ours, peers):
    rows = []
    for name, (theirs, why) in peers.items():
        if theirs:
            label = f"{name}, {theirs['delivered'] / (theirs['sent'] * theirs['reading']):.0%} delivered"
            rows.append(row(measure, ours["per_cpu_s"], "deliveries per CPU-s", label, theirs["per_cpu_s"]))
        else:
            rows.append(row(f"{measure}; {name} {why}", ours["per_cpu_s"], "deliveries per CPU-s"))
    return rows


def waits(measure, ours, name="", theirs=None):
    return [
        row(f"{measure}, median", ours["p50_ms"], "ms", name, theirs["p50_ms"] if theirs else 0),
        row(f"{measure}, 99th percentile", ours["p99_ms"], "ms", name, theirs["p99_ms"] if theirs else 0),
    ]


def whole(seen):
    """Everything acknowledged reached everybody who read, once, and is in the database."""
    kept = Message.objects.exclude(status="refused").count()
    assert seen["acknowledged"] == seen["sent"] == kept, (seen, kept)
    assert seen["delivered"] == seen["sent"] * seen["reading"], seen
    assert seen["doubled"] == seen["refused"] == 0, seen
    return seen


def run():
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    setup_test_environment()
    swarm = build()
    copy = databases.copy()
    copy.make()
    try:
        school = School(swarm, 10_000 // SCALE)
        return [*by_the_way(swarm, school), *in_a_crowd(swarm, school), *in_the_largest(school)]
    finally:
        copy.remove()
        shutil.rmtree(settings.VAR_DIR, ignore_errors=True)


def by_the_way(swarm, school):
    crowd = Crowd(2_000 // SCALE, 10, 6)
    ours, plain = whole(school.watch(crowd)), whole(school.watch(crowd, BY_ASGI))
    library = of_peer(swarm, crowd, LIBRARY)
    peers = {
        "the tutorial of Channels": (of_peer(swarm, crowd, TUTORIAL), ""),
        "websockets": (library, ""),
        "Node ws": of_node(swarm, crowd, "ws"),
        "socket.io": of_node(swarm, crowd, "socket.io"),
        "ours by ASGI's send": (plain, ""),
    }
    where = f"{crowd.sockets} viewers, 10 messages a second"
    return [
        *beside(where, ours, peers),
        *waits(where, ours, "websockets", library),
        row("memory of a socket", ours["kb"], "kB", "websockets", library["kb"]),
    ]


def in_a_crowd(swarm, school):
    busy, large = Crowd(1_000 // SCALE, 100, 6, senders=100), Crowd(8_000 // SCALE, 5, 10)
    rows = []
    for crowd in (busy, large):
        ours, library = whole(school.watch(crowd)), of_peer(swarm, crowd, LIBRARY)
        where = f"{crowd.sockets} viewers, {crowd.rate} messages a second"
        rows += beside(where, ours, {"websockets": (library, "")}) + waits(where, ours, "websockets", library)
    return rows


def in_the_largest(school):
    crowd = Crowd(10_000 // SCALE, 5, 60, slow=100 // SCALE, storm=True)
    seen = school.watch(crowd, delete=True)
    whole(seen)
    assert seen["deleted"] == seen["reading"], seen
    where = f"{crowd.sockets} viewers, 5 messages a second for 60 s"
    missing = seen["sent"] * seen["reading"] - seen["delivered"] + seen["doubled"]
    deleting = (seen["deleted_at_ns"] - seen["asked_at_ns"]) / 1e6
    return [
        row(f"{where}: acknowledged", seen["acknowledged"], "messages"),
        row(f"{where}: lost or doubled", missing, "deliveries"),
        *waits(where, seen),
        row(f"{where}: cost", seen["per_cpu_s"], "deliveries per CPU-s"),
        row(f"{where}: memory of a socket", seen["kb"], "kB"),
        row("a deleted message is gone from all of them after", deleting, "ms"),
        row(f"viewers that read nothing ({crowd.slow}): others that were closed", seen["closed"], "sockets"),
        row("a handshake with everything it asks", seen["handshake_ms"], "CPU-ms"),
        row("all come back at once: until everybody is in the room", seen["storm_s"], "s"),
        row("of them not let in", seen["storm_lost"], "sockets"),
    ]
