"""The shipped application: menus, prices, availability."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone

from catalog import models
from loaders.nodes import encode_id
from loaders.viewer import ANONYMOUS, Viewer
from schema.root import schema
from sync.rows import SyncedRow
from tests.equality.application import Application
from tests.equality.shelf import INSTANT, PLACES, Shelf
from tests.equality.stored import Stored

NODES: dict[str, type[SyncedRow]] = {
    "Location": models.Location,
    "Menu": models.Menu,
    "Section": models.Section,
    "Item": models.Item,
    "Price": models.Offer,
    "OptionGroup": models.ItemGroup,
    "Option": models.GroupOption,
}


MOMENTS = [
    (INSTANT + timedelta(minutes=minutes)).astimezone(zone).isoformat()
    for minutes in (-4 * 60, -61, 0, 1, 60, 61, 9 * 60, 30 * 60)
    for zone in (UTC, timezone(timedelta(hours=-3, minutes=-30)))
]


def fill() -> Stored:
    """Fill the shelf."""
    Shelf().fill()
    ids = {
        name: [encode_id(name, node_id) for node_id in model.every.order_by("id").values_list("node_id", flat=True)]
        for name, model in NODES.items()
    }
    slugs = [place["slug"] for place in PLACES]
    several = [*ids["Menu"], *ids["Section"], *ids["Item"], *ids["Location"]]
    several += [*ids["Price"][:20], *ids["OptionGroup"][:9], *ids["Option"][:9]]
    return Stored(
        {
            "Query.location.slug": slugs,
            "Query.search.location": slugs,
            "Item.price.location": slugs,
            "Item.prices.location": slugs,
            "Item.availability.location": slugs,
            "Option.price.location": slugs,
            "DateTime": MOMENTS,
            "Query.search.text": ["suppe", "lentil soup", "reis", "kasespatzle", "suppe -reis", '"mit Brot"', "frites"],
            "Query.menu.id": ids["Menu"],
            "Query.items.ids": [*ids["Item"], *ids["Item"], *ids["Location"][:2]],
            "ID": several,
            "LanguageCode": ["en", "de", "pt-BR", "en-GB", "PT-br", "de-AT", "fr"],
            "Date": [(INSTANT + timedelta(days=days)).date().isoformat() for days in (-30, -1, 0, 1, 2)],
        }
    )


DAMAGE = (
    "ALTER TABLE larder_item ALTER COLUMN name DROP NOT NULL",
    "ALTER TABLE larder_item ALTER COLUMN media DROP NOT NULL",
    "ALTER TABLE larder_item DROP CONSTRAINT larder_item_diets",
    "ALTER TABLE larder_confirmation ALTER COLUMN stale_for_seconds TYPE bigint",
    "ALTER TABLE larder_offer DROP CONSTRAINT larder_offer_audience",
    "ALTER TABLE larder_menu DROP CONSTRAINT larder_menu_channel",
    "ALTER TABLE larder_availability DROP CONSTRAINT larder_availability_state",
    "ALTER TABLE larder_option_group DROP CONSTRAINT larder_option_group_price_method",
    "UPDATE larder_option_group SET price_method = 'MEDIAN' WHERE id % 3 = 0",
    "UPDATE larder_item SET name = NULL WHERE id % 29 = 0",
    "UPDATE larder_item SET media = NULL WHERE id % 31 = 0",
    "UPDATE larder_item SET diets = '{VEGAN,PALEO}' WHERE id % 23 = 0",
    "UPDATE larder_confirmation SET stale_for_seconds = 2147483648 WHERE concern = 'price'",
    "UPDATE larder_offer SET audience = 'PENSIONERS' WHERE id % 41 = 0",
    "UPDATE larder_menu SET channel = 'DRONE' WHERE id % 17 = 0",
    "UPDATE larder_availability SET state = 'MAYBE' WHERE id % 19 = 0",
)

VIEWERS = (
    ANONYMOUS,
    *(Viewer("somebody", facets={"audience": audience}) for audience in ("STUDENTS", "STAFF", "students", "\0")),
)
APPLICATION = Application("shipped", schema, INSTANT, fill, DAMAGE, viewers=VIEWERS)
