"""Choices that an item offers."""

from __future__ import annotations

from django.db.models import QuerySet

from catalog.models import GroupOption, ItemGroup
from loaders.fetches import declared_fetch
from resolvers.items import translated


@declared_fetch(ItemGroup, key="item_id")
def groups_by_item_id() -> QuerySet[ItemGroup]:
    """The groups of options that an item offers, in its order."""
    return ItemGroup.objects.filter(group__deleted_at__isnull=True).order_by("position", "id")


@declared_fetch(GroupOption, key="group_id", parent="group_id")
def options_by_group_id() -> QuerySet[GroupOption]:
    """The options of a group, in its order."""
    return GroupOption.objects.filter(item__deleted_at__isnull=True).order_by("position", "id")


def group_name(
    stored: str, own_language: str, translations: dict[str, dict[str, str]], *, language: str | None = None
) -> str | None:
    """The group's name in a language."""
    return translated(stored, own_language, translations, "name", language)


def least(own: int | None, of_group: int) -> int:
    """How many must be chosen at least: the item's own word before the group's."""
    return of_group if own is None else own


def most(own: int | None, overridden: bool, of_group: int | None) -> int | None:  # noqa: FBT001 - a column
    """How many may be chosen at most; null: no limit."""
    return own if overridden else of_group
