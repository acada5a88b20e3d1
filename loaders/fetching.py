"""Resolutions that go to the store: rows of a fetch, keyed by the row at hand or by an argument."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from loaders.choices import Choices, choice_loader, type_of
from loaders.fetches import ALL
from loaders.nodes import node_key

if TYPE_CHECKING:
    from loaders.fetches import Fetch
    from loaders.loader import FetchLoader


def typed_loader(fetch: Fetch, info: Any, arguments: Mapping[str, Any]) -> FetchLoader:
    """The loader for the type that the current field returns and the columns that are selected of it."""
    return choice_loader(type_of(info.return_type), fetch, info, arguments)


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
        return typed_loader(self.fetch, info, arguments).load(key, info)


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
            return asyncio.gather(*(self._load(loader, element, info) for element in value))
        return self._load(loader, value, info)

    async def _load(self, loader: FetchLoader, value: Any, info: Any) -> Any:
        key = self.read(value)
        return None if key is None else await loader.load(key, info)


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
        return typed_loader(self.fetch, info, arguments).load(ALL, info)


@dataclass(frozen=True, slots=True)
class NodeByArgument:
    """Any node by its global id. The fetches of ``types`` are to-one, by UUID."""

    argument: str
    types: Choices

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
        found = node_key(global_id)
        if found is None or found[0] not in self.types:
            return None
        name, key = found
        choice, fetch = self.types[name]
        return await choice_loader(type_of(choice), fetch, info, {}).load(key, info)
