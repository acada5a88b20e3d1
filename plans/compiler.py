"""From a validated operation to its shape: a tree of fetches, or the reason why there is none.

What is not proven equal to the resolver path is refused: a resolver of the user's own, a permission, an extension, a
subclass that overrides how a field is read, a directive that is not GraphQL's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, cast

import strawberry
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLID,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLString,
    OperationDefinitionNode,
    OperationType,
    is_abstract_type,
    is_leaf_type,
)
from strawberry.types.field import StrawberryField

from loaders.changes import silent_fetch, silent_value
from loaders.choices import FetchEachOf, FetchOneOf, type_of
from loaders.connections import ListByArguments, ListFromRow
from loaders.fetches import Fetch
from loaders.fetching import FetchAll, FetchByArgument, FetchFromRow, NodeByArgument
from loaders.nodes import GlobalId
from loaders.resolutions import Column, Computed, Embedded
from plans.arguments import Arguments, arguments_of
from plans.columns import castable, hashes, kind_of_key, model_of, need, repeats
from plans.completion import completion, printed_as_text
from plans.connections import page_node
from plans.declarations import KNOWN, argument_type, definition_of, engine_field, leaf_of, plain_field, unwrapped
from plans.errors import Deopt, NotCompilable
from plans.keys import key_reader, read_node
from plans.kinds import kind_of
from plans.selections import Selections, selection_sets
from plans.tree import (
    AS_ID,
    AS_TEXT,
    ColumnValue,
    ComputedValue,
    EachOfValue,
    EmbeddedValue,
    FetchNode,
    GlobalIdValue,
    Node,
    OneOfValue,
    PageValue,
    Root,
    RootLookup,
    RootPage,
    RootRows,
    RowsValue,
    RowValue,
    Shape,
    Typename,
    Value,
    View,
)

NODES = 64
"""A plan has at most this many statements; deeper recursion and wider documents go the resolver path."""

UUID_LENGTH = 36
UNBROKEN = 57
"""PostgreSQL breaks base64 into lines of so many bytes. A type's name and a UUID's text have none of those characters
that base64url writes otherwise."""


class Compiler:
    """Compiles one operation for one assignment of the variables that decide @skip and @include."""

    def __init__(
        self,
        schema: strawberry.Schema,
        operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        decisions: Mapping[str, bool],
    ) -> None:
        self.schema = schema
        self.graphql: GraphQLSchema = schema._schema  # noqa: SLF001 - strawberry exposes no other way to it
        self.operation = operation
        self.selections = Selections(self.graphql, fragments, decisions)
        self.shape = Shape()

    def compile(self) -> Shape:
        """The operation's shape. Raises ``NotCompilable``."""
        if self.operation.operation is not OperationType.QUERY:
            raise NotCompilable(f"a {self.operation.operation.value}")
        if self.operation.directives:
            raise NotCompilable(f"the directive @{self.operation.directives[0].name.value}")
        query = cast("GraphQLObjectType", self.graphql.query_type)
        for key, nodes in self.selections.fields(query, [self.operation.selection_set]).items():
            self.shape.roots.append((key, self.root(query, key, nodes)))
        return self.shape

    # Roots

    def root(self, query: GraphQLObjectType, path: str, nodes: list[FieldNode]) -> Root:
        """One root field."""
        name = nodes[0].name.value
        if name == "__typename":
            return Typename(query.name)
        if name.startswith("__"):
            raise NotCompilable("introspection", path)
        field, declared = engine_field(query, name, path)
        resolution = declared.resolution
        if isinstance(resolution, FetchByArgument | NodeByArgument):
            return self.lookup(resolution, field, declared, nodes, path)
        if isinstance(resolution, FetchAll):
            as_type = self.object_type(field.type, path)
            return RootRows(self.fetch_node(resolution.fetch, None, None, as_type, nodes, path, many=True))
        if isinstance(resolution, ListByArguments):
            arguments = self.arguments(field, nodes[0], declared, path)
            return RootPage(page_node(self, resolution, field, nodes, path, parent=None, arguments=arguments))
        raise NotCompilable(f"a {type(resolution).__name__} at the root", path)

    def lookup(
        self,
        resolution: FetchByArgument | NodeByArgument,
        field: GraphQLField,
        declared: StrawberryField,
        nodes: list[FieldNode],
        path: str,
    ) -> RootLookup:
        """Rows by a key or by a global id, one or one for each element of a list."""
        nullable, many, element_nullable, _ = unwrapped(field.type)
        found: dict[str, FetchNode] = {}
        by_list = unwrapped(argument_type(declared, field, resolution.argument, self.schema))[1]
        rows = isinstance(resolution, FetchByArgument) and resolution.fetch.many
        if many is not (by_list or rows) or (by_list and rows):
            raise NotCompilable("a lookup whose number of rows the type does not fit", path)
        if isinstance(resolution, FetchByArgument):
            as_type = self.object_type(field.type, path)
            found[as_type.name] = self.fetch_node(resolution.fetch, None, None, as_type, nodes, path, many=many)
            read = key_reader(as_type.name, resolution)
        else:
            named = unwrapped(field.type)[3]
            for name, (choice, fetch) in resolution.types.items():
                as_type = self.member(named, name, choice, path)
                found[name] = self.fetch_node(fetch, None, None, as_type, nodes, path, many=many)
            read = partial(read_node, resolution)
        arguments = self.arguments(field, nodes[0], declared, path)
        return RootLookup(found, arguments, resolution.argument, read, by_list, rows, nullable, element_nullable)

    # Fields of an object

    def view(self, as_type: GraphQLObjectType, owner: Node, nodes: list[FieldNode], path: str) -> View:
        """What the operation selects of ``as_type``, whose rows ``owner`` fetches."""
        view = View()
        for key, below in self.selections.fields(as_type, selection_sets(nodes)).items():
            place = f"{path}.{key}"
            view.fields.append((key, self.value(as_type, owner, below, place)))
        return view

    def value(self, as_type: GraphQLObjectType, owner: Node, nodes: list[FieldNode], path: str) -> Value:
        """One field of a row's object."""
        name = nodes[0].name.value
        if name == "__typename":
            return Typename(as_type.name)
        field, declared = engine_field(as_type, name, path)
        return self.resolved(declared.resolution, field, declared, owner, nodes, path)

    def resolved(
        self,
        resolution: Any,
        field: GraphQLField,
        declared: StrawberryField,
        owner: Node,
        nodes: list[FieldNode],
        path: str,
    ) -> Value:
        """The value that a resolution gives for the row at hand."""
        if isinstance(resolution, Column | Computed | GlobalId):
            return self.leaf(resolution, field, declared, owner, nodes, path)
        if isinstance(resolution, Embedded):
            return self.embedded(resolution, field.type, owner, nodes, path)
        if isinstance(resolution, FetchFromRow):
            nullable, many, _, _ = unwrapped(field.type)
            if many is not resolution.fetch.many:
                raise NotCompilable("a fetch whose number of rows the type does not fit", path)
            arguments = self.arguments(field, nodes[0], declared, path)
            as_type = self.object_type(field.type, path)
            node = self.fetch_node(resolution.fetch, owner, arguments, as_type, nodes, path, many=many)
            key = need(owner, resolution.fetch.parent_column)
            return RowsValue(node, key) if many else RowValue(node, key, nullable)
        if isinstance(resolution, FetchOneOf | FetchEachOf):
            return self.choice(resolution, field, declared, owner, nodes, path)
        if isinstance(resolution, ListFromRow):
            arguments = self.arguments(field, nodes[0], declared, path)
            need(owner, resolution.parent_column)
            return PageValue(page_node(self, resolution, field, nodes, path, parent=owner, arguments=arguments))
        raise NotCompilable(f"a {type(resolution).__name__} below the root", path)

    def choice(
        self,
        resolution: FetchOneOf | FetchEachOf,
        field: GraphQLField,
        declared: StrawberryField,
        owner: Node,
        nodes: list[FieldNode],
        path: str,
    ) -> OneOfValue | EachOfValue:
        """Rows of one fetch or another, of an interface or a union."""
        nullable, many, _, named = unwrapped(field.type)
        if many is not isinstance(resolution, FetchEachOf):
            raise NotCompilable("a choice whose number of rows the type does not fit", path)
        order = resolution.order if isinstance(resolution, FetchEachOf) else None
        found = []
        for name, (choice, fetch) in resolution.choices.items():
            as_type = self.member(named, name, choice, path)
            arguments = self.arguments(field, nodes[0], declared, path)
            node = self.fetch_node(fetch, owner, arguments, as_type, nodes, path, many=many)
            if order is not None:
                node.order = need(node, order)
            found.append((node, need(owner, fetch.parent_column)))
        if many:
            return EachOfValue(tuple(found), merged=order is not None)
        return OneOfValue(tuple(found), nullable)

    def leaf(
        self,
        resolution: Column | Computed | GlobalId,
        field: GraphQLField,
        declared: StrawberryField,
        owner: Node,
        nodes: list[FieldNode],
        path: str,
    ) -> ColumnValue | ComputedValue | GlobalIdValue:
        """A scalar, an enum value, or a list of them."""
        if not is_leaf_type(leaf_of(field.type)):
            raise NotCompilable("a column or a computed value of an object type", path)
        if isinstance(resolution, GlobalId):
            return self.global_id(resolution, field, owner, path)
        self.shape.heads.update(resolution.heads or ())
        if isinstance(resolution, Column):
            return self.column(resolution.name, field, owner)
        arguments = self.arguments(field, nodes[0], declared, path)
        if resolution.plain is not None and not arguments.varies and set(arguments.constant.values()) <= {None}:
            return self.column(resolution.plain, field, owner)
        for column in resolution.columns:
            need(owner, column)
        self.shape.reads_instant |= resolution.reads_instant
        if resolution.reads_instant and resolution.changes_at is None:
            self.shape.uncacheable = silent_value(resolution)
        site = self.site(arguments) if declared.arguments else None
        columns = resolution.columns
        complete = completion(field.type, None)
        return ComputedValue(resolution, site, complete, repeats(owner, columns), hashes(owner, columns))

    def column(self, name: str, field: GraphQLField, owner: Node) -> ColumnValue:
        """A column as it is, as PostgreSQL's text where that is what the scalar prints."""
        kind = kind_of(model_of(owner), name)
        if printed_as_text(field.type, kind) and castable(owner):
            return ColumnValue(need(owner, f"{name}{AS_TEXT}"), completion(field.type, "text"))
        return ColumnValue(need(owner, name), completion(field.type, kind))

    def global_id(self, resolution: GlobalId, field: GraphQLField, owner: Node, path: str) -> GlobalIdValue:
        """A global id, never null."""
        named = leaf_of(field.type)
        if named not in (GraphQLID, GraphQLString):
            raise NotCompilable("a global id of another scalar", path)
        name, length = resolution.type_name, len(resolution.type_name) + 1 + UUID_LENGTH
        if kind_of(model_of(owner), resolution.column) != "uuid" or length > UNBROKEN or not castable(owner):
            return GlobalIdValue(name, need(owner, resolution.column), None)
        return GlobalIdValue(name, need(owner, f"{resolution.column}{AS_ID}{name}"), -length % 3)

    def embedded(
        self, resolution: Embedded, type_: GraphQLOutputType, owner: Node, nodes: list[FieldNode], path: str
    ) -> EmbeddedValue:
        """An object of the same row: every selected field is one of its parts."""
        as_type = self.object_type(type_, path)
        origin = definition_of(as_type, path).origin
        if resolution.as_type is not origin or hasattr(origin, "__post_init__"):
            raise NotCompilable(f"an embedded {as_type.name} with a constructor of its own", path)
        view = View()
        for key, below in self.selections.fields(as_type, selection_sets(nodes)).items():
            place, name = f"{path}.{key}", below[0].name.value
            if name == "__typename":
                view.fields.append((key, Typename(as_type.name)))
                continue
            field = as_type.fields[name]
            declared = plain_field(field, place)
            part = resolution.parts.get(declared.python_name)
            if type(part) not in KNOWN or self.schema.config.default_resolver is not getattr:
                raise NotCompilable("a part of an embedded object that has no resolution", place)
            view.fields.append((key, self.resolved(part, field, declared, owner, below, place)))
        # A column and its text are null together: the one that is selected anyway will do.
        deciding = tuple(
            need(owner, f"{column}{AS_TEXT}" if f"{column}{AS_TEXT}" in owner.columns else column)
            for column in resolution.unless_null
        )
        return EmbeddedValue(deciding, not isinstance(type_, GraphQLNonNull), view)

    # Nodes

    def fetch_node(
        self,
        fetch: Fetch,
        parent: Node | None,
        arguments: Arguments | None,
        as_type: GraphQLObjectType,
        nodes: list[FieldNode],
        path: str,
        *,
        many: bool = False,
    ) -> FetchNode:
        """A statement of the plan, with everything below it."""
        if type(fetch) is not Fetch:
            raise NotCompilable("a fetch of a class of its own", path)
        node = FetchNode(len(self.shape.nodes), path, fetch, parent, arguments, as_type.name)
        node.keys_as_text = parent is None and kind_of_key(fetch) == "uuid" and castable(node)
        self.add(node, path)
        self.shape.reads_instant |= fetch.reads_instant
        if fetch.reads_instant and fetch.changes is None:
            self.shape.uncacheable = silent_fetch(fetch)
        node.view = self.view(as_type, node, nodes, f"{path}[]" if many else path)
        return node

    def add(self, node: Node, path: str) -> None:
        """Number a node. Raises ``NotCompilable`` past the limit."""
        if len(self.shape.nodes) >= NODES:
            raise NotCompilable(f"more than {NODES} statements", path)
        self.shape.nodes.append(node)

    def site(self, arguments: Arguments) -> int:
        """The number under which a computed field finds its arguments."""
        self.shape.sites.append(arguments)
        return len(self.shape.sites) - 1

    # Declarations

    def arguments(self, field: GraphQLField, node: FieldNode, declared: StrawberryField, path: str) -> Arguments:
        """How the field's arguments are read."""
        try:
            return arguments_of(self.schema, field, node, declared)
        except Deopt as error:
            raise NotCompilable(error.reason, path) from error

    def object_type(self, type_: GraphQLOutputType, path: str) -> GraphQLObjectType:
        """The object type that a field returns, one or many."""
        named = leaf_of(type_)
        if not isinstance(named, GraphQLObjectType):
            raise NotCompilable(f"rows of the abstract type {named}", path)
        definition_of(named, path)
        return named

    def member(self, abstract: Any, name: str, choice: Any, path: str) -> GraphQLObjectType:
        """An object type by name, whose rows a field of the type ``abstract`` may give."""
        found = self.graphql.get_type(name)
        if not isinstance(found, GraphQLObjectType) or definition_of(found, path).origin is not type_of(choice):
            raise NotCompilable(f"{name} is not the object type that its rows stand for", path)
        if found is not abstract and not (is_abstract_type(abstract) and self.graphql.is_sub_type(abstract, found)):
            raise NotCompilable(f"{name} is no {abstract}", path)
        return found
