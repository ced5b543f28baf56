from django.db import migrations, models

from lms.migrations import _large_tables as large


class Migration(migrations.Migration):

    atomic = False  # an index that is built beside the writers wants no transaction

    dependencies = [("lms", "0011_bureau_desk")]

    operations = [
        large.AddIndex(
            model_name="participation",
            index=models.Index(
                condition=models.Q(("reverses__isnull", False)),
                fields=["recorded_at", "id"],
                name="participation_reversals",
            ),
        ),
    ]
