"""Arguments as PostgreSQL's wire formats, by SQL type.

The types of keys, filters and limits are encoded here, in binary (PostgreSQL source: the ``*recv`` functions of
src/backend/utils/adt); any other by psycopg, as text, which PostgreSQL reads as the type of the cast around the place.
Either way a value must be of the Python type that is natural for the SQL type, so that a cast cannot mean something
else here than with psycopg's own binding; or a string, which PostgreSQL reads as the type in both cases.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Any
from uuid import UUID

from psycopg import DataError
from psycopg.adapt import PyFormat, Transformer
from psycopg.types.json import Json, Jsonb

TEXT, BINARY = 0, 1

_INT4, _INT8 = struct.Struct("!i"), struct.Struct("!q")
_ARRAY = struct.Struct("!iiIii")
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(2000, 1, 1).toordinal()
_MICROSECOND = timedelta(microseconds=1)
_NULL_LENGTH = b"\xff\xff\xff\xff"

Encode = Callable[[Any], bytes]


@dataclass(frozen=True, slots=True)
class Encoder:
    """How values of one SQL type are encoded. oid: what the place is declared as; 0 lets the cast say."""

    oid: int
    format: int
    encode: Encode

    def __call__(self, value: Any) -> tuple[bytes | None, int]:
        """The value and its format. Raises ``psycopg.DataError`` for a value that the type does not hold."""
        if value is None:
            return None, TEXT
        try:
            if type(value) is str or _is_string(value):
                return _text(value), TEXT
            return self.encode(value), self.format
        except (struct.error, OverflowError, UnicodeEncodeError) as error:
            raise DataError(f"{value!r} is out of range") from error


def _is_string(value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, Enum)


def _text(value: str) -> bytes:
    if "\0" in value:
        raise DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    return value.encode()


def _only(kind: type, encode: Encode) -> Encode:
    def encode_only(value: Any) -> bytes:
        if type(value) is not kind:
            raise DataError(f"{value!r} is no {kind.__name__}")
        return encode(value)

    return encode_only


def _timestamptz(value: datetime) -> bytes:
    if value.tzinfo is None:
        raise DataError(f"{value!r} has no time zone")
    return _INT8.pack((value - _EPOCH) // _MICROSECOND)


def _string(value: Any) -> bytes:
    if not _is_string(value):
        raise DataError(f"{value!r} is no string")
    return _text(value)


def _array(element_oid: int, encode: Encode) -> Encode:
    """array_recv: dimensions, whether there are nulls, type of the elements, length, lower bound; then the elements."""

    def encode_array(values: Any) -> bytes:
        if not isinstance(values, list):
            raise DataError(f"{values!r} is no list")
        if not values:
            return struct.pack("!iiI", 0, 0, element_oid)
        parts = [_ARRAY.pack(1, int(None in values), element_oid, len(values), 1)]
        for value in values:
            if value is None:
                parts.append(_NULL_LENGTH)
            else:
                data = encode(value)
                parts += (_INT4.pack(len(data)), data)
        return b"".join(parts)

    return encode_array


def _integer_array(element_oid: int, code: str, size: int) -> Encode:
    """The same in one call of ``struct``: keys are the hottest values of all."""
    slow = _array(element_oid, _only(int, struct.Struct(f"!{code}").pack))
    sizes = [size] * 64

    def encode_integers(values: Any) -> bytes:
        if type(values) is not list or set(map(type, values)) != {int}:
            return slow(values)
        count = len(values)
        while count > len(sizes):
            sizes.extend(sizes)
        interleaved = [1, 0, element_oid, count, 1] + [0] * (2 * count)
        interleaved[5::2] = sizes[:count]
        interleaved[6::2] = values
        return struct.pack("!iiIii" + f"i{code}" * count, *interleaved)

    return encode_integers


_FIXED: Mapping[str, Encoder] = {
    "bigint": Encoder(20, BINARY, _only(int, _INT8.pack)),
    "boolean": Encoder(16, BINARY, _only(bool, lambda value: b"\1" if value else b"\0")),
    "bytea": Encoder(17, BINARY, _only(bytes, bytes)),
    "date": Encoder(1082, BINARY, _only(date, lambda value: _INT4.pack(value.toordinal() - _EPOCH_DAY))),
    "integer": Encoder(23, BINARY, _only(int, _INT4.pack)),
    "text": Encoder(25, BINARY, _string),
    "timestamp with time zone": Encoder(1184, BINARY, _only(datetime, _timestamptz)),
    "uuid": Encoder(2950, BINARY, _only(UUID, lambda value: value.bytes)),
    "bigint[]": Encoder(1016, BINARY, _integer_array(20, "q", 8)),
    "integer[]": Encoder(1007, BINARY, _integer_array(23, "i", 4)),
    "text[]": Encoder(1009, BINARY, _array(25, _string)),
    "uuid[]": Encoder(2951, BINARY, _array(2950, _only(UUID, lambda value: value.bytes))),
}

_NATURAL: Mapping[str, tuple[type, ...]] = {
    "bigint": (int,),
    "boolean": (bool,),
    "date": (date,),
    "double precision": (float, int),
    "inet": (IPv4Address, IPv4Interface, IPv6Address, IPv6Interface),
    "integer": (int,),
    "interval": (timedelta,),
    "json": (Json,),
    "jsonb": (Jsonb,),
    "numeric": (Decimal, int),
    "smallint": (int,),
    "text": (str,),
    "time": (time,),
    "timestamp with time zone": (datetime,),
    "uuid": (UUID,),
}


def _is_zoned(value: Any) -> bool:
    return type(value) is time and value.tzinfo is not None


def _by_psycopg(natural: tuple[type, ...], *, many: bool) -> Encode:
    transformer = Transformer()

    def check(value: Any) -> None:
        if isinstance(value, list):
            for element in value:
                check(element)
        elif value is not None and not _is_string(value) and (type(value) not in natural or _is_zoned(value)):
            raise DataError(f"{value!r} does not fit the place")

    def encode_by_psycopg(value: Any) -> bytes:
        if isinstance(value, list) != many:
            raise DataError(f"{value!r} does not fit the place")
        check(value)
        [data] = transformer.dump_sequence([value], [PyFormat.TEXT])
        return bytes(data or b"")

    return encode_by_psycopg


def encoder(cast: str) -> Encoder:
    """The encoder for places that are cast to ``cast``, an SQL type as Django writes it."""
    base = cast.removesuffix("[]")
    return _FIXED.get(cast) or Encoder(0, TEXT, _by_psycopg(_NATURAL.get(base, ()), many=base != cast))
