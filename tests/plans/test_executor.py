"""Plans inside ``schema.execute``: what they replace there, and what keeps them out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import strawberry
from strawberry.extensions import SchemaExtension

from loaders.context import OperationContext
from loaders.errors import StoreUnavailable
from loaders.fields import argument, column, computed, larder_type, lookup
from loaders.session import ReadSession
from plans.executor import PlanExecutor
from tests.library import fetches, models
from tests.plans.planning import Failing, Planning, planning


@larder_type(models.Book)
class Title:
    title: str = column("Title.")


@larder_type(models.Author)
class Writer:
    name: str = column("Name.")
    told_at: str = computed(
        lambda _, *, instant: instant.isoformat(), ["name"], "The operation instant.", reads_instant=True
    )
    books: list[Title] = column("Books.")

    @strawberry.field
    def loud(self: Any) -> str:
        return str(self.name).upper()


@strawberry.type
class Query:
    author: Writer | None = lookup(fetches.author_by_id, argument("id", strawberry.ID, "Its id."), "An author.")


class Watching(SchemaExtension):
    """Notes which of its hooks run."""

    seen: list[str] = []

    def on_operation(self) -> Iterator[None]:
        self.seen.append("operation")
        yield
        self.seen.append("operation ended")

    def on_execute(self) -> Iterator[None]:
        self.seen.append("execute")
        yield
        self.seen.append("executed")

    def get_results(self) -> dict[str, Any]:
        return {"watched": True}


class Shouting(SchemaExtension):
    """Changes every value."""

    def resolve(self, _next: Any, root: Any, info: Any, *args: Any, **kwargs: Any) -> Any:
        value = _next(root, info, *args, **kwargs)
        return value.upper() if isinstance(value, str) else value


class Glancing(SchemaExtension):
    """Looks at every value, and says that a plan may pass it by."""

    transparent = True

    def resolve(self, _next: Any, root: Any, info: Any, *args: Any, **kwargs: Any) -> Any:
        return _next(root, info, *args, **kwargs)


def make(*extensions: type[SchemaExtension]) -> strawberry.Schema:
    return strawberry.Schema(query=Query, extensions=extensions, execution_context_class=PlanExecutor)


PLAIN = make()
BOOKS = "query ($id: ID!) { author(id: $id) { name books { title } } }"


async def execute(made: Planning, query: str, session: ReadSession, **options: Any) -> Any:
    """The result, of the schema that the engine was made for."""
    async with session:
        return await made.engine.schema.execute(
            query, context_value=OperationContext(session, plans=made.engine), **options
        )


async def test_a_plan_gives_the_data(library: str) -> None:
    async with planning(library, schema=PLAIN) as made:
        session = ReadSession(made.lanes)
        result = await execute(made, BOOKS, session, variable_values={"id": "2"})
        plain = ReadSession(made.lanes)
        async with plain:
            reference = await PLAIN.execute(BOOKS, variable_values={"id": "2"}, context_value=OperationContext(plain))

        assert not result.errors
        assert result.data == reference.data
        assert list(result.data["author"]) == ["name", "books"]
        assert (made.engine.counters.answered, made.engine.counters.statements) == (1, plain.statements)
        assert session.statements == 0
        assert not session.started, "no lane was taken"


async def test_the_operation_is_chosen_by_strawberry(library: str) -> None:
    query = "query A { author(id: 1) { name } } query B { other: author(id: 2) { __typename } }"

    async with planning(library, schema=PLAIN) as made:
        result = await execute(made, query, ReadSession(made.lanes), operation_name="B")

        assert result.data == {"other": {"__typename": "Writer"}}
        assert made.engine.counters.answered == 1


async def test_an_injected_instant_is_used(library: str) -> None:
    session_at = datetime(2030, 1, 1, tzinfo=UTC)

    async with planning(library, schema=PLAIN) as made:
        session = ReadSession(made.lanes, instant=session_at)
        result = await execute(made, "{ author(id: 1) { toldAt } }", session)

        assert result.data == {"author": {"toldAt": "2030-01-01T00:00:00+00:00"}}
        assert made.engine.counters.answered == 1


async def test_an_operation_without_a_plan_is_resolved(library: str) -> None:
    async with planning(library, schema=PLAIN) as made:
        result = await execute(made, "{ author(id: 1) { name loud } }", ReadSession(made.lanes))

        assert result.data["author"]["loud"] == result.data["author"]["name"].upper()
        assert made.engine.counters.not_compilable == {"a resolver of its own": 1}


async def test_a_request_that_a_plan_gives_up_gets_the_resolver_paths_error(library: str) -> None:
    async with planning(library, schema=PLAIN) as made:
        result = await execute(made, '{ author(id: "first") { name } }', ReadSession(made.lanes))

        assert result.data == {"author": None}
        assert [error.path for error in result.errors] == [["author"]]
        assert made.engine.counters.deopts == {"BadArgument": 1}


async def test_a_plan_that_the_store_fails_leaves_the_operation_to_the_resolvers(library: str) -> None:
    async with planning(library, schema=PLAIN) as made:
        made.engine.groups.lanes = Failing(made.plan_lanes, StoreUnavailable())
        session = ReadSession(made.lanes)
        result = await execute(made, BOOKS, session, variable_values={"id": "2"})

        assert not result.errors
        assert result.data["author"]
        assert session.statements == 2


async def test_hooks_around_the_execution_run_as_ever(library: str) -> None:
    Watching.seen.clear()

    async with planning(library, schema=make(Watching)) as made:
        result = await execute(made, BOOKS, ReadSession(made.lanes), variable_values={"id": "2"})

        assert made.engine.counters.answered == 1
        assert result.extensions == {"watched": True}
        assert Watching.seen == ["operation", "execute", "executed", "operation ended"]
        assert await made.answer(BOOKS, id="2") is None, "they run around schema.execute alone"
        assert made.engine.counters.not_compilable == {"the schema extension Watching": 1}


@pytest.mark.parametrize(("extension", "planned"), [(Shouting, 0), (Glancing, 1)])
async def test_an_extension_that_sees_every_field_keeps_plans_out(
    library: str, extension: type[SchemaExtension], planned: int
) -> None:
    async with planning(library, schema=make(extension)) as made:
        session = ReadSession(made.lanes, instant=datetime(2030, 1, 1, tzinfo=UTC))
        result = await execute(made, "{ author(id: 1) { toldAt __typename } }", session)

        assert made.engine.counters.answered == planned
        assert result.data["author"]["__typename"] == ("Writer" if planned else "WRITER")


async def test_a_root_value_keeps_plans_out(library: str) -> None:
    async with planning(library, schema=PLAIN) as made:
        result = await execute(made, "{ author(id: 1) { name } }", ReadSession(made.lanes), root_value=object())

        assert result.data["author"]
        assert made.engine.counters.answered == 0


async def test_a_session_that_has_read_keeps_its_snapshot(library: str) -> None:
    async with planning(library, schema=PLAIN) as made:
        session = ReadSession(made.lanes)
        await session.begin()
        result = await execute(made, "{ author(id: 1) { name } }", session)

        assert result.data["author"]
        assert session.statements == 1
        assert made.engine.counters.answered == 0


async def test_an_engine_of_another_schema_is_not_asked(library: str) -> None:
    async with planning(library, schema=make()) as other, ReadSession(other.lanes) as session:
        result = await PLAIN.execute(
            "{ author(id: 1) { name } }", context_value=OperationContext(session, plans=other.engine)
        )

        assert result.data
        assert other.engine.counters.answered == 0


async def test_without_an_engine_strawberry_executes(library: str) -> None:
    async with planning(library, schema=PLAIN) as made, ReadSession(made.lanes) as session:
        result = await PLAIN.execute("{ author(id: 1) { name } }", context_value=OperationContext(session))

        assert result.data
        assert session.statements == 1
