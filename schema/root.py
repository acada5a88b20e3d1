"""The root of the schema, and the schema itself."""

from __future__ import annotations

import strawberry
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig

from larder.freshness import SourceFreshness, sources_field
from loaders.connections import Connection, listed
from loaders.directives.cache_control import CacheControl
from loaders.directives.list_size import list_size
from loaders.fetches import Fetch
from loaders.fetching import NodeByArgument
from loaders.fields import argument, lookup, resolved
from loaders.nodes import uuid_of
from plans.executor import PlanExecutor
from resolvers.items import items_by_text
from resolvers.locations import location_by_slug, locations_by_name
from resolvers.nodes import (
    group_option_by_node_id,
    item_by_node_id,
    item_group_by_node_id,
    location_by_node_id,
    menu_by_node_id,
    offer_by_node_id,
    section_by_node_id,
)
from schema.scalars import SCALARS
from schema.types.item import Item
from schema.types.location import Location
from schema.types.menu import Menu, Section
from schema.types.money import Price
from schema.types.node import Node
from schema.types.option import Option, OptionGroup

NODES: dict[str, tuple[type, Fetch]] = {
    "Location": (Location, location_by_node_id),
    "Menu": (Menu, menu_by_node_id),
    "Section": (Section, section_by_node_id),
    "Item": (Item, item_by_node_id),
    "OptionGroup": (OptionGroup, item_group_by_node_id),
    "Option": (Option, group_option_by_node_id),
    "Price": (Price, offer_by_node_id),
}
"""The types that ``node`` finds, each with its fetch by UUID."""


@strawberry.type(description="Everything that can be read.")
class Query:
    """The root type."""

    location: Location | None = lookup(location_by_slug, argument("slug", str, "Its slug."), "A location by its slug.")
    locations: Connection[Location] = listed(
        locations_by_name, "Every location, by name.", directives=[CacheControl(max_age=30)]
    )
    menu: Menu | None = lookup(
        menu_by_node_id,
        argument("id", strawberry.ID, "Its global id."),
        "A menu by its global id.",
        read=uuid_of("Menu"),
    )
    items: list[Item | None] = lookup(
        item_by_node_id,
        argument("ids", list[strawberry.ID], "Global ids, any number of times each."),
        "Items by their global ids, in that order; null for an id that is not an item's.",
        read=uuid_of("Item"),
    )
    search: Connection[Item] = listed(
        items_by_text,
        "Items by their words or a similar name, best first.",
        takes=[
            argument("text", str, '1 to 200 characters; `"…"`, `or` and `-` as in web searches.'),
            argument("location", str | None, "Only at the location of this slug."),
        ],
        directives=[CacheControl(max_age=30)],
    )
    node: Node | None = resolved(
        NodeByArgument("id", NODES),
        "Anything by its global id; null for an id that is nobody's.",
        takes=[argument("id", strawberry.ID, "Its global id.")],
    )
    nodes: list[Node | None] = resolved(
        NodeByArgument("ids", NODES),
        "Anything by global ids, in that order; null for an id that is nobody's.",
        takes=[argument("ids", list[strawberry.ID], "Global ids.")],
        directives=[list_size(by=["ids"])],
    )
    freshness: list[SourceFreshness] = sources_field()


schema = strawberry.Schema(
    query=Query,
    extensions=[ParserCache, ValidationCache],
    execution_context_class=PlanExecutor,
    config=StrawberryConfig(scalar_map=SCALARS),
)
