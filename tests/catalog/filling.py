"""More rows for a pantry: hours, options, items without a place of their own."""

from __future__ import annotations

from typing import Any

from catalog import models
from tests.pantry import Pantry


def schedule(pantry: Pantry, key: str, weekly: list[list[Any]], **columns: Any) -> models.Schedule:
    """Hours in Berlin."""
    return models.Schedule.objects.create(
        **pantry.row("schedule", key, "menu", "corner"),
        **{"timezone": "Europe/Berlin", "weekly": weekly, "exceptions": [], **columns},
    )


def shared_item(pantry: Pantry, name: str) -> models.Item:
    """An item of every location."""
    return models.Item.objects.create(**pantry.row("item", name, "menu", "corner"), name=name, language="de")


def group(pantry: Pantry, key: str, **columns: Any) -> models.OptionGroup:
    return models.OptionGroup.objects.create(
        **pantry.row("option_group", key, "menu", "corner"), name=key, **{"language": "de", **columns}
    )


def offering(pantry: Pantry, item: models.Item, choice: models.OptionGroup, **columns: Any) -> models.ItemGroup:
    """The item offers the group."""
    return models.ItemGroup.objects.create(
        **pantry.row("item_group", f"{item.external_id}/{choice.external_id}", "menu", "corner"),
        item=item,
        group=choice,
        **{"position": 0, **columns},
    )


def option_of(
    pantry: Pantry, item: models.Item, choice: models.OptionGroup | None = None, **columns: Any
) -> models.GroupOption:
    """The item as an option, of a group of its own if none is named."""
    choice = choice or group(pantry, f"with {item.name}")
    return models.GroupOption.objects.create(
        **pantry.row("group_option", f"{choice.external_id}/{item.external_id}", "menu", "corner"),
        group=choice,
        item=item,
        **{"position": 0, **columns},
    )
