"""Menus and their sections."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry

from catalog import models
from larder.freshness import Freshness, freshness_field
from loaders.directives.cache_control import CacheControl
from loaders.directives.list_size import list_size
from loaders.fields import column, fetched, larder_type
from resolvers.schedules import schedule_by_id
from schema.enums import Channel
from schema.types.node import Node, node_id_field
from schema.types.schedule import AT, Schedule

if TYPE_CHECKING:
    from schema.types.item import Item
    from schema.types.location import Location


@larder_type(models.Section, name="Section", description="A heading in a menu.", directives=[CacheControl(max_age=30)])
class Section(Node):
    """A section."""

    id: strawberry.ID = node_id_field("Section")
    name: str = column("What it is called.")
    position: int = column("Its place in the menu, from 0.")
    menu: Menu = column("The menu it belongs to.")
    parent: Section | None = column("The section above it; null at the top.")
    children: list[Section] = column("The sections below it, in their order.", directives=[list_size(5)])
    items: list[Annotated[Item, strawberry.lazy("schema.types.item")]] = column(
        "What stands in it, in the menu's order.", directives=[list_size(10)]
    )
    schedule: Schedule | None = fetched(schedule_by_id, "When it is served; null: whenever its menu is.", takes=[AT])


@larder_type(
    models.Menu,
    name="Menu",
    description="What a location sells through one channel.",
    directives=[CacheControl(max_age=30)],
)
class Menu(Node):
    """A menu."""

    id: strawberry.ID = node_id_field("Menu")
    name: str = column("What it is called.")
    channel: Channel = column("The channel it is for.")
    service_date: date | None = column("The day it is for; null: any day.")
    location: Annotated[Location, strawberry.lazy("schema.types.location")] = column("Where it is served.")
    sections: list[Section] = column(
        "Its sections, in their order; every level of a nested menu.", directives=[list_size(5)]
    )
    schedule: Schedule | None = fetched(schedule_by_id, "When it is served; null: always.", takes=[AT])
    freshness: Freshness = freshness_field()
