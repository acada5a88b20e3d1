"""Global ids and Relay nodes: base64url of ``Type:key``, opaque to clients."""

from __future__ import annotations

import re
from binascii import Error, a2b_base64, b2a_base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

TO_URL = bytes.maketrans(b"+/", b"-_")
CANONICAL = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def encode_id(type_name: str, key: object) -> str:
    """The global id of the ``type_name`` known by ``key``."""
    return encode(f"{type_name}:{key}".encode())


def encode(raw: bytes) -> str:
    """Base64url without padding."""
    return b2a_base64(raw, newline=False).translate(TO_URL).rstrip(b"=").decode()


def decode_id(text: str) -> tuple[str, str] | None:
    """(type name, key) of a global id, or None for any other text."""
    padded = text + "==="[: -len(text) % 4]
    if "-" in text or "_" in text:
        padded = padded.replace("-", "+").replace("_", "/")
    try:
        raw = a2b_base64(padded)
        found = raw.decode()
    except (Error, UnicodeError, ValueError):
        return None
    type_name, colon, key = found.partition(":")
    return (type_name, key) if colon and encode(raw) == text else None


@dataclass(frozen=True, slots=True)
class UuidOf:
    """A pure function from a global id to its UUID; None for another type's id or any other text."""

    type_name: str

    def __call__(self, value: Any) -> UUID | None:
        text = self.text(value)
        return None if text is None else UUID(text)

    def text(self, value: Any) -> str | None:
        """The UUID as canonical text."""
        found = decode_id(str(value))
        if found is None or found[0] != self.type_name or not CANONICAL.fullmatch(found[1]):
            return None
        return found[1]


def uuid_of(type_name: str) -> UuidOf:
    """The function from a global id of that type to its UUID."""
    return UuidOf(type_name)


def node_key(value: Any) -> tuple[str, str] | None:
    """(type name, UUID as canonical text) of the global id of any type, None for any other text."""
    found = decode_id(str(value))
    return found if found is not None and CANONICAL.fullmatch(found[1]) else None


@dataclass(frozen=True, slots=True)
class GlobalId:
    """A resolution: the global id of a row that is known by ``column``."""

    type_name: str
    column: str

    @property
    def columns(self) -> tuple[str, ...]:
        """That column."""
        return (self.column,)

    def resolve(self, row: Any, info: Any, arguments: Mapping[str, Any]) -> str:  # noqa: ARG002 - the protocol's signature
        """The id."""
        return encode_id(self.type_name, getattr(row, self.column))
