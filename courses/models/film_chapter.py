"""The chapters of a lesson's film: where a part begins, what it is called, and which clause it explains."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel

from courses.moments import MomentField, in_link
from media import handouts


class FilmChapter(models.Model):
    """Belongs to the lesson and not to the film: each language of a lesson names its own."""

    lesson = ParentalKey("courses.LessonPage", on_delete=models.CASCADE, related_name="film_chapters")
    start_ms = MomentField(_("begins at"), help_text=_("Minutes and seconds of the film, such as 12:40."))
    title = models.CharField(_("title"), max_length=80)
    standard = models.ForeignKey(
        "courses.Standard",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="film_chapters",
        verbose_name=_("standard explained"),
    )
    clause = models.CharField(_("clause"), max_length=40, blank=True, help_text=_("The number, such as 8.5.1."))

    panels = [
        FieldRowPanel([FieldPanel("start_ms"), FieldPanel("title")]),
        FieldRowPanel([FieldPanel("standard"), FieldPanel("clause")]),
    ]

    class Meta:
        verbose_name = _("chapter of the film")
        verbose_name_plural = _("chapters of the film")
        ordering = ["start_ms", "pk"]

    def __str__(self):
        return self.title

    @property
    def start(self) -> float:
        return self.start_ms / 1000

    @property
    def at(self) -> str:
        """60.5, as links into the film say it."""
        return in_link(self.start_ms)


class LessonForm(WagtailAdminPageForm):
    """Checks what no field can know alone: that no two chapters begin together, that all lie within the film, and
    that handouts are files which the editor may read.
    """

    def clean(self):
        data = super().clean()
        if self._names_foreign_files(data.get("body") or []):
            self.add_error("body", _("One of the handouts is a file that is not open to you. Choose it from the list."))
        formset = self.formsets.get("film_chapters")
        if formset is None:
            return data
        video = next((block.value for block in data.get("body") or [] if block.block_type == "video"), None)
        taken = set()
        for form in formset.forms:
            kept = dict(form.cleaned_data) if form.is_valid() else {}  # a fault takes its field out of the original
            if kept.get("DELETE") or kept.get("start_ms") is None:
                continue
            for field, words in _faults(kept, taken, video):
                form.add_error(field, words)
            taken.add(kept["start_ms"])
        return data

    def _names_foreign_files(self, body):
        """Whether it names anew what this person could not have picked; what the lesson had already may stay."""
        fresh = _handouts(body) - _handouts(self.instance.body)
        if not fresh or self.for_user is None:
            return False
        return handouts.readable(self.for_user).filter(pk__in=fresh).count() < len(fresh)


def _handouts(body):
    files = [block.value["file"] for block in body if block.block_type == "handout"]
    return {file.pk for file in files if file}


def _faults(chapter, taken, video):
    if chapter["start_ms"] in taken:
        yield "start_ms", _("Another chapter begins at the same moment.")
    if video is None:
        yield "start_ms", _("This lesson has no film yet. Choose the video first.")
    elif video.duration and chapter["start_ms"] >= video.duration * 1000:
        yield "start_ms", _("The film is over before this moment.")
    if chapter.get("clause") and not chapter.get("standard"):
        yield "standard", _("Which standard is this clause of?")
