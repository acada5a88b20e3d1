"""A merchant as records: everything that stands between Begin and End of its scope, referenced records first.

What cannot be read is a ``Malformed`` of the row that it would have been. Of an entity that is broken as a whole nobody
can tell which rows hang on it: then a row without a key says that absence means nothing. A link to what the document
does not have says what it says: there is nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sync.protocol import Malformed, Payload, Record
from sync.records import GroupOptionRecord, ItemRecord, MenuRecord, OptionGroupRecord, ScheduleRecord, SectionRecord
from sync.sources.open_delivery.entities import Catalogue
from sync.sources.open_delivery.shapes import Dangling, Unreadable

Row = Record | Malformed

NAMELESS = (
    ("availabilities", ScheduleRecord.kind),
    ("services", MenuRecord.kind),
    ("menus", MenuRecord.kind),
    ("categories", SectionRecord.kind),
    ("items", ItemRecord.kind),
    ("item_offers", ItemRecord.kind),
    ("option_groups", OptionGroupRecord.kind),
)


def row(scope: str, kind: str, key: str, read: Callable[[], Payload]) -> Row:
    """The record that ``read`` makes, or why there is none."""
    try:
        return Record(scope, key, read())
    except Unreadable as exc:
        return Malformed(scope, kind, key, exc.rule, exc.value)


def unnamed(scope: str, kind: str, why: Unreadable) -> Iterator[Row]:
    """Rows of ``kind`` that nobody can name; none when a link is only dangling."""
    if not isinstance(why, Dangling):
        yield Malformed(scope, kind, None, why.rule, why.value)


def nameless_rows(catalogue: Catalogue) -> Iterator[Row]:
    """Entities without an id."""
    for name, kind in NAMELESS:
        for why in getattr(catalogue, name).nameless:
            yield Malformed(catalogue.merchant, kind, None, why.rule, why.value)


def lost_option(scope: str, why: Unreadable) -> Row:
    """An option without an id."""
    return Malformed(scope, GroupOptionRecord.kind, None, why.rule, why.value)
