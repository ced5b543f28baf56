"""What is said in a room, who may not say it, and who decided that. Nothing here is erased before its term."""

from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

LONGEST = 200  # characters of a message


class Room(models.Model):
    """How talking goes in a broadcast. Made with it."""

    class Mode(models.TextChoices):
        OPEN = "open", _("Everybody may talk")
        QUESTIONS = "questions", _("Questions only")
        OFF = "off", _("Talking is off")

    broadcast = models.OneToOneField("live.Broadcast", models.CASCADE, related_name="room")
    mode = models.CharField(_("talking"), max_length=9, choices=Mode.choices, default=Mode.OPEN)
    slow_seconds = models.PositiveSmallIntegerField(_("seconds between two messages of a person"), default=3)
    checked_first = models.BooleanField(_("messages are looked at before they are shown"), default=False)
    links_allowed = models.BooleanField(_("links are allowed"), default=False)
    overlay = models.BooleanField(_("messages also run over the picture"), default=False)
    notice = models.CharField(_("pinned notice"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=0)  # counts changes of this row

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")

    def __str__(self):
        return f"{self.broadcast}"


class MessageQuerySet(models.QuerySet):
    def shown(self):
        return self.filter(status=Message.Status.SHOWN)


class Message(models.Model):
    """Kept before it is shown, and kept when it is not: also what was refused or deleted."""

    class Kind(models.TextChoices):
        MESSAGE = "message", _("Message")
        QUESTION = "question", _("Question")

    class Status(models.TextChoices):
        SHOWN = "shown", _("Shown")
        HELD = "held", _("Waits for a moderator")
        REFUSED = "refused", _("Refused")
        DELETED = "deleted", _("Deleted")

    broadcast = models.ForeignKey("live.Broadcast", models.PROTECT, related_name="messages")
    key = models.UUIDField(default=uuid4)  # chosen by the page: sent twice is one message
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    author_name = models.CharField(max_length=40)  # as it was shown
    role = models.CharField(max_length=9, blank=True)  # of a host or officer, as it was shown
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.MESSAGE)
    text = models.CharField(max_length=LONGEST)  # as written
    shown_text = models.CharField(max_length=LONGEST, blank=True)  # when words were masked
    status = models.CharField(max_length=7, choices=Status.choices)
    reason = models.CharField(max_length=100, blank=True)  # why it is not shown
    at = models.DateTimeField()
    media_ms = models.PositiveIntegerField(null=True, blank=True)  # on the timeline of the recording
    address = models.GenericIPAddressField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    # Questions only.
    votes = models.PositiveIntegerField(default=0)  # denormalised from Vote
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["broadcast", "id"], name="message_of_a_room"),
            models.Index(fields=["at"], name="message_at"),
        ]
        constraints = [models.UniqueConstraint(fields=["broadcast", "author", "key"], name="message_once")]

    def __str__(self):
        return f"{self.author_name}: {self.text[:20]}"

    @property
    def caught_by(self):
        """The word for which it waits; "" where everything is looked at before it is shown."""
        return self.reason.removeprefix("word: ") if self.reason.startswith("word: ") else ""


class Vote(models.Model):
    """Somebody would like to hear the answer as well."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        constraints = [models.UniqueConstraint(fields=["message", "user"], name="vote_once")]

    def __str__(self):
        return f"{self.user} · {self.message_id}"


class RestrictionQuerySet(models.QuerySet):
    def at(self, moment: datetime):
        return self.filter(lifted_at=None).filter(Q(until=None) | Q(until__gt=moment))


class Restriction(models.Model):
    """Somebody may not talk until then, or may not be in the room at all."""

    class Kind(models.TextChoices):
        MUTE = "mute", _("Muted")
        BAN = "ban", _("Removed from the room")

    broadcast = models.ForeignKey("live.Broadcast", models.CASCADE, related_name="restrictions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=4, choices=Kind.choices)
    until = models.DateTimeField(null=True, blank=True)  # without: to the end
    reason = models.CharField(max_length=100, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)

    objects = RestrictionQuerySet.as_manager()

    class Meta:
        verbose_name = _("restriction")
        verbose_name_plural = _("restrictions")
        indexes = [models.Index(fields=["broadcast", "user"], name="restriction_of_a_person")]

    def __str__(self):
        return f"{self.user} · {self.get_kind_display()}"


class Deed(models.Model):
    """What somebody with a role did in the room. Written once."""

    broadcast = models.ForeignKey("live.Broadcast", models.PROTECT, related_name="deeds")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    role = models.CharField(max_length=9)
    verb = models.CharField(max_length=20)  # delete, approve, mute, unmute, ban, slow, mode, pin, poll, stop …
    message = models.ForeignKey(Message, models.SET_NULL, null=True, blank=True, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    detail = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("act of moderation")
        verbose_name_plural = _("acts of moderation")
        ordering = ["pk"]

    def __str__(self):
        return f"{self.verb} {self.at:%H:%M:%S}"


class Word(models.Model):
    """A word that messages are looked through for, normalised. The school ships a harmless sample; see import_words."""

    class Action(models.TextChoices):
        BLOCK = "block", _("Refuse the message")
        HOLD = "hold", _("Hold it for a moderator")
        MASK = "mask", _("Mask the word")

    text = models.CharField(_("word"), max_length=40)
    normal = models.CharField(max_length=40, unique=True, editable=False)
    action = models.CharField(_("what happens"), max_length=5, choices=Action.choices, default=Action.HOLD)
    category = models.CharField(_("category"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("watched word")
        verbose_name_plural = _("watched words")
        ordering = ["normal"]

    def __str__(self):
        return self.text


class Complaint(models.Model):
    """A participant finds a message not right."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="complaints")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    reason = models.CharField(max_length=100, blank=True)
    at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("complaint")
        verbose_name_plural = _("complaints")
        constraints = [models.UniqueConstraint(fields=["message", "user"], name="complaint_once")]

    def __str__(self):
        return f"{self.message_id} · {self.reason}"


class Poll(models.Model):
    """A question to the whole room. `options` is [{"key": "a", "text": …}]; `tally` is kept as ballots come in."""

    broadcast = models.ForeignKey("live.Broadcast", models.CASCADE, related_name="polls")
    question = models.CharField(_("question"), max_length=120)
    options = models.JSONField(_("options"))
    several = models.BooleanField(_("several answers"), default=False)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    tally = models.JSONField(default=dict)  # {"a": 12}
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("poll")
        verbose_name_plural = _("polls")
        ordering = ["pk"]

    def __str__(self):
        return self.question


class Ballot(models.Model):
    """One person's answer to a poll; another answer replaces it while the poll is open."""

    poll = models.ForeignKey(Poll, models.CASCADE, related_name="ballots")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    keys = models.JSONField()  # ["a"]
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("ballot")
        verbose_name_plural = _("ballots")
        constraints = [models.UniqueConstraint(fields=["poll", "user"], name="ballot_once")]

    def __str__(self):
        return f"{self.poll_id} · {self.user}"
