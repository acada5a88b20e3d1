"""What makes two requests ask for the same answer."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from loaders.viewer import Viewer

AnswerKey = tuple[str, str | None, bytes, tuple[str | None, ...]]
"""The document's identity, name of the operation, canonical variables, the viewer's declared facets.

A document is known by its SHA-256, and by its budget where it has one.
"""


def answer_key(
    document: str,
    operation: str | None,
    variables: Mapping[str, Any] | None,
    declared: Sequence[str],
    facets: Sequence[str],
    viewer: Viewer,
) -> AnswerKey | None:
    """The key of an operation's answer; None for variables that cannot be written as JSON.

    declared: the variables that the operation declares; others are nobody's. facets: those that it reads.
    """
    canonical = b""
    if variables:
        given = {name: variables[name] for name in declared if name in variables}
        if given:
            try:
                canonical = orjson.dumps(given, option=orjson.OPT_SORT_KEYS)
            except TypeError:
                return None
    return (document, operation, canonical, tuple([viewer.facets.get(name) for name in facets]) if facets else ())


def digest(build: bytes, key: AnswerKey) -> str:
    """The key as every process of a build writes it: 64 hexadecimal digits."""
    document, operation, variables, facets = key
    parts = orjson.dumps([document, operation, variables.decode(), facets])
    return hashlib.sha256(build + parts).hexdigest()
