"""Presence in courses lies on the film of its replay, where that is public, and so do the sums that were made of it."""

from django.db import migrations


def lay(apps, schema_editor):
    rows = apps.get_model("live", "Broadcast").objects.exclude(reviewed_at=None).exclude(film=None).exclude(lesson=None)
    attendance = apps.get_model("courses", "Attendance").objects.filter(channel="live", video=None)
    sums = apps.get_model("courses", "LessonProgress").objects.filter(video=None)
    for row in rows.select_related("lesson", "film").iterator():
        of_lesson = {"lesson__translation_key": row.lesson.translation_key}
        found = attendance.filter(**of_lesson, key__startswith=f"broadcast:{row.uuid}:")
        if found.update(video=row.film_id):
            sums.filter(**of_lesson).update(video=row.film_id, ladder=row.film.run)


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0019_presence_lies_on_a_film"),
        ("live", "0003_key_made_by"),
    ]

    operations = [migrations.RunPython(lay, migrations.RunPython.noop)]
