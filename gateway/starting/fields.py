"""The fields of a type, out of its model's columns and relations, as Python text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Field, ForeignKey, ManyToManyField, ManyToManyRel, ManyToOneRel, Model, OneToOneRel

from gateway.starting.annotations import annotation
from gateway.starting.choices import Member, members
from gateway.starting.code import called, quoted
from gateway.starting.typed import Typed
from gateway.starting.words import described, sentence
from sync.tables import KEPT_BY_SYNC

SECRETS = ("password", "secret", "token")
ASSUMED = 10
"""Rows that a many-to-many relation is assumed to have, for the cost of an operation."""


@dataclass
class Fields:
    """Writes the fields of the types of ``typed``. uses: full names of what they need; enums: those of columns."""

    typed: Mapping[type[Model], Typed]
    uses: set[str] = field(default_factory=set)
    enums: dict[str, tuple[str, list[Member]]] = field(default_factory=dict)

    def use(self, name: str, module: str = "larder.graphql") -> str:
        """``name``, imported from ``module``."""
        self.uses.add(f"{module}.{name}")
        return name

    def of(self, owner: Typed) -> Iterator[str]:
        """One field a text, and a comment for each column or relation that is left out; columns first."""
        yield self.key(owner)
        seen = {owner.key.name, "id"}
        columns = [one for one in owner.model._meta.concrete_fields if not one.primary_key]
        reverse = [one for one in owner.model._meta.related_objects if not one.hidden]
        everything: list[Any] = [*columns, *owner.model._meta.many_to_many, *reverse]
        for each in everything:
            if each.name in seen or (owner.supplied and each.name in KEPT_BY_SYNC):
                continue
            seen.add(each.name)
            yield self.relation(each) if each.is_relation else self.column(owner, each)
        if owner.supplied:
            declared = self.use("freshness_field", "larder.freshness")
            yield f"    freshness: {self.use('Freshness', 'larder.freshness')} = {declared}()"

    def key(self, owner: Typed) -> str:
        """What a row is known by."""
        if owner.supplied:
            made = f'{self.use("GlobalId")}("{owner.name}", "node_id")'
            arguments = [made, quoted("Global id, stable across re-imports.")]
            return self.declared("id", "strawberry.ID", arguments, "resolved")
        key = owner.key
        text = quoted(sentence(key.help_text) or "What it is known by.")
        plain = not key.is_relation
        return self.declared(key.name if plain else "id", "strawberry.ID", [text] if plain else [text, 'name="pk"'])

    def declared(self, name: str, kind: str, arguments: list[str], declaration: str = "column") -> str:
        """One field."""
        return called(f"{name}: {kind} = {self.use(declaration)}(", arguments, indent=4)

    def column(self, owner: Typed, column: Field[Any, Any]) -> str:
        """A column, as an enum where it has choices."""
        if any(word in column.name.lower() for word in SECRETS):
            return left_out(column, "it looks like a secret")
        found = annotation(column)
        if found is None:
            return left_out(column, f"GraphQL has no type for a {type(column).__name__}")
        kind, chosen = found.text, members(column)
        if chosen:
            kind = f"{owner.name}{column.name.title().replace('_', '')}"
            self.enums[kind] = (described(column), chosen)
        else:
            self.uses.update(found.imports)
        return self.declared(column.name, optional(kind, null=column.null), [quoted(described(column))])

    def relation(self, relation: Any) -> str:
        """A relation to a model that has a type: one row, a short list, or the pages of a long one."""
        other = self.typed.get(relation.related_model)
        if other is None:
            return left_out(relation, "its model is of no app that was named")
        if isinstance(relation, ForeignKey):
            sure = getattr(relation, "db_constraint", True) and not relation.null
            kind = optional(other.name, null=not sure)
            return self.declared(relation.name, kind, [quoted(described(relation))])
        if isinstance(relation, OneToOneRel):
            text = quoted(sentence(f"its {other.model._meta.verbose_name}"))
            return self.declared(relation.name, optional(other.name, null=True), [text])
        if isinstance(relation, ManyToManyField):
            size = f"directives=[{self.use('list_size')}({ASSUMED})]"
            return self.declared(relation.name, f"list[{other.name}]", [quoted(described(relation)), size])
        return self.pages(relation, other)

    def pages(self, relation: ManyToOneRel | ManyToManyRel, other: Typed) -> str:
        """The rows that refer to this one, in pages."""
        if isinstance(relation, ManyToManyRel):
            parent = relation.model._meta.pk.attname
            key = f"{relation.field.name}__{parent}"
        else:
            parent, key = relation.field.target_field.attname, relation.field.attname
        arguments = [other.listing, quoted(sentence(f"its {other.model._meta.verbose_name_plural}")), f'key="{key}"']
        arguments += [] if parent == "id" else [f'parent="{parent}"']
        name = relation.related_name or other.many
        return self.declared(name, f"{self.use('Connection')}[{other.name}]", arguments, "listed")


def optional(kind: str, *, null: bool) -> str:
    """A kind that admits null, or not."""
    return f"{kind} | None" if null else kind


def left_out(found: Any, reason: str) -> str:
    """A comment in place of a field."""
    return f"    # left out: {found.name}, as {reason}"
