"""Hot Chocolate's ``id`` (https://chillicream.com/docs/hotchocolate/v15/performance/trusted-documents)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from persisted_queries.protocols.asked import Asked, checked_id, named


def read(parameters: Mapping[str, Any], path_id: str | None) -> Asked | None:  # noqa: ARG001 - a protocol's signature
    """What a request with an ``id`` asks for."""
    return named(checked_id(parameters.get("id"), "id"), parameters, "hot-chocolate")
