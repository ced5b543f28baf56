"""More states for pictures: files of the bureau, its locks and balances, replays, films, what waits for editors."""

import datetime as dt
import json
import struct
from uuid import uuid4

from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from courses import archive
from courses.models import CertificateSeries, Enrolment, ProgrammeEnrolment, TrainingClass
from live import schedule
from live.models import Broadcast
from lms import balances, exports, periods, timespans
from lms.bureau import Question
from lms.models import Export, User
from media import library
from media.models import Video

MINUTE = dt.timedelta(minutes=1)


def files(clerk):
    """An official table, rows that wait, a file that failed, the papers of a class."""
    span = timespans.choose(timespans.YEAR, today=timezone.localdate())
    question = Question(span=span, region=None)
    ready = exports.ask(user=clerk, kind=Export.Kind.OFFICIAL, question=question)
    waiting = exports.ask(user=clerk, kind=Export.Kind.ROWS, question=question, measure="attendances")
    later = timezone.now() + dt.timedelta(days=1)  # so that no worker takes over what nobody makes
    Export.objects.filter(pk=waiting.pk).update(state=Export.State.RUNNING, beat_at=later, rows=11, rows_done=4)
    failed = exports.ask(user=clerk, kind=Export.Kind.ROWS_CSV, question=question, measure="attendances")
    Export.objects.filter(pk=failed.pk).update(state=Export.State.FAILED, finished_at=timezone.now())
    held = TrainingClass.objects.latest("pk")
    papers = archive.ask(clerk, held.activity)
    return {
        "export_ready": reverse("bureau_export", args=[ready.uuid]),
        "export_waiting": reverse("bureau_export", args=[waiting.uuid]),
        "export_failed": reverse("bureau_export", args=[failed.uuid]),
        "archive": reverse("archive_state", args=[papers.uuid]),
    }


def signed(clerk):
    common = {"since": dt.date(2024, 1, 1), "until": dt.date(2024, 12, 31), "author": clerk}
    told = {"source": "2024年度质量培训工作总结附表三", "approver": "质量发展处处长"}
    row = balances.sign(
        key="pictures", title="平台上线前各市（州）线下首席质量官任职培训", **common, **told, attendances=15_230,
        persons=14_876, enterprises=9_641, minutes=2_741_400,
    )  # fmt: skip
    gone = balances.sign(key="pictures-gone", title="重复上报的成都市线下培训", **common, **told, attendances=320)
    balances.withdraw(gone, author=clerk, reason="与上一行重复")
    periods.lock("2025", author=clerk, reason="年报已报送，数据以此为准")
    periods.lock("2025Q1", author=clerk, reason="季报已报送")
    periods.unlock("2025Q1", author=clerk, reason="成都市补报一场线下培训")
    return {"balance": reverse("bureau_balances") + f"?withdraw={row.pk}"}


def replays(trainer):
    """A replay that everybody sees, and one that waits for its review."""
    began = timezone.now().replace(microsecond=0) - dt.timedelta(hours=2)
    film = Video.objects.ready().first()
    again = schedule.create(
        by=trainer, starts_at=began + 3 * 60 * MINUTE, title="首席质量官如何读懂检测报告", minutes=30
    )
    schedule.name_hosts(again, {trainer.pk: "trainer"})
    Broadcast.objects.filter(pk=again.pk).update(state="replay", film=film, started_at=began, ended_at=began + MINUTE)
    shown = schedule.create(by=trainer, starts_at=began + 4 * 60 * MINUTE, title="内审员怎么看过程", minutes=30)
    Broadcast.objects.filter(pk=shown.pk).update(
        state="replay", film=film, started_at=began, ended_at=began + MINUTE, reviewed_at=timezone.now(),
        reviewed_by=trainer,
    )  # fmt: skip
    return {name: f"/live/{row.uuid}/" for name, row in
            {"live_review": again, "live_replay": shown}.items()}  # fmt: skip


def unlike(name):
    """A box at the end of an MP4 that players pass over: so the file is no copy of another."""
    return struct.pack(">I4s", 8 + len(name), b"free") + name.encode()


def films(trainer):
    """A film of the trainer's that plays, one that could not be made, one that waits."""
    played = Video.objects.ready().first()
    Video.objects.filter(pk=played.pk).update(created_by=trainer)
    made = {"film": reverse("my_film", args=[played.pk]), "video": reverse("videos:inspect", args=[played.pk])}
    with played.source.file.open("rb") as file:
        whole = file.read()
    for name, state, reason in (("film_failed", "failed", "not_video"), ("film_waiting", "transcoding", "")):
        video = library.add(
            file=ContentFile(whole + unlike(name), f"{name}.mp4"), name=f"{name}.mp4",
            title="车间实拍：磨削线关键尺寸的测量系统分析与过程能力研究（上集）", owner=trainer,
        )  # fmt: skip
        held = {"lease": uuid4(), "lease_until": timezone.now() + dt.timedelta(days=1), "progress": 40}
        Video.objects.filter(pk=video.pk).update(state=state, reason=reason, **(held if not reason else {}))
        made[name] = reverse("my_film", args=[video.pk])
    return made


def desks(admin):
    enrolled, joined = Enrolment.objects.latest("pk"), ProgrammeEnrolment.objects.latest("pk")
    series = CertificateSeries.objects.first()
    return {
        "cms_record": reverse("enrolment:inspect", args=[enrolled.pk]),
        "cms_record_decide": reverse("record_decide", args=[enrolled.pk]),
        "cms_joined": reverse("programmeenrolment:inspect", args=[joined.pk]),
        "cms_certificate": reverse("certificate:inspect", args=[joined.certificates.latest("pk").pk])
        if joined.certificates.exists() else "/cms/certificate/",
        "cms_series": reverse("certificateseries:edit", args=[series.pk]),
    }  # fmt: skip


def bring_about():
    clerk, trainer, admin = (
        User.objects.get(email=f"{name}@demo.example") for name in ("provincial.clerk", "trainer", "admin")
    )
    facts = files(clerk) | signed(clerk) | replays(trainer) | films(trainer) | desks(admin)
    print(json.dumps(facts))
