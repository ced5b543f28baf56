import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("courses", "0016_lists_of_enterprises"),
    ]

    operations = [
        migrations.AlterField(
            model_name="certificateseries",
            name="validity_months",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="Empty or 0 for certificates that never expire.",
                null=True,
                validators=[
                    django.core.validators.MaxValueValidator(
                        600, "At most %(limit_value)s months. Empty or 0 is without limit."
                    )
                ],
                verbose_name="months valid",
            ),
        ),
    ]
