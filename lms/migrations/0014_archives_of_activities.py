from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("lms", "0013_service_centres")]

    operations = [
        migrations.AlterField(
            model_name="export",
            name="kind",
            field=models.CharField(
                choices=[
                    ("official", "Official table (XLSX)"),
                    ("table", "The table (CSV)"),
                    ("rows", "Rows (XLSX)"),
                    ("rows_csv", "Rows (CSV)"),
                    ("archive", "Training archive (ZIP)"),
                ],
                max_length=8,
                verbose_name="what",
            ),
        ),
    ]
