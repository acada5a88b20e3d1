"""How often a supplier may be asked: rates as data, and the token buckets that they make.

Token bucket: a bucket holds at most ``burst`` tokens, gains ``per_second`` and each request takes one. At most ``n``
requests in any ``w`` seconds are sent while ``burst + w * per_second <= n``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Self

from sync.errors import SettingsError
from sync.settings import known, table


@dataclass(frozen=True, slots=True)
class Bucket:
    """A token bucket of one source."""

    name: str
    per_second: float
    burst: int


@dataclass(frozen=True, slots=True)
class Rate:
    """How often documents whose path, without its query, matches the glob ``path`` may be asked for.

    ``by`` names a header of the request: each of its values has a bucket of its own.
    """

    path: str = "*"
    per_second: float = 100
    burst: int = 1
    by: str = ""

    @classmethod
    def read(cls, place: str, declared: object) -> Self:
        """A rate as a source declares it. Raises ``SettingsError``."""
        values = table(place, declared)
        known(place, values, set(cls.__slots__))
        for name in ("path", "by"):
            if not isinstance(values.get(name, ""), str):
                raise SettingsError(f"{place}.{name}", "must be a text", values[name])
        return cls(
            values.get("path", "*"),
            above_zero(f"{place}.per_second", values.get("per_second"), int | float),
            int(above_zero(f"{place}.burst", values.get("burst", 1), int)),
            values.get("by", ""),
        )

    def bucket(self, headers: Mapping[str, str]) -> Bucket:
        """The bucket of a request with these headers."""
        value = next((found for name, found in headers.items() if name.lower() == self.by.lower()), "")
        return Bucket(" ".join(filter(None, (self.path, f"{self.per_second:g}/s", value))), self.per_second, self.burst)


def buckets_of(rates: Sequence[Rate], path: str, headers: Mapping[str, str]) -> list[Bucket]:
    """The buckets from which a request for ``path`` takes a token, one each."""
    bare = path.partition("?")[0]
    return list({rate.bucket(headers): None for rate in rates if fnmatchcase(bare, rate.path)})


def above_zero(place: str, value: Any, numbers: Any) -> float:
    """``value``, one of ``numbers``. Raises ``SettingsError`` unless it is above 0."""
    if isinstance(value, bool) or not isinstance(value, numbers) or not 0 < value < float("inf"):
        whole = "a whole number" if numbers is int else "a number"
        raise SettingsError(place, f"must be {whole} above 0", value)
    return float(value)
