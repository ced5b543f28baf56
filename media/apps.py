from django.apps import AppConfig

from media import checks  # noqa: F401 - registers itself; knows no model


class MediaConfig(AppConfig):
    name = "media"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from lms import accounts, jobs  # noqa: PLC0415 (models must be loaded first)
        from media import deliveries, replacing, uploads  # noqa: PLC0415

        jobs.periodic += [uploads.finish_left, uploads.sweep, replacing.tidy, deliveries.forget]
        accounts.contributors["uploads"] = uploads.data
        accounts.contributors["deliveries"] = deliveries.data
