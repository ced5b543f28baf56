"""What an activity is stands in the chain: a row each time it changes, sealed with the participations.

Batches are sealed in pieces from now on; those that were sealed before stay as they are (their format is 1). The new
table is filled by one statement of the database; the participations, the large table, are not touched.
"""

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models
from django.utils import timezone

from lms.migrations import _large_tables as large

append_only = import_module("lms.migrations.0002_append_only_ledger")
COPIED = "key, kind, title, track, campaigns, starts_on, ends_on, organisers, region_code, place"

SQLITE = [
    f"CREATE TRIGGER lms_activityfacts_fixed BEFORE UPDATE OF {{columns}} ON lms_activityfacts {append_only.REFUSE}",
    "CREATE TRIGGER lms_activityfacts_sealed BEFORE UPDATE OF batch_id ON lms_activityfacts "
    f"WHEN OLD.batch_id IS NOT NULL {append_only.REFUSE}",
    f"CREATE TRIGGER lms_activityfacts_kept BEFORE DELETE ON lms_activityfacts {append_only.REFUSE}",
]
FUNCTION = """
    CREATE OR REPLACE FUNCTION lms_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_TABLE_NAME IN ({tables}) AND TG_OP = 'UPDATE' THEN
            IF to_jsonb(OLD)->'batch_id' = 'null' AND to_jsonb(NEW) - 'batch_id' = to_jsonb(OLD) - 'batch_id' THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'integrity_constraint_violation';
    END $$
"""
TRIGGER = (
    "CREATE TRIGGER lms_activityfacts_kept BEFORE UPDATE OR DELETE ON lms_activityfacts "
    "FOR EACH ROW EXECUTE FUNCTION lms_append_only()"
)


def guard(apps, editor):
    if editor.connection.vendor == "postgresql":
        tables = "'lms_participation', 'lms_activityfacts'"
        return append_only.run(editor, [FUNCTION.format(tables=tables), TRIGGER])
    fields = apps.get_model("lms", "ActivityFacts")._meta.local_fields
    columns = ", ".join(f'"{field.column}"' for field in fields if field.column != "batch_id")
    return append_only.run(editor, [statement.format(columns=columns) for statement in SQLITE])


def unguard(apps, editor):
    """The triggers go with their table."""
    if editor.connection.vendor == "postgresql":
        append_only.run(
            editor,
            [
                "DROP TRIGGER lms_activityfacts_kept ON lms_activityfacts",
                FUNCTION.format(tables="'lms_participation'"),
            ],
        )


def fill(apps, editor):
    moment = apps.get_model("lms", "ActivityFacts")._meta.get_field("recorded_at")
    now = moment.get_db_prep_value(timezone.now(), editor.connection)
    with editor.connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO lms_activityfacts (activity_id, {COPIED}, recorded_at) "
            f"SELECT id, {COPIED}, %s FROM lms_activity ORDER BY id",
            [now],
        )


class Migration(migrations.Migration):
    dependencies = [("lms", "0014_archives_of_activities")]

    operations = [
        large.AddColumn(
            model_name="ledgerbatch",
            name="format",
            field=models.PositiveSmallIntegerField(db_default=1, default=2, editable=False),
        ),
        large.AddColumn(
            model_name="ledgerbatch", name="activities", field=models.PositiveIntegerField(db_default=0, default=0)
        ),
        large.AddColumn(
            model_name="ledgerbatch", name="pieces", field=models.TextField(db_default="", default="", editable=False)
        ),
        migrations.CreateModel(
            name="ActivityFacts",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=80)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("course", "Course"),
                            ("programme", "Programme"),
                            ("broadcast", "Broadcast"),
                            ("classroom", "Classroom"),
                        ],
                        max_length=10,
                    ),
                ),
                ("title", models.CharField(max_length=255)),
                ("track", models.CharField(blank=True, max_length=8)),
                ("campaigns", models.JSONField(blank=True, default=list)),
                ("starts_on", models.DateField(blank=True, null=True)),
                ("ends_on", models.DateField(blank=True, null=True)),
                ("organisers", models.JSONField(blank=True, default=list)),
                ("region_code", models.CharField(blank=True, max_length=8)),
                ("place", models.CharField(blank=True, max_length=200)),
                ("recorded_at", models.DateTimeField()),
                ("author", models.UUIDField(blank=True, null=True)),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="facts", to="lms.activity"
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="facts",
                        to="lms.ledgerbatch",
                    ),
                ),
            ],
            options={
                "verbose_name": "facts of an activity",
                "verbose_name_plural": "facts of activities",
                "indexes": [
                    models.Index(condition=models.Q(("batch", None)), fields=["id"], name="activity_facts_unsealed")
                ],
            },
        ),
        migrations.RunPython(guard, unguard),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
