"""The project's own pages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path
from shelf.models import Note


def notes(request: HttpRequest) -> HttpResponse:
    """Every note, by Django's own means; POST adds one."""
    if request.method == "POST":
        Note.objects.create(text=request.body.decode())
    return HttpResponse("\n".join(note.text for note in Note.objects.all()), content_type="text/plain")


urlpatterns = [path("notes/", notes), path("health/ready", lambda _: HttpResponse("the project's own"))]
