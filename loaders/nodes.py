"""Global ids and Relay nodes: base64url of ``Type:key``, opaque to clients."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Callable


def encode_id(type_name: str, key: object) -> str:
    """The global id of the ``type_name`` known by ``key``."""
    return base64.urlsafe_b64encode(f"{type_name}:{key}".encode()).rstrip(b"=").decode()


def decode_id(text: str) -> tuple[str, str] | None:
    """(type name, key) of a global id, or None for any other text."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeError, ValueError):
        return None
    type_name, colon, key = raw.partition(":")
    return (type_name, key) if colon and encode_id(type_name, key) == text else None


def id_of(type_name: str) -> Callable[[object], str]:
    """A pure function from a key to the global id of that type."""
    return lambda key: encode_id(type_name, key)


def uuid_of(type_name: str) -> Callable[[str], UUID | None]:
    """A pure function from a global id to its UUID; None for another type's id or any other text."""

    def read(text: Any) -> UUID | None:
        found = decode_id(str(text))
        if found is None or found[0] != type_name:
            return None
        try:
            return UUID(found[1])
        except ValueError:
            return None

    return read
