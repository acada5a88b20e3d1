"""relay-compiler's file of persisted queries: an object from id to document, or a list of such pairs.

Ids are MD5 unless the compiler was told otherwise. https://relay.dev/docs/guides/persisted-queries/#local-persisted-queries
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from persisted_queries.manifests.decoding import as_pairs
from persisted_queries.manifests.manifest import Entry
from persisted_queries.manifests.maps import entries
from persisted_queries.problems import Problem

NAME = "relay"


def recognises(value: Any) -> bool:
    """Whether a JSON value is an object or a list of pairs: ids of any kind are good."""
    return as_pairs(value) is not None


def read(value: Any) -> Iterator[Entry | Problem]:
    """The documents, in the order of the file."""
    return entries(as_pairs(value) or [])
