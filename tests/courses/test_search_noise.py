"""A query of signs and single digits names no standard."""

import pytest

from courses import catalogue
from courses.models import Standard
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf(home):
    Standard.objects.create(number="GB/T 19001-2016", title="质量管理体系 要求", adopts="ISO 9001:2015")
    Standard.objects.create(number="GB/T 10001-2012", title="标志用公共信息图形符号")
    return factories.course(home, lessons=1)


def standards(q):
    return [each.number for each in catalogue.find(catalogue.Narrowing(q=q), language="zh-hans").standards]


@pytest.mark.parametrize("q", ["' OR 1=1 --", "1", "1=1", "%", "-- ;", "a1", "(((", '"', "１"])
def test_noise_names_no_standard(shelf, q):
    assert standards(q) == []


@pytest.mark.parametrize("q", ["19001", "GB/T 19001", "ISO 9001", "gb/t19001-2016", "１９００１"])
def test_a_number_still_does(shelf, q):
    assert standards(q) == ["GB/T 19001-2016"]
