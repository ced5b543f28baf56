"""Questions with versions, papers by blueprint, attempts with every answer kept."""

from datetime import datetime
from string import ascii_uppercase
from uuid import uuid4

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.models import Orderable

FIRST_LANGUAGE = {"locale__language_code": settings.LANGUAGE_CODE}  # records hang on the canonical page


class QuestionQuerySet(models.QuerySet):
    def usable(self):
        return self.filter(retired=False).exclude(current=None)

    def asked(self):
        """Those that stand on somebody's paper: they can be retired, but not deleted."""
        return self.filter(versions__answers__isnull=False).distinct()

    def under(self, rule: "BlueprintRule"):
        """Those that a line of a blueprint may draw from."""
        found = self.usable()
        if rule.kind:
            found = found.filter(kind=rule.kind)
        if rule.course_id:
            found = found.filter(course=rule.course_id)
        return found.filter(topic__in=rule.topics) if rule.topics else found


class Question(models.Model):
    """A place in the bank. What it says is in its versions; editing makes a new one."""

    class Kind(models.TextChoices):
        SINGLE = "single", _("Single choice")
        MULTIPLE = "multiple", _("Multiple choice")
        TRUE_FALSE = "truefalse", _("True or false")

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    code = models.CharField(_("code"), max_length=40, unique=True)
    kind = models.CharField(_("type"), max_length=10, choices=Kind.choices)
    course = models.ForeignKey(
        "courses.CoursePage",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="questions",
        limit_choices_to=FIRST_LANGUAGE,
        verbose_name=_("course"),
    )
    topic = models.CharField(_("topic"), max_length=60, blank=True, db_index=True)
    difficulty = models.PositiveSmallIntegerField(
        _("difficulty"), default=2, validators=[MinValueValidator(1), MaxValueValidator(3)]
    )
    standards = models.ManyToManyField("courses.Standard", blank=True, verbose_name=_("standards"))
    current = models.ForeignKey(
        "courses.QuestionVersion", models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    retired = models.BooleanField(_("retired"), default=False)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["code"]

    def __str__(self):
        return f"{self.code} {self.current.stem if self.current else ''}"


class QuestionVersion(models.Model):
    """The words of a question at one time. Never edited: attempts point here."""

    question = models.ForeignKey(Question, models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    stem = models.TextField(_("stem"))
    options = models.JSONField(_("options"))  # [{"key": "A", "text": …}]
    answer = models.JSONField(_("answer"))  # ["B", "C"]
    explanation = models.TextField(_("explanation"), blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("question version")
        verbose_name_plural = _("question versions")
        constraints = [models.UniqueConstraint(fields=["question", "number"], name="question_version")]

    def __str__(self):
        return f"{self.question.code} v{self.number}"


class Assessment(ClusterableModel):
    """A quiz, a course test or a final exam: the rule by which papers are drawn and marked."""

    class Kind(models.TextChoices):
        QUIZ = "quiz", _("Quiz")
        EXAM = "exam", _("Final exam")

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=120)
    title_en = models.CharField(_("English title"), max_length=120, blank=True)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices, default=Kind.QUIZ)
    pass_percent = models.PositiveSmallIntegerField(
        _("per cent to pass"), default=60, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    attempts = models.PositiveSmallIntegerField(_("attempts allowed (0: any number)"), default=0)
    cooling_minutes = models.PositiveIntegerField(_("minutes between attempts"), default=0)
    time_limit = models.PositiveSmallIntegerField(_("minutes to answer (0: no limit)"), default=0)
    shuffle_questions = models.BooleanField(_("shuffle questions"), default=True)
    shuffle_options = models.BooleanField(_("shuffle options"), default=True)
    partial_credit = models.BooleanField(_("part of the score for an incomplete multiple choice"), default=False)
    show_explanations = models.BooleanField(_("show explanations afterwards"), default=True)

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        ordering = ["title"]

    def __str__(self):
        return self.title

    @property
    def shown_title(self) -> str:
        """In the language of the reader; Chinese where no English was given."""
        english = (get_language() or "").startswith("en")
        return (english and self.title_en) or self.title


class BlueprintRule(Orderable):
    """Draw `count` questions (0: all) of a kind from a course's bank, perhaps of some topics."""

    assessment = ParentalKey(Assessment, on_delete=models.CASCADE, related_name="rules")
    kind = models.CharField(_("type"), max_length=10, choices=Question.Kind.choices, blank=True)
    course = models.ForeignKey(
        "courses.CoursePage",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        limit_choices_to=FIRST_LANGUAGE,
        verbose_name=_("course"),
    )
    topics = models.JSONField(_("topics"), default=list, blank=True)
    count = models.PositiveSmallIntegerField(_("how many (0: all)"), default=0)
    score_each = models.PositiveSmallIntegerField(_("score each"), default=2, validators=[MinValueValidator(1)])


class AttemptQuerySet(models.QuerySet):
    def open(self):
        return self.filter(submitted_at=None)

    def passed(self):
        return self.filter(passed=True)

    def overdue(self, at: datetime):
        """Open, with a deadline before that moment, or left over from a period of study that has ended."""
        of_another_period = models.Q(enrolment__ended_at__lt=at) | models.Q(programme_enrolment__ended_at__lt=at)
        return self.open().filter(models.Q(deadline__lt=at) | of_another_period)


class Attempt(models.Model):
    """One sitting: the paper as drawn, the clock, and the result when handed in."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="attempts_made")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="attempts")
    enrolment = models.ForeignKey("courses.Enrolment", models.PROTECT, null=True, blank=True, related_name="attempts")
    programme_enrolment = models.ForeignKey(
        "courses.ProgrammeEnrolment", models.PROTECT, null=True, blank=True, related_name="attempts"
    )
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    deadline = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    timed_out = models.BooleanField(default=False)

    # The rule as it was when the paper was handed out.
    partial_credit = models.BooleanField(default=False)
    pass_score = models.DecimalField(max_digits=6, decimal_places=2)
    full_score = models.DecimalField(max_digits=6, decimal_places=2)

    score = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    passed = models.BooleanField(null=True, blank=True)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["-started_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(enrolment=None) ^ models.Q(programme_enrolment=None), name="attempt_for_one"
            ),
            models.UniqueConstraint(
                fields=["assessment", "enrolment"],
                condition=models.Q(submitted_at=None),
                name="attempt_one_open_course",
            ),
            models.UniqueConstraint(
                fields=["assessment", "programme_enrolment"],
                condition=models.Q(submitted_at=None),
                name="attempt_one_open_programme",
            ),
            models.UniqueConstraint(fields=["assessment", "enrolment", "number"], name="attempt_number_course"),
            models.UniqueConstraint(
                fields=["assessment", "programme_enrolment", "number"], name="attempt_number_programme"
            ),
        ]
        indexes = [
            models.Index(fields=["deadline"], condition=models.Q(submitted_at=None), name="attempt_open_deadline")
        ]

    def __str__(self):
        return f"{self.user} · {self.assessment} · {self.number}"


class Answer(models.Model):
    """A question on the paper of an attempt, and what was answered so far."""

    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="answers")
    position = models.PositiveSmallIntegerField()
    version = models.ForeignKey(QuestionVersion, models.PROTECT, related_name="answers")
    option_keys = models.JSONField()  # the order in which the options were shown
    full_score = models.DecimalField(max_digits=5, decimal_places=2)
    chosen = models.JSONField(default=list)
    answered_at = models.DateTimeField(null=True, blank=True)
    marked = models.BooleanField(default=False)
    score = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["attempt", "position"], name="answer_position")]

    def __str__(self):
        return f"{self.attempt} #{self.position}"

    @property
    def shown_options(self) -> list[dict]:
        """As they stood on the paper. Letters follow that order; true and false need none."""
        texts = {option["key"]: option["text"] for option in self.version.options}
        lettered = self.version.question.kind != Question.Kind.TRUE_FALSE
        return [
            {
                "letter": letter if lettered else "",
                "key": key,
                "text": texts[key],
                "chosen": key in self.chosen,
                "right": key in self.version.answer,
            }
            for letter, key in zip(ascii_uppercase, self.option_keys, strict=False)
        ]

    @property
    def verdict(self) -> str:
        """blank, right, part or wrong, once marked."""
        if not self.chosen:
            return "blank"
        if self.score == self.full_score:
            return "right"
        return "part" if self.score else "wrong"
