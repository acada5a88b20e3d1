"""What the declaration of a Square source may say under ``options``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from sync.errors import SettingsError
from sync.settings import known

CHANNELS = ("DELIVERY", "PICKUP", "DINE_IN")
LONGEST_HOURS = 24 * 28


@dataclass(frozen=True, slots=True)
class SquareOptions:
    """``channels`` that each location sells through; Square's catalog knows none.

    ``merchant``: the id that every answer must be of; None: the one of the first answer. ``language`` of the texts
    (BCP 47); None: the location's. ``reconcile_hours``: how often the whole catalog is read again; 0: at every run.
    ``page_size``: objects asked for at once.
    """

    channels: tuple[str, ...] = ("PICKUP",)
    merchant: str | None = None
    language: str | None = None
    reconcile_hours: float = 24
    page_size: int = 500

    @classmethod
    def read(cls, place: str, options: Mapping[str, Any]) -> Self:
        """The options as declared. Raises ``SettingsError``."""
        known(place, options, set(cls.__slots__))
        channels = options.get("channels", list(cls().channels))
        if not isinstance(channels, list) or not channels or any(one not in CHANNELS for one in channels):
            raise SettingsError(f"{place}.channels", f"must be a list of {', '.join(CHANNELS)}", channels)
        for name in ("merchant", "language"):
            value = options.get(name)
            if value is not None and (not isinstance(value, str) or not value.strip()):
                raise SettingsError(f"{place}.{name}", "must be a text", value)
        hours = options.get("reconcile_hours", 24)
        if isinstance(hours, bool) or not isinstance(hours, int | float) or not 0 <= hours <= LONGEST_HOURS:
            raise SettingsError(f"{place}.reconcile_hours", f"must be 0 to {LONGEST_HOURS} hours", hours)
        size = options.get("page_size", 500)
        if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= 1_000:  # noqa: PLR2004 - Square's
            raise SettingsError(f"{place}.page_size", "must be 1 to 1000 objects", size)
        return cls(tuple(dict.fromkeys(channels)), options.get("merchant"), options.get("language"), hours, size)
