"""The bakery of docs/suppliers/http-json.md, read as that page declares it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sync.simulators.anatomy import Anatomy, Pages
from sync.simulators.http import Answer, Exchange, json_answer
from sync.simulators.supply import Action
from tests.sync.conformance.subjects import Alone, Belief, Subject

PAGE = (Path(__file__).parents[4] / "docs" / "suppliers" / "http-json.md").read_text(encoding="utf-8")
DECLARED = tomllib.loads(re.findall(r"```toml\n(\[sources\.bakery\].*?)```", PAGE, re.DOTALL)[0])["sources"]["bakery"]
SILENCE = Belief("what the list of what is sold out does not name is to be had")


class Bakery:
    """Two stores that sell a few things each, two on a page."""

    anatomy = Anatomy(
        rows=("/stores stores", "/stores/*/products products", "/stores/*/stock sold_out"),
        prices=("/stores/*/products products[].prices[].cents",),
        currencies=("/stores/*/products currency",),
        ids=("/stores stores[].id", "/stores/*/products products[].sku", "/stores/*/stock sold_out[].sku"),
        names=("/stores stores[].name", "/stores/*/products products[].title"),
        clocks=("/stores/*/stock sold_out[].back_at",),
        pages=(Pages("/stores/*/products", rows="products", next="next", asked="query:cursor"),),
    )

    def __init__(self) -> None:
        self.at = datetime.now(UTC)
        self.turns = 0

    def now(self) -> datetime:
        return self.at

    def describe(self) -> dict[str, Any]:
        return {"mode": "generated", "turns": self.turns}

    def actions(self) -> Mapping[str, Action]:
        return {"turn": self.turn}

    async def turn(self, _body: bytes) -> None:
        """Prices rise, and one thing goes, which comes back next time; something else sells out."""
        self.turns += 1

    def answer(self, exchange: Exchange) -> Answer:
        match exchange.path.strip("/").split("/"):
            case ["stores"]:
                return json_answer(200, {"stores": [store(number) for number in (1, 2)]})
            case ["stores", "1" | "2" as number, "products"]:
                return self.products(int(number), int(exchange.query.get("cursor", 0)))
            case ["stores", "1" | "2" as number, "stock"]:
                gone = [{"sku": f"bread-{number}-{self.turns % 2}", "back_at": "2030-03-05 06:30"}]
                return json_answer(200, {"sold_out": gone})
        return json_answer(404, {})

    def products(self, store: int, cursor: int) -> Answer:
        every = [product(store, number, self.turns) for number in range(9 - self.turns % 2)]
        following = str(cursor + 2) if cursor + 2 < len(every) else None
        return json_answer(200, {"products": every[cursor : cursor + 2], "currency": "EUR", "next": following})


def store(number: int) -> dict[str, Any]:
    hours = [{"day": 1, "open": "06:30", "close": "18:00"}]
    return {"id": number, "slug": f"store-{number}", "name": f"Store {number}", "zone": "Europe/Berlin", "hours": hours}


def product(store: int, number: int, turns: int) -> dict[str, Any]:
    return {
        "sku": f"bread-{store}-{number}",
        "title": f"Bread {number}",
        "about": None,
        "active": True,
        "category": {"id": "bread", "name": "Bread", "rank": 0},
        "contains": ["gluten"],
        "prices": [{"for": "all", "cents": 300 + 10 * number + turns}],
    }


SUBJECT = Subject(
    kind="http_json",
    open=Bakery,
    change=[("turn", {})],
    options={**DECLARED["options"], "allow_private": True},
    alone=[
        Alone("products", {"mode": "truncate", "path": "/stores/1/products?*cursor=4*"}, often=True),
        Alone("stock", {"mode": "html", "path": "/stores/1/stock"}),
    ],
    believed={"rows-emptied": SILENCE, "rows-halved": SILENCE},
)
