import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0018_bundles_of_answers"),
        ("media", "0006_reasons_of_refusal"),
    ]

    operations = [
        migrations.AddField(
            model_name="attendance",
            name="video",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="media.video",
            ),
        ),
    ]
