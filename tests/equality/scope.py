"""What stands at one place of a response, so that every further selection can merge with it.

The rule is FieldsInSetCanMerge of the GraphQL specification (section 5.3.2), a little stricter: fields of different
object types that share a response key have equal types, not only equal shapes.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Selected:
    """One field behind a response key."""

    parent: str
    parent_is_object: bool
    name: str
    arguments: str
    type: str

    def merges(self, other: Selected) -> bool:
        """Whether both may stand under one response key."""
        if self.type != other.type:
            return False
        if self.parent_is_object and other.parent_is_object and self.parent != other.parent:
            return True
        return (self.name, self.arguments) == (other.name, other.arguments)


@dataclass(slots=True)
class Scope:
    """Response keys of one place: the fields behind each, and the place below it."""

    fields: dict[str, list[Selected]] = field(default_factory=dict)
    below: dict[str, Scope] = field(default_factory=dict)

    def admits(self, key: str, selected: Selected) -> bool:
        """Whether ``selected`` may stand under ``key``."""
        return all(selected.merges(other) for other in self.fields.get(key, ()))

    def take(self, key: str, selected: Selected) -> Scope:
        """Note ``selected`` under ``key``; returns the place below it."""
        found = self.fields.setdefault(key, [])
        if selected not in found:
            found.append(selected)
        return self.below.setdefault(key, Scope())

    def admits_all(self, other: Scope) -> bool:
        """Whether all of ``other`` may stand here too."""
        return all(
            self.admits(key, selected) and (key not in self.below or self.below[key].admits_all(other.below[key]))
            for key, fields in other.fields.items()
            for selected in fields
        )

    def take_all(self, other: Scope) -> None:
        """Note all of ``other``."""
        for key, fields in other.fields.items():
            for selected in fields:
                self.take(key, selected).take_all(other.below[key])
