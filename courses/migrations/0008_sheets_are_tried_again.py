from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("courses", "0007_lessons_take_a_minute")]

    operations = [
        migrations.AddField("certificate", "print_after", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("certificate", "print_tries", models.PositiveSmallIntegerField(default=0)),
    ]
