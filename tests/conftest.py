"""The cast and the stage. Learner, trainer, editor, city clerk, provincial clerk, manager and outsider."""

import shutil

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import TransactionTestCase
from django.utils import translation
from hypothesis import settings as examples

from lms import wording
from tests import databases, factories

examples.register_profile("school", deadline=None)  # speed is measured by benchmarks, on machines that are quiet
examples.load_profile("school")


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker):
    """Replaces pytest-django's own: the database is copied, not migrated, in each process."""
    with django_db_blocker.unblock():
        copy = databases.copy()
        copy.make()
        TransactionTestCase._fixture_teardown = lambda self: copy.restore()
    yield
    with django_db_blocker.unblock():
        copy.remove()


def pytest_configure(config):
    """A fresh clone has no compiled messages; parallel workers find them made."""
    if not hasattr(config, "workerinput"):
        wording.compile_all()


def pytest_collection_modifyitems(config, items):
    """On PostgreSQL only what meets a database: the rest has run on SQLite and would say the same again."""
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        return
    meets = [item for item in items if {"db", "transactional_db", "django_db_setup"} & set(item.fixturenames)]
    apart = [item for item in items if item.get_closest_marker("django_db") is None and item not in meets]
    config.hook.pytest_deselected(items=apart)
    items[:] = [item for item in items if item not in apart]


def pytest_sessionfinish():
    shutil.rmtree(settings.VAR_DIR, ignore_errors=True)


@pytest.fixture(autouse=True)
def fresh_process():
    """What a request leaves behind in its process is not there for the next test: cached facts, the language."""
    cache.clear()
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture
def home(db):
    return factories.home()


@pytest.fixture
def learner(db):
    return factories.user(name="张明远", email="learner@example.org", mobile="13800000001")


@pytest.fixture
def outsider(db):
    return factories.user(name="外来者", email="outsider@example.org")


@pytest.fixture
def trainer(db):
    return factories.user(name="李蔚然", email="trainer@example.org", groups=["Trainers"])


@pytest.fixture
def editor(db):
    return factories.user(name="编辑", email="editor@example.org", groups=["Editors"])


@pytest.fixture
def admin(db):
    return factories.user(name="管理员", email="admin@example.org", is_staff=True, is_superuser=True)


@pytest.fixture
def provincial_clerk(db):
    return factories.clerk(name="省局处员", email="province@example.org", region="510000")


@pytest.fixture
def city_clerk(db):
    return factories.clerk(name="市局科员", email="city@example.org", region="510100")


@pytest.fixture
def manager(db):
    return factories.member(factories.user(name="培训管理员", email="manager@example.org"), role="manager").user


@pytest.fixture
def course(home):
    """A published course of three lessons with a film of 100 seconds each."""
    return factories.course(home, lessons=3)
