import uuid

from django.db import migrations, transaction
from django.db.models import OuterRef, Subquery

COPIED = (
    "activity_id", "enterprise_uscc", "enterprise_name", "enterprise_subject", "enterprise_size", "chains",
    "city_code", "city_name", "province_code", "county_code", "county_name",
)
PIECE = 1_000


def fill(apps, editor):
    """Certificates of before count where the book says that their holders stood when they finished. Of those whose
    accounts were closed nobody knows the place any more: they are "not given". Cut short, it goes on where it was."""
    certificates = apps.get_model("courses", "Certificate").objects
    last = 0
    while found := _piece(certificates, last):
        last = found[-1].pk
        with transaction.atomic():
            _write(apps, found)
    _pass_on(certificates)


def _piece(certificates, last):
    firsts = certificates.filter(supersedes=None, issuance=None, pk__gt=last).order_by("pk")
    return list(firsts.select_related("programme_enrolment__programme")[:PIECE])


def _write(apps, found):
    Participation, Issuance = apps.get_model("lms", "Participation"), apps.get_model("courses", "Issuance")
    keys = {row.pk: f"programme:{row.programme_enrolment.uuid}" for row in found if row.programme_enrolment}
    facts = {fact.key: fact for fact in Participation.objects.filter(key__in=keys.values())}
    holders = _holders(Issuance, found)
    made = []
    for row in found:
        # The key of the book is not copied: it would lead from the printed name to all that the person learned.
        holder = holders.setdefault((row.user_id, _unit(row)), uuid.uuid4()) if row.user_id else uuid.uuid4()
        made.append(_issuance(Issuance, row, holder, facts.get(keys.get(row.pk))))
    Issuance.objects.bulk_create(made)
    for row, issuance in zip(found, made):
        row.issuance = issuance
    apps.get_model("courses", "Certificate").objects.bulk_update(found, ["issuance"])


def _unit(row):
    joined = row.programme_enrolment
    return f"programme:{joined.programme.translation_key}" if joined else f"series:{row.series_id}"


def _holders(Issuance, found):
    """What was drawn for a person and programme in an earlier piece, or at issue."""
    users, units = {row.user_id for row in found if row.user_id}, {_unit(row) for row in found}
    known = Issuance.objects.filter(versions__user__in=users, unit__in=units).order_by("-pk")
    return {(user, unit): holder for user, unit, holder in known.values_list("versions__user", "unit", "holder")}


def _issuance(Issuance, row, holder, fact):
    told = {name: getattr(fact, name) for name in COPIED} if fact else {
        "city_code": "UNKNOWN", "city_name": "未填报", "province_code": "UNKNOWN",
        "enterprise_name": row.snapshot.get("enterprise", "")[:200],
    }
    return Issuance(**told, holder=holder, unit=_unit(row), number=row.number, occurred_at=row.issued_at)


def _pass_on(certificates):
    """Every version has the row of the first one: of all second versions at once, then of the third ones, …"""
    before = certificates.filter(pk=OuterRef("supersedes_id")).values("issuance")[:1]
    waiting = certificates.filter(issuance=None, supersedes__issuance__isnull=False)
    while waiting.update(issuance=Subquery(before)):
        pass


class Migration(migrations.Migration):

    atomic = False  # piece by piece: a school of many certificates is not locked the while

    dependencies = [("courses", "0012_issuances")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
