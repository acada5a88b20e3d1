"""A list on its way from the supplier: page after page, until it is whole or refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from sync.documents import Document
from sync.errors import DocumentRefused
from sync.identity import digest
from sync.sources.http_json.declarations import WHOLE, DocumentOf, Since
from sync.sources.http_json.expressions import Expression, over_page
from sync.sources.http_json.paging import Page
from sync.sources.http_json.requests import Request
from sync.sources.http_json.values import shown

JSON_RULE = "a document must be JSON"
EXPONENTS = range(-1_000, 1_000)
"""Of numbers with a fraction: larger ones are nobody's data, and take for ever to write out."""


def exact(number: str) -> Decimal:
    """The number that is written. Raises ValueError for one without end."""
    found = Decimal(number)
    if found.adjusted() not in EXPONENTS:
        raise ValueError(f"a number of more than {EXPONENTS.stop} digits: {number[:40]}")
    return found


DEEPEST = 500
"""Lists and objects in one another; what goes deeper cannot be stored."""
DECODER = msgspec.json.Decoder(float_hook=exact)


@dataclass(frozen=True, slots=True)
class Items:
    """The items of one page, the first of which is the ``first``-th of the list, from 0."""

    content: Any
    items: Sequence[Any]
    first: int


@dataclass(slots=True)
class Reading:
    """One document, for one parent (None without). ``request`` is what to ask next, None once the list is whole.

    ``unit``: whose confirmation depends on it, None when that of every unit does.
    """

    document: DocumentOf
    parent: Any
    path: str
    request: Request | None
    unit: str | None
    pages: int = 0
    items: int = 0
    since: Any = None
    as_of: datetime | None = None
    asked: set[tuple[str, bytes | None]] = field(default_factory=set)
    had: set[Any] = field(default_factory=set)

    def take(self, answer: Document, url: str) -> Items:
        """The items of the answer; ``request`` is then the next one. Raises ``DocumentRefused``."""
        request = self.request
        if request is None:
            raise AssertionError("an answer to nothing")
        self.refuse_absence(answer)
        content = None if answer.body is None else decoded(answer.body)
        items = [] if answer.body is None else items_of(self.document.items, content)
        self.note(answer, content)
        page = Page(request, answer, content, self.pages, len(items), self.items)
        self.asked.add(request.identity)
        self.refuse_repetition(items)
        self.pages += 1
        self.items += len(items)
        self.request = None if answer.body is None else self.document.paging.following(page, url)
        if self.request is None:
            self.check_total(content)
        elif self.request.identity in self.asked:
            raise DocumentRefused("a page must lead to one that was not read before", shown(self.request.path))
        elif self.pages >= self.document.paging.most:
            raise DocumentRefused(f"a list must have at most {self.document.paging.most} pages", "more")
        return Items(content, items, page.before)

    def begin(self, answer: Document) -> None:
        """Take the head of a document whose items come one by one. Raises ``DocumentRefused``."""
        self.refuse_absence(answer)
        self.as_of = answer.told_at

    def refuse_absence(self, answer: Document) -> None:
        """Raises ``DocumentRefused`` for a document that is not there and has to be."""
        if answer.absent and self.document.missing == "refused":
            raise DocumentRefused("the document must exist", "404")

    def note(self, answer: Document, content: Any) -> None:
        """Keep the supplier's clock, the oldest of all pages, and where the next delta goes on."""
        told_at = answer.told_at
        if self.document.as_of is not None:
            told_at = instant(over_page(self.document.as_of, content))
        if told_at is not None:
            self.as_of = min(self.as_of or told_at, told_at)
        if self.document.since is not None:
            found = over_page(self.document.since.value, content)
            self.since = kept(self.document.since, self.since, found)

    def refuse_repetition(self, items: Sequence[Any]) -> None:
        """Raises ``DocumentRefused`` for a page that says what an earlier one did: the supplier does not page."""
        if not items or self.document.paging.most == 1:
            return
        said = digest(items)
        if said in self.had:
            raise DocumentRefused("a page must not repeat another one", f"page {self.pages} of {shown(self.path)}")
        self.had.add(said)

    def check_total(self, content: Any) -> None:
        """Raises ``DocumentRefused`` when the list is not as long as it says: it is cut, or changed meanwhile."""
        if self.document.total is None or content is None:
            return
        total = over_page(self.document.total, content)
        if total != self.items:
            raise DocumentRefused("a list must have as many items as it says", f"{self.items} of {shown(total)}")


def decoded(body: bytes) -> Any:
    """The JSON of a document, its numbers exact. Raises ``DocumentRefused``."""
    try:
        return DECODER.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError) as exc:
        start = body[:80].decode("utf-8", "replace")
        raise DocumentRefused(JSON_RULE, f"{exc}; it starts with {shown(start)}") from exc


def bounded(item: Any) -> Any:
    """An item that came by itself. Raises ``DocumentRefused`` for what a document read at once is refused for, too."""
    found = [(item, 0)]
    while found:
        value, depth = found.pop()
        if isinstance(value, Decimal) and value.adjusted() not in EXPONENTS:
            raise DocumentRefused(JSON_RULE, f"a number of more than {EXPONENTS.stop} digits: {str(value)[:40]}")
        if isinstance(value, (dict, list)):
            if depth == DEEPEST:
                raise DocumentRefused(JSON_RULE, f"more than {DEEPEST} lists and objects in one another")
            inner = value.values() if isinstance(value, dict) else value
            found.extend((one, depth + 1) for one in inner if isinstance(one, (dict, list, Decimal)))
    return item


def items_of(expression: Expression, content: Any) -> Sequence[Any]:
    """The items of a page. Raises ``DocumentRefused`` when there is no list, so that an error is no empty list."""
    found = over_page(expression, content)
    if isinstance(found, dict) and expression.text == WHOLE:
        return [found]
    if not isinstance(found, list):
        raise DocumentRefused(f"{expression.text} must be a list", shown(found))
    return found


def instant(value: Any) -> datetime:
    """Raises ``DocumentRefused`` for what is no instant."""
    rule = "as_of must be an instant in ISO 8601 with its UTC offset"
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError) as exc:
        raise DocumentRefused(rule, shown(value)) from exc
    if found.tzinfo is None:
        raise DocumentRefused(rule, shown(value))
    return found


def kept(since: Since, before: Any, found: Any) -> Any:
    """Of what two pages say, that from which the next delta goes on. Raises ``DocumentRefused``."""
    if found is None or (before is not None and since.keep == "first"):
        return before
    if isinstance(found, bool) or not isinstance(found, (str, int, Decimal)):
        raise DocumentRefused(f"{since.value.text} must be a text or a number", shown(found))
    if before is None or since.keep == "last":
        return found
    if isinstance(found, str) is not isinstance(before, str):
        raise DocumentRefused(f"{since.value.text} must be of one type on all pages", shown(found))
    return max(before, found)
