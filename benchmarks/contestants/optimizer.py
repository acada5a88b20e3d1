"""strawberry-django with its query optimizer, executed asynchronously: what most teams would have."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import orjson
import strawberry
import strawberry_django
from asgiref.sync import sync_to_async
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.relay.utils import to_base64
from strawberry.schema.config import StrawberryConfig
from strawberry_django.optimizer import DjangoOptimizerExtension, optimize
from strawberry_django.relay import DjangoCursorConnection, DjangoCursorEdge

from benchmarks.contestants.optimizer_types import Item, Location
from benchmarks.operations import Operation, Variables
from catalog import models
from loaders.cursors import decode_cursor
from loaders.nodes import uuid_of
from resolvers.locations import locations_by_name
from schema.scalars import SCALARS

MARK = locations_by_name.fingerprint({})


@strawberry.type(name="LocationConnection")
class Locations(DjangoCursorConnection[Location]):  # type: ignore[type-var]
    """strawberry-django's keyset pages. It is asked with the shipped schema's cursors, and reads them."""

    @classmethod
    def resolve_connection(cls, nodes: Any, *, after: str | None = None, **given: Any) -> Any:
        if after is not None:
            after = to_base64(DjangoCursorEdge.CURSOR_PREFIX, json.dumps(decode_cursor(after, MARK, 2)))
        return super().resolve_connection(nodes, after=after, **given)


@strawberry.type
class Query:
    """The root fields of the operations."""

    @strawberry_django.field
    def location(self, slug: str) -> Location | None:
        return models.Location.objects.filter(slug=slug)  # type: ignore[return-value]

    @strawberry_django.connection(Locations)  # type: ignore[type-var,untyped-decorator]
    def locations(self) -> list[Location]:
        found: QuerySet[models.Location] = models.Location.objects.order_by("name", "id")
        return found  # type: ignore[return-value]

    @strawberry_django.field
    async def items(self, info: strawberry.Info, ids: list[strawberry.ID]) -> list[Item | None]:
        nodes = [uuid_of("Item")(text) for text in ids]
        wanted = optimize(models.Item.objects.filter(node_id__in=[node for node in nodes if node]), info)
        found: dict[Any, Any] = {item.node_id: item async for item in wanted}
        return [found.get(node) for node in nodes]


def optimized_schema() -> strawberry.Schema:
    """The schema, its parser and validation cached."""
    return strawberry.Schema(
        Query,
        extensions=[
            ParserCache,
            ValidationCache,
            lambda: DjangoOptimizerExtension(prefetch_custom_queryset=True),
        ],
        config=StrawberryConfig(scalar_map=SCALARS),
    )


class Optimizer:
    """One schema. Django runs its statements in one thread, over one connection, so ``connections`` has no meaning."""

    def __init__(self, database_url: str, connections: int) -> None:  # noqa: ARG002 - Django is set up on the same database
        self.statements = 0
        self._schema = optimized_schema()

    async def open(self) -> None:
        await sync_to_async(lambda: connection.execute_wrappers.append(self._count))()

    async def close(self) -> None:
        await sync_to_async(self._disconnect)()

    async def answer(self, operation: Operation, variables: Variables) -> bytes:
        result = await self._schema.execute(operation.text, variables, context_value={"instant": timezone.now()})
        if result.errors:
            raise result.errors[0]
        return orjson.dumps({"data": result.data})

    def _disconnect(self) -> None:
        connection.execute_wrappers.remove(self._count)
        connection.close()

    def _count(self, execute: Callable[..., Any], *statement: Any) -> Any:
        self.statements += 1
        return execute(*statement)
