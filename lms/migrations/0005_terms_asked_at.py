from django.db import migrations, models


def asked_when_published(apps, schema_editor):
    """Until now everybody was asked in the moment of publishing."""
    apps.get_model("lms", "Terms").objects.update(asked_at=models.F("published_at"))


class Migration(migrations.Migration):
    dependencies = [("lms", "0004_agreement_begins_as_due")]

    operations = [
        migrations.AddField("terms", "asked_at", models.DateTimeField(editable=False, null=True)),
        migrations.RunPython(asked_when_published, migrations.RunPython.noop),
    ]
