"""What a model's manager hides, as a condition that can be moved along a join."""

from __future__ import annotations

from typing import Any

from django.db.models import Manager, Model, Q, QuerySet

from loaders.errors import DeclarationError


def visible(model: type[Model]) -> QuerySet[Any, Any]:
    """The rows of ``model`` that its default manager shows, honouring custom managers."""
    return model._default_manager.all()


def visible_through(model: type[Model], prefix: str) -> Q:
    """``visible(model)`` as a condition on a queryset that reaches ``model`` by the path ``prefix`` (``item__``).

    A manager may say what it hides as data, in an attribute ``condition`` (a Q over its own model); then the condition
    joins. Any other custom manager costs a sub-select, which is right for every queryset but an unordered slice.
    """
    manager = model._default_manager
    condition = getattr(manager, "condition", None)
    if isinstance(condition, Q):
        return prefixed(condition, prefix)
    if type(manager).get_queryset is Manager.get_queryset:
        return Q()
    queryset = manager.all()
    if queryset.query.is_sliced:
        msg = f"{model.__name__}'s default manager returns a slice, which no join can honour: declare a fetch"
        raise DeclarationError(msg)
    return Q(**{f"{prefix}pk__in": queryset.order_by().values("pk")})


def prefixed(condition: Q, prefix: str) -> Q:
    """``condition`` with every lookup moved below ``prefix``."""
    moved = Q(_connector=condition.connector, _negated=condition.negated)
    for child in condition.children:
        if isinstance(child, Q):
            moved.children.append(prefixed(child, prefix))
        elif isinstance(child, tuple):
            moved.children.append((f"{prefix}{child[0]}", child[1]))
        else:
            msg = f"a manager's condition may hold only plain lookups, not {child!r}"
            raise DeclarationError(msg)
    return moved
