"""Makes an operation smaller while it still shows a difference, on its syntax, wherever it came from."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

from graphql import (
    REMOVE,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLSchema,
    InlineFragmentNode,
    NameNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    Visitor,
    parse,
    print_ast,
    validate,
    visit,
)

from tests.equality.operation import Operation
from tests.equality.variables import USED

Differs = Callable[[Operation], Awaitable[bool]]
SPREAD = re.compile(r"\.\.\.\s*(?!on\b)(\w+)")
PARTS = ("definitions", "selections", "arguments", "directives", "values")
TRIES = 600
TYPENAME = SelectionSetNode(selections=(FieldNode(name=NameNode(value="__typename")),))


async def shrunk(schema: GraphQLSchema, operation: Operation, differs: Differs) -> Operation:
    """A smaller operation that ``differs`` too: no single part of it can go. At most 600 tries."""
    document = print_ast(parse(operation.document))
    operation, tries, smaller = replace(operation, document=document), 0, True
    while smaller and tries < TRIES:
        smaller = False
        for candidate in reductions(operation):
            if len(str(candidate)) >= len(str(operation)) or not valid(schema, candidate.document):
                continue
            tries += 1
            if await differs(candidate):
                operation, smaller = candidate, True
                break
            if tries >= TRIES:
                break
    return operation


def valid(schema: GraphQLSchema, document: str) -> bool:
    """Whether a document fits the schema and selects something everywhere (graphql-core parses ``{}``)."""
    parsed = parse(document)
    sets = [node for node in nodes(parsed) if isinstance(node, SelectionSetNode)]
    return all(found.selections for found in sets) and not validate(schema, parsed)


def reductions(operation: Operation) -> Iterator[Operation]:
    """Every operation with one part less, large parts first."""
    document = parse(operation.document, no_location=True)
    parts = [
        (owner, name, index)
        for owner in nodes(document)
        for name in PARTS
        for index, part in enumerate(getattr(owner, name, None) or ())
        if not isinstance(part, FragmentDefinitionNode) and not is_run(operation, part)
    ]
    parts.sort(key=lambda part: -len(print_ast(getattr(part[0], part[1])[part[2]])))
    for owner, name, index in parts:
        kept = getattr(owner, name)
        if isinstance(owner, SelectionSetNode) and isinstance(kept[index], InlineFragmentNode):
            inside = kept[index].selection_set.selections
            yield without(operation, document, owner, name, (*kept[:index], *inside, *kept[index + 1 :]))
        yield without(operation, document, owner, name, (*kept[:index], *kept[index + 1 :]))


def is_run(operation: Operation, part: Node) -> bool:
    """Whether ``part`` is the operation of the document that is run."""
    if not isinstance(part, OperationDefinitionNode):
        return False
    return operation.name is None or (part.name is not None and part.name.value == operation.name)


class Replaces(Visitor):
    """Gives one node other parts, and what is left empty by that something to select or no place at all."""

    def __init__(self, owner: Node, name: str, kept: tuple[Node, ...]) -> None:
        super().__init__()
        changed: dict[str, Any] = {name: kept}
        self.owner, self.replacement = owner, replace(owner, **changed)

    def enter(self, node: Node, *_: Any) -> Node | None:
        return self.replacement if node is self.owner else None

    def leave_field(self, node: FieldNode, *_: Any) -> Node | None:
        return replace(node, selection_set=TYPENAME) if is_empty(node) else None

    def leave_inline_fragment(self, node: InlineFragmentNode, *_: Any) -> Any:
        return REMOVE if is_empty(node) else None


def without(operation: Operation, document: DocumentNode, owner: Node, name: str, kept: tuple[Node, ...]) -> Operation:
    """The operation with ``kept`` in the place of a node's parts, and without what is used no more."""
    text = trimmed(visit(document, Replaces(owner, name, kept)))
    used = set(USED.findall(text))
    variables = {key: value for key, value in operation.variables.items() if key in used}
    return replace(operation, document=text, variables=variables)


def is_empty(node: FieldNode | InlineFragmentNode) -> bool:
    """Whether a selection is left with a selection set of nothing."""
    return node.selection_set is not None and not node.selection_set.selections


def trimmed(document: DocumentNode) -> str:
    """The document's text without fragments that nothing spreads and variables that nothing uses."""
    fragments = {
        node.name.value: print_ast(node) for node in document.definitions if isinstance(node, FragmentDefinitionNode)
    }
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    texts = [print_ast(node.selection_set) for node in operations]
    waiting = [name for text in texts for name in SPREAD.findall(text)]
    reached: dict[str, str] = {}
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached[name] = fragments[name]
            waiting += SPREAD.findall(fragments[name])
    used = set(USED.findall(" ".join([*texts, *reached.values()])))
    headers = [header(node, used) for node in operations]
    return "\n".join([*(f"{head}{text}" for head, text in zip(headers, texts, strict=True)), *reached.values()])


def header(node: OperationDefinitionNode, used: set[str]) -> str:
    """``query Name($variable: Type) ``, or nothing."""
    declared = [
        print_ast(variable) for variable in node.variable_definitions or () if variable.variable.name.value in used
    ]
    name = f" {node.name.value}" if node.name else ""
    return f"query{name}({', '.join(declared)}) " if declared else f"query{name} " if name else ""


def nodes(root: Any) -> Iterator[Node]:
    """Every node below ``root``."""
    waiting: list[Any] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list | tuple):
            waiting.extend(node)
        elif isinstance(node, Node):
            yield node
            waiting.extend(getattr(node, key, None) for key in node.keys)
