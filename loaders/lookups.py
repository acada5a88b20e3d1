"""The fetch behind a lookup: one row by a unique column."""

from __future__ import annotations

from django.db.models import Field, Model

from loaders.errors import DeclarationError
from loaders.fetches import Fetch
from loaders.managers import visible


def row_by(model: type[Model], column: str = "pk") -> Fetch:
    """The row of ``model`` that its default manager shows, by a unique column. Raises ``DeclarationError`` for others.

    Returns: a fetch named ``book_by_isbn``, for ``lookup``.
    """
    found = model._meta.pk if column == "pk" else model._meta.get_field(column)
    if not isinstance(found, Field) or not found.unique:
        msg = f"{model.__name__}.{column} is not unique, so it finds no one row"
        raise DeclarationError(msg)
    return Fetch(
        name=f"{model._meta.model_name}_by_{found.name}",
        model=model,
        parent_column=found.attname,
        key_path=found.attname,
        many=False,
        build=lambda _: visible(model).order_by("pk"),
        heads=(model._meta.db_table,),
    )
