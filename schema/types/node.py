"""Relay nodes."""

from __future__ import annotations

from typing import Any

import strawberry

from loaders.directives.cache_control import CacheControl
from loaders.fields import resolved
from loaders.nodes import GlobalId


@strawberry.interface(description="Anything with a global id.", directives=[CacheControl(max_age=30)])
class Node:
    """A Relay node."""

    id: strawberry.ID = strawberry.field(description="Global id, stable across re-imports.")


def node_id_field(type_name: str) -> Any:
    """The global id of a synced row."""
    return resolved(GlobalId(type_name, "node_id"), "Global id, stable across re-imports.")
