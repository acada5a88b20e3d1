"""JSON as manifests are written in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from persisted_queries.problems import ManifestRefused, Problem


@dataclass(frozen=True, slots=True)
class Pairs:
    """A JSON object as its pairs, so that a key that stands twice is not lost."""

    items: list[tuple[str, Any]]


def decoded(data: bytes, name: str) -> Any:
    """The value of a JSON text; its objects are ``Pairs``. Raises ``ManifestRefused`` naming the file."""
    try:
        return json.loads(data.decode("utf-8-sig"), object_pairs_hook=Pairs)
    except UnicodeDecodeError as error:
        raise ManifestRefused([Problem(name, "", "a manifest is UTF-8 text", str(error))]) from error
    except ValueError as error:
        raise ManifestRefused([Problem(name, "", "a manifest is JSON", str(error))]) from error
    except RecursionError as error:
        raise ManifestRefused([Problem(name, "", "a manifest is JSON", "nested too deeply")]) from error


def as_object(value: Any) -> dict[str, Any]:
    """The last value of each key of a JSON object; empty for anything else."""
    return dict(value.items) if isinstance(value, Pairs) else {}


def as_pairs(value: Any) -> list[tuple[Any, Any]] | None:
    """The pairs of an object, or of a list of pairs. None: it is neither."""
    if isinstance(value, Pairs):
        return list(value.items)
    if isinstance(value, list) and all(is_pair(item) for item in value):
        return [(item[0], item[1]) for item in value]
    return None


def is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2  # noqa: PLR2004 - two are a pair


def shown(value: object) -> str:
    """A JSON value for a message."""
    return json.dumps(value, ensure_ascii=False, default=as_object)
