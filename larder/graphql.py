"""What a schema is declared with: docs/your-own-models.md shows each in use, docs/plans.md what becomes a plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import strawberry
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig
from strawberry.types.scalar import ScalarDefinition

from larder.scalars import EXACT
from loaders.connections import Connection, listed
from loaders.directives.cache_control import CacheControl
from loaders.directives.cost import cost
from loaders.directives.list_size import list_size
from loaders.directives.requires_scopes import requires_scopes
from loaders.errors import BadArgument, ClientError
from loaders.facets import Facet
from loaders.fetches import Fetch, declared_fetch
from loaders.fetching import FetchAll
from loaders.fields import argument, column, computed, each_of, embedded, fetched, larder_type, lookup, one_of, resolved
from loaders.listings import Listing, declared_listing
from loaders.lookups import row_by
from loaders.nodes import GlobalId, uuid_of
from loaders.params import Param
from plans.executor import PlanExecutor

__all__ = [
    "BadArgument",
    "CacheControl",
    "ClientError",
    "Connection",
    "Facet",
    "Fetch",
    "FetchAll",
    "GlobalId",
    "Listing",
    "Param",
    "argument",
    "column",
    "computed",
    "cost",
    "declared_fetch",
    "declared_listing",
    "each_of",
    "embedded",
    "fetched",
    "larder_type",
    "list_size",
    "listed",
    "lookup",
    "make_schema",
    "one_of",
    "requires_scopes",
    "resolved",
    "row_by",
    "uuid_of",
]


def make_schema(
    query: type,
    *,
    types: Iterable[type] = (),
    scalars: Mapping[object, ScalarDefinition] | None = None,
    **options: Any,
) -> strawberry.Schema:
    """The schema of a root type, as ``LARDER_SCHEMA`` names it: instants and decimals exact, operations planned.

    types: those that only an interface or union leads to. scalars: beside ``EXACT``, by Python type. options: as of
    ``strawberry.Schema``.
    """
    return strawberry.Schema(
        query=query,
        types=types,
        extensions=[ParserCache, ValidationCache],
        execution_context_class=PlanExecutor,
        config=StrawberryConfig(scalar_map={**EXACT, **(scalars or {})}),
        **options,
    )
