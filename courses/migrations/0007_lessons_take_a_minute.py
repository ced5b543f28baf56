import django.core.validators
from django.db import migrations, models


def give_a_length(apps, schema_editor):
    """Lessons of no length: what their credit hours come to, else one hour."""
    lessons = apps.get_model("courses", "LessonPage").objects
    for pk, hours in list(lessons.filter(minutes=0).values_list("pk", "credit_hours")):
        lessons.filter(pk=pk).update(minutes=round(hours * 45) or 45)


class Migration(migrations.Migration):
    dependencies = [("courses", "0006_sessions_to_examine")]

    operations = [
        migrations.RunPython(give_a_length, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="lessonpage",
            name="minutes",
            field=models.PositiveSmallIntegerField(
                default=45, validators=[django.core.validators.MinValueValidator(1)], verbose_name="planned minutes"
            ),
        ),
    ]
