from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoursesConfig(AppConfig):
    name = "courses"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from django.db.models import signals as rows  # noqa: PLC0415
        from wagtail import signals as pages  # noqa: PLC0415

        from lms import accounts, closing, exports, jobs, presence, reports  # noqa: PLC0415 (models must be loaded first)
        from media import captions  # noqa: PLC0415

        from . import (  # noqa: PLC0415
            appeals,
            archive,
            audience,
            bundles,
            catalogue,
            certificates,
            class_counting,
            classes,
            desk,
            evaluation,
            exams,
            freshness,
            issuances,
            leaving,
            listings,
            notes,
            papers,
            permissions,  # noqa: F401
            portability,
            retention,
            satisfaction,
            settlement,
            suspicion,
            telling,
            weekly,
        )

        jobs.periodic += [papers.catch_up, exams.close_expired, desk.publish_due, appeals.tell_decided]
        jobs.periodic += [retention.refresh_due, suspicion.look, telling.tell_of_certificates, classes.claim_due]
        presence.sources["watching"] = presence.Source(_("Watching a lesson"), audience.by_city)
        jobs.periodic += [weekly.tell_due, listings.forget_old, bundles.gather, class_counting.count_due]
        captions.changed += [catalogue.renew_index, freshness.renew]
        for signal in (pages.page_published, pages.page_unpublished, pages.post_page_move, pages.page_slug_changed):
            signal.connect(freshness.renew)
        for signal in (rows.post_save, rows.post_delete):
            signal.connect(freshness.on_change)
        pages.page_published.connect(settlement.on_change)
        pages.page_unpublished.connect(settlement.on_change)
        pages.post_page_move.connect(settlement.on_move)
        closing.hindrances.append(leaving.hindrance)
        closing.farewells += [telling.forget, leaving.farewell, evaluation.forget]
        reports.sources += [issuances.counted, satisfaction.source]
        reports.kept_elsewhere[issuances.MEASURE] = issuances.rows
        exports.makers[archive.KIND] = exports.Maker("zip", archive.write, archive.allow)
        accounts.contributors |= {
            "studies": portability.studies, "programmes": portability.programmes, "attempts": portability.attempts,
            "decisions": portability.decisions, "requests": portability.requests, "flags": portability.flags,
            "classes": portability.classes,
        }  # fmt: skip
        accounts.contributors.update(certificates=certificates.data, notes=notes.data, evaluations=evaluation.data)
