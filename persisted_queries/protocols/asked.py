"""What a request says about its document, whichever protocol it speaks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from persisted_queries.errors import MalformedDocumentId
from persisted_queries.ids import GOOD


@dataclass(frozen=True, slots=True)
class Asked:
    """The document that a request names, carries, or both.

    sha256: the digest that the text must have, from protocols that say one. registers: whether the request asks that
    its text be kept under that digest. protocol: which one was spoken, ``text`` for none.
    """

    document_id: str | None
    sha256: str | None
    text: str | None
    registers: bool
    protocol: str


Read = Callable[[Mapping[str, Any], str | None], Asked | None]
"""A protocol: from a request's parameters, and the id in its path, to what it asks for.

None: the request does not speak it. Raises ``DocumentError`` where it does so wrongly.
"""


def text_of(parameters: Mapping[str, Any]) -> str | None:
    """The document's text, None without one."""
    return parameters.get("query")


def checked_id(value: Any, name: str) -> str | None:
    """A document id as it was given, None where it was not. Raises ``MalformedDocumentId``."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise MalformedDocumentId(f"{name} must be text")
    if not GOOD.fullmatch(value):
        raise MalformedDocumentId(f"{name} must have 1 to 256 visible ASCII characters")
    return value


def named(document_id: str | None, parameters: Mapping[str, Any], protocol: str) -> Asked | None:
    """The request as it names a document by an id alone, None without an id."""
    if document_id is None:
        return None
    return Asked(document_id, None, text_of(parameters), registers=False, protocol=protocol)
