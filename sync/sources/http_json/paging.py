"""How a list goes on: what to ask for after a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from sync.documents import Document
from sync.errors import DocumentRefused, SettingsError
from sync.sources.http_json.expressions import Expression, over_page
from sync.sources.http_json.links import next_link, path_below
from sync.sources.http_json.requests import Request
from sync.sources.http_json.tables import Table
from sync.sources.http_json.values import shown, truth

PAGES = 1_000


@dataclass(frozen=True, slots=True)
class Page:
    """A page as read: ``number`` counts from 0, ``items`` are how many it has, ``before`` those of earlier pages."""

    request: Request
    document: Document
    content: Any
    number: int
    items: int
    before: int


class Paging(Protocol):
    """One way of going on. ``most`` pages are read of a list."""

    @property
    def most(self) -> int:
        """Pages that a list may have."""
        ...

    def first(self, request: Request) -> Request:
        """What to ask for first."""
        ...

    def following(self, page: Page, url: str) -> Request | None:
        """What to ask for after ``page``, None after the last one. Raises ``DocumentRefused``."""
        ...


@dataclass(frozen=True, slots=True)
class Single:
    """The document is the whole list."""

    most: int = 1

    def first(self, request: Request) -> Request:
        return request

    def following(self, page: Page, url: str) -> None:  # noqa: ARG002 - the protocol's signature
        return None


@dataclass(frozen=True, slots=True)
class ByCursor:
    """A page says what names the next one (``next``), which is sent back as ``parameter``."""

    next: Expression
    parameter: str
    most: int

    def first(self, request: Request) -> Request:
        return request

    def following(self, page: Page, url: str) -> Request | None:  # noqa: ARG002 - the protocol's signature
        value = over_page(self.next, page.content)
        if value in (None, "", False):
            return None
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise DocumentRefused("a cursor must be a text or a number", shown(value))
        return page.request.with_parameter(self.parameter, value)


@dataclass(frozen=True, slots=True)
class ByNumber:
    """Pages are asked for by number, or by the number of items before them (``by_items``).

    A list ends with a page that has no item, or less than ``size``, or where ``last`` is true.
    """

    parameter: str
    start: int
    by_items: bool
    size: int | None
    size_parameter: str | None
    last: Expression | None
    most: int

    def first(self, request: Request) -> Request:
        sized = request
        if self.size_parameter is not None and self.size is not None:
            sized = request.with_parameter(self.size_parameter, self.size)
        return sized.with_parameter(self.parameter, self.start)

    def following(self, page: Page, url: str) -> Request | None:  # noqa: ARG002 - the protocol's signature
        if page.items == 0 or (self.size is not None and page.items < self.size):
            return None
        if self.last is not None and truth(over_page(self.last, page.content)):
            return None
        step = page.before + page.items if self.by_items else page.number + 1
        return page.request.with_parameter(self.parameter, self.start + step)


@dataclass(frozen=True, slots=True)
class ByLink:
    """A page names the address of the next: in its Link header, or where ``next`` says."""

    next: Expression | None
    most: int

    def first(self, request: Request) -> Request:
        return request

    def following(self, page: Page, url: str) -> Request | None:
        found = over_page(self.next, page.content) if self.next else next_link(page.document.headers)
        if found in (None, ""):
            return None
        if not isinstance(found, str):
            raise DocumentRefused("the next address must be a text", shown(found))
        return page.request.at(path_below(url, page.request.path, found))


def read_paging(place: str, declared: object) -> Paging:
    """The paging declared at ``place``. Raises ``SettingsError``."""
    kinds = {
        "none": set[str](),
        "cursor": {"next", "parameter", "pages"},
        "page": {"parameter", "first", "size", "size_parameter", "last", "pages"},
        "offset": {"parameter", "first", "size", "size_parameter", "last", "pages"},
        "link": {"next", "pages"},
    }
    every = Table.at(place, declared, {"kind", *(name for names in kinds.values() for name in names)})
    kind = every.one_of("kind", tuple(kinds))
    found = Table.at(place, declared, {"kind", *kinds[kind]})
    most = found.whole("pages", PAGES, 1)
    match kind:
        case "none":
            return Single()
        case "cursor":
            return ByCursor(found.expression("next"), found.text("parameter"), most)
        case "link":
            return ByLink(found.expression_if_any("next"), most)
    size = found.whole("size", None, 1) if "size" in found.values else None
    size_parameter = found.text("size_parameter") if "size_parameter" in found.values else None
    if size_parameter is not None and size is None:
        raise SettingsError(found.below("size_parameter"), "needs a size", size_parameter)
    return ByNumber(
        parameter=found.text("parameter"),
        start=found.whole("first", 1 if kind == "page" else 0, 0),
        by_items=kind == "offset",
        size=size,
        size_parameter=size_parameter,
        last=found.expression_if_any("last"),
        most=most,
    )
