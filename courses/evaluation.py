"""The evaluation of an activity: asked of everybody who is counted in it, shown when enough have answered.

Who answered what is known to nobody who reads the results: words and means stand there without a person, and of whole
bundles of answers alone (see `bundles`), so that none can be guessed from a mean or from what a mean was before.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import structlog
from django.db import transaction
from django.db.models import Avg, Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms import permissions
from lms.models import Activity, Participation, Region, User
from lms.reports import Scope

from . import bundles
from .bundles import ENOUGH, OPEN_FOR
from .models import Aspect, Enrolment, Evaluation, EvaluationQuestion

log = structlog.get_logger(__name__)
SATISFIED = 4  # stars: 满意, and 非常满意 with five
LONGEST = 500
FINAL = _("Your answers stand in the results by now, together with those of others, and stay as they are.")
Kind = Activity.Kind
readers: list[Callable[[User, Activity], bool]] = []  # apps above say who else reads the results of theirs


class Refused(Exception):
    """The message says why, in the reader's language."""


@dataclass(frozen=True)
class Asked:
    """An activity that a person is asked about, until a day."""

    activity: Activity
    fact: Participation
    until: date
    given: Evaluation | None = None

    @property
    def is_final(self) -> bool:
        return bool(self.given and self.given.bundle_id)


@dataclass(frozen=True)
class Mean:
    question: EvaluationQuestion
    stars: Decimal


@dataclass(frozen=True)
class Results:
    people: int  # who answered
    took_part: int
    told: int = 0  # those of them whose answers are shown
    satisfied: int = 0
    means: tuple[Mean, ...] = ()

    @property
    def enough(self) -> bool:
        return self.told >= ENOUGH

    @property
    def answers(self) -> int:
        """Each form has five."""
        return self.told * len(Aspect)

    @property
    def satisfaction(self) -> Decimal | None:
        return round(Decimal(100 * self.satisfied) / self.answers, 1) if self.enough else None


def questions() -> list[EvaluationQuestion]:
    """The five in their order, worded as the school has them now."""
    known = {row.aspect: row for row in EvaluationQuestion.objects.all()}
    return [
        known.get(each) or EvaluationQuestion(aspect=each, text=str(each.label), text_en=str(each.label))
        for each in Aspect
    ]


def asked(user: User, activity: Activity) -> Asked:
    """What the person is asked of this activity. Raises Refused with the reason when it is not, or no longer."""
    found = _asked(user, _facts(user).filter(activity=activity))
    if not found:
        raise Refused(_("Those who are counted in this activity are asked about it, once it is over."))
    if found[0].until < timezone.localdate():
        raise Refused(_("The evaluation of this activity is closed."))
    if found[0].is_final:
        raise Refused(FINAL)
    return found[0]


def is_asked(user: User, activity: Activity) -> bool:
    """Whether the page of the five questions would take an answer now."""
    today = timezone.localdate()
    return any(
        each.until >= today and not each.is_final for each in _asked(user, _facts(user).filter(activity=activity))
    )


def waiting(user: User) -> list[Asked]:
    """What the person has not answered yet and still may, the newest first."""
    since = timezone.now() - OPEN_FOR - timedelta(days=1)
    lately = Q(recorded_at__gte=since) | Q(activity__ends_on__gte=timezone.localdate(since))
    recent = _facts(user).filter(activity__in=_facts(user).filter(lately).values("activity"))
    today = timezone.localdate()
    found = [each for each in _asked(user, recent) if each.given is None and each.until >= today]
    return sorted(found, key=lambda each: each.until, reverse=True)


def _facts(user: User):  # type: ignore[no-untyped-def]
    facts = Participation.objects.standing().taking_part().filter(person=user.ledger_key)
    return facts.exclude(activity__kind=Kind.PROGRAMME).select_related("activity")


def _asked(user: User, facts) -> list[Asked]:  # type: ignore[no-untyped-def]
    latest = {fact.activity_id: fact for fact in facts.order_by("occurred_at", "pk")}
    if not latest:
        return []
    given = {
        row.activity_id: row
        for row in Evaluation.objects.standing().filter(person=user.ledger_key, activity__in=latest)
    }
    finished = _finished(user, latest.values())
    today = timezone.localdate()
    found = []
    for fact in latest.values():
        activity = fact.activity
        written = timezone.localdate(fact.recorded_at)
        if activity.kind == Kind.COURSE:
            over, until = activity.key in finished, written + OPEN_FOR
        else:
            over = activity.ends_on is None or activity.ends_on <= today
            until = max(activity.ends_on or written, written) + OPEN_FOR
        if over:
            found.append(Asked(activity, fact, until, given.get(activity.pk)))
    return found


def _finished(user: User, facts) -> set[str]:  # type: ignore[no-untyped-def]
    """Keys of course runs that the person has finished: a course is open all the year and ends with each person."""
    courses = {fact.activity.key for fact in facts if fact.activity.kind == Kind.COURSE}
    if not courses:
        return set()
    done = Enrolment.objects.filter(user=user).exclude(completed_at=None)
    keys = {str(key) for key in done.values_list("course__translation_key", flat=True)}
    return {key for key in courses if key.split(":")[1] in keys}


def give(user: User, activity: Activity, *, stars: Mapping[str, int], words: str = "") -> Evaluation:
    """Answer, or answer otherwise. Raises Refused for who is not asked, when it is closed, and for half an answer."""
    if set(stars) != set(Aspect.values) or not all(1 <= value <= 5 for value in stars.values()):
        raise Refused(_("Give each of the five questions one to five stars."))
    now = timezone.now()
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        before = asked(user, activity)
        if before.given and not Evaluation.objects.filter(pk=before.given.pk, bundle=None).update(replaced_at=now):
            raise Refused(FINAL)
        row = Evaluation.objects.create(
            activity=activity,
            fact=before.fact,
            person=user.ledger_key,
            satisfied=sum(value >= SATISFIED for value in stars.values()),
            words=" ".join(words.split())[:LONGEST],
            answered_at=now,
            **stars,
        )
    log.info("evaluation_given", activity=activity.key, again=before.given is not None)
    return row


def may_read(user: User, activity: Activity) -> bool:
    """The trainer or editor who made the activity, officers of its region, editors for courses, and whom the apps above
    name. An officer who made it and moved to another region reads it no more."""
    if not user.is_authenticated or not user.is_active:
        return False
    if permissions.is_clerk(user):
        region = Region.objects.current().filter(code=activity.region_code).first()
        if permissions.can_see_region(user, region):
            return True
    if activity.created_by_id == user.pk and (permissions.is_trainer(user) or permissions.is_editor(user)):
        return True
    if activity.kind == Kind.COURSE and permissions.is_editor(user):
        return True
    return any(reads(user, activity) for reads in readers)


def results(activity: Activity) -> Results:
    """Means of whole bundles; of fewer people only how many they are."""
    facts = Participation.objects.standing().taking_part().filter(activity=activity)
    valid = Evaluation.objects.standing().filter(Exists(facts.filter(person=OuterRef("person"))), activity=activity)
    people, took_part = valid.count(), facts.aggregate(n=Count("person", distinct=True))["n"]
    counted = _told(activity).aggregate(
        told=Count("pk"), satisfied=Sum("satisfied"), **{f"m_{n}": Avg(n) for n in Aspect.values}
    )
    if not counted["told"]:
        return Results(people, took_part)
    means = tuple(Mean(each, round(Decimal(str(counted[f"m_{each.aspect}"])), 2)) for each in questions())
    return Results(people, took_part, counted["told"], counted["satisfied"], means)


def words(activity: Activity) -> QuerySet[Evaluation, str]:
    """What the people of whole bundles wrote besides, in no order of time or person."""
    return _told(activity).exclude(words="").order_by("uuid").values_list("words", flat=True)


def _told(activity: Activity) -> QuerySet[Evaluation]:
    return bundles.told(Scope(activity=activity.key))


def data(user: User) -> list[dict[str, object]]:
    """For the download of one's own data: every answer, also one that was changed."""
    rows = Evaluation.objects.filter(person=user.ledger_key).select_related("activity").order_by("answered_at", "pk")
    return [
        {
            "activity": row.activity.title,
            **{name: getattr(row, name) for name in Aspect.values},
            "words": row.words,
            "answered_at": row.answered_at,
            "replaced_at": row.replaced_at,
        }
        for row in rows
    ]


def forget(user: User) -> None:
    """Of a closed account: what was said in words goes, the stars stay without a person."""
    Evaluation.objects.filter(person=user.ledger_key).update(words="")
