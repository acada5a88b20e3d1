"""Folders in the navigation: ``decisions/`` stands for all of its pages, so that a new one needs no line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

FIRST = "README.md"


def on_config(config: Any) -> Any:
    """The configuration, its folders replaced by their pages."""
    config.nav = expanded(config.nav, Path(config.docs_dir))
    return config


def expanded(entries: list[Any], docs: Path) -> list[Any]:
    """Entries of a navigation, at any depth."""
    found: list[Any] = []
    for entry in entries:
        if isinstance(entry, str) and entry.endswith("/"):
            found.extend(pages(docs / entry, docs))
        elif isinstance(entry, dict):
            found.append({title: expanded(of, docs) if isinstance(of, list) else of for title, of in entry.items()})
        else:
            found.append(entry)
    return found


def pages(folder: Path, docs: Path) -> list[str]:
    """The pages of a folder by name, its README first. Paths are relative to ``docs``."""
    found = sorted(folder.glob("*.md"), key=lambda page: (page.name != FIRST, page.name))
    return [page.relative_to(docs).as_posix() for page in found]
