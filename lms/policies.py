"""Which rows the content desk may write: some are written by rules alone."""

from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import register_permission_policy

from .models import AccountChange, Membership, Region, Terms


class ReadOnly(ModelPermissionPolicy):
    """Whoever may change such rows by their permissions may look at them here."""

    def user_has_permission(self, user, action):
        return action == "view" and super().user_has_permission(user, "change")

    def user_has_any_permission(self, user, actions):
        return any(self.user_has_permission(user, action) for action in actions)


class ChangeOnly(ModelPermissionPolicy):
    """People join and leave by themselves; only the role and the post are set here."""

    def user_has_permission(self, user, action):
        return action not in {"add", "delete"} and super().user_has_permission(user, action)

    def user_has_any_permission(self, user, actions):
        return any(self.user_has_permission(user, action) for action in actions)


def register() -> None:
    for model in (AccountChange, Region, Terms):
        register_permission_policy(model, ReadOnly(model))
    register_permission_policy(Membership, ChangeOnly(Membership))
