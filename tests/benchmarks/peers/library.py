"""`websockets` alone, with its own broadcast(): what is received goes to everybody as it is."""

import sys

import uvloop
from websockets.asyncio.server import broadcast, serve

viewers = set()


async def viewer(line):
    viewers.add(line)
    try:
        async for message in line:
            broadcast(viewers, message)
    finally:
        viewers.discard(line)


async def main():
    async with serve(viewer, "127.0.0.1", int(sys.argv[1]), compression=None, backlog=4096) as server:
        await server.serve_forever()


uvloop.run(main())
