"""My enrolments with their evidence, and the player's beats."""

from uuid import UUID

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Router, Status
from ninja.errors import AuthenticationError

from courses import attention, completion, enrolment, evidence, progress
from courses.models import CoursePage, Enrolment, LessonPage
from media import playback

from .shapes import (
    SOCKET,
    AttentionAnswerIn,
    BeatIn,
    BeatProblem,
    CoverageOut,
    EnrolIn,
    EnrolmentOut,
    LessonOut,
    OpenIn,
    PlayerOut,
    Problem,
    ReceiptOut,
    RecordOut,
    RequirementOut,
    TrackOut,
)

router = Router(tags=["learning"])


@router.get("/me/enrolments", response=list[EnrolmentOut], summary="My courses, those that ended last")
def my_enrolments(request):
    summaries = [*completion.overview(request.user), *completion.overview(request.user, ended=True)]
    return [EnrolmentOut.told(summary) for summary in summaries]


@router.post("/me/enrolments", response={200: EnrolmentOut, 409: Problem}, summary="Join a course")
def enrol(request, data: EnrolIn):
    course = get_object_or_404(CoursePage.objects.live(), pk=data.course)
    made = enrolment.enrol(request.user, course)
    summaries = completion.overview(request.user)
    return next(EnrolmentOut.told(summary) for summary in summaries if summary.enrolment == made)


@router.get("/me/enrolments/{uuid}", response={200: RecordOut, 404: Problem}, summary="A course with its evidence")
def my_enrolment(request, uuid: UUID):
    row = get_object_or_404(Enrolment.objects.select_related("course"), uuid=uuid, user=request.user)
    report = completion.course_report(row)
    proof = evidence.of_lessons(row, [each.lesson for each in report.lessons])
    return RecordOut(
        uuid=row.uuid,
        course=row.course_id,
        title=report.title,
        period=row.period,
        started_at=row.started_at,
        ended_at=row.ended_at,
        completed_at=row.completed_at,
        requirements=RequirementOut.all_of(report),
        lessons=[LessonOut.told(each, proof[each.lesson.pk]) for each in report.lessons],
    )


@router.post(
    "/lessons/{lesson_id}/player",
    response={200: PlayerOut, 403: Problem, 404: Problem, 409: Problem, 410: Problem},
    summary="Open the player of a lesson; any other of mine stops counting",
)
def open_player(request, lesson_id: int, data: OpenIn):
    if data.owner and data.owner != request.user.uuid:
        raise progress.Forged
    lesson = get_object_or_404(LessonPage, pk=lesson_id)
    session = progress.open_player(request.user, lesson)
    coverage, question = progress.coverage_of(session), attention.asked(session)
    offer = playback.offer(session.video, viewer=request.user) if session.video.is_playable else None
    return PlayerOut(
        token=progress.token(session),
        src=offer.src if offer else "",
        run=offer.run if offer else "",
        tracks=[TrackOut(**vars(track)) for track in offer.tracks] if offer else [],
        words={
            "saved": _("Recorded at {time}. Another device or a lost network loses nothing."),
            "offline": _("No network. What you watch is kept on this device and sent as soon as it is back."),
        },
        resume_ms=coverage.resume_ms,
        next_beat=progress.NEXT_BEAT,
        max_rate=float(session.rate_cap),
        no_skip=session.progress.enrolment.course.no_skip,
        pause_when_hidden=session.pause_when_hidden,
        socket=SOCKET if settings.WATCH_SOCKET else "",
        coverage=CoverageOut.told(coverage),
        question=vars(question) if question else None,
    )


@router.post("/attention", response={204: None, 404: Problem}, summary="Somebody is there")
def answer_attention(request, data: AttentionAnswerIn):
    attention.answer(user=request.user, prompt=data.prompt)
    return Status(204, None)


# A page that closes sends its last beat by sendBeacon, which can set no header, so the CSRF token cannot travel here.
# The signed token of the player does its work: no other site can know it, and it opens nothing unless the session
# cookie is that of the same person.


@router.post(
    "/beats",
    auth=None,
    response={200: ReceiptOut, 401: Problem, 403: Problem, 404: Problem, 409: BeatProblem, 410: Problem},
    summary="What a player has played",
)
def beat(request, data: BeatIn):
    receipt = progress.watch(user=request.user, session=_session(request, data), beat=data.beat())
    return ReceiptOut.told(receipt)


@router.post(
    "/beats/leave",
    auth=None,
    response={204: None, 401: Problem, 403: Problem, 404: Problem, 409: Problem, 410: Problem},
    summary="The last beat of a page that closes",
)
def leave(request, data: BeatIn):
    progress.leave(user=request.user, session=_session(request, data), beat=data.beat())
    return Status(204, None)


def _session(request, data: BeatIn) -> UUID:
    if not request.user.is_authenticated:
        raise AuthenticationError
    return progress.read_token(data.token, request.user)
