import asyncio
import signal

from django.conf import settings
from django.core.management.base import BaseCommand

from live.ingest import process


class Command(BaseCommand):
    help = "Take in broadcasts: RTMP from encoder software, a socket for browser studios. Apart from the web process."

    def handle(self, **options):
        asyncio.run(self.serve())

    async def serve(self):
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        await process.serve(
            stopped, say=self.stdout.write,
            rtmp=(settings.RTMP_HOST, settings.RTMP_PORT), studio=(settings.STUDIO_HOST, settings.STUDIO_PORT),
        )  # fmt: skip
