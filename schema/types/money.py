"""Money and prices."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import strawberry

from catalog.models import Offer
from loaders.directives.cache_control import INHERITED, CacheControl
from loaders.fields import column, embedded, embedding, larder_type
from schema.enums import Audience, Channel, TaxMode
from schema.scalars import CurrencyCode
from schema.types.freshness import Freshness, freshness_field
from schema.types.node import Node, node_id_field


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


@larder_type(
    Offer,
    name="Price",
    description="What an item costs. `money` and `perUnit` add up; with neither, the price is settled at the till.",
    directives=[CacheControl(max_age=10)],
)
class Price(Node):
    """A price."""

    id: strawberry.ID = node_id_field("Price")
    audience: Audience | None = column("Who it is for; null: everyone.")
    channel: Channel | None = column("The channel it is for; null: every one.")
    money: Money | None = embedded(
        Money, "The fixed part; null where there is none.", unless_null=["amount"], amount="amount", currency="currency"
    )
    original: Money | None = embedded(
        Money,
        "The fixed part before a reduction.",
        unless_null=["original_amount"],
        amount="original_amount",
        currency="currency",
    )
    per_unit: UnitPrice | None = embedded(
        UnitPrice,
        "The part that depends on how much is taken.",
        unless_null=["per_unit_amount"],
        money=embedding(Money, amount="per_unit_amount", currency="currency"),
        unit="per_unit",
    )
    tax_mode: TaxMode = column("Whether tax is included.")
    valid_from: datetime | None = column("Start of validity; null: always was.")
    valid_until: datetime | None = column("End of validity (exclusive); null: open.")
    freshness: Freshness = freshness_field()
