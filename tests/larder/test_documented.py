"""What applications import is documented, and nothing else is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import larder.freshness
import larder.graphql
import larder.sync

PAGE = (Path(__file__).parents[2] / "docs" / "your-own-models.md").read_text()


def table(module: str) -> set[str]:
    """The names in the table of a module, without arguments and other modules' names."""
    found = re.search(rf"^\| `{re.escape(module)}` \|.*?(?=^$)", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None
    return set(re.findall(r"`([A-Za-z_]+)`", found.group())) - {"source", "status", "key", "name"}


@pytest.mark.parametrize("module", [larder.graphql, larder.sync])
def test_every_name_is_in_the_table_of_its_module(module: object) -> None:
    assert table(module.__name__) == set(module.__all__)  # type: ignore[attr-defined]


def test_fields_of_freshness_are_too() -> None:
    assert table("larder.freshness") == {
        "Freshness",
        "FreshnessStatus",
        "SourceFreshness",
        "freshness_field",
        "sources_field",
    } & set(vars(larder.freshness))
