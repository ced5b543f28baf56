from django.apps import AppConfig


class LiveConfig(AppConfig):
    name = "live"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from lms import jobs  # noqa: PLC0415 (models must be loaded first)

        from . import reminders, runs, schedule, states  # noqa: PLC0415

        jobs.periodic += [schedule.open_due, reminders.remind_due]
        states.followers.append(runs.follow)
