"""Pages for the player's tests: the school's own frame and policy around a player."""

from django.http import HttpResponse, HttpResponseForbidden, JsonResponse
from django.shortcuts import get_object_or_404
from django.template import RequestContext, Template
from django.urls import path

from lms.urls import urlpatterns as school
from media import playback
from media.models import Video

PAGE = Template("""{% extends "base.html" %}{% load player %}{% block title %}{{ video }}{% endblock %}{% block main %}
<div class="wrap"><h1>{{ video }}</h1>
{% player video renew_url=renew_url position=position max_rate=1.5 seconds=seconds %}
<p><label>Note <input id="note"></label></p></div>{% endblock %}""")
asked = []  # requests for a new address


def page(request, pk):
    video = get_object_or_404(Video, pk=pk)
    context = {
        "video": video,
        "renew_url": f"/renew/{pk}/",
        "position": request.GET.get("position", 0),
        "seconds": int(request.GET.get("seconds", playback.SECONDS)),
    }
    return HttpResponse(PAGE.render(RequestContext(request, context)))


def renew(request, pk):
    asked.append(pk)
    if request.COOKIES.get("signed_out"):
        return HttpResponseForbidden()
    return JsonResponse(playback.offer(get_object_or_404(Video, pk=pk), viewer=None).as_json())


urlpatterns = [path("play/<int:pk>/", page), path("renew/<int:pk>/", renew), *school]
