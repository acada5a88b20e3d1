"""Faults of content: the right answer with something wrong in it, at the places that a supplier's anatomy names.

====================  ================================================================================================
mode                  what differs from the right answer
====================  ================================================================================================
``rows-emptied``      no rows
``rows-halved``       the second half of the rows is missing
``rows-repeated``     every row comes twice
``rows-reordered``    the rows come in the opposite order
``price-negative``    prices are negative
``price-zero``        prices are 0
``price-nan``         prices are ``NaN``, which JSON does not have
``price-huge``        prices are 10 to the power of 30
``price-text``        prices are text with a decimal comma
``price-tenfold``     prices are ten times as high
``currency-other``    currency codes are others
``fields-missing``    fields that a row cannot do without are missing
``fields-renamed``    they have another name
``fields-null``       they are null
``fields-typed``      they are of another type
``fields-extra``      objects have a field that nobody knows
``ids-missing``       rows have no key
``tenant-other``      the data are somebody else's
``clock-fast``        instants, and the Date header, are a day ahead
``clock-slow``        instants, and the Date header, are a day behind
``pages-loop``        each page names itself as the next one
``pages-repeated``    each page has the rows of the first one
``pages-overlapping`` each page has the first rows of the next one too
``pages-endless``     each page names a next one; after the last one they come anew
``pages-lost``        the first page says that it is the last one
====================  ================================================================================================

``every`` n changes only the 1st, the (n+1)th … of the values, rows or objects concerned.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import msgspec

from sync.simulators.anatomy import Anatomy, Pages, Place, Spot, inside, spots
from sync.simulators.http import Answer, Exchange, entity_tag, http_date

DECODER = msgspec.json.Decoder(float_hook=Decimal)
ENCODER = msgspec.json.Encoder(decimal_format="number")

HUGE = Decimal(10**30)
NO_NUMBER = "no number"
SHIFTS: Mapping[str, timedelta] = {"clock-fast": timedelta(days=1), "clock-slow": timedelta(days=-1)}
SOMEBODY_ELSE = "00000000-0000-4000-8000-000000000000"
ENDLESS = "endless-"


@dataclass(frozen=True, slots=True)
class Right:
    """The right answer's document, ``holder[0]``, and what a mutation may need beside it."""

    holder: list[Any]
    exchange: Exchange
    anatomy: Anatomy
    every: int
    ask: Callable[[Exchange], Answer]
    """The right answer to another request."""

    def spots(self, places: tuple[Place, ...]) -> list[Spot]:
        """The values that are concerned."""
        return spots(self.holder, self.exchange.path, places)[:: self.every]

    def pages(self) -> tuple[Pages, dict[str, Any]] | None:
        """How the answer is paged, and the page; None when it is not."""
        pages = self.anatomy.pages_of(self.exchange.path)
        page = self.holder[0]
        return (pages, page) if pages and isinstance(page, dict) else None


Mutation = Callable[[Right], None]


def mutated(mode: str, right: Right, answer: Answer) -> Answer:
    """``answer`` with the fault ``mode`` in it. One that is no JSON document under 200 stays as it is."""
    if answer.status != HTTPStatus.OK:
        return answer
    try:
        right.holder[:] = [DECODER.decode(answer.body)]
    except msgspec.DecodeError:
        return answer
    MUTATIONS[mode](right)
    body = ENCODER.encode(right.holder[0]).replace(f'"{NO_NUMBER}"'.encode(), b"NaN")
    headers = dict(answer.headers)
    if "ETag" in headers:
        headers["ETag"] = entity_tag(body)
    if mode in SHIFTS:
        headers["Date"] = http_date(right.exchange.date + SHIFTS[mode])
    return Answer(answer.status, body, headers)


def rows(change: Callable[[list[Any]], list[Any]], right: Right) -> None:
    for spot in right.spots(right.anatomy.rows):
        if isinstance(spot.value, dict):
            spot.put(dict(change(list(spot.value.items()))))
        elif isinstance(spot.value, list):
            spot.put(change(spot.value))


def prices(change: Callable[[Decimal], Any], right: Right) -> None:
    for spot in right.spots(right.anatomy.prices):
        if isinstance(spot.value, int | Decimal) and not isinstance(spot.value, bool):
            spot.put(change(Decimal(spot.value)))


def negative(price: Decimal) -> Decimal:
    return -price if price else Decimal(-1)


def other_currency(right: Right) -> None:
    for spot in right.spots(right.anatomy.currencies):
        spot.put("KWD" if spot.value == "JPY" else "JPY")


def fields(change: Callable[[Spot], None], right: Right) -> None:
    for spot in right.spots(right.anatomy.names):
        change(spot)


def retype(spot: Spot) -> None:
    spot.put({"was": "text"} if isinstance(spot.value, str) else "was no text")


def extra_fields(right: Right) -> None:
    """An object used as a map gets none: there it would be a row."""
    places = (*right.anatomy.rows, *right.anatomy.maps)
    maps = {id(spot.value) for spot in spots(right.holder, right.exchange.path, places)}
    waiting = [Spot(right.holder, 0)]
    while waiting:
        value = waiting.pop().value
        waiting += inside(value)
        if isinstance(value, dict) and id(value) not in maps:
            value["x_larder_unheard_of"] = {"since": "today"}


def missing_ids(right: Right) -> None:
    for spot in right.spots(right.anatomy.ids):
        spot.remove()


def other_tenant(right: Right) -> None:
    for spot in right.spots(right.anatomy.tenants):
        spot.put(SOMEBODY_ELSE)


def shifted_clock(by: timedelta, right: Right) -> None:
    for spot in right.spots(right.anatomy.clocks):
        if isinstance(spot.value, str):
            spot.put(shifted(spot.value, by))


def shifted(told: str, by: timedelta) -> str:
    """An instant in RFC 3339, moved; any other text as it is."""
    try:
        at = datetime.fromisoformat(told) + by
    except ValueError:
        return told
    precision = "milliseconds" if "." in told else "seconds"
    return at.isoformat(timespec=precision).replace("+00:00", "Z" if told.endswith("Z") else "+00:00")


def loop(right: Right) -> None:
    if (found := right.pages()) and found[1].get(found[0].next) is not None:
        pages, page = found
        page[pages.next] = asked_page(right.exchange, pages) or page[pages.next]


def repeated_page(right: Right) -> None:
    if found := right.pages():
        pages, page = found
        page[pages.rows] = page_of(right, asking(right.exchange, pages, None)).get(pages.rows, [])


def overlapping_page(right: Right) -> None:
    if (found := right.pages()) and (following := found[1].get(found[0].next)) is not None:
        pages, page = found
        after = page_of(right, asking(right.exchange, pages, following))
        page[pages.rows] = [*page.get(pages.rows, []), *after.get(pages.rows, [])[:2]]


def endless_page(right: Right) -> None:
    if found := right.pages():
        pages, page = found
        before = asked_page(right.exchange, pages) or ""
        if before.startswith(ENDLESS):
            page[pages.next] = f"{ENDLESS}{int(before.removeprefix(ENDLESS)) + 1}"
        elif page.get(pages.next) is None:
            page[pages.next] = f"{ENDLESS}1"


def asked(mode: str, right: Right) -> Exchange:
    """The request as the supplier understands it: of a page that only ``endless_page`` has named, the first one."""
    pages = right.anatomy.pages_of(right.exchange.path)
    if mode == "pages-endless" and pages and (asked_page(right.exchange, pages) or "").startswith(ENDLESS):
        return asking(right.exchange, pages, None)
    return right.exchange


def lost_pages(right: Right) -> None:
    if found := right.pages():
        pages, page = found
        page.pop(pages.next, None)


def asked_page(exchange: Exchange, pages: Pages) -> str | None:
    """What a request names as its page."""
    where, _, name = pages.asked.partition(":")
    if where == "query":
        return exchange.query.get(name)
    page = DECODER.decode(exchange.body).get(name) if exchange.body else None
    return None if page is None else str(page)


def asking(exchange: Exchange, pages: Pages, page: Any) -> Exchange:
    """The same request for another page; None: the first."""
    where, _, name = pages.asked.partition(":")
    if where == "query":
        query = {key: value for key, value in exchange.query.items() if key != name}
        query |= {} if page is None else {name: str(page)}
        return replace(exchange, query=query, target=f"{exchange.path}?{urlencode(query)}")
    body = DECODER.decode(exchange.body or b"{}")
    body.pop(name, None)
    return replace(exchange, body=ENCODER.encode(body | ({} if page is None else {name: page})))


def page_of(right: Right, exchange: Exchange) -> dict[str, Any]:
    """The right page that ``exchange`` asks for; empty when there is none."""
    answer = right.ask(exchange)
    page = DECODER.decode(answer.body) if answer.status == HTTPStatus.OK else {}
    return page if isinstance(page, dict) else {}


MUTATIONS: Mapping[str, Mutation] = {
    "rows-emptied": partial(rows, lambda _: []),
    "rows-halved": partial(rows, lambda every: every[: len(every) // 2]),
    "rows-repeated": partial(rows, lambda every: [row for row in every for _ in range(2)]),
    "rows-reordered": partial(rows, lambda every: every[::-1]),
    "price-negative": partial(prices, negative),
    "price-zero": partial(prices, lambda _: 0),
    "price-nan": partial(prices, lambda _: NO_NUMBER),
    "price-huge": partial(prices, lambda _: HUGE),
    "price-text": partial(prices, lambda price: f"{price}".replace(".", ",")),
    "price-tenfold": partial(prices, lambda price: price * 10),
    "currency-other": other_currency,
    "fields-missing": partial(fields, Spot.remove),
    "fields-renamed": partial(fields, lambda spot: spot.rename(f"{spot.key}_v2")),
    "fields-null": partial(fields, lambda spot: spot.put(None)),
    "fields-typed": partial(fields, retype),
    "fields-extra": extra_fields,
    "ids-missing": missing_ids,
    "tenant-other": other_tenant,
    "clock-fast": partial(shifted_clock, SHIFTS["clock-fast"]),
    "clock-slow": partial(shifted_clock, SHIFTS["clock-slow"]),
    "pages-loop": loop,
    "pages-repeated": repeated_page,
    "pages-overlapping": overlapping_page,
    "pages-endless": endless_page,
    "pages-lost": lost_pages,
}
