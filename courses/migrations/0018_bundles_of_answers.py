import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("courses", "0017_validity_has_a_bound"), ("lms", "0014_archives_of_activities")]

    operations = [
        migrations.CreateModel(
            name="EvaluationBundle",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("size", models.PositiveIntegerField()),
                ("made_at", models.DateTimeField()),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="lms.activity"
                    ),
                ),
            ],
            options={
                "verbose_name": "bundle of answers",
                "verbose_name_plural": "bundles of answers",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("size__gte", 5)), name="bundle_of_enough")
                ],
            },
        ),
        migrations.AddField(
            model_name="evaluation",
            name="bundle",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="answers",
                to="courses.evaluationbundle",
            ),
        ),
        migrations.AddConstraint(
            model_name="evaluation",
            constraint=models.CheckConstraint(
                condition=models.Q(("bundle", None), ("replaced_at", None), _connector="OR"),
                name="evaluation_final_in_bundle",
            ),
        ),
    ]
