"""Manifests to push, and a schema small enough to change in a test."""

from __future__ import annotations

import json
from collections.abc import Iterable

from graphql import build_schema

from persisted_queries.documents import sha256_of
from persisted_queries.manifests import parse_manifest
from persisted_queries.manifests.manifest import Manifest

SDL = """
type Query {
  item(id: ID!, channel: Channel): Item
  items(first: Int, filter: Filter): [Item!]!
  found: [Found!]!
}
type Mutation { clear: Boolean }
interface Priced { price(audience: String = "GUESTS"): Int }
type Item implements Priced { id: ID! name: String! price(audience: String = "GUESTS"): Int state: State! }
type Menu { id: ID! title: String }
union Found = Item | Menu
enum State { AVAILABLE SOLD_OUT }
enum Channel { DELIVERY PICKUP }
input Filter { text: String, channel: Channel }
"""
SCHEMA = build_schema(SDL)

ITEM = "query Item($id: ID!) { item(id: $id) { name } }"
LISTED = "query Listed { items(first: 2) { id } }"
STATES = "query States { items { id state } }"


def apollo(*texts: str, client: str | None = None) -> Manifest:
    """The manifest of named operations."""
    return parse_manifest(apollo_json(texts, client).encode())


def apollo_json(texts: Iterable[str], client: str | None = None) -> str:
    told = {"clientName": client} if client else {}
    operations = [
        {"id": sha256_of(text), "name": name_of(text), "type": "query", "body": text, **told} for text in texts
    ]
    return json.dumps({"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations})


def name_of(text: str) -> str:
    return text.split()[1].partition("(")[0]


def mapped(documents: dict[str, str]) -> Manifest:
    """The manifest of an object from id to document."""
    return parse_manifest(json.dumps(documents).encode())
