"""What docs/suppliers/http-json.md shows is what happens."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sync.errors import SettingsError
from sync.runner import run_stream
from sync.runs import State
from sync.settings import SourceSettings, read_source
from sync.simulators.http import Answer, Exchange
from sync.sources.http_json.declared import read_streams
from sync.sources.http_json.functions import OWN_FUNCTIONS
from tests.sync.http_json.shop import Shop
from tests.sync.larder import Larder

PAGE = (Path(__file__).parents[3] / "docs" / "suppliers" / "http-json.md").read_text(encoding="utf-8")


@pytest.fixture
def bakery(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> SourceSettings:
    """The page's source, at a supplier that gives the page's answers."""
    shown = dict(re.findall(r"`GET /(.*?)`\n```json\n(.*?)```", PAGE, re.DOTALL))

    def answer(exchange: Exchange) -> Answer:
        if exchange.headers.get("x-api-key") != "secret":
            return Answer(401, b"{}")
        found = shown.get(exchange.target.removeprefix("/"))
        return Answer(200, found.encode(), {"Content-Type": "application/json"}) if found else Answer(404, b"{}")

    monkeypatch.setenv("BAKERY_KEY", "secret")
    shop.documents |= {address.partition("?")[0]: answer for address in shown}
    [text] = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    declared = tomllib.loads(text)["sources"]["bakery"]
    declared["options"]["allow_private"] = True
    return read_source("bakery", {**declared, "url": shop.url})


async def test_the_example_fills_the_store(larder: Larder, bakery: SourceSettings) -> None:
    reports = [await run_stream(bakery, stream) for stream in ("stores", "products", "stock")]

    assert [(report.state, report.quarantined, report.error) for report in reports] == [(State.PUBLISHED, 0, "")] * 3
    assert [report.inserted for report in reports] == [6, 12, 3]
    assert larder.items() == ["Plum cake", "Roll", "Rye bread"]
    assert larder.prices("Plum cake") == {"STAFF": (Decimal("2.50"), None, None), None: (Decimal("3.10"), None, None)}
    assert larder.rows(
        """SELECT i.name, a.state, a.until::text FROM larder_availability a JOIN larder_item i ON i.id = a.item_id
        ORDER BY 1"""
    ) == [
        ("Plum cake", "SOLD_OUT", "2026-03-05 05:30:00+00"),
        ("Roll", "AVAILABLE", None),
        ("Rye bread", "AVAILABLE", None),
    ]
    assert larder.rows("SELECT scope FROM larder_confirmation WHERE concern = 'price' ORDER BY 1") == [("1",), ("2",)]


async def test_a_second_run_of_the_example_writes_nothing(larder: Larder, bakery: SourceSettings) -> None:
    streams = ("stores", "products", "stock")
    for stream in streams:
        await run_stream(bakery, stream)

    reports = [await run_stream(bakery, stream) for stream in streams]

    assert [(report.state, report.changed) for report in reports] == [(State.PUBLISHED, 0)] * 3


def test_every_function_is_documented() -> None:
    tables = PAGE.partition("## Expressions")[2].partition("## An application")[0]
    cells = re.findall(r"^\| (`.*?) \|", tables, re.MULTILINE)
    named = {name for cell in cells for name in re.findall(r"\b([a-z_]+)\(", cell)}

    assert named == {*OWN_FUNCTIONS}


@pytest.mark.parametrize(
    ("heading", "unknown"),
    [
        ("## The tables of a source", {"x": 1}),
        ("### A stream", {"streams": {"a": {"x": 1}}}),
        ("### A document", {"streams": {"a": {"mode": "delta", "documents": [{"x": 1}]}}}),
        ("### A record", {"streams": {"a": {"mode": "delta", "documents": [{"records": [{"x": 1}]}]}}}),
        (
            "### Since",
            {"streams": {"a": {"mode": "delta", "documents": [{"path": "a", "since": {"x": 1}}]}}},
        ),
        ("### Paging", {"streams": {"a": {"mode": "delta", "documents": [{"path": "a", "paging": {"x": 1}}]}}}),
    ],
)
def test_every_name_is_documented(heading: str, unknown: dict[str, Any]) -> None:
    section = re.split(r"\n##", PAGE.partition(heading)[2])[0]
    cells = re.findall(r"^\| (`.*?) \|" if heading != "### Paging" else r"^(\| `.*? \|.*?\|)", section, re.MULTILINE)
    named = {name for cell in cells for name in re.findall(r"`([a-z_]+)(?:\.NAME)?`", cell)}

    with pytest.raises(SettingsError) as caught:
        read_streams(SourceSettings("shop", "http_json", "https://shop.example", unknown))

    known = set(caught.value.rule.removeprefix("may hold only ").split(", "))
    if heading == "### Paging":
        named -= {"none", "cursor", "page", "offset", "link", "null", "false"}
        known -= {"pages"}
    assert named == known
