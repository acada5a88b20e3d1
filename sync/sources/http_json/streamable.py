"""Documents that are read item by item: what cannot be declared of them, since nobody ever has all of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sync.errors import SettingsError
from sync.sources.http_json.declarations import WHOLE, DocumentOf
from sync.sources.http_json.paging import Single
from sync.sources.http_json.tables import Table
from sync.sources.http_json.unread import every

OF_A_WHOLE = ("total", "as_of", "since")
"""What is read of a page besides its items."""


def streamed_place(found: Table, document: DocumentOf) -> str:
    """Where the array is, as names joined by dots, "" for the document itself.

    Raises ``SettingsError`` for whatever wants more of the document than an item.
    """
    if not isinstance(document.paging, Single):
        raise SettingsError(found.below("paging"), "must be none in a streamed document", found.values["paging"])
    for name in OF_A_WHOLE:
        if name in found.values:
            raise SettingsError(found.below(name), "is not for streamed documents", found.values[name])
    for value in every(document):
        if value.reads_document:
            rule = "must not call document() in a streamed document, which is never held"
            raise SettingsError(found.place, rule, value.text)
    names = [] if document.items.text.strip() == WHOLE else names_of(document.items.parsed.parsed)
    if names is None or any("." in name for name in names):
        rule = "must be @ or names joined by dots in a streamed document"
        raise SettingsError(found.below("items"), rule, document.items.text)
    return ".".join(names)


def names_of(node: Mapping[str, Any]) -> list[str] | None:
    """The names of members that lead to the list; None when something else does."""
    if node["type"] == "field":
        return [node["value"]]
    if node["type"] != "subexpression":
        return None
    steps = [names_of(child) for child in node["children"]]
    return None if any(step is None for step in steps) else [name for step in steps for name in step or ()]
