"""What the registry holds: documents.

A document is *registered* as long as an active deployment holds it; every id of a registered document is good.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import NamedTuple

from persisted_queries.budgets import Budget


@dataclass(frozen=True, slots=True)
class Document:
    """A document of the registry.

    ``sha256`` is the lowercase hex digest of the exact UTF-8 text; ``clients`` are the clients with an active
    deployment that holds it, sorted. ``budget`` is its own, None where the configured limits hold. ``identity`` is what
    decides how it is prepared.
    """

    sha256: str
    text: str
    clients: tuple[str, ...]
    budget: Budget | None = None
    identity: str = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        # Every look-up in memory reads it.
        object.__setattr__(self, "identity", identity_of(self.sha256, self.budget))


class Registered(NamedTuple):
    """What an id stands for, without the text."""

    sha256: str
    clients: tuple[str, ...]
    budget: Budget | None = None


def identity_of(sha256: str, budget: Budget | None) -> str:
    """Another text, another identity; also with another budget. The SHA-256 of a document without one."""
    return sha256 if budget is None else f"{sha256} {budget.text}"


def sha256_of(text: str) -> str:
    """Lowercase hex of the SHA-256 of the exact UTF-8 text. Raises ``UnicodeEncodeError`` for a lone surrogate."""
    return hashlib.sha256(text.encode()).hexdigest()
