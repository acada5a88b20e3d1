"""Choices that an item offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from catalog import models
from larder.freshness import Freshness, freshness_field
from loaders.directives.cache_control import CacheControl
from loaders.directives.list_size import list_size
from loaders.fields import column, computed, fetched, larder_type, resolved
from loaders.resolutions import Column
from resolvers.options import group_name, least, most, options_by_group_id
from resolvers.prices import price_by_option_id
from schema.enums import PriceMethod
from schema.types.money import ASKING_PRICE, LANGUAGE, Price
from schema.types.node import Node, node_id_field

if TYPE_CHECKING:
    from schema.types.item import Item


@larder_type(
    models.GroupOption,
    name="Option",
    description="An item that can be chosen in a group of options.",
    directives=[CacheControl(max_age=30)],
)
class Option(Node):
    """An option."""

    id: strawberry.ID = node_id_field("Option")
    item: Annotated[Item, strawberry.lazy("schema.types.item")] = column(
        "The item itself; it may offer choices of its own."
    )
    position: int = column("Its place in the group, from 0.")
    preselected: bool = column("Whether it is chosen unless something else is.")
    price: Price | None = fetched(
        price_by_option_id, "What it costs whoever asks as an option of this group, else by itself.", takes=ASKING_PRICE
    )
    freshness: Freshness = freshness_field()


@larder_type(
    models.ItemGroup,
    name="OptionGroup",
    description="A choice that comes with an item.",
    directives=[CacheControl(max_age=30)],
)
class OptionGroup(Node):
    """A group of options as one item offers it."""

    id: strawberry.ID = node_id_field("OptionGroup")
    name: str = computed(
        group_name,
        ["group__name", "group__language", "group__translations"],
        "What it is called.",
        takes=[LANGUAGE],
        plain="group__name",
    )
    least: int = computed(least, ["least", "group__least"], "How many options must be chosen at least.")
    most: int | None = computed(
        most, ["most", "most_overridden", "group__most"], "How many may be chosen at most; null: no limit."
    )
    price_method: PriceMethod = resolved(
        Column("group__price_method"), "How the prices of the chosen options enter the item's."
    )
    position: int = column("Its place among the item's groups, from 0.")
    options: list[Option] = fetched(options_by_group_id, "What can be chosen, in order.", directives=[list_size(8)])
    freshness: Freshness = freshness_field()
