"""Kinds of values that several groups of settings have."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator
from pydantic_settings import NoDecode

from gateway.scopes.access import is_access

PREFIX = "LARDER_"


def split(value: object) -> object:
    """The parts of a text separated by commas."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(split)]


def checked_access(value: str) -> str:
    """``on``, ``off`` or ``scope:NAME``."""
    if not is_access(value):
        raise ValueError("must be on, off or scope:NAME")
    return value


Access = Annotated[str, AfterValidator(checked_access)]
