from django.db import migrations, models
from django.db.models import Exists, OuterRef
from django.utils import timezone


def ask_who_never_agreed(apps, schema_editor):
    """Accounts that were noted as agreed without a standing consent to the terms in force."""
    User, Terms, Consent = (apps.get_model("lms", name) for name in ("User", "Terms", "Consent"))
    for kind in ("agreement", "privacy"):
        newest = Terms.objects.filter(kind=kind, published_at__lte=timezone.now()).order_by("-published_at", "-id").first()
        if newest is None:
            continue
        agreed = Consent.objects.filter(
            user=OuterRef("pk"), terms__kind=kind, version=newest.version, withdrawn_at=None
        )
        User.objects.filter(~Exists(agreed), agreement="given").update(agreement="due")


class Migration(migrations.Migration):
    dependencies = [("lms", "0003_kept_figures")]

    operations = [
        migrations.AlterField(
            model_name="user",
            name="agreement",
            field=models.CharField(
                choices=[("given", "Agreed"), ("due", "To be asked"), ("withdrawn", "Withdrawn")],
                default="due",
                max_length=10,
                verbose_name="terms",
            ),
        ),
        migrations.RunPython(ask_who_never_agreed, migrations.RunPython.noop),
    ]
