"""The sources that a project declares, source by source, with the line of everything in their file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from gateway.checking.findings import Place, shown
from gateway.reports.toml_places import line_of
from sync.errors import SettingsError
from sync.settings import known, read_source, table
from sync.sources import source_kind

UNREAD = re.compile(r"\(at line (\d+), column \d+\)$")
"""How ``tomllib`` says where a file is no TOML."""


@dataclass(frozen=True, slots=True)
class DeclaredSource:
    """One source. declared: as the file has it. error: the first reason why it cannot be used."""

    name: str
    declared: Mapping[str, Any]
    error: SettingsError | None = None

    def table(self, name: str) -> Mapping[str, Any]:
        """A table of the source; empty where it has none."""
        found = self.declared.get(name)
        return found if isinstance(found, dict) else {}

    @property
    def spot(self) -> str:
        """Its place in the file, as errors write it."""
        return f"sources.{self.name}"


class Suppliers:
    """The file at ``path``, None where no setting names one."""

    def __init__(self, path: Path | None) -> None:
        self.path = path

    def place(self, spot: str) -> Place:
        """The line of a setting of the file, or the one that keeps it from being read."""
        file = "" if self.path is None else shown(self.path)
        unread = UNREAD.search(self.error.rule) if self.error is not None else None
        return Place(file, int(unread[1]) if unread is not None else line_of(self._text, spot))

    @cached_property
    def sources(self) -> tuple[DeclaredSource, ...]:
        """Every source that the file declares."""
        return tuple(self._sources())

    @cached_property
    def error(self) -> SettingsError | None:
        """What is wrong with the file as a whole."""
        try:
            known("the file", self._declared, {"sources"})
            if not table("sources", self._declared.get("sources", {})) and self.path is not None:
                return SettingsError("sources", "must name at least one source", {})
        except SettingsError as error:
            return error
        return None

    @cached_property
    def _text(self) -> str:
        return "" if self.path is None else self.path.read_bytes().decode(errors="replace")

    @cached_property
    def _declared(self) -> Mapping[str, Any]:
        """The file's values. Raises ``SettingsError``."""
        try:
            return tomllib.loads(self._text)
        except tomllib.TOMLDecodeError as error:
            raise SettingsError("the file", f"must be TOML: {error}", "") from error

    def _sources(self) -> Iterator[DeclaredSource]:
        if self.error is not None:
            return
        for name, found in self._declared.get("sources", {}).items():
            yield DeclaredSource(name, found if isinstance(found, dict) else {}, refusal(name, found))


def refusal(name: str, declared: object) -> SettingsError | None:
    """Why a source cannot be used, None where it can. Asks no supplier and reads no secret."""
    try:
        settings = read_source(name, table(f"sources.{name}", declared))
        kind = source_kind(settings)
        if settings.webhook and kind.webhook is None:
            rule = f"must be left out: {settings.kind} has no webhooks"
            return SettingsError(f"sources.{name}.webhook", rule, ", ".join(settings.webhook))
        kind.open(settings)
    except SettingsError as error:
        return error
    except ValueError as error:
        return SettingsError(f"sources.{name}", f"cannot be read: {error}", "")
    except (ImportError, TypeError):
        # The targets: larder.E401 names them by themselves.
        return None
    return None


def is_local(host: str | None) -> bool:
    """Whether a name or an address is this machine's own."""
    if host is None:
        return False
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def readable_on_the_way(url: object) -> bool:
    """Whether what is sent to an address can be read, and changed, between here and there."""
    parts = split(url)
    return parts is not None and parts.scheme == "http" and not is_local(parts.hostname)


def split(url: object) -> SplitResult | None:
    """The parts of an address; None for what is none."""
    try:
        return urlsplit(url) if isinstance(url, str) else None
    except ValueError:
        return None
