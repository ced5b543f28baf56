"""People with sockets in the room of a broadcast, through the school's real ASGI application."""

import json
from contextlib import asynccontextmanager, suppress
from uuid import uuid4

from channels.db import database_sync_to_async as sync_to_async
from channels.testing import WebsocketCommunicator
from django.test import Client

from tests import factories


def speaker(name="张明远", **fields):
    """Somebody who may talk: with a verified mobile number."""
    fields.setdefault("mobile", f"138{next(factories.serial):08}")
    return factories.user(name=name, mobile_verified=True, **fields)


def cookie(account):
    browser = Client()
    browser.force_login(account)
    return browser.cookies["sessionid"].value


def socket(broadcast, key="", *, origin="http://localhost", query="language=en"):
    from lms.asgi import application

    headers = [(b"host", b"localhost"), (b"origin", origin.encode()), (b"cookie", f"sessionid={key}".encode())]
    address = getattr(broadcast, "uuid", broadcast)
    opened = WebsocketCommunicator(application, f"/ws/live/{address}?{query}", headers=headers)
    opened.scope["client"] = ["192.0.2.7", 40_000]
    return opened


class Guest:
    """A page that keeps all it has been told."""

    def __init__(self, communicator):
        self.line = communicator
        self.told = []

    async def say(self, text, *, key=None, question=False):
        """What the school answers."""
        key = key or uuid4()
        await self.do("say", key=str(key), text=text, question=question)
        return await self.hear("said", "refused", "error")

    async def do(self, do, **told):
        await self.line.send_to(text_data=json.dumps({"do": do, **told}))

    async def hear(self, *kinds):
        """The next item of one of these types; what comes before it is kept in `told`."""
        while True:
            for number, item in enumerate(self.told):
                if item["type"] in kinds:
                    return self.told.pop(number)
            self.told += json.loads(await self.line.receive_from(timeout=10))

    async def closed_with(self):
        while (output := await self.line.receive_output(timeout=10))["type"] != "websocket.close":
            self.told += json.loads(output["text"])
        return output["code"]

    async def hears_nothing(self, seconds=0.3):
        return await self.line.receive_nothing(timeout=seconds)


@asynccontextmanager
async def inside(broadcast, account=None, **asked):
    """Somebody in the room who has heard the beginning."""
    key = await sync_to_async(cookie)(account) if account else ""
    opened = socket(broadcast, key, **asked)
    connected, _code = await opened.connect(timeout=10)
    assert connected
    guest = Guest(opened)
    guest.key = key
    guest.beginning = json.loads(await opened.receive_from(timeout=10))
    try:
        yield guest
    finally:
        with suppress(Exception):  # some have been closed by the school
            await opened.disconnect()
