"""The stream ``merchant``: the document when its TTL is over, and what the supplier pushes in between.

A document is a complete SNAPSHOT, with the updates laid over it that were pushed since it was written. Updates alone
are a DELTA: the rows that differ from those of the document that they are laid over, and the ends of links that an
updated entity has no longer. They confirm nothing, since they tell of nothing else. Without either nothing is said.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from sync.documents import Document, Documents, Push, Wanted
from sync.errors import DocumentRefused
from sync.protocol import Begin, End, Event, Failed, Malformed, Mode, Tombstone, Unchanged
from sync.sources.open_delivery.document import LEAST_TTL, MOST_TTL, Merchant, read_merchant
from sync.sources.open_delivery.entities import Reading, read_catalogue
from sync.sources.open_delivery.ledger import Ledger, Published, kept, says_at
from sync.sources.open_delivery.menus import menu_rows
from sync.sources.open_delivery.offers import offer_rows
from sync.sources.open_delivery.options import option_rows
from sync.sources.open_delivery.places import location_rows, schedule_rows
from sync.sources.open_delivery.prices import currency_of
from sync.sources.open_delivery.pushes import Laid, laid_over
from sync.sources.open_delivery.rows import Row, nameless_rows

STREAM = "merchant"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: the document at ``path``, of ``merchant`` if that is known; ``reading``: how it is read."""

    path: str
    merchant: str | None
    reading: Reading


async def pull_merchant(documents: Documents, cursor: dict[str, Any], wish: Wish) -> AsyncGenerator[Event, None]:
    """What the supplier says about the merchant, if it is time to ask or something was pushed."""
    before, published = Ledger.read(cursor), Published.read(cursor)
    laid = laid_over(before.merchant, fresh(documents.pushed, before)) if before else None
    if before and laid and not laid.again and not before.due(documents.now, published):
        events = update_events(before, laid, wish) if laid.changed else iter(())
    else:
        events = await asked(documents, before, published, laid, wish)
    for event in events:
        yield event


async def asked(
    documents: Documents, before: Ledger | None, published: Published | None, laid: Laid | None, wish: Wish
) -> Iterator[Event]:
    """What follows from asking for the document. When it cannot be had, what was pushed counts nevertheless."""
    try:
        known = published.etag if published and before and published.asked_at == before.asked_at else None
        answer = await documents.get(Wanted(wish.path, known))
        if answer.unchanged and before and published:
            return unchanged_events(documents, before, published, answer, wish)
        return document_events(documents, before, answer, wish)
    except DocumentRefused as exc:
        if before and laid and laid.changed:
            failed = Failed(wish.path, wish.path, exc.rule, exc.value)
            return chain([failed], update_events(before, replace(laid, again=True), wish))
        return iter([Failed(None, wish.path, exc.rule, exc.value)])


def unchanged_events(
    documents: Documents, before: Ledger, published: Published, answer: Document, wish: Wish
) -> Iterator[Event]:
    """The document is the one had. It is confirmed, or published again with what was pushed."""
    ledger = replace(before, asked_at=documents.now, again=False)
    pushed = fresh(documents.pushed, before)
    if pushed:
        return snapshot_events(ledger, pushed, answer, wish)
    merchant = before.merchant.id
    return iter(
        [
            kept(ledger),
            Unchanged(merchant, wish.path, answer.told_at, guarded=(merchant,)),
            Published(documents.now, published.etag).checkpoint(merchant, wish.path),
        ]
    )


def document_events(documents: Documents, before: Ledger | None, answer: Document, wish: Wish) -> Iterator[Event]:
    """A document. Raises ``DocumentRefused``, also for another merchant's."""
    if answer.body is None:
        raise DocumentRefused("the merchant must exist", "404")
    merchant = read_merchant(answer.body)
    known = wish.merchant or (before and before.merchant.id)
    if known and merchant.id != known:
        raise DocumentRefused(f"the merchant must be {known}", merchant.id)
    currency = (before and before.currency) or currency_of(read_catalogue(merchant, wish.reading))
    ledger = Ledger(merchant, currency, documents.now, says_at(answer, merchant, documents.now))
    told = chain(ttl_notes(merchant, wish), clock_notes(merchant, before, wish))
    return chain(told, snapshot_events(ledger, fresh(documents.pushed, ledger), answer, wish))


def snapshot_events(ledger: Ledger, pushed: Sequence[Push], answer: Document, wish: Wish) -> Iterator[Event]:
    """All rows of the document, with what was pushed since it was written."""
    laid = laid_over(ledger.merchant, pushed)
    merchant = laid.merchant.id
    yield kept(ledger.with_updates(laid.merchant, again=False))
    yield from refusals(laid, wish)
    yield Begin(STREAM, Mode.SNAPSHOT, merchant, confirms=merchant, guarded=True)
    yield from rows(laid.merchant, ledger, wish)
    yield End(merchant, complete=True, as_of=answer.told_at)
    yield Published(ledger.asked_at, None if pushed else answer.etag).checkpoint(merchant, wish.path)


def update_events(before: Ledger, laid: Laid, wish: Wish) -> Iterator[Event]:
    """The rows that differ for what was pushed. The document at the supplier is another one from now on."""
    merchant = before.merchant.id
    yield kept(before.with_updates(laid.merchant, again=laid.again), published=None)
    yield from refusals(laid, wish)
    yield Begin(STREAM, Mode.DELTA, merchant, confirms=merchant)
    yield from differing(rows(before.merchant, before, wish), rows(laid.merchant, before, wish))
    yield End(merchant, complete=False)


def differing(before: Iterator[Row], after: Iterator[Row]) -> Iterator[Event]:
    """What ``after`` says otherwise than ``before``, and tombstones of what it no longer says."""
    said = {(row.kind, row.key): row for row in before}
    says = {(row.kind, row.key): row for row in after}
    yield from (row for name, row in says.items() if said.get(name) != row)
    if all(key is not None for _, key in says):
        for name, row in said.items():
            if name not in says and row.key is not None:
                yield Tombstone(row.scope, row.kind, row.key)


def rows(merchant: Merchant, ledger: Ledger, wish: Wish) -> Iterator[Row]:
    """The rows of a document, referenced ones first."""
    reading = replace(wish.reading, currency=wish.reading.currency or ledger.currency)
    catalogue = read_catalogue(merchant, reading)
    return chain(
        nameless_rows(catalogue),
        schedule_rows(catalogue),
        location_rows(catalogue),
        menu_rows(catalogue),
        option_rows(catalogue),
        offer_rows(catalogue),
    )


def fresh(pushed: Sequence[Push], ledger: Ledger) -> list[Push]:
    """The pushes that the ledger's document does not have in it."""
    return [push for push in pushed if ledger.says is None or push.received_at > ledger.says]


def refusals(laid: Laid, wish: Wish) -> Iterator[Event]:
    """What of the updates could not be read, for the operator."""
    for entity_type, name, why in laid.refused:
        yield Malformed(f"{wish.path} update", entity_type.lower(), name, why.rule, why.value)


def ttl_notes(merchant: Merchant, wish: Wish) -> Iterator[Event]:
    if merchant.ttl != merchant.ttl_seconds:
        rule = f"TTL must be {LEAST_TTL} to {MOST_TTL} seconds"
        yield Malformed(wish.path, "document", "TTL", rule, repr(merchant.ttl))


def clock_notes(merchant: Merchant, before: Ledger | None, wish: Wish) -> Iterator[Event]:
    """A document whose lastUpdate cannot be read, or went back: it is believed, and the operator is told."""
    told, last = merchant.updated_at, before and before.merchant.updated_at
    if told is None:
        rule = "lastUpdate must be a time such as 2021-05-27T20:45:10.332Z"
        yield Malformed(wish.path, "document", "lastUpdate", rule, repr(merchant.last_update))
    elif last and told < last:
        rule = f"lastUpdate must not go back behind {last.isoformat()}"
        yield Malformed(wish.path, "document", "lastUpdate", rule, told.isoformat())
