"""The directives of costs: how they are printed, and what no weight and no size can be."""

from __future__ import annotations

from typing import Any

import pytest
import strawberry

from loaders.connections import listed
from loaders.directives.cost import cost
from loaders.directives.list_size import ListSize, list_size, with_list_size
from loaders.fields import argument, lookup
from tests.library import fetches
from tests.library.schema import schema

IDS = argument("card_numbers", list[strawberry.ID], "Cards.")


def test_they_are_printed_as_the_specification_writes_them() -> None:
    @strawberry.type(directives=[cost(2.5)])
    class Query:
        page: int = strawberry.field(directives=[cost(3)])
        rows: list[int] = strawberry.field(directives=[list_size(7, by=["first"], of=["nodes"])])
        few: list[int] = strawberry.field(directives=[list_size(2)])

    printed = str(strawberry.Schema(Query))

    assert 'type Query @cost(weight: "2.5")' in printed
    assert 'page: Int! @cost(weight: "3")' in printed
    assert (
        'rows: [Int!]! @listSize(assumedSize: 7, slicingArguments: ["first"], sizedFields: ["nodes"],'
        " requireOneSlicingArgument: false)" in printed
    )
    assert "few: [Int!]! @listSize(assumedSize: 2)" in printed
    assert (
        "directive @cost(weight: String!) on"
        " ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR" in printed
    )


@pytest.mark.parametrize("weight", [-1, float("nan"), float("inf")])
def test_a_weight_is_a_number_from_0_on(weight: float) -> None:
    with pytest.raises(ValueError, match="from 0 on"):
        cost(weight)


def test_a_size_is_not_below_0() -> None:
    with pytest.raises(ValueError, match="-1"):
        list_size(-1)


def test_a_connection_has_the_size_of_its_page() -> None:
    assert sizes_of(listed(fetches.loans_by_time, "Loans.")) == [
        list_size(20, by=["first", "last"], of=["edges", "nodes"])
    ]


def test_a_lookup_by_a_list_has_the_size_of_the_list() -> None:
    assert sizes_of(lookup(fetches.reader_by_card, IDS, "Readers.")) == [list_size(by=["cardNumbers"])]
    assert sizes_of(lookup(fetches.reader_by_card, argument("card", str, "A card."), "A reader.")) == []


def test_a_lookup_by_a_list_that_may_be_null_has_its_size_too() -> None:
    key = argument("cards", list[strawberry.ID] | None, "Cards.", graphql_name="of")

    assert sizes_of(lookup(fetches.reader_by_card, key, "Readers.")) == [list_size(by=["of"])]


def test_a_size_that_is_declared_by_hand_counts() -> None:
    own = list_size(3)

    assert sizes_of(listed(fetches.loans_by_time, "Loans.", directives=[own])) == [own]
    assert with_list_size(list_size(1), {"directives": [cost(2)]})["directives"] == (cost(2), list_size(1))


def test_both_are_in_the_schema() -> None:
    printed = str(schema)

    assert ': LoanConnection! @listSize(assumedSize: 20, slicingArguments: ["first", "last"]' in printed
    assert ': [Reader]! @listSize(slicingArguments: ["cards"], requireOneSlicingArgument: false)' in printed


def sizes_of(field: Any) -> list[ListSize]:
    return [one for one in field.directives if isinstance(one, ListSize)]
