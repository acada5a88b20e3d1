"""Places that sell."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import strawberry

from catalog import models
from larder.freshness import Freshness, freshness_field
from loaders.directives.cache_control import CacheControl
from loaders.directives.list_size import list_size
from loaders.fields import argument, column, computed, embedded, fetched, larder_type
from resolvers.availability import until, until_changes_at
from resolvers.locations import menus_by_location_id
from resolvers.schedules import opening_by_location_id, schedule_by_id
from schema.enums import Channel
from schema.scalars import CurrencyCode
from schema.types.menu import Menu
from schema.types.money import Money
from schema.types.node import Node, node_id_field
from schema.types.schedule import AT, Opening, Schedule


@larder_type(models.Location, name="Location", description="A place that sells.", directives=[CacheControl(max_age=30)])
class Location(Node):
    """A location."""

    id: strawberry.ID = node_id_field("Location")
    slug: str = column("Its name in URLs, unique.")
    name: str = column("What it is called.")
    address: str | None = column("Postal address on one line.")
    latitude: Decimal | None = column("Degrees north (WGS 84).")
    longitude: Decimal | None = column("Degrees east (WGS 84).")
    timezone: str = column("IANA time zone, e.g. `Europe/Berlin`.")
    currency: CurrencyCode = column("The currency it sells in.")
    accepting: bool = column("Whether it takes orders at all.")
    paused_until: datetime | None = computed(
        until,
        ["paused_until"],
        "When a pause ends; null: not paused.",
        reads_instant=True,
        changes_at=until_changes_at,
    )
    opening: Opening = fetched(opening_by_location_id, "Whether it is open, its pause included.", takes=[AT])
    hours: Schedule | None = fetched(schedule_by_id, "Its opening hours; null: nobody told.", takes=[AT])
    item_count: int = column("Items on its menus of today and later, as of the last change.")
    sold_out_count: int = column("How many of them are sold out, as of the last change.")
    lowest_price: Money | None = embedded(
        Money,
        "The least that one of them costs a guest, as of the last change; null where none has one fixed price.",
        unless_null=["lowest_price"],
        amount="lowest_price",
        currency="currency",
    )
    menus: list[Menu] = fetched(
        menus_by_location_id,
        "Menus by service date, undated ones last; from the location's own today on unless `from` says otherwise.",
        takes=[
            argument("from_", date | None, "First service date; today at the location if absent.", graphql_name="from"),
            argument("to", date | None, "Last service date; open if absent."),
            argument("channel", Channel | None, "Only menus of this channel."),
            argument("served_at", datetime | None, "Only menus that are served at this instant."),
        ],
        directives=[list_size(10)],
    )
    freshness: Freshness = freshness_field()
