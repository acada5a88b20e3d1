"""Where in a TOML file a setting stands, so that a message can name its line."""

from __future__ import annotations

import re
from pathlib import Path

from sync.errors import SettingsError

HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?")
KEY = re.compile(r"\s*((?:[\w-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[\w-]+|\"[^\"]*\"|'[^']*'))*)\s*=")
PART = re.compile(r"[\w-]+|\"[^\"]*\"|'[^']*'")


def line_of(text: str, place: str) -> int | None:
    """The line, from 1, that comes closest to ``place``: its own, else that of what should hold it. None: nowhere.

    ``place`` is written as errors do: names joined by points, elements of arrays of tables counted from 0, such as
    ``sources.bakery.options.streams.products.documents[0].items``.
    """
    best: tuple[int, int] | None = None
    for number, found in enumerate(places(text), start=1):
        within = found is not None and (place == found or place.startswith((f"{found}.", f"{found}[")))
        if found is not None and within and (best is None or len(found) > best[0]):
            best = len(found), number
    return best[1] if best else None


def places(text: str) -> list[str | None]:
    """For each line the place of the table or key that it begins, None for other lines."""
    counts: dict[str, int] = {}
    table = ""
    found: list[str | None] = []
    for line in text.splitlines():
        if header := HEADER.fullmatch(line):
            table = resolved(PART.findall(header[2]), counts, listed=header[1] == "[[")
            found.append(table)
        elif key := KEY.match(line):
            found.append(".".join(filter(None, [table, *map(unquoted, PART.findall(key[1]))])))
        else:
            found.append(None)
    return found


def resolved(parts: list[str], counts: dict[str, int], *, listed: bool) -> str:
    """The place of a table's header; ``counts`` are the elements that arrays of tables have so far."""
    place = ""
    for part in parts[:-1]:
        place = f"{place}.{unquoted(part)}".removeprefix(".")
        place += f"[{counts[place] - 1}]" if place in counts else ""
    place = f"{place}.{unquoted(parts[-1])}".removeprefix(".")
    if listed:
        counts[place] = counts.get(place, 0) + 1
    return f"{place}[{counts[place] - 1}]" if listed else place


def unquoted(part: str) -> str:
    return part.strip("\"'")


def located(file: Path, error: SettingsError) -> str:
    """What is wrong with a setting of ``file``, with its line: ``sources.toml:12: …``."""
    try:
        line = line_of(file.read_text(encoding="utf-8"), error.place)
    except (OSError, UnicodeDecodeError):
        return str(error)
    return f"{file}:{line}: {error}" if line else f"{file}: {error}"
