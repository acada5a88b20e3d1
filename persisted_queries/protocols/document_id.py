"""``documentId``, in the body, the query string or the path.

GraphQL over HTTP, appendix "Persisted Documents" (https://github.com/graphql/graphql-over-http/pull/264): an id with a
colon is *prefixed*, split at the first colon; ``sha256:`` is followed by the digest of the document's exact UTF-8 text,
``x-…:`` is private. An id without a colon is *custom*.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from persisted_queries.errors import MalformedDocumentId
from persisted_queries.ids import SHA256
from persisted_queries.protocols.asked import Asked, checked_id, named


def read(parameters: Mapping[str, Any], path_id: str | None) -> Asked | None:
    """What a request with a ``documentId`` asks for."""
    given = checked_id(parameters.get("documentId"), "documentId")
    in_path = checked_id(path_id, "the document id in the path")
    if given is not None and in_path is not None and given != in_path:
        raise MalformedDocumentId("documentId is not the document id in the path")
    document_id = in_path if given is None else given
    if document_id is not None:
        check_prefix(document_id)
    return named(document_id, parameters, "document-id")


def check_prefix(document_id: str) -> None:
    """Raise ``MalformedDocumentId`` for a digest that is none."""
    prefix, colon, rest = document_id.partition(":")
    if not colon:
        return
    if not prefix:
        raise MalformedDocumentId(f"a document id has something before its colon: {document_id!r}")
    if prefix == "sha256" and not SHA256.fullmatch(rest):
        raise MalformedDocumentId(f"sha256: is followed by 64 lowercase hexadecimal digits, not {rest!r}")
