import signal
import time

import structlog
from django.core.management.base import BaseCommand
from django.db import OperationalError, close_old_connections

from media import holds, library, transcoding
from media.models import Video

PAUSE = 2.0  # seconds between two looks at an empty queue
SWEEP = 600.0  # seconds between two clean-ups
logger = structlog.get_logger(__name__)


class Command(BaseCommand):
    help = "Prepare uploaded films for the web. Start as many as there are cores to spare."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="work until the queue is empty, then end")

    def handle(self, *, once=False, **options):
        self.stopping = self.held = False
        self.swept = time.monotonic() - SWEEP
        before = {number: signal.signal(number, self.stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            self.serve(once)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def serve(self, once):
        while not self.stopping:
            close_old_connections()
            try:
                busy = self.turn()
            except OperationalError:
                logger.exception("database_away")
                busy = False
            if not busy and once and not self.held:
                return
            if not busy:
                self.wait()

    def turn(self):
        """Tidy up, then prepare one video; False when none was waiting, or films have to wait."""
        library.adopt()
        transcoding.reap()
        self.held = holds.active() is not None
        if time.monotonic() - self.swept >= SWEEP:
            self.swept = time.monotonic()
            transcoding.sweep()
            holds.tidy()
        video = None if self.held else transcoding.claim()
        if video:
            self.work(video)
            return True
        return not self.held and any(errand(lambda: self.stopping) for errand in transcoding.errands)

    def stop(self, number, frame):
        self.stopping = True

    def work(self, video):
        self.stdout.write(f"{video.pk} {video.title}")
        try:
            transcoding.work(video, stopping=lambda: self.stopping)
        except transcoding.Stopped:
            transcoding.release(video)
        except transcoding.Lost:
            self.stderr.write(f"{video.pk} was taken by another worker")
        except OperationalError:
            raise
        except Exception:
            # Whatever one film does to us, the films behind it are still prepared.
            logger.exception("video_broke_the_worker", video=str(video.uuid))
            transcoding.fail(video, Video.Reason.UNKNOWN)

    def wait(self):
        until = time.monotonic() + PAUSE
        while time.monotonic() < until and not self.stopping:
            time.sleep(0.1)
