"""Letters to other systems over HTTP: signed, to public addresses only, without following anybody elsewhere."""

import contextlib
import hashlib
import hmac
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

SECONDS = 10  # for each step, and for the whole of a call once it is connected
PORTS = {"http": 80, "https": 443}


class Refused(Exception):
    """No letter goes to this address. The message says why."""


class Unreachable(Exception):
    """Nobody answered in time."""


@dataclass(frozen=True)
class Place:
    """Where a letter goes: the address was looked at once, and that one is called."""

    url: SplitResult
    ip: str
    port: int


def place(url: str) -> Place:
    """Raises Refused for what is not https, or not a public address, unless the settings allow it; Unreachable."""
    try:
        parts = urlsplit(url)
        given = parts.port
    except ValueError as error:
        raise Refused(_("Enter a valid URL.")) from error
    allowed = settings.WEBHOOK_PRIVATE_ADDRESSES
    if parts.scheme not in (("https", "http") if allowed else ("https",)) or not parts.hostname:
        raise Refused(_("The address must begin with https://."))
    if parts.username or parts.password:
        raise Refused(_("The address may hold no name and no password."))
    port = given or PORTS[parts.scheme]
    try:
        found = {info[4][0] for info in socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)}
    except OSError as error:
        raise Unreachable(_("The address is not known: %(host)s.") % {"host": parts.hostname}) from error
    if not allowed and any(not _is_public(str(each)) for each in found):
        raise Refused(_("This is an address of an inner network. Letters go to public addresses only."))
    return Place(parts, sorted(map(str, found))[0], port)


def _is_public(ip: str) -> bool:
    known = ipaddress.ip_address(ip.split("%")[0])
    mapped = getattr(known, "ipv4_mapped", None)
    return (mapped or known).is_global and not (mapped or known).is_multicast


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """HMAC-SHA256 over the moment and the text, so that an old letter cannot be sent again as a new one."""
    return "sha256=" + hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def post(where: Place, body: bytes, headers: Mapping[str, str]) -> int:
    """The status of the answer; nobody is followed elsewhere. Raises Unreachable."""
    connection = _connection(where)
    path = (where.url.path or "/") + (f"?{where.url.query}" if where.url.query else "")
    began = time.monotonic()
    deadline = threading.Timer(SECONDS, _hang_up, [connection])
    deadline.start()
    try:
        connection.request("POST", path, body=body, headers={"Host": where.url.netloc, **headers})
        status = connection.getresponse().status
        if time.monotonic() - began >= SECONDS:
            raise TimeoutError("timed out")
        return status
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(f"{type(error).__name__}: {error}"[:200]) from error
    finally:
        deadline.cancel()
        connection.close()


def _hang_up(connection: http.client.HTTPConnection) -> None:
    """Who sends a byte now and then is not waited for: reading ends at once."""
    with contextlib.suppress(OSError, AttributeError):  # it was closed already
        socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)


class _Checked(http.client.HTTPSConnection):
    """Connects to the address that was looked at, and asks there for the certificate of the name."""

    def __init__(self, where: Place):
        super().__init__(where.ip, where.port, timeout=SECONDS)
        self.name = where.url.hostname

    def connect(self) -> None:
        raw = socket.create_connection((self.host, self.port), self.timeout)
        secure = ssl.create_default_context()
        self.sock = secure.wrap_socket(raw, server_hostname=self.name, do_handshake_on_connect=False)
        self.sock.do_handshake()  # the deadline holds for it too


def _connection(where: Place) -> http.client.HTTPConnection:
    if where.url.scheme == "https":
        return _Checked(where)
    return http.client.HTTPConnection(where.ip, where.port, timeout=SECONDS)
