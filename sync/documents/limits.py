"""What a pull may take of a supplier, and how it behaves where the supplier fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from sync.errors import SettingsError
from sync.politeness.rates import Rate, above_zero
from sync.settings import SourceSettings

DEFAULT_RATES = (Rate("*", per_second=100, burst=1_000),)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a pull may take. Times are seconds; bytes are counted after decompression."""

    concurrency: int = 8
    """Requests under way at once."""
    request_seconds: float = 10
    """For one document, from its first request to its last byte: retries are in it, waiting for its rates is not."""
    total_seconds: float = 120
    """For all documents together, from the first one on. A streamed document has nothing less."""
    documents: int = 10_000
    body_bytes: int = 8 * 2**20
    stream_bytes: int = 512 * 2**20
    item_bytes: int = 2**20
    """Between two items of a streamed document."""
    redirects: int = 3
    attempts: int = 3
    retry_share: float = 0.2
    """Retries of all documents together, as a share of the documents."""
    retry_after_seconds: float = 3_600
    """The longest Retry-After that is believed."""
    failures: int = 5
    """In a row, over all workers, after which the supplier is left alone."""
    closed_seconds: float = 30
    """For how long, at most; half of it at least."""
    rates: tuple[Rate, ...] = DEFAULT_RATES

    @classmethod
    def read(cls, place: str, options: Mapping[str, Any], kinds_own: Self | None = None) -> Self:
        """The limits that a source declares; the others are its kind's.

        Raises ``SettingsError`` for one that is unknown, not positive, or no whole number where only that makes sense.
        """
        given: dict[str, Any] = {}
        for name, value in options.items():
            if name not in cls.__slots__:
                raise SettingsError(place, f"may hold only {', '.join(cls.__slots__)}", name)
            if name == "rates":
                given[name] = read_rates(f"{place}.rates", value)
            else:
                whole = cls.__annotations__[name] == "int"
                number = above_zero(f"{place}.{name}", value, int if whole else int | float)
                given[name] = int(number) if whole else number
        return replace(kinds_own or cls(), **given)


def read_rates(place: str, declared: object) -> tuple[Rate, ...]:
    if not isinstance(declared, list):
        raise SettingsError(place, "must be a list of tables", declared)
    return tuple(Rate.read(f"{place}[{number}]", one) for number, one in enumerate(declared))


def limits_of(settings: SourceSettings, kinds_own: Limits | None = None) -> Limits:
    """The limits of a source; those that it does not declare are ``kinds_own``. Raises ``SettingsError``."""
    return Limits.read(f"sources.{settings.name}.limits", settings.limits, kinds_own)
