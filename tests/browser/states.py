"""Bring the demo school into the states that pictures show, through the school's own rules, and tell where they are."""

import datetime as dt
import io
import json
import secrets
from decimal import Decimal

import time_machine
from allauth.account.models import EmailAddress
from django.urls import reverse
from django.utils import timezone

from courses import (
    appeals,
    assignments,
    bundles,
    certificates,
    classes,
    completion,
    enrolment,
    evaluation,
    exams,
    listings,
    progress,
    retention,
    suspicion,
)
from courses.models import Aspect, Certificate, CoursePage, Flag, LessonPage, ProgrammePage
from courses.progress import Beat
from lms import consents, enterprises, members, rosters
from lms.models import Enterprise, User


def person(login, name):
    password = secrets.token_urlsafe(9)
    user = User.objects.create_user(email=f"{login}@demo.example", password=password, name=name)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    consents.give(user, consents.missing(user))
    return user, {"login": user.email, "password": password}


def watch(user, lesson, *intervals):
    """Watch these seconds of the film a day ago, as fast as the film runs."""
    with time_machine.travel(timezone.now() - dt.timedelta(days=1), tick=False) as clock:
        session = progress.open_player(user, lesson)
        for sequence, (start, end) in enumerate(intervals, 1):
            clock.shift(dt.timedelta(seconds=end - start))
            beat = Beat(sequence=sequence, intervals=[[start * 1000, end * 1000]], position_ms=end * 1000)
            progress.watch(user=user, session=session.uuid, beat=beat)


def contest(user, lesson, other, admin):
    """A record with something to explain, a request that waits, and one that was declined."""
    with time_machine.travel(timezone.now() - dt.timedelta(hours=2), tick=False) as clock:
        session = progress.open_player(user, lesson)
        clock.shift(dt.timedelta(seconds=4))
        beat = Beat(sequence=1, intervals=[[8_000, 38_000]], position_ms=38_000)
        progress.watch(user=user, session=session.uuid, beat=beat)
        progress.open_player(user, lesson)
    held = enrolment.enrol(user, lesson.course)
    words = "昨晚八点在车间办公室用手机学的，看到一半断了网，回来以后只记到一部分，请核对。"
    waiting = appeals.file(user=user, enrolment=held, lesson=lesson, text=words, stretch=(16_000, 20_000))
    declined = appeals.file(user=user, enrolment=held, lesson=other, text="第二节全部看完，没有记上。")
    appeals.decline(
        author=admin, appeal=declined, reason="这一节的播放器打开后没有任何上报，请重新学习；课件可以下载。"
    )
    return held, waiting


def audience(lesson):
    """Enough viewers for a curve."""
    for number, until in enumerate((36, 36, 30, 20, 20, 12)):
        user, _ = person(f"viewer{number}", f"观众{number}")
        enrolment.enrol(user, lesson.course)
        watch(user, lesson, (0, until), *([(8, 12)] if number % 2 else []))
    retention.count_played()
    retention.refresh(lesson.video)


def strange(lesson):
    """Somebody whose page tells of four times the speed, and who was looked at."""
    user, _ = person("hasty", "急先锋")
    enrolment.enrol(user, lesson.course)
    with time_machine.travel(timezone.now() - dt.timedelta(days=1), tick=False) as clock:
        session = progress.open_player(user, lesson)
        for sequence in range(1, 6):
            clock.shift(dt.timedelta(seconds=2))
            claim = [[(sequence - 1) * 3_000, sequence * 3_000]]
            progress.watch(user=user, session=session.uuid, beat=Beat(sequence, claim, rate=Decimal(4)))
    suspicion.examine(session)
    return Flag.objects.get(enrolment__user=user)


def finished_courses(user, programme, admin):
    joined = enrolment.join(user, programme)
    for row in programme.courses.all():
        held = enrolment.enrol(user, row.course)
        completion.override(enrolment=held, author=admin, reason="面授补录")
    return joined


def graduate(user, programme, admin):
    joined = finished_courses(user, programme, admin)
    attempt = exams.start(user=user, assessment=programme.exam, programme_enrolment=joined)
    for row in exams.paper(attempt):
        exams.answer(attempt=attempt, position=row.position, chosen=list(row.version.answer))
    exams.submit(attempt)
    return attempt, Certificate.objects.get(programme_enrolment=joined)


ROSTER = """姓名,手机号码,岗位
曹德明,13500009027,设备科科长
冯玉兰,1.38E+10,化验员
罗军,13700004406,铸造车间主任
泽仁·旺堆,13900003345,质检员
谢建华,13600008812,装配班班长
"""


def staff(programme):
    """An enterprise with people late and in time, finished and new, invited and unknown; a roster on trial."""
    firm = Enterprise.objects.get(uscc="91510100DEMQ01379A")
    manager = User.objects.get(email="enterprise.manager@demo.example")
    people = {}
    for number, (name, post) in enumerate([("曾凡", "质量部检验组长"), ("罗军", "铸造车间主任"), ("谢建华", "装配工")]):
        people[name], _ = person(f"staff{number}", name)
        people[name].mobile, people[name].mobile_verified = f"1360000881{number}", True
        people[name].save()
        enterprises.join(user=people[name], enterprise=firm, post=post)
    other = enterprises.find_or_create(code="91510600DEMQ02419T", name="德阳东升装备制造有限公司")
    away, _ = person("away", "泽仁·旺堆")
    User.objects.filter(pk=away.pk).update(mobile="13900003345", mobile_verified=True)
    enterprises.join(user=away, enterprise=other)
    today = timezone.localdate()
    for name, days in (("曾凡", 3), ("罗军", 60)):
        assignments.assign(
            enterprise=firm,
            people=[people[name].pk],
            programme=programme,
            due_on=today + dt.timedelta(days),
            by=manager,
        )
    members.confirm(enterprises.membership(people["曾凡"]), by=manager)
    members.invite(firm, [("阿说木呷", "13500009028", "供应商质量工程师")], by=manager)
    trial = rosters.try_out(
        enterprise=firm, file=io.BytesIO(ROSTER.encode()), file_name="员工名册2026年11月.csv", by=manager
    )
    return {
        "firm": reverse("enterprise_desk", args=[firm.uscc]),
        "bring": reverse("enterprise_roster_bring", args=[firm.uscc]),
        "roster": reverse("enterprise_roster", args=[firm.uscc, trial.uuid]),
        "no_firm": reverse("enterprise_desk", args=[other.uscc]),
    }


def evaluated(learner):
    """A class that is over with its answers, one meeting of it, and a list of enterprises that is kept."""
    clerk = User.objects.get(email="provincial.clerk@demo.example")
    today = timezone.localdate()
    held = classes.plan(
        title="首席质量官任职培训班（第三期）", by=clerk, starts_on=today, ends_on=today, place="示范会堂", quota=60,
        organisers=[{"role": "主办", "name": "示范省市场监督管理局"}],
    )  # fmt: skip
    session = classes.add_session(held, title="质量法律法规", starts_at=timezone.now(), minutes=45)
    words = [
        "案例贴近生产现场，希望多讲测量系统分析。",
        "",
        "课件能下载就好了。",
        "",
        "会场后排看不清投影。",
        *[""] * 5,
    ]
    for number, said in enumerate(words):
        user, _ = person(f"evaluator{number}", f"评价{number}")
        classes.come_in(session, user=user, secret=session.door_secret)
        stars = {aspect: 5 - (number + place) % 3 for place, aspect in enumerate(Aspect.values)}
        evaluation.give(user, held.activity, stars=stars, words=said)
    bundles.gather()
    classes.come_in(session, user=learner, secret=session.door_secret)
    rows = "企业名称,统一社会信用代码,市州,企业规模\n成都示范轴承有限公司,91510100DEMQ01379A,成都市,中型\n坏行,123,,\n"
    made = [
        listings.try_out(
            name="规模以上工业企业", day=today, file=io.BytesIO(rows.encode()), file_name="名录.csv", by=clerk
        )
        for _turn in range(2)
    ]
    listings.apply(made[0], by=clerk)
    return {
        "class": reverse("training_class", args=[held.uuid]),
        "class_meeting": reverse("class_session", args=[held.uuid, session.pk]),
        "door": reverse("class_door", args=[session.uuid, session.door_secret]),
        "evaluation": reverse("evaluation", args=[held.activity.uuid]),
        "evaluation_results": reverse("evaluation_results", args=[held.activity.uuid]),
        "list": reverse("list", args=[made[1].uuid]),
    }


def bring_about():
    admin = User.objects.get(email="admin@demo.example")
    short = ProgrammePage.objects.get(slug="short-programme", locale__language_code="zh-hans")
    accounts = {}

    learner = User.objects.get(email="learner@demo.example")
    enrolment.join(learner, ProgrammePage.objects.get(slug="cqo-programme", locale=short.locale))
    course = CoursePage.objects.get(slug="cqo-foundation", locale=short.locale)
    enrolment.enrol(learner, course)
    lesson = LessonPage.objects.get(slug="cqo-foundation-01", locale=short.locale)
    watch(learner, lesson, (0, 12), (20, 34))
    second = LessonPage.objects.get(slug="cqo-foundation-02", locale=short.locale)
    held, request = contest(learner, lesson, second, admin)
    audience(lesson)

    _, accounts["outsider"] = person("outsider", "阿卜杜热合曼·买买提江")
    sitting, accounts["graduate"] = person("graduate", "欧阳静怡")
    joined = finished_courses(sitting, short, admin)
    attempt = exams.start(user=sitting, assessment=short.exam, programme_enrolment=joined)

    holder, accounts["holder"] = person("holder", "司马相如")
    passed, valid = graduate(holder, short, admin)
    others = []
    for number in range(3):
        user, _ = person(f"former{number}", f"李前{number}")
        others.append(graduate(user, short, admin)[1])
    revoked = certificates.revoke(others[0], author=admin, reason="经核实由他人代考")
    certificates.supersede(others[1], changes={"name": "李乾"}, author=admin, reason="姓名更正")
    Certificate.objects.filter(pk=others[2].pk).update(expires_on=timezone.localdate() - dt.timedelta(days=3))

    quiz = lesson.quizzes()[0]
    facts = (
        staff(short)
        | evaluated(learner)
        | {
            "accounts": accounts,
            "quiz": reverse("exam_start", args=[quiz.uuid]),
            "exam": reverse("exam_start", args=[short.exam.uuid]),
            "attempt": reverse("attempt", args=[attempt.uuid]),
            "result": reverse("attempt_result", args=[passed.uuid]),
            "certificate": reverse("certificate", args=[valid.number]),
            "verify": reverse("verify_token", args=[valid.token]),
            "revoked": reverse("verify_token", args=[revoked.token]),
            "superseded": reverse("verify_token", args=[others[1].token]),
            "expired": reverse("verify_token", args=[others[2].token]),
            "record": reverse("evidence", args=[held.uuid]),
            "record_lesson": reverse("evidence_lesson", args=[held.uuid, lesson.pk]),
            "record_answered": reverse("evidence_lesson", args=[held.uuid, second.pk]),
            "request": reverse("appeal:inspect", args=[request.pk]),
            "retention": reverse("retention_lesson", args=[lesson.pk]),
            "flag": reverse("flag:inspect", args=[strange(lesson).pk]),
            "edit": reverse("wagtailadmin_pages:edit", args=[lesson.pk]),
        }
    )
    print(json.dumps(facts))
