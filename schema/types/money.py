"""Money and prices."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import strawberry

from catalog import models
from larder.freshness import Freshness, freshness_field
from loaders.directives.cache_control import INHERITED, CacheControl
from loaders.fields import argument, column, embedded, embedding, larder_type, resolved
from loaders.resolutions import Column
from schema.enums import Audience, Channel, TaxMode
from schema.scalars import CurrencyCode, LanguageCode
from schema.types.node import Node, node_id_field

LANGUAGE = argument(
    "language", LanguageCode | None, "Falls back to the language without its region, then to the one it is in."
)
ASKING_PRICE = [
    argument("channel", Channel | None, "For this channel rather than for every one."),
    argument("for_audience", Audience | None, "For this audience rather than the viewer's.", graphql_name="audience"),
    argument("location", str | None, "At the location of this slug rather than at the item's own."),
    argument("at", datetime | None, "The price that holds at this instant; now if absent."),
]


@strawberry.type(description="An exact amount of a currency.", directives=[INHERITED])
class Money:
    """Money."""

    amount: Decimal = strawberry.field(description="The exact amount.")
    currency: CurrencyCode = strawberry.field(description="Its currency.")


@strawberry.type(description="A part of a price that depends on how much is taken.", directives=[INHERITED])
class UnitPrice:
    """A per-unit price."""

    money: Money = strawberry.field(description="Amount for one unit.")
    unit: str = strawberry.field(description="The unit, as the supplier writes it, e.g. `100g`.")


def money_field(description: str, column: str) -> Any:
    """An amount of the row at hand; null where there is none."""
    return embedded(Money, description, unless_null=[column], amount=column, currency="currency")


def per_unit_field() -> Any:
    """The per-unit part of the row at hand; null where there is none."""
    return embedded(
        UnitPrice,
        "The part that depends on how much is taken.",
        unless_null=["per_unit_amount"],
        money=embedding(Money, amount="per_unit_amount", currency="currency"),
        unit="per_unit",
    )


@larder_type(
    models.Offer,
    name="Price",
    description="What an item costs. `money` and `perUnit` add up; with neither, the price is settled at the till.",
    directives=[CacheControl(max_age=10)],
)
class Price(Node):
    """A price."""

    id: strawberry.ID = node_id_field("Price")
    audience: Audience | None = column("Who it is for; null: everyone.")
    channel: Channel | None = column("The channel it is for; null: every one.")
    money: Money | None = money_field("The fixed part; null where there is none.", "amount")
    original: Money | None = money_field("The fixed part before a reduction.", "original_amount")
    per_unit: UnitPrice | None = per_unit_field()
    tax_mode: TaxMode = column("Whether tax is included.")
    valid_from: datetime | None = column("Start of validity; null: always was.")
    valid_until: datetime | None = column("End of validity (exclusive); null: open.")
    freshness: Freshness = freshness_field()


@larder_type(
    models.PriceChange,
    name="PriceChange",
    description="What a price said from an instant on.",
    directives=[CacheControl(max_age=30)],
)
class PriceChange:
    """An entry of the price history."""

    recorded_at: datetime = column("Start of the sync that brought it.")
    withdrawn: bool = column("Whether the supplier took the price back.", name="deleted")
    audience: Audience | None = resolved(Column("offer__audience"), "Who the price is for; null: everyone.")
    channel: Channel | None = resolved(Column("offer__channel"), "The channel it is for; null: every one.")
    money: Money | None = money_field("The fixed part; null where there is none.", "amount")
    original: Money | None = money_field("The fixed part before a reduction.", "original_amount")
    per_unit: UnitPrice | None = per_unit_field()
