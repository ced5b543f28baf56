"""Signs of life of pages whose socket does not get through: the same rule as on the socket."""

from ipaddress import ip_address
from typing import Literal
from uuid import UUID

from django.http import JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from pydantic import BaseModel, ConfigDict, ValidationError

from live import entering, permissions, presence
from live.views.finding import seen

LONGEST = 1_000  # bytes


class Said(BaseModel):
    model_config = ConfigDict(extra="forbid")
    key: UUID
    do: Literal["beat", "leave"] = "beat"
    playing: bool = False
    hidden: bool = False
    muted: bool = False
    replay: bool = False
    played: list[tuple[int, int]] = []


@require_POST
def beat(request, uuid):
    """{"key": uuid of the page, "playing": true, …} each half minute and at each change; {"do": "leave"} at its end."""
    broadcast = seen(request, uuid)
    if not permissions.may_watch(request.user, broadcast):
        return JsonResponse({"message": _("You may not watch this broadcast.")}, status=403)
    if shut := entering.shut(broadcast, request.user):
        return JsonResponse({"code": shut.code, "message": shut.message}, status=shut.status)
    try:
        said = Said.model_validate_json(request.body[:LONGEST])
    except ValidationError:
        return JsonResponse({"message": _("What was sent cannot be read.")}, status=400)
    user = request.user.pk if request.user.is_authenticated else None
    if said.do == "leave":
        presence.leave(broadcast.pk, user, said.key)
    else:
        device = request.headers.get("user-agent", "")
        facts = said.model_dump(exclude={"key", "do"})
        presence.beat(broadcast.pk, user, said.key, address=_address(request), device=device, **facts)
    return JsonResponse({"state": broadcast.state, "version": broadcast.version})


def _address(request):
    try:
        return str(ip_address(request.META.get("REMOTE_ADDR", "")))
    except ValueError:
        return None
