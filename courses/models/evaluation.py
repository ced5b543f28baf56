"""What those who took part think of an activity: five questions with stars, and a few words."""

from uuid import uuid4

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel

from lms.models.region import in_readers_language


class Aspect(models.TextChoices):
    """What is asked about, always in this order. The wording of a question may change, its subject may not."""

    CONTENT = "content", _("Organisation of the content")
    TRAINER = "trainer", _("Trainer")
    MATERIAL = "material", _("Material")
    USEFULNESS = "usefulness", _("Usefulness")
    PLACE = "place", _("Platform or venue")


class EvaluationQuestion(models.Model):
    """How one of the five questions is put."""

    aspect = models.CharField(_("about"), max_length=10, choices=Aspect.choices, unique=True)
    text = models.CharField(_("question"), max_length=120)
    text_en = models.CharField(_("question in English"), max_length=200)

    panels = [FieldPanel("aspect", read_only=True), FieldPanel("text"), FieldPanel("text_en")]

    class Meta:
        verbose_name = _("question of the evaluation")
        verbose_name_plural = _("questions of the evaluation")

    def __str__(self):
        return in_readers_language(self.text, self.text_en)


def stars():
    return models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(5)])


class EvaluationBundle(models.Model):
    """Answers that are told together or not at all. Nothing of it changes later: see `courses.bundles`."""

    ENOUGH = 5  # people of whom something may be told together

    activity = models.ForeignKey("lms.Activity", models.PROTECT, related_name="+")
    size = models.PositiveIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("bundle of answers")
        verbose_name_plural = _("bundles of answers")
        constraints = [models.CheckConstraint(condition=Q(size__gte=5), name="bundle_of_enough")]

    def __str__(self):
        return f"{self.activity_id} · {self.size}"


class EvaluationQuerySet(models.QuerySet):
    def standing(self):
        return self.filter(replaced_at=None)


class Evaluation(models.Model):
    """The answers of one person about one activity. Changed, it is a new row, and the old one says until when it held.

    `person` is the key of the book of record, so that a closed account leads to nobody. `fact` says by what the person
    was asked; an answer counts as long as any fact of the person in the activity stands, where the first of them does.
    Figures and words are told of whole bundles alone; in one an answer is final.
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    activity = models.ForeignKey("lms.Activity", models.PROTECT, related_name="evaluations")
    fact = models.ForeignKey("lms.Participation", models.PROTECT, related_name="+")
    person = models.UUIDField(db_index=True)
    content, trainer, material, usefulness, place = stars(), stars(), stars(), stars(), stars()
    satisfied = models.PositiveSmallIntegerField()  # denormalised: how many of the five are four stars or more
    words = models.CharField(_("words"), max_length=500, blank=True)
    answered_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True, blank=True)
    bundle = models.ForeignKey(EvaluationBundle, models.PROTECT, null=True, blank=True, related_name="answers")

    objects = EvaluationQuerySet.as_manager()

    class Meta:
        verbose_name = _("evaluation")
        verbose_name_plural = _("evaluations")
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "person"], condition=Q(replaced_at=None), name="evaluation_once"
            ),
            models.CheckConstraint(condition=Q(satisfied__lte=5), name="evaluation_satisfied"),
            models.CheckConstraint(condition=Q(bundle=None) | Q(replaced_at=None), name="evaluation_final_in_bundle"),
            *(
                models.CheckConstraint(condition=Q(**{f"{name}__gte": 1, f"{name}__lte": 5}), name=f"evaluation_{name}")
                for name in Aspect.values
            ),
        ]

    def __str__(self):
        return f"{self.activity_id} · {self.satisfied}/5"
