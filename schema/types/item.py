"""Anything sellable."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from catalog import models
from larder.freshness import Freshness, freshness_field
from loaders.connections import Connection, listed
from loaders.directives.cache_control import CacheControl
from loaders.directives.list_size import list_size
from loaders.fields import argument, column, computed, fetched, larder_type
from resolvers.availability import availability_by_item_id
from resolvers.items import description, name
from resolvers.offers import offers_by_item_id
from resolvers.options import groups_by_item_id
from resolvers.prices import price_by_item_id, price_changes
from schema.enums import Allergen, Audience, Channel, Diet
from schema.scalars import LanguageCode
from schema.types.availability import Availability
from schema.types.menu import Section
from schema.types.money import ASKING_PRICE, LANGUAGE, Price, PriceChange
from schema.types.node import Node, node_id_field
from schema.types.option import OptionGroup

if TYPE_CHECKING:
    from schema.types.location import Location

CHANNEL = argument("channel", Channel | None, "For this channel rather than for every one.")


@larder_type(models.Item, name="Item", description="Anything sellable.", directives=[CacheControl(max_age=30)])
class Item(Node):
    """An item."""

    id: strawberry.ID = node_id_field("Item")
    name: str = computed(
        name, ["name", "language", "translations"], "What it is called.", takes=[LANGUAGE], plain="name"
    )
    description: str | None = computed(
        description,
        ["description", "language", "translations"],
        "What it is.",
        takes=[LANGUAGE],
        plain="description",
    )
    language: LanguageCode = column("The language of its own name.")
    media: list[str] = column("URLs of pictures, best first.")
    allergens: list[Allergen] | None = column("Allergens; null: undeclared, empty: declared free of all of them.")
    diets: list[Diet] | None = column("Diets it suits; null: undeclared.")
    labels: list[str] = column("The supplier's own codes, in its order.")
    location: Annotated[Location, strawberry.lazy("schema.types.location")] | None = column(
        "Where it is sold; null when several locations share it."
    )
    sections: list[Section] = column("The sections it stands in.", directives=[list_size(2)])
    prices: list[Price] = fetched(
        offers_by_item_id,
        "Prices that hold at a moment, by audience, those for everyone last.",
        takes=[
            argument("audience", Audience | None, "Only prices for this audience and for everyone."),
            argument("channel", Channel | None, "Only prices for this channel and for every one."),
            argument("location", str | None, "Only prices at the location of this slug and at every one."),
            argument("at", datetime | None, "Prices that hold at this instant; now if absent."),
        ],
        directives=[list_size(4)],
    )
    price: Price | None = fetched(
        price_by_item_id,
        "What it costs whoever asks, at its location: the price for their audience, else the one for everyone.",
        takes=ASKING_PRICE,
    )
    price_history: Connection[PriceChange] = listed(
        price_changes,
        "What it has cost since it is known, the latest change first.",
        key="offer__item_id",
        takes=[
            argument("since", datetime | None, "Only changes from this instant on."),
            argument("audience", Audience | None, "Only prices for this audience and for everyone."),
        ],
    )
    option_groups: list[OptionGroup] = fetched(
        groups_by_item_id, "The choices that come with it, in order.", directives=[list_size(3)]
    )
    availability: Availability = fetched(
        availability_by_item_id,
        "Whether it can be had at its location.",
        takes=[CHANNEL, argument("location", str | None, "At the location of this slug rather than at its own.")],
    )
    freshness: Freshness = freshness_field()
