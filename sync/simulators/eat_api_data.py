"""A supply that is generated: the same documents, byte for byte, for whoever asks on the same day."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fnmatch import fnmatchcase
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from sync.simulators.eat_api_dishes import Dish, day_dishes
from sync.simulators.eat_api_labels import label_list
from sync.simulators.eat_api_places import CANTEENS, Canteen
from sync.simulators.eat_api_prices import Prices, prices
from sync.simulators.eat_api_stock import stock_entry
from sync.simulators.http import Document
from sync.simulators.supply import utc_now

BERLIN = ZoneInfo("Europe/Berlin")
WEEKS = range(-2, 4)
SOMETIMES_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class PricedDish:
    """A dish and its prices at revision 0."""

    dish: Dish
    prices: Prices

    def published(self, revision: int) -> dict[str, Any]:
        """In eat-api's form."""
        return {
            "name": self.dish.name,
            "prices": {name: price and price.published(revision) for name, price in self.prices.items()},
            "labels": self.dish.labels,
            "dish_type": self.dish.dish_type,
        }


class Generated:
    """Canteens, weeks around today and today's stock, out of a seed, the date and the revisions published.

    ``weeks``: 0 is that of today.

    A week's document holds the days from today on; one whose days are all past holds the last of them.
    """

    def __init__(
        self,
        seed: int = 1,
        clock: Callable[[], datetime] = utc_now,
        canteens: Sequence[Canteen] = CANTEENS,
        weeks: Sequence[int] = WEEKS,
    ) -> None:
        self._seed = seed
        self._clock = clock
        self._numbers = weeks
        self._canteens = {canteen.canteen_id: canteen for canteen in canteens}
        self._days: dict[tuple[str, date], list[PricedDish]] = {}
        self._weeks: dict[tuple[str, date], Document] = {}
        self._weeks_of = date.min
        self._published: dict[str, tuple[int, datetime]] = {}
        self._revision = 0

    def now(self) -> datetime:
        return self._clock().astimezone(UTC)

    def describe(self) -> dict[str, Any]:
        return {"mode": "generated", "seed": self._seed, "revision": self._revision}

    def publish(self, canteens: str) -> None:
        """Publish the next revision of the canteens whose id matches the glob: each price rises by a cent."""
        self._revision += 1
        for canteen_id in self._canteens:
            if fnmatchcase(canteen_id, canteens):
                self._published[canteen_id] = (self._revision, self.now().replace(microsecond=0))
                self._weeks = {key: week for key, week in self._weeks.items() if key[0] != canteen_id}

    def document(self, path: str) -> Document | None:
        """What is published under ``path`` (no leading slash)."""
        match path.split("/"):
            case ["canteens.json"]:
                return Document(
                    msgspec.json.encode([canteen.listed() for canteen in self._canteens.values()]), self._midnight()
                )
            case ["enums", "labels.json"]:
                return Document(msgspec.json.encode(label_list()), self._midnight())
            case ["stock.json"]:
                return self._stock()
            case [canteen_id, year, file] if canteen_id in self._canteens:
                return self._week(self._canteens[canteen_id], f"{year}/{file}")
            case _:
                return None

    def _today(self) -> date:
        return self._clock().astimezone(BERLIN).date()

    def _midnight(self) -> datetime:
        return datetime.combine(self._today(), time(), BERLIN).astimezone(UTC)

    def _week(self, canteen: Canteen, file: str) -> Document | None:
        today = self._today()
        this_monday = today - timedelta(days=today.weekday())
        mondays = [this_monday + timedelta(weeks=number) for number in self._numbers]
        monday = {f"{monday:%G}/{monday:%V}.json": monday for monday in mondays}.get(file)
        if monday is None:
            return None
        if self._weeks_of != today:
            self._weeks, self._weeks_of = {}, today
        key = (canteen.canteen_id, monday)
        if key not in self._weeks:
            self._weeks[key] = self._week_document(canteen, monday, today)
        return self._weeks[key]

    def _week_document(self, canteen: Canteen, monday: date, today: date) -> Document:
        days = [monday + timedelta(days=number) for number in range(canteen.kind.days)]
        published = [day for day in days if day >= today] or days[-1:]
        revision, modified_at = self._published.get(canteen.canteen_id, (0, self._midnight()))
        body = {
            "number": monday.isocalendar().week,
            "year": monday.isocalendar().year,
            "days": [
                {
                    "date": day.isoformat(),
                    "dishes": [dish.published(revision) for dish in self._dishes(canteen, day)],
                }
                for day in published
            ],
            "version": "2.1",
        }
        return Document(msgspec.json.encode(body), max(modified_at, self._midnight()))

    def _dishes(self, canteen: Canteen, day: date) -> list[PricedDish]:
        key = (canteen.canteen_id, day)
        if key not in self._days:
            rng = Random(f"{self._seed}/{canteen.canteen_id}/{day}")  # noqa: S311 - a demonstration
            kind = canteen.kind
            dish_types = [*kind.always, *(each for each in kind.sometimes if rng.random() < SOMETIMES_SHARE)]
            self._days[key] = [
                PricedDish(dish, prices(rng, dish.dish_type, canteen.level_cents, by_weight=kind.by_weight))
                for dish in day_dishes(rng, dish_types)
            ]
        return self._days[key]

    def _stock(self) -> Document:
        minute = int(self._clock().timestamp()) // 60
        entries = list(self._stock_entries(minute))
        return Document(msgspec.json.encode(entries), datetime.fromtimestamp(minute * 60, UTC))

    def _stock_entries(self, minute: int) -> Iterator[dict[str, Any]]:
        """Entries of the dishes of today, or of the next day that a canteen serves on."""
        for canteen in self._canteens.values():
            day = self._today()
            while day.weekday() >= canteen.kind.days:
                day += timedelta(days=1)
            for priced in self._dishes(canteen, day):
                entry = stock_entry(self._seed, canteen.canteen_id, day, priced.dish.name, minute)
                if entry is not None:
                    yield entry
