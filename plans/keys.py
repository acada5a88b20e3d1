"""How a lookup's argument becomes a key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from loaders.fetching import FetchByArgument, NodeByArgument
from loaders.nodes import UuidOf, node_key
from plans.columns import kind_of_key


def key_reader(name: str, resolution: FetchByArgument) -> Callable[[Any], tuple[str, Any] | None]:
    """Reads one value of a lookup's argument; UUIDs as canonical text."""
    fetch, read = resolution.fetch, resolution.read
    if isinstance(read, UuidOf) and kind_of_key(fetch) == "uuid":

        def read_uuid(value: Any) -> tuple[str, Any] | None:
            text = read.text(value)
            return None if text is None else (name, text)

        return read_uuid

    def read_key(value: Any) -> tuple[str, Any] | None:
        key = read(value)
        if key is None:
            return None
        found = fetch.key(key)
        return name, str(found) if isinstance(found, UUID) else found

    return read_key


def read_node(resolution: NodeByArgument, value: Any) -> tuple[str, Any] | None:
    """(type name, UUID as text) of a global id of one of the types, None for any other."""
    found = node_key(value)
    return found if found is not None and found[0] in resolution.types else None
