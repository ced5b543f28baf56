import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('live', '0002_start_asked'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='broadcast',
            name='key_made_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='run',
            name='closed',
            field=models.CharField(blank=True, choices=[('stopped', 'The trainer stopped'), ('network', 'The connection was lost'), ('silent', 'Nothing arrived any more'), ('replaced', 'A newer connection took over'), ('encoder', 'The media could not be read'), ('disk', 'The disk is full'), ('killed', 'The bureau stopped it'), ('restart', 'The ingest process ended'), ('revoked', 'The right to send was taken back')], max_length=8),
        ),
    ]
