"""Enums out of a column's choices."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from typing import Any

from django.db.models import Field

BLANK = "BLANK"
RESERVED = {"true", "false", "null"}
"""Names that no value of a GraphQL enum may have."""


@dataclass(frozen=True, slots=True)
class Member:
    """A value of an enum as the store has it, under a name; label: what Django's forms call it."""

    name: str
    value: Any
    label: str


def members(field: Field[Any, Any]) -> list[Member]:
    """The values of a column with choices, in their order; [] where it has none, or where two would be named alike.

    A text that may be left blank has ``""`` among its values.
    """
    found = [
        Member(BLANK if value == "" else name_of(value, label), value, str(label))
        for value, label in field.flatchoices
        if value is not None
    ]
    blank = field.blank and not field.null and field.empty_strings_allowed
    if found and blank and not any(member.value == "" for member in found):
        found.append(Member(BLANK, "", "Nothing."))
    names = [member.name for member in found]
    return found if len(set(names)) == len(names) and all(names) else []


def name_of(value: object, label: object) -> str:
    """The name of an enum's value: its text, or the label of a number; "" where neither makes a name."""
    for text in (str(value), str(label)) if isinstance(value, str) else (str(label),):
        name = re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_").upper()
        if name and name[0].isdigit():
            name = f"N{name}"
        if name and name.isascii() and not keyword.iskeyword(name) and name.lower() not in RESERVED:
            return name
    return ""
