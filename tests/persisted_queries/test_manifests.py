"""Manifests as the clients' tools write them, and what is wrong with bad ones."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from persisted_queries.documents import sha256_of
from persisted_queries.examining import examine
from persisted_queries.manifests import parse_manifest, read_manifest
from persisted_queries.problems import ManifestRefused
from tests.persisted_queries.pushes import ITEM, LISTED, SCHEMA, apollo_json

VECTOR = "query($id:ID!){user(id:$id){name}}"
VECTOR_ID = "sha256:71f7dc5758652baac68e4a10c50be732b741c892ade2883a99358f52b555286b"


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def refused(value: Any) -> ManifestRefused:
    """Why a manifest is refused when it is read, or when its documents are examined."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    with pytest.raises(ManifestRefused) as error:
        examine(parse_manifest(data, "manifest.json"), SCHEMA)
    return error.value


def operation(**changes: Any) -> dict[str, Any]:
    one = {"id": sha256_of(ITEM), "name": "Item", "type": "query", "body": ITEM, **changes}
    return {"format": "apollo-persisted-query-manifest", "version": 1, "operations": [one]}


def test_the_digest_is_that_of_the_specification() -> None:
    assert f"sha256:{sha256_of(VECTOR)}" == VECTOR_ID


def test_apollo() -> None:
    manifest = parse_manifest(apollo_json([ITEM, LISTED], client="web").encode())

    assert manifest.format == "apollo"
    assert [(entry.document_id, entry.name, entry.client) for entry in manifest.entries] == [
        (sha256_of(ITEM), "Item", "web"),
        (sha256_of(LISTED), "Listed", "web"),
    ]


@pytest.mark.parametrize("shape", [dict, list])
def test_relay(shape: type) -> None:
    pairs = [(md5(ITEM), ITEM), (md5(LISTED), LISTED)]

    manifest = parse_manifest(json.dumps(shape(pairs)).encode())

    assert manifest.format == "relay"
    assert [(entry.document_id, entry.text) for entry in manifest.entries] == pairs


@pytest.mark.parametrize("id_of", [lambda text: f"sha256:{sha256_of(text)}", sha256_of, sha1])
def test_codegen(id_of: Any) -> None:
    manifest = parse_manifest(json.dumps({id_of(ITEM): ITEM, id_of(LISTED): LISTED}).encode())

    assert manifest.format == "codegen"
    assert [entry.document_id for entry in manifest.entries] == [id_of(ITEM), id_of(LISTED)]


def test_a_map_with_ids_of_its_own() -> None:
    manifest = parse_manifest(json.dumps({"web~1.4.2~Item": ITEM, "x-a:1": LISTED}).encode())

    assert [document.document_id for document in examine(manifest, SCHEMA)] == ["web~1.4.2~Item", "x-a:1"]


def test_a_folder(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "item.graphql").write_text(ITEM)
    (tmp_path / "deep" / "listed.gql").write_text(LISTED)
    (tmp_path / "README.md").write_text("no document")

    manifest = read_manifest(tmp_path)

    assert manifest.format == "folder"
    assert [entry.document_id for entry in manifest.entries] == [sha256_of(LISTED), sha256_of(ITEM)]


def test_a_file(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("\ufeff" + apollo_json([ITEM]))

    assert read_manifest(tmp_path / "manifest.json").format == "apollo"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (b"{", "manifest.json: a manifest is JSON: Expecting property name"),
        (b"\xff", "manifest.json: a manifest is UTF-8 text: 'utf-8' codec can't decode byte 0xff"),
        (b"[" * 100_000, "manifest.json: a manifest is JSON: nested too deeply"),
        (b"12", "manifest.json: a manifest has one of the formats apollo, codegen, relay: 12"),
        ({}, "manifest.json: a manifest has documents: none"),
        ([], "manifest.json: a manifest has documents: none"),
        ([["a", "b", "c"]], "manifest.json: a manifest has one of the formats"),
    ],
)
def test_what_is_no_manifest(value: Any, message: str) -> None:
    assert str(refused(value)).startswith(message)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({**operation(), "format": "other"}, 'manifest.json: the format is "apollo-persisted-query-manifest": "other"'),
        ({**operation(), "version": 2}, "manifest.json: the version is 1: 2"),
        ({**operation(), "version": True}, "manifest.json: the version is 1: true"),
        ({**operation(), "operations": {}}, "manifest.json: operations is a list: {}"),
        (operation(id=3), "Item operations[0]: an operation has id, name, type, body: id: 3"),
        (operation(body=""), 'an operation has id, name, type, body: body: ""'),
        (operation(name=""), "an operation has a name"),
        (operation(name="Other"), "the body holds the one operation Other: Item"),
        (operation(type="mutation"), "only queries can be registered: type: mutation"),
        (operation(clientName=1), "clientName is text: 1"),
        (operation(id=md5(ITEM)), "the id is the sha256 of the body"),
        (operation(id=sha256_of(ITEM).upper()), "the id is the sha256 of the body"),
        (operation(id=sha256_of(ITEM + " ")), "the id is the sha256 of the body"),
    ],
)
def test_what_apollo_may_not_say(value: Any, message: str) -> None:
    assert message in str(refused(value))


def test_an_anonymous_operation_is_none_of_apollo() -> None:
    text = "{ items { id } }"

    assert "the body holds the one operation Item: anonymous" in str(refused(operation(id=sha256_of(text), body=text)))


def test_two_operations_of_one_name_are_none_of_apollo() -> None:
    other = ITEM.replace("name", "id")

    error = refused(apollo_json([ITEM, other]).encode())

    assert [str(problem) for problem in error.problems] == [
        f"Item {sha256_of(other)}: a name stands once in a manifest: Item"
    ]


@pytest.mark.parametrize(
    ("document_id", "message"),
    [
        (md5(LISTED), f"the id is not the md5 of the document: {md5(LISTED)} (it is {md5(ITEM)})"),
        (md5(ITEM).upper(), "the id is not the md5"),
        (sha1(LISTED), "the id is not the sha1"),
        (sha256_of(LISTED), "the id is not the sha256"),
        (f"sha256:{sha256_of(LISTED)}", "the id is not the sha256"),
        (f"sha256:{sha256_of(ITEM).upper()}", "an id is a sha256:, a bare sha256 or a bare sha1"),
        ("sha256:", "an id is a sha256:, a bare sha256 or a bare sha1"),
        ("md5:abc", "an id's prefix is sha256: or begins with x-"),
        ("", "an id has 1 to 256 visible ASCII characters"),
        ("a b", "an id has 1 to 256 visible ASCII characters"),
        ("ä", "an id has 1 to 256 visible ASCII characters"),
        ("a" * 257, "an id has 1 to 256 visible ASCII characters"),
    ],
)
def test_ids_that_are_refused(document_id: str, message: str) -> None:
    assert message in str(refused({document_id: ITEM}))


def test_a_prefix_other_than_sha256_is_refused_among_hashes() -> None:
    error = refused({sha1(ITEM): ITEM, "item": LISTED})

    assert [problem.document for problem in error.problems] == ["item"]


def test_an_id_stands_for_one_document() -> None:
    twice = f'{{"a": {json.dumps(ITEM)}, "a": {json.dumps(LISTED)}}}'.encode()

    assert "a: an id stands for one document: two texts" in str(refused(twice))
    assert len(parse_manifest(json.dumps([["a", ITEM], ["a", ITEM]]).encode()).entries) == 1


def test_every_problem_is_told() -> None:
    error = refused({"a": 1, "b": None})

    assert [str(problem) for problem in error.problems] == ["a: a document is text: 1", "b: a document is text: null"]
    assert str(error) == "a: a document is text: 1 (and 1 more)"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ManifestRefused, match="the file can be read: No such file"):
        read_manifest(tmp_path / "missing.json")


def test_a_folder_with_a_bad_file(tmp_path: Path) -> None:
    (tmp_path / "bad.graphql").write_bytes(b"\xff")

    with pytest.raises(ManifestRefused, match=r"bad\.graphql: a document is UTF-8 text"):
        read_manifest(tmp_path)
