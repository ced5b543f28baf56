"""Uploads that one person begins at the same moment: no more of them than the limits allow."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from media import uploads
from media.models import Upload
from tests import factories
from tests.media.test_office import may

pytestmark = pytest.mark.django_db(transaction=True)
TOGETHER = 6


def begin_at_once(owner, *, length, name="film-{}.mp4"):
    barrier = Barrier(TOGETHER)

    def one(number):
        barrier.wait()
        try:
            return uploads.begin(owner=owner, name=name.format(number), length=length)
        except uploads.Refused as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(TOGETHER) as pool:
        return list(pool.map(one, range(TOGETHER)))


@pytest.fixture
def owner():
    return may(factories.user(email="trainer@example.org"), "add_video")


def test_no_more_are_open_than_allowed(owner, settings):
    settings.UPLOAD_UNFINISHED = 2
    told = begin_at_once(owner, length=1000)
    assert Upload.objects.count() == 2
    assert sum(isinstance(each, uploads.Refused) for each in told) == TOGETHER - 2


def test_no_more_bytes_in_a_day_than_allowed(owner, settings):
    settings.UPLOAD_DAY_BYTES = 3_500
    told = begin_at_once(owner, length=1000)
    assert sum(row.length for row in Upload.objects.all()) == 3_000
    assert sum(isinstance(each, uploads.TooLarge) for each in told) == TOGETHER - 3


def test_the_same_file_is_one_upload(owner):
    told = begin_at_once(owner, length=1000, name="film.mp4")
    assert len({each.pk for each in told}) == Upload.objects.count() == 1
