import uuid

from django.db import migrations

COPIED = (
    "person", "activity_id", "unit", "enterprise_uscc", "enterprise_name", "enterprise_subject", "enterprise_size",
    "chains", "city_code", "city_name", "province_code", "county_code", "county_name",
)
PIECE = 1_000


def fill(apps, editor):
    """Certificates of before count where the book says that their holders stood when they finished. Of those whose
    accounts were closed nobody knows the place any more: they are "not given"."""
    certificates = apps.get_model("courses", "Certificate").objects
    last = 0
    while found := _piece(certificates, last):
        last = found[-1].pk
        _write(apps, found)
    _pass_on(certificates)


def _piece(certificates, last):
    firsts = certificates.filter(supersedes=None, issuance=None, pk__gt=last).order_by("pk")
    return list(firsts.select_related("programme_enrolment")[:PIECE])


def _write(apps, found):
    Participation, Issuance = apps.get_model("lms", "Participation"), apps.get_model("courses", "Issuance")
    keys = {row.pk: f"programme:{row.programme_enrolment.uuid}" for row in found if row.programme_enrolment}
    facts = {fact.key: fact for fact in Participation.objects.filter(key__in=keys.values())}
    made = [_issuance(Issuance, row, facts.get(keys.get(row.pk))) for row in found]
    Issuance.objects.bulk_create(made)
    for row, issuance in zip(found, made):
        row.issuance = issuance
    apps.get_model("courses", "Certificate").objects.bulk_update(found, ["issuance"])


def _issuance(Issuance, row, fact):
    told = {name: getattr(fact, name) for name in COPIED} if fact else {
        "person": uuid.uuid4(), "unit": f"series:{row.series_id}", "city_code": "UNKNOWN", "city_name": "未填报",
        "province_code": "UNKNOWN", "enterprise_name": row.snapshot.get("enterprise", "")[:200],
    }
    return Issuance(**told, number=row.number, occurred_at=row.issued_at)


def _pass_on(certificates):
    """Every version has the row of the first one."""
    for row in certificates.exclude(supersedes=None).select_related("supersedes").order_by("pk").iterator():
        certificates.filter(pk=row.pk).update(issuance=certificates.get(pk=row.supersedes_id).issuance_id)


class Migration(migrations.Migration):

    dependencies = [("courses", "0012_issuances")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
