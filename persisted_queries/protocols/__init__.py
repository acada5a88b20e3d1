"""The ways in which a request names its document, by the name that the settings use, in their order of precedence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from persisted_queries.protocols import apollo, document_id, hot_chocolate, relay
from persisted_queries.protocols.asked import Asked, Read, text_of

PROTOCOLS: dict[str, Read] = {
    "document-id": document_id.read,
    "apollo": apollo.read,
    "relay": relay.read,
    "hot-chocolate": hot_chocolate.read,
}


def read_document(parameters: Mapping[str, Any], path_id: str | None, protocols: Iterable[Read]) -> Asked:
    """What a request asks for, by the first protocol that it speaks; its bare text where it speaks none.

    Raises ``DocumentError``.
    """
    for read in protocols:
        asked = read(parameters, path_id)
        if asked is not None:
            return asked
    return Asked(None, None, text_of(parameters), registers=False, protocol="text")
