"""The rules for documents that shall be registered: size, ids, syntax, queries only, valid in the schema."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    parse,
    separate_operations,
    validate,
)

from persisted_queries.documents import sha256_of
from persisted_queries.ids import fault, forms
from persisted_queries.manifests.manifest import Entry, Manifest
from persisted_queries.normalising import normal_sha256_of
from persisted_queries.problems import ManifestRefused, Problem


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that is taken: bytes and tokens of one document, documents of one manifest."""

    document_bytes: int = 262_144
    tokens: int = 20_000
    documents: int = 200_000


@dataclass(frozen=True, slots=True)
class Examined:
    """A document that keeps every rule. ``operation_name`` is empty when anonymous; several are joined by a comma."""

    document_id: str
    sha256: str
    normal_sha256: str
    text: str
    operation_name: str


LIMITS = Limits()


def examine(manifest: Manifest, schema: GraphQLSchema, limits: Limits = LIMITS) -> tuple[Examined, ...]:
    """The documents of a manifest, in its order. Raises ``ManifestRefused`` with every problem of every document.

    Takes milliseconds of CPU a document: run it beside the event loop.
    """
    if len(manifest.entries) > limits.documents:
        count = str(len(manifest.entries))
        raise ManifestRefused([Problem("manifest", "", f"at most {limits.documents} documents", count)])
    found = [item for entry in manifest.entries for item in examined(entry, schema, limits)]
    problems = [item for item in found if isinstance(item, Problem)]
    documents = tuple(item for item in found if isinstance(item, Examined))
    if problems := problems + list(ambiguities(documents)):
        raise ManifestRefused(problems)
    return documents


def examined(entry: Entry, schema: GraphQLSchema, limits: Limits) -> Iterator[Examined | Problem]:
    """The examined document of an entry, or its problems."""
    try:
        size = len(entry.text.encode())
    except UnicodeEncodeError:
        yield Problem(entry.document_id, entry.name or "", "a document is Unicode text", "a lone surrogate")
        return
    if size > limits.document_bytes:
        rule = f"a document has at most {limits.document_bytes} bytes"
        yield Problem(entry.document_id, entry.name or "", rule, str(size))
        return
    if wrong := fault(entry.document_id, entry.text):
        yield Problem(entry.document_id, entry.name or "", *wrong)
        return
    try:
        document = parsed(entry.text, limits.tokens)
        faults = list(faults_of(entry, document, schema))
        name = ", ".join(name for name in separate_operations(document) if name)
        normal_sha256 = normal_sha256_of(document)
    except GraphQLError as error:
        yield Problem(entry.document_id, entry.name or "", "does not parse", located(error))
    except RecursionError:
        yield Problem(entry.document_id, entry.name or "", "does not parse", "nested too deeply")
    else:
        yield from (Problem(entry.document_id, entry.name or name, rule, value) for rule, value in faults)
        if not faults:
            yield Examined(entry.document_id, sha256_of(entry.text), normal_sha256, entry.text, name)


def parsed(text: str, tokens: int = LIMITS.tokens) -> DocumentNode:
    """The document of a text. Raises ``GraphQLSyntaxError``; ``RecursionError`` when it is nested too deeply."""
    return parse(text, max_tokens=tokens, allow_empty_selection_sets=False)


def faults_of(entry: Entry, document: DocumentNode, schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    """Rules that a parsed document breaks, each with the value that breaks it."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if not operations:
        yield "a document has an operation", "only fragments"
        return
    for operation in operations:
        if operation.operation is not OperationType.QUERY:
            name = operation.name.value if operation.name else ""
            yield "only queries can be registered", f"{operation.operation.value} {name}".strip()
            return
    names = [operation.name.value if operation.name else None for operation in operations]
    if entry.name is not None and names != [entry.name]:
        told = ", ".join(name or "anonymous" for name in names)
        yield f"the body holds the one operation {entry.name}", told
    for error in validate(schema, document):
        yield "is not valid in the schema", located(error)


def ambiguities(documents: tuple[Examined, ...]) -> Iterator[Problem]:
    """Ids under which a manifest has two documents, as its own or as a form of its own."""
    meant: dict[str, str] = {}
    for document in documents:
        for form in forms(document.document_id, document.sha256):
            if meant.setdefault(form, document.sha256) != document.sha256:
                yield Problem(document.document_id, document.operation_name, "an id stands for one document", form)


def located(error: GraphQLError) -> str:
    """An error's message and where it is in the document."""
    where = error.locations[0] if error.locations else None
    return f"{error.message} (line {where.line}, column {where.column})" if where else error.message
