from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls

from .views import preferences, site

urlpatterns = [
    path("cms/", include(wagtailadmin_urls)),
    path("admin/", admin.site.urls),
    path("", include("django_prometheus.urls")),
]
urlpatterns += i18n_patterns(
    path("preferences/", preferences.preferences, name="preferences"),
    path("styleguide/", site.styleguide, name="styleguide"),
    path("", include(wagtail_urls)),
    prefix_default_language=False,
)
