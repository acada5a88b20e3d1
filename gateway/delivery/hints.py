"""How long the answer to an operation may be kept outside, by the schema's ``@cacheControl`` hints.

Apollo's rules, taken before the operation runs: every field that may be executed counts, whatever ``@skip`` and
``@include`` say. https://www.apollographql.com/docs/apollo-server/performance/caching
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_object_type,
)
from strawberry import UNSET
from strawberry.schema.schema_converter import GraphQLCoreConverter

from loaders.directives.cache_control import CacheControl, CacheControlScope


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """max_age_seconds: 0 where the answer may not be kept. private: whether only the client itself may keep it."""

    max_age_seconds: int = 0
    private: bool = False


@dataclass(frozen=True, slots=True)
class Hint:
    """One ``@cacheControl``; None for a part that it does not say. ``inherits``: as long as the parent."""

    max_age: int | None = None
    private: bool | None = None
    inherits: bool = False

    def replaced_by(self, other: Hint) -> Hint:
        """This one with the parts that ``other`` says."""
        return Hint(
            self.max_age if other.max_age is None else other.max_age,
            self.private if other.private is None else other.private,
            self.inherits,
        )

    def restricted_by(self, other: Hint) -> Hint:
        """The stricter of both in every part."""
        known = [age for age in (self.max_age, other.max_age) if age is not None]
        return Hint(min(known, default=None), bool(self.private or other.private), self.inherits)


SILENT = Hint()


def policy_of(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    *,
    default_max_age_seconds: int = 0,
) -> CachePolicy:
    """The policy of a valid operation. Takes time by the size of the document; the same for any variables.

    default_max_age_seconds: that of root fields and of fields that return objects, where no hint says one.
    """
    root = schema.get_root_type(operation.operation)
    if root is None:
        return CachePolicy()
    default = Hint(max_age=default_max_age_seconds)
    found = SILENT
    for parent, field in fields_of(schema, document, operation.selection_set, root):
        hint = hint_of_field(schema, field)
        composite = is_composite_type(get_named_type(field.type))
        if hint.max_age is None and (parent is root or (composite and not hint.inherits)):
            hint = hint.restricted_by(default)
        found = found.restricted_by(hint)
    return CachePolicy(max(found.max_age or 0, 0), bool(found.private))


def fields_of(
    schema: GraphQLSchema, document: DocumentNode, selections: SelectionSetNode, root: GraphQLObjectType
) -> Iterator[tuple[GraphQLObjectType, GraphQLField]]:
    """Every field that may be executed, with the type that it is a field of; introspection apart.

    Each set of selections is looked at once for each type, however often fragments lead to it.
    """
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    waiting = [(selections, root)]
    seen: set[tuple[int, str]] = set()
    while waiting:
        at, parent = waiting.pop()
        if (id(at), parent.name) in seen:
            continue
        seen.add((id(at), parent.name))
        for node in at.selections:
            if not isinstance(node, FieldNode):
                waiting += [(below, parent) for below in spread(schema, fragments, node, parent)]
            elif field := parent.fields.get(node.name.value):
                yield parent, field
                if node.selection_set:
                    waiting += [(node.selection_set, each) for each in objects_of(schema, field)]


def spread(
    schema: GraphQLSchema,
    fragments: Mapping[str, FragmentDefinitionNode],
    node: SelectionNode,
    parent: GraphQLObjectType,
) -> Iterator[SelectionSetNode]:
    """The selections of a fragment, where it is one on ``parent``."""
    found = fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
    if isinstance(found, FragmentDefinitionNode | InlineFragmentNode):
        condition = schema.get_type(found.type_condition.name.value) if found.type_condition else parent
        if condition is parent or (is_abstract_type(condition) and schema.is_sub_type(condition, parent)):
            yield found.selection_set


def objects_of(schema: GraphQLSchema, field: GraphQLField) -> list[GraphQLObjectType]:
    """The object types that a field may return."""
    named = get_named_type(field.type)
    if is_abstract_type(named):
        return list(schema.get_possible_types(named))
    return [named] if is_object_type(named) else []


def hint_of_field(schema: GraphQLSchema, field: GraphQLField) -> Hint:
    """A field's hint, over that of the type it returns.

    An interface or union that says an age is kept no longer than its members say, and is private if one of them is:
    stricter than Apollo, which looks at the interface alone.
    """
    named, own = get_named_type(field.type), hint_in(field)
    by_type = hint_in(named) if is_composite_type(named) else SILENT
    if is_abstract_type(named):
        members = [hint_in(member) for member in objects_of(schema, field)]
        strictest = reduce(Hint.restricted_by, members, by_type)
        by_type = Hint(by_type.max_age if by_type.max_age is None else strictest.max_age, strictest.private)
    if own.inherits and by_type.max_age is None:
        return Hint(None, by_type.private if own.private is None else own.private, inherits=True)
    return by_type.replaced_by(own)


def hint_in(element: object) -> Hint:
    """What the directive on a field or a type says."""
    extensions: Mapping[str, object] = getattr(element, "extensions", None) or {}
    definition = extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    found = next((each for each in getattr(definition, "directives", ()) if isinstance(each, CacheControl)), None)
    if found is None:
        return SILENT
    scope = None if found.scope in (None, UNSET) else found.scope is CacheControlScope.PRIVATE
    if found.inherit_max_age is True:
        return Hint(None, scope, inherits=True)
    return Hint(found.max_age if isinstance(found.max_age, int) else None, scope)
