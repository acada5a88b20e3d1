"""Relay's ``doc_id`` (https://relay.dev/docs/guides/persisted-queries/): the id that the compiler's file gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from persisted_queries.protocols.asked import Asked, checked_id, named


def read(parameters: Mapping[str, Any], path_id: str | None) -> Asked | None:  # noqa: ARG001 - a protocol's signature
    """What a request with a ``doc_id`` asks for."""
    return named(checked_id(parameters.get("doc_id"), "doc_id"), parameters, "relay")
