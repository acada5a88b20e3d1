"""The functions of expressions: those of JMESPath, exact with numbers, and those that a supplier's API calls for.

JMESPath: https://jmespath.org/specification.html. Numbers with a fraction are ``Decimal``. A function of ours answers
null for null, and raises ``Refusal`` for what it cannot read.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import msgspec
from jmespath.exceptions import JMESPathError  # type: ignore[import-untyped]
from jmespath.functions import Functions, signature  # type: ignore[import-untyped]

from sync.identity import ENCODER
from sync.sources.http_json.values import (
    Refusal,
    aware,
    decimal_marked,
    decimal_of,
    from_iso,
    from_minor_units,
    number_of,
    parsed,
    plain,
    shown,
    since_epoch,
    text_of,
)

ANY: dict[str, Any] = {"types": []}
MANY: dict[str, Any] = {"types": [], "variadic": True}
TEXT: dict[str, Any] = {"types": ["string"]}
EXACT = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True, slots=True)
class Around:
    """What surrounds the value that an expression is evaluated over.

    ``position`` counts from 0, among the items of all pages or the elements that a record is made of.
    """

    item: Any = None
    document: Any = None
    parent: Any = None
    position: int = 0


class Vocabulary(Functions):  # type: ignore[misc]
    """The functions, for one value."""

    def __init__(self, around: Around) -> None:
        self.around = around

    def _get_allowed_pytypes(self, types: Any) -> tuple[list[str], list[Any]]:
        allowed, inner = super()._get_allowed_pytypes(types)
        return with_decimal(allowed), [with_decimal(names) for names in inner]

    def _convert_to_jmespath_type(self, pyobject: str) -> str:
        return "number" if pyobject == "Decimal" else str(super()._convert_to_jmespath_type(pyobject))

    @signature()  # type: ignore[untyped-decorator]
    def _func_item(self) -> Any:
        return self.around.item

    @signature()  # type: ignore[untyped-decorator]
    def _func_document(self) -> Any:
        return self.around.document

    @signature()  # type: ignore[untyped-decorator]
    def _func_parent(self) -> Any:
        return self.around.parent

    @signature()  # type: ignore[untyped-decorator]
    def _func_position(self) -> int:
        return self.around.position

    @signature({"types": ["array-number"]})  # type: ignore[untyped-decorator]
    def _func_avg(self, values: list[Any]) -> Decimal | None:
        return sum(map(Decimal, values), Decimal()) / len(values) if values else None

    @signature(ANY)  # type: ignore[untyped-decorator]
    def _func_type(self, value: Any) -> str:
        return "number" if isinstance(value, Decimal) else str(super()._func_type(value))

    @signature(ANY)  # type: ignore[untyped-decorator]
    def _func_to_string(self, value: Any) -> str | None:
        return None if value is None else EXACT.encode(value).decode() if is_nested(value) else text_of(value)

    @signature(ANY)  # type: ignore[untyped-decorator]
    def _func_to_number(self, value: Any) -> Any:
        return None if is_nested(value) or isinstance(value, bool) else number_of(value)

    @signature(ANY)  # type: ignore[untyped-decorator]
    def _func_to_decimal(self, value: Any) -> Any:
        return None if value is None else decimal_of(value)

    @signature(ANY, TEXT)  # type: ignore[untyped-decorator]
    def _func_decimal_with(self, value: Any, mark: str) -> Any:
        return None if value is None else decimal_marked(value, mark)

    @signature(ANY, ANY)  # type: ignore[untyped-decorator]
    def _func_from_minor(self, amount: Any, unit: Any) -> Any:
        return None if amount is None or unit is None else from_minor_units(amount, unit)

    @signature(ANY)  # type: ignore[untyped-decorator]
    def _func_lower(self, value: Any) -> str | None:
        return None if value is None else plain(value).lower()

    @signature(ANY)  # type: ignore[untyped-decorator]
    def _func_upper(self, value: Any) -> str | None:
        return None if value is None else plain(value).upper()

    @signature(ANY)  # type: ignore[untyped-decorator]
    def _func_trim(self, value: Any) -> str | None:
        return None if value is None else " ".join(plain(value).split())

    @signature(ANY, TEXT)  # type: ignore[untyped-decorator]
    def _func_split(self, value: Any, separator: str) -> list[str] | None:
        return None if value is None else [part for part in map(str.strip, plain(value).split(separator)) if part]

    @signature(ANY, TEXT, TEXT)  # type: ignore[untyped-decorator]
    def _func_replace(self, value: Any, old: str, new: str) -> str | None:
        return None if value is None else plain(value).replace(old, new)

    @signature(ANY)  # type: ignore[untyped-decorator]
    def _func_unique(self, values: Any) -> Any:
        if values is not None and not isinstance(values, list):
            raise Refusal(f"only a list can have repetitions, not {shown(values)}")
        found: dict[Any, Any] = {}
        for value in values or ():
            found.setdefault((type(value), ENCODER.encode(value)), value)
        return None if values is None else list(found.values())

    @signature(MANY)  # type: ignore[untyped-decorator]
    def _func_concat(self, *parts: Any) -> str | None:
        return None if any(part is None for part in parts) else "".join(map(text_of, parts))

    @signature(MANY)  # type: ignore[untyped-decorator]
    def _func_key(self, *parts: Any) -> str | None:
        return None if any(part is None for part in parts) else "/".join(quote(text_of(part), " :,@") for part in parts)

    @signature(ANY, {"types": ["object"]})  # type: ignore[untyped-decorator]
    def _func_lookup(self, value: Any, table: dict[str, Any]) -> Any:
        if value is None:
            return None
        if (known := text_of(value)) not in table:
            raise Refusal(f"{shown(value)} is none of {', '.join(table)}")
        return table[known]

    @signature(ANY, TEXT)  # type: ignore[untyped-decorator]
    def _func_to_date(self, value: Any, form: str) -> str | None:
        return None if value is None else parsed(value, form).date().isoformat()

    @signature(ANY, TEXT)  # type: ignore[untyped-decorator]
    def _func_to_time(self, value: Any, form: str) -> str | None:
        return None if value is None else parsed(value, form).time().isoformat()

    @signature(ANY, TEXT, TEXT)  # type: ignore[untyped-decorator]
    def _func_to_instant(self, value: Any, form: str, zone: str) -> str | None:
        return None if value is None else aware(parsed(value, form), zone).isoformat()

    @signature(ANY, TEXT)  # type: ignore[untyped-decorator]
    def _func_in_zone(self, value: Any, zone: str) -> str | None:
        return None if value is None else aware(from_iso(value), zone).isoformat()

    @signature(ANY)  # type: ignore[untyped-decorator]
    def _func_from_epoch(self, value: Any) -> str | None:
        return None if value is None else since_epoch(decimal_of(value))

    @signature(ANY)  # type: ignore[untyped-decorator]
    def _func_from_epoch_ms(self, value: Any) -> str | None:
        return None if value is None else since_epoch(decimal_of(value) / 1000)


OWN_FUNCTIONS = sorted(name for name in Vocabulary.FUNCTION_TABLE if name not in Functions.FUNCTION_TABLE)
"""Names of the functions that JMESPath does not have."""
FAILURES = (Refusal, JMESPathError, ArithmeticError, TypeError, ValueError, RecursionError)
"""What the evaluation of an expression may raise."""


def with_decimal(names: Any) -> list[str]:
    return [*names, "Decimal"] if "float" in names else [*names]


def is_nested(value: Any) -> bool:
    return isinstance(value, (list, dict))
