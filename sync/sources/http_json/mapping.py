"""An item of a supplier's list as events: what the declared records make of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sync.protocol import Malformed, Mode, Payload, Record, Tombstone
from sync.sources.http_json.declarations import DocumentOf, RecordOf, Value
from sync.sources.http_json.expressions import Expression, Unreadable
from sync.sources.http_json.functions import Around
from sync.sources.http_json.payloads import PayloadOf
from sync.sources.http_json.values import shown, truth

Said = Record | Tombstone | Malformed


@dataclass(frozen=True, slots=True)
class Mapper:
    """The records of one document."""

    mode: Mode
    payloads: Mapping[str, PayloadOf]
    document: DocumentOf

    def events(self, scope: str, around: Around) -> Iterator[Said]:
        """What the item says, in the order in which the records are declared."""
        for record in self.document.records:
            try:
                elements = self.elements(record, around)
            except Unreadable as exc:
                yield Malformed(scope, record.kind, None, exc.rule, exc.value)
                continue
            for value, within in elements:
                yield from self.event(record, scope, value, within)

    @staticmethod
    def elements(record: RecordOf, around: Around) -> list[tuple[Any, Around]]:
        """The values that become a record each. Raises ``Unreadable``."""
        if record.each is None:
            return [(around.item, around)]
        found = record.each.over(around.item, around)
        if found is None:
            return []
        if not isinstance(found, list):
            raise Unreadable(f"{record.each.text} must be a list", shown(found))
        return [
            (value, Around(around.item, around.document, around.parent, position))
            for position, value in enumerate(found)
        ]

    def event(self, record: RecordOf, scope: str, value: Any, around: Around) -> Iterator[Said]:
        """The record, or that it is gone; nothing for one that does not count."""
        key: str | None = None
        try:
            counts = record.when is None or truth(record.when.over(value, around))
            gone = record.gone is not None and truth(record.gone.over(value, around))
            if not counts and self.mode is not Mode.DELTA:
                return
            key = key_of(record.key, value, around)
            if gone or not counts:
                yield Tombstone(scope, record.kind, key)
                return
            version = None if record.version is None else version_of(record.version.over(value, around))
            payload = self.payload(record, value, around)
        except Unreadable as exc:
            yield Malformed(scope, record.kind, key, exc.rule, exc.value)
        else:
            yield Record(scope, key, payload, version)

    def payload(self, record: RecordOf, value: Any, around: Around) -> Payload:
        """The content of a record. Raises ``Unreadable``."""
        taken = self.payloads[record.kind]
        values = {name: said(one, value, around) for name, one in record.fields.items()}
        for name in sorted(taken.required):
            refuse_null(name, record.fields[name], values[name])
        return taken.of(values)


def said(declared: Value, value: Any, around: Around) -> Any:
    """What a field's declaration makes of ``value``. Raises ``Unreadable``. Tables leave out what is null."""
    if isinstance(declared, Expression):
        return declared.over(value, around)
    if isinstance(declared, Mapping):
        inner = {name: said(one, value, around) for name, one in declared.items()}
        return {name: one for name, one in inner.items() if one is not None and one != {}}
    return declared


def refuse_null(name: str, declared: Value, value: Any) -> None:
    """Raises ``Unreadable`` for a field that must be given, and tells where it was looked for."""
    if value is None:
        text = declared.text if isinstance(declared, Expression) else "the literal"
        raise Unreadable(f"{name} must be given", f"{text} is null")


def key_of(expression: Expression, value: Any, around: Around) -> str:
    """An external id. Raises ``Unreadable`` for what is no text and no whole number."""
    found = expression.over(value, around)
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    if not isinstance(found, str) or not found:
        raise Unreadable(f"{expression.text} must be a text or a whole number", shown(found))
    return found


def version_of(value: Any) -> str | None:
    """The supplier's version of a record, as text."""
    return None if value is None else value if isinstance(value, str) else shown(value)
