"""Parts of pages: what they show and what they say to somebody who cannot see them."""

import json
import re

import pytest
import zxingcpp
from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.template import RequestContext, Template
from django.test import RequestFactory
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from lms.templatetags import ui
from lms.tracks import TRACKS

TEMPLATES = settings.BASE_DIR / "templates"
STATIC = settings.BASE_DIR / "lms/static"
SPRITE = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text()))


def drawn(source, path="/", **context):
    with translation.override("en"):
        return Template("{% load ui %}" + source).render(RequestContext(RequestFactory().get(path), context))


class Form(forms.Form):
    name = forms.CharField(help_text="As on your papers")
    remark = forms.CharField(required=False, widget=forms.Textarea)
    way = forms.ChoiceField(choices=[("sms", "Text"), ("mail", "Mail")], widget=forms.RadioSelect)
    agree = forms.BooleanField()
    token = forms.CharField(widget=forms.HiddenInput, required=False)


def test_a_field_joins_label_hint_and_control():
    text = drawn("{% field form.name %}", form=Form())
    assert '<label class="field__label" for="id_name">' in text
    assert '<p class="field__hint" id="id_name-hint">As on your papers</p>' in text
    control = re.search(r"<input[^>]*>", text)[0]
    assert 'aria-describedby="id_name-hint"' in control
    assert 'class="input field__control"' in control
    assert "aria-invalid" not in control


def test_a_wrong_field_says_so_to_everybody():
    text = drawn("{% field form.name %}", form=Form({"name": ""}))
    control = re.search(r"<input[^>]*>", text)[0]
    assert 'aria-describedby="id_name-hint id_name-error"' in control
    assert 'aria-invalid="true"' in control
    assert "field--invalid" in text
    assert 'id="id_name-error"' in text


def test_what_may_stay_empty_is_named():
    assert "(optional)" in drawn("{% field form.remark %}", form=Form())
    assert "(optional)" not in drawn("{% field form.name %}", form=Form())


def test_radios_stand_in_a_fieldset_and_checks_beside_their_words():
    radios = drawn("{% field form.way %}", form=Form({}))
    assert "<fieldset" in radios
    assert 'aria-describedby="id_way-error"' in radios
    assert radios.count('<label class="choice">') == 2
    assert '<label class="choice"><input type="checkbox" name="agree"' in drawn("{% field form.agree %}", form=Form())


def test_a_form_names_everything_that_is_wrong_above_itself():
    form = Form({"token": "t"})
    form.add_error(None, "The two do not fit")
    text = drawn("{% form_fields form %}", form=form)
    assert "4 things need correcting" in text
    assert "The two do not fit" in text
    assert '<a href="#id_agree">' in text
    assert 'type="hidden" name="token" value="t"' in text
    assert text.count('name="token"') == 1


def test_what_was_typed_is_kept_and_never_markup():
    text = drawn("{% form_fields form %}", form=Form({"name": '"><script>x</script>'}))
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


def test_the_bar_shows_gaps_and_says_them():
    text = drawn("{% coverage_bar intervals 5400 %}", intervals=[[0, 490], [625, 2460], [2705, 4100]])
    assert text.count('class="coverage-bar__seen"') == 3
    assert text.count('class="coverage-bar__gap"') == 2
    assert 'aria-label="68% watched. Left out: 08:10 to 10:25, 41:00 to 45:05. Nothing yet after 68:20."' in text


def test_an_unseen_and_a_fully_seen_lesson():
    assert 'aria-label="0% watched."' in drawn("{% coverage_bar intervals 100 %}", intervals=[])
    assert 'aria-label="100% watched."' in drawn("{% coverage_bar intervals 100 %}", intervals=[[0, 60], [60, 100]])
    assert 'aria-label="0% watched."' in drawn("{% coverage_bar intervals 0 %}", intervals=[])


def test_nearly_everything_is_not_called_everything():
    assert 'aria-label="99% watched. ' in drawn("{% coverage_bar intervals 1000 %}", intervals=[[0, 999.9]])


intervals = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)).map(sorted), max_size=12)


@given(intervals, st.integers(1, 150))
def test_seen_and_left_out_fill_the_bar_up_to_the_furthest_point(watched, duration):
    seen, gaps = ui.parts(watched, duration)
    pieces = sorted([*seen, *gaps])
    assert all(start < end for start, end in pieces)
    assert [end for _, end in pieces[:-1]] == [start for start, _ in pieces[1:]]
    truth = {second for start, end in watched for second in range(start, min(end, duration))}
    assert {second for start, end in seen for second in range(start, end)} == truth
    if pieces:
        assert (pieces[0][0], pieces[-1][1]) == (0, max(truth) + 1)


def test_pages_of_a_list_keep_the_rest_of_the_address():
    page, only_page = Paginator(range(90), 10).page(3), Paginator([1], 10).page(1)
    source = '{% include "includes/pagination.html" %}'
    text = drawn(source, path="/courses/?q=19001&page=3", page_obj=page)
    assert re.findall(r'href="([^"]+)" aria-current="page">3<', text) == ["?q=19001&amp;page=3"]
    assert ui.elided_pages(page) == [1, 2, 3, 4, None, 9]
    assert drawn(source, page_obj=only_page).strip() == ""


def test_a_code_is_read_back():
    address = "https://example.org/verify/3f9a-ZZ/"
    svg = drawn("{% qr_code text %}", text=address)
    size = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])
    picture = Image.new("L", ((size + 8) * 8, (size + 8) * 8), 255)
    pen = ImageDraw.Draw(picture)
    for x, y, length in (map(int, run) for run in re.findall(r"M(\d+) (\d+)h(\d+)v1", svg)):
        pen.rectangle([(x + 4) * 8, (y + 4) * 8, (x + 4 + length) * 8 - 1, (y + 5) * 8 - 1], fill=0)
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == [address]


def test_tracks_have_the_same_colours_on_paper_and_on_pages():
    tokens = dict(re.findall(r"--track-([\w-]+): (#[0-9A-F]{6});", (STATIC / "css/tokens.css").read_text()))
    expected = {key: track.ink for key, track in TRACKS.items()} | {
        f"{key}-wash": track.wash for key, track in TRACKS.items()
    }
    assert tokens == expected
    assert {track.motif for track in TRACKS.values()} <= SPRITE


def test_every_icon_that_a_template_names_is_in_the_sprite():
    named = {
        name
        for path in TEMPLATES.rglob("*.html")
        for pair in re.findall(r"""\{%\s*icon\s+["']([\w-]+)["']|icon_name=["']([\w-]+)["']""", path.read_text())
        for name in pair
        if name
    }
    assert len(named) > 10
    assert named - SPRITE == set()


def test_samples_have_the_same_shape_in_both_languages():
    def shape(value):
        if isinstance(value, dict):
            return {key: shape(part) for key, part in value.items()}
        return [shape(part) for part in value] if isinstance(value, list) else type(value).__name__

    chinese, english = (
        json.loads((TEMPLATES / f"styleguide/samples.{language}.json").read_text()) for language in ("zh-hans", "en")
    )
    assert shape(chinese) == shape(english)


@pytest.mark.parametrize("path", ["/styleguide/", "/en/styleguide/"])
def test_the_style_guide_shows_every_component(client, home, path):
    answer = client.get(path)
    used = {template.name for template in answer.templates}
    partials = {f"includes/{file.name}" for file in (TEMPLATES / "includes").glob("*.html")}
    unseen = {
        f"includes/{name}.html"
        for name in ("offline_bar", "messages", "site_header_plain", "problem_css", "account_links")
    }
    assert partials - used - unseen == set()
    text = answer.content.decode()
    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", text)
    assert "{%" not in text
    assert "{{" not in text
