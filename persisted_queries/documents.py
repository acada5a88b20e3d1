"""What the registry holds: documents.

A document is *registered* as long as an active deployment holds it; every id of a registered document is good.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Document:
    """A document of the registry.

    ``sha256`` is the lowercase hex digest of the exact UTF-8 text; ``clients`` are the clients with an active
    deployment that holds it, sorted.
    """

    sha256: str
    text: str
    clients: tuple[str, ...]


def sha256_of(text: str) -> str:
    """Lowercase hex of the SHA-256 of the exact UTF-8 text. Raises ``UnicodeEncodeError`` for a lone surrogate."""
    return hashlib.sha256(text.encode()).hexdigest()
