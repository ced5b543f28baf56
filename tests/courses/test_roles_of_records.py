"""Every address with the number of something that is somebody's: for everybody of the cast, and nothing leaks where it
is closed. Classes, sign-ins, archives, exports, lists, results of evaluations and desks of enterprises of Chengdu."""

import datetime as dt
from types import SimpleNamespace

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from courses import archive, bundles, classes, evaluation
from courses.models import Aspect
from lms import bureau as desk
from lms import exports, members, timespans
from lms.models import Enterprise, Export, Membership, Participation, Roster
from tests import factories
from tests.courses import test_listings as lists
from tests.lms import bureau

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 9, 15)
NINE = dt.datetime(2026, 9, 15, 1, tzinfo=dt.UTC)
GOOD = dict.fromkeys(Aspect.values, 5)

OWN = {"author", "province", "admin"}  # what somebody asked for: theirs, and everybody's for the province
CITY = OWN | {"colleague"}  # what lies in the city
PLANNERS = CITY | {"trainer", "county", "city elsewhere", "county elsewhere"}  # told that there is no such class
DESK = PLANNERS - {"trainer"}  # told that there is no such list
FIGURES = DESK | {"centre"}  # told that there is no such export
ROLES = sorted(FIGURES | {"trainer", "learner", "outsider", "editor", "manager", "manager elsewhere", "former"})

# Each address: what is asked of it, to whom it is open, and who is told that there is nothing rather than "not yours".
DOORS = {
    "training_class": ("get", CITY, PLANNERS),
    "class_session": ("get", CITY, PLANNERS),
    "class_roster_left": ("get", CITY, PLANNERS),
    "class_cancel": ("post", CITY, PLANNERS),
    "class_correct": ("get", CITY, PLANNERS),
    "class_session_correct": ("get", CITY, PLANNERS),
    "class_session_remove": ("post", CITY, PLANNERS),
    "class_roster": ("post", CITY, PLANNERS),
    "class_take_back": ("post", CITY, PLANNERS),
    "evaluation_results": ("get", CITY, set()),
    "archive": ("post", CITY, set()),
    "archive_state": ("get", OWN, {*ROLES}),
    "archive_file": ("get", OWN, {*ROLES}),
    "bureau_export": ("get", OWN, FIGURES),
    "bureau_file": ("get", OWN, FIGURES),
    "bureau_export_again": ("post", OWN, FIGURES),
    "list": ("get", {"author"}, DESK),  # on trial
    "list_left": ("get", {"author"}, DESK),
    "enterprise_desk": ("get", CITY | {"manager"}, set()),
    "enterprise_certificates": ("get", CITY | {"manager"}, set()),
    "enterprise_roster": ("get", CITY | {"manager"}, set()),
    "enterprise_roster_left": ("get", CITY | {"manager"}, set()),
    "enterprise_roster_decide": ("post", CITY | {"manager"}, set()),
    "enterprise_assign": ("post", CITY | {"manager"}, set()),
    "enterprise_member": ("post", CITY | {"manager"}, set()),
}
SECRETS = ("何大海", "何**", "13800006000", "138****6000", "成都示范轴承", "成都内部班", "秘密名录", "DEMQ01379A")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(bureau.NOW, tick=False) as moved:
        yield moved


@pytest.fixture
def school(clock, home):
    """What an officer of Chengdu has: something behind every address."""
    people = bureau.people()
    Membership.objects.update(started_on=dt.date(2026, 1, 1))
    people[0].mobile_verified = True
    people[0].save()
    author = factories.clerk(name="成都科员", region="510100")
    firm = Enterprise.objects.get(uscc="91510100DEMQ01379A")
    clock.move_to(NINE)
    held = classes.plan(
        title="成都内部班", by=author, starts_on=DAY, ends_on=DAY, region=desk.find("510100"), quota=40
    )  # fmt: skip
    session = classes.add_session(held, title="第一讲", starts_at=NINE, minutes=90)
    sign_in = classes.come_in(session, user=people[0], secret=session.door_secret, at=NINE)
    evaluation.give(people[0], held.activity, stars=GOOD)
    clock.move_to(bureau.NOW)
    bundles.gather()
    span = timespans.between(dt.date(2026, 7, 1), dt.date(2026, 9, 30), today=timezone.localdate())
    rows = exports.ask(user=author, kind="rows", question=desk.Question(span, desk.find("510100")), measure="persons")
    packed = archive.ask(author, held.activity)
    for export in (rows, packed):
        exports.make(export.pk)
    listing = lists.bring(author, ["成都示范轴承", firm.uscc, "", ""], ["何大海", "1", "", ""], name="秘密名录")
    roster = Roster.objects.create(
        enterprise=firm, file_name="何大海.xlsx", made_at=timezone.now(), headings=["姓名"], lines=[]
    )
    manager = factories.member(factories.user(name="甲经理"), firm, role=Membership.Role.MANAGER).user
    mianyang = Enterprise.objects.get(uscc="91510700DEMQ00026K")
    elsewhere = factories.member(factories.user(name="乙经理"), mianyang, role=Membership.Role.MANAGER).user
    row = people[0].memberships.get().pk
    arguments = {
        "training_class": [held.uuid], "class_session": [held.uuid, session.pk], "class_cancel": [held.uuid],
        "class_correct": [held.uuid], "class_session_correct": [held.uuid, session.pk],
        "class_session_remove": [held.uuid, session.pk], "class_roster": [held.uuid, session.pk],
        "class_roster_left": [held.uuid, session.pk],
        "class_take_back": [held.uuid, session.pk, sign_in.pk], "evaluation_results": [held.activity.uuid],
        "archive": [held.activity.uuid], "archive_state": [packed.uuid], "archive_file": [packed.uuid],
        "bureau_export": [rows.uuid], "bureau_file": [rows.uuid], "bureau_export_again": [rows.uuid],
        "list": [listing.uuid], "list_left": [listing.uuid], "enterprise_desk": [firm.uscc],
        "enterprise_certificates": [firm.uscc], "enterprise_roster": [firm.uscc, roster.uuid],
        "enterprise_roster_left": [firm.uscc, roster.uuid], "enterprise_roster_decide": [firm.uscc, roster.uuid],
        "enterprise_assign": [firm.uscc], "enterprise_member": [firm.uscc, row],
    }  # fmt: skip
    return SimpleNamespace(**locals())


@pytest.fixture
def enter(school, client, request):
    """A client of each role."""

    def entered(role):
        client.logout()
        if role != "nobody":
            client.force_login(account(role, school, request))
        return client

    return entered


def account(role, school, request):
    post = {
        "colleague": ("510100", ""), "city elsewhere": ("510700", ""), "county": ("510104", "county"),
        "county elsewhere": ("510703", "county"), "centre": ("510104", "county"), "former": ("510100", ""),
    }  # fmt: skip
    if role in post:
        region, level = post[role]
        made = factories.clerk(name="某科员", region=region, level=level)
        if role == "centre":
            made.bureau_posts.update(duty="centre", unit="锦江区一站式服务中心")
        if role == "former":
            made.bureau_posts.update(ended_on="2026-06-30")
        return made
    known = {"author": school.author, "manager": school.manager, "manager elsewhere": school.elsewhere}
    return known.get(role) or request.getfixturevalue({"province": "provincial_clerk"}.get(role, role))


def read(answer):
    return (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode(errors="replace")


def state():
    """All that a closed door must leave as it is."""
    counted = (Export.objects.count(), Participation.objects.count(), Membership.objects.current().count())
    return *counted, Roster.objects.filter(dropped_at=None).count()


@pytest.mark.parametrize("role", ROLES)
def test_each_door_for_each_role(enter, school, role):
    client, before = enter(role), state()
    for name, (method, open_to, nothing_for) in DOORS.items():
        if role in open_to and method == "post":
            continue  # what they do to what they may is told elsewhere
        address = reverse(name, args=school.arguments[name])
        answer = getattr(client, method)(address, {"drop": "1", "reason": "试试", "verdict": "deny"})
        if role in open_to:
            assert answer.status_code in (200, 302), name
            continue
        assert answer.status_code == (404 if role in nothing_for else 403), name
        told = read(answer).replace(address, "")
        assert not [secret for secret in SECRETS if secret in told], name
    assert state() == before


def test_a_stranger_is_led_to_the_sign_in_at_each_door(enter, school):
    client, before = enter("nobody"), state()
    for name, (method, _open_to, _nothing_for) in DOORS.items():
        answer = getattr(client, method)(reverse(name, args=school.arguments[name]))
        assert (answer.status_code, "/login/" in answer.get("Location", "")) == (302, True), name
    assert state() == before


def test_there_was_something_to_leak(enter, school):
    """Behind every door that names somebody, for who may."""
    client = enter("author")
    names = {
        "training_class": "成都内部班", "class_session": "何大海", "list": "成都示范轴承", "enterprise_desk": "何大海",
        "archive_state": "成都内部班", "bureau_export": "成都市", "list_left": "PK", "archive_file": "PK",
        "bureau_file": "PK",
    }  # fmt: skip
    for name, secret in names.items():
        assert secret in read(client.get(reverse(name, args=school.arguments[name]))), name


ADDRESSES = [
    ("bureau_rows", "measure=attendances"), ("bureau_rows", "measure=persons&activity={activity}"),
    ("bureau_rows", "measure=enterprises&by=activity"), ("bureau_rows", "measure=hours&county=-"),
    ("bureau_rows", "measure=certificates"), ("bureau", "by=activity"), ("bureau", "by=county"),
    ("coverage", "list={list}"), ("coverage_table", "list={list}"), ("lists", ""), ("bureau_exports", ""),
    ("classes", ""),
]  # fmt: skip


@pytest.mark.parametrize("role", ["city elsewhere", "county elsewhere"])
def test_no_condition_leads_an_officer_into_another_region(enter, school, role):
    """Without a region the own one is shown, whatever else the address names."""
    lists.listings.apply(school.listing, by=school.author)
    client = enter(role)
    for name, asked in ADDRESSES:
        query = asked.format(activity=school.held.activity.key, list=school.listing.uuid)
        answer = client.get(f"{reverse(name)}?{bureau.QUARTER}&{query}", follow=True)
        assert answer.status_code == 200, (name, asked)
        told = read(answer)
        assert not [secret for secret in SECRETS if secret in told], (name, asked)
        for region in ("510100", "510104", "510000"):
            if name.startswith("bureau") and name != "bureau_exports":
                refused = client.get(f"{reverse(name)}?{bureau.QUARTER}&{query}&region={region}")
                assert refused.status_code == 403, (name, asked, region)


def test_a_list_in_force_opens_to_officers_of_its_places_alone(enter, school):
    lists.listings.apply(school.listing, by=school.author)
    here = reverse("list", args=[school.listing.uuid])
    for role in sorted(DESK):
        answer = enter(role).get(here)
        assert answer.status_code == (404 if "elsewhere" in role or role == "county" else 200), role
        assert ("何大海" in read(answer)) == (role in OWN), role  # a row that was stopped


def test_who_moves_to_another_city_leaves_the_files_of_the_old_one(client, school):
    """Their author still finds them listed; what is in them is closed."""
    school.author.bureau_posts.update(region=desk.find("510700"))
    client.force_login(school.author)
    for name in ("bureau_file", "archive_file"):
        assert client.get(reverse(name, args=school.arguments[name])).status_code == 403, name
    before = Export.objects.count()
    assert client.post(reverse("bureau_export_again", args=[school.rows.uuid])).status_code == 403
    assert Export.objects.count() == before


def test_who_left_the_bureau_has_nothing_of_it_any_more(client, school):
    """Neither the files that they asked for nor what lies behind the class that they made."""
    school.author.bureau_posts.update(ended_on=dt.date(2026, 9, 30))
    client.force_login(school.author)
    before = state()
    for name, (method, _open_to, _nothing_for) in DOORS.items():
        if name == "archive_state":
            continue  # that they asked for it, and when it ends
        answer = getattr(client, method)(reverse(name, args=school.arguments[name]))
        assert answer.status_code == 403, name
    assert state() == before


def test_a_number_of_another_class_or_enterprise_opens_nothing_under_ones_own(client, school, provincial_clerk):
    """The manager of Mianyang and an officer there: their own addresses with the numbers of Chengdu behind."""
    clerk = factories.clerk(name="绵阳科员", region="510700")
    own = classes.plan(title="绵阳班", by=clerk, starts_on=DAY, ends_on=DAY, region=desk.find("510700"))
    meeting = classes.add_session(own, title="第一讲", starts_at=NINE, minutes=45)
    client.force_login(clerk)
    for arguments in ([own.uuid, school.session.pk], [own.uuid, 10**15]):
        assert client.get(reverse("class_session", args=arguments)).status_code == 404
        assert client.get(reverse("class_roster_left", args=arguments)).status_code == 404
    gone = client.post(reverse("class_take_back", args=[own.uuid, meeting.pk, school.sign_in.pk]), {"reason": "误"})
    assert gone.status_code == 404
    client.force_login(school.elsewhere)
    code = school.mianyang.uscc
    for name in ("enterprise_roster", "enterprise_roster_left"):
        assert client.get(reverse(name, args=[code, school.roster.uuid])).status_code == 404
    assert client.post(reverse("enterprise_member", args=[code, school.row]), {"verdict": "deny"}).status_code == 404
    members.invite(school.firm, [("曹德明", "13500009027", "")], by=school.manager)
    page = read(client.get(reverse("enterprise_desk", args=[code])))
    assert not [secret for secret in (*SECRETS, "曹德明") if secret in page]


@pytest.mark.parametrize("name", ["bureau_export", "archive_state", "list", "training_class", "evaluation_results"])
def test_what_nobody_has_looks_like_what_others_have(enter, school, name):
    """Whether a number exists cannot be learned from the answer; of activities, which officers of all regions count, it
    can."""
    client = enter("city elsewhere")
    strange = client.get(reverse(name, args=["00000000-0000-4000-8000-000000000000"]))
    theirs = client.get(reverse(name, args=school.arguments[name]))
    assert strange.status_code == 404
    assert theirs.status_code == (403 if name == "evaluation_results" else 404)
