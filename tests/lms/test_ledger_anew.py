"""A fact that was reversed by mistake can be recorded anew."""

from django.utils import timezone

from lms import tally
from lms.models import Activity, Participation


def test_a_reversed_fact_is_recorded_anew_as_a_row_of_its_own(learner, admin):
    activity = tally.activity(key="course:x", kind=Activity.Kind.COURSE, title="课程")
    fact = {
        "key": "lesson:1",
        "kind": Participation.Kind.LESSON,
        "activity": activity,
        "person": learner,
        "channel": Participation.Channel.ON_DEMAND,
        "minutes": 45,
        "occurred_at": timezone.now(),
        "unit": "lesson:1",
    }
    first = tally.record(**fact)
    assert tally.record(**fact) == first
    tally.reverse(first, author=admin, reason="误录")
    anew = tally.record(**fact)
    assert anew != first
    assert anew.key == "lesson:1#2"
    assert tally.record(**fact) == anew
