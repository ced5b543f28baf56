import asyncio
import signal

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from live.ingest import process
from live.ingest.alone import Taken, alone


class Command(BaseCommand):
    help = "Take in broadcasts: RTMP from encoder software, a socket for browser studios. Apart from the web process."

    def handle(self, **options):
        try:
            with alone():
                asyncio.run(self.serve())
        except Taken as taken:
            raise CommandError(
                f"live_ingest runs already for {settings.LIVE_ROOT} (process {taken}). A second one would end its "
                "broadcasts, so this one does not start. Stop the other one first."
            ) from taken

    async def serve(self):
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        await process.serve(
            stopped, say=self.stdout.write,
            rtmp=(settings.RTMP_HOST, settings.RTMP_PORT), studio=(settings.STUDIO_HOST, settings.STUDIO_PORT),
        )  # fmt: skip
