"""What docs/statements.md shows is what happens."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from gateway import outside
from loaders.context import OperationContext
from loaders.lanes import Lanes
from loaders.recording import Sent
from loaders.session import ReadSession
from loaders.testing import HEADER, assert_statements
from schema.root import schema
from tests.pantry import Pantry, stocked, storefront

PAGE = (Path(__file__).parents[2] / "docs" / "statements.md").read_text(encoding="utf-8")


def shown_test(store: str) -> Any:
    """The page's first example, with the names that it takes for granted."""
    [source, *_] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {
        "DATABASE_URL": store,
        "Lanes": Lanes,
        "OperationContext": OperationContext,
        "ReadSession": ReadSession,
        "schema": schema,
    }
    exec(source, names)  # noqa: S102 - our own page
    return names["test_menus_cost_three_statements"]


@pytest.mark.parametrize("locations", [1, 10])
async def test_the_shown_test_passes(store: str, locations: int) -> None:
    def places(pantry: Pantry) -> None:
        for number in range(locations):
            storefront(pantry, f"place-{number}")

    await stocked(places)

    await shown_test(store)(assert_statements)


def test_columns_are_explained() -> None:
    assert re.search(r"^times +by +keys +for +statement$", PAGE, re.MULTILINE)
    for column in HEADER:
        assert f"\n| {column} | " in PAGE


def test_names_are_as_they_are() -> None:
    [shown] = re.findall(r"Sent\((.*?)\)", PAGE)
    assert shown.split(", ") == list(Sent.__dataclass_fields__)
    for name in set(re.findall(r"gateway\.outside\.(\w+)", PAGE)) | {"warn_of_loads"}:
        assert hasattr(outside, name)
