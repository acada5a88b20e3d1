"""Paths with places for what a parent says: ``stores/{id}/menu``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from sync.errors import DocumentRefused, SettingsError
from sync.sources.http_json.expressions import Expression, Unreadable, expression
from sync.sources.http_json.functions import Around
from sync.sources.http_json.values import Refusal, shown, text_of

PLACE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Path:
    """``texts`` with the ``values`` between them, each read of the parent."""

    texts: tuple[str, ...]
    values: tuple[Expression, ...]

    def of(self, parent: Any) -> str:
        """The path for one parent. Raises ``DocumentRefused`` when the parent does not say enough."""
        return self.texts[0] + "".join(
            segment(value, parent) + text for value, text in zip(self.values, self.texts[1:], strict=True)
        )


def read_path(place: str, declared: str, *, of_a_parent: bool) -> Path:
    """The path that is declared. Raises ``SettingsError``."""
    if declared.startswith("/") or urlsplit(declared).scheme or "#" in declared:
        raise SettingsError(place, "must be relative to the source's url and not start with /", declared)
    if any(part in {".", ".."} for part in declared.partition("?")[0].split("/")):
        raise SettingsError(place, "must not lead upwards", declared)
    texts = PLACE.split(declared)
    if any(mark in text for text in texts[::2] for mark in "{}"):
        raise SettingsError(place, "must close every { with a }", declared)
    if len(texts) > 1 and not of_a_parent:
        raise SettingsError(place, "needs a parent for what stands in { }", declared)
    return Path(tuple(texts[::2]), tuple(expression(place, text) for text in texts[1::2]))


def segment(value: Expression, parent: Any) -> str:
    """What a parent says, as part of a path that it cannot break out of."""
    rule = f"{value.text} must be a text or a number that can stand in a path"
    try:
        found = text_of(value.over(parent, Around(item=parent)))
    except Unreadable as exc:
        raise DocumentRefused(exc.rule, exc.value) from exc
    except Refusal as exc:
        raise DocumentRefused(rule, str(exc)) from exc
    if found in {"", ".", ".."}:
        raise DocumentRefused(rule, shown(found))
    return quote(found, safe="")
