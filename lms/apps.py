from django.apps import AppConfig
from django.urls import register_converter


class LmsConfig(AppConfig):
    name = "lms"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        # Models must be loaded first.
        from . import (  # noqa: PLC0415
            accounts,
            chain,
            checks,  # noqa: F401
            columns,
            consents,
            exports,
            jobs,
            members,
            messages,
            metrics,
            numbers,
            policies,
            reports,
            rosters,
            tallies,
            webhooks,
        )

        jobs.periodic += [accounts.forget_abandoned, consents.ask_due, messages.prune]
        jobs.periodic += [members.tell, members.forget_old, rosters.forget_old]
        jobs.periodic += [chain.seal_due, columns.renew, tallies.keep, reports.keep_public_figures]
        jobs.periodic += [exports.catch_up, exports.forget]
        jobs.periodic += [webhooks.tell_of_the_ledger, webhooks.forget]
        metrics.register()
        register_converter(numbers.RowConverter, "row")
        policies.register()
