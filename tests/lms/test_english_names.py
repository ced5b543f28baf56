"""Regions and industry chains are read in the language of the page; the ledger keeps the Chinese name."""

import json

import pytest
from django.conf import settings
from django.utils import translation

from lms import enterprises, regions
from lms.models import IndustryChain, Region
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def test_each_statistical_row_and_each_chain_has_an_english_name():
    named = [*Region.objects.statistical(), *Region.objects.filter(code__startswith="50"), *IndustryChain.objects.all()]
    assert len(named) == 24 + 39 + 33
    assert [row.name for row in named if not row.name_en.isascii() and "ê" not in row.name_en] == []
    assert [row.name for row in named if not row.name_en] == []
    assert not IndustryChain.objects.filter(pillar_name_en="").exists()


def test_no_name_is_for_nothing():
    file = json.loads((settings.BASE_DIR / "lms/reference/names_en.json").read_text("utf-8"))
    assert set(file["regions"]) <= set(Region.objects.values_list("code", flat=True))
    assert set(file["chains"]) == set(IndustryChain.objects.values_list("code", flat=True))


@pytest.mark.parametrize(
    ("language", "city", "chain"),
    [
        ("zh-hans", "阿坝藏族羌族自治州", "中药"),
        ("en", "Aba Tibetan and Qiang Autonomous Prefecture", "Traditional Chinese medicine"),
    ],
)
def test_they_are_read_in_the_language_of_the_page(language, city, chain):
    with translation.override(language):
        assert str(Region.objects.current().get(code="513200")) == city
        assert str(IndustryChain.objects.get(code="C24")) == chain


def test_what_has_no_english_name_is_shown_in_chinese():
    with translation.override("en"):
        assert str(Region.objects.current().get(code="510104")) == "锦江区"


def test_the_pages_show_them(client, learner):
    firm = factories.enterprise(city=Region.objects.current().get(code="510700"))
    factories.member(learner, firm)
    client.force_login(learner)
    assert "Mianyang" in client.get("/en/me/account/").content.decode()
    assert "绵阳市" in client.get("/me/account/").content.decode()
    assert "Deyang" in client.get("/en/me/enterprise/", {"code": "91510600DEMQ04115U"}).content.decode()


def test_the_ledger_keeps_the_chinese_name(learner):
    factories.member(learner, factories.enterprise(city=Region.objects.current().get(code="510700")))
    with translation.override("en"):
        assert enterprises.standing(learner).city_name == "绵阳市"


def test_a_list_without_english_names_is_loaded():
    regions.load([regions.Row("110000", "北京市", "province")], valid_from=Region.objects.first().valid_from)
    assert Region.objects.get(code="110000").name_en == ""
