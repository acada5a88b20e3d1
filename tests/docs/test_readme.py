"""The README's query is answered in the shape that the README shows."""

from __future__ import annotations

import json
import re
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.asking import asking
from tests.pantry import Pantry, stocked, storefront

TOMORROW = datetime.now(UTC).date() + timedelta(days=1)
README = (Path(__file__).parents[2] / "README.md").read_text()


def shown_command() -> list[str]:
    """The words of the first curl, as a shell hands them over."""
    found = re.search(r"^curl .*?^```", README, re.DOTALL | re.MULTILINE)
    assert found
    return shlex.split(found.group().removesuffix("```"))


def shown_query() -> str:
    return shown_command()[-1].removeprefix("query=")


def shown_answer() -> dict[str, Any]:
    found = re.search(r"```json\n(.*?)\n```", README, re.DOTALL)
    assert found
    answer: dict[str, Any] = json.loads(found.group(1))
    return answer["data"]  # type: ignore[no-any-return]


def shape(value: Any) -> Any:
    """What a value is made of: the keys of objects, the first element of lists."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def test_the_command_sends_the_query_in_the_query_string() -> None:
    *words, query = shown_command()

    assert words == ["curl", "-sG", "http://127.0.0.1:8000/graphql", "--data-urlencode"]
    assert query.startswith("query={")


async def test_the_query_is_answered_as_shown(store: str) -> None:
    def corner(pantry: Pantry) -> None:
        storefront(pantry, "corner", day=TOMORROW)

    await stocked(corner)

    async with asking(store) as ask:
        answered = await ask(shown_query())

    assert not answered.errors
    assert shape(answered.data) == shape(shown_answer())


async def test_it_costs_the_statements_that_are_claimed(store: str) -> None:
    def corner(pantry: Pantry) -> None:
        storefront(pantry, "corner", day=TOMORROW)

    await stocked(corner)

    async with asking(store) as ask:
        answered = await ask(shown_query())

    assert answered.statements == 6
    assert "six SQL statements" in README


def test_the_commands_are_targets_of_the_makefile() -> None:
    makefile = (Path(__file__).parents[2] / "Makefile").read_text()

    for target in re.findall(r"^make (\w+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
