"""Pages in two languages: one language is the school's first, and learning is recorded there."""

from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from django.utils import translation
from wagtail.models import Locale, Page, PageViewRestriction

FRESH_FOR = 60


def first_locale() -> int:
    """The key of the locale that learning is recorded in."""
    return cache.get_or_set("first-locale", lambda: Locale.objects.get(language_code=settings.LANGUAGE_CODE).pk, 300)


class Bilingual:
    """Knows its other language. A page never knows who is reading it."""

    section = ""  # the entry of the main navigation that it belongs to

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        return context | {"other_language_url": self.other_language_url(request), "section": self.section}

    def other_language_url(self, request) -> str:
        """Of the same page in the other language, or else of the school's home there."""
        key = f"twin:{self.translation_key}:{self.locale_id}"
        return cache.get_or_set(key, lambda: self._find_other_language(request), FRESH_FOR)

    def _find_other_language(self, request):
        twins = Page.objects.live().filter(translation_key=self.translation_key, alias_of=None)
        twin = twins.exclude(locale_id=self.locale_id).first()
        if twin:
            return twin.get_url(request)
        with translation.override("en" if self.locale_id == first_locale() else settings.LANGUAGE_CODE):
            return reverse("wagtail_serve", args=[""])

    def get_view_restrictions(self):
        """In one query, where Wagtail takes the ancestors first; in none where the page was found with them."""
        found = self.__dict__.get("restrictions_found")
        if found is not None:
            return found
        if self.alias_of_id:
            return super().get_view_restrictions()
        above = [self.path[:step] for step in range(self.steplen, len(self.path) + 1, self.steplen)]
        return PageViewRestriction.objects.filter(page__path__in=above)


class Canonical(Bilingual):
    """Translations of one page share what is learnt: records hang on the page in the school's first language."""

    section = "catalogue"

    def canonical(self):
        if self.locale_id == first_locale():
            return self
        first = type(self).objects.filter(translation_key=self.translation_key, locale_id=first_locale()).first()
        return first or self  # a course that exists in English only
