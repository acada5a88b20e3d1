"""What is sold (Menus V2, ``MenuItem`` and ``ModifierOption``) as items, and the modifier groups that it offers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sync.protocol import Event
from sync.records import ItemGroupRecord, ItemRecord
from sync.sources.toast.modifiers import Modifiers
from sync.sources.toast.reading import Reading
from sync.sources.toast.shapes import Unreadable, entries, optional_text, shown, text, thing

ADDRESS = ("http://", "https://")


def item(reading: Reading, entry: dict[str, Any]) -> ItemRecord:
    """The item. Raises ``Unreadable``."""
    return ItemRecord(
        name=text(entry, "name"),
        language=reading.options.language,
        location=reading.scope,
        description=optional_text(entry, "description"),
        labels=tuple(text(thing(tag), "name") for tag in entries(entry, "itemTags")),
        media=pictures(entry),
    )


def pictures(entry: dict[str, Any]) -> tuple[str, ...]:
    """Addresses of its pictures: ``image`` (an address, or an object with one), ``images``. Raises ``Unreadable``."""
    first = entry.get("image")
    first = first.get("url") if isinstance(first, dict) else first
    listed = [*([] if first in ("", None) else [first]), *entries(entry, "images")]
    for address in listed:
        if not isinstance(address, str) or not address.startswith(ADDRESS):
            raise Unreadable("a picture must be the address of one", shown(address))
    return tuple(dict.fromkeys(listed))


def group_events(reading: Reading, modifiers: Modifiers, key: str, entry: dict[str, Any]) -> Iterator[Event]:
    """The modifier groups that the item at ``key`` offers, in its order."""
    try:
        references = entries(entry, "modifierGroupReferences")
    except Unreadable as why:
        yield reading.malformed(ItemGroupRecord.kind, None, why)
        return
    for position, reference in enumerate(references):
        try:
            group = modifiers.group(reference)
        except Unreadable as why:
            yield reading.malformed(ItemGroupRecord.kind, None, why)
            continue
        if group is not None:
            record = ItemGroupRecord(item=key, group=group.key, position=position)
            yield from reading.placed(f"{key}/{group.key.rpartition('/')[2]}", record)
