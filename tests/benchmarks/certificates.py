"""A thousand certificates from the completions to the files, and the pages of strangers who verify them.

The peer is the same work one by one, as it would be without batches.
"""

import os
import shutil
import statistics
import tempfile
import time

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "lms.settings.test"
django.setup()

from django.conf import settings  # noqa: E402 - models want Django to be set up
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, override_settings, setup_test_environment  # noqa: E402

from courses import certificates, papers, verification  # noqa: E402
from courses.models import Certificate  # noqa: E402
from lms.models import User  # noqa: E402
from tests import databases, factories  # noqa: E402
from tests.courses import graduates  # noqa: E402

BATCH, SINGLES, LOOKS = 1000, 50, 200
STRANGER = "192.0.2.1"


def row(measure, value, unit, peer="", peer_value=0):
    ratio = value / peer_value if peer_value else 0
    return {"measure": measure, "value": value, "unit": unit, "peer": peer, "peer_value": peer_value, "ratio": ratio}


def timed(work):
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def completions(programme, count):
    """Made the quick way: the accounts are not what is measured."""
    users = [User(name=f"学员{n:04}", email=f"bench{programme.pk}-{n}@example.org") for n in range(count)]
    return [graduates.completion(user, programme) for user in User.objects.bulk_create(users)]


def batch(home):
    rows = completions(graduates.programme(home, title="批量"), BATCH)
    issuing, made = timed(lambda: certificates.issue_batch(rows))
    keys = [certificate.pk for certificate in made]
    chunks = [keys[start : start + papers.CHUNK] for start in range(0, BATCH, papers.CHUNK)]
    printing, count = timed(lambda: sum(papers.make(chunk) for chunk in chunks))
    assert count == len(set(keys)) == Certificate.objects.filter(print_state=Certificate.Print.READY).count() == BATCH
    return issuing, printing, statistics.fmean(papers.path_of(certificate).stat().st_size for certificate in made)


def one_by_one(home):
    """Seconds of each step, and the certificates."""
    rows = completions(graduates.programme(home, title="逐一"), SINGLES)
    issuing, made = timed(lambda: [certificates.issue(each) for each in rows])
    printing, _paths = timed(lambda: [papers.pdf(each) for each in made])
    return issuing / SINGLES, printing / SINGLES, made


def queries(home, count):
    rows = completions(graduates.programme(home, title=f"查询{count}"), count)
    with CaptureQueriesContext(connection) as captured:
        certificates.issue_batch(rows)
    return len(captured)


def reissue(home):
    series = factories.series("CQB")
    certificates.issue_batch(completions(graduates.programme(home, series=series), 200))
    series.note = "电子证书，登录网站核验"
    series.save()
    chosen = Certificate.objects.filter(series=series)
    spent, made = timed(lambda: certificates.reissue(chosen, author=None, reason="加注"))
    assert len(made) == 200
    return spent


def looks(made):
    """Milliseconds: median and 95th percentile of the page, median from number and name to the certificate."""
    client, pages, answers = Client(), [], []
    for number in range(LOOKS):
        each = made[number % len(made)]
        spent, response = timed(lambda each=each: client.get(f"/verify/{each.token}"))
        assert response.status_code == 200
        pages.append(spent * 1000)
        name = each.snapshot["name"]
        spent, found = timed(lambda: verification.by_number(each.number, name=name, source=STRANGER))  # noqa: B023
        assert found == each
        answers.append(spent * 1000)
    return statistics.median(pages), statistics.quantiles(pages, n=20)[-1], statistics.median(answers)


def measured():
    home = factories.home()
    issuing, printing, size = batch(home)
    each_issuing, each_printing, made = one_by_one(home)
    page, page_95, answer = looks(made)
    singly = BATCH * (each_issuing + each_printing)
    return [
        row(f"{BATCH} certificates, rows and PDFs", issuing + printing, "s", "one by one", singly),
        row(f"{BATCH} certificates, rows", issuing, "s", "one by one", BATCH * each_issuing),
        row(f"{BATCH} certificates, PDFs", printing, "s", "one by one", BATCH * each_printing),
        row("a batch of 100", queries(home, 100), "queries", "a batch of 1", queries(home, 1)),
        row("one certificate, issued at completion", each_issuing * 1000, "ms"),
        row("one certificate, first download", each_printing * 1000, "ms"),
        row("200 reissued after a change of wording, rows", reissue(home), "s"),
        row("a PDF", size / 1024, "KiB"),
        row("verification page, median", page, "ms"),
        row("verification page, 95th percentile", page_95, "ms"),
        row("number and name to certificate, median", answer, "ms"),
    ]


def run():
    """With the queue of a real installation, that nobody works off meanwhile."""
    setup_test_environment()
    copy = databases.copy()
    copy.make()
    folder = tempfile.mkdtemp(prefix="cqo-bench-")
    queue = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    try:
        with override_settings(CERTIFICATE_ROOT=folder, TASKS=queue):
            return measured()
    finally:
        copy.remove()
        shutil.rmtree(folder)
        shutil.rmtree(settings.VAR_DIR, ignore_errors=True)
