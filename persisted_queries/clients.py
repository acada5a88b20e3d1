"""Which client asks: what it says of itself in its headers. A statement, not a proof."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

NAMES = (b"graphql-client-name", b"apollographql-client-name")
VERSIONS = (b"graphql-client-version", b"apollographql-client-version")
LONGEST = 128


@dataclass(frozen=True, slots=True)
class Client:
    """A client's name and version, None where it does not tell."""

    name: str | None = None
    version: str | None = None


def client_of(header: Callable[[bytes], str]) -> Client:
    """The client of a request. header: a header's value by its lowercase name, empty text without one."""
    return Client(first_of(header, NAMES), first_of(header, VERSIONS))


def first_of(header: Callable[[bytes], str], names: tuple[bytes, ...]) -> str | None:
    """The first header that says something: printable, cut to 128 characters."""
    for name in names:
        told = "".join(letter for letter in header(name) if letter.isprintable()).strip()
        if told:
            return told[:LONGEST]
    return None
