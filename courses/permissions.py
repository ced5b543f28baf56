"""Who may do what with learning records, asked in one place. See lms.permissions for people and regions."""

import rules

from lms.models import User
from lms.permissions import is_editor, is_provincial_clerk, is_trainer

from .models import Certificate


@rules.predicate
def manages_certificates(user: User) -> bool:
    """Administrators and the provincial bureau; who writes courses does not revoke certificates."""
    return user.is_authenticated and is_provincial_clerk(user)


@rules.predicate
def can_read_certificate(user: User, certificate: Certificate) -> bool:
    """The holder, and those who manage certificates. Strangers verify it instead."""
    return user.is_authenticated and (certificate.user_id == user.pk or manages_certificates(user))


@rules.predicate
def decides_appeals(user: User) -> bool:
    """Who may decide that something counts as met anyway: the keepers of the records."""
    return manages_certificates(user)


@rules.predicate
def reviews_flags(user: User) -> bool:
    """Who may look at what is strange in the evidence: the keepers of the records."""
    return manages_certificates(user)


@rules.predicate
def sees_all_retention(user: User) -> bool:
    """Editors and moderators, who may delete a film, see how every film is watched; trainers see their own."""
    return user.is_authenticated and (is_editor(user) or user.has_perm("media.delete_video"))


@rules.predicate
def sees_retention(user: User) -> bool:
    return user.is_authenticated and (is_trainer(user) or sees_all_retention(user))


rules.add_perm("courses.manage_certificates", manages_certificates)
rules.add_perm("courses.read_certificate", can_read_certificate)
rules.add_perm("courses.decide_appeals", decides_appeals)
rules.add_perm("courses.review_flags", reviews_flags)
rules.add_perm("courses.see_retention", sees_retention)
# The certificates are kept in the editors' office, so its door opens for their keepers too.
rules.add_perm("wagtailadmin.access_admin", manages_certificates)
