"""Anything sellable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from catalog import models
from loaders.directives.cache_control import CacheControl
from loaders.directives.list_size import list_size
from loaders.fields import argument, column, computed, fetched, larder_type
from resolvers.availability import availability_by_item_id
from resolvers.items import description, name
from resolvers.offers import offers_by_item_id
from resolvers.prices import price_by_item_id
from schema.enums import Allergen, Audience, Channel, Diet
from schema.scalars import LanguageCode
from schema.types.availability import Availability
from schema.types.freshness import Freshness, freshness_field
from schema.types.menu import Section
from schema.types.money import Price
from schema.types.node import Node, node_id_field

if TYPE_CHECKING:
    from schema.types.location import Location

LANGUAGE = argument(
    "language", LanguageCode | None, "Falls back to the language without its region, then to the item's own."
)


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
        "Prices valid at this moment, by audience, those for everyone last.",
        takes=[
            argument("audience", Audience | None, "Only prices for this audience and for everyone."),
            argument("channel", Channel | None, "Only prices for this channel and for every one."),
        ],
        directives=[list_size(4)],
    )
    price: Price | None = fetched(
        price_by_item_id,
        "What it costs whoever asks, at its location: the price for their audience, else the one for everyone.",
        takes=[argument("channel", Channel | None, "For this channel rather than for every one.")],
    )
    availability: Availability = fetched(
        availability_by_item_id,
        "Whether it can be had at its location.",
        takes=[argument("channel", Channel | None, "For this channel rather than for every one.")],
    )
    freshness: Freshness = freshness_field()
