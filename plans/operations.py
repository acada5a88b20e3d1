"""Operations and their plans: parsed and validated once, compiled once per set of decisions and given arguments."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

import strawberry
import structlog
from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
    get_variable_values,
    parse,
    specified_rules,
)
from graphql.execution.values import VariableValues
from strawberry.schema.schema import validate_document

from loaders.errors import ClientError, LarderError
from loaders.recent import Recent
from plans.binding import Binder, Binding
from plans.compiler import Compiler
from plans.errors import Deopt, NotCompilable
from plans.facets import viewer_reads
from plans.opening import Opening
from plans.plan import Plan
from plans.quick import quick_variables
from plans.selections import deciding_variables, fragments_of
from plans.statements import Presence
from plans.tree import Shape

log = structlog.get_logger(__name__)

OPERATIONS = 512
"""Operations remembered, the least recently used ones go."""

VARIANTS = 32
"""Assignments of deciding variables, and sets of given arguments, remembered for each operation."""

GIVEN_UP_AFTER = 8
"""Deopts in a row that retire a plan."""

RETIRED_SECONDS = 60.0
"""How long a retired plan rests before it is tried again."""


@dataclass(eq=False)
class Variant:
    """An operation with its decisions taken: its binder, and a plan for each set of given arguments."""

    binder: Binder
    plans: Recent[Plan | NotCompilable] = field(default_factory=lambda: Recent(VARIANTS))

    def plan(self, binding: Binding, opening: Opening) -> Plan:
        """The plan for the arguments that this request gives. Raises ``NotCompilable``."""
        found = self.plans.get(
            tuple(binding.presence.items()), lambda: compiled(self.binder.shape, binding.presence, opening)
        )
        if isinstance(found, NotCompilable):
            raise found
        return found


def compiled(shape: Shape, presence: Presence, opening: Opening) -> Plan | NotCompilable:
    """The plan, or why its statements cannot be compiled."""
    try:
        return Plan(shape, presence, opening)
    except NotCompilable as error:
        return error
    except Exception as error:
        log.exception("plan statements failed", error=str(error))
        return NotCompilable("a fetch that does not compile below another")


class Operation:
    """One operation of a document, and everything that was found out about it.

    viewer_reads: what it reads of its viewer, whichever fields @skip and @include leave.
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        fragments: Mapping[str, FragmentDefinitionNode],
        definition: OperationDefinitionNode,
    ) -> None:
        self.schema = schema
        self.definition = definition
        self.fragments = fragments
        self.deciding = deciding_variables(definition, self.fragments)
        self.viewer_reads = viewer_reads(schema._schema, definition, fragments)  # noqa: SLF001 - no other way
        self.quick = quick_variables(schema._schema, definition)  # noqa: SLF001 - no other way
        self.variants: Recent[Variant | NotCompilable] = Recent(VARIANTS)
        self.disabled: str | None = None
        self.retired_until = 0.0
        self._deopts = 0

    @property
    def name(self) -> str:
        """The operation's name, ``(anonymous)`` without one."""
        return self.definition.name.value if self.definition.name else "(anonymous)"

    @property
    def facets(self) -> tuple[str, ...]:
        """Names of the facets that its fetches read."""
        return self.viewer_reads.facets

    @property
    def text(self) -> str | None:
        """The document's text."""
        return self.definition.loc.source.body if self.definition.loc else None

    def variables(self, given: dict[str, Any] | None) -> VariableValues:
        """The variables, coerced and with their defaults. Raises ``Deopt`` where they do not coerce."""
        definitions = self.definition.variable_definitions
        if not definitions:
            return VariableValues({}, {})
        if (quick := self.quick(given or {})) is not None:
            return VariableValues({}, quick)
        coerced = get_variable_values(self.schema._schema, definitions, given or {}, 1)  # noqa: SLF001 - no other way
        if isinstance(coerced, list):
            raise Deopt("variables that do not coerce")
        return coerced

    def variant(self, variables: VariableValues) -> Variant:
        """The operation with @skip and @include decided. Raises ``NotCompilable``, ``Deopt``."""
        decisions = tuple(variables.coerced.get(name) for name in self.deciding)
        if not all(isinstance(decision, bool) for decision in decisions):
            raise Deopt("@skip or @include without a value")
        found = self.variants.get(decisions, lambda: self._compile(decisions))
        if isinstance(found, NotCompilable):
            raise found
        return found

    def _compile(self, decisions: tuple[Any, ...]) -> Variant | NotCompilable:
        compiler = Compiler(
            self.schema, self.definition, self.fragments, dict(zip(self.deciding, decisions, strict=True))
        )
        try:
            return Variant(Binder(compiler.compile()))
        except NotCompilable as error:
            return error
        except ClientError:
            return NotCompilable("a constant argument with a value that its field does not take")
        except LarderError as error:
            return NotCompilable(str(error))
        except Exception:
            # A compiler that fails must not fail the request: the resolver path does not need it.
            log.exception("plan compiler failed", operation=self.name)
            return NotCompilable("the compiler failed")

    # Retirement

    def answered(self) -> None:
        """A plan of the operation gave an answer."""
        self._deopts = 0

    def deopted(self, clock: float) -> None:
        """A plan of the operation met a value it does not handle; after several in a row the operation rests."""
        self._deopts += 1
        if self._deopts >= GIVEN_UP_AFTER:
            self._deopts = 0
            self.retired_until = clock + RETIRED_SECONDS


class Operations:
    """The operations of one schema by document and operation name."""

    def __init__(self, schema: strawberry.Schema) -> None:
        self.schema = schema
        self._known: Recent[Operation] = Recent(OPERATIONS)

    def __len__(self) -> int:
        return len(self._known)

    def get(self, query: str, name: str | None) -> Operation:
        """The operation of that document. Raises ``NotCompilable`` for a document that is not valid."""
        return self._known.get((query, name), lambda: read_operation(self.schema, query, name))

    def known(self, key: Hashable, make: Callable[[], Operation]) -> Operation:
        """The operation remembered under another key."""
        return self._known.get(key, make)


def read_operation(schema: strawberry.Schema, query: str, name: str | None) -> Operation:
    """Parse and validate as strawberry does. Raises ``NotCompilable`` where the resolver path reports an error."""
    try:
        document = parse(query)
        errors = validate_document(schema._schema, document, tuple(specified_rules))  # noqa: SLF001 - no other way
    except (GraphQLError, RecursionError) as error:
        raise NotCompilable("a document that does not parse") from error
    if errors:
        raise NotCompilable("a document that is not valid")
    return Operation(schema, fragments_of(document), chosen(document, name))


def chosen(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """The operation of that name, or the only one."""
    found = [
        definition
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode)
        and name in (None, definition.name.value if definition.name else None)
    ]
    if len(found) != 1:
        raise NotCompilable("no operation of that name, or several")
    return found[0]
