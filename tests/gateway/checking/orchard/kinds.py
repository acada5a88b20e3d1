"""What is shown of the tables. The comments say which codes are found at a line."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

import strawberry
from strawberry import BasePermission
from strawberry.extensions import FieldExtension

from larder.graphql import Connection, argument, column, computed, embedded, fetched, larder_type, list_size, listed
from tests.gateway.checking.orchard import fetches, models


class Nobody(BasePermission):
    def has_permission(self, source: Any, info: Any, **_: Any) -> bool:
        return False


class Loud(FieldExtension):
    """Changes nothing."""


@strawberry.enum
class Colour(enum.Enum):  # finds W302
    RED = "red"
    GREEN = "green"


@strawberry.interface(description="What grows.")
class Growing:
    id: strawberry.ID  # finds W303


@strawberry.type(description="How much there is of it.")
class Size:
    grams: int = strawberry.field(description="Its weight.")

    @strawberry.field(description="The same in pounds.")  # type: ignore[untyped-decorator]
    def pounds(self) -> float:  # finds W101
        return self.grams / 453.6


def ripe(colour: str, *, instant: datetime) -> bool:
    return colour == "red" and instant.month > 6


@larder_type(models.Label, name="Label")
class Label:  # finds W302
    text: str = column("What it says.")


@larder_type(models.Basket, name="Basket", description="A basket.")
class Basket:
    sold_at: datetime = column("When it was sold.")


@larder_type(models.Apple, name="Apple", description="An apple.")
class Apple(Growing):
    id: strawberry.ID = column("Its number.")
    colour: Colour = column("Its colour.")
    weight: int  # finds W303
    secret: int = column("Nobody sees it.", name="weight", permission_classes=[Nobody])  # finds W101
    loud: int = column("It is shouted.", name="place", extensions=[Loud()])  # finds W101
    tree: Tree = column("Where it grew.")
    size: Size = embedded(Size, "How much it is.", grams="weight")
    ripe: bool = computed(ripe, ["colour"], "Whether it can be eaten.", reads_instant=True)  # finds W103
    baskets: list[Basket] = column("Where it lies.")  # finds W301
    sold: list[Basket] = fetched(fetches.sold_baskets, "Those that are sold.", directives=[list_size(2)])
    alike: list[Apple] = fetched(fetches.apples_by_colour, "Of its colour.", directives=[list_size(4)])
    lighter: list[Apple] = fetched(fetches.apples_by_weight, "Of its colour.", directives=[list_size(4)])
    heavy: list[Apple] = fetched(  # finds W301
        fetches.heavy_apples, "Of its colour.", takes=[argument("least", int | None, "Grams.")]
    )
    some: list[Apple] = fetched(
        fetches.first_apples, "Of its colour.", takes=[argument("first", int | None, "At most so many.")]
    )
    different: list[Apple] = fetched(fetches.distinct_apples, "Any.", directives=[list_size(4)])  # finds W101
    another: Apple | None = fetched(fetches.any_apple, "Of its colour.")
    pages: Connection[Apple] = listed(fetches.apples_of_colour, "Of its colour.", key="colour", parent="colour")
    places: Connection[Apple] = listed(fetches.apples_in_places, "Of its colour.", key="colour", parent="colour")

    @strawberry.field(description="What it would say.")  # type: ignore[untyped-decorator]
    async def says(self) -> str:  # finds W101
        return "crunch"


@larder_type(models.Tree, name="Tree", description="A tree.")
class Tree(Growing):
    id: strawberry.ID = column("Its number.")
    label: str = column("Its label.")
    apples: list[Apple] = column("What grew on it.", directives=[list_size(100)])
    relatives: list[Tree] = fetched(fetches.trees_by_kind, "Of its kind.", directives=[list_size(4)])
    sold: list[Basket] = fetched(  # finds W301
        fetches.baskets_of_owner,
        "What its owner sold.",
        takes=[argument("until", datetime | None, "Until then."), argument("first", int | None, "So many.")],
    )
    twins: Connection[Tree] = listed(fetches.trees_of_label, "Of its label.", key="label", parent="label")
    sales: Connection[Basket] = listed(fetches.baskets_by_sale, "What its owner sold.", key="owner", parent="height")
    labels: Connection[Label] = listed(fetches.labels, "What its owner wrote.", key="basket__owner", parent="height")
