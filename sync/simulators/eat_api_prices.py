"""What dishes cost: less for students than for staff, most for guests; by the plate, the portion or by weight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from sync.simulators.eat_api_dishes import pick

AUDIENCES: Mapping[str, float] = {"students": 1.0, "staff": 1.35, "guests": 1.8}
"""How much of the students' price each of them pays."""


@dataclass(frozen=True, slots=True)
class Tariff:
    """A price in cents for students: ``base`` (one of them) once, ``per_unit`` for each ``unit``."""

    base: tuple[int, ...] = (0,)
    per_unit: int | None = None
    unit: str | None = None


BY_WEIGHT: Mapping[str, Tariff] = {
    "Vegan": Tariff(per_unit=85, unit="100g"),
    "Vegetarisch": Tariff(per_unit=85, unit="100g"),
    "Pasta": Tariff(per_unit=80, unit="100g"),
    "Wok": Tariff(per_unit=95, unit="100g"),
    "Beilage": Tariff(per_unit=70, unit="100g"),
    "Süßspeise": Tariff(per_unit=75, unit="100g"),
    "Fleisch": Tariff((100,), 85, "100g"),
    "Fisch": Tariff((150,), 85, "100g"),
    "Dessert": Tariff(per_unit=90, unit="Portion"),
    "Suppe": Tariff((80, 100)),
    "Pizza": Tariff((420, 460, 490)),
}
BY_PLATE: Mapping[str, Tariff] = {
    "Suppe": Tariff((120, 150, 180)),
    "Vegan": Tariff((290, 310, 340)),
    "Vegetarisch": Tariff((310, 330, 360)),
    "Fleisch": Tariff((380, 410, 450)),
    "Pasta": Tariff((295, 320, 345)),
    "Pizza": Tariff((430, 470, 510)),
    "Salat": Tariff((260, 290, 350)),
    "Süßspeise": Tariff((240, 270)),
    "Dessert": Tariff(per_unit=110, unit="Portion"),
}
UNPRICED_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Price:
    """One audience's price in cents, as eat-api splits it."""

    base: int
    per_unit: int | None
    unit: str | None

    def published(self, revision: int) -> dict[str, Any]:
        """In eat-api's form; each revision adds a cent to the base, or to the part per unit where there is no base."""
        base = self.base + revision if self.base else 0
        per_unit = self.per_unit if self.per_unit is None or self.base else self.per_unit + revision
        return {
            "base_price": base / 100 if base else 0,
            "price_per_unit": None if per_unit is None else per_unit / 100,
            "unit": self.unit,
        }


Prices = Mapping[str, Price | None]


def in_five_cents(cents: float) -> int:
    return round(cents / 5) * 5


def prices(rng: Random, dish_type: str, level_cents: int, *, by_weight: bool) -> Prices:
    """The price of a dish for each audience; for a few dishes none is known."""
    tariff = (BY_WEIGHT if by_weight else BY_PLATE)[dish_type]
    base = pick(rng, tariff.base)
    if rng.random() < UNPRICED_SHARE:
        return dict.fromkeys(AUDIENCES)
    if tariff.per_unit is None:
        return {
            audience: Price(in_five_cents((base + level_cents) * share), None, None)
            for audience, share in AUDIENCES.items()
        }
    return {
        audience: Price(base, in_five_cents((tariff.per_unit + level_cents) * share), tariff.unit)
        for audience, share in AUDIENCES.items()
    }
