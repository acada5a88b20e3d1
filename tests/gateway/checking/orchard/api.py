"""The root. The comments say which codes are found at a line."""

from __future__ import annotations

import strawberry
from django.db.models import QuerySet
from strawberry.extensions import ParserCache, SchemaExtension

from larder.graphql import Connection, FetchAll, argument, declared_fetch, listed, lookup, resolved, row_by
from tests.gateway.checking.orchard import fetches, models
from tests.gateway.checking.orchard.kinds import Apple, Tree


class Stopwatch(SchemaExtension):
    """Nobody knows what it does."""


@declared_fetch(models.Tree, key=None)
def every_tree() -> QuerySet[models.Tree]:
    return models.Tree.objects.order_by("label")


@strawberry.type
class Query:  # finds W302
    tree: Tree | None = lookup(row_by(models.Tree, "label"), argument("label", str, "Its label."), "A tree.")
    trees: list[Tree] = resolved(FetchAll(every_tree), "Every tree.")  # finds W301
    forest: Connection[Tree] = listed(fetches.trees_by_height, "Every tree, by height.")
    apples: Connection[Apple] = listed(fetches.apples_in_pages, "Every apple.")

    @strawberry.field(description="When it opens.")  # type: ignore[untyped-decorator]
    def opening(self) -> str:  # finds W101
        return "at dawn"


schema = strawberry.Schema(query=Query, extensions=[ParserCache, Stopwatch])  # finds W102
