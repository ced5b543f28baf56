"""A series keeps the code under which it has given out numbers."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from courses import certificates
from tests import factories


def test_the_code_is_free_until_the_first_number_and_fixed_afterwards(learner, course, home):
    programme = factories.programme(home, [course])
    series = programme.series
    series.code = "NEW"
    series.full_clean()
    series.code = "CQO"
    held = factories.programme_enrolment(learner, programme, completed_at=timezone.now())
    assert certificates.issue(held).number.startswith("CQO")
    series.code = "NEW"
    with pytest.raises(ValidationError) as refusal:
        series.full_clean()
    assert list(refusal.value.message_dict) == ["code"]
