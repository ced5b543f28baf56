from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("lms", "0012_reversals_found_at_once")]

    operations = [
        migrations.AddField(
            model_name="bureaupost",
            name="duty",
            field=models.CharField(
                choices=[("bureau", "Bureau"), ("centre", "Service centre")], db_default="bureau", default="bureau",
                max_length=8, verbose_name="duty",
            ),
        ),
        migrations.AddField(
            model_name="bureaupost",
            name="unit",
            field=models.CharField(blank=True, db_default="", max_length=100, verbose_name="name of the centre"),
        ),
        migrations.AddConstraint(
            model_name="bureaupost",
            constraint=models.CheckConstraint(
                condition=models.Q(("duty", "bureau"), ("region__isnull", False), _connector="OR"),
                name="centre_has_region",
                violation_error_message="A service centre has a city or county.",
            ),
        ),
    ]
