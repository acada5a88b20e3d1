"""Each protocol alone: parameters, and what they ask for."""

from __future__ import annotations

from typing import Any

import pytest

from persisted_queries.documents import sha256_of
from persisted_queries.errors import DocumentError, MalformedDocumentId, UnsupportedVersion
from persisted_queries.protocols import PROTOCOLS, read_document
from persisted_queries.protocols.asked import Asked

TEXT = "{ __typename }"
SHA = sha256_of(TEXT)
ALL = list(PROTOCOLS.values())


def by_id(document_id: str, protocol: str, text: str | None = None) -> Asked:
    return Asked(document_id, None, text, registers=False, protocol=protocol)


def apollo(version: Any = 1, **more: Any) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": version, "sha256Hash": SHA, **more}}}


ASKED: list[tuple[dict[str, Any], str | None, Asked]] = [
    ({"query": TEXT}, None, Asked(None, None, TEXT, registers=False, protocol="text")),
    ({}, None, Asked(None, None, None, registers=False, protocol="text")),
    ({"documentId": f"sha256:{SHA}"}, None, by_id(f"sha256:{SHA}", "document-id")),
    ({"documentId": "x-shop:anything:else"}, None, by_id("x-shop:anything:else", "document-id")),
    ({"documentId": "app~1.4.2~3f9c"}, None, by_id("app~1.4.2~3f9c", "document-id")),
    ({"documentId": "a", "query": TEXT}, None, by_id("a", "document-id", TEXT)),
    ({"documentId": None, "query": TEXT}, None, Asked(None, None, TEXT, registers=False, protocol="text")),
    ({}, "a", by_id("a", "document-id")),
    ({"documentId": "a"}, "a", by_id("a", "document-id")),
    (apollo(), None, Asked(SHA, SHA, None, registers=False, protocol="apollo")),
    (apollo() | {"query": TEXT}, None, Asked(SHA, SHA, TEXT, registers=True, protocol="apollo")),
    (apollo(sha256Hash="any id"[:3]), None, Asked("any", "any", None, registers=False, protocol="apollo")),
    ({"extensions": {"persistedQuery": None}, "query": TEXT}, None, Asked(None, None, TEXT, False, "text")),
    ({"doc_id": "0123"}, None, by_id("0123", "relay")),
    ({"doc_id": None, "query": TEXT}, None, Asked(None, None, TEXT, registers=False, protocol="text")),
    ({"id": "0123"}, None, by_id("0123", "hot-chocolate")),
    ({"id": "d", "doc_id": "c", "documentId": "a"} | apollo(), "a", by_id("a", "document-id")),
    ({"id": "d", "doc_id": "c"} | apollo(), None, Asked(SHA, SHA, None, registers=False, protocol="apollo")),
    ({"id": "d", "doc_id": "c"}, None, by_id("c", "relay")),
]


@pytest.mark.parametrize(("parameters", "path_id", "asked"), ASKED)
def test_what_a_request_asks_for(parameters: dict[str, Any], path_id: str | None, asked: Asked) -> None:
    assert read_document(parameters, path_id, ALL) == asked


MALFORMED: list[tuple[dict[str, Any], str | None, str]] = [
    ({"documentId": 12}, None, "documentId must be text"),
    ({"documentId": ""}, None, "documentId must have 1 to 256 visible ASCII characters"),
    ({"documentId": "a b"}, None, "documentId must have 1 to 256 visible ASCII characters"),
    ({"documentId": "ü"}, None, "documentId must have 1 to 256 visible ASCII characters"),
    ({"documentId": "a" * 257}, None, "documentId must have 1 to 256 visible ASCII characters"),
    ({"documentId": "a"}, "b", "documentId is not the document id in the path"),
    ({}, "a\n", "the document id in the path must have 1 to 256 visible ASCII characters"),
    ({"documentId": ":a"}, None, "a document id has something before its colon: ':a'"),
    ({"documentId": "sha256:ab"}, None, "sha256: is followed by 64 lowercase hexadecimal digits, not 'ab'"),
    (
        {"documentId": f"sha256:{SHA.upper()}"},
        None,
        f"sha256: is followed by 64 lowercase hexadecimal digits, not {SHA.upper()!r}",
    ),
    ({"extensions": {"persistedQuery": 1}}, None, "extensions.persistedQuery must be a JSON object"),
    ({"extensions": {"persistedQuery": {"version": 1}}}, None, "extensions.persistedQuery.sha256Hash is missing"),
    (apollo(sha256Hash=1), None, "extensions.persistedQuery.sha256Hash must be text"),
    ({"doc_id": 1}, None, "doc_id must be text"),
    ({"id": []}, None, "id must be text"),
]


@pytest.mark.parametrize(("parameters", "path_id", "message"), MALFORMED)
def test_a_malformed_id_is_named_with_the_rule(parameters: dict[str, Any], path_id: str | None, message: str) -> None:
    with pytest.raises(MalformedDocumentId) as caught:
        read_document(parameters, path_id, ALL)

    assert caught.value.message == message


@pytest.mark.parametrize("version", [2, 0, "1", None, True, {}])
def test_apollo_has_one_version(version: Any) -> None:
    with pytest.raises(UnsupportedVersion):
        read_document(apollo(version), None, ALL)


def test_the_order_of_the_protocols_decides() -> None:
    asked = read_document({"id": "d", "documentId": "a"}, None, [PROTOCOLS["hot-chocolate"], PROTOCOLS["document-id"]])

    assert asked == by_id("d", "hot-chocolate")


def test_a_protocol_that_is_left_out_is_not_spoken() -> None:
    asked = read_document({"id": "d", "query": TEXT}, None, [PROTOCOLS["document-id"]])

    assert asked == Asked(None, None, TEXT, registers=False, protocol="text")


def test_the_digest_of_the_specification() -> None:
    text = "query($id:ID!){user(id:$id){name}}"

    assert sha256_of(text) == "71f7dc5758652baac68e4a10c50be732b741c892ade2883a99358f52b555286b"


def test_no_error_may_be_cached() -> None:
    for kind in DocumentError.__subclasses__():
        assert kind().headers == ((b"cache-control", b"private, no-cache, must-revalidate"),)
        assert kind().message
