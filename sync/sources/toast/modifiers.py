"""What the references of one answer lead to (Menus V2, ``ModifierGroup`` and ``ModifierOption``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sync.sources.toast.reading import Reading
from sync.sources.toast.shapes import Unreadable, guid_of, thing

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Group:
    """A modifier group. ``key`` is its record's."""

    key: str
    entry: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Option:
    """A modifier option. ``item`` is the key of the item that it is."""

    guid: str
    item: str
    entry: dict[str, Any]


class Modifiers:
    """The modifier groups and options of a restaurant, which items share.

    A reference is a number that means nothing outside of its answer, so keys are made of guids. Groups of one guid that
    differ in what they hold are numbered in the order of their references. What is visible nowhere is None.
    """

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.alike: dict[str, list[dict[str, Any]]] = {}
        self.groups = self.read(reading.published.modifier_group_references, self.read_group)
        self.options = self.read(reading.published.modifier_option_references, self.read_option)

    def read(
        self, references: Mapping[str, Any], read: Callable[[dict[str, Any]], T]
    ) -> dict[str, T | Unreadable | None]:
        found: dict[str, T | Unreadable | None] = {}
        for reference in sorted(references, key=lambda number: (len(number), number)):
            try:
                entry = thing(references[reference])
                found[reference] = read(entry) if self.reading.visible(entry, self.reading.channels) else None
            except Unreadable as why:
                found[reference] = why
        return found

    def read_group(self, entry: dict[str, Any]) -> Group:
        guid = guid_of(entry)
        told = {name: value for name, value in entry.items() if name != "referenceId"}
        alike = self.alike.setdefault(guid, [])
        if told not in alike:
            alike.append(told)
        number = alike.index(told) + 1
        return Group(self.reading.key(guid if number == 1 else f"{guid}~{number}"), entry)

    def read_option(self, entry: dict[str, Any]) -> Option:
        guid = guid_of(entry)
        return Option(guid, self.reading.key(guid), entry)

    def group(self, reference: object) -> Group | None:
        """The group of a reference. Raises ``Unreadable``."""
        return followed(self.groups, reference, "modifierGroupReferences must name a modifier group")

    def option(self, reference: object) -> Option | None:
        """The option of a reference. Raises ``Unreadable``."""
        return followed(self.options, reference, "modifierOptionReferences must name a modifier option")


def followed(things: Mapping[str, T | Unreadable | None], reference: object, rule: str) -> T | None:
    """Where ``reference`` leads. Raises ``Unreadable``."""
    if isinstance(reference, bool) or not isinstance(reference, int) or str(reference) not in things:
        raise Unreadable(rule, repr(reference))
    found = things[str(reference)]
    if isinstance(found, Unreadable):
        raise found
    return found
