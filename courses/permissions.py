"""Who may do what with learning records, asked in one place. See lms.permissions for people and regions."""

import rules

from lms.models import User
from lms.permissions import is_provincial_clerk

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


rules.add_perm("courses.manage_certificates", manages_certificates)
rules.add_perm("courses.read_certificate", can_read_certificate)
rules.add_perm("courses.decide_appeals", decides_appeals)
# The certificates are kept in the editors' office, so its door opens for their keepers too.
rules.add_perm("wagtailadmin.access_admin", manages_certificates)
