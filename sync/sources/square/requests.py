"""The requests that Larder makes of Square, and what every answer must keep to (Square API 2025-08-20).

Paging as in the API's guide "Pagination": a page's ``cursor`` leads to the next one, the last page has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import msgspec

from sync.documents import Document, Documents, Wanted
from sync.errors import DocumentRefused
from sync.sources.square.answers import Count, read_counts, read_objects
from sync.sources.square.catalog_shapes import Head, read_head
from sync.sources.square.unreadable import shown

LOCATIONS, LOCATION = "v2/locations", "v2/locations/{}"
SEARCH, RETRIEVE = "v2/catalog/search", "v2/catalog/batch-retrieve"
COUNTS = "v2/inventory/counts/batch-retrieve"

HEADERS = {"Square-Version": "2025-08-20"}
AT_ONCE = 500
"""Objects asked for by id in one request."""


@dataclass(frozen=True, slots=True)
class Found:
    """Catalog objects by id, as they came, and the server's clock for them."""

    heads: dict[str, Head] = field(default_factory=dict)
    bodies: dict[str, msgspec.Raw] = field(default_factory=dict)
    related: dict[str, msgspec.Raw] = field(default_factory=dict)
    latest_time: str | None = None

    def ids(self, *types: str) -> list[str]:
        """Ids of the objects of these types, deleted or not."""
        return [key for key, head in self.heads.items() if head.type in types]


async def ask(documents: Documents, path: str, content: Mapping[str, Any] | None = None) -> Document:
    """The answer to a GET, or to a POST of ``content``. Raises ``DocumentRefused``."""
    if content is None:
        return await documents.get(Wanted(path, headers=HEADERS))
    body = msgspec.json.encode(content, order="sorted")
    return await documents.get(Wanted(path, method="POST", content=body, headers=HEADERS))


def whole(answer: Document) -> bytes:
    """The body. Raises ``DocumentRefused`` when there is none."""
    if answer.body is None:
        raise DocumentRefused("the answer must exist", "404")
    return answer.body


def no_errors(errors: list[Any]) -> None:
    """Raises ``DocumentRefused`` for an answer that admits to errors."""
    if errors:
        raise DocumentRefused("an answer must have no errors", shown(errors[0]))


class Paging:
    """The requests of one listing: ``asked`` is the content of the next one, None after the last page."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.content = content
        self.asked: Mapping[str, Any] | None = content
        self.seen: set[str] = set()

    def go_on(self, cursor: str | None) -> None:
        """Go to the page that ``cursor`` leads to. Raises ``DocumentRefused`` for one that was read already."""
        if cursor in self.seen:
            raise DocumentRefused("a cursor must lead to a page that was not read yet", shown(cursor))
        self.asked = {**self.content, "cursor": cursor} if cursor else None
        self.seen.update([cursor] if cursor else [])


async def search(documents: Documents, content: Mapping[str, Any]) -> Found:
    """Every object that matches. Its clock is the oldest that a page told.

    Raises ``DocumentRefused``, also for pages that overlap: what one of them says twice, another may have left out.
    """
    found, clocks, paging = Found(), [], Paging(content)
    while paging.asked is not None:
        page = read_objects(whole(await ask(documents, SEARCH, paging.asked)))
        no_errors(page.errors)
        for head, raw in headed(page.objects):
            if head.id in found.heads:
                raise DocumentRefused("a page must not repeat an object of another", head.id)
            found.heads[head.id], found.bodies[head.id] = head, raw
        found.related.update((head.id, raw) for head, raw in headed(page.related_objects))
        clocks += [page.latest_time] if page.latest_time else []
        paging.go_on(page.cursor)
    return replace(found, latest_time=min(clocks, key=instant, default=None))


async def retrieve(documents: Documents, ids: Iterable[str]) -> Found:
    """The objects of these ids, deleted ones too, and those that they name. An id that is unknown is left out.

    Raises ``DocumentRefused``.
    """
    found = Found()
    for some in portions(ids):
        content = {"object_ids": some, "include_related_objects": True, "include_deleted_objects": True}
        page = read_objects(whole(await ask(documents, RETRIEVE, content)))
        no_errors(page.errors)
        for head, raw in headed(page.objects):
            if head.id not in some:
                raise DocumentRefused("an object must be one that was asked for", head.id)
            found.heads[head.id], found.bodies[head.id] = head, raw
        found.related.update((head.id, raw) for head, raw in headed(page.related_objects))
    return found


async def counts(documents: Documents, content: Mapping[str, Any]) -> list[Count]:
    """Every count that matches, newest first. Raises ``DocumentRefused``."""
    found: dict[tuple[str, str, str], Count] = {}
    paging = Paging(content)
    while paging.asked is not None:
        page = read_counts(whole(await ask(documents, COUNTS, paging.asked)))
        no_errors(page.errors)
        for count in page.counts:
            key = (count.catalog_object_id, count.location_id, count.state)
            if key in found:
                raise DocumentRefused("a page must not repeat a count of another", "/".join(key))
            found[key] = count
        paging.go_on(page.cursor)
    return list(found.values())


def headed(raws: Iterable[msgspec.Raw]) -> Iterator[tuple[Head, msgspec.Raw]]:
    """Each object with its head. Raises ``DocumentRefused``."""
    return ((read_head(raw), raw) for raw in raws)


def portions(ids: Iterable[str]) -> Iterator[list[str]]:
    """``ids`` in an order of their own, as many at once as a request takes."""
    every = sorted(set(ids))
    return (every[at : at + AT_ONCE] for at in range(0, len(every), AT_ONCE))


def instant(text: str) -> datetime:
    """An RFC 3339 timestamp of Square's as an aware instant. Raises ``DocumentRefused``."""
    try:
        told = datetime.fromisoformat(text)
    except ValueError as exc:
        raise DocumentRefused("a time must be in RFC 3339", repr(shown(text))) from exc
    if told.tzinfo is None:
        raise DocumentRefused("a time must carry its UTC offset", repr(text))
    return told.astimezone(UTC)
