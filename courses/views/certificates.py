"""The holder's own page: look at the certificate, keep it, print it, hand on the link that proves it."""

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpResponseNotFound
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from courses import attestation, certificates, enrolment, papers, verification
from courses.models import Certificate
from courses.permissions import can_read_certificate
from courses.views.programme import again
from lms import file_names


def _readable(request, number):
    certificate = Certificate.objects.told().filter(number=number).first()
    if certificate is None or not can_read_certificate(request.user, certificate):
        raise Http404
    return certificate


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def certificate(request, number):
    found = _readable(request, number)
    told = found.snapshot
    english = (get_language() or "").startswith("en")
    context = {
        "certificate": found,
        "told": told,
        "shown_title": told["title_en"] if english else told["title"],
        "shown_programme": (english and told["programme_en"]) or told["programme"],
        "masked_name": verification.masked(told["name"]),
        "verify_url": attestation.verify_url(found),
        "verify_path": reverse("verify_token", args=[found.token]),
        "actions": _ways_on(found, request.user),
        "is_holder": found.user_id == request.user.pk,
        "renewal": _renewal(found, request.user),
        "size": (1286, 909) if told["orientation"] == "landscape" else (909, 1286),
        **_files(found),
    }
    return render(request, "courses/certificate.html", context)


def _ways_on(found, user):
    following = found.superseded_by or found.renewed_by
    if following is None or not can_read_certificate(user, following):
        return []
    return [{"url": reverse("certificate", args=[following.number]), "label": _("See the new certificate")}]


def _renewal(found, user):
    """How its holder renews what has expired or soon will: another period of the programme, or the one under way."""
    row = found.programme_enrolment
    if found.user_id != user.pk or row is None or not found.due_for_renewal:
        return None
    page = row.programme.localized
    present = enrolment.current_programme(user, row.programme)
    if present and not enrolment.finished(present):
        return {"under_way": page.url, "title": page.title}
    return {"again": again(page) if row.programme.live else None, "title": page.title}


def _files(found):
    """Makes what is not there yet, so that the page's buttons do what they say. `held`: a person has to make the PDF;
    `drawn`: there is a picture, which a PDF made by hand has not."""
    try:
        papers.pdf(found)
    except papers.NeedsAPerson:
        return {"held": True, "drawn": False}
    try:
        papers.picture(found)
    except papers.NeedsAPerson:
        return {"held": False, "drawn": False}
    return {"held": False, "drawn": True}


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def certificate_pdf(request, number):
    """A download; with ?inline the browser shows it, from where it prints best."""
    found = _readable(request, number)
    try:
        path = papers.pdf(found)
    except papers.NeedsAPerson:
        return _not_yet()
    name = file_names.plain(f"{found.snapshot['title']}-{found.snapshot['name']}-{found.number}.pdf")
    return FileResponse(
        path.open("rb"), as_attachment="inline" not in request.GET, filename=name, content_type="application/pdf"
    )


@require_safe
@login_required
@cache_control(private=True, max_age=300)
def certificate_png(request, number):
    found = _readable(request, number)
    try:
        return FileResponse(papers.picture(found).open("rb"), content_type="image/png")
    except papers.NeedsAPerson:
        return _not_yet()


@require_POST
@login_required
def certificate_name(request, number):
    """The holder, and nobody else, decides whether strangers read the full name."""
    found = _readable(request, number)
    if found.user_id != request.user.pk:
        raise Http404
    certificates.show_name(found, shown=request.POST.get("shown") == "yes", author=request.user)
    return redirect("certificate", number=found.number)


def _not_yet():
    text = _("The name on this certificate holds a rare character. A person of the school is preparing the file.")
    return HttpResponseNotFound(text, content_type="text/plain; charset=utf-8")
