"""The question bank: words with versions, and papers drawn from it by a blueprint."""

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils.translation import gettext as _

from courses.models import Assessment, BlueprintRule, CoursePage, Question, QuestionVersion, Standard
from lms.models import User

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
TRUE_FALSE = {"T": "正确", "F": "错误"}  # in the language of the bank
FRESH_FOR = 60  # seconds that the parts of a paper are kept for its card
PARTS = tuple(Question.Kind)  # the order of the parts of a paper

Option = dict[str, str]  # {"key": "A", "text": "…"}


class Malformed(Exception):
    """`problems` maps kind, stem, options, answer or standards to a sentence for the author."""

    def __init__(self, problems: dict[str, str]):
        super().__init__("; ".join(f"{field}: {problem}" for field, problem in problems.items()))
        self.problems = problems


class TooFew(Exception):
    """The bank cannot fill the blueprint's line number `line` (from 1)."""

    def __init__(self, *, line: int, wanted: int, found: int):
        super().__init__(f"line {line} wants {wanted}, the bank has {found}")
        self.line, self.wanted, self.found = line, wanted, found

    @property
    def message(self) -> str:
        words = _("Line %(line)d asks for %(wanted)d questions, but the bank has only %(found)d for it.")
        return words % {"line": self.line, "wanted": self.wanted, "found": self.found}


@dataclass(frozen=True)
class Drawn:
    """A question on a paper: its words, the order of its options, its score."""

    version: QuestionVersion
    option_keys: list[str]
    score: int


@dataclass(frozen=True)
class Part:
    """A line of what a paper holds. `kind` is empty where a line of the blueprint takes any type."""

    kind: str
    count: int
    score_each: int

    @property
    def label(self) -> str:
        return str(Question.Kind(self.kind).label) if self.kind else _("Any type")

    @property
    def score(self) -> int:
        return self.count * self.score_each


@transaction.atomic
def revise(
    question: Question,
    *,
    stem: str,
    options: Sequence[Option],
    answer: Sequence[str],
    explanation: str = "",
    author: User | None = None,
) -> QuestionVersion:
    """Give the question new words. Papers handed out before keep the old ones; the same words make no new version."""
    words = checked(question.kind, stem=stem, options=options, answer=answer) | {"explanation": explanation.strip()}
    held = Question.objects.select_for_update().get(pk=question.pk)
    current = held.current
    if current and all(getattr(current, field) == value for field, value in words.items()):
        return current
    latest = held.versions.order_by("-number").first()
    made = QuestionVersion.objects.create(
        question=held, number=latest.number + 1 if latest else 1, author=author, **words
    )
    Question.objects.filter(pk=held.pk).update(current=made)
    question.current = made
    return made


def checked(kind: str, *, stem: str, options: Sequence[Option], answer: Sequence[str]) -> dict[str, Any]:
    """The words in their stored form. Raises Malformed with every problem at once."""
    options = [{"key": option["key"].strip(), "text": option["text"].strip()} for option in options]
    keys = [option["key"] for option in options]
    problems = {
        "stem": "" if stem.strip() else _("Write the question."),
        "options": _wrong_options(kind, options, keys),
        "answer": _wrong_answer(kind, keys, answer),
    }
    found = {field: problem for field, problem in problems.items() if problem}
    if found:
        raise Malformed(found)
    return {"stem": stem.strip(), "options": options, "answer": [key for key in keys if key in answer]}


def draw(assessment: Assessment, *, seed: str) -> list[Drawn]:
    """The paper of that seed, for ever the same while the bank is. Raises TooFew."""
    chance = random.Random(seed)  # noqa: S311 -- fair, not secret
    allotted = _allot(list(assessment.rules.all()), chance)
    found = QuestionVersion.objects.select_related("question").in_bulk(allotted)
    versions = [found[pk] for pk in allotted]
    if assessment.shuffle_questions:
        chance.shuffle(versions)
    versions.sort(key=lambda version: PARTS.index(version.question.kind))
    return [Drawn(each, _order(each, assessment, chance), allotted[each.pk]) for each in versions]


def check(rules: Sequence[BlueprintRule]) -> None:
    """Raises TooFew if the bank of today cannot fill these lines, saved or not."""
    _allot(rules, random.Random(0))  # noqa: S311 -- any seed fails alike


def parts(assessment: Assessment) -> list[Part]:
    """What a paper holds, in the order of its parts, without drawing it."""
    counted: Counter[tuple[str, int]] = Counter()
    taken: set[int] = set()
    for rule in assessment.rules.all():
        if rule.count:
            counted[rule.kind, rule.score_each] += rule.count
            continue
        for pk, kind in Question.objects.under(rule).exclude(pk__in=taken).values_list("pk", "kind"):
            taken.add(pk)
            counted[kind, rule.score_each] += 1
    found = [Part(kind, count, score) for (kind, score), count in counted.items()]
    return sorted(found, key=lambda part: PARTS.index(part.kind) if part.kind else len(PARTS))


def kept_parts(assessment: Assessment) -> list[Part]:
    """The same for a card that only announces the paper: a change of its questions shows within a minute."""
    known: list[Part] | None = cache.get(f"parts:{assessment.pk}")
    if known is None:
        known = parts(assessment)
        cache.set(f"parts:{assessment.pk}", known, FRESH_FOR)
    return known


@transaction.atomic
def load(rows: Iterable[Mapping], course_by_id: Mapping[str, CoursePage]) -> list[Question]:
    """Bring questions in by their code; loading the same rows again changes nothing.

    A row is {id, course, type, topic, stem, options: [{key, text}], answer: [key], explanation, standards: [number]}.
    """
    return [_brought(row, course_by_id[row["course"]]) for row in rows]


def _brought(row: Mapping, course: CoursePage) -> Question:
    standards = list(Standard.objects.filter(number__in=row["standards"]))
    missing = set(row["standards"]) - {standard.number for standard in standards}
    if missing:
        raise Malformed({"standards": _("Unknown: %(numbers)s") % {"numbers": ", ".join(sorted(missing))}})
    place = {"course": course, "topic": row["topic"]}
    question, _made = Question.objects.update_or_create(
        code=row["id"], defaults=place, create_defaults={**place, "kind": row["type"]}
    )
    if question.kind != row["type"]:
        raise Malformed({"kind": _("A question keeps its type. Retire it and write a new one.")})
    question.standards.set(standards)
    revise(
        question,
        stem=row["stem"],
        options=row["options"],
        answer=row["answer"],
        explanation=row["explanation"],
    )
    return question


def _order(version: QuestionVersion, assessment: Assessment, chance: random.Random) -> list[str]:
    keys = [option["key"] for option in version.options]
    if assessment.shuffle_options and version.question.kind != Question.Kind.TRUE_FALSE:
        chance.shuffle(keys)
    return keys


def _allot(rules: Sequence[BlueprintRule], chance: random.Random) -> dict[int, int]:
    """Version → score, in the order of the lines, no question twice.

    Lines that take all come first. The others are matched with what is left so that overlapping lines
    fail only if no choice at all could satisfy them, whatever the seed.
    """
    pools = [dict(Question.objects.under(rule).order_by("code").values_list("pk", "current")) for rule in rules]
    taken: set[int] = set()
    whole: dict[int, list[int]] = {}
    for line, rule in enumerate(rules):
        if not rule.count:
            whole[line] = [question for question in pools[line] if question not in taken]
            taken.update(whole[line])
            if not whole[line]:
                raise TooFew(line=line + 1, wanted=1, found=0)
    free = [[question for question in pool if question not in taken] for pool in pools]
    for pool in free:
        chance.shuffle(pool)
    counted = _match([rule.count for rule in rules], free)
    chosen = [whole.get(line, counted[line]) for line in range(len(rules))]
    return {
        pool[question]: rule.score_each
        for rule, pool, picked in zip(rules, pools, chosen, strict=True)
        for question in picked
    }


def _match(counts: list[int], free: list[list[int]]) -> list[list[int]]:
    """Questions for each line, as many as its count: a bipartite matching by augmenting paths."""
    line_of: dict[int, int] = {}
    for line, count in enumerate(counts):
        for filled in range(count):
            if not _placed(line, free, line_of, set()):
                raise TooFew(line=line + 1, wanted=count, found=filled)
    return [[question for question in pool if line_of.get(question) == line] for line, pool in enumerate(free)]


def _placed(line: int, free: list[list[int]], line_of: dict[int, int], tried: set[int]) -> bool:
    """Give the line one more question; a line that has to give one up finds another."""
    tried.add(line)
    for question in free[line]:
        if question not in line_of:
            line_of[question] = line
            return True
    for question in free[line]:
        if line_of[question] not in tried and _placed(line_of[question], free, line_of, tried):
            line_of[question] = line
            return True
    return False


def _wrong_options(kind: str, options: list[Option], keys: list[str]) -> str:
    texts = ["".join(option["text"].split()).casefold() for option in options]
    if kind == Question.Kind.TRUE_FALSE:
        if tuple(keys) != tuple(TRUE_FALSE) or not all(texts):
            return _("A true-or-false question has the options T and F.")
    elif len(options) < 2 or not all(texts):
        return _("Give at least two options, none of them empty.")
    elif len(set(keys)) != len(keys) or not all(len(key) == 1 and key in LETTERS for key in keys):
        return _("Each option needs a letter of its own, A to Z.")
    if len(set(texts)) != len(texts):
        return _("Two options say the same.")
    return ""


def _wrong_answer(kind: str, keys: list[str], answer: Sequence[str]) -> str:
    if len(set(answer)) != len(answer) or not set(answer) <= set(keys):
        return _("The answer names an option that is not there.")
    if kind == Question.Kind.MULTIPLE:
        return "" if len(answer) >= 2 else _("A multiple choice needs at least two right options.")
    return "" if len(answer) == 1 else _("Mark exactly one option as right.")
