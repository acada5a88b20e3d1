"""Another root, with a fetch that cannot be built."""

from __future__ import annotations

import strawberry
from django.db.models import QuerySet

from larder.graphql import argument, declared_fetch, lookup, make_schema
from tests.gateway.checking.orchard import models
from tests.gateway.checking.orchard.kinds import Label


@declared_fetch(models.Label, key="id", many=False)
def label_by_id() -> QuerySet[models.Label]:  # finds E104
    return models.Label.objects.filter(nothing=1).order_by("id")


@strawberry.type(description="Everything that can be read.")
class Query:
    label: Label | None = lookup(label_by_id, argument("id", strawberry.ID, "Its number."), "A label.")


schema = make_schema(Query)
