"""What can be said about a line while it is fed: how much comes, and how far key frames lie apart."""

import time
from collections import deque
from itertools import pairwise

SPAN = 10.0  # seconds over which the rate is taken
KEYS = 5  # the last key frames


class Line:
    def __init__(self) -> None:
        self.began = self.heard = time.monotonic()
        self.received = 0
        self._marks: deque[tuple[float, int]] = deque([(self.began, 0)])
        self.pieces: deque[int] = deque(maxlen=KEYS)  # milliseconds of the last finished ones
        self._keys: deque[int] = deque(maxlen=KEYS)

    def count(self, size: int) -> None:
        self.received += size
        self.heard = time.monotonic()

    def key_frame(self, timestamp: int) -> None:
        self._keys.append(timestamp)

    @property
    def silence(self) -> float:
        return time.monotonic() - self.heard

    @property
    def keyframe_ms(self) -> int:
        """The longest way between the last key frames; 0 while there were not two.

        Where the media are not looked into, the last pieces tell: each begins with a key frame.
        """
        if not self._keys:
            return max(self.pieces, default=0)
        return max(((after - before) % (1 << 32) for before, after in pairwise(self._keys)), default=0)

    def kbps(self) -> int:
        """Of the last ten seconds, or since the beginning; to be asked every few seconds."""
        now = time.monotonic()
        while len(self._marks) > 1 and now - self._marks[1][0] >= SPAN:
            self._marks.popleft()
        then, before = self._marks[0]
        self._marks.append((now, self.received))
        return round((self.received - before) * 8 / 1000 / max(now - then, 0.5))
