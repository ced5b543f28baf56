"""uvicorn --ws live.protocol:Frames. Sockets that take a frame which has been made for many, in one call.

The usual way from an application to a socket is a coroutine, a dictionary and a new frame for each of thousands of
sockets. With this class `scope["extensions"]["frames"]` is the connection itself, and a room writes to it directly;
applications that know nothing of it notice no difference. Compression is never agreed on: it would make every frame
another one.
"""

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

PATIENCE = 10  # seconds in which a page that is told to go takes what still waits for it
WAITING = 64 * 1024  # bytes that may wait for one page


class Frames(WebSocketsSansIOProtocol):
    def __init__(self, config, *args, **kwargs):
        config.ws_per_message_deflate = False
        super().__init__(config, *args, **kwargs)

    def connection_made(self, transport):
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=WAITING)

    def handle_connect(self, event):
        super().handle_connect(event)
        if self.handshake_initiated and not self.close_sent:
            self.scope["extensions"]["frames"] = self

    async def send(self, message):
        await super().send(message)
        if message["type"] == "websocket.accept":
            self.request = self.response = self.scope = None  # thousands of sockets stay open for hours

    def write(self, frame: bytes) -> bool:
        """Without waiting; False when too much waits already."""
        if not self.writable.is_set():
            return False
        if not self.close_sent and not self.disconnected:
            self.transport.write(frame)
        return True

    def close(self, code: int, reason: str) -> None:
        """As soon as the page has taken what waits, and without its help after a while."""
        if self.close_sent or self.disconnected:
            return
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.close_timer = self.loop.call_later(PATIENCE, self.transport.abort)
