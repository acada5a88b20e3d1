"""What expressions say, exactly, and what they read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sync.errors import SettingsError
from sync.sources.http_json.expressions import EVERYTHING, Unreadable, expression
from sync.sources.http_json.functions import Around
from sync.sources.http_json.reading import decoded

ITEM = decoded(
    b"""{"id": 42, "title": "  Pretzel \\n roll ", "price": 1.10, "cents": 1250, "yen": 300, "tags": ["a", "b", "a"],
    "local": "1.234,5", "day": "31.12.2025", "at": "2025-07-01T12:00:00", "epoch": 1700000000, "ms": 1700000000123,
    "state": "in", "sizes": [{"price": 1.5}, {"price": 2.25}], "active": true, "none": null}"""
)
AROUND = Around(ITEM, {"shop": {"id": 7}}, {"id": "parent"}, 3)


def says(text: str, value: Any = ITEM) -> Any:
    return expression("here", text).over(value, AROUND)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("price", Decimal("1.10")),
        ("price == `1.1`", True),
        ("price > `1.05` && price < `1.2`", True),
        ("`0.1`", Decimal("0.1")),
        ("sum(sizes[].price)", Decimal("3.75")),
        ("avg(sizes[].price)", Decimal("1.875")),
        ("max(sizes[].price)", Decimal("2.25")),
        ("sizes[?price > `2`].price", [Decimal("2.25")]),
        ("type(price)", "number"),
        ("to_string(price)", "1.10"),
        ("to_string(id)", "42"),
        ("to_string(none)", None),
        ("to_string(sizes)", '[{"price":1.5},{"price":2.25}]'),
        ("to_number('12.50')", Decimal("12.50")),
        ("to_number('12')", 12),
        ("to_number('twelve')", None),
        ("to_decimal('12.50')", Decimal("12.50")),
        ("to_decimal(none)", None),
        ("decimal_with(local, ',')", Decimal("1234.5")),
        ("decimal_with('1,234.5', '.')", Decimal("1234.5")),
        ("from_minor(cents, `2`)", Decimal("12.50")),
        ("from_minor(cents, 'EUR')", Decimal("12.50")),
        ("from_minor(yen, 'JPY')", Decimal(300)),
        ("from_minor(cents, 'KWD')", Decimal("1.250")),
        ("from_minor(none, 'EUR')", None),
        ("lower(state)", "in"),
        ("upper(state)", "IN"),
        ("trim(title)", "Pretzel roll"),
        ("split('a, b,,c ', ',')", ["a", "b", "c"]),
        ("replace(state, 'i', 'o')", "on"),
        ("unique(tags)", ["a", "b"]),
        ("unique([id, to_string(id), active, `1`, `true`, sizes, sizes])", [42, "42", True, 1, ITEM["sizes"]]),
        ("concat(id, '-', state)", "42-in"),
        ("concat(id, none)", None),
        ("key(id, 'a/b')", "42/a%2Fb"),
        ('lookup(state, `{"in": "AVAILABLE"}`)', "AVAILABLE"),
        ('lookup(active, `{"true": 1}`)', 1),
        ("to_date(day, '%d.%m.%Y')", "2025-12-31"),
        ("to_time('6:30 PM', '%I:%M %p')", "18:30:00"),
        ("to_instant('2025-12-31 08:00', '%Y-%m-%d %H:%M', 'Europe/Berlin')", "2025-12-31T07:00:00+00:00"),
        ("in_zone(at, 'Europe/Berlin')", "2025-07-01T10:00:00+00:00"),
        ("in_zone('2025-07-01T12:00:00Z', 'Europe/Berlin')", "2025-07-01T12:00:00+00:00"),
        ("from_epoch(epoch)", "2023-11-14T22:13:20+00:00"),
        ("from_epoch_ms(ms)", "2023-11-14T22:13:20.123000+00:00"),
        ("item().id", 42),
        ("document().shop.id", 7),
        ("parent().id", "parent"),
        ("position()", 3),
        ("none || 'else'", "else"),
        ("@.id", 42),
    ],
)
def test_what_an_expression_says(text: str, value: Any) -> None:
    found = says(text)

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("to_decimal('NaN')", "not a number: 'NaN'"),
        ("to_decimal('1e999')", "not a number: '1e999'"),
        ("to_decimal(active)", "not a number: True"),
        ("to_decimal('1٣')", None),
        ("from_minor(price, 'EUR')", "an amount in minor units is a whole number, not 1.10"),
        ("from_minor(cents, `99`)", None),
        ("decimal_with(local, ';')", "the decimal mark is a comma or a point, not ';'"),
        ("lower(id)", "not a text: 42"),
        ("concat(tags)", "neither text nor a number: ['a', 'b', 'a']"),
        ('lookup(state, `{"out": 1}`)', "'in' is none of out"),
        ("to_date(day, '%Y')", "'31.12.2025' is not written as %Y"),
        ("to_instant(day, '%d.%m.%Y', 'Mars/Base')", "no time zone: 'Mars/Base'"),
        ("in_zone(day, 'UTC')", "not a time in ISO 8601: '31.12.2025'"),
        ("from_epoch(`1e40`)", None),
        ("sum(tags)", None),
        ("length(id)", None),
    ],
)
def test_what_an_expression_cannot_read(text: str, value: str | None) -> None:
    with pytest.raises(Unreadable) as caught:
        says(text)

    assert caught.value.rule == f"{text} must be readable"
    assert value is None or caught.value.value == value


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("items[", "must be a JMESPath expression: "),
        ("", "must be a JMESPath expression"),
        (7, "must be a JMESPath expression"),
        ("lower(trim(a), b)", "must give lower() 1 arguments, not 2"),
        ("concat()", "must give concat() at least 1 arguments, not 0"),
        ("a[?nosuch(b)]", "must call functions that exist, not nosuch()"),
    ],
)
def test_an_expression_that_cannot_be_is_named_with_its_place(text: Any, rule: str) -> None:
    with pytest.raises(SettingsError) as caught:
        expression("sources.shop.here", text)

    assert caught.value.place == "sources.shop.here"
    assert caught.value.rule.startswith(rule)
    assert caught.value.value == text


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("a", {"a"}),
        ("a.b[0].c", {"a"}),
        ("a || b", {"a", "b"}),
        ("join(', ', a[].b)", {"a"}),
        ("a[?x == `1`].y | [0]", {"a"}),
        ("{one: a, two: b.c}", {"a", "b"}),
        ("@.a", {"a"}),
        ("@", {EVERYTHING}),
        ("*.a", {EVERYTHING}),
        ("keys(@)", {EVERYTHING}),
        ("[?a]", {EVERYTHING}),
        ("'literal'", set()),
        ("parent().a", set()),
        ("item().a", set()),
        ("map(&x, a)", {"a"}),
        ("a.{b: c}", {"a"}),
    ],
)
def test_which_fields_an_expression_reads(text: str, fields: set[str]) -> None:
    assert expression("here", text).reads == fields


def test_which_fields_it_reads_of_what_is_around() -> None:
    found = expression("here", "key(item().a, a[?b == item().c], parent().d.e, item())")

    assert [set(fields) for fields in (found.reads, found.reads_item, found.reads_parent)] == [
        {"a"},
        {"a", "c", EVERYTHING},
        {"d"},
    ]


@pytest.mark.parametrize(
    ("text", "independent"),
    [
        ("'shop'", True),
        ("parent().id", True),
        ("concat('a', parent().id)", True),
        ("id", False),
        ("item().id", False),
        ("document().id", False),
        ("to_string(position())", False),
        ("to_string(@)", False),
    ],
)
def test_whether_it_says_the_same_of_every_item(text: str, independent: bool) -> None:
    assert expression("here", text).independent is independent
