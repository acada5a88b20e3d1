"""What the shipped schema's lists, texts and amounts mean, over model instances."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from catalog import models
from schema import enums
from tests.equality.hours import asked, in_force
from tests.equality.plain import Refused
from tests.equality.rows import by_global_id, exact, live, one
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
    served = None if arguments.get("servedAt") is None else asked(arguments, world, "servedAt")
    rows = world.once(("menus", location.pk), lambda: live(models.Menu.every.filter(location=location), "id"))
    kept = [
        menu
        for menu in rows
        if (menu.service_date is None or (menu.service_date >= first and (last is None or menu.service_date <= last)))
        and channel in (None, menu.channel)
        and (served is None or in_force(menu, served, world))
    ]
    return sorted(kept, key=lambda menu: (menu.service_date is None, menu.service_date or first, menu.pk))


def day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def holding(item: Any, arguments: Mapping[str, Any], world: World) -> list[Any]:
    """Every live offer of the item that holds at the instant that is asked about."""
    at = asked(arguments, world)
    rows = world.once(("offers", item.pk), lambda: live(models.Offer.every.filter(item=item), "id"))
    return [
        offer
        for offer in rows
        if (offer.valid_from is None or offer.valid_from <= at)
        and (offer.valid_until is None or offer.valid_until > at)
        and in_force(offer, at, world)
    ]


def here(offer: Any, slug: str, world: World) -> bool:
    """Whether an offer holds everywhere, or at the location of that slug."""
    return offer.location_id is None or one("location")(offer, {}, world).slug == slug


def prices(item: Any, arguments: Mapping[str, Any], world: World) -> list[Any]:
    storable(arguments)
    audience, channel, slug = (arguments.get(name) for name in ("audience", "channel", "location"))
    kept = [
        offer
        for offer in holding(item, arguments, world)
        if offer.group_id is None
        and (audience is None or offer.audience in (None, audience))
        and (channel is None or offer.channel in (None, channel))
        and (slug is None or here(offer, slug, world))
    ]
    return sorted(kept, key=lambda offer: (offer.audience is None, offer.audience or "", offer.pk))


def storable(arguments: Mapping[str, Any]) -> None:
    if "\x00" in (arguments.get("location") or ""):
        raise Refused("text that the store cannot hold")


def price(item: Any, arguments: Mapping[str, Any], world: World) -> Any:
    offers = [offer for offer in holding(item, arguments, world) if offer.group_id is None]
    return cheapest(item, offers, arguments, world, first=lambda _: ())


def cheapest(
    item: Any, offers: list[Any], arguments: Mapping[str, Any], world: World, first: Callable[[Any], tuple[Any, ...]]
) -> Any:
    """The one that holds: ``first``, then the audience's before everyone's, then the more specific one."""
    storable(arguments)
    facet = world.viewer.facets.get("audience")
    audience = arguments.get("audience") or (facet if facet in enums.Audience.__members__ else "GUESTS")
    channel, slug = arguments.get("channel"), arguments.get("location")
    kept = [
        offer
        for offer in offers
        if offer.audience in (None, audience)
        and offer.channel in (None, channel)
        and (here(offer, slug, world) if slug is not None else offer.location_id in (None, item.location_id))
    ]
    return min(
        kept,
        key=lambda offer: (
            *first(offer),
            offer.audience is None,
            (offer.location_id is None, offer.location_id or 0),
            (offer.channel is None, offer.channel or ""),
            (offer.schedule_id is None, offer.schedule_id or 0),
            offer.pk,
        ),
        default=None,
    )


def price_history(item: Any, arguments: Mapping[str, Any], world: World) -> dict[str, Any]:
    """The latest first, those of withdrawn offers too."""
    rows = world.once(
        ("changes", item.pk),
        lambda: list(
            models.PriceChange.objects.filter(offer__item=item, offer__group=None)
            .order_by("-recorded_at", "-id")
            .select_related("offer")
        ),
    )
    since, audience = arguments.get("since"), arguments.get("audience")
    kept = [
        change
        for change in rows
        if (since is None or change.recorded_at >= asked(arguments, world, "since"))
        and (audience is None or change.offer.audience in (None, audience))
    ]
    return page("Item.priceHistory", kept, arguments, world)


def translated(name: str) -> Callable[[Any, Mapping[str, Any], Any], Any]:
    return lambda item, arguments, _: named(item, name, arguments.get("language"))


def named(row: Any, name: str, wanted: str | None) -> Any:
    """In the language asked for, else in that without its region, else in the row's own."""
    if wanted is None or wanted.lower() == row.language.lower():
        return getattr(row, name)
    texts = {tag.lower(): found for tag, found in row.translations.items()}
    for tag in (wanted.lower(), wanted.lower().split("-")[0]):
        if texts.get(tag, {}).get(name):
            return texts[tag][name]
    return getattr(row, name)


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
