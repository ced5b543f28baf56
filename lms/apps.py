from django.apps import AppConfig


class LmsConfig(AppConfig):
    name = "lms"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        # Models must be loaded first.
        from . import (  # noqa: PLC0415
            accounts,
            checks,  # noqa: F401
            consents,
            jobs,
            members,
            messages,
            metrics,
            policies,
            reports,
            rosters,
            tally,
        )

        jobs.periodic += [accounts.forget_abandoned, consents.ask_due, messages.prune]
        jobs.periodic += [members.tell, members.forget_old, rosters.forget_old]
        jobs.periodic += [reports.keep_public_figures, tally.seal_due]
        metrics.register()
        policies.register()
