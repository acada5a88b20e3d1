"""Warnings, in debug mode, of resolvers that load from the database outside a fetch: N+1 statements in the making."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import strawberry
import structlog
from django.db.models import QuerySet
from graphql import GraphQLResolveInfo
from strawberry.extensions import SchemaExtension
from strawberry.schema.schema_converter import GraphQLCoreConverter

from loaders.outside import Loads, loading, shortened, watch_django
from loaders.recording import pattern

log = structlog.get_logger(__name__)


class LoadOutsideFetch(UserWarning):
    """A resolver loaded from the database outside a fetch: once per parent, and not in the operation's snapshot."""


class WarnsOfLoads(SchemaExtension):
    """Warns of what Django's ORM runs in resolvers: once per operation, field path pattern and SQL shape.

    Each warning is a line in the log and a ``LoadOutsideFetch``, when the operation is over.
    """

    transparent: ClassVar[bool] = True
    """It changes no answer."""

    def __init__(self) -> None:
        self.loads = Loads()

    def on_operation(self) -> Iterator[None]:
        """Warn after the operation."""
        yield
        for (path, sql), times in self.loads.times.items():
            log.warning("load outside a fetch", path=path, times=times, sql=shortened(sql))
        for (path, sql), times in self.loads.times.items():
            often = "once" if times == 1 else f"{times} times"
            warnings.warn(
                f"{path} loaded outside a fetch, {often} in one operation: {shortened(sql)}",
                LoadOutsideFetch,
                stacklevel=2,
            )

    def resolve(
        self, _next: Callable[..., Any], root: Any, info: GraphQLResolveInfo[Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Resolve the field; with an eye on the database where its resolver was written by hand."""
        if not written_by_hand(info):
            return _next(root, info, *args, **kwargs)
        path = pattern(info.path)
        with loading(path, self.loads):
            result = _next(root, info, *args, **kwargs)
        if inspect.isawaitable(result):
            return self._awaited(path, result)
        return self._watched(path, result)

    async def _awaited(self, path: str, awaitable: Awaitable[Any]) -> Any:
        with loading(path, self.loads):
            result = await awaitable
        return self._watched(path, result)

    def _watched(self, path: str, result: Any) -> Any:
        return WatchedRows(result, path, self.loads) if isinstance(result, QuerySet) else result


@dataclass(frozen=True, slots=True)
class WatchedRows:
    """A queryset that a resolver has returned: the executor runs it by iterating it, after the resolver."""

    rows: QuerySet[Any, Any]
    path: str
    loads: Loads

    def __iter__(self) -> Iterator[Any]:
        with loading(self.path, self.loads):
            return iter(self.rows)

    async def __aiter__(self) -> AsyncIterator[Any]:
        with loading(self.path, self.loads):
            loaded = [row async for row in self.rows]
        for row in loaded:
            yield row


def written_by_hand(info: GraphQLResolveInfo[Any]) -> bool:
    """Whether the field has no resolution to be read: a resolver, or an attribute that may load when it is read."""
    field = info.parent_type.fields.get(info.field_name)
    definition = field and field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return getattr(definition, "resolution", None) is None


def warn_of_loads(schema: strawberry.Schema) -> None:
    """Let ``schema`` warn of loads outside a fetch from here on. For development: it costs time on every field."""
    watch_django()
    if WarnsOfLoads not in schema.extensions:
        schema.extensions = (*schema.extensions, WarnsOfLoads)
