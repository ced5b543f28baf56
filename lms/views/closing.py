"""Closing one's own account: what it does is read first, and who asks for it proves once more to be the person."""

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from lms import closing


class CloseForm(forms.Form):
    sure = forms.BooleanField(
        label=_("I have read what closing the account does, and want it."),
        error_messages={"required": _("Tick the box if you want to close the account.")},
    )


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
@reauthentication_required(allow_get=True)
def close(request):
    """What stands in the way is said before anything is asked."""
    form = CloseForm(request.POST if request.method == "POST" else None)
    reasons = closing.in_the_way(request.user)
    if request.method == "POST" and not reasons and form.is_valid():
        try:
            closing.close(request.user)
        except closing.Hindered as hindered:
            reasons = hindered.reasons
        else:
            logout(request)
            return render(request, "lms/closed.html")
    status = 422 if request.method == "POST" else 200
    return render(request, "lms/close.html", {"form": form, "reasons": reasons}, status=status)
