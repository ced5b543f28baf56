"""Who may do what with broadcasts, asked in one place. See lms.permissions for people and regions."""

import rules

from courses import enrolment
from lms.models import Activity, Region, User
from lms.permissions import can_see_region, is_clerk, is_editor, is_trainer

from .models import Broadcast, Host

BUREAU = "bureau"  # the role of an officer of the region, who needs no row
HIDDEN = [Broadcast.State.DRAFT, Broadcast.State.BLOCKED]


def role(user: User, broadcast: Broadcast) -> str:
    """What the person is in that room: "trainer", "bureau", "moderator", "assistant", or "" for a participant.

    An officer of the organiser's region may enter without being named; a trainer named stays a trainer.
    """
    if not user.is_authenticated or not user.is_active:
        return ""
    named = Host.objects.filter(broadcast=broadcast, user=user).values_list("role", flat=True).first() or ""
    if named != Host.Role.TRAINER and is_officer(user, broadcast):
        return BUREAU
    return named


def is_officer(user: User, broadcast: Broadcast) -> bool:
    """Of the bureau in whose region the organiser sits; without a region it is that of the province."""
    if not is_clerk(user):
        return False
    return can_see_region(user, Region.objects.current().filter(code=broadcast.region_code).first())


@rules.predicate
def may_schedule(user: User) -> bool:
    """Plan a broadcast: trainers, editors, and officers for their region."""
    return user.is_authenticated and (is_trainer(user) or is_editor(user) or is_clerk(user))


@rules.predicate
def may_manage(user: User, broadcast: Broadcast) -> bool:
    """Change its plan, name hosts, review the replay: its trainers, who planned it, editors, the bureau."""
    if not user.is_authenticated or not user.is_active:
        return False
    made_it = broadcast.created_by_id == user.pk and may_schedule(user)
    return made_it or is_editor(user) or role(user, broadcast) in (Host.Role.TRAINER, BUREAU)


@rules.predicate
def may_host(user: User, broadcast: Broadcast) -> bool:
    """Go on air from the studio and end the broadcast: its trainers and their assistants, and the bureau."""
    return role(user, broadcast) in (Host.Role.TRAINER, Host.Role.ASSISTANT, BUREAU)


@rules.predicate
def may_moderate(user: User, broadcast: Broadcast) -> bool:
    """Everybody who works in the room."""
    return bool(role(user, broadcast))


@rules.predicate
def may_see(user: User, broadcast: Broadcast) -> bool:
    """Read what is announced: title, time, hosts. A draft or a stopped broadcast is for those who manage it."""
    return broadcast.state not in HIDDEN or may_manage(user, broadcast) or may_moderate(user, broadcast)


@rules.predicate
def may_watch(user: User, broadcast: Broadcast) -> bool:
    """Enter the room and be given the picture. Who was sent out of the room is asked in live.entering."""
    if broadcast.state not in HIDDEN and _is_in_the_audience(user, broadcast):
        return True
    return may_moderate(user, broadcast) or may_manage(user, broadcast)


def _is_in_the_audience(user: User, broadcast: Broadcast) -> bool:
    if broadcast.audience == Broadcast.Audience.OPEN:
        return True
    if not user.is_authenticated or not user.is_active:
        return False
    if broadcast.audience == Broadcast.Audience.MEMBERS:
        return True
    course = broadcast.lesson.course if broadcast.lesson else None
    return course is not None and enrolment.current(user, course) is not None


rules.add_perm("live.schedule_broadcast", may_schedule)
rules.add_perm("live.manage_broadcast", may_manage)
rules.add_perm("live.host_broadcast", may_host)
rules.add_perm("live.moderate_broadcast", may_moderate)
rules.add_perm("live.see_broadcast", may_see)
rules.add_perm("live.watch_broadcast", may_watch)


def reads_evaluation(user: User, activity: Activity) -> bool:
    """Who may manage a broadcast reads what its audience thought of it."""
    broadcast = Broadcast.objects.filter(activity=activity).first()
    return broadcast is not None and may_manage(user, broadcast)
