from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("lms", "0011_bureau_desk")]

    operations = [
        migrations.AddIndex(
            model_name="participation",
            index=models.Index(
                condition=models.Q(("reverses__isnull", False)),
                fields=["recorded_at", "id"],
                name="participation_reversals",
            ),
        ),
    ]
