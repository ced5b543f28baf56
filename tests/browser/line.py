"""A thin line between a browser and the school: as fast as is said, and it can be cut."""

import contextlib
import socket
import threading
import time

PIECE = 16 * 1024


class Line:
    """Passes connections on; what the browser sends is slowed down to `speed` bytes a second for each of them."""

    def __init__(self, port):
        self.port_behind, self.speed = port, None
        self.whole = True
        self.sockets = set()
        self.door = socket.socket()
        self.door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * PIECE)  # what is on its way is soon noticed
        self.door.bind(("127.0.0.1", 0))
        self.door.listen(32)
        self.url = f"http://localhost:{self.door.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        self.whole = False
        for each in list(self.sockets):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def mend(self):
        self.whole = True

    def close(self):
        self.cut()
        self.door.close()

    def _accept(self):
        while True:
            try:
                browser, _ = self.door.accept()
            except OSError:
                return  # closed
            try:
                if not self.whole:
                    raise ConnectionRefusedError
                school = socket.create_connection(("127.0.0.1", self.port_behind), timeout=5)
                school.settimeout(None)
            except OSError:
                browser.close()
                continue
            self.sockets |= {browser, school}
            threading.Thread(target=self._pass, args=(browser, school, True), daemon=True).start()
            threading.Thread(target=self._pass, args=(school, browser, False), daemon=True).start()

    def _pass(self, source, target, slow):
        with contextlib.suppress(OSError):
            while piece := source.recv(PIECE):
                if slow and self.speed:
                    time.sleep(len(piece) / self.speed)
                target.sendall(piece)
        for each in (source, target):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self.sockets -= {source, target}
