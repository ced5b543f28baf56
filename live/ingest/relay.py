"""An nginx-rtmp in front: it asks here who may publish, and we fetch from it what it was sent.

It calls with GET (`notify_method get`): /relay/publish when somebody begins, /relay/update every few seconds, and
/relay/done at the end, with the public name of the stream as `name` and its key as `key`. Any answer but 200 sends the
publisher away, and so does no answer.
"""

import http
from urllib.parse import parse_qs

import structlog
from django.conf import settings
from django.db import DatabaseError
from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from live import keys, runs
from live.models import Run

from .database import ask
from .desk import Desk
from .encoder import Source

log = structlog.get_logger(__name__)
LONGEST = 4096  # characters of an address


class Relay:
    def __init__(self, desk: Desk):
        self.desk = desk

    async def answer(self, connection: ServerConnection, request: Request) -> Response | None:
        """None for everything that is not from the relay: the studio's socket goes on."""
        path, _mark, query = request.path.partition("?")
        call = {"/relay/publish": self.publish, "/relay/update": self.publish, "/relay/done": self.done}.get(path)
        if call is None:
            return None
        if connection.remote_address[0] not in settings.RELAY_FROM or len(query) > LONGEST:
            return connection.respond(http.HTTPStatus.FORBIDDEN, "not from here\n")
        given = parse_qs(query)
        try:
            await call(*((given.get(name) or [""])[-1] for name in ("name", "key")))
        except (keys.Refused, runs.Refused, DatabaseError) as refused:
            log.warning("relay_refused", call=path, name=(given.get("name") or [""])[-1][:40], why=str(refused))
            return connection.respond(http.HTTPStatus.FORBIDDEN, f"{refused}\n")
        return connection.respond(http.HTTPStatus.OK, "ok\n")

    async def publish(self, name: str, key: str) -> None:
        """Also said of a stream that goes on: after a restart of this process it is fetched again."""
        broadcast = await ask(keys.admit, name, key)
        session = self.desk.sessions.get(broadcast.pk)
        if session is not None and session.run.source == Run.Source.RELAY and not session.closing:
            return
        source = Source("rtmp", address=f"{settings.RELAY_URL.rstrip('/')}/{broadcast.name}")
        await self.desk.open(broadcast, Run.Source.RELAY, source, hang_up=lambda reason: None)

    async def done(self, name: str, key: str) -> None:
        broadcast = await ask(keys.admit, name, key)
        session = self.desk.sessions.get(broadcast.pk)
        if session is not None and session.run.source == Run.Source.RELAY:
            await self.desk.close(session, Run.Closed.NETWORK)
