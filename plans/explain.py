"""What becomes of an operation: its tree of fetches with SQL, rows and time, or the field that no plan covers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from graphql import NonNullTypeNode

from loaders.errors import ClientError, LarderError
from loaders.params import KEYS
from loaders.session import ReadSession
from loaders.statement import Statement
from loaders.viewer import ANONYMOUS, Viewer
from plans.errors import Deopt, NotCompilable
from plans.indexes import unsupported
from plans.tree import FetchNode, Node

if TYPE_CHECKING:
    from loaders.lanes import Lanes
    from plans.engine import PlanEngine
    from plans.operations import Operation
    from plans.plan import Plan


@dataclass(slots=True)
class ExplainedStatement:
    """One statement. rows, milliseconds: as it ran alone, None where it did not run. plan: EXPLAIN's lines."""

    path: str
    fetch: str
    type: str
    depth: int
    keyed_by: str | None
    sql: str
    rows: int | None = None
    milliseconds: float | None = None
    warnings: list[str] = field(default_factory=list)
    plan: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Explanation:
    """by: ``plan`` or ``resolvers``; then reason and path say why. heads: what the answer depends on."""

    operation: str
    by: str
    reason: str | None = None
    path: str | None = None
    heads: tuple[str, ...] = ()
    compile_milliseconds: float | None = None
    statements: list[ExplainedStatement] = field(default_factory=list)

    def payload(self) -> dict[str, Any]:
        """The same as JSON, in GraphQL's way of writing names."""
        return {camel(name): value for name, value in asdict(self).items() if name != "statements"} | {
            "statements": [{camel(name): value for name, value in asdict(one).items()} for one in self.statements]
        }


async def explain(
    engine: PlanEngine,
    lanes: Lanes,
    query: str,
    variables: dict[str, Any] | None = None,
    operation_name: str | None = None,
    *,
    viewer: Viewer = ANONYMOUS,
    analyze: bool = False,
) -> Explanation:
    """Compile the operation and run its statements one by one, in one snapshot.

    analyze: with ``EXPLAIN (ANALYZE, BUFFERS)`` for each. Without values for its variables nothing runs. Raises
    ``StoreError`` when the store fails.
    """
    name = operation_name or ""
    try:
        operation = engine.operation(query, operation_name)
        name = operation.name
        return await explained(engine, lanes, operation, variables, viewer=viewer, analyze=analyze)
    except NotCompilable as error:
        return Explanation(name, "resolvers", error.reason, error.path or None)
    except (Deopt, ClientError) as error:
        return Explanation(name, "resolvers", str(error))


async def explained(
    engine: PlanEngine,
    lanes: Lanes,
    operation: Operation,
    given: dict[str, Any] | None,
    *,
    viewer: Viewer,
    analyze: bool,
) -> Explanation:
    """The explanation of an operation that compiles."""
    if operation.disabled is not None or asyncio.get_running_loop().time() < operation.retired_until:
        raise Deopt(operation.disabled or "retired")
    started = time.perf_counter()
    try:
        variables = operation.variables(given)
    except Deopt as error:
        raise Deopt(f"{error.reason}{missing_variables(operation, given)}") from error
    variant = operation.variant(variables)
    try:
        binding = variant.binder.bind(variables, viewer)
    except LarderError:
        raise
    except Exception as error:
        raise Deopt(f"an argument that cannot be read: {type(error).__name__}") from error
    plan = variant.plan(binding, engine.opening)
    milliseconds = (time.perf_counter() - started) * 1000
    keys = {f"{index}.{KEYS}": list(found) for index, found in plan.keys([binding.lookups]).items()}
    found = Explanation(operation.name, "plan", heads=plan.heads, compile_milliseconds=round(milliseconds, 3))
    async with ReadSession(lanes) as session:
        for slot, statement in enumerate(plan.statements.slots):
            one = described(plan, slot)
            one.warnings += await unsupported(session, plan.statements.owners[slot])
            await run(session, one, statement, {**binding.values, **keys}, analyze=analyze)
            found.statements.append(one)
    return found


def described(plan: Plan, slot: int) -> ExplainedStatement:
    """The statement of one slot, not run yet."""
    node = plan.statements.owners[slot]
    name = node.fetch.name if isinstance(node, FetchNode) else node.listing.name
    if slot != node.index:
        name += " (total)"
    keyed_by = node.fetch.key_path if isinstance(node, FetchNode) else node.key_path
    return ExplainedStatement(
        node.path, name, node.type_name, depth_of(node), keyed_by, plan.statements.slots[slot].text.replace("%%", "%")
    )


async def run(
    session: ReadSession, one: ExplainedStatement, statement: Statement, values: Mapping[str, Any], *, analyze: bool
) -> None:
    """Run one statement for its rows and its time, or for what EXPLAIN tells."""
    await session.begin()
    if analyze and not statement.text.startswith("EXPLAIN"):
        asked = Statement(f"EXPLAIN (ANALYZE, BUFFERS) {statement.text}", statement.binds, ("plan",))
        one.plan = [line for (line,) in await session.rows(asked, values)]
    started = time.perf_counter()
    one.rows = len(await session.rows(statement, values))
    one.milliseconds = round((time.perf_counter() - started) * 1000, 3)


def missing_variables(operation: Operation, given: Mapping[str, Any] | None) -> str:
    """The variables that need a value and have none, as the end of a sentence."""
    names = [
        definition.variable.name.value
        for definition in operation.definition.variable_definitions or ()
        if isinstance(definition.type, NonNullTypeNode)
        and definition.default_value is None
        and definition.variable.name.value not in (given or {})
    ]
    return f" (no value for ${', $'.join(names)})" if names else ""


def depth_of(node: Node) -> int:
    """How many fetches stand above a node."""
    depth = 0
    while node.parent is not None:
        node, depth = node.parent, depth + 1
    return depth


def camel(name: str) -> str:
    """``compile_milliseconds`` as ``compileMilliseconds``."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def as_text(explanation: Explanation, *, sql: bool = True) -> str:
    """The explanation for a terminal: one line for each fetch, indented as the tree, then its SQL."""
    lines = [f"operation {explanation.operation or '(unknown)'}: {explanation.by}"]
    if explanation.reason is not None:
        place = f"{explanation.path}: " if explanation.path else ""
        return "\n".join([*lines, f"  not compiled: {place}{explanation.reason}"])
    lines.append(f"  compiled in {explanation.compile_milliseconds} ms; depends on {', '.join(explanation.heads)}")
    for one in explanation.statements:
        indent = "  " * (one.depth + 1)
        key = f" by {one.keyed_by}" if one.keyed_by else ""
        ran = f": {one.rows} rows, {one.milliseconds} ms" if one.rows is not None else ""
        lines.append(f"{indent}{one.path} -> {one.fetch}{key} ({one.type}){ran}")
        lines += [f"{indent}  warning: {warning}" for warning in one.warnings]
        if sql:
            lines.append(f"{indent}  {one.sql}")
        lines += [f"{indent}  | {line}" for line in one.plan]
    return "\n".join(lines)
