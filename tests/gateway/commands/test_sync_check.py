"""``larder sync check FILE``: real suppliers, with and without a store."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from io import StringIO
from pathlib import Path

import pytest
import typer
from rich.console import Console

from gateway.commands.sync_check import check as check_command
from gateway.errors import GatewayError
from gateway.reports.checking import check_sources
from sync.runner import run_stream
from sync.runs import State
from sync.settings import read_sources
from tests.sync.http_json.shop import Shop, open_shop
from tests.sync.larder import Larder

LARDER = Path(sys.executable).with_name("larder")
FILE = """
[sources.bakery]
kind = "http_json"
url = "{url}"
limits = {{ attempts = 1 }}

[sources.bakery.options]
allow_private = true

[sources.bakery.options.streams.products]
mode = "snapshot"
concerns = ["menu", "price"]

[[sources.bakery.options.streams.products.documents]]
name = "products"
path = "products"
items = "data"

[[sources.bakery.options.streams.products.documents.records]]
kind = "item"
key = "id"
[sources.bakery.options.streams.products.documents.records.fields]
name = "title"
language = "'de'"

[[sources.bakery.options.streams.products.documents.records]]
kind = "offer"
key = "id"
when = "price"
[sources.bakery.options.streams.products.documents.records.fields]
item = "of || id"
currency = "'EUR'"
amount = "price"
"""


@pytest.fixture
def larder(store: str) -> Larder:
    return Larder(store)


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with open_shop() as found:
        yield found


@pytest.fixture
def file(shop: Shop, tmp_path: Path) -> Path:
    shop.documents["products"] = {"data": [{"id": 1, "title": "Brot", "price": 4.10}, {"id": 2, "title": "Kuchen"}]}
    path = tmp_path / "bakery.toml"
    path.write_text(FILE.format(url=shop.url))
    return path


async def check(file: Path, stream: str | None = None, limit: int = 5) -> tuple[bool, str]:
    """Whether all is well, and what is printed."""
    console = Console(file=StringIO(), soft_wrap=True, highlight=False, markup=False, width=160)
    well = await check_sources(console, file, list(read_sources(file, "").values()), stream, limit)
    return well, console.file.getvalue()  # type: ignore[attr-defined]


async def command(file: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    """Exit code and output of a process."""
    process = await asyncio.create_subprocess_exec(
        LARDER,
        "sync",
        "check",
        str(file),
        *arguments,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


def cells(output: str, kind: str) -> list[str]:
    """The cells of the row of counts about a kind."""
    [row] = re.findall(rf"^ +{kind} +([\d ]+)$", output, re.MULTILINE)
    found: list[str] = row.split()
    return found


async def test_it_shows_what_would_be_written_and_writes_nothing(larder: Larder, file: Path, shop: Shop) -> None:
    well, output = await check(file)

    assert well, output
    assert "bakery/products: 1 documents, 0 failed" in output
    assert cells(output, "item") == ["2", "0", "2", "0", "0", "0"]
    assert cells(output, "offer") == ["1", "0", "1", "0", "0", "0"]
    assert re.search(r"key +name +language", output)
    assert re.search(r"1 +Brot +de", output)
    assert output.rstrip().endswith("all of it is well; nothing was written")
    assert larder.items() == []
    assert larder.value("SELECT count(*) FROM larder_sync_run") == 0


async def test_it_compares_with_what_the_store_holds(larder: Larder, file: Path, shop: Shop) -> None:
    report = await run_stream(read_sources(file, "")["bakery"], "products")
    assert report.state is State.PUBLISHED
    shop.documents["products"] = {
        "data": [{"id": 1, "title": "Bread", "price": 4.10}, {"id": 3, "title": "Torte", "price": 1, "weight": 3}]
    }

    well, output = await check(file)

    assert well, output
    assert cells(output, "item") == ["2", "0", "1", "1", "0", "1"]
    assert cells(output, "offer") == ["2", "0", "1", "0", "1", "0"]
    assert "unread: products: weight" in output
    assert larder.items() == ["Brot", "Kuchen"]


async def test_the_command_needs_no_store(file: Path) -> None:
    code, output = await command(file, LARDER_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none", LARDER_REDIS_URL="")

    assert code == 0, output
    assert cells(output, "item") == ["2", "0"]
    assert "not compared: no store answers" in output


async def test_it_names_every_row_that_would_be_refused(larder: Larder, file: Path, shop: Shop) -> None:
    shop.documents["products"] = {
        "data": [
            {"id": 1, "title": 5},
            {"id": 2, "title": "a", "price": -1},
            {"id": 3, "title": "b", "price": 1, "of": "x"},
            {"id": 4, "title": "c"},
            {"id": 4, "title": "d"},
        ]
    }

    well, output = await check(file)

    assert not well
    assert "error: item 1: name must have its documented type: expected str, got int: 5" in output
    assert "error: offer 2: amount must not be negative: -1" in output
    assert "error: offer 3: item must be a known item: x" in output
    assert "error: item 4: records of one key must agree: 4" in output
    assert cells(output, "item") == ["2", "2", "2", "0", "0", "0"]
    assert output.rstrip().endswith("4 errors; nothing was written")


async def test_a_document_that_cannot_be_had_is_an_error(larder: Larder, file: Path, shop: Shop) -> None:
    del shop.documents["products"]

    well, output = await check(file)

    assert not well
    assert "error: document products: the document must exist: 404" in output


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        (
            'items = "data"',
            'items = "data["',
            17,
            "sources.bakery.options.streams.products.documents[0].items must be a",
        ),
        ('name = "title"', "", 22, "records[0].fields must hold name too"),
        ('amount = "price"', 'amunt = "price"', 30, "records[1].fields may hold only"),
        ('mode = "snapshot"', 'mode = "full"', 11, "mode must be one of snapshot, delta, sparse (got 'full')"),
    ],
)
async def test_a_wrong_setting_is_named_with_its_line(
    larder: Larder, file: Path, old: str, new: str, line: int, message: str
) -> None:
    rewrite(file, old, new)

    well, output = await check(file)

    assert not well
    assert f"error: {file}:{line}: " in output
    assert message in output


async def test_a_private_address_is_an_error(larder: Larder, file: Path) -> None:
    rewrite(file, "allow_private = true", "")

    well, output = await check(file)

    assert not well
    assert "error: document products: a supplier must have a public address" in output


async def test_a_stream_that_does_not_exist_is_named(larder: Larder, file: Path) -> None:
    with pytest.raises(GatewayError, match="bakery has no stream 'x'; there are: products"):
        await check(file, "x")


async def test_rows_are_shown_up_to_the_limit(larder: Larder, file: Path) -> None:
    _, none = await check(file, limit=0)
    _, one = await check(file, limit=1)

    assert "first rows" not in none
    assert "Brot" in one
    assert "Kuchen" not in one


async def test_the_command_fails_for_a_row_that_would_be_refused(larder: Larder, file: Path, shop: Shop) -> None:
    shop.documents["products"] = {"data": [{"id": 1}]}

    code = await asyncio.to_thread(
        typer.main.get_command(app()).main, [str(file), "--source", "bakery"], standalone_mode=False
    )

    assert code == 1


@pytest.mark.parametrize(
    ("old", "new", "arguments", "message"),
    [
        ("[sources", "[sources", ["--source", "x"], "no source is called 'x'; there are: bakery"),
        ("[sources.bakery]", "[sources.bakery", [], "must be a readable TOML file"),
        ('kind = "http_json"', "", [], ":2: sources.bakery.kind must name a kind of source"),
    ],
)
async def test_the_command_names_what_cannot_be_read(
    file: Path, old: str, new: str, arguments: list[str], message: str
) -> None:
    rewrite(file, old, new)

    with pytest.raises(GatewayError) as caught:
        await asyncio.to_thread(typer.main.get_command(app()).main, [str(file), *arguments], standalone_mode=False)

    assert message in str(caught.value)


def app() -> typer.Typer:
    found = typer.Typer()
    found.command()(check_command)
    return found


def append(file: Path, text: str) -> None:
    file.write_text(file.read_text() + text)


def rewrite(file: Path, old: str, new: str) -> None:
    file.write_text(file.read_text().replace(old, new, 1))


STOCK = """
[[sources.bakery.options.streams.products.documents.records]]
kind = "location"
key = "'shop'"
[sources.bakery.options.streams.products.documents.records.fields]
slug = "'shop'"
name = "'Shop'"
timezone = "'Europe/Berlin'"
currency = "'EUR'"

[[sources.bakery.options.streams.products.documents.records]]
kind = "menu"
key = "'all'"
[sources.bakery.options.streams.products.documents.records.fields]
location = "'shop'"
name = "'All'"
channel = "'PICKUP'"

[[sources.bakery.options.streams.products.documents.records]]
kind = "section"
key = "'bread'"
[sources.bakery.options.streams.products.documents.records.fields]
menu = "'all'"
name = "'Bread'"
position = "`0`"

[[sources.bakery.options.streams.products.documents.records]]
kind = "placement"
key = "id"
[sources.bakery.options.streams.products.documents.records.fields]
section = "'bread'"
item = "id"
position = "position()"

[sources.bakery.options.streams.stock]
mode = "sparse"
concerns = ["availability"]
confirms = "'shop'"

[[sources.bakery.options.streams.stock.documents]]
name = "stock"
path = "stock"
items = "data"

[[sources.bakery.options.streams.stock.documents.records]]
kind = "availability"
key = "id"
[sources.bakery.options.streams.stock.documents.records.fields]
state = "state"
"""


async def test_a_sparse_stream_is_shown_as_the_rows_that_a_run_would_write(
    larder: Larder, file: Path, shop: Shop
) -> None:
    append(file, STOCK)
    shop.documents["stock"] = {"data": [{"id": 2, "state": "SOLD_OUT"}]}
    sources = read_sources(file, "")
    assert (await run_stream(sources["bakery"], "products")).state is State.PUBLISHED

    new_well, new = await check(file, "stock")
    assert (await run_stream(sources["bakery"], "stock")).state is State.PUBLISHED
    _, same = await check(file, "stock")
    shop.documents["stock"] = {"data": [{"id": 1, "state": "SOLD_OUT"}, {"id": 9, "state": "SOLD_OUT"}]}
    well, changed = await check(file, "stock", limit=1)
    report = await run_stream(sources["bakery"], "stock")

    assert (new_well, cells(new, "availability")) == (True, ["2", "0", "2", "0", "0", "0"])
    assert cells(same, "availability") == ["2", "0", "0", "0", "2", "0"]
    assert (well, cells(changed, "availability")) == (True, ["2", "0", "0", "2", "0", "0"])
    assert re.search(r"shop/1 +SOLD_OUT +1 +shop", changed)
    assert "skipped: availability 9: a record must be about something that is on offer: 9" in changed
    assert (report.inserted, report.updated, report.deleted) == (0, 2, 0)


async def test_a_sparse_record_that_would_be_refused_leaves_its_row_as_it_is(
    larder: Larder, file: Path, shop: Shop
) -> None:
    append(file, STOCK)
    shop.documents["stock"] = {"data": []}
    sources = read_sources(file, "")
    for stream in ("products", "stock"):
        await run_stream(sources["bakery"], stream)
    shop.documents["stock"] = {"data": [{"id": 1, "state": "GONE"}]}

    well, output = await check(file, "stock")

    assert not well
    assert cells(output, "availability") == ["1", "1", "0", "0", "1", "0"]


async def test_a_record_that_does_not_say_what_it_is_of_is_refused(larder: Larder, file: Path, shop: Shop) -> None:
    append(file, STOCK.replace('mode = "sparse"', 'mode = "delta"'))
    shop.documents["stock"] = {"data": [{"id": 2, "state": "SOLD_OUT"}]}

    well, output = await check(file, "stock")

    assert not well
    rule = "availability must name its item and its location, but in a sparse stream"
    assert f"error: availability 2: {rule}: item None, location None" in output
