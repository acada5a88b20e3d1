"""The specification of Open Delivery v1.7.0, where it is at hand, and whether a value keeps to one of its schemas.

Checked is what the used schemas say: ``type``, ``required``, ``properties``, ``items``, ``enum``, ``allOf``, ``$ref``,
``pattern``, ``minLength``, ``maxLength``, ``maxItems`` and the format ``uuid``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

FILE = Path(__file__).parents[4] / "shared/data/formats/opendelivery-v1.openapi.yaml"
TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}


@cache
def specification() -> dict[str, Any]:
    """The specification. Skips the test where the file, or a reader of YAML, is missing."""
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    if not FILE.exists():
        pytest.skip(f"{FILE.name} is not at hand")
    found: dict[str, Any] = yaml.load(FILE.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return found


def example() -> dict[str, Any]:
    """``merchantExample``."""
    found: dict[str, Any] = specification()["components"]["examples"]["merchantExample"]["value"]
    return found


def violations(value: Any, name: str) -> list[str]:
    """What of ``value`` the schema ``name`` does not allow."""
    return list(violated(value, {"$ref": f"#/components/schemas/{name}"}, name))


def violated(value: Any, schema: dict[str, Any], place: str) -> Iterator[str]:
    if "$ref" in schema:
        yield from violated(value, referenced(schema["$ref"]), place)
        return
    for part in schema.get("allOf", ()):
        yield from violated(value, part, place)
    expected = TYPES.get(schema.get("type", ""), object)
    if not isinstance(value, expected) or (isinstance(value, bool) and schema.get("type") not in {"boolean", None}):
        yield f"{place} must be of type {schema['type']}, not {value!r}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{place} must be one of {schema['enum']}, not {value!r}"
    for shape, check in CHECKS.items():
        if isinstance(value, shape):
            yield from check(value, schema, place)


def referenced(link: str) -> dict[str, Any]:
    found = specification()
    for part in link.removeprefix("#/").split("/"):
        found = found[part]
    return found


def violated_object(value: dict[str, Any], schema: dict[str, Any], place: str) -> Iterator[str]:
    yield from (f"{place}.{name} is required" for name in schema.get("required", ()) if name not in value)
    for name, part in schema.get("properties", {}).items():
        if name in value:
            yield from violated(value[name], part, f"{place}.{name}")


def violated_list(value: list[Any], schema: dict[str, Any], place: str) -> Iterator[str]:
    if len(value) > schema.get("maxItems", len(value)):
        yield f"{place} has too many items"
    for at, one in enumerate(value):
        yield from violated(one, schema.get("items", {}), f"{place}[{at}]")


def violated_text(value: str, schema: dict[str, Any], place: str) -> Iterator[str]:
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        yield f"{place} has the wrong length: {value!r}"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{place} must match {schema['pattern']}, not {value!r}"
    if schema.get("format") == "uuid":
        try:
            UUID(value)
        except ValueError:
            yield f"{place} must be a UUID, not {value!r}"


CHECKS: dict[type, Callable[[Any, dict[str, Any], str], Iterator[str]]] = {
    dict: violated_object,
    list: violated_list,
    str: violated_text,
}
