"""What a source of this kind declares in ``options``, read once and strictly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from sync.errors import SettingsError
from sync.identity import digest
from sync.protocol import Mode
from sync.settings import SourceSettings
from sync.sources.http_json.declarations import WHOLE, DocumentOf, RecordOf, Since, StreamOf, Value
from sync.sources.http_json.expressions import Expression, constant, expression
from sync.sources.http_json.paging import read_paging
from sync.sources.http_json.paths import read_path
from sync.sources.http_json.requests import Request
from sync.sources.http_json.streamable import streamed_place
from sync.sources.http_json.tables import Table

MODES = tuple(mode.value for mode in Mode)
MISSING = ("refused", "empty")
KEEP = ("last", "first", "greatest")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a document inherits from its stream."""

    mode: Mode
    confirms: Expression
    scope: Expression | None
    before: Mapping[str, DocumentOf] = field(default_factory=dict)


def read_streams(settings: SourceSettings) -> Mapping[str, StreamOf]:
    """The streams that a source declares, in that order. Raises ``SettingsError``."""
    options = Table.at(f"sources.{settings.name}.options", settings.options, {"allow_private", "streams"})
    options.flag("allow_private", default=False)
    streams = options.named("streams")
    if not streams:
        raise SettingsError(options.below("streams"), "must declare at least one stream", dict(streams))
    return {
        name: read_stream(f"{options.below('streams')}.{name}", name, settings.name, streams[name]) for name in streams
    }


def read_stream(place: str, name: str, source: str, declared: object) -> StreamOf:
    found = Table.at(
        place, declared, {"mode", "concerns", "every_seconds", "confirms", "scope", "guarded", "documents"}
    )
    mode = Mode(found.one_of("mode", MODES))
    confirms = found.expression_if_any("confirms") or expression(found.below("confirms"), f"'{source}'")
    around = Surroundings(mode, confirms, found.expression_if_any("scope"))
    documents: dict[str, DocumentOf] = {}
    for number, (below, value) in enumerate(found.listed("documents")):
        document = read_document(below, number, value, Surroundings(mode, confirms, around.scope, documents))
        if document.name in documents:
            raise SettingsError(f"{below}.name", "must be unique in its stream", document.name)
        documents[document.name] = document
    if not any(document.records for document in documents.values()):
        raise SettingsError(
            found.below("documents"), "must hold a document with records", found.values.get("documents")
        )
    return StreamOf(
        place=place,
        name=name,
        mode=mode,
        concerns=found.texts("concerns"),
        every_seconds=found.whole("every_seconds", 300, 0, 366 * 86_400),
        guarded=found.flag("guarded", default=mode is Mode.SNAPSHOT),
        documents=tuple(documents.values()),
        reading=digest(msgspec.to_builtins(found.values)).hex,
    )


def read_document(place: str, number: int, declared: object, around: Surroundings) -> DocumentOf:
    names = {"name", "path", "content", "headers", "parent", "items", "paging", "total", "as_of", "since", "missing"}
    found = Table.at(place, declared, {*names, "streamed", "confirms", "scope", "records"})
    parent = found.text("parent") if "parent" in found.values else None
    if parent is not None and parent not in around.before:
        raise SettingsError(found.below("parent"), "must name a document that stands before it", parent)
    if parent is not None and around.before[parent].streamed is not None:
        raise SettingsError(found.below("parent"), "must name a document that is not streamed", parent)
    confirms = found.expression_if_any("confirms")
    records = tuple(read_record(below, value, around.mode) for below, value in found.listed("records"))
    path = read_path(found.below("path"), found.text("path"), of_a_parent=parent is not None)
    document = DocumentOf(
        place=place,
        name=found.text("name", f"document-{number}"),
        path=path,
        request=read_request(found),
        items=found.expression_if_any("items") or expression(found.below("items"), WHOLE),
        paging=read_paging(found.below("paging"), found.values.get("paging", {"kind": "none"})),
        confirms=confirms or around.confirms,
        scope=found.expression_if_any("scope") or around.scope or confirms or around.confirms,
        records=records,
        parent=parent,
        total=found.expression_if_any("total"),
        as_of=found.expression_if_any("as_of"),
        since=read_since(found, around.mode),
        missing=found.one_of("missing", MISSING, "refused"),
        tells_units=bool(records) or confirms is not None,
    )
    if found.flag("streamed", default=False):
        document = replace(document, streamed=streamed_place(found, document))
    for name, value in {"confirms": document.confirms, "scope": document.scope}.items():
        if around.mode is Mode.DELTA and not value.independent:
            rule = "must be a literal or of parent() alone in a delta, which does not name what did not change"
            raise SettingsError(found.below(name), rule, value.text)
    return document


def read_request(found: Table) -> Request:
    headers = found.named("headers")
    for name, value in headers.items():
        if not isinstance(value, str):
            raise SettingsError(f"{found.below('headers')}.{name}", "must be a text", value)
    content = found.named("content") if "content" in found.values else None
    return Request("", None if content is None else constant(content), dict(headers))


def read_since(found: Table, mode: Mode) -> Since | None:
    if "since" not in found.values:
        return None
    place = found.below("since")
    if mode is not Mode.DELTA:
        raise SettingsError(place, "is for streams of mode delta", mode.value)
    since = Table.at(place, found.values["since"], {"parameter", "value", "first", "keep"})
    first = constant(since.values.get("first"))
    if not isinstance(first, str | int | None):
        raise SettingsError(since.below("first"), "must be a text or a whole number", first)
    return Since(since.text("parameter"), since.expression("value"), first, since.one_of("keep", KEEP, "last"))


def read_record(place: str, declared: object, mode: Mode) -> RecordOf:
    found = Table.at(place, declared, {"kind", "key", "each", "when", "gone", "version", "fields"})
    if "gone" in found.values and mode is not Mode.DELTA:
        raise SettingsError(found.below("gone"), "is for streams of mode delta", mode.value)
    return RecordOf(
        place=place,
        kind=found.text("kind"),
        key=found.expression("key"),
        fields={name: read_value(f"{place}.fields.{name}", one) for name, one in found.named("fields").items()},
        each=found.expression_if_any("each"),
        when=found.expression_if_any("when"),
        gone=found.expression_if_any("gone"),
        version=found.expression_if_any("version"),
    )


def read_value(place: str, declared: Any) -> Value:
    """A field: a text is an expression, a table holds values of its own, anything else is meant as it stands."""
    if isinstance(declared, str):
        return expression(place, declared)
    if isinstance(declared, Mapping):
        return {name: read_value(f"{place}.{name}", value) for name, value in declared.items()}
    value: Value = constant(declared)
    return value
