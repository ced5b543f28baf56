from django.apps import AppConfig


class LmsConfig(AppConfig):
    name = "lms"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        # Models must be loaded first.
        from . import accounts, checks, consents, jobs, messages, metrics, policies, reports, tally  # noqa: F401, PLC0415

        jobs.periodic += [accounts.forget_abandoned, consents.ask_due, messages.prune]
        jobs.periodic += [reports.keep_public_figures, tally.seal_due]
        metrics.register()
        policies.register()
