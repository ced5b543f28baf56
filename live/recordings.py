"""The replay: a film of the library, made of the pieces of a recording as soon as the broadcast has ended.

Nothing is encoded for it: players get the pieces themselves, and the library gets them put together as one file. Who
hosts looks at it and may cut it at the borders of pieces; only then it is public, and only then its ladder is made.
See live.publishing.
"""

import shutil
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django_tasks import task
from filer.models import File

from lms.models import User
from media import ffmpeg, filing, library, making, parts, pictures, probing, shelves, takes
from media.models import Video
from media.takes import Take
from media.transcoding import run_folder

from . import indexes, runs, states
from .models import Broadcast, Segment, Transition

log = structlog.get_logger(__name__)
State = Broadcast.State
AFTER = timedelta(seconds=5)  # the last piece is closed by then
SILENT = timedelta(minutes=20)  # a replay that was begun so long ago is begun again
SHORTEST = 1_000  # ms that are left of a film
ENDINGS = {".mp4": "video/mp4", ".ts": "video/mp2t"}
NOTHING, DISK, BROKEN = (
    gettext_noop("Nothing was recorded."),
    gettext_noop("The disk is full."),
    gettext_noop("The recording could not be read."),
)


class Refused(Exception):
    """The message says why, in the reader's language."""


def make_due() -> int:
    """The periodic duty: begin what has ended, and what was begun and broke off. Says how many."""
    now = timezone.now()
    ended = Broadcast.objects.filter(state=State.ENDED, ended_at__lte=now - AFTER)
    begun = [row.pk for row in ended if runs.settled(row) and _begin(row, State.ENDED)]
    lost = Broadcast.objects.filter(state=State.PROCESSING).exclude(
        pk__in=Transition.objects.filter(after=State.PROCESSING, at__gt=now - SILENT).values("broadcast")
    )
    begun += lost.values_list("pk", flat=True)
    for pk in begun:
        prepare.enqueue(pk)
    return len(begun)


def _begin(broadcast: Broadcast, *befores: str, actor: User | None = None, reason: str = "the broadcast ended") -> bool:
    """Of two who begin at once, one does."""
    with transaction.atomic():
        row = Broadcast.objects.select_for_update(of=("self",)).get(pk=broadcast.pk)
        if row.state not in befores:
            return False
        states.move(row, State.PROCESSING, actor=actor, reason=reason)
    broadcast.refresh_from_db()
    return True


@task
def prepare(broadcast: int) -> str:
    """Make the replay. Says in which state the broadcast is now."""
    row = Broadcast.objects.select_related("created_by").get(pk=broadcast)
    if row.state == State.PROCESSING:
        make(row)
    return row.state


def make(broadcast: Broadcast) -> None:
    """From processing to replay, or to replay_failed with the reason. A former film that nobody was shown goes."""
    began = timezone.now()
    uuid, run = uuid4(), uuid4()
    work = Path(settings.LIVE_ROOT) / broadcast.name / f"making-{uuid.hex}"
    try:
        video = _film(broadcast, uuid, run, work)
    except (takes.Broken, probing.Refused, ffmpeg.Failed, ffmpeg.TimedOut, OSError) as error:
        shutil.rmtree(run_folder(uuid, run), ignore_errors=True)
        log.exception("replay_failed", broadcast=str(broadcast.uuid))
        _fail(broadcast, _reason(error))
        return
    except BaseException:
        shutil.rmtree(run_folder(uuid, run), ignore_errors=True)
        raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
    if not _hand_over(broadcast, video):
        log.warning("replay_not_wanted", broadcast=str(broadcast.uuid), state=broadcast.state)
        return
    seconds = round((timezone.now() - began).total_seconds(), 1)
    log.info("replay_made", broadcast=str(broadcast.uuid), video=str(video.uuid), seconds=seconds)


def _fail(broadcast: Broadcast, reason: str) -> None:
    """Unless it was stopped meanwhile, and nobody waits for it."""
    with transaction.atomic():
        row = Broadcast.objects.select_for_update(of=("self",)).get(pk=broadcast.pk)
        if row.state == State.PROCESSING:
            states.move(row, State.REPLAY_FAILED, reason=reason)
    broadcast.refresh_from_db()


def _reason(error: Exception) -> str:
    if isinstance(error, takes.Broken):
        return NOTHING if str(error) == "no piece" else BROKEN
    full = getattr(error, "errno", None) in making.FULL or "No space left" in getattr(error, "tail", "")
    return DISK if full else BROKEN


def pieces(broadcast: Broadcast) -> list[Take]:
    """What lies within the cut, take by take."""
    rows = Segment.objects.filter(broadcast=broadcast, run__rehearsal=False, begin_ms__gte=broadcast.cut_from_ms)
    if broadcast.cut_to_ms is not None:
        rows = rows.filter(begin_ms__lt=broadcast.cut_to_ms)
    root = Path(settings.LIVE_ROOT) / broadcast.name
    found: dict[Path, list[tuple[Path, int]]] = {}
    for row in rows.select_related("run").order_by("sequence"):
        place = root / row.run.folder
        found.setdefault(place, []).append((place / indexes.PIECE.format(row.number), row.duration_ms))
    return [Take(place / indexes.INIT, tuple(those)) for place, those in found.items()]


def _film(broadcast: Broadcast, uuid: UUID, run: UUID, work: Path) -> Video:
    """The film with its folder and its original; it can be played, and no worker takes it yet."""
    recorded = pieces(broadcast)
    folder = run_folder(uuid, run)
    largest = takes.lay(recorded, folder)
    work.mkdir(parents=True)
    joined = takes.join(recorded, work)
    _illustrate(joined, folder)
    with transaction.atomic():
        return Video.objects.create(
            uuid=uuid,
            title=broadcast.title,
            source=keep(joined, broadcast),
            created_by=broadcast.created_by,
            state=Video.State.READY,
            progress=100,
            run=run,
            duration=sum(take.ms for take in recorded) / 1000,
            width=largest.width,
            height=largest.height,
            has_audio=any(take.has_sound for take in recorded),
        )


def _illustrate(original: Path, folder: Path) -> None:
    """A film can do without a poster."""
    try:
        pictures.poster(original, probing.probe(original), folder)
    except (probing.Refused, ffmpeg.Failed, ffmpeg.TimedOut):
        log.warning("no_poster", source=original.name, exc_info=True)


def keep(original: Path, broadcast: Broadcast) -> File:
    """Among the private files of the library, under its second name."""
    with original.open("rb") as file:
        total = parts.sha1_of(file)
    ending = original.suffix
    return shelves.record(
        filing.take_over(original, key=uuid4().hex, ending=ending),
        size=original.stat().st_size,
        sha1=total,
        name=shelves.clean_name(f"{broadcast.title}{ending}"),
        mime_type=ENDINGS[ending],
        owner=broadcast.created_by,
        folder=library.FOLDER,
    )


def _hand_over(broadcast: Broadcast, video: Video) -> bool:
    """Whether it is the replay now. What was made for a broadcast that was stopped meanwhile, or made twice, goes."""
    with transaction.atomic():
        row = Broadcast.objects.select_for_update(of=("self",)).get(pk=broadcast.pk)
        former, wanted = row.film, row.state == State.PROCESSING
        if wanted:
            row.film = video
            row.save(update_fields=["film"])
            states.move(row, State.REPLAY, reason="the replay can be played")
    broadcast.refresh_from_db()
    unwanted = former if wanted else video
    if unwanted:
        library.remove(unwanted)
    return wanted


def cut(broadcast: Broadcast, from_ms: int, to_ms: int | None, *, by: User) -> None:
    """Make the replay anew from there to there, at the nearest borders outside. Raises Refused."""
    if broadcast.reviewed_at:
        raise Refused(_("This replay is public: what people have watched of it would move. It is not cut any more."))
    low, high = borders(broadcast, from_ms, to_ms)
    with transaction.atomic():
        if not _begin(broadcast, State.REPLAY, State.REPLAY_FAILED, actor=by, reason=f"cut to {low}–{high} ms"):
            raise Refused(_("The replay is being prepared. Wait for it, then cut it."))
        broadcast.cut_from_ms, broadcast.cut_to_ms = low, high
        broadcast.save(update_fields=["cut_from_ms", "cut_to_ms"])
        transaction.on_commit(lambda: prepare.enqueue(broadcast.pk))


def borders(broadcast: Broadcast, from_ms: int, to_ms: int | None) -> tuple[int, int | None]:
    """The borders of pieces around that part of the recording. Raises Refused when nothing would be left."""
    rows = Segment.objects.filter(broadcast=broadcast, run__rehearsal=False).order_by("sequence")
    spans = [(begin, begin + ms) for begin, ms in rows.values_list("begin_ms", "duration_ms")]
    kept = [span for span in spans if span[1] > max(0, from_ms) and (to_ms is None or span[0] < to_ms)]
    if not kept or kept[-1][1] - kept[0][0] < SHORTEST:
        raise Refused(_("Nothing would be left of the recording."))
    return kept[0][0], None if kept[-1] == spans[-1] else kept[-1][1]


def retry(broadcast: Broadcast, *, by: User) -> None:
    """Try again to make a replay that failed. Raises Refused."""
    if not _begin(broadcast, State.REPLAY_FAILED, actor=by, reason="tried again"):
        raise Refused(_("There is no failed replay to try again."))
    prepare.enqueue(broadcast.pk)


def why_failed(broadcast: Broadcast) -> str:
    """In the reader's language; "" when it did not."""
    if broadcast.state != State.REPLAY_FAILED:
        return ""
    last = Transition.objects.filter(broadcast=broadcast, after=State.REPLAY_FAILED).order_by("pk").last()
    return _(last.reason) if last else ""
