"""How much change a source may bring before somebody looks at it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from django.conf import settings as django_settings

from sync.errors import SettingsError
from sync.settings import SourceSettings


@dataclass(frozen=True, slots=True)
class Guards:
    """The limits of one source; None: not guarded.

    location_loss: share of what is on offer that a unit of freshness may not lose unless the supplier says so twice.
    source_loss: share that the whole source may not lose without an operator, where it has several units.
    quarantine: share of a run's rows above which the run waits for an operator.
    price_factor: a price may not rise or fall by more than this factor, nor fall to zero: the row is quarantined.
    """

    location_loss: float | None = 0.30
    source_loss: float | None = 0.20
    quarantine: float | None = 0.05
    price_factor: float | None = 3.0

    @classmethod
    def read(cls, place: str, declared: Mapping[str, Any]) -> Self:
        """The limits in a table; ``false`` turns one off. Raises ``SettingsError``."""
        names = [field.name for field in fields(cls)]
        found: dict[str, float | None] = {}
        for name, value in declared.items():
            if name not in names:
                raise SettingsError(place, f"may hold only {', '.join(names)}", name)
            found[name] = None if value is False else limit(f"{place}.{name}", value, share=name != "price_factor")
        return cls(**found)


OFF = Guards(None, None, None, None)


def limit(place: str, value: object, *, share: bool) -> float:
    """A share above 0 and at most 1, or a factor above 1. Raises ``SettingsError``."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if share and not (number and 0 < value <= 1):  # type: ignore[operator]
        raise SettingsError(place, "must be false or a share above 0 and at most 1", value)
    if not share and not (number and value > 1):  # type: ignore[operator]
        raise SettingsError(place, "must be false or a factor above 1", value)
    return float(value)  # type: ignore[arg-type]


def guards_of(settings: SourceSettings) -> Guards:
    """The limits of a source; all off where the installation turned them off. Raises ``SettingsError``."""
    declared = Guards.read(f"sources.{settings.name}.guards", settings.guards)
    return declared if django_settings.LARDER_GUARDS else OFF
