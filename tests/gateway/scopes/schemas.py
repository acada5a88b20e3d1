"""A schema with every place where scopes can stand, over rows made up on the spot."""

from __future__ import annotations

import enum
from typing import Annotated, NewType

import strawberry
from graphql import (
    FragmentDefinitionNode,
    OperationDefinitionNode,
    parse,
)
from strawberry.schema.config import StrawberryConfig

from gateway.scopes.needed import told
from gateway.scopes.policy import ScopePolicy
from gateway.scopes.required import Requirement, requirements
from loaders.directives.requires_scopes import requires_scopes

Iban = NewType("Iban", str)


@strawberry.enum(directives=[requires_scopes("grade")])
class Grade(enum.Enum):
    GOOD = "GOOD"


@strawberry.interface
class Named:
    name: str
    kind: str = strawberry.field(default="kind", directives=[requires_scopes("kind")])


@strawberry.type
class Shop(Named):
    kind: str = strawberry.field(default="shop", directives=[requires_scopes("kind"), requires_scopes("shop")])
    turnover: int = strawberry.field(default=1, directives=[requires_scopes("money", ["audit", "staff"])])


@strawberry.type
class Cart(Named):
    wheels: int = 4


@strawberry.interface(directives=[requires_scopes("ledger")])
class Entry:
    text: str = "entry"


@strawberry.type
class Sale(Entry):
    amount: int = 1


@strawberry.type(directives=[requires_scopes("vault")])
class Vault:
    gold: int = 1

    @strawberry.field
    def key(self) -> Key:
        return Key()


@strawberry.type
class Key:
    """Only vaults lead to it."""

    teeth: int = 7


@strawberry.type
class Guarded:
    """All of it needs something, though the type itself does not."""

    left: int = strawberry.field(default=1, directives=[requires_scopes("left")])
    right: int = strawberry.field(default=1, directives=[requires_scopes("right")])


@strawberry.input
class Filter:
    grade: Grade | None = None
    text: str = ""


Thing = Annotated[Shop | Vault | Cart, strawberry.union("Thing")]


@strawberry.type
class Query:
    @strawberry.field
    def open(self) -> str:
        return "open"

    @strawberry.field
    def named(self) -> list[Named]:
        return [Shop(name="a"), Cart(name="b")]

    @strawberry.field
    def things(self) -> list[Thing]:
        return [Shop(name="a"), Cart(name="b")]

    @strawberry.field
    def entries(self) -> list[Entry]:
        return [Sale()]

    @strawberry.field
    def vault(self) -> Vault:
        return Vault()

    @strawberry.field
    def guarded(self) -> Guarded:
        return Guarded()

    @strawberry.field
    def account(self) -> Iban:
        return Iban("DE00")

    @strawberry.field
    def graded(self, grade: Grade | None = None, text: str = "") -> str:
        return text

    @strawberry.field
    def must_grade(self, grade: Grade) -> str:
        return grade.value

    @strawberry.field
    def filtered(self, by: Filter | None = None) -> str:
        return "filtered"

    @strawberry.field(directives=[requires_scopes("chain")])  # type: ignore[untyped-decorator]
    def shop(self) -> Shop:
        return Shop(name="a")


SCHEMA = strawberry.Schema(
    query=Query,
    types=[Shop, Cart, Sale],
    config=StrawberryConfig(
        scalar_map={
            Iban: strawberry.scalar(name="Iban", serialize=str, parse_value=str, directives=[requires_scopes("iban")])
        }
    ),
)
POLICY = ScopePolicy(SCHEMA._schema)
SCOPES = sorted(POLICY.relevant)


def required(document: str, policy: ScopePolicy = POLICY) -> tuple[Requirement, ...]:
    """What the document's first operation needs."""
    definitions = parse(document).definitions
    fragments = {found.name.value: found for found in definitions if isinstance(found, FragmentDefinitionNode)}
    operation = next(found for found in definitions if isinstance(found, OperationDefinitionNode))
    return requirements(policy, operation, fragments)


def needs(document: str) -> dict[str, str]:
    """Coordinate -> what it needs, as a client is told."""

    return {found.coordinate: told(found.scopes) for found in required(document)}
