"""What groups of options mean, over model instances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog import models
from tests.equality.catalogue import cheapest, holding, named
from tests.equality.rows import live, one
from tests.equality.world import World


def groups(item: Any, _: Any, world: World) -> Any:
    rows = models.ItemGroup.every.filter(item=item, group__deleted_at=None)
    return world.once(("groups", item.pk), lambda: live(rows, "position", "id"))


def options(item_group: Any, _: Any, world: World) -> Any:
    rows = models.GroupOption.every.filter(group=item_group.group_id, item__deleted_at=None)
    return world.once(("options", item_group.group_id), lambda: live(rows, "position", "id"))


def group_name(item_group: Any, arguments: Mapping[str, Any], world: World) -> Any:
    return named(one("group")(item_group, {}, world), "name", arguments.get("language"))


def least(item_group: Any, _: Any, world: World) -> int:
    return int(one("group")(item_group, {}, world).least if item_group.least is None else item_group.least)


def most(item_group: Any, _: Any, world: World) -> Any:
    return item_group.most if item_group.most_overridden else one("group")(item_group, {}, world).most


def method(item_group: Any, _: Any, world: World) -> Any:
    return one("group")(item_group, {}, world).price_method


def price(option: Any, arguments: Mapping[str, Any], world: World) -> Any:
    """As an option of the group before as an item."""
    item = one("item")(option, {}, world)
    offers = [row for row in holding(item, arguments, world) if row.group_id in (None, option.group_id)]
    return cheapest(item, offers, arguments, world, first=lambda offer: (offer.group_id is None,))
