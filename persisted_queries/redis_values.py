"""How a registered document is written in Redis, and how a value is told to be what was written.

Redis is shared, and a value in it decides which text runs. So a value names the id that it was written for, its text is
hashed again at every read, and a seal (HMAC-SHA256 under a key that the processes share) covers what the hash does not.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence

import msgspec

from persisted_queries.budgets import held_budget
from persisted_queries.documents import Document, sha256_of
from persisted_queries.ids import fault
from persisted_queries.store import Reading

FIELDS = ("id", "sha256", "clients", "generation", "budget", "seal", "text")
BUDGET, SEALED = FIELDS.index("budget"), FIELDS.index("seal")


class Poisoned(ValueError):
    """The value is not what was written under its key."""


def value_of(document_id: str, reading: Reading, document: Document, secret: bytes) -> dict[str, bytes]:
    """The fields of the hash that stands for an id."""
    parts = [
        document_id.encode(),
        document.sha256.encode(),
        msgspec.json.encode(document.clients),
        str(reading.generation).encode(),
        b"null" if document.budget is None else document.budget.text.encode(),
    ]
    values = [*parts, seal_of(parts, secret), document.text.encode()]
    return dict(zip(FIELDS, values, strict=True))


def reading_of(document_id: str, values: Sequence[bytes | None], secret: bytes) -> Reading | None:
    """What the values of ``FIELDS`` say; None without any. Raises ``Poisoned``.

    None also for one without a budget: versions that know no budgets write such values.
    """
    if values[BUDGET] is None:
        return None
    found = [value or b"" for value in values]
    name, sha256, clients, generation, budget, seal, text = found
    if name != document_id.encode() or not hmac.compare_digest(seal, seal_of(found[:SEALED], secret)):
        raise Poisoned
    try:
        holders, own = tuple(msgspec.json.decode(clients, type=list[str])), held_budget(msgspec.json.decode(budget))
        document = Document(sha256.decode(), text.decode(), holders, own)
        reading = Reading(int(generation), document)
    except ValueError as error:
        raise Poisoned from error
    if sha256_of(document.text) != document.sha256 or fault(document_id, document.text):
        raise Poisoned
    return reading


def seal_of(parts: Sequence[bytes], secret: bytes) -> bytes:
    """The seal of an id, its document's hash, clients, generation and budget; none of them contains a line break."""
    return hmac.digest(secret, b"\n".join(parts), "sha256")
