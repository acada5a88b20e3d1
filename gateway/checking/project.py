"""A project as the rules read it: its settings, its schema with everything that it declares, and its store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import strawberry
from django.db.models import Model
from graphql import GraphQLInputObjectType, GraphQLInterfaceType, GraphQLNamedType, GraphQLObjectType, GraphQLSchema
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from gateway.checking.environment import Environment
from gateway.checking.findings import Place
from gateway.checking.indexes import DeclaredIndexes, Indexes, StoredIndexes
from gateway.checking.places import assigned_place, attribute_place, class_place
from gateway.checking.reads import Read, reads
from gateway.checking.suppliers import Suppliers
from loaders.fields import FetchField

if TYPE_CHECKING:
    import psycopg

    from gateway.config import Config

DEFINITION = GraphQLCoreConverter.DEFINITION_BACKREF
FOREIGN = ("strawberry.", "strawberry_django.", "graphql.")
"""Modules whose types nobody here describes."""


@dataclass(frozen=True, slots=True)
class DeclaredField:
    """A field of a type. origin: the type's class. field: graphql-core's. declared: strawberry's."""

    kind: GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType
    name: str
    field: Any
    declared: StrawberryField
    origin: type
    place: Place

    @property
    def label(self) -> str:
        """``Type.field``."""
        return f"{self.kind.name}.{self.name}"

    @property
    def model(self) -> type[Model] | None:
        """The model whose rows have the field."""
        django = getattr(self.origin, "__strawberry_django_definition__", None)
        found: type[Model] | None = getattr(django, "model", None)
        return found

    @property
    def resolution(self) -> Any:
        """How the engine gets its value, None where a resolver of its own does."""
        return self.declared.resolution if isinstance(self.declared, FetchField) else None


class Project:
    """What is checked. connection: to the store, None where none answers."""

    def __init__(
        self, settings: Config, schema: strawberry.Schema, connection: psycopg.Connection[Any] | None = None
    ) -> None:
        self.settings = settings
        self.schema = schema
        self.connection = connection
        self.environment = Environment()

    @property
    def graphql(self) -> GraphQLSchema:
        """The schema as graphql-core has it."""
        found: GraphQLSchema = self.schema._schema  # noqa: SLF001 - strawberry exposes no other way to it
        return found

    @cached_property
    def indexes(self) -> Indexes:
        """The indexes of the tables."""
        return DeclaredIndexes() if self.connection is None else StoredIndexes.read(self.connection)

    @cached_property
    def place(self) -> Place:
        """Where the schema is made: the place of what has none."""
        module, _, name = self.settings.schema_path.partition(":")
        return assigned_place(module, name)

    @cached_property
    def types(self) -> dict[str, tuple[GraphQLNamedType, Any]]:
        """The types that somebody here declares, by name, each with strawberry's definition."""
        found = {}
        for name, kind in self.graphql.type_map.items():
            definition = kind.extensions.get(DEFINITION)
            origin = getattr(definition, "origin", None)
            module = f"{getattr(origin, '__module__', '')}."
            if definition is not None and not name.startswith("__") and not module.startswith(FOREIGN):
                found[name] = (kind, definition)
        return found

    @cached_property
    def fields(self) -> tuple[DeclaredField, ...]:
        """Every field of every type."""
        return tuple(self._fields())

    @cached_property
    def reads(self) -> tuple[Read, ...]:
        """Every fetch and listing, each once, with the fields that read through it."""
        return reads(self.fields)

    @cached_property
    def suppliers(self) -> Suppliers:
        """The sources as their file declares them."""
        return Suppliers(self.settings.sources)

    def type_place(self, definition: Any) -> Place:
        """Where a type is declared."""
        origin = getattr(definition, "origin", None)
        found = class_place(origin) if isinstance(origin, type) else None
        return found or self.place

    def model_place(self, model: type[Model], field: Any = None) -> Place:
        """Where a model is declared, or one of its fields; a join table is where its relation is."""
        owner: Any = model._meta.auto_created
        if not owner:
            found = class_place(model) if field is None else attribute_place(model, field.name)
            return found or self.place
        relations = (one for one in owner._meta.local_many_to_many if one.remote_field.through is model)
        relation = next(relations, None)
        found = class_place(owner) if relation is None else attribute_place(owner, relation.name)
        return found or self.place

    def _fields(self) -> Iterator[DeclaredField]:
        for kind, definition in self.types.values():
            if not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
                continue
            for name, field in kind.fields.items():
                declared = field.extensions.get(DEFINITION)
                if isinstance(declared, StrawberryField):
                    place = attribute_place(definition.origin, declared.python_name) or self.place
                    yield DeclaredField(kind, name, field, declared, definition.origin, place)
