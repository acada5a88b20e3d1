"""Every kind of node by the UUID of its global id."""

from __future__ import annotations

from catalog.models import GroupOption, Item, ItemGroup, Location, Menu, Offer, Section
from loaders.fetches import Fetch
from sync.rows import SyncedRow


def by_node_id(model: type[SyncedRow]) -> Fetch:
    """A live row of ``model`` by its node id."""
    return Fetch(
        name=f"{model.__name__.lower()}_by_node_id",
        model=model,
        parent_column="node_id",
        key_path="node_id",
        many=False,
        build=lambda _: model.objects.order_by("id"),
        heads=(model._meta.db_table,),
    )


location_by_node_id = by_node_id(Location)
menu_by_node_id = by_node_id(Menu)
section_by_node_id = by_node_id(Section)
item_by_node_id = by_node_id(Item)
offer_by_node_id = by_node_id(Offer)
item_group_by_node_id = by_node_id(ItemGroup)
group_option_by_node_id = by_node_id(GroupOption)
