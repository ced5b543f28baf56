"""The door for resumable uploads: tus 1.0 with creation (also with the first bytes), termination and expiration.

Beside the protocol two plain answers in JSON: how an upload stands, and what to do with a file that the library has.
"""

import base64
import binascii
import re
from functools import wraps

from django.conf import settings
from django.http import HttpResponse, JsonResponse, UnreadablePostError
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.http import http_date, url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lms.bodies import reads_live
from media import allowances, arrivals, uploads
from media.models import Upload, Video

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,termination,expiration"
PROTOCOL = ("POST", "HEAD", "PATCH", "DELETE")
METADATA_LIMIT = 8192  # characters: a name of 255 signs takes a sixth of it
KEY = re.compile(r"[A-Za-z0-9_-]{1,32}")
NUMBER = re.compile(r"[0-9]{1,15}", re.ASCII)
STREAM = "application/offset+octet-stream"
STATUS = {
    uploads.NotFound: 404,
    uploads.Interrupted: 408,
    uploads.WrongOffset: 409,
    uploads.Locked: 423,
    uploads.TooLarge: 413,
    uploads.NoRoom: 507,
    uploads.Refused: 422,
}


class Malformed(Exception):
    """A header that no honest client sends."""


def door(view):
    """Sign-in, permission, language and the words of the protocol around each answer."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        with translation.override(_language(request)):
            response = _enter(view, request, *args, **kwargs)
        response["Tus-Resumable"] = VERSION
        response["Cache-Control"] = "no-store"
        return response

    return guarded


def _enter(view, request, *args, **kwargs):
    if not request.user.is_authenticated:
        return _say(401, _("Please sign in again. What has arrived is kept."))
    if not allowances.may_send(request.user):
        return _say(403, _("Your account may not upload files."))
    if _speaks_tus(request) and request.headers.get("Tus-Resumable") != VERSION:
        response = _say(412, "Tus-Resumable: 1.0.0")
        response["Tus-Version"] = VERSION
        return response
    try:
        return view(request, *args, **kwargs)
    except Malformed as error:
        return _say(400, str(error))
    except tuple(STATUS) as refused:
        status = next(STATUS[kind] for kind in type(refused).__mro__ if kind in STATUS)
        return _say(status, str(refused.message))


def _speaks_tus(request):
    """The decision about a duplicate is a plain form and no tus."""
    return request.method in PROTOCOL and "action" not in request.GET


def _say(status, message):
    return JsonResponse({"message": message}, status=status, json_dumps_params={"ensure_ascii": False})


def _language(request):
    """The page's own, which its script names; these addresses belong to no language."""
    try:
        return translation.get_supported_language_variant(request.headers.get("Accept-Language", "").split(",")[0])
    except LookupError:
        return settings.LANGUAGE_CODE


@require_http_methods(["OPTIONS", "POST", "GET"])
@door
def collection(request):
    if request.method == "OPTIONS":
        return _options(request)
    if request.method == "GET":
        return _list(request)
    head = _head(request)
    row = uploads.begin(owner=request.user, head=head, **_wishes(request))
    _take_head(row, head)
    response = JsonResponse(facts(row), status=201)
    response["Location"] = reverse("media:upload", args=[row.uuid])
    return _with_offset(response, row)


def _options(request):
    response = HttpResponse(status=204)
    response["Tus-Version"] = VERSION
    response["Tus-Extension"] = EXTENSIONS
    response["Tus-Max-Size"] = str(allowances.largest(request.user))
    return response


def _list(request):
    """Unfinished uploads and, asked with name and length, a film that may be the same."""
    name, length = request.GET.get("name", ""), request.GET.get("length", "")
    found = None
    if name and NUMBER.fullmatch(length):
        found = uploads.similar(request.user, name=name, length=int(length))
    rows = request.user.uploads.unfinished().select_related("video", "target", "file")
    return JsonResponse({"uploads": [facts(row) for row in rows], "similar": _film(found, request.user)})


def _wishes(request):
    data = _metadata(request.headers.get("Upload-Metadata", ""))
    purpose = data.get("purpose") or Upload.Purpose.FILM
    if purpose not in Upload.Purpose.values:
        raise Malformed("purpose")
    return {
        "name": data.get("filename", ""),
        "title": data.get("title", ""),
        "stamp": data.get("stamp", ""),
        "length": _number(request, "Upload-Length"),
        "purpose": purpose,
        "target": _target(data.get("target", "")) if purpose == Upload.Purpose.REPLACEMENT else None,
    }


def _target(number):
    return Video.objects.filter(pk=int(number)).first() if NUMBER.fullmatch(number) else None


def _metadata(header):
    if len(header) > METADATA_LIMIT:
        raise Malformed("Upload-Metadata")
    found = {}
    for pair in filter(None, (pair.strip() for pair in header.split(","))):
        key, _space, value = pair.partition(" ")
        try:
            text = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, ValueError) as error:
            raise Malformed("Upload-Metadata") from error
        if not KEY.fullmatch(key) or key in found or "\0" in text:
            raise Malformed("Upload-Metadata")
        found[key] = text
    return found


def _number(request, header):
    value = request.headers.get(header, "")
    if not NUMBER.fullmatch(value):
        raise Malformed(header)
    return int(value)


def _head(request):
    """The first bytes, sent along so that a file of no use is refused at once."""
    return request.read(uploads.HEAD) if request.content_type == STREAM else b""


def _take_head(row, head):
    """Bytes of a new upload go to disk; one that is continued has them already."""
    if head and not uploads.arrived(row):
        rest = [head]
        uploads.receive(row, offset=0, announced=len(head), read=lambda size: rest.pop() if rest else b"")
        arrivals.settle(row)
        if row.state == Upload.State.REFUSED:
            raise uploads.Refused(row.message)


@reads_live
@require_http_methods(["HEAD", "PATCH", "DELETE", "GET", "POST"])
@door
def upload(request, uuid):
    row = uploads.find(request.user, uuid)
    return ANSWERS[request.method](request, row)


def _show(request, row):
    """How it stands; an upload whose process died at its last byte is finished by the question."""
    return JsonResponse(facts(arrivals.settle(row)))


def _offset(request, row):
    if not row.is_open and row.state != Upload.State.KEPT:
        raise uploads.NotFound
    response = HttpResponse(status=200)
    response["Upload-Length"] = str(row.length)
    return _with_offset(response, row)


def _with_offset(response, row):
    response["Upload-Offset"] = str(uploads.arrived(row))
    response["Upload-Expires"] = http_date(row.expires_at.timestamp())
    return response


def _patch(request, row):
    if request.content_type != STREAM:
        return _say(415, f"Content-Type: {STREAM}")
    announced = request.headers.get("Content-Length", "")
    uploads.receive(
        row,
        offset=_number(request, "Upload-Offset"),
        announced=int(announced) if NUMBER.fullmatch(announced) else None,
        read=_reader(request),
    )
    arrivals.settle(row)
    if row.state == Upload.State.REFUSED:
        return _say(422, row.message)
    return _with_offset(HttpResponse(status=204), row)


def _reader(request):
    def read(size):
        try:
            return request.read(size)
        except UnreadablePostError as error:
            raise uploads.Interrupted from error

    return read


def _cancel(request, row):
    uploads.cancel(row)
    return HttpResponse(status=204)


def _decide(request, row):
    action = request.GET.get("action", "")
    if action == "cancel":
        uploads.cancel(row)
    elif action in ("reuse", "keep"):
        arrivals.decide(row, reuse=action == "reuse")
    else:
        raise Malformed("action")
    if request.accepts("text/html"):  # a plain form
        return redirect(_page_of(request))
    return JsonResponse(facts(row))


def _page_of(request):
    """Where the form stood, as long as that is a page of ours."""
    page = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    return page if ours else reverse("my_films")


ANSWERS = {"HEAD": _offset, "PATCH": _patch, "DELETE": _cancel, "GET": _show, "POST": _decide}


def facts(row: Upload) -> dict:
    """What the page of an upload shows of it."""
    return {
        "url": reverse("media:upload", args=[row.uuid]),
        "name": row.name,
        "length": row.length,
        "offset": uploads.arrived(row),
        "stamp": row.stamp,
        "purpose": row.purpose,
        "target": row.target_id,
        "state": row.state,
        "message": row.message,
        "video": _film(row.video, row.owner),
        "file": allowances.shown_title(row) if row.file else None,
    }


def _film(video, reader):
    """That there is one, also for who may not know which."""
    if video and not allowances.may_see(reader, video):
        return {"id": None, "title": "", "by": ""}
    return {"id": video.pk, "title": video.title, "by": str(video.created_by or "")} if video else None
