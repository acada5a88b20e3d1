"""What a declaration must be: every fault names its place and the value."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sync.errors import SettingsError
from sync.politeness.addresses import public_addresses
from sync.sources import every_seconds, source_kind, streams_of
from sync.sources.http_json.source import HttpJson
from tests.sync.http_json.pulling import source

GOOD = """
[streams.goods]
mode = "snapshot"
concerns = ["menu"]
every_seconds = 60

[[streams.goods.documents]]
path = "things"

[[streams.goods.documents.records]]
kind = "item"
key = "id"

[streams.goods.documents.records.fields]
name = "title"
language = "'de'"
"""
GOODS = "sources.shop.options.streams.goods"
DOCUMENT = f"{GOODS}.documents[0]"
RECORD = f"{DOCUMENT}.records[0]"


def test_a_declared_stream_is_a_stream_as_any_other() -> None:
    settings = source("https://shop.example", GOOD)

    assert list(streams_of(settings)) == ["goods"]
    assert streams_of(settings)["goods"].concerns == ("menu",)
    assert every_seconds(settings, "goods") == 60


@pytest.mark.parametrize(
    ("old", "new", "place", "rule", "value"),
    [
        ("[streams.goods]", "[stream.goods]\n[streams.goods]", "sources.shop.options", "may hold only", "stream"),
        ('mode = "snapshot"', 'mode = "full"', f"{GOODS}.mode", "must be one of snapshot, delta, sparse", "full"),
        ('concerns = ["menu"]', "concerns = []", f"{GOODS}.concerns", "must be a list of texts", []),
        ("every_seconds = 60", "every_seconds = -1", f"{GOODS}.every_seconds", "must be a whole number from 0", -1),
        ("every_seconds", "seconds", GOODS, "may hold only", "seconds"),
        ('path = "things"', "", f"{DOCUMENT}.path", "must be a text", None),
        ('path = "things"', 'path = "/things"', f"{DOCUMENT}.path", "must be relative", "/things"),
        ('path = "things"', 'path = "https://a.example"', f"{DOCUMENT}.path", "must be relative", "https://a.example"),
        ('path = "things"', 'path = "../a"', f"{DOCUMENT}.path", "must not lead upwards", "../a"),
        ('path = "things"', 'path = "{id}"', f"{DOCUMENT}.path", "needs a parent", "{id}"),
        ('path = "things"', 'path = "{id"', f"{DOCUMENT}.path", "must close every {", "{id"),
        (
            'path = "things"',
            'path = "a"\nparent = "b"',
            f"{DOCUMENT}.parent",
            "must name a document that stands before",
            "b",
        ),
        ('path = "things"', 'path = "a"\nitems = "a["', f"{DOCUMENT}.items", "must be a JMESPath expression", "a["),
        ('path = "things"', 'path = "a"\nitem = "a"', DOCUMENT, "may hold only", "item"),
        ('path = "things"', 'path = "a"\nheaders = {a = 1}', f"{DOCUMENT}.headers.a", "must be a text", 1),
        ('path = "things"', 'path = "a"\nmissing = "x"', f"{DOCUMENT}.missing", "must be one of refused, empty", "x"),
        ('path = "things"', 'path = "a"\npaging = {kind = "x"}', f"{DOCUMENT}.paging.kind", "must be one of", "x"),
        (
            'path = "things"',
            'path = "a"\npaging = {kind = "cursor", parameter = "c"}',
            f"{DOCUMENT}.paging.next",
            "must be a JMESPath expression",
            None,
        ),
        (
            'path = "things"',
            'path = "a"\npaging = {kind = "link", parameter = "c"}',
            f"{DOCUMENT}.paging",
            "may hold only kind, next, pages",
            "parameter",
        ),
        (
            'path = "things"',
            'path = "a"\npaging = {kind = "page", parameter = "c", size_parameter = "d"}',
            f"{DOCUMENT}.paging.size_parameter",
            "needs a size",
            "d",
        ),
        (
            'path = "things"',
            'path = "a"\nsince = {parameter = "a", value = "b"}',
            f"{DOCUMENT}.since",
            "is for streams of mode delta",
            "snapshot",
        ),
        (
            'mode = "snapshot"',
            'mode = "delta"\nconfirms = "store"',
            f"{DOCUMENT}.confirms",
            "must be a literal",
            "store",
        ),
        ('mode = "snapshot"', 'mode = "delta"\nscope = "store"', f"{DOCUMENT}.scope", "must be a literal", "store"),
        ('kind = "item"', "", f"{RECORD}.kind", "must be a text", None),
        ('kind = "item"', 'kind = "offer"', f"{RECORD}.kind", "must be one of", "offer"),
        ('key = "id"', "", f"{RECORD}.key", "must be a JMESPath expression", None),
        ('key = "id"', 'key = "nope(id)"', f"{RECORD}.key", "must call functions that exist, not nope()", "nope(id)"),
        ('key = "id"', 'key = "id"\ngone = "x"', f"{RECORD}.gone", "is for streams of mode delta", "snapshot"),
        ('name = "title"', "", f"{RECORD}.fields", "must hold name too", "language"),
        ('name = "title"', 'name = "title"\nnmae = "x"', f"{RECORD}.fields", "may hold only", "nmae"),
        ('name = "title"', 'name = "title("', f"{RECORD}.fields.name", "must be a JMESPath expression", "title("),
    ],
)
def test_a_fault_names_its_place(old: str, new: str, place: str, rule: str, value: Any) -> None:
    with pytest.raises(SettingsError) as caught:
        HttpJson(source("https://shop.example", GOOD.replace(old, new)))

    assert caught.value.place == place
    assert caught.value.rule.startswith(rule)
    assert value is None or caught.value.value == value


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ("allow_private = 'yes'\n" + GOOD, "sources.shop.options.allow_private"),
        ("", "sources.shop.options.streams"),
        ("[streams.goods]\nmode = 'delta'\nconcerns = ['menu']", f"{GOODS}.documents"),
        (GOOD + "\n[[streams.goods.documents]]\npath = 'b'\nname = 'document-0'", f"{GOODS}.documents[1].name"),
    ],
)
def test_a_declaration_must_be_whole(options: str, place: str) -> None:
    with pytest.raises(SettingsError) as caught:
        source_kind(source("https://shop.example", options))

    assert caught.value.place == place


def test_a_source_without_a_word_about_it_may_not_be_private() -> None:
    allowed = source("https://shop.example", GOOD)
    silent = replace(allowed, options={name: said for name, said in allowed.options.items() if name == "streams"})

    assert source_kind(allowed).addresses(allowed) is None
    assert source_kind(silent).addresses(silent) is public_addresses
