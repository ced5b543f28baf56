from django.apps import AppConfig


class LmsConfig(AppConfig):
    name = "lms"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from . import accounts, checks, jobs, messages, metrics, policies, reports, tally  # noqa: F401, PLC0415 (models must be loaded first)

        jobs.periodic += [accounts.forget_abandoned, messages.prune, reports.keep_public_figures, tally.seal_due]
        metrics.register()
        policies.register()
