"""Asks every connection of a schema for its first pages, so that operations have cursors to go on from."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from graphql import GraphQLObjectType, GraphQLSchema, get_named_type, is_object_type, is_required_argument

from tests.equality.operation import Operation
from tests.equality.stored import PAGING, Page, Stored, is_paged, takes_list
from tests.equality.variables import literal

Ask = Callable[[Operation], Awaitable[Mapping[str, Any] | None]]
Step = tuple[GraphQLObjectType, str]

TRIES = 8
SIZE = 3
CURSORS_ONLY = "{ edges { cursor } }"


async def with_pages(schema: GraphQLSchema, stored: Stored, ask: Ask) -> Stored:
    """``stored`` with pages of every connection, each asked for with a few sets of arguments."""
    pages: dict[str, list[Page]] = {}
    random = Random(0)  # noqa: S311 - replayed from its seed
    for path in paths(schema):
        owner, field = path[-1]
        for _ in range(TRIES):
            chosen = [drawn(stored, random, *step) for step in path]
            if any(arguments is None for arguments in chosen):
                break
            steps = [(*step, arguments or {}) for step, arguments in zip(path, chosen, strict=True)]
            data = await ask(Operation(document(steps)))
            for found in reached(data, [name for _, name in path]):
                cursors = [edge["cursor"] for edge in found["edges"]]
                pages.setdefault(f"{owner.name}.{field}", []).append(Page(chosen[-1] or {}, cursors))
    return replace(stored, pages=pages)


def paths(schema: GraphQLSchema) -> Iterator[list[Step]]:
    """The shortest way from the root to each connection."""
    assert schema.query_type is not None
    waiting: deque[tuple[GraphQLObjectType, list[Step]]] = deque([(schema.query_type, [])])
    seen = {schema.query_type.name}
    while waiting:
        owner, path = waiting.popleft()
        for name, definition in owner.fields.items():
            if is_paged(definition):
                yield [*path, (owner, name)]
            kind = get_named_type(definition.type)
            if is_object_type(kind) and kind.name not in seen:
                seen.add(kind.name)
                waiting.append((kind, [*path, (owner, name)]))


def drawn(stored: Stored, random: Random, owner: GraphQLObjectType, name: str) -> dict[str, Any] | None:
    """Arguments for one step: the required ones, others now and then; None where there are no values."""
    chosen: dict[str, Any] = {}
    for argument_name, argument in owner.fields[name].args.items():
        required = is_required_argument(argument)
        known = stored.knows(owner.name, name, argument_name, argument)
        if required and not known:
            return None
        if argument_name in PAGING or not known or (not required and random.random() < 0.5):
            continue
        value = random.choice(stored.elements(owner.name, name, argument_name, argument))
        chosen[argument_name] = [value] if takes_list(argument.type) else value
    return chosen


def document(steps: Sequence[tuple[GraphQLObjectType, str, Mapping[str, Any]]]) -> str:
    """The query that goes these steps and ends in a page."""
    text = ""
    for number, (owner, name, arguments) in enumerate(reversed(steps)):
        definition = owner.fields[name]
        written = [f"{key}: {literal(definition.args[key].type, value)}" for key, value in arguments.items()]
        if is_paged(definition):
            written.append(f"first: {SIZE if number == 0 else 100}")
        arguments_text = f"({', '.join(written)})" if written else ""
        text = f"{{ {name}{arguments_text} {text or CURSORS_ONLY} }}"
    return text


def reached(value: Any, path: list[str]) -> Iterator[Any]:
    """What stands at the end of ``path``, in every list along it."""
    if isinstance(value, list):
        for element in value:
            yield from reached(element, path)
    elif value is not None and not path:
        yield value
    elif value is not None:
        yield from reached(value[path[0]], path[1:])
