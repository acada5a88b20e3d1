"""What an installation says about its Toast restaurants, which the menus API does not tell itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Self

from sync.errors import SettingsError
from sync.identity import digest
from sync.settings import SourceSettings, known, table

GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CURRENCY = re.compile(r"[A-Z]{3}")
LANGUAGE = re.compile(r"(?=.{2,8}$)[a-z]{2,3}(?:-[A-Za-z0-9]{2,5})*")
SLUG = re.compile(r"[A-Za-z0-9_-]{1,128}")

CHANNELS = ("DELIVERY", "PICKUP", "DINE_IN")
SHOWN_IN: Mapping[str, str] = MappingProxyType(
    {"POS": "DINE_IN", "TOAST_ONLINE_ORDERING": "PICKUP", "ORDERING_PARTNERS": "DELIVERY"}
)
"""Toast's word for where something is visible -> the channel that it is sold through there."""

READING = 1
"""Number of this reading of the menus. Raise it when they mean other rows: every menu is then read again."""


@dataclass(frozen=True, slots=True)
class Restaurant:
    """A restaurant to read; without a ``name`` its guid has to do."""

    guid: str
    name: str
    slug: str
    address: str | None = None

    @classmethod
    def read(cls, place: str, declared: object) -> Self:
        """A guid, or a table of guid, name, slug and address. Raises ``SettingsError``."""
        values = {"guid": declared} if isinstance(declared, str) else table(place, declared)
        known(place, values, {"guid", "name", "slug", "address"})
        guid = matching(f"{place}.guid", values.get("guid"), GUID, "must be a guid in lower case")
        for name in ("name", "address"):
            if name in values and not (isinstance(values[name], str) and values[name].strip()):
                raise SettingsError(f"{place}.{name}", "must be text", values[name])
        slug = matching(f"{place}.slug", values.get("slug", guid), SLUG, "must be letters, digits, - and _")
        return cls(guid, values.get("name", guid), slug, values.get("address"))


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a source of kind ``toast``. ``channels`` is Toast's visibility -> channel."""

    restaurants: Sequence[Restaurant]
    currency: str = "USD"
    language: str = "en"
    channels: Mapping[str, str] = field(default_factory=lambda: SHOWN_IN)

    @classmethod
    def read(cls, settings: SourceSettings) -> Self:
        """The options that a source declares. Raises ``SettingsError``."""
        place, options = f"sources.{settings.name}.options", settings.options
        known(place, options, {"restaurants", "currency", "language", "channels"})
        channels = table(f"{place}.channels", options.get("channels", dict(SHOWN_IN)))
        if not channels:
            raise SettingsError(f"{place}.channels", "must not be empty", channels)
        for shown_in, channel in channels.items():
            if channel not in CHANNELS:
                raise SettingsError(f"{place}.channels.{shown_in}", f"must be one of {', '.join(CHANNELS)}", channel)
        return cls(
            restaurants=read_restaurants(f"{place}.restaurants", options.get("restaurants")),
            currency=matching(
                f"{place}.currency", options.get("currency", "USD"), CURRENCY, "must be a code of ISO 4217"
            ),
            language=matching(
                f"{place}.language",
                options.get("language", "en"),
                LANGUAGE,
                "must be a language tag (BCP 47) of at most 8 characters",
            ),
            channels=MappingProxyType(dict(channels)),
        )

    def reading(self, restaurant: Restaurant) -> str:
        """What the rows of a restaurant depend on besides the supplier's menus."""
        own = [restaurant.guid, restaurant.name, restaurant.slug, restaurant.address]
        return digest([READING, own, self.currency, self.language, dict(self.channels)]).hex[:16]


def read_restaurants(place: str, declared: Any) -> list[Restaurant]:
    if not isinstance(declared, list) or not declared:
        raise SettingsError(place, "must list at least one restaurant", declared)
    restaurants = [Restaurant.read(f"{place}[{number}]", one) for number, one in enumerate(declared)]
    for name in ("guid", "slug"):
        values = [getattr(restaurant, name) for restaurant in restaurants]
        if repeated := [value for value in values if values.count(value) > 1]:
            raise SettingsError(place, f"must name each {name} once", repeated[0])
    return restaurants


def matching(place: str, value: Any, pattern: re.Pattern[str], rule: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise SettingsError(place, rule, value)
    return value
