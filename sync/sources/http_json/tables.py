"""A table of a declaration, read name by name; whatever is wrong with it names its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from sync.errors import SettingsError
from sync.settings import known, table
from sync.sources.http_json.expressions import Expression, expression


@dataclass(frozen=True, slots=True)
class Table:
    """The values declared at ``place``. Every reading raises ``SettingsError`` for a value of another shape."""

    place: str
    values: Mapping[str, Any]

    @classmethod
    def at(cls, place: str, value: object, names: set[str]) -> Self:
        """A table that holds nothing but ``names``."""
        values = table(place, value)
        known(place, values, names)
        return cls(place, values)

    def below(self, name: str) -> str:
        """The place of ``name``."""
        return f"{self.place}.{name}"

    def text(self, name: str, default: str | None = None) -> str:
        """A text; without a default it must be given."""
        value = self.values.get(name, default)
        if not isinstance(value, str) or not value.strip():
            raise SettingsError(self.below(name), "must be a text", value)
        return value

    def one_of(self, name: str, choices: tuple[str, ...], default: str | None = None) -> str:
        value = self.values.get(name, default)
        if value not in choices:
            raise SettingsError(self.below(name), f"must be one of {', '.join(choices)}", value)
        return str(value)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts that must be given, and not be empty."""
        value = self.values.get(name)
        if not isinstance(value, list) or not value or not all(isinstance(one, str) and one for one in value):
            raise SettingsError(self.below(name), "must be a list of texts", value)
        return tuple(value)

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.values.get(name, default)
        if not isinstance(value, bool):
            raise SettingsError(self.below(name), "must be true or false", value)
        return value

    def whole(self, name: str, default: int | None, least: int, most: int = 10**9) -> int:
        value = self.values.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise SettingsError(self.below(name), f"must be a whole number from {least} to {most}", value)
        return value

    def expression(self, name: str) -> Expression:
        """An expression that must be given."""
        return expression(self.below(name), self.values.get(name))

    def expression_if_any(self, name: str) -> Expression | None:
        return self.expression(name) if name in self.values else None

    def named(self, name: str) -> Mapping[str, Any]:
        """A table of any names; empty when it is not given."""
        return table(self.below(name), self.values.get(name, {}))

    def listed(self, name: str) -> Iterator[tuple[str, object]]:
        """The tables of a list, each with its place; none when it is not given."""
        value = self.values.get(name, [])
        if not isinstance(value, list):
            raise SettingsError(self.below(name), "must be a list of tables", value)
        for number, one in enumerate(value):
            yield f"{self.below(name)}[{number}]", one
