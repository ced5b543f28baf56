"""What Wagtail does not say in Chinese, the school says for it, and nothing else."""

import pytest
from django.utils import translation
from django.utils.translation import gettext, ngettext
from django.views.i18n import JavaScriptCatalog

from tests import wagtail_wording, wording


def test_an_editor_reads_wagtails_own_words_in_chinese():
    with translation.override("zh-hans"):
        assert gettext("Go to the first error") == "跳到第一处错误"
        assert gettext("New: %(model_name)s") % {"model_name": "视频"} == "新建：视频"
        assert (
            ngettext("%(num_parent_objects)d page", "%(num_parent_objects)d pages", 3)
            == "%(num_parent_objects)d 个页面"
        )


def test_scripts_of_the_editor_speak_chinese(rf):
    with translation.override("zh-hans"):
        told = JavaScriptCatalog.as_view(packages=["wagtail.admin"])(rf.get("/")).content.decode()
    assert "\\u63d2\\u5165\\u5185\\u5bb9\\u5757" in told or "插入内容块" in told


@pytest.mark.parametrize("domain", wagtail_wording.DOMAINS)
def test_every_message_without_chinese_is_here_and_no_other(domain):
    here = {(entry.msgctxt, entry.msgid) for entry in wagtail_wording.catalogue(domain)}
    assert here == set(wagtail_wording.lacking(domain))
    assert wording.missing(wagtail_wording.catalogue(domain)) == []


@pytest.mark.parametrize("domain", wagtail_wording.DOMAINS)
def test_places_of_values_are_kept(domain):
    def places(text):
        return set(wording.PLACE.findall(text))

    entries = wagtail_wording.catalogue(domain)
    assert [
        entry.msgid
        for entry in entries
        if not places(wagtail_wording.chinese(entry)) <= places(entry.msgid) | places(entry.msgid_plural)
    ] == []
