"""JSON of whatever a log is given."""

from __future__ import annotations

import json
from typing import Any

import orjson

OPTIONS = orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z


def to_json(value: Any) -> bytes:
    """Compact JSON on one line; a value that JSON has no word for is shown as Python shows it."""
    try:
        return orjson.dumps(value, default=repr, option=OPTIONS)
    except TypeError:
        # A whole number beyond 64 bits, a lone surrogate: the standard library writes both.
        return json.dumps(value, default=repr).encode()
