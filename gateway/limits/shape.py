"""The shape of a document: what its largest operation comes to with every fragment spread in place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import DocumentNode, FragmentDefinitionNode, OperationDefinitionNode

from gateway.limits.parts import Part, part_of

CEILING = 1_000_000_000
"""Counts stop here: fragments that spread fragments double them with every level."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The largest counts over a document's operations. A fragment counts as often as it is spread.

    depth: of nested fields; a root field is 1 deep. root_fields: those of the operation itself. selections: fields,
    spreads and inline fragments. list_length: of the
    longest list among the document's literals. fragments: definitions, spread or not.
    """

    depth: int = 0
    root_fields: int = 0
    selections: int = 0
    aliases: int = 0
    directives: int = 0
    list_length: int = 0
    variables: int = 0
    fragments: int = 0


def measure(document: DocumentNode) -> Shape:
    """The shape of a document that need not be valid. Linear in its nodes: each fragment is counted once.

    A spread of a fragment that nobody defines counts nothing, nor does one that closes a cycle: validation refuses
    both.
    """
    operations: list[Part] = []
    fragments: dict[str, Part] = {}
    defined = 0
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            operations.append(part_of(definition))
        elif isinstance(definition, FragmentDefinitionNode):
            defined += 1
            fragments[definition.name.value] = part_of(definition)
    for name in inner_first(fragments):
        expand(fragments[name], fragments)
    for operation in operations:
        expand(operation, fragments)
    return Shape(
        depth=max((part.depth for part in operations), default=0),
        root_fields=max((part.root_fields for part in operations), default=0),
        selections=max((part.selections for part in operations), default=0),
        aliases=max((part.aliases for part in operations), default=0),
        directives=max((part.directives for part in operations), default=0),
        list_length=max((part.list_length for part in (*operations, *fragments.values())), default=0),
        variables=max((part.variables for part in operations), default=0),
        fragments=defined,
    )


def expand(part: Part, fragments: Mapping[str, Part]) -> None:
    """Add to a definition what the fragments hold that it spreads; they are expanded already."""
    for spread in part.spreads:
        inner = fragments.get(spread.name)
        if inner is None or inner.spreads:
            continue
        part.depth = max(part.depth, spread.depth - 1 + inner.depth)
        part.selections = min(part.selections + inner.selections, CEILING)
        part.aliases = min(part.aliases + inner.aliases, CEILING)
        part.directives = min(part.directives + inner.directives, CEILING)
        if spread.at_root:
            part.root_fields = min(part.root_fields + inner.root_fields, CEILING)
    part.spreads = []


def inner_first(fragments: Mapping[str, Part]) -> list[str]:
    """The fragments' names, each after those that it spreads (depth first; cycles are cut where they close)."""
    order: list[str] = []
    seen: set[str] = set()
    for root in fragments:
        if root in seen:
            continue
        seen.add(root)
        path = [(root, iter(fragments[root].spreads))]
        while path:
            name, spreads = path[-1]
            following = next((one.name for one in spreads if one.name in fragments and one.name not in seen), None)
            if following is None:
                order.append(name)
                path.pop()
            else:
                seen.add(following)
                path.append((following, iter(fragments[following].spreads)))
    return order
