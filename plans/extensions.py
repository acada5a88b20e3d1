"""Schema extensions: which of them a plan may pass by."""

from __future__ import annotations

import strawberry
from strawberry.extensions import ParserCache, SchemaExtension, ValidationCache
from strawberry.extensions.directives import DirectivesExtension

HARMLESS = (ParserCache, ValidationCache, DirectivesExtension)
"""They cache what the engine does once, or act on directives that no plan compiles."""


def passed_by(extension: SchemaExtension) -> bool:
    """Whether the extension has no effect on an operation that a plan answers."""
    return isinstance(extension, HARMLESS) or getattr(extension, "transparent", False)


def foreign_extension(schema: strawberry.Schema) -> str | None:
    """Name of the schema's first extension that plans must not pass by, None where there is none."""
    return next((type(found).__name__ for found in schema.get_extensions() if not passed_by(found)), None)
