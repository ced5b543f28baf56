"""What Prometheus reads beside the counters of requests: the queue of tasks and the pulse of the workers."""

from django.db import DatabaseError
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import REGISTRY, Collector

from . import jobs


class JobCollector(Collector):
    """Asked at each scrape. When the database does not answer, cqo_database_up says so and the rest is left out."""

    def describe(self):
        """Nothing is asked when this is registered: the database may not exist yet."""
        return []

    def collect(self):
        try:
            queue, ages = jobs.queue(), jobs.beat_ages()
        except DatabaseError:
            yield GaugeMetricFamily("cqo_database_up", "The database answered", value=0)
            return
        yield GaugeMetricFamily("cqo_database_up", "The database answered", value=1)
        yield GaugeMetricFamily("cqo_tasks_waiting", "Tasks that wait for a worker", value=queue.waiting)
        yield GaugeMetricFamily("cqo_tasks_running", "Tasks being worked on", value=queue.running)
        yield GaugeMetricFamily("cqo_tasks_failed", "Tasks that failed and are kept", value=queue.failed)
        yield GaugeMetricFamily("cqo_task_oldest_seconds", "Age of the oldest waiting task", value=queue.oldest_seconds)
        beats = GaugeMetricFamily("cqo_worker_beat_age_seconds", "Seconds since a worker's pulse", labels=["worker"])
        for name, age in ages.items():
            beats.add_metric([name], age)
        yield beats


def register() -> None:
    REGISTRY.register(JobCollector())
