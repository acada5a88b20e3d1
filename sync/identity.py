"""Who a row is and what it says: stable node ids and content digests."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID, uuid5

import msgspec

ROWS = UUID("0d0c5b7e-3f0e-5a61-9c7b-6f1d3a3f4c52")
"""Namespace of node ids. Changing it changes every id that clients hold."""

VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}
"""The first digit of the ninth byte with the two bits that every UUID has there."""

ENCODER = msgspec.json.Encoder(order="sorted")


class Namer:
    """Names one source's rows: what ``node_id`` says, in hexadecimal, for many rows."""

    def __init__(self, source: str) -> None:
        self._source = hashlib.sha1(ROWS.bytes + f"{source}\x1f".encode(), usedforsecurity=False)

    def name(self, kind: str, key: str) -> str:
        """32 hexadecimal digits (RFC 9562, section 5.5)."""
        hashed = self._source.copy()
        hashed.update(f"{kind}\x1f{key}".encode())
        digits = hashed.hexdigest()
        return f"{digits[:12]}5{digits[13:16]}{VARIANT[digits[16]]}{digits[17:32]}"


def node_id(source: str, kind: str, key: str) -> UUID:
    """UUIDv5 of (source, kind, external id): the same at every import."""
    return uuid5(ROWS, f"{source}\x1f{kind}\x1f{key}")


def digest(value: Any) -> UUID:
    """Digest of a JSON-able value, blind to the order of its keys."""
    return UUID(hex=digest_of(ENCODER.encode(value)))


def digest_of(encoded: bytes) -> str:
    """The same of what ``ENCODER`` made of the value, in hexadecimal."""
    return hashlib.blake2b(encoded, digest_size=16).hexdigest()
