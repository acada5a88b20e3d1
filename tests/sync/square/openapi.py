"""Square's OpenAPI file, and what of an answer is not as it says: types, required fields, enums, lengths, strangers."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

SPECIFICATION = Path(__file__).parents[4] / "shared" / "data" / "formats" / "square.openapi.json.gz"

TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}


@cache
def schemas() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress(SPECIFICATION.read_bytes()))["components"]["schemas"]
    return found


def violations(value: Any, schema: dict[str, Any], at: str = "$") -> Iterator[str]:
    """What of ``value`` is not as ``schema`` says."""
    if value is None and schema.get("nullable"):
        return
    if "$ref" in schema:
        schema = schemas()[schema["$ref"].rpartition("/")[2]]
    expected = TYPES[schema["type"]]
    if not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
        yield f"{at} must be {schema['type']}, not {value!r}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at} must be one of {schema['enum']}, not {value!r}"
    if isinstance(value, str) and len(value) > schema.get("maxLength", len(value)):
        yield f"{at} must have at most {schema['maxLength']} characters, not {len(value)}"
    if isinstance(value, list):
        for number, one in enumerate(value):
            yield from violations(one, schema["items"], f"{at}[{number}]")
    if isinstance(value, dict):
        yield from fields(value, schema, at)


def fields(value: dict[str, Any], schema: dict[str, Any], at: str) -> Iterator[str]:
    """What of an object is not as ``schema`` says."""
    known = schema.get("properties", {})
    yield from (f"{at}.{name} is missing" for name in schema.get("required", ()) if name not in value)
    for name, one in value.items():
        if name in known:
            yield from violations(one, known[name], f"{at}.{name}")
        elif "additionalProperties" not in schema:
            yield f"{at}.{name} is unknown"
