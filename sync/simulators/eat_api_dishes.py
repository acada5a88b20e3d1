"""Dishes composed of the kitchen's words, with the labels that follow from what is in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from sync.simulators import eat_api_counters as counters
from sync.simulators import eat_api_kitchen as kitchen
from sync.simulators.eat_api_labels import declared
from sync.simulators.eat_api_parts import Table, vegan, vegetarian

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Course:
    """How dishes of one type are composed: one part out of each table, in ``pattern``; ``always`` is in every dish."""

    pattern: str
    tables: tuple[Table, ...]
    always: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Dish:
    """A dish without its price."""

    dish_type: str
    name: str
    labels: tuple[str, ...]


PLATE = "{} {}, dazu {}"
COURSES: Mapping[str, Course] = {
    "Suppe": Course("{} mit {}", (kitchen.SOUPS, kitchen.SOUP_TOPPINGS)),
    "Vegan": Course(PLATE, (vegan(kitchen.PLANT_MAINS), vegan(kitchen.SAUCES), vegan(kitchen.SIDES))),
    "Vegetarisch": Course(PLATE, (kitchen.PLANT_MAINS, vegetarian(kitchen.SAUCES), vegetarian(kitchen.SIDES))),
    "Fleisch": Course(PLATE, (kitchen.MEAT_MAINS, kitchen.SAUCES, kitchen.SIDES)),
    "Fisch": Course(PLATE, (kitchen.FISH_MAINS, kitchen.SAUCES, kitchen.SIDES)),
    "Pasta": Course("{} {} und {}", (counters.PASTA, counters.PASTA_SAUCES, counters.PASTA_TOPPINGS)),
    "Pizza": Course("Pizza mit {}, {} und {}", (counters.PIZZA_TOPPINGS,) * 3, frozenset({"WHEAT", "MILK"})),
    "Wok": Course("{} {}, dazu {}", (counters.WOK, counters.WOK_SAUCES, counters.WOK_SIDES)),
    "Salat": Course("{} mit {}, dazu {}", (counters.SALADS, counters.SALAD_TOPPINGS, counters.DRESSINGS)),
    "Beilage": Course("{}", (kitchen.SIDES,)),
    "Süßspeise": Course("{} {}", (counters.SWEETS, counters.DESSERT_TOPPINGS)),
    "Dessert": Course("{} {}", (counters.DESSERTS, counters.DESSERT_TOPPINGS)),
}


def pick(rng: Random, choices: Sequence[T]) -> T:
    """One of ``choices``; only ``random()`` is promised to stay the same in every version of Python."""
    return choices[int(rng.random() * len(choices))]


def compose(rng: Random, dish_type: str) -> Dish:
    """A dish of ``dish_type``, no part in it twice."""
    course = COURSES[dish_type]
    parts = [pick(rng, choices) for choices in course.tables]
    while len(set(parts)) < len(parts):
        parts = [pick(rng, choices) for choices in course.tables]
    ingredients = course.always.union(*(part.ingredients for part in parts))
    return Dish(dish_type, course.pattern.format(*(part.text for part in parts)), tuple(declared(ingredients)))


def day_dishes(rng: Random, dish_types: Sequence[str]) -> list[Dish]:
    """One dish for each of ``dish_types``, in this order, no name twice."""
    dishes: dict[str, Dish] = {}
    for dish_type in dish_types:
        dish = compose(rng, dish_type)
        while dish.name in dishes:
            dish = compose(rng, dish_type)
        dishes[dish.name] = dish
    return list(dishes.values())
