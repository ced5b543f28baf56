from django.apps import AppConfig


class LiveConfig(AppConfig):
    name = "live"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from django.db.models import signals  # noqa: PLC0415
        from django.utils.translation import gettext_lazy as _  # noqa: PLC0415

        from courses import activities, archive, evaluation  # noqa: PLC0415
        from courses import demonstration as demo_school  # noqa: PLC0415
        from lms import jobs, webhooks  # noqa: PLC0415 (models must be loaded first)
        from lms import presence as online  # noqa: PLC0415
        from media import transcoding  # noqa: PLC0415

        from . import (  # noqa: PLC0415
            checks,  # noqa: F401
            clearing,
            demonstration,
            keeping,
            metrics,
            permissions,
            polls,
            presence,
            publishing,
            reconciling,
            recordings,
            reminders,
            runs,
            schedule,
            settling,
            sheets,
            states,
            wires,
            words,
        )

        wires.attach()
        signals.pre_save.connect(words.fold, "live.Word")
        signals.post_save.connect(words.forget, "live.Word")
        signals.post_delete.connect(words.forget, "live.Word")
        # What a lecture waits for comes before what may take long.
        jobs.periodic += [schedule.open_due, recordings.make_due, presence.sample, reconciling.reconcile]
        jobs.periodic += [settling.settle_due, keeping.purge_due, reminders.remind_due, clearing.clear_due]
        jobs.periodic.append(webhooks.deliver)  # waits for others: after all that does not
        transcoding.errands.append(publishing.even_due)
        states.followers += [runs.follow, publishing.follow, polls.follow]
        metrics.register()
        online.sources["live"] = online.Source(_("In a live room"), presence.by_city)
        evaluation.readers.append(permissions.reads_evaluation)
        archive.parts.append(sheets.of_activity)
        archive.lessons_of.append(sheets.lessons_of)
        activities.pages.append(sheets.page_of)
        demo_school.besides.append(demonstration.load)
