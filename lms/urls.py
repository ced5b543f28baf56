from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.decorators.cache import never_cache
from django.views.generic import RedirectView
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.admin.auth import require_admin_access
from wagtail.contrib.sitemaps.views import sitemap

from courses.api import api, nowhere
from courses.views import pages

from .views import (
    accounts,
    balances,
    bureau,
    closing,
    enterprises,
    exports,
    health,
    locks,
    outbox,
    preferences,
    site,
    staff,
    styleguide,
)

# One door for everybody: the login pages of both admins lead to ours, which knows the second factor and the lock-out.
admin.site.login = accounts.staff_login

urlpatterns = [
    path("cms/login/", accounts.staff_login, name="wagtailadmin_login"),
    path("cms/account/", never_cache(require_admin_access(staff.MySettings.as_view())), name="wagtailadmin_account"),
    path("cms/", include(wagtailadmin_urls)),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("api/v1/", nowhere, {"rest": ""}),
    path("api/v1/", api.urls),
    re_path(r"^api/v1/(?P<rest>.*)$", nowhere),
    path("robots.txt", site.robots),
    path("sitemap.xml", sitemap, {"sitemaps": site.SITEMAPS}, name="sitemap"),
    path("", include("media.urls")),
    path("", include("live.streams_urls")),
    path("", include("filer.server.urls")),
]
urlpatterns += i18n_patterns(
    path("accounts/signup/", accounts.sign_up, name="account_signup"),
    path("accounts/signup/again/", accounts.sign_up_again, name="account_signup_again"),
    path("accounts/3rdparty/", RedirectView.as_view(pattern_name="profile")),  # no platform signs people in yet
    path("accounts/", include("allauth.urls")),
    path("me/account/", accounts.profile, name="profile"),
    path("me/account/name/", accounts.name, name="profile_name"),
    path("me/account/data/", accounts.my_data, name="my_data"),
    path("me/account/consent/", accounts.consent, name="consent"),
    path("me/account/close/", closing.close, name="close_account"),
    path("me/account/withdraw/", accounts.withdraw, name="withdraw"),
    path("me/enterprise/", enterprises.my_enterprise, name="my_enterprise"),
    path("me/enterprise/leave/", enterprises.leave, name="leave_enterprise"),
    path("enterprise/lookup", enterprises.lookup, name="enterprise_lookup"),
    path("bureau/", bureau.desk, name="bureau"),
    path("bureau/rows/", bureau.rows, name="bureau_rows"),
    path("bureau/definitions/", bureau.meanings, name="bureau_definitions"),
    path("bureau/online/", bureau.online, name="bureau_online"),
    path("bureau/exports/", exports.index, name="bureau_exports"),
    path("bureau/exports/<uuid:key>/", exports.export, name="bureau_export"),
    path("bureau/exports/<uuid:key>/file/", exports.file, name="bureau_file"),
    path("bureau/exports/<uuid:key>/again/", exports.again, name="bureau_export_again"),
    path("bureau/balances/", balances.index, name="bureau_balances"),
    path("bureau/locks/", locks.index, name="bureau_locks"),
    path("bureau/trail/", exports.audit, name="bureau_trail"),
    path("agreement/", accounts.terms, {"kind": "agreement"}, name="agreement"),
    path("privacy/", accounts.terms, {"kind": "privacy"}, name="privacy"),
    path("outbox/", outbox.outbox, name="outbox"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("site-map/", site.site_map, name="site_map"),
    path("", include("media.site_urls")),
    path("", include("live.room_urls")),
    path("", include("courses.urls")),
    path("", include("live.urls")),
    re_path(wagtail_urls.serve_pattern, pages.serve, name="wagtail_serve"),
    path("", include(wagtail_urls)),
    prefix_default_language=False,
)

handler400 = "lms.views.site.bad_request"
handler403 = "lms.views.site.forbidden"
handler404 = "lms.views.site.not_found"
handler500 = "lms.views.site.server_error"
