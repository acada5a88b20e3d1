"""What a model's column is in a schema: its Python annotation, and what that needs to be imported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Field, GeneratedField

TEXTS = {
    "CharField",
    "EmailField",
    "FileField",
    "FilePathField",
    "ImageField",
    "SlugField",
    "TextField",
    "URLField",
}
PLAIN = {
    **dict.fromkeys(TEXTS, ("str", "")),
    **dict.fromkeys(
        (
            "AutoField",
            "SmallAutoField",
            "IntegerField",
            "SmallIntegerField",
            "PositiveIntegerField",
            "PositiveSmallIntegerField",
        ),
        ("int", ""),
    ),
    **dict.fromkeys(
        ("BigAutoField", "BigIntegerField", "PositiveBigIntegerField"), ("BigInt", "larder.scalars.BigInt")
    ),
    "BooleanField": ("bool", ""),
    "FloatField": ("float", ""),
    "DecimalField": ("Decimal", "decimal.Decimal"),
    "DateField": ("date", "datetime.date"),
    "DateTimeField": ("datetime", "datetime.datetime"),
    "TimeField": ("time", "datetime.time"),
    "UUIDField": ("UUID", "uuid.UUID"),
    "JSONField": ("JSON", "strawberry.scalars.JSON"),
}
"""Internal type of a model field -> annotation, and the name to be imported for it."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """An annotation without its admission of null. imports: full names."""

    text: str
    imports: tuple[str, ...] = ()


def annotation(field: Field[Any, Any]) -> Annotation | None:
    """The annotation of a column; None for one that GraphQL has no type for."""
    if isinstance(field, ArrayField):
        inner = annotation(field.base_field)
        return inner and Annotation(f"list[{inner.text}]", inner.imports)
    if isinstance(field, GeneratedField):
        made: Any = field.output_field
        return annotation(made)
    if field.primary_key:
        return Annotation("strawberry.ID")
    found = PLAIN.get(field.get_internal_type())
    if found is None:
        return None
    text, name = found
    return Annotation(text, (name,) if name else ())
