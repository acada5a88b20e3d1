"""Apollo's ``extensions.persistedQuery``: automatic persisted queries, and ids of a persisted query list.

https://www.apollographql.com/docs/apollo-server/performance/apq and
https://www.apollographql.com/docs/graphos/platform/security/persisted-queries: ``{"version": 1, "sha256Hash": "…"}``.
With the text beside it the text is registered; in a list, ``sha256Hash`` carries any id.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from persisted_queries.errors import MalformedDocumentId, UnsupportedVersion
from persisted_queries.protocols.asked import Asked, checked_id, text_of


def read(parameters: Mapping[str, Any], path_id: str | None) -> Asked | None:  # noqa: ARG001 - a protocol's signature
    """What a request with ``extensions.persistedQuery`` asks for."""
    given = (parameters.get("extensions") or {}).get("persistedQuery")
    if given is None:
        return None
    if not isinstance(given, Mapping):
        raise MalformedDocumentId("extensions.persistedQuery must be a JSON object")
    version = given.get("version")
    if isinstance(version, bool) or version != 1:
        raise UnsupportedVersion
    document_id = checked_id(given.get("sha256Hash"), "extensions.persistedQuery.sha256Hash")
    if document_id is None:
        raise MalformedDocumentId("extensions.persistedQuery.sha256Hash is missing")
    text = text_of(parameters)
    return Asked(document_id, document_id, text, registers=text is not None, protocol="apollo")
