"""GraphiQL's page: the built one, with what this gateway tells it."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from gateway.graphiql.assets import PAGE, STATIC
from gateway.graphiql.example import Example

TOLD = b'<script type="application/json" id="larder">{}</script>'
"""Where the built page takes what it is told. Data is no script: the policy of the page lets none run inside it."""

UNSAFE = ((b"&", rb"\u0026"), (b"<", rb"\u003c"), (b">", rb"\u003e"))


def page_of(endpoint: str, examples: Sequence[Example]) -> bytes:
    """The page. endpoint: the path of the GraphQL endpoint. examples: what opens in its tabs."""
    told = orjson.dumps(
        {
            "endpoint": endpoint,
            "examples": [
                {
                    "name": example.name,
                    "description": example.description,
                    "query": example.query,
                    **({"variables": example.variables} if example.variables else {}),
                }
                for example in examples
            ],
        }
    )
    for character, escape in UNSAFE:
        told = told.replace(character, escape)
    built = (STATIC / PAGE).read_bytes()
    if built.count(TOLD) != 1:
        raise ValueError(f"{STATIC / PAGE} has no place for what it is told: build it again with make graphiql")
    return built.replace(TOLD, TOLD.replace(b"{}", told))
