"""Shelves of the library whose every value says which transaction wrote it, and what a gateway has to show of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.acceptance.truth.asking import Question

TITLES = ("a", "b", "c")


@dataclass(frozen=True, slots=True)
class Volume:
    """A book. listed: whether it stands in the shelf's category. copies: their shelfmarks."""

    title: str
    subtitle: str
    listed: bool
    copies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    """A category with its books, and a reader with fines; all fines of the library may be gone."""

    slug: str
    name: str
    reader: str
    volumes: tuple[Volume, ...]
    fines: tuple[str, ...]

    def boundaries(self) -> Sequence[float]:
        """Nothing happens to it by the clock."""
        return ()

    def with_volume(self, at: int, **changes: Any) -> Shelf:
        return replace(
            self,
            volumes=tuple(replace(one, **changes) if place == at else one for place, one in enumerate(self.volumes)),
        )


def books(shelf: Shelf, _: float) -> Any:
    listed = [one for one in shelf.volumes if one.listed]
    shown = [
        {"title": one.title, "subtitle": one.subtitle, "copies": [{"shelfmark": mark} for mark in one.copies]}
        for one in listed
    ]
    return {"name": shelf.name, "books": shown}


def page(shelf: Shelf, _: float) -> Any:
    titles = [{"title": one.title} for one in shelf.volumes if one.listed]
    return {"shelf": {"totalCount": len(titles), "nodes": titles}}


def works(shelf: Shelf, _: float) -> Any:
    return {"works": [{"title": one.title} for one in shelf.volumes if one.listed]}


def names(shelf: Shelf, _: float) -> Any:
    return {"name": shelf.name}


def subtitles(shelf: Shelf, _: float) -> Any:
    return [{"subtitle": one.subtitle} for one in shelf.volumes]


def ledger(shelf: Shelf, _: float) -> Any:
    return {"name": shelf.reader, "ledger": [{"amount": amount} for amount in shelf.fines]}


BY_SLUG = {
    "books": ("name books { title subtitle copies { shelfmark } }", books),
    "page": ("shelf(first: 10) { totalCount nodes { title } }", page),
    "works": ("works { title }", works),
    "name": ("name", names),
}
BY_CARD = "query Ledger($card: ID!) { reader(card: $card) { name ledger { ... on Fine { amount } } } }"
BY_TITLE = "query Found($starts: String!) { books(starts: $starts, first: 10) { nodes { subtitle } } }"


def questions(slugs: Sequence[str]) -> list[Question]:
    """Everything that is asked about these shelves."""
    return [
        *(by_slug(name, slug) for name in BY_SLUG for slug in slugs),
        *(
            Question(f"ledger {slug}", BY_CARD, {"card": slug}, lambda data, slug=slug: {slug: data["reader"]}, ledger)  # type: ignore[misc]
            for slug in slugs
        ),
        *(
            Question(
                f"found {slug}",
                BY_TITLE,
                {"starts": slug},
                lambda data, slug=slug: {slug: data["books"]["nodes"]},  # type: ignore[misc]
                subtitles,
            )
            for slug in slugs
        ),
        Question(
            "names",
            "{ categories { slug name } }",
            {},
            lambda data: {one["slug"]: {"name": one["name"]} for one in data["categories"]},
            names,
        ),
    ]


def by_slug(name: str, slug: str) -> Question:
    selection, shown = BY_SLUG[name]
    document = f"query {name.title()}($slug: String!) {{ category(slug: $slug) {{ {selection} }} }}"
    return Question(f"{name} {slug}", document, {"slug": slug}, lambda data: {slug: data["category"]}, shown)
