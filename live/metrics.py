"""What Prometheus reads about broadcasts. The ingest process writes into the runs; the web process tells."""

from django.db import DatabaseError
from django.db.models import Count, Max, Sum
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import REGISTRY, Collector

from . import space
from .models import Broadcast, Run, Segment


class LiveCollector(Collector):
    """Asked at each scrape; without a database it says nothing, since lms.metrics says that."""

    def describe(self):
        return []

    def collect(self):
        try:
            yield from _runs()
        except DatabaseError:
            return
        yield GaugeMetricFamily("cqo_live_disk_free_bytes", "Free where broadcasts are kept", value=space.room().free)


def _runs():
    running = Run.objects.open().select_related("broadcast")
    kbps = GaugeMetricFamily("cqo_live_ingest_kbps", "What arrives from publishers", labels=["stream", "source"])
    silence = GaugeMetricFamily("cqo_live_ingest_silence_seconds", "Since the last byte", labels=["stream"])
    delay = GaugeMetricFamily("cqo_live_piece_delay_seconds", "Age of the newest piece", labels=["stream"])
    now = timezone.now()
    newest = dict(
        Segment.objects.filter(run__closed_at=None).values_list("broadcast_id").annotate(newest=Max("started_at"))
    )
    for run in running:
        name = run.broadcast.name
        kbps.add_metric([name, run.source], run.kbps)
        silence.add_metric([name], (now - (run.heard_at or run.opened_at)).total_seconds())
        if run.broadcast_id in newest:
            delay.add_metric([name], (now - newest[run.broadcast_id]).total_seconds())
    yield from (kbps, silence, delay)
    pieces = Segment.objects.aggregate(number=Count("pk"), bytes=Sum("bytes"))
    yield GaugeMetricFamily("cqo_live_pieces", "Pieces of all recordings", value=pieces["number"])
    yield GaugeMetricFamily("cqo_live_bytes", "Bytes of all recordings", value=pieces["bytes"] or 0)
    runs = GaugeMetricFamily("cqo_live_runs", "Connections of publishers, by how they closed", labels=["closed"])
    for closed, number in Run.objects.order_by().values_list("closed").annotate(number=Count("pk")):
        runs.add_metric([closed or "open"], number)
    yield runs
    on_air = Broadcast.objects.on_air().count()
    yield GaugeMetricFamily("cqo_live_on_air", "Broadcasts on air, interrupted ones as well", value=on_air)


def register() -> None:
    REGISTRY.register(LiveCollector())
