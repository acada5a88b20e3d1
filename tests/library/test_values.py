"""Every kind of column and computed field of the library, against Django's own model instances."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from asgiref.sync import sync_to_async

from tests.library import models
from tests.library.asking import asking
from tests.library.choices import Format
from tests.library.reading import enum_name, iso, on_books, plain
from tests.library.shelves import Shelves


async def test_every_column_of_a_book(library: str) -> None:
    found, expected = await on_books(
        library,
        "title subtitle publishedOn price weight keywords formats extras addedAt",
        lambda book: {
            "title": book.title,
            "subtitle": book.subtitle,
            "publishedOn": iso(book.published_on),
            "price": plain(book.price),
            "weight": book.weight,
            "keywords": book.keywords,
            "formats": book.formats and [enum_name(Format, name) for name in book.formats],
            "extras": book.extras,
            "addedAt": iso(book.added_at),
        },
    )

    # As text, since -0.0 == 0.0 and 1 == 1.0 == True.
    assert json.dumps(found) == json.dumps(expected)
    assert len(found) == 35
    assert {row["price"] for row in found} >= {"0E-10", "-0.5000000000", "1E-10", "100.0000000000", None}
    assert "-0.0" in {repr(row["weight"]) for row in found}
    assert {row["publishedOn"] for row in found} >= {"0001-01-01", "9999-12-31", None}
    assert [] in [row["keywords"] for row in found]
    assert {2**63 - 1, -(2**63)} <= {
        value
        for row in found
        if isinstance(row["extras"], dict)
        for value in row["extras"].values()
        if value != {} and isinstance(value, int)
    }


async def test_every_answer_can_be_written_as_json(library: str) -> None:
    found, _ = await on_books(library, "price weight keywords formats extras addedAt", lambda _: None)

    assert orjson.loads(orjson.dumps(found)) == found


async def test_computed_fields_with_arguments_lists_enums_and_nulls(library: str) -> None:
    def bulk(weight: float | None) -> str | None:
        return None if weight is None else "LIGHT" if weight < 0.2 else "HEAVY" if weight > 2 else "HANDY"

    def only_hardback(formats: list[str] | None) -> list[str] | None:
        return None if formats is None else ["HARDBACK"] if "hardback" in formats else []

    found, expected = await on_books(
        library,
        "publisherName bulk words(limit: 3) all: words boundAs none: boundAs(only: []) hard: boundAs(only: [HARDBACK]) "
        'extra(key: "key")',
        lambda book: {
            "publisherName": book.publisher and book.publisher.name,
            "bulk": bulk(book.weight),
            "words": f"{book.title} {book.subtitle or ''}".split()[:3],
            "all": f"{book.title} {book.subtitle or ''}".split(),
            "boundAs": book.formats
            and sorted(
                {enum_name(Format, name) for name in book.formats}, key=["EBOOK", "HARDBACK", "PAPERBACK"].index
            ),
            "none": None if book.formats is None else [],
            "hard": only_hardback(book.formats),
            "extra": book.extras.get("key") if isinstance(book.extras, dict) else None,
        },
    )

    assert found == expected
    assert {row["bulk"] for row in found} == {None, "LIGHT", "HANDY", "HEAVY"}


async def test_embedded_objects_are_null_where_all_of_them_is(library: str) -> None:
    def address(publisher: models.Publisher) -> Any:
        if publisher.street is None and publisher.city is None and publisher.country is None:
            return None
        street = publisher.street
        return {
            "street": None if street is None else {"name": street, "loudName": street.upper()},
            "city": publisher.city,
            "country": publisher.country,
        }

    found, expected = await on_books(
        library,
        "publisher { name foundedOn details address { street { name loudName } city country } }",
        lambda book: {
            "publisher": book.publisher
            and {
                "name": book.publisher.name,
                "foundedOn": iso(book.publisher.founded_on),
                "details": book.publisher.details,
                "address": address(book.publisher),
            }
        },
    )

    assert found == expected
    shapes = {
        (row["publisher"] or {}).get("address") and tuple((row["publisher"]["address"]).values())[1:] for row in found
    }
    assert shapes >= {None, ("Köln", None), ("Köln", "DE")}


async def test_big_integers_floats_and_forward_keys_of_a_disc(library: str) -> None:
    def expected() -> list[Any]:
        return [
            {
                "title": disc.title,
                "samples": str(disc.samples),
                "loudness": disc.loudness,
                "artist": disc.artist_id and models.Author._base_manager.get(pk=disc.artist_id).name,
            }
            for disc in models.Disc.objects.order_by("samples", "title", "id")
        ]

    async with asking(library) as ask:
        data = await ask.data("{ discs { nodes { title samples loudness artist { name } } } }")

    found = [{**node, "artist": node["artist"] and node["artist"]["name"]} for node in data["discs"]["nodes"]]
    assert json.dumps(found) == json.dumps(await sync_to_async(expected)())
    assert found[0]["samples"] == str(-(2**63))


async def test_resolvers_of_the_users_own_read_any_column_of_their_row(library: str) -> None:
    found, expected = await on_books(
        library,
        "spine blurb(times: 2)",
        lambda book: {"spine": f"{book.title} / {book.publisher_id}", "blurb": f"{book.title} {book.title}"},
    )

    assert found == expected


@pytest.mark.parametrize("seed", [1, 2])
async def test_shelves_are_the_same_every_time(library: str, seed: int) -> None:
    async with asking(library) as ask:
        answers = []
        for _ in range(2):
            await sync_to_async(Shelves(seed=seed).fill)()
            answers.append(
                await ask.data(
                    "{ books { nodes { id authors { name } copies { shelfmark } } } loans { nodes { id at } } }"
                )
            )

    assert answers[0] == answers[1]
