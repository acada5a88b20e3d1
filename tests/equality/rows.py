"""How model instances are read: live or not, and their values as JSON."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from catalog import models
from tests.equality.plain import Meaning, Typed
from tests.equality.world import World

KINDS: Mapping[str, Any] = {
    "Location": models.Location,
    "Menu": models.Menu,
    "Section": models.Section,
    "Item": models.Item,
    "Price": models.Offer,
    "OptionGroup": models.ItemGroup,
    "Option": models.GroupOption,
}


def global_id(kind: str) -> Callable[[Any, Any, Any], str]:
    return lambda row, _, __: urlsafe_b64encode(f"{kind}:{row.node_id}".encode()).rstrip(b"=").decode()


def by_global_id(text: str, kinds: Iterable[str], world: World) -> Typed | None:
    """The live row with that id among ``kinds``."""
    try:
        kind, _, key = urlsafe_b64decode((text + "=" * (-len(text) % 4)).encode("ascii")).decode().partition(":")
        identifier = UUID(key)
    except ValueError:
        return None
    if kind not in kinds:
        return None
    model = KINDS[kind]
    row = world.once((model, identifier), lambda: model.every.filter(node_id=identifier).first())
    found = row is not None and row.deleted_at is None and global_id(kind)(row, {}, world) == text
    return Typed(kind, row) if found else None


def live(rows: Any, *order: str) -> list[Any]:
    """Rows that the supplier still has, in that order."""
    return list(rows.filter(deleted_at=None).order_by(*order))


def one(related: str) -> Callable[[Any, Any, World], Any]:
    """The row behind a foreign key, also when the supplier has it no more."""

    def value(row: Any, _: Any, world: World) -> Any:
        return world.once((type(row), row.pk, related), lambda: getattr(row, related))

    return value


def moment(name: str) -> Callable[[Any, Any, Any], str | None]:
    return lambda row, _, __: iso(getattr(row, name))


def iso(value: date | datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def exact(name: str) -> Callable[[Any, Any, Any], str | None]:
    """An exact decimal with the scale that is stored."""
    return lambda row, _, __: None if getattr(row, name) is None else f"{getattr(row, name):f}"


def plain(name: str) -> Meaning:
    return Meaning(None, lambda row, _, __: attrgetter(name)(row))


def part(name: str, of: str | None = None) -> Meaning:
    """An entry of an object that the meaning of its field made."""
    return Meaning(of, lambda made, _, __: made[name])
