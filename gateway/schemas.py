"""Schemas to compare: the one that is served, and those in files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.utils.module_loading import import_string
from graphql import GraphQLError, GraphQLSchema, build_schema

from gateway.config import config
from gateway.errors import GatewayError


def served_schema() -> GraphQLSchema:
    """The schema that the settings name. Django must be set up."""
    schema: Any = import_string(config().schema_path.replace(":", "."))
    found: GraphQLSchema = schema._schema  # noqa: SLF001 - strawberry exposes no other way to it
    return found


def schema_in(path: Path) -> GraphQLSchema:
    """The schema that a file defines. Raises ``GatewayError`` in one line."""
    try:
        return build_schema(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise GatewayError(f"{path}: {error.strerror}") from error
    except (UnicodeDecodeError, GraphQLError, TypeError, RecursionError) as error:
        message = error.message if isinstance(error, GraphQLError) else str(error)
        raise GatewayError(f"{path} is no schema: {' '.join(message.split())}") from error
