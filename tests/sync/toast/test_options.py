"""The options of a source of kind ``toast``."""

from __future__ import annotations

from typing import Any

import pytest

from sync.errors import SettingsError
from sync.settings import SourceSettings
from sync.sources import source_kind
from sync.sources.toast.options import Options
from tests.sync.toast.published import GUID, OTHER, settings


def test_a_guid_is_all_that_a_restaurant_needs() -> None:
    options = Options.read(settings())

    [restaurant] = options.restaurants
    assert (restaurant.guid, restaurant.name, restaurant.slug, restaurant.address) == (GUID, GUID, GUID, None)
    assert (options.currency, options.language) == ("USD", "en")


def test_a_restaurant_has_a_name_a_slug_and_an_address() -> None:
    told = {"guid": GUID, "name": "Grill", "slug": "grill", "address": "1 Main St"}

    [restaurant] = Options.read(settings(restaurants=[told])).restaurants

    assert (restaurant.name, restaurant.slug, restaurant.address) == ("Grill", "grill", "1 Main St")


@pytest.mark.parametrize(
    ("options", "place", "rule"),
    [
        ({"restaurants": []}, "restaurants", "must list at least one restaurant"),
        ({"restaurants": GUID}, "restaurants", "must list at least one restaurant"),
        ({"restaurants": ["grill"]}, "restaurants[0].guid", "must be a guid in lower case"),
        ({"restaurants": [GUID, 7]}, "restaurants[1]", "must be a table"),
        ({"restaurants": [{"name": "Grill"}]}, "restaurants[0].guid", "must be a guid in lower case"),
        ({"restaurants": [{"guid": GUID, "name": " "}]}, "restaurants[0].name", "must be text"),
        ({"restaurants": [{"guid": GUID, "slug": "a/b"}]}, "restaurants[0].slug", "must be letters, digits, - and _"),
        ({"restaurants": [{"guid": GUID, "city": "X"}]}, "restaurants[0]", "may hold only address, guid, name, slug"),
        ({"restaurants": [GUID, GUID]}, "restaurants", "must name each guid once"),
        ({"currency": "usd"}, "currency", "must be a code of ISO 4217"),
        ({"language": "english"}, "language", "must be a language tag (BCP 47) of at most 8 characters"),
        ({"channels": {"POS": "TABLE"}}, "channels.POS", "must be one of DELIVERY, PICKUP, DINE_IN"),
        ({"channels": {}}, "channels", "must not be empty"),
        ({"colour": "red"}, "", "may hold only channels, currency, language, restaurants"),
    ],
)
def test_a_bad_option_is_named(options: dict[str, Any], place: str, rule: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Options.read(settings(**options))

    assert caught.value.place == f"sources.toast.options.{place}".rstrip(".")
    assert caught.value.rule == rule


def test_what_the_rows_depend_on_is_part_of_their_reading() -> None:
    def reading(**options: Any) -> str:
        read = Options.read(settings(**options))
        return read.reading(read.restaurants[0])

    others: list[dict[str, Any]] = [
        {"currency": "CAD"},
        {"language": "fr"},
        {"channels": {"POS": "PICKUP"}},
        {"restaurants": [{"guid": GUID, "name": "Grill"}]},
        {"restaurants": [OTHER]},
    ]

    assert reading() == reading(restaurants=[GUID, OTHER])
    assert len({reading(), *(reading(**options) for options in others)}) == 6


def test_the_kind_keeps_to_the_published_limits() -> None:
    """20 requests in any second and 10,000 in any 15 minutes; menus once a second and restaurant."""
    kind = source_kind(SourceSettings("toast", "toast", "http://toast.example", options={"restaurants": [GUID]}))
    menus, every = kind.limits.rates

    assert every.burst + every.per_second <= 20
    assert every.burst + 900 * every.per_second <= 10_000
    assert (menus.path, menus.by, menus.per_second, menus.burst) == (
        "menus/v2/menus",
        "Toast-Restaurant-External-ID",
        1,
        1,
    )
