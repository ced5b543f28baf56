"""What was said is kept for its term and no longer; the list of words comes from a file."""

from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from live import keeping, posting
from live.models import Ballot, Complaint, Deed, Message, Poll, Restriction, Vote, Word
from tests import factories

from .guests import speaker

pytestmark = pytest.mark.django_db
OLD = timedelta(days=186)


@pytest.fixture
def mei(db):
    return speaker("陈梅")


def past(broadcast, person, age):
    """One of each, that long ago."""
    at = timezone.now() - age
    message = Message.objects.create(
        broadcast=broadcast, author=person, author_name="梅", text="旧", status="shown", at=at
    )
    Vote.objects.create(message=message, user=person, at=at)
    Complaint.objects.create(message=message, user=person, at=at)
    Deed.objects.create(broadcast=broadcast, actor=person, role="trainer", verb="delete", message=message, at=at)
    Restriction.objects.create(broadcast=broadcast, user=person, kind="mute", made_at=at)
    poll = Poll.objects.create(
        broadcast=broadcast, question="几", options=[], opened_at=at, closed_at=at, tally={"a": 1}
    )
    Ballot.objects.create(poll=poll, user=person, keys=["a"], at=at)


def left():
    return [model.objects.count() for model in (Message, Vote, Complaint, Deed, Restriction, Ballot)]


def told(*command, **options):
    out = StringIO()
    call_command(*command, stdout=out, **options)
    return out.getvalue()


def test_after_its_term_it_goes_and_the_command_says_how_much(mei):
    over = factories.broadcast(state="replay")
    past(over, mei, OLD)
    past(over, mei, timedelta(days=184))
    assert "1 messages, 1 acts of moderation, 1 restrictions, 1 ballots" in told("purge_chat", dry_run=True)
    assert left() == [2] * 6
    assert "Removed before" in told("purge_chat")
    assert left() == [1] * 6
    assert list(Poll.objects.values_list("tally", flat=True)) == [{"a": 1}] * 2
    assert keeping.purge_due().endswith("0 messages, 0 acts of moderation, 0 restrictions, 0 ballots")


def test_a_room_that_is_open_keeps_everything(mei):
    past(factories.broadcast(state="live"), mei, OLD)
    keeping.purge()
    assert left()[0] == 1


def test_the_term_is_half_a_year_at_least(settings):
    assert settings.CHAT_KEEP_DAYS == 185
    settings.CHAT_KEEP_DAYS = 90
    with pytest.raises(Exception, match=r"live\.E001"):
        call_command("check", fail_level="ERROR")


def test_the_sample_shows_the_form(mei):
    sample = settings.BASE_DIR / "live/reference/words.sample.csv"
    assert "3 words taken over, 0 forgotten" in told("import_words", sample)
    assert list(Word.objects.order_by("pk").values_list("action", flat=True)) == ["block", "hold", "mask"]
    live = factories.broadcast(state="live")
    asked = posting.Asked(live.pk, mei.pk, uuid4(), "示例 违禁词", timezone.now())
    assert posting.take([asked])[0].code == "word"


def test_a_word_comes_once_and_can_be_forgotten(tmp_path):
    file = tmp_path / "words.csv"
    file.write_text("\ufeffBad Word,block,x\nb a d word,hold\n另一个\n")
    told("import_words", file)
    assert list(Word.objects.values_list("normal", "action")) == [("badword", "hold"), ("另一个", "hold")]
    file.write_text("另一个,mask\n")
    assert "1 words taken over, 1 forgotten" in told("import_words", file, replace=True)
    assert list(Word.objects.values_list("normal", "action")) == [("另一个", "mask")]


@pytest.mark.parametrize("line", ["坏,destroy", ",block", "长" * 41 + ",block", " ,hold"])
def test_a_file_with_a_mistake_changes_nothing(tmp_path, line):
    file = tmp_path / "words.csv"
    file.write_text(f"好词,mask\n{line}\n")
    with pytest.raises(CommandError, match="line 2"):
        told("import_words", file)
    assert not Word.objects.exists()


def test_a_file_that_is_not_there():
    with pytest.raises(CommandError, match="cannot be read"):
        told("import_words", "/nowhere/words.csv")
