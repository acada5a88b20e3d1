"""Which fields of a supplier's items no expression reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sync.sources.http_json.declarations import DocumentOf, RecordOf, StreamOf
from sync.sources.http_json.expressions import EVERYTHING, Expression

EVERYTHING_READ = frozenset({EVERYTHING})


class Tally:
    """Notes the fields of a stream's items that are not read. ``unread`` is document -> their names, as far as seen.

    A document without records is only read for the sake of others.
    """

    def __init__(self, stream: StreamOf, unread: dict[str, set[str]]) -> None:
        self.read = {document.name: read_of(stream, document) for document in stream.documents if document.records}
        self.unread = unread

    def note(self, document: DocumentOf, item: Any) -> None:
        """Take an item into account."""
        read = self.read.get(document.name, EVERYTHING_READ)
        if isinstance(item, dict) and EVERYTHING not in read and (unread := item.keys() - read):
            self.unread.setdefault(document.name, set()).update(unread)


def read_of(stream: StreamOf, document: DocumentOf) -> frozenset[str]:
    """The fields of the document's items that are read: by its own expressions, and by documents asked for each."""
    found: set[str] = set()
    for value in over_items(document):
        found |= value.reads | value.reads_item
    for record in (record for record in document.records if record.each is not None):
        for value in of_elements(record):
            found |= value.reads_item
    for child in (child for child in stream.documents if child.parent == document.name):
        for value in child.path.values:
            found |= value.reads | value.reads_item
        for value in every(child):
            found |= value.reads_parent
    return frozenset(found)


def over_items(document: DocumentOf) -> Iterator[Expression]:
    """The expressions that are evaluated over the document's items themselves."""
    if document.tells_units:
        yield from (document.confirms, document.scope)
    for record in document.records:
        if record.each is not None:
            yield record.each
        else:
            yield from of_elements(record)


def of_elements(record: RecordOf) -> Iterator[Expression]:
    """The expressions that are evaluated over what a record is made of."""
    own = (record.key, record.when, record.gone, record.version)
    yield from (value for value in own if value is not None)
    yield from expressions(record.fields)


def every(document: DocumentOf) -> Iterator[Expression]:
    """The expressions that may call ``parent()``."""
    yield from (document.confirms, document.scope)
    for record in document.records:
        yield from [] if record.each is None else [record.each]
        yield from of_elements(record)


def expressions(declared: Any) -> Iterator[Expression]:
    """The expressions in what a field is made of."""
    if isinstance(declared, Expression):
        yield declared
    elif isinstance(declared, Mapping):
        for value in declared.values():
            yield from expressions(value)
