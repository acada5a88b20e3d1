"""Every page has its place in the site's navigation, and only one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from docs.site.folders import expanded
from tests.docs.pages import DOCS, ROOT

NAV = re.compile(r"^nav:\n(?:[ #].*\n|\n)+", re.MULTILINE)


def places(entries: list[Any]) -> Iterator[str]:
    for entry in entries:
        for place in entry.values() if isinstance(entry, dict) else [entry]:
            if isinstance(place, list):
                yield from places(place)
            else:
                yield place


def test_every_page_stands_in_the_navigation_once() -> None:
    found = NAV.search((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    assert found
    named = [
        place for place in places(expanded(yaml.safe_load(found[0])["nav"], DOCS)) if not place.startswith("files/")
    ]

    assert sorted(named) == sorted(page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md"))


def test_a_folder_stands_for_its_pages_with_its_readme_first() -> None:
    first, *others = expanded([{"Decisions": ["decisions/"]}], DOCS)[0]["Decisions"]

    assert first == "decisions/README.md"
    assert others == sorted(others)
    assert "decisions/0008-keys-by-array.md" in others
