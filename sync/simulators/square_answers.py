"""The right answers of a simulated Square seller (Square API 2025-08-20: Locations, Catalog, Inventory)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from sync.simulators.http import Answer, Exchange, json_answer
from sync.simulators.square_ledger import Ledger, Thing, timestamp

TOP = ("ITEM", "CATEGORY", "TAX", "MODIFIER_LIST", "IMAGE")
"""Types that are listed when none are asked for."""
MOST = 1_000


class Search(msgspec.Struct):
    """``SearchCatalogObjectsRequest``."""

    cursor: str | None = None
    object_types: tuple[str, ...] = TOP
    include_deleted_objects: bool = False
    include_related_objects: bool = False
    begin_time: str | None = None
    limit: int | None = None


class Retrieve(msgspec.Struct):
    """``BatchRetrieveCatalogObjectsRequest``."""

    object_ids: list[str]
    include_related_objects: bool = False
    include_deleted_objects: bool = False


class Count(msgspec.Struct):
    """``BatchRetrieveInventoryCountsRequest``."""

    catalog_object_ids: list[str] | None = None
    location_ids: list[str] | None = None
    updated_after: str | None = None
    cursor: str | None = None
    states: list[str] | None = None
    limit: int | None = None


class Wrong(Exception):
    """A request that makes no sense."""


class Answers:
    """Answers out of the books. ``page_size`` is the most that a page holds, whatever is asked for."""

    def __init__(self, ledger: Ledger, page_size: int = 100) -> None:
        self.ledger = ledger
        self.page_size = page_size
        self.routes: Mapping[tuple[str, str], Callable[[Exchange], Any]] = {
            ("GET", "/v2/locations"): lambda _: {"locations": list(ledger.locations.values())},
            ("GET", "/v2/catalog/list"): self.listing,
            ("POST", "/v2/catalog/search"): self.search,
            ("POST", "/v2/catalog/batch-retrieve"): self.retrieve,
            ("POST", "/v2/inventory/counts/batch-retrieve"): self.counts,
        }

    def to(self, exchange: Exchange) -> Answer:
        """The answer to a request."""
        route = self.routes.get((exchange.method, exchange.path))
        location = self.ledger.locations.get(exchange.path.removeprefix("/v2/locations/"))
        try:
            if route is not None:
                return json_answer(200, route(exchange))
        except (Wrong, msgspec.MsgspecError) as exc:
            return failed(400, "BAD_REQUEST", str(exc))
        if exchange.method == "GET" and location is not None:
            return json_answer(200, {"location": location})
        return failed(404, "NOT_FOUND", f"{exchange.method} {exchange.path} is not here")

    def listing(self, exchange: Exchange) -> dict[str, Any]:
        types = [name.strip().upper() for name in exchange.query.get("types", ",".join(TOP)).split(",")]
        found = [thing for thing in self.ledger.live() if thing["type"] in types]
        page, following = self.page(found, exchange.query.get("cursor"), None)
        return {"objects": page, **following}

    def search(self, exchange: Exchange) -> dict[str, Any]:
        asked = msgspec.json.decode(exchange.body or b"{}", type=Search)
        every: list[Thing] = [*self.ledger.live()]
        if asked.include_deleted_objects:
            every += self.ledger.tombstones.values()
        since = instant(asked.begin_time)
        found = [
            thing
            for thing in every
            if thing["type"] in asked.object_types and (since is None or later(thing["updated_at"], since))
        ]
        page, following = self.page(found, asked.cursor, asked.limit)
        related = {"related_objects": self.ledger.related(page)} if asked.include_related_objects else {}
        return {"objects": page, **related, **following, "latest_time": timestamp(self.ledger.latest)}

    def retrieve(self, exchange: Exchange) -> dict[str, Any]:
        asked = msgspec.json.decode(exchange.body, type=Retrieve)
        if len(asked.object_ids) > MOST:
            raise Wrong(f"object_ids must hold at most {MOST}")
        every = {thing["id"]: thing for thing in self.ledger.live()}
        if asked.include_deleted_objects:
            every = {**self.ledger.tombstones, **every}
        found = [every[key] for key in dict.fromkeys(asked.object_ids) if key in every]
        related = {"related_objects": self.ledger.related(found)} if asked.include_related_objects else {}
        return {"objects": found, **related}

    def counts(self, exchange: Exchange) -> dict[str, Any]:
        asked = msgspec.json.decode(exchange.body or b"{}", type=Count)
        after = instant(asked.updated_after)
        found = [
            count
            for count in reversed(self.ledger.counts.values())
            if among(count["catalog_object_id"], asked.catalog_object_ids)
            and among(count["location_id"], asked.location_ids)
            and among(count["state"], asked.states)
            and (after is None or later(count["calculated_at"], after))
        ]
        page, following = self.page(found, asked.cursor, asked.limit)
        return {"counts": page, **following}

    def page(self, found: list[Thing], cursor: str | None, limit: int | None) -> tuple[list[Thing], dict[str, str]]:
        """The page that ``cursor`` leads to, and what leads to the next one."""
        size = min(limit if limit and 0 < limit <= MOST else self.page_size, self.page_size)
        try:
            start = int(base64.urlsafe_b64decode(cursor)) if cursor else 0
        except (ValueError, binascii.Error) as exc:
            raise Wrong(f"cursor must be one that was given out, not {cursor!r}") from exc
        following = str(start + size).encode()
        more = {"cursor": base64.urlsafe_b64encode(following).decode()} if start + size < len(found) else {}
        return found[start : start + size], more


def failed(status: int, code: str, detail: str) -> Answer:
    """Square's form of an error."""
    return json_answer(status, {"errors": [{"category": "INVALID_REQUEST_ERROR", "code": code, "detail": detail}]})


def among(value: str, asked: Iterable[str] | None) -> bool:
    return asked is None or value in asked


def instant(text: str | None) -> datetime | None:
    """An RFC 3339 time. Raises ``Wrong``."""
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError as exc:
        raise Wrong(f"a time must be in RFC 3339, not {text!r}") from exc


def later(told: str, than: datetime) -> bool:
    return datetime.fromisoformat(told) > than
