"""Surrogate keys: the names by which a CDN forgets answers when a head moves."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

ANY = "larder-any"
"""The key of answers that depend on more heads than their header can name. It goes with every purge."""

LONGEST_KEY = 256
MAX_BYTES = 2048
"""Of a header: proxies take 4 to 16 KiB for all headers together."""


def surrogate_key(head: str) -> str:
    """The key of a head: its name, percent-encoded where a header of names separated by spaces needs it."""
    return quote(head, safe="!#$&'()*+,/:;=?@[]~|")[:LONGEST_KEY]


def surrogate_keys(heads: Iterable[str]) -> str:
    """The keys of an answer that depends on ``heads``, separated by spaces; ``ANY`` alone where they are too many."""
    keys = " ".join(sorted({surrogate_key(head) for head in heads}))
    return keys if len(keys) <= MAX_BYTES else ANY
