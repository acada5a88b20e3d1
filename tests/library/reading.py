"""What the library holds, read through Django's model instances, beside what the schema answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from asgiref.sync import sync_to_async

from tests.library import models
from tests.library.asking import asking

INSTANT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ALL_BOOKS = "books(first: 100) { nodes { %s } }"


def iso(value: Any) -> str | None:
    return None if value is None else value.isoformat()


def plain(value: Any) -> str | None:
    return None if value is None else str(value)


def enum_name(choices: Any, value: Any) -> str | None:
    return None if value is None else choices(value).name


async def on_books(library: str, fields: str, expected: Callable[[models.Book], Any]) -> tuple[list[Any], list[Any]]:
    def read() -> list[Any]:
        return [expected(book) for book in models.Book.objects.order_by("title", "id")]

    async with asking(library) as ask:
        data = await ask.data(f"{{ {ALL_BOOKS % fields} }}", instant=INSTANT)
    return data["books"]["nodes"], await sync_to_async(read)()
