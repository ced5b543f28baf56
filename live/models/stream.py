"""What came in: a run for each connection of the encoder, and the segments it left on disk.

The segments' rows are the truth about the recording; playlists are written from them. All runs but rehearsals share one
timeline, in milliseconds, on which presence, chat and the replay agree.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RunQuerySet(models.QuerySet):
    def open(self):
        return self.filter(closed_at=None)


class Run(models.Model):
    """One connection of one publisher. Its files lie in <LIVE_ROOT>/<broadcast.name>/r0001/."""

    class Source(models.TextChoices):
        STUDIO = "studio", _("Browser studio")
        RTMP = "rtmp", _("Encoder software")
        RELAY = "relay", _("RTMP relay")

    class Closed(models.TextChoices):
        STOPPED = "stopped", _("The trainer stopped")
        NETWORK = "network", _("The connection was lost")
        SILENT = "silent", _("Nothing arrived any more")
        REPLACED = "replaced", _("A newer connection took over")
        ENCODER = "encoder", _("The media could not be read")
        DISK = "disk", _("The disk is full")
        KILLED = "killed", _("The bureau stopped it")
        RESTART = "restart", _("The ingest process ended")
        REVOKED = "revoked", _("The right to send was taken back")

    broadcast = models.ForeignKey("live.Broadcast", models.PROTECT, related_name="runs")
    number = models.PositiveSmallIntegerField()  # within the broadcast, from 1
    source = models.CharField(max_length=6, choices=Source.choices)
    rehearsal = models.BooleanField(default=False)  # for hosts alone, and no part of the replay
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed = models.CharField(max_length=8, choices=Closed.choices, blank=True)
    pid = models.PositiveIntegerField(null=True, blank=True)  # of its ffmpeg, with the moment it began
    pid_started = models.CharField(max_length=32, blank=True)

    # What the trainer sees about the line, written every few seconds.
    width = models.PositiveSmallIntegerField(null=True, blank=True)
    height = models.PositiveSmallIntegerField(null=True, blank=True)
    video_codec = models.CharField(max_length=16, blank=True)
    audio_codec = models.CharField(max_length=16, blank=True)
    copied = models.BooleanField(default=True)  # false: the picture is encoded here
    kbps = models.PositiveIntegerField(default=0)  # of the last ten seconds
    keyframe_ms = models.PositiveIntegerField(default=0)
    received = models.PositiveBigIntegerField(default=0)  # bytes
    heard_at = models.DateTimeField(null=True, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["broadcast", "number"], name="run_number"),
            models.UniqueConstraint(
                fields=["broadcast"], condition=models.Q(closed_at=None), name="run_one_open_at_a_time"
            ),
        ]

    def __str__(self):
        return f"{self.broadcast_id} r{self.number:04}"

    @property
    def folder(self):
        return f"r{self.number:04}"


class Segment(models.Model):
    """A closed piece of a run: <folder>/00000.m4s. Written once, when its file is complete and not empty."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="segments")
    broadcast = models.ForeignKey("live.Broadcast", models.PROTECT, related_name="segments")  # that of the run
    number = models.PositiveIntegerField()  # within the run, from 0: the name of the file
    sequence = models.PositiveIntegerField()  # within the broadcast, from 0: what playlists count
    started_at = models.DateTimeField()  # on the server's clock: EXT-X-PROGRAM-DATE-TIME
    duration_ms = models.PositiveIntegerField()
    begin_ms = models.PositiveIntegerField()  # on the timeline of the recording; rehearsals do not move it
    bytes = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        ordering = ["sequence"]
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="segment_number"),
            models.UniqueConstraint(fields=["broadcast", "sequence"], name="segment_sequence"),
            models.CheckConstraint(condition=models.Q(bytes__gt=0), name="segment_not_empty"),
        ]

    def __str__(self):
        return f"{self.run} #{self.number}"
