"""Parts of dish names, and what is in them."""

from __future__ import annotations

from dataclasses import dataclass

from sync.simulators.eat_api_labels import NOT_VEGAN, NOT_VEGETARIAN


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a dish's name and the label codes of what is in it."""

    text: str
    ingredients: frozenset[str]


Table = tuple[Part, ...]


def table(lines: str) -> Table:
    """The parts that ``lines`` lists, one a line: ``text: LABEL CODES``."""
    rows = (line.partition(":") for line in lines.strip().splitlines())
    return tuple(Part(text.strip(), frozenset(codes.split())) for text, _, codes in rows)


def vegetarian(parts: Table) -> Table:
    return tuple(part for part in parts if not part.ingredients & NOT_VEGETARIAN)


def vegan(parts: Table) -> Table:
    return tuple(part for part in parts if not part.ingredients & NOT_VEGAN)
