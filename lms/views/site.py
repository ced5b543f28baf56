"""Pages about the school itself: the style guide, what went wrong, what robots may read."""

from django.shortcuts import render


def styleguide(request):
    return render(request, "styleguide.html")
