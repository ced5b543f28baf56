from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("courses", "0009_assignments")]

    operations = [
        migrations.AddField(
            model_name="lessonprogress",
            name="ladder",
            field=models.UUIDField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="watchsession",
            name="ladder",
            field=models.UUIDField(blank=True, editable=False, null=True),
        ),
    ]
