import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SIZES = [
    ("L", "Large"),
    ("M", "Medium"),
    ("S", "Small"),
    ("X", "Micro"),
    ("I", "Individual business"),
    ("U", "Not given"),
]


class Migration(migrations.Migration):

    dependencies = [
        ("courses", "0015_weekly_letters"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="EnterpriseList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=100, verbose_name="name of the list")),
                ("day", models.DateField(verbose_name="as of")),
                ("file_name", models.CharField(max_length=200)),
                ("headings", models.JSONField(default=list)),
                ("region_code", models.CharField(blank=True, max_length=8)),
                ("made_at", models.DateTimeField()),
                ("applied_at", models.DateTimeField(blank=True, null=True)),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "list of enterprises",
                "verbose_name_plural": "lists of enterprises",
                "ordering": ["-day", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Listed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("uscc", models.CharField(max_length=18)),
                ("name", models.CharField(max_length=200)),
                ("city_code", models.CharField(blank=True, max_length=8)),
                ("county_code", models.CharField(blank=True, max_length=8)),
                ("size", models.CharField(choices=SIZES, default="U", max_length=1)),
                (
                    "verdict",
                    models.CharField(choices=[("counts", "Counts"), ("stop", "Cannot be imported")], max_length=6),
                ),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("params", models.JSONField(default=dict)),
                ("raw", models.JSONField(default=list)),
                (
                    "listing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="courses.enterpriselist"
                    ),
                ),
            ],
            options={
                "verbose_name": "listed enterprise",
                "verbose_name_plural": "listed enterprises",
                "indexes": [models.Index(fields=["listing", "city_code"], name="listed_city")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("verdict", "counts")), fields=("listing", "uscc"), name="listed_once"
                    )
                ],
            },
        ),
    ]
