from django.apps import AppConfig

from media import checks  # noqa: F401 - registers itself; knows no model


class MediaConfig(AppConfig):
    name = "media"
    default_auto_field = "django.db.models.BigAutoField"
