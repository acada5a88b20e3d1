"""The suppliers that an installation reads, as declared in a TOML file.

::

    [sources.canteens]
    kind = "eat_api"
    url = "https://example.org/api"
    limits = { concurrency = 8 }                # what a pull may take: ``sync.documents.Limits``
    schedules = { menu = 120, stock = 20 }      # seconds between runs; 0: never by itself
    guards = { source_loss = 0.2 }              # what is held back: ``sync.guards``
    credentials = { header = "X-API-KEY", env = "CANTEENS_KEY" }
    webhook = { secret_env = "CANTEENS_SECRET" }
    options = {}                                # the kind's own

    [sources.canteens.slo.price]
    fresh_for_seconds = 300
    stale_for_seconds = 86400
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from sync.errors import SettingsError

NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")
DAY_SECONDS = 86_400
TABLES = ("options", "limits", "guards", "credentials", "webhook")
USERINFO = re.compile(r"(?<=//)[^/@]*@")


@dataclass(frozen=True, slots=True)
class Slo:
    """The ages, in seconds since the last confirmation, up to which a value is FRESH and STALE."""

    fresh_for_seconds: int
    stale_for_seconds: int


DEFAULT_SLOS: Mapping[str, Slo] = MappingProxyType(
    {
        "availability": Slo(60, 600),
        "price": Slo(300, DAY_SECONDS),
        "menu": Slo(1_800, 7 * DAY_SECONDS),
    }
)


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """One supplier: ``kind`` names its class in ``sync.sources``, ``options`` are that class's own.

    ``limits``, ``guards``, ``credentials`` and ``webhook`` are tables as declared; whoever uses them reads and checks
    them. No secret stands in them: they say where one is found. ``slos`` is by concern, ``schedules`` stream -> seconds
    between runs (0: never by itself), both where they depart from the kind's own.
    """

    name: str
    kind: str
    url: str
    options: Mapping[str, Any] = field(default_factory=dict)
    slos: Mapping[str, Slo] = field(default_factory=dict)
    schedules: Mapping[str, int] = field(default_factory=dict)
    limits: Mapping[str, Any] = field(default_factory=dict)
    guards: Mapping[str, Any] = field(default_factory=dict)
    credentials: Mapping[str, Any] = field(default_factory=dict)
    webhook: Mapping[str, Any] = field(default_factory=dict)

    def slo(self, concern: str) -> Slo:
        """The thresholds of ``concern``; those of menus for a concern that nobody declared."""
        return self.slos.get(concern) or DEFAULT_SLOS.get(concern) or DEFAULT_SLOS["menu"]


@dataclass(frozen=True, slots=True)
class Kept:
    """Days for which the past is kept.

    ``history`` is of what targets keep one, such as prices; the latest entry of each row stays.
    """

    runs_days: int = 30
    answers_days: int = 7
    history_days: int = 730


def read_sources(path: Path | None, supplier_url: str) -> dict[str, SourceSettings]:
    """The sources declared in the TOML file at ``path``, by name; without one, ``canteens`` of kind eat_api at the URL.

    Raises ``SettingsError`` that names the rule and the offending value.
    """
    if path is None:
        return {"canteens": SourceSettings("canteens", "eat_api", checked_url("supplier url", supplier_url))}
    try:
        declared = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise SettingsError(str(path), "must be a readable TOML file", str(exc)) from exc
    known("the file", declared, {"sources"})
    sources = table("sources", declared.get("sources", {}))
    if not sources:
        raise SettingsError("sources", "must name at least one source", sources)
    return {name: read_source(name, table(f"sources.{name}", found)) for name, found in sources.items()}


def read_source(name: str, declared: Mapping[str, Any]) -> SourceSettings:
    place = f"sources.{name}"
    if not NAME.fullmatch(name):
        raise SettingsError(place, "must be lower-case letters, digits, - and _, and start with a letter", name)
    known(place, declared, {"kind", "url", "schedules", "slo", *TABLES})
    kind = declared.get("kind")
    if not isinstance(kind, str) or not kind:
        raise SettingsError(f"{place}.kind", "must name a kind of source", kind)
    slos = table(f"{place}.slo", declared.get("slo", {}))
    schedules = table(f"{place}.schedules", declared.get("schedules", {}))
    return SourceSettings(
        name=name,
        kind=kind,
        url=checked_url(f"{place}.url", declared.get("url")),
        **{part: table(f"{place}.{part}", declared.get(part, {})) for part in TABLES},
        slos={concern: read_slo(f"{place}.slo.{concern}", found) for concern, found in slos.items()},
        schedules={stream: seconds(f"{place}.schedules.{stream}", found, 0) for stream, found in schedules.items()},
    )


def read_slo(place: str, declared: object) -> Slo:
    values = table(place, declared)
    known(place, values, {"fresh_for_seconds", "stale_for_seconds"})
    fresh = seconds(f"{place}.fresh_for_seconds", values.get("fresh_for_seconds"), 1)
    return Slo(fresh, seconds(f"{place}.stale_for_seconds", values.get("stale_for_seconds"), fresh))


def table(place: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise SettingsError(place, "must be a table", value)
    return value


def known(place: str, values: Mapping[str, Any], names: set[str]) -> None:
    if unknown := sorted(set(values) - names):
        rule = f"may hold only {', '.join(sorted(names))}" if names else "must be empty"
        raise SettingsError(place, rule, ", ".join(unknown))


def seconds(place: str, value: object, least: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= 366 * DAY_SECONDS:
        raise SettingsError(place, f"must be a whole number of seconds, at least {least}", value)
    return value


def checked_url(place: str, value: object) -> str:
    if not isinstance(value, str) or urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname:
        raise SettingsError(place, "must be a URL starting with http:// or https://", without_secrets(value))
    return value.rstrip("/")


def without_secrets(value: object) -> object:
    """A value as a message may show it: what stands before the host of an address may be a password."""
    return USERINFO.sub("…@", value) if isinstance(value, str) else value
