import uuid

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

QUESTIONS = [
    ("content", "培训内容的组织安排", "How well was the content organised?"),
    ("trainer", "讲师的讲授水平", "How well did the trainer teach?"),
    ("material", "课件和资料的质量", "How good was the material?"),
    ("usefulness", "对实际工作的帮助", "How useful is it for your work?"),
    ("place", "平台或场地的保障", "How well did the platform or the venue serve you?"),
]
CHOICES = [
    ("content", "Organisation of the content"),
    ("trainer", "Trainer"),
    ("material", "Material"),
    ("usefulness", "Usefulness"),
    ("place", "Platform or venue"),
]


def stars():
    return models.PositiveSmallIntegerField(
        validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)]
    )


def put_questions(apps, schema_editor):
    model = apps.get_model("courses", "EvaluationQuestion")
    model.objects.bulk_create([model(aspect=aspect, text=text, text_en=english) for aspect, text, english in QUESTIONS])


class Migration(migrations.Migration):

    dependencies = [("lms", "0011_bureau_desk"), ("courses", "0013_issuances_of_before")]

    operations = [
        migrations.CreateModel(
            name="EvaluationQuestion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("aspect", models.CharField(choices=CHOICES, max_length=10, unique=True, verbose_name="about")),
                ("text", models.CharField(max_length=120, verbose_name="question")),
                ("text_en", models.CharField(max_length=200, verbose_name="question in English")),
            ],
            options={
                "verbose_name": "question of the evaluation",
                "verbose_name_plural": "questions of the evaluation",
            },
        ),
        migrations.CreateModel(
            name="Evaluation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("person", models.UUIDField(db_index=True)),
                ("content", stars()),
                ("trainer", stars()),
                ("material", stars()),
                ("usefulness", stars()),
                ("place", stars()),
                ("satisfied", models.PositiveSmallIntegerField()),
                ("words", models.CharField(blank=True, max_length=500, verbose_name="words")),
                ("answered_at", models.DateTimeField()),
                ("replaced_at", models.DateTimeField(blank=True, null=True)),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="evaluations", to="lms.activity"
                    ),
                ),
                (
                    "fact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="lms.participation"
                    ),
                ),
            ],
            options={
                "verbose_name": "evaluation",
                "verbose_name_plural": "evaluations",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("replaced_at", None)), fields=("activity", "person"), name="evaluation_once"
                    ),
                    models.CheckConstraint(condition=models.Q(("satisfied__lte", 5)), name="evaluation_satisfied"),
                    *(
                        models.CheckConstraint(
                            condition=models.Q((f"{name}__gte", 1), (f"{name}__lte", 5)), name=f"evaluation_{name}"
                        )
                        for name, _label in CHOICES
                    ),
                ],
            },
        ),
        migrations.RunPython(put_questions, migrations.RunPython.noop),
    ]
