"""学时 are credited once for each unit, so facts without one would be taken for the same. None was ever written."""

from importlib import import_module

from django.db import migrations, models

append_only = import_module("lms.migrations.0002_append_only_ledger")


def guard_again(apps, editor):
    """SQLite built the table anew and forgot its triggers; PostgreSQL keeps them."""
    if editor.connection.vendor == "sqlite":
        fields = apps.get_model("lms", "Participation")._meta.local_fields
        columns = ", ".join(f'"{field.column}"' for field in fields if field.column != "batch_id")
        mine = [statement for statement in append_only.SQLITE if " ON lms_participation " in statement]
        append_only.run(editor, [statement.format(columns=columns) for statement in mine])


class Migration(migrations.Migration):
    dependencies = [("lms", "0005_terms_asked_at")]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, guard_again),
        migrations.AlterField("participation", "unit", models.CharField(max_length=80)),
        migrations.AddConstraint(
            "participation",
            models.CheckConstraint(condition=models.Q(("unit", ""), _negated=True), name="participation_unit"),
        ),
        migrations.RunPython(guard_again, migrations.RunPython.noop),
    ]
