"""Apollo's persisted query manifest, version 1.

https://www.apollographql.com/docs/graphos/platform/security/persisted-queries#manifest-format
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from persisted_queries.documents import sha256_of
from persisted_queries.manifests.decoding import as_object, shown
from persisted_queries.manifests.manifest import Entry
from persisted_queries.problems import Problem

NAME = "apollo"
FORMAT = "apollo-persisted-query-manifest"
TEXTS = ("id", "name", "type", "body")


def recognises(value: Any) -> bool:
    """Whether a JSON value says that it is one."""
    return isinstance(as_object(value).get("format"), str)


def read(value: Any) -> Iterator[Entry | Problem]:
    """The operations of a manifest. Each has a name of its own, and the SHA-256 of its body for an id."""
    manifest = as_object(value)
    if manifest["format"] != FORMAT:
        yield Problem("", "", f'the format is "{FORMAT}"', shown(manifest["format"]))
    elif manifest.get("version") != 1 or isinstance(manifest.get("version"), bool):
        yield Problem("", "", "the version is 1", shown(manifest.get("version")))
    elif not isinstance(manifest.get("operations"), list):
        yield Problem("", "", "operations is a list", shown(manifest.get("operations")))
    else:
        yield from operations(manifest["operations"])


def operations(listed: list[Any]) -> Iterator[Entry | Problem]:
    """The entries of a list of operations."""
    names: set[tuple[str | None, str]] = set()
    for place, item in enumerate(listed):
        found = operation(place, as_object(item))
        if isinstance(found, Entry):
            key = (found.client, found.name or "")
            if key in names:
                yield Problem(found.document_id, found.name or "", "a name stands once in a manifest", found.name or "")
            names.add(key)
        yield found


def operation(place: int, item: dict[str, Any]) -> Entry | Problem:
    """One entry of the list, from its place and its object."""
    subject = item["id"] if isinstance(item.get("id"), str) else f"operations[{place}]"
    name = item["name"] if isinstance(item.get("name"), str) else ""
    client = item.get("clientName")
    for key in TEXTS:
        if not isinstance(item.get(key), str) or (key != "name" and not item[key]):
            return Problem(subject, name, f"an operation has {', '.join(TEXTS)}", f"{key}: {shown(item.get(key))}")
    if not name:
        return Problem(subject, "", "an operation has a name", shown(item["name"]))
    if client is not None and not isinstance(client, str):
        return Problem(subject, name, "clientName is text", shown(client))
    if item["type"] != "query":
        return Problem(subject, name, "only queries can be registered", f"type: {item['type']}")
    if not is_sha256_of(item["id"], item["body"]):
        return Problem(subject, name, "the id is the sha256 of the body", shown(item["id"]))
    return Entry(item["id"], item["body"], name=name, client=client)


def is_sha256_of(document_id: str, body: str) -> bool:
    try:
        return document_id == sha256_of(body)
    except UnicodeEncodeError:
        return False
