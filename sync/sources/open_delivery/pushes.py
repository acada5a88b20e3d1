"""``POST /v1/merchantUpdate``: what a supplier tells by itself (Open Delivery v1.7.0, ``MerchantUpdate``).

An update has whole entities, which take the place of those with their ids. It cannot say that an entity is gone. Nor
does it say when it was true, or of which merchant, unless it is of entityType MERCHANT.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import msgspec

from sync.documents import Push
from sync.sources.open_delivery.document import LISTS, Merchant
from sync.sources.open_delivery.shapes import (
    AVAILABLE,
    UNAVAILABLE,
    Availability,
    Category,
    Entity,
    Item,
    ItemOffer,
    Menu,
    Option,
    OptionGroup,
    Service,
    Unreadable,
    id_of,
    one_of,
    read_any,
    read_entity,
    shown,
)

ENTITIES: Mapping[str, tuple[str, type[Entity]]] = {
    "SERVICE": ("services", Service),
    "MENU": ("menus", Menu),
    "CATEGORY": ("categories", Category),
    "ITEM": ("items", Item),
    "ITEM_OFFER": ("item_offers", ItemOffer),
    "OPTION_GROUP": ("option_groups", OptionGroup),
    "AVAILABILITY": ("availabilities", Availability),
}
"""``entityType`` -> the list of the document that its objects belong to, and their shape."""
SHAPES = dict(ENTITIES.values())


ById = dict[str | int, list[msgspec.Raw]]


class Update(msgspec.Struct, frozen=True, rename="camel"):
    """The body of a push. Nothing in it: the whole document is to be asked for again."""

    merchant_status: str | None = None
    entity_type: str | None = None
    updated_objects: list[msgspec.Raw] | None = None

    @property
    def says_nothing(self) -> bool:
        return self.merchant_status is None and self.entity_type is None and self.updated_objects is None


DECODER = msgspec.json.Decoder(Update)


def read_update(body: bytes) -> Update:
    """The update; an empty body says nothing. Raises ``Unreadable``."""
    try:
        update = DECODER.decode(body.strip() or b"{}")
    except (ValueError, RecursionError) as exc:
        raise Unreadable("an update must have the documented shape", exc) from exc
    if update.merchant_status is not None:
        one_of("merchantStatus", update.merchant_status, (AVAILABLE, UNAVAILABLE))
    if update.entity_type is not None and not update.updated_objects:
        raise Unreadable("updatedObjects must not be empty beside an entityType", update.entity_type)
    if update.updated_objects and update.entity_type is None:
        raise Unreadable("updatedObjects must have an entityType", update.updated_objects[0])
    return update


@dataclass(slots=True)
class Laid:
    """A document with updates laid over it.

    ``again``: only the whole document can tell the rest. ``changed``: at least one thing was laid.
    """

    merchant: Merchant
    again: bool = False
    changed: bool = False
    refused: list[tuple[str, str | None, Unreadable]] = field(default_factory=list)
    """entityType, id and reason of what could not be laid."""
    lists: dict[str, ById] = field(default_factory=dict)
    """The lists of the document of which something was replaced."""

    def lay(self, body: bytes) -> None:
        """Lay one update over the document."""
        try:
            update = read_update(body)
        except Unreadable as exc:
            self.refuse("update", None, exc)
            return
        self.again |= update.says_nothing
        if update.merchant_status is not None:
            self.change(status=update.merchant_status)
        for raw in update.updated_objects or ():
            self.lay_object(str(update.entity_type), raw)

    def lay_object(self, entity_type: str, raw: msgspec.Raw) -> None:
        if entity_type in ENTITIES:
            self.lay_entity(ENTITIES[entity_type][0], raw, entity_type)
        elif entity_type in SPECIAL:
            try:
                SPECIAL[entity_type](self, raw)
            except Unreadable as exc:
                self.refuse(entity_type, id_of(raw), exc)
        else:
            known = ", ".join((*ENTITIES, *SPECIAL))
            self.refuse(entity_type, id_of(raw), Unreadable(f"entityType must be one of {known}", entity_type))

    def lay_entity(self, listed: str, raw: msgspec.Raw, entity_type: str) -> None:
        """Put an entity in the place of the one with its id, or at the end."""
        try:
            name = read_entity(raw, SHAPES[listed]).id
        except Unreadable as exc:
            self.refuse(entity_type, id_of(raw), exc)
        else:
            self.by_id(listed)[name] = [raw.copy()]
            self.changed = True

    def lay_basics(self, raw: msgspec.Raw) -> None:
        """BASIC_INFO."""
        if not isinstance(read_any(raw), dict):
            raise Unreadable("a BasicInfo must be an object", shown(bytes(raw)))
        self.change(basic_info=raw.copy())

    def lay_option(self, raw: msgspec.Raw) -> None:
        """OPTION: it has no link to its group, so the groups that have it are looked for."""
        option = read_entity(raw, Option)
        groups = self.by_id("option_groups")
        having = {name: raws for name, raws in groups.items() if any(has_option(raw, option.id) for raw in raws)}
        if not having:
            raise Unreadable("an option must be known in an option group", option.id)
        for name, raws in having.items():
            groups[name] = [with_option(group, option.id, raw) for group in raws]
        self.changed = True

    def lay_merchant(self, raw: msgspec.Raw) -> None:
        """MERCHANT: all of its entities, each in the place of the one with its id; what it lacks may still be there."""
        try:
            whole = MERCHANT.decode(raw)
        except (ValueError, RecursionError) as exc:
            raise Unreadable("an entity must be a readable Merchant", exc) from exc
        if whole.id != self.merchant.id:
            raise Unreadable(f"a merchant must be {self.merchant.id}", whole.id)
        self.change(status=whole.status, basic_info=whole.basic_info.copy())
        for listed in LISTS:
            for entity in getattr(whole, listed):
                self.lay_entity(listed, entity, "MERCHANT")

    def by_id(self, listed: str) -> ById:
        """A list of the document, to be changed."""
        if listed not in self.lists:
            self.lists[listed] = by_id(getattr(self.merchant, listed))
        return self.lists[listed]

    def finish(self) -> None:
        """Put the lists back into the document."""
        for listed, entities in self.lists.items():
            self.change(**{listed: list(chain.from_iterable(entities.values()))})

    def change(self, **fields: Any) -> None:
        self.merchant = msgspec.structs.replace(self.merchant, **fields)
        self.changed = True

    def refuse(self, entity_type: str, name: str | None, why: Unreadable) -> None:
        self.refused.append((entity_type, name, why))
        self.again = True


MERCHANT = msgspec.json.Decoder(Merchant)
SPECIAL: Mapping[str, Callable[[Laid, msgspec.Raw], None]] = {
    "MERCHANT": Laid.lay_merchant,
    "BASIC_INFO": Laid.lay_basics,
    "OPTION": Laid.lay_option,
}


def laid_over(merchant: Merchant, pushed: Iterable[Push]) -> Laid:
    """The document with every update in turn laid over it."""
    laid = Laid(merchant)
    for push in pushed:
        laid.lay(push.body)
    laid.finish()
    return laid


def by_id(raws: Iterable[msgspec.Raw]) -> ById:
    """Entities by their ids, in order; those without one by their place."""
    found: ById = {}
    for place, raw in enumerate(raws):
        found.setdefault(id_of(raw) or place, []).append(raw)
    return found


def has_option(group: msgspec.Raw, name: str) -> bool:
    """Whether an option group has an option of that id; most have not even its text in them."""
    text = bytes(group)
    return (name.encode() in text or b"\\" in text) and name in by_id(read_options(group))


def with_option(group: msgspec.Raw, name: str, raw: msgspec.Raw) -> msgspec.Raw:
    """The option group with the option in the place of the one of its id, if it has one."""
    options = by_id(read_options(group))
    if name not in options:
        return group
    options[name] = [raw]
    content = {**read_any(group), "options": list(chain.from_iterable(options.values()))}
    return msgspec.Raw(EXACT.encode(content))


class Options(msgspec.Struct, frozen=True):
    """The options of a group, as they came."""

    options: list[msgspec.Raw] = []


def read_options(group: msgspec.Raw) -> list[msgspec.Raw]:
    """The options of a group, [] for one that cannot be read."""
    try:
        return OPTIONS.decode(group).options
    except (ValueError, RecursionError):
        return []


OPTIONS = msgspec.json.Decoder(Options)
EXACT = msgspec.json.Encoder(decimal_format="number")
