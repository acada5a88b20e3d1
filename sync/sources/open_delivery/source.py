"""Open Delivery v1.7.0, the merchant API (github.com/Abrasel-Nacional/docs): one merchant of a Brazilian supplier."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any
from zoneinfo import ZoneInfo

from sync.documents import Documents
from sync.errors import SettingsError
from sync.protocol import Event
from sync.settings import SourceSettings, known
from sync.sources.open_delivery.entities import Reading
from sync.sources.open_delivery.merchant import STREAM, Wish, pull_merchant

PATH = "v1/merchant"
RULES = {
    "path": (re.compile(r"[^/\s#]([^\s#]*)"), "must be a path relative to the url"),
    "merchant_id": (re.compile(r"\S.{0,199}"), "must be the id of a merchant"),
    "timezone": (re.compile(r".+"), "must be an IANA name of a time zone"),
    "language": (re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,4})?"), "must be a language code such as pt or pt-BR"),
    "slug": (re.compile(r"[A-Za-z0-9_-]{1,128}"), "must be letters, digits, - and _"),
    "app_id": (re.compile(r"\S.{0,199}"), "must be the id of an ordering application"),
    "currency": (re.compile(r"[A-Z]{3}"), "must be an ISO 4217 code"),
}
"""Options: what they must look like."""


PULLS = {STREAM: pull_merchant}


class OpenDelivery:
    """One merchant. Options: ``RULES``."""

    def __init__(self, settings: SourceSettings) -> None:
        place = f"sources.{settings.name}.options"
        known(place, settings.options, set(RULES))
        options = {name: option(f"{place}.{name}", name, value) for name, value in settings.options.items()}
        path, merchant = options.pop("path", PATH), options.pop("merchant_id", None)
        self.wish = Wish(path, merchant, Reading(**options))

    async def pull(self, stream: str, cursor: dict[str, Any], documents: Documents) -> AsyncGenerator[Event, None]:
        """What the supplier says now about the merchant."""
        async with aclosing(PULLS[stream](documents, cursor, self.wish)) as events:
            async for event in events:
                yield event


def option(place: str, name: str, value: object) -> str:
    """An option. Raises ``SettingsError``."""
    form, rule = RULES[name]
    if not isinstance(value, str) or not form.fullmatch(value):
        raise SettingsError(place, rule, value)
    if name == "timezone":
        try:
            ZoneInfo(value)
        except (ValueError, OSError, LookupError) as exc:
            raise SettingsError(place, rule, value) from exc
    return value
