"""Wagtail's user pages with our kind of account: one name, a mobile number, no user name."""

from wagtail.users.apps import WagtailUsersAppConfig


class SchoolUsersConfig(WagtailUsersAppConfig):
    user_viewset = "lms.views.staff.AccountViewSet"
