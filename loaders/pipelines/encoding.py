"""From Django's SQL text to calls: ``%s`` becomes ``$n``, literals are encoded once, arguments per call."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from psycopg import DataError
from psycopg.adapt import PyFormat, Transformer

from loaders.errors import DeclarationError
from loaders.params import INSTANT, Param, cast_type
from loaders.pipelines.calls import Call, Prepared
from loaders.pipelines.encoders import Encoder, encoder
from loaders.statement import Statement, plain

_PLACE = re.compile(r"%(.?)", re.DOTALL)
_OWN_CLOCK = "COALESCE(${}, transaction_timestamp())"


@dataclass(frozen=True, slots=True, eq=False)
class PreparedCall:
    """A statement ready to be called. ``places``: its parameters, each once, in the order of their ``$n``."""

    statement: Prepared
    places: tuple[Param, ...]
    encoders: tuple[Encoder, ...]
    literals: tuple[bytes | None, ...]
    literal_formats: tuple[int, ...]

    def call(self, values: Mapping[str, Any]) -> Call:
        """The call with these values, by parameter name; without an ``instant`` its now is the transaction's clock.

        Raises ``psycopg.DataError`` for a value that the parameter's type does not hold, ``KeyError`` for one missing.
        """
        data: list[bytes | None] = []
        formats: list[int] = []
        for place, encode in zip(self.places, self.encoders, strict=True):
            value = values.get(INSTANT) if place.name == INSTANT else values[place.name]
            try:
                encoded, form = encode(value)
            except DataError:
                # Members of enums are rare, and looking for them in every list of keys is not free.
                encoded, form = encode(plain(value))
            data.append(encoded)
            formats.append(form)
        return Call(self.statement, (*data, *self.literals), (*formats, *self.literal_formats))


def prepare(statement: Statement) -> PreparedCall:
    """``statement`` with ``$n`` places: parameters first, those of one name and type sharing a place, then literals.

    A literal has the type that psycopg would give it. Raises ``DeclarationError`` when text and binds do not fit.
    """
    params: dict[tuple[str, str], Param] = {}
    literals: list[Any] = []
    for bind in statement.binds:
        if isinstance(bind, Param):
            params.setdefault(_identity(bind), bind)
        else:
            literals.append(plain(bind))
    numbers = {identity: number for number, identity in enumerate(params, 1)}
    text = _numbered(statement, numbers)
    encoders = tuple(encoder(cast) for _, cast in params)
    transformer = Transformer()
    encoded = transformer.dump_sequence(literals, [PyFormat.AUTO] * len(literals))
    oids = (*(each.oid for each in encoders), *(transformer.types or ()))
    return PreparedCall(
        statement=Prepared(_name(text, oids), text.encode(), oids),
        places=tuple(params.values()),
        encoders=encoders,
        literals=tuple(None if data is None else bytes(data) for data in encoded),
        literal_formats=tuple(map(int, transformer.formats or ())),
    )


def _identity(param: Param) -> tuple[str, str]:
    return param.name, cast_type(param.output_field, connection)


def _numbered(statement: Statement, numbers: Mapping[tuple[str, str], int]) -> str:
    binds, literals = iter(statement.binds), iter(range(len(numbers) + 1, len(numbers) + len(statement.binds) + 1))

    def replace(found: re.Match[str]) -> str:
        if found[1] == "%":
            return "%"
        bind = next(binds, binds)
        if found[1] != "s" or bind is binds:
            raise DeclarationError(f"the statement has a place {found[0]!r} without a value: {statement.text}")
        if not isinstance(bind, Param):
            return f"${next(literals)}"
        number = numbers[_identity(bind)]
        return _OWN_CLOCK.format(number) if bind.name == INSTANT else f"${number}"

    text = _PLACE.sub(replace, statement.text)
    if next(binds, binds) is not binds:
        raise DeclarationError(f"the statement has fewer places than values: {statement.text}")
    return text


def _name(text: str, oids: tuple[int, ...]) -> bytes:
    digest = hashlib.blake2b(f"{oids} {text}".encode(), digest_size=16)
    return f"larder_{digest.hexdigest()}".encode()
