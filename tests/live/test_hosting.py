"""Planning by form, and the studio's switches."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Locale

from live import keys
from live.models import Broadcast, Host
from tests import factories

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}


def plan(**fields):
    begin = timezone.localtime() + timedelta(days=2)
    given = {
        "title": "标准解读", "starts_at": begin.strftime("%Y-%m-%dT14:30"), "minutes": 60, "audience": "members",
        "threshold": 80, "sign_ins_needed": 2, "replay_counts": "on",
        "organisers": "主办：四川省市场监督管理局\n承办单位：成都市市场监督管理局",
        "campaigns": "2026质量月、世界认可日",
    }  # fmt: skip
    return given | fields


def address(broadcast, name, *more):
    return reverse(name, args=[broadcast.uuid, *more])


def test_a_trainer_plans_and_announces(client, trainer):
    client.force_login(trainer)
    page = client.post(reverse("new_broadcast"), plan(), follow=True)
    made = Broadcast.objects.get()
    assert page.status_code == 200
    assert made.organisers == [
        {"role": "主办", "name": "四川省市场监督管理局"},
        {"role": "承办", "name": "成都市市场监督管理局"},
    ]
    assert made.campaigns == ["2026质量月", "世界认可日"]
    client.post(address(made, "announce_broadcast"))
    made.refresh_from_db()
    assert (made.state, timezone.localtime(made.starts_at).hour) == ("scheduled", 14)


@pytest.mark.parametrize(
    ("fields", "part"),
    [
        ({"starts_at": "2020-01-01T10:00"}, "id_starts_at"),
        ({"title": ""}, "id_title"),
        ({"minutes": "0"}, "id_minutes"),
        ({"capacity": "0"}, "id_capacity"),
        ({"organisers": "老板：某公司"}, "id_organisers"),
        ({"audience": "course"}, "id_lesson"),
        ({"lesson": "9" * 23}, "id_lesson"),
        ({"threshold": "0"}, "id_threshold"),
        ({"threshold": "101"}, "id_threshold"),
    ],
)
def test_a_wrong_plan_keeps_what_was_typed(client, trainer, fields, part):
    client.force_login(trainer)
    page = client.post(reverse("new_broadcast"), plan(summary="写了很久的介绍", **fields))
    assert page.status_code == 422
    text = page.content.decode()
    assert "写了很久的介绍" in text
    assert f'href="#{part}"' in text
    assert not Broadcast.objects.exists()


def test_a_new_time_by_the_form(client, trainer):
    made = factories.broadcast(trainer=trainer)
    client.force_login(trainer)
    page = client.post(address(made, "host_broadcast"), plan())
    assert page.status_code == 302
    made.refresh_from_db()
    assert timezone.localtime(made.starts_at).strftime("%H:%M") == "14:30"


def test_cancelling_wants_a_reason_and_tells_it(client, trainer):
    made = factories.broadcast(trainer=trainer)
    client.force_login(trainer)
    assert client.post(address(made, "cancel_broadcast"), {"reason": ""}).status_code == 422
    client.post(address(made, "cancel_broadcast"), {"reason": "讲师临时有事"})
    assert "讲师临时有事" in client.get(address(made, "broadcast")).content.decode()


@pytest.mark.parametrize("state", ["scheduled", "live", "ended"])
def test_the_way_to_the_attendance_is_there_once(client, trainer, state):
    made = factories.broadcast(
        trainer=trainer, state=state, started_at=timezone.now() if state != "scheduled" else None
    )
    client.force_login(trainer)
    page = client.get(address(made, "host_broadcast")).content.decode()
    assert page.count(f'href="{address(made, "attendance")}"') == 1


def test_hosts_are_added_by_their_account_and_removed(client, trainer, learner):
    made = factories.broadcast(trainer=trainer)
    client.force_login(trainer)
    client.post(address(made, "add_host"), {"login": learner.email.upper(), "role": "moderator"})
    host = Host.objects.get(user=learner)
    assert host.role == "moderator"
    assert (
        client.post(address(made, "add_host"), {"login": "nobody@example.org", "role": "moderator"}).status_code == 422
    )
    client.post(address(made, "remove_host", host.pk))
    client.post(address(made, "remove_host", made.hosts.get().pk))
    assert [host.user for host in made.hosts.all()] == [trainer]


def test_planning_is_not_for_learners(client, learner, trainer):
    made = factories.broadcast(trainer=trainer)
    client.force_login(learner)
    pages = [
        reverse("new_broadcast"),
        reverse("my_broadcasts"),
        address(made, "host_broadcast"),
        address(made, "studio"),
    ]
    assert [client.get(page).status_code for page in pages] == [403, 403, 403, 403]
    verbs = ["studio_start", "studio_end", "studio_ticket", "studio_key", "announce_broadcast", "cancel_broadcast"]
    assert {client.post(address(made, verb)).status_code for verb in verbs} == {403}


def test_a_moderator_does_not_go_on_air(client, trainer, learner):
    made = factories.broadcast(trainer=trainer, state="ready")
    Host.objects.create(broadcast=made, user=learner, role="moderator")
    client.force_login(learner)
    assert client.post(address(made, "studio_start")).status_code == 403


def test_the_studio_hands_out_a_ticket_and_a_key_once(client, trainer):
    made = factories.broadcast(trainer=trainer, state="ready")
    client.force_login(trainer)
    ticket = client.post(address(made, "studio_ticket")).json()["ticket"]
    assert keys.read_ticket(ticket, str(made.uuid)) == (made, trainer)
    page = client.post(address(made, "studio_key")).content.decode()
    made.refresh_from_db()
    assert made.key_hash
    shown = page.split(f'value="{made.name}?key=')[1].split('"')[0]
    assert keys.matches(made, shown)
    assert shown not in client.get(address(made, "studio")).content.decode()


def test_start_and_end_and_taking_it_up_again(client, trainer):
    made = factories.broadcast(trainer=trainer, state="ready")
    client.force_login(trainer)
    assert client.post(address(made, "studio_start"), headers=JSON).json() == {"state": "ready"}
    Broadcast.objects.update(state="live", started_at=timezone.now())
    assert client.post(address(made, "studio_end"), headers=JSON).json() == {"state": "ended"}
    client.post(address(made, "studio_reopen"))
    made.refresh_from_db()
    assert made.state == "interrupted"


def test_too_early_or_too_late_is_said_in_words(client, trainer):
    client.force_login(trainer)
    early = factories.broadcast(trainer=trainer, starts_at=timezone.now() + timedelta(days=1))
    over = factories.broadcast(trainer=trainer, state="ended")
    for made in (early, over):
        answer = client.post(address(made, "studio_ticket"))
        assert answer.status_code == 409
        assert answer.json()["message"]


def test_the_line_in_figures(client, trainer):
    made = factories.broadcast(trainer=trainer, state="ready")
    client.force_login(trainer)
    told = client.get(address(made, "studio_line")).json()
    assert (told["state"], told["people"], told["line"]["open"], told["disk_ok"]) == ("ready", 0, False, True)


def test_the_list_of_the_own_broadcasts(client, trainer, django_assert_num_queries):
    client.force_login(trainer)
    counts = []
    for total in (1, 3):
        while Broadcast.objects.count() < total:
            factories.broadcast(trainer=trainer)
        client.get(reverse("my_broadcasts"))
        with django_assert_num_queries(6) as asked:
            client.get(reverse("my_broadcasts"))
        counts.append(len(asked))
    assert counts == [6, 6]


def test_a_lesson_that_has_a_film_is_refused_unless_the_replay_does_not_count(client, trainer, course):
    client.force_login(trainer)
    lesson = factories.lesson(course)
    answer = client.post(reverse("new_broadcast"), plan(lesson=lesson.pk))
    assert answer.status_code == 422
    assert "该课时已有视频" in answer.content.decode()
    answer = client.post(reverse("new_broadcast"), plan(lesson=lesson.pk) | {"replay_counts": ""})
    assert answer.status_code == 302
    made = Broadcast.objects.get()
    assert (made.lesson_id, made.replay_counts) == (lesson.pk, False)


def test_lessons_are_offered_once_in_the_language_of_the_reader(client, trainer, course):
    client.force_login(trainer)
    both, alone = (factories.lesson(course, title, with_video=False) for title in ("有英文的一节", "只有中文的一节"))
    english = Locale.objects.get_or_create(language_code="en")[0]
    both.copy_for_translation(english, copy_parents=True).save_revision().publish()
    page = client.get(reverse("new_broadcast")).context["form"].fields["lesson"].queryset
    assert {both, alone} <= set(page)
    assert all(lesson.locale != english for lesson in page)
    page = client.get("/en" + reverse("new_broadcast")).context["form"].fields["lesson"].queryset
    assert both.get_translation(english) in page
    assert both not in page
    assert alone in page
