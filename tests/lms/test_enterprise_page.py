"""Giving one's enterprise by its credit code, with and without scripts."""

import pytest
from django.urls import reverse

from lms import accounts, enterprises
from lms.models import Enterprise, Membership, Region

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

MIANYANG = "91510700DEMQ02742E"
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def person(client, reference):
    user = accounts.create(name="张明远", password="安静的一号车间 quality", mobile="13800008000")
    user.agreement = "given"
    user.save()
    client.force_login(user)
    return user


@pytest.fixture
def known(reference):
    return enterprises.find_or_create(code=MIANYANG, name="绵阳云岭精密机械有限公司", size="M")


def body(page):
    return page.content.decode()


def city(code):
    return Region.objects.current().get(code=code).pk


def save(client, **fields):
    return client.post(reverse("my_enterprise"), {"code": MIANYANG, "post": "内审员", "city": city("510700"), **fields})


def test_a_known_enterprise_is_shown_and_joined(client, person, known, outsider):
    enterprises.join(user=outsider, enterprise=known)
    page = client.get(reverse("my_enterprise"), {"code": "91510700demq02742e"})
    assert known.name in body(page)
    assert page.context["colleagues"] == 1
    assert "name" not in page.context["form"].fields
    page = save(client)
    assert page["Location"] == reverse("my_learning")
    assert (Membership.objects.get(user=person).enterprise, Membership.objects.get(user=person).post) == (
        known,
        "内审员",
    )


def test_a_new_enterprise_is_described_with_its_city_filled_in(client, person):
    page = client.get(reverse("my_enterprise"), {"code": "91500112DEMQ12334X"})
    assert page.context["form"].initial["city"].name == "重庆市"
    save(client, code="91500112DEMQ12334X", name="渝北示范公司", size="S", city=page.context["form"].initial["city"].pk)
    made = Enterprise.objects.get()
    assert (made.city.code, made.size, made.subject, made.created_by) == ("500000", "S", "enterprise", person)


def test_the_city_can_be_corrected(client, person):
    chengdu = Region.objects.current().get(code="510100")
    save(client, name="绵阳云岭精密机械有限公司", city=chengdu.pk)
    assert Enterprise.objects.get().city == chengdu


def test_a_code_of_the_province_asks_for_the_city(client, person):
    page = client.get(reverse("my_enterprise"), {"code": "12510000DEMQ0959XF"})
    assert page.context["form"].initial["city"] is None
    page = save(client, code="12510000DEMQ0959XF", name="省级检测院", city="")
    assert page.status_code == 422
    assert set(page.context["form"].errors) == {"city"}
    assert "省级检测院" in body(page)


def test_a_wrong_code_says_what_is_wrong_and_keeps_what_was_typed(client, person):
    page = save(client, code="91510100DEMQ01379B", name="错码公司")
    assert page.status_code == 422
    assert [problem.kind for problem in page.context["checked"].errors] == ["check_digit"]
    assert "91510100DEMQ01379B" in body(page)
    assert not Enterprise.objects.exists()


def test_an_odd_inner_digit_is_told_and_accepted(client, person):
    page = client.get(reverse("my_enterprise"), {"code": "91510100DEMQ90010M"})
    assert [problem.kind for problem in page.context["checked"].warnings] == ["inner_check"]
    save(client, code="91510100DEMQ90010M", name="存疑代码公司")
    assert Membership.objects.get(user=person).enterprise.inner_check_failed


def test_a_missing_post_is_said_and_nothing_is_lost(client, person):
    page = save(client, post="", name="绵阳云岭精密机械有限公司", size="L")
    assert set(page.context["form"].errors) == {"post"}
    assert "绵阳云岭精密机械有限公司" in body(page)
    assert page.context["form"]["size"].value() == "L"


def test_a_new_enterprise_needs_a_name(client, person):
    assert set(save(client).context["form"].errors) == {"name"}


def test_nobody_renames_a_known_enterprise(client, person, known):
    save(client, name="别的名字", size="X", city=Region.objects.current().get(code="510100").pk)
    known.refresh_from_db()
    assert (known.name, known.size, known.city.code) == ("绵阳云岭精密机械有限公司", "M", "510700")


def test_another_enterprise_is_a_transfer(client, person, known):
    save(client)
    save(client, code="91510600DEMQ04115U", name="德阳重装示范有限公司", post="首席质量官")
    rows = Membership.objects.filter(user=person).order_by("pk")
    assert [(row.enterprise.uscc, row.ended_on is None) for row in rows] == [
        (MIANYANG, False),
        ("91510600DEMQ04115U", True),
    ]


def test_coming_back_shows_the_present_enterprise(client, person, known):
    save(client)
    page = client.get(reverse("my_enterprise"))
    assert page.context["found"] == known
    assert page.context["form"].initial["post"] == "内审员"


def test_the_lookup_is_a_part_of_the_page(client, person, known):
    page = client.get(reverse("enterprise_lookup"), {"code": MIANYANG}, **HTMX)
    assert known.name in body(page)
    assert "<html" not in body(page)
    page = client.get(reverse("enterprise_lookup"), {"code": "510100000012345"}, **HTMX)
    assert [problem.kind for problem in page.context["checked"].errors] == ["length"]


def test_without_scripts_the_lookup_is_the_page(client, person, known):
    page = client.get(reverse("enterprise_lookup"), {"code": MIANYANG, "step": "sign-up"}, follow=True)
    assert page.request["PATH_INFO"] == reverse("my_enterprise")
    assert "<html" in body(page)
    assert known.name in body(page)
    assert page.context["signing_up"]


def test_skipping_leads_on_and_counts_as_not_given(client, person):
    page = client.get(reverse("my_enterprise"), {"next": reverse("agreement"), "step": "sign-up"})
    assert page.context["skip_url"] == reverse("agreement")
    assert enterprises.standing(person).city_code == "UNKNOWN"


def test_the_lookup_is_for_members(client, known):
    page = client.get(reverse("enterprise_lookup"), {"code": MIANYANG}, **HTMX)
    assert page.status_code == 302
    assert known.name not in body(page)


def test_the_way_on_is_ours(client, person, known):
    assert save(client, next="https://evil.example/")["Location"] == reverse("my_learning")


def test_a_chain_out_of_use_cannot_be_chosen(client, person):
    enterprises.load_chains({"P1": "电子信息"}, [{"code": "C06", "name": "集成电路", "pillar": "P1"}])
    page = client.get(reverse("my_enterprise"), {"code": MIANYANG})
    assert [chain.code for chain in page.context["form"].fields["chains"].queryset] == ["C06"]
