"""How a file leaves the building: byte ranges, bounded memory, or a word to the web server in front."""

import asyncio
import mimetypes
import re
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header

RANGE = re.compile(r"bytes=(\d{0,20})-(\d{0,20})", re.ASCII)  # no file has a longer number, and no computer
PIECE = 256 * 1024  # bytes read at a time from a large file
AT_ONCE = 4 * 1024 * 1024  # up to here a file is sent in one piece: a segment or a playlist
SHOWN = {"application/pdf", "image/png", "image/jpeg", "image/webp"}  # everything else is saved, not opened


class LibraryServer:
    """django-filer's own way out, for people who may read the folder; filer has asked before it calls."""

    def serve(self, request, filer_file, save_as=None, **kwargs):
        name = save_as if isinstance(save_as, str) else getattr(filer_file, "original_filename", None)
        return send(request, Path(filer_file.path), name=name)


def send(request, path: Path, *, content_type="", name=None, cache="private, no-cache"):
    """The file as a response, 404 when it is not on disk. `name` is what the reader's computer shall call it."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise Http404("no such file") from error
    content_type = content_type or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if settings.X_ACCEL_PREFIX:
        response = HttpResponse(content_type=content_type)
        response["X-Accel-Redirect"] = settings.X_ACCEL_PREFIX + quote(str(path.relative_to(settings.VAR_DIR)))
    else:
        response = _answer(request, path, size, content_type)
    response["Cache-Control"] = cache
    response["X-Content-Type-Options"] = "nosniff"
    if name:
        response["Content-Disposition"] = content_disposition_header(content_type not in SHOWN, name)
    return response


def _answer(request, path, size, content_type):
    start, stop, status = wanted(request.headers.get("Range", ""), size)
    if status == 416:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}", "Accept-Ranges": "bytes"})
    if request.method == "HEAD":
        response = HttpResponse(status=status, content_type=content_type)
    elif stop - start <= AT_ONCE:
        response = HttpResponse(_read(path, start, stop), status=status, content_type=content_type)
    else:
        pieces = _pieces_later if isinstance(request, ASGIRequest) else _pieces
        response = StreamingHttpResponse(pieces(path, start, stop), status=status, content_type=content_type)
    response["Content-Length"] = str(stop - start)
    response["Accept-Ranges"] = "bytes"
    if status == 206:
        response["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return response


def wanted(header: str, size: int) -> tuple[int, int, int]:
    """First byte, byte after the last, status. Several ranges or nonsense mean the whole file, as HTTP allows."""
    match = RANGE.fullmatch(header.strip())
    first, last = match.groups() if match else ("", "")
    if not (first or last) or (first and last and int(last) < int(first)):
        return 0, size, 200
    if not first:
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), min(size, int(last) + 1 if last else size)
    return (start, stop, 206) if start < stop else (0, 0, 416)


def _read(path, start, stop):
    with path.open("rb") as file:
        file.seek(start)
        return file.read(stop - start)


def _pieces(path, start, stop):
    with path.open("rb") as file:
        file.seek(start)
        left = stop - start
        while piece := file.read(min(PIECE, left)):
            left -= len(piece)
            yield piece


async def _pieces_later(path, start, stop):
    pieces = _pieces(path, start, stop)
    try:
        while piece := await asyncio.to_thread(next, pieces, b""):
            yield piece
    finally:
        await asyncio.to_thread(pieces.close)
