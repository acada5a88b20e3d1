"""What the formats that map ids to documents share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from persisted_queries.manifests.decoding import shown
from persisted_queries.manifests.manifest import Entry
from persisted_queries.problems import Problem


def entries(pairs: list[tuple[Any, Any]]) -> Iterator[Entry | Problem]:
    """An entry for each id; a pair that is repeated as it is counts once, an id of two texts is a problem."""
    texts: dict[str, str] = {}
    for document_id, text in pairs:
        if not isinstance(document_id, str):
            yield Problem("", "", "an id is text", shown(document_id))
        elif not isinstance(text, str):
            yield Problem(document_id, "", "a document is text", shown(text))
        elif document_id not in texts:
            texts[document_id] = text
            yield Entry(document_id, text)
        elif texts[document_id] != text:
            yield Problem(document_id, "", "an id stands for one document", "two texts")
