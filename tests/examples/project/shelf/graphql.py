"""The project's schema."""

from __future__ import annotations

import strawberry
from django.db.models import QuerySet

from larder.graphql import Connection, column, declared_listing, larder_type, listed, make_schema
from shelf import models


@declared_listing(models.Note, order=("text",))
def notes_by_text() -> QuerySet[models.Note]:
    return models.Note.objects.all()


@larder_type(models.Note, name="Note", description="A note.")
class Note:
    text: str = column("What it says.")


@strawberry.type(description="Everything that can be read.")
class Query:
    notes: Connection[Note] = listed(notes_by_text, "Every note.")


schema = make_schema(Query)
