"""A schema that is written out of models: it builds, its lists page, plans answer it as the resolvers do."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import orjson
import pytest
from asgiref.sync import sync_to_async
from django.apps import apps
from graphql import GraphQLObjectType, GraphQLSchema, get_named_type, is_leaf_type

from gateway.starting.schema_module import schema_module
from tests.plans.planning import planning

MODULE = "written_api"


@pytest.fixture(scope="module")
def text() -> str:
    """The module over the library's models."""
    return schema_module([apps.get_app_config("library")])


@pytest.fixture(scope="module")
def written(text: str) -> Iterator[Any]:
    """Its schema."""
    module = sys.modules[MODULE] = ModuleType(MODULE)
    exec(compile(text, MODULE, "exec"), module.__dict__)  # noqa: S102 - what is tested
    yield module.schema
    del sys.modules[MODULE]


@pytest.fixture
async def library(database_url: str) -> str:
    """Address of the store with the library filled."""
    from tests.library.shelves import Shelves  # noqa: PLC0415 - models load only once Django is set up

    await sync_to_async(Shelves().fill)()
    return database_url


def selection(kind: Any, depth: int) -> str:
    """Every field of a type that needs no argument, relations ``depth`` deep, the first two rows of lists."""
    parts = []
    for name, field in kind.fields.items():
        inner = get_named_type(field.type)
        if is_leaf_type(inner):
            parts.append(name)
        elif isinstance(inner, GraphQLObjectType) and depth:
            if "nodes" in inner.fields:
                node = get_named_type(inner.fields["nodes"].type)
                parts.append(
                    f"{name}(first: 2) {{ nodes {{ {selection(node, depth - 1)} }} pageInfo {{ endCursor }} }}"
                )
            else:
                parts.append(f"{name} {{ {selection(inner, depth - 1)} }}")
    return " ".join(parts) or "__typename"


def lists(schema: GraphQLSchema) -> dict[str, Any]:
    """The root's connections, by name, and the types of their rows."""
    assert schema.query_type is not None
    found = {name: get_named_type(field.type) for name, field in schema.query_type.fields.items()}
    return {
        name: get_named_type(kind.fields["nodes"].type)
        for name, kind in found.items()
        if isinstance(kind, GraphQLObjectType) and "nodes" in kind.fields
    }


async def test_plans_answer_every_list_as_the_resolvers_do(library: str, written: Any) -> None:
    roots = lists(written._schema)
    assert len(roots) == 12

    async with planning(library, schema=written) as made:
        for name, kind in roots.items():
            query = f"{{ {name}(first: 3) {{ nodes {{ {selection(kind, 2)} }} }} }}"
            answer, reference = await made.answer(query), await made.reference(query)

            assert answer is not None, query
            assert orjson.loads(answer) == orjson.loads(reference)
            assert orjson.loads(reference)["data"][name]["nodes"]


async def test_every_list_goes_on_where_a_page_ends(library: str, written: Any) -> None:
    async with planning(library, schema=written) as made:
        for name in lists(written._schema):
            asked = (
                f"query($at: String) {{ all: {name}(first: 100) {{ edges {{ cursor }} }} "
                f"one: {name}(first: 1, after: $at) {{ edges {{ cursor }} }} }}"
            )
            seen: list[str] = []
            at = None
            while True:
                found = orjson.loads(await made.reference(asked, at=at))["data"]
                if not found["one"]["edges"]:
                    break
                at = found["one"]["edges"][0]["cursor"]
                seen.append(at)

            assert seen == [edge["cursor"] for edge in found["all"]["edges"]], name


def test_what_the_models_say_is_in_the_text(text: str) -> None:
    assert 'weight: float | None = column("Kilograms.")' in text
    assert "formats: list[str] | None" in text
    assert "price: Decimal | None" in text
    assert "samples: BigInt" in text
    assert "book: Book = column(" in text
    assert 'branch: Branch | None = column("Branch.")' in text
    assert "biography: Biography | None = column(" in text
    assert "fans: Connection[Reader] = listed(" in text
    assert 'key="favourites__card"' not in text
    assert 'order=("-added_at",)' in text
    assert '@declared_listing(models.Category, order=("slug",))' in text, "a nullable column cannot be paged by"
    assert "NEW = strawberry.enum_value(" in text


def test_the_text_is_as_formatters_and_linters_leave_it(text: str, tmp_path: Path) -> None:
    (tmp_path / "tests" / "library").mkdir(parents=True)  # so that it is known as the project's own
    file = tmp_path / "api.py"
    file.write_text(text)

    for command in (["check"], ["check", "--select", "E4,E7,E9,F,I,UP,B,W"], ["format", "--check"]):
        ruff = Path(sys.executable).with_name("ruff")
        done = subprocess.run(
            [ruff, *command, "--isolated", str(file)], capture_output=True, text=True, check=False, cwd=tmp_path
        )
        assert done.returncode == 0, done.stdout


def test_apps_beside_each_other_share_a_schema() -> None:
    both = schema_module([apps.get_app_config("library"), apps.get_app_config("larder_catalog")])

    assert "from catalog import models as catalog_models" in both
    assert "class Item:" in both
    assert "freshness: Freshness = freshness_field()" in both
    compile(both, MODULE, "exec")


def test_nothing_that_looks_like_a_secret_is_shown() -> None:
    users = schema_module([apps.get_app_config("auth")])

    assert "# left out: password, as it looks like a secret" in users
    assert "password:" not in users
    assert "# left out: content_type, as its model is of no app that was named" in users
