"""The line of a setting in a TOML file."""

from __future__ import annotations

import pytest

from gateway.reports.toml_places import line_of

TEXT = """\
# a comment = 1
[sources.bakery]
kind = "http_json"
limits = { attempts = 1 }

[sources.bakery.options.streams.products]
mode = "snapshot"
slo.price = { fresh = 1 }
[[sources.bakery.options.streams.products.documents]]
path = "a"
[[sources.bakery.options.streams.products.documents.records]]
key = "id"
[[sources.bakery.options.streams.products.documents]]  # the second
path = "b"
[[ sources."bakery".options.streams.products.documents.records ]]
key = "x"
[sources.bakery.options.streams.products.documents.records.fields]
"name" = "y"
[sources.bakery2]
kind = "eat_api"
"""
STREAM = "sources.bakery.options.streams.products"


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("sources.bakery", 2),
        ("sources.bakery.kind", 3),
        ("sources.bakery.url", 2),
        ("sources.bakery.limits.attempts", 4),
        (f"{STREAM}.mode", 7),
        (f"{STREAM}.slo.price.fresh", 8),
        (f"{STREAM}.documents[0].path", 10),
        (f"{STREAM}.documents[0].records[0].key", 12),
        (f"{STREAM}.documents[1].path", 14),
        (f"{STREAM}.documents[1].records[0].key", 16),
        (f"{STREAM}.documents[1].records[0].fields.name", 18),
        (f"{STREAM}.documents[1].records[0].when", 15),
        ("sources.bakery2.url", 19),
        ("elsewhere", None),
    ],
)
def test_the_line_of_a_place(place: str, line: int | None) -> None:
    assert line_of(TEXT, place) == line
