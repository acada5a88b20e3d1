"""The fetch of every relation, derived from Django's model metadata."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db.models import ForeignKey, ManyToManyField, ManyToManyRel, ManyToOneRel, Model, OneToOneRel, QuerySet

from loaders.errors import DeclarationError
from loaders.fetches import Fetch
from loaders.managers import visible, visible_through


@cache
def relation_fetch(model: type[Model], name: str) -> Fetch:
    """The fetch behind ``model.name``, a foreign key, its reverse, a one-to-one or a many-to-many relation.

    Forward relations read through the related model's base manager, as Django does; the others through its default
    manager, a reverse one-to-one too, so that what it hides stays hidden. Rows come in the related model's ordering;
    through a model with an ordering of its own, in that one first.
    """
    relation = model._meta.get_field(name)
    label = f"{model._meta.object_name}.{name}"
    if isinstance(relation, ForeignKey):
        return forward(label, relation)
    if isinstance(relation, ManyToOneRel):
        return reverse(label, relation)
    if isinstance(relation, ManyToManyField):
        return many_to_many(
            label, relation.remote_field.through, relation.m2m_field_name(), relation.m2m_reverse_field_name()
        )
    if isinstance(relation, ManyToManyRel):
        related = relation.field
        return many_to_many(label, relation.through, related.m2m_reverse_field_name(), related.m2m_field_name())
    msg = f"{label} is a {type(relation).__name__}, which has no fetch of its own: declare one"
    raise DeclarationError(msg)


def forward(label: str, relation: ForeignKey[Any, Any]) -> Fetch:
    """Foreign key or forward one-to-one: one row by the key that the parent row holds."""
    related = relation.related_model
    return Fetch(
        name=label,
        model=related,
        parent_column=relation.attname,
        key_path=relation.target_field.attname,
        many=False,
        build=lambda _: related._base_manager.all(),
        heads=(related._meta.db_table,),
    )


def reverse(label: str, relation: ManyToOneRel) -> Fetch:
    """Reverse foreign key (rows) or reverse one-to-one (one row) by the key that the parent is known by."""
    related = relation.related_model
    return Fetch(
        name=label,
        model=related,
        parent_column=relation.field.target_field.attname,
        key_path=relation.field.attname,
        many=not isinstance(relation, OneToOneRel),
        build=lambda _: ordered(visible(related), ordering(related)),
        heads=(related._meta.db_table,),
    )


def many_to_many(label: str, through: Any, near: str, far: str) -> Fetch:
    """Many-to-many over the through model: one row per (key, link), so an item linked thrice comes thrice."""
    near_field = through._meta.get_field(near)
    related, prefix = through._meta.get_field(far).related_model, f"{far}__"
    order = [*ordering(through), *(prefixed_order(path, prefix) for path in ordering(related) or ["pk"])]
    return Fetch(
        name=label,
        model=related,
        parent_column=near_field.target_field.attname,
        key_path=near_field.attname,
        many=True,
        build=lambda _: ordered(visible(through).filter(visible_through(related, prefix)), order),
        prefix=prefix,
        heads=(through._meta.db_table, related._meta.db_table),
    )


def ordering(model: type[Model]) -> list[str]:
    """``Meta.ordering`` as paths; raises ``DeclarationError`` where it holds expressions."""
    paths = [path for path in model._meta.ordering or () if isinstance(path, str) and path != "?"]
    if len(paths) != len(model._meta.ordering or ()):
        msg = f"{model.__name__}.Meta.ordering must hold column names only to be fetched by relation"
        raise DeclarationError(msg)
    return paths


def prefixed_order(path: str, prefix: str) -> str:
    """``-name`` below ``item__`` is ``-item__name``."""
    return f"-{prefix}{path[1:]}" if path.startswith("-") else f"{prefix}{path}"


def ordered(queryset: QuerySet[Any, Any], paths: list[str]) -> QuerySet[Any, Any]:
    """``queryset`` in that order, with its primary key as the last, unique one."""
    key = queryset.model._meta.pk.name
    known = {path.lstrip("-") for path in paths}
    return queryset.order_by(*paths, *(() if known & {key, "pk"} else (key,)))
