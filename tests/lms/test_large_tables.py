"""A column with a constant default comes to a large table without the table being built anew."""

import pytest
from django.db import IntegrityError, connection, migrations, models
from django.db.migrations.state import ProjectState
from django.test.utils import CaptureQueriesContext

from lms.migrations._large_tables import AddColumn

pytestmark = pytest.mark.django_db(transaction=True)
TABLE = migrations.CreateModel("Scratch", [("id", models.BigAutoField(primary_key=True))])


def forwards(operation, before):
    after = before.clone()
    operation.state_forwards("lms", after)
    with connection.schema_editor() as editor:
        operation.database_forwards("lms", editor, before, after)
    return after


@pytest.fixture
def scratch():
    state = forwards(TABLE, ProjectState())
    state.apps.get_model("lms", "Scratch").objects.create()
    yield state
    with connection.schema_editor() as editor:
        editor.execute("DROP TABLE lms_scratch")


def test_old_rows_have_the_default_and_new_ones_are_checked(scratch):
    with CaptureQueriesContext(connection) as asked:
        state = forwards(AddColumn("scratch", "turns", models.PositiveIntegerField(default=3)), scratch)
    rows = state.apps.get_model("lms", "Scratch").objects
    assert not [query for query in asked if "CREATE TABLE" in query["sql"]]
    assert rows.get().turns == 3
    rows.create(turns=7)
    with pytest.raises(IntegrityError):
        rows.create(turns=-1)


def test_back_again(scratch):
    operation = AddColumn("scratch", "turns", models.PositiveIntegerField(default=3))
    state = forwards(operation, scratch)
    with connection.schema_editor() as editor:
        operation.database_backwards("lms", editor, state, scratch)
    assert scratch.apps.get_model("lms", "Scratch").objects.count() == 1
