"""The text of an API key: ``lk_<id>_<secret>``, both in hexadecimal."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from hashlib import sha256

PREFIX = "lk_"
_FORM = re.compile(r"lk_([0-9a-f]{12})_([0-9a-f]{64})", re.ASCII)


@dataclass(frozen=True, slots=True)
class KeyText:
    """A key's parts. key_id: no secret; what the key is called in lists."""

    key_id: str
    secret: str = field(repr=False)

    @property
    def text(self) -> str:
        """What its owner sends."""
        return f"{PREFIX}{self.key_id}_{self.secret}"

    @property
    def digest(self) -> bytes:
        """What is stored of the secret.

        Plain SHA-256: a slow hash protects what can be guessed, and 256 random bits cannot be.
        """
        return sha256(bytes.fromhex(self.secret)).digest()


def new_key() -> KeyText:
    """A key that nobody has."""
    return KeyText(secrets.token_hex(6), secrets.token_hex(32))


def read_key(text: str) -> KeyText | None:
    """The parts of a text, None where it is no key."""
    found = _FORM.fullmatch(text)
    return KeyText(found[1], found[2]) if found else None
