"""The beginning and the end of a web process, as its server tells them."""

from asgiref.sync import sync_to_async

from . import presence


async def lifespan(scope, receive, send):
    """At the end, when all sockets are closed, what pages said and is not written yet is written."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        else:
            await sync_to_async(presence.write_last)()
            await send({"type": "lifespan.shutdown.complete"})
            return
