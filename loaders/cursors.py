"""Cursors: where a page of a list ended, bound to the list's ordering and filters."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from loaders.errors import BadCursor


def fingerprint(name: str, order: Sequence[str], arguments: Mapping[str, Any]) -> str:
    """A short digest of what a cursor belongs to: the list, its order, its filters."""
    canonical = orjson.dumps([name, list(order), arguments], default=str, option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(canonical, digest_size=6).hexdigest()


def encode_cursor(mark: str, values: Sequence[Any]) -> str:
    """Base64url of the fingerprint and the ordering key's values, exact as text."""
    return base64.urlsafe_b64encode(orjson.dumps([mark, *map(str, values)])).rstrip(b"=").decode()


def decode_cursor(text: str, mark: str, count: int) -> list[str]:
    """The ``count`` values of a cursor of this list. Raises ``BadCursor`` for anything else."""
    try:
        found = orjson.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        found = None
    if not isinstance(found, list) or len(found) != count + 1 or not all(isinstance(value, str) for value in found):
        msg = f"{text[:80]!r} is not a cursor"
        raise BadCursor(msg)
    if found[0] != mark:
        msg = f"{text[:80]!r} belongs to a list with another order or other filters"
        raise BadCursor(msg)
    return found[1:]
