"""How editors write questions and blueprints. What a form brings goes through the rules of `questions`."""

import json
import re

from django import forms
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from courses import questions
from courses.models import BlueprintRule, Question

ROWS = 8  # options on the form; a question that already has more shows them all


class OptionsWidget(forms.Widget):
    """Rows of a letter, a text and a box for what is right. The value is a list of {text, right}."""

    template_name = "courses/admin/question_options.html"

    class Media:
        css = {"all": ["courses/css/question-options.css"]}

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        given = value or []
        blank = {"text": "", "right": False}
        rows = [*given, *[blank] * (max(ROWS, len(given)) - len(given))]
        context["rows"] = [
            {"name": f"{name}-{index}", "letter": questions.LETTERS[index], **row} for index, row in enumerate(rows)
        ]
        return context

    def _render(self, template_name, context, renderer=None):
        """From the school's templates; Django's own form renderer looks only into apps."""
        return render_to_string(template_name, context)

    def value_from_datadict(self, data, files, name):
        found = []
        for index in range(len(questions.LETTERS)):
            text, right = data.get(f"{name}-{index}-text", ""), f"{name}-{index}-right" in data
            found.append({"text": text.strip(), "right": right})
        filled = [index for index, row in enumerate(found) if row["text"] or row["right"]]
        return found[: filled[-1] + 1] if filled else []

    def value_omitted_from_data(self, data, files, name):
        return f"{name}-0-text" not in data

    def id_for_label(self, id_):
        return ""


class OptionsField(forms.Field):
    widget = OptionsWidget

    def has_changed(self, initial, data):
        return (initial or []) != (data or [])


class TopicsWidget(forms.TextInput):
    """A list of topics written as 甲、乙."""

    def format_value(self, value):
        return "、".join(json.loads(value) if isinstance(value, str) else value or [])

    def value_from_datadict(self, data, files, name):
        topics = [topic.strip() for topic in re.split(r"[、，,;；]", data.get(name, ""))]
        return json.dumps([topic for topic in topics if topic], ensure_ascii=False)


class QuestionForm(WagtailAdminModelForm):
    stem = forms.CharField(label=_("stem"), widget=forms.Textarea(attrs={"rows": 3}))
    choices = OptionsField(
        label=_("options"),
        required=False,
        help_text=_("Tick what is right. For true or false, row A is “true” and row B is “false”."),
    )
    explanation = forms.CharField(label=_("explanation"), required=False, widget=forms.Textarea(attrs={"rows": 3}))

    class Meta:
        model = Question
        fields = ["code", "kind", "course", "topic", "difficulty", "standards", "retired"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        version = self.instance.current
        if self.instance.pk:
            self.fields["kind"].disabled = True
        if version:
            rows = [{"text": each["text"], "right": each["key"] in version.answer} for each in version.options]
            self.initial |= {"stem": version.stem, "choices": rows, "explanation": version.explanation}

    def clean(self):
        cleaned = super().clean()
        words = self._words(cleaned)
        try:
            questions.checked(cleaned.get("kind") or "", **words)
        except questions.Malformed as malformed:
            for field, problem in malformed.problems.items():
                self.add_error("stem" if field == "stem" else "choices", problem)
        return cleaned

    def save(self, commit=True):
        """Where a question stands is plain data; what it says becomes a version."""
        with transaction.atomic():
            question = super().save(commit)
            words = self._words(self.cleaned_data)
            questions.revise(
                question, author=self.for_user, explanation=self.cleaned_data.get("explanation", ""), **words
            )
        return question

    def _words(self, cleaned):
        rows = cleaned.get("choices") or []
        if cleaned.get("kind") == Question.Kind.TRUE_FALSE:
            keys = questions.TRUE_FALSE
            rows = [*rows, *[{"text": "", "right": False}] * 2][:2]
            rows = [{**row, "text": row["text"] or word} for row, word in zip(rows, keys.values(), strict=True)]
        else:
            rows = [row for row in rows if row["text"] or row["right"]]
            keys = questions.LETTERS
        lettered = list(zip(keys, rows, strict=False))
        return {
            "stem": cleaned.get("stem") or "",
            "options": [{"key": key, "text": row["text"]} for key, row in lettered],
            "answer": [key for key, row in lettered if row["right"]],
        }


class AssessmentForm(WagtailAdminModelForm):
    """Refuses a blueprint that the bank of today cannot fill."""

    def is_valid(self):
        if not super().is_valid():
            return False
        try:
            questions.check(self._lines())
        except questions.TooFew as lack:
            self.add_error(None, lack.message)
        return not self.errors

    def _lines(self):
        kept = [form for form in self.formsets["rules"].forms if form.cleaned_data and not form.cleaned_data["DELETE"]]
        kept.sort(key=lambda form: form.cleaned_data.get("ORDER") or 0)
        fields = ("kind", "course", "topics", "count", "score_each")
        return [BlueprintRule(**{name: form.cleaned_data[name] for name in fields}) for form in kept]
