"""The number of statements does not depend on the number of parents."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async

from loaders.recording import recording
from tests.library.asking import asking
from tests.library.shelves import Shelves

STATEMENTS = 40
"""One for each fetch, page and total below, and for a field over two tables one for each table."""

EVERYTHING = """
query ($cards: [ID!]!) {
  books(first: 100) { totalCount nodes {
    publisher { name catalogue(first: 2) { totalCount nodes { title } } }
    categories {
      parent { children { slug } } works { __typename title } newest { title } shelf(first: 1) { nodes { id } }
    }
    authors { biography { pages } fans { card } discs { title } }
    authorships { author { name } }
    copies { branch { copies { shelfmark } } }
    siblings(format: EBOOK) { title }
    bestCopy(branch: "B0") { wear }
    tornCopy { wear }
    lastBorrowers { id }
  } }
  readers(cards: $cards) {
    guarantor { card } wards { card } loans(states: [OUT]) { work { title } fine { amount } } overdue { id }
    history(first: 2) { totalCount nodes { at } } events { __typename } ledger { __typename }
  }
}
"""


@pytest.mark.parametrize("parents", [1, 10, 100])
async def test_statements_are_as_many_for_one_parent_as_for_a_hundred(database_url: str, parents: int) -> None:
    shelves = Shelves(books=max(parents * 7 // 6, 8), readers=parents + 4)
    await sync_to_async(shelves.fill)()

    async with asking(database_url) as ask:
        answered = await ask(
            EVERYTHING.replace("first: 100", f"first: {parents}"),
            cards=[f"R{number:03}" for number in range(4, parents + 4)],
        )

    assert not answered.errors
    assert len(answered.data["books"]["nodes"]) == parents
    assert len(answered.data["readers"]) == parents
    assert answered.statements <= STATEMENTS
    if parents > 1:
        assert answered.statements == STATEMENTS


async def test_every_statement_tells_which_fields_caused_it(library: str) -> None:
    async with asking(library) as ask:
        with recording() as made:
            answered = await ask(EVERYTHING, cards=["R001", "R002"])

    assert not answered.errors
    caused = [path for sent in made.statements for path in sent.paths]
    assert len(made.statements) == answered.statements
    assert all(sent.paths for sent in made.statements)
    assert sorted(path for path in caused if caused.count(path) > 1) == [
        *["books"] * 2,
        *["books.nodes[].categories[].newest"] * 2,
        *["books.nodes[].categories[].works"] * 2,
        *["books.nodes[].publisher.catalogue"] * 2,
        *["readers[].events"] * 2,
        *["readers[].history"] * 2,
        *["readers[].ledger"] * 2,
        *["readers[].loans[].work"] * 2,
    ], "two tables, or a page and its total"
