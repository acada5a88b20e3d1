"""How a restaurant is asked: the same address for all, its guid in a header (Toast, "Making requests")."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing

from sync.documents import Document, Documents, Wanted
from sync.errors import DocumentRefused
from sync.sources.toast.options import Restaurant

HEADER = "Toast-Restaurant-External-ID"


async def ask(
    documents: Documents, path: str, restaurants: Iterable[Restaurant]
) -> AsyncGenerator[tuple[Restaurant, Document | DocumentRefused], None]:
    """The answers for ``path`` as they come, and whose they are."""
    by_guid = {restaurant.guid: restaurant for restaurant in restaurants}
    wanted = [Wanted(path, headers={HEADER: guid}) for guid in by_guid]
    async with aclosing(documents.many(wanted)) as answers:
        async for one, answer in answers:
            yield by_guid[one.headers[HEADER]], answer


def asked(path: str, restaurant: Restaurant) -> str:
    """The name of a restaurant's document."""
    return f"{path} of {restaurant.guid}"
