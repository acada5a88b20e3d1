"""Resolutions that go to the store: rows of a fetch, keyed by the row at hand or by an argument."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from strawberry_django.utils.typing import unwrap_type

from loaders.fetches import ALL
from loaders.loader import loader_for
from loaders.nodes import decode_id, uuid_of
from loaders.selection import needed_columns

if TYPE_CHECKING:
    from loaders.fetches import Fetch
    from loaders.loader import FetchLoader


def typed_loader(fetch: Fetch, info: Any, arguments: Mapping[str, Any]) -> FetchLoader:
    """The loader for the type that the current field returns and the columns that are selected of it."""
    session = info.context.session
    as_type: type = unwrap_type(info.return_type)
    return loader_for(session, fetch, as_type, needed_columns(info, session, as_type), arguments)


@dataclass(frozen=True, slots=True)
class FetchFromRow:
    """Rows of ``fetch``, keyed by a column of the row at hand."""

    fetch: Fetch

    @property
    def columns(self) -> tuple[str, ...]:
        """The column that holds the key."""
        return (self.fetch.parent_column,)

    def resolve(self, row: Any, info: Any, arguments: Mapping[str, Any]) -> Any:
        """A future of the rows; None at once for a null key."""
        key = getattr(row, self.fetch.parent_column)
        if key is None:
            return [] if self.fetch.many else None
        return typed_loader(self.fetch, info, arguments).load(key)


@dataclass(frozen=True, slots=True)
class FetchByArgument:
    """Rows of a to-one ``fetch``, keyed by the argument ``argument`` as ``read`` understands it."""

    fetch: Fetch
    argument: str
    read: Callable[[Any], Any]

    @property
    def columns(self) -> tuple[str, ...]:
        """None: it reads no row."""
        return ()

    def resolve(self, row: Any, info: Any, arguments: Mapping[str, Any]) -> Any:  # noqa: ARG002 - the protocol's signature
        """A future of the row or None; for a list argument, of one per element."""
        value = arguments[self.argument]
        loader = typed_loader(self.fetch, info, arguments)
        if isinstance(value, list):
            return asyncio.gather(*(self._load(loader, element) for element in value))
        return self._load(loader, value)

    async def _load(self, loader: FetchLoader, value: Any) -> Any:
        key = self.read(value)
        return None if key is None else await loader.load(key)


@dataclass(frozen=True, slots=True)
class FetchAll:
    """Every row of a ``fetch`` that needs no key."""

    fetch: Fetch

    @property
    def columns(self) -> tuple[str, ...]:
        """None: it reads no row."""
        return ()

    def resolve(self, row: Any, info: Any, arguments: Mapping[str, Any]) -> Any:  # noqa: ARG002 - the protocol's signature
        """A future of the rows."""
        return typed_loader(self.fetch, info, arguments).load(ALL)


@dataclass(frozen=True, slots=True)
class NodeByArgument:
    """Any node by its global id: ``types`` maps a GraphQL type name to its strawberry type and its fetch by UUID."""

    argument: str
    types: Mapping[str, tuple[type, Fetch]]

    @property
    def columns(self) -> tuple[str, ...]:
        """None: it reads no row."""
        return ()

    def resolve(self, row: Any, info: Any, arguments: Mapping[str, Any]) -> Any:  # noqa: ARG002 - the protocol's signature
        """A future of the node or None; for a list argument, of one per element."""
        value = arguments[self.argument]
        if isinstance(value, list):
            return asyncio.gather(*(self._load(info, element) for element in value))
        return self._load(info, value)

    async def _load(self, info: Any, global_id: str) -> Any:
        name, _ = decode_id(str(global_id)) or ("", "")
        key = uuid_of(name)(global_id)
        if name not in self.types or key is None:
            return None
        as_type, fetch = self.types[name]
        session = info.context.session
        columns = needed_columns(info, session, as_type)
        return await loader_for(session, fetch, as_type, columns, {}).load(key)
