"""What the records of a kind are made of, as the target that takes them says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

import msgspec

from sync.errors import SettingsError
from sync.fields import fields_of
from sync.protocol import Payload
from sync.sources.http_json.declarations import RecordOf, StreamOf
from sync.sources.http_json.expressions import Unreadable
from sync.sources.http_json.values import shown
from sync.tables import tables_of
from sync.targets import TargetSet

AT = re.compile(r"(.*?)(?: - at `\$\.?(.*)`)?", re.DOTALL)
ABSENT = re.compile(r"Object missing required field `(.*)`")
STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class PayloadOf:
    """The payloads of one kind. ``struct``: what they are, None for ``sync.fields``; ``fields`` None: any name."""

    kind: str
    struct: type[msgspec.Struct] | None
    fields: frozenset[str] | None
    required: frozenset[str]
    references: frozenset[str]

    def of(self, values: Mapping[str, Any]) -> Payload:
        """The payload of ``values``. Raises ``Unreadable`` that names the field and its value."""
        said = {
            name: self.reference(name, value) if name in self.references else value for name, value in values.items()
        }
        if self.struct is None:
            return fields_of(self.kind)(said)
        try:
            found: Any = msgspec.convert({name: one for name, one in said.items() if one is not None}, self.struct)
        except msgspec.ValidationError as exc:
            raise misshapen(exc, said) from exc
        return found  # type: ignore[no-any-return]

    @staticmethod
    def reference(name: str, value: Any) -> str | None:
        """An external id, which a supplier may write as a number. Raises ``Unreadable``."""
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if value is None or isinstance(value, str):
            return value
        raise Unreadable(f"{name} must be the key of another record", shown(value))


def payloads_of(stream: StreamOf, targets: TargetSet) -> Mapping[str, PayloadOf]:
    """The payloads that a stream's records have, by kind.

    Raises ``SettingsError`` for a kind that the stream cannot write, and for fields that it lacks or does not have.
    """
    found = {table.kind: table for table in tables_of(targets, stream.concerns)}
    made: dict[str, PayloadOf] = {}
    for record in (record for document in stream.documents for record in document.records):
        if record.kind not in found:
            concerns = sorted({target.concern for target in targets.targets})
            rule = f"must be one of {', '.join(found) or 'none'}, which the stream's concerns have (there are: "
            raise SettingsError(f"{record.place}.kind", f"{rule}{', '.join(concerns)})", record.kind)
        if record.kind not in made:
            table = found[record.kind]
            references = frozenset(table.target.references)
            columns = {*table.columns, *references} if table.target.row is dict else None
            made[record.kind] = payload_of(record.kind, taken_by(table.target.row), references, columns)
        check_fields(record, made[record.kind])
    return made


def payload_of(
    kind: str, taken: type[msgspec.Struct] | None, references: frozenset[str], columns: Iterable[str] | None
) -> PayloadOf:
    if taken is None:
        return PayloadOf(kind, None, None if columns is None else frozenset(columns), frozenset(), references)
    fields = msgspec.structs.fields(taken)
    return PayloadOf(
        kind,
        taken,
        frozenset(field.encode_name for field in fields),
        frozenset(field.encode_name for field in fields if field.required),
        references & frozenset(field.encode_name for field in fields),
    )


def taken_by(row: Any) -> type[msgspec.Struct] | None:
    """The struct that a target's ``row`` takes, as its signature says; None for anything else."""
    try:
        hints = get_type_hints(row)
    except (NameError, TypeError):
        return None
    hints.pop("return", None)
    [first, *_] = [*hints.values(), None]
    return first if isinstance(first, type) and issubclass(first, msgspec.Struct) else None


def check_fields(record: RecordOf, payload: PayloadOf) -> None:
    """Raises ``SettingsError`` for fields that nobody knows, or that are missing."""
    place = f"{record.place}.fields"
    if payload.fields is not None and (unknown := sorted(set(record.fields) - payload.fields)):
        raise SettingsError(place, f"may hold only {', '.join(sorted(payload.fields))}", ", ".join(unknown))
    if missing := sorted(payload.required - set(record.fields)):
        raise SettingsError(place, f"must hold {', '.join(missing)} too", ", ".join(record.fields))


def misshapen(exc: msgspec.ValidationError, values: Mapping[str, Any]) -> Unreadable:
    """The field that msgspec complains of, and its value."""
    text = str(exc)
    if absent := ABSENT.match(text):
        return Unreadable(f"{absent[1]} must be given", "null")
    [said, path] = AT.fullmatch(text).groups()  # type: ignore[union-attr]
    value: Any = values
    for name, index in STEP.findall(path or ""):
        if name == "..." or not isinstance(value, (Mapping, list)):
            break
        value = value[int(index)] if index and isinstance(value, list) else value.get(name)  # type: ignore[union-attr]
    rule = said[:1].lower() + said[1:].replace("`", "")
    return Unreadable(f"{path or 'a record'} must have its documented type: {rule}", shown(value))
