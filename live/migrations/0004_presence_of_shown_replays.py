"""Presence in courses lies on the film of its replay, where that is public, and so do the sums that were made of it.

Of who was at two broadcasts of one lesson the sums stay as they are: they lie on no film, as what is finished may.
"""

from django.db import migrations


def lay(apps, schema_editor):
    rows = apps.get_model("live", "Broadcast").objects.exclude(reviewed_at=None).exclude(film=None).exclude(lesson=None)
    attendance = apps.get_model("courses", "Attendance").objects.filter(channel="live")
    sums = apps.get_model("courses", "LessonProgress").objects.filter(video=None)
    for row in rows.select_related("lesson", "film").iterator():
        of_lesson = {"lesson__translation_key": row.lesson.translation_key}
        there = attendance.filter(**of_lesson, key__startswith=f"broadcast:{row.uuid}:")
        if there.filter(video=None).update(video=row.film_id):
            elsewhere = attendance.filter(**of_lesson).exclude(key__startswith=f"broadcast:{row.uuid}:")
            sums.filter(
                **of_lesson, enrolment__in=there.values("enrolment")
            ).exclude(enrolment__in=elsewhere.values("enrolment")).update(video=row.film_id, ladder=row.film.run)


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0019_presence_lies_on_a_film"),
        ("live", "0003_key_made_by"),
    ]

    operations = [migrations.RunPython(lay, migrations.RunPython.noop)]
