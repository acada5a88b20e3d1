"""What the shipped schema's lists, texts and amounts mean, over model instances."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from catalog import models
from schema import enums
from tests.equality.plain import Refused
from tests.equality.rows import by_global_id, exact, live
from tests.equality.world import World, page

SEARCH = """
WITH asked AS (
    SELECT websearch_to_tsquery('german', %(text)s) || websearch_to_tsquery('english', %(text)s)
        || websearch_to_tsquery('simple', %(text)s) AS words
)
SELECT item.id FROM larder_item AS item LEFT JOIN larder_location AS location ON location.id = item.location_id, asked
WHERE item.deleted_at IS NULL
    AND (item.search @@ asked.words OR item.name %%> %(text)s)
    AND (%(location)s::text IS NULL OR location.slug = %(location)s)
ORDER BY (ts_rank(item.search, asked.words) + similarity(item.name, %(text)s))::numeric(12, 6) DESC, item.id DESC
"""


def menus(location: Any, arguments: Mapping[str, Any], world: World) -> list[Any]:
    today = world.instant.astimezone(ZoneInfo(location.timezone)).date()
    first = day(arguments.get("from")) or today
    last, channel = day(arguments.get("to")), arguments.get("channel")
    rows = world.once(("menus", location.pk), lambda: live(models.Menu.every.filter(location=location), "id"))
    kept = [
        menu
        for menu in rows
        if (menu.service_date is None or (menu.service_date >= first and (last is None or menu.service_date <= last)))
        and channel in (None, menu.channel)
    ]
    return sorted(kept, key=lambda menu: (menu.service_date is None, menu.service_date or first, menu.pk))


def day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def prices(item: Any, arguments: Mapping[str, Any], world: World) -> list[Any]:
    audience, channel = arguments.get("audience"), arguments.get("channel")
    rows = world.once(("offers", item.pk), lambda: live(models.Offer.every.filter(item=item), "id"))
    kept = [
        offer
        for offer in rows
        if (offer.valid_from is None or offer.valid_from <= world.instant)
        and (offer.valid_until is None or offer.valid_until > world.instant)
        and (audience is None or offer.audience in (None, audience))
        and (channel is None or offer.channel in (None, channel))
    ]
    return sorted(kept, key=lambda offer: (offer.audience is None, offer.audience or "", offer.pk))


def price(item: Any, arguments: Mapping[str, Any], world: World) -> Any:
    """Of those that hold where the item is sold: the viewer's audience before everyone, then the more specific one."""
    audience = world.viewer.facets.get("audience")
    audience = audience if audience in enums.Audience.__members__ else "GUESTS"
    channel = arguments.get("channel")
    kept = [
        offer
        for offer in prices(item, {"audience": audience}, world)
        if offer.location_id in (None, item.location_id) and offer.channel in (None, channel)
    ]
    return min(
        kept,
        key=lambda offer: (
            offer.audience is None,
            (offer.location_id is None, offer.location_id or 0),
            (offer.channel is None, offer.channel or ""),
            offer.pk,
        ),
        default=None,
    )


def translated(name: str) -> Callable[[Any, Mapping[str, Any], Any], Any]:
    """In the language asked for, else in that without its region, else in the item's own."""

    def value(item: Any, arguments: Mapping[str, Any], _: Any) -> Any:
        wanted = arguments.get("language")
        if wanted is None or wanted.lower() == item.language.lower():
            return getattr(item, name)
        texts = {tag.lower(): found for tag, found in item.translations.items()}
        for tag in (wanted.lower(), wanted.lower().split("-")[0]):
            if texts.get(tag, {}).get(name):
                return texts[tag][name]
        return getattr(item, name)

    return value


def money(name: str) -> Callable[[Any, Any, Any], Any]:
    """An amount of the offer with its currency; null where there is none."""

    def value(offer: Any, _: Any, world: Any) -> Any:
        amount = exact(name)(offer, {}, world)
        return None if amount is None else {"amount": amount, "currency": offer.currency}

    return value


def per_unit(offer: Any, arguments: Any, world: Any) -> Any:
    found = money("per_unit_amount")(offer, arguments, world)
    return None if found is None else {"money": found, "unit": offer.per_unit}


def section_items(section: Any, _: Any, world: World) -> list[Any]:
    placements = models.Placement.every.filter(section=section, item__deleted_at=None).select_related("item")
    return world.once(("items", section.pk), lambda: [row.item for row in live(placements, "position", "id")])  # type: ignore[no-any-return]


def item_sections(item: Any, _: Any, world: World) -> list[Any]:
    placements = models.Placement.every.filter(item=item, section__deleted_at=None).select_related("section")
    return world.once(("sections", item.pk), lambda: [row.section for row in live(placements, "position", "id")])  # type: ignore[no-any-return]


def menu_sections(menu: Any, _: Any, world: World) -> Any:
    rows = models.Section.every.filter(menu=menu)
    return world.once(("of menu", menu.pk), lambda: live(rows, "position", "id"))


def children(section: Any, _: Any, world: World) -> Any:
    rows = models.Section.every.filter(parent=section)
    return world.once(("children", section.pk), lambda: live(rows, "position", "id"))


def locations(_: Any, arguments: Mapping[str, Any], world: World) -> dict[str, Any]:
    rows = world.once("locations", lambda: live(models.Location.every, "name", "id"))
    return page("Query.locations", rows, arguments, world)


def search(_: Any, arguments: Mapping[str, Any], world: World) -> dict[str, Any]:
    wanted = arguments["text"].strip()
    if not 1 <= len(wanted) <= 200:
        raise Refused("text")
    place = arguments.get("location")

    def read() -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(SEARCH, {"text": wanted, "location": place})
            keys = [key for (key,) in cursor.fetchall()]
        rows = models.Item.every.in_bulk(keys)
        return [rows[key] for key in keys]

    if "\x00" in wanted or "\x00" in (place or ""):
        raise Refused("text that the store cannot hold")
    return page("Query.search", world.once(("search", wanted, place), read), arguments, world)


def location(_: Any, arguments: Mapping[str, Any], __: World) -> Any:
    if "\x00" in arguments["slug"]:
        raise Refused("text that the store cannot hold")
    return models.Location.every.filter(slug=arguments["slug"], deleted_at=None).first()


def of_kind(kind: str) -> Callable[[str, World], Any]:
    def value(text: str, world: World) -> Any:
        found = by_global_id(text, [kind], world)
        return None if found is None else found.value

    return value
