"""Menus as Toast publishes them, in the words of a test, and what the source makes of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sync.documents import Document
from sync.protocol import Event, Malformed, Record
from sync.settings import SourceSettings
from sync.sources.toast.menus import menu_events
from sync.sources.toast.options import Options

GUID = "11111111-1111-4111-8111-111111111111"
OTHER = "22222222-2222-4222-8222-222222222222"
TOLD = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LUNCH = {
    "alwaysAvailable": False,
    "schedule": [{"days": ["MONDAY"], "timeRanges": [{"start": "11:00", "end": "15:00"}]}],
}
DINNER = {
    "alwaysAvailable": False,
    "schedule": [{"days": ["MONDAY"], "timeRanges": [{"start": "17:00", "end": "01:00"}]}],
}


def item(guid: str, **more: Any) -> dict[str, Any]:
    """An item for 5."""
    return {"guid": guid, "name": guid.title(), "price": 5, "pricingStrategy": "BASE_PRICE", **more}


def group(guid: str, *items: Any, groups: Any = (), **more: Any) -> dict[str, Any]:
    """A menu group."""
    return {"guid": guid, "name": guid.title(), "menuItems": list(items), "menuGroups": list(groups), **more}


def menu(guid: str, *groups: Any, **more: Any) -> dict[str, Any]:
    """A menu that is always available, and visible everywhere."""
    return {"guid": guid, "name": guid.title(), "menuGroups": list(groups), **more}


def selling(*items: Any, **more: Any) -> dict[str, Any]:
    """The answer that has these items in one group of one menu."""
    return answered(menu("food", group("mains", *items)), **more)


def answered(*menus: Any, groups: Any = (), options: Any = (), **more: Any) -> dict[str, Any]:
    """An answer of ``/menus/v2/menus``; modifier groups and options are referred to from 1 on, in their order."""
    return {
        "restaurantGuid": GUID,
        "lastUpdated": "2026-03-02T12:00:00.000+0000",
        "restaurantTimeZone": "America/New_York",
        "menus": list(menus),
        "modifierGroupReferences": {str(n): {"referenceId": n, **one} for n, one in enumerate(groups, start=1)},
        "modifierOptionReferences": {str(n): {"referenceId": n, **one} for n, one in enumerate(options, start=1)},
        **more,
    }


def choices(guid: str, *references: int, **more: Any) -> dict[str, Any]:
    """A modifier group of the options referred to."""
    return {"guid": guid, "name": guid.title(), "modifierOptionReferences": list(references), **more}


def option(guid: str, **more: Any) -> dict[str, Any]:
    """A modifier option for 1."""
    return {"guid": guid, "name": guid.title(), "price": 1, "pricingStrategy": "BASE_PRICE", **more}


def settings(url: str = "http://toast.example", **options: Any) -> SourceSettings:
    """A source with one restaurant."""
    return SourceSettings("toast", "toast", url, options={"restaurants": [GUID], **options})


def document(value: Any, told_at: datetime | None = TOLD) -> Document:
    """An answer as it arrives: bytes as they are, any other value as JSON."""
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Document("menus/v2/menus", body, unchanged=False, etag=None, told_at=told_at)


def events(answer: Any, **options: Any) -> list[Event]:
    """What the source makes of an answer. ``options`` are the source's."""
    read = Options.read(settings(**options))
    return list(menu_events(read, read.restaurants[0], document(answer), TOLD))


def records(answer: Any, kind: str, **options: Any) -> dict[str, Any]:
    """The records of a kind by key, less the restaurant's guid."""
    found = events(answer, **options)
    return {short(one.key): one.payload for one in found if isinstance(one, Record) and one.kind == kind}


def broken(answer: Any, **options: Any) -> list[tuple[str, str | None, str, str]]:
    """Kind, key, rule and value of what could not be read."""
    found = [one for one in events(answer, **options) if isinstance(one, Malformed)]
    return [(one.kind, one.key and short(one.key), one.rule, one.value) for one in found]


def short(key: str) -> str:
    """A key less the restaurant's guid."""
    return key.removeprefix(f"{GUID}/")


def amounts(answer: Any, **options: Any) -> Mapping[str, Any]:
    """Offer key -> amount, as text."""
    found = records(answer, "offer", **options)
    return {key: None if offer.amount is None else str(offer.amount) for key, offer in found.items()}
