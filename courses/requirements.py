"""The one rule of completion: facts in, verdict out. Knows no database and no request.

Watched coverage, live presence on the same timeline, classroom minutes, quizzes and exams all meet here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from . import coverage


class Kind(StrEnum):
    WATCH = "watch"  # milliseconds of the film
    ATTEND = "attend"  # the same, in a lesson that is held live
    READ = "read"
    QUIZ = "quiz"
    LESSON = "lesson"
    TEST = "test"  # of a course
    COURSE = "course"
    ELECTIVES = "electives"
    HOURS = "hours"
    EXAM = "exam"


@dataclass(frozen=True)
class Requirement:
    """One thing to do: how much there is of how much (milliseconds, counts or credit hours)."""

    kind: Kind
    have: int | Decimal
    need: int | Decimal
    done: bool
    title: str = ""  # of the quiz, lesson or course
    ref: int | None = None  # its primary key
    at: datetime | None = None  # when it was met
    tried: bool = False  # a paper that was handed in

    @property
    def text(self) -> str:
        """What it asks, or what is still missing of it, in the reader's language."""
        return _SAY[self.kind](self)


def _say_watch(asked: Requirement) -> str:
    if asked.done:
        return _("The film is watched")
    if not asked.need:
        return _("There is no film to watch in this lesson for now")
    return _("Watch %(time)s more") % {"time": coverage.spoken(int(asked.need - asked.have))}


def _say_attend(asked: Requirement) -> str:
    if asked.done:
        return _("Attended live or watched as a replay")
    if not asked.need:
        return _("Attend the live session, or watch its replay afterwards")
    return _("Watch %(time)s more of the replay") % {"time": coverage.spoken(int(asked.need - asked.have))}


def _say_electives(asked: Requirement) -> str:
    if asked.done:
        return _("Electives are finished")
    left = int(asked.need - asked.have)
    return ngettext("Finish %(n)d more elective", "Finish %(n)d more electives", left) % {"n": left}


def _say_hours(asked: Requirement) -> str:
    if asked.done:
        return _("Earned %(hours)s") % {"hours": coverage.hours_words(Decimal(asked.have))}
    return _("Earn %(hours)s more") % {"hours": coverage.hours_words(Decimal(asked.need - asked.have))}


def _titled(open_words: str, done_words: str) -> Callable[[Requirement], str]:
    return lambda asked: _(done_words if asked.done else open_words) % {"title": asked.title}


_SAY = {
    Kind.WATCH: _say_watch,
    Kind.ATTEND: _say_attend,
    Kind.READ: _titled(gettext_noop("Read the lesson and mark it as read"), gettext_noop("Read")),
    Kind.QUIZ: _titled(gettext_noop("Pass the quiz: %(title)s"), gettext_noop("Quiz passed: %(title)s")),
    Kind.LESSON: _titled(gettext_noop("Finish the lesson: %(title)s"), gettext_noop("Lesson finished: %(title)s")),
    Kind.TEST: _titled(gettext_noop("Pass the course test: %(title)s"), gettext_noop("Course test passed: %(title)s")),
    Kind.COURSE: _titled(gettext_noop("Finish the course: %(title)s"), gettext_noop("Course finished: %(title)s")),
    Kind.ELECTIVES: _say_electives,
    Kind.HOURS: _say_hours,
    Kind.EXAM: _titled(gettext_noop("Pass the final exam: %(title)s"), gettext_noop("Final exam passed: %(title)s")),
}


@dataclass(frozen=True)
class Verdict:
    requirements: tuple[Requirement, ...]
    settled_at: datetime | None = None  # finished before, or somebody decided that it counts as met

    @property
    def done(self) -> bool:
        return self.settled_at is not None or (
            bool(self.requirements) and all(asked.done for asked in self.requirements)
        )

    @property
    def at(self) -> datetime | None:
        """When the last requirement was met or, earlier than that, it was settled. None while open."""
        if self.requirements and all(asked.done for asked in self.requirements):
            known = [asked.at for asked in self.requirements if asked.at]
            met = max(known) if known else None
            return min(met, self.settled_at) if met and self.settled_at else met or self.settled_at
        return self.settled_at

    @property
    def missing(self) -> tuple[Requirement, ...]:
        return () if self.done else tuple(asked for asked in self.requirements if not asked.done)


@dataclass(frozen=True)
class Paper:
    """A quiz or exam as the rule sees it."""

    ref: int
    title: str = ""
    passed_at: datetime | None = None
    tried: bool = False


@dataclass(frozen=True)
class LessonFacts:
    """`covered_ms` is the union of what was watched and of live presence, never their sum.

    Minutes in a classroom are on no timeline: they replace watching when they alone reach the same share.
    """

    threshold: int = 90  # per cent
    must_watch: bool = True
    held_live: bool = False
    duration_ms: int = 0
    covered_ms: int = 0
    covered_at: datetime | None = None
    sittings: tuple[tuple[int, datetime], ...] = ()  # minutes in a classroom and when they were recorded
    planned_minutes: int = 0
    read_at: datetime | None = None
    quizzes: tuple[Paper, ...] = ()
    settled_at: datetime | None = None

    @property
    def needed_ms(self) -> int:
        return coverage.needed(self.duration_ms, self.threshold)

    @property
    def covered(self) -> bool:
        return 0 < self.needed_ms <= self.covered_ms

    @property
    def in_class_at(self) -> datetime | None:
        """When the minutes in a classroom first came to the share that is asked; of an unknown length there is none."""
        if not self.planned_minutes:
            return None
        return _reached(self.sittings, self.planned_minutes * self.threshold / 100)


def lesson(facts: LessonFacts) -> Verdict:
    asked = [_paper(Kind.QUIZ, paper) for paper in facts.quizzes]
    if facts.must_watch:
        asked.insert(0, _watch(facts))
    elif not asked:
        asked.append(Requirement(Kind.READ, int(bool(facts.read_at)), 1, bool(facts.read_at), at=facts.read_at))
    return Verdict(tuple(asked), facts.settled_at)


def _watch(facts: LessonFacts) -> Requirement:
    moments = [facts.covered_at if facts.covered else None, facts.in_class_at]
    return Requirement(
        kind=Kind.ATTEND if facts.held_live else Kind.WATCH,
        have=facts.covered_ms,
        need=facts.needed_ms,
        done=facts.covered or facts.in_class_at is not None,
        at=min((moment for moment in moments if moment), default=None),
    )


def _paper(kind: Kind, paper: Paper) -> Requirement:
    passed = paper.passed_at is not None
    return Requirement(
        kind, int(passed), 1, passed, title=paper.title, ref=paper.ref, at=paper.passed_at, tried=paper.tried
    )


@dataclass(frozen=True)
class Part:
    """A lesson of a course or a course of a programme: finished, or not."""

    ref: int
    title: str = ""
    done_at: datetime | None = None
    hours: Decimal = Decimal(0)
    required: bool = True


@dataclass(frozen=True)
class CourseFacts:
    lessons: tuple[Part, ...]
    test: Paper | None = None
    settled_at: datetime | None = None


def course(facts: CourseFacts) -> Verdict:
    """Every published lesson, then the test. A course without lessons cannot be finished."""
    if not facts.lessons:
        return Verdict((), facts.settled_at)
    asked = [_part(Kind.LESSON, part) for part in facts.lessons]
    if facts.test:
        asked.append(_paper(Kind.TEST, facts.test))
    return Verdict(tuple(asked), facts.settled_at)


@dataclass(frozen=True)
class ProgrammeFacts:
    """`courses` carry the credit hours that count for the programme once they are finished."""

    courses: tuple[Part, ...]
    elective_min: int = 0
    min_hours: Decimal = Decimal(0)
    exam: Paper | None = None
    settled_at: datetime | None = None

    @property
    def hours(self) -> Decimal:
        return sum((part.hours for part in self.courses if part.done_at), Decimal(0))


def programme(facts: ProgrammeFacts) -> Verdict:
    asked = [_part(Kind.COURSE, part) for part in facts.courses if part.required]
    if facts.elective_min:
        asked.append(_electives(facts))
    if facts.min_hours:
        asked.append(_hours(facts))
    if facts.exam:
        asked.append(_paper(Kind.EXAM, facts.exam))
    return Verdict(tuple(asked), facts.settled_at)


def courses_done(verdict: Verdict) -> bool:
    """Everything but the exam: who may sit an exam that comes after the courses."""
    return verdict.settled_at is not None or all(
        asked.done for asked in verdict.requirements if asked.kind != Kind.EXAM
    )


def _part(kind: Kind, part: Part) -> Requirement:
    done = part.done_at is not None
    return Requirement(kind, int(done), 1, done, title=part.title, ref=part.ref, at=part.done_at)


def _electives(facts: ProgrammeFacts) -> Requirement:
    finished = sorted(part.done_at for part in facts.courses if not part.required and part.done_at)
    enough = len(finished) >= facts.elective_min
    at = finished[facts.elective_min - 1] if enough else None
    return Requirement(Kind.ELECTIVES, len(finished), facts.elective_min, enough, at=at)


def _hours(facts: ProgrammeFacts) -> Requirement:
    earned = sorted((part.done_at, part.hours) for part in facts.courses if part.done_at)
    at = _reached([(hours, done_at) for done_at, hours in earned], facts.min_hours)
    return Requirement(Kind.HOURS, facts.hours, facts.min_hours, facts.hours >= facts.min_hours, at=at)


def _reached(amounts: Iterable[tuple[int | Decimal, datetime]], needed: float | Decimal) -> datetime | None:
    """When the amounts, in the order of time, first came to that much."""
    total: int | Decimal = 0
    for amount, at in amounts:
        total += amount
        if total >= needed:
            return at
    return None
