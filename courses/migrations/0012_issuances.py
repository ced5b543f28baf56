import django.db.models.deletion
from django.db import migrations, models

SQLITE = [
    f"CREATE TRIGGER courses_issuance_{name} BEFORE {verb} ON courses_issuance "
    "BEGIN SELECT RAISE(ABORT, 'the book of record is append-only'); END"
    for name, verb in (("fixed", "UPDATE"), ("kept", "DELETE"))
]
SQLITE_UNDO = ["DROP TRIGGER courses_issuance_fixed", "DROP TRIGGER courses_issuance_kept"]
POSTGRESQL = [
    "CREATE TRIGGER courses_issuance_kept BEFORE UPDATE OR DELETE ON courses_issuance "
    "FOR EACH ROW EXECUTE FUNCTION lms_append_only()"
]
POSTGRESQL_UNDO = ["DROP TRIGGER courses_issuance_kept ON courses_issuance"]


def run(editor, statements):
    with editor.connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def guard(apps, editor):
    """What was issued where is as little to be changed as the book itself."""
    run(editor, POSTGRESQL if editor.connection.vendor == "postgresql" else SQLITE)


def unguard(apps, editor):
    run(editor, POSTGRESQL_UNDO if editor.connection.vendor == "postgresql" else SQLITE_UNDO)


class Migration(migrations.Migration):
    dependencies = [("courses", "0011_training_classes"), ("lms", "0011_bureau_desk")]

    operations = [
        migrations.CreateModel(
            name="Issuance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("enterprise_uscc", models.CharField(blank=True, max_length=18)),
                ("enterprise_name", models.CharField(blank=True, max_length=200)),
                ("enterprise_subject", models.CharField(blank=True, max_length=24)),
                ("enterprise_size", models.CharField(blank=True, max_length=1)),
                ("chains", models.JSONField(default=list)),
                ("city_code", models.CharField(max_length=8)),
                ("city_name", models.CharField(max_length=40)),
                ("province_code", models.CharField(max_length=8)),
                ("county_code", models.CharField(blank=True, db_default="", default="", max_length=8)),
                ("county_name", models.CharField(blank=True, db_default="", default="", max_length=40)),
                ("holder", models.UUIDField(db_index=True)),
                ("unit", models.CharField(max_length=80)),
                ("number", models.CharField(max_length=40, verbose_name="number")),
                ("occurred_at", models.DateTimeField(verbose_name="issued at")),
                (
                    "activity",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                        to="lms.activity",
                    ),
                ),
            ],
            options={
                "verbose_name": "issuance of a certificate",
                "verbose_name_plural": "issuances of certificates",
                "indexes": [models.Index(fields=["occurred_at", "city_code"], name="issuance_when_city")],
            },
        ),
        migrations.AddField(
            model_name="certificate",
            name="issuance",
            field=models.ForeignKey(
                blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT,
                related_name="versions", to="courses.issuance",
            ),
        ),
        migrations.RunPython(guard, unguard),
    ]
