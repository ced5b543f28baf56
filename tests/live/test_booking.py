"""Booking a place, with a limit and without."""

import threading

import pytest
from django.db import connection

from live import booking
from live.models import Booking
from tests import factories


@pytest.mark.django_db
def test_a_booking_is_kept_once_and_can_be_given_back(trainer, learner):
    made = factories.broadcast(trainer=trainer)
    first, second = booking.book(learner, made), booking.book(learner, made)
    assert first == second
    assert booking.coming(learner) == [made]
    booking.cancel(learner, made)
    booking.cancel(learner, made)
    assert booking.of(learner, made) is None
    assert booking.book(learner, made) == first
    assert booking.of(learner, made) == first


@pytest.mark.django_db
def test_the_last_place_is_given_once(trainer, learner, outsider):
    made = factories.broadcast(trainer=trainer, capacity=1)
    booking.book(learner, made)
    with pytest.raises(booking.Full):
        booking.book(outsider, made)
    booking.cancel(learner, made)
    assert booking.places_left(made) == 1
    booking.book(outsider, made)
    with pytest.raises(booking.Full):
        booking.book(learner, made)


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["draft", "live", "ended", "replay", "cancelled", "blocked"])
def test_only_what_is_to_come_is_booked(trainer, learner, state):
    with pytest.raises(booking.Refused):
        booking.book(learner, factories.broadcast(trainer=trainer, state=state))


@pytest.mark.django_db
def test_learners_of_the_course_alone_book_what_is_for_them(course, trainer, learner):
    made = factories.broadcast(trainer=trainer, audience="course", lesson=course.lessons().first())
    with pytest.raises(booking.Refused):
        booking.book(learner, made)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_no_more_places_than_there_are(trainer):
    made = factories.broadcast(trainer=trainer, capacity=3)
    people = [factories.user() for _ in range(8)]
    full = []

    def come(person):
        try:
            booking.book(person, made)
        except booking.Full as error:
            full.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=come, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (Booking.objects.standing().count(), len(full)) == (3, 5)
