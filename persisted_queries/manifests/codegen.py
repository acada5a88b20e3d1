"""GraphQL Code Generator's ``persisted-documents.json``: an object from id to document.

The client preset writes ``sha256:`` and the SHA-256 since version 6.0, a bare SHA-1 or SHA-256 before.
https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#persisted-documents
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from persisted_queries.manifests.decoding import Pairs
from persisted_queries.manifests.manifest import Entry
from persisted_queries.manifests.maps import entries
from persisted_queries.problems import Problem

NAME = "codegen"
ID = re.compile(r"(sha256:)?[0-9a-f]{64}|[0-9a-f]{40}")


def recognises(value: Any) -> bool:
    """Whether a JSON value is an object with at least one id as the preset makes them."""
    return isinstance(value, Pairs) and any(ID.fullmatch(key) or key.startswith("sha256:") for key, _ in value.items)


def read(value: Pairs) -> Iterator[Entry | Problem]:
    """The documents of the object, whose ids must all be hashes."""
    for found in entries(value.items):
        if isinstance(found, Entry) and not ID.fullmatch(found.document_id):
            yield Problem(found.document_id, "", "an id is a sha256:, a bare sha256 or a bare sha1", found.document_id)
        else:
            yield found
